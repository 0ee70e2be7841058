// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace relay::admin {

/** One bucket of a histogram: how many observations were at most `upperBound`. */
struct Bucket {
    double upperBound = 0;
    double count = 0;

    bool operator==(const Bucket &) const = default;
};

/**
 * Prometheus' histogram_quantile(): linear within the bucket in which the quantile lies, from 0 in
 * the first one. NaN if nothing was observed, without a +Inf bucket, or with that one only; in the
 * +Inf bucket it is the highest finite bound. In any order; counts that fall are raised to the one
 * before, as buckets of one scrape may have been read at different moments.
 */
double histogramQuantile(double quantile, std::vector<Bucket> buckets);

} // namespace relay::admin
