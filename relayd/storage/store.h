// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/quotaledger.h"
#include "relayd/relay/storerequests.h"
#include "relayd/storage/storetotals.h"
#include "shared/protocol/messages.h"

#include <QByteArray>
#include <QString>

#include <optional>
#include <span>
#include <vector>

namespace relay {

enum class ApplyResult {
    Done,
    QuotaFull, ///< of the mailbox or the device's queue
    StoreFull, ///< RELAY_MAX_STORAGE_BYTES, or no disk space
    Used,      ///< a nonce that was used before
    Failed,    ///< the database could not
};

/** What one operation came to, provided that its transaction commits. */
struct Applied {
    static Applied of(ApplyResult result)
    {
        Applied applied;
        applied.result = result;
        return applied;
    }

    ApplyResult result = ApplyResult::Done;
    /** Of what was stored. */
    Sequence sequence;
    /** Unix milliseconds, of what was stored. */
    qint64 storedAt = 0;
    /** Of an ack: the row was there. */
    bool wasThere = false;
    PurgeResponse purged;
    /** Of a proof of an id: it was not proven before. */
    bool isFirstProof = false;
    /** The blobs that a purge or a sweep removed. */
    std::vector<Sequence> removedBlobs;
};

/** Whether there is disk for more, or what is left of it is kept for deletions. */
enum class Room { Free, KeptForDeletions };

/**
 * What the writer asks of the database behind it: SqliteStore (a file, or memory) or PostgresStore
 * (a server that several relays share). Belongs to the writer thread.
 */
class Store {
public:
    Store() = default;
    virtual ~Store() = default;
    Store(const Store &) = delete;
    Store &operator=(const Store &) = delete;

    /** The key of the wire ids. */
    virtual QByteArray idKey() const = 0;
    /** As committed. */
    virtual const StoreTotals &totals() const = 0;

    /**
     * Applies a batch, in order, in ONE transaction, which is on disk when this returns: one result
     * for each request. False: nothing of it happened. `nowMillis`: the wall clock.
     */
    virtual bool apply(std::span<const StoreRequest> batch, qint64 nowMillis, Room room,
        std::vector<Applied> &results) = 0;
    /**
     * Removes some of what has expired, in a transaction of its own; `mayHaveMore` is set if there
     * may be more. Nothing: it failed.
     */
    virtual std::optional<Applied> sweep(qint64 nowMillis, bool &mayHaveMore) = 0;
    /** Gives some unused space back. False: there is none, or it cannot be done now. */
    virtual bool giveSpaceBack() = 0;
    /** Almost all of a long log was moved into the database: the rest, between two commits. */
    virtual void finishCheckpoint() { }
    /** Commits something and changes nothing: proof that storage can be written. */
    virtual bool touch() = 0;

    /** Takes over into totals() what others have changed beside this process. */
    virtual void refreshTotals() = 0;
    /** Unix milliseconds; nothing while there is no blob. */
    virtual std::optional<qint64> oldestBlob() const = 0;
    /** Proofs that have expired and were not swept yet. */
    virtual qint64 expiredProofs(qint64 nowMillis) const = 0;
    /** Since the last call, a statement met damage in the database. */
    virtual bool hasMetDamage() = 0;

    /** Why the last thing tried failed, where that helps an operator; empty: nothing is known. */
    virtual QString problem() const { return {}; }

    /** Whether others store too, so that what this relay knows of the store may be old. */
    virtual bool isShared() const = 0;

    /** At the end of the process, unless damage was met: leaves nothing to do to the next start. */
    virtual void settle() { }
    /** After that, always. */
    virtual void close() { }
};

} // namespace relay
