// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/ids.h"

#include <QtEndian>

#include <algorithm>

namespace relay {

namespace {

constexpr quint8 NotHex = 0xff;

constexpr std::array<quint8, 256> makeNibbles()
{
    std::array<quint8, 256> table {};
    table.fill(NotHex);
    for (unsigned i = 0; i < 10; ++i)
        table['0' + i] = static_cast<quint8>(i);
    for (unsigned i = 0; i < 6; ++i) {
        table['a' + i] = static_cast<quint8>(10 + i);
        table['A' + i] = static_cast<quint8>(10 + i);
    }
    return table;
}

constexpr auto Nibbles = makeNibbles();

} // namespace

std::optional<Id> Id::fromHex(QByteArrayView hex)
{
    if (hex.size() != HexSize)
        return std::nullopt;
    Id id;
    for (size_t i = 0; i < Size; ++i) {
        const quint8 high = Nibbles[static_cast<quint8>(hex[static_cast<qsizetype>(2 * i)])];
        const quint8 low = Nibbles[static_cast<quint8>(hex[static_cast<qsizetype>(2 * i + 1)])];
        if ((high | low) > 0x0f)
            return std::nullopt;
        id.bytes[i] = static_cast<quint8>(high << 4 | low);
    }
    return id;
}

std::optional<Id> Id::fromBytes(QByteArrayView raw)
{
    if (raw.size() != Size)
        return std::nullopt;
    Id id;
    std::memcpy(id.bytes.data(), raw.data(), Size);
    return id;
}

QByteArray Id::toHex() const
{
    return QByteArray::fromRawData(view().data(), Size).toHex();
}

std::optional<WrittenId> WrittenId::fromHex(QByteArrayView hex)
{
    const auto id = Id::fromHex(hex);
    if (!id)
        return std::nullopt;
    WrittenId written {*id, 0};
    for (int i = 0; i < Id::HexSize; ++i) {
        if (hex[i] >= 'A' && hex[i] <= 'F')
            written.upperCase |= quint64(1) << i;
    }
    return written;
}

std::optional<WrittenId> WrittenId::fromCompact(QByteArrayView compact)
{
    if (compact.size() != Id::Size && compact.size() != Id::Size + qsizetype(sizeof(quint64)))
        return std::nullopt;
    WrittenId written;
    std::memcpy(written.id.bytes.data(), compact.data(), Id::Size);
    if (compact.size() > Id::Size)
        written.upperCase = qFromBigEndian<quint64>(compact.data() + Id::Size);
    return written;
}

QByteArray WrittenId::toHex() const
{
    QByteArray hex = id.toHex();
    if (upperCase) {
        for (int i = 0; i < Id::HexSize; ++i) {
            if (upperCase >> i & 1 && hex[i] >= 'a')
                hex[i] = static_cast<char>(hex[i] - 'a' + 'A');
        }
    }
    return hex;
}

QByteArray WrittenId::toCompact() const
{
    QByteArray compact = id.toBytes();
    if (upperCase) {
        std::array<char, sizeof(quint64)> mask;
        qToBigEndian(upperCase, mask.data());
        compact.append(mask.data(), mask.size());
    }
    return compact;
}

} // namespace relay
