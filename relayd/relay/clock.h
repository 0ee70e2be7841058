// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <chrono>

namespace relay {

/** Monotonic time: for durations, time-outs and rates. */
using TimePoint = std::chrono::steady_clock::time_point;

/** The two clocks, passed in so that rules are tested without waiting. Any thread may ask. */
class Clock {
public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    /** Wall clock, milliseconds since 1970. It may jump in either direction. */
    virtual qint64 unixMillis() const = 0;

protected:
    Clock() = default;
    Clock(const Clock &) = default;
    Clock &operator=(const Clock &) = default;
};

class SystemClock final : public Clock {
public:
    TimePoint now() const override { return std::chrono::steady_clock::now(); }
    qint64 unixMillis() const override
    {
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }
};

} // namespace relay
