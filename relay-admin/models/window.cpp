// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/window.h"

namespace relay::admin {

namespace {

/** A window of an hour at one poll a second; what is hostile does not fill the memory. */
constexpr size_t MaxParts = 3600;

} // namespace

void Window::add(SteadyTime at, double seconds, std::vector<double> increases)
{
    if (increases.size() != m_sums.size()) {
        m_parts.clear();
        m_seconds = 0;
        m_sums.assign(increases.size(), 0);
    }
    for (size_t i = 0; i < m_sums.size(); ++i)
        m_sums[i] += increases[i];
    m_seconds += seconds;
    m_parts.push_back({at, seconds, std::move(increases)});
}

void Window::slide(SteadyTime now, std::chrono::milliseconds length)
{
    while (!m_parts.empty() && (now - m_parts.front().at >= length || m_parts.size() > MaxParts)) {
        const Part &part = m_parts.front();
        for (size_t i = 0; i < m_sums.size(); ++i)
            m_sums[i] -= part.increases[i];
        m_seconds -= part.seconds;
        m_parts.pop_front();
    }
}

} // namespace relay::admin
