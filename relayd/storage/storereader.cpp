// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/storereader.h"

#include "relayd/config/settings.h"
#include "relayd/storage/values.h"

#include <QLoggingCategory>
#include <QSqlError>
#include <QVariant>

#include <algorithm>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcReader, "relay.storage")

/** Blobs that the index does not hold yet are read so many at a time. */
constexpr int RecentAtOnce = 64;

} // namespace

struct StoreReader::Statements {
    explicit Statements(const Database &db)
        : mailbox(db.prepare(QStringLiteral(
            "SELECT b.sequence, 0, b.sender, b.stored_at, b.ciphertext FROM mailbox_index AS i "
            "JOIN blobs AS b ON b.sequence = i.sequence "
            "WHERE i.recipient = ? AND i.sequence > ? AND b.stored_at > ? "
            "ORDER BY i.sequence LIMIT ?")))
        , recent(db.prepare(QStringLiteral(
              "SELECT sequence, 0, sender, stored_at, ciphertext FROM blobs "
              "WHERE recipient = ? AND stored_at > ? AND sequence IN (?%1) ORDER BY sequence")
                                .arg(QStringLiteral(", ?").repeated(RecentAtOnce - 1))))
        , deviceBacklog(db.prepare(QStringLiteral(
              "SELECT sequence, version, sender_device, stored_at, payload FROM device_messages "
              "WHERE client = ? AND device = ? AND sequence <= ? AND (version, sequence) > (?, ?) "
              "AND stored_at > ? ORDER BY version, sequence LIMIT ?")))
        , deviceLive(db.prepare(QStringLiteral(
              "SELECT sequence, version, sender_device, stored_at, payload FROM device_messages "
              "WHERE client = ? AND device = ? AND sequence > ? AND stored_at > ? "
              "ORDER BY sequence LIMIT ?")))
        , proof(db.prepare(
              QStringLiteral("SELECT proof FROM proofs WHERE key_hash = ? AND expires_at > ?")))
        , provenAt(db.prepare(QStringLiteral("SELECT proven_at FROM proven_ids WHERE id = ?")))
    {
    }

    QSqlQuery mailbox;
    QSqlQuery recent;
    QSqlQuery deviceBacklog;
    QSqlQuery deviceLive;
    QSqlQuery proof;
    QSqlQuery provenAt;
};

StoreReader::StoreReader(RelayContext &relay, const IoInboxes &io)
    : m_relay(relay)
    , m_inbox(
          [this] { QMetaObject::invokeMethod(this, &StoreReader::drain, Qt::QueuedConnection); })
    , m_mail(io)
{
    m_checkpointThread.setObjectName(QStringLiteral("checkpoints"));
}

StoreReader::~StoreReader()
{
    stopCheckpoints();
}

std::optional<StartFault> StoreReader::open(const DatabaseConfig &config, const RecentBlobs &recent)
{
    auto database = Database::connect(config);
    if (!database)
        return database.error();
    m_own.emplace(std::move(database).value());
    m_recent = &recent;
    m_statements = std::make_unique<Statements>(*m_own);
    return startCheckpoints(config);
}

std::optional<StartFault> StoreReader::startCheckpoints(const DatabaseConfig &config)
{
    m_checkpointer = std::make_unique<Checkpointer>(m_relay);
    m_checkpointer->moveToThread(&m_checkpointThread);
    m_checkpointThread.start();
    std::optional<StartFault> fault;
    QMetaObject::invokeMethod(
        m_checkpointer.get(), [&] { fault = m_checkpointer->open(config); },
        Qt::BlockingQueuedConnection);
    return fault;
}

void StoreReader::stopCheckpoints()
{
    if (!m_checkpointer)
        return;
    QMetaObject::invokeMethod(
        m_checkpointer.get(), [this] { m_checkpointer->close(); }, Qt::BlockingQueuedConnection);
    m_checkpointThread.quit();
    m_checkpointThread.wait();
    m_checkpointer.reset();
}

void StoreReader::share(Database &database, const RecentBlobs &recent)
{
    m_recent = &recent;
    m_statements = std::make_unique<Statements>(database);
}

void StoreReader::close()
{
    drain();
    stopCheckpoints();
    m_statements.reset();
    m_own.reset();
}

void StoreReader::drain()
{
    std::vector<ReadRequest> requests = m_inbox.take();
    // What comes after close() has nobody who waits for it any more.
    if (!m_statements)
        return;
    for (ReadRequest &request : requests) {
        {
            const BusySince::Scope scope(m_relay.progress.reading, m_relay.clock);
            std::visit([this](auto &what) { answer(what); }, request);
        }
        // Each answer goes out at once: a client waits for it.
        m_mail.post();
    }
}

void StoreReader::answer(PageRequest &request)
{
    ItemPage page;
    page.to = request.connection;
    page.kind =
        request.query.kind == PageQuery::Kind::Mailbox ? ItemKind::Blob : ItemKind::DeviceMessage;
    page.failed = !readPage(request.query, page);
    m_mail.add(request.connection, std::move(page));
}

bool StoreReader::readPage(const PageQuery &query, ItemPage &page)
{
    const auto lifetime =
        std::chrono::duration_cast<std::chrono::milliseconds>(m_relay.settings.blobTtl);
    const qint64 expiredBefore = m_relay.clock.unixMillis() - lifetime.count();
    const QByteArray client = toSql(query.key.client);
    const QByteArray device = toSql(query.key.device);
    page.isLast = true;
    switch (query.kind) {
    case PageQuery::Kind::Mailbox:
        return readMailbox(query, expiredBefore, page);
    case PageQuery::Kind::DeviceBacklog: {
        const quint64 version = query.afterVersion.value_or(0);
        const qint64 after = query.afterVersion ? query.after.value : 0;
        return readRows(m_statements->deviceBacklog,
            {client, device, query.upTo.value, versionToSql(version), after, expiredBefore,
                MaxPageItems},
            page);
    }
    case PageQuery::Kind::DeviceLive:
        return readRows(m_statements->deviceLive,
            {client, device, query.after.value, expiredBefore, MaxPageItems}, page);
    }
    Q_UNREACHABLE();
}

bool StoreReader::readMailbox(const PageQuery &query, qint64 expiredBefore, ItemPage &page)
{
    const Id &mailbox = query.key.client;
    // Before the index: what is settled in between is in both, and in neither never.
    const std::vector<Sequence> recent = m_recent->of(mailbox, query.after);
    if (!readRows(m_statements->mailbox,
            {toSql(mailbox), query.after.value, expiredBefore, MaxPageItems}, page))
        return false;
    const Sequence last = page.items.empty() ? query.after : page.items.back().sequence;
    auto next = std::ranges::upper_bound(recent, last);
    while (page.isLast && next != recent.end()) {
        QVariantList values {toSql(mailbox), expiredBefore};
        for (int i = 0; i < RecentAtOnce; ++i)
            values << (next != recent.end() ? QVariant(next++->value) : QVariant());
        if (!readRows(m_statements->recent, values, page))
            return false;
    }
    return true;
}

bool StoreReader::readRows(QSqlQuery &statement, const QVariantList &values, ItemPage &page)
{
    for (int i = 0; i < values.size(); ++i)
        Database::bind(statement, i, values[i]);
    if (!statement.exec()) {
        noteFailure("a page", statement);
        page.isLast = false;
        return !page.items.empty();
    }
    while (page.isLast && statement.next()) {
        const bool hasVersion = page.kind == ItemKind::DeviceMessage;
        page.items.push_back({{statement.value(0).toLongLong()},
            hasVersion ? versionFromSql(statement.value(1).toLongLong()) : 0,
            statement.value(2).toByteArray(), statement.value(3).toLongLong(),
            statement.value(4).toByteArray()});
        page.bytes += page.items.back().payload.size();
        page.isLast = page.bytes < MaxPageBytes && page.items.size() < MaxPageItems;
    }
    const bool ok = !statement.lastError().isValid();
    if (!ok) {
        noteFailure("a page", statement);
        // What came before it is delivered.
        page.isLast = false;
    }
    // Ends the read transaction: the log can be reused only while nobody reads it.
    statement.finish();
    return ok || !page.items.empty();
}

void StoreReader::noteFailure(const char *what, const QSqlQuery &statement)
{
    // Everybody who waits for mail asks again and again.
    const TimePoint now = m_relay.clock.now();
    if (!m_lastWarning || now - *m_lastWarning >= WarningInterval) {
        m_lastWarning = now;
        qCWarning(lcReader).noquote() << what << "cannot be read:" << statement.lastError().text();
    }
    if (isDamage(statement.lastError()))
        m_relay.progress.isDamaged = true;
}

void StoreReader::answer(ProofRequest &request)
{
    ProofAnswer answer;
    answer.origin = request.origin;
    const auto frameSize = [&](const RecoveryProofResponse &response) {
        return encodeFrame({request.origin.messageId, 0, response}).size();
    };
    // "truncated" and a full timestamp may still come on top.
    constexpr qsizetype Slack = 64;
    const qsizetype empty = frameSize({});
    qsizetype size = empty + Slack;
    QSqlQuery &statement = m_statements->proof;
    for (const Id &keyHash : request.query.keyHashes) {
        Database::bindAll(statement, toSql(keyHash), m_relay.clock.unixMillis());
        if (!statement.exec()) {
            noteFailure("a proof", statement);
            answer.failed = true;
            break;
        }
        if (!statement.next())
            continue;
        RecoveryProofResponse one {{{keyHash, statement.value(0).toByteArray()}}, false};
        statement.finish();
        const qsizetype more = frameSize(one) - empty + 1;
        if (size + more > request.query.maxFrameSize) {
            answer.response.truncated = true;
            break;
        }
        size += more;
        answer.response.proofs.push_back(std::move(one.proofs.front()));
    }
    const ConnectionId to = request.origin.connection;
    m_mail.add(to, std::move(answer));
}

void StoreReader::answer(ProvenRequest &request)
{
    ProvenAnswer answer;
    bool ok = true;
    answer.clientProvenAt = provenAt(request.clientId, ok);
    answer.isRoutingIdProven = request.routingId == request.clientId
        ? answer.clientProvenAt.has_value()
        : provenAt(request.routingId, ok).has_value();
    answer.failed = !ok;
    const ConnectionId to = request.origin.connection;
    answer.origin = std::move(request.origin);
    m_mail.add(to, std::move(answer));
}

std::optional<qint64> StoreReader::provenAt(const Id &id, bool &ok)
{
    QSqlQuery &statement = m_statements->provenAt;
    Database::bindAll(statement, toSql(id));
    if (!statement.exec()) {
        noteFailure("a proven id", statement);
        ok = false;
        return std::nullopt;
    }
    std::optional<qint64> time;
    if (statement.next())
        time = statement.value(0).toLongLong();
    statement.finish();
    return time;
}

} // namespace relay
