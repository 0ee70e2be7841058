// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/ticks.h"

#include <QDateTime>

#include <algorithm>
#include <array>
#include <cmath>

namespace relay::admin {

namespace {

constexpr std::array<qint64, 15> TimeSteps {1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600,
    3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600}; // seconds

/** 1, 2 or 5 times a power of ten. */
double niceStep(double roughly)
{
    const double power = std::pow(10, std::floor(std::log10(roughly)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (power * factor >= roughly * 0.999)
            return power * factor;
    }
    return power * 10;
}

} // namespace

std::vector<double> ticksUpTo(double highest, Unit unit)
{
    constexpr int Steps = 4;
    // An axis for nothing still has a scale.
    const double least = unit == Unit::Seconds ? 1e-3 : Steps;
    highest = std::max(std::isfinite(highest) ? highest : 0, least);
    double step;
    if (unit == Unit::Bytes) {
        const double base = std::pow(1024, std::floor(std::log(highest) / std::log(1024.0)));
        step = base * niceStep(highest / Steps / base);
    } else {
        step = niceStep(highest / Steps);
        if (unit == Unit::Count)
            step = std::max(step, 1.0);
    }
    std::vector<double> ticks;
    for (int n = 0; n == 0 || ticks.back() < highest * 0.999; ++n)
        ticks.push_back(step * n);
    return ticks;
}

std::vector<TimeTick> timeTicks(qint64 from, qint64 to, int most, const QLocale &locale)
{
    std::vector<TimeTick> ticks;
    if (to <= from)
        return ticks;
    const auto enough = std::find_if(TimeSteps.begin(), TimeSteps.end(),
        [&](qint64 step) { return (to - from) / (step * 1000) < most; });
    const qint64 step = (enough == TimeSteps.end() ? TimeSteps.back() : *enough) * 1000;
    const qint64 offset = qint64(QDateTime::fromMSecsSinceEpoch(from).offsetFromUtc()) * 1000;
    const qint64 first = (from + offset + step - 1) / step * step - offset;
    for (qint64 time = first; time <= to; time += step) {
        const QDateTime moment = QDateTime::fromMSecsSinceEpoch(time);
        QString label;
        if (step < 60'000)
            label = locale.toString(moment.time(), QStringLiteral("HH:mm:ss"));
        else if (step < 24 * 3600'000)
            label = locale.toString(moment.time(), QLocale::ShortFormat);
        else
            label = locale.toString(moment.date(), QLocale::ShortFormat);
        ticks.push_back({time, label});
    }
    return ticks;
}

} // namespace relay::admin
