// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/clock.h"

namespace relay {

/** A limit of so many a minute, with so many at once. Either one 0: no limit. */
struct Rate {
    int perMinute = 0;
    int burst = 0;

    bool isUnlimited() const { return perMinute == 0 || burst == 0; }
};

/** One peer's allowance under a Rate. Starts full. Not thread-safe. */
class TokenBucket {
public:
    /** Takes one token, unless there is none. */
    bool take(const Rate &rate, TimePoint now);
    /** Whether the bucket is as good as new, so that it may be forgotten. */
    bool isFull(const Rate &rate, TimePoint now) const;

private:
    double tokensAt(const Rate &rate, TimePoint now) const;

    /** Tokens missing from a full bucket at m_at; so a new bucket needs no Rate. */
    double m_spent = 0;
    TimePoint m_at {};
};

} // namespace relay
