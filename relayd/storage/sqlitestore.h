// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/database.h"
#include "relayd/storage/startfault.h"
#include "relayd/storage/store.h"
#include "relayd/storage/storetables.h"
#include "shared/result.h"

#include <future>
#include <memory>
#include <stop_token>

namespace relay {

/** The store in a file of SQLite's, or in SQLite's memory: this process is the one that writes. */
class SqliteStore final : public Store {
public:
    /**
     * Opens and migrates the database, and proves that it can be written. `dataDir`: its folder,
     * empty in memory.
     */
    static Result<std::unique_ptr<SqliteStore>, StartFault> open(
        const DatabaseConfig &config, const StoreLimits &limits, const QString &dataDir);

    SqliteStore(Database database, const DatabaseConfig &config, const StoreLimits &limits);
    ~SqliteStore() override;

    /** The connection, for a reader that has to share it (memory). */
    Database &database() { return m_database; }
    /** For the reader. */
    const RecentBlobs &recentBlobs() const { return m_tables.recent(); }

    QByteArray idKey() const override { return m_tables.idKey(); }
    const StoreTotals &totals() const override { return m_tables.totals(); }
    bool apply(std::span<const StoreRequest> batch, qint64 nowMillis, Room room,
        std::vector<Applied> &results) override;
    std::optional<Applied> sweep(qint64 nowMillis, bool &mayHaveMore) override;
    bool giveSpaceBack() override;
    void finishCheckpoint() override;
    bool touch() override { return m_tables.touch(); }
    void refreshTotals() override { m_tables.reloadProvenIds(); }
    std::optional<qint64> oldestBlob() const override { return m_tables.oldestBlob(); }
    qint64 expiredProofs(qint64 nowMillis) const override
    {
        return m_tables.expiredProofs(nowMillis);
    }
    bool hasMetDamage() override;
    bool isShared() const override { return false; }
    void settle() override { m_tables.settleAll(); }
    void close() override;

private:
    Applied applyOne(const StoreRequest &request, qint64 nowMillis, Room room);

    /** On a thread of its own. In memory there is one connection only: nothing is read. */
    void beginLearning();
    void stopLearning();
    void takeWhatWasLearnt();

    const DatabaseConfig m_config;
    Database m_database;
    StoreTables m_tables;
    std::stop_source m_stop;
    /** Valid while the index is read; it waits for its thread when it goes. */
    std::future<std::optional<MailboxFilter>> m_learning;
};

} // namespace relay
