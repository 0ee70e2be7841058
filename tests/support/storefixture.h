// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/database.h"
#include "relayd/storage/postgresstore.h"
#include "relayd/storage/storereader.h"
#include "relayd/storage/storetables.h"
#include "relayd/storage/storewriter.h"

#include <QTemporaryDir>

#include <memory>
#include <optional>

namespace relay::test {

/**
 * A store as the relay opens it: SQLite's tables in a file or in memory, or a database of its own
 * on PostgresServer::shared().
 */
class StoreFixture {
public:
    explicit StoreFixture(StorageBackend backend, const StoreLimits &limits = {});
    ~StoreFixture();

    /** SQLite's; on a server there are none. */
    StoreTables &tables() { return *m_tables; }
    Database &database() { return *m_database; }
    const DatabaseConfig &config() const { return m_config; }
    bool isInMemory() const { return m_config.backend == StorageBackend::Memory; }
    bool isOnServer() const { return m_config.backend == StorageBackend::Postgres; }
    const StoreTotals &totals() const;
    /** As the relay opens its reader. */
    void openFor(StoreReader &reader);

    /** As after a restart: what was in memory is gone, save for the database of that name. */
    void restart();

    /** Runs one statement over a connection that is not the relay's (in memory there is none). */
    void execOutside(const QString &sql);
    /** The same with one number as its result. */
    qint64 numberOutside(const QString &sql);

    /** Applies one operation in a transaction of its own. */
    template <typename Operation>
    Applied run(const Operation &operation, qint64 now = 0)
    {
        if (isOnServer())
            return runOnServer({{{}, operation}}, now).at(0);
        if (!m_tables->begin())
            qFatal("no transaction");
        const Applied applied = m_tables->apply(operation, now);
        if (!m_tables->commit())
            qFatal("no commit");
        return applied;
    }
    /** Blobs that are stored in one transaction. */
    void storeAll(const std::vector<StoreBlob> &blobs, qint64 now);
    /** One step of a sweep in a transaction of its own. */
    Applied sweep(qint64 now, bool &mayHaveMore);

    /** What differs between the totals and a recount of the rows; empty: nothing. */
    QByteArray totalsFault();

private:
    void open();
    std::vector<Applied> runOnServer(const std::vector<StoreRequest> &batch, qint64 now);

    QTemporaryDir m_folder;
    QString m_url;
    StuckCalls m_calls;
    DatabaseConfig m_config;
    const StoreLimits m_limits;
    std::optional<Database> m_database;
    std::unique_ptr<StoreTables> m_tables;
    std::unique_ptr<PostgresStore> m_server;
    QString m_outside;
};

/** What differs between `totals`, the queues' own and a recount of the rows of a server's database.
 */
QByteArray totalsFaultOnServer(const QString &url, const StoreTotals &totals);

/** Fires the writer's timer for probes, or the one for sweeps, as time would. On its thread. */
void fireTick(StoreWriter &writer);
void fireSweep(StoreWriter &writer);

/** Adds the column "backend" and a row for each: for initTestCase_data(). */
void addSqliteBackendRows();
/** The same, and one for a server, if it is installed or RELAYTEST_REQUIRE_TOOLS is set. */
void addBackendRows();

StoreBlob blobFor(const Id &recipient, const QByteArray &ciphertext = "secret");
StoreDeviceMessage messageFor(
    const DeviceKey &target, quint64 version = 1, const QByteArray &payload = "sync");

} // namespace relay::test
