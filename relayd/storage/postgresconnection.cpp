// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/postgresconnection.h"

#include <QFile>
#include <QLoggingCategory>
#include <QSqlDriver>
#include <QSqlError>
#include <QStringList>
#include <QVariant>

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <vector>

/** The migrations are in a static library, whose resources the linker would leave out. */
static void initResources()
{
    Q_INIT_RESOURCE(storage);
}

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcPostgres, "relay.storage")

/** In order; the number of those applied is the schema version. */
const QStringList Migrations {
    QStringLiteral(":/relay/migrations/postgresql/0001_initial.sql"),
};

/**
 * The oldest schema version whose programs still work on a database of the latest: a migration
 * leaves the version before it working, so that relays can be replaced one after the other.
 */
constexpr int OldestThatWorks = 1;

/** "VRly": held while the schema is looked at and migrated, so that ten relays migrate once. */
constexpr qint64 SchemaLock = 0x56526c79;

/** The server's own limits are below StuckCalls::MaxCall, so that they come first. */
const QString SessionSettings = QStringLiteral(
    "SET client_min_messages = error;"
    "SET standard_conforming_strings = on;"
    "SET bytea_output = hex;"
    "SET statement_timeout = '5s';"
    "SET lock_timeout = '3s';"
    // A relay that was cut off must not keep mailboxes locked.
    "SET idle_in_transaction_session_timeout = '10s';"
    // The tables are queues, so statistics are wrong much of the time: all statements are look-ups.
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    "SET jit = off;"
    "SET search_path = vauchi_relay");

QString nextName()
{
    static std::atomic<int> counter {0};
    return QStringLiteral("postgres-%1").arg(counter.fetch_add(1));
}

/** The socket behind a connection, so that it can be cut off; -1: it cannot be found out. */
int descriptorOf(const QSqlDatabase &handle)
{
    const QVariant native = handle.driver()->handle();
    // Qt 6 names the struct, the documentation its typedef.
    if (qstrcmp(native.typeName(), "pg_conn*") != 0 && qstrcmp(native.typeName(), "PGconn*") != 0)
        return -1;
    // The driver has loaded the library; the relay itself is not linked with it, as most relays
    // need no server.
    void *library = ::dlopen("libpq.so.5", RTLD_NOW | RTLD_NOLOAD);
    if (!library)
        return -1;
    using SocketOf = int (*)(const void *);
    const auto socketOf = reinterpret_cast<SocketOf>(::dlsym(library, "PQsocket"));
    const int descriptor =
        socketOf ? socketOf(*static_cast<void *const *>(native.constData())) : -1;
    ::dlclose(library);
    return descriptor;
}

} // namespace

PostgresConnection::PostgresConnection(const PostgresConfig &config)
    : m_config(config)
    , m_name(nextName())
    , m_handle(QSqlDatabase::addDatabase(QStringLiteral("QPSQL"), m_name))
{
}

PostgresConnection::~PostgresConnection()
{
    close();
    m_handle = QSqlDatabase();
    QSqlDatabase::removeDatabase(m_name);
}

int PostgresConnection::latestSchema()
{
    return static_cast<int>(Migrations.size());
}

bool PostgresConnection::isOpen() const
{
    return m_handle.isOpen() && m_handle.driver()->isOpen();
}

void PostgresConnection::close()
{
    m_handle.close();
    m_descriptor = -1;
}

bool PostgresConnection::ensureOpen(bool *wasOpened)
{
    if (isOpen())
        return true;
    const TimePoint now = SystemClock().now();
    if (m_nextTry && now < *m_nextTry)
        return false;
    if (openNow()) {
        m_nextTry.reset();
        m_pause = FirstPause;
        if (wasOpened)
            *wasOpened = true;
        return true;
    }
    m_nextTry = SystemClock().now() + m_pause;
    m_pause = std::min<std::chrono::milliseconds>(2 * m_pause, LongestPause);
    return false;
}

bool PostgresConnection::openNow()
{
    close();
    const PostgresUrl &url = m_config.url;
    m_handle.setDatabaseName(url.database);
    m_handle.setUserName(url.user);
    m_handle.setPassword(url.password);
    // A peer that is gone without a word is noticed, by whichever side waits for the other.
    m_handle.setConnectOptions(url.options
        + QStringLiteral(";connect_timeout=%1;application_name=vauchi-relay;keepalives=1;"
                         "keepalives_idle=10;keepalives_interval=5;keepalives_count=2;"
                         "tcp_user_timeout=5000")
              .arg(ConnectTimeout.count()));
    if (!m_handle.open()) {
        m_lastState = QStringLiteral("08001");
        // Names the server, the user and what is wrong; nothing is stored yet.
        m_lastFailure = m_handle.lastError().databaseText().simplified();
        return false;
    }
    m_descriptor = descriptorOf(m_handle);
    if (!prepareSession()) {
        close();
        return false;
    }
    return true;
}

bool PostgresConnection::prepareSession()
{
    if (!exec(SessionSettings))
        return false;
    const auto isStandby = number(QStringLiteral("SELECT pg_is_in_recovery()::int"));
    if (isStandby != 0) {
        m_lastFailure = QStringLiteral("the server is a standby, which takes no writes");
        return false;
    }
    // Stored means on the server's disk. Whoever has chosen more (remote_apply) gets more.
    QSqlQuery mode = run(QStringLiteral("SHOW synchronous_commit"));
    if (!mode.next())
        return false;
    return mode.value(0).toString() != QLatin1String("off")
        || exec(QStringLiteral("SET synchronous_commit = on"));
}

bool PostgresConnection::begin(QSqlQuery &query, const QString &sql)
{
    std::optional<StuckCalls::Scope> scope;
    if (m_config.stuckCalls)
        scope.emplace(*m_config.stuckCalls, m_descriptor);
    // The driver waits for the results of all statements.
    return query.exec(sql);
}

void PostgresConnection::failed(const QSqlQuery &query)
{
    noteFailure(query.lastError());
    // The server has closed it: the driver does not know until it is told.
    if (!isOpen())
        close();
}

QSqlQuery PostgresConnection::run(const QString &sql, int before)
{
    QSqlQuery query(m_handle);
    bool ok = begin(query, sql);
    for (int i = 0; ok && i < before; ++i)
        ok = query.nextResult();
    if (ok)
        return query;
    failed(query);
    return QSqlQuery();
}

QSqlQuery PostgresConnection::runAgain(const QString &sql)
{
    for (int i = 0; i < 2 && ensureOpen(); ++i) {
        QSqlQuery query = run(sql);
        if (query.isActive() || isOpen())
            return query;
    }
    return QSqlQuery();
}

bool PostgresConnection::exec(const QString &sql)
{
    QSqlQuery query(m_handle);
    bool more = begin(query, sql);
    while (more)
        more = query.nextResult();
    // Behind the last one there is none, without an error.
    if (!query.lastError().isValid() && isOpen())
        return true;
    failed(query);
    return false;
}

void PostgresConnection::noteFailure(const QSqlError &error)
{
    m_lastState = error.nativeErrorCode();
    if (!isOpen() || m_lastState.isEmpty()) {
        m_lastFailure = QStringLiteral("the connection to the server was lost");
        return;
    }
    // Classes whose words are about the server. Others may repeat values.
    const QString family = m_lastState.left(2);
    static const QStringList tellable {QStringLiteral("08"), QStringLiteral("25"),
        QStringLiteral("28"), QStringLiteral("3D"), QStringLiteral("3F"), QStringLiteral("40"),
        QStringLiteral("42"), QStringLiteral("53"), QStringLiteral("55"), QStringLiteral("57"),
        QStringLiteral("58")};
    m_lastFailure = QStringLiteral("SQLSTATE %1").arg(m_lastState);
    if (tellable.contains(family))
        m_lastFailure += QStringLiteral(", ")
            + error.databaseText().section(QLatin1Char('\n'), 0, 0).simplified();
}

bool PostgresConnection::mayTryAgain() const
{
    // deadlock_detected, serialization_failure
    return isOpen()
        && (m_lastState == QLatin1String("40P01") || m_lastState == QLatin1String("40001"));
}

std::optional<qint64> PostgresConnection::number(const QString &sql, int before)
{
    QSqlQuery query = run(sql, before);
    if (!query.isActive() || !query.next())
        return std::nullopt;
    return query.value(0).toLongLong();
}

StartFault PostgresConnection::fault(const QString &doing) const
{
    return {ExitCode::Unavailable,
        QStringLiteral("The PostgreSQL server cannot be used: %1 failed: %2. Nothing was changed.")
            .arg(doing, m_lastFailure)};
}

std::optional<StartFault> PostgresConnection::checkServer()
{
    const auto version =
        number(QStringLiteral("SELECT current_setting('server_version_num')::int"));
    if (!version)
        return fault(QStringLiteral("asking for its version"));
    constexpr qint64 Oldest = 130000;
    if (*version < Oldest)
        return StartFault {ExitCode::Configuration,
            QStringLiteral("The PostgreSQL server is version %1; the relay needs 13 or later.")
                .arg(*version / 10000)};
    if (number(QStringLiteral("SELECT (current_setting('fsync') = 'off')::int")) == 1)
        qCWarning(lcPostgres) << "the server runs with fsync = off: a power loss there may lose"
                              << "messages that were acknowledged";
    return lookForPooler();
}

std::optional<StartFault> PostgresConnection::lookForPooler()
{
    // Behind a pooler that gives each transaction another session, locks, settings and LISTEN
    // belong to nobody. There, two connections share a session, or one has several.
    PostgresConnection other(m_config);
    if (!other.openNow())
        return other.fault(QStringLiteral("a second connection"));
    constexpr int Looks = 8;
    std::optional<qint64> mine;
    std::optional<qint64> others;
    for (int i = 0; i < Looks; ++i) {
        // Once by turns and once in a row: who hands out sessions in turn, gives one of the two
        // cases away, however many there are.
        for (PostgresConnection *connection : {this, &other, this}) {
            const auto session = connection->number(QStringLiteral("SELECT pg_backend_pid()"));
            if (!session)
                return connection->fault(QStringLiteral("looking for a pooler"));
            std::optional<qint64> &first = connection == this ? mine : others;
            if (!first)
                first = session;
            if (session != first || mine == others)
                return StartFault {ExitCode::Configuration,
                    QStringLiteral(
                        "RELAY_POSTGRES_URL leads to a pooler that gives each transaction "
                        "another session (PgBouncer's pool_mode = transaction): locks and "
                        "notifications do not work there. Connect to the server itself, or "
                        "to a pooler with pool_mode = session.")};
        }
    }
    return std::nullopt;
}

std::optional<StartFault> PostgresConnection::readVersion(qint64 &version)
{
    const auto found = number(QStringLiteral("SELECT version FROM schema_version"));
    const auto oldest = number(QStringLiteral("SELECT oldest_that_works FROM schema_version"));
    if (!found || !oldest)
        return fault(QStringLiteral("reading the schema's version"));
    if (*oldest > latestSchema())
        return StartFault {ExitCode::Configuration,
            QStringLiteral("The database on the PostgreSQL server was written by a newer relay "
                           "(schema %1, for programs that know %2; this one, %3, knows up to %4).")
                .arg(*found)
                .arg(*oldest)
                .arg(QStringLiteral(RELAY_VERSION))
                .arg(latestSchema())};
    version = *found;
    return std::nullopt;
}

std::optional<StartFault> PostgresConnection::checkSchema()
{
    const auto isThere = number(
        QStringLiteral("SELECT (to_regclass('vauchi_relay.schema_version') IS NOT NULL)::int"));
    if (!isThere)
        return fault(QStringLiteral("looking for the schema vauchi_relay"));
    if (*isThere == 0)
        return StartFault {ExitCode::Configuration,
            QStringLiteral("The database of RELAY_POSTGRES_URL holds no relay's data.")};
    qint64 version = 0;
    return readVersion(version);
}

std::optional<StartFault> PostgresConnection::migrate()
{
    initResources();
    if (!exec(QStringLiteral(
            "CREATE SCHEMA IF NOT EXISTS vauchi_relay;"
            "CREATE TABLE IF NOT EXISTS schema_version (id integer PRIMARY KEY CHECK (id = 1),"
            " version integer NOT NULL, oldest_that_works integer NOT NULL);"
            "INSERT INTO schema_version VALUES (1, 0, 1) ON CONFLICT DO NOTHING")))
        return fault(QStringLiteral("creating the schema vauchi_relay"));
    qint64 version = 0;
    if (auto fault = readVersion(version))
        return fault;
    for (qint64 next = version; next < Migrations.size(); ++next) {
        QFile file(Migrations[next]);
        if (!file.open(QIODevice::ReadOnly))
            qFatal("migration %s is missing from the program", qPrintable(Migrations[next]));
        if (!exec(QString::fromUtf8(file.readAll()))
            || !exec(
                QStringLiteral("UPDATE schema_version SET version = %1, oldest_that_works = %2")
                    .arg(next + 1)
                    .arg(OldestThatWorks)))
            return fault(QStringLiteral("migration %1").arg(next + 1));
        qCInfo(lcPostgres) << "database schema is now version" << next + 1;
    }
    return std::nullopt;
}

std::optional<StartFault> PostgresConnection::prepareSchema()
{
    if (auto fault = checkServer())
        return fault;
    // Whoever comes second waits here; longer than for anything else.
    if (!exec(QStringLiteral("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"
                             "SELECT pg_advisory_xact_lock(%1)")
                  .arg(SchemaLock)))
        return fault(QStringLiteral("waiting for another relay's migration"));
    auto migrated = migrate();
    if (!migrated && !exec(QStringLiteral("COMMIT")))
        migrated = fault(QStringLiteral("the migration"));
    if (migrated)
        exec(QStringLiteral("ROLLBACK"));
    return migrated;
}

std::optional<StartFault> missingPostgresDriver()
{
    if (QSqlDatabase::isDriverAvailable(QStringLiteral("QPSQL")))
        return std::nullopt;
    return StartFault {ExitCode::CannotCreate,
        QStringLiteral("Qt's PostgreSQL driver is not installed (Debian: libqt6sql6-psql).")};
}

namespace PostgresText {

QString bytes(QByteArrayView value)
{
    return QStringLiteral("'\\x") + QString::fromLatin1(value.toByteArray().toHex())
        + QStringLiteral("'::bytea");
}

QString array(const std::vector<QByteArray> &values)
{
    QByteArray text("'{");
    for (const QByteArray &value : values) {
        if (text.size() > 2)
            text += ',';
        // The backslash is escaped for the array, not for the string around it.
        if (value.isNull())
            text += "NULL";
        else
            text += "\"\\\\x" + value.toHex() + '"';
    }
    text += "}'::bytea[]";
    return QString::fromLatin1(text);
}

QString array(const std::vector<qint64> &values)
{
    QString text = QStringLiteral("'{");
    for (const qint64 value : values) {
        if (text.size() > 2)
            text += QLatin1Char(',');
        text += QString::number(value);
    }
    return text + QStringLiteral("}'::bigint[]");
}

} // namespace PostgresText

} // namespace relay
