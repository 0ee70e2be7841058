// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/storetables.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"
#include "tests/support/storefixture.h"

#include <QFileInfo>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTest>

#include <limits>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

const Id Alice = idOf(0xaa);
const Id Bob = idOf(0xbb);
const DeviceKey Phone {Alice, idOf(1)};
const DeviceKey Tablet {Alice, idOf(2)};
const DeviceKey OthersPhone {Bob, idOf(1)};

StoreLimits withQuota(qint64 count, qint64 bytes)
{
    StoreLimits limits;
    limits.mailbox = {count, bytes};
    return limits;
}

StoreLimits withLifetime(std::chrono::seconds lifetime)
{
    StoreLimits limits;
    limits.timeToLive = lifetime;
    return limits;
}

QString select(const char *sql)
{
    return QString::fromLatin1(sql);
}

/** The statement that stores `magic` fails, as RAISE says. */
QString magicTrigger(const char *table, const char *column, const char *raise)
{
    return QStringLiteral("CREATE TRIGGER magic_%1 BEFORE INSERT ON %1 WHEN NEW.%2 = x'6d61676963' "
                          "BEGIN SELECT RAISE(%3, 'magic'); END")
        .arg(QLatin1String(table), QLatin1String(column), QLatin1String(raise));
}

void expectFailedStatement()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("a statement failed")));
}

} // namespace

#define VERIFY_TOTALS(store) QCOMPARE((store).totalsFault(), QByteArray())

class TestStoreTables : public QObject {
    Q_OBJECT

private slots:
    void initTestCase_data() { addSqliteBackendRows(); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void givesSequencesInOrderAndNeverTwice();
    void countsDeviceMessagesByThemselves();
    void letsTimeNeverRunBackwards();
    void keepsItsKey();
    void storesEmptyAndAbsentFieldsAsSuch();
    void decidesQuotasExactlyInsideOneTransaction_data();
    void decidesQuotasExactlyInsideOneTransaction();
    void limitsEachDevicesQueue();
    void makesRoomInsideATransaction();
    void forgetsQuotasOfARolledBackTransaction();
    void deletesForItsMailboxOnly();
    void deletesForItsDeviceOnly();
    void purgesWhatItIsAskedFor();
    void purgesNothingOfOthers();
    void replacesProofs();
    void expiresProofsNinetyDaysAfterTheLastStore();
    void sweepsInSteps_data();
    void sweepsInSteps();
    void sweepsNotOneTooMany();
    void sweepsEachKind();
    void makesRoomBySweeping();
    void tellsTheOldestBlob();
    void refusesStoresOverTheLimitOfTheStore();
    void refusesProofsThatWouldGrowOverTheLimit();
    void keepsTotalsThroughEveryOperation();
    void failsAStatementAlone();
    void failsOtherOperationsAlone_data();
    void failsOtherOperationsAlone();
    void failsAllWhenRecentRowsStay();
    void deletesTogetherWhatItExpects();
    void failsAllWhenExpectedRowsStay_data();
    void failsAllWhenExpectedRowsStay();
    void purgesAllOrNothing();
    void losesTheWholeTransactionWhenTheDatabaseTakesItAway();
    void changesNothingWhenTheTotalsCannotBeSaved();
    void changesNothingWhenTheCommitFails();
    void recoversFromADatabaseThatCouldNotBeWritten();
    void writesToProveThatItCan();
    void keepsFewBlobsOutOfTheIndex_data();
    void keepsFewBlobsOutOfTheIndex();
    void settlesOldSlicesOneByOne();
};

void TestStoreTables::givesSequencesInOrderAndNeverTwice()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    for (qint64 n = 1; n <= 3; ++n)
        QCOMPARE(store.run(blobFor(n % 2 ? Alice : Bob)).sequence.value, n);
    // The last rows go, and with them SQLite's own memory of their keys.
    store.run(AckBlob {Alice, {3}, false});
    store.run(Purge {Bob, std::nullopt, std::nullopt});
    store.run(Purge {Alice, std::nullopt, std::nullopt});
    QCOMPARE(store.run(blobFor(Alice)).sequence.value, 4);
    store.run(AckBlob {Alice, {4}, false});
    store.restart();
    QCOMPARE(store.run(blobFor(Alice)).sequence.value, 5);
    VERIFY_TOTALS(store);
}

void TestStoreTables::countsDeviceMessagesByThemselves()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    store.run(blobFor(Alice));
    QCOMPARE(store.run(messageFor(Phone)).sequence.value, 1);
    QCOMPARE(store.run(messageFor(OthersPhone)).sequence.value, 2);
    store.run(AckDeviceMessage {OthersPhone, {2}});
    store.restart();
    QCOMPARE(store.run(messageFor(Phone)).sequence.value, 3);
    QCOMPARE(store.run(blobFor(Alice)).sequence.value, 2);
    VERIFY_TOTALS(store);
}

void TestStoreTables::letsTimeNeverRunBackwards()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    QCOMPARE(store.run(blobFor(Alice), 1000).storedAt, 1000);
    QCOMPARE(store.run(blobFor(Alice), 400).storedAt, 1000);
    QCOMPARE(store.run(messageFor(Phone), 400).storedAt, 1000);
    QCOMPARE(store.run(messageFor(Phone), 1001).storedAt, 1001);
    QCOMPARE(store.run(blobFor(Alice), 5).storedAt, 1001);
    store.run(Purge {Alice, Alice, std::nullopt});
    store.restart();
    QCOMPARE(store.run(blobFor(Alice), -5).storedAt, 1001);
    QCOMPARE(store.run(blobFor(Alice), 2000).storedAt, 2000);
    VERIFY_TOTALS(store);
}

void TestStoreTables::keepsItsKey()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    const QByteArray key = store.tables().idKey();
    QCOMPARE(key.size(), 16);
    store.restart();
    QCOMPARE(store.tables().idKey(), key);
    StoreFixture other(backend);
    QVERIFY(other.tables().idKey() != key);
}

void TestStoreTables::storesEmptyAndAbsentFieldsAsSuch()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    StoreBlob blob = blobFor(Alice, QByteArray());
    blob.sender.reset();
    QCOMPARE(store.run(blob).result, ApplyResult::Done);
    QCOMPARE(store.run(messageFor(Phone, ~quint64(0), QByteArray())).result, ApplyResult::Done);
    QCOMPARE(store.run(StoreProof {idOf(9), QByteArray()}).result, ApplyResult::Done);
    QCOMPARE(store.numberOutside(select("SELECT count(*) FROM blobs WHERE sender IS NULL "
                                        "AND typeof(ciphertext) = 'blob' "
                                        "AND length(ciphertext) = 0")),
        1);
    QCOMPARE(store.numberOutside(select("SELECT version FROM device_messages")),
        std::numeric_limits<qint64>::max());
    QCOMPARE(store.numberOutside(select("SELECT count(*) FROM proofs WHERE length(proof) = 0")), 1);
    VERIFY_TOTALS(store);
}

void TestStoreTables::decidesQuotasExactlyInsideOneTransaction_data()
{
    QTest::addColumn<qint64>("maxCount");
    QTest::addColumn<qint64>("maxBytes");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("stored");
    QTest::newRow("count") << qint64(50) << qint64(0) << 10 << 50;
    QTest::newRow("bytes") << qint64(0) << qint64(305) << 10 << 30;
    QTest::newRow("bytes to the last") << qint64(0) << qint64(300) << 10 << 30;
    QTest::newRow("both") << qint64(20) << qint64(300) << 10 << 20;
    QTest::newRow("empty blobs") << qint64(50) << qint64(10) << 0 << 50;
    QTest::newRow("one too large") << qint64(50) << qint64(9) << 10 << 0;
    QTest::newRow("none") << qint64(0) << qint64(0) << 10 << 200;
}

void TestStoreTables::decidesQuotasExactlyInsideOneTransaction()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    QFETCH(qint64, maxCount);
    QFETCH(qint64, maxBytes);
    QFETCH(int, size);
    QFETCH(int, stored);
    StoreFixture store(backend, withQuota(maxCount, maxBytes));
    QVERIFY(store.tables().begin());
    int done = 0;
    int full = 0;
    for (int i = 0; i < 200; ++i) {
        const auto result = store.tables().apply(blobFor(Alice, QByteArray(size, 'x')), 0).result;
        done += result == ApplyResult::Done;
        full += result == ApplyResult::QuotaFull;
        // Somebody else's mailbox has nothing to do with it.
        if (i == 100)
            store.tables().apply(blobFor(Bob, ""), 0);
    }
    QVERIFY(store.tables().commit());
    QCOMPARE(done, stored);
    QCOMPARE(full, 200 - stored);
    QCOMPARE(store.tables().totals().blobs.count, stored + 1);
    VERIFY_TOTALS(store);
    store.restart();
    const auto expected = stored == 200 ? ApplyResult::Done : ApplyResult::QuotaFull;
    QCOMPARE(store.run(blobFor(Alice, QByteArray(size, 'x'))).result, expected);
}

void TestStoreTables::limitsEachDevicesQueue()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withQuota(3, 100));
    for (const DeviceKey &device : {Phone, Tablet, OthersPhone}) {
        for (int i = 0; i < 3; ++i)
            QCOMPARE(store.run(messageFor(device)).result, ApplyResult::Done);
        QCOMPARE(store.run(messageFor(device)).result, ApplyResult::QuotaFull);
    }
    QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::Done);
    QVERIFY(store.run(AckDeviceMessage {Phone, {1}}).wasThere);
    QCOMPARE(store.run(messageFor(Phone, 1, QByteArray(93, 'x'))).result, ApplyResult::QuotaFull);
    QCOMPARE(store.run(messageFor(Phone, 1, QByteArray(92, 'x'))).result, ApplyResult::Done);
    VERIFY_TOTALS(store);
}

void TestStoreTables::makesRoomInsideATransaction()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withQuota(2, 0));
    StoreTables &tables = store.tables();
    QVERIFY(tables.begin());
    const auto first = tables.apply(blobFor(Alice), 0);
    tables.apply(blobFor(Alice), 0);
    QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::QuotaFull);
    QVERIFY(tables.apply(AckBlob {Alice, first.sequence, false}, 0).wasThere);
    QVERIFY(!tables.apply(AckBlob {Alice, first.sequence, false}, 0).wasThere);
    QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::Done);
    QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::QuotaFull);
    QCOMPARE(tables.apply(Purge {Alice, std::nullopt, std::nullopt}, 0).purged.blobsDeleted, 2ULL);
    QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::Done);
    QVERIFY(tables.commit());
    QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::Done);
    QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::QuotaFull);
    VERIFY_TOTALS(store);
}

void TestStoreTables::forgetsQuotasOfARolledBackTransaction()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withQuota(2, 0));
    StoreTables &tables = store.tables();
    const auto first = store.run(blobFor(Alice));
    QVERIFY(tables.begin());
    QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::Done);
    QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::QuotaFull);
    tables.apply(AckBlob {Alice, first.sequence, false}, 0);
    tables.rollback();
    VERIFY_TOTALS(store);
    QCOMPARE(tables.totals().blobs.count, 1);
    // The sequence was never seen by anybody.
    QCOMPARE(store.run(blobFor(Alice)).sequence.value, 2);
    QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::QuotaFull);
    VERIFY_TOTALS(store);
}

void TestStoreTables::deletesForItsMailboxOnly()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    const Sequence blob = store.run(blobFor(Alice)).sequence;
    QVERIFY(!store.run(AckBlob {Bob, blob, false}).wasThere);
    QVERIFY(!store.run(AckBlob {Alice, {blob.value + 1}, false}).wasThere);
    QVERIFY(!store.run(AckBlob {Alice, {-1}, false}).wasThere);
    QCOMPARE(store.tables().totals().blobs.count, 1);
    VERIFY_TOTALS(store);
    QVERIFY(store.run(AckBlob {Alice, blob, false}).wasThere);
    QVERIFY(!store.run(AckBlob {Alice, blob, false}).wasThere);
    QCOMPARE(store.tables().totals().blobs.count, 0);
    QCOMPARE(store.tables().totals().blobs.bytes, 0);
    VERIFY_TOTALS(store);
}

void TestStoreTables::deletesForItsDeviceOnly()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    const Sequence message = store.run(messageFor(Phone)).sequence;
    QVERIFY(!store.run(AckDeviceMessage {Tablet, message}).wasThere);
    QVERIFY(!store.run(AckDeviceMessage {OthersPhone, message}).wasThere);
    QVERIFY(store.run(AckDeviceMessage {Phone, message}).wasThere);
    QCOMPARE(store.tables().totals().deviceMessages.count, 0);
    VERIFY_TOTALS(store);
}

void TestStoreTables::purgesWhatItIsAskedFor()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    std::vector<Sequence> blobs;
    for (int i = 0; i < 3; ++i) {
        blobs.push_back(store.run(blobFor(Alice)).sequence);
        store.run(blobFor(Bob));
        store.run(messageFor(Phone));
        store.run(messageFor(Tablet));
        store.run(messageFor(OthersPhone));
    }
    store.run(StoreProof {idOf(9), "proof"});
    store.run(StoreProof {idOf(8), "other"});

    auto applied = store.run(Purge {Alice, std::nullopt, std::nullopt});
    QCOMPARE(applied.result, ApplyResult::Done);
    QVERIFY(applied.purged == (PurgeResponse {3, 0, 0}));
    QVERIFY(applied.removedBlobs == blobs);
    VERIFY_TOTALS(store);
    applied = store.run(Purge {Alice, Alice, std::nullopt});
    QVERIFY(applied.purged == (PurgeResponse {0, 6, 0}));
    QVERIFY(applied.removedBlobs.empty());
    applied = store.run(Purge {Alice, Alice, idOf(9)});
    QVERIFY(applied.purged == (PurgeResponse {0, 0, 1}));
    applied = store.run(Purge {Alice, Alice, idOf(9)});
    QVERIFY(applied.purged == (PurgeResponse {0, 0, 0}));
    const StoreTotals &totals = store.tables().totals();
    QCOMPARE(totals.blobs.count, 3);
    QCOMPARE(totals.deviceMessages.count, 3);
    QCOMPARE(totals.proofs.count, 1);
    VERIFY_TOTALS(store);
}

void TestStoreTables::purgesNothingOfOthers()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    store.run(blobFor(Alice));
    store.run(messageFor(Phone));
    // The mailbox of a routing token, and the devices of the client behind it.
    const auto applied = store.run(Purge {idOf(0xcc), Alice, std::nullopt});
    QVERIFY(applied.purged == (PurgeResponse {0, 1, 0}));
    QCOMPARE(store.tables().totals().blobs.count, 1);
    VERIFY_TOTALS(store);
}

void TestStoreTables::replacesProofs()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    for (const int size : {10, 100, 0, 0, 65536, 7}) {
        QCOMPARE(store.run(StoreProof {idOf(9), QByteArray(size, 'x')}).result, ApplyResult::Done);
        QCOMPARE(store.tables().totals().proofs.count, 1);
        QCOMPARE(store.tables().totals().proofs.bytes, size);
        VERIFY_TOTALS(store);
    }
    store.run(StoreProof {idOf(8), "other"});
    QCOMPARE(store.tables().totals().proofs.count, 2);
    VERIFY_TOTALS(store);
}

void TestStoreTables::expiresProofsNinetyDaysAfterTheLastStore()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withLifetime(1s));
    constexpr qint64 Lifetime = 90LL * 24 * 3600 * 1000;
    store.run(StoreProof {idOf(9), "proof"}, 0);
    store.run(StoreProof {idOf(8), "proof"}, 0);
    store.run(StoreProof {idOf(9), "again"}, 1000);
    bool mayHaveMore = true;
    store.sweep(Lifetime - 1, mayHaveMore);
    QCOMPARE(store.tables().totals().proofs.count, 2);
    store.sweep(Lifetime, mayHaveMore);
    QCOMPARE(store.tables().totals().proofs.count, 1);
    QVERIFY(!mayHaveMore);
    store.sweep(Lifetime + 999, mayHaveMore);
    QCOMPARE(store.tables().totals().proofs.count, 1);
    store.sweep(Lifetime + 1000, mayHaveMore);
    QCOMPARE(store.tables().totals().proofs.count, 0);
    VERIFY_TOTALS(store);
}

void TestStoreTables::sweepsInSteps_data()
{
    QTest::addColumn<int>("expired");
    for (const int expired :
        {0, 1, StoreTables::SweepStep - 1, StoreTables::SweepStep, StoreTables::SweepStep + 1, 600})
        QTest::addRow("%d", expired) << expired;
}

void TestStoreTables::sweepsInSteps()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    QFETCH(int, expired);
    StoreFixture store(backend, withLifetime(10s));
    QVERIFY(store.tables().begin());
    for (int i = 0; i < expired; ++i)
        store.tables().apply(blobFor(i % 3 ? Alice : Bob), 1000);
    for (int i = 0; i < 10; ++i)
        store.tables().apply(blobFor(Alice), 1001);
    QVERIFY(store.tables().commit());

    std::vector<Sequence> removed;
    bool mayHaveMore = true;
    for (int steps = 0; mayHaveMore; ++steps) {
        QVERIFY(steps <= expired / StoreTables::SweepStep);
        const auto applied = store.sweep(11'000, mayHaveMore);
        QCOMPARE(applied.result, ApplyResult::Done);
        const size_t left = static_cast<size_t>(expired) - removed.size();
        QCOMPARE(applied.removedBlobs.size(), std::min<size_t>(left, StoreTables::SweepStep));
        removed.insert(removed.end(), applied.removedBlobs.begin(), applied.removedBlobs.end());
        VERIFY_TOTALS(store);
    }
    QCOMPARE(removed.size(), size_t(expired));
    for (int i = 0; i < expired; ++i)
        QCOMPARE(removed[static_cast<size_t>(i)].value, i + 1);
    QCOMPARE(store.tables().totals().blobs.count, 10);
}

void TestStoreTables::sweepsNotOneTooMany()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withLifetime(10s));
    for (const qint64 time : {1000, 1001, 1002})
        store.run(blobFor(Alice), time);
    bool mayHaveMore = false;
    QVERIFY(store.sweep(10'999, mayHaveMore).removedBlobs.empty());
    // Of age to the millisecond: what may not be delivered any more may go.
    QVERIFY(store.sweep(11'000, mayHaveMore).removedBlobs == (std::vector<Sequence> {{1}}));
    QVERIFY(store.sweep(11'000, mayHaveMore).removedBlobs.empty());
    QVERIFY(store.sweep(11'002, mayHaveMore).removedBlobs == (std::vector<Sequence> {{2}, {3}}));
    VERIFY_TOTALS(store);
}

void TestStoreTables::sweepsEachKind()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withLifetime(std::chrono::days(90)));
    constexpr qint64 Lifetime = 90LL * 24 * 3600 * 1000;
    QVERIFY(store.tables().begin());
    for (int i = 0; i < 300; ++i) {
        store.tables().apply(messageFor(i % 2 ? Phone : OthersPhone, quint64(1000 - i)), 0);
        Id hash = idOf(9);
        hash.bytes[0] = static_cast<quint8>(i);
        hash.bytes[1] = static_cast<quint8>(i >> 8);
        store.tables().apply(StoreProof {hash, "proof"}, 0);
    }
    store.tables().apply(messageFor(Phone), 1);
    store.tables().apply(StoreProof {idOf(1), "proof"}, 1);
    QVERIFY(store.tables().commit());
    bool mayHaveMore = false;
    store.sweep(Lifetime, mayHaveMore);
    QVERIFY(mayHaveMore);
    QCOMPARE(store.tables().totals().deviceMessages.count, 301 - StoreTables::SweepStep);
    QCOMPARE(store.tables().totals().proofs.count, 301 - StoreTables::SweepStep);
    VERIFY_TOTALS(store);
    for (mayHaveMore = true; mayHaveMore;)
        store.sweep(Lifetime, mayHaveMore);
    QCOMPARE(store.tables().totals().deviceMessages.count, 1);
    QCOMPARE(store.tables().totals().proofs.count, 1);
    VERIFY_TOTALS(store);
}

void TestStoreTables::makesRoomBySweeping()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreLimits limits = withQuota(2, 0);
    limits.timeToLive = 10s;
    StoreFixture store(backend, limits);
    store.run(blobFor(Alice), 0);
    store.run(blobFor(Alice), 1);
    store.run(messageFor(Phone), 1);
    store.run(messageFor(Phone), 1);
    // Expired, but not swept: it counts.
    QCOMPARE(store.run(blobFor(Alice), 20'000).result, ApplyResult::QuotaFull);
    bool mayHaveMore = false;
    store.sweep(20'000, mayHaveMore);
    QCOMPARE(store.run(blobFor(Alice), 20'000).result, ApplyResult::Done);
    QCOMPARE(store.run(messageFor(Phone), 20'000).result, ApplyResult::Done);
    QCOMPARE(store.run(messageFor(Phone), 20'000).result, ApplyResult::Done);
    QCOMPARE(store.run(messageFor(Phone), 20'000).result, ApplyResult::QuotaFull);
    VERIFY_TOTALS(store);
}

void TestStoreTables::tellsTheOldestBlob()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    QVERIFY(!store.tables().oldestBlob());
    store.run(messageFor(Phone), 5);
    QVERIFY(!store.tables().oldestBlob());
    store.run(blobFor(Alice), 1000);
    store.run(blobFor(Bob), 2000);
    QCOMPARE(store.tables().oldestBlob().value_or(0), 1000);
    store.run(AckBlob {Alice, {1}, false});
    QCOMPARE(store.tables().oldestBlob().value_or(0), 2000);
}

void TestStoreTables::refusesStoresOverTheLimitOfTheStore()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    constexpr qint64 Row = StoreTotals::RowOverhead;
    StoreLimits limits;
    limits.maxStorageBytes = 4 * (Row + 100);
    StoreFixture store(backend, limits);
    const QByteArray payload(100, 'x');
    QCOMPARE(store.run(blobFor(Alice, payload)).result, ApplyResult::Done);
    QCOMPARE(store.run(messageFor(Phone, 1, payload)).result, ApplyResult::Done);
    QCOMPARE(store.run(StoreProof {idOf(9), payload}).result, ApplyResult::Done);
    QCOMPARE(store.run(blobFor(Bob, payload + 'x')).result, ApplyResult::StoreFull);
    QCOMPARE(store.run(blobFor(Bob, payload)).result, ApplyResult::Done);
    QCOMPARE(store.tables().totals().storedBytes(), limits.maxStorageBytes);
    // Full is full, for all kinds and also for empty payloads.
    QCOMPARE(store.run(blobFor(Alice, "")).result, ApplyResult::StoreFull);
    QCOMPARE(store.run(messageFor(Phone, 1, "")).result, ApplyResult::StoreFull);
    QCOMPARE(store.run(StoreProof {idOf(8), ""}).result, ApplyResult::StoreFull);
    VERIFY_TOTALS(store);
    store.restart();
    QCOMPARE(store.run(blobFor(Alice, "")).result, ApplyResult::StoreFull);
    // Acks go on, and make room.
    QVERIFY(store.run(AckBlob {Alice, {1}, false}).wasThere);
    QCOMPARE(store.run(blobFor(Alice, payload)).result, ApplyResult::Done);
    VERIFY_TOTALS(store);
}

void TestStoreTables::refusesProofsThatWouldGrowOverTheLimit()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreLimits limits;
    limits.maxStorageBytes = 3 * StoreTotals::RowOverhead;
    StoreFixture store(backend, limits);
    QCOMPARE(store.run(StoreProof {idOf(9), QByteArray(100, 'x')}).result, ApplyResult::Done);
    QCOMPARE(store.run(StoreProof {idOf(9), QByteArray(500, 'x')}).result, ApplyResult::StoreFull);
    QCOMPARE(store.run(StoreProof {idOf(9), QByteArray(50, 'x')}).result, ApplyResult::Done);
    QCOMPARE(store.tables().totals().proofs.bytes, 50);
    VERIFY_TOTALS(store);
}

void TestStoreTables::keepsTotalsThroughEveryOperation()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withLifetime(10s));
    for (int i = 0; i < 4; ++i) {
        store.run(blobFor(Alice, QByteArray(i, 'x')));
        store.run(messageFor(Phone, 1, QByteArray(i, 'x')));
    }
    store.run(StoreProof {idOf(9), "proof"});
    const std::vector<std::function<Applied(StoreTables &)>> operations {
        [](StoreTables &t) { return t.apply(blobFor(Bob, "more"), 5); },
        [](StoreTables &t) { return t.apply(messageFor(Tablet, 7, "more"), 5); },
        [](StoreTables &t) {
            return t.apply(StoreProof {idOf(9), "longer proof"}, 5);
        },
        [](StoreTables &t) {
            return t.apply(StoreProof {idOf(8), "new"}, 5);
        },
        [](StoreTables &t) {
            return t.apply(AckBlob {Alice, {2}, false}, 5);
        },
        [](StoreTables &t) {
            return t.apply(AckBlob {Bob, {3}, false}, 5);
        },
        [](StoreTables &t) {
            return t.apply(AckDeviceMessage {Phone, {4}}, 5);
        },
        [](StoreTables &t) {
            return t.apply(Purge {Alice, Alice, idOf(9)}, 5);
        },
        [](StoreTables &t) {
            bool mayHaveMore = false;
            return t.sweep(FakeClock::StartMillis, mayHaveMore);
        },
    };
    // Each by itself, and all of them in one transaction: taken back, then for good.
    for (size_t n = 0; n <= operations.size(); ++n) {
        const auto apply = [&] {
            for (size_t i = 0; i < operations.size(); ++i) {
                if (n == i || n == operations.size())
                    QCOMPARE(operations[i](store.tables()).result, ApplyResult::Done);
            }
        };
        QVERIFY(store.tables().begin());
        const qint64 before = store.tables().totals().storedBytes();
        apply();
        QCOMPARE(store.tables().totals().storedBytes(), before); // not before the commit
        store.tables().rollback();
        VERIFY_TOTALS(store);
        QVERIFY(store.tables().begin());
        apply();
        QVERIFY(store.tables().commit());
        VERIFY_TOTALS(store);
    }
}

// ---- failures ----

void TestStoreTables::failsAStatementAlone()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withQuota(4, 0));
    store.execOutside(magicTrigger("blobs", "ciphertext", "ABORT"));
    StoreTables &tables = store.tables();
    QVERIFY(tables.begin());
    QCOMPARE(tables.apply(blobFor(Alice), 0).sequence.value, 1);
    expectFailedStatement();
    QCOMPARE(tables.apply(blobFor(Alice, "magic"), 99'999).result, ApplyResult::Failed);
    QVERIFY(!tables.isLost());
    const auto next = tables.apply(blobFor(Alice), 0);
    QCOMPARE(next.result, ApplyResult::Done);
    QCOMPARE(next.sequence.value, 2); // no gap
    QCOMPARE(next.storedAt, 0);       // and not its time
    QVERIFY(tables.commit());
    QCOMPARE(tables.totals().blobs.count, 2);
    VERIFY_TOTALS(store);
    // Nor does it count in the quota.
    QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::Done);
    QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::Done);
    QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::QuotaFull);
}

void TestStoreTables::failsOtherOperationsAlone_data()
{
    QTest::addColumn<QString>("trigger");
    QTest::addColumn<int>("operation");
    QTest::newRow("device message") << magicTrigger("device_messages", "payload", "ABORT") << 0;
    QTest::newRow("proof") << magicTrigger("proofs", "proof", "ABORT") << 1;
    QTest::newRow("ack") << QStringLiteral("CREATE TRIGGER t BEFORE DELETE ON blobs "
                                           "BEGIN SELECT RAISE(ABORT, 'no'); END")
                         << 2;
    QTest::newRow("device ack") << QStringLiteral(
        "CREATE TRIGGER t BEFORE DELETE ON device_messages "
        "BEGIN SELECT RAISE(ABORT, 'no'); END")
                                << 3;
    // Behind the first row: what SQLite had deleted already comes back.
    QTest::newRow("purge") << QStringLiteral("CREATE TRIGGER t BEFORE DELETE ON blobs "
                                             "WHEN OLD.sequence = 2 "
                                             "BEGIN SELECT RAISE(ABORT, 'no'); END")
                           << 4;
}

void TestStoreTables::failsOtherOperationsAlone()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    QFETCH(QString, trigger);
    QFETCH(int, operation);
    StoreFixture store(backend);
    for (int i = 0; i < 3; ++i) {
        store.run(blobFor(Alice));
        store.run(messageFor(Phone));
    }
    store.run(StoreProof {idOf(9), "proof"});
    // What is recent is deleted at the end of the transaction.
    QVERIFY(store.tables().settleAll());
    store.execOutside(trigger);
    const StoreOperation operations[] {messageFor(Phone, 1, "magic"), StoreProof {idOf(9), "magic"},
        AckBlob {Alice, {1}, false}, AckDeviceMessage {Phone, {1}},
        Purge {Alice, std::nullopt, std::nullopt}};
    StoreTables &tables = store.tables();
    QVERIFY(tables.begin());
    QCOMPARE(tables.apply(blobFor(Bob), 0).result, ApplyResult::Done);
    expectFailedStatement();
    const Applied failed = std::visit(
        [&](const auto &what) -> Applied {
            if constexpr (requires { tables.apply(what, 0); })
                return tables.apply(what, 0);
            else
                return {};
        },
        operations[operation]);
    QCOMPARE(failed.result, ApplyResult::Failed);
    QVERIFY(!tables.isLost());
    QCOMPARE(tables.apply(blobFor(Bob), 0).result, ApplyResult::Done);
    QVERIFY(tables.commit());
    QCOMPARE(tables.totals().blobs.count, 5);
    QCOMPARE(tables.totals().deviceMessages.count, 3);
    QCOMPARE(tables.totals().proofs.bytes, 5);
    VERIFY_TOTALS(store);
}

void TestStoreTables::failsAllWhenRecentRowsStay()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    for (int i = 0; i < 3; ++i)
        store.run(blobFor(Alice));
    store.execOutside(QStringLiteral("CREATE TRIGGER t BEFORE DELETE ON blobs "
                                     "WHEN OLD.sequence = 2 "
                                     "BEGIN SELECT RAISE(ABORT, 'no'); END"));
    StoreTables &tables = store.tables();
    QVERIFY(tables.begin());
    QVERIFY(tables.apply(AckBlob {Alice, {1}, false}, 0).wasThere);
    QVERIFY(tables.apply(AckBlob {Alice, {2}, false}, 0).wasThere);
    QCOMPARE(tables.apply(blobFor(Bob), 0).result, ApplyResult::Done);
    expectFailedStatement();
    QVERIFY(!tables.commit());
    QCOMPARE(tables.totals().blobs.count, 3);
    VERIFY_TOTALS(store);
    // And again, with nothing left over from the first time.
    store.execOutside(QStringLiteral("DROP TRIGGER t"));
    QVERIFY(store.run(AckBlob {Alice, {2}, false}).wasThere);
    QCOMPARE(tables.totals().blobs.count, 2);
    VERIFY_TOTALS(store);
}

void TestStoreTables::deletesTogetherWhatItExpects()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withQuota(100, 0));
    // More than one statement reads or deletes.
    for (int i = 0; i < 100; ++i)
        store.run(blobFor(Alice));
    store.run(blobFor(Bob));
    QVERIFY(store.tables().settleAll());
    // So that quotas are read from the index.
    store.restart();
    StoreTables &tables = store.tables();
    const auto acks = [](qint64 from, qint64 upTo) {
        std::vector<StoreRequest> batch;
        for (qint64 n = from; n <= upTo; ++n)
            batch.push_back({{}, AckBlob {Alice, {n}, false}});
        return batch;
    };
    std::vector<StoreRequest> batch = acks(1, 90);
    batch.push_back({{}, AckBlob {Alice, {101}, false}}); // Bob's
    QVERIFY(tables.begin());
    tables.expect(batch);
    for (qint64 n = 1; n <= 90; ++n)
        QVERIFY(tables.apply(AckBlob {Alice, {n}, false}, 0).wasThere);
    QVERIFY(!tables.apply(AckBlob {Alice, {1}, false}, 0).wasThere);
    QVERIFY(!tables.apply(AckBlob {Alice, {101}, false}, 0).wasThere);
    // There is room at once.
    for (int i = 0; i < 90; ++i)
        QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::Done);
    QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::QuotaFull);
    QVERIFY(tables.commit());
    QCOMPARE(tables.totals().blobs.count, 101);
    QCOMPARE(
        store.numberOutside(select("SELECT count(*) FROM mailbox_index WHERE sequence <= 90")), 0);
    VERIFY_TOTALS(store);
    QVERIFY(store.run(AckBlob {Bob, {101}, false}).wasThere);

    // A purge finds what is left.
    QVERIFY(tables.begin());
    tables.expect(acks(91, 95));
    for (qint64 n = 91; n <= 94; ++n)
        QVERIFY(tables.apply(AckBlob {Alice, {n}, false}, 0).wasThere);
    const Applied purged = tables.apply(Purge {Alice, std::nullopt, std::nullopt}, 0);
    QCOMPARE(purged.purged.blobsDeleted, 96u);
    QVERIFY(!tables.apply(AckBlob {Alice, {95}, false}, 0).wasThere);
    QVERIFY(tables.commit());
    QCOMPARE(tables.totals().blobs.count, 0);
    VERIFY_TOTALS(store);
}

void TestStoreTables::failsAllWhenExpectedRowsStay_data()
{
    QTest::addColumn<QString>("table");
    QTest::newRow("the row") << QStringLiteral("blobs");
    QTest::newRow("its entry in the index") << QStringLiteral("mailbox_index");
}

void TestStoreTables::failsAllWhenExpectedRowsStay()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    QFETCH(QString, table);
    StoreFixture store(backend);
    for (int i = 0; i < 3; ++i)
        store.run(blobFor(Alice));
    StoreTables &tables = store.tables();
    QVERIFY(tables.settleAll());
    store.execOutside(QStringLiteral("CREATE TRIGGER t BEFORE DELETE ON %1 WHEN OLD.sequence = 2 "
                                     "BEGIN SELECT RAISE(ABORT, 'no'); END")
                          .arg(table));
    const AckBlob acks[] {{Alice, {1}, false}, {Alice, {2}, false}};
    const std::vector<StoreRequest> batch {{{}, acks[0]}, {{}, acks[1]}};
    QVERIFY(tables.begin());
    tables.expect(batch);
    QVERIFY(tables.apply(acks[0], 0).wasThere);
    QVERIFY(tables.apply(acks[1], 0).wasThere);
    expectFailedStatement();
    QVERIFY(!tables.commit());
    QCOMPARE(tables.totals().blobs.count, 3);
    VERIFY_TOTALS(store);
    // And again, with nothing left over from the first time.
    store.execOutside(QStringLiteral("DROP TRIGGER t"));
    QVERIFY(store.run(acks[1]).wasThere);
    QCOMPARE(tables.totals().blobs.count, 2);
    VERIFY_TOTALS(store);
}

void TestStoreTables::purgesAllOrNothing()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    for (const char *table : {"device_messages", "proofs"}) {
        StoreFixture store(backend, withQuota(1, 0));
        store.run(blobFor(Alice));
        store.run(messageFor(Phone));
        store.run(StoreProof {idOf(9), "proof"});
        store.execOutside(QStringLiteral("CREATE TRIGGER t BEFORE DELETE ON %1 "
                                         "BEGIN SELECT RAISE(ABORT, 'no'); END")
                              .arg(QLatin1String(table)));
        StoreTables &tables = store.tables();
        QVERIFY(tables.begin());
        QCOMPARE(tables.apply(blobFor(Bob), 0).result, ApplyResult::Done);
        expectFailedStatement();
        // Answered Failed, so nothing of it may have happened.
        const auto applied = tables.apply(Purge {Alice, Alice, idOf(9)}, 0);
        QCOMPARE(applied.result, ApplyResult::Failed);
        QVERIFY(applied.removedBlobs.empty());
        QVERIFY(!tables.isLost());
        QCOMPARE(tables.apply(blobFor(Alice), 0).result, ApplyResult::QuotaFull);
        QVERIFY(tables.commit());
        QCOMPARE(tables.totals().blobs.count, 2);
        QCOMPARE(tables.totals().deviceMessages.count, 1);
        QCOMPARE(tables.totals().proofs.count, 1);
        VERIFY_TOTALS(store);
        store.execOutside(QStringLiteral("DROP TRIGGER t"));
        QVERIFY(store.run(Purge {Alice, Alice, idOf(9)}).purged == (PurgeResponse {1, 1, 1}));
        QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::Done);
        VERIFY_TOTALS(store);
    }
}

void TestStoreTables::losesTheWholeTransactionWhenTheDatabaseTakesItAway()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withQuota(2, 0));
    store.run(blobFor(Alice), 1000);
    store.execOutside(magicTrigger("blobs", "ciphertext", "ROLLBACK"));
    StoreTables &tables = store.tables();
    for (int round = 0; round < 2; ++round) {
        QVERIFY(tables.begin());
        QVERIFY(!tables.isLost());
        QCOMPARE(tables.apply(blobFor(Alice), 2000).result, ApplyResult::Done);
        QCOMPARE(tables.apply(AckBlob {Alice, {1}, false}, 0).wasThere, true);
        expectFailedStatement();
        QCOMPARE(tables.apply(blobFor(Bob, "magic"), 2000).result, ApplyResult::Failed);
        QVERIFY(tables.isLost());
        if (round == 0)
            tables.rollback();
        else
            QVERIFY(!tables.commit());
        QCOMPARE(tables.totals().blobs.count, 1);
        VERIFY_TOTALS(store);
    }
    // Everything is as it was before it: sequence, time, quota.
    const auto applied = store.run(blobFor(Alice), 0);
    QCOMPARE(applied.sequence.value, 2);
    QCOMPARE(applied.storedAt, 1000);
    QCOMPARE(store.run(blobFor(Alice)).result, ApplyResult::QuotaFull);
    VERIFY_TOTALS(store);
}

void TestStoreTables::changesNothingWhenTheTotalsCannotBeSaved()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    for (const char *raise : {"ABORT", "ROLLBACK", "FAIL"}) {
        StoreFixture store(backend);
        store.run(blobFor(Alice));
        store.execOutside(QStringLiteral("CREATE TRIGGER t BEFORE UPDATE ON state "
                                         "BEGIN SELECT RAISE(%1, 'no'); END")
                              .arg(QLatin1String(raise)));
        QVERIFY(store.tables().begin());
        QCOMPARE(store.tables().apply(blobFor(Alice), 0).result, ApplyResult::Done);
        expectFailedStatement();
        QVERIFY(!store.tables().commit());
        VERIFY_TOTALS(store);
        expectFailedStatement();
        QVERIFY(!store.tables().touch());
        store.execOutside(QStringLiteral("DROP TRIGGER t"));
        QVERIFY(store.tables().touch());
        QCOMPARE(store.run(blobFor(Alice)).sequence.value, 2);
        VERIFY_TOTALS(store);
    }
}

void TestStoreTables::changesNothingWhenTheCommitFails()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withQuota(2, 0));
    store.run(blobFor(Alice));
    // A debt that is only looked at by the COMMIT itself.
    store.execOutside(
        select("CREATE TABLE debts (of INTEGER REFERENCES blobs DEFERRABLE INITIALLY DEFERRED)"));
    store.execOutside(select("CREATE TRIGGER t AFTER INSERT ON blobs WHEN "
                             "NEW.ciphertext = x'6d61676963' "
                             "BEGIN INSERT INTO debts VALUES (-1); END"));
    QVERIFY(store.database().exec(select("PRAGMA foreign_keys = 1")));
    QVERIFY(store.tables().begin());
    QCOMPARE(store.tables().apply(blobFor(Alice, "magic"), 9000).result, ApplyResult::Done);
    QVERIFY(!store.tables().commit());
    QCOMPARE(store.tables().totals().blobs.count, 1);
    VERIFY_TOTALS(store);
    // The transaction is not left open, and the next one is none the worse.
    QVERIFY(!store.database().isTransactionOpen());
    const auto applied = store.run(blobFor(Alice), 10);
    QCOMPARE(applied.sequence.value, 2);
    QCOMPARE(applied.storedAt, 10);
    VERIFY_TOTALS(store);
}

void TestStoreTables::writesToProveThatItCan()
{
    // A commit without a change writes nothing, and would succeed on a full disk.
    StoreFixture store(StorageBackend::Sqlite);
    store.run(blobFor(idOf(1)));
    QVERIFY(store.database().checkpointAll());
    const QString log = store.config().path + QStringLiteral("-wal");
    QCOMPARE(QFileInfo(log).size(), 0);
    QVERIFY(store.tables().touch());
    QVERIFY(QFileInfo(log).size() > 0);
    QCOMPARE(store.totalsFault(), QByteArray());
}

void TestStoreTables::recoversFromADatabaseThatCouldNotBeWritten()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    store.run(blobFor(Alice));
    QVERIFY(store.database().exec(select("PRAGMA query_only = 1")));
    QVERIFY(!store.tables().begin());
    QVERIFY(!store.tables().touch());
    QVERIFY(store.database().exec(select("PRAGMA query_only = 0")));
    QVERIFY(store.tables().touch());
    QCOMPARE(store.run(blobFor(Alice)).sequence.value, 2);
    VERIFY_TOTALS(store);
}

void TestStoreTables::keepsFewBlobsOutOfTheIndex_data()
{
    QTest::addColumn<int>("batch");
    QTest::newRow("small batches") << 10;
    QTest::newRow("batches larger than what may be recent") << 3000;
}

void TestStoreTables::keepsFewBlobsOutOfTheIndex()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    QFETCH(int, batch);
    StoreLimits limits;
    limits.recent = {.blobs = 1000};
    StoreFixture store(backend, limits);
    QRandomGenerator random(1);
    for (int stored = 0; stored < 9000; stored += batch) {
        QVERIFY(store.tables().begin());
        for (int i = 0; i < batch; ++i) {
            const StoreBlob blob = blobFor(idOf(static_cast<quint8>(random.bounded(256))));
            QCOMPARE(store.tables().apply(blob, 0).result, ApplyResult::Done);
        }
        QVERIFY(store.tables().commit());
        size_t recent = 0;
        for (size_t slice = 0; slice < RecentBlobs::Slices; ++slice)
            recent += store.tables().recent().slice(slice).size();
        // What the commit itself stored is not settled with it.
        QVERIFY2(recent <= static_cast<size_t>(1000 + batch),
            QByteArray::number(qulonglong(recent)).constData());
    }
}

void TestStoreTables::settlesOldSlicesOneByOne()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreLimits limits;
    limits.recent = {.age = 1000};
    StoreFixture store(backend, limits);
    const auto slices = [&] {
        int filled = 0;
        for (size_t slice = 0; slice < RecentBlobs::Slices; ++slice)
            filled += !store.tables().recent().slice(slice).empty();
        return filled;
    };
    const auto storeMany = [&](int count, quint8 firstId, int ids) {
        QVERIFY(store.tables().begin());
        for (int i = 0; i < count; ++i) {
            const StoreBlob blob = blobFor(idOf(static_cast<quint8>(firstId + i % ids)));
            QCOMPARE(store.tables().apply(blob, 0).result, ApplyResult::Done);
        }
        QVERIFY(store.tables().commit());
    };
    storeMany(100, 1, 100);
    // All of these are older than they may be at once; that is no reason to wait for all of them.
    storeMany(1200, 200, 1);
    QCOMPARE(slices(), 100);
    for (int left = 99; left > 0; --left) {
        storeMany(1, 200, 1);
        QCOMPARE(slices(), left);
    }
    QCOMPARE(store.numberOutside(select("SELECT indexed_up_to FROM state")), 100);
    VERIFY_TOTALS(store);
}

QTEST_GUILESS_MAIN(TestStoreTables)
#include "tst_storetables.moc"
