// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/settings.h"
#include "relayd/storage/postgresconnection.h"
#include "relayd/storage/startfault.h"
#include "shared/result.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QString>
#include <QStringList>

#include <optional>

namespace relay {

/** Where the store lives, and how carefully it writes. */
struct DatabaseConfig {
    StorageBackend backend = StorageBackend::Sqlite;
    /** Of the SQLite file; unused in memory. */
    QString path;
    SqliteSynchronous synchronous = SqliteSynchronous::Full;
    /** Of the backend Postgres, whose connections are PostgresConnections. */
    PostgresConfig postgres {};
};

/** The log as a checkpoint left it. */
struct LogState {
    /** From its start; negative: another checkpoint was going on. */
    qint64 pages = 0;
    /** Of those, the ones that were copied into the database, by it or before. */
    qint64 moved = 0;
};

enum class CheckpointFault {
    Failed,
    /** Also: what was copied and not yet synced before may be lost now, see endForRecovery(). */
    SyncFailed,
};

/**
 * Ends the process at once (exit 74), so that nothing is closed and the log stays as it is. For
 * after CheckpointFault::SyncFailed: SQLite counts what earlier checkpoints copied as moved before
 * it is synced, the system has forgotten that it was to be written, and only the recovery at the
 * next start copies the log from its beginning.
 */
[[noreturn]] void endForRecovery();

/** Whether SQLite says with `error` that the file is damaged, or is no database. */
bool isDamage(const QSqlError &error);

/**
 * One connection to the store's database, and everything in which one database differs from
 * another: opening, pragmas, migrations, checkpoints, giving space back. The statements of the
 * store are portable SQL and stand beside the code that binds them.
 *
 * Belongs to the thread that opened it.
 */
class Database {
public:
    /** Creates and migrates what is missing; refuses a newer schema and what is no relay's. */
    static Result<Database, StartFault> create(const DatabaseConfig &config);
    /** A second connection to a database that create() has prepared. In memory there is none. */
    static Result<Database, StartFault> connect(const DatabaseConfig &config);

    /**
     * A connection that only reads, to a relay's database that may be in use, at rest, or left
     * behind by a relay that was killed: changes neither it nor its log. Of any schema.
     */
    static Result<Database, StartFault> inspect(const QString &path);

    /** One that may write too, to a database of this program's schema that may be in use. */
    static Result<Database, StartFault> amend(const QString &path);

    /** How many migrations this program knows. */
    static int latestSchema();
    static StartFault newerFault(const QString &path, qint64 version);

    ~Database();
    Database(Database &&other) noexcept;
    Database &operator=(Database &&) = delete;

    /**
     * A prepared, forward-only statement with `?` for what bind() puts in. `sql` is ours: failure
     * to prepare is logged, and no literal in it holds a `?`.
     */
    QSqlQuery prepare(const QString &sql) const;
    /** Sets the placeholder at `position`, from 0, of a statement of prepare(). */
    static void bind(QSqlQuery &query, int position, const QVariant &value);
    /** Sets all of them, in order. */
    template <typename... Values>
    static void bindAll(QSqlQuery &query, const Values &...values)
    {
        int position = 0;
        (bind(query, position++, values), ...);
    }
    bool exec(const QString &sql) const;
    std::optional<qint64> number(const QString &sql) const;
    /** Of the last exec(), number(), copyTo() or integrityFaults() that failed. */
    QString lastError() const { return m_lastError; }
    /** One of them, or a prepared statement that was noted, met damage. */
    bool isDamaged() const { return m_isDamaged; }
    /** Somebody else remembers it from here on. */
    void forgetDamage() { m_isDamaged = false; }
    /** Takes note of what a prepared statement failed with, if it did. */
    void noteError(const QSqlQuery &query) const;
    /** What cannot be done with the database at `path`, and what the operator may do. */
    StartFault fault(const QString &path, const QString &what) const;

    /** What PRAGMA integrity_check finds, the first lines of it; empty: nothing. */
    QStringList integrityFaults() const;
    /**
     * Writes a copy, as of now, into a file that is empty or not there: without free pages and
     * log, and not yet synced to disk. One read transaction: nobody waits for it, but the log
     * grows by what is written meanwhile.
     */
    bool copyTo(const QString &path) const;

    bool begin() const;
    /** After false nothing of the transaction is left. */
    bool commit() const;
    void rollback() const;
    /** After a statement failed: whether the transaction still stands (a full disk takes it away).
     */
    bool isTransactionOpen() const;

    /**
     * Copies what it can from the log into the database without making anybody wait; nothing if
     * that failed. Once all of it was, the next commit begins the log anew.
     */
    Result<LogState, CheckpointFault> checkpoint() const;
    /** At the end of the process: empties the log. */
    Result<LogState, CheckpointFault> checkpointAll() const;
    /** More than a quarter of the file, and more than 4 MB, is free pages. */
    bool isMostlyUnused() const;
    /**
     * Gives at most `pages` unused pages back to the file system. False: none were, be it that the
     * database cannot be written or that its file was made without incremental vacuum.
     */
    bool vacuum(int pages) const;

private:
    explicit Database(const QString &connectionName);

    static Result<Database, StartFault> open(const DatabaseConfig &config, const QString &options);
    /** SQLite deletes a log whose database is gone: that would be the mail of a mishap. */
    static std::optional<StartFault> strayLogFault(const QString &path);
    bool isNew() const;
    /** Why a relay must not use it: damaged, of another program, of a newer relay. */
    std::optional<StartFault> refusal(const QString &path) const;
    std::optional<StartFault> prepareSchema(const DatabaseConfig &config);
    std::optional<StartFault> migrate(const QString &path);
    Result<LogState, CheckpointFault> checkpoint(const char *mode) const;

    QSqlDatabase m_handle;
    mutable QString m_lastError;
    mutable bool m_isDamaged = false;
};

/** Rolls back unless commit() was called. */
class Transaction {
public:
    explicit Transaction(const Database &database)
        : m_database(database)
        , m_isOpen(database.begin())
    {
    }
    ~Transaction()
    {
        if (m_isOpen)
            m_database.rollback();
    }
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;

    bool isOpen() const { return m_isOpen; }
    /** The database took the transaction away: there is nothing left to commit. */
    void lost() { m_isOpen = false; }
    bool commit()
    {
        if (!m_isOpen)
            return false;
        m_isOpen = false;
        return m_database.commit();
    }

private:
    const Database &m_database;
    bool m_isOpen;
};

} // namespace relay
