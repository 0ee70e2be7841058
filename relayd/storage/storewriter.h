// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/inbox.h"
#include "relayd/relay/iocontext.h"
#include "relayd/relay/ioinboxes.h"
#include "relayd/relay/receipts.h"
#include "relayd/relay/sweepguard.h"
#include "relayd/storage/database.h"
#include "relayd/storage/recentblobs.h"
#include "relayd/storage/relaybus.h"
#include "relayd/storage/store.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <span>

namespace relay {

class SqliteStore;

/** What the writer says of the store, each time it changes. */
struct StoreHealth {
    /** The last thing tried was committed. */
    bool isWritable = false;
    /** At least RELAY_MIN_FREE_BYTES are free. */
    bool hasFreeSpace = true;
    /** Less than RELAY_MAX_STORAGE_BYTES are stored. */
    bool isUnderLimit = true;
    /** Damage was met: nothing is written any more until an integrity check finds none. */
    bool isDamaged = false;
    /** Why it is not writable, where that is known. */
    QString problem {};

    bool operator==(const StoreHealth &) const = default;
};

/**
 * The one thread that changes the store. Takes everything that waits in its inbox, applies it in
 * order in ONE transaction, commits, and only then answers, pushes and sends receipts.
 *
 * A worker object: moved to its thread; everything but inbox() is called there.
 */
class StoreWriter : public QObject {
    Q_OBJECT

public:
    /**
     * At most so many requests in one transaction, so that no answer waits for too many. The acks
     * of mailboxes that are emptied side by side touch the same pages: the more of them, the
     * better.
     */
    static constexpr size_t MaxBatch = 4096;
    /** At least one commit in this time, so that /ready knows whether storage can be written. */
    static constexpr std::chrono::seconds ProbeInterval {30};
    /** The same while the last commit failed: how fast a relay notices that it works again. */
    static constexpr std::chrono::seconds RetryInterval {2};

    struct Links {
        RelayContext &relay;
        const IoInboxes &io;
        /** Where queries go once what was before them is committed. */
        Inbox<ReadRequest> &reader;
        /** Called on the writer's thread. */
        std::function<void(const StoreHealth &)> healthChanged;
        /** Where the other relays of the store are told, if there may be any. */
        Inbox<BusNote> *bus = nullptr;
    };

    explicit StoreWriter(const Links &links);
    ~StoreWriter() override;

    /** Any thread posts here. */
    Inbox<StoreRequest> &inbox() { return m_inbox; }

    /** Opens and migrates the database, and proves that it can be written. */
    std::optional<StartFault> open(const DatabaseConfig &config, const QString &dataDir);
    /** The key of the wire ids. After open(). */
    QByteArray idKey() const { return m_store->idKey(); }
    /** SQLite's connection, for a reader that has to share it (memory). After open(). */
    Database &database();
    /** For SQLite's reader. From open() to close(). */
    const RecentBlobs &recentBlobs() const;

    /** Applies what still waits, empties the log, closes. */
    void close();

private:
    void drain();
    void applyBatch(std::span<StoreRequest> batch);

    void publish(StoreRequest &request, Applied &applied);
    void publishStored(StoreRequest &request, StoreBlob &store, const Applied &applied);
    void publishStored(StoreDeviceMessage &store, const Applied &applied);
    void announceProof(const Id &id);
    /** For the other relays, with what else this batch brings. */
    void tellOthers(const BusNote &note);
    void reply(StoreRequest &request, const Applied &applied);
    void push(const Presence::Connections &to, ItemKind kind, const StoredItem &item);
    void sendReceipt(
        const std::optional<Receipts::Sender> &sender, AckStatus status, Sequence blob);
    void publishProgress();
    void publishGauges();

    void tick();
    void startSweep();
    void sweepStep();
    void vacuumStep();
    void finishCheckpoint();
    /** Calls `step` again when others have had as long as it took since `begun`. */
    void goOn(void (StoreWriter::*step)(), TimePoint begun);
    void noteCommit(bool ok);
    bool isDamaged();
    void checkSpace();
    void setHealth(const StoreHealth &health);

    const Links m_links;
    Inbox<StoreRequest> m_inbox;
    std::unique_ptr<Store> m_store;
    /** m_store, where it is one. */
    SqliteStore *m_sqlite = nullptr;
    QString m_dataDir;
    Receipts m_receipts;
    IoMail m_mail;
    std::vector<BusNote> m_notes;

    QTimer m_tick;
    QTimer m_sweepTimer;
    SweepGuard m_sweepGuard;
    StoreHealth m_health;
    TimePoint m_lastTry {};
    /** Held and counted, but expired: as of the last tick. */
    qint64 m_expiredProofs = 0;
};

} // namespace relay
