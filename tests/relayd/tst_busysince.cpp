// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/busysince.h"
#include "tests/support/fakes.h"

#include <QTest>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

class TestBusySince : public QObject {
    Q_OBJECT

private slots:
    void countsWhileInside();
    void countsFromTheOuterBeginningAfterAnInnerOne();
};

void TestBusySince::countsWhileInside()
{
    FakeClock clock;
    BusySince busy;
    clock.advance(1h);
    QCOMPARE(busy.duration(clock.now()), TimePoint::duration::zero());
    {
        const BusySince::Scope scope(busy, clock);
        clock.advance(7s);
        QCOMPARE(busy.duration(clock.now()), TimePoint::duration(7s));
    }
    clock.advance(1h);
    QCOMPARE(busy.duration(clock.now()), TimePoint::duration::zero());
}

void TestBusySince::countsFromTheOuterBeginningAfterAnInnerOne()
{
    FakeClock clock;
    BusySince busy;
    clock.advance(1h);
    const BusySince::Scope outer(busy, clock);
    clock.advance(3s);
    {
        const BusySince::Scope inner(busy, clock);
        clock.advance(2s);
        QCOMPARE(busy.duration(clock.now()), TimePoint::duration(2s));
    }
    QCOMPARE(busy.duration(clock.now()), TimePoint::duration(5s));
}

QTEST_GUILESS_MAIN(TestBusySince)
#include "tst_busysince.moc"
