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

/** For a checkpoint before which others may have copied what they did not sync. */
void endIfSyncFailed(const Result<LogState, CheckpointFault> &log)
{
    if (!log && log.error() == CheckpointFault::SyncFailed)
        endForRecovery();
}

} // namespace

Result<std::unique_ptr<SqliteStore>, StartFault> SqliteStore::open(
    const DatabaseConfig &config, const StoreLimits &limits, const QString &dataDir)
{
    auto database = Database::create(config);
    if (!database)
        return Err(database.error());
    auto store = std::make_unique<SqliteStore>(std::move(database).value(), config, limits);
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
    if (!store->m_tables.hasLearnt())
        store->beginLearning();
    return store;
}

SqliteStore::SqliteStore(Database database, const DatabaseConfig &config, const StoreLimits &limits)
    : m_config(config)
    , m_database(std::move(database))
    , m_tables(m_database, limits)
{
}

SqliteStore::~SqliteStore()
{
    stopLearning();
}

void SqliteStore::beginLearning()
{
    if (m_config.backend == StorageBackend::Memory || m_learning.valid())
        return;
    m_tables.beginLearning();
    m_learning = std::async(std::launch::async,
        [config = m_config, stop = m_stop.get_token()]() -> std::optional<MailboxFilter> {
            const auto database = Database::connect(config);
            return database ? mailboxesInIndex(*database, stop) : std::nullopt;
        });
}

void SqliteStore::stopLearning()
{
    m_stop.request_stop();
    m_learning = {};
}

void SqliteStore::takeWhatWasLearnt()
{
    if (!m_learning.valid()
        || m_learning.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return;
    // Without it storing is slower. What cannot be read is met, and said, by those who need it.
    if (const auto indexed = m_learning.get())
        m_tables.learn(*indexed);
}

void SqliteStore::close()
{
    stopLearning();
    // The last connection that closes would try again, and then delete the log.
    endIfSyncFailed(m_database.checkpointAll());
}

void SqliteStore::finishCheckpoint()
{
    endIfSyncFailed(m_database.checkpoint());
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
    takeWhatWasLearnt();
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
    if (!m_tables.commit())
        return std::nullopt;
    if (!mayHaveMore && m_tables.shouldLearnAnew())
        beginLearning();
    return applied;
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
