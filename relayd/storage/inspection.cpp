// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/inspection.h"

#include "relayd/relay/wireids.h"
#include "relayd/storage/database.h"
#include "relayd/storage/values.h"

#include <QFileInfo>

#include <initializer_list>
#include <utility>

namespace relay {

namespace {

/** A column of ids, and the lengths in bytes that they may have; 40: with the case as written. */
struct IdColumn {
    const char *name;
    const char *lengths;
};

/** A table of what is stored, and what the row `state` says of it. A new one is a row here. */
struct StoredTable {
    /** The schema that brought it. */
    int since;
    const char *name;
    const char *payload;
    /** Columns of `state`. */
    const char *count;
    const char *bytes;
    /** The last sequence given out; nullptr: the table has none. */
    const char *lastSequence;
    std::initializer_list<IdColumn> ids;
};

const StoredTable StoredTables[] = {
    {1, "blobs", "ciphertext", "blob_count", "blob_bytes", "last_blob",
        {{"recipient", "32"}, {"sender", "32, 40"}}},
    {1, "device_messages", "payload", "device_message_count", "device_message_bytes",
        "last_device_message", {{"client", "32"}, {"device", "32"}, {"sender_device", "32, 40"}}},
    {1, "proofs", "proof", "proof_count", "proof_bytes", nullptr, {{"key_hash", "32"}}},
    // Nothing but ids.
    {2, "proven_ids", "''", "proven_id_count", "0", nullptr, {{"id", "32"}}},
};

/** The schema that brought the table `mailbox_index`. */
constexpr qint64 FirstWithMailboxIndex = 3;

/** The checks of one database, each a query whose result is a number. */
class Verification {
public:
    explicit Verification(const Database &database)
        : m_database(database)
    {
    }

    void note(const QString &what, const QString &fault) { m_checks.push_back({what, fault}); }

    /** Holds if the query's number is `expected`; else `fault`, with %1 for the number. */
    void expect(const QString &what, const QString &sql, qint64 expected, const QString &fault)
    {
        const auto found = m_database.number(sql);
        if (!found)
            noteFailure(what);
        else
            note(what, *found == expected ? QString() : fault.arg(*found));
    }

    /** Holds if what the row `state` says in `column` is what `sql` counts. */
    void compare(const QString &what, const char *column, const QString &sql)
    {
        const auto said =
            m_database.number(QStringLiteral("SELECT %1 FROM state").arg(latin(column)));
        const auto counted = said ? m_database.number(sql) : std::nullopt;
        if (!counted)
            noteFailure(what);
        else
            note(what,
                *said == *counted ? QString()
                                  : QStringLiteral("state.%1 is %2, and the rows say %3")
                                        .arg(latin(column))
                                        .arg(*said)
                                        .arg(*counted));
    }

    std::vector<Check> take() { return std::move(m_checks); }

private:
    void noteFailure(const QString &what)
    {
        note(what, QStringLiteral("cannot be counted: ") + m_database.lastError().trimmed());
    }

    const Database &m_database;
    std::vector<Check> m_checks;
};

void checkTable(Verification &checks, const StoredTable &table)
{
    const QString name = latin(table.name);
    checks.compare(name + QStringLiteral(": count"), table.count,
        QStringLiteral("SELECT count(*) FROM %1").arg(name));
    checks.compare(name + QStringLiteral(": bytes"), table.bytes,
        QStringLiteral("SELECT coalesce(sum(length(%1)), 0) FROM %2")
            .arg(latin(table.payload), name));
    if (table.lastSequence)
        checks.expect(name + QStringLiteral(": sequences"),
            QStringLiteral("SELECT count(*) FROM %1 WHERE sequence < 1 OR sequence > "
                           "(SELECT %2 FROM state)")
                .arg(name, latin(table.lastSequence)),
            0, QStringLiteral("%1 rows are above the last sequence that was given out"));
    for (const IdColumn &id : table.ids)
        checks.expect(QStringLiteral("%1: length of %2").arg(name, latin(id.name)),
            QStringLiteral("SELECT count(*) FROM %1 WHERE length(%2) NOT IN (%3)")
                .arg(name, latin(id.name), latin(id.lengths)),
            0, QStringLiteral("%1 rows have another length"));
}

/** That each blob is found by its mailbox, and nothing else is. */
void checkMailboxIndex(Verification &checks)
{
    checks.expect(QStringLiteral("mailbox_index: blobs"),
        QStringLiteral("SELECT count(*) FROM mailbox_index AS i WHERE NOT EXISTS (SELECT 1 FROM "
                       "blobs AS b WHERE b.sequence = i.sequence AND b.recipient = i.recipient)"),
        0, QStringLiteral("%1 entries lead to no blob"));
    checks.expect(QStringLiteral("mailbox_index: complete"),
        QStringLiteral("SELECT count(*) FROM blobs AS b WHERE b.sequence <= (SELECT indexed_up_to "
                       "FROM state) AND NOT EXISTS (SELECT 1 FROM mailbox_index AS i "
                       "WHERE i.recipient = b.recipient AND i.sequence = b.sequence)"),
        0, QStringLiteral("%1 blobs are not in it, and should be"));
}

/** Asks for numbers, and remembers whether one could not be had. */
class Numbers {
public:
    explicit Numbers(const Database &database)
        : m_database(database)
    {
    }
    qint64 operator()(const QString &sql)
    {
        const auto number = m_database.number(sql);
        m_isComplete = m_isComplete && number;
        return number.value_or(0);
    }
    qint64 pragma(const char *name) { return (*this)(QStringLiteral("PRAGMA ") + latin(name)); }
    bool isComplete() const { return m_isComplete; }

private:
    const Database &m_database;
    bool m_isComplete = true;
};

Usage usageOf(Numbers &numbers, const StoredTable &table)
{
    const QString name = latin(table.name);
    return {numbers(QStringLiteral("SELECT count(*) FROM %1").arg(name)),
        numbers(QStringLiteral("SELECT coalesce(sum(length(%1)), 0) FROM %2")
                    .arg(latin(table.payload), name))};
}

/** One of the numbers over all mailboxes. */
QString overMailboxes(const char *aggregate)
{
    return QStringLiteral("SELECT coalesce(%1, 0) FROM (SELECT count(*) AS blobs, "
                          "sum(length(ciphertext)) AS bytes FROM blobs GROUP BY recipient)")
        .arg(latin(aggregate));
}

/** Opens it and begins the one read transaction, which ends with the connection. */
Result<Database, StartFault> look(const QString &path)
{
    auto database = Database::inspect(path);
    if (database && !database->exec(QStringLiteral("BEGIN")))
        return Err(database->fault(path, database->lastError()));
    return database;
}

} // namespace

Result<std::vector<Check>, StartFault> verify(const QString &databasePath)
{
    const auto database = look(databasePath);
    if (!database)
        return Err(database.error());
    Verification checks(*database);
    checks.note(QStringLiteral("integrity of the file"),
        database->integrityFaults().join(QStringLiteral("; ")));
    const auto schema = database->number(QStringLiteral("PRAGMA user_version")).value_or(-1);
    const bool isKnown = schema >= 1 && schema <= Database::latestSchema();
    checks.note(QStringLiteral("schema"),
        isKnown ? QString()
                : QStringLiteral("version %1, and this relay knows 1 to %2")
                      .arg(schema)
                      .arg(Database::latestSchema()));
    if (isKnown) {
        checks.expect(QStringLiteral("state: rows"), QStringLiteral("SELECT count(*) FROM state"),
            1, QStringLiteral("%1, not 1"));
        checks.expect(QStringLiteral("state: length of id_key"),
            QStringLiteral("SELECT length(id_key) FROM state"), WireIds::KeySize,
            QStringLiteral("%1"));
        for (const StoredTable &table : StoredTables) {
            if (table.since <= schema)
                checkTable(checks, table);
        }
        if (schema >= FirstWithMailboxIndex)
            checkMailboxIndex(checks);
    }
    return checks.take();
}

Result<StoreStatistics, StartFault> statistics(const QString &databasePath)
{
    const auto database = look(databasePath);
    if (!database)
        return Err(database.error());
    Numbers numbers(*database);
    StoreStatistics found;
    found.schema = numbers.pragma("user_version");
    if (found.schema > Database::latestSchema())
        return Err(Database::newerFault(databasePath, found.schema));
    for (const StoredTable &table : StoredTables) {
        if (table.since <= found.schema)
            found.tables.emplace(latin(table.name), usageOf(numbers, table));
    }
    if (found.tables[QStringLiteral("blobs")].count > 0)
        found.oldestBlob =
            numbers(QStringLiteral("SELECT stored_at FROM blobs ORDER BY sequence LIMIT 1"));
    found.mailboxes = numbers(overMailboxes("count(*)"));
    found.largestMailbox = {
        numbers(overMailboxes("max(blobs)")), numbers(overMailboxes("max(bytes)"))};
    found.fileBytes = QFileInfo(databasePath).size();
    found.logBytes = QFileInfo(databasePath + QStringLiteral("-wal")).size();
    found.pageBytes = numbers.pragma("page_size");
    found.pages = numbers.pragma("page_count");
    found.freePages = numbers.pragma("freelist_count");
    if (!numbers.isComplete())
        return Err(database->fault(databasePath, database->lastError()));
    return found;
}

} // namespace relay
