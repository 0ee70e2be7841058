// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace relay {

/**
 * What the command line asks for: the daemon, or one of the subcommands (`vauchi-relay --help`).
 * Returns the exit code of the process. `arguments` as QCoreApplication gives them.
 */
int runCommand(const QStringList &arguments);

} // namespace relay
