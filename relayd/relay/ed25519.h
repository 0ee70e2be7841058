// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

#include <array>
#include <memory>
#include <optional>

using EVP_PKEY = struct evp_pkey_st;

/** Plain Ed25519 (RFC 8032, 5.1), by OpenSSL. Any thread. */
namespace relay {

using Ed25519PublicKey = std::array<quint8, 32>;
using Ed25519Signature = std::array<quint8, 64>;

/**
 * Whether the owner of `key` has signed `message`. False for the keys of small order too, for which
 * anybody can make signatures that RFC 8032 and OpenSSL accept.
 */
bool isSignedBy(
    const Ed25519PublicKey &key, QByteArrayView message, const Ed25519Signature &signature);

/** A key that signs: for clients. OpenSSL wipes it from memory at the end. */
class Ed25519Key {
public:
    static constexpr int SeedSize = 32;

    /** A new one. */
    static Ed25519Key generate();
    /** The private key in RFC 8032's form, SeedSize bytes. */
    static Ed25519Key fromSeed(QByteArrayView seed);

    Ed25519PublicKey publicKey() const;
    Ed25519Signature sign(QByteArrayView message) const;

private:
    using Handle = std::shared_ptr<EVP_PKEY>;
    explicit Ed25519Key(EVP_PKEY *key);

    Handle m_key;
};

} // namespace relay
