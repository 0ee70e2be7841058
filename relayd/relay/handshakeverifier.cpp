// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/handshakeverifier.h"

#include "relayd/relay/ed25519.h"

#include <QCryptographicHash>
#include <QtEndian>

#include <algorithm>

namespace relay {

namespace {

QByteArrayView viewOf(const std::array<quint8, 32> &bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

} // namespace

QByteArrayView textOf(SignatureFault fault)
{
    switch (fault) {
    case SignatureFault::WrongKey:
        return "the identity key is not the client_id";
    case SignatureFault::OutOfTime:
        return "the handshake was signed too long ago or in the future; is the clock right?";
    case SignatureFault::BadSignature:
        return "the handshake's signature is not valid";
    case SignatureFault::Replayed:
        return "the handshake's nonce was used before";
    case SignatureFault::TooMany:
        return "too many signed handshakes at a time";
    }
    Q_UNREACHABLE();
}

SeenNonces::Digest nonceDigest(const HandshakeSignature &signature)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(viewOf(signature.publicKey));
    hash.addData(viewOf(signature.nonce));
    const QByteArray result = hash.result();
    SeenNonces::Digest digest;
    std::copy_n(result.begin(), digest.size(), digest.begin());
    return digest;
}

QByteArray signedBytes(const HandshakeSignature &signature)
{
    QByteArray bytes = viewOf(signature.nonce).toByteArray();
    const quint64 time = qToBigEndian(signature.timestamp);
    bytes.append(reinterpret_cast<const char *>(&time), sizeof time);
    return bytes;
}

HandshakeSignature signHandshake(
    const Ed25519Key &key, const std::array<quint8, 32> &nonce, quint64 unixSeconds)
{
    HandshakeSignature signature {key.publicKey(), nonce, {}, unixSeconds};
    signature.signature = key.sign(signedBytes(signature));
    return signature;
}

std::optional<SignatureFault> HandshakeVerifier::verify(
    const Handshake &handshake, quint64 unixSeconds, TimePoint now)
{
    const HandshakeSignature &signature = *handshake.signature;
    if (signature.publicKey != handshake.clientId.id.bytes)
        return SignatureFault::WrongKey;
    const quint64 difference =
        std::max(unixSeconds, signature.timestamp) - std::min(unixSeconds, signature.timestamp);
    if (difference > MaxClockDifference)
        return SignatureFault::OutOfTime;
    if (!isSignedBy(signature.publicKey, signedBytes(signature), signature.signature))
        return SignatureFault::BadSignature;

    const SeenNonces::Digest digest = nonceDigest(signature);
    const std::lock_guard lock(m_mutex);
    switch (m_nonces.use(digest, now)) {
    case SeenNonces::Verdict::Fresh:
        return std::nullopt;
    case SeenNonces::Verdict::Seen:
        return SignatureFault::Replayed;
    case SeenNonces::Verdict::Full:
        return SignatureFault::TooMany;
    }
    Q_UNREACHABLE();
}

} // namespace relay
