// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/timerqueue.h"

#include <QRandomGenerator>
#include <QTest>
#include <QTimerEvent>

#include <functional>

using namespace relay;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

const TimerQueue::Time Start {1000s + 123456789ns};

/** Notes which timers fired. */
class Receiver : public QObject {
public:
    QList<int> fired;
    std::function<void(int)> then;

protected:
    void timerEvent(QTimerEvent *event) override
    {
        fired += event->timerId();
        if (then)
            then(event->timerId());
    }
};

} // namespace

class TestTimerQueue : public QObject {
    Q_OBJECT

private slots:
    void firesPreciseTimersToTheNanosecond();
    void keepsCoarseTimersWithinFivePercent_data();
    void keepsCoarseTimersWithinFivePercent();
    void letsCoarseTimersShareWakeUps();
    void roundsVeryCoarseTimersToFullSeconds_data();
    void roundsVeryCoarseTimersToFullSeconds();
    void firesInTheOrderOfDueTimesAndStarts();
    void firesZeroTimersOncePerTurn();
    void doesNotMakeUpForMissedPeriods();
    void doesNotEnterASlotTwice();
    void doesNotRepeatWhatANestedLoopFired();
    void doesNotFireWhatASlotRemoved();
    void tellsATimerFromAnotherUnderItsId();
    void leavesWhatBecomesDueToTheNextTurn();
    void listsAndRemovesTheTimersOfAnObject();
    void tellsTheRemainingTime();
    void agreesWithANaiveModel();
};

void TestTimerQueue::firesPreciseTimersToTheNanosecond()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 10ms, Qt::PreciseTimer, &receiver, Start);
    QCOMPARE(queue.fire(Start + 10ms - 1ns), 0);
    QCOMPARE(queue.fire(Start + 10ms), 1);
    QCOMPARE(queue.fire(Start + 20ms - 1ns), 0);
    QCOMPARE(queue.fire(Start + 20ms), 1);
    QCOMPARE(receiver.fired, (QList<int> {1, 1}));
}

void TestTimerQueue::keepsCoarseTimersWithinFivePercent_data()
{
    QTest::addColumn<int>("interval");
    for (int interval : {1, 10, 19, 20, 21, 50, 99, 130, 1000, 7777, 19999, 30000, 3600000})
        QTest::addRow("%d ms", interval) << interval;
}

void TestTimerQueue::keepsCoarseTimersWithinFivePercent()
{
    QFETCH(int, interval);
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, milliseconds(interval), Qt::CoarseTimer, &receiver, Start);
    // The hundredth firing is as near to its time as the first: nothing adds up.
    for (int n = 1; n <= 100; ++n) {
        const auto ideal = Start + n * milliseconds(interval);
        QCOMPARE(queue.fire(ideal - 1ns), 0);
        QCOMPARE(queue.fire(ideal + std::chrono::nanoseconds(milliseconds(interval)) / 20), 1);
    }
}

void TestTimerQueue::letsCoarseTimersShareWakeUps()
{
    TimerQueue queue;
    Receiver receiver;
    for (int id = 1; id <= 10; ++id)
        queue.add(id, 1000ms, Qt::CoarseTimer, &receiver, Start + id * 1ms);
    QCOMPARE(queue.fire(Start + 1001ms - 1ns), 0);
    int wakeUps = 0;
    for (auto now = Start; receiver.fired.size() < 10; ++wakeUps) {
        now += milliseconds(*queue.remainingToNext(now));
        queue.fire(now);
    }
    QVERIFY2(wakeUps <= 2, QByteArray::number(wakeUps).constData());
}

void TestTimerQueue::roundsVeryCoarseTimersToFullSeconds_data()
{
    QTest::addColumn<int>("interval");
    QTest::addColumn<int>("seconds");
    QTest::newRow("1 ms") << 1 << 1;
    QTest::newRow("1 s") << 1000 << 1;
    QTest::newRow("1.4 s") << 1400 << 1;
    QTest::newRow("1.6 s") << 1600 << 2;
    QTest::newRow("1 h") << 3600000 << 3600;
}

void TestTimerQueue::roundsVeryCoarseTimersToFullSeconds()
{
    QFETCH(int, interval);
    QFETCH(int, seconds);
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, milliseconds(interval), Qt::VeryCoarseTimer, &receiver, Start);
    for (int n = 1; n <= 3; ++n) {
        const TimerQueue::Time full {1000s + n * std::chrono::seconds(seconds)};
        QCOMPARE(queue.fire(full - 1ns), 0);
        QCOMPARE(queue.fire(full), 1);
    }
}

void TestTimerQueue::firesInTheOrderOfDueTimesAndStarts()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(5, 10ms, Qt::PreciseTimer, &receiver, Start);
    queue.add(3, 10ms, Qt::PreciseTimer, &receiver, Start);
    queue.add(4, 9ms, Qt::PreciseTimer, &receiver, Start);
    QCOMPARE(queue.fire(Start + 10ms), 3);
    QCOMPARE(receiver.fired, (QList<int> {4, 5, 3}));
}

void TestTimerQueue::firesZeroTimersOncePerTurn()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 0ms, Qt::CoarseTimer, &receiver, Start);
    queue.add(2, 0ms, Qt::VeryCoarseTimer, &receiver, Start);
    for (int turn = 1; turn <= 3; ++turn) {
        QCOMPARE(*queue.remainingToNext(Start), 0);
        QCOMPARE(queue.fire(Start), 0); // nothing "happened"
        QCOMPARE(receiver.fired.size(), 2 * turn);
    }
    QCOMPARE(receiver.fired, (QList<int> {1, 2, 1, 2, 1, 2}));
}

void TestTimerQueue::doesNotMakeUpForMissedPeriods()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 10ms, Qt::PreciseTimer, &receiver, Start);
    QCOMPARE(queue.fire(Start + 55ms), 1);
    QCOMPARE(queue.fire(Start + 55ms), 0);
    QCOMPARE(*queue.remaining(1, Start + 55ms), 10);
    QCOMPARE(queue.fire(Start + 65ms), 1);
    // Late by less than a period: the next one is not moved.
    QCOMPARE(queue.fire(Start + 82ms), 1);
    QCOMPARE(*queue.remaining(1, Start + 82ms), 3);
}

void TestTimerQueue::doesNotEnterASlotTwice()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 0ms, Qt::PreciseTimer, &receiver, Start);
    queue.add(2, 10ms, Qt::PreciseTimer, &receiver, Start);
    receiver.then = [&](int id) {
        if (id != 1)
            return;
        // A nested loop: nothing but the other timer can fire, and that is what it waits for.
        QCOMPARE(*queue.remainingToNext(Start), 10);
        QCOMPARE(queue.fire(Start + 10ms), 1);
    };
    queue.fire(Start);
    QCOMPARE(receiver.fired, (QList<int> {1, 2}));
    receiver.then = nullptr;
    queue.fire(Start + 10ms);
    QCOMPARE(receiver.fired, (QList<int> {1, 2, 1}));
}

void TestTimerQueue::doesNotRepeatWhatANestedLoopFired()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 10ms, Qt::PreciseTimer, &receiver, Start);
    queue.add(2, 10ms, Qt::PreciseTimer, &receiver, Start);
    receiver.then = [&](int id) {
        if (id == 1)
            QCOMPARE(queue.fire(Start + 10ms), 1);
    };
    QCOMPARE(queue.fire(Start + 10ms), 1);
    QCOMPARE(receiver.fired, (QList<int> {1, 2}));
}

void TestTimerQueue::doesNotFireWhatASlotRemoved()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 1ms, Qt::PreciseTimer, &receiver, Start);
    queue.add(2, 1ms, Qt::PreciseTimer, &receiver, Start);
    receiver.then = [&](int id) {
        QVERIFY(queue.remove(id));
        QVERIFY(queue.remove(3 - id));
        QVERIFY(!queue.remove(id));
    };
    QCOMPARE(queue.fire(Start + 1ms), 1);
    QCOMPARE(receiver.fired, QList<int> {1});
    QVERIFY(!queue.remainingToNext(Start));
}

void TestTimerQueue::tellsATimerFromAnotherUnderItsId()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 1ms, Qt::PreciseTimer, &receiver, Start);
    queue.add(2, 1ms, Qt::PreciseTimer, &receiver, Start);
    receiver.then = [&](int) {
        receiver.then = nullptr;
        for (int id : {1, 2}) {
            queue.remove(id);
            queue.add(id, 0ms, Qt::PreciseTimer, &receiver, Start);
        }
    };
    queue.fire(Start + 1ms);
    QCOMPARE(receiver.fired, QList<int> {1});
    // The new timer is not taken for the one whose slot has just ended.
    queue.fire(Start + 1ms);
    QCOMPARE(receiver.fired, (QList<int> {1, 1, 2}));
}

void TestTimerQueue::leavesWhatBecomesDueToTheNextTurn()
{
    TimerQueue queue;
    Receiver receiver;
    queue.add(1, 1ms, Qt::PreciseTimer, &receiver, Start);
    receiver.then = [&](int id) {
        if (id < 5)
            queue.add(id + 1, 0ms, Qt::PreciseTimer, &receiver, Start);
    };
    queue.fire(Start + 1ms);
    QCOMPARE(receiver.fired, QList<int> {1});
    queue.fire(Start + 1ms);
    QCOMPARE(receiver.fired, (QList<int> {1, 2}));
}

void TestTimerQueue::listsAndRemovesTheTimersOfAnObject()
{
    TimerQueue queue;
    Receiver one;
    Receiver other;
    queue.add(1, 30ms, Qt::PreciseTimer, &one, Start);
    queue.add(2, 25000ms, Qt::CoarseTimer, &one, Start);
    queue.add(3, 1700ms, Qt::VeryCoarseTimer, &other, Start);
    const auto timers = queue.timersOf(&one);
    QCOMPARE(timers.size(), 2);
    QCOMPARE(timers[0].timerId, 1);
    QCOMPARE(timers[0].interval, 30);
    QCOMPARE(timers[0].timerType, Qt::PreciseTimer);
    QCOMPARE(timers[1].timerId, 2);
    QCOMPARE(timers[1].interval, 25000);
    QCOMPARE(timers[1].timerType, Qt::CoarseTimer);
    QCOMPARE(queue.timersOf(&other).value(0, {0, 0, Qt::CoarseTimer}).interval, 1700);

    QVERIFY(queue.removeAll(&one));
    QVERIFY(!queue.removeAll(&one));
    QVERIFY(queue.timersOf(&one).isEmpty());
    QCOMPARE(queue.timersOf(&other).size(), 1);
    queue.fire(Start + 1h);
    QVERIFY(one.fired.isEmpty());
    QCOMPARE(other.fired.size(), 1);
}

void TestTimerQueue::tellsTheRemainingTime()
{
    TimerQueue queue;
    Receiver receiver;
    QVERIFY(!queue.remaining(1, Start));
    QVERIFY(!queue.remainingToNext(Start));
    queue.add(1, 10ms, Qt::PreciseTimer, &receiver, Start);
    QCOMPARE(*queue.remaining(1, Start), 10);
    // Rounded up: who waits this long does not wake up too early.
    QCOMPARE(*queue.remaining(1, Start + 1ns), 10);
    QCOMPARE(*queue.remaining(1, Start + 9ms), 1);
    QCOMPARE(*queue.remaining(1, Start + 10ms - 1ns), 1);
    QCOMPARE(*queue.remaining(1, Start + 10ms), 0);
    QCOMPARE(*queue.remaining(1, Start + 1h), 0);
    queue.add(2, 2147483647ms, Qt::PreciseTimer, &receiver, Start);
    QCOMPARE(*queue.remaining(2, Start - 1h), 2147483647);
}

void TestTimerQueue::agreesWithANaiveModel()
{
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    struct Model {
        milliseconds interval;
        TimerQueue::Time due;
    };
    QMap<int, Model> model;
    TimerQueue queue;
    Receiver receiver;
    auto now = Start;
    for (int step = 0; step < 20000; ++step) {
        const int id = random.bounded(1, 40);
        switch (random.bounded(4)) {
        case 0: {
            const milliseconds interval(random.bounded(1, 50));
            queue.add(id, interval, Qt::PreciseTimer, &receiver, now);
            model[id] = {interval, now + interval};
            break;
        }
        case 1:
            QCOMPARE(queue.remove(id), model.remove(id) > 0);
            break;
        default:
            now += milliseconds(random.bounded(20));
            QList<int> expected;
            for (auto it = model.begin(); it != model.end(); ++it) {
                if (it->due > now)
                    continue;
                expected += it.key();
                it->due += it->interval;
                if (it->due < now)
                    it->due = now + it->interval;
            }
            receiver.fired.clear();
            QCOMPARE(queue.fire(now), expected.size());
            std::sort(receiver.fired.begin(), receiver.fired.end());
            QCOMPARE(receiver.fired, expected);
        }
        TimerQueue::Time first = TimerQueue::Time::max();
        for (const Model &timer : std::as_const(model))
            first = std::min(first, timer.due);
        const auto remaining = queue.remainingToNext(now);
        QCOMPARE(remaining.has_value(), !model.isEmpty());
        if (remaining)
            QCOMPARE(milliseconds(*remaining),
                std::max(0ms, std::chrono::ceil<milliseconds>(first - now)));
    }
}

QTEST_GUILESS_MAIN(TestTimerQueue)
#include "tst_timerqueue.moc"
