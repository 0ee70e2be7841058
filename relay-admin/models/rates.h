// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/histogram.h"
#include "relay-admin/models/moment.h"

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace relay::admin {

/**
 * What the counters of one relay did between the last two answers of /metrics.
 *
 * There is no rate (NaN, a gap in a chart) before the second answer; when more than the longest
 * span lies between two; when the machine was suspended or its clock was set in between; and when
 * the relay was started anew (process_start_time_seconds changed) or a counter fell. Prometheus
 * takes a counter that fell for one that began at 0; but what the relay that ended had counted last
 * is lost, and where two relays answer at one address (a balancer before them) 0 was days ago: the
 * rate would be huge. Nothing is known about such a span, so nothing is said.
 */
class Rates {
public:
    /** An answer of /metrics; one that failed is not taken. */
    void take(std::shared_ptr<const Exposition> exposition, const Moment &at,
        std::chrono::milliseconds longestSpan);

    /** The last answer; null before the first. */
    const std::shared_ptr<const Exposition> &exposition() const { return m_exposition; }
    /** Seconds between the last two; nothing: there is no rate. */
    std::optional<double> span() const { return m_span; }
    /** The relay was started anew between the last two. */
    bool isRestarted() const { return m_isRestarted; }

    /** By how much all series of a counter that have these labels rose together; NaN: not known. */
    double increase(QByteArrayView counter, const std::vector<MetricLabel> &labels = {}) const;
    double perSecond(QByteArrayView counter, const std::vector<MetricLabel> &labels = {}) const;
    /** The same for one sample of exposition(), by its place; NaN also for a gauge. */
    double perSecond(size_t family, size_t sample) const;
    /** What came into the buckets, cumulative as they are; empty: not known, or absurdly many. */
    std::vector<Bucket> bucketIncreases(QByteArrayView histogram) const;

private:
    double sampleIncrease(size_t family, size_t sample) const;
    void compare(const Exposition &before, const Exposition &now);

    std::shared_ptr<const Exposition> m_exposition;
    Moment m_at;
    std::optional<double> m_span;
    bool m_isRestarted = false;
    /** By family and sample of m_exposition; empty: there is no rate. */
    std::vector<std::vector<double>> m_increases;
};

/** Whether `sample` has all of `labels`. */
bool hasLabels(const MetricSample &sample, const std::vector<MetricLabel> &labels);

} // namespace relay::admin
