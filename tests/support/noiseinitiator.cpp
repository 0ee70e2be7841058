// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/noiseinitiator.h"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace relay::test {

namespace {

// ---- BLAKE2s-256 without a key (RFC 7693) ----

constexpr std::array<uint32_t, 8> Iv {
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
constexpr int Sigma[10][16] {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

using State = std::array<uint32_t, 8>;

void mix(
    std::array<uint32_t, 16> &v, size_t a, size_t b, size_t c, size_t d, uint32_t x, uint32_t y)
{
    v[a] += v[b] + x;
    v[d] = std::rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 12);
    v[a] += v[b] + y;
    v[d] = std::rotr(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 7);
}

void compress(State &h, const uchar *block, uint64_t count, bool isLast)
{
    std::array<uint32_t, 16> m;
    for (size_t i = 0; i < 16; ++i)
        m[i] = static_cast<uint32_t>(block[4 * i]) | static_cast<uint32_t>(block[4 * i + 1]) << 8
            | static_cast<uint32_t>(block[4 * i + 2]) << 16
            | static_cast<uint32_t>(block[4 * i + 3]) << 24;
    std::array<uint32_t, 16> v;
    for (size_t i = 0; i < 8; ++i) {
        v[i] = h[i];
        v[i + 8] = Iv[i];
    }
    v[12] ^= static_cast<uint32_t>(count);
    v[13] ^= static_cast<uint32_t>(count >> 32);
    if (isLast)
        v[14] = ~v[14];
    for (const auto &s : Sigma) {
        const auto word = [&](int i) { return m[static_cast<size_t>(s[i])]; };
        mix(v, 0, 4, 8, 12, word(0), word(1));
        mix(v, 1, 5, 9, 13, word(2), word(3));
        mix(v, 2, 6, 10, 14, word(4), word(5));
        mix(v, 3, 7, 11, 15, word(6), word(7));
        mix(v, 0, 5, 10, 15, word(8), word(9));
        mix(v, 1, 6, 11, 12, word(10), word(11));
        mix(v, 2, 7, 8, 13, word(12), word(13));
        mix(v, 3, 4, 9, 14, word(14), word(15));
    }
    for (size_t i = 0; i < 8; ++i)
        h[i] ^= v[i] ^ v[i + 8];
}

QByteArray blake2s(const QByteArray &input)
{
    State h = Iv;
    h[0] ^= 0x01010000 ^ 32;
    const auto *bytes = reinterpret_cast<const uchar *>(input.constData());
    qsizetype done = 0;
    while (input.size() - done > 64) {
        done += 64;
        compress(h, bytes + done - 64, static_cast<uint64_t>(done), false);
    }
    std::array<uchar, 64> last {};
    std::memcpy(last.data(), bytes + done, static_cast<size_t>(input.size() - done));
    compress(h, last.data(), static_cast<uint64_t>(input.size()), true);
    QByteArray digest;
    for (const uint32_t word : h) {
        for (int shift = 0; shift < 32; shift += 8)
            digest += static_cast<char>(word >> shift);
    }
    return digest;
}

QByteArray hmac(const QByteArray &key, const QByteArray &input)
{
    QByteArray inner(64, 0x36);
    QByteArray outer(64, 0x5c);
    for (qsizetype i = 0; i < key.size(); ++i) {
        inner[i] = static_cast<char>(inner[i] ^ key[i]);
        outer[i] = static_cast<char>(outer[i] ^ key[i]);
    }
    return blake2s(outer + blake2s(inner + input));
}

// ---- X25519 and ChaCha20-Poly1305 ----

const uchar *raw(const QByteArray &bytes)
{
    return reinterpret_cast<const uchar *>(bytes.constData());
}

QByteArray publicKeyOf(const QByteArray &privateKey)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, raw(privateKey), 32);
    QByteArray result(32, '\0');
    size_t size = 32;
    EVP_PKEY_get_raw_public_key(key, reinterpret_cast<uchar *>(result.data()), &size);
    EVP_PKEY_free(key);
    return result;
}

QByteArray newPrivateKey()
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
    QByteArray result(32, '\0');
    size_t size = 32;
    EVP_PKEY_get_raw_private_key(key, reinterpret_cast<uchar *>(result.data()), &size);
    EVP_PKEY_free(key);
    return result;
}

QByteArray x25519(const QByteArray &privateKey, const QByteArray &publicKey)
{
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, raw(privateKey), 32);
    EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, raw(publicKey), 32);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(own, nullptr);
    EVP_PKEY_derive_init(context);
    EVP_PKEY_derive_set_peer(context, other);
    QByteArray result(32, '\0');
    size_t size = 32;
    EVP_PKEY_derive(context, reinterpret_cast<uchar *>(result.data()), &size);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
    return result;
}

QByteArray nonceOf(quint64 number)
{
    QByteArray nonce(4, '\0');
    for (int shift = 0; shift < 64; shift += 8)
        nonce += static_cast<char>(number >> shift);
    return nonce;
}

QByteArray seal(const QByteArray &key, quint64 number, const QByteArray &associated,
    const QByteArray &plaintext)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    QByteArray result(plaintext.size() + 16, '\0');
    auto *out = reinterpret_cast<uchar *>(result.data());
    int size = 0;
    EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), nullptr, raw(key), raw(nonceOf(number)));
    EVP_EncryptUpdate(
        context, nullptr, &size, raw(associated), static_cast<int>(associated.size()));
    EVP_EncryptUpdate(context, out, &size, raw(plaintext), static_cast<int>(plaintext.size()));
    EVP_EncryptFinal_ex(context, out + plaintext.size(), &size);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, out + plaintext.size());
    EVP_CIPHER_CTX_free(context);
    return result;
}

std::optional<QByteArray> unseal(
    const QByteArray &key, quint64 number, const QByteArray &associated, const QByteArray &message)
{
    if (message.size() < 16)
        return std::nullopt;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    QByteArray result(message.size() - 16, '\0');
    QByteArray tag = message.last(16);
    auto *out = reinterpret_cast<uchar *>(result.data());
    int size = 0;
    EVP_DecryptInit_ex(context, EVP_chacha20_poly1305(), nullptr, raw(key), raw(nonceOf(number)));
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag.data());
    EVP_DecryptUpdate(
        context, nullptr, &size, raw(associated), static_cast<int>(associated.size()));
    EVP_DecryptUpdate(context, out, &size, raw(message), static_cast<int>(result.size()));
    const bool isGenuine = EVP_DecryptFinal_ex(context, out + result.size(), &size) == 1;
    EVP_CIPHER_CTX_free(context);
    return isGenuine ? std::optional(result) : std::nullopt;
}

} // namespace

NoiseInitiator::NoiseInitiator(const QByteArray &responderKey)
    : m_responderKey(responderKey)
    , m_privateKey(newPrivateKey())
    , m_hash(blake2s("Noise_NK_25519_ChaChaPoly_BLAKE2s"))
    , m_chainingKey(m_hash)
{
    mixHash({}); // the prologue is empty
    mixHash(responderKey);
}

void NoiseInitiator::mixHash(const QByteArray &bytes)
{
    m_hash = blake2s(m_hash + bytes);
}

/** Returns the key for the payload that follows. */
QByteArray NoiseInitiator::mixKey(const QByteArray &secret)
{
    const QByteArray temporary = hmac(m_chainingKey, secret);
    m_chainingKey = hmac(temporary, QByteArray(1, 1));
    return hmac(temporary, m_chainingKey + QByteArray(1, 2));
}

QByteArray NoiseInitiator::firstMessage()
{
    const QByteArray ephemeral = publicKeyOf(m_privateKey);
    mixHash(ephemeral);
    const QByteArray key = mixKey(x25519(m_privateKey, m_responderKey));
    const QByteArray payload = seal(key, 0, m_hash, {});
    mixHash(payload);
    return ephemeral + payload;
}

bool NoiseInitiator::finish(const QByteArray &answer)
{
    if (answer.size() != 48)
        return false;
    mixHash(answer.first(32));
    const QByteArray key = mixKey(x25519(m_privateKey, answer.first(32)));
    if (!unseal(key, 0, m_hash, answer.last(16)))
        return false;
    const QByteArray temporary = hmac(m_chainingKey, {});
    m_sendKey = hmac(temporary, QByteArray(1, 1));
    m_receiveKey = hmac(temporary, m_sendKey + QByteArray(1, 2));
    return true;
}

QByteArray NoiseInitiator::encrypt(const QByteArray &plaintext)
{
    return seal(m_sendKey, m_sent++, {}, plaintext);
}

std::optional<QByteArray> NoiseInitiator::decrypt(const QByteArray &message)
{
    return unseal(m_receiveKey, m_received++, {}, message);
}

} // namespace relay::test
