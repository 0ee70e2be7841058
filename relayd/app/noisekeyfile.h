// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/net/noise.h"
#include "relayd/storage/startfault.h"
#include "shared/result.h"

#include <QByteArray>
#include <QString>

/** Where the key of the Noise sessions comes from. */
namespace relay {

/**
 * The key given as RELAY_NOISE_STATIC_KEY, which is wiped; if it is empty, the one in
 * `relay_noise_key.bin` in `dataDir`, which is made if it is not there; without a data folder a
 * new one. A key that is there and not one is a fault: clients may have pinned it.
 */
Result<NoiseKey, StartFault> loadNoiseKey(QByteArray &given, const QString &dataDir);

/** The key in a file of that form. */
Result<NoiseKey, StartFault> readNoiseKey(const QString &path);

/** Overwrites what was secret, and empties it. */
void wipe(QByteArray &bytes);

} // namespace relay
