// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/storewriter.h"

#include "relayd/metrics/metrics.h"
#include "relayd/storage/datadir.h"
#include "relayd/storage/postgresstore.h"
#include "relayd/storage/sqlitestore.h"

#include <QLoggingCategory>

#include <algorithm>
#include <chrono>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcWriter, "relay.storage")

using std::chrono::duration;
using std::chrono::milliseconds;

StoreLimits limitsOf(const Settings &settings)
{
    return {{settings.maxBlobsPerRecipient, settings.maxBytesPerRecipient},
        settings.maxStorageBytes, settings.blobTtl};
}

bool isStore(const StoreOperation &operation)
{
    return std::holds_alternative<StoreBlob>(operation)
        || std::holds_alternative<StoreDeviceMessage>(operation)
        || std::holds_alternative<StoreProof>(operation);
}

StoreOutcome outcomeOf(ApplyResult result)
{
    switch (result) {
    case ApplyResult::Done:
        return StoreOutcome::Done;
    case ApplyResult::QuotaFull:
        return StoreOutcome::QuotaFull;
    case ApplyResult::StoreFull:
    case ApplyResult::Used:
        return StoreOutcome::Refused;
    case ApplyResult::Failed:
        return StoreOutcome::Failed;
    }
    Q_UNREACHABLE();
}

double toSeconds(qint64 millis)
{
    return static_cast<double>(millis) / 1e3;
}

} // namespace

StoreWriter::StoreWriter(const Links &links)
    : m_links(links)
    , m_inbox(
          [this] { QMetaObject::invokeMethod(this, &StoreWriter::drain, Qt::QueuedConnection); })
    , m_mail(links.io)
    , m_tick(this)
    , m_sweepTimer(this)
    , m_sweepGuard(links.relay.clock)
{
    connect(&m_tick, &QTimer::timeout, this, &StoreWriter::tick);
    connect(&m_sweepTimer, &QTimer::timeout, this, &StoreWriter::startSweep);
}

StoreWriter::~StoreWriter() = default;

Database &StoreWriter::database()
{
    return m_sqlite->database();
}

const RecentBlobs &StoreWriter::recentBlobs() const
{
    return m_sqlite->recentBlobs();
}

std::optional<StartFault> StoreWriter::open(const DatabaseConfig &config, const QString &dataDir)
{
    const StoreLimits limits = limitsOf(m_links.relay.settings);
    if (config.backend == StorageBackend::Postgres) {
        auto store = PostgresStore::open(config.postgres, limits);
        if (!store)
            return store.error();
        m_store = std::move(store).value();
    } else {
        auto store = SqliteStore::open(config, limits, dataDir);
        if (!store)
            return store.error();
        m_sqlite = store->get();
        m_store = std::move(store).value();
    }
    m_links.relay.progress.isShared = m_store->isShared();
    m_dataDir = dataDir;
    publishProgress();
    noteCommit(true);
    checkSpace();
    publishGauges();

    m_tick.start(std::chrono::seconds(1));
    // The first sweep soon, then one each interval.
    const std::chrono::seconds interval = m_links.relay.settings.cleanupInterval;
    m_sweepTimer.start(std::min(interval, std::chrono::seconds(60)));
    return std::nullopt;
}

void StoreWriter::close()
{
    drain();
    m_tick.stop();
    m_sweepTimer.stop();
    if (!m_store)
        return;
    if (!isDamaged())
        m_store->settle();
    m_store->close();
    m_sqlite = nullptr;
    m_store.reset();
}

void StoreWriter::drain()
{
    std::vector<StoreRequest> requests = m_inbox.take();
    // What comes after close() has nobody who waits for it any more.
    if (!m_store)
        return;
    std::span<StoreRequest> rest(requests);
    while (!rest.empty()) {
        const size_t size = std::min(rest.size(), MaxBatch);
        applyBatch(rest.first(size));
        rest = rest.subspan(size);
    }
}

void StoreWriter::applyBatch(std::span<StoreRequest> batch)
{
    std::vector<Applied> results;
    results.reserve(batch.size());
    const bool touchesRows = std::ranges::any_of(batch, [](const StoreRequest &request) {
        return !std::holds_alternative<NoteDelivered>(request.operation)
            && !std::holds_alternative<QueryProofs>(request.operation);
    });
    bool isCommitted = true;
    if (touchesRows) {
        const BusySince::Scope scope(m_links.relay.progress.writing, m_links.relay.clock);
        const TimePoint begun = m_links.relay.clock.now();
        // What is left of the disk is kept for deliveries, acks, purges and expiry.
        const Room room = m_health.hasFreeSpace ? Room::Free : Room::KeptForDeletions;
        isCommitted =
            !isDamaged() && m_store->apply(batch, m_links.relay.clock.unixMillis(), room, results);
        const duration<double> took = m_links.relay.clock.now() - begun;
        m_links.relay.metrics.storageCommitDurationSeconds.Observe(took.count());
        noteCommit(isCommitted);
    } else {
        results.resize(batch.size());
    }
    if (!isCommitted)
        results.assign(batch.size(), Applied::of(ApplyResult::Failed));

    publishProgress();
    size_t stored = 0;
    for (size_t i = 0; i < batch.size(); ++i) {
        stored += isStore(batch[i].operation) && results[i].result == ApplyResult::Done;
        publish(batch[i], results[i]);
    }
    if (stored > 0)
        m_links.relay.metrics.storageCommitBlobs.Observe(static_cast<double>(stored));
    if (touchesRows)
        publishGauges();
    m_mail.post();
    if (m_links.bus)
        m_links.bus->post(m_notes);
    finishCheckpoint();
}

void StoreWriter::tellOthers(const BusNote &note)
{
    if (m_links.bus)
        m_notes.push_back(note);
}

void StoreWriter::finishCheckpoint()
{
    if (!m_links.relay.progress.isLogLong.exchange(false) || isDamaged())
        return;
    const BusySince::Scope scope(m_links.relay.progress.writing, m_links.relay.clock);
    m_store->finishCheckpoint();
}

void StoreWriter::publish(StoreRequest &request, Applied &applied)
{
    Metrics &metrics = m_links.relay.metrics;
    if (auto *note = std::get_if<NoteDelivered>(&request.operation)) {
        for (const Sequence blob : note->sequences)
            sendReceipt(m_receipts.delivered(blob), AckStatus::Delivered, blob);
        return;
    }
    if (auto *query = std::get_if<QueryProofs>(&request.operation)) {
        m_links.reader.post(ProofRequest {std::move(request.origin), std::move(*query)});
        return;
    }
    // Receipts follow from deliveries, so from later batches: Stored is in the inbox before them.
    reply(request, applied);
    if (applied.result != ApplyResult::Done)
        return;
    if (auto *store = std::get_if<StoreBlob>(&request.operation)) {
        publishStored(request, *store, applied);
    } else if (auto *message = std::get_if<StoreDeviceMessage>(&request.operation)) {
        publishStored(*message, applied);
    } else if (std::holds_alternative<StoreProof>(request.operation)) {
        metrics.recoveryVouchersTotal.Increment();
    } else if (auto *proof = std::get_if<ProveId>(&request.operation)) {
        if (applied.isFirstProof)
            announceProof(proof->id);
    } else if (auto *ack = std::get_if<AckBlob>(&request.operation)) {
        if (!applied.wasThere)
            return;
        metrics.blobsAcknowledgedTotal.Increment();
        const auto sender = m_receipts.acknowledged(ack->sequence);
        if (!ack->suppressPresence)
            sendReceipt(sender, AckStatus::ReceivedByRecipient, ack->sequence);
    } else if (std::holds_alternative<Purge>(request.operation)) {
        metrics.blobsPurgedTotal.Increment(static_cast<double>(applied.removedBlobs.size()));
        for (const Sequence blob : applied.removedBlobs)
            m_receipts.forget(blob);
    }
}

void StoreWriter::publishStored(StoreRequest &request, StoreBlob &store, const Applied &applied)
{
    m_links.relay.metrics.blobsCreatedTotal.Increment();
    m_receipts.remember(applied.sequence, {store.senderRoutingId, request.origin.messageId});
    tellOthers({BusNote::Kind::Blob, store.recipient, {}, applied.sequence});
    const auto online = m_links.relay.presence.mailbox(store.recipient);
    if (online.isEmpty())
        return;
    push(online, ItemKind::Blob,
        {applied.sequence, 0, store.sender ? store.sender->toCompact() : QByteArray(),
            applied.storedAt, std::move(store.ciphertext)});
}

void StoreWriter::announceProof(const Id &id)
{
    // Whoever is there without a signature is told, and leaves; whoever comes later finds the row.
    for (const ConnectionId user : m_links.relay.presence.usersOf(id))
        m_mail.add(user, IdProven {user, id});
    tellOthers({BusNote::Kind::Proven, id, {}, {}});
}

void StoreWriter::publishStored(StoreDeviceMessage &store, const Applied &applied)
{
    tellOthers(
        {BusNote::Kind::DeviceMessage, store.target.client, store.target.device, applied.sequence});
    const auto online = m_links.relay.presence.device(store.target);
    if (online.isEmpty())
        return;
    push(online, ItemKind::DeviceMessage,
        {applied.sequence, store.version, store.senderDevice.toCompact(), applied.storedAt,
            std::move(store.payload)});
}

void StoreWriter::reply(StoreRequest &request, const Applied &applied)
{
    StoreReply reply;
    reply.outcome = outcomeOf(applied.result);
    reply.expectsStatus =
        isStore(request.operation) || std::holds_alternative<Purge>(request.operation);
    if (applied.result == ApplyResult::Done) {
        if (std::holds_alternative<StoreBlob>(request.operation))
            reply.stored = applied.sequence;
        else if (std::holds_alternative<Purge>(request.operation))
            reply.purged = applied.purged;
    }
    const ConnectionId to = request.origin.connection;
    // Receipts need the message id once more, for what was stored.
    reply.origin = request.origin;
    m_mail.add(to, std::move(reply));
}

void StoreWriter::push(const Presence::Connections &to, ItemKind kind, const StoredItem &item)
{
    auto &waiting = m_links.relay.progress.pushBytes;
    for (const ConnectionId connection : to) {
        ItemPush push {connection, kind, item.sequence, std::nullopt};
        if (waiting.load(std::memory_order_relaxed) < StoreProgress::MaxPushBytes) {
            waiting.fetch_add(item.payload.size(), std::memory_order_relaxed);
            push.item = item;
        }
        m_mail.add(connection, std::move(push));
    }
}

void StoreWriter::sendReceipt(
    const std::optional<Receipts::Sender> &sender, AckStatus status, Sequence blob)
{
    if (!sender)
        return;
    for (const ConnectionId to : m_links.relay.presence.mailbox(sender->routingId))
        m_mail.add(to, Receipt {to, sender->messageId, status, blob});
}

void StoreWriter::publishProgress()
{
    StoreProgress &progress = m_links.relay.progress;
    progress.lastDeviceMessage = m_store->totals().lastDeviceMessage.value;
    progress.provenIds = m_store->totals().provenIds;
}

void StoreWriter::publishGauges()
{
    const StoreTotals &totals = m_store->totals();
    Metrics &metrics = m_links.relay.metrics;
    metrics.blobsStored.Set(static_cast<double>(totals.blobs.count));
    metrics.recoveryProofsActive.Set(
        static_cast<double>(std::max(totals.proofs.count - m_expiredProofs, qint64(0))));
    metrics.provenIds.Set(static_cast<double>(totals.provenIds));
    metrics.storageBytes.Set(static_cast<double>(totals.storedBytes()));
}

void StoreWriter::noteCommit(bool ok)
{
    m_lastTry = m_links.relay.clock.now();
    const bool isWritable = !isDamaged() && ok;
    StoreHealth health = m_health;
    health.isWritable = isWritable;
    health.problem = isWritable ? QString() : m_store->problem();
    setHealth(health);
}

bool StoreWriter::isDamaged()
{
    std::atomic<bool> &isMet = m_links.relay.progress.isDamaged;
    if (m_store->hasMetDamage())
        isMet = true;
    StoreHealth health = m_health;
    health.isDamaged = isMet;
    // It is again once something was committed.
    if (health.isDamaged)
        health.isWritable = false;
    setHealth(health);
    return health.isDamaged;
}

void StoreWriter::checkSpace()
{
    const Settings &settings = m_links.relay.settings;
    StoreHealth health = m_health;
    if (!m_dataDir.isEmpty()) {
        const auto free = DataDir::freeBytes(m_dataDir);
        health.hasFreeSpace = !free || *free >= settings.minFreeBytes;
    }
    health.isUnderLimit = settings.maxStorageBytes == 0
        || m_store->totals().storedBytes() + StoreTotals::RowOverhead <= settings.maxStorageBytes;
    setHealth(health);
}

void StoreWriter::setHealth(const StoreHealth &health)
{
    if (health == m_health)
        return;
    if (health.isDamaged && !m_health.isDamaged)
        qCCritical(lcWriter).noquote()
            << QStringLiteral("the database in %1 is damaged: nothing is written to it any more, "
                              "and stores, acks and purges are refused. Nothing was deleted. Stop "
                              "the relay, see what is left of it with: vauchi-relay verify - and "
                              "put back a backup with: vauchi-relay restore FILE")
                   .arg(m_dataDir);
    else if (health.isWritable != m_health.isWritable && !health.isWritable)
        qCCritical(lcWriter).noquote()
            << QStringLiteral("the database cannot be written: stores are refused until it can%1")
                   .arg(health.problem.isEmpty() ? QString()
                                                 : QStringLiteral(" (%1)").arg(health.problem));
    if (health.hasFreeSpace != m_health.hasFreeSpace && !health.hasFreeSpace)
        qCCritical(lcWriter) << "less than RELAY_MIN_FREE_BYTES are free on the disk of"
                             << "RELAY_DATA_DIR: stores are refused until there is room";
    if (health.isUnderLimit != m_health.isUnderLimit && !health.isUnderLimit)
        qCCritical(lcWriter) << "RELAY_MAX_STORAGE_BYTES is reached: stores are refused";
    const StoreHealth healthy {.isWritable = true};
    if (health == healthy)
        qCInfo(lcWriter) << "storage can be written";
    m_health = health;
    m_links.healthChanged(health);
}

void StoreWriter::tick()
{
    const BusySince::Scope scope(m_links.relay.progress.writing, m_links.relay.clock);
    checkSpace();
    if (isDamaged())
        return;
    m_expiredProofs = m_store->expiredProofs(m_links.relay.clock.unixMillis());
    m_store->refreshTotals();
    publishProgress();
    publishGauges();
    const auto oldest = m_store->oldestBlob();
    m_links.relay.metrics.oldestBlobTimestampSeconds.Set(oldest ? toSeconds(*oldest) : 0);
    const auto due = m_health.isWritable ? ProbeInterval : RetryInterval;
    if (m_links.relay.clock.now() - m_lastTry >= due)
        noteCommit(m_store->touch());
}

void StoreWriter::startSweep()
{
    m_sweepTimer.setInterval(timerInterval(m_links.relay.settings.cleanupInterval));
    if (!m_sweepGuard.allows()) {
        qCWarning(lcWriter) << "the wall clock jumped since the last cleanup: nothing is deleted"
                            << "until the next one";
        return;
    }
    sweepStep();
}

void StoreWriter::sweepStep()
{
    if (!m_store || isDamaged())
        return;
    const BusySince::Scope scope(m_links.relay.progress.writing, m_links.relay.clock);
    const TimePoint begun = m_links.relay.clock.now();
    bool mayHaveMore = false;
    const auto applied = m_store->sweep(m_links.relay.clock.unixMillis(), mayHaveMore);
    noteCommit(applied.has_value());
    if (!applied)
        return;
    m_expiredProofs = 0;
    Metrics &metrics = m_links.relay.metrics;
    metrics.blobsExpiredTotal.Increment(static_cast<double>(applied->removedBlobs.size()));
    for (const Sequence blob : applied->removedBlobs)
        m_receipts.forget(blob);
    publishGauges();
    finishCheckpoint();
    if (mayHaveMore) {
        goOn(&StoreWriter::sweepStep, begun);
        return;
    }
    metrics.cleanupLastSuccessTimestampSeconds.Set(toSeconds(m_links.relay.clock.unixMillis()));
    vacuumStep();
}

void StoreWriter::vacuumStep()
{
    if (!m_store || isDamaged())
        return;
    const BusySince::Scope scope(m_links.relay.progress.writing, m_links.relay.clock);
    const TimePoint begun = m_links.relay.clock.now();
    // If it cannot be done now, the next sweep tries again.
    if (m_store->giveSpaceBack())
        goOn(&StoreWriter::vacuumStep, begun);
}

void StoreWriter::goOn(void (StoreWriter::*step)(), TimePoint begun)
{
    const auto took = std::chrono::ceil<milliseconds>(m_links.relay.clock.now() - begun);
    QTimer::singleShot(took, Qt::PreciseTimer, this, step);
}

} // namespace relay
