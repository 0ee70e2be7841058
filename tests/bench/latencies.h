// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <algorithm>
#include <bit>
#include <chrono>
#include <vector>

namespace relay::bench {

using Clock = std::chrono::steady_clock;

/**
 * Times, in buckets that are at most 1/128 of their value wide, from nanoseconds to centuries: any
 * number of them in 60 KB. What is asked for is the upper end of its bucket.
 */
class Latencies {
public:
    void add(Clock::duration time)
    {
        ++m_counts[bucketOf(static_cast<quint64>(std::max<qint64>(time.count(), 0)))];
        ++m_count;
    }
    quint64 count() const { return m_count; }

    /** Milliseconds; `share`: 0.5 for the median, 1 for the slowest. */
    double percentile(double share) const
    {
        if (m_count == 0)
            return 0;
        const auto rank = static_cast<quint64>(share * static_cast<double>(m_count - 1)) + 1;
        quint64 seen = 0;
        size_t bucket = 0;
        while ((seen += m_counts[bucket]) < rank)
            ++bucket;
        return static_cast<double>(endOf(bucket)) / 1e6;
    }

private:
    static constexpr int Bits = 7;
    static constexpr quint64 Linear = quint64(1) << Bits;

    static size_t bucketOf(quint64 nanos)
    {
        if (nanos < Linear)
            return nanos;
        const int shift = static_cast<int>(std::bit_width(nanos)) - 1 - Bits;
        return (static_cast<quint64>(shift) + 1) * Linear + ((nanos >> shift) - Linear);
    }
    static quint64 endOf(size_t bucket)
    {
        if (bucket < Linear)
            return bucket;
        const quint64 shift = bucket / Linear - 1;
        return ((bucket % Linear + Linear + 1) << shift) - 1;
    }

    std::vector<quint64> m_counts = std::vector<quint64>((64 - Bits + 1) * Linear);
    quint64 m_count = 0;
};

} // namespace relay::bench
