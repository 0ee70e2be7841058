// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/wireids.h"

#include <QtEndian>

#include <openssl/evp.h>

#include <array>
#include <cstring>

namespace relay {

namespace {

constexpr int BlockSize = 16;
using Block = std::array<uchar, BlockSize>;

constexpr int UuidSize = 36;
constexpr std::array<int, 4> Hyphens {8, 13, 18, 23};

/** The second half of a block; what decrypts to anything else was not made here. */
quint64 tagOf(ItemKind kind)
{
    return kind == ItemKind::Blob ? 1 : 2;
}

struct ContextDeleter {
    void operator()(EVP_CIPHER_CTX *context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

Context makeContext(QByteArrayView key, int encrypt)
{
    Context context(EVP_CIPHER_CTX_new());
    const auto *keyBytes = reinterpret_cast<const uchar *>(key.data());
    if (!context
        || !EVP_CipherInit_ex(
            context.get(), EVP_aes_128_ecb(), nullptr, keyBytes, nullptr, encrypt))
        qFatal("AES-128 is not available in this OpenSSL");
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    return context;
}

void crypt(EVP_CIPHER_CTX *context, Block &block)
{
    int written = 0;
    EVP_CipherUpdate(context, block.data(), &written, block.data(), BlockSize);
    Q_ASSERT(written == BlockSize);
}

QByteArray toUuid(const Block &block)
{
    constexpr char digits[] = "0123456789abcdef";
    QByteArray text(UuidSize, '-');
    char *out = text.data();
    for (size_t i = 0; i < BlockSize; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ++out;
        *out++ = digits[block[i] >> 4];
        *out++ = digits[block[i] & 0xf];
    }
    return text;
}

std::optional<Block> fromUuid(QByteArrayView text)
{
    if (text.size() != UuidSize)
        return std::nullopt;
    for (const int hyphen : Hyphens) {
        if (text[hyphen] != '-')
            return std::nullopt;
    }
    Block block;
    size_t nibbles = 0;
    for (const char c : text) {
        uint nibble;
        if (c >= '0' && c <= '9')
            nibble = static_cast<uint>(c - '0');
        else if (c >= 'a' && c <= 'f')
            nibble = static_cast<uint>(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            nibble = static_cast<uint>(c - 'A' + 10);
        else if (c == '-')
            continue;
        else
            return std::nullopt;
        if (nibbles == 2 * BlockSize)
            return std::nullopt;
        uchar &byte = block[nibbles / 2];
        byte = static_cast<uchar>(nibbles % 2 ? byte | nibble : nibble << 4);
        ++nibbles;
    }
    if (nibbles != 2 * BlockSize)
        return std::nullopt;
    return block;
}

} // namespace

struct WireIds::Private {
    Context encrypt;
    Context decrypt;
};

WireIds::WireIds(QByteArrayView key)
    : d(std::make_unique<Private>())
    , m_random(QRandomGenerator64::securelySeeded())
{
    Q_ASSERT(key.size() == KeySize);
    d->encrypt = makeContext(key, 1);
    d->decrypt = makeContext(key, 0);
}

WireIds::~WireIds() = default;

QByteArray WireIds::idOf(ItemKind kind, Sequence sequence)
{
    Block block;
    qToBigEndian(static_cast<quint64>(sequence.value), block.data());
    qToBigEndian(tagOf(kind), block.data() + 8);
    crypt(d->encrypt.get(), block);
    return toUuid(block);
}

std::optional<Sequence> WireIds::sequenceOf(ItemKind kind, QByteArrayView id)
{
    auto block = fromUuid(id);
    if (!block)
        return std::nullopt;
    crypt(d->decrypt.get(), *block);
    if (qFromBigEndian<quint64>(block->data() + 8) != tagOf(kind))
        return std::nullopt;
    return Sequence {qFromBigEndian<qint64>(block->data())};
}

QByteArray WireIds::fresh()
{
    Block block;
    const std::array<quint64, 2> random {m_random.generate(), m_random.generate()};
    std::memcpy(block.data(), random.data(), BlockSize);
    block[6] = static_cast<uchar>((block[6] & 0x0f) | 0x40);
    block[8] = static_cast<uchar>((block[8] & 0x3f) | 0x80);
    return toUuid(block);
}

} // namespace relay
