// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/receipts.h"
#include "tests/support/rawclient.h"

#include <QTest>

using namespace relay;
using namespace relay::test;

namespace {

Receipts::Sender from(quint8 n, const QByteArray &messageId = "message")
{
    return {idOf(n), messageId};
}

} // namespace

class TestReceipts : public QObject {
    Q_OBJECT

private slots:
    void tellsTheSenderOnceForEachStatus();
    void givesAReceiptForAnAckWithoutADelivery();
    void knowsNothingOfOtherBlobs();
    void forgetsWhatExpired();
    void keepsItsBoundInEntriesByForgettingTheOldest();
    void keepsItsBoundInBytes();
    void givesNoReceiptsForLongMessageIds_data();
    void givesNoReceiptsForLongMessageIds();
    void countsNoBytesWhenEmpty();
    void doesNotKeepAWholeFrameForASliceOfIt();
};

void TestReceipts::tellsTheSenderOnceForEachStatus()
{
    Receipts receipts;
    receipts.remember({1}, from(7, "m-1"));
    const auto delivered = receipts.delivered({1});
    QVERIFY(delivered);
    QCOMPARE(delivered->routingId, idOf(7));
    QCOMPARE(delivered->messageId, QByteArray("m-1"));
    QVERIFY(!receipts.delivered({1})); // a second connection of the recipient, or a reconnect
    const auto acknowledged = receipts.acknowledged({1});
    QVERIFY(acknowledged);
    QCOMPARE(acknowledged->messageId, QByteArray("m-1"));
    QVERIFY(!receipts.acknowledged({1}));
    QVERIFY(!receipts.delivered({1}));
    QCOMPARE(receipts.entries(), size_t(0));
}

void TestReceipts::givesAReceiptForAnAckWithoutADelivery()
{
    Receipts receipts;
    receipts.remember({1}, from(7));
    QVERIFY(receipts.acknowledged({1}));
    // The delivery is noted after the ack: it is old news.
    QVERIFY(!receipts.delivered({1}));
}

void TestReceipts::knowsNothingOfOtherBlobs()
{
    Receipts receipts;
    receipts.remember({5}, from(1));
    for (qint64 other : {-1, 0, 4, 6}) {
        QVERIFY(!receipts.delivered({other}));
        QVERIFY(!receipts.acknowledged({other}));
        receipts.forget({other});
    }
    QCOMPARE(receipts.entries(), size_t(1));
}

void TestReceipts::forgetsWhatExpired()
{
    Receipts receipts;
    receipts.remember({1}, from(1));
    receipts.remember({2}, from(2));
    receipts.forget({1});
    receipts.forget({1});
    QVERIFY(!receipts.delivered({1}));
    QVERIFY(receipts.delivered({2}));
    QCOMPARE(receipts.entries(), size_t(1));
}

void TestReceipts::keepsItsBoundInEntriesByForgettingTheOldest()
{
    Receipts receipts({10, 1024 * 1024});
    for (qint64 n = 1; n <= 25; ++n) {
        receipts.remember({n}, from(1));
        QVERIFY(receipts.entries() <= 10);
    }
    for (qint64 n = 1; n <= 15; ++n)
        QVERIFY(!receipts.delivered({n}));
    for (qint64 n = 16; n <= 25; ++n)
        QVERIFY(receipts.delivered({n}));
}

void TestReceipts::keepsItsBoundInBytes()
{
    constexpr size_t Bytes = 10'000;
    Receipts receipts({100'000, Bytes});
    for (qint64 n = 1; n <= 500; ++n) {
        receipts.remember({n}, from(1, QByteArray(n % 129, 'x')));
        QVERIFY(receipts.bytes() <= Bytes);
    }
    QVERIFY(receipts.entries() > 30);
    QVERIFY(receipts.entries() < 200);
    QVERIFY(receipts.delivered({500}));
    QVERIFY(!receipts.delivered({1}));
}

void TestReceipts::givesNoReceiptsForLongMessageIds_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("remembered");
    QTest::newRow("empty") << 0 << true;
    QTest::newRow("a UUID") << 36 << true;
    QTest::newRow("128") << 128 << true;
    QTest::newRow("129") << 129 << false;
    QTest::newRow("1 MB") << 1'000'000 << false;
}

void TestReceipts::givesNoReceiptsForLongMessageIds()
{
    QFETCH(int, size);
    QFETCH(bool, remembered);
    Receipts receipts;
    receipts.remember({1}, from(1, QByteArray(size, 'x')));
    QCOMPARE(receipts.entries(), size_t(remembered));
    QCOMPARE(receipts.delivered({1}).has_value(), remembered);
    QCOMPARE(receipts.acknowledged({1}).has_value(), remembered);
}

void TestReceipts::countsNoBytesWhenEmpty()
{
    Receipts receipts;
    for (qint64 n = 1; n <= 100; ++n)
        receipts.remember({n}, from(1, QByteArray(n, 'x')));
    for (qint64 n = 1; n <= 100; ++n) {
        if (n % 2)
            receipts.acknowledged({n});
        else
            receipts.forget({n});
    }
    QCOMPARE(receipts.entries(), size_t(0));
    QCOMPARE(receipts.bytes(), size_t(0));
}

void TestReceipts::doesNotKeepAWholeFrameForASliceOfIt()
{
    Receipts receipts;
    QByteArray large;
    large.reserve(1'000'000);
    large = "short";
    large.reserve(1'000'000);
    receipts.remember({1}, {idOf(1), std::move(large)});
    const auto kept = receipts.delivered({1});
    QVERIFY(kept);
    QVERIFY(kept->messageId.capacity() < 1000);
}

QTEST_APPLESS_MAIN(TestReceipts)
#include "tst_receipts.moc"
