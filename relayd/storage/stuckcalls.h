// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/clock.h"

#include <map>
#include <mutex>

namespace relay {

/**
 * Ends calls of a database server that does not answer. The driver waits for ever: the connection
 * is shut down from outside, and the call returns with an error.
 *
 * Any thread; cutOff() is to be called regularly by one that never waits for the server.
 */
class StuckCalls {
public:
    /** Beyond this a call is cut off. The server itself ends its statements before. */
    static constexpr std::chrono::seconds MaxCall {6};

    /** A call over the socket `descriptor` (negative: unknown), for as long as it lives. */
    class Scope {
    public:
        Scope(StuckCalls &calls, int descriptor)
            : m_calls(calls)
            , m_descriptor(descriptor)
        {
            const std::lock_guard lock(m_calls.m_mutex);
            m_calls.m_began[m_descriptor] = SystemClock().now();
        }
        ~Scope()
        {
            const std::lock_guard lock(m_calls.m_mutex);
            m_calls.m_began.erase(m_descriptor);
        }
        Scope(const Scope &) = delete;
        Scope &operator=(const Scope &) = delete;

    private:
        StuckCalls &m_calls;
        const int m_descriptor;
    };

    /** Shuts down what has waited for more than `most`. Returns how many. */
    int cutOff(std::chrono::milliseconds most = MaxCall);

private:
    std::mutex m_mutex;
    /** By descriptor: when the call over it began. */
    std::map<int, TimePoint> m_began;
};

} // namespace relay
