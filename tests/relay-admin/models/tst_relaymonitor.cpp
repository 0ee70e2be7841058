// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/relaymonitor.h"
#include "shared/monitoring/exposition.h"
#include "shared/monitoring/metricnames.h"
#include "tests/relay-admin/models/answers.h"
#include "tests/support/relayprocess.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace relay;
using namespace relay::admin;
using namespace relay::admin::test;

Q_DECLARE_METATYPE(relay::admin::RelayState)

namespace {

Profile profile()
{
    Profile result;
    result.id = QUuid::createUuid();
    result.name = QStringLiteral("prod");
    return result;
}

std::shared_ptr<const AlertRules> oneRule()
{
    return std::make_shared<const AlertRules>(
        AlertRules {{QStringLiteral("Full"), AlertSeverity::Warning, QStringLiteral("Full."),
            {AlertCondition::Kind::Above, "relay_connections_active", {}, {}, 0, {}, 10, 8},
            seconds(0), {}}});
}

Metrics connections(double active)
{
    return Metrics()
        .gauge("relay_connections_active", active)
        .gauge("relay_max_connections", 100)
        .gauge("relay_blobs_stored", 5)
        .gauge("relay_storage_bytes", 800);
}

double lastValue(const RelayMonitor &monitor, Series series, const Moment &now)
{
    const auto points = monitor.history().points(
        series, HistoryRange::last(std::chrono::hours(1), now.wall.addSecs(1)));
    return points.isEmpty() ? std::nan("") : points.last().y();
}

} // namespace

class TestRelayMonitor : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void announcesEachStateOnce();
    void agesAndTurnsStale();
    void aFailedPollIsNoAnswer();
    void showsFigures();
    void keepsTheHistoryOfEachSeries();
    void restartAndFailureAreGaps();
    void alertsAreSignalledOnce();
    void mutingIsRemembered();
    void anotherAddressBeginsAnew();
    void understandsTheRealRelay();
    void pollCostsLittle();
};

void TestRelayMonitor::initTestCase()
{
    qRegisterMetaType<RelayState>();
    qRegisterMetaType<Alert>();
}

void TestRelayMonitor::announcesEachStateOnce()
{
    RelayMonitor monitor(profile(), oneRule());
    QSignalSpy states(&monitor, &RelayMonitor::stateChanged);
    Clocks clocks;
    const auto poll = [&](const std::function<PollResult(const Moment &)> &make) {
        monitor.pollBegan(clocks.now());
        monitor.pollEnded(make(clocks.advance(milliseconds(30)).now()));
        for (int i = 0; i < 5; ++i)
            monitor.tick(clocks.advance(seconds(1)).now());
    };
    const auto good = [](const Moment &now) { return goodPoll(now, connections(1)); };
    const auto draining = [&](const Moment &now) {
        PollResult result = good(now);
        result.ready.outcome = Outcome::Unavailable;
        return result;
    };
    for (const auto &make :
        {std::function(good), std::function(good), std::function(draining), std::function(draining),
            std::function(failedPoll), std::function(failedPoll), std::function(good)})
        poll(make);

    QList<RelayState> seen;
    for (const QList<QVariant> &arguments : states)
        seen.append(arguments[1].value<RelayState>());
    QCOMPARE(seen,
        (QList<RelayState> {
            RelayState::Up, RelayState::NotReady, RelayState::Down, RelayState::Up}));
    QCOMPARE(states[0][0].value<RelayState>(), RelayState::Unknown);
}

void TestRelayMonitor::aFailedPollIsNoAnswer()
{
    RelayMonitor monitor(profile(), oneRule());
    Clocks clocks;
    monitor.pollEnded(goodPoll(clocks.now(), connections(1)));
    const auto failed = [&](Outcome outcome) {
        PollResult result = goodPoll(clocks.advance(seconds(5)).now(), nullptr);
        result.health.outcome = result.ready.outcome = result.metrics.outcome = outcome;
        return result;
    };
    monitor.pollEnded(failed(Outcome::Unreachable));
    QCOMPARE(*monitor.age(), milliseconds(5000));
    monitor.pollEnded(failed(Outcome::TimedOut));
    QCOMPARE(*monitor.age(), milliseconds(10000));
    monitor.pollEnded(failed(Outcome::HttpError));
    QCOMPARE(*monitor.age(), milliseconds(0));
}

void TestRelayMonitor::agesAndTurnsStale()
{
    RelayMonitor monitor(profile(), oneRule());
    Clocks clocks;
    QVERIFY(!monitor.age());
    monitor.pollEnded(goodPoll(clocks.now(), connections(1)));
    monitor.tick(clocks.advance(seconds(7)).now());
    QCOMPARE(*monitor.age(), milliseconds(7000));
    QCOMPARE(monitor.state(), (StateReport {RelayState::Up, {}, false}));
    monitor.tick(clocks.advance(seconds(9)).now());
    QCOMPARE(monitor.state().state, RelayState::Stale);
    QVERIFY(monitor.state().isGrey);
    // A question that nobody answers makes nothing younger.
    monitor.pollEnded(failedPoll(clocks.now()));
    QCOMPARE(*monitor.age(), milliseconds(16'000));
    // The next answer ends it.
    monitor.pollEnded(goodPoll(clocks.now(), connections(1)));
    QCOMPARE(monitor.state().state, RelayState::Up);
}

void TestRelayMonitor::showsFigures()
{
    RelayMonitor monitor(profile(), oneRule());
    Clocks clocks;
    QVERIFY(std::isnan(monitor.figures().connections));
    QVERIFY(!monitor.figures().uptime);
    PollResult result = goodPoll(clocks.now(), connections(7));
    result.rawMetrics = "the body";
    monitor.pollEnded(result);
    const RelayFigures figures = monitor.figures();
    QCOMPARE(figures.version, QStringLiteral("0.1.0"));
    QCOMPARE(*figures.uptime, seconds(90));
    QCOMPARE(figures.connections, 7.0);
    QCOMPARE(figures.connectionLimit, 100.0);
    QCOMPARE(figures.blobsStored, 5.0);
    QCOMPARE(figures.storageBytes, 800.0);
    // What was seen last stays, and turns grey; what /health said is no longer so.
    monitor.pollEnded(failedPoll(clocks.advance(seconds(5)).now()));
    QCOMPARE(monitor.figures().connections, 7.0);
    QCOMPARE(monitor.rawMetrics(), QByteArray("the body"));
    QVERIFY(!monitor.figures().uptime);
}

void TestRelayMonitor::keepsTheHistoryOfEachSeries()
{
    RelayMonitor monitor(profile(), oneRule());
    Clocks clocks;
    const auto answer = [](double count) -> std::shared_ptr<const Exposition> {
        return connections(3)
            .counter("relay_messages_received_total", 10 * count)
            .counter("relay_messages_sent_total", 20 * count)
            .counter("relay_messages_rejected_total", 5 * count)
            .counter("relay_rate_limited_total", count)
            .histogram("relay_message_duration_seconds",
                {{"0.1", 0}, {"0.2", 100 * count}, {"+Inf", 100 * count}});
    };
    monitor.pollEnded(goodPoll(clocks.now(), answer(0)));
    QVERIFY(std::isnan(lastValue(monitor, Series::MessagesIn, clocks.now())));
    monitor.pollEnded(goodPoll(clocks.advance(seconds(5)).now(), answer(1)));
    const QList<std::pair<Series, double>> expected {{Series::ConnectionsActive, 3},
        {Series::ConnectionsLimit, 100}, {Series::MessagesIn, 2}, {Series::MessagesOut, 4},
        {Series::Refused, 1}, {Series::RateLimited, 0.2}, {Series::BlobsStored, 5},
        {Series::StorageBytes, 800}, {Series::LatencyP50, 0.15}, {Series::LatencyP99, 0.199}};
    QCOMPARE(expected.size(), qsizetype(SeriesCount));
    for (const auto &[series, value] : expected) {
        const double found = lastValue(monitor, series, clocks.now());
        QVERIFY2(std::abs(found - value) < 1e-9, qPrintable(info(series).columnName()));
    }
}

void TestRelayMonitor::restartAndFailureAreGaps()
{
    RelayMonitor monitor(profile(), oneRule());
    Clocks clocks;
    const auto answer = [&](double start, double count) {
        const std::shared_ptr<const Exposition> exposition =
            connections(1)
                .gauge("process_start_time_seconds", start)
                .counter("relay_messages_received_total", count);
        monitor.pollEnded(goodPoll(clocks.advance(seconds(5)).now(), exposition));
    };
    answer(1, 100);
    answer(1, 110);
    answer(2, 5000); // started anew, with a burst
    answer(2, 5010);
    monitor.pollEnded(failedPoll(clocks.advance(seconds(5)).now()));
    answer(2, 5030);

    const auto rates = monitor.history().points(
        Series::MessagesIn, HistoryRange::last(std::chrono::hours(1), clocks.now().wall));
    QList<double> known;
    for (const QPointF &point : rates) {
        if (!std::isnan(point.y()))
            known.append(point.y());
    }
    QCOMPARE(known, (QList<double> {2, 2, 2}));
    QCOMPARE(segments(rates).size(), size_t(3));
    const auto gauges = monitor.history().points(
        Series::ConnectionsActive, HistoryRange::last(std::chrono::hours(1), clocks.now().wall));
    QCOMPARE(segments(gauges).size(), size_t(3));
}

void TestRelayMonitor::alertsAreSignalledOnce()
{
    RelayMonitor monitor(profile(), oneRule());
    QSignalSpy alerts(&monitor, &RelayMonitor::alertChanged);
    Clocks clocks;
    for (const double active : {5, 11, 12, 9, 8, 7})
        monitor.pollEnded(goodPoll(clocks.advance(seconds(5)).now(), connections(active)));
    QCOMPARE(alerts.size(), 2);
    QCOMPARE(alerts[0][0].value<Alert>().phase, AlertPhase::Firing);
    QCOMPARE(alerts[1][0].value<Alert>().phase, AlertPhase::Resolved);
    QVERIFY(monitor.activeAlerts().empty());
    QCOMPARE(monitor.pastAlerts().size(), size_t(1));
}

void TestRelayMonitor::mutingIsRemembered()
{
    RelayMonitor monitor(profile(), oneRule());
    QSignalSpy muted(&monitor, &RelayMonitor::mutedRulesChanged);
    monitor.mute(QStringLiteral("Full"));
    monitor.mute(QStringLiteral("Full"));
    QVERIFY(monitor.isMuted(QStringLiteral("Full")));
    monitor.unmute(QStringLiteral("Full"));
    monitor.unmute(QStringLiteral("Full"));
    QVERIFY(monitor.mutedRules().isEmpty());
    QCOMPARE(muted.size(), 2);
}

void TestRelayMonitor::anotherAddressBeginsAnew()
{
    Profile here = profile();
    RelayMonitor monitor(here, oneRule());
    Clocks clocks;
    monitor.pollEnded(goodPoll(clocks.now(), connections(50)));
    QCOMPARE(monitor.activeAlerts().size(), size_t(1));

    here.name = QStringLiteral("renamed");
    monitor.setProfile(here);
    QCOMPARE(monitor.state().state, RelayState::Up);
    QCOMPARE(monitor.activeAlerts().size(), size_t(1));

    here.monitoringUrl = QUrl(QStringLiteral("http://127.0.0.1:9999"));
    monitor.setProfile(here);
    QCOMPARE(monitor.state().state, RelayState::Unknown);
    QVERIFY(monitor.activeAlerts().empty());
    QVERIFY(std::isnan(monitor.figures().connections));
    QVERIFY(!monitor.history().isEmpty());
}

namespace {

/** What a poll of a running relay brings, at a moment of the test's. */
PollResult realPoll(const relay::test::RelayProcess &relay, const Moment &now)
{
    const QByteArray body = relay.get("/metrics");
    auto exposition = parseExposition(body);
    if (!exposition)
        qFatal(
            "/metrics cannot be read, line %lld", static_cast<long long>(exposition.error().line));
    PollResult result =
        goodPoll(now, std::make_shared<const Exposition>(std::move(exposition).value()));
    result.rawMetrics = body;
    return result;
}

} // namespace

void TestRelayMonitor::understandsTheRealRelay()
{
    relay::test::RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS"), QStringLiteral("123")}});
    QVERIFY2(relay.start(), relay.log().constData());
    RelayMonitor monitor(profile(), defaultAlertRules());
    Clocks clocks;
    // The age of what was swept is by the wall clock, which here is the relay's.
    clocks.jump(milliseconds(clocks.now().wall.msecsTo(QDateTime::currentDateTimeUtc())));
    monitor.pollEnded(realPoll(relay, clocks.now()));
    monitor.pollEnded(realPoll(relay, clocks.advance(seconds(5)).now()));

    QCOMPARE(monitor.state().state, RelayState::Up);
    QCOMPARE(monitor.figures().connectionLimit, 123.0);
    QCOMPARE(monitor.figures().blobsStored, 0.0);
    for (size_t i = 0; i < SeriesCount; ++i) {
        const auto series = static_cast<Series>(i);
        // Nobody asked it anything: there is no latency.
        const bool isLatency = info(series).chart == Chart::Latency;
        QVERIFY2(std::isnan(lastValue(monitor, series, clocks.now())) == isLatency,
            qPrintable(info(series).columnName()));
    }
    // Each rule has what it asks about.
    const Exposition &exposition = *monitor.rates().exposition();
    for (const AlertRule &rule : *defaultAlertRules()) {
        const AlertCondition &condition = rule.condition;
        if (condition.kind == AlertCondition::Kind::Down)
            continue;
        const MetricFamily *family = exposition.family(condition.metric);
        QVERIFY2(family, condition.metric.constData());
        QVERIFY(std::any_of(family->samples.begin(), family->samples.end(),
            [&](const MetricSample &sample) { return hasLabels(sample, condition.labels); }));
        QVERIFY(condition.other.isEmpty() || exposition.value(condition.other));
        if (condition.kind == AlertCondition::Kind::QuantileAbove)
            QVERIFY(!monitor.rates().bucketIncreases(condition.metric).empty());
    }
    QVERIFY(monitor.activeAlerts().empty());

    // A restart is seen by the real start time.
    QCOMPARE(relay.stop(), 0);
    QVERIFY2(relay.start(), relay.log().constData());
    monitor.pollEnded(realPoll(relay, clocks.advance(seconds(5)).now()));
    QVERIFY(monitor.rates().isRestarted());
    QVERIFY(std::isnan(monitor.rates().perSecond(metric::MessagesReceivedTotal.name)));
}

void TestRelayMonitor::pollCostsLittle()
{
    relay::test::RelayProcess relay;
    QVERIFY2(relay.start(), relay.log().constData());
    RelayMonitor monitor(profile(), defaultAlertRules());
    Clocks clocks;
    constexpr int Polls = 2000;
    std::vector<PollResult> results;
    const PollResult answer = realPoll(relay, clocks.now());
    for (int i = 0; i < Polls; ++i) {
        const Moment now = clocks.advance(seconds(1)).now();
        PollResult result = goodPoll(now, std::make_shared<const Exposition>(*answer.exposition));
        result.rawMetrics = answer.rawMetrics;
        results.push_back(std::move(result));
    }
    QElapsedTimer timer;
    timer.start();
    for (const PollResult &result : results)
        monitor.pollEnded(result);
    const double micros = static_cast<double>(timer.nsecsElapsed()) / 1000 / Polls;
    qInfo("one poll: %.1f us", micros);
    QVERIFY2(micros < 5000, "fifty relays a second would be too much for one thread");
}

QTEST_GUILESS_MAIN(TestRelayMonitor)
#include "tst_relaymonitor.moc"
