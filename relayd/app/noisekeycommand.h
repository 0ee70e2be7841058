// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace relay {

/**
 * `vauchi-relay noise-key [FILE]`: prints a new key pair, or the one in FILE, in the form of
 * RELAY_NOISE_STATIC_KEY; its exit code.
 */
int printNoiseKey(const QStringList &options);

} // namespace relay
