// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace relay::admin {

namespace {

/** Sorted, bounds only once, counts that never fall. */
void normalise(std::vector<Bucket> &buckets)
{
    std::sort(buckets.begin(), buckets.end(),
        [](const Bucket &a, const Bucket &b) { return a.upperBound < b.upperBound; });
    std::vector<Bucket> result;
    for (const Bucket &bucket : buckets) {
        if (!result.empty() && result.back().upperBound == bucket.upperBound)
            result.back().count += bucket.count;
        else
            result.push_back(bucket);
    }
    for (size_t i = 1; i < result.size(); ++i)
        result[i].count = std::max(result[i].count, result[i - 1].count);
    buckets = std::move(result);
}

} // namespace

double histogramQuantile(double quantile, std::vector<Bucket> buckets)
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const bool isUnusable = std::any_of(buckets.begin(), buckets.end(),
        [](const Bucket &b) { return std::isnan(b.upperBound) || !std::isfinite(b.count); });
    if (isUnusable || std::isnan(quantile))
        return nan;
    normalise(buckets);
    if (buckets.size() < 2 || buckets.back().upperBound != std::numeric_limits<double>::infinity())
        return nan;
    const double total = buckets.back().count;
    if (total <= 0)
        return nan;
    const double rank = std::clamp(quantile, 0.0, 1.0) * total;
    const auto last = buckets.end() - 1;
    const auto found =
        std::find_if(buckets.begin(), last, [&](const Bucket &b) { return b.count >= rank; });
    if (found == last)
        return (last - 1)->upperBound;
    if (found == buckets.begin()) {
        if (found->upperBound <= 0)
            return found->upperBound;
        return found->count > 0 ? found->upperBound * rank / found->count : 0;
    }
    const Bucket &below = *(found - 1);
    const double inBucket = found->count - below.count;
    if (inBucket <= 0)
        return below.upperBound;
    return below.upperBound
        + (found->upperBound - below.upperBound) * (rank - below.count) / inBucket;
}

} // namespace relay::admin
