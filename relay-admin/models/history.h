// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/series.h"

#include <QDateTime>
#include <QList>
#include <QPointF>

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

namespace relay::admin {

/** All series at one moment; only unknown values: a gap begins here. */
struct HistoryRow {
    /** Milliseconds since 1970, UTC. */
    qint64 time = 0;
    SeriesValues values = unknownValues();

    bool isGap() const;
};

/** A minute of rows: of the known values of each series the mean and the extremes. */
struct MinuteRow {
    /** When the minute began. */
    qint64 time = 0;
    SeriesValues mean = unknownValues();
    SeriesValues min = unknownValues();
    SeriesValues max = unknownValues();
};

/** What a history file keeps of one relay. */
struct HistoryRows {
    std::vector<HistoryRow> raw;
    std::vector<MinuteRow> minutes;
    /** The clock was set back: what is kept from here on goes before these are added. */
    std::optional<qint64> forgetFrom;

    bool isEmpty() const { return raw.empty() && minutes.empty() && !forgetFrom; }
};

struct HistoryRange {
    qint64 from = 0;
    qint64 to = 0;

    /** The last `length` before `now`. */
    static HistoryRange last(std::chrono::milliseconds length, const QDateTime &now);
};

/** Which of a minute's values a line is made of; the newest hour has only one. */
enum class Statistic { Mean, Min, Max };

/**
 * The values of one relay over time, in two tiers: every answer for an hour, minutes for a day. By
 * the wall clock, as people read it. Rows stand in order of time; where the clock was set back,
 * what lies after the new time goes, for one of the two was wrong, and the newer is more likely
 * right.
 */
class History {
public:
    static constexpr std::chrono::milliseconds RawSpan = std::chrono::hours(1);
    static constexpr std::chrono::milliseconds MinuteSpan = std::chrono::hours(24);
    /** An hour of answers at the shortest interval, and some more. */
    static constexpr size_t MaxRawRows = 4000;

    /** Between rows that are further apart than `longestSpan` there is a gap. */
    explicit History(std::chrono::milliseconds longestSpan);
    void setLongestSpan(std::chrono::milliseconds longestSpan);

    /** What was seen at a moment. */
    void append(const QDateTime &at, const SeriesValues &values);
    /** A poll failed: lines end here. */
    void appendGap(const QDateTime &at);
    /** What a file had kept; rows that are older than what is here already. */
    void restore(const HistoryRows &kept, const QDateTime &now);

    /**
     * One line within the range, at most `maxPoints` (at least 12) of time in milliseconds since
     * 1970 and value. A point whose value is NaN ends the line: the next one begins a new one.
     *
     * More rows than that are thinned: of each of a number of equal spans the least and the
     * greatest value stay, so no peak is lost. The spans lie still while time goes on, so the
     * picture does.
     */
    QList<QPointF> points(Series series, HistoryRange range, int maxPoints = 1000,
        Statistic statistic = Statistic::Mean) const;
    /** All rows within the range, not thinned; where only minutes are left, their means. */
    std::vector<HistoryRow> rows(HistoryRange range) const;

    /** What has come since the last call, for the file. */
    HistoryRows takeUnsaved();
    bool isEmpty() const { return m_raw.empty() && m_minutes.empty(); }
    size_t rawCount() const { return m_raw.size(); }
    size_t minuteCount() const { return m_minutes.size(); }

private:
    /** The running minute. */
    struct Sums {
        qint64 time = -1;
        SeriesValues sum {};
        std::array<int, SeriesCount> count {};
        SeriesValues min = unknownValues();
        SeriesValues max = unknownValues();

        void add(const SeriesValues &values);
        /** Nothing if nothing was known in it. */
        std::optional<MinuteRow> row() const;
    };

    void add(const HistoryRow &row);
    void count(const HistoryRow &row);
    void endMinute();
    void forgetFrom(qint64 time);
    void prune(qint64 now);
    /** Calls `visit(time, value)` for each row of the line in order, NaN where there is a gap. */
    template <typename Visitor>
    void visit(Series series, HistoryRange range, Statistic statistic, Visitor &&visitor) const;
    qint64 longestMinuteSpan() const;

    qint64 m_longestSpan;
    std::deque<HistoryRow> m_raw;
    std::deque<MinuteRow> m_minutes;
    Sums m_minute;
    HistoryRows m_unsaved;
};

/** The lines between the gaps of what points() gave. */
std::vector<QList<QPointF>> segments(const QList<QPointF> &points);

} // namespace relay::admin
