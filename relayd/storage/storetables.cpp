// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/storetables.h"

#include "relayd/relay/wireids.h"
#include "relayd/storage/values.h"

#include <QLoggingCategory>
#include <QRandomGenerator>
#include <QSqlError>
#include <QVariant>

#include <algorithm>
#include <array>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcTables, "relay.storage")

/** So many mailboxes are asked about, and so many rows read or deleted, in one statement. */
constexpr size_t UsagesAtOnce = 64;
constexpr size_t RowsAtOnce = 64;

QString placeholders(qsizetype count)
{
    return QStringLiteral("?") + QStringLiteral(", ?").repeated(count - 1);
}

/** To RowsAtOnce placeholders; those that are left are null, which no row is. */
void bindAll(QSqlQuery &query, std::span<const Sequence> sequences)
{
    for (size_t i = 0; i < RowsAtOnce; ++i)
        Database::bind(query, static_cast<int>(i),
            i < sequences.size() ? QVariant(sequences[i].value) : QVariant());
}

/** 16 random bytes for the key of the wire ids. */
QByteArray randomKey()
{
    QByteArray key(WireIds::KeySize, Qt::Uninitialized);
    QRandomGenerator::system()->generate(key.begin(), key.end());
    return key;
}

} // namespace

template <typename... Values>
bool StoreTables::run(QSqlQuery &query, const Values &...values) const
{
    Database::bindAll(query, values...);
    if (query.exec())
        return true;
    // The driver's text names statements and causes, never bound values.
    qCWarning(lcTables).noquote() << "a statement failed:" << query.lastError().text();
    m_database.noteError(query);
    return false;
}

struct StoreTables::Statements {
    explicit Statements(Database &db)
        : insertBlob(db.prepare(
            QStringLiteral("INSERT INTO blobs (sequence, recipient, sender, stored_at, ciphertext) "
                           "VALUES (?, ?, ?, ?, ?)")))
        , deleteBlob(
              db.prepare(QStringLiteral("DELETE FROM blobs WHERE sequence = ? AND recipient = ? "
                                        "RETURNING sequence, length(ciphertext)")))
        , ackedBlobs(db.prepare(QStringLiteral("SELECT sequence, recipient, length(ciphertext) "
                                               "FROM blobs WHERE sequence IN (%1)")
                                    .arg(placeholders(RowsAtOnce))))
        , deleteBlobs(db.prepare(QStringLiteral("DELETE FROM blobs WHERE sequence IN (%1)")
                                     .arg(placeholders(RowsAtOnce))))
        , deleteIndexOfBlobs(db.prepare(
              QStringLiteral("DELETE FROM mailbox_index WHERE (recipient, sequence) IN "
                             "(SELECT recipient, sequence FROM blobs WHERE sequence IN (%1))")
                  .arg(placeholders(RowsAtOnce))))
        , purgeBlobs(db.prepare(QStringLiteral(
              "DELETE FROM blobs WHERE sequence IN "
              "(SELECT sequence FROM mailbox_index WHERE recipient = ?) AND recipient = ? "
              "RETURNING sequence, length(ciphertext)")))
        , purgeIndex(db.prepare(QStringLiteral("DELETE FROM mailbox_index WHERE recipient = ?")))
        , indexedUsage(db.prepare(QStringLiteral(
              "SELECT i.recipient, count(*), sum(length(b.ciphertext)), max(b.sequence) "
              "FROM mailbox_index AS i JOIN blobs AS b ON b.sequence = i.sequence "
              "WHERE i.recipient IN (%1) GROUP BY i.recipient")
                                      .arg(placeholders(UsagesAtOnce))))
        , insertIndex(db.prepare(
              QStringLiteral("INSERT INTO mailbox_index (recipient, sequence) VALUES (?, ?) "
                             "ON CONFLICT DO NOTHING")))
        , deleteIndex(db.prepare(
              QStringLiteral("DELETE FROM mailbox_index WHERE recipient = ? AND sequence = ?")))
        , deleteIndexUpTo(db.prepare(
              QStringLiteral("DELETE FROM mailbox_index WHERE (recipient, sequence) IN "
                             "(SELECT recipient, sequence FROM blobs WHERE sequence <= ?)")))
        , oldestBlobs(db.prepare(
              QStringLiteral("SELECT sequence, stored_at, recipient, length(ciphertext) FROM blobs "
                             "ORDER BY sequence LIMIT ?")))
        , deleteBlobsUpTo(db.prepare(QStringLiteral("DELETE FROM blobs WHERE sequence <= ?")))
        , oldestBlob(
              db.prepare(QStringLiteral("SELECT stored_at FROM blobs ORDER BY sequence LIMIT 1")))
        , insertDeviceMessage(db.prepare(QStringLiteral(
              "INSERT INTO device_messages (sequence, client, device, version, sender_device, "
              "stored_at, payload) VALUES (?, ?, ?, ?, ?, ?, ?)")))
        , deleteDeviceMessage(db.prepare(QStringLiteral(
              "DELETE FROM device_messages WHERE sequence = ? AND client = ? AND device = ? "
              "RETURNING sequence, length(payload)")))
        , deviceUsage(db.prepare(QStringLiteral(
              "SELECT count(*), coalesce(sum(length(payload)), 0) FROM device_messages "
              "WHERE client = ? AND device = ?")))
        , devicesOfClient(db.prepare(QStringLiteral(
              "SELECT device, count(*), coalesce(sum(length(payload)), 0) FROM device_messages "
              "WHERE client = ? GROUP BY device")))
        , purgeDeviceMessages(
              db.prepare(QStringLiteral("DELETE FROM device_messages WHERE client = ?")))
        , oldestDeviceMessages(db.prepare(QStringLiteral(
              "SELECT sequence, stored_at, client, device, length(payload) FROM device_messages "
              "ORDER BY sequence LIMIT ?")))
        , deleteDeviceMessagesUpTo(
              db.prepare(QStringLiteral("DELETE FROM device_messages WHERE sequence <= ?")))
        , proofSize(
              db.prepare(QStringLiteral("SELECT length(proof) FROM proofs WHERE key_hash = ?")))
        , upsertProof(db.prepare(QStringLiteral(
              "INSERT INTO proofs (key_hash, expires_at, proof) VALUES (?, ?, ?) "
              "ON CONFLICT (key_hash) DO UPDATE SET expires_at = excluded.expires_at, "
              "proof = excluded.proof")))
        , deleteProof(db.prepare(
              QStringLiteral("DELETE FROM proofs WHERE key_hash = ? RETURNING 0, length(proof)")))
        , expiredProofs(db.prepare(
              QStringLiteral("SELECT key_hash FROM proofs WHERE expires_at <= ? LIMIT ?")))
        , countExpiredProofs(
              db.prepare(QStringLiteral("SELECT count(*) FROM proofs WHERE expires_at <= ?")))
        , provenAt(db.prepare(QStringLiteral("SELECT proven_at FROM proven_ids WHERE id = ?")))
        , upsertProvenId(db.prepare(
              QStringLiteral("INSERT INTO proven_ids (id, proven_at) VALUES (?, ?) "
                             "ON CONFLICT (id) DO UPDATE SET proven_at = excluded.proven_at")))
        , unusedProvenIds(db.prepare(QStringLiteral(
              "SELECT id FROM proven_ids WHERE proven_at <= ? "
              "AND NOT EXISTS (SELECT 1 FROM mailbox_index WHERE recipient = id) LIMIT ?")))
        , deleteProvenId(db.prepare(QStringLiteral("DELETE FROM proven_ids WHERE id = ?")))
        , provenIdCount(
              db.prepare(QStringLiteral("SELECT proven_id_count FROM state WHERE id = 1")))
        , saveTotals(db.prepare(QStringLiteral(
              "UPDATE state SET last_blob = ?, last_device_message = ?, last_time = ?, "
              "blob_count = ?, blob_bytes = ?, device_message_count = ?, device_message_bytes = ?, "
              "proof_count = ?, proof_bytes = ?, proven_id_count = proven_id_count + ?, "
              "indexed_up_to = ? WHERE id = 1")))
    {
    }

    QSqlQuery insertBlob;
    QSqlQuery deleteBlob;
    QSqlQuery ackedBlobs;
    QSqlQuery deleteBlobs;
    QSqlQuery deleteIndexOfBlobs;
    QSqlQuery purgeBlobs;
    QSqlQuery purgeIndex;
    QSqlQuery indexedUsage;
    QSqlQuery insertIndex;
    QSqlQuery deleteIndex;
    QSqlQuery deleteIndexUpTo;
    QSqlQuery oldestBlobs;
    QSqlQuery deleteBlobsUpTo;
    mutable QSqlQuery oldestBlob;
    QSqlQuery insertDeviceMessage;
    QSqlQuery deleteDeviceMessage;
    QSqlQuery deviceUsage;
    QSqlQuery devicesOfClient;
    QSqlQuery purgeDeviceMessages;
    QSqlQuery oldestDeviceMessages;
    QSqlQuery deleteDeviceMessagesUpTo;
    QSqlQuery proofSize;
    QSqlQuery upsertProof;
    QSqlQuery deleteProof;
    QSqlQuery expiredProofs;
    QSqlQuery countExpiredProofs;
    QSqlQuery provenAt;
    QSqlQuery upsertProvenId;
    QSqlQuery unusedProvenIds;
    QSqlQuery deleteProvenId;
    QSqlQuery provenIdCount;
    QSqlQuery saveTotals;
};

namespace {

/** The one row (count, bytes) of a query that has run. */
std::optional<Usage> usageOf(QSqlQuery &query, bool hasRun)
{
    if (!hasRun || !query.next())
        return std::nullopt;
    const Usage usage {query.value(0).toLongLong(), query.value(1).toLongLong()};
    query.finish();
    return usage;
}

} // namespace

StoreTables::StoreTables(Database &database, const StoreLimits &limits)
    : m_database(database)
    , m_limits(limits)
    , m_recent(limits.recent)
    , m_mailboxes(limits.mailbox,
          [this](const Id &id) {
              const auto usages = mailboxUsages({&id, 1});
              return usages ? std::optional(usages->front()) : std::nullopt;
          })
    , m_deviceQueues(limits.mailbox, [this](const DeviceKey &key) {
        QSqlQuery &query = m_statements->deviceUsage;
        return usageOf(query, run(query, toSql(key.client), toSql(key.device)));
    })
{
}

StoreTables::~StoreTables() = default;

bool StoreTables::load()
{
    QSqlQuery insert = m_database.prepare(
        QStringLiteral("INSERT OR IGNORE INTO state (id, id_key) VALUES (1, ?)"));
    if (!run(insert, randomKey()))
        return false;
    QSqlQuery select = m_database.prepare(QStringLiteral(
        "SELECT id_key, last_blob, last_device_message, last_time, blob_count, blob_bytes, "
        "device_message_count, device_message_bytes, proof_count, proof_bytes, proven_id_count, "
        "indexed_up_to FROM state WHERE id = 1"));
    if (!run(select) || !select.next())
        return false;
    const auto number = [&](int column) { return select.value(column).toLongLong(); };
    m_idKey = select.value(0).toByteArray();
    m_totals.lastBlob = {number(1)};
    m_totals.lastDeviceMessage = {number(2)};
    m_totals.lastTime = number(3);
    m_totals.blobs = {number(4), number(5)};
    m_totals.deviceMessages = {number(6), number(7)};
    m_totals.proofs = {number(8), number(9)};
    m_totals.provenIds = number(10);
    m_pending = m_totals;
    m_statements = std::make_unique<Statements>(m_database);
    return m_idKey.size() == WireIds::KeySize && loadRecent({number(11)});
}

bool StoreTables::loadRecent(Sequence indexedUpTo)
{
    m_lastLoaded = m_totals.lastBlob;
    QSqlQuery select = m_database.prepare(QStringLiteral(
        "SELECT sequence, recipient, length(ciphertext) FROM blobs WHERE sequence > ? "
        "ORDER BY sequence"));
    if (!run(select, indexedUpTo.value))
        return false;
    while (select.next()) {
        if (const auto mailbox = Id::fromBytes(select.value(1).toByteArray()))
            m_recent.add({{select.value(0).toLongLong()}, *mailbox, select.value(2).toInt()});
    }
    m_database.noteError(select);
    m_recent.commit();
    if (select.lastError().isValid())
        return false;
    beginLearning();
    m_hasLearnt = m_totals.blobs.count == 0;
    return true;
}

void StoreTables::beginLearning()
{
    m_hasLearnt = false;
    m_filter.clear();
    for (size_t slice = 0; slice < RecentBlobs::Slices; ++slice) {
        for (const RecentBlobs::Blob &blob : m_recent.slice(slice))
            m_filter.add(blob.mailbox);
    }
}

void StoreTables::learn(const MailboxFilter &indexed)
{
    // What came into the index since beginLearning() was recent then, or was stored since.
    m_filter.merge(indexed);
    m_hasLearnt = true;
}

bool StoreTables::shouldLearnAnew() const
{
    const auto stored = static_cast<size_t>(std::max(m_totals.blobs.count, qint64(0)));
    return m_filter.added() > MailboxFilter::Capacity && stored < MailboxFilter::Capacity / 2;
}

bool StoreTables::begin()
{
    m_isLost = false;
    return m_database.begin();
}

bool StoreTables::commit()
{
    const bool isReady =
        !m_isLost && deleteRows() && settleWhatIsDue() && saveTotals() && !m_isLost;
    if (!isReady || !m_database.commit()) {
        rollback();
        return false;
    }
    m_totals = m_pending;
    m_acked.clear();
    m_recent.commit();
    m_mailboxes.commit();
    m_deviceQueues.commit();
    return true;
}

void StoreTables::rollback()
{
    m_database.rollback();
    m_pending = m_totals;
    m_acked.clear();
    m_toDelete.clear();
    m_toDeleteIndexed.clear();
    m_recent.rollback();
    m_mailboxes.rollback();
    m_deviceQueues.rollback();
}

bool StoreTables::saveTotals()
{
    const StoreTotals &t = m_pending;
    // Another process may forget a proof meanwhile, so this one number is changed, not set.
    const qint64 moreProvenIds = t.provenIds - m_totals.provenIds;
    if (run(m_statements->saveTotals, t.lastBlob.value, t.lastDeviceMessage.value, t.lastTime,
            t.blobs.count, t.blobs.bytes, t.deviceMessages.count, t.deviceMessages.bytes,
            t.proofs.count, t.proofs.bytes, moreProvenIds, m_recent.settledUpTo(t.lastBlob).value))
        return true;
    failed();
    return false;
}

void StoreTables::reloadProvenIds()
{
    QSqlQuery &query = m_statements->provenIdCount;
    if (!run(query) || !query.next())
        return;
    m_totals.provenIds = m_pending.provenIds = query.value(0).toLongLong();
    query.finish();
}

bool StoreTables::touch()
{
    // SQLite writes nothing where nothing changed: the count goes up, and the commit puts it back.
    if (!begin())
        return false;
    QSqlQuery change =
        m_database.prepare(QStringLiteral("UPDATE state SET blob_count = blob_count + 1"));
    if (run(change))
        return commit();
    rollback();
    return false;
}

Applied StoreTables::failed()
{
    m_isLost = m_isLost || !m_database.isTransactionOpen();
    return Applied::of(ApplyResult::Failed);
}

qint64 StoreTables::nextTime(qint64 nowMillis) const
{
    return std::max(nowMillis, m_pending.lastTime);
}

bool StoreTables::hasRoom(qint64 payloadBytes) const
{
    return m_limits.maxStorageBytes == 0
        || m_pending.storedBytes() + payloadBytes + StoreTotals::RowOverhead
        <= m_limits.maxStorageBytes;
}

Applied StoreTables::apply(const StoreBlob &store, qint64 nowMillis)
{
    const qint64 size = store.ciphertext.size();
    if (!hasRoom(size))
        return Applied::of(ApplyResult::StoreFull);
    const auto answer = m_mailboxes.ask(store.recipient, size);
    if (answer == QuotaAnswer::Full)
        return Applied::of(ApplyResult::QuotaFull);
    if (answer == QuotaAnswer::Unknown)
        return failed();

    Applied applied;
    applied.sequence = {m_pending.lastBlob.value + 1};
    applied.storedAt = nextTime(nowMillis);
    if (!run(m_statements->insertBlob, applied.sequence.value, toSql(store.recipient),
            toSql(store.sender), applied.storedAt, notNull(store.ciphertext)))
        return failed();
    m_recent.add({applied.sequence, store.recipient, static_cast<qint32>(size)});
    m_filter.add(store.recipient);
    m_pending.lastBlob = applied.sequence;
    m_pending.lastTime = applied.storedAt;
    m_pending.blobs += Usage {1, size};
    m_mailboxes.added(store.recipient, size);
    return applied;
}

Applied StoreTables::apply(const StoreDeviceMessage &store, qint64 nowMillis)
{
    const qint64 size = store.payload.size();
    if (!hasRoom(size))
        return Applied::of(ApplyResult::StoreFull);
    const auto answer = m_deviceQueues.ask(store.target, size);
    if (answer == QuotaAnswer::Full)
        return Applied::of(ApplyResult::QuotaFull);
    if (answer == QuotaAnswer::Unknown)
        return failed();

    Applied applied;
    applied.sequence = {m_pending.lastDeviceMessage.value + 1};
    applied.storedAt = nextTime(nowMillis);
    if (!run(m_statements->insertDeviceMessage, applied.sequence.value, toSql(store.target.client),
            toSql(store.target.device), versionToSql(store.version), store.senderDevice.toCompact(),
            applied.storedAt, notNull(store.payload)))
        return failed();
    m_pending.lastDeviceMessage = applied.sequence;
    m_pending.lastTime = applied.storedAt;
    m_pending.deviceMessages += Usage {1, size};
    m_deviceQueues.added(store.target, size);
    return applied;
}

Applied StoreTables::apply(const StoreProof &store, qint64 nowMillis)
{
    QSqlQuery &before = m_statements->proofSize;
    if (!run(before, toSql(store.keyHash)))
        return failed();
    const bool isNew = !before.next();
    const qint64 sizeBefore = isNew ? 0 : before.value(0).toLongLong();
    before.finish();
    const qint64 size = store.proof.size();
    if (!hasRoom(isNew ? size : std::max(size - sizeBefore, qint64(0))))
        return Applied::of(ApplyResult::StoreFull);

    const qint64 expires =
        nowMillis + std::chrono::duration_cast<std::chrono::milliseconds>(ProofLifetime).count();
    if (!run(m_statements->upsertProof, toSql(store.keyHash), expires, notNull(store.proof)))
        return failed();
    m_pending.proofs += Usage {isNew ? 1 : 0, size - sizeBefore};
    return {};
}

std::optional<Usage> StoreTables::removeRows(QSqlQuery &query, std::vector<Sequence> *removed)
{
    Usage gone;
    while (query.next()) {
        gone += Usage {1, query.value(1).toLongLong()};
        if (removed)
            removed->push_back({query.value(0).toLongLong()});
    }
    const bool ok = !query.lastError().isValid();
    m_database.noteError(query);
    query.finish();
    return ok ? std::optional(gone) : std::nullopt;
}

void StoreTables::expect(std::span<const StoreRequest> batch)
{
    expectAcks(batch);
    std::vector<Id> unknown;
    const auto read = [&] {
        if (const auto usages = mailboxUsages(unknown)) {
            for (size_t i = 0; i < unknown.size(); ++i)
                m_mailboxes.remember(unknown[i], (*usages)[i]);
        }
        unknown.clear();
    };
    for (const StoreRequest &request : batch) {
        const auto *store = std::get_if<StoreBlob>(&request.operation);
        if (!store || !m_mailboxes.isLimited())
            continue;
        if (m_hasLearnt && !m_filter.mayHold(store->recipient))
            m_mailboxes.remember(store->recipient, {});
        else if (!m_mailboxes.knows(store->recipient))
            unknown.push_back(store->recipient);
        if (unknown.size() == UsagesAtOnce)
            read();
    }
    if (!unknown.empty())
        read();
}

void StoreTables::expectAcks(std::span<const StoreRequest> batch)
{
    std::vector<Sequence> acked;
    for (const StoreRequest &request : batch) {
        const auto *ack = std::get_if<AckBlob>(&request.operation);
        if (!ack || (isUnindexed(ack->sequence) && m_recent.find(ack->mailbox, ack->sequence)))
            continue;
        acked.push_back(ack->sequence);
        if (acked.size() == RowsAtOnce)
            readAcked(std::exchange(acked, {}));
    }
    // One by itself is deleted without being read first.
    if (acked.size() > 1)
        readAcked(acked);
}

void StoreTables::readAcked(std::span<const Sequence> sequences)
{
    QSqlQuery &query = m_statements->ackedBlobs;
    bindAll(query, sequences);
    // What cannot be read now fails when it is deleted.
    if (!run(query))
        return;
    while (query.next()) {
        if (const auto mailbox = Id::fromBytes(query.value(1).toByteArray()))
            m_acked.insert_or_assign(
                query.value(0).toLongLong(), Acked {*mailbox, query.value(2).toLongLong()});
    }
    m_database.noteError(query);
    query.finish();
}

std::optional<std::vector<Usage>> StoreTables::mailboxUsages(std::span<const Id> mailboxes)
{
    // The index is to say what is left.
    if (!m_toDeleteIndexed.empty() && !deleteRowsNow())
        return std::nullopt;
    QSqlQuery &query = m_statements->indexedUsage;
    for (size_t i = 0; i < UsagesAtOnce; ++i)
        Database::bind(query, static_cast<int>(i),
            i < mailboxes.size() ? QVariant(toSql(mailboxes[i])) : QVariant());
    if (!run(query))
        return std::nullopt;
    struct Indexed {
        Usage usage;
        Sequence last;
    };
    std::unordered_map<Id, Indexed> indexed;
    while (query.next()) {
        const Usage usage {query.value(1).toLongLong(), query.value(2).toLongLong()};
        if (const auto mailbox = Id::fromBytes(query.value(0).toByteArray()))
            indexed.emplace(*mailbox, Indexed {usage, {query.value(3).toLongLong()}});
    }
    const bool ok = !query.lastError().isValid();
    m_database.noteError(query);
    query.finish();
    if (!ok)
        return std::nullopt;

    std::vector<Usage> usages;
    for (const Id &mailbox : mailboxes) {
        const auto found = indexed.find(mailbox);
        Indexed known = found == indexed.end() ? Indexed {} : found->second;
        for (const RecentBlobs::Blob &blob : m_recent.pendingOf(mailbox)) {
            // One that was loaded may be in the index too.
            if (blob.sequence > known.last)
                known.usage += Usage {1, blob.size};
        }
        usages.push_back(known.usage);
    }
    return usages;
}

bool StoreTables::deleteRows()
{
    // Neighbours share a page.
    std::ranges::sort(m_toDelete);
    std::ranges::sort(m_toDeleteIndexed);
    Statements &s = *m_statements;
    const std::array rows {&s.deleteBlobs};
    // Their rows say where in the index they are.
    const std::array entriesAndRows {&s.deleteIndexOfBlobs, &s.deleteBlobs};
    if (!runFor(m_toDelete, rows) || !runFor(m_toDeleteIndexed, entriesAndRows))
        return false;
    m_toDelete.clear();
    m_toDeleteIndexed.clear();
    return true;
}

bool StoreTables::runFor(std::span<const Sequence> sequences, std::span<QSqlQuery *const> queries)
{
    while (!sequences.empty()) {
        const auto some = sequences.first(std::min(sequences.size(), RowsAtOnce));
        for (QSqlQuery *query : queries) {
            bindAll(*query, some);
            if (!run(*query))
                return false;
        }
        sequences = sequences.subspan(some.size());
    }
    return true;
}

bool StoreTables::deleteRowsNow()
{
    if (deleteRows()) {
        m_acked.clear();
        return true;
    }
    // Half of it must not be committed.
    m_isLost = true;
    return false;
}

bool StoreTables::settle(size_t slice)
{
    RecentBlobs::Slice blobs = m_recent.slice(slice);
    std::ranges::stable_sort(blobs, {}, &RecentBlobs::Blob::mailbox);
    for (const RecentBlobs::Blob &blob : blobs) {
        if (!run(m_statements->insertIndex, toSql(blob.mailbox), blob.sequence.value))
            return false;
    }
    m_recent.settle(slice);
    return true;
}

bool StoreTables::settleWhatIsDue()
{
    while (const auto due = m_recent.dueSlice(m_pending.lastBlob)) {
        if (!settle(*due))
            return false;
    }
    return true;
}

bool StoreTables::settleAll()
{
    bool ok = begin();
    for (size_t slice = 0; ok && slice < RecentBlobs::Slices; ++slice)
        ok = settle(slice);
    if (ok)
        return commit();
    rollback();
    return false;
}

Applied StoreTables::apply(const AckBlob &ack, qint64)
{
    Applied applied;
    applied.sequence = ack.sequence;
    if (m_recent.isRemoved(ack.mailbox, ack.sequence))
        return applied;
    Usage gone;
    const auto recent = m_recent.find(ack.mailbox, ack.sequence);
    if (recent && isUnindexed(ack.sequence)) {
        gone = {1, recent->size};
        m_toDelete.push_back(ack.sequence);
    } else if (const auto known = m_acked.find(ack.sequence.value); known != m_acked.end()) {
        Acked &acked = known->second;
        if (acked.mailbox != ack.mailbox || std::exchange(acked.isRemoved, true))
            return applied;
        gone = {1, acked.size};
        m_toDeleteIndexed.push_back(ack.sequence);
    } else {
        QSqlQuery &query = m_statements->deleteBlob;
        if (!run(query, ack.sequence.value, toSql(ack.mailbox)))
            return failed();
        const auto removed = removeRows(query, nullptr);
        if (!removed)
            return failed();
        gone = *removed;
        if (gone.count > 0
            && !run(m_statements->deleteIndex, toSql(ack.mailbox), ack.sequence.value)) {
            // Half of it must not be committed.
            m_isLost = true;
            return Applied::of(ApplyResult::Failed);
        }
    }
    if (recent)
        m_recent.remove(ack.mailbox, ack.sequence);
    applied.wasThere = gone.count > 0;
    m_pending.blobs -= gone;
    m_mailboxes.removed(ack.mailbox, gone);
    return applied;
}

Applied StoreTables::apply(const AckDeviceMessage &ack, qint64)
{
    QSqlQuery &query = m_statements->deleteDeviceMessage;
    if (!run(query, ack.sequence.value, toSql(ack.device.client), toSql(ack.device.device)))
        return failed();
    const auto gone = removeRows(query, nullptr);
    if (!gone)
        return failed();
    Applied applied;
    applied.wasThere = gone->count > 0;
    m_pending.deviceMessages -= *gone;
    m_deviceQueues.removed(ack.device, *gone);
    return applied;
}

struct StoreTables::Purged {
    Applied applied;
    Usage blobs;
    /** Of the blobs, those whose rows are still to be deleted. */
    std::vector<Sequence> unindexed;
    std::vector<std::pair<DeviceKey, Usage>> deviceQueues;
    Usage proofs;
};

Applied StoreTables::apply(const Purge &purge, qint64)
{
    // It finds its rows itself.
    if (!deleteRowsNow())
        return Applied::of(ApplyResult::Failed);
    // Several statements, but one operation: what fails must not leave half of it behind.
    Purged gone;
    if (!m_database.exec(QStringLiteral("SAVEPOINT purge")))
        return failed();
    if (!removePurged(purge, gone)) {
        m_database.exec(QStringLiteral("ROLLBACK TO purge"));
        m_database.exec(QStringLiteral("RELEASE purge"));
        return failed();
    }
    if (!m_database.exec(QStringLiteral("RELEASE purge")))
        return failed();
    m_pending.blobs -= gone.blobs;
    m_mailboxes.removed(purge.mailbox, gone.blobs);
    for (const Sequence sequence : gone.applied.removedBlobs)
        m_recent.remove(purge.mailbox, sequence);
    m_toDelete.insert(m_toDelete.end(), gone.unindexed.begin(), gone.unindexed.end());
    for (const auto &[device, usage] : gone.deviceQueues) {
        m_deviceQueues.removed(device, usage);
        m_pending.deviceMessages -= usage;
    }
    m_pending.proofs -= gone.proofs;
    return gone.applied;
}

bool StoreTables::removePurged(const Purge &purge, Purged &gone)
{
    PurgeResponse &counts = gone.applied.purged;
    QSqlQuery &blobs = m_statements->purgeBlobs;
    const QByteArray mailbox = toSql(purge.mailbox);
    if (!run(blobs, mailbox, mailbox))
        return false;
    const auto indexed = removeRows(blobs, &gone.applied.removedBlobs);
    if (!indexed || !run(m_statements->purgeIndex, mailbox))
        return false;
    gone.blobs = *indexed;
    for (const RecentBlobs::Blob &blob : m_recent.pendingOf(purge.mailbox)) {
        if (isUnindexed(blob.sequence)) {
            gone.unindexed.push_back(blob.sequence);
            gone.applied.removedBlobs.push_back(blob.sequence);
            gone.blobs += Usage {1, blob.size};
            continue;
        }
        QSqlQuery &row = m_statements->deleteBlob;
        if (!run(row, blob.sequence.value, mailbox))
            return false;
        const auto removed = removeRows(row, &gone.applied.removedBlobs);
        if (!removed)
            return false;
        gone.blobs += *removed;
    }
    counts.blobsDeleted = static_cast<quint64>(gone.blobs.count);

    if (purge.devicesOf) {
        QSqlQuery &devices = m_statements->devicesOfClient;
        if (!run(devices, toSql(*purge.devicesOf)))
            return false;
        while (devices.next()) {
            const Id device = Id::fromBytes(devices.value(0).toByteArray()).value_or(Id {});
            const Usage usage {devices.value(1).toLongLong(), devices.value(2).toLongLong()};
            gone.deviceQueues.push_back({{*purge.devicesOf, device}, usage});
            counts.deviceSyncDeleted += static_cast<quint64>(usage.count);
        }
        m_database.noteError(devices);
        devices.finish();
        if (!run(m_statements->purgeDeviceMessages, toSql(*purge.devicesOf)))
            return false;
    }
    if (purge.proof) {
        QSqlQuery &proof = m_statements->deleteProof;
        if (!run(proof, toSql(*purge.proof)))
            return false;
        const auto goneProof = removeRows(proof, nullptr);
        if (!goneProof)
            return false;
        gone.proofs = *goneProof;
        counts.recoveryProofsDeleted = static_cast<quint64>(gone.proofs.count);
    }
    return true;
}

Applied StoreTables::apply(const ProveId &proof, qint64 nowMillis)
{
    QSqlQuery &before = m_statements->provenAt;
    if (!run(before, toSql(proof.id)))
        return failed();
    Applied applied;
    applied.isFirstProof = !before.next();
    before.finish();
    if (applied.isFirstProof && !hasRoom(0))
        return Applied::of(ApplyResult::StoreFull);
    if (!run(m_statements->upsertProvenId, toSql(proof.id), nextTime(nowMillis)))
        return failed();
    m_pending.provenIds += applied.isFirstProof;
    return applied;
}

Applied StoreTables::sweep(qint64 nowMillis, bool &mayHaveMore)
{
    using std::chrono::milliseconds;
    const qint64 before =
        nowMillis - std::chrono::duration_cast<milliseconds>(m_limits.timeToLive).count();
    Applied applied;
    mayHaveMore = false;
    if (!sweepBlobs(before, applied, mayHaveMore) || !sweepDeviceMessages(before, mayHaveMore)
        || !sweepProofs(nowMillis, mayHaveMore) || !sweepProvenIds(before, mayHaveMore))
        return failed();
    return applied;
}

bool StoreTables::sweepBlobs(qint64 before, Applied &applied, bool &mayHaveMore)
{
    QSqlQuery &oldest = m_statements->oldestBlobs;
    if (!deleteRowsNow() || !run(oldest, SweepStep))
        return false;
    Usage all;
    Sequence last;
    while (oldest.next() && oldest.value(1).toLongLong() <= before) {
        last = {oldest.value(0).toLongLong()};
        const Usage one {1, oldest.value(3).toLongLong()};
        if (const auto recipient = Id::fromBytes(oldest.value(2).toByteArray())) {
            m_mailboxes.removed(*recipient, one);
            m_recent.remove(*recipient, last);
        }
        all += one;
        applied.removedBlobs.push_back(last);
    }
    m_database.noteError(oldest);
    oldest.finish();
    if (all.count == 0)
        return true;
    mayHaveMore |= all.count == SweepStep;
    m_pending.blobs -= all;
    return run(m_statements->deleteIndexUpTo, last.value)
        && run(m_statements->deleteBlobsUpTo, last.value);
}

bool StoreTables::sweepDeviceMessages(qint64 before, bool &mayHaveMore)
{
    QSqlQuery &oldest = m_statements->oldestDeviceMessages;
    if (!run(oldest, SweepStep))
        return false;
    Usage all;
    qint64 last = 0;
    while (oldest.next() && oldest.value(1).toLongLong() <= before) {
        last = oldest.value(0).toLongLong();
        const Usage one {1, oldest.value(4).toLongLong()};
        const auto client = Id::fromBytes(oldest.value(2).toByteArray());
        const auto device = Id::fromBytes(oldest.value(3).toByteArray());
        if (client && device)
            m_deviceQueues.removed({*client, *device}, one);
        all += one;
    }
    m_database.noteError(oldest);
    oldest.finish();
    if (all.count == 0)
        return true;
    mayHaveMore |= all.count == SweepStep;
    m_pending.deviceMessages -= all;
    return run(m_statements->deleteDeviceMessagesUpTo, last);
}

bool StoreTables::sweepProofs(qint64 now, bool &mayHaveMore)
{
    QSqlQuery &expired = m_statements->expiredProofs;
    if (!run(expired, now, SweepStep))
        return false;
    std::vector<QByteArray> hashes;
    while (expired.next())
        hashes.push_back(expired.value(0).toByteArray());
    m_database.noteError(expired);
    expired.finish();
    for (const QByteArray &hash : hashes) {
        QSqlQuery &remove = m_statements->deleteProof;
        if (!run(remove, hash))
            return false;
        const auto gone = removeRows(remove, nullptr);
        if (!gone)
            return false;
        m_pending.proofs -= *gone;
    }
    mayHaveMore |= hashes.size() == SweepStep;
    return true;
}

bool StoreTables::sweepProvenIds(qint64 before, bool &mayHaveMore)
{
    QSqlQuery &unused = m_statements->unusedProvenIds;
    if (!run(unused, before, SweepStep))
        return false;
    std::vector<QByteArray> ids;
    while (unused.next())
        ids.push_back(unused.value(0).toByteArray());
    m_database.noteError(unused);
    unused.finish();
    qint64 gone = 0;
    for (const QByteArray &id : ids) {
        if (const auto mailbox = Id::fromBytes(id); mailbox && m_recent.hasMailbox(*mailbox))
            continue;
        if (!run(m_statements->deleteProvenId, id))
            return false;
        ++gone;
    }
    m_pending.provenIds -= gone;
    // Whoever was passed over would only be found again.
    mayHaveMore |= gone == SweepStep;
    return true;
}

std::optional<qint64> StoreTables::oldestBlob() const
{
    QSqlQuery &query = m_statements->oldestBlob;
    if (!run(query) || !query.next())
        return std::nullopt;
    const qint64 time = query.value(0).toLongLong();
    query.finish();
    return time;
}

qint64 StoreTables::expiredProofs(qint64 nowMillis) const
{
    QSqlQuery &query = m_statements->countExpiredProofs;
    if (!run(query, nowMillis) || !query.next())
        return 0;
    const qint64 count = query.value(0).toLongLong();
    query.finish();
    return count;
}

} // namespace relay
