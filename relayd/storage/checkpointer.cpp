// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/checkpointer.h"

#include <QLoggingCategory>

#include <algorithm>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcCheckpointer, "relay.storage")

} // namespace

Checkpointer::Checkpointer(RelayContext &relay)
    : m_relay(relay)
    , m_timer(this)
{
    connect(&m_timer, &QTimer::timeout, this, &Checkpointer::tick);
}

Checkpointer::~Checkpointer() = default;

std::optional<StartFault> Checkpointer::open(const DatabaseConfig &config)
{
    auto database = Database::connect(config);
    if (!database)
        return database.error();
    m_config = config;
    m_database.emplace(std::move(database).value());
    m_timer.start(Interval);
    return std::nullopt;
}

void Checkpointer::close()
{
    m_timer.stop();
    m_database.reset();
}

void Checkpointer::moveLog()
{
    qint64 pages = 0;
    for (int pass = 0; pass < MaxPasses; ++pass) {
        const auto before = commitsOfOthers();
        const auto log = m_database->checkpoint();
        if (!log) {
            // Where all was synced before, the next pass copies what this one has lost.
            if (log.error() == CheckpointFault::SyncFailed && !m_isSynced)
                endForRecovery();
            return;
        }
        pages = log->pages;
        m_isSynced = pages >= 0 && log->moved == pages && before && commitsOfOthers() == before;
        if (m_isSynced)
            break;
    }
    if (pages > LongLog)
        m_relay.progress.isLogLong = true;
}

std::optional<qint64> Checkpointer::commitsOfOthers() const
{
    return m_database->number(QStringLiteral("PRAGMA data_version"));
}

void Checkpointer::tick()
{
    if (!m_relay.progress.isDamaged) {
        moveLog();
        return;
    }
    if (!m_lookAt)
        m_lookAt = m_relay.clock.now() + m_pause;
    if (m_relay.clock.now() < *m_lookAt)
        return;
    m_lookAt.reset();
    // Also after one that finds nothing: whoever meets damage again looks less often.
    m_pause = std::min(2 * m_pause, LongestPause);
    if (!isSound())
        return;
    qCWarning(lcCheckpointer) << "the damage is gone: an integrity check finds nothing. It was the"
                              << "disk that could not be read; see to it before it is lost";
    m_relay.progress.isDamaged = false;
}

bool Checkpointer::isSound() const
{
    // Not this connection, which remembers what it has read.
    const auto database = Database::connect(m_config);
    return database && database->integrityFaults().isEmpty();
}

} // namespace relay
