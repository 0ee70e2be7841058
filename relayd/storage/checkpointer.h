// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/iocontext.h"
#include "relayd/storage/database.h"

#include <QObject>
#include <QTimer>

#include <optional>

namespace relay {

/**
 * Moves the log into the database, so that no commit has to, and nobody who reads waits for the
 * syncs that this takes: on a thread and a connection of its own. Ends the process when a sync has
 * failed that may have lost what earlier passes copied (see endForRecovery()). Once damage was met,
 * it leaves the database alone and looks, at growing intervals, whether the damage is still there.
 *
 * A worker object: moved to its thread; everything is called there.
 */
class Checkpointer : public QObject {
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds Interval {50};
    /**
     * SQLite syncs the database only after a pass during which nothing was committed. Beside a busy
     * writer it takes a few, each shorter than the one before.
     */
    static constexpr int MaxPasses = 4;
    /** In pages: from here on, the writer is asked to begin the log anew. */
    static constexpr qint64 LongLog = 2000;
    /** From damage to the first look, and how long it grows to between two. */
    static constexpr std::chrono::seconds FirstLook {2};
    static constexpr std::chrono::seconds LongestPause {600};

    explicit Checkpointer(RelayContext &relay);
    ~Checkpointer() override;

    std::optional<StartFault> open(const DatabaseConfig &config);
    /** Waits for a look that is going on. */
    void close();

private:
    void tick();
    void moveLog();
    /** Another number after each commit, of whichever process. */
    std::optional<qint64> commitsOfOthers() const;
    bool isSound() const;

    RelayContext &m_relay;
    DatabaseConfig m_config;
    std::optional<Database> m_database;
    QTimer m_timer;
    /** The last pass copied all of the log, and SQLite synced it: nothing was committed meanwhile.
     */
    bool m_isSynced = true;
    /** Of the next look at the damage. */
    std::optional<TimePoint> m_lookAt;
    std::chrono::seconds m_pause = FirstLook;
};

} // namespace relay
