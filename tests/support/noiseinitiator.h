// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <optional>

namespace relay::test {

/**
 * A client of `Noise_NK_25519_ChaChaPoly_BLAKE2s`, written from the specification without a line of
 * the relay's: what both agree on, neither has got wrong in the same way. BLAKE2s and HMAC are
 * computed here (RFC 7693, RFC 2104), X25519 and ChaCha20-Poly1305 are OpenSSL's.
 */
class NoiseInitiator {
public:
    /** `responderKey`: 32 bytes. */
    explicit NoiseInitiator(const QByteArray &responderKey);

    /** 48 bytes: e, es and an empty payload. */
    QByteArray firstMessage();
    /** Takes the answer, e and ee; false: it is not from the owner of the key. */
    bool finish(const QByteArray &answer);

    QByteArray encrypt(const QByteArray &plaintext);
    std::optional<QByteArray> decrypt(const QByteArray &message);

private:
    void mixHash(const QByteArray &bytes);
    QByteArray mixKey(const QByteArray &secret);

    const QByteArray m_responderKey;
    QByteArray m_privateKey;
    QByteArray m_hash;
    QByteArray m_chainingKey;
    QByteArray m_sendKey;
    QByteArray m_receiveKey;
    quint64 m_sent = 0;
    quint64 m_received = 0;
};

} // namespace relay::test
