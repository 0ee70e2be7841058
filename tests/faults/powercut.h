// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/relayprocess.h"

#include <QTemporaryDir>

#include <memory>
#include <random>

namespace relay::test {

/**
 * The power of a relay's machine, by diskshim.cpp: cut, only that is in the data folder which had
 * been synced; and, as on real disks, perhaps some of the rest, each sector of 512 bytes by itself.
 */
class PowerCut {
public:
    explicit PowerCut(RelayProcess &relay)
        : m_relay(relay)
    {
    }

    /** Starts the relay with the shim. */
    bool start();
    /** Ends it, and makes the data folder what a disk would hold. */
    void cut(std::mt19937 &random);

private:
    QByteArray survivorOf(
        const QString &name, const QString &shadow, int percent, std::mt19937 &random) const;

    RelayProcess &m_relay;
    std::unique_ptr<QTemporaryDir> m_shadow;
};

} // namespace relay::test
