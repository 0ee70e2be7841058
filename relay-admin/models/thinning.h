// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/history.h"

namespace relay::admin {

/**
 * At most `maxPoints` (at least 12) of `points`, which stand in order of x within the range: of
 * each of a number of equal spans the least and the greatest, and a NaN where there was one.
 */
QList<QPointF> thinned(const QList<QPointF> &points, HistoryRange range, int maxPoints);

} // namespace relay::admin
