// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/ed25519.h"
#include "relayd/relay/handshakeverifier.h"

#include <QDateTime>
#include <QRandomGenerator>

#include <optional>

namespace relay::test {

/** Somebody whose client signs its handshakes. */
struct Signer {
    Ed25519Key key = Ed25519Key::generate();

    Id id() const { return {key.publicKey()}; }
    /** With a fresh nonce, signed now or at `unixSeconds`. */
    Handshake handshake(const std::optional<Id> &routingId = std::nullopt,
        qint64 unixSeconds = QDateTime::currentSecsSinceEpoch()) const
    {
        std::array<quint8, 32> nonce;
        for (quint8 &byte : nonce)
            byte = static_cast<quint8>(QRandomGenerator::system()->bounded(256));
        Handshake handshake;
        handshake.clientId = WrittenId::of(id());
        handshake.signature = signHandshake(key, nonce, static_cast<quint64>(unixSeconds));
        if (routingId)
            handshake.routingToken = WrittenId::of(*routingId);
        return handshake;
    }
};

} // namespace relay::test
