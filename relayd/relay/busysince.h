// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/clock.h"

#include <atomic>

namespace relay {

/**
 * Since when a thread has been inside something that may not return, such as a call of a database
 * whose disk hangs. That thread marks it; any other asks. Lock-free.
 */
class BusySince {
public:
    /** Marks as long as it lives; inside another one, from its own beginning. */
    class Scope {
    public:
        Scope(BusySince &busy, const Clock &clock)
            : m_busy(busy)
            , m_before(busy.m_since.exchange(
                  clock.now().time_since_epoch().count(), std::memory_order_relaxed))
        {
        }
        ~Scope() { m_busy.m_since.store(m_before, std::memory_order_relaxed); }
        Scope(const Scope &) = delete;
        Scope &operator=(const Scope &) = delete;

    private:
        BusySince &m_busy;
        const TimePoint::rep m_before;
    };

    /** Zero: the thread is not inside. */
    TimePoint::duration duration(TimePoint now) const
    {
        const TimePoint::rep since = m_since.load(std::memory_order_relaxed);
        return since == Idle ? TimePoint::duration::zero()
                             : now - TimePoint(TimePoint::duration(since));
    }

private:
    static constexpr TimePoint::rep Idle = 0;

    std::atomic<TimePoint::rep> m_since {Idle};
};

} // namespace relay
