// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/quotaledger.h"
#include "relayd/relay/storerequests.h"
#include "relayd/storage/postgresconnection.h"
#include "relayd/storage/values.h"

#include <map>
#include <vector>

namespace relay {

/**
 * The mailboxes with their blobs, or the devices' queues with their messages, as one transaction
 * changes them. Each queue has a row with what it holds: it is locked first, in the order of keys
 * (so that transactions wait for each other and never in a circle), and written at the end.
 *
 * Belongs to the writer thread.
 */
class PostgresQueues {
public:
    /** The names of tables and columns. */
    struct Layout {
        QString queues;
        QString items;
        QString sequence;
        /** The 32-byte ids of which a key is made, one after the other. */
        QStringList keys;
        QString payload;
        QString sender;
        bool hasVersion;
    };
    struct NewItem {
        QByteArray key;
        /** WrittenId::toCompact(); null: none. */
        QByteArray sender;
        quint64 version = 0;
        QByteArray payload;
    };
    struct ItemKey {
        QByteArray key;
        Sequence sequence;

        bool operator<(const ItemKey &other) const
        {
            return sequence < other.sequence || (sequence == other.sequence && key < other.key);
        }
    };
    /** Bytes of payload of each item. */
    using Sizes = std::map<ItemKey, qint64>;

    PostgresQueues(PostgresConnection &connection, Layout layout)
        : m_connection(connection)
        , m_layout(std::move(layout))
    {
    }

    // ---- before the transaction: what it will touch ----

    void clear() { m_queues.clear(); }
    /** Without a quota one may count on it: then the row is written once. */
    void willStore(const QByteArray &key, qint64 bytes);
    void willTouch(const QByteArray &key) { m_queues[key]; }
    bool isEmpty() const { return m_queues.empty(); }

    // ---- within it ----

    /** Locks all of them, and learns what they hold. */
    bool lock();
    /** Locks the queues whose keys begin with `id`, besides. */
    bool lockAllOf(const QByteArray &id);
    /** What a locked queue holds, as the transaction stands. */
    Usage &usage(const QByteArray &key) { return m_queues[key].now; }

    /** Deletes items; `sizes`: those that were there, with the bytes of their payload. */
    bool remove(const std::vector<ItemKey> &items, Sizes &sizes);
    /** Deletes all of the queues whose keys begin with `id`; `sequences`, if given, are theirs. */
    std::optional<Usage> removeAllOf(const QByteArray &id, std::vector<Sequence> *sequences);
    /** Stores items, in this order; their sequences, ascending. */
    bool insert(
        const std::vector<NewItem> &items, qint64 storedAt, std::vector<Sequence> &sequences);
    /** Items stored up to `before`, at most `limit`, the oldest first. */
    bool oldest(qint64 before, int limit, std::vector<ItemKey> &found);
    /** The statements that write what the queues hold now; empty: nothing has changed. */
    QString settleText() const;

private:
    struct Queue {
        /** Added by lock() already. */
        Usage expected;
        /** What its row says. */
        Usage locked;
        Usage now;
    };

    /** Arrays of the columns of keys, joined by commas. */
    QString keyArrays(const std::vector<QByteArray> &keys) const;
    /** `b.k1, b.k2` */
    QString prefixedKeys(const QString &table) const;
    /** `b.k1 = a.k1 AND …` */
    QString sameKeys(const QString &left) const;
    bool insertSome(
        const NewItem *first, size_t count, qint64 storedAt, std::vector<Sequence> &sequences);
    QByteArray keyOf(const QSqlQuery &row, int firstColumn) const;

    PostgresConnection &m_connection;
    const Layout m_layout;
    std::map<QByteArray, Queue> m_queues;
};

} // namespace relay
