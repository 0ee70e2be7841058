// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/sweepguard.h"
#include "tests/support/fakes.h"

#include <QTest>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

class TestSweepGuard : public QObject {
    Q_OBJECT

private slots:
    void allowsWhileTheClocksAgree();
    void skipsOnceAfterAJump_data();
    void skipsOnceAfterAJump();
    void comparesWithTheLastTimeAndNotWithTheStart();
};

void TestSweepGuard::allowsWhileTheClocksAgree()
{
    FakeClock clock;
    SweepGuard guard(clock);
    QVERIFY(guard.allows());
    for (auto interval : {1000ms, 3'600'000ms, 31'536'000'000ms}) {
        clock.advance(interval);
        QVERIFY(guard.allows());
    }
}

void TestSweepGuard::skipsOnceAfterAJump_data()
{
    QTest::addColumn<qint64>("jump");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("five minutes forward") << qint64(300'000) << true;
    QTest::newRow("five minutes back") << qint64(-300'000) << true;
    QTest::newRow("a little more forward") << qint64(300'001) << false;
    QTest::newRow("a little more back") << qint64(-300'001) << false;
    QTest::newRow("fifty years forward") << qint64(1'576'800'000'000) << false;
    QTest::newRow("to 1970") << -FakeClock::StartMillis << false;
}

void TestSweepGuard::skipsOnceAfterAJump()
{
    QFETCH(qint64, jump);
    QFETCH(bool, allowed);
    FakeClock clock;
    SweepGuard guard(clock);
    clock.advance(1h);
    clock.jump(std::chrono::milliseconds(jump));
    QCOMPARE(guard.allows(), allowed);
    clock.advance(1h);
    QVERIFY(guard.allows());
    // The clock is put right again: that is a jump too.
    clock.advance(1h);
    clock.jump(std::chrono::milliseconds(-jump));
    QCOMPARE(guard.allows(), allowed);
    clock.advance(1h);
    QVERIFY(guard.allows());
}

void TestSweepGuard::comparesWithTheLastTimeAndNotWithTheStart()
{
    FakeClock clock;
    SweepGuard guard(clock);
    // A clock that runs fast is off by an hour in the end, and never by much at once.
    for (int i = 0; i < 60; ++i) {
        clock.advance(1h);
        clock.jump(1min);
        QVERIFY(guard.allows());
    }
}

QTEST_APPLESS_MAIN(TestSweepGuard)
#include "tst_sweepguard.moc"
