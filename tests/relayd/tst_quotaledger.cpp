// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/quotaledger.h"

#include <QTest>

#include <map>

using namespace relay;

namespace {

/** A store that counts how often it is asked. */
struct FakeUsages {
    QuotaLedger<int>::Load loader()
    {
        return [this](int key) -> std::optional<Usage> {
            ++loads;
            if (isBroken)
                return std::nullopt;
            return usages[key];
        };
    }

    std::map<int, Usage> usages;
    int loads = 0;
    bool isBroken = false;
};

/** Stores one of `bytes`, if it fits. */
QuotaAnswer store(QuotaLedger<int> &ledger, int key, qint64 bytes)
{
    const QuotaAnswer answer = ledger.ask(key, bytes);
    if (answer == QuotaAnswer::Fits)
        ledger.added(key, bytes);
    return answer;
}

int storeMany(QuotaLedger<int> &ledger, int key, int count, qint64 bytes = 1)
{
    int fitted = 0;
    for (int i = 0; i < count; ++i)
        fitted += store(ledger, key, bytes) == QuotaAnswer::Fits;
    return fitted;
}

} // namespace

class TestQuotaLedger : public QObject {
    Q_OBJECT

private slots:
    void countsWhatTheSameTransactionStored();
    void limitsBytesToTheByte();
    void countsEmptyPayloads();
    void keepsCountAfterACommit();
    void takesEverythingBackOnRollback();
    void makesRoomForWhatWasRemoved();
    void keepsMailboxesApart();
    void readsTheStoreOnceForEachMailbox();
    void doesNotKnowWhenTheStoreCannotBeRead();
    void asksNobodyWithoutLimits_data();
    void asksNobodyWithoutLimits();
    void forgetsWhenItKnowsTooMany();
    void keepsCountOfWhatIsInUse();
    void readsAgainWhatAFailedTransactionHadRead();
};

void TestQuotaLedger::countsWhatTheSameTransactionStored()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({50, 0}, usages.loader());
    QCOMPARE(storeMany(ledger, 1, 200), 50);
    QCOMPARE(store(ledger, 1, 1), QuotaAnswer::Full);
}

void TestQuotaLedger::limitsBytesToTheByte()
{
    FakeUsages usages;
    usages.usages[1] = {3, 900};
    QuotaLedger<int> ledger({0, 1000}, usages.loader());
    QCOMPARE(ledger.ask(1, 101), QuotaAnswer::Full);
    QCOMPARE(store(ledger, 1, 100), QuotaAnswer::Fits);
    QCOMPARE(store(ledger, 1, 1), QuotaAnswer::Full);
    QCOMPARE(store(ledger, 1, 0), QuotaAnswer::Fits);
}

void TestQuotaLedger::countsEmptyPayloads()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({2, 1000}, usages.loader());
    QCOMPARE(storeMany(ledger, 1, 5, 0), 2);
}

void TestQuotaLedger::keepsCountAfterACommit()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({5, 0}, usages.loader());
    storeMany(ledger, 1, 3);
    ledger.commit();
    QCOMPARE(storeMany(ledger, 1, 5), 2);
    ledger.commit();
    QCOMPARE(store(ledger, 1, 1), QuotaAnswer::Full);
    QCOMPARE(usages.loads, 1);
}

void TestQuotaLedger::takesEverythingBackOnRollback()
{
    FakeUsages usages;
    usages.usages[1] = {1, 1};
    QuotaLedger<int> ledger({5, 0}, usages.loader());
    storeMany(ledger, 1, 2);
    ledger.commit();
    ledger.removed(1, {3, 3});
    QCOMPARE(storeMany(ledger, 1, 9), 5);
    ledger.rollback();
    QCOMPARE(storeMany(ledger, 1, 9), 2);
}

void TestQuotaLedger::makesRoomForWhatWasRemoved()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({3, 30}, usages.loader());
    QCOMPARE(storeMany(ledger, 1, 9, 10), 3);
    ledger.removed(1, {1, 10}); // acked in the same batch
    QCOMPARE(storeMany(ledger, 1, 9, 10), 1);
    ledger.commit();
    ledger.removed(1, {2, 20});
    QCOMPARE(storeMany(ledger, 1, 9, 10), 2);
}

void TestQuotaLedger::keepsMailboxesApart()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({2, 0}, usages.loader());
    QCOMPARE(storeMany(ledger, 1, 9), 2);
    QCOMPARE(storeMany(ledger, 2, 9), 2);
    ledger.removed(1, {1, 1});
    QCOMPARE(store(ledger, 2, 1), QuotaAnswer::Full);
}

void TestQuotaLedger::readsTheStoreOnceForEachMailbox()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({100, 0}, usages.loader());
    for (int batch = 0; batch < 5; ++batch) {
        storeMany(ledger, 1, 3);
        storeMany(ledger, 2, 3);
        ledger.commit();
    }
    QCOMPARE(usages.loads, 2);
    // Of a mailbox that nobody asked about, the store itself keeps count.
    ledger.removed(3, {1, 1});
    ledger.added(4, 1);
    QCOMPARE(usages.loads, 2);
    usages.usages[3] = {100, 100};
    QCOMPARE(ledger.ask(3, 1), QuotaAnswer::Full);
}

void TestQuotaLedger::doesNotKnowWhenTheStoreCannotBeRead()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({1, 0}, usages.loader());
    usages.isBroken = true;
    QCOMPARE(ledger.ask(1, 1), QuotaAnswer::Unknown);
    usages.isBroken = false;
    QCOMPARE(store(ledger, 1, 1), QuotaAnswer::Fits);
    usages.isBroken = true;
    QCOMPARE(ledger.ask(1, 1), QuotaAnswer::Full); // known by now
}

void TestQuotaLedger::asksNobodyWithoutLimits_data()
{
    QTest::addColumn<qint64>("maxCount");
    QTest::addColumn<qint64>("maxBytes");
    QTest::addColumn<int>("fits");
    QTest::newRow("no limit") << qint64(0) << qint64(0) << 1000;
    QTest::newRow("count only") << qint64(7) << qint64(0) << 7;
    QTest::newRow("bytes only") << qint64(0) << qint64(90) << 9;
}

void TestQuotaLedger::asksNobodyWithoutLimits()
{
    QFETCH(qint64, maxCount);
    QFETCH(qint64, maxBytes);
    QFETCH(int, fits);
    FakeUsages usages;
    QuotaLedger<int> ledger({maxCount, maxBytes}, usages.loader());
    QCOMPARE(storeMany(ledger, 1, 1000, 10), fits);
    QCOMPARE(usages.loads, fits == 1000 ? 0 : 1);
}

void TestQuotaLedger::forgetsWhenItKnowsTooMany()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({5, 0}, usages.loader());
    constexpr int Max = static_cast<int>(QuotaLedger<int>::MaxRemembered);
    for (int key = 0; key < Max; ++key) {
        store(ledger, key, 1);
        if (key % 1000 == 999)
            ledger.commit();
    }
    QCOMPARE(usages.loads, Max);
    store(ledger, Max - 1, 1);
    store(ledger, Max / 2, 1);
    QCOMPARE(usages.loads, Max); // the younger half is known
    // Forgotten, and read from the store, which has counted meanwhile.
    usages.usages[0] = {4, 4};
    QCOMPARE(storeMany(ledger, 0, 9), 1);
    QCOMPARE(usages.loads, Max + 1);
}

void TestQuotaLedger::keepsCountOfWhatIsInUse()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({1000, 0}, usages.loader());
    constexpr int Max = static_cast<int>(QuotaLedger<int>::MaxRemembered);
    int kept = 0;
    for (int key = 1; key < 6 * Max; ++key) {
        store(ledger, key, 1);
        if (key % 1021 == 0 && kept < 1000) {
            QCOMPARE(storeMany(ledger, 0, 1), 1);
            ++kept;
        }
        if (key % 37 == 0)
            ledger.commit();
    }
    QCOMPARE(usages.loads, 6 * Max);
    QCOMPARE(storeMany(ledger, 0, 1001), 1000 - kept);
}

void TestQuotaLedger::readsAgainWhatAFailedTransactionHadRead()
{
    FakeUsages usages;
    QuotaLedger<int> ledger({5, 0}, usages.loader());
    // Read after a delete of the same transaction, so it is as provisional as the delete.
    usages.usages[1] = {2, 2};
    QCOMPARE(storeMany(ledger, 1, 9), 3);
    ledger.rollback();
    usages.usages[1] = {4, 4};
    QCOMPARE(storeMany(ledger, 1, 9), 1);
    QCOMPARE(usages.loads, 2);
}

QTEST_APPLESS_MAIN(TestQuotaLedger)
#include "tst_quotaledger.moc"
