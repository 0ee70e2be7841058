// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/ids.h"

#include <QByteArray>
#include <QString>
#include <QVariant>

#include <optional>

/** Between the protocol's types and what SQL holds. */
namespace relay {

inline QByteArray toSql(const Id &id)
{
    return id.toBytes();
}

inline QVariant toSql(const std::optional<WrittenId> &id)
{
    return id ? QVariant(id->toCompact()) : QVariant(QMetaType::fromType<QByteArray>());
}

/** The name of a table or column, from a table of such names. */
inline QString latin(const char *name)
{
    return QString::fromLatin1(name);
}

/** A null QByteArray would be bound as NULL: what is empty is stored as empty. */
inline QByteArray notNull(const QByteArray &bytes)
{
    return bytes.isNull() ? QByteArray("") : bytes;
}

/** No SQL integer holds the whole unsigned range: shifted by 2^63, the order stays the same. */
inline qint64 versionToSql(quint64 version)
{
    return static_cast<qint64>(version ^ (quint64(1) << 63));
}
inline quint64 versionFromSql(qint64 version)
{
    return static_cast<quint64>(version) ^ (quint64(1) << 63);
}

} // namespace relay
