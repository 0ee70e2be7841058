// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/tokenbucket.h"

#include <algorithm>

namespace relay {

namespace {

/** A token that is so much short of a whole one is one. */
constexpr double RoundingError = 1e-9;

} // namespace

double TokenBucket::tokensAt(const Rate &rate, TimePoint now) const
{
    const std::chrono::duration<double, std::ratio<60>> minutes = std::max(now, m_at) - m_at;
    return rate.burst - std::max(0.0, m_spent - minutes.count() * rate.perMinute);
}

bool TokenBucket::take(const Rate &rate, TimePoint now)
{
    if (rate.isUnlimited())
        return true;
    const double tokens = tokensAt(rate, now);
    if (tokens < 1 - RoundingError)
        return false;
    m_spent = rate.burst - (tokens - 1);
    m_at = now;
    return true;
}

bool TokenBucket::isFull(const Rate &rate, TimePoint now) const
{
    return rate.isUnlimited() || tokensAt(rate, now) >= rate.burst - RoundingError;
}

} // namespace relay
