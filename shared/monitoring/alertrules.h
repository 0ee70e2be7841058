// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/monitoring/exposition.h"
#include "shared/result.h"

#include <QByteArray>
#include <QString>

#include <chrono>
#include <vector>

namespace relay {

enum class AlertSeverity { Warning, Critical };

/**
 * What makes an alert, in few enough kinds that Prometheus (promQl()) and the console, which has no
 * query language, evaluate the same thing.
 */
struct AlertCondition {
    enum class Kind {
        Down,          ///< the relay does not answer
        Above,         ///< a gauge > threshold
        Below,         ///< a gauge < threshold
        RatioAbove,    ///< metric / other > threshold
        RateAbove,     ///< increase of a counter per second, over the window, > threshold
        QuantileAbove, ///< quantile of a histogram's increase over the window > threshold
        ChangesAbove,  ///< how often a gauge changed within the window > threshold
        AgeAbove,      ///< seconds since the later of two timestamps, metric and other, > threshold
    };

    Kind kind = Kind::Down;
    QByteArray metric;
    /** Series of `metric` with these labels count; of several the sum. */
    std::vector<MetricLabel> labels;
    QByteArray other;
    double quantile = 0;
    std::chrono::seconds window {0};
    double threshold = 0;
    /** Fires beyond the threshold, ends at or on the good side of this. Prometheus has no such
     * thing. */
    double clear = 0;
};

struct AlertRule {
    QString id;
    AlertSeverity severity = AlertSeverity::Warning;
    /** One sentence in English; the source text of its translations. */
    QString summary;
    AlertCondition condition;
    /** How long the condition has to hold. */
    std::chrono::seconds holdFor {0};
    /** What Prometheus asks; a test holds it against promQl(). */
    QString expression;
};

/** Reads alertrules.json. Strict: the error says which rule, and what is wrong with it. */
Result<std::vector<AlertRule>, QString> parseAlertRules(const QByteArray &json);

/** The condition in Prometheus' language; `job` selects where a metric is not the relay's own. */
QString promQl(
    const AlertCondition &condition, const QString &job = QStringLiteral("vauchi-relay"));

} // namespace relay
