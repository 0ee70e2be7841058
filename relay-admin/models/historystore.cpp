// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/historystore.h"

#include <QDataStream>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>

#include <array>

namespace relay::admin {

namespace {

constexpr int ApplicationId = 0x56524148; // "VRAH"
constexpr int Version = 1;
constexpr int RawTier = 0;
constexpr int MinuteTier = 1;
constexpr int PruneEverySecs = 600;
/** SQLite's codes for a file that is not, or no longer, a database. */
const std::array DamageCodes {QStringLiteral("11"), QStringLiteral("26")};

QByteArray bytesOf(std::initializer_list<const SeriesValues *> rows)
{
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    for (const SeriesValues *values : rows) {
        for (double value : *values)
            stream << value;
    }
    return bytes;
}

/** Part `part` of `parts`; a version with fewer series has written fewer, one with more, more. */
SeriesValues valuesOf(const QByteArray &bytes, int part, int parts)
{
    SeriesValues values = unknownValues();
    const auto width = static_cast<qsizetype>(sizeof(double));
    const qsizetype count = bytes.size() / width / parts;
    QDataStream stream(bytes.mid(part * count * width, count * width));
    for (double &value : values) {
        double read = 0;
        stream >> read;
        if (stream.status() != QDataStream::Ok)
            break;
        value = read;
    }
    return values;
}

QByteArray keyOf(const QUuid &profile)
{
    return profile.toRfc4122();
}

} // namespace

HistoryStore::HistoryStore(QString path)
    : m_path(std::move(path))
    , m_connection(QStringLiteral("history-") + QUuid::createUuid().toString(QUuid::Id128))
{
}

HistoryStore::~HistoryStore()
{
    close();
}

void HistoryStore::close()
{
    if (!QSqlDatabase::contains(m_connection))
        return;
    QSqlDatabase::database(m_connection, false).close();
    QSqlDatabase::removeDatabase(m_connection);
    m_isOpen = false;
}

/** SQLite reads the schema for it, so this is where damage shows first. */
bool HistoryStore::prepare(QSqlQuery &query, const QString &statement)
{
    return query.prepare(statement) || note(query.lastError());
}

bool HistoryStore::run(QSqlQuery &query)
{
    return query.exec() || note(query.lastError());
}

/** Always false. */
bool HistoryStore::note(const QSqlError &error)
{
    m_lastError = error.text();
    for (const QString &code : DamageCodes)
        m_isDamaged = m_isDamaged || error.nativeErrorCode() == code;
    return false;
}

bool HistoryStore::open(const QDateTime &now)
{
    QString unusable;
    if (m_isOpen || openOnce(&unusable))
        return true;
    close();
    if (unusable.isEmpty())
        return false;
    moveAside(unusable, now);
    unusable.clear();
    if (openOnce(&unusable))
        return true;
    close();
    return false;
}

/** False with `unusable` empty: the disk or the folder is at fault, not the file. */
bool HistoryStore::openOnce(QString *unusable)
{
    QDir().mkpath(QFileInfo(m_path).path());
    // The load of a person's servers is nobody else's business.
    QFile file(m_path);
    if (!file.exists() && file.open(QIODevice::NewOnly))
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    file.close();
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    database.setDatabaseName(m_path);
    database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=5000"));
    if (!database.open()) {
        m_lastError = database.lastError().text();
        return false;
    }
    m_isDamaged = false;
    m_isOpen = prepareFile(unusable);
    if (!m_isOpen && m_isDamaged)
        *unusable = tr("it is damaged");
    m_isDamaged = false;
    return m_isOpen;
}

bool HistoryStore::prepareFile(QString *unusable)
{
    const QSqlDatabase database = QSqlDatabase::database(m_connection, false);
    QSqlQuery query(database);
    const auto ask = [&](const QString &text) -> QVariant {
        return prepare(query, text) && run(query) && query.next() ? query.value(0) : QVariant();
    };
    const QVariant tables = ask(QStringLiteral("SELECT count(*) FROM sqlite_master"));
    if (!tables.isValid())
        return false;
    if (tables.toInt() > 0) {
        if (ask(QStringLiteral("PRAGMA application_id")).toInt() != ApplicationId)
            *unusable = tr("it belongs to another program");
        else if (ask(QStringLiteral("PRAGMA user_version")).toInt() > Version)
            *unusable = tr("a newer version of this program wrote it");
        else if (ask(QStringLiteral("PRAGMA quick_check(1)")).toString() != QLatin1String("ok"))
            *unusable = tr("it is damaged");
        if (!unusable->isEmpty())
            return false;
    }
    // A history may lose its last seconds in a power failure; it must not cost a disk its sleep.
    const QStringList statements {QStringLiteral("PRAGMA journal_mode = WAL"),
        QStringLiteral("PRAGMA synchronous = NORMAL"),
        QStringLiteral("PRAGMA application_id = %1").arg(ApplicationId),
        QStringLiteral("PRAGMA user_version = %1").arg(Version),
        QStringLiteral("CREATE TABLE IF NOT EXISTS history (profile BLOB NOT NULL, tier INTEGER "
                       "NOT NULL, time INTEGER NOT NULL, series BLOB NOT NULL, "
                       "PRIMARY KEY (profile, tier, time)) WITHOUT ROWID")};
    for (const QString &statement : statements) {
        if (!prepare(query, statement) || !run(query))
            return false;
        query.finish();
    }
    return true;
}

void HistoryStore::moveAside(const QString &why, const QDateTime &now)
{
    close();
    const QString stamp = now.toUTC().toString(QStringLiteral("yyyyMMdd'T'HHmmss"));
    QString target = m_path + QStringLiteral(".aside-") + stamp;
    for (int i = 2; QFile::exists(target); ++i)
        target = QStringLiteral("%1.aside-%2-%3").arg(m_path, stamp).arg(i);
    // The log belongs to the file; beside a new one it would be read as its own.
    for (const char *suffix : {"", "-wal", "-shm"})
        QFile::rename(m_path + QLatin1String(suffix), target + QLatin1String(suffix));
    emit setAside(target, why);
}

bool HistoryStore::inTransaction(
    const QDateTime &now, const std::function<bool(QSqlDatabase &)> &work)
{
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!open(now))
            break;
        QSqlDatabase database = QSqlDatabase::database(m_connection, false);
        const bool isDone = database.transaction() && work(database) && prune(database, now);
        if (isDone && database.commit()) {
            m_hasFailed = false;
            return true;
        }
        if (isDone)
            m_lastError = database.lastError().text();
        database.rollback();
        if (!m_isDamaged)
            break;
        m_isDamaged = false;
        database = {};
        moveAside(tr("it is damaged"), now);
    }
    fail(m_lastError);
    return false;
}

void HistoryStore::fail(const QString &why)
{
    if (!std::exchange(m_hasFailed, true))
        emit failed(why);
}

void HistoryStore::save(const QUuid &profile, const HistoryRows &rows, const QDateTime &now)
{
    inTransaction(now, [&](QSqlDatabase &database) {
        QSqlQuery query(database);
        if (rows.forgetFrom) {
            if (!prepare(query,
                    QStringLiteral(
                        "DELETE FROM history WHERE profile = ? AND tier = ? AND time >= ?")))
                return false;
            for (const int tier : {RawTier, MinuteTier}) {
                const qint64 from = *rows.forgetFrom;
                query.addBindValue(keyOf(profile));
                query.addBindValue(tier);
                query.addBindValue(tier == RawTier ? from : from - from % 60'000);
                if (!run(query))
                    return false;
                query.finish();
            }
        }
        if (!prepare(query,
                QStringLiteral("INSERT OR REPLACE INTO history (profile, tier, time, series) "
                               "VALUES (?, ?, ?, ?)")))
            return false;
        const auto insert = [&](int tier, qint64 time, const QByteArray &bytes) {
            query.addBindValue(keyOf(profile));
            query.addBindValue(tier);
            query.addBindValue(time);
            query.addBindValue(bytes);
            const bool isDone = run(query);
            query.finish();
            return isDone;
        };
        for (const HistoryRow &row : rows.raw) {
            if (!insert(RawTier, row.time, bytesOf({&row.values})))
                return false;
        }
        for (const MinuteRow &row : rows.minutes) {
            if (!insert(MinuteTier, row.time, bytesOf({&row.mean, &row.min, &row.max})))
                return false;
        }
        return true;
    });
}

void HistoryStore::load(const QUuid &profile, const QDateTime &now)
{
    HistoryRows rows;
    inTransaction(now, [&](QSqlDatabase &database) {
        rows = {};
        QSqlQuery query(database);
        query.setForwardOnly(true);
        if (!prepare(query,
                QStringLiteral("SELECT tier, time, series FROM history WHERE profile = ? AND "
                               "time <= ? ORDER BY tier, time")))
            return false;
        query.addBindValue(keyOf(profile));
        query.addBindValue(now.toMSecsSinceEpoch());
        if (!run(query))
            return false;
        while (query.next()) {
            const qint64 time = query.value(1).toLongLong();
            const QByteArray bytes = query.value(2).toByteArray();
            if (query.value(0).toInt() == RawTier)
                rows.raw.push_back({time, valuesOf(bytes, 0, 1)});
            else
                rows.minutes.push_back(
                    {time, valuesOf(bytes, 0, 3), valuesOf(bytes, 1, 3), valuesOf(bytes, 2, 3)});
        }
        return true;
    });
    emit loaded(profile, rows);
}

void HistoryStore::remove(const QUuid &profile, const QDateTime &now)
{
    inTransaction(now, [&](QSqlDatabase &database) {
        QSqlQuery query(database);
        if (!prepare(query, QStringLiteral("DELETE FROM history WHERE profile = ?")))
            return false;
        query.addBindValue(keyOf(profile));
        return run(query);
    });
}

bool HistoryStore::prune(QSqlDatabase &database, const QDateTime &now)
{
    if (m_prunedAt.isValid() && std::abs(m_prunedAt.secsTo(now)) < PruneEverySecs)
        return true;
    QSqlQuery query(database);
    if (!prepare(query, QStringLiteral("DELETE FROM history WHERE tier = ? AND time < ?")))
        return false;
    const qint64 time = now.toMSecsSinceEpoch();
    for (const int tier : {RawTier, MinuteTier}) {
        query.addBindValue(tier);
        query.addBindValue(
            time - (tier == RawTier ? History::RawSpan : History::MinuteSpan).count());
        if (!run(query))
            return false;
        query.finish();
    }
    m_prunedAt = now;
    return true;
}

} // namespace relay::admin
