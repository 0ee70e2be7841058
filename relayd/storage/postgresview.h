// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/postgresconnection.h"
#include "relayd/storage/storeview.h"

namespace relay {

/** Reads what PostgresStores write, over a connection of its own. */
class PostgresView final : public StoreView {
public:
    explicit PostgresView(const PostgresConfig &config)
        : m_connection(config)
    {
    }

    std::optional<ReadFailure> readPage(
        const PageQuery &query, qint64 expiredBefore, ItemPage &page) override;
    Result<std::optional<QByteArray>, ReadFailure> proof(
        const Id &keyHash, qint64 nowMillis) override;
    Result<std::optional<qint64>, ReadFailure> provenAt(const Id &id) override;

private:
    ReadFailure failure() const { return {m_connection.lastFailure(), false}; }
    std::optional<ReadFailure> readRows(const QString &table, const QString &columns,
        const QString &payload, const QString &condition, const QString &order, ItemPage &page);

    PostgresConnection m_connection;
};

} // namespace relay
