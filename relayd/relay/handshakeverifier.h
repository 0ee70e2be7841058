// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/seennonces.h"
#include "shared/protocol/messages.h"

#include <QByteArrayView>

#include <mutex>
#include <optional>

namespace relay {

class Ed25519Key;

/** Why a signed handshake is refused. */
enum class SignatureFault {
    WrongKey,     ///< the key is not the client_id
    OutOfTime,    ///< signed more than MaxClockDifference from now, by the relay's clock
    BadSignature, ///< not by this key over this nonce and time, or a weak key
    Replayed,     ///< this key has used the nonce before
    TooMany,      ///< more signed handshakes in a short time than can be remembered
};

/** In words, for the reason of a Close. */
QByteArrayView textOf(SignatureFault fault);

/**
 * Whether a handshake is signed by the key that its client_id names (shared/protocol/README.md, 5):
 * plain Ed25519 over the nonce and the time. Remembers the nonces that it has accepted.
 *
 * Any thread.
 */
class HandshakeVerifier {
public:
    /** Seconds that the clocks of client and relay may differ. */
    static constexpr quint64 MaxClockDifference = 60;

    /** Nothing: it is, and the nonce counts as used. `handshake.signature` must be there. */
    std::optional<SignatureFault> verify(
        const Handshake &handshake, quint64 unixSeconds, TimePoint now);

private:
    std::mutex m_mutex;
    SeenNonces m_nonces;
};

/** What is remembered of the nonce of a signed handshake. */
SeenNonces::Digest nonceDigest(const HandshakeSignature &signature);

/** The bytes that a client signs: the nonce, then the time as 8 bytes, big-endian. */
QByteArray signedBytes(const HandshakeSignature &signature);

/** What a client with this key adds to its handshake; a nonce serves once. */
HandshakeSignature signHandshake(
    const Ed25519Key &key, const std::array<quint8, 32> &nonce, quint64 unixSeconds);

} // namespace relay
