// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/storereader.h"

#include "relayd/config/settings.h"
#include "relayd/storage/postgresview.h"
#include "relayd/storage/sqliteview.h"

#include <QLoggingCategory>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcReader, "relay.storage")

} // namespace

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
    m_view = std::make_unique<SqliteView>(std::move(database).value(), recent);
    return startCheckpoints(config);
}

void StoreReader::open(const PostgresConfig &config)
{
    m_view = std::make_unique<PostgresView>(config);
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
    m_view = std::make_unique<SqliteView>(database, recent);
}

void StoreReader::close()
{
    drain();
    stopCheckpoints();
    m_view.reset();
}

void StoreReader::drain()
{
    std::vector<ReadRequest> requests = m_inbox.take();
    // What comes after close() has nobody who waits for it any more.
    if (!m_view)
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
    page.isLast = true;
    const auto lifetime =
        std::chrono::duration_cast<std::chrono::milliseconds>(m_relay.settings.blobTtl);
    const qint64 expiredBefore = m_relay.clock.unixMillis() - lifetime.count();
    if (const auto failure = m_view->readPage(request.query, expiredBefore, page)) {
        noteFailure("a page", *failure);
        // What came before it is delivered.
        page.isLast = false;
        page.failed = page.items.empty();
    }
    m_mail.add(request.connection, std::move(page));
}

void StoreReader::noteFailure(const char *what, const ReadFailure &failure)
{
    // Everybody who waits for mail asks again and again.
    const TimePoint now = m_relay.clock.now();
    if (!m_lastWarning || now - *m_lastWarning >= WarningInterval) {
        m_lastWarning = now;
        qCWarning(lcReader).noquote() << what << "cannot be read:" << failure.text;
    }
    if (failure.isDamage)
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
    for (const Id &keyHash : request.query.keyHashes) {
        const auto proof = m_view->proof(keyHash, m_relay.clock.unixMillis());
        if (!proof) {
            noteFailure("a proof", proof.error());
            answer.failed = true;
            break;
        }
        if (!*proof)
            continue;
        RecoveryProofResponse one {{{keyHash, **proof}}, false};
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
    const auto time = m_view->provenAt(id);
    if (time)
        return *time;
    noteFailure("a proven id", time.error());
    ok = false;
    return std::nullopt;
}

} // namespace relay
