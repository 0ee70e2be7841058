// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/postgresconnection.h"
#include "relayd/storage/postgresqueues.h"
#include "relayd/storage/store.h"
#include "relayd/storage/storelimits.h"
#include "shared/result.h"

#include <memory>

namespace relay {

/**
 * The store on a PostgreSQL server, which other relays share (relayd/storage/README.md,
 * "PostgreSQL"). Belongs to the writer thread.
 */
class PostgresStore final : public Store {
public:
    /** At most so many items in one step of a sweep. */
    static constexpr int SweepStep = 256;
    /** A transaction that another one was in the way of is tried so often. */
    static constexpr int Tries = 5;

    /**
     * Connects, migrates, and compares the key of the Noise sessions with that of the other relays.
     * A fault with ExitCode::Unavailable may pass.
     */
    static Result<std::unique_ptr<PostgresStore>, StartFault> open(
        const PostgresConfig &config, const StoreLimits &limits);

    PostgresStore(const PostgresConfig &config, const StoreLimits &limits);

    QByteArray idKey() const override { return m_idKey; }
    const StoreTotals &totals() const override { return m_totals; }
    bool apply(std::span<const StoreRequest> batch, qint64 nowMillis, Room room,
        std::vector<Applied> &results) override;
    std::optional<Applied> sweep(qint64 nowMillis, bool &mayHaveMore) override;
    bool giveSpaceBack() override { return false; } // the server's autovacuum does
    bool touch() override;
    void refreshTotals() override;
    std::optional<qint64> oldestBlob() const override;
    qint64 expiredProofs(qint64 nowMillis) const override;
    bool hasMetDamage() override { return false; } // the server's operator sees to it
    bool isShared() const override { return true; }
    QString problem() const override { return m_connection.lastFailure(); }

private:
    /** What the open transaction changes in the totals. */
    struct Changes {
        Usage blobs;
        Usage deviceMessages;
        Usage proofs;
        qint64 provenIds = 0;

        bool isEmpty() const;
    };

    std::optional<StartFault> load();
    bool tryApply(std::span<const StoreRequest> batch, qint64 nowMillis, Room room,
        std::vector<Applied> &results);
    /** Which queues the batch touches, before any is locked. */
    void plan(std::span<const StoreRequest> batch, Room room);
    /** Requests without a purge among them. */
    bool applyRun(
        std::span<const StoreRequest> run, qint64 nowMillis, Room room, std::span<Applied> results);
    bool applyPurge(const Purge &purge, Applied &result);
    bool apply(const StoreProof &store, qint64 nowMillis, Applied &result);
    bool apply(const ProveId &proof, qint64 nowMillis, Applied &result);
    bool apply(const UseNonce &nonce, qint64 nowMillis, Applied &result);
    bool commit();
    void rollback();
    bool trySweep(qint64 nowMillis, Applied &applied, bool &mayHaveMore);
    bool sweepQueues(PostgresQueues &queues, qint64 before, Usage &change,
        std::vector<Sequence> *removed, bool &mayHaveMore);
    bool hasRoom(qint64 payloadBytes) const;

    const StoreLimits m_limits;
    const QByteArray m_noiseKey;
    mutable PostgresConnection m_connection;
    PostgresQueues m_mailboxes;
    PostgresQueues m_devices;
    QByteArray m_idKey;
    /** Of the table `totals`: the one in which this relay counts. */
    qint64 m_slot = 0;
    StoreTotals m_totals;
    Changes m_changes;
};

} // namespace relay
