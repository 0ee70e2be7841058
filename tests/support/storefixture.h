// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/database.h"
#include "relayd/storage/storetables.h"
#include "relayd/storage/storewriter.h"

#include <QTemporaryDir>

#include <memory>
#include <optional>

namespace relay::test {

/** A database as the relay opens it, in a folder of its own or in memory, and its tables. */
class StoreFixture {
public:
    explicit StoreFixture(StorageBackend backend, const StoreLimits &limits = {});
    ~StoreFixture();

    StoreTables &tables() { return *m_tables; }
    Database &database() { return *m_database; }
    const DatabaseConfig &config() const { return m_config; }
    bool isInMemory() const { return m_config.backend == StorageBackend::Memory; }

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
        if (!m_tables->begin())
            qFatal("no transaction");
        const Applied applied = m_tables->apply(operation, now);
        if (!m_tables->commit())
            qFatal("no commit");
        return applied;
    }
    /** One step of a sweep in a transaction of its own. */
    Applied sweep(qint64 now, bool &mayHaveMore);

    /** What differs between the totals and a recount of the rows; empty: nothing. */
    QByteArray totalsFault();

private:
    void open();

    QTemporaryDir m_folder;
    DatabaseConfig m_config;
    const StoreLimits m_limits;
    std::optional<Database> m_database;
    std::unique_ptr<StoreTables> m_tables;
    QString m_outside;
};

/** Fires the writer's timer for probes, or the one for sweeps, as time would. On its thread. */
void fireTick(StoreWriter &writer);
void fireSweep(StoreWriter &writer);

/** Adds the column "backend" and a row for each: for initTestCase_data(). */
void addBackendRows();

StoreBlob blobFor(const Id &recipient, const QByteArray &ciphertext = "secret");
StoreDeviceMessage messageFor(
    const DeviceKey &target, quint64 version = 1, const QByteArray &payload = "sync");

} // namespace relay::test
