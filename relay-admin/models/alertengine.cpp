// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/alertengine.h"

#include <QCoreApplication>
#include <QFile>

#include <algorithm>
#include <cmath>

static void initAlertRulesResource()
{
    // In a static library nobody else would link it in.
    Q_INIT_RESOURCE(alertrules);
}

namespace relay::admin {

namespace {

using Kind = AlertCondition::Kind;

std::shared_ptr<const AlertRules> builtInRules()
{
    initAlertRulesResource();
    QFile file(QStringLiteral(":/monitoring/alertrules.json"));
    const bool isOpen = file.open(QIODevice::ReadOnly);
    auto rules = parseAlertRules(isOpen ? file.readAll() : QByteArray());
    if (!rules)
        qFatal("alertrules.json: %s", qPrintable(rules.error()));
    return std::make_shared<const AlertRules>(std::move(rules).value());
}

/** The sum of the samples with these labels; nothing if there is none. */
std::optional<double> gaugeOf(
    const Exposition &exposition, const QByteArray &name, const std::vector<MetricLabel> &labels)
{
    const MetricFamily *family = exposition.family(name);
    if (!family)
        return std::nullopt;
    std::optional<double> sum;
    for (const MetricSample &sample : family->samples) {
        if (sample.name == name && hasLabels(sample, labels))
            sum = sum.value_or(0) + sample.value;
    }
    return sum;
}

std::optional<double> ratioOf(const Exposition &exposition, const AlertCondition &condition)
{
    const auto part = gaugeOf(exposition, condition.metric, condition.labels);
    const auto whole = exposition.value(condition.other);
    if (!part || !whole)
        return std::nullopt;
    return *part / *whole;
}

std::optional<double> ageOf(
    const Exposition &exposition, const AlertCondition &condition, const QDateTime &wall)
{
    const auto time = gaugeOf(exposition, condition.metric, condition.labels);
    const auto other = exposition.value(condition.other);
    if (!time || !other)
        return std::nullopt;
    return static_cast<double>(wall.toMSecsSinceEpoch()) / 1000 - std::max(*time, *other);
}

bool isBeyond(const AlertCondition &condition, double value)
{
    return condition.kind == Kind::Below ? value < condition.threshold
                                         : value > condition.threshold;
}

bool isClear(const AlertCondition &condition, double value)
{
    return condition.kind == Kind::Below ? value >= condition.clear : value <= condition.clear;
}

} // namespace

/** A rule, and what is known of it at this relay. */
struct AlertEngine::Watch {
    const AlertRule *rule;
    std::optional<Alert> alert;
    /** How long the value was seen beyond the threshold. */
    std::chrono::milliseconds held {0};
    /** When that was last so; nothing: the last evaluation said nothing, or good. */
    std::optional<SteadyTime> beyondAt;
    Window window;
    /** Of a histogram: the bounds that go with the window's sums. */
    std::vector<double> bounds;
    std::optional<double> lastValue;
};

std::shared_ptr<const AlertRules> defaultAlertRules()
{
    static const std::shared_ptr<const AlertRules> rules = builtInRules();
    return rules;
}

QString summaryText(const AlertRule &rule)
{
    return QCoreApplication::translate("AlertRules", rule.summary.toUtf8().constData());
}

QString summaryText(const Alert &alert)
{
    return QCoreApplication::translate("AlertRules", alert.summary.toUtf8().constData());
}

AlertEngine::AlertEngine(std::shared_ptr<const AlertRules> rules)
    : m_rules(std::move(rules))
{
    for (const AlertRule &rule : *m_rules)
        m_watches.push_back({&rule, {}, {}, {}, {}, {}, {}});
}

AlertEngine::~AlertEngine() = default;

std::vector<Alert> AlertEngine::evaluate(
    const PollResult &result, const Rates &rates, std::chrono::seconds interval)
{
    std::vector<Alert> changes;
    for (Watch &watch : m_watches) {
        const std::optional<double> value = evaluate(watch, result, rates, interval);
        if (!value || std::isnan(*value)) {
            watch.beyondAt.reset();
        } else if (std::optional<Alert> change = advance(watch, *value, Moment::endOf(result))) {
            changes.push_back(std::move(*change));
        }
    }
    return changes;
}

std::optional<double> AlertEngine::evaluate(
    Watch &watch, const PollResult &result, const Rates &rates, std::chrono::seconds interval) const
{
    const AlertCondition &condition = watch.rule->condition;
    if (condition.kind == Kind::Down) {
        const Outcome outcome = result.health.outcome;
        return outcome == Outcome::Ok || outcome == Outcome::Unauthorized ? 0 : 1;
    }
    if (!result.exposition)
        return std::nullopt;
    const Exposition &exposition = *result.exposition;
    // A window in which no two answers fit would never say anything.
    const std::chrono::milliseconds length = std::max(condition.window, 2 * interval);
    watch.window.slide(result.ended, length);

    switch (condition.kind) {
    case Kind::Down:
        break;
    case Kind::Above:
    case Kind::Below:
        return gaugeOf(exposition, condition.metric, condition.labels);
    case Kind::RatioAbove:
        return ratioOf(exposition, condition);
    case Kind::AgeAbove:
        return ageOf(exposition, condition, result.wallTime);
    case Kind::RateAbove: {
        const double increase = rates.increase(condition.metric, condition.labels);
        if (std::isnan(increase))
            return std::nullopt;
        watch.window.add(result.ended, *rates.span(), {increase});
        return watch.window.sums()[0] / watch.window.seconds();
    }
    case Kind::QuantileAbove: {
        const std::vector<Bucket> buckets = rates.bucketIncreases(condition.metric);
        if (buckets.empty())
            return std::nullopt;
        std::vector<double> counts;
        std::vector<double> bounds;
        for (const Bucket &bucket : buckets) {
            counts.push_back(bucket.count);
            bounds.push_back(bucket.upperBound);
        }
        if (bounds != watch.bounds)
            watch.window = {};
        watch.bounds = std::move(bounds);
        watch.window.add(result.ended, *rates.span(), std::move(counts));
        std::vector<Bucket> all;
        for (size_t i = 0; i < watch.bounds.size(); ++i)
            all.push_back({watch.bounds[i], watch.window.sums()[i]});
        return histogramQuantile(condition.quantile, std::move(all));
    }
    case Kind::ChangesAbove: {
        const std::optional<double> now = gaugeOf(exposition, condition.metric, condition.labels);
        if (!now)
            return std::nullopt;
        const bool isChanged = watch.lastValue && *watch.lastValue != *now;
        watch.lastValue = now;
        watch.window.add(result.ended, 0, {isChanged ? 1.0 : 0.0});
        return watch.window.sums()[0];
    }
    }
    Q_UNREACHABLE();
}

std::optional<Alert> AlertEngine::advance(Watch &watch, double value, const Moment &now)
{
    const AlertRule &rule = *watch.rule;
    const bool isBad = isBeyond(rule.condition, value);
    const auto beyondAt = std::exchange(watch.beyondAt, std::nullopt);
    if (isBad)
        watch.beyondAt = now.steady;
    if (!watch.alert && !isBad)
        return std::nullopt;

    const bool isNew = !watch.alert;
    if (isNew) {
        watch.alert = Alert {rule.id, rule.severity, rule.summary, AlertPhase::Pending, value,
            rule.condition.threshold, now.wall, {}, {}};
        watch.held = std::chrono::milliseconds(0);
    } else if (isBad && beyondAt) {
        watch.held += std::chrono::duration_cast<std::chrono::milliseconds>(now.steady - *beyondAt);
    }
    Alert &alert = *watch.alert;
    alert.value = value;
    if (alert.phase == AlertPhase::Pending) {
        if (!isBad) {
            watch.alert.reset();
            return std::nullopt;
        }
        if (watch.held < rule.holdFor)
            return isNew ? watch.alert : std::nullopt;
        alert.phase = AlertPhase::Firing;
        alert.firedAt = now.wall;
        return alert;
    }
    if (!isClear(rule.condition, value))
        return std::nullopt;
    alert.phase = AlertPhase::Resolved;
    alert.resolvedAt = now.wall;
    m_past.push_front(alert);
    if (m_past.size() > MaxPast)
        m_past.pop_back();
    watch.alert.reset();
    return m_past.front();
}

std::vector<Alert> AlertEngine::active() const
{
    std::vector<Alert> alerts;
    for (const Watch &watch : m_watches) {
        if (watch.alert)
            alerts.push_back(*watch.alert);
    }
    return alerts;
}

} // namespace relay::admin
