// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/thinning.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace relay::admin {

namespace {

/** What stays of one span. */
struct Span {
    std::optional<QPointF> least;
    std::optional<QPointF> greatest;
    std::optional<double> gapAt;

    void add(const QPointF &point)
    {
        if (std::isnan(point.y())) {
            gapAt = point.x();
            return;
        }
        if (!least || point.y() < least->y())
            least = point;
        if (!greatest || point.y() > greatest->y())
            greatest = point;
    }

    void write(QList<QPointF> &result) const
    {
        // A gap before all values of the span goes before them; any other ends the line behind
        // them.
        const bool isGapFirst = gapAt && least && *gapAt < std::min(least->x(), greatest->x());
        const QPointF gap(gapAt.value_or(0), std::numeric_limits<double>::quiet_NaN());
        if (isGapFirst)
            result.append(gap);
        if (least) {
            const bool isLeastFirst = least->x() <= greatest->x();
            result.append(isLeastFirst ? *least : *greatest);
            if (least->x() != greatest->x())
                result.append(isLeastFirst ? *greatest : *least);
        }
        if (gapAt && !isGapFirst)
            result.append(
                {std::max(gap.x(), result.isEmpty() ? gap.x() : result.last().x()), gap.y()});
    }
};

} // namespace

QList<QPointF> thinned(const QList<QPointF> &points, HistoryRange range, int maxPoints)
{
    // Up to three points of each span; spans lie on multiples of their width, so one more is cut.
    const int spans = std::max(maxPoints, 12) / 3 - 1;
    const double width =
        std::max(1.0, std::ceil(static_cast<double>(range.to - range.from + 1) / spans));
    QList<QPointF> result;
    result.reserve(3 * (spans + 1));
    Span span;
    double number = -1;
    for (const QPointF &point : points) {
        const double at = std::floor(point.x() / width);
        if (at != number) {
            span.write(result);
            span = {};
            number = at;
        }
        span.add(point);
    }
    span.write(result);
    return result;
}

} // namespace relay::admin
