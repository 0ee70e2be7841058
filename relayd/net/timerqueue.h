// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractEventDispatcher>
#include <QList>

#include <chrono>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace relay {

/**
 * The timers of one event dispatcher, in the order in which they are due. Lives on its thread.
 *
 * Precise timers are due to the nanosecond, coarse ones up to 5 % late and very coarse ones at the
 * nearest full second, so that several of them share a wake-up. None of them drifts.
 */
class TimerQueue {
public:
    using Clock = std::chrono::steady_clock; // CLOCK_MONOTONIC
    using Time = Clock::time_point;
    using TimerInfo = QAbstractEventDispatcher::TimerInfo;

    void add(
        int id, std::chrono::milliseconds interval, Qt::TimerType type, QObject *object, Time now);
    bool remove(int id);
    bool removeAll(QObject *object);

    QList<TimerInfo> timersOf(QObject *object) const;

    /** Milliseconds until the timer is due, rounded up; nothing if there is no such timer. */
    std::optional<int> remaining(int id, Time now) const;
    /** The same for the first that can fire: one in whose slot we are cannot. */
    std::optional<int> remainingToNext(Time now) const;

    /**
     * Fires what is due at @p now, each timer once, by a QTimerEvent to its object. What becomes
     * due meanwhile waits for the next call. Returns how many fired, without those of interval 0:
     * they always do.
     */
    int fire(Time now);

private:
    /** Timers that are due at the same time fire in the order in which they were started. */
    using Key = std::pair<Time, quint64>;

    struct Timer {
        QObject *object;
        std::chrono::milliseconds interval;
        Qt::TimerType type;
        quint64 registration; // ids are used again
        Time ideal {};        // when it would fire if it were precise
        Key key {};
        bool isFiring = false;

        std::chrono::milliseconds period() const;
        Time due() const;
    };

    void schedule(int id, Timer &timer);
    Timer *find(int id, quint64 registration);

    std::unordered_map<int, Timer> m_timers; // by id
    std::map<Key, int> m_order;              // ids
    quint64 m_lastSerial = 0;
};

} // namespace relay
