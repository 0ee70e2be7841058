// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/mailboxfilter.h"
#include "relayd/storage/sqlitestore.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"
#include "tests/support/storefixture.h"
#include "tests/support/tries.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <span>

using namespace relay;
using namespace relay::test;

namespace {

Id randomId(QRandomGenerator &random)
{
    Id id;
    random.generate(id.bytes.begin(), id.bytes.end());
    return id;
}

/** Mailboxes that have nothing to do with each other. */
std::vector<Id> randomIds(int count, quint32 seed)
{
    QRandomGenerator random(seed);
    std::vector<Id> ids;
    for (int i = 0; i < count; ++i)
        ids.push_back(randomId(random));
    return ids;
}

int held(const MailboxFilter &filter, const std::vector<Id> &mailboxes)
{
    return static_cast<int>(
        std::ranges::count_if(mailboxes, [&](const Id &id) { return filter.mayHold(id); }));
}

/** One blob for each, settled. */
void fill(StoreFixture &store, const std::vector<Id> &mailboxes)
{
    QVERIFY(store.tables().begin());
    for (const Id &mailbox : mailboxes)
        QCOMPARE(store.tables().apply(blobFor(mailbox), 0).result, ApplyResult::Done);
    QVERIFY(store.tables().commit());
    QVERIFY(store.tables().settleAll());
}

} // namespace

class TestMailboxFilter : public QObject {
    Q_OBJECT

private slots:
    void holdsWhatWasAdded();
    void isRarelyWrongWhenItIsFull();
    void forgetsAll();
    void takesOverAnother();
    void readsTheWholeIndex();
    void readsNothingOnceItIsStopped();
    void saysThatTheIndexCannotBeRead();
    void keepsQuotasOfMailboxesThatTheLedgerForgot();
    void keepsQuotasWhileItLearns();
};

void TestMailboxFilter::holdsWhatWasAdded()
{
    const auto mailboxes = randomIds(100'000, randomSeed());
    MailboxFilter filter;
    QCOMPARE(held(filter, mailboxes), 0);
    for (const Id &mailbox : mailboxes)
        filter.add(mailbox);
    QCOMPARE(held(filter, mailboxes), 100'000);
    const size_t added = filter.added();
    QVERIFY2(added > 99'900 && added <= 100'000, QByteArray::number(qulonglong(added)).constData());
    for (const Id &mailbox : mailboxes)
        filter.add(mailbox);
    QCOMPARE(filter.added(), added);
}

void TestMailboxFilter::isRarelyWrongWhenItIsFull()
{
    QRandomGenerator random(randomSeed());
    MailboxFilter filter;
    const auto others = randomIds(10'000, random.generate());
    for (size_t i = 0; i < MailboxFilter::Capacity / 4; ++i)
        filter.add(randomId(random));
    const int whenAQuarter = held(filter, others);
    QVERIFY2(whenAQuarter < 50, QByteArray::number(whenAQuarter).constData());
    for (size_t i = MailboxFilter::Capacity / 4; i < MailboxFilter::Capacity; ++i)
        filter.add(randomId(random));
    const int whenFull = held(filter, others);
    QVERIFY2(whenFull > 0 && whenFull < 700, QByteArray::number(whenFull).constData());
}

void TestMailboxFilter::forgetsAll()
{
    const auto mailboxes = randomIds(100, randomSeed());
    MailboxFilter filter;
    for (const Id &mailbox : mailboxes)
        filter.add(mailbox);
    filter.clear();
    QCOMPARE(held(filter, mailboxes), 0);
    QCOMPARE(filter.added(), size_t(0));
}

void TestMailboxFilter::takesOverAnother()
{
    const auto mailboxes = randomIds(200, randomSeed());
    MailboxFilter filter;
    MailboxFilter other;
    for (size_t i = 0; i < mailboxes.size(); ++i)
        (i % 2 ? filter : other).add(mailboxes[i]);
    filter.merge(other);
    QCOMPARE(held(filter, mailboxes), 200);
    QCOMPARE(filter.added(), size_t(200));
}

void TestMailboxFilter::readsTheWholeIndex()
{
    StoreFixture store(StorageBackend::Sqlite);
    // More than are read at once, and one mailbox that does not end where reading does.
    auto mailboxes = randomIds(10'000, randomSeed());
    mailboxes.insert(mailboxes.end(), 5000, idOf(0x80));
    fill(store, mailboxes);
    const auto filter = mailboxesInIndex(store.database(), {});
    QVERIFY(filter);
    QCOMPARE(held(*filter, mailboxes), 15'000);
    QVERIFY(held(*filter, randomIds(10'000, 1)) < 10);
}

void TestMailboxFilter::readsNothingOnceItIsStopped()
{
    StoreFixture store(StorageBackend::Sqlite);
    std::stop_source stop;
    QVERIFY(mailboxesInIndex(store.database(), stop.get_token()));
    stop.request_stop();
    QVERIFY(!mailboxesInIndex(store.database(), stop.get_token()));
}

void TestMailboxFilter::saysThatTheIndexCannotBeRead()
{
    StoreFixture store(StorageBackend::Sqlite);
    QVERIFY(store.database().exec(QStringLiteral("ALTER TABLE mailbox_index RENAME TO hidden")));
    QTest::ignoreMessage(
        QtCriticalMsg, QRegularExpression(QStringLiteral("cannot prepare a statement")));
    QVERIFY(!mailboxesInIndex(store.database(), {}));
}

void TestMailboxFilter::keepsQuotasOfMailboxesThatTheLedgerForgot()
{
    StoreLimits limits;
    limits.mailbox = {1, 0};
    limits.recent = {.blobs = 60'000};
    StoreFixture store(StorageBackend::Memory, limits);
    QVERIFY(store.tables().hasLearnt()); // there is nothing
    // Far more than the ledger remembers. Of the first, some are settled, some are recent.
    const auto mailboxes = randomIds(200'000, randomSeed());
    std::vector<StoreRequest> requests;
    for (const Id &mailbox : mailboxes)
        requests.push_back({{}, blobFor(mailbox)});
    const auto storeAll = [&](ApplyResult expected) {
        for (size_t first = 0; first < requests.size(); first += 1000) {
            const auto batch = std::span(requests).subspan(first, 1000);
            QVERIFY(store.tables().begin());
            store.tables().expect(batch);
            for (const StoreRequest &request : batch)
                QCOMPARE(store.tables().apply(std::get<StoreBlob>(request.operation), 0).result,
                    expected);
            QVERIFY(store.tables().commit());
        }
    };
    storeAll(ApplyResult::Done);
    storeAll(ApplyResult::QuotaFull);
}

void TestMailboxFilter::keepsQuotasWhileItLearns()
{
    StoreLimits limits;
    limits.mailbox = {1, 0};
    StoreFixture filled(StorageBackend::Sqlite, limits);
    const auto mailboxes = randomIds(tries(60'000), randomSeed());
    fill(filled, mailboxes);
    QVERIFY(filled.database().checkpointAll());

    const auto store = SqliteStore::open(filled.config(), limits, {});
    QVERIFY(store);
    QRandomGenerator random(1);
    QElapsedTimer timer;
    timer.start();
    // Before, while and after the index is read.
    for (int batch = 0; batch < 50 || timer.elapsed() < 1000; ++batch) {
        std::vector<StoreRequest> requests;
        for (int i = 0; i < 100; ++i) {
            const bool isKnown = i % 2;
            requests.push_back({{},
                blobFor(isKnown ? mailboxes[random.bounded(static_cast<quint32>(mailboxes.size()))]
                                : randomId(random))});
        }
        std::vector<Applied> results;
        QVERIFY((*store)->apply(requests, 0, Room::Free, results));
        for (int i = 0; i < 100; ++i)
            QCOMPARE(results[static_cast<size_t>(i)].result,
                i % 2 ? ApplyResult::QuotaFull : ApplyResult::Done);
    }
}

QTEST_GUILESS_MAIN(TestMailboxFilter)
#include "tst_mailboxfilter.moc"
