// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/presence.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"

#include <QTest>

#include <thread>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

const TimePoint Start {1000s};
const Rate General {60, 10};
const Rate Recovery {10, 2};
/** Each call sweeps one shard: so many reach all of them. */
constexpr int Shards = 64;

Id numberedId(quint32 n)
{
    Id id;
    std::memcpy(id.bytes.data(), &n, sizeof n);
    return id;
}

void sweepAll(Presence &presence, TimePoint now)
{
    for (int i = 0; i < Shards; ++i)
        presence.sweep(now);
}

} // namespace

class TestPresence : public QObject {
    Q_OBJECT

private slots:
    void findsTheConnectionsOfAMailbox();
    void findsTheConnectionsOfADevice();
    void removesOneOfTwoRegistrations();
    void sharesOneBucketBetweenAllConnections();
    void keepsBucketsOfMailboxesAndKindsApart();
    void doesNotRefillOnReconnect();
    void forgetsWhenRefilledAndOfflineAndNotBefore();
    void forgetsWhoeverSpentNothingOnceOffline();
    void waitsForBothBucketsToRefill();
    void keepsNoBucketsWithoutLimits();
    void spreadsNeighbouringIdsOverShards();
    void hashesIdsUnderASeed();
    void servesManyThreads();
};

void TestPresence::findsTheConnectionsOfAMailbox()
{
    Presence presence(General, Recovery);
    QVERIFY(presence.mailbox(idOf(1)).isEmpty());
    presence.addMailbox(idOf(1), {11});
    presence.addMailbox(idOf(1), {12});
    presence.addMailbox(idOf(2), {21});
    QCOMPARE(presence.mailbox(idOf(1)), (Presence::Connections {{11}, {12}}));
    QCOMPARE(presence.mailbox(idOf(2)), (Presence::Connections {{21}}));
    presence.removeMailbox(idOf(1), {11});
    presence.removeMailbox(idOf(1), {99}); // was never there
    presence.removeMailbox(idOf(3), {11});
    QCOMPARE(presence.mailbox(idOf(1)), (Presence::Connections {{12}}));
    presence.removeMailbox(idOf(1), {12});
    QVERIFY(presence.mailbox(idOf(1)).isEmpty());
}

void TestPresence::findsTheConnectionsOfADevice()
{
    Presence presence(General, Recovery);
    const DeviceKey phone {idOf(1), idOf(7)};
    const DeviceKey tablet {idOf(1), idOf(8)};
    const DeviceKey othersPhone {idOf(2), idOf(7)};
    presence.addDevice(phone, {1});
    presence.addDevice(phone, {2});
    presence.addDevice(tablet, {3});
    QCOMPARE(presence.device(phone), (Presence::Connections {{1}, {2}}));
    QCOMPARE(presence.device(tablet), (Presence::Connections {{3}}));
    QVERIFY(presence.device(othersPhone).isEmpty());
    presence.removeDevice(phone, {1});
    presence.removeDevice(othersPhone, {2});
    QCOMPARE(presence.device(phone), (Presence::Connections {{2}}));
    presence.removeDevice(phone, {2});
    presence.removeDevice(phone, {2});
    QVERIFY(presence.device(phone).isEmpty());
    // A device is no mailbox, and costs no bucket.
    QVERIFY(presence.mailbox(idOf(1)).isEmpty());
    QCOMPARE(presence.mailboxCount(), size_t(0));
}

void TestPresence::removesOneOfTwoRegistrations()
{
    Presence presence(General, Recovery);
    presence.addMailbox(idOf(1), {5});
    presence.addMailbox(idOf(1), {5});
    presence.removeMailbox(idOf(1), {5});
    QCOMPARE(presence.mailbox(idOf(1)).size(), 1);
}

void TestPresence::sharesOneBucketBetweenAllConnections()
{
    Presence presence(General, Recovery);
    presence.addMailbox(idOf(1), {1});
    presence.addMailbox(idOf(1), {2});
    for (int i = 0; i < General.burst; ++i)
        QVERIFY(presence.takeToken(idOf(1), Start));
    QVERIFY(!presence.takeToken(idOf(1), Start));
    presence.removeMailbox(idOf(1), {1});
    QVERIFY(!presence.takeToken(idOf(1), Start));
}

void TestPresence::keepsBucketsOfMailboxesAndKindsApart()
{
    Presence presence(General, Recovery);
    for (int i = 0; i < General.burst; ++i)
        presence.takeToken(idOf(1), Start);
    QVERIFY(!presence.takeToken(idOf(1), Start));
    QVERIFY(presence.takeToken(idOf(2), Start));
    QVERIFY(presence.takeRecoveryToken(idOf(1), Start));
    QVERIFY(presence.takeRecoveryToken(idOf(1), Start));
    QVERIFY(!presence.takeRecoveryToken(idOf(1), Start));
    QVERIFY(presence.takeRecoveryToken(idOf(2), Start));
}

void TestPresence::doesNotRefillOnReconnect()
{
    Presence presence(General, Recovery);
    presence.addMailbox(idOf(1), {1});
    while (presence.takeToken(idOf(1), Start)) { }
    presence.removeMailbox(idOf(1), {1});
    sweepAll(presence, Start);
    presence.addMailbox(idOf(1), {2});
    QVERIFY(!presence.takeToken(idOf(1), Start));
    QVERIFY(presence.takeToken(idOf(1), Start + 1s));
}

void TestPresence::forgetsWhenRefilledAndOfflineAndNotBefore()
{
    Presence presence(General, Recovery);
    presence.addMailbox(idOf(1), {1});
    for (int i = 0; i < 3; ++i)
        presence.takeToken(idOf(1), Start);
    sweepAll(presence, Start + 1h);
    QCOMPARE(presence.mailboxCount(), size_t(1)); // refilled, but online
    QCOMPARE(presence.mailbox(idOf(1)).size(), 1);

    for (int i = 0; i < 3; ++i)
        presence.takeToken(idOf(1), Start + 1h);
    presence.removeMailbox(idOf(1), {1});
    sweepAll(presence, Start + 1h + 2999ms);
    QCOMPARE(presence.mailboxCount(), size_t(1)); // offline, but not refilled
    sweepAll(presence, Start + 1h + 3000ms);
    QCOMPARE(presence.mailboxCount(), size_t(0));
}

void TestPresence::forgetsWhoeverSpentNothingOnceOffline()
{
    Presence presence(General, Recovery);
    presence.addMailbox(idOf(1), {1});
    presence.removeMailbox(idOf(1), {1});
    QCOMPARE(presence.mailboxCount(), size_t(1));
    sweepAll(presence, Start);
    QCOMPARE(presence.mailboxCount(), size_t(0));
}

void TestPresence::waitsForBothBucketsToRefill()
{
    Presence presence(General, Recovery);
    presence.takeToken(idOf(1), Start);
    presence.takeRecoveryToken(idOf(1), Start);
    sweepAll(presence, Start + 5999ms); // 10 a minute: one in 6 s
    QCOMPARE(presence.mailboxCount(), size_t(1));
    sweepAll(presence, Start + 6000ms);
    QCOMPARE(presence.mailboxCount(), size_t(0));
}

void TestPresence::keepsNoBucketsWithoutLimits()
{
    Presence presence({0, 0}, {0, 0});
    for (int i = 0; i < 1000; ++i) {
        QVERIFY(presence.takeToken(idOf(1), Start));
        QVERIFY(presence.takeRecoveryToken(idOf(1), Start));
    }
    QCOMPARE(presence.mailboxCount(), size_t(0));
}

void TestPresence::spreadsNeighbouringIdsOverShards()
{
    Presence presence(General, Recovery);
    constexpr int Count = 64 * 500;
    for (int i = 0; i < Count; ++i)
        presence.takeToken(numberedId(static_cast<quint32>(i)), Start);
    QCOMPARE(presence.mailboxCount(), size_t(Count));
    size_t before = Count;
    for (int shard = 0; shard < Shards; ++shard) {
        presence.sweep(Start + 1h);
        const size_t swept = before - presence.mailboxCount();
        // 500 on average; the deviation is 22.
        QVERIFY2(swept > 350 && swept < 650, QByteArray::number(qulonglong(swept)).constData());
        before -= swept;
    }
    QCOMPARE(before, size_t(0));
}

void TestPresence::hashesIdsUnderASeed()
{
    int equal = 0;
    for (quint32 i = 0; i < 100; ++i) {
        const Id id = numberedId(i);
        equal += IdHash()(id) == IdHash::hash(id, 0);
    }
    QCOMPARE(equal, 0);
}

void TestPresence::servesManyThreads()
{
    Presence presence(General, Recovery);
    constexpr int Rounds = 3000;
    std::atomic<int> granted {0};
    const auto work = [&](quint64 thread) {
        for (quint32 i = 0; i < Rounds; ++i) {
            const Id own = numberedId(static_cast<quint32>(thread * Rounds + i));
            presence.addMailbox(own, {thread});
            presence.addMailbox(idOf(1), {thread});
            granted += presence.takeToken(idOf(1), Start);
            presence.addDevice({own, idOf(2)}, {thread});
            presence.removeDevice({own, idOf(2)}, {thread});
            presence.removeMailbox(idOf(1), {thread});
            presence.removeMailbox(own, {thread});
            // One thread forgets, and all others go on.
            if (thread == 1)
                presence.sweep(Start);
        }
    };
    std::thread one(work, 1);
    std::thread two(work, 2);
    one.join();
    two.join();
    QCOMPARE(granted.load(), General.burst);
    QVERIFY(presence.mailbox(idOf(1)).isEmpty());
    sweepAll(presence, Start + 1h);
    QCOMPARE(presence.mailboxCount(), size_t(0));
}

QTEST_APPLESS_MAIN(TestPresence)
#include "tst_presence.moc"
