// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/rates.h"
#include "relay-admin/models/window.h"
#include "tests/relay-admin/models/answers.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace relay;
using namespace relay::admin;
using namespace relay::admin::test;

namespace {

constexpr milliseconds Longest = seconds(15);
constexpr double Inf = std::numeric_limits<double>::infinity();

} // namespace

Q_DECLARE_METATYPE(std::vector<relay::admin::Bucket>)

class TestRates : public QObject {
    Q_OBJECT

private slots:
    void counterRisesPerSecond();
    void firstAnswerHasNoRate();
    void gaugeHasNoRate();
    void sumsTheSeriesThatHaveTheLabels();
    void counterThatFellHasNoRate();
    void restartHasNoRateEvenIfTheCounterIsHigher();
    void goesOnAfterARestart();
    void missedPollsAreAveragedUpToTheLongestSpan();
    void longGapHasNoRate();
    void suspendDoesNotMakeAHugeRate();
    void clockThatIsSetMakesNoRate();
    void findsSeriesInAnotherOrder();
    void seriesThatIsNewHasNoRate();
    void infinityHasNoRate();
    void bucketsGiveTheirIncreases();
    void hostileAnswerCostsLittle();
    void quantileIsThatOfPrometheus_data();
    void quantileIsThatOfPrometheus();
    void windowForgetsWhatLeftIt();
    void windowBeginsAnewWithOtherBuckets();
};

void TestRates::counterRisesPerSecond()
{
    Clocks clocks;
    Rates rates;
    rates.take(Metrics().counter("c_total", 100), clocks.now(), Longest);
    rates.take(Metrics().counter("c_total", 130), clocks.advance(seconds(5)).now(), Longest);
    QCOMPARE(rates.increase("c_total"), 30.0);
    QCOMPARE(rates.perSecond("c_total"), 6.0);
    QCOMPARE(rates.perSecond(0, 0), 6.0);
    QVERIFY(std::isnan(rates.perSecond("d_total")));
    // Over what really went by, not over the interval that was meant.
    rates.take(
        Metrics().counter("c_total", 160), clocks.advance(milliseconds(7500)).now(), Longest);
    QCOMPARE(rates.perSecond("c_total"), 4.0);
}

void TestRates::firstAnswerHasNoRate()
{
    Clocks clocks;
    Rates rates;
    QVERIFY(std::isnan(rates.perSecond("c_total")));
    rates.take(Metrics().counter("c_total", 1e9), clocks.now(), Longest);
    QVERIFY(std::isnan(rates.perSecond("c_total")));
    QVERIFY(std::isnan(rates.perSecond(0, 0)));
    QVERIFY(!rates.span());
}

void TestRates::gaugeHasNoRate()
{
    Clocks clocks;
    Rates rates;
    rates.take(Metrics().gauge("g", 1), clocks.now(), Longest);
    rates.take(Metrics().gauge("g", 2), clocks.advance(seconds(5)).now(), Longest);
    QVERIFY(std::isnan(rates.perSecond("g")));
    QVERIFY(std::isnan(rates.perSecond(0, 0)));
}

void TestRates::sumsTheSeriesThatHaveTheLabels()
{
    Clocks clocks;
    Rates rates;
    rates.take(
        Metrics().counters("r_total", "reason", {{"a", 1}, {"b", 10}}), clocks.now(), Longest);
    rates.take(Metrics().counters("r_total", "reason", {{"a", 3}, {"b", 15}}),
        clocks.advance(seconds(1)).now(), Longest);
    QCOMPARE(rates.increase("r_total"), 7.0);
    QCOMPARE(rates.increase("r_total", {{"reason", QStringLiteral("b")}}), 5.0);
    QVERIFY(std::isnan(rates.increase("r_total", {{"reason", QStringLiteral("c")}})));
}

void TestRates::counterThatFellHasNoRate()
{
    Clocks clocks;
    Rates rates;
    rates.take(Metrics().counter("c_total", 1000).counter("d_total", 1), clocks.now(), Longest);
    rates.take(Metrics().counter("c_total", 7).counter("d_total", 3),
        clocks.advance(seconds(5)).now(), Longest);
    QVERIFY(std::isnan(rates.perSecond("c_total")));
    QCOMPARE(rates.increase("d_total"), 2.0);
}

void TestRates::restartHasNoRateEvenIfTheCounterIsHigher()
{
    Clocks clocks;
    Rates rates;
    const auto answer = [](double start, double count) -> std::shared_ptr<const Exposition> {
        return Metrics().gauge("process_start_time_seconds", start).counter("c_total", count);
    };
    rates.take(answer(1000, 3), clocks.now(), Longest);
    rates.take(answer(1000.5, 4000), clocks.advance(seconds(5)).now(), Longest);
    QVERIFY(rates.isRestarted());
    QVERIFY(std::isnan(rates.perSecond("c_total")));
}

void TestRates::goesOnAfterARestart()
{
    Clocks clocks;
    Rates rates;
    const auto answer = [](double start, double count) -> std::shared_ptr<const Exposition> {
        return Metrics().gauge("process_start_time_seconds", start).counter("c_total", count);
    };
    rates.take(answer(1000, 300), clocks.now(), Longest);
    rates.take(answer(2000, 10), clocks.advance(seconds(5)).now(), Longest);
    rates.take(answer(2000, 20), clocks.advance(seconds(5)).now(), Longest);
    QVERIFY(!rates.isRestarted());
    QCOMPARE(rates.perSecond("c_total"), 2.0);
}

void TestRates::missedPollsAreAveragedUpToTheLongestSpan()
{
    Clocks clocks;
    Rates rates;
    rates.take(Metrics().counter("c_total", 0), clocks.now(), Longest);
    rates.take(Metrics().counter("c_total", 30), clocks.advance(Longest).now(), Longest);
    QCOMPARE(rates.perSecond("c_total"), 2.0);
}

void TestRates::longGapHasNoRate()
{
    Clocks clocks;
    Rates rates;
    rates.take(Metrics().counter("c_total", 0), clocks.now(), Longest);
    rates.take(
        Metrics().counter("c_total", 30), clocks.advance(Longest + milliseconds(1)).now(), Longest);
    QVERIFY(std::isnan(rates.perSecond("c_total")));
    QVERIFY(!rates.span());
}

void TestRates::suspendDoesNotMakeAHugeRate()
{
    // Eight hours of messages, in five seconds of the steady clock.
    Clocks clocks;
    Rates rates;
    rates.take(Metrics().counter("c_total", 0), clocks.now(), Longest);
    clocks.jump(std::chrono::hours(8)).advance(seconds(5));
    rates.take(Metrics().counter("c_total", 28'800), clocks.now(), Longest);
    QVERIFY(std::isnan(rates.perSecond("c_total")));
}

void TestRates::clockThatIsSetMakesNoRate()
{
    Clocks clocks;
    Rates rates;
    rates.take(Metrics().counter("c_total", 0), clocks.now(), Longest);
    clocks.jump(std::chrono::hours(-1)).advance(seconds(5));
    rates.take(Metrics().counter("c_total", 10), clocks.now(), Longest);
    QVERIFY(std::isnan(rates.perSecond("c_total")));
    // What NTP does is not that.
    clocks.jump(milliseconds(-300)).advance(seconds(5));
    rates.take(Metrics().counter("c_total", 20), clocks.now(), Longest);
    QCOMPARE(rates.perSecond("c_total"), 2.0);
}

void TestRates::findsSeriesInAnotherOrder()
{
    Clocks clocks;
    Rates rates;
    rates.take(Metrics()
                   .counters("r_total", "reason", {{"a", 1}, {"b", 10}, {"c", 100}})
                   .counter("x_total", 5),
        clocks.now(), Longest);
    rates.take(Metrics()
                   .counter("x_total", 6)
                   .counters("r_total", "reason", {{"c", 101}, {"a", 3}, {"b", 10}}),
        clocks.advance(seconds(1)).now(), Longest);
    QCOMPARE(rates.increase("x_total"), 1.0);
    QCOMPARE(rates.increase("r_total", {{"reason", QStringLiteral("a")}}), 2.0);
    QCOMPARE(rates.increase("r_total", {{"reason", QStringLiteral("b")}}), 0.0);
    QCOMPARE(rates.increase("r_total", {{"reason", QStringLiteral("c")}}), 1.0);
}

void TestRates::seriesThatIsNewHasNoRate()
{
    Clocks clocks;
    Rates rates;
    rates.take(Metrics().counters("r_total", "reason", {{"a", 1}}), clocks.now(), Longest);
    rates.take(Metrics().counters("r_total", "reason", {{"a", 2}, {"b", 9}}),
        clocks.advance(seconds(1)).now(), Longest);
    QCOMPARE(rates.increase("r_total", {{"reason", QStringLiteral("a")}}), 1.0);
    QVERIFY(std::isnan(rates.increase("r_total", {{"reason", QStringLiteral("b")}})));
}

void TestRates::infinityHasNoRate()
{
    Clocks clocks;
    Rates rates;
    rates.take(
        Metrics().counter("c_total", 0).counter("d_total", std::nan("")), clocks.now(), Longest);
    rates.take(Metrics().counter("c_total", Inf).counter("d_total", 5),
        clocks.advance(seconds(1)).now(), Longest);
    QVERIFY(std::isnan(rates.perSecond("c_total")));
    QVERIFY(std::isnan(rates.perSecond("d_total")));
}

void TestRates::bucketsGiveTheirIncreases()
{
    Clocks clocks;
    Rates rates;
    rates.take(
        Metrics().histogram("h", {{"0.1", 5}, {"1", 8}, {"+Inf", 9}}), clocks.now(), Longest);
    QVERIFY(rates.bucketIncreases("h").empty());
    rates.take(Metrics().histogram("h", {{"0.1", 6}, {"1", 11}, {"+Inf", 13}}),
        clocks.advance(seconds(5)).now(), Longest);
    QCOMPARE(rates.bucketIncreases("h"), (std::vector<Bucket> {{0.1, 1}, {1, 3}, {Inf, 4}}));
    // Of four, two are between 0.1 and 1: the median is the first of them.
    QCOMPARE(histogramQuantile(0.5, rates.bucketIncreases("h")), 0.1 + 0.9 * (2 - 1) / 2);
    // Nothing came: there is no quantile, least of all that of all times.
    rates.take(Metrics().histogram("h", {{"0.1", 6}, {"1", 11}, {"+Inf", 13}}),
        clocks.advance(seconds(5)).now(), Longest);
    QVERIFY(std::isnan(histogramQuantile(0.5, rates.bucketIncreases("h"))));
    // A bound that is no number: nothing is known.
    rates.take(Metrics().histogram("h", {{"x", 6}, {"1", 11}, {"+Inf", 13}}),
        clocks.advance(seconds(5)).now(), Longest);
    QVERIFY(rates.bucketIncreases("h").empty());
}

void TestRates::hostileAnswerCostsLittle()
{
    // As many series as the parser lets through, each time in the opposite order.
    const auto answer = [](bool isTurned) {
        Exposition exposition;
        MetricFamily family {"h", MetricType::Histogram, {}, {}};
        for (int i = 0; i < 20'000; ++i) {
            family.samples.push_back({"h_bucket", {{"le", QString::number(i)}},
                i + (isTurned ? 1.0 : 0.0), std::nullopt});
        }
        if (isTurned)
            std::reverse(family.samples.begin(), family.samples.end());
        exposition.families.push_back(std::move(family));
        return std::make_shared<const Exposition>(std::move(exposition));
    };
    Clocks clocks;
    Rates rates;
    rates.take(answer(false), clocks.now(), Longest);
    const auto next = answer(true);
    QElapsedTimer timer;
    timer.start();
    rates.take(next, clocks.advance(seconds(5)).now(), Longest);
    const qint64 millis = timer.elapsed();
    QCOMPARE(rates.perSecond(0, 0), 0.2);
    QVERIFY(rates.bucketIncreases("h").empty());
    qInfo("20,000 series in another order: %lld ms", static_cast<long long>(millis));
    QVERIFY2(millis < 1000, "it takes seconds where each series is looked for from the start");
}

void TestRates::quantileIsThatOfPrometheus_data()
{
    QTest::addColumn<double>("quantile");
    QTest::addColumn<std::vector<Bucket>>("buckets");
    QTest::addColumn<double>("expected");
    using B = std::vector<Bucket>;
    const double nan = std::nan("");
    const B usual {{1, 10}, {2, 30}, {4, 40}, {Inf, 40}};

    QTest::newRow("in the first bucket, from 0") << 0.125 << usual << 0.5;
    QTest::newRow("at the end of the first") << 0.25 << usual << 1.0;
    QTest::newRow("within the second") << 0.5 << usual << 1.5;
    QTest::newRow("within the third") << 0.9 << usual << 3.2;
    QTest::newRow("the greatest") << 1.0 << usual << 4.0;
    QTest::newRow("the least") << 0.0 << usual << 0.0;
    QTest::newRow("not sorted") << 0.5 << B {{Inf, 40}, {2, 30}, {1, 10}, {4, 40}} << 1.5;
    QTest::newRow("beyond the last bound") << 0.99 << B {{1, 1}, {2, 2}, {Inf, 100}} << 2.0;
    QTest::newRow("all beyond") << 0.5 << B {{1, 0}, {2, 0}, {Inf, 7}} << 2.0;
    QTest::newRow("nothing observed") << 0.5 << B {{1, 0}, {Inf, 0}} << nan;
    QTest::newRow("no buckets") << 0.5 << B {} << nan;
    QTest::newRow("only +Inf") << 0.5 << B {{Inf, 5}} << nan;
    QTest::newRow("no +Inf") << 0.5 << B {{1, 5}, {2, 6}} << nan;
    QTest::newRow("a bucket that is empty") << 0.75 << B {{1, 2}, {2, 2}, {3, 4}, {Inf, 4}} << 2.5;
    QTest::newRow("counts that fall are raised") << 0.5 << B {{1, 10}, {2, 8}, {Inf, 20}} << 1.0;
    QTest::newRow("negative bounds") << 0.5 << B {{-2, 4}, {0, 4}, {Inf, 4}} << -2.0;
    QTest::newRow("NaN count") << 0.5 << B {{1, nan}, {Inf, 4}} << nan;
    QTest::newRow("quantile NaN") << nan << usual << nan;
}

void TestRates::quantileIsThatOfPrometheus()
{
    QFETCH(double, quantile);
    QFETCH(std::vector<Bucket>, buckets);
    QFETCH(double, expected);
    const double found = histogramQuantile(quantile, buckets);
    if (std::isnan(expected))
        QVERIFY(std::isnan(found));
    else
        QVERIFY2(std::abs(found - expected) < 1e-12, qPrintable(QString::number(found)));
}

void TestRates::windowForgetsWhatLeftIt()
{
    Clocks clocks;
    Window window;
    QCOMPARE(window.seconds(), 0.0);
    for (int i = 0; i < 10; ++i) {
        clocks.advance(seconds(10));
        window.slide(clocks.now().steady, seconds(30));
        window.add(clocks.now().steady, 10, {1.0 + i, 100});
    }
    QCOMPARE(window.seconds(), 30.0);
    QCOMPARE(window.sums(), (std::vector<double> {8 + 9 + 10, 300}));
    window.slide(clocks.advance(seconds(60)).now().steady, seconds(30));
    QCOMPARE(window.seconds(), 0.0);
}

void TestRates::windowBeginsAnewWithOtherBuckets()
{
    Clocks clocks;
    Window window;
    window.add(clocks.now().steady, 5, {1, 2, 3});
    window.add(clocks.advance(seconds(5)).now().steady, 5, {4, 5});
    QCOMPARE(window.sums(), (std::vector<double> {4, 5}));
    QCOMPARE(window.seconds(), 5.0);
}

QTEST_GUILESS_MAIN(TestRates)
#include "tst_rates.moc"
