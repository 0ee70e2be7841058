// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/history.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

#include <cmath>

using namespace relay::admin;
using std::chrono::milliseconds;

namespace {

constexpr qint64 Start = 1'700'000'040'000; // a full minute
constexpr qint64 Second = 1000;
constexpr qint64 Minute = 60 * Second;
constexpr qint64 Hour = 60 * Minute;
constexpr milliseconds Longest {15'000};

QDateTime at(qint64 time)
{
    return QDateTime::fromMSecsSinceEpoch(time, Qt::UTC);
}

SeriesValues connections(double value)
{
    SeriesValues values = unknownValues();
    values[static_cast<size_t>(Series::ConnectionsActive)] = value;
    return values;
}

QList<QPointF> line(const History &history, qint64 from, qint64 to, int maxPoints = 100'000,
    Statistic statistic = Statistic::Mean)
{
    return history.points(Series::ConnectionsActive, {from, to}, maxPoints, statistic);
}

QList<double> known(const QList<QPointF> &points)
{
    QList<double> values;
    for (const QPointF &point : points) {
        if (!std::isnan(point.y()))
            values.append(point.y());
    }
    return values;
}

qsizetype gaps(const QList<QPointF> &points)
{
    return points.size() - known(points).size();
}

/** An answer each `step`, counted up from 0. */
void fill(History &history, qint64 from, qint64 to, qint64 step = 5 * Second)
{
    double value = 0;
    for (qint64 time = from; time < to; time += step)
        history.append(at(time), connections(value++));
}

bool isInOrder(const QList<QPointF> &points)
{
    for (qsizetype i = 1; i < points.size(); ++i) {
        if (points[i].x() < points[i - 1].x())
            return false;
    }
    return true;
}

} // namespace

class TestHistory : public QObject {
    Q_OBJECT

private slots:
    void keepsWhatItWasGiven();
    void failedPollEndsTheLine();
    void longSilenceEndsTheLine();
    void infinityIsNotKept();
    void minutesHaveMeanAndExtremes();
    void hourOfAnswersAndDayOfMinutes();
    void minutesStandBeforeTheRawRows();
    void memoryIsBounded();
    void clockSetBackForgetsTheFuture();
    void clockSetForwardIsAGap();
    void seldomAnswersAreNoGapsAmongMinutes();
    void thinsToWhatIsAskedFor_data();
    void thinsToWhatIsAskedFor();
    void thinningLosesNoPeakAndNoGap();
    void thinnedPictureStandsStill();
    void restoresWhatWasKept();
    void restoreEndsTheMinuteThatRan();
    void restoreDoesNotTouchWhatIsNewer();
    void givesUnsavedRowsOnce();
    void segmentsAreCutAtGaps();
    void drawsFiveChartsInAFewMilliseconds();
};

void TestHistory::keepsWhatItWasGiven()
{
    History history(Longest);
    QVERIFY(history.isEmpty());
    QVERIFY(line(history, 0, Start).isEmpty());
    fill(history, Start, Start + Minute);
    QCOMPARE(known(line(history, Start, Start + Minute)).size(), 12);
    QCOMPARE(line(history, Start + 5 * Second, Start + 10 * Second),
        (QList<QPointF> {{double(Start + 5 * Second), 1}, {double(Start + 10 * Second), 2}}));
    QVERIFY(history.points(Series::MessagesIn, {Start, Start + Minute}).isEmpty());
    QCOMPARE(history.rows({Start, Start + 10 * Second}).size(), size_t(3));
}

void TestHistory::failedPollEndsTheLine()
{
    History history(Longest);
    history.append(at(Start), connections(1));
    history.appendGap(at(Start + 5 * Second));
    history.appendGap(at(Start + 10 * Second));
    history.append(at(Start + 15 * Second), connections(2));
    const QList<QPointF> points = line(history, Start, Start + Minute);
    QCOMPARE(points.size(), 3);
    QVERIFY(std::isnan(points[1].y()));
    QCOMPARE(points[1].x(), double(Start + 5 * Second));
}

void TestHistory::longSilenceEndsTheLine()
{
    History history(Longest);
    history.append(at(Start), connections(1));
    history.append(at(Start + 15 * Second), connections(2));
    QCOMPARE(gaps(line(history, Start, Start + Minute)), 0);
    history.append(at(Start + 30 * Second + 1), connections(3));
    QCOMPARE(gaps(line(history, Start, Start + Minute)), 1);
    QCOMPARE(known(line(history, Start, Start + Minute)), (QList<double> {1, 2, 3}));
}

void TestHistory::infinityIsNotKept()
{
    History history(Longest);
    history.append(at(Start), connections(1));
    history.append(at(Start + Second), connections(std::numeric_limits<double>::infinity()));
    history.append(at(Start + 2 * Second), connections(2));
    QCOMPARE(known(line(history, Start, Start + Minute)), (QList<double> {1, 2}));
    QCOMPARE(gaps(line(history, Start, Start + Minute)), 1);
}

void TestHistory::minutesHaveMeanAndExtremes()
{
    History history(Longest);
    fill(history, Start, Start + Minute); // 0 to 11
    fill(history, Start + Minute, Start + 2 * Hour);
    const qint64 middle = Start + Minute / 2;
    for (const auto &[statistic, expected] : {std::pair {Statistic::Mean, 5.5},
             std::pair {Statistic::Min, 0.0}, std::pair {Statistic::Max, 11.0}}) {
        const QList<QPointF> points = line(history, Start, middle, 1000, statistic);
        QCOMPARE(points, (QList<QPointF> {{double(middle), expected}}));
    }
}

void TestHistory::hourOfAnswersAndDayOfMinutes()
{
    History history(Longest);
    fill(history, Start, Start + 30 * Hour);
    const qint64 now = Start + 30 * Hour - 5 * Second;
    QCOMPARE(history.rawCount(), size_t(3600 / 5 + 1));
    QCOMPARE(history.minuteCount(), size_t(24 * 60 - 1));
    const QList<QPointF> day = line(history, now - 48 * Hour, now);
    QVERIFY(isInOrder(day));
    QCOMPARE(gaps(day), 0);
    QCOMPARE(day.size(), 23 * 60 - 1 + 721);
}

void TestHistory::minutesStandBeforeTheRawRows()
{
    // No answer is drawn twice, and none falls between the tiers.
    History history(Longest);
    for (qint64 time = Start; time < Start + 3 * Hour; time += 7 * Second)
        history.append(at(time), connections(static_cast<double>(time - Start)));
    const QList<QPointF> points = line(history, Start, Start + 3 * Hour);
    QVERIFY(isInOrder(points));
    for (qsizetype i = 1; i < points.size(); ++i) {
        QVERIFY(points[i].x() - points[i - 1].x() <= 2 * double(Minute));
        QVERIFY(points[i].y() > points[i - 1].y());
    }
}

void TestHistory::memoryIsBounded()
{
    // A poll each 100 ms is not to be had; if it were, the hour would be shorter.
    History history(Longest);
    fill(history, Start, Start + Hour, 100);
    QCOMPARE(history.rawCount(), History::MaxRawRows);
    QCOMPARE(history.takeUnsaved().raw.size(), History::MaxRawRows);
    QCOMPARE(gaps(line(history, Start, Start + Hour)), 0);
}

void TestHistory::clockSetBackForgetsTheFuture()
{
    History history(Longest);
    fill(history, Start, Start + 10 * Minute);
    history.takeUnsaved();
    const qint64 back = Start + 5 * Minute + 30 * Second;
    history.append(at(back), connections(1000));
    const QList<QPointF> points = line(history, Start, Start + Hour);
    QVERIFY(isInOrder(points));
    QCOMPARE(points.last(), QPointF(double(back), 1000));
    QCOMPARE(points.size(), 66 + 1);
    QCOMPARE(history.minuteCount(), size_t(5));
    // The file forgets it too.
    QCOMPARE(history.takeUnsaved().forgetFrom, std::optional<qint64>(back));
    QVERIFY(!history.takeUnsaved().forgetFrom);
    // And it goes on.
    fill(history, back + 5 * Second, back + 10 * Minute);
    QVERIFY(isInOrder(line(history, Start, Start + Hour)));
    QCOMPARE(gaps(line(history, Start, Start + Hour)), 0);
}

void TestHistory::clockSetForwardIsAGap()
{
    History history(Longest);
    fill(history, Start, Start + 10 * Minute);
    fill(history, Start + 5 * Hour, Start + 5 * Hour + 10 * Minute);
    const QList<QPointF> points = line(history, Start, Start + 6 * Hour);
    QVERIFY(isInOrder(points));
    QCOMPARE(gaps(points), 1);
    QCOMPARE(segments(points).size(), size_t(2));
    // Beyond a day nothing is left of it.
    fill(history, Start + 50 * Hour, Start + 50 * Hour + Minute);
    QCOMPARE(history.minuteCount(), size_t(0));
}

void TestHistory::seldomAnswersAreNoGapsAmongMinutes()
{
    History history(milliseconds(30 * Minute));
    fill(history, Start, Start + 20 * Hour, 10 * Minute);
    const QList<QPointF> points = line(history, Start, Start + 20 * Hour);
    QCOMPARE(points.size(), 120);
    QCOMPARE(gaps(points), 0);
}

void TestHistory::thinsToWhatIsAskedFor_data()
{
    QTest::addColumn<int>("maxPoints");
    QTest::addColumn<int>("failing");
    for (const int maxPoints : {12, 100, 1000, 3000}) {
        QTest::addRow("%d", maxPoints) << maxPoints << 0;
        QTest::addRow("%d, each second poll fails", maxPoints) << maxPoints << 2;
    }
}

void TestHistory::thinsToWhatIsAskedFor()
{
    QFETCH(int, maxPoints);
    QFETCH(int, failing);
    History history(milliseconds(3000));
    QRandomGenerator random(7);
    for (int i = 0; i < 3600; ++i) {
        if (failing > 0 && i % failing == 0)
            history.appendGap(at(Start + i * Second));
        else
            history.append(at(Start + i * Second), connections(random.bounded(100.0)));
    }
    const QList<QPointF> points = line(history, Start, Start + Hour, maxPoints);
    QVERIFY2(points.size() <= maxPoints, qPrintable(QString::number(points.size())));
    QVERIFY2(points.size() > maxPoints / 3, qPrintable(QString::number(points.size())));
    QVERIFY(isInOrder(points));
}

void TestHistory::thinningLosesNoPeakAndNoGap()
{
    History history(milliseconds(3000));
    for (int i = 0; i < 3600; ++i) {
        const double value = i == 1234 ? 1e6 : i == 2345 ? -5 : 100 + i % 3;
        if (i >= 3000 && i < 3100)
            history.appendGap(at(Start + i * Second));
        else
            history.append(at(Start + i * Second), connections(value));
    }
    const QList<QPointF> points = line(history, Start, Start + Hour, 300);
    QVERIFY(points.contains(QPointF(double(Start + 1234 * Second), 1e6)));
    QVERIFY(points.contains(QPointF(double(Start + 2345 * Second), -5)));
    QCOMPARE(gaps(points), 1);
    const auto lines = segments(points);
    QCOMPARE(lines.size(), size_t(2));
    QVERIFY(lines[0].last().x() < Start + 3000 * Second);
    QVERIFY(lines[1].first().x() >= Start + 3100 * Second);
}

void TestHistory::thinnedPictureStandsStill()
{
    History history(milliseconds(3000));
    QRandomGenerator random(11);
    for (int i = 0; i < 3500; ++i)
        history.append(at(Start + i * Second), connections(random.bounded(100.0)));
    const auto first = line(history, Start, Start + Hour, 300);
    const auto second = line(history, Start + Second, Start + Hour + Second, 300);
    // Only what is at the edges may differ.
    qsizetype same = 0;
    for (const QPointF &point : first)
        same += second.contains(point) ? 1 : 0;
    QVERIFY2(same >= first.size() - 6, qPrintable(QString::number(first.size() - same)));
}

void TestHistory::restoresWhatWasKept()
{
    History before(Longest);
    fill(before, Start, Start + 2 * Hour);
    const qint64 ended = Start + 2 * Hour - 5 * Second;
    HistoryRows kept;
    for (const HistoryRow &row : before.rows({ended - Hour, ended}))
        kept.raw.push_back(row);
    kept.minutes = before.takeUnsaved().minutes;

    History after(Longest);
    const qint64 now = ended + 10 * Minute;
    after.append(at(now), connections(7));
    after.restore(kept, at(now));
    const QList<QPointF> points = line(after, Start, now);
    QVERIFY(isInOrder(points));
    QCOMPARE(points.last(), QPointF(double(now), 7));
    QCOMPARE(gaps(points), 1); // the program was not there
    QCOMPARE(segments(points).size(), size_t(2));
    QVERIFY(points.first().x() < Start + Minute);
}

void TestHistory::restoreEndsTheMinuteThatRan()
{
    HistoryRows kept;
    for (int i = 0; i < 4; ++i)
        kept.raw.push_back({Start + i * 10 * Second, connections(i)});
    History history(Longest);
    const qint64 now = Start + 3 * Minute;
    history.restore(kept, at(now));
    QCOMPARE(history.minuteCount(), size_t(1));
    const HistoryRows unsaved = history.takeUnsaved();
    QCOMPARE(unsaved.minutes.size(), size_t(1));
    QCOMPARE(unsaved.minutes[0].mean[0], 1.5);
    QVERIFY(unsaved.raw.empty());
}

void TestHistory::restoreDoesNotTouchWhatIsNewer()
{
    History history(Longest);
    fill(history, Start, Start + 3 * Minute);
    const auto before = line(history, Start, Start + Hour);
    HistoryRows kept;
    kept.raw.push_back({Start + 20 * Second, connections(999)});
    kept.raw.push_back({Start + Hour, connections(999)});
    kept.minutes.push_back({Start + Minute, connections(999), connections(999), connections(999)});
    history.restore(kept, at(Start + 3 * Minute));
    QCOMPARE(line(history, Start, Start + Hour), before);
}

void TestHistory::givesUnsavedRowsOnce()
{
    History history(Longest);
    fill(history, Start, Start + 2 * Minute + Second);
    const HistoryRows rows = history.takeUnsaved();
    QCOMPARE(rows.raw.size(), size_t(25));
    QCOMPARE(rows.minutes.size(), size_t(2));
    QVERIFY(history.takeUnsaved().isEmpty());
    history.append(at(Start + 3 * Minute), connections(1));
    QVERIFY(!history.takeUnsaved().isEmpty());
}

void TestHistory::segmentsAreCutAtGaps()
{
    const double nan = std::nan("");
    QVERIFY(segments({}).empty());
    const auto lines = segments({{0, nan}, {1, 1}, {2, 2}, {3, nan}, {4, nan}, {5, 5}, {6, nan}});
    QCOMPARE(lines, (std::vector<QList<QPointF>> {{{1, 1}, {2, 2}}, {{5, 5}}}));
}

void TestHistory::drawsFiveChartsInAFewMilliseconds()
{
    History history(milliseconds(3000));
    QRandomGenerator random(13);
    for (int i = 0; i < 24 * 3600; ++i) {
        SeriesValues values;
        for (double &value : values)
            value = random.bounded(1000.0);
        history.append(at(Start + i * Second), values);
    }
    const qint64 now = Start + 24 * Hour;
    QElapsedTimer timer;
    timer.start();
    qsizetype points = 0;
    constexpr int Rounds = 10;
    for (int round = 0; round < Rounds; ++round) {
        for (size_t i = 0; i < SeriesCount; ++i)
            points += history.points(static_cast<Series>(i), {now - 24 * Hour, now}).size();
    }
    const double millis = static_cast<double>(timer.nsecsElapsed()) / 1e6 / Rounds;
    qInfo("ten lines of %lld rows: %.2f ms, %lld points",
        static_cast<long long>(history.rawCount() + history.minuteCount()), millis,
        static_cast<long long>(points) / Rounds);
    QVERIFY(points / Rounds <= 10'000);
    QVERIFY2(millis < 50, "thinning must not be what an update of the charts takes");
}

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"
