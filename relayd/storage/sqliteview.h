// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/database.h"
#include "relayd/storage/recentblobs.h"
#include "relayd/storage/storeview.h"

#include <memory>
#include <optional>

namespace relay {

/** Reads what a SqliteStore writes, over a connection of its own or, in memory, over the store's.
 */
class SqliteView final : public StoreView {
public:
    /** `recent`: the store's; it stays in use for the life of this. */
    SqliteView(Database &&own, const RecentBlobs &recent);
    SqliteView(Database &shared, const RecentBlobs &recent);
    ~SqliteView() override;

    std::optional<ReadFailure> readPage(
        const PageQuery &query, qint64 expiredBefore, ItemPage &page) override;
    Result<std::optional<QByteArray>, ReadFailure> proof(
        const Id &keyHash, qint64 nowMillis) override;
    Result<std::optional<qint64>, ReadFailure> provenAt(const Id &id) override;

private:
    struct Statements;

    std::optional<ReadFailure> readMailbox(
        const PageQuery &query, qint64 expiredBefore, ItemPage &page);
    std::optional<ReadFailure> readBacklog(
        const PageQuery &query, qint64 expiredBefore, ItemPage &page);
    /** Adds what `statement` finds with `values` bound. */
    static std::optional<ReadFailure> readRows(
        QSqlQuery &statement, const QVariantList &values, ItemPage &page);

    std::optional<Database> m_own;
    const RecentBlobs &m_recent;
    std::unique_ptr<Statements> m_statements;
};

} // namespace relay
