// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/alertengine.h"
#include "tests/relay-admin/models/answers.h"

#include <QTest>

#include <cmath>

using namespace relay;
using namespace relay::admin;
using namespace relay::admin::test;

namespace {

using Kind = AlertCondition::Kind;

AlertRule rule(AlertCondition condition, seconds holdFor = seconds(0))
{
    return {QStringLiteral("Rule"), AlertSeverity::Warning, QStringLiteral("Something is."),
        std::move(condition), holdFor, {}};
}

/** gauge m > 10, until it is at most 8. */
AlertCondition above()
{
    return {Kind::Above, "m", {}, {}, 0, {}, 10, 8};
}

/** A relay with one rule, polled each five seconds. */
class Watched {
public:
    explicit Watched(AlertRule watchedRule)
        : m_engine(std::make_shared<const AlertRules>(AlertRules {std::move(watchedRule)}))
    {
    }
    Clocks clocks;

    std::vector<Alert> answers(std::shared_ptr<const Exposition> exposition)
    {
        clocks.advance(seconds(5));
        m_rates.take(exposition, clocks.now(), seconds(15));
        return changes(goodPoll(clocks.now(), std::move(exposition)));
    }
    std::vector<Alert> says(double value) { return answers(Metrics().gauge("m", value)); }
    std::vector<Alert> fails()
    {
        clocks.advance(seconds(5));
        return changes(failedPoll(clocks.now()));
    }
    /** The phase of the one active alert. */
    std::optional<AlertPhase> phase() const
    {
        const std::vector<Alert> active = m_engine.active();
        return active.empty() ? std::nullopt : std::optional(active.front().phase);
    }
    const AlertEngine &engine() const { return m_engine; }

private:
    std::vector<Alert> changes(const PollResult &result)
    {
        return m_engine.evaluate(result, m_rates, seconds(5));
    }

    AlertEngine m_engine;
    Rates m_rates;
};

} // namespace

class TestAlertEngine : public QObject {
    Q_OBJECT

private slots:
    void firesAfterTheHoldTime();
    void clearsOnlyAtTheClearValue();
    void shortPeakGoesWithoutAWord();
    void zeroHoldFiresAtOnce();
    void belowClearsAbove();
    void missingValuesNeitherFireNorClear_data();
    void missingValuesNeitherFireNorClear();
    void timeWithoutValuesDoesNotCountTowardsTheHold();
    void downIsWhatHealthSays();
    void ratioIsOfTwoGauges();
    void rateIsOverTheWindow();
    void rateOfOneLabelOnly();
    void restartDoesNotFireARate();
    void quantileIsOfTheWindow();
    void restartsAreCounted();
    void ageIsSinceTheLaterTimestamp();
    void pastIsBoundedAndNewestFirst();
    void healthyRelayHasNoAlert();
};

void TestAlertEngine::firesAfterTheHoldTime()
{
    Watched relay(rule(above(), seconds(10)));
    QVERIFY(relay.says(10).empty()); // not more than 10
    const auto pending = relay.says(11);
    QCOMPARE(pending.size(), size_t(1));
    QCOMPARE(pending[0].phase, AlertPhase::Pending);
    QCOMPARE(pending[0].since, relay.clocks.now().wall);
    QVERIFY(relay.says(12).empty());
    const auto firing = relay.says(13);
    QCOMPARE(firing.size(), size_t(1));
    QCOMPARE(firing[0].phase, AlertPhase::Firing);
    QCOMPARE(firing[0].value, 13.0);
    QCOMPARE(firing[0].since, pending[0].since);
    QCOMPARE(firing[0].firedAt, relay.clocks.now().wall);
    // Once.
    QVERIFY(relay.says(14).empty());
    QCOMPARE(relay.engine().active()[0].value, 14.0);
}

void TestAlertEngine::clearsOnlyAtTheClearValue()
{
    Watched relay(rule(above()));
    relay.says(11);
    QVERIFY(relay.says(9).empty()); // between the two
    QVERIFY(relay.says(11).empty());
    QVERIFY(relay.says(8.01).empty());
    QCOMPARE(relay.phase(), AlertPhase::Firing);
    const auto ended = relay.says(8);
    QCOMPARE(ended.size(), size_t(1));
    QCOMPARE(ended[0].phase, AlertPhase::Resolved);
    QCOMPARE(ended[0].resolvedAt, relay.clocks.now().wall);
    QVERIFY(relay.engine().active().empty());
    QCOMPARE(relay.engine().past().size(), size_t(1));
    QVERIFY(relay.says(9).empty());
}

void TestAlertEngine::shortPeakGoesWithoutAWord()
{
    Watched relay(rule(above(), seconds(10)));
    relay.says(11);
    relay.says(11);
    QVERIFY(relay.says(9).empty());
    QVERIFY(!relay.phase());
    QVERIFY(relay.engine().past().empty());
    // The hold begins anew.
    relay.says(11);
    QVERIFY(relay.says(11).empty());
    QCOMPARE(relay.says(11).size(), size_t(1));
}

void TestAlertEngine::zeroHoldFiresAtOnce()
{
    Watched relay(rule(above()));
    const auto firing = relay.says(11);
    QCOMPARE(firing.size(), size_t(1));
    QCOMPARE(firing[0].phase, AlertPhase::Firing);
}

void TestAlertEngine::belowClearsAbove()
{
    Watched relay(rule({Kind::Below, "m", {}, {}, 0, {}, 1, 1}));
    QVERIFY(relay.says(1).empty());
    QCOMPARE(relay.says(0).size(), size_t(1));
    QCOMPARE(relay.says(1)[0].phase, AlertPhase::Resolved);
}

void TestAlertEngine::missingValuesNeitherFireNorClear_data()
{
    QTest::addColumn<int>("what");
    QTest::newRow("NaN") << 0;
    QTest::newRow("no such metric") << 1;
    QTest::newRow("no answer") << 2;
}

void TestAlertEngine::missingValuesNeitherFireNorClear()
{
    QFETCH(int, what);
    const auto miss = [&](Watched &relay) {
        return what == 0 ? relay.says(std::nan(""))
            : what == 1  ? relay.answers(Metrics().gauge("other", 0))
                         : relay.fails();
    };
    Watched calm(rule(above()));
    QVERIFY(miss(calm).empty());
    QVERIFY(!calm.phase());

    Watched firing(rule(above()));
    firing.says(11);
    for (int i = 0; i < 100; ++i)
        QVERIFY(miss(firing).empty());
    QCOMPARE(firing.phase(), AlertPhase::Firing);
    QCOMPARE(firing.says(0).size(), size_t(1));
}

void TestAlertEngine::timeWithoutValuesDoesNotCountTowardsTheHold()
{
    Watched relay(rule(above(), seconds(10)));
    relay.says(11);
    for (int i = 0; i < 10; ++i)
        QVERIFY(relay.fails().empty());
    QCOMPARE(relay.phase(), AlertPhase::Pending);
    QVERIFY(relay.says(11).empty());
    QVERIFY(relay.says(11).empty());
    QCOMPARE(relay.says(11).size(), size_t(1));
}

void TestAlertEngine::downIsWhatHealthSays()
{
    Watched relay(rule({}, seconds(10)));
    QVERIFY(relay.says(0).empty());
    QCOMPARE(relay.fails().size(), size_t(1));
    QVERIFY(relay.fails().empty());
    QCOMPARE(relay.fails()[0].phase, AlertPhase::Firing);
    QCOMPARE(relay.says(0)[0].phase, AlertPhase::Resolved);
}

void TestAlertEngine::ratioIsOfTwoGauges()
{
    Watched relay(rule({Kind::RatioAbove, "used", {}, "most", 0, {}, 0.8, 0.7}));
    const auto used = [&](double part, double whole) {
        return relay.answers(Metrics().gauge("used", part).gauge("most", whole)).size();
    };
    QCOMPARE(used(80, 100), size_t(0));
    QCOMPARE(used(0, 0), size_t(0));
    QCOMPARE(used(81, 100), size_t(1));
    QCOMPARE(used(75, 100), size_t(0));
    QCOMPARE(used(70, 100), size_t(1));
    QCOMPARE(relay.answers(Metrics().gauge("used", 81)).size(), size_t(0));
}

void TestAlertEngine::rateIsOverTheWindow()
{
    // More than one a second over a minute: a burst of 50 is not, of 100 is, and stays so for long.
    Watched relay(rule({Kind::RateAbove, "c_total", {}, {}, 0, seconds(60), 1, 0.5}));
    double count = 0;
    const auto rises = [&](double by) {
        return relay.answers(Metrics().counter("c_total", count += by)).size();
    };
    for (int i = 0; i < 20; ++i)
        QCOMPARE(rises(0), size_t(0));
    QCOMPARE(rises(50), size_t(0));
    QCOMPARE(rises(50), size_t(1));
    for (int i = 0; i < 10; ++i)
        QCOMPARE(rises(0), size_t(0));
    QCOMPARE(relay.phase(), AlertPhase::Firing);
    QCOMPARE(rises(0), size_t(0)); // 50 are left in the window
    QCOMPARE(rises(0), size_t(1));
}

void TestAlertEngine::rateOfOneLabelOnly()
{
    Watched relay(rule({Kind::RateAbove, "r_total", {{"reason", QStringLiteral("storage")}}, {}, 0,
        seconds(60), 0, 0}));
    const auto refused = [&](double storage, double quota) {
        return relay
            .answers(
                Metrics().counters("r_total", "reason", {{"quota", quota}, {"storage", storage}}))
            .size();
    };
    QCOMPARE(refused(0, 0), size_t(0));
    QCOMPARE(refused(0, 500), size_t(0));
    QCOMPARE(refused(1, 500), size_t(1));
    for (int i = 0; i < 11; ++i)
        QCOMPARE(refused(1, 500), size_t(0));
    QCOMPARE(refused(1, 500), size_t(1)); // a minute later
}

void TestAlertEngine::restartDoesNotFireARate()
{
    Watched relay(rule({Kind::RateAbove, "c_total", {}, {}, 0, seconds(60), 1, 0.5}));
    const auto answer = [&](double start, double count) {
        return relay
            .answers(Metrics().gauge("process_start_time_seconds", start).counter("c_total", count))
            .size();
    };
    QCOMPARE(answer(1, 0), size_t(0));
    QCOMPARE(answer(2, 1e6), size_t(0));
    QCOMPARE(answer(2, 1e6 + 1), size_t(0));
    QVERIFY(!relay.phase());
}

void TestAlertEngine::quantileIsOfTheWindow()
{
    Watched relay(rule({Kind::QuantileAbove, "h", {}, {}, 0.5, seconds(60), 1, 0.5}));
    double quick = 0;
    double slow = 0;
    const auto more = [&](double newQuick, double newSlow) {
        quick += newQuick;
        slow += newSlow;
        return relay
            .answers(Metrics().histogram(
                "h", {{"0.1", quick}, {"2", quick + slow}, {"+Inf", quick + slow}}))
            .size();
    };
    QCOMPARE(more(1000, 0), size_t(0)); // before the first rate
    QCOMPARE(more(10, 0), size_t(0));
    QCOMPARE(more(0, 10), size_t(0));  // half of it: 0.1
    QCOMPARE(more(0, 500), size_t(1)); // 0.1 + 1.9 * 250 / 510
    // Nothing comes: what the window holds goes on counting, until it holds nothing.
    for (int i = 0; i < 30; ++i)
        QCOMPARE(more(0, 0), size_t(0));
    QCOMPARE(relay.phase(), AlertPhase::Firing);
    QCOMPARE(more(10, 0), size_t(1));
}

void TestAlertEngine::restartsAreCounted()
{
    Watched relay(
        rule({Kind::ChangesAbove, "process_start_time_seconds", {}, {}, 0, seconds(60), 2, 0}));
    const auto started = [&](double at) {
        return relay.answers(Metrics().gauge("process_start_time_seconds", at)).size();
    };
    QCOMPARE(started(1), size_t(0));
    QCOMPARE(started(2), size_t(0));
    relay.fails();
    QCOMPARE(started(3), size_t(0));
    QCOMPARE(started(3), size_t(0));
    QCOMPARE(started(4), size_t(1));
    size_t changes = 0;
    for (int i = 0; i < 11; ++i)
        changes += started(4);
    QCOMPARE(changes, size_t(0));
    QCOMPARE(started(4), size_t(1)); // all of them are a minute ago
}

void TestAlertEngine::ageIsSinceTheLaterTimestamp()
{
    Watched relay(rule({Kind::AgeAbove, "swept", {}, "started", 0, {}, 100, 100}));
    const double now = static_cast<double>(relay.clocks.now().wall.toSecsSinceEpoch());
    const auto answer = [&](double swept, double started) {
        return relay.answers(Metrics().gauge("swept", swept).gauge("started", started)).size();
    };
    QCOMPARE(answer(0, now - 90), size_t(0));   // 95 s after the start, never swept
    QCOMPARE(answer(0, now - 95), size_t(1));   // 105 s
    QCOMPARE(answer(now, now - 95), size_t(1)); // swept
    QCOMPARE(answer(now, now - 9999), size_t(0));
    QCOMPARE(answer(now - 500, now - 9999), size_t(1));
}

void TestAlertEngine::pastIsBoundedAndNewestFirst()
{
    Watched relay(rule(above()));
    for (size_t i = 0; i < AlertEngine::MaxPast + 10; ++i) {
        relay.says(100 + static_cast<double>(i));
        relay.says(static_cast<double>(i % 8));
    }
    QCOMPARE(relay.engine().past().size(), AlertEngine::MaxPast);
    const auto &past = relay.engine().past();
    QCOMPARE(past.front().resolvedAt, relay.clocks.now().wall);
    QVERIFY(past.back().resolvedAt < past.front().resolvedAt);
}

void TestAlertEngine::healthyRelayHasNoAlert()
{
    AlertEngine engine(defaultAlertRules());
    Clocks clocks;
    Rates rates;
    const double start = static_cast<double>(clocks.now().wall.toSecsSinceEpoch());
    for (int i = 0; i < 1000; ++i) {
        const double count = 3.0 * i;
        const std::shared_ptr<const Exposition> exposition =
            Metrics()
                .gauge("relay_ready", 1)
                .gauge("relay_connections_active", 300)
                .gauge("relay_max_connections", 1000)
                .gauge("relay_storage_bytes", 1e9)
                .gauge("relay_blobs_undeliverable", 0)
                .gauge("relay_cleanup_last_success_timestamp_seconds", 0)
                .gauge("process_start_time_seconds", start)
                .gauge("process_open_fds", 330)
                .gauge("process_max_fds", 20'000)
                .counter("relay_connection_errors_total", count / 10)
                .counter("relay_slow_client_disconnects_total", 0)
                .counter("relay_rate_limited_total", count)
                .counters("relay_messages_refused_total", "reason", {{"storage", 0}, {"quota", 2}})
                .histogram("relay_storage_commit_duration_seconds",
                    {{"0.01", 99 * count}, {"0.5", 100 * count}, {"+Inf", 100 * count}})
                .histogram("relay_message_duration_seconds",
                    {{"0.01", 99 * count}, {"1", 100 * count}, {"+Inf", 100 * count}});
        clocks.advance(seconds(5));
        rates.take(exposition, clocks.now(), seconds(15));
        const auto changes = engine.evaluate(goodPoll(clocks.now(), exposition), rates, seconds(5));
        QVERIFY2(changes.empty(), changes.empty() ? "" : qPrintable(changes[0].ruleId));
    }
}

QTEST_GUILESS_MAIN(TestAlertEngine)
#include "tst_alertengine.moc"
