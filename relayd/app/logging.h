// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/settings.h"

namespace relay {

/**
 * Sends Qt's log to stderr from now on: one line a message, with a syslog priority for journald in
 * text, or one JSON object. From any thread.
 */
void installLogging(LogLevel level, LogFormat format);

} // namespace relay
