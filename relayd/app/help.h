// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace relay {

/** What --help prints: the commands, the exit codes, the settings. */
QString helpText();

/** The same as a manual page in roff, with what only systemd's users need. */
QString manualPage();

} // namespace relay
