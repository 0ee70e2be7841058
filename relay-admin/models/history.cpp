// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/history.h"

#include "relay-admin/models/thinning.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace relay::admin {

namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr qint64 Minute = 60'000;
/** What nobody takes away is not kept for ever either. */
constexpr size_t MaxUnsaved = History::MaxRawRows;

qint64 minuteOf(qint64 time)
{
    return time - time % Minute;
}

double valueOf(const MinuteRow &row, size_t series, Statistic statistic)
{
    switch (statistic) {
    case Statistic::Mean:
        return row.mean[series];
    case Statistic::Min:
        return row.min[series];
    case Statistic::Max:
        return row.max[series];
    }
    Q_UNREACHABLE();
}

template <typename Rows>
auto firstAt(Rows &rows, qint64 time)
{
    return std::lower_bound(rows.begin(), rows.end(), time,
        [](const auto &row, qint64 wanted) { return row.time < wanted; });
}

template <typename Rows>
void eraseFrom(Rows &rows, qint64 time)
{
    rows.erase(firstAt(rows, time), rows.end());
}

} // namespace

bool HistoryRow::isGap() const
{
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
}

HistoryRange HistoryRange::last(std::chrono::milliseconds length, const QDateTime &now)
{
    const qint64 to = now.toMSecsSinceEpoch();
    return {to - length.count(), to};
}

void History::Sums::add(const SeriesValues &values)
{
    for (size_t i = 0; i < SeriesCount; ++i) {
        if (std::isnan(values[i]))
            continue;
        sum[i] += values[i];
        min[i] = count[i] == 0 ? values[i] : std::min(min[i], values[i]);
        max[i] = count[i] == 0 ? values[i] : std::max(max[i], values[i]);
        ++count[i];
    }
}

std::optional<MinuteRow> History::Sums::row() const
{
    if (std::all_of(count.begin(), count.end(), [](int n) { return n == 0; }))
        return std::nullopt;
    MinuteRow row {time, unknownValues(), min, max};
    for (size_t i = 0; i < SeriesCount; ++i) {
        if (count[i] > 0)
            row.mean[i] = sum[i] / count[i];
    }
    return row;
}

History::History(std::chrono::milliseconds longestSpan)
    : m_longestSpan(longestSpan.count())
{
}

void History::setLongestSpan(std::chrono::milliseconds longestSpan)
{
    m_longestSpan = longestSpan.count();
}

/** A minute without an answer is a gap, where answers come more often than that. */
qint64 History::longestMinuteSpan() const
{
    return std::max(2 * Minute, m_longestSpan);
}

void History::append(const QDateTime &at, const SeriesValues &values)
{
    HistoryRow row {at.toMSecsSinceEpoch(), values};
    // A chart has no place for infinity.
    for (double &value : row.values) {
        if (!std::isfinite(value))
            value = NaN;
    }
    forgetFrom(row.time);
    const bool isLate = !m_raw.empty() && row.time - m_raw.back().time > m_longestSpan;
    if (isLate && !m_raw.back().isGap())
        add({m_raw.back().time + 1, unknownValues()});
    add(row);
    prune(row.time);
}

void History::appendGap(const QDateTime &at)
{
    const qint64 time = at.toMSecsSinceEpoch();
    forgetFrom(time);
    // One is enough, however long a relay is down.
    if (!m_raw.empty() && !m_raw.back().isGap())
        add({time, unknownValues()});
    prune(time);
}

void History::add(const HistoryRow &row)
{
    m_raw.push_back(row);
    if (m_unsaved.raw.size() < MaxUnsaved)
        m_unsaved.raw.push_back(row);
    count(row);
}

void History::count(const HistoryRow &row)
{
    const qint64 minute = minuteOf(row.time);
    if (m_minute.time != minute) {
        endMinute();
        m_minute.time = minute;
    }
    m_minute.add(row.values);
}

void History::endMinute()
{
    if (const std::optional<MinuteRow> row = m_minute.row()) {
        m_minutes.push_back(*row);
        if (m_unsaved.minutes.size() < MaxUnsaved)
            m_unsaved.minutes.push_back(*row);
    }
    m_minute = {};
}

void History::forgetFrom(qint64 time)
{
    const qint64 minute = minuteOf(time);
    const bool isRawLater = !m_raw.empty() && m_raw.back().time >= time;
    const bool isMinuteLater = !m_minutes.empty() && m_minutes.back().time >= minute;
    if (!isRawLater && !isMinuteLater)
        return;
    eraseFrom(m_raw, time);
    eraseFrom(m_unsaved.raw, time);
    eraseFrom(m_minutes, minute);
    eraseFrom(m_unsaved.minutes, minute);
    if (m_minute.time > minute)
        m_minute = {};
    m_unsaved.forgetFrom = std::min(time, m_unsaved.forgetFrom.value_or(time));
}

void History::prune(qint64 now)
{
    const auto raw = firstAt(m_raw, now - RawSpan.count());
    m_raw.erase(m_raw.begin(), raw);
    while (m_raw.size() > MaxRawRows)
        m_raw.pop_front();
    m_minutes.erase(m_minutes.begin(), firstAt(m_minutes, now - MinuteSpan.count()));
}

void History::restore(const HistoryRows &kept, const QDateTime &now)
{
    const qint64 until = now.toMSecsSinceEpoch() + 1;
    const qint64 firstRaw = m_raw.empty() ? until : m_raw.front().time;
    const qint64 firstMinute = minuteOf(firstRaw);

    std::deque<MinuteRow> minutes;
    for (const MinuteRow &row : kept.minutes) {
        const bool isInOrder = minutes.empty() || row.time > minutes.back().time;
        if (row.time < firstMinute && isInOrder)
            minutes.push_back(row);
    }
    std::deque<HistoryRow> raw;
    for (const HistoryRow &row : kept.raw) {
        if (row.time < firstRaw && (raw.empty() || row.time > raw.back().time))
            raw.push_back(row);
    }
    // Minutes that had not ended when the program did.
    const qint64 lastMinute = minutes.empty() ? 0 : minutes.back().time;
    Sums sums;
    const auto end = [&] {
        if (const std::optional<MinuteRow> row = sums.row()) {
            minutes.push_back(*row);
            m_unsaved.minutes.push_back(*row);
        }
        sums = {};
    };
    for (const HistoryRow &row : raw) {
        const qint64 minute = minuteOf(row.time);
        if (minute <= lastMinute || minute >= firstMinute)
            continue;
        if (sums.time != minute)
            end();
        sums.time = minute;
        sums.add(row.values);
    }
    end();
    // The program was not there between the last row and the first of this run.
    if (!raw.empty() && !raw.back().isGap() && raw.back().time + 1 < firstRaw)
        raw.push_back({raw.back().time + 1, unknownValues()});
    m_minutes.insert(m_minutes.begin(), minutes.begin(), minutes.end());
    m_raw.insert(m_raw.begin(), raw.begin(), raw.end());
    prune(now.toMSecsSinceEpoch());
}

template <typename Visitor>
void History::visit(Series series, HistoryRange range, Statistic statistic, Visitor &&visitor) const
{
    const auto index = static_cast<size_t>(series);
    const qint64 rawBegin = m_raw.empty() ? std::numeric_limits<qint64>::max() : m_raw.front().time;
    qint64 last = std::numeric_limits<qint64>::min();
    for (auto it = firstAt(m_minutes, range.from - Minute / 2); it != m_minutes.end(); ++it) {
        // In the middle of its minute, where a mean belongs.
        const qint64 time = it->time + Minute / 2;
        if (it->time + Minute > rawBegin || time > range.to)
            break;
        if (time < range.from)
            continue;
        if (last != std::numeric_limits<qint64>::min() && time - last > longestMinuteSpan())
            visitor(last + 1, NaN);
        visitor(time, valueOf(*it, index, statistic));
        last = time;
    }
    auto it = firstAt(m_raw, range.from);
    const bool hasBoth =
        last != std::numeric_limits<qint64>::min() && it != m_raw.end() && it->time <= range.to;
    if (hasBoth && it->time - last > longestMinuteSpan())
        visitor(last + 1, NaN);
    for (; it != m_raw.end() && it->time <= range.to; ++it)
        visitor(it->time, it->values[index]);
}

QList<QPointF> History::points(
    Series series, HistoryRange range, int maxPoints, Statistic statistic) const
{
    QList<QPointF> all;
    all.reserve(static_cast<qsizetype>(m_raw.size() + m_minutes.size()));
    visit(series, range, statistic, [&](qint64 time, double value) {
        // One gap is enough, and none stands first.
        if (std::isnan(value) && (all.isEmpty() || std::isnan(all.last().y())))
            return;
        all.append({static_cast<double>(time), value});
    });
    return all.size() > maxPoints ? thinned(all, range, maxPoints) : all;
}

std::vector<HistoryRow> History::rows(HistoryRange range) const
{
    std::vector<HistoryRow> result;
    const qint64 rawBegin = m_raw.empty() ? std::numeric_limits<qint64>::max() : m_raw.front().time;
    for (auto it = firstAt(m_minutes, range.from); it != m_minutes.end(); ++it) {
        if (it->time + Minute > rawBegin || it->time > range.to)
            break;
        result.push_back({it->time, it->mean});
    }
    for (auto it = firstAt(m_raw, range.from); it != m_raw.end() && it->time <= range.to; ++it)
        result.push_back(*it);
    return result;
}

HistoryRows History::takeUnsaved()
{
    return std::exchange(m_unsaved, {});
}

std::vector<QList<QPointF>> segments(const QList<QPointF> &points)
{
    std::vector<QList<QPointF>> result;
    bool isOpen = false;
    for (const QPointF &point : points) {
        if (std::isnan(point.y())) {
            isOpen = false;
            continue;
        }
        if (!isOpen)
            result.emplace_back();
        isOpen = true;
        result.back().append(point);
    }
    return result;
}

} // namespace relay::admin
