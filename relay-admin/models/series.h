// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <array>
#include <cstddef>

namespace relay::admin {

/**
 * What is kept of a relay over time: the lines of the overview's charts. New ones go to the end:
 * the place is what the history file knows them by.
 */
enum class Series {
    ConnectionsActive,
    ConnectionsLimit,
    MessagesIn,
    MessagesOut,
    Refused,
    RateLimited,
    BlobsStored,
    StorageBytes,
    LatencyP50,
    LatencyP99,
};

inline constexpr size_t SeriesCount = static_cast<size_t>(Series::LatencyP99) + 1;

/** One value for each series; NaN: not known. */
using SeriesValues = std::array<double, SeriesCount>;

/** Values without any known one. */
SeriesValues unknownValues();

/** The five charts of the overview. */
enum class Chart { Connections, Messages, Refusals, Storage, Latency };

inline constexpr std::array Charts {
    Chart::Connections, Chart::Messages, Chart::Refusals, Chart::Storage, Chart::Latency};

enum class Unit { Count, PerSecond, Bytes, Seconds };

struct SeriesInfo {
    Series series;
    Chart chart;
    Unit unit;
    /** The metric it is made of. */
    const char *metric;
    /** What is done to it, as in the names of Prometheus' recording rules; may be empty. */
    const char *operation;

    /** relay_messages_received_total:rate */
    QString columnName() const;
};

const SeriesInfo &info(Series series);
/** For legends. */
QString seriesName(Series series);
QString chartName(Chart chart);
QString unitName(Unit unit);
/** A value with its unit, by the default QLocale. */
QString valueText(Unit unit, double value);

} // namespace relay::admin
