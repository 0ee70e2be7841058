// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/sqliteview.h"

#include "relayd/storage/values.h"

#include <QSqlError>
#include <QVariant>

#include <algorithm>
#include <utility>

namespace relay {

namespace {

/** Blobs that the index does not hold yet are read so many at a time. */
constexpr int RecentAtOnce = 64;

ReadFailure failureOf(const QSqlQuery &statement)
{
    return {statement.lastError().text(), isDamage(statement.lastError())};
}

} // namespace

struct SqliteView::Statements {
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

SqliteView::SqliteView(Database &&own, const RecentBlobs &recent)
    : m_own(std::move(own))
    , m_recent(recent)
    , m_statements(std::make_unique<Statements>(*m_own))
{
}

SqliteView::SqliteView(Database &shared, const RecentBlobs &recent)
    : m_recent(recent)
    , m_statements(std::make_unique<Statements>(shared))
{
}

SqliteView::~SqliteView() = default;

std::optional<ReadFailure> SqliteView::readPage(
    const PageQuery &query, qint64 expiredBefore, ItemPage &page)
{
    switch (query.kind) {
    case PageQuery::Kind::Mailbox:
        return readMailbox(query, expiredBefore, page);
    case PageQuery::Kind::DeviceBacklog:
        return readBacklog(query, expiredBefore, page);
    case PageQuery::Kind::DeviceLive:
        return readRows(m_statements->deviceLive,
            {toSql(query.key.client), toSql(query.key.device), query.after.value, expiredBefore,
                MaxPageItems},
            page);
    }
    Q_UNREACHABLE();
}

std::optional<ReadFailure> SqliteView::readMailbox(
    const PageQuery &query, qint64 expiredBefore, ItemPage &page)
{
    const Id &mailbox = query.key.client;
    // Before the index: what is settled in between is in both, and in neither never.
    const std::vector<Sequence> recent = m_recent.of(mailbox, query.after);
    if (auto failure = readRows(m_statements->mailbox,
            {toSql(mailbox), query.after.value, expiredBefore, MaxPageItems}, page))
        return failure;
    const Sequence last = page.items.empty() ? query.after : page.items.back().sequence;
    auto next = std::ranges::upper_bound(recent, last);
    while (page.isLast && next != recent.end()) {
        QVariantList values {toSql(mailbox), expiredBefore};
        for (int i = 0; i < RecentAtOnce; ++i)
            values << (next != recent.end() ? QVariant(next++->value) : QVariant());
        if (auto failure = readRows(m_statements->recent, values, page))
            return failure;
    }
    return std::nullopt;
}

std::optional<ReadFailure> SqliteView::readBacklog(
    const PageQuery &query, qint64 expiredBefore, ItemPage &page)
{
    const quint64 version = query.afterVersion.value_or(0);
    const qint64 after = query.afterVersion ? query.after.value : 0;
    return readRows(m_statements->deviceBacklog,
        {toSql(query.key.client), toSql(query.key.device), query.upTo->value, versionToSql(version),
            after, expiredBefore, MaxPageItems},
        page);
}

std::optional<ReadFailure> SqliteView::readRows(
    QSqlQuery &statement, const QVariantList &values, ItemPage &page)
{
    for (int i = 0; i < values.size(); ++i)
        Database::bind(statement, i, values[i]);
    std::optional<ReadFailure> failure;
    if (statement.exec())
        takeRows(statement, page);
    if (statement.lastError().isValid())
        failure = failureOf(statement);
    // Ends the read transaction: the log can be reused only while nobody reads it.
    statement.finish();
    return failure;
}

Result<std::optional<QByteArray>, ReadFailure> SqliteView::proof(
    const Id &keyHash, qint64 nowMillis)
{
    QSqlQuery &statement = m_statements->proof;
    Database::bindAll(statement, toSql(keyHash), nowMillis);
    if (!statement.exec())
        return Err(failureOf(statement));
    std::optional<QByteArray> proof;
    if (statement.next())
        proof = statement.value(0).toByteArray();
    statement.finish();
    return proof;
}

Result<std::optional<qint64>, ReadFailure> SqliteView::provenAt(const Id &id)
{
    QSqlQuery &statement = m_statements->provenAt;
    Database::bindAll(statement, toSql(id));
    if (!statement.exec())
        return Err(failureOf(statement));
    std::optional<qint64> time;
    if (statement.next())
        time = statement.value(0).toLongLong();
    statement.finish();
    return time;
}

} // namespace relay
