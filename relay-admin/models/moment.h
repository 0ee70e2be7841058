// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/pollresult.h"

#include <QDateTime>

#include <chrono>

namespace relay::admin {

/**
 * Now, by both clocks, which say different things after a suspend: Linux' steady clock stands still
 * in one.
 */
struct Moment {
    SteadyTime steady {};
    QDateTime wall;

    static Moment now()
    {
        return {std::chrono::steady_clock::now(), QDateTime::currentDateTimeUtc()};
    }
    static Moment endOf(const PollResult &result) { return {result.ended, result.wallTime}; }

    /**
     * How long ago `earlier` was: the longer of what the clocks say. A wall clock that was set back
     * does not make anything younger; one that was set forward looks like a suspend, and is taken
     * for one.
     */
    std::chrono::milliseconds since(const Moment &earlier) const
    {
        using std::chrono::milliseconds;
        const auto bySteady = std::chrono::duration_cast<milliseconds>(steady - earlier.steady);
        if (!wall.isValid() || !earlier.wall.isValid())
            return bySteady;
        return std::max(bySteady, milliseconds(earlier.wall.msecsTo(wall)));
    }
};

/** Values, and a running poll, are old when this many intervals have gone by. */
inline constexpr int IntervalsUntilOld = 3;

inline std::chrono::milliseconds oldAfter(std::chrono::seconds interval)
{
    return interval * IntervalsUntilOld;
}

} // namespace relay::admin
