// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/storereader.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"
#include "tests/support/storefixture.h"

#include <QCoreApplication>
#include <QTest>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

const Id Alice = idOf(0xaa);
const Id Bob = idOf(0xbb);
const DeviceKey Phone {Alice, idOf(1)};
const ConnectionId A = ConnectionId::of(0, 1);

/** A reader on the test's own thread, beside tables that the test fills. */
struct Reading {
    explicit Reading(StorageBackend backend, const StoreLimits &limits = {})
        : store(backend, limits)
    {
        store.openFor(reader);
    }
    ~Reading() { reader.close(); }

    std::vector<IoEvent> ask(ReadRequest request)
    {
        reader.inbox().post(std::move(request));
        QCoreApplication::sendPostedEvents(&reader);
        return answers.taken();
    }
    ItemPage page(const PageQuery &query)
    {
        return std::get<ItemPage>(ask(PageRequest {A, query}).at(0));
    }
    ItemPage mailboxPage(const Id &mailbox, qint64 after = 0)
    {
        return page({PageQuery::Kind::Mailbox, {mailbox, {}}, {after}, {}, std::nullopt});
    }
    ProofAnswer proofs(const QueryProofs &query, const QByteArray &messageId = "query")
    {
        return std::get<ProofAnswer>(
            ask(ProofRequest {{A, messageId, relay.clock.now(), 77}, query}).at(0));
    }

    FakeRelay relay;
    StoreFixture store;
    RecordingInbox<IoEvent> answers;
    IoInboxes inboxes {&answers.inbox()};
    StoreReader reader {relay.context, inboxes};
};

} // namespace

class TestStoreReader : public QObject {
    Q_OBJECT

private slots:
    void initTestCase_data() { addBackendRows(); }
    void endsAPageAfterSoManyItems_data();
    void endsAPageAfterSoManyItems();
    void endsAPageAfterSoManyBytes();
    void givesItemsAsTheyWereStored();
    void givesNothingThatHasExpired();
    void seesWhatWasCommittedBefore();
    void readsBlobsInEveryState();
    void missesNothingWhileBlobsAreSettled();
    void answersOnlyAsManyProofsAsFit_data();
    void answersOnlyAsManyProofsAsFit();
    void answersProofsInTheOrderAsked();
    void saysThatItCannotRead();
    void changesNothing();
    void ignoresWhatComesAfterItClosed();
};

void TestStoreReader::endsAPageAfterSoManyItems_data()
{
    QTest::addColumn<int>("count");
    for (const int count : {0, 1, 255, 256, 257, 600})
        QTest::addRow("%d", count) << count;
}

void TestStoreReader::endsAPageAfterSoManyItems()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    QFETCH(int, count);
    Reading reading(backend);
    std::vector<StoreBlob> blobs;
    for (int i = 0; i < count; ++i) {
        blobs.push_back(blobFor(Alice, ""));
        blobs.push_back(blobFor(Bob, ""));
    }
    reading.store.storeAll(blobs, FakeClock::StartMillis);
    int seen = 0;
    qint64 after = 0;
    for (bool isLast = false; !isLast;) {
        const ItemPage page = reading.mailboxPage(Alice, after);
        QVERIFY(!page.failed);
        QCOMPARE(page.to, A);
        QCOMPARE(page.items.size(), size_t(std::min(count - seen, StoreView::MaxPageItems)));
        isLast = page.isLast;
        QVERIFY(isLast || page.items.size() == StoreView::MaxPageItems);
        for (const StoredItem &item : page.items) {
            QVERIFY(item.sequence.value > after);
            after = item.sequence.value;
        }
        seen += static_cast<int>(page.items.size());
    }
    QCOMPARE(seen, count);
}

void TestStoreReader::endsAPageAfterSoManyBytes()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    Reading reading(backend);
    const QByteArray half(StoreView::MaxPageBytes / 2, 'x');
    for (const QByteArray &payload : {half, half, half, half + half + half, QByteArray("s")})
        reading.store.run(blobFor(Alice, payload), FakeClock::StartMillis);
    ItemPage page = reading.mailboxPage(Alice);
    QCOMPARE(page.items.size(), size_t(2));
    QVERIFY(!page.isLast);
    page = reading.mailboxPage(Alice, 2);
    // One that is larger than a page comes all the same.
    QCOMPARE(page.items.size(), size_t(2));
    QCOMPARE(page.items[1].payload.size(), 3 * half.size());
    QVERIFY(!page.isLast);
    page = reading.mailboxPage(Alice, 4);
    QCOMPARE(page.items.size(), size_t(1));
    QVERIFY(page.isLast);
}

void TestStoreReader::givesItemsAsTheyWereStored()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    Reading reading(backend);
    StoreBlob blob = blobFor(Alice, QByteArray("\0\xff\x7f", 3));
    blob.sender = WrittenId::fromHex(QByteArray(63, 'a') + 'A');
    reading.store.run(blob, FakeClock::StartMillis);
    blob.sender.reset();
    blob.ciphertext = QByteArray();
    reading.store.run(blob, FakeClock::StartMillis + 5);
    const ItemPage page = reading.mailboxPage(Alice);
    QCOMPARE(page.kind, ItemKind::Blob);
    QCOMPARE(page.items.size(), size_t(2));
    QCOMPARE(page.items[0].payload, QByteArray("\0\xff\x7f", 3));
    QVERIFY(WrittenId::fromCompact(page.items[0].sender)
        == WrittenId::fromHex(QByteArray(63, 'a') + 'A'));
    QCOMPARE(page.items[0].storedAt, FakeClock::StartMillis);
    QVERIFY(page.items[1].sender.isEmpty());
    QVERIFY(page.items[1].payload.isEmpty());
    QCOMPARE(page.items[1].storedAt, FakeClock::StartMillis + 5);
    for (const quint64 version : {~quint64(0), quint64(0), quint64(1) << 63})
        reading.store.run(messageFor(Phone, version), FakeClock::StartMillis);
    const ItemPage messages =
        reading.page({PageQuery::Kind::DeviceBacklog, Phone, {}, Sequence {3}, std::nullopt});
    QCOMPARE(messages.kind, ItemKind::DeviceMessage);
    QCOMPARE(messages.items.size(), size_t(3));
    QCOMPARE(messages.items[0].version, quint64(0));
    QCOMPARE(messages.items[1].version, quint64(1) << 63);
    QCOMPARE(messages.items[2].version, ~quint64(0));
    QCOMPARE(messages.items[0].sender, WrittenId::of(idOf(0xdd)).toCompact());
}

void TestStoreReader::givesNothingThatHasExpired()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    Reading reading(backend);
    reading.relay.settings.blobTtl = 100s;
    reading.store.run(blobFor(Alice), FakeClock::StartMillis);
    reading.store.run(messageFor(Phone), FakeClock::StartMillis);
    reading.store.run(StoreProof {idOf(9), "proof"}, FakeClock::StartMillis);
    const PageQuery backlog {PageQuery::Kind::DeviceBacklog, Phone, {}, Sequence {9}, std::nullopt};
    const PageQuery live {PageQuery::Kind::DeviceLive, Phone, {}, {}, std::nullopt};
    reading.relay.clock.advance(100s - 1ms);
    QCOMPARE(reading.mailboxPage(Alice).items.size(), size_t(1));
    QCOMPARE(reading.page(backlog).items.size(), size_t(1));
    QCOMPARE(reading.page(live).items.size(), size_t(1));
    reading.relay.clock.advance(1ms);
    QCOMPARE(reading.mailboxPage(Alice).items.size(), size_t(0));
    QVERIFY(reading.mailboxPage(Alice).isLast);
    QCOMPARE(reading.page(backlog).items.size(), size_t(0));
    QCOMPARE(reading.page(live).items.size(), size_t(0));
    // Proofs have a lifetime of their own.
    reading.relay.clock.advance(ProofLifetime - 100s - 1ms);
    QCOMPARE(reading.proofs({{idOf(9)}, 10'000}).response.proofs.size(), size_t(1));
    reading.relay.clock.advance(1ms);
    QCOMPARE(reading.proofs({{idOf(9)}, 10'000}).response.proofs.size(), size_t(0));
}

void TestStoreReader::seesWhatWasCommittedBefore()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    Reading reading(backend);
    for (qint64 n = 1; n <= 20; ++n) {
        reading.store.run(blobFor(Alice), FakeClock::StartMillis);
        QCOMPARE(reading.mailboxPage(Alice).items.size(), size_t(n));
    }
    // And nothing of a transaction that is still open (where this can be seen from here).
    if (backend != StorageBackend::Sqlite)
        return;
    QVERIFY(reading.store.tables().begin());
    reading.store.tables().apply(Purge {Alice, std::nullopt, std::nullopt}, 0);
    QCOMPARE(reading.mailboxPage(Alice).items.size(), size_t(20));
    QVERIFY(reading.store.tables().commit());
    QCOMPARE(reading.mailboxPage(Alice).items.size(), size_t(0));
}

void TestStoreReader::readsBlobsInEveryState()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    if (backend == StorageBackend::Postgres)
        QSKIP("they have one state there");
    Reading reading(backend);
    const auto sequences = [&](qint64 after) {
        QList<qint64> list;
        for (bool isLast = false; !isLast;) {
            const ItemPage page = reading.mailboxPage(Alice, list.isEmpty() ? after : list.back());
            for (const StoredItem &item : page.items)
                list << item.sequence.value;
            isLast = page.isLast;
        }
        return list;
    };
    const auto state = [&](const char *what) {
        return reading.store.numberOutside(QString::fromLatin1(what));
    };
    reading.store.run(blobFor(Alice), FakeClock::StartMillis);
    reading.store.run(blobFor(Bob), FakeClock::StartMillis);
    QVERIFY(reading.store.tables().settleAll());
    // Bob's comes between Alice's, and more than are read at once.
    for (int i = 0; i < 150; ++i)
        reading.store.run(blobFor(i == 70 ? Bob : Alice), FakeClock::StartMillis);
    QCOMPARE(state("SELECT count(*) FROM mailbox_index"), 2);
    QCOMPARE(state("SELECT indexed_up_to FROM state"), 2);
    QList<qint64> expected {1};
    for (qint64 sequence = 3; sequence <= 152; ++sequence) {
        if (sequence != 73)
            expected << sequence;
    }
    QCOMPARE(sequences(0), expected);
    QCOMPARE(sequences(1), expected.mid(1));
    QCOMPARE(sequences(72), expected.mid(expected.indexOf(74)));
    QCOMPARE(sequences(152), QList<qint64>());
    // What another connection has acknowledged is gone in either.
    for (const qint64 gone : {1, 74}) {
        reading.store.run(AckBlob {Alice, {gone}});
        expected.removeOne(gone);
        QCOMPARE(sequences(0), expected);
    }
    QVERIFY(reading.store.tables().settleAll());
    QCOMPARE(sequences(0), expected);
    QCOMPARE(reading.store.totalsFault(), QByteArray());
}

void TestStoreReader::missesNothingWhileBlobsAreSettled()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    if (backend != StorageBackend::Sqlite)
        QSKIP("there is one thread, or no settling");
    constexpr qint64 Blobs = 3000;
    StoreLimits limits;
    limits.recent = {.blobs = 10, .slice = 5, .age = 30};
    std::atomic<qint64> committed {0};
    std::promise<StoreFixture *> opened;
    std::promise<void> start;
    std::promise<void> end;
    // All of it belongs to the thread that opens it.
    std::thread writer([&] {
        StoreFixture store(StorageBackend::Sqlite, limits);
        opened.set_value(&store);
        start.get_future().wait();
        // The others make Alice's wait, and be settled at another moment than just after their
        // commit.
        for (qint64 n = 1; n <= Blobs; ++n) {
            store.run(
                blobFor(n % 2 ? Alice : idOf(static_cast<quint8>(n % 97))), FakeClock::StartMillis);
            committed = n;
        }
        end.get_future().wait();
    });
    StoreFixture &store = *opened.get_future().get();
    FakeRelay relay;
    RecordingInbox<IoEvent> answers;
    IoInboxes inboxes {&answers.inbox()};
    StoreReader reader {relay.context, inboxes};
    QVERIFY(!reader.open(store.config(), store.tables().recent()));
    start.set_value();
    int pages = 0;
    QByteArray fault;
    for (qint64 there = 0; fault.isEmpty() && there < Blobs; ++pages) {
        there = committed;
        // The last of Alice's that were settled, or are just being, and the recent ones behind
        // them.
        qint64 next = std::max<qint64>(there - 40, 0) / 2 * 2 + 1;
        reader.inbox().post(
            PageRequest {A, {PageQuery::Kind::Mailbox, {Alice, {}}, {next - 1}, {}, std::nullopt}});
        QCoreApplication::sendPostedEvents(&reader);
        const auto page = std::get<ItemPage>(answers.taken().at(0));
        for (const StoredItem &item : page.items) {
            if (item.sequence.value != next)
                fault = "expected " + QByteArray::number(next) + ", read "
                    + QByteArray::number(item.sequence.value);
            next = item.sequence.value + 2;
        }
        if (next <= there)
            fault += QByteArray::number(next) + " was committed, and is not on the page";
    }
    end.set_value();
    writer.join();
    reader.close();
    qInfo("%d pages", pages);
    QVERIFY2(fault.isEmpty(), fault);
    QVERIFY(pages > 20);
}

void TestStoreReader::answersOnlyAsManyProofsAsFit_data()
{
    QTest::addColumn<int>("maxFrameSize");
    for (const int size : {200, 1000, 5000, 20'000, 100'000})
        QTest::addRow("%d", size) << size;
}

void TestStoreReader::answersOnlyAsManyProofsAsFit()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    QFETCH(int, maxFrameSize);
    Reading reading(backend);
    std::vector<Id> hashes;
    for (quint8 n = 1; n <= 20; ++n) {
        hashes.push_back(idOf(n));
        reading.store.run(StoreProof {idOf(n), QByteArray(50 * n, '\xff')}, FakeClock::StartMillis);
    }
    // The message id is the client's, and counts.
    const QByteArray messageId(100, 'm');
    const ProofAnswer answer = reading.proofs({hashes, maxFrameSize}, messageId);
    QVERIFY(!answer.failed);
    QCOMPARE(answer.origin.messageId, messageId);
    QCOMPARE(answer.origin.cost, 77);
    const auto frameSize = [&](const RecoveryProofResponse &response) {
        return encodeFrame({messageId, ~quint64(0), response}).size();
    };
    QVERIFY(maxFrameSize < 1000 || frameSize(answer.response) <= maxFrameSize);
    const size_t count = answer.response.proofs.size();
    QCOMPARE(answer.response.truncated, count < hashes.size());
    for (size_t i = 0; i < count; ++i)
        QCOMPARE(answer.response.proofs[i].keyHash, hashes[i]);
    if (answer.response.truncated) {
        // Not for want of trying: the next one would not have fitted, save for a little slack.
        RecoveryProofResponse more = answer.response;
        more.proofs.push_back({hashes[count], QByteArray(50 * qsizetype(count + 1), '\xff')});
        QVERIFY(frameSize(more) > maxFrameSize - 100);
    }
    QCOMPARE(count == hashes.size(), maxFrameSize == 100'000);
}

void TestStoreReader::answersProofsInTheOrderAsked()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    Reading reading(backend);
    reading.store.run(StoreProof {idOf(1), "one"}, FakeClock::StartMillis);
    reading.store.run(StoreProof {idOf(2), ""}, FakeClock::StartMillis);
    const auto answer = reading.proofs({{idOf(3), idOf(2), idOf(1), idOf(2)}, 10'000});
    QVERIFY(answer.response
        == (RecoveryProofResponse {{{idOf(2), ""}, {idOf(1), "one"}, {idOf(2), ""}}, false}));
    QVERIFY(reading.proofs({{}, 10'000}).response == RecoveryProofResponse {});
}

void TestStoreReader::saysThatItCannotRead()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    Reading reading(backend);
    reading.store.run(blobFor(Alice), FakeClock::StartMillis);
    reading.store.execOutside(QStringLiteral("ALTER TABLE blobs RENAME TO hidden"));
    reading.store.execOutside(QStringLiteral("ALTER TABLE proofs RENAME TO hidden_proofs"));
    const ItemPage page = reading.mailboxPage(Alice);
    QVERIFY(page.failed);
    QVERIFY(page.items.empty());
    QVERIFY(reading.proofs({{idOf(1)}, 10'000}).failed);
    reading.store.execOutside(QStringLiteral("ALTER TABLE hidden RENAME TO blobs"));
    reading.store.execOutside(QStringLiteral("ALTER TABLE hidden_proofs RENAME TO proofs"));
    QCOMPARE(reading.mailboxPage(Alice).items.size(), size_t(1));
    QVERIFY(!reading.proofs({{idOf(1)}, 10'000}).failed);
}

void TestStoreReader::changesNothing()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    if (backend != StorageBackend::Sqlite)
        return; // it is the writer's connection, or a server, which has no such
    StoreFixture store(backend);
    const auto connection = Database::connect(store.config());
    QVERIFY(connection);
    QVERIFY(!connection->exec(QStringLiteral("DELETE FROM state")));
    QVERIFY(connection->checkpoint());
}

void TestStoreReader::ignoresWhatComesAfterItClosed()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    Reading reading(backend);
    reading.store.run(blobFor(Alice), FakeClock::StartMillis);
    reading.reader.close();
    // The writer closes later, and hands on the queries that it still had.
    QVERIFY(reading.ask(ProofRequest {{A, "late", {}, 0}, {{idOf(9)}, 1000}}).empty());
    QVERIFY(reading.ask(PageRequest {A, {}}).empty());
}

QTEST_GUILESS_MAIN(TestStoreReader)
#include "tst_storereader.moc"
