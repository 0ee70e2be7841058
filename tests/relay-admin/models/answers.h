// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/moment.h"

#include <QTimeZone>

#include <initializer_list>
#include <memory>
#include <utility>

/** Answers of a relay, made by hand. */
namespace relay::admin::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

/** Both clocks, moved by the test; they begin at a full minute. */
class Clocks {
public:
    Moment now() const { return m_now; }
    Clocks &advance(milliseconds time)
    {
        m_now.steady += time;
        m_now.wall = m_now.wall.addMSecs(time.count());
        return *this;
    }
    /** The machine sleeps, or somebody sets the clock: only the wall clock moves. */
    Clocks &jump(milliseconds time)
    {
        m_now.wall = m_now.wall.addMSecs(time.count());
        return *this;
    }

private:
    Moment m_now {
        SteadyTime(std::chrono::hours(1000)), QDateTime(QDate(2024, 5, 1), QTime(12, 0), Qt::UTC)};
};

/** An exposition, family by family. */
class Metrics {
public:
    Metrics &gauge(const char *name, double value)
    {
        m_exposition.families.push_back(
            {name, MetricType::Gauge, QStringLiteral("A gauge."), {{name, {}, value, {}}}});
        return *this;
    }
    Metrics &counter(const char *name, double value)
    {
        m_exposition.families.push_back(
            {name, MetricType::Counter, QStringLiteral("A counter."), {{name, {}, value, {}}}});
        return *this;
    }
    /** One series for each value of a label. */
    Metrics &counters(const char *name, const char *label,
        std::initializer_list<std::pair<const char *, double>> values)
    {
        MetricFamily family {name, MetricType::Counter, QStringLiteral("Counters."), {}};
        for (const auto &[text, value] : values)
            family.samples.push_back(
                {name, {{label, QString::fromLatin1(text)}}, value, std::nullopt});
        m_exposition.families.push_back(family);
        return *this;
    }
    /** Cumulative counts, with the bounds as they stand in the text. */
    Metrics &histogram(
        const char *name, std::initializer_list<std::pair<const char *, double>> buckets)
    {
        const QByteArray base = name;
        MetricFamily family {base, MetricType::Histogram, QStringLiteral("A histogram."), {}};
        double count = 0;
        for (const auto &[bound, value] : buckets) {
            family.samples.push_back(
                {base + "_bucket", {{"le", QString::fromLatin1(bound)}}, value, std::nullopt});
            count = value;
        }
        family.samples.push_back({base + "_count", {}, count, std::nullopt});
        family.samples.push_back({base + "_sum", {}, count, std::nullopt});
        m_exposition.families.push_back(family);
        return *this;
    }
    operator std::shared_ptr<const Exposition>() const
    {
        return std::make_shared<const Exposition>(m_exposition);
    }

private:
    Exposition m_exposition;
};

/** A poll that went well, and ended now. */
inline PollResult goodPoll(const Moment &now, std::shared_ptr<const Exposition> exposition)
{
    PollResult result;
    result.began = now.steady - milliseconds(20);
    result.ended = now.steady;
    result.wallTime = now.wall;
    result.health = result.ready = result.metrics = {Outcome::Ok, 200, {}};
    result.healthReport = {QStringLiteral("0.1.0"), seconds(90)};
    result.exposition = std::move(exposition);
    return result;
}

/** Nobody was there. */
inline PollResult failedPoll(const Moment &now)
{
    PollResult result = goodPoll(now, nullptr);
    result.health = result.ready =
        result.metrics = {Outcome::Unreachable, 0, QStringLiteral("connection refused")};
    result.healthReport = {};
    return result;
}

} // namespace relay::admin::test
