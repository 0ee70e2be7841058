// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/subcommands.h"

#include <QCoreApplication>

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("vauchi-relay"));
    QCoreApplication::setApplicationVersion(QStringLiteral(RELAY_VERSION));
    return relay::runCommand(QCoreApplication::arguments());
}
