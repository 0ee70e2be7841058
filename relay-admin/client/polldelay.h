// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>

namespace relay::admin {

/** A relay that does not answer is asked at least this often, unless its interval is longer. */
inline constexpr std::chrono::milliseconds MaxBackoff {60'000};

/** No poll takes longer: four fifths of the interval, and at most 10 s. */
inline std::chrono::milliseconds pollTimeLimit(std::chrono::seconds interval)
{
    return std::min(std::chrono::milliseconds(interval) * 4 / 5, std::chrono::milliseconds(10'000));
}

/**
 * From the beginning of a poll to that of the next one, after `failures` polls in a row that
 * failed: the interval, and from the second failure on twice as long each time, up to MaxBackoff.
 * `random`, 0 to 1, takes away up to a fifth of what is beyond the interval, so that consoles do
 * not ask in step.
 */
inline std::chrono::milliseconds pollDelay(
    std::chrono::seconds interval, int failures, double random)
{
    const std::chrono::milliseconds shortest = interval;
    const std::chrono::milliseconds longest = std::max(shortest, MaxBackoff);
    std::chrono::milliseconds delay = shortest;
    for (int i = 1; i < failures && delay < longest; ++i)
        delay = std::min(2 * delay, longest);
    const auto spread = static_cast<double>((delay - shortest).count()) / 5;
    return delay
        - std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(spread * random));
}

} // namespace relay::admin
