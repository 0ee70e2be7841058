// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/epolldispatcher.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QHostAddress>
#include <QScopeGuard>
#include <QSocketNotifier>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QThread>
#include <QTimer>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <numeric>
#include <thread>

using namespace relay;
using namespace std::chrono_literals;

namespace {

/** A connected pair of sockets; what is done to `far` shows at `near`. */
struct Pair {
    int near = -1;
    int far = -1;

    Pair()
    {
        int both[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both) != 0)
            qFatal("socketpair failed");
        near = both[0];
        far = both[1];
    }
    ~Pair()
    {
        closeNear();
        closeFar();
    }
    Q_DISABLE_COPY_MOVE(Pair)

    void closeNear() { closeOnce(near); }
    void closeFar() { closeOnce(far); }
    void send() const
    {
        if (::write(far, "x", 1) != 1)
            qFatal("write failed");
    }
    void take() const
    {
        char byte;
        if (::read(near, &byte, 1) != 1)
            qFatal("read failed");
    }

private:
    static void closeOnce(int &descriptor)
    {
        if (descriptor >= 0)
            ::close(descriptor);
        descriptor = -1;
    }
};

using Notifier = std::unique_ptr<QSocketNotifier>;

Notifier notifier(int descriptor, QSocketNotifier::Type type, std::function<void()> activated)
{
    auto result = std::make_unique<QSocketNotifier>(descriptor, type);
    QObject::connect(result.get(), &QSocketNotifier::activated, result.get(),
        [activated = std::move(activated)] { activated(); });
    return result;
}

/** Receives timers without a QTimer in between. */
class TimerReceiver : public QObject {
public:
    QList<int> fired;

protected:
    void timerEvent(QTimerEvent *event) override { fired += event->timerId(); }
};

/** Runs the loop of this thread for a time, counting its turns. */
int turnsDuring(std::chrono::milliseconds time)
{
    auto *const dispatcher = QAbstractEventDispatcher::instance();
    int turns = 0;
    QEventLoop loop;
    QTimer end;
    end.setTimerType(Qt::PreciseTimer);
    end.setSingleShot(true);
    QObject::connect(&end, &QTimer::timeout, &loop, &QEventLoop::quit);
    end.start(time);
    const auto counting =
        QObject::connect(dispatcher, &QAbstractEventDispatcher::awake, [&] { ++turns; });
    loop.exec();
    QObject::disconnect(counting);
    return turns;
}

void workFor(std::chrono::milliseconds time)
{
    QElapsedTimer worked;
    worked.start();
    while (!worked.hasExpired(time.count())) { }
}

/** Turns until @p condition holds; false after very many. */
bool turnUntil(const std::function<bool()> &condition)
{
    QElapsedTimer waited;
    waited.start();
    while (!condition()) {
        if (waited.hasExpired(10000))
            return false;
        QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
    }
    return true;
}

} // namespace

/** Every test runs on a thread with our dispatcher and on threads with Qt's: they must agree. */
class TestEpollDispatcher : public QObject {
    Q_OBJECT

private slots:
    void initTestCase_data();
    void init();
    void cleanup();

    void isTheDispatcherOfItsThread();
    void firesTimers_data();
    void firesTimers();
    void firesAZeroTimerOncePerTurn();
    void starvesNobodyForZeroTimers();
    void doesNotReenterATimersSlot_data();
    void doesNotReenterATimersSlot();
    void doesNotMakeUpForMissedPeriods();
    void doesNotFireATimerThatAnotherStopped();
    void listsTimers();
    void tellsTheRemainingTime();

    void servesReadBeforeWrite();
    void reportsAHangUpToEnabledNotifiers();
    void reportsAHangUpThatIsNothingElse();
    void doesNotServeWhatAnotherSlotSwitchedOff();
    void letsANotifierDeleteItself();
    void doesNotServeARecreatedNotifierTooEarly();
    void servesADescriptorNumberThatWasReused();
    void survivesAClosedDescriptor_data();
    void survivesAClosedDescriptor();
    void doesNotSpinOnAClosedDescriptorWithADuplicate();
    void doesNotSpinOnAHangUpThatNobodyWants();
    void takesNoTurnsForASilentSocket();
    void servesManyDescriptorsAtOnce();
    void servesEachOnceAcrossANestedLoop();
    void carriesTcpConnections();

    void deliversEveryWakeUp();
    void sendsAPostedEventInsteadOfWaiting();
    void returnsWhenWokenUp();
    void returnsWhenInterrupted();
    void endsNestedLoops();
    void endsALoopThatWasLeftBeforeANestedTurn();
    void leavesNotifiersOut();
    void leavesTimersOut();
    void ignoresTheFlagForUserInput();
    void tellsWhetherAnythingHappened();
    void tellsWhenItBlocks();

private:
    /** Runs @p body on the thread under test, in a slot of its event loop. */
    template <typename F>
    void onThread(F body)
    {
        QMetaObject::invokeMethod(m_context.get(), body, Qt::BlockingQueuedConnection);
    }

    std::unique_ptr<QThread> m_thread;
    std::unique_ptr<QObject> m_context;
};

void TestEpollDispatcher::initTestCase_data()
{
    QTest::addColumn<QByteArray>("kind");
    QTest::newRow("epoll") << QByteArray("epoll");
    QTest::newRow("Qt with glib") << QByteArray("glib");
    QTest::newRow("Qt with poll") << QByteArray("poll");
}

void TestEpollDispatcher::init()
{
    QFETCH_GLOBAL(QByteArray, kind);
    m_thread = std::make_unique<QThread>();
    if (kind == "epoll")
        m_thread->setEventDispatcher(new EpollDispatcher);
    qputenv("QT_NO_GLIB", kind == "poll" ? "1" : "");
    m_context = std::make_unique<QObject>();
    m_context->moveToThread(m_thread.get());
    m_thread->start();
}

void TestEpollDispatcher::cleanup()
{
    m_thread->quit();
    QVERIFY(m_thread->wait(10000));
    m_context.reset();
    m_thread.reset();
}

void TestEpollDispatcher::isTheDispatcherOfItsThread()
{
    QFETCH_GLOBAL(QByteArray, kind);
    onThread([&] {
        const QByteArray name = QAbstractEventDispatcher::instance()->metaObject()->className();
        const QByteArray expected = kind == "epoll" ? "relay::EpollDispatcher"
            : kind == "glib"                        ? "QEventDispatcherGlib"
                                                    : "QEventDispatcherUNIX";
        QCOMPARE(name, expected);
    });
}

void TestEpollDispatcher::firesTimers_data()
{
    QTest::addColumn<Qt::TimerType>("type");
    QTest::addColumn<int>("interval");
    QTest::addColumn<double>("earliest"); // of the first firing
    QTest::newRow("precise, 1 ms") << Qt::PreciseTimer << 1 << 1.0;
    QTest::newRow("precise, 25 ms") << Qt::PreciseTimer << 25 << 25.0;
    QTest::newRow("coarse, 10 ms") << Qt::CoarseTimer << 10 << 9.5;
    // A twentieth early, and Qt's own forgets the part of a millisecond before it rounds.
    QTest::newRow("coarse, 100 ms") << Qt::CoarseTimer << 100 << 94.0;
    QTest::newRow("very coarse, 1 s") << Qt::VeryCoarseTimer << 1000 << 500.0;
}

void TestEpollDispatcher::firesTimers()
{
    QFETCH(Qt::TimerType, type);
    QFETCH(int, interval);
    QFETCH(double, earliest);
    onThread([&] {
        constexpr int firings = 3;
        QElapsedTimer time;
        QList<qint64> at;
        QEventLoop loop;
        QTimer timer;
        timer.setTimerType(type);
        connect(&timer, &QTimer::timeout, &loop, [&] {
            at += time.nsecsElapsed();
            if (at.size() == firings)
                loop.quit();
        });
        time.start();
        timer.start(interval);
        loop.exec();
        QCOMPARE(at.size(), firings);
        for (int i = 0; i < firings; ++i) {
            const double milliseconds = double(at[i]) / 1e6;
            QVERIFY(milliseconds >= earliest + i * interval * 0.9);
            QVERIFY(milliseconds < (i + 1) * interval + 5000); // a machine may be busy
        }
    });
}

void TestEpollDispatcher::firesAZeroTimerOncePerTurn()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        TimerReceiver receiver;
        QCoreApplication::sendPostedEvents();
        dispatcher->processEvents(QEventLoop::AllEvents);
        const int first = receiver.startTimer(0);
        const int second = receiver.startTimer(0);
        for (int turn = 1; turn <= 5; ++turn) {
            dispatcher->processEvents(QEventLoop::AllEvents);
            QCOMPARE(receiver.fired.count(first), turn);
            QCOMPARE(receiver.fired.count(second), turn);
        }
        // Waiting is not for something else to happen.
        dispatcher->processEvents(QEventLoop::WaitForMoreEvents);
        QCOMPARE(receiver.fired.count(first), 6);
    });
}

void TestEpollDispatcher::starvesNobodyForZeroTimers()
{
    onThread([] {
        TimerReceiver receiver;
        receiver.startTimer(0);
        Pair pair;
        int activations = 0;
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [&] { ++activations; });
        pair.send(); // and stays unread: ready in each turn
        int posted = 0;
        std::function<void()> post = [&] {
            if (++posted < 100)
                QMetaObject::invokeMethod(&receiver, post, Qt::QueuedConnection);
        };
        post();
        QTimer timer;
        int timeouts = 0;
        connect(&timer, &QTimer::timeout, &receiver, [&] { ++timeouts; });
        timer.start(1);
        QVERIFY(turnUntil([&] {
            return activations >= 50 && posted >= 100 && timeouts >= 20
                && receiver.fired.size() >= 50;
        }));
    });
}

void TestEpollDispatcher::doesNotReenterATimersSlot_data()
{
    QTest::addColumn<int>("interval");
    QTest::newRow("0") << 0;
    QTest::newRow("1 ms") << 1;
}

void TestEpollDispatcher::doesNotReenterATimersSlot()
{
    QFETCH(int, interval);
    onThread([&] {
        int depth = 0;
        int deepest = 0;
        int calls = 0;
        int nestedTurns = 0;
        QEventLoop outer;
        QTimer timer;
        connect(&timer, &QTimer::timeout, &outer, [&] {
            deepest = std::max(deepest, ++depth);
            if (++calls == 1)
                nestedTurns = turnsDuring(50ms);
            else
                outer.quit();
            --depth;
        });
        timer.start(interval);
        outer.exec();
        QCOMPARE(calls, 2);
        QCOMPARE(deepest, 1);
        if (interval == 0) // the zero timer cannot fire, so there is nothing to spin for
            QVERIFY2(nestedTurns < 10, QByteArray::number(nestedTurns).constData());
    });
}

void TestEpollDispatcher::doesNotMakeUpForMissedPeriods()
{
    onThread([] {
        QElapsedTimer time;
        QList<qint64> at;
        QEventLoop loop;
        QTimer timer;
        timer.setTimerType(Qt::PreciseTimer);
        connect(&timer, &QTimer::timeout, &loop, [&] {
            at += time.elapsed();
            if (at.size() == 1)
                workFor(390ms);
            else if (at.size() == 3)
                loop.quit();
        });
        time.start();
        timer.start(100);
        loop.exec();
        QVERIFY(at[1] >= 490); // at once, for all that was missed
        // Neither at once again, nor as if nothing had happened, which would be 10 ms later. The
        // next one is due 100 ms after the dispatcher looked, which may be a while before the slot
        // does.
        QVERIFY(at[2] - at[1] >= 60);
    });
}

void TestEpollDispatcher::doesNotFireATimerThatAnotherStopped()
{
    onThread([] {
        int fired = 0;
        QTimer first;
        QTimer second;
        for (QTimer *timer : {&first, &second}) {
            timer->setTimerType(Qt::PreciseTimer);
            connect(timer, &QTimer::timeout, timer, [&] {
                ++fired;
                first.stop();
                second.stop();
            });
            timer->start(5);
        }
        workFor(20ms);
        QVERIFY(turnUntil([&] { return fired > 0; }));
        for (int i = 0; i < 5; ++i)
            QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QCOMPARE(fired, 1);
    });
}

void TestEpollDispatcher::listsTimers()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        TimerReceiver receiver;
        QVERIFY(dispatcher->registeredTimers(&receiver).isEmpty());
        QMap<int, std::pair<int, Qt::TimerType>> expected;
        for (const auto &[interval, type] : {std::pair {30, Qt::PreciseTimer},
                 {400, Qt::CoarseTimer}, {0, Qt::PreciseTimer}, {2000, Qt::VeryCoarseTimer}})
            expected[receiver.startTimer(interval, type)] = {interval, type};
        const auto timers = dispatcher->registeredTimers(&receiver);
        QCOMPARE(timers.size(), expected.size());
        for (const auto &timer : timers)
            QCOMPARE(std::pair(timer.interval, timer.timerType), expected.value(timer.timerId));

        QVERIFY(dispatcher->unregisterTimer(expected.firstKey()));
        QVERIFY(!dispatcher->unregisterTimer(expected.firstKey()));
        QCOMPARE(dispatcher->registeredTimers(&receiver).size(), 3);
        QVERIFY(dispatcher->unregisterTimers(&receiver));
        QVERIFY(!dispatcher->unregisterTimers(&receiver));
        QVERIFY(dispatcher->registeredTimers(&receiver).isEmpty());
        QVERIFY(turnsDuring(20ms) > 0);
        QVERIFY(receiver.fired.isEmpty());
    });
}

void TestEpollDispatcher::tellsTheRemainingTime()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        TimerReceiver receiver;
        const int id = receiver.startTimer(1000, Qt::PreciseTimer);
        const int remaining = dispatcher->remainingTime(id);
        QVERIFY(remaining > 500 && remaining <= 1000);
        workFor(10ms);
        QVERIFY(dispatcher->remainingTime(id) <= remaining - 9);
        const int overdue = receiver.startTimer(1, Qt::PreciseTimer);
        workFor(10ms);
        QCOMPARE(dispatcher->remainingTime(overdue), 0);
    });
}

void TestEpollDispatcher::servesReadBeforeWrite()
{
    QFETCH_GLOBAL(QByteArray, kind);
    if (kind == "glib")
        return; // promises no order
    onThread([] {
        Pair pair;
        QByteArray order;
        const auto writer = notifier(pair.near, QSocketNotifier::Write, [&] { order += 'w'; });
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [&] { order += 'r'; });
        pair.send();
        QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QVERIFY(turnUntil([&] { return order.size() >= 6; }));
        QVERIFY2(order.startsWith("rwrwrw"), order.constData());
    });
}

void TestEpollDispatcher::reportsAHangUpToEnabledNotifiers()
{
    onThread([] {
        Pair pair;
        int reads = 0;
        int writes = 0;
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [&] { ++reads; });
        const auto writer = notifier(pair.near, QSocketNotifier::Write, [&] { ++writes; });
        writer->setEnabled(false);
        pair.closeFar();
        QVERIFY(turnUntil([&] { return reads > 0; }));
        QCOMPARE(writes, 0);
        writer->setEnabled(true);
        QVERIFY(turnUntil([&] { return writes > 0; }));
    });
}

void TestEpollDispatcher::reportsAHangUpThatIsNothingElse()
{
    onThread([] {
        // There is nothing to read, and no room to write.
        int emptied[2];
        int filled[2];
        QCOMPARE(::pipe2(emptied, O_CLOEXEC | O_NONBLOCK), 0);
        QCOMPARE(::pipe2(filled, O_CLOEXEC | O_NONBLOCK), 0);
        const QByteArray block(4096, 'x');
        while (::write(filled[1], block.constData(), size_t(block.size())) > 0) { }
        int reads = 0;
        int writes = 0;
        const auto reader = notifier(emptied[0], QSocketNotifier::Read, [&] { ++reads; });
        const auto writer = notifier(filled[1], QSocketNotifier::Write, [&] { ++writes; });
        QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QCOMPARE(reads + writes, 0);
        ::close(emptied[1]);
        ::close(filled[0]);
        QVERIFY(turnUntil([&] { return reads > 0 && writes > 0; }));
        reader->setEnabled(false);
        writer->setEnabled(false);
        ::close(emptied[0]);
        ::close(filled[1]);
    });
}

void TestEpollDispatcher::doesNotServeWhatAnotherSlotSwitchedOff()
{
    onThread([] {
        Pair first;
        Pair second;
        int activations = 0;
        Notifier one;
        Notifier other;
        const auto off = [&] {
            ++activations;
            one->setEnabled(false);
            other->setEnabled(false);
        };
        one = notifier(first.near, QSocketNotifier::Read, off);
        other = notifier(second.near, QSocketNotifier::Read, off);
        first.send();
        second.send();
        QVERIFY(turnUntil([&] { return activations > 0; }));
        QCOMPARE(activations, 1);
        QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QCOMPARE(activations, 1);
        other->setEnabled(true);
        QVERIFY(turnUntil([&] { return activations > 1; }));
    });
}

void TestEpollDispatcher::letsANotifierDeleteItself()
{
    onThread([] {
        Pair pair;
        int activations = 0;
        auto *const reader = new QSocketNotifier(pair.near, QSocketNotifier::Read);
        Notifier writer = notifier(pair.near, QSocketNotifier::Write, [] {});
        connect(reader, &QSocketNotifier::activated, reader, [&] {
            ++activations;
            writer.reset();
            reader->setEnabled(false);
            reader->deleteLater();
        });
        pair.send();
        QVERIFY(turnUntil([&] { return activations > 0; }));
        for (int i = 0; i < 5; ++i)
            QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QCOMPARE(activations, 1);
    });
}

void TestEpollDispatcher::doesNotServeARecreatedNotifierTooEarly()
{
    onThread([] {
        Pair first;
        Pair second;
        int early = 0;
        int activations = 0;
        Notifier one;
        Notifier other;
        // Whichever comes first empties the other one's socket and puts a new notifier on it.
        const auto recreate = [&](const Pair &pair, Notifier &victim) {
            ++activations;
            one->setEnabled(false);
            other->setEnabled(false);
            pair.take();
            victim = notifier(pair.near, QSocketNotifier::Read, [&] { ++early; });
        };
        one = notifier(first.near, QSocketNotifier::Read, [&] { recreate(second, other); });
        other = notifier(second.near, QSocketNotifier::Read, [&] { recreate(first, one); });
        first.send();
        second.send();
        QVERIFY(turnUntil([&] { return activations > 0; }));
        for (int i = 0; i < 5; ++i)
            QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QCOMPARE(activations, 1);
        QCOMPARE(early, 0);
        first.send();
        second.send();
        QVERIFY(turnUntil([&] { return early > 0; }));
    });
}

void TestEpollDispatcher::servesADescriptorNumberThatWasReused()
{
    onThread([] {
        Pair trigger;
        std::unique_ptr<Pair> pairs[2] = {std::make_unique<Pair>(), std::make_unique<Pair>()};
        Notifier notifiers[2];
        Notifier renewed;
        std::unique_ptr<Pair> fresh;
        int slots_ = 0;
        int activations = 0;
        for (size_t i : {0, 1}) {
            notifiers[i] = notifier(pairs[i]->near, QSocketNotifier::Read, [&, i] {
                ++slots_;
                notifiers[i]->setEnabled(false);
                // The other one, ready in this turn too, gives its number to a new socket.
                const size_t other = 1 - i;
                const int number = pairs[other]->near;
                notifiers[other].reset();
                pairs[other].reset();
                fresh = std::make_unique<Pair>();
                if (fresh->near != number) {
                    if (fresh->far == number) {
                        std::swap(fresh->near, fresh->far);
                    } else {
                        ::dup3(fresh->near, number, O_CLOEXEC);
                        ::close(fresh->near);
                        fresh->near = number;
                    }
                }
                renewed = notifier(number, QSocketNotifier::Read, [&] {
                    ++activations;
                    fresh->take();
                });
            });
        }
        pairs[0]->send();
        pairs[1]->send();
        QVERIFY(turnUntil([&] { return slots_ > 0; }));
        for (int i = 0; i < 5; ++i)
            QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QCOMPARE(slots_, 1);
        QCOMPARE(activations, 0);
        fresh->send();
        QVERIFY(turnUntil([&] { return activations > 0; }));
    });
}

void TestEpollDispatcher::survivesAClosedDescriptor_data()
{
    QTest::addColumn<bool>("newBeforeOld");
    QTest::newRow("the old notifier goes first") << false;
    QTest::newRow("the new notifier comes first") << true;
}

void TestEpollDispatcher::survivesAClosedDescriptor()
{
    QFETCH(bool, newBeforeOld);
    onThread([&] {
        Pair pair;
        Pair next;
        const int number = pair.near;
        Notifier old = notifier(number, QSocketNotifier::Write, [] {});
        QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        // The number changes its file while the notifier is on: the old file leaves epoll silently.
        QCOMPARE(::dup3(next.near, number, O_CLOEXEC), number);
        if (!newBeforeOld)
            old.reset();
        int activations = 0;
        const auto reader = notifier(number, QSocketNotifier::Read, [&] {
            ++activations;
            next.take();
        });
        next.send();
        QVERIFY(turnUntil([&] { return activations > 0; }));
        old.reset();
        for (int i = 0; i < 5; ++i)
            QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QCOMPARE(activations, 1);
    });
}

void TestEpollDispatcher::doesNotSpinOnAClosedDescriptorWithADuplicate()
{
    onThread([] {
        Pair pair;
        Pair other;
        int activations = 0;
        const auto reader = notifier(other.near, QSocketNotifier::Read, [&] {
            ++activations;
            other.take();
        });
        Notifier doomed = notifier(pair.near, QSocketNotifier::Read, [] {});
        const int duplicate = ::dup(pair.near);
        const auto closing = qScopeGuard([&] { ::close(duplicate); });
        pair.closeNear();
        doomed.reset();
        pair.send(); // the file is ready, and nobody wants to know
        const int turns = turnsDuring(50ms);
        QVERIFY2(turns < 10, QByteArray::number(turns).constData());
        other.send(); // those that are wanted are still there
        QVERIFY(turnUntil([&] { return activations == 1; }));
    });
}

void TestEpollDispatcher::doesNotSpinOnAHangUpThatNobodyWants()
{
    onThread([] {
        Pair pair;
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [] {});
        const auto writer = notifier(pair.near, QSocketNotifier::Write, [] {});
        QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        reader->setEnabled(false);
        writer->setEnabled(false);
        pair.closeFar();
        const int turns = turnsDuring(50ms);
        QVERIFY2(turns < 10, QByteArray::number(turns).constData());
    });
}

void TestEpollDispatcher::takesNoTurnsForASilentSocket()
{
    onThread([] {
        Pair pair;
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [] {});
        const int turns = turnsDuring(200ms);
        QVERIFY2(turns < 10, QByteArray::number(turns).constData());
    });
}

void TestEpollDispatcher::servesManyDescriptorsAtOnce()
{
    onThread([] {
        constexpr size_t count = 700; // several times what one call of epoll reports
        std::vector<std::unique_ptr<Pair>> pairs;
        std::vector<Notifier> notifiers;
        std::vector<int> activations(count, 0);
        for (size_t i = 0; i < count; ++i) {
            pairs.push_back(std::make_unique<Pair>());
            pairs[i]->send();
            notifiers.push_back(notifier(pairs[i]->near, QSocketNotifier::Read, [&, i] {
                ++activations[i];
                pairs[i]->take();
            }));
        }
        QVERIFY(turnUntil([&] {
            return std::all_of(
                activations.begin(), activations.end(), [](int times) { return times == 1; });
        }));
    });
}

void TestEpollDispatcher::servesEachOnceAcrossANestedLoop()
{
    onThread([] {
        constexpr size_t count = 20;
        std::vector<std::unique_ptr<Pair>> pairs;
        std::vector<Notifier> notifiers;
        std::vector<int> activations(count, 0);
        bool isFirst = true;
        for (size_t i = 0; i < count; ++i) {
            pairs.push_back(std::make_unique<Pair>());
            notifiers.push_back(notifier(pairs[i]->near, QSocketNotifier::Read, [&, i] {
                ++activations[i];
                pairs[i]->take(); // would fail if there were nothing to read
                if (std::exchange(isFirst, false))
                    turnsDuring(20ms);
            }));
        }
        for (const auto &pair : pairs)
            pair->send();
        QVERIFY(turnUntil([&] {
            return std::all_of(
                activations.begin(), activations.end(), [](int times) { return times >= 1; });
        }));
        for (int i = 0; i < 5; ++i)
            QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
        QCOMPARE(std::accumulate(activations.begin(), activations.end(), 0), int(count));
    });
}

void TestEpollDispatcher::carriesTcpConnections()
{
    onThread([] {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress(QHostAddress::LocalHost)));
        connect(&server, &QTcpServer::newConnection, &server, [&] {
            QTcpSocket *const peer = server.nextPendingConnection();
            connect(peer, &QTcpSocket::readyRead, peer, [peer] { peer->write(peer->readAll()); });
            connect(peer, &QTcpSocket::disconnected, peer, &QObject::deleteLater);
        });
        const QByteArray sent(300000, 'x'); // more than a socket takes at once
        std::vector<std::unique_ptr<QTcpSocket>> clients;
        qsizetype received = 0;
        for (int i = 0; i < 10; ++i) {
            clients.push_back(std::make_unique<QTcpSocket>());
            QTcpSocket *const client = clients.back().get();
            connect(
                client, &QTcpSocket::connected, client, [&sent, client] { client->write(sent); });
            connect(client, &QTcpSocket::readyRead, client,
                [&received, client] { received += client->readAll().size(); });
            client->connectToHost(server.serverAddress(), server.serverPort());
        }
        QVERIFY(turnUntil([&] { return received == 10 * sent.size(); }));
        clients.clear();
        QVERIFY(turnUntil([&] { return server.findChildren<QTcpSocket *>().isEmpty(); }));
    });
}

void TestEpollDispatcher::deliversEveryWakeUp()
{
    constexpr int each = 50000;
    std::atomic<int> last[2] = {-1, -1};
    std::atomic<int> disorder = 0;
    std::atomic<int> arrived = 0;
    const auto produce = [&](int who) {
        for (int i = 0; i < each; ++i) {
            QMetaObject::invokeMethod(
                m_context.get(),
                [&, who, i] {
                    disorder += last[who].exchange(i) != i - 1;
                    ++arrived;
                },
                Qt::QueuedConnection);
        }
    };
    std::thread first(produce, 0);
    std::thread second(produce, 1);
    first.join();
    second.join();
    QTRY_COMPARE_WITH_TIMEOUT(arrived.load(), 2 * each, 30000);
    QCOMPARE(disorder.load(), 0);

    // One at a time, each into a thread that waits.
    for (int i = 0; i < 5000; ++i)
        onThread([&] { ++arrived; });
    QCOMPARE(arrived.load(), 2 * each + 5000);
}

void TestEpollDispatcher::sendsAPostedEventInsteadOfWaiting()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        QObject receiver;
        int sent = 0;
        for (int round = 1; round <= 20; ++round) {
            QMetaObject::invokeMethod(
                &receiver, [&] { ++sent; }, Qt::QueuedConnection);
            QCOMPARE(sent, round - 1);
            QVERIFY(dispatcher->processEvents(QEventLoop::WaitForMoreEvents));
            QCOMPARE(sent, round);
        }
    });
}

void TestEpollDispatcher::returnsWhenWokenUp()
{
    for (int round = 0; round < 200; ++round) {
        std::atomic<QAbstractEventDispatcher *> waiting = nullptr;
        std::thread waker([&] {
            while (!waiting) { }
            waiting.load()->wakeUp();
        });
        onThread([&] {
            auto *const dispatcher = QAbstractEventDispatcher::instance();
            QObject context;
            connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &context,
                [&] { waiting = dispatcher; });
            while (!waiting)
                dispatcher->processEvents(QEventLoop::WaitForMoreEvents);
        });
        waker.join();
    }
}

void TestEpollDispatcher::returnsWhenInterrupted()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        for (int round = 0; round < 200; ++round) {
            std::atomic<bool> isBlocking = false;
            QObject context;
            connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &context,
                [&] { isBlocking = true; });
            std::thread interrupter([&] {
                while (!isBlocking) { }
                dispatcher->interrupt();
            });
            while (!isBlocking)
                dispatcher->processEvents(QEventLoop::WaitForMoreEvents);
            interrupter.join();
        }
    });
}

void TestEpollDispatcher::endsNestedLoops()
{
    onThread([] {
        QByteArray ended;
        QEventLoop outer;
        QObject receiver;
        QMetaObject::invokeMethod(
            &receiver,
            [&] {
                QEventLoop inner;
                QTimer::singleShot(1, &inner, [&] {
                    outer.quit(); // cannot end before the inner one
                    ended += 'q';
                });
                QTimer::singleShot(30, &inner, &QEventLoop::quit);
                inner.exec();
                ended += 'i';
            },
            Qt::QueuedConnection);
        outer.exec();
        ended += 'o';
        QCOMPARE(ended, QByteArray("qio"));
    });
}

void TestEpollDispatcher::endsALoopThatWasLeftBeforeANestedTurn()
{
    QFETCH_GLOBAL(QByteArray, kind);
    if (kind == "poll")
        return; // sleeps until the next event
    std::atomic<bool> isBlocking = false;
    std::atomic<bool> hasEnded = false;
    QObject receiver;
    receiver.moveToThread(m_thread.get());
    QMetaObject::invokeMethod(
        m_context.get(),
        [&] {
            QEventLoop outer;
            QMetaObject::Connection blocking;
            blocking = connect(QAbstractEventDispatcher::instance(),
                &QAbstractEventDispatcher::aboutToBlock, &outer, [&] { isBlocking = true; });
            connect(&receiver, &QObject::objectNameChanged, &outer, [&] {
                outer.quit();
                QCoreApplication::processEvents();
            });
            outer.exec();
            hasEnded = true;
        },
        Qt::QueuedConnection);
    while (!isBlocking) { }
    QMetaObject::invokeMethod(
        &receiver, [&] { receiver.setObjectName(QStringLiteral("x")); }, Qt::QueuedConnection);
    QTRY_VERIFY(hasEnded);
}

void TestEpollDispatcher::leavesNotifiersOut()
{
    QFETCH_GLOBAL(QByteArray, kind);
    if (kind == "glib")
        return; // does not honour the flag
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        Pair pair;
        int activations = 0;
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [&] { ++activations; });
        pair.send();
        TimerReceiver receiver;
        QElapsedTimer time;
        time.start();
        receiver.startTimer(50, Qt::PreciseTimer);
        int turns = 0;
        for (; receiver.fired.isEmpty() && turns < 1000; ++turns)
            dispatcher->processEvents(
                QEventLoop::WaitForMoreEvents | QEventLoop::ExcludeSocketNotifiers);
        QCOMPARE(activations, 0);
        QCOMPARE(receiver.fired.size(), 1);
        QVERIFY(time.elapsed() >= 49);
        QVERIFY2(turns < 10, QByteArray::number(turns).constData()); // waited, did not spin
        QVERIFY(turnUntil([&] { return activations > 0; }));
    });
}

void TestEpollDispatcher::leavesTimersOut()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        TimerReceiver receiver;
        receiver.startTimer(0);
        receiver.startTimer(1, Qt::PreciseTimer);
        workFor(5ms);
        for (int i = 0; i < 5; ++i)
            dispatcher->processEvents(QEventLoop::X11ExcludeTimers);
        QVERIFY(receiver.fired.isEmpty());

        // Nor do they end a wait: what ends it is the other thread, after some time.
        Pair pair;
        int activations = 0;
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [&] { ++activations; });
        std::thread sender([&] {
            std::this_thread::sleep_for(30ms);
            pair.send();
        });
        int turns = 0;
        for (; activations == 0; ++turns)
            dispatcher->processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::X11ExcludeTimers);
        sender.join();
        QVERIFY2(turns < 10, QByteArray::number(turns).constData());
        QVERIFY(receiver.fired.isEmpty());
        QVERIFY(turnUntil([&] { return receiver.fired.size() >= 2; }));
    });
}

void TestEpollDispatcher::ignoresTheFlagForUserInput()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        Pair pair;
        int activations = 0;
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [&] { ++activations; });
        pair.send();
        TimerReceiver receiver;
        receiver.startTimer(1);
        int posted = 0;
        QMetaObject::invokeMethod(
            &receiver, [&] { ++posted; }, Qt::QueuedConnection);
        QElapsedTimer time;
        time.start();
        while ((activations == 0 || receiver.fired.isEmpty() || posted == 0)
            && !time.hasExpired(10000))
            dispatcher->processEvents(QEventLoop::ExcludeUserInputEvents);
        QVERIFY(activations > 0);
        QVERIFY(!receiver.fired.isEmpty());
        QCOMPARE(posted, 1);
    });
}

void TestEpollDispatcher::tellsWhetherAnythingHappened()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        QVERIFY(turnUntil([&] { return !dispatcher->processEvents(QEventLoop::AllEvents); }));
        QVERIFY(!dispatcher->processEvents(QEventLoop::AllEvents));

        Pair pair;
        int activations = 0;
        const auto reader = notifier(pair.near, QSocketNotifier::Read, [&] {
            ++activations;
            pair.take();
        });
        pair.send();
        QVERIFY(dispatcher->processEvents(QEventLoop::AllEvents));
        QCOMPARE(activations, 1);

        TimerReceiver receiver;
        receiver.startTimer(1, Qt::PreciseTimer);
        workFor(5ms);
        QVERIFY(dispatcher->processEvents(QEventLoop::AllEvents));
        QCOMPARE(receiver.fired.size(), 1);
    });
}

void TestEpollDispatcher::tellsWhenItBlocks()
{
    onThread([] {
        auto *const dispatcher = QAbstractEventDispatcher::instance();
        QVERIFY(turnUntil([&] { return !dispatcher->processEvents(QEventLoop::AllEvents); }));
        QByteArray signals_;
        QObject context;
        connect(dispatcher, &QAbstractEventDispatcher::awake, &context, [&] { signals_ += 'a'; });
        connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &context,
            [&] { signals_ += 'b'; });
        dispatcher->processEvents(QEventLoop::AllEvents);
        QCOMPARE(signals_, QByteArray("a"));

        signals_.clear();
        TimerReceiver receiver;
        receiver.startTimer(5, Qt::PreciseTimer);
        QVERIFY(dispatcher->processEvents(QEventLoop::WaitForMoreEvents));
        QCOMPARE(receiver.fired.size(), 1);
        // Each of Qt's own has an order of its own; a wait is announced, and so is its end.
        dispatcher->processEvents(QEventLoop::AllEvents);
        QCOMPARE(signals_.count('b'), 1);
        QVERIFY(signals_.endsWith('a'));
    });
}

QTEST_GUILESS_MAIN(TestEpollDispatcher)
#include "tst_epolldispatcher.moc"
