// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/timerqueue.h"

#include <QCoreApplication>
#include <QTimerEvent>

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace relay {

namespace {

constexpr milliseconds LargestGrid = 1s;

int roundedUp(TimerQueue::Clock::duration left)
{
    const qint64 count = std::chrono::ceil<milliseconds>(left).count();
    return static_cast<int>(std::clamp<qint64>(count, 0, std::numeric_limits<int>::max()));
}

} // namespace

milliseconds TimerQueue::Timer::period() const
{
    if (type != Qt::VeryCoarseTimer || interval == 0ms)
        return interval;
    return std::max<milliseconds>(std::chrono::round<seconds>(interval), 1s);
}

TimerQueue::Time TimerQueue::Timer::due() const
{
    if (type == Qt::PreciseTimer || interval == 0ms)
        return ideal;
    if (type == Qt::VeryCoarseTimer)
        return std::chrono::round<seconds>(ideal);
    const milliseconds slack = interval / 20; // 5 %
    if (slack < 1ms)
        return ideal;
    // A grid of a power of two: that of a long interval is part of that of a shorter one.
    const auto size = static_cast<quint64>(std::min(slack, LargestGrid).count());
    const milliseconds grid(std::bit_floor(size));
    const auto past = ideal.time_since_epoch() % grid;
    return past == past.zero() ? ideal : ideal + (grid - past);
}

void TimerQueue::schedule(int id, Timer &timer)
{
    timer.key = {timer.due(), ++m_lastSerial};
    m_order.emplace(timer.key, id);
}

TimerQueue::Timer *TimerQueue::find(int id, quint64 registration)
{
    const auto timer = m_timers.find(id);
    const bool isSame = timer != m_timers.end() && timer->second.registration == registration;
    return isSame ? &timer->second : nullptr;
}

void TimerQueue::add(int id, milliseconds interval, Qt::TimerType type, QObject *object, Time now)
{
    remove(id);
    Timer timer {
        .object = object, .interval = interval, .type = type, .registration = ++m_lastSerial};
    timer.ideal = now + timer.period();
    schedule(id, m_timers.emplace(id, timer).first->second);
}

bool TimerQueue::remove(int id)
{
    const auto timer = m_timers.find(id);
    if (timer == m_timers.end())
        return false;
    m_order.erase(timer->second.key);
    m_timers.erase(timer);
    return true;
}

bool TimerQueue::removeAll(QObject *object)
{
    const QList<TimerInfo> theirs = timersOf(object);
    for (const TimerInfo &timer : theirs)
        remove(timer.timerId);
    return !theirs.isEmpty();
}

QList<TimerQueue::TimerInfo> TimerQueue::timersOf(QObject *object) const
{
    QList<TimerInfo> theirs;
    for (const auto &[key, id] : m_order) {
        const Timer &timer = m_timers.at(id);
        if (timer.object == object)
            theirs.append(TimerInfo(id, static_cast<int>(timer.interval.count()), timer.type));
    }
    return theirs;
}

std::optional<int> TimerQueue::remaining(int id, Time now) const
{
    const auto timer = m_timers.find(id);
    if (timer == m_timers.end())
        return std::nullopt;
    return roundedUp(timer->second.key.first - now);
}

std::optional<int> TimerQueue::remainingToNext(Time now) const
{
    for (const auto &[key, id] : m_order) {
        if (!m_timers.at(id).isFiring)
            return roundedUp(key.first - now);
    }
    return std::nullopt;
}

int TimerQueue::fire(Time now)
{
    struct Due {
        int id;
        quint64 registration;
    };
    std::vector<Due> due;
    for (auto it = m_order.begin(); it != m_order.end() && it->first.first <= now; ++it)
        due.push_back({it->second, m_timers.at(it->second).registration});

    int fired = 0;
    for (const auto [id, registration] : due) {
        Timer *timer = find(id, registration);
        if (!timer || timer->key.first > now) // removed, or fired in a nested loop
            continue;
        m_order.erase(timer->key);
        timer->ideal += timer->period();
        if (timer->ideal < now) // periods that were missed are not made up for
            timer->ideal = now + timer->period();
        schedule(id, *timer);
        if (timer->isFiring)
            continue;
        if (timer->interval > 0ms)
            ++fired;
        timer->isFiring = true;
        QTimerEvent event(id);
        QCoreApplication::sendEvent(timer->object, &event);
        if (Timer *still = find(id, registration))
            still->isFiring = false;
    }
    return fired;
}

} // namespace relay
