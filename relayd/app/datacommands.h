// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/settings.h"

#include <QStringList>

namespace relay {

/** Whether runDataCommand() knows it: backup, restore, verify, stats, forget-proof. */
bool isDataCommand(const QString &command);

/** Runs a subcommand that works on the data folder; its exit code. */
int runDataCommand(const Settings &settings, const QString &command, const QStringList &options);

} // namespace relay
