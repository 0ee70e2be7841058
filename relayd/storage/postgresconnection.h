// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/postgresurl.h"
#include "relayd/relay/clock.h"
#include "relayd/storage/startfault.h"
#include "relayd/storage/stuckcalls.h"

#include <QByteArray>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>

#include <chrono>
#include <optional>

namespace relay {

/** Which server the store is on. */
struct PostgresConfig {
    PostgresUrl url;
    /** Shared by all connections of this process; outlives them. */
    StuckCalls *stuckCalls = nullptr;
    /** SHA-256 of the public Noise key. */
    QByteArray noiseKey;
};

/**
 * One connection to the server, opened again when it was lost: not at once each time, but after
 * pauses that grow. What it runs is one text, also of several statements; all values in it are
 * numbers and hexadecimal digits that this program wrote (PostgresText), so nothing is to be
 * escaped, and a batch takes few round trips.
 *
 * Belongs to the thread that made it.
 */
class PostgresConnection {
public:
    static constexpr std::chrono::seconds ConnectTimeout {3};
    static constexpr std::chrono::milliseconds FirstPause {250};
    static constexpr std::chrono::seconds LongestPause {5};

    explicit PostgresConnection(const PostgresConfig &config);
    ~PostgresConnection();
    PostgresConnection(const PostgresConnection &) = delete;
    PostgresConnection &operator=(const PostgresConnection &) = delete;

    /** True if it is open, or could be opened now. `wasOpened`: it is new. */
    bool ensureOpen(bool *wasOpened = nullptr);
    bool isOpen() const;
    void close();

    /**
     * The result of the last statement in `sql`, which `before` others precede; not active if one
     * failed. A failure is noted.
     */
    QSqlQuery run(const QString &sql, int before = 0);
    /** Any number of statements, whose results are of no interest. */
    bool exec(const QString &sql);
    /**
     * run() for what may be run twice: where the connection turns out to be lost (the server has
     * been restarted meanwhile), over a new one. Opens it if it is not open.
     */
    QSqlQuery runAgain(const QString &sql);
    /** The first column of the first row of the last statement in `sql`. */
    std::optional<qint64> number(const QString &sql, int before = 0);

    /** After a failure: the other transaction was in the way, and trying again may help. */
    bool mayTryAgain() const;
    /** Of the last failure: no connection, or SQLSTATE; with the server's words where they tell
     * nothing of what is stored. */
    QString lastFailure() const { return m_lastFailure; }

    /** For LISTEN. */
    QSqlDatabase handle() const { return m_handle; }

    /**
     * Creates and migrates what is missing, refuses what is newer, or another program's, and what
     * cannot keep the promise of a `Stored`. After ensureOpen().
     */
    std::optional<StartFault> prepareSchema();
    /** Refuses a database on which no relay has stored yet, or a newer one; changes nothing. */
    std::optional<StartFault> checkSchema();
    /** How many migrations this program knows. */
    static int latestSchema();

private:
    bool openNow();
    /** Whether the first statement of `sql` succeeded. */
    bool begin(QSqlQuery &query, const QString &sql);
    void failed(const QSqlQuery &query);
    bool prepareSession();
    void noteFailure(const QSqlError &error);
    std::optional<StartFault> migrate();
    /** What the table `schema_version` says, in `version`; refuses what is newer. */
    std::optional<StartFault> readVersion(qint64 &version);
    std::optional<StartFault> checkServer();
    std::optional<StartFault> lookForPooler();
    StartFault fault(const QString &doing) const;

    const PostgresConfig m_config;
    const QString m_name;
    QSqlDatabase m_handle;
    int m_descriptor = -1;
    QString m_lastFailure;
    QString m_lastState;
    std::optional<TimePoint> m_nextTry;
    std::chrono::milliseconds m_pause = FirstPause;
};

/** Nothing if Qt's driver is installed. */
std::optional<StartFault> missingPostgresDriver();

/** Puts values into statements: hexadecimal digits and numbers, nothing else. */
namespace PostgresText {
/** A bytea literal. */
QString bytes(QByteArrayView value);
/** An array literal of bytea, of bigint. A null QByteArray is NULL. */
QString array(const std::vector<QByteArray> &values);
QString array(const std::vector<qint64> &values);
} // namespace PostgresText

} // namespace relay
