// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QHashFunctions>

#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>

namespace relay {

/**
 * A 32-byte id of the protocol: client, device, routing id, recipient, key hash.
 *
 * Written as exactly 64 hexadecimal digits of either case; two spellings of the same bytes are the
 * same id (shared/protocol/README.md, 2.3).
 */
struct Id {
    static constexpr int Size = 32;
    static constexpr int HexSize = 64;

    std::array<quint8, Size> bytes {};

    /** Nothing unless `hex` is exactly 64 hexadecimal digits. */
    static std::optional<Id> fromHex(QByteArrayView hex);
    /** Nothing unless `raw` is exactly 32 bytes. */
    static std::optional<Id> fromBytes(QByteArrayView raw);

    /** Lower case. */
    QByteArray toHex() const;
    QByteArrayView view() const { return {reinterpret_cast<const char *>(bytes.data()), Size}; }
    /** A deep copy of the 32 bytes. */
    QByteArray toBytes() const { return view().toByteArray(); }

    auto operator<=>(const Id &) const = default;
};

/**
 * Peers choose ids freely, so the hash is seeded at random: nobody can build collisions. Products
 * of 128 bits, folded, as in wyhash: with qHashBits() a tenth of a store was hashing.
 */
struct IdHash {
    size_t operator()(const Id &id) const noexcept
    {
        static const quint64 seed = QHashSeed::globalSeed();
        return hash(id, seed);
    }

    static quint64 hash(const Id &id, quint64 seed) noexcept
    {
        std::array<quint64, 4> words;
        std::memcpy(words.data(), id.bytes.data(), Id::Size);
        const quint64 low = folded(words[0] ^ seed, words[1] ^ 0xe7037ed1a0b428db);
        const quint64 high = folded(words[2] ^ ~seed, words[3] ^ 0x589965cc75374cc3);
        return folded(low ^ 0xa0761d6478bd642f, high ^ seed);
    }

private:
    __extension__ using Wide = unsigned __int128;

    static quint64 folded(quint64 a, quint64 b) noexcept
    {
        const Wide product = static_cast<Wide>(a) * b;
        return static_cast<quint64>(product) ^ static_cast<quint64>(product >> 64);
    }
};

/**
 * An id together with the case in which the peer wrote it, for the two fields whose text clients
 * compare when it comes back: `recipient_id` and `sender_id`.
 */
struct WrittenId {
    Id id;
    /** Bit n is set when hex digit n (0 = first) was written as one of A..F. */
    quint64 upperCase = 0;

    static std::optional<WrittenId> fromHex(QByteArrayView hex);
    /** Lower case throughout. */
    static WrittenId of(const Id &id) { return {id, 0}; }
    /** The inverse of toCompact(): 32 bytes, or 40 with the case. */
    static std::optional<WrittenId> fromCompact(QByteArrayView compact);

    QByteArray toHex() const;
    /** 32 bytes; 40 when any digit is upper case (the mask follows, big-endian). For storage. */
    QByteArray toCompact() const;

    bool operator==(const WrittenId &) const = default;
};

} // namespace relay

template <>
struct std::hash<relay::Id> : relay::IdHash {
};
