// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/busysince.h"

#include <QObject>
#include <QTimer>

#include <atomic>
#include <functional>

namespace relay {

/**
 * Tells the service manager that the relay is alive, as long as the thread of `writer` is: it
 * answers, or is inside a call of the database that has not taken too long. A disk that hangs for a
 * while is reported by /ready; a restart would not mend it. Lives on the main thread, which has to
 * run for anything to be told, and outlives the writer's thread.
 */
class Watchdog final : public QObject {
    Q_OBJECT

public:
    /** For so long a call of the database counts as alive. */
    static constexpr std::chrono::seconds MaxCall {120};

    /** @p tell is called on the main thread. */
    Watchdog(
        QObject &writer, const BusySince &writing, const Clock &clock, std::function<void()> tell);

    /** Tells several times within @p timeout, after which the manager gives the relay up. */
    void start(std::chrono::microseconds timeout);
    void stop();

    /** What the timer does: tells, if the writer is alive, and asks it again. */
    void tick();

private:
    bool isAlive() const;

    QObject &m_writer;
    const BusySince &m_writing;
    const Clock &m_clock;
    const std::function<void()> m_tell;
    std::atomic<bool> m_hasAnswered {true};
    QTimer m_timer;
};

} // namespace relay
