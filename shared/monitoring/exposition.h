// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <optional>
#include <vector>

namespace relay {

struct MetricLabel {
    QByteArray name;
    QString value;

    bool operator==(const MetricLabel &) const = default;
};

/** One line of values. */
struct MetricSample {
    /** As it stands there, with _bucket, _sum or _count. */
    QByteArray name;
    /** In the order in which they stand there. */
    std::vector<MetricLabel> labels;
    /** May be NaN or infinite. */
    double value = 0;
    /** Milliseconds since 1970, where the line says so. */
    std::optional<qint64> timestamp;

    /** The value of a label; nothing if it has none of that name. */
    std::optional<QString> label(QByteArrayView labelName) const;
    bool operator==(const MetricSample &) const = default;
};

/** Whether both are values of one time series. */
bool isSameSeries(const MetricSample &a, const MetricSample &b);

enum class MetricType { Untyped, Counter, Gauge, Histogram, Summary };

/** All samples of one metric. */
struct MetricFamily {
    QByteArray name;
    MetricType type = MetricType::Untyped;
    QString help;
    std::vector<MetricSample> samples;

    bool operator==(const MetricFamily &) const = default;
};

/** What one answer of /metrics said. */
struct Exposition {
    /** In the order in which they were named first. */
    std::vector<MetricFamily> families;

    const MetricFamily *family(QByteArrayView name) const;
    /** The value of a metric without labels; nothing if there is none. */
    std::optional<double> value(QByteArrayView name) const;
};

/** Whoever answers may be hostile: beyond these the text is refused. */
struct ExpositionLimits {
    /** The relay writes 12 KB. */
    qsizetype maxBytes = 4 * 1024 * 1024;
    qsizetype maxLineBytes = 64 * 1024;
    qsizetype maxSamples = 20'000;
    qsizetype maxLabels = 64;
};

struct ExpositionError {
    enum class Kind { TooLarge, LineTooLong, TooManySamples, TooManyLabels, Syntax };

    Kind kind;
    /** From 1; 0 where it is about the whole text. */
    qsizetype line = 0;
};

/**
 * Reads Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), and skips what OpenMetrics adds
 * at the end of a line (exemplars). It is as strict as Prometheus about what the specification
 * forbids (a label twice in a line, a second HELP or TYPE, a TYPE behind samples, values that no
 * double can hold), and takes besides: a last line without its end, lines that end in CRLF, a
 * backslash in a help text that escapes nothing (prometheus-cpp writes help as it is), and the
 * types of OpenMetrics, as untyped. What is not UTF-8 in a label or a help text becomes U+FFFD:
 * the value beside it is still worth showing. The same name and labels on two lines are two
 * samples.
 *
 * Families count as samples do: a text may name at most `maxSamples` of them. The time is linear in
 * the length of the text.
 */
Result<Exposition, ExpositionError> parseExposition(
    QByteArrayView text, const ExpositionLimits &limits = {});

} // namespace relay
