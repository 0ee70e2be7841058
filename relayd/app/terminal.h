// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/startfault.h"

#include <QString>

/** What subcommands say to who called them. */
namespace relay {

/** A line to the standard output. */
void printLine(const QString &line);

/** A line to the standard error output. */
void complain(const QString &line);

/** Complains of `fault`; what the program ends with. */
int fail(const StartFault &fault);

} // namespace relay
