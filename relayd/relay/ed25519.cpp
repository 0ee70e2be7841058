// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

namespace relay {

namespace {

constexpr Ed25519PublicKey keyOf(quint8 first, quint8 middle, quint8 last)
{
    Ed25519PublicKey key;
    key.fill(middle);
    key.front() = first;
    key.back() = last;
    return key;
}

/**
 * The encodings of the points of small order, without the sign bit: y is 0, 1, -1, p, p + 1 (the
 * first two again, not reduced), and the two of order 8.
 */
constexpr std::array<Ed25519PublicKey, 7> SmallOrderKeys {
    keyOf(0x00, 0x00, 0x00),
    keyOf(0x01, 0x00, 0x00),
    keyOf(0xec, 0xff, 0x7f),
    keyOf(0xed, 0xff, 0x7f),
    keyOf(0xee, 0xff, 0x7f),
    Ed25519PublicKey {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2,
        0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
        0x6d, 0x53, 0xfc, 0x05},
    Ed25519PublicKey {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d,
        0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
        0x92, 0xac, 0x03, 0x7a},
};

bool isOfSmallOrder(Ed25519PublicKey key)
{
    key.back() &= 0x7f;
    return std::ranges::find(SmallOrderKeys, key) != SmallOrderKeys.end();
}

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const uchar *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const uchar *>(view.data());
}

} // namespace

bool isSignedBy(
    const Ed25519PublicKey &key, QByteArrayView message, const Ed25519Signature &signature)
{
    if (isOfSmallOrder(key))
        return false;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> handle(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
        &EVP_PKEY_free);
    const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const bool isValid = handle && context
        && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1
        && EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytesOf(message),
               static_cast<size_t>(message.size()))
            == 1;
    // What failed leaves its reasons in a list of the thread, which would only grow.
    ERR_clear_error();
    return isValid;
}

Ed25519Key::Ed25519Key(EVP_PKEY *key)
    : m_key(key, &EVP_PKEY_free)
{
    if (!key)
        qFatal("Ed25519 is not available in this OpenSSL");
}

Ed25519Key Ed25519Key::generate()
{
    return Ed25519Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

Ed25519Key Ed25519Key::fromSeed(QByteArrayView seed)
{
    Q_ASSERT(seed.size() == SeedSize);
    return Ed25519Key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytesOf(seed), SeedSize));
}

Ed25519PublicKey Ed25519Key::publicKey() const
{
    Ed25519PublicKey key;
    size_t size = key.size();
    EVP_PKEY_get_raw_public_key(m_key.get(), key.data(), &size);
    return key;
}

Ed25519Signature Ed25519Key::sign(QByteArrayView message) const
{
    Ed25519Signature signature;
    size_t size = signature.size();
    const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) != 1
        || EVP_DigestSign(context.get(), signature.data(), &size, bytesOf(message),
               static_cast<size_t>(message.size()))
            != 1)
        qFatal("OpenSSL cannot sign");
    return signature;
}

} // namespace relay
