// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/terminal.h"

#include <QTextStream>

namespace relay {

void printLine(const QString &line)
{
    QTextStream(stdout) << line << '\n';
}

void complain(const QString &line)
{
    QTextStream(stderr) << line << '\n';
}

int fail(const StartFault &fault)
{
    complain(fault.message);
    return toInt(fault.exitCode);
}

} // namespace relay
