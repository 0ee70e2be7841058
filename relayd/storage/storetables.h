// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/quotaledger.h"
#include "relayd/relay/storerequests.h"
#include "relayd/storage/database.h"
#include "relayd/storage/mailboxfilter.h"
#include "relayd/storage/recentblobs.h"
#include "relayd/storage/store.h"
#include "relayd/storage/storelimits.h"
#include "relayd/storage/storetotals.h"

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace relay {

/**
 * The rows of the store and the rules that are decided inside a transaction: sequence, time,
 * quotas, totals. No threads, no events. A statement that fails leaves its transaction standing,
 * with the operations before and after it, unless the database took the transaction away.
 *
 * Belongs to the writer thread.
 */
class StoreTables {
public:
    /** At most so many rows in one step of a sweep: stores wait for less than a millisecond. */
    static constexpr int SweepStep = 32;

    StoreTables(Database &database, const StoreLimits &limits);
    ~StoreTables();
    StoreTables(const StoreTables &) = delete;
    StoreTables &operator=(const StoreTables &) = delete;

    /** Reads the totals, and makes the key of the wire ids when there is none yet. */
    bool load();
    QByteArray idKey() const { return m_idKey; }
    /** As committed. */
    const StoreTotals &totals() const { return m_totals; }
    /** For the reader, which looks into it from its own thread. */
    const RecentBlobs &recent() const { return m_recent; }

    /** Between begin() and end(), at `nowMillis` of the wall clock. */
    bool begin();
    /** False: nothing of the transaction happened. */
    bool commit();
    void rollback();
    /** Moves all recent blobs to the index, in a transaction of its own: a start then has none. */
    bool settleAll();
    /** The database took the transaction away after an error: end with rollback(). */
    bool isLost() const { return m_isLost; }

    /**
     * Who fills the filter of mailboxes reads the index from now on, and gives learn() what is in
     * it: until then each mailbox that is stored into is looked up. Between transactions.
     */
    void beginLearning();
    void learn(const MailboxFilter &indexed);
    /** Most of the mailboxes in the filter may be gone from the store. */
    bool shouldLearnAnew() const;
    /** The filter is complete. */
    bool hasLearnt() const { return m_hasLearnt; }

    /**
     * Reads at once what is to be known of the mailboxes into which `batch` stores, and of the
     * blobs that it acknowledges: one at a time, that takes as long as what is to be done. Changes
     * no result.
     */
    void expect(std::span<const StoreRequest> batch);

    Applied apply(const StoreBlob &store, qint64 nowMillis);
    Applied apply(const StoreDeviceMessage &store, qint64 nowMillis);
    Applied apply(const StoreProof &store, qint64 nowMillis);
    Applied apply(const AckBlob &ack, qint64 nowMillis);
    Applied apply(const AckDeviceMessage &ack, qint64 nowMillis);
    Applied apply(const Purge &purge, qint64 nowMillis);
    Applied apply(const ProveId &proof, qint64 nowMillis);

    /** Takes over what `vauchi-relay forget-proof` has changed beside this process. */
    void reloadProvenIds();

    /** Writes, and changes nothing: proof that storage can be written. */
    bool touch();

    /** Removes up to SweepStep rows of each kind that have expired; `mayHaveMore` is set if so. */
    Applied sweep(qint64 nowMillis, bool &mayHaveMore);
    /** Unix milliseconds; nothing while there is no blob. */
    std::optional<qint64> oldestBlob() const;
    /** Proofs that have expired and were not swept yet. */
    qint64 expiredProofs(qint64 nowMillis) const;

private:
    struct Statements;
    struct Purged;
    /** A blob that is in the index, and is acknowledged in the open transaction. */
    struct Acked {
        Id mailbox;
        qint64 size = 0;
        bool isRemoved = false;
    };

    /** Runs `query` with `values` bound in order. */
    template <typename... Values>
    bool run(QSqlQuery &query, const Values &...values) const;
    qint64 nextTime(qint64 nowMillis) const;
    bool hasRoom(qint64 payloadBytes) const;
    Applied failed();
    std::optional<Usage> removeRows(QSqlQuery &query, std::vector<Sequence> *removed);
    bool removePurged(const Purge &purge, Purged &gone);
    bool sweepBlobs(qint64 before, Applied &applied, bool &mayHaveMore);
    bool sweepDeviceMessages(qint64 before, bool &mayHaveMore);
    bool sweepProofs(qint64 now, bool &mayHaveMore);
    bool sweepProvenIds(qint64 before, bool &mayHaveMore);
    bool saveTotals();
    bool loadRecent(Sequence indexedUpTo);
    /** Of at most UsagesAtOnce mailboxes, in their order; nothing if it cannot be read. */
    std::optional<std::vector<Usage>> mailboxUsages(std::span<const Id> mailboxes);
    /** Whether the row of a recent blob is all that is to be deleted: it is not in the index. */
    bool isUnindexed(Sequence sequence) const { return sequence > m_lastLoaded; }
    /** Reads what is to be known of the blobs that `batch` acknowledges. */
    void expectAcks(std::span<const StoreRequest> batch);
    /** Of at most RowsAtOnce sequences: what is there of them comes into m_acked. */
    void readAcked(std::span<const Sequence> sequences);
    /** Deletes what is in m_toDelete and m_toDeleteIndexed. */
    bool deleteRows();
    /** For what finds its rows itself: in the middle of a transaction, which is lost if it fails.
     */
    bool deleteRowsNow();
    /** `query` for each RowsAtOnce of the sequences. */
    bool runFor(std::span<const Sequence> sequences, std::span<QSqlQuery *const> queries);
    /** Moves a slice of the recent blobs to the index. */
    bool settle(size_t slice);
    bool settleWhatIsDue();

    Database &m_database;
    const StoreLimits m_limits;
    std::unique_ptr<Statements> m_statements;
    QByteArray m_idKey;
    StoreTotals m_totals;
    /** m_totals as the open transaction would leave them. */
    StoreTotals m_pending;
    RecentBlobs m_recent;
    /** Mailboxes that may hold something: recent blobs, and, once it was learnt, the index. */
    MailboxFilter m_filter;
    bool m_hasLearnt = false;
    /** By their sequences. */
    std::unordered_map<qint64, Acked> m_acked;
    /** Rows that are deleted together, at the end of the transaction. */
    std::vector<Sequence> m_toDelete;
    /** Those that are in the index too. */
    std::vector<Sequence> m_toDeleteIndexed;
    /** The last sequence when the store was loaded: up to it, recent blobs may be in the index. */
    Sequence m_lastLoaded;
    QuotaLedger<Id, IdHash> m_mailboxes;
    QuotaLedger<DeviceKey, DeviceKeyHash> m_deviceQueues;
    bool m_isLost = false;
};

} // namespace relay
