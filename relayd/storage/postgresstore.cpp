// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/postgresstore.h"

#include "relayd/relay/wireids.h"
#include "relayd/storage/migration.h"

#include <QLoggingCategory>
#include <QRandomGenerator>
#include <QVariant>

#include <algorithm>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcStore, "relay.storage")

/** So many rows has the table `totals`. */
constexpr qint64 Slots = 64;
/** Held by the relay that sweeps. */
constexpr qint64 SweepLock = 0x56527377;
/** Nonces older than this cannot come again. */
constexpr std::chrono::milliseconds NonceLifetime = SeenNonces::Lifetime;

QByteArray keyOf(const Id &mailbox)
{
    return mailbox.toBytes();
}

QByteArray keyOf(const DeviceKey &device)
{
    return device.client.toBytes() + device.device.toBytes();
}

QByteArray senderOf(const std::optional<WrittenId> &sender)
{
    return sender ? sender->toCompact() : QByteArray();
}

PostgresQueues::Layout mailboxLayout()
{
    return {QStringLiteral("mailboxes"), QStringLiteral("blobs"), QStringLiteral("blob_sequence"),
        {QStringLiteral("recipient")}, QStringLiteral("ciphertext"), QStringLiteral("sender"),
        false};
}

PostgresQueues::Layout deviceLayout()
{
    return {QStringLiteral("device_queues"), QStringLiteral("device_messages"),
        QStringLiteral("device_message_sequence"),
        {QStringLiteral("client"), QStringLiteral("device")}, QStringLiteral("payload"),
        QStringLiteral("sender_device"), true};
}

} // namespace

bool PostgresStore::Changes::isEmpty() const
{
    const auto isZero = [](const Usage &usage) { return usage.count == 0 && usage.bytes == 0; };
    return isZero(blobs) && isZero(deviceMessages) && isZero(proofs) && provenIds == 0;
}

PostgresStore::PostgresStore(const PostgresConfig &config, const StoreLimits &limits)
    : m_limits(limits)
    , m_noiseKey(config.noiseKey)
    , m_connection(config)
    , m_mailboxes(m_connection, mailboxLayout())
    , m_devices(m_connection, deviceLayout())
{
}

Result<std::unique_ptr<PostgresStore>, StartFault> PostgresStore::open(
    const PostgresConfig &config, const StoreLimits &limits)
{
    if (auto fault = missingPostgresDriver())
        return Err(*std::move(fault));
    auto store = std::make_unique<PostgresStore>(config, limits);
    if (!store->m_connection.ensureOpen())
        return Err(StartFault {ExitCode::Unavailable,
            QStringLiteral("The PostgreSQL server of RELAY_POSTGRES_URL cannot be reached: %1")
                .arg(store->m_connection.lastFailure())});
    if (auto fault = store->m_connection.prepareSchema())
        return Err(*std::move(fault));
    if (auto fault = store->load())
        return Err(*std::move(fault));
    if (!store->touch())
        return Err(StartFault {ExitCode::Unavailable,
            QStringLiteral("The database on the PostgreSQL server can be read but not written: %1")
                .arg(store->m_connection.lastFailure())});
    return store;
}

std::optional<StartFault> PostgresStore::load()
{
    QByteArray key(WireIds::KeySize, Qt::Uninitialized);
    QRandomGenerator::system()->generate(key.begin(), key.end());
    // Whoever comes first decides on both keys; a migration too begins with that row.
    const bool hasState = m_connection.exec(
        QStringLiteral("INSERT INTO state (id, id_key) VALUES (1, %1) ON CONFLICT DO NOTHING")
            .arg(PostgresText::bytes(key)));
    if (auto fault = hasState ? unfinishedMigration(m_connection) : std::nullopt)
        return fault;
    QSqlQuery state =
        m_connection.run(QStringLiteral("UPDATE state SET noise_key = %1 WHERE noise_key IS NULL;"
                                        "SELECT id_key, noise_key, pg_backend_pid() FROM state")
                             .arg(PostgresText::bytes(m_noiseKey)),
            1);
    if (!state.isActive() || !state.next())
        return StartFault {ExitCode::Unavailable,
            QStringLiteral("The PostgreSQL server cannot be used: %1")
                .arg(m_connection.lastFailure())};
    m_idKey = state.value(0).toByteArray();
    m_slot = state.value(2).toLongLong() % Slots;
    if (state.value(1).toByteArray() != m_noiseKey)
        return StartFault {ExitCode::Configuration,
            QStringLiteral("RELAY_NOISE_STATIC_KEY is not the key of the other relays on this "
                           "database; clients know them all by one. Either give this relay the "
                           "others' key; or, to go over to a new one, stop all of them and run on "
                           "the database: UPDATE vauchi_relay.state SET noise_key = NULL")};
    if (m_idKey.size() != WireIds::KeySize)
        return StartFault {ExitCode::CannotWrite,
            QStringLiteral("The database on the PostgreSQL server is damaged: vauchi_relay.state "
                           "holds no key.")};
    refreshTotals();
    return std::nullopt;
}

bool PostgresStore::hasRoom(qint64 payloadBytes) const
{
    if (m_limits.maxStorageBytes == 0)
        return true;
    StoreTotals totals = m_totals;
    totals.blobs += m_changes.blobs;
    totals.deviceMessages += m_changes.deviceMessages;
    totals.proofs += m_changes.proofs;
    totals.provenIds += m_changes.provenIds;
    return totals.storedBytes() + payloadBytes + StoreTotals::RowOverhead
        <= m_limits.maxStorageBytes;
}

bool PostgresStore::apply(
    std::span<const StoreRequest> batch, qint64 nowMillis, Room room, std::vector<Applied> &results)
{
    if (!m_connection.ensureOpen())
        return false;
    for (int i = 0; i < Tries; ++i) {
        if (tryApply(batch, nowMillis, room, results))
            return true;
        const bool mayTryAgain = m_connection.mayTryAgain();
        rollback();
        if (!mayTryAgain)
            break;
    }
    qCWarning(lcStore).noquote() << "a transaction failed:" << m_connection.lastFailure();
    return false;
}

void PostgresStore::plan(std::span<const StoreRequest> batch, Room room)
{
    m_mailboxes.clear();
    m_devices.clear();
    for (const StoreRequest &request : batch) {
        if (const auto *store = std::get_if<StoreBlob>(&request.operation)) {
            if (room == Room::Free)
                m_mailboxes.willStore(keyOf(store->recipient), store->ciphertext.size());
        } else if (const auto *message = std::get_if<StoreDeviceMessage>(&request.operation)) {
            if (room == Room::Free)
                m_devices.willStore(keyOf(message->target), message->payload.size());
        } else if (const auto *ack = std::get_if<AckBlob>(&request.operation)) {
            m_mailboxes.willTouch(keyOf(ack->mailbox));
        } else if (const auto *deviceAck = std::get_if<AckDeviceMessage>(&request.operation)) {
            m_devices.willTouch(keyOf(deviceAck->device));
        } else if (const auto *purge = std::get_if<Purge>(&request.operation)) {
            m_mailboxes.willTouch(keyOf(purge->mailbox));
        }
    }
}

bool PostgresStore::tryApply(
    std::span<const StoreRequest> batch, qint64 nowMillis, Room room, std::vector<Applied> &results)
{
    m_changes = {};
    results.assign(batch.size(), Applied());
    plan(batch, room);
    if (!m_connection.runAgain(QStringLiteral("BEGIN")).isActive() || !m_mailboxes.lock()
        || !m_devices.lock())
        return false;
    size_t first = 0;
    while (first < batch.size()) {
        size_t end = first;
        while (end < batch.size() && !std::holds_alternative<Purge>(batch[end].operation))
            ++end;
        if (end > first
            && !applyRun(batch.subspan(first, end - first), nowMillis, room,
                std::span(results).subspan(first, end - first)))
            return false;
        if (end < batch.size() && !applyPurge(std::get<Purge>(batch[end].operation), results[end]))
            return false;
        first = end + 1;
    }
    return commit();
}

bool PostgresStore::applyRun(
    std::span<const StoreRequest> run, qint64 nowMillis, Room room, std::span<Applied> results)
{
    // Acks name what was committed before, so what they delete can be deleted first and at once;
    // it counts from the place of the ack on.
    std::vector<PostgresQueues::ItemKey> ackedBlobs;
    std::vector<PostgresQueues::ItemKey> ackedMessages;
    for (const StoreRequest &request : run) {
        if (const auto *ack = std::get_if<AckBlob>(&request.operation))
            ackedBlobs.push_back({keyOf(ack->mailbox), ack->sequence});
        else if (const auto *deviceAck = std::get_if<AckDeviceMessage>(&request.operation))
            ackedMessages.push_back({keyOf(deviceAck->device), deviceAck->sequence});
    }
    PostgresQueues::Sizes goneBlobs;
    PostgresQueues::Sizes goneMessages;
    if (!m_mailboxes.remove(ackedBlobs, goneBlobs)
        || !m_devices.remove(ackedMessages, goneMessages))
        return false;

    std::vector<PostgresQueues::NewItem> blobs;
    std::vector<PostgresQueues::NewItem> messages;
    std::vector<size_t> blobPlaces;
    std::vector<size_t> messagePlaces;
    const auto store = [&](PostgresQueues &queues, PostgresQueues::NewItem item, Usage &change,
                           auto &items, auto &places, size_t place) {
        const qint64 size = item.payload.size();
        Usage &usage = queues.usage(item.key);
        if (room == Room::KeptForDeletions || !hasRoom(size)) {
            results[place].result = ApplyResult::StoreFull;
        } else if (!m_limits.mailbox.allows(usage, size)) {
            results[place].result = ApplyResult::QuotaFull;
        } else {
            usage += Usage {1, size};
            change += Usage {1, size};
            items.push_back(std::move(item));
            places.push_back(place);
        }
    };
    const auto acknowledge = [&](PostgresQueues &queues, const QByteArray &key, Sequence sequence,
                                 Usage &change, auto &gone, size_t place) {
        results[place].sequence = sequence;
        const auto it = gone.find({key, sequence});
        if (it == gone.end())
            return;
        results[place].wasThere = true;
        queues.usage(key) -= Usage {1, it->second};
        change -= Usage {1, it->second};
        // A second ack of the same finds nothing.
        gone.erase(it);
    };

    for (size_t i = 0; i < run.size(); ++i) {
        const StoreOperation &operation = run[i].operation;
        bool ok = true;
        if (const auto *blob = std::get_if<StoreBlob>(&operation)) {
            store(m_mailboxes,
                {keyOf(blob->recipient), senderOf(blob->sender), 0, blob->ciphertext},
                m_changes.blobs, blobs, blobPlaces, i);
        } else if (const auto *message = std::get_if<StoreDeviceMessage>(&operation)) {
            store(m_devices,
                {keyOf(message->target), message->senderDevice.toCompact(), message->version,
                    message->payload},
                m_changes.deviceMessages, messages, messagePlaces, i);
        } else if (const auto *ack = std::get_if<AckBlob>(&operation)) {
            acknowledge(
                m_mailboxes, keyOf(ack->mailbox), ack->sequence, m_changes.blobs, goneBlobs, i);
        } else if (const auto *deviceAck = std::get_if<AckDeviceMessage>(&operation)) {
            acknowledge(m_devices, keyOf(deviceAck->device), deviceAck->sequence,
                m_changes.deviceMessages, goneMessages, i);
        } else if (const auto *proof = std::get_if<StoreProof>(&operation)) {
            if (room == Room::KeptForDeletions)
                results[i].result = ApplyResult::StoreFull;
            else
                ok = apply(*proof, nowMillis, results[i]);
        } else if (const auto *id = std::get_if<ProveId>(&operation)) {
            ok = apply(*id, nowMillis, results[i]);
        } else if (const auto *nonce = std::get_if<UseNonce>(&operation)) {
            ok = apply(*nonce, nowMillis, results[i]);
        }
        if (!ok)
            return false;
    }

    std::vector<Sequence> blobSequences;
    std::vector<Sequence> messageSequences;
    if (!m_mailboxes.insert(blobs, nowMillis, blobSequences)
        || !m_devices.insert(messages, nowMillis, messageSequences))
        return false;
    for (size_t i = 0; i < blobPlaces.size(); ++i) {
        results[blobPlaces[i]].sequence = blobSequences[i];
        results[blobPlaces[i]].storedAt = nowMillis;
    }
    for (size_t i = 0; i < messagePlaces.size(); ++i) {
        results[messagePlaces[i]].sequence = messageSequences[i];
        results[messagePlaces[i]].storedAt = nowMillis;
    }
    return true;
}

bool PostgresStore::applyPurge(const Purge &purge, Applied &result)
{
    const auto blobs = m_mailboxes.removeAllOf(keyOf(purge.mailbox), &result.removedBlobs);
    if (!blobs)
        return false;
    m_changes.blobs -= *blobs;
    result.purged.blobsDeleted = static_cast<quint64>(blobs->count);
    if (purge.devicesOf) {
        const QByteArray client = keyOf(*purge.devicesOf);
        if (!m_devices.lockAllOf(client))
            return false;
        const auto messages = m_devices.removeAllOf(client, nullptr);
        if (!messages)
            return false;
        m_changes.deviceMessages -= *messages;
        result.purged.deviceSyncDeleted = static_cast<quint64>(messages->count);
    }
    if (purge.proof) {
        QSqlQuery gone = m_connection.run(
            QStringLiteral("DELETE FROM proofs WHERE key_hash = %1 RETURNING octet_length(proof)")
                .arg(PostgresText::bytes(keyOf(*purge.proof))));
        if (!gone.isActive())
            return false;
        if (gone.next()) {
            m_changes.proofs -= Usage {1, gone.value(0).toLongLong()};
            result.purged.recoveryProofsDeleted = 1;
        }
    }
    return true;
}

bool PostgresStore::apply(const StoreProof &store, qint64 nowMillis, Applied &result)
{
    const QByteArray key = keyOf(store.keyHash);
    const QString keyText = PostgresText::bytes(key);
    // A row that is not there cannot be locked, so the key is.
    QSqlQuery before = m_connection.run(
        QStringLiteral("SELECT pg_advisory_xact_lock(hashtextextended(%1::text, 0));"
                       "SELECT octet_length(proof) FROM proofs WHERE key_hash = %1")
            .arg(keyText),
        1);
    if (!before.isActive())
        return false;
    const bool isNew = !before.next();
    const qint64 sizeBefore = isNew ? 0 : before.value(0).toLongLong();
    const qint64 size = store.proof.size();
    if (!hasRoom(isNew ? size : std::max(size - sizeBefore, qint64(0)))) {
        result.result = ApplyResult::StoreFull;
        return true;
    }
    const qint64 expires = nowMillis + std::chrono::milliseconds(ProofLifetime).count();
    m_changes.proofs += Usage {isNew ? 1 : 0, size - sizeBefore};
    return m_connection.exec(
        QStringLiteral("INSERT INTO proofs (key_hash, expires_at, proof) VALUES (%1, %2, ")
            .arg(keyText)
            .arg(expires)
        + PostgresText::bytes(store.proof)
        + QStringLiteral(") ON CONFLICT (key_hash) DO UPDATE SET expires_at = excluded.expires_at, "
                         "proof = excluded.proof"));
}

bool PostgresStore::apply(const ProveId &proof, qint64 nowMillis, Applied &result)
{
    const QString id = PostgresText::bytes(keyOf(proof.id));
    if (!hasRoom(0)) {
        const auto known = m_connection.number(
            QStringLiteral("SELECT count(*) FROM proven_ids WHERE id = %1").arg(id));
        if (!known)
            return false;
        if (*known == 0) {
            result.result = ApplyResult::StoreFull;
            return true;
        }
    }
    // xmax is 0 in a row that was inserted.
    const auto isFirst = m_connection.number(
        QStringLiteral("INSERT INTO proven_ids (id, proven_at) VALUES (%1, %2) ON CONFLICT (id) "
                       "DO UPDATE SET proven_at = excluded.proven_at RETURNING (xmax = 0)::int")
            .arg(id)
            .arg(nowMillis));
    if (!isFirst)
        return false;
    result.isFirstProof = *isFirst == 1;
    m_changes.provenIds += *isFirst;
    return true;
}

bool PostgresStore::apply(const UseNonce &nonce, qint64 nowMillis, Applied &result)
{
    const QByteArrayView digest(reinterpret_cast<const char *>(nonce.digest.data()),
        static_cast<qsizetype>(nonce.digest.size()));
    QSqlQuery inserted =
        m_connection.run(QStringLiteral("INSERT INTO nonces (digest, seen_at) VALUES (%1, %2) "
                                        "ON CONFLICT DO NOTHING RETURNING 1")
                             .arg(PostgresText::bytes(digest))
                             .arg(nowMillis));
    if (!inserted.isActive())
        return false;
    if (!inserted.next())
        result.result = ApplyResult::Used;
    return true;
}

bool PostgresStore::commit()
{
    QString text = m_mailboxes.settleText() + m_devices.settleText();
    if (!m_changes.isEmpty())
        text += QStringLiteral(
            "UPDATE totals SET blob_count = blob_count + %1, blob_bytes = blob_bytes + %2, "
            "device_message_count = device_message_count + %3, "
            "device_message_bytes = device_message_bytes + %4, proof_count = proof_count + %5, "
            "proof_bytes = proof_bytes + %6, proven_id_count = proven_id_count + %7 "
            "WHERE slot = %8;")
                    .arg(m_changes.blobs.count)
                    .arg(m_changes.blobs.bytes)
                    .arg(m_changes.deviceMessages.count)
                    .arg(m_changes.deviceMessages.bytes)
                    .arg(m_changes.proofs.count)
                    .arg(m_changes.proofs.bytes)
                    .arg(m_changes.provenIds)
                    .arg(m_slot);
    if (!m_connection.exec(text + QStringLiteral("COMMIT")))
        return false;
    m_totals.blobs += m_changes.blobs;
    m_totals.deviceMessages += m_changes.deviceMessages;
    m_totals.proofs += m_changes.proofs;
    m_totals.provenIds += m_changes.provenIds;
    m_changes = {};
    return true;
}

void PostgresStore::rollback()
{
    m_changes = {};
    // A connection that is gone has taken its transaction with it.
    if (m_connection.isOpen() && !m_connection.exec(QStringLiteral("ROLLBACK")))
        m_connection.close();
}

bool PostgresStore::touch()
{
    return m_connection
        .runAgain(
            QStringLiteral("UPDATE totals SET blob_count = blob_count WHERE slot = %1").arg(m_slot))
        .isActive();
}

void PostgresStore::refreshTotals()
{
    if (!m_connection.isOpen())
        return;
    QSqlQuery sums = m_connection.run(QStringLiteral(
        "SELECT sum(blob_count)::bigint, sum(blob_bytes)::bigint, "
        "sum(device_message_count)::bigint, sum(device_message_bytes)::bigint, "
        "sum(proof_count)::bigint, sum(proof_bytes)::bigint, sum(proven_id_count)::bigint "
        "FROM totals"));
    if (!sums.isActive() || !sums.next())
        return;
    const auto number = [&](int column) { return sums.value(column).toLongLong(); };
    m_totals.blobs = {number(0), number(1)};
    m_totals.deviceMessages = {number(2), number(3)};
    m_totals.proofs = {number(4), number(5)};
    m_totals.provenIds = number(6);
}

std::optional<qint64> PostgresStore::oldestBlob() const
{
    if (!m_connection.isOpen())
        return std::nullopt;
    return m_connection.number(
        QStringLiteral("SELECT stored_at FROM blobs ORDER BY stored_at LIMIT 1"));
}

qint64 PostgresStore::expiredProofs(qint64 nowMillis) const
{
    if (!m_connection.isOpen())
        return 0;
    return m_connection
        .number(QStringLiteral("SELECT count(*) FROM proofs WHERE expires_at <= %1").arg(nowMillis))
        .value_or(0);
}

std::optional<Applied> PostgresStore::sweep(qint64 nowMillis, bool &mayHaveMore)
{
    mayHaveMore = false;
    if (!m_connection.ensureOpen())
        return std::nullopt;
    Applied applied;
    if (trySweep(nowMillis, applied, mayHaveMore))
        return applied;
    qCWarning(lcStore).noquote() << "a sweep failed:" << m_connection.lastFailure();
    rollback();
    return std::nullopt;
}

bool PostgresStore::trySweep(qint64 nowMillis, Applied &applied, bool &mayHaveMore)
{
    m_changes = {};
    m_mailboxes.clear();
    m_devices.clear();
    const auto isOurTurn = m_connection.number(
        QStringLiteral("BEGIN; SELECT pg_try_advisory_xact_lock(%1)::int").arg(SweepLock), 1);
    if (!isOurTurn)
        return false;
    if (*isOurTurn == 0)
        return m_connection.exec(QStringLiteral("ROLLBACK"));

    const qint64 before = nowMillis - std::chrono::milliseconds(m_limits.timeToLive).count();
    if (!sweepQueues(m_mailboxes, before, m_changes.blobs, &applied.removedBlobs, mayHaveMore)
        || !sweepQueues(m_devices, before, m_changes.deviceMessages, nullptr, mayHaveMore))
        return false;

    QSqlQuery proofs = m_connection.run(
        QStringLiteral("DELETE FROM proofs WHERE expires_at <= %1 AND key_hash IN "
                       "(SELECT key_hash FROM proofs WHERE expires_at <= %1 LIMIT %2) "
                       "RETURNING octet_length(proof)")
            .arg(nowMillis)
            .arg(SweepStep));
    if (!proofs.isActive())
        return false;
    mayHaveMore |= proofs.size() == SweepStep;
    while (proofs.next())
        m_changes.proofs -= Usage {1, proofs.value(0).toLongLong()};

    // The blobs, and not the rows of the mailboxes, which stand until the end of the transaction.
    QSqlQuery ids = m_connection.run(
        QStringLiteral("DELETE FROM proven_ids WHERE proven_at <= %1 AND id IN "
                       "(SELECT id FROM proven_ids AS p WHERE proven_at <= %1 AND NOT EXISTS "
                       "(SELECT 1 FROM blobs AS b WHERE b.recipient = p.id) LIMIT %2) "
                       "RETURNING 1")
            .arg(before)
            .arg(SweepStep));
    if (!ids.isActive())
        return false;
    mayHaveMore |= ids.size() == SweepStep;
    m_changes.provenIds -= ids.size();

    return m_connection.exec(QStringLiteral("DELETE FROM nonces WHERE seen_at <= %1")
                                 .arg(nowMillis - NonceLifetime.count()))
        && commit();
}

bool PostgresStore::sweepQueues(PostgresQueues &queues, qint64 before, Usage &change,
    std::vector<Sequence> *removed, bool &mayHaveMore)
{
    std::vector<PostgresQueues::ItemKey> items;
    if (!queues.oldest(before, SweepStep, items))
        return false;
    mayHaveMore |= items.size() == SweepStep;
    for (const auto &item : items)
        queues.willTouch(item.key);
    PostgresQueues::Sizes gone;
    if (!queues.lock() || !queues.remove(items, gone))
        return false;
    for (const auto &item : items) {
        const auto it = gone.find(item);
        // Acknowledged since it was found.
        if (it == gone.end())
            continue;
        queues.usage(item.key) -= Usage {1, it->second};
        change -= Usage {1, it->second};
        if (removed)
            removed->push_back(item.sequence);
    }
    return true;
}

} // namespace relay
