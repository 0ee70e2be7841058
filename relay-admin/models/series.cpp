// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/series.h"

#include "relay-admin/models/formats.h"
#include "shared/monitoring/metricnames.h"

#include <QCoreApplication>

#include <limits>

namespace relay::admin {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(relay::admin::Series)
};

constexpr std::array<SeriesInfo, SeriesCount> Table {{
    {Series::ConnectionsActive, Chart::Connections, Unit::Count, metric::ConnectionsActive.name,
        ""},
    {Series::ConnectionsLimit, Chart::Connections, Unit::Count, metric::MaxConnections.name, ""},
    {Series::MessagesIn, Chart::Messages, Unit::PerSecond, metric::MessagesReceivedTotal.name,
        "rate"},
    {Series::MessagesOut, Chart::Messages, Unit::PerSecond, metric::MessagesSentTotal.name, "rate"},
    {Series::Refused, Chart::Refusals, Unit::PerSecond, metric::MessagesRejectedTotal.name, "rate"},
    {Series::RateLimited, Chart::Refusals, Unit::PerSecond, metric::RateLimitedTotal.name, "rate"},
    {Series::BlobsStored, Chart::Storage, Unit::Count, metric::BlobsStored.name, ""},
    {Series::StorageBytes, Chart::Storage, Unit::Bytes, metric::StorageBytes.name, ""},
    {Series::LatencyP50, Chart::Latency, Unit::Seconds, metric::MessageDurationSeconds.name, "p50"},
    {Series::LatencyP99, Chart::Latency, Unit::Seconds, metric::MessageDurationSeconds.name, "p99"},
}};

} // namespace

SeriesValues unknownValues()
{
    SeriesValues values;
    values.fill(std::numeric_limits<double>::quiet_NaN());
    return values;
}

QString SeriesInfo::columnName() const
{
    const QString name = QString::fromLatin1(metric);
    return *operation ? name + u':' + QLatin1String(operation) : name;
}

const SeriesInfo &info(Series series)
{
    const SeriesInfo &row = Table[static_cast<size_t>(series)];
    Q_ASSERT(row.series == series);
    return row;
}

QString seriesName(Series series)
{
    switch (series) {
    case Series::ConnectionsActive:
        return Words::tr("Active");
    case Series::ConnectionsLimit:
        return Words::tr("Limit");
    case Series::MessagesIn:
        return Words::tr("In");
    case Series::MessagesOut:
        return Words::tr("Out");
    case Series::Refused:
        return Words::tr("Refused");
    case Series::RateLimited:
        return Words::tr("Rate-limited");
    case Series::BlobsStored:
        return Words::tr("Blobs");
    case Series::StorageBytes:
        return Words::tr("Bytes");
    case Series::LatencyP50:
        return Words::tr("Median (p50)");
    case Series::LatencyP99:
        return Words::tr("Slowest of 100 (p99)");
    }
    Q_UNREACHABLE();
}

QString chartName(Chart chart)
{
    switch (chart) {
    case Chart::Connections:
        return Words::tr("Connections");
    case Chart::Messages:
        return Words::tr("Messages per second");
    case Chart::Refusals:
        return Words::tr("Refused messages per second");
    case Chart::Storage:
        return Words::tr("Stored");
    case Chart::Latency:
        return Words::tr("Time until a message is answered");
    }
    Q_UNREACHABLE();
}

QString unitName(Unit unit)
{
    switch (unit) {
    case Unit::Count:
        return Words::tr("number");
    case Unit::PerSecond:
        return Words::tr("per second");
    case Unit::Bytes:
        return Words::tr("bytes");
    case Unit::Seconds:
        return Words::tr("seconds");
    }
    Q_UNREACHABLE();
}

QString valueText(Unit unit, double value)
{
    switch (unit) {
    case Unit::Count:
        return numberText(value);
    case Unit::PerSecond:
        return rateText(value);
    case Unit::Bytes:
        return bytesText(value);
    case Unit::Seconds:
        return secondsText(value);
    }
    Q_UNREACHABLE();
}

} // namespace relay::admin
