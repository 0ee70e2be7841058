// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/noise.h"

#include <QtEndian>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <utility>

namespace relay {

namespace {

constexpr QByteArrayView ProtocolName = "Noise_NK_25519_ChaChaPoly_BLAKE2s";

using PkeyHandle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

const uchar *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const uchar *>(view.data());
}

template <size_t Size>
QByteArrayView viewOf(const std::array<quint8, Size> &bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), static_cast<qsizetype>(Size)};
}

/** For what can only fail if this OpenSSL lacks an algorithm. */
void require(bool ok, const char *what)
{
    if (!ok)
        qFatal("%s is not available in this OpenSSL", what);
}

PkeyHandle privateHandle(const SecretBytes<32> &key)
{
    PkeyHandle handle(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.bytes.data(), key.bytes.size()),
        &EVP_PKEY_free);
    require(handle != nullptr, "X25519");
    return handle;
}

void hmac(const SecretBytes<32> &key, QByteArrayView input, SecretBytes<32> &output)
{
    require(HMAC(EVP_blake2s256(), key.bytes.data(), static_cast<int>(key.bytes.size()),
                bytesOf(input), static_cast<size_t>(input.size()), output.bytes.data(), nullptr)
            != nullptr,
        "BLAKE2s");
}

/** HKDF with two outputs (Noise, 4.3). */
std::pair<SecretBytes<32>, SecretBytes<32>> hkdf(
    const SecretBytes<32> &chainingKey, QByteArrayView input)
{
    SecretBytes<32> temporary;
    hmac(chainingKey, input, temporary);
    std::pair<SecretBytes<32>, SecretBytes<32>> outputs;
    hmac(temporary, QByteArrayView("\x01", 1), outputs.first);
    SecretBytes<33> more;
    std::ranges::copy(outputs.first.bytes, more.bytes.begin());
    more.bytes.back() = 2;
    hmac(temporary, viewOf(more.bytes), outputs.second);
    return outputs;
}

} // namespace

// ---- keys ----

NoiseKey NoiseKey::generate()
{
    const PkeyHandle handle(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), &EVP_PKEY_free);
    require(handle != nullptr, "X25519");
    SecretBytes<32> privateKey;
    size_t size = privateKey.bytes.size();
    EVP_PKEY_get_raw_private_key(handle.get(), privateKey.bytes.data(), &size);
    return fromPrivate(privateKey);
}

NoiseKey NoiseKey::fromPrivate(const SecretBytes<32> &privateKey)
{
    NoiseKey key;
    key.m_private = privateKey;
    size_t size = key.m_public.size();
    EVP_PKEY_get_raw_public_key(privateHandle(privateKey).get(), key.m_public.data(), &size);
    return key;
}

std::optional<NoiseKey> NoiseKey::fromBytes(QByteArrayView bytes)
{
    if (bytes.size() != Size)
        return std::nullopt;
    SecretBytes<32> privateKey;
    std::copy_n(bytes.begin(), 32, privateKey.bytes.begin());
    const NoiseKey key = fromPrivate(privateKey);
    if (viewOf(key.m_public) != bytes.last(32))
        return std::nullopt;
    return key;
}

QByteArray NoiseKey::toBytes() const
{
    // In one piece: an array that grows would leave copies behind.
    QByteArray bytes(Size, Qt::Uninitialized);
    std::ranges::copy(m_private.bytes, bytes.begin());
    std::ranges::copy(m_public, bytes.begin() + 32);
    return bytes;
}

std::optional<SecretBytes<32>> NoiseKey::sharedWith(const NoisePublicKey &other) const
{
    const PkeyHandle own = privateHandle(m_private);
    const PkeyHandle peer(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()),
        &EVP_PKEY_free);
    const PkeyContext context(EVP_PKEY_CTX_new(own.get(), nullptr), &EVP_PKEY_CTX_free);
    SecretBytes<32> secret;
    size_t size = secret.bytes.size();
    const bool ok = peer && context && EVP_PKEY_derive_init(context.get()) == 1
        && EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1
        && EVP_PKEY_derive(context.get(), secret.bytes.data(), &size) == 1;
    ERR_clear_error();
    if (!ok)
        return std::nullopt;
    return secret;
}

QByteArray toText(const NoisePublicKey &key)
{
    return viewOf(key).toByteArray().toBase64(
        QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

std::optional<NoisePublicKey> noisePublicKeyFromText(QByteArrayView text)
{
    const auto decoded = QByteArray::fromBase64Encoding(text.toByteArray(),
        QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    NoisePublicKey key;
    if (!decoded || decoded.decoded.size() != static_cast<qsizetype>(key.size()))
        return std::nullopt;
    std::ranges::copy(decoded.decoded, key.begin());
    return key;
}

// ---- one direction ----

void NoiseCipher::Deleter::operator()(EVP_CIPHER_CTX *context) const
{
    EVP_CIPHER_CTX_free(context); // wipes the key
}

NoiseCipher::NoiseCipher(const SecretBytes<32> &key)
    : m_context(EVP_CIPHER_CTX_new())
{
    require(m_context
            && EVP_CipherInit_ex(
                   m_context.get(), EVP_chacha20_poly1305(), nullptr, key.bytes.data(), nullptr, 1)
                == 1,
        "ChaCha20-Poly1305");
}

NoiseCipher::~NoiseCipher() = default;
NoiseCipher::NoiseCipher(NoiseCipher &&) noexcept = default;
NoiseCipher &NoiseCipher::operator=(NoiseCipher &&) noexcept = default;

/** 32 bits of zeros, then the number of the message, little-endian (Noise, 12.3). */
std::array<quint8, 12> NoiseCipher::nextNonce()
{
    std::array<quint8, 12> nonce {};
    qToLittleEndian(m_number++, nonce.data() + 4);
    return nonce;
}

QByteArray NoiseCipher::encrypt(QByteArrayView plaintext, QByteArrayView associated)
{
    Q_ASSERT(plaintext.size() <= MaxPlaintextSize);
    EVP_CIPHER_CTX *context = m_context.get();
    QByteArray message(plaintext.size() + TagSize, Qt::Uninitialized);
    auto *out = reinterpret_cast<uchar *>(message.data());
    int size = 0;
    const bool ok =
        EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nextNonce().data(), 1) == 1
        && EVP_CipherUpdate(
               context, nullptr, &size, bytesOf(associated), static_cast<int>(associated.size()))
            == 1
        && EVP_CipherUpdate(
               context, out, &size, bytesOf(plaintext), static_cast<int>(plaintext.size()))
            == 1
        && EVP_CipherFinal_ex(context, out + plaintext.size(), &size) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TagSize, out + plaintext.size())
            == 1;
    require(ok, "ChaCha20-Poly1305");
    return message;
}

std::optional<QByteArray> NoiseCipher::decrypt(QByteArrayView message, QByteArrayView associated)
{
    if (message.size() < TagSize || message.size() > MaxMessageSize)
        return std::nullopt;
    EVP_CIPHER_CTX *context = m_context.get();
    const QByteArrayView ciphertext = message.chopped(TagSize);
    // Its parameter is not const, but it is only read.
    auto *tag = const_cast<char *>(message.last(TagSize).data());
    QByteArray plaintext(ciphertext.size(), Qt::Uninitialized);
    auto *out = reinterpret_cast<uchar *>(plaintext.data());
    int size = 0;
    const bool ok =
        EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nextNonce().data(), 0) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TagSize, tag) == 1
        && EVP_CipherUpdate(
               context, nullptr, &size, bytesOf(associated), static_cast<int>(associated.size()))
            == 1
        && EVP_CipherUpdate(
               context, out, &size, bytesOf(ciphertext), static_cast<int>(ciphertext.size()))
            == 1
        && EVP_CipherFinal_ex(context, out + ciphertext.size(), &size) == 1;
    ERR_clear_error();
    if (!ok)
        return std::nullopt;
    return plaintext;
}

// ---- the handshake ----

NoiseHandshake NoiseHandshake::initiator(
    const NoisePublicKey &responder, QByteArrayView prologue, const NoiseKey &ephemeral)
{
    return NoiseHandshake(Role::Initiator, responder, prologue, ephemeral);
}

NoiseHandshake NoiseHandshake::responder(
    const NoiseKey &key, QByteArrayView prologue, const NoiseKey &ephemeral)
{
    NoiseHandshake handshake(Role::Responder, key.publicKey(), prologue, ephemeral);
    handshake.m_static = key;
    return handshake;
}

NoiseHandshake::NoiseHandshake(
    Role role, const NoisePublicKey &responder, QByteArrayView prologue, const NoiseKey &ephemeral)
    : m_role(role)
    , m_responder(responder)
    , m_ephemeral(ephemeral)
{
    // The name is longer than a hash, so it is hashed (Noise, 5.2).
    require(EVP_Digest(ProtocolName.data(), static_cast<size_t>(ProtocolName.size()), m_hash.data(),
                nullptr, EVP_blake2s256(), nullptr)
            == 1,
        "BLAKE2s");
    m_chainingKey.bytes = m_hash;
    mixHash(prologue);
    mixHash(viewOf(responder));
}

void NoiseHandshake::mixHash(QByteArrayView bytes)
{
    const QByteArray all = viewOf(m_hash).toByteArray().append(bytes);
    EVP_Digest(all.constData(), static_cast<size_t>(all.size()), m_hash.data(), nullptr,
        EVP_blake2s256(), nullptr);
}

void NoiseHandshake::mixKey(const SecretBytes<32> &input)
{
    auto [chainingKey, key] = hkdf(m_chainingKey, viewOf(input.bytes));
    m_chainingKey = chainingKey;
    m_cipher.emplace(key);
}

bool NoiseHandshake::mixSharedSecret()
{
    const bool isFirst = m_messages++ == 0;
    std::optional<SecretBytes<32>> secret;
    if (!isFirst)
        secret = m_ephemeral.sharedWith(m_remoteEphemeral);
    else if (m_role == Role::Initiator)
        secret = m_ephemeral.sharedWith(m_responder);
    else
        secret = m_static->sharedWith(m_remoteEphemeral);
    if (secret)
        mixKey(*secret);
    return secret.has_value();
}

QByteArray NoiseHandshake::write(QByteArrayView payload)
{
    Q_ASSERT(m_messages == (m_role == Role::Initiator ? 0 : 1));
    QByteArray message = viewOf(m_ephemeral.publicKey()).toByteArray();
    mixHash(message);
    // Ours is a good key, and the peer's was checked when it was read.
    if (!mixSharedSecret())
        return {};
    const QByteArray sealed = m_cipher->encrypt(payload, viewOf(m_hash));
    mixHash(sealed);
    return message + sealed;
}

std::optional<QByteArray> NoiseHandshake::read(QByteArrayView message)
{
    Q_ASSERT(m_messages == (m_role == Role::Initiator ? 1 : 0));
    if (message.size() < MessageSize || message.size() > NoiseCipher::MaxMessageSize)
        return std::nullopt;
    std::copy_n(message.begin(), KeySize, m_remoteEphemeral.begin());
    mixHash(viewOf(m_remoteEphemeral));
    if (!mixSharedSecret())
        return std::nullopt;
    const QByteArrayView sealed = message.sliced(KeySize);
    auto payload = m_cipher->decrypt(sealed, viewOf(m_hash));
    mixHash(sealed);
    return payload;
}

NoiseTransport NoiseHandshake::split() const
{
    Q_ASSERT(m_messages == 2);
    const auto [first, second] = hkdf(m_chainingKey, {});
    const bool isInitiator = m_role == Role::Initiator;
    return {NoiseCipher(isInitiator ? first : second), NoiseCipher(isInitiator ? second : first)};
}

QByteArray NoiseHandshake::hash() const
{
    return viewOf(m_hash).toByteArray();
}

} // namespace relay
