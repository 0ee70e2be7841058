// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/watchdog.h"
#include "tests/support/fakes.h"

#include <QSemaphore>
#include <QTest>
#include <QThread>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

/** A thread with a writer on it that can be held, and a watchdog that counts what it tells. */
class Watched {
public:
    Watched()
        : watchdog(m_writer, m_writing, clock, [this] { ++told; })
    {
        clock.advance(1h);
        m_writer.moveToThread(&m_thread);
        m_thread.start();
    }
    ~Watched()
    {
        m_held.release();
        m_thread.quit();
        m_thread.wait();
    }
    Watched(const Watched &) = delete;
    Watched &operator=(const Watched &) = delete;

    enum class Where { InACall, Elsewhere };
    /** The writer does not return until it is let go. */
    void hold(Where where)
    {
        QSemaphore began;
        QMetaObject::invokeMethod(&m_writer, [&, where] {
            std::optional<BusySince::Scope> scope;
            if (where == Where::InACall)
                scope.emplace(m_writing, clock);
            began.release();
            m_held.acquire();
        });
        began.acquire();
        clock.advance(1ms);
    }
    void letGo() { m_held.release(); }
    /** The writer has handled what it was asked so far. */
    void settle()
    {
        QMetaObject::invokeMethod(
            &m_writer, [] {}, Qt::BlockingQueuedConnection);
    }

    FakeClock clock;
    int told = 0;

private:
    BusySince m_writing;
    QObject m_writer;
    QThread m_thread;
    QSemaphore m_held;

public:
    Watchdog watchdog;
};

} // namespace

class TestWatchdog : public QObject {
    Q_OBJECT

private slots:
    void tellsWhileTheWriterAnswers();
    void tellsNothingWhileTheWriterIsHeldUp();
    void bearsACallForTwoMinutes();
    void tellsByItself();
};

void TestWatchdog::tellsWhileTheWriterAnswers()
{
    Watched watched;
    for (int n = 1; n <= 3; ++n) {
        watched.watchdog.tick();
        watched.settle();
        QCOMPARE(watched.told, n);
    }
}

void TestWatchdog::tellsNothingWhileTheWriterIsHeldUp()
{
    Watched watched;
    watched.watchdog.tick();
    watched.settle();
    watched.hold(Watched::Where::Elsewhere);
    watched.watchdog.tick(); // it answered the last time
    QCOMPARE(watched.told, 2);
    for (int n = 0; n < 5; ++n)
        watched.watchdog.tick();
    QCOMPARE(watched.told, 2);

    watched.letGo();
    watched.settle();
    watched.watchdog.tick();
    QCOMPARE(watched.told, 3);
}

void TestWatchdog::bearsACallForTwoMinutes()
{
    Watched watched;
    watched.hold(Watched::Where::InACall);
    for (int n = 1; n <= 8; ++n) {
        watched.watchdog.tick();
        QCOMPARE(watched.told, n);
        watched.clock.advance(n < 8 ? 15s : 14s);
    }
    watched.watchdog.tick(); // after 119 s
    QCOMPARE(watched.told, 9);
    watched.clock.advance(1s);
    watched.watchdog.tick();
    QCOMPARE(watched.told, 9);

    watched.letGo();
    watched.settle();
    watched.watchdog.tick();
    QCOMPARE(watched.told, 10);
}

void TestWatchdog::tellsByItself()
{
    Watched watched;
    watched.watchdog.start(40ms);
    QTRY_VERIFY(watched.told >= 5);
    watched.watchdog.stop();
    const int told = watched.told;
    QTest::qWait(50);
    QCOMPARE(watched.told, told);
}

QTEST_GUILESS_MAIN(TestWatchdog)
#include "tst_watchdog.moc"
