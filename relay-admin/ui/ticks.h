// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/series.h"

#include <QLocale>
#include <QString>

#include <vector>

namespace relay::admin {

/** Ticks from 0 to at least `highest`, four to six of them, at values that are easy to read. */
std::vector<double> ticksUpTo(double highest, Unit unit);

struct TimeTick {
    /** Milliseconds since 1970. */
    qint64 time;
    QString label;
};

/** At most `most` ticks (1 or more) at round moments of the local day, within the range. */
std::vector<TimeTick> timeTicks(qint64 from, qint64 to, int most, const QLocale &locale);

} // namespace relay::admin
