// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/tokenbucket.h"
#include "tests/support/fakes.h"

#include <QTest>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

const TimePoint Start {1000s};

int takeAll(TokenBucket &bucket, const Rate &rate, TimePoint now)
{
    int taken = 0;
    while (taken < 100'000 && bucket.take(rate, now))
        ++taken;
    return taken;
}

} // namespace

class TestTokenBucket : public QObject {
    Q_OBJECT

private slots:
    void startsFullAndHoldsTheBurst_data();
    void startsFullAndHoldsTheBurst();
    void refillsAtItsRate();
    void neverHoldsMoreThanTheBurst();
    void losesNothingToRounding();
    void hasNoLimitWithARateOrBurstOfZero_data();
    void hasNoLimitWithARateOrBurstOfZero();
    void isFullAgainExactlyWhenAllHasComeBack();
    void takesNoHarmFromAnEarlierTime();
    void agreesWithExactArithmetic();
};

void TestTokenBucket::startsFullAndHoldsTheBurst_data()
{
    QTest::addColumn<int>("perMinute");
    QTest::addColumn<int>("burst");
    QTest::newRow("as many as a minute's") << 60 << 60;
    QTest::newRow("burst larger than the rate") << 60 << 1000;
    QTest::newRow("burst smaller than the rate") << 600 << 7;
    QTest::newRow("one") << 1 << 1;
}

void TestTokenBucket::startsFullAndHoldsTheBurst()
{
    QFETCH(int, perMinute);
    QFETCH(int, burst);
    TokenBucket bucket;
    const Rate rate {perMinute, burst};
    QVERIFY(bucket.isFull(rate, Start));
    QCOMPARE(takeAll(bucket, rate, Start), burst);
    QVERIFY(!bucket.isFull(rate, Start));
}

void TestTokenBucket::refillsAtItsRate()
{
    TokenBucket bucket;
    const Rate rate {60, 10};
    takeAll(bucket, rate, Start);
    QVERIFY(!bucket.take(rate, Start + 999ms));
    QVERIFY(bucket.take(rate, Start + 1000ms));
    QVERIFY(!bucket.take(rate, Start + 1000ms));
    // A refusal costs nothing.
    QCOMPARE(takeAll(bucket, rate, Start + 4000ms), 3);
}

void TestTokenBucket::neverHoldsMoreThanTheBurst()
{
    TokenBucket bucket;
    const Rate rate {60, 10};
    takeAll(bucket, rate, Start);
    QCOMPARE(takeAll(bucket, rate, Start + 24h * 365), 10);
}

void TestTokenBucket::losesNothingToRounding()
{
    // 7 a minute is no whole number of anything: after an hour exactly 420 have come.
    TokenBucket bucket;
    const Rate rate {7, 1};
    takeAll(bucket, rate, Start);
    int taken = 0;
    for (auto now = Start + 1ms; now <= Start + 1h; now += 1ms)
        taken += bucket.take(rate, now);
    // A full bucket of one loses what comes between a whole token and its taking: under 1 ms each.
    QVERIFY2(taken >= 419 && taken <= 420, QByteArray::number(taken).constData());
    const Rate even {60, 5};
    TokenBucket other;
    takeAll(other, even, Start);
    for (int second = 1; second <= 10'000; ++second)
        QVERIFY(other.take(even, Start + std::chrono::seconds(second)));
}

void TestTokenBucket::hasNoLimitWithARateOrBurstOfZero_data()
{
    QTest::addColumn<int>("perMinute");
    QTest::addColumn<int>("burst");
    QTest::newRow("rate") << 0 << 10;
    QTest::newRow("burst") << 10 << 0;
    QTest::newRow("both") << 0 << 0;
}

void TestTokenBucket::hasNoLimitWithARateOrBurstOfZero()
{
    QFETCH(int, perMinute);
    QFETCH(int, burst);
    TokenBucket bucket;
    const Rate rate {perMinute, burst};
    QCOMPARE(takeAll(bucket, rate, Start), 100'000);
    QVERIFY(bucket.isFull(rate, Start));
}

void TestTokenBucket::isFullAgainExactlyWhenAllHasComeBack()
{
    TokenBucket bucket;
    const Rate rate {60, 10};
    for (int i = 0; i < 4; ++i)
        bucket.take(rate, Start);
    QVERIFY(!bucket.isFull(rate, Start + 3999ms));
    QVERIFY(bucket.isFull(rate, Start + 4000ms));
}

void TestTokenBucket::takesNoHarmFromAnEarlierTime()
{
    TokenBucket bucket;
    const Rate rate {60, 2};
    takeAll(bucket, rate, Start + 10s);
    // Threads read the clock before they reach the bucket: time may come in the wrong order.
    QVERIFY(!bucket.take(rate, Start));
    QVERIFY(!bucket.take(rate, Start + 10s));
    QVERIFY(bucket.take(rate, Start + 11s));
}

void TestTokenBucket::agreesWithExactArithmetic()
{
    QRandomGenerator random(randomSeed());
    for (int round = 0; round < 50; ++round) {
        const Rate rate {random.bounded(1, 5000), random.bounded(1, 2000)};
        TokenBucket bucket;
        // In 60,000ths of a token: a millisecond brings `perMinute` of them.
        constexpr qint64 One = 60'000;
        const qint64 full = rate.burst * One;
        qint64 tokens = full;
        auto now = Start;
        for (int step = 0; step < 2000; ++step) {
            const int passed = random.bounded(4) ? 0 : random.bounded(300);
            now += std::chrono::milliseconds(passed);
            tokens = std::min(full, tokens + qint64(passed) * rate.perMinute);
            QCOMPARE(bucket.isFull(rate, now), tokens == full);
            const bool expected = tokens >= One;
            QCOMPARE(bucket.take(rate, now), expected);
            if (expected)
                tokens -= One;
        }
    }
}

QTEST_APPLESS_MAIN(TestTokenBucket)
#include "tst_tokenbucket.moc"
