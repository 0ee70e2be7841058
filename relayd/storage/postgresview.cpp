// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/postgresview.h"

#include "relayd/storage/values.h"

#include <QVariant>

namespace relay {

std::optional<ReadFailure> PostgresView::readRows(const QString &table, const QString &columns,
    const QString &payload, const QString &condition, const QString &order, ItemPage &page)
{
    // The whole result is sent at once, so the server ends it where the page is full; the payload
    // of what comes behind is not even read.
    QSqlQuery rows = m_connection.runAgain(
        QStringLiteral("SELECT %1, stored_at, %2 FROM (SELECT *, sum(octet_length(%2)) OVER "
                       "(ORDER BY %3 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before "
                       "FROM %4 WHERE %5 ORDER BY %3 LIMIT %6) AS page "
                       "WHERE coalesce(before, 0) < %7 ORDER BY %3")
            .arg(columns, payload, order, table, condition)
            .arg(MaxPageItems)
            .arg(MaxPageBytes));
    if (!rows.isActive())
        return failure();
    takeRows(rows, page);
    return std::nullopt;
}

std::optional<ReadFailure> PostgresView::readPage(
    const PageQuery &query, qint64 expiredBefore, ItemPage &page)
{
    const QString client = PostgresText::bytes(query.key.client.view());
    if (query.kind == PageQuery::Kind::Mailbox)
        return readRows(QStringLiteral("blobs"), QStringLiteral("sequence, 0, sender"),
            QStringLiteral("ciphertext"),
            QStringLiteral("recipient = %1 AND sequence > %2 AND stored_at > %3")
                .arg(client)
                .arg(query.after.value)
                .arg(expiredBefore),
            QStringLiteral("sequence"), page);

    const QString queue = QStringLiteral("client = %1 AND device = %2")
                              .arg(client, PostgresText::bytes(query.key.device.view()));
    const QString columns = QStringLiteral("sequence, version, sender_device");
    const QString payload = QStringLiteral("payload");
    const QString table = QStringLiteral("device_messages");
    if (query.kind == PageQuery::Kind::DeviceLive)
        return readRows(table, columns, payload,
            queue
                + QStringLiteral(" AND sequence > %1 AND stored_at > %2")
                      .arg(query.after.value)
                      .arg(expiredBefore),
            QStringLiteral("sequence"), page);

    page.backlogEnd = query.upTo;
    if (!page.backlogEnd) {
        // What is visible of one queue has no gaps: its row was locked for each.
        QSqlQuery last = m_connection.runAgain(
            QStringLiteral("SELECT coalesce(max(sequence), 0) FROM device_messages WHERE ")
            + queue);
        if (!last.isActive() || !last.next())
            return failure();
        page.backlogEnd = Sequence {last.value(0).toLongLong()};
    }
    return readRows(table, columns, payload,
        queue
            + QStringLiteral(
                " AND sequence <= %1 AND (version, sequence) > (%2, %3) AND stored_at > %4")
                  .arg(page.backlogEnd->value)
                  .arg(versionToSql(query.afterVersion.value_or(0)))
                  .arg(query.afterVersion ? query.after.value : 0)
                  .arg(expiredBefore),
        QStringLiteral("version, sequence"), page);
}

Result<std::optional<QByteArray>, ReadFailure> PostgresView::proof(
    const Id &keyHash, qint64 nowMillis)
{
    QSqlQuery row = m_connection.runAgain(
        QStringLiteral("SELECT proof FROM proofs WHERE key_hash = %1 AND expires_at > %2")
            .arg(PostgresText::bytes(keyHash.view()))
            .arg(nowMillis));
    if (!row.isActive())
        return Err(failure());
    return row.next() ? std::optional(row.value(0).toByteArray()) : std::nullopt;
}

Result<std::optional<qint64>, ReadFailure> PostgresView::provenAt(const Id &id)
{
    QSqlQuery row =
        m_connection.runAgain(QStringLiteral("SELECT proven_at FROM proven_ids WHERE id = %1")
                                  .arg(PostgresText::bytes(id.view())));
    if (!row.isActive())
        return Err(failure());
    return row.next() ? std::optional(row.value(0).toLongLong()) : std::nullopt;
}

} // namespace relay
