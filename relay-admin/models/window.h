// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/moment.h"

#include <deque>
#include <vector>

namespace relay::admin {

/**
 * Increases of one or more counters, added up over a sliding window.
 *
 * The sum is of whole numbers in a double, so taking away what was added leaves nothing behind.
 */
class Window {
public:
    /** `increases` within the `seconds` before `at`. Another number of them begins anew. */
    void add(SteadyTime at, double seconds, std::vector<double> increases);
    /** Forgets what ended more than `length` before `now`. */
    void slide(SteadyTime now, std::chrono::milliseconds length);

    /** How many seconds of the window were seen; 0: nothing is known. */
    double seconds() const { return m_parts.empty() ? 0 : m_seconds; }
    const std::vector<double> &sums() const { return m_sums; }

private:
    struct Part {
        SteadyTime at;
        double seconds;
        std::vector<double> increases;
    };

    std::deque<Part> m_parts;
    double m_seconds = 0;
    std::vector<double> m_sums;
};

} // namespace relay::admin
