// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/relaymonitor.h"

#include "shared/monitoring/metricnames.h"

#include <limits>

namespace relay::admin {

namespace {

/** Whether somebody answered, whatever that was. */
bool isHeard(const Answer &answer)
{
    switch (answer.outcome) {
    case Outcome::Unreachable:
    case Outcome::TlsFailed:
    case Outcome::TimedOut:
        return false;
    default:
        return true;
    }
}

} // namespace

RelayMonitor::RelayMonitor(
    Profile profile, std::shared_ptr<const AlertRules> rules, QObject *parent)
    : QObject(parent)
    , m_profile(std::move(profile))
    , m_rules(std::move(rules))
    , m_alerts(std::make_unique<AlertEngine>(m_rules))
    , m_history(oldAfter(m_profile.interval))
{
}

RelayMonitor::~RelayMonitor()
{
    emit goingAway();
}

void RelayMonitor::setProfile(const Profile &profile)
{
    Q_ASSERT(profile.id == m_profile.id);
    const bool isElsewhere = profile.monitoringUrl != m_profile.monitoringUrl;
    m_profile = profile;
    m_history.setLongestSpan(oldAfter(profile.interval));
    if (isElsewhere) {
        m_alerts = std::make_unique<AlertEngine>(m_rules);
        m_rates = {};
        m_last.reset();
        m_answered.reset();
        m_heardAt.reset();
        m_running.reset();
        m_valuesAt.reset();
        m_rawMetrics.clear();
        judgeAt(m_now);
        emit updated();
    }
    emit changed();
}

void RelayMonitor::pollBegan(const Moment &at)
{
    m_running = at;
    judgeAt(at);
}

void RelayMonitor::pollEnded(const PollResult &result)
{
    const Moment ended = Moment::endOf(result);
    m_running.reset();
    m_last = result;
    if (result.health.outcome != Outcome::TimedOut)
        m_answered = result;
    if (isHeard(result.health) || isHeard(result.ready) || isHeard(result.metrics))
        m_heardAt = ended;
    if (result.exposition) {
        takeMetrics(result);
    } else {
        m_history.appendGap(result.wallTime);
    }
    judgeAt(ended);
    const std::vector<Alert> changes = m_alerts->evaluate(result, m_rates, m_profile.interval);
    emit updated();
    for (const Alert &alert : changes)
        emit alertChanged(alert);
}

void RelayMonitor::takeMetrics(const PollResult &result)
{
    const Moment ended = Moment::endOf(result);
    m_rawMetrics = result.rawMetrics;
    m_valuesAt = ended;
    m_rates.take(result.exposition, ended, oldAfter(m_profile.interval));
    // Gauges go on over a restart; that the line breaks there is what a person looks for.
    if (m_rates.isRestarted())
        m_history.appendGap(result.wallTime.addMSecs(-1));
    m_history.append(result.wallTime, seriesValues());
}

SeriesValues RelayMonitor::seriesValues() const
{
    SeriesValues values = unknownValues();
    const Exposition &exposition = *m_rates.exposition();
    const std::vector<Bucket> buckets =
        m_rates.bucketIncreases(metric::MessageDurationSeconds.name);
    for (size_t i = 0; i < SeriesCount; ++i) {
        const auto series = static_cast<Series>(i);
        const char *name = info(series).metric;
        switch (info(series).unit) {
        case Unit::Count:
        case Unit::Bytes:
            values[i] = exposition.value(name).value_or(values[i]);
            break;
        case Unit::PerSecond:
            values[i] = m_rates.perSecond(name);
            break;
        case Unit::Seconds:
            values[i] = histogramQuantile(series == Series::LatencyP50 ? 0.5 : 0.99, buckets);
            break;
        }
    }
    return values;
}

void RelayMonitor::tick(const Moment &now)
{
    judgeAt(now);
    emit aged();
}

void RelayMonitor::judgeAt(const Moment &now)
{
    m_now = now;
    const StateInputs inputs {
        last(), m_answered ? &*m_answered : nullptr, m_running, m_valuesAt, m_profile.interval};
    const StateReport before = std::exchange(m_report, judge(inputs, now));
    if (m_report == before)
        return;
    emit changed();
    if (m_report.state != before.state)
        emit stateChanged(before.state, m_report.state);
}

RelayFigures RelayMonitor::figures() const
{
    RelayFigures figures;
    if (m_last && m_last->health.outcome == Outcome::Ok) {
        figures.version = m_last->healthReport.version;
        figures.uptime = m_last->healthReport.uptime;
    }
    const auto value = [&](const MetricName &metric) {
        const auto &exposition = m_rates.exposition();
        return (exposition ? exposition->value(metric.name) : std::nullopt)
            .value_or(std::numeric_limits<double>::quiet_NaN());
    };
    figures.connections = value(metric::ConnectionsActive);
    figures.connectionLimit = value(metric::MaxConnections);
    figures.blobsStored = value(metric::BlobsStored);
    figures.storageBytes = value(metric::StorageBytes);
    return figures;
}

std::optional<std::chrono::milliseconds> RelayMonitor::age() const
{
    if (!m_heardAt)
        return std::nullopt;
    return m_now.since(*m_heardAt);
}

void RelayMonitor::restoreHistory(const HistoryRows &rows, const QDateTime &now)
{
    m_history.restore(rows, now);
    emit historyRestored();
}

void RelayMonitor::setMutedRules(const QSet<QString> &ids)
{
    if (ids == m_mutedRules)
        return;
    m_mutedRules = ids;
    emit mutedRulesChanged();
}

void RelayMonitor::mute(const QString &ruleId)
{
    setMutedRules(m_mutedRules | QSet<QString> {ruleId});
}

void RelayMonitor::unmute(const QString &ruleId)
{
    setMutedRules(m_mutedRules - QSet<QString> {ruleId});
}

} // namespace relay::admin
