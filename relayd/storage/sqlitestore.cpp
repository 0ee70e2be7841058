// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/sqlitestore.h"

#include "relayd/storage/partialfile.h"

namespace relay {

namespace {

/** Pages given back in one step. */
constexpr int PagesGivenBack = 16;

bool takesRoom(const StoreOperation &operation)
{
    return std::holds_alternative<StoreBlob>(operation)
        || std::holds_alternative<StoreDeviceMessage>(operation)
        || std::holds_alternative<StoreProof>(operation)
        || std::holds_alternative<ProveId>(operation);
}

} // namespace

Result<std::unique_ptr<SqliteStore>, StartFault> SqliteStore::open(
    const DatabaseConfig &config, const StoreLimits &limits, const QString &dataDir)
{
    auto database = Database::create(config);
    if (!database)
        return Err(database.error());
    auto store = std::make_unique<SqliteStore>(std::move(database).value(), limits);
    const bool isUsable = store->m_tables.load() && store->m_tables.touch();
    if (store->m_database.isDamaged())
        return Err(store->m_database.fault(config.path, store->m_database.lastError()));
    if (!isUsable)
        return Err(StartFault {ExitCode::CannotWrite,
            QStringLiteral("The database %1 can be read but not written: is the disk full or "
                           "read-only?")
                .arg(config.path)});
    // SQLite does so for its log, which is there by now, and does not look whether it succeeded.
    if (!dataDir.isEmpty()) {
        if (auto fault = syncFolder(dataDir))
            return Err(*std::move(fault));
    }
    return store;
}

SqliteStore::SqliteStore(Database database, const StoreLimits &limits)
    : m_database(std::move(database))
    , m_tables(m_database, limits)
{
}

Applied SqliteStore::applyOne(const StoreRequest &request, qint64 nowMillis, Room room)
{
    if (room == Room::KeptForDeletions && takesRoom(request.operation))
        return Applied::of(ApplyResult::StoreFull);
    return std::visit(
        [&](const auto &operation) -> Applied {
            if constexpr (requires { m_tables.apply(operation, nowMillis); })
                return m_tables.apply(operation, nowMillis);
            else
                return {};
        },
        request.operation);
}

bool SqliteStore::apply(
    std::span<const StoreRequest> batch, qint64 nowMillis, Room room, std::vector<Applied> &results)
{
    if (!m_tables.begin())
        return false;
    m_tables.expect(batch);
    for (const StoreRequest &request : batch) {
        results.push_back(applyOne(request, nowMillis, room));
        if (m_tables.isLost() || m_database.isDamaged()) {
            m_tables.rollback();
            return false;
        }
    }
    return m_tables.commit();
}

std::optional<Applied> SqliteStore::sweep(qint64 nowMillis, bool &mayHaveMore)
{
    if (!m_tables.begin())
        return std::nullopt;
    Applied applied = m_tables.sweep(nowMillis, mayHaveMore);
    if (applied.result != ApplyResult::Done || m_database.isDamaged()) {
        m_tables.rollback();
        return std::nullopt;
    }
    return m_tables.commit() ? std::optional(std::move(applied)) : std::nullopt;
}

bool SqliteStore::giveSpaceBack()
{
    // A quarter of the file may stay unused: it is written again soon.
    return m_database.isMostlyUnused() && m_database.vacuum(PagesGivenBack);
}

bool SqliteStore::hasMetDamage()
{
    const bool isDamaged = m_database.isDamaged();
    m_database.forgetDamage();
    return isDamaged;
}

} // namespace relay
