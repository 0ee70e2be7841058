// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/postgresqueues.h"

#include <QLoggingCategory>
#include <QVariant>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcQueues, "relay.storage")

/** A statement ends beyond either: as text, payload is twice as long, and UTF-16 on its way. */
constexpr size_t MaxItemsAtOnce = 256;
constexpr qint64 MaxBytesAtOnce = 4 * 1024 * 1024;

constexpr qsizetype IdSize = Id::Size;

bool isSame(const Usage &left, const Usage &right)
{
    return left.count == right.count && left.bytes == right.bytes;
}

} // namespace

void PostgresQueues::willStore(const QByteArray &key, qint64 bytes)
{
    Usage &expected = m_queues[key].expected;
    ++expected.count;
    expected.bytes += bytes;
}

QString PostgresQueues::keyArrays(const std::vector<QByteArray> &keys) const
{
    QStringList arrays;
    for (qsizetype column = 0; column < m_layout.keys.size(); ++column) {
        std::vector<QByteArray> values;
        values.reserve(keys.size());
        for (const QByteArray &key : keys)
            values.push_back(key.mid(column * IdSize, IdSize));
        arrays += PostgresText::array(values);
    }
    return arrays.join(QStringLiteral(", "));
}

QString PostgresQueues::prefixedKeys(const QString &table) const
{
    QStringList names;
    for (const QString &key : m_layout.keys)
        names += table + QLatin1Char('.') + key;
    return names.join(QStringLiteral(", "));
}

QString PostgresQueues::sameKeys(const QString &left) const
{
    QStringList terms;
    for (const QString &key : m_layout.keys)
        terms += QStringLiteral("%1.%2 = a.%2").arg(left, key);
    return terms.join(QStringLiteral(" AND "));
}

QByteArray PostgresQueues::keyOf(const QSqlQuery &row, int firstColumn) const
{
    QByteArray key;
    for (int column = 0; column < m_layout.keys.size(); ++column)
        key += row.value(firstColumn + column).toByteArray();
    return key;
}

bool PostgresQueues::lock()
{
    if (m_queues.empty())
        return true;
    std::vector<QByteArray> keys;
    std::vector<qint64> counts;
    std::vector<qint64> bytes;
    for (const auto &[key, queue] : m_queues) {
        keys.push_back(key);
        counts.push_back(queue.expected.count);
        bytes.push_back(queue.expected.bytes);
    }
    // An upsert creates or locks, whatever others do meanwhile; row by row, in the order given.
    const QString names = m_layout.keys.join(QStringLiteral(", "));
    QSqlQuery rows = m_connection.run(
        QStringLiteral("INSERT INTO %1 AS q (%2, item_count, item_bytes) "
                       "SELECT * FROM unnest(%3, %4, %5) ON CONFLICT (%2) DO UPDATE SET "
                       "item_count = q.item_count + excluded.item_count, "
                       "item_bytes = q.item_bytes + excluded.item_bytes "
                       "RETURNING item_count, item_bytes, %2")
            .arg(m_layout.queues, names, keyArrays(keys), PostgresText::array(counts),
                PostgresText::array(bytes)));
    if (!rows.isActive())
        return false;
    while (rows.next()) {
        const auto it = m_queues.find(keyOf(rows, 2));
        if (it == m_queues.end())
            return false;
        Queue &queue = it->second;
        queue.locked = {rows.value(0).toLongLong(), rows.value(1).toLongLong()};
        queue.now = {
            queue.locked.count - queue.expected.count, queue.locked.bytes - queue.expected.bytes};
    }
    return true;
}

bool PostgresQueues::lockAllOf(const QByteArray &id)
{
    const QString names = m_layout.keys.join(QStringLiteral(", "));
    QSqlQuery rows = m_connection.run(
        QStringLiteral("SELECT item_count, item_bytes, %1 FROM %2 WHERE %3 = %4 "
                       "ORDER BY %1 FOR UPDATE")
            .arg(names, m_layout.queues, m_layout.keys.front(), PostgresText::bytes(id)));
    if (!rows.isActive())
        return false;
    while (rows.next()) {
        const QByteArray key = keyOf(rows, 2);
        if (m_queues.contains(key))
            continue;
        Queue &queue = m_queues[key];
        queue.locked = {rows.value(0).toLongLong(), rows.value(1).toLongLong()};
        queue.now = queue.locked;
    }
    return true;
}

bool PostgresQueues::remove(const std::vector<ItemKey> &items, Sizes &sizes)
{
    if (items.empty())
        return true;
    std::vector<QByteArray> keys;
    std::vector<qint64> sequences;
    for (const ItemKey &item : items) {
        keys.push_back(item.key);
        sequences.push_back(item.sequence.value);
    }
    QSqlQuery rows = m_connection.run(
        QStringLiteral("DELETE FROM %1 AS b USING unnest(%2, %3) AS a(%4, sequence) "
                       "WHERE %5 AND b.sequence = a.sequence "
                       "RETURNING b.sequence, octet_length(b.%6), %7")
            .arg(m_layout.items, keyArrays(keys), PostgresText::array(sequences),
                m_layout.keys.join(QStringLiteral(", ")), sameKeys(QStringLiteral("b")),
                m_layout.payload, prefixedKeys(QStringLiteral("b"))));
    if (!rows.isActive())
        return false;
    while (rows.next())
        sizes[{keyOf(rows, 2), {rows.value(0).toLongLong()}}] = rows.value(1).toLongLong();
    return true;
}

std::optional<Usage> PostgresQueues::removeAllOf(
    const QByteArray &id, std::vector<Sequence> *sequences)
{
    QSqlQuery rows = m_connection.run(
        QStringLiteral("DELETE FROM %1 WHERE %2 = %3 RETURNING sequence, octet_length(%4)")
            .arg(m_layout.items, m_layout.keys.front(), PostgresText::bytes(id), m_layout.payload));
    if (!rows.isActive())
        return std::nullopt;
    Usage gone;
    while (rows.next()) {
        ++gone.count;
        gone.bytes += rows.value(1).toLongLong();
        if (sequences)
            sequences->push_back({rows.value(0).toLongLong()});
    }
    for (auto &[key, queue] : m_queues) {
        if (key.startsWith(id))
            queue.now = {};
    }
    return gone;
}

bool PostgresQueues::insert(
    const std::vector<NewItem> &items, qint64 storedAt, std::vector<Sequence> &sequences)
{
    size_t first = 0;
    while (first < items.size()) {
        size_t count = 0;
        qint64 bytes = 0;
        while (first + count < items.size() && count < MaxItemsAtOnce && bytes < MaxBytesAtOnce)
            bytes += items[first + count++].payload.size();
        if (!insertSome(&items[first], count, storedAt, sequences))
            return false;
        first += count;
    }
    return true;
}

bool PostgresQueues::insertSome(
    const NewItem *first, size_t count, qint64 storedAt, std::vector<Sequence> &sequences)
{
    std::vector<QByteArray> keys;
    std::vector<QByteArray> senders;
    std::vector<QByteArray> payloads;
    std::vector<qint64> versions;
    for (const NewItem *item = first; item != first + count; ++item) {
        keys.push_back(item->key);
        senders.push_back(item->sender);
        payloads.push_back(notNull(item->payload));
        versions.push_back(versionToSql(item->version));
    }
    const QString names = m_layout.keys.join(QStringLiteral(", "));
    const QString version = m_layout.hasVersion ? QStringLiteral(", version") : QString();
    QSqlQuery rows = m_connection.run(
        QStringLiteral("INSERT INTO %1 (%2, sequence, %3, stored_at, %4%5) "
                       "SELECT %6, nextval('%7'), a.sender, %8, a.payload%9 FROM unnest(")
            .arg(m_layout.items, names, m_layout.sender, m_layout.payload, version,
                prefixedKeys(QStringLiteral("a")), m_layout.sequence, QString::number(storedAt),
                version.isEmpty() ? QString() : QStringLiteral(", a.version"))
        + keyArrays(keys) + QStringLiteral(", ") + PostgresText::array(senders)
        + QStringLiteral(", ") + PostgresText::array(payloads) + QStringLiteral(", ")
        + PostgresText::array(versions)
        + QStringLiteral(") AS a(%1, sender, payload, version) RETURNING sequence, %1").arg(names));
    if (!rows.isActive())
        return false;
    // The server is not bound to any order here, so what it did is looked at.
    const NewItem *item = first;
    while (rows.next()) {
        const Sequence sequence {rows.value(0).toLongLong()};
        const bool isNext = item != first + count && keyOf(rows, 1) == item->key
            && (sequences.empty() || sequences.back() < sequence);
        if (!isNext) {
            qCCritical(lcQueues) << "the server did not store a batch in the order given";
            return false;
        }
        sequences.push_back(sequence);
        ++item;
    }
    return item == first + count;
}

bool PostgresQueues::oldest(qint64 before, int limit, std::vector<ItemKey> &found)
{
    QSqlQuery rows =
        m_connection.run(QStringLiteral("SELECT sequence, %1 FROM %2 WHERE stored_at <= %3 "
                                        "ORDER BY stored_at LIMIT %4")
                             .arg(m_layout.keys.join(QStringLiteral(", ")), m_layout.items)
                             .arg(before)
                             .arg(limit));
    if (!rows.isActive())
        return false;
    while (rows.next())
        found.push_back({keyOf(rows, 1), {rows.value(0).toLongLong()}});
    return true;
}

QString PostgresQueues::settleText() const
{
    std::vector<QByteArray> changed;
    std::vector<qint64> counts;
    std::vector<qint64> bytes;
    std::vector<QByteArray> emptied;
    for (const auto &[key, queue] : m_queues) {
        if (queue.now.count <= 0) {
            // Nothing is kept of a mailbox that holds nothing.
            emptied.push_back(key);
        } else if (!isSame(queue.now, queue.locked)) {
            changed.push_back(key);
            counts.push_back(queue.now.count);
            bytes.push_back(queue.now.bytes);
        }
    }
    const QString names = m_layout.keys.join(QStringLiteral(", "));
    QString text;
    if (!changed.empty())
        text += QStringLiteral("UPDATE %1 AS q SET item_count = a.item_count, "
                               "item_bytes = a.item_bytes FROM unnest(")
                    .arg(m_layout.queues)
            + keyArrays(changed) + QStringLiteral(", ") + PostgresText::array(counts)
            + QStringLiteral(", ") + PostgresText::array(bytes)
            + QStringLiteral(") AS a(%1, item_count, item_bytes) WHERE %2;")
                  .arg(names, sameKeys(QStringLiteral("q")));
    if (!emptied.empty())
        text += QStringLiteral("DELETE FROM %1 AS q USING unnest(").arg(m_layout.queues)
            + keyArrays(emptied)
            + QStringLiteral(") AS a(%1) WHERE %2;").arg(names, sameKeys(QStringLiteral("q")));
    return text;
}

} // namespace relay
