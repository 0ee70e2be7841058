// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/database.h"

#include <QFile>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QSqlError>
#include <QSqlResult>

#include <atomic>
#include <cstdlib>
#include <utility>

/** The migrations are in a static library, whose resources the linker would leave out. */
static void initResources()
{
    Q_INIT_RESOURCE(storage);
}

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcStorage, "relay.storage")

/** "VRly": tells a relay's database from any other SQLite file. */
constexpr qint64 ApplicationId = 0x56526c79;

/** In order; the number of those applied is the schema version. */
const QStringList Migrations {
    QStringLiteral(":/relay/migrations/sqlite/0001_initial.sql"),
    QStringLiteral(":/relay/migrations/sqlite/0002_proven_ids.sql"),
    QStringLiteral(":/relay/migrations/sqlite/0003_mailbox_index.sql"),
};

/** Writer and reader meet only in checkpoints and recovery; 5 s is far more than either takes. */
const QString ConnectOptions = QStringLiteral("QSQLITE_BUSY_TIMEOUT=5000");
const QString ReadOnlyOptions = ConnectOptions + QStringLiteral(";QSQLITE_OPEN_READONLY");

bool hasLog(const QString &path)
{
    return QFileInfo(path + QStringLiteral("-wal")).size() > 0;
}

QString nextConnectionName()
{
    static std::atomic<int> counter {0};
    return QStringLiteral("relay-%1").arg(counter.fetch_add(1));
}

/** Reaches the values of a prepared statement, which QSqlResult keeps for its drivers. */
struct Values : QSqlResult {
    static QVariantList &of(const QSqlQuery &query)
    {
        return (query.result()->*&Values::boundValues)();
    }
};

QString toPragma(SqliteSynchronous synchronous)
{
    switch (synchronous) {
    case SqliteSynchronous::Full:
        return QStringLiteral("FULL");
    case SqliteSynchronous::Normal:
        return QStringLiteral("NORMAL");
    case SqliteSynchronous::Off:
        return QStringLiteral("OFF");
    }
    Q_UNREACHABLE();
}

bool isFailedSync(const QSqlError &error)
{
    constexpr int IoErrorFsync = 10 | 4 << 8; // SQLITE_IOERR_FSYNC
    return error.nativeErrorCode().toInt() == IoErrorFsync;
}

/** QSQLITE runs one statement for each exec; a semicolon ends a statement, `--` a line. */
QStringList statementsOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("migration %s is missing from the program", qPrintable(path));
    QString text;
    const auto lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
    for (const QString &line : lines)
        text += line.section(QStringLiteral("--"), 0, 0) + QLatin1Char('\n');
    QStringList statements;
    const auto parts = text.split(QLatin1Char(';'));
    for (const QString &part : parts) {
        if (const QString statement = part.trimmed(); !statement.isEmpty())
            statements.append(statement);
    }
    return statements;
}

} // namespace

Database::Database(const QString &connectionName)
    : m_handle(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connectionName))
{
}

Database::Database(Database &&other) noexcept
    : m_handle(std::exchange(other.m_handle, QSqlDatabase()))
    , m_lastError(std::move(other.m_lastError))
    , m_isDamaged(other.m_isDamaged)
{
}

Database::~Database()
{
    const QString name = m_handle.connectionName();
    if (name.isEmpty())
        return;
    m_handle.close();
    m_handle = QSqlDatabase();
    QSqlDatabase::removeDatabase(name);
}

bool isDamage(const QSqlError &error)
{
    constexpr int Corrupt = 11;      // SQLITE_CORRUPT
    constexpr int NotADatabase = 26; // SQLITE_NOTADB
    // The higher bits of an extended code say where it was found.
    const int code = error.nativeErrorCode().toInt() & 0xff;
    return code == Corrupt || code == NotADatabase;
}

void endForRecovery()
{
    qCCritical(lcStorage) << "a sync of the database failed, and what the disk was to write is only"
                          << "in the log now. Nothing is lost: the next start reads the log from"
                          << "its beginning. Ending for that, with exit code"
                          << toInt(ExitCode::CannotWrite) << "- see to the disk";
    std::_Exit(toInt(ExitCode::CannotWrite));
}

Result<Database, StartFault> Database::open(const DatabaseConfig &config, const QString &options)
{
    if (!QSqlDatabase::isDriverAvailable(QStringLiteral("QSQLITE")))
        return Err(StartFault {ExitCode::Unavailable,
            QStringLiteral("Qt's SQLite driver is not installed (Debian: libqt6sql6-sqlite).")});
    Database database(nextConnectionName());
    QSqlDatabase &handle = database.m_handle;
    const bool inMemory = config.backend == StorageBackend::Memory;
    handle.setDatabaseName(inMemory ? QStringLiteral(":memory:") : config.path);
    handle.setConnectOptions(options);
    if (!handle.open())
        return Err(database.fault(config.path, handle.lastError().text()));
    return database;
}

Result<Database, StartFault> Database::create(const DatabaseConfig &config)
{
    if (config.backend == StorageBackend::Sqlite) {
        if (auto fault = strayLogFault(config.path))
            return Err(*std::move(fault));
        // The last connection to close moves the log into the database and deletes it: what is
        // refused is looked at by one that may only read, so that it stays as it is.
        if (hasLog(config.path)) {
            const auto look = open(config, ReadOnlyOptions);
            if (!look)
                return Err(look.error());
            if (auto fault = look->refusal(config.path))
                return Err(*std::move(fault));
        }
    }
    auto database = open(config, ConnectOptions);
    if (!database)
        return database;
    if (auto fault = database->prepareSchema(config))
        return Err(*std::move(fault));
    return database;
}

Result<Database, StartFault> Database::connect(const DatabaseConfig &config)
{
    Q_ASSERT(config.backend != StorageBackend::Memory);
    auto database = open(config, ConnectOptions);
    if (database && !database->exec(QStringLiteral("PRAGMA query_only = 1")))
        return Err(database->fault(config.path, database->lastError()));
    return database;
}

Result<Database, StartFault> Database::inspect(const QString &path)
{
    const QFileInfo file(path);
    if (!file.isFile())
        return Err(StartFault {
            ExitCode::Configuration, QStringLiteral("There is no database %1.").arg(path)});
    if (auto fault = strayLogFault(path))
        return Err(*std::move(fault));
    // One that may only read leaves the log that a killed relay left as it is. Where there is none,
    // the last connection to close deletes the empty one that SQLite makes in order to read.
    auto database =
        open({StorageBackend::Sqlite, path}, hasLog(path) ? ReadOnlyOptions : ConnectOptions);
    if (!database)
        return database;
    if (!database->exec(QStringLiteral("PRAGMA query_only = 1")))
        return Err(database->fault(path, database->lastError()));
    const auto applicationId = database->number(QStringLiteral("PRAGMA application_id"));
    if (!applicationId)
        return Err(database->fault(path, database->lastError()));
    if (*applicationId != ApplicationId)
        return Err(StartFault {ExitCode::Configuration,
            QStringLiteral("%1 is a database of another program, not a relay's. Nothing was "
                           "changed.")
                .arg(path)});
    return database;
}

Result<Database, StartFault> Database::amend(const QString &path)
{
    auto database = open({StorageBackend::Sqlite, path}, ConnectOptions);
    // As the relay itself deletes, and leaving it to its Checkpointer what it does.
    for (const auto *pragma : {"PRAGMA secure_delete = ON", "PRAGMA wal_autocheckpoint = 0"}) {
        if (database && !database->exec(QLatin1String(pragma)))
            return Err(database->fault(path, database->lastError()));
    }
    return database;
}

int Database::latestSchema()
{
    return static_cast<int>(Migrations.size());
}

std::optional<StartFault> Database::strayLogFault(const QString &path)
{
    if (!hasLog(path) || QFileInfo(path).size() > 0)
        return std::nullopt;
    return StartFault {ExitCode::CannotWrite,
        QStringLiteral("The database %1 is missing or empty, but its log %1-wal holds %2 bytes, "
                       "which opening would delete. Nothing was deleted or changed. Put back the "
                       "database that belongs to it, restore a backup, or move the log away to "
                       "begin with an empty store.")
            .arg(path)
            .arg(QFileInfo(path + QStringLiteral("-wal")).size())};
}

StartFault Database::newerFault(const QString &path, qint64 version)
{
    return {ExitCode::Configuration,
        QStringLiteral("%1 was written by a newer relay (schema %2; this one, %3, knows up to "
                       "%4). Start that version again, or restore a backup made before it.")
            .arg(path)
            .arg(version)
            .arg(QStringLiteral(RELAY_VERSION))
            .arg(latestSchema())};
}

StartFault Database::fault(const QString &path, const QString &what) const
{
    if (m_isDamaged)
        return {ExitCode::CannotWrite,
            QStringLiteral("The database %1 is damaged, or is none: %2. Nothing was deleted or "
                           "changed. See what is left of it with: vauchi-relay verify - and put "
                           "back a backup with: vauchi-relay restore FILE")
                .arg(path, what.trimmed())};
    return {ExitCode::CannotWrite,
        QStringLiteral("The database %1 cannot be used: %2. Nothing was deleted or changed. Is the "
                       "disk full or read-only, or is the file damaged?")
            .arg(path, what.trimmed())};
}

bool Database::isNew() const
{
    return number(QStringLiteral("SELECT count(*) FROM sqlite_schema")) == 0
        && number(QStringLiteral("PRAGMA user_version")) == 0;
}

std::optional<StartFault> Database::refusal(const QString &path) const
{
    const auto applicationId = number(QStringLiteral("PRAGMA application_id"));
    const auto version = number(QStringLiteral("PRAGMA user_version"));
    const auto tables = number(QStringLiteral("SELECT count(*) FROM sqlite_schema"));
    if (!applicationId || !version || !tables)
        return fault(path, lastError());
    if (*applicationId != ApplicationId && !isNew())
        return StartFault {ExitCode::Configuration,
            QStringLiteral("%1 is a database of another program; the relay does not touch it. Set "
                           "RELAY_DATA_DIR to a folder of the relay's own.")
                .arg(path)};
    if (*version > latestSchema())
        return newerFault(path, *version);
    return std::nullopt;
}

std::optional<StartFault> Database::prepareSchema(const DatabaseConfig &config)
{
    initResources();
    if (auto fault = refusal(config.path))
        return fault;
    QStringList pragmas;
    if (isNew())
        pragmas << QStringLiteral("auto_vacuum = INCREMENTAL"); // only before the first table
    if (config.backend == StorageBackend::Sqlite)
        pragmas << QStringLiteral("journal_mode = WAL");
    pragmas << QStringLiteral("synchronous = ") + toPragma(config.synchronous)
            // Acked means gone: not even ids stay readable in freed pages. (FAST would leave whole
            // pages; it deletes blobs of 4 KB three times as fast.)
            << QStringLiteral("secure_delete = ON")
            // The Checkpointer's task: a commit would not say that its checkpoint failed.
            << QStringLiteral("wal_autocheckpoint = 0")
            << QStringLiteral("journal_size_limit = 67108864")
            << QStringLiteral("temp_store = MEMORY") << QStringLiteral("cache_size = -8192");
    for (const QString &pragma : std::as_const(pragmas)) {
        if (!exec(QStringLiteral("PRAGMA ") + pragma))
            return fault(config.path, lastError());
    }
    return migrate(config.path);
}

std::optional<StartFault> Database::migrate(const QString &path)
{
    const auto version = number(QStringLiteral("PRAGMA user_version"));
    if (!version)
        return fault(path, lastError());
    for (qint64 next = *version; next < Migrations.size(); ++next) {
        Transaction transaction(*this);
        QStringList statements = statementsOf(Migrations[next]);
        statements << QStringLiteral("PRAGMA application_id = %1").arg(ApplicationId)
                   << QStringLiteral("PRAGMA user_version = %1").arg(next + 1);
        bool ok = transaction.isOpen();
        for (const QString &statement : std::as_const(statements))
            ok = ok && exec(statement);
        const QString error = lastError();
        if (!ok || !transaction.commit())
            return fault(path, QStringLiteral("migration %1 failed: %2").arg(next + 1).arg(error));
        qCInfo(lcStorage) << "database schema is now version" << next + 1;
    }
    return std::nullopt;
}

QSqlQuery Database::prepare(const QString &sql) const
{
    QSqlQuery query(m_handle);
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        qCCritical(lcStorage).noquote()
            << "cannot prepare a statement:" << query.lastError().text();
    const auto placeholders = static_cast<int>(sql.count(QLatin1Char('?')));
    for (int position = 0; position < placeholders; ++position)
        query.bindValue(position, QVariant());
    return query;
}

void Database::bind(QSqlQuery &query, int position, const QVariant &value)
{
    // bindValue() hashes a string each time, of its own making where it is by position: together a
    // sixth of what a store costs.
    Values::of(query)[position] = value;
}

bool Database::exec(const QString &sql) const
{
    QSqlQuery query(m_handle);
    if (query.exec(sql))
        return true;
    noteError(query);
    return false;
}

void Database::noteError(const QSqlQuery &query) const
{
    if (!query.lastError().isValid())
        return;
    m_lastError = query.lastError().text();
    m_isDamaged = m_isDamaged || isDamage(query.lastError());
}

std::optional<qint64> Database::number(const QString &sql) const
{
    QSqlQuery query(m_handle);
    if (!query.exec(sql) || !query.next()) {
        noteError(query);
        return std::nullopt;
    }
    return query.value(0).toLongLong();
}

QStringList Database::integrityFaults() const
{
    constexpr int Most = 10;
    QSqlQuery query(m_handle);
    QStringList faults;
    const bool ran = query.exec(QStringLiteral("PRAGMA integrity_check(%1)").arg(Most));
    // Each row may hold several lines.
    while (ran && query.next())
        faults += query.value(0).toString().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    if (query.lastError().isValid()) {
        noteError(query);
        faults += m_lastError.trimmed();
    }
    if (faults == QStringList {QStringLiteral("ok")})
        return {};
    return faults.mid(0, Most);
}

bool Database::copyTo(const QString &path) const
{
    // query_only would refuse the other file too.
    if (!exec(QStringLiteral("PRAGMA query_only = 0")))
        return false;
    QSqlQuery query(m_handle);
    query.prepare(QStringLiteral("VACUUM INTO ?"));
    query.addBindValue(path);
    const bool ok = query.exec();
    if (!ok)
        noteError(query);
    return exec(QStringLiteral("PRAGMA query_only = 1")) && ok;
}

bool Database::isTransactionOpen() const
{
    // SQLite rolls back by itself on some errors, and Qt does not show the handle's state: a BEGIN
    // that succeeds tells that there was no transaction any more.
    if (!exec(QStringLiteral("BEGIN")))
        return true;
    rollback();
    return false;
}

Result<LogState, CheckpointFault> Database::checkpoint(const char *mode) const
{
    QSqlQuery query(m_handle);
    if (!query.exec(QStringLiteral("PRAGMA wal_checkpoint(%1)").arg(QLatin1String(mode)))
        || !query.next()) {
        noteError(query);
        return Err(isFailedSync(query.lastError()) ? CheckpointFault::SyncFailed
                                                   : CheckpointFault::Failed);
    }
    return LogState {query.value(1).toLongLong(), query.value(2).toLongLong()};
}

Result<LogState, CheckpointFault> Database::checkpoint() const
{
    return checkpoint("PASSIVE");
}

Result<LogState, CheckpointFault> Database::checkpointAll() const
{
    return checkpoint("TRUNCATE");
}

bool Database::isMostlyUnused() const
{
    const qint64 unused = number(QStringLiteral("PRAGMA freelist_count")).value_or(0);
    const qint64 all = number(QStringLiteral("PRAGMA page_count")).value_or(0);
    return unused > 1024 && unused > all / 4;
}

bool Database::vacuum(int pages) const
{
    const auto unused = [this] { return number(QStringLiteral("PRAGMA freelist_count")); };
    Transaction transaction(*this);
    const auto before = unused();
    if (!transaction.isOpen() || !before)
        return false;
    // Each exec gives one page back.
    for (int i = 0; i < pages; ++i) {
        if (!exec(QStringLiteral("PRAGMA incremental_vacuum(1)")))
            return false;
    }
    const auto after = unused();
    return transaction.commit() && after && *after < *before;
}

} // namespace relay
