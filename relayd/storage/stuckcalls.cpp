// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/stuckcalls.h"

#include <sys/socket.h>

namespace relay {

int StuckCalls::cutOff(std::chrono::milliseconds most)
{
    const TimePoint now = SystemClock().now();
    int count = 0;
    // The lock keeps the descriptor: it is closed after the call has ended, and that takes the
    // lock.
    const std::lock_guard lock(m_mutex);
    for (const auto &[descriptor, began] : m_began) {
        if (descriptor < 0 || now - began <= most)
            continue;
        ::shutdown(descriptor, SHUT_RDWR);
        ++count;
    }
    return count;
}

} // namespace relay
