// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/clock.h"

#include <cstdlib>
#include <utility>

namespace relay {

/**
 * Keeps a wrong clock from deleting mail: a sweep may run only if the wall clock and the monotonic
 * clock agree, to five minutes, on how long ago the last one (or the start) was.
 */
class SweepGuard {
public:
    static constexpr std::chrono::minutes MaxDisagreement {5};

    explicit SweepGuard(const Clock &clock)
        : m_clock(clock)
        , m_last(seen())
    {
    }

    /** Call before each sweep; false: skip it. The next call compares with this one. */
    bool allows()
    {
        const Seen now = seen();
        const Seen before = std::exchange(m_last, now);
        using std::chrono::milliseconds;
        const auto passed =
            std::chrono::duration_cast<milliseconds>(now.monotonic - before.monotonic).count();
        const qint64 disagreement = std::abs(now.unixMillis - before.unixMillis - passed);
        return disagreement <= milliseconds(MaxDisagreement).count();
    }

private:
    struct Seen {
        TimePoint monotonic;
        qint64 unixMillis;
    };
    Seen seen() const { return {m_clock.now(), m_clock.unixMillis()}; }

    const Clock &m_clock;
    Seen m_last;
};

} // namespace relay
