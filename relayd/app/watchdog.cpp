// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/watchdog.h"

#include <algorithm>
#include <utility>

namespace relay {

using namespace std::chrono_literals;

namespace {

/** So that one answer that comes late, or one tick, is never what ends a relay. */
constexpr int TicksPerTimeout = 4;

} // namespace

Watchdog::Watchdog(
    QObject &writer, const BusySince &writing, const Clock &clock, std::function<void()> tell)
    : m_writer(writer)
    , m_writing(writing)
    , m_clock(clock)
    , m_tell(std::move(tell))
    , m_timer(this)
{
    connect(&m_timer, &QTimer::timeout, this, &Watchdog::tick);
}

void Watchdog::start(std::chrono::microseconds timeout)
{
    const auto interval =
        std::chrono::duration_cast<std::chrono::milliseconds>(timeout / TicksPerTimeout);
    m_timer.start(std::clamp<std::chrono::milliseconds>(interval, 1ms, 1h));
    tick();
}

void Watchdog::stop()
{
    m_timer.stop();
}

void Watchdog::tick()
{
    if (isAlive())
        m_tell();
    // One question at a time: a writer that is held up finds one, however long it took.
    if (m_hasAnswered.exchange(false))
        QMetaObject::invokeMethod(&m_writer, [this] { m_hasAnswered = true; });
}

bool Watchdog::isAlive() const
{
    const auto inCall = m_writing.duration(m_clock.now());
    return inCall > inCall.zero() ? inCall <= MaxCall : m_hasAnswered.load();
}

} // namespace relay
