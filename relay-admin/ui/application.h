// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace relay::admin {

/**
 * The whole program: reads the command line, opens the window, and returns its exit code (64: the
 * command line is wrong).
 */
int runConsole(int argc, char *argv[]);

} // namespace relay::admin
