// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/migration.h"

#include "relayd/relay/wireids.h"
#include "relayd/storage/database.h"
#include "relayd/storage/datadir.h"
#include "relayd/storage/values.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QRandomGenerator>
#include <QVariant>

#include <initializer_list>
#include <map>
#include <utility>

namespace relay {

namespace {

/** A batch ends beyond either: as text, payload is twice as long, and UTF-16 on its way. */
constexpr int MaxBatchRows = 1000;
constexpr qint64 MaxBatchBytes = 4 * 1024 * 1024;

/** "VRmi": held while a process copies into the database. */
constexpr qint64 MigrationLock = 0x56526d69;

enum class Kind { Bytes, MaybeBytes, Number };

struct Column {
    const char *name;
    Kind kind;
};

/** A table that is copied: its columns are the same in both databases. */
struct Table {
    const char *name;
    /** Rows are copied in its order. */
    Column key;
    std::initializer_list<Column> others;
    /** Whose bytes count; nullptr: none do. */
    const char *payload;
    /** In `totals`. */
    const char *count;
    const char *bytes;
    /** Of the rows that say what is in each queue, and the columns that name it; or nullptr. */
    const char *queues;
    std::initializer_list<const char *> queueKeys;
    /** Of the target, and the column of the source's `state` that it goes on from; or nullptr. */
    const char *sequence;
    const char *lastSequence;
};

const Table Tables[] = {
    {"blobs", {"sequence", Kind::Number},
        {{"recipient", Kind::Bytes}, {"sender", Kind::MaybeBytes}, {"stored_at", Kind::Number},
            {"ciphertext", Kind::Bytes}},
        "ciphertext", "blob_count", "blob_bytes", "mailboxes", {"recipient"}, "blob_sequence",
        "last_blob"},
    {"device_messages", {"sequence", Kind::Number},
        {{"client", Kind::Bytes}, {"device", Kind::Bytes}, {"version", Kind::Number},
            {"sender_device", Kind::Bytes}, {"stored_at", Kind::Number}, {"payload", Kind::Bytes}},
        "payload", "device_message_count", "device_message_bytes", "device_queues",
        {"client", "device"}, "device_message_sequence", "last_device_message"},
    {"proofs", {"key_hash", Kind::Bytes}, {{"expires_at", Kind::Number}, {"proof", Kind::Bytes}},
        "proof", "proof_count", "proof_bytes", nullptr, {}, nullptr, nullptr},
    {"proven_ids", {"id", Kind::Bytes}, {{"proven_at", Kind::Number}}, nullptr, "proven_id_count",
        nullptr, nullptr, {}, nullptr, nullptr},
};

QString join(const std::initializer_list<const char *> &names)
{
    QStringList all;
    for (const char *name : names)
        all += latin(name);
    return all.join(QStringLiteral(", "));
}

std::vector<Column> columnsOf(const Table &table)
{
    std::vector<Column> columns {table.key};
    columns.insert(columns.end(), table.others.begin(), table.others.end());
    return columns;
}

/** Rows of one table, by column, each with one of the two vectors in use. */
struct Batch {
    struct Values {
        std::vector<QByteArray> bytes;
        std::vector<qint64> numbers;
    };
    std::vector<Values> columns;
    std::map<QByteArray, Usage> queues;
    Usage usage;
    /** Of the last row; as text, a number or hexadecimal. */
    QString position;
};

StartFault refusal(const QString &message)
{
    return {ExitCode::Configuration, message};
}

const QString HowToEmpty = QStringLiteral("To begin anew with an empty one, run on it: "
                                          "DROP SCHEMA vauchi_relay CASCADE");

// ---- the source ----

/** The database of a relay that does not run, in one read transaction. */
class Source {
public:
    static Result<Source, StartFault> open(const QString &path)
    {
        // Told before a lock is looked for in a folder that may not be there.
        if (!QFileInfo(path).isFile())
            return Err(refusal(QStringLiteral("There is no database %1.").arg(path)));
        auto lock = DataDir::lock(QFileInfo(path).absolutePath());
        if (!lock)
            return Err(lock.error());
        auto database = Database::inspect(path);
        if (!database)
            return Err(database.error());
        if (!database->exec(QStringLiteral("BEGIN")))
            return Err(database->fault(path, database->lastError()));
        Source source(path, std::move(*lock), std::move(*database));
        if (auto fault = source.load())
            return Err(*std::move(fault));
        return source;
    }

    QByteArray idKey() const { return m_idKey; }
    /** Tells the content from that of another database, and of this one at another time. */
    QByteArray digest() const { return m_digest; }
    StartFault fault() const { return m_database.fault(m_path, m_database.lastError()); }

    std::optional<qint64> number(const QString &sql) const { return m_database.number(sql); }
    std::optional<Usage> usage(const Table &table) const
    {
        const auto count = number(QStringLiteral("SELECT count(*) FROM %1").arg(latin(table.name)));
        const auto bytes = !count || !table.payload
            ? std::optional<qint64>(0)
            : number(QStringLiteral("SELECT coalesce(sum(length(%1)), 0) FROM %2")
                         .arg(latin(table.payload), latin(table.name)));
        if (!count || !bytes)
            return std::nullopt;
        return Usage {*count, *bytes};
    }

    /** The rows behind `position`; false: they cannot be read. */
    bool read(const Table &table, const QString &position, Batch &batch) const;

private:
    Source(QString path, DataDir lock, Database database)
        : m_path(std::move(path))
        , m_lock(std::move(lock))
        , m_database(std::move(database))
    {
    }

    std::optional<StartFault> load();

    QString m_path;
    DataDir m_lock;
    Database m_database;
    QByteArray m_idKey;
    QByteArray m_digest;
};

std::optional<StartFault> Source::load()
{
    const auto schema = number(QStringLiteral("PRAGMA user_version"));
    if (!schema)
        return fault();
    if (*schema > Database::latestSchema())
        return Database::newerFault(m_path, *schema);
    if (*schema < Database::latestSchema())
        return refusal(QStringLiteral("%1 was written by an older relay (schema %2; this one, %3, "
                                      "has %4). Start this version once on it, stop it, and try "
                                      "again. Nothing was changed.")
                           .arg(m_path)
                           .arg(*schema)
                           .arg(QStringLiteral(RELAY_VERSION))
                           .arg(Database::latestSchema()));
    // All but how far the index of mailboxes is: that changes with nothing stored.
    QSqlQuery state = m_database.prepare(QStringLiteral(
        "SELECT id_key, last_blob, last_device_message, last_time, blob_count, blob_bytes, "
        "device_message_count, device_message_bytes, proof_count, proof_bytes, proven_id_count "
        "FROM state"));
    if (!state.exec() || !state.next()) {
        m_database.noteError(state);
        return fault();
    }
    m_idKey = state.value(0).toByteArray();
    QByteArray text = m_idKey;
    for (int column = 1; column <= 10; ++column)
        text += ' ' + QByteArray::number(state.value(column).toLongLong());
    m_digest = QCryptographicHash::hash(text, QCryptographicHash::Sha256);
    if (m_idKey.size() != WireIds::KeySize)
        return StartFault {ExitCode::CannotWrite,
            QStringLiteral("The database %1 is damaged: its state holds no key. See what is left "
                           "of it with: vauchi-relay verify %1")
                .arg(m_path)};
    return std::nullopt;
}

bool Source::read(const Table &table, const QString &position, Batch &batch) const
{
    const std::vector<Column> columns = columnsOf(table);
    QStringList names;
    int payload = -1;
    std::vector<int> queueKeys;
    for (const Column &column : columns) {
        if (table.payload && qstrcmp(column.name, table.payload) == 0)
            payload = static_cast<int>(names.size());
        for (const char *key : table.queueKeys) {
            if (qstrcmp(column.name, key) == 0)
                queueKeys.push_back(static_cast<int>(names.size()));
        }
        names += latin(column.name);
    }
    QSqlQuery rows = m_database.prepare(
        QStringLiteral("SELECT %1 FROM %2 %3 ORDER BY %4 LIMIT %5")
            .arg(names.join(QStringLiteral(", ")), latin(table.name),
                position.isEmpty() ? QString()
                                   : QStringLiteral("WHERE %1 > ?").arg(latin(table.key.name)),
                latin(table.key.name))
            .arg(MaxBatchRows));
    if (!position.isEmpty() && table.key.kind == Kind::Number)
        Database::bindAll(rows, position.toLongLong());
    else if (!position.isEmpty())
        Database::bindAll(rows, QByteArray::fromHex(position.toLatin1()));
    batch = {};
    batch.columns.resize(columns.size());
    if (!rows.exec()) {
        m_database.noteError(rows);
        return false;
    }
    while (batch.usage.bytes < MaxBatchBytes && rows.next()) {
        for (size_t i = 0; i < columns.size(); ++i) {
            const QVariant value = rows.value(static_cast<int>(i));
            Batch::Values &values = batch.columns[i];
            if (columns[i].kind == Kind::Number)
                values.numbers.push_back(value.toLongLong());
            else if (columns[i].kind == Kind::MaybeBytes && value.isNull())
                values.bytes.push_back(QByteArray());
            else
                values.bytes.push_back(notNull(value.toByteArray()));
        }
        const qint64 size =
            payload < 0 ? 0 : batch.columns[static_cast<size_t>(payload)].bytes.back().size();
        ++batch.usage.count;
        batch.usage.bytes += size;
        QByteArray queue;
        for (const int column : queueKeys)
            queue += batch.columns[static_cast<size_t>(column)].bytes.back();
        if (table.queues) {
            Usage &usage = batch.queues[queue];
            ++usage.count;
            usage.bytes += size;
        }
    }
    if (rows.lastError().isValid()) {
        m_database.noteError(rows);
        return false;
    }
    if (batch.usage.count > 0) {
        const Batch::Values &keys = batch.columns.front();
        batch.position = table.key.kind == Kind::Number
            ? QString::number(keys.numbers.back())
            : QString::fromLatin1(keys.bytes.back().toHex());
    }
    return true;
}

// ---- the target ----

/** How far a table has been copied. */
struct Progress {
    QString position;
    Usage copied;
};

class Target {
public:
    explicit Target(const PostgresConfig &config)
        : m_connection(config)
    {
    }

    std::optional<StartFault> open();
    /** Makes it this source's, or finds that it is; `isFinished`: and that all was copied. */
    std::optional<StartFault> claim(const Source &source, bool &isFinished);
    std::optional<StartFault> load(const Table &table, Progress &progress);
    /** In one transaction: rows, what counts them, and `progress`, which then says so. */
    std::optional<StartFault> add(const Table &table, const Batch &batch, Progress &progress);
    std::optional<StartFault> compare(
        const Source &source, std::vector<CopiedTable> &tables, QStringList &differences);
    /** From here on it is the relays'. */
    std::optional<StartFault> finish(const Source &source);

private:
    StartFault fault() const;
    std::optional<StartFault> begin(const Source &source);
    std::optional<StartFault> compareTable(
        const Source &source, const Table &table, CopiedTable &found, QStringList &differences);

    PostgresConnection m_connection;
};

StartFault Target::fault() const
{
    return {ExitCode::Unavailable,
        QStringLiteral("The PostgreSQL server cannot be used: %1. What was copied stays: started "
                       "again with the same arguments, this goes on.")
            .arg(m_connection.lastFailure())};
}

std::optional<StartFault> Target::open()
{
    if (auto fault = missingPostgresDriver())
        return fault;
    if (!m_connection.ensureOpen())
        return StartFault {ExitCode::Unavailable,
            QStringLiteral("The PostgreSQL server cannot be reached: %1")
                .arg(m_connection.lastFailure())};
    if (auto fault = m_connection.prepareSchema())
        return fault;
    // Comparing reads whole tables. One that was killed may still hold the lock for a moment.
    if (!m_connection.exec(QStringLiteral("SET statement_timeout = 0; SET enable_seqscan = on; "
                                          "SET enable_hashjoin = on; SET lock_timeout = '10s'; "
                                          "SELECT pg_advisory_lock(%1)")
                               .arg(MigrationLock)))
        return StartFault {ExitCode::InUse,
            QStringLiteral("Cannot get the PostgreSQL database for the migration alone: %1. Is "
                           "another migrate-storage running?")
                .arg(m_connection.lastFailure())};
    return std::nullopt;
}

std::optional<StartFault> Target::claim(const Source &source, bool &isFinished)
{
    const auto isThere = m_connection.number(
        QStringLiteral("SELECT (to_regclass('vauchi_relay.migration') IS NOT NULL)::int"));
    if (!isThere)
        return fault();
    if (*isThere == 0)
        return begin(source);
    const auto others =
        m_connection.number(QStringLiteral("SELECT count(*) FROM migration WHERE source <> %1")
                                .arg(PostgresText::bytes(source.digest())));
    const auto unfinished =
        m_connection.number(QStringLiteral("SELECT count(*) FROM migration WHERE NOT is_finished"));
    if (!others || !unfinished)
        return fault();
    isFinished = *unfinished == 0;
    if (*others == 0)
        return std::nullopt;
    return refusal(QStringLiteral("The PostgreSQL database was filled from another database, or "
                                  "from this one before a relay changed it. Nothing was changed. ")
        + HowToEmpty);
}

std::optional<StartFault> Target::begin(const Source &source)
{
    QStringList counts;
    for (const char *table : {"state", "blobs", "device_messages", "proofs", "proven_ids", "nonces",
             "mailboxes", "device_queues"})
        counts += QStringLiteral("(SELECT count(*) FROM (SELECT 1 FROM %1 LIMIT 1) AS t)")
                      .arg(latin(table));
    // A relay begins with its row of `state`: the lock decides who was first.
    const auto rows =
        m_connection.number(QStringLiteral("BEGIN; LOCK TABLE state IN SHARE ROW EXCLUSIVE MODE; "
                                           "SELECT ")
                + counts.join(QStringLiteral(" + ")),
            2);
    if (!rows)
        return fault();
    if (*rows != 0) {
        m_connection.exec(QStringLiteral("ROLLBACK"));
        return refusal(QStringLiteral("The PostgreSQL database is not empty: a relay has used it. "
                                      "Nothing was changed. ")
            + HowToEmpty);
    }
    QString text = QStringLiteral(
        "CREATE TABLE migration (name text PRIMARY KEY, source bytea NOT NULL,"
        " position text NOT NULL DEFAULT '', row_count bigint NOT NULL DEFAULT 0,"
        " byte_count bigint NOT NULL DEFAULT 0, is_finished boolean NOT NULL DEFAULT false);");
    const QString digest = PostgresText::bytes(source.digest());
    for (const Table &table : Tables)
        text += QStringLiteral("INSERT INTO migration (name, source) VALUES ('%1', %2);")
                    .arg(latin(table.name), digest);
    text += QStringLiteral("INSERT INTO state (id, id_key) VALUES (1, %1); COMMIT")
                .arg(PostgresText::bytes(source.idKey()));
    if (!m_connection.exec(text))
        return fault();
    return std::nullopt;
}

std::optional<StartFault> Target::load(const Table &table, Progress &progress)
{
    QSqlQuery row = m_connection.run(
        QStringLiteral("SELECT position, row_count, byte_count FROM migration WHERE name = '%1'")
            .arg(latin(table.name)));
    if (!row.isActive() || !row.next())
        return fault();
    progress.position = row.value(0).toString();
    progress.copied = {row.value(1).toLongLong(), row.value(2).toLongLong()};
    return std::nullopt;
}

/** The statement that adds to the rows of `mailboxes` or `device_queues`. */
QString queuesText(const Table &table, const std::map<QByteArray, Usage> &queues)
{
    std::vector<std::vector<QByteArray>> keys(table.queueKeys.size());
    std::vector<qint64> counts;
    std::vector<qint64> bytes;
    for (const auto &[key, usage] : queues) {
        for (size_t i = 0; i < keys.size(); ++i)
            keys[i].push_back(key.mid(static_cast<qsizetype>(i) * Id::Size, Id::Size));
        counts.push_back(usage.count);
        bytes.push_back(usage.bytes);
    }
    QStringList arrays;
    for (const auto &column : keys)
        arrays += PostgresText::array(column);
    return QStringLiteral("INSERT INTO %1 AS q (%2, item_count, item_bytes) SELECT * FROM unnest(")
               .arg(latin(table.queues), join(table.queueKeys))
        + arrays.join(QStringLiteral(", ")) + QStringLiteral(", ") + PostgresText::array(counts)
        + QStringLiteral(", ") + PostgresText::array(bytes)
        + QStringLiteral(") ON CONFLICT (%1) DO UPDATE SET "
                         "item_count = q.item_count + excluded.item_count, "
                         "item_bytes = q.item_bytes + excluded.item_bytes;")
              .arg(join(table.queueKeys));
}

std::optional<StartFault> Target::add(const Table &table, const Batch &batch, Progress &progress)
{
    QStringList names;
    QStringList arrays;
    const std::vector<Column> columns = columnsOf(table);
    for (size_t i = 0; i < columns.size(); ++i) {
        names += latin(columns[i].name);
        arrays += columns[i].kind == Kind::Number ? PostgresText::array(batch.columns[i].numbers)
                                                  : PostgresText::array(batch.columns[i].bytes);
    }
    QString totals = QStringLiteral("%1 = %1 + %2").arg(latin(table.count)).arg(batch.usage.count);
    if (table.bytes)
        totals += QStringLiteral(", %1 = %1 + %2").arg(latin(table.bytes)).arg(batch.usage.bytes);
    // The server takes the statements of one text as one transaction.
    QString text = QStringLiteral("INSERT INTO %1 (%2) SELECT * FROM unnest(")
                       .arg(latin(table.name), names.join(QStringLiteral(", ")))
        + arrays.join(QStringLiteral(", ")) + QStringLiteral(");");
    if (table.queues)
        text += queuesText(table, batch.queues);
    text += QStringLiteral("UPDATE totals SET %1 WHERE slot = 0;").arg(totals);
    text += QStringLiteral("UPDATE migration SET position = '%1', row_count = row_count + %2, "
                           "byte_count = byte_count + %3 WHERE name = '%4'")
                .arg(batch.position)
                .arg(batch.usage.count)
                .arg(batch.usage.bytes)
                .arg(latin(table.name));
    if (!m_connection.exec(text))
        return fault();
    progress.position = batch.position;
    progress.copied.count += batch.usage.count;
    progress.copied.bytes += batch.usage.bytes;
    return std::nullopt;
}

std::optional<StartFault> Target::compareTable(
    const Source &source, const Table &table, CopiedTable &found, QStringList &differences)
{
    const auto differ = [&](const QString &what, qint64 there, qint64 here) {
        if (there != here)
            differences += QStringLiteral("%1: %2 in the source, %3 in the target")
                               .arg(what)
                               .arg(there)
                               .arg(here);
    };
    const QString name = latin(table.name);
    const auto ask = [&](const QString &sql) { return m_connection.number(sql); };
    const auto rows = ask(QStringLiteral("SELECT count(*) FROM %1").arg(name));
    const auto bytes = !table.payload
        ? std::optional<qint64>(0)
        : ask(QStringLiteral("SELECT coalesce(sum(octet_length(%1)), 0)::bigint FROM %2")
                  .arg(latin(table.payload), name));
    const auto countedRows =
        ask(QStringLiteral("SELECT sum(%1)::bigint FROM totals").arg(latin(table.count)));
    const auto countedBytes = !table.bytes
        ? std::optional<qint64>(0)
        : ask(QStringLiteral("SELECT sum(%1)::bigint FROM totals").arg(latin(table.bytes)));
    if (!rows || !bytes || !countedRows || !countedBytes)
        return fault();
    found.target = {*rows, *bytes};
    differ(name + QStringLiteral(", rows"), found.source.count, *rows);
    differ(name + QStringLiteral(", bytes"), found.source.bytes, *bytes);
    differ(name + QStringLiteral(", rows in totals"), found.source.count, *countedRows);
    differ(name + QStringLiteral(", bytes in totals"), found.source.bytes, *countedBytes);
    if (!table.queues)
        return std::nullopt;

    const QString queues = latin(table.queues);
    const auto inSource =
        source.number(QStringLiteral("SELECT count(*) FROM (SELECT DISTINCT %1 FROM %2)")
                          .arg(join(table.queueKeys), name));
    if (!inSource)
        return source.fault();
    const auto inTarget = ask(QStringLiteral("SELECT count(*) FROM %1").arg(queues));
    const auto items =
        ask(QStringLiteral("SELECT coalesce(sum(item_count), 0)::bigint FROM %1").arg(queues));
    const auto itemBytes =
        ask(QStringLiteral("SELECT coalesce(sum(item_bytes), 0)::bigint FROM %1").arg(queues));
    if (!inTarget || !items || !itemBytes)
        return fault();
    differ(queues + QStringLiteral(", rows"), *inSource, *inTarget);
    differ(queues + QStringLiteral(", items"), found.source.count, *items);
    differ(queues + QStringLiteral(", bytes"), found.source.bytes, *itemBytes);
    return std::nullopt;
}

std::optional<StartFault> Target::compare(
    const Source &source, std::vector<CopiedTable> &tables, QStringList &differences)
{
    size_t i = 0;
    for (const Table &table : Tables) {
        if (auto fault = compareTable(source, table, tables[i++], differences))
            return fault;
    }
    return std::nullopt;
}

std::optional<StartFault> Target::finish(const Source &source)
{
    // If the source is a backup, sequences have been given out that it does not know of: the next
    // ones begin somewhere far above, as after a restore.
    constexpr qint64 Most = qint64(1) << 48;
    const qint64 gap = QRandomGenerator::system()->bounded(Most) + 1;
    QString text;
    for (const Table &table : Tables) {
        if (!table.sequence)
            continue;
        // Never below a row, whatever the source's state says.
        const auto last =
            source.number(QStringLiteral("SELECT max(coalesce((SELECT max(sequence) FROM %1), 0), "
                                         "(SELECT %2 FROM state))")
                              .arg(latin(table.name), latin(table.lastSequence)));
        if (!last)
            return source.fault();
        text +=
            QStringLiteral("SELECT setval('%1', %2);").arg(latin(table.sequence)).arg(*last + gap);
    }
    text += QStringLiteral("UPDATE migration SET is_finished = true");
    if (!m_connection.exec(text))
        return fault();
    // Until somebody's autovacuum comes, the planner knows nothing of what it holds.
    m_connection.exec(QStringLiteral("ANALYZE"));
    return std::nullopt;
}

std::optional<StartFault> copy(const Source &source, Target &target, const Table &table,
    const MigrationOrder &order, CopiedTable &found)
{
    Progress progress;
    if (auto fault = target.load(table, progress))
        return fault;
    const auto all = source.usage(table);
    if (!all)
        return source.fault();
    found.name = latin(table.name);
    found.source = *all;
    const Usage before = progress.copied;
    Batch batch;
    do {
        if (!source.read(table, progress.position, batch))
            return source.fault();
        if (batch.usage.count == 0)
            break;
        if (auto fault = target.add(table, batch, progress))
            return fault;
        if (order.progress)
            order.progress(found.name, progress.copied, found.source);
    } while (true);
    found.copied = {progress.copied.count - before.count, progress.copied.bytes - before.bytes};
    return std::nullopt;
}

} // namespace

Result<MigrationReport, StartFault> migrateStorage(const MigrationOrder &order)
{
    const auto source = Source::open(order.source);
    if (!source)
        return Err(source.error());
    Target target(order.target);
    MigrationReport report;
    if (auto fault = target.open())
        return Err(*std::move(fault));
    if (auto fault = target.claim(*source, report.wasFinished))
        return Err(*std::move(fault));
    if (report.wasFinished)
        return report;
    for (const Table &table : Tables) {
        if (auto fault = copy(*source, target, table, order, report.tables.emplace_back()))
            return Err(*std::move(fault));
    }
    if (auto fault = target.compare(*source, report.tables, report.differences))
        return Err(*std::move(fault));
    if (report.differences.isEmpty()) {
        if (auto fault = target.finish(*source))
            return Err(*std::move(fault));
    }
    return report;
}

std::optional<StartFault> unfinishedMigration(PostgresConnection &connection)
{
    const auto isThere = connection.number(
        QStringLiteral("SELECT (to_regclass('vauchi_relay.migration') IS NOT NULL)::int"));
    const auto unfinished = isThere != 1
        ? isThere
        : connection.number(QStringLiteral("SELECT count(*) FROM migration "
                                           "WHERE NOT is_finished"));
    if (!unfinished)
        return StartFault {ExitCode::Unavailable,
            QStringLiteral("The PostgreSQL server cannot be used: %1")
                .arg(connection.lastFailure())};
    if (*unfinished == 0)
        return std::nullopt;
    return refusal(
        QStringLiteral("The PostgreSQL database is half filled: a vauchi-relay migrate-storage "
                       "into it has not ended. Start it again with the same arguments, and it goes "
                       "on. ")
        + HowToEmpty);
}

} // namespace relay
