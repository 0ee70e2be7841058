// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace relay {

/**
 * `vauchi-relay probe URL [--ca FILE] [--timeout SECS]`: plays a sender and a recipient, with ids
 * of its own, against a running relay; prints each step with its time and cleans up. The exit code:
 * 0 when every step held, 1 when one did not, 64 for a command line that is wrong.
 */
int probe(const QStringList &arguments);

} // namespace relay
