// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/moment.h"

#include <QString>

#include <optional>

namespace relay::admin {

enum class RelayState {
    Unknown,  ///< nothing has been answered yet
    Up,       ///< all three answers are as they should be
    NotReady, ///< /ready says 503
    Degraded, ///< it lives, and something of it cannot be read
    Down,     ///< /health fails
    Stale,    ///< what was last heard is too old to say
};

/** All that the state of a relay follows from. */
struct StateInputs {
    /** The last one that ended; null: none has. */
    const PollResult *last = nullptr;
    /** The last one in which /health did not time out; null: none. */
    const PollResult *answered = nullptr;
    /** When the poll began that is running. */
    std::optional<Moment> running;
    /** When /metrics was last read well. */
    std::optional<Moment> valuesAt;
    std::chrono::seconds interval {5};
};

struct StateReport {
    RelayState state = RelayState::Unknown;
    /** For people, in one line; empty where there is nothing to add to the state's name. */
    QString reason;
    /** The values shown are older than three intervals, whatever the state is. */
    bool isGrey = true;

    bool operator==(const StateReport &) const = default;
};

/**
 * The state, by these rules, the first that fits:
 *
 * - nothing has ended yet: Unknown;
 * - a poll has been running for more than three intervals: Stale (it hangs);
 * - what ended last was more than three intervals ago: Stale. Not where that was Down, and not by
 *   the steady clock: after a failure the poller waits longer from time to time. If the wall clock
 *   has jumped since (a suspend), it is Stale there too;
 * - /health timed out, and the time before it did not fail: it hangs, which is neither an answer
 * nor a failure. What that answer said, until it is three intervals old, then Stale;
 * - /health failed: Down; with 401 or 403 it is Degraded, for somebody answers;
 * - /ready said 503: NotReady; /ready or /metrics failed otherwise: Degraded;
 * - else Up.
 */
StateReport judge(const StateInputs &inputs, const Moment &now);

/** The state's name, for people. */
QString stateName(RelayState state);

} // namespace relay::admin
