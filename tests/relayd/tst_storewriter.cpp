// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/postgresstore.h"
#include "relayd/storage/storereader.h"
#include "relayd/storage/storewriter.h"
#include "tests/support/fakes.h"
#include "tests/support/postgresserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/storefixture.h"

#include <QFileInfo>
#include <QSemaphore>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <algorithm>
#include <memory>
#include <thread>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

const Id Alice = idOf(0xaa);
const Id Bob = idOf(0xbb);
const DeviceKey Phone {Alice, idOf(1)};
/** Two connections on the first I/O thread and one on the second. */
const ConnectionId A = ConnectionId::of(0, 1);
const ConnectionId B = ConnectionId::of(0, 2);
const ConnectionId C = ConnectionId::of(1, 1);

/** What no statement of the relay's stores is allowed while this trigger stands. */
QString trigger(const char *event, const char *when, const char *raise)
{
    return QStringLiteral("CREATE TRIGGER broken BEFORE %1 %2 BEGIN SELECT RAISE(%3, 'no'); END")
        .arg(QLatin1String(event), QLatin1String(when), QLatin1String(raise));
}
const char *const WhenMagic = "WHEN NEW.ciphertext = x'6d61676963'";

/** RELAYTEST_BACKEND=postgres: all of it on a real server, but for what is SQLite's. */
StorageBackend backendAsked()
{
    return isPostgresAsked() ? StorageBackend::Postgres : StorageBackend::Sqlite;
}

#define ONLY_ON_SQLITE()                                                                           \
    if (isPostgresAsked())                                                                         \
    QSKIP("breaks, or looks at, what is SQLite's")

/** The real writer on a thread of its own, between inboxes that note what they get. */
class Writer {
public:
    explicit Writer(Settings settings = {}, StorageBackend backend = backendAsked(),
        const std::function<void(const DatabaseConfig &)> &before = {})
        : relay(std::move(settings))
        , m_config {configFor(backend)}
        , m_writer(std::make_unique<StoreWriter>(StoreWriter::Links {relay.context, m_inboxes,
              reads.inbox(), [this](const StoreHealth &now) { health.inbox().post(now); }}))
    {
        if (before)
            before(m_config);
        m_writer->moveToThread(&m_thread);
        m_thread.start();
        onThread([&] {
            if (const auto fault = m_writer->open(m_config, m_folder.path()))
                qFatal("%s", qPrintable(fault->message));
        });
    }
    ~Writer()
    {
        close();
        m_thread.quit();
        m_thread.wait();
    }
    void close()
    {
        onThread([&] { m_writer->close(); });
    }

    void onThread(const std::function<void()> &what)
    {
        QMetaObject::invokeMethod(m_writer.get(), what, Qt::BlockingQueuedConnection);
    }
    /** Until everything posted so far was carried out. */
    void settle()
    {
        onThread([] {});
    }
    void exec(const QString &sql)
    {
        onThread([&] {
            if (!m_writer->database().exec(sql))
                qFatal("%s", qPrintable(m_writer->database().lastError()));
        });
    }
    void mend() { exec(QStringLiteral("DROP TRIGGER broken")); }
    qint64 number(const char *sql)
    {
        if (m_config.backend == StorageBackend::Postgres)
            return PostgresServer::shared()
                .run(m_url, QStringLiteral("SET search_path = vauchi_relay; ") + QLatin1String(sql))
                .toLongLong();
        qint64 number = -1;
        onThread(
            [&] { number = m_writer->database().number(QString::fromLatin1(sql)).value_or(-1); });
        return number;
    }
    /** Fires the timer for probes, or the one for sweeps, as time would. */
    void tick()
    {
        onThread([this] { fireTick(*m_writer); });
    }
    void startSweep()
    {
        onThread([this] { fireSweep(*m_writer); });
    }
    /** The same without waiting for its first step. */
    void startSweepLater()
    {
        QMetaObject::invokeMethod(
            m_writer.get(), [this] { fireSweep(*m_writer); }, Qt::QueuedConnection);
    }

    StoreRequest request(ConnectionId from, StoreOperation operation, const QByteArray &id = "m")
    {
        return {{from, id, relay.clock.now(), 0}, std::move(operation)};
    }
    void post(ConnectionId from, StoreOperation operation, const QByteArray &id = "m")
    {
        m_writer->inbox().post(request(from, std::move(operation), id));
    }
    /** A blob was written to a connection. */
    void note(qint64 sequence)
    {
        m_writer->inbox().post({{}, NoteDelivered {{Sequence {sequence}}}});
    }
    void post(std::vector<StoreRequest> requests) { m_writer->inbox().post(requests); }
    /** Posts one and waits for its answer. */
    StoreReply ask(StoreOperation operation, const QByteArray &id = "m")
    {
        post(A, std::move(operation), id);
        return std::get<StoreReply>(first.next(1).at(0));
    }
    /** Commits so far that tried to change rows. */
    quint64 commits() const { return countOf(relay.metrics.storageCommitDurationSeconds); }
    StoreHealth lastHealth()
    {
        for (const StoreHealth &now : health.taken())
            m_health = now;
        return m_health;
    }
    StoreWriter &writer() { return *m_writer; }
    const DatabaseConfig &config() const { return m_config; }

    FakeRelay relay;
    /** Of the I/O threads. */
    RecordingInbox<IoEvent> first;
    RecordingInbox<IoEvent> second;
    RecordingInbox<ReadRequest> reads;
    RecordingInbox<StoreHealth> health;

private:
    DatabaseConfig configFor(StorageBackend backend)
    {
        DatabaseConfig config {backend, m_folder.filePath(QStringLiteral("relay.db")),
            relay.settings.sqliteSynchronous};
        if (backend == StorageBackend::Postgres) {
            m_url = PostgresServer::shared().newDatabase();
            config.postgres = {parsePostgresUrl(m_url).value(), &m_calls, QByteArray(32, 'k')};
        }
        return config;
    }

    QTemporaryDir m_folder;
    QString m_url;
    StuckCalls m_calls;
    const DatabaseConfig m_config;
    IoInboxes m_inboxes {&first.inbox(), &second.inbox()};
    StoreHealth m_health;
    QThread m_thread;
    std::unique_ptr<StoreWriter> m_writer;
};

StoreBlob blobTo(const Id &recipient, const QByteArray &ciphertext = "secret")
{
    StoreBlob blob = blobFor(recipient, ciphertext);
    blob.senderRoutingId = Alice;
    return blob;
}

} // namespace

class TestStoreWriter : public QObject {
    Q_OBJECT

private slots:
    void groupsWhatWaitsIntoOneCommit();
    void limitsTheSizeOfACommit();
    void keepsTheOrderOfOneConnection();
    void answersEachOfManyPostersOnceAndInOrder();
    void answersBeforeItPushesAndPushesBeforeReceipts();
    void answersBeforeReceiptsOnAnotherThread();
    void pushesToWhoeverIsPresentAtTheCommit();
    void pushesDeviceMessagesToTheirDevice();
    void dropsPayloadsOfPushesThatNobodyTakes();
    void publishesTheLastDeviceMessageBeforeItsAnswer();
    void sendsReceiptsOnceAndToAllOfTheSender();
    void sendsNoReceiptsToWhomTheyAreHidden();
    void notesDeliveriesWithoutACommit();
    void forgetsReceiptsOfWhatIsGone();
    void decidesQuotasWithinABatch();
    void answersAcksAndPurges();
    void handsQueriesOnAfterTheCommit();
    void answersQueriesFromWhatTheSameConnectionStored();
    void failsOneStatementAlone();
    void failsTheWholeBatchOnce_data();
    void failsTheWholeBatchOnce();
    void reportsHealthAndRecoversByItself();
    void noticesByItselfThatItWorksAgain();
    void provesThatItCanWriteWhenNothingIsWritten();
    void keepsTheReserveOfTheDisk();
    void reportsTheLimitOfTheStore();
    void sweepsWhatHasExpired();
    void sweepsInStepsBetweenWhichItServes();
    void skipsOneSweepAfterAClockJump_data();
    void skipsOneSweepAfterAClockJump();
    void givesUnusedPagesBack();
    void restsWhenNoPageCanBeGivenBack();
    void keepsItsCountersConsistent();
    void servesWhatWaitsWhenItCloses();
    void doesNothingAfterItClosed();
    void worksInMemory();
};

void TestStoreWriter::groupsWhatWaitsIntoOneCommit()
{
    Writer writer;
    const quint64 before = writer.commits();
    // The writer is busy; meanwhile much arrives from two threads.
    QSemaphore busy;
    QMetaObject::invokeMethod(
        &writer.writer(), [&] { busy.acquire(); }, Qt::QueuedConnection);
    const auto work = [&](ConnectionId from) {
        for (int i = 0; i < 200; ++i)
            writer.post(from, blobTo(Bob));
    };
    std::thread one(work, A);
    std::thread two(work, C);
    one.join();
    two.join();
    busy.release();
    QCOMPARE(writer.first.next(200).size(), size_t(200));
    QCOMPARE(writer.second.next(200).size(), size_t(200));
    QCOMPARE(writer.commits() - before, quint64(1));
    QCOMPARE(countOf(writer.relay.metrics.storageCommitBlobs), quint64(1));
    QCOMPARE(sumOf(writer.relay.metrics.storageCommitBlobs), 400.0);
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 400);
}

void TestStoreWriter::limitsTheSizeOfACommit()
{
    Settings settings;
    settings.maxBlobsPerRecipient = 0;
    Writer writer(settings);
    const quint64 before = writer.commits();
    std::vector<StoreRequest> requests;
    for (size_t i = 0; i < 2 * StoreWriter::MaxBatch + 1; ++i)
        requests.push_back(writer.request(A, blobTo(Bob, "")));
    writer.post(std::move(requests));
    QCOMPARE(
        writer.first.next(2 * StoreWriter::MaxBatch + 1).size(), 2 * StoreWriter::MaxBatch + 1);
    QCOMPARE(writer.commits() - before, quint64(3));
}

void TestStoreWriter::keepsTheOrderOfOneConnection()
{
    Writer writer;
    std::vector<StoreRequest> requests;
    for (int i = 0; i < 10; ++i)
        requests.push_back(writer.request(A, blobTo(Bob), QByteArray::number(i)));
    requests.push_back(writer.request(A, Purge {Bob, {}, {}}, "purge"));
    requests.push_back(writer.request(A, blobTo(Bob), "last"));
    writer.post(std::move(requests));
    const auto events = writer.first.next(12);
    QCOMPARE(events.size(), size_t(12));
    for (int i = 0; i < 10; ++i) {
        const auto &reply = std::get<StoreReply>(events[static_cast<size_t>(i)]);
        QCOMPARE(reply.origin.messageId, QByteArray::number(i));
        QCOMPARE(reply.stored->value, i + 1);
        QVERIFY(reply.expectsStatus);
    }
    // It proves that everything before it was committed.
    QCOMPARE(std::get<StoreReply>(events[10]).purged->blobsDeleted, 10ULL);
    QCOMPARE(std::get<StoreReply>(events[11]).stored->value, 11);
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 1);
}

void TestStoreWriter::answersEachOfManyPostersOnceAndInOrder()
{
    Settings settings;
    settings.maxBlobsPerRecipient = 0;
    Writer writer(settings);
    constexpr int Each = 1500;
    const auto work = [&](ConnectionId from) {
        for (int i = 0; i < Each; ++i)
            writer.post(from, blobTo(Bob, ""), QByteArray::number(i));
    };
    std::thread one(work, A);
    std::thread two(work, C);
    qint64 last = 0;
    for (int i = 0; i < Each; ++i) {
        const auto events = writer.first.next(1);
        QCOMPARE(events.size(), size_t(1));
        const auto &reply = std::get<StoreReply>(events[0]);
        QCOMPARE(reply.origin.connection, A);
        QCOMPARE(reply.origin.messageId, QByteArray::number(i));
        QVERIFY(reply.stored->value > last);
        last = reply.stored->value;
    }
    one.join();
    two.join();
    QCOMPARE(writer.second.next(Each).size(), size_t(Each));
    writer.settle();
    QVERIFY(writer.first.taken().empty());
    QVERIFY(writer.second.taken().empty());
}

void TestStoreWriter::answersBeforeItPushesAndPushesBeforeReceipts()
{
    Writer writer;
    writer.relay.presence.addMailbox(Alice, A);
    writer.relay.presence.addMailbox(Bob, B);
    std::vector<StoreRequest> requests;
    for (const char *id : {"1", "2", "3"})
        requests.push_back(writer.request(A, blobTo(Bob, id), id));
    writer.post(std::move(requests));
    auto events = writer.first.next(6);
    QCOMPARE(events.size(), size_t(6));
    for (size_t i = 0; i < 3; ++i) {
        const auto &reply = std::get<StoreReply>(events[2 * i]);
        QCOMPARE(reply.origin.connection, A);
        const auto &push = std::get<ItemPush>(events[2 * i + 1]);
        QCOMPARE(push.to, B);
        QCOMPARE(push.sequence.value, qint64(i + 1));
        QVERIFY(push.item.has_value());
        QCOMPARE(push.item->payload, QByteArray::number(qlonglong(i + 1)));
        QCOMPARE(push.item->sender, WrittenId::of(idOf(0xee)).toCompact());
        QCOMPARE(push.item->storedAt, FakeClock::StartMillis);
    }
    // One batch: two delivered, one acked, and something stored behind it.
    requests.clear();
    requests.push_back({{}, NoteDelivered {{Sequence {1}, Sequence {2}}}});
    requests.push_back(writer.request(B, AckBlob {Bob, {1}, false}));
    requests.push_back(writer.request(A, blobTo(Bob), "4"));
    writer.post(std::move(requests));
    events = writer.first.next(6);
    QCOMPARE(events.size(), size_t(6));
    for (size_t i = 0; i < 2; ++i) {
        const auto &delivered = std::get<Receipt>(events[i]);
        QCOMPARE(delivered.to, A);
        QCOMPARE(delivered.messageId, QByteArray::number(qlonglong(i + 1)));
        QCOMPARE(delivered.status, AckStatus::Delivered);
        QCOMPARE(delivered.blob.value, qint64(i + 1));
    }
    QVERIFY(!std::get<StoreReply>(events[2]).expectsStatus);
    QCOMPARE(std::get<Receipt>(events[3]).status, AckStatus::ReceivedByRecipient);
    QCOMPARE(std::get<StoreReply>(events[4]).origin.messageId, QByteArray("4"));
    QCOMPARE(std::get<ItemPush>(events[5]).sequence.value, 4);
}

void TestStoreWriter::answersBeforeReceiptsOnAnotherThread()
{
    Writer writer;
    writer.relay.presence.addMailbox(Alice, C);
    writer.relay.presence.addMailbox(Bob, A);
    writer.post(C, blobTo(Bob), "m-1");
    // As soon as the push is there, its recipient acks.
    QVERIFY(is<ItemPush>(writer.first.next(1).at(0)));
    writer.note(1);
    writer.post(A, AckBlob {Bob, {1}, false});
    const auto events = writer.second.next(3);
    QCOMPARE(events.size(), size_t(3));
    QCOMPARE(std::get<StoreReply>(events[0]).stored->value, 1);
    QCOMPARE(std::get<Receipt>(events[1]).status, AckStatus::Delivered);
    QCOMPARE(std::get<Receipt>(events[2]).status, AckStatus::ReceivedByRecipient);
}

void TestStoreWriter::pushesToWhoeverIsPresentAtTheCommit()
{
    ONLY_ON_SQLITE();
    Writer writer;
    Presence &presence = writer.relay.presence;
    writer.ask(blobTo(Bob)); // nobody is there
    presence.addMailbox(Bob, B);
    presence.addMailbox(Bob, C);
    presence.addMailbox(Alice, A);
    presence.addDevice({Bob, idOf(1)}, A);
    writer.post(A, blobTo(Bob));
    auto events = writer.first.next(2);
    QCOMPARE(std::get<ItemPush>(events.at(1)).to, B);
    QCOMPARE(std::get<ItemPush>(events.at(1)).sequence.value, 2);
    events = writer.second.next(1);
    QCOMPARE(std::get<ItemPush>(events.at(0)).to, C);
    presence.removeMailbox(Bob, B);
    writer.ask(blobTo(Bob));
    QCOMPARE(std::get<ItemPush>(writer.second.next(1).at(0)).sequence.value, 3);
    // What was not committed is pushed to nobody.
    writer.exec(trigger("INSERT ON blobs", WhenMagic, "ABORT"));
    QCOMPARE(writer.ask(blobTo(Bob, "magic")).outcome, StoreOutcome::Failed);
    writer.settle();
    QVERIFY(writer.first.taken().empty());
    QVERIFY(writer.second.taken().empty());
}

void TestStoreWriter::pushesDeviceMessagesToTheirDevice()
{
    Writer writer;
    writer.relay.presence.addDevice(Phone, B);
    writer.relay.presence.addDevice({Alice, idOf(2)}, C);
    writer.relay.presence.addMailbox(Alice, C);
    writer.post(A, messageFor(Phone, ~quint64(0), "sync"));
    const auto events = writer.first.next(2);
    const auto &reply = std::get<StoreReply>(events.at(0));
    QCOMPARE(reply.outcome, StoreOutcome::Done);
    QVERIFY(reply.expectsStatus);
    QVERIFY(!reply.stored); // there is no blob id to tell
    const auto &push = std::get<ItemPush>(events.at(1));
    QCOMPARE(push.to, B);
    QCOMPARE(push.kind, ItemKind::DeviceMessage);
    QCOMPARE(push.item->version, ~quint64(0));
    QCOMPARE(push.item->payload, QByteArray("sync"));
    QCOMPARE(push.item->sender, WrittenId::of(idOf(0xdd)).toCompact());
    QVERIFY(writer.second.taken().empty());
}

void TestStoreWriter::dropsPayloadsOfPushesThatNobodyTakes()
{
    Writer writer;
    auto &waiting = writer.relay.progress.pushBytes;
    waiting = StoreProgress::MaxPushBytes - 1;
    writer.relay.presence.addMailbox(Bob, B);
    writer.relay.presence.addMailbox(Bob, C);
    writer.post(A, blobTo(Bob, "four"));
    // Below the limit by one byte: one push still carries its payload, the next does not.
    const auto first = std::get<ItemPush>(writer.first.next(2).at(1));
    QVERIFY(first.item.has_value());
    QCOMPARE(waiting.load(), StoreProgress::MaxPushBytes + 3);
    const auto second = std::get<ItemPush>(writer.second.next(1).at(0));
    QVERIFY(!second.item);
    QCOMPARE(second.sequence.value, 1);
    QCOMPARE(waiting.load(), StoreProgress::MaxPushBytes + 3);
    waiting = 0;
    writer.post(A, blobTo(Bob, "four"));
    QVERIFY(std::get<ItemPush>(writer.first.next(2).at(1)).item.has_value());
    QVERIFY(std::get<ItemPush>(writer.second.next(1).at(0)).item.has_value());
    QCOMPARE(waiting.load(), 8);
}

void TestStoreWriter::publishesTheLastDeviceMessageBeforeItsAnswer()
{
    ONLY_ON_SQLITE();
    Writer writer;
    QCOMPARE(writer.relay.progress.lastDeviceMessage.load(), 0);
    for (qint64 n = 1; n <= 3; ++n) {
        writer.ask(messageFor(Phone));
        QCOMPARE(writer.relay.progress.lastDeviceMessage.load(), n);
    }
    writer.exec(trigger("INSERT ON device_messages", "", "ROLLBACK"));
    writer.ask(messageFor(Phone));
    QCOMPARE(writer.relay.progress.lastDeviceMessage.load(), 3);
}

void TestStoreWriter::sendsReceiptsOnceAndToAllOfTheSender()
{
    Writer writer;
    writer.ask(blobTo(Bob), "m-1");
    writer.relay.presence.addMailbox(Alice, A);
    writer.relay.presence.addMailbox(Alice, C);
    // Written to two connections of the recipient, and again after a reconnect.
    for (int i = 0; i < 3; ++i)
        writer.note(1);
    QCOMPARE(std::get<Receipt>(writer.first.next(1).at(0)).messageId, QByteArray("m-1"));
    QCOMPARE(std::get<Receipt>(writer.second.next(1).at(0)).to, C);
    for (int i = 0; i < 3; ++i)
        writer.post(B, AckBlob {Bob, {1}, false});
    auto events = writer.first.next(4); // three answers, one receipt
    QCOMPARE(std::ranges::count_if(events, is<Receipt, IoEvent>), 1);
    QCOMPARE(std::get<Receipt>(events.at(1)).status, AckStatus::ReceivedByRecipient);
    QCOMPARE(writer.second.next(1).size(), size_t(1));
    // Acks for what is gone are nothing.
    QCOMPARE(writer.relay.metrics.blobsAcknowledgedTotal.Value(), 1.0);
    writer.note(1);
    writer.note(99);
    writer.settle();
    QVERIFY(writer.first.taken().empty());
    QVERIFY(writer.second.taken().empty());
}

void TestStoreWriter::sendsNoReceiptsToWhomTheyAreHidden()
{
    Writer writer;
    writer.relay.presence.addMailbox(Alice, C);
    writer.ask(blobTo(Bob), "m-1");
    writer.ask(AckBlob {Bob, {1}, true}); // suppress_presence
    writer.ask(AckBlob {Bob, {1}, false});
    writer.ask(blobTo(Bob), QByteArray(129, 'x'));
    writer.note(2);
    writer.ask(AckBlob {Bob, {2}, false});
    writer.settle();
    QVERIFY(writer.second.taken().empty());
    QCOMPARE(writer.relay.metrics.blobsAcknowledgedTotal.Value(), 2.0);
}

void TestStoreWriter::notesDeliveriesWithoutACommit()
{
    ONLY_ON_SQLITE();
    Writer writer;
    writer.relay.presence.addMailbox(Alice, C);
    writer.ask(blobTo(Bob));
    const quint64 before = writer.commits();
    // Nor does a database that cannot be written hold them up.
    writer.exec(QStringLiteral("PRAGMA query_only = 1"));
    writer.note(1);
    QCOMPARE(std::get<Receipt>(writer.second.next(1).at(0)).status, AckStatus::Delivered);
    writer.post(A, QueryProofs {{idOf(9)}, 1000});
    QCOMPARE(writer.reads.next(1).size(), size_t(1));
    QCOMPARE(writer.commits(), before);
    QVERIFY(writer.lastHealth().isWritable);
}

void TestStoreWriter::forgetsReceiptsOfWhatIsGone()
{
    Settings settings;
    settings.blobTtl = 10s;
    Writer writer(settings);
    writer.relay.presence.addMailbox(Alice, C);
    writer.ask(blobTo(Bob));
    writer.ask(Purge {Bob, {}, {}});
    writer.ask(blobTo(Bob));
    writer.relay.clock.advance(10s);
    writer.startSweep();
    for (const qint64 n : {1, 2}) {
        writer.note(n);
        writer.ask(AckBlob {Bob, {n}, false});
    }
    writer.settle();
    QVERIFY(writer.second.taken().empty());
}

void TestStoreWriter::decidesQuotasWithinABatch()
{
    Settings settings;
    settings.maxBlobsPerRecipient = 50;
    Writer writer(settings);
    std::vector<StoreRequest> requests;
    for (int i = 0; i < 200; ++i)
        requests.push_back(writer.request(A, blobTo(Bob)));
    writer.post(std::move(requests));
    const auto events = writer.first.next(200);
    QCOMPARE(std::ranges::count_if(events,
                 [](const IoEvent &event) {
                     return std::get<StoreReply>(event).outcome == StoreOutcome::Done;
                 }),
        50);
    QCOMPARE(std::ranges::count_if(events,
                 [](const IoEvent &event) {
                     const auto &reply = std::get<StoreReply>(event);
                     return reply.outcome == StoreOutcome::QuotaFull && reply.expectsStatus
                         && !reply.stored;
                 }),
        150);
    QCOMPARE(writer.relay.metrics.blobsCreatedTotal.Value(), 50.0);
    QCOMPARE(writer.relay.metrics.blobsStored.Value(), 50.0);
}

void TestStoreWriter::answersAcksAndPurges()
{
    Writer writer;
    writer.ask(blobTo(Bob));
    writer.ask(messageFor(Phone));
    writer.ask(StoreProof {idOf(9), "proof"});
    QCOMPARE(writer.relay.metrics.recoveryVouchersTotal.Value(), 1.0);
    QCOMPARE(writer.relay.metrics.recoveryProofsActive.Value(), 1.0);
    for (const StoreOperation &operation : {StoreOperation(AckBlob {Bob, {7}, false}),
             StoreOperation(AckDeviceMessage {Phone, {7}})}) {
        const auto reply = writer.ask(operation);
        QCOMPARE(reply.outcome, StoreOutcome::Done);
        QVERIFY(!reply.expectsStatus);
        QVERIFY(!reply.purged);
    }
    const auto reply = writer.ask(Purge {Bob, Alice, idOf(9)}, "purge");
    QVERIFY(reply.expectsStatus);
    QCOMPARE(reply.origin.messageId, QByteArray("purge"));
    QVERIFY(reply.purged == std::optional(PurgeResponse {1, 1, 1}));
    QCOMPARE(writer.relay.metrics.blobsPurgedTotal.Value(), 1.0);
    QCOMPARE(writer.relay.metrics.blobsStored.Value(), 0.0);
    QCOMPARE(writer.relay.metrics.storageBytes.Value(), 0.0);
}

void TestStoreWriter::handsQueriesOnAfterTheCommit()
{
    Writer writer;
    std::vector<StoreRequest> requests;
    requests.push_back(writer.request(A, StoreProof {idOf(9), "proof"}, "store"));
    requests.push_back(writer.request(A, QueryProofs {{idOf(9), idOf(8)}, 4711}, "query"));
    const quint64 before = writer.commits();
    writer.post(std::move(requests));
    const auto reads = writer.reads.next(1);
    QCOMPARE(writer.commits(), before + 1); // by then it is committed
    const auto &request = std::get<ProofRequest>(reads.at(0));
    QCOMPARE(request.origin.messageId, QByteArray("query"));
    QCOMPARE(request.origin.connection, A);
    QVERIFY(request.query.keyHashes == (std::vector {idOf(9), idOf(8)}));
    QCOMPARE(request.query.maxFrameSize, 4711);
    // The answer is the reader's to give.
    writer.settle();
    const auto events = writer.first.taken();
    QCOMPARE(events.size(), size_t(1));
    QCOMPARE(std::get<StoreReply>(events[0]).origin.messageId, QByteArray("store"));
}

void TestStoreWriter::answersQueriesFromWhatTheSameConnectionStored()
{
    Writer writer;
    RecordingInbox<IoEvent> answers;
    const IoInboxes inboxes {&answers.inbox()};
    StoreReader reader(writer.relay.context, inboxes);
    if (isPostgresAsked())
        reader.open(writer.config().postgres);
    else
        QVERIFY(!reader.open(writer.config(), writer.writer().recentBlobs()));
    for (int i = 0; i < 50; ++i) {
        const QByteArray proof = QByteArray::number(i);
        std::vector<StoreRequest> requests;
        requests.push_back(writer.request(A, StoreProof {idOf(9), proof}));
        requests.push_back(writer.request(A, QueryProofs {{idOf(9)}, 100'000}));
        writer.post(std::move(requests));
        reader.inbox().post(writer.reads.next(1).at(0));
        QCoreApplication::sendPostedEvents(&reader);
        const auto events = answers.taken();
        QCOMPARE(events.size(), size_t(1));
        const auto &answer = std::get<ProofAnswer>(events[0]);
        QVERIFY(answer.response == (RecoveryProofResponse {{{idOf(9), proof}}, false}));
    }
    reader.close();
}

// ---- failures ----

void TestStoreWriter::failsOneStatementAlone()
{
    ONLY_ON_SQLITE();
    Writer writer;
    writer.exec(trigger("INSERT ON blobs", WhenMagic, "ABORT"));
    writer.relay.presence.addMailbox(Bob, C);
    std::vector<StoreRequest> requests;
    for (const char *payload : {"one", "magic", "two"})
        requests.push_back(writer.request(A, blobTo(Bob, payload), payload));
    writer.post(std::move(requests));
    const auto events = writer.first.next(3);
    QCOMPARE(std::get<StoreReply>(events.at(0)).stored->value, 1);
    QCOMPARE(std::get<StoreReply>(events.at(1)).outcome, StoreOutcome::Failed);
    QVERIFY(!std::get<StoreReply>(events.at(1)).stored);
    QCOMPARE(std::get<StoreReply>(events.at(2)).stored->value, 2);
    const auto pushes = writer.second.next(2);
    QCOMPARE(std::get<ItemPush>(pushes.at(1)).item->payload, QByteArray("two"));
    QVERIFY(writer.lastHealth().isWritable);
    QCOMPARE(writer.relay.metrics.blobsCreatedTotal.Value(), 2.0);
}

void TestStoreWriter::failsTheWholeBatchOnce_data()
{
    QTest::addColumn<QStringList>("breaks");
    QTest::addColumn<QStringList>("mends");
    const QStringList drop {QStringLiteral("DROP TRIGGER broken")};
    QTest::newRow("the database rolls back")
        << QStringList {trigger("INSERT ON blobs", WhenMagic, "ROLLBACK")} << drop;
    QTest::newRow("the totals cannot be saved")
        << QStringList {trigger("UPDATE ON state", "", "ABORT")} << drop;
    QTest::newRow("the totals, and it rolls back")
        << QStringList {trigger("UPDATE ON state", "", "ROLLBACK")} << drop;
    QTest::newRow("read-only") << QStringList {QStringLiteral("PRAGMA query_only = 1")}
                               << QStringList {QStringLiteral("PRAGMA query_only = 0")};
    QTest::newRow("the commit fails")
        << QStringList {QStringLiteral("CREATE TABLE debts (of INTEGER REFERENCES blobs "
                                       "DEFERRABLE INITIALLY DEFERRED)"),
               QStringLiteral("CREATE TRIGGER broken AFTER INSERT ON blobs "
                              "BEGIN INSERT INTO debts VALUES (-1); END"),
               QStringLiteral("PRAGMA foreign_keys = 1")}
        << drop;
}

void TestStoreWriter::failsTheWholeBatchOnce()
{
    ONLY_ON_SQLITE();
    QFETCH(QStringList, breaks);
    QFETCH(QStringList, mends);
    Writer writer;
    writer.relay.presence.addMailbox(Alice, C);
    writer.relay.presence.addMailbox(Bob, C);
    writer.ask(blobTo(Bob, "stays"), "before");
    writer.second.next(1);
    QVERIFY(writer.lastHealth().isWritable);
    for (const QString &sql : std::as_const(breaks))
        writer.exec(sql);
    for (int round = 0; round < 2; ++round) {
        std::vector<StoreRequest> requests;
        requests.push_back(writer.request(A, blobTo(Bob), "0"));
        requests.push_back(writer.request(A, blobTo(Bob, "magic"), "1"));
        requests.push_back(writer.request(A, AckBlob {Bob, {1}, false}, "2"));
        requests.push_back(writer.request(A, Purge {Bob, {}, {}}, "3"));
        requests.push_back(writer.request(A, messageFor(Phone), "4"));
        requests.push_back(writer.request(A, StoreProof {idOf(9), "proof"}, "5"));
        requests.push_back({{}, NoteDelivered {{Sequence {1}}}});
        writer.post(std::move(requests));
        const auto events = writer.first.next(6);
        QCOMPARE(events.size(), size_t(6));
        for (int i = 0; i < 6; ++i) {
            const auto &reply = std::get<StoreReply>(events[static_cast<size_t>(i)]);
            QCOMPARE(reply.origin.messageId, QByteArray::number(i));
            QCOMPARE(reply.outcome, StoreOutcome::Failed);
            QVERIFY(!reply.stored);
            QVERIFY(!reply.purged);
        }
        writer.settle();
        QVERIFY(writer.first.taken().empty());
        // News of what was delivered are true all the same, once.
        QCOMPARE(writer.second.taken().size(), size_t(round == 0));
        QVERIFY(!writer.lastHealth().isWritable);
    }
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 1);
    QCOMPARE(writer.relay.metrics.blobsCreatedTotal.Value(), 1.0);
    QCOMPARE(writer.relay.metrics.blobsAcknowledgedTotal.Value(), 0.0);
    QCOMPARE(writer.relay.metrics.blobsPurgedTotal.Value(), 0.0);
    for (const QString &sql : std::as_const(mends))
        writer.exec(sql);
    const auto reply = writer.ask(blobTo(Bob), "after");
    QCOMPARE(reply.outcome, StoreOutcome::Done);
    QCOMPARE(reply.stored->value, 2);
    QVERIFY(writer.lastHealth().isWritable);
}

void TestStoreWriter::reportsHealthAndRecoversByItself()
{
    ONLY_ON_SQLITE();
    Writer writer;
    QCOMPARE(writer.health.taken().size(), size_t(1)); // it opened, and could write
    writer.exec(QStringLiteral("PRAGMA query_only = 1"));
    for (int i = 0; i < 3; ++i)
        QCOMPARE(writer.ask(blobTo(Bob)).outcome, StoreOutcome::Failed);
    auto changes = writer.health.taken();
    QCOMPARE(changes.size(), size_t(1)); // each change once
    QVERIFY(!changes[0].isWritable);
    writer.exec(QStringLiteral("PRAGMA query_only = 0"));
    QCOMPARE(writer.ask(blobTo(Bob)).outcome, StoreOutcome::Done);
    changes = writer.health.taken();
    QCOMPARE(changes.size(), size_t(1));
    QVERIFY((changes[0] == StoreHealth {true, true, true}));
}

void TestStoreWriter::noticesByItselfThatItWorksAgain()
{
    ONLY_ON_SQLITE();
    Writer writer;
    writer.exec(QStringLiteral("PRAGMA query_only = 1"));
    writer.ask(blobTo(Bob));
    QVERIFY(!writer.lastHealth().isWritable);
    writer.relay.clock.advance(StoreWriter::RetryInterval);
    writer.tick();
    QVERIFY(!writer.lastHealth().isWritable);
    writer.exec(QStringLiteral("PRAGMA query_only = 0"));
    writer.tick(); // too early for another try
    QVERIFY(!writer.lastHealth().isWritable);
    writer.relay.clock.advance(StoreWriter::RetryInterval);
    writer.tick();
    QVERIFY(writer.lastHealth().isWritable);
}

void TestStoreWriter::provesThatItCanWriteWhenNothingIsWritten()
{
    ONLY_ON_SQLITE();
    Writer writer;
    QVERIFY(writer.lastHealth().isWritable);
    writer.exec(QStringLiteral("PRAGMA query_only = 1"));
    writer.relay.clock.advance(StoreWriter::ProbeInterval - 1ms);
    writer.tick();
    QVERIFY(writer.lastHealth().isWritable); // nobody knows yet
    writer.relay.clock.advance(1ms);
    writer.tick();
    QVERIFY(!writer.lastHealth().isWritable);
}

void TestStoreWriter::keepsTheReserveOfTheDisk()
{
    Settings settings;
    settings.minFreeBytes = qint64(1) << 53; // no disk has that
    Writer writer(settings);
    QVERIFY(!writer.lastHealth().hasFreeSpace);
    QVERIFY(writer.lastHealth().isWritable);
    for (const StoreOperation &operation : {StoreOperation(blobTo(Bob)),
             StoreOperation(messageFor(Phone)), StoreOperation(StoreProof {idOf(9), ""})})
        QCOMPARE(writer.ask(operation).outcome, StoreOutcome::Refused);
    // Acks and purges go on in it.
    for (const StoreOperation &operation : {StoreOperation(AckBlob {Bob, {1}, false}),
             StoreOperation(AckDeviceMessage {Phone, {1}}), StoreOperation(Purge {Bob, {}, {}})})
        QCOMPARE(writer.ask(operation).outcome, StoreOutcome::Done);
}

void TestStoreWriter::reportsTheLimitOfTheStore()
{
    Settings settings;
    settings.maxStorageBytes = 2 * StoreTotals::RowOverhead + 10;
    Writer writer(settings);
    QCOMPARE(writer.ask(blobTo(Bob, "")).outcome, StoreOutcome::Done);
    writer.tick();
    QVERIFY(writer.lastHealth().isUnderLimit);
    QCOMPARE(writer.ask(blobTo(Bob, "")).outcome, StoreOutcome::Done);
    QCOMPARE(writer.ask(blobTo(Bob, "")).outcome, StoreOutcome::Refused);
    writer.tick();
    QVERIFY(!writer.lastHealth().isUnderLimit);
    QVERIFY(writer.lastHealth().isWritable);
    QCOMPARE(writer.ask(AckBlob {Bob, {1}, false}).outcome, StoreOutcome::Done);
    writer.tick();
    QVERIFY(writer.lastHealth().isUnderLimit);
    QCOMPARE(writer.ask(blobTo(Bob, "")).outcome, StoreOutcome::Done);
}

// ---- sweep ----

void TestStoreWriter::sweepsWhatHasExpired()
{
    Settings settings;
    settings.blobTtl = 100s;
    Writer writer(settings);
    writer.ask(blobTo(Bob));
    writer.ask(messageFor(Phone));
    writer.relay.clock.advance(60s);
    writer.ask(blobTo(Bob));
    writer.startSweep();
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 2);
    writer.relay.clock.advance(40s);
    writer.startSweep();
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 1);
    QCOMPARE(writer.number("SELECT count(*) FROM device_messages"), 0);
    Metrics &metrics = writer.relay.metrics;
    QCOMPARE(metrics.blobsExpiredTotal.Value(), 1.0);
    QCOMPARE(metrics.blobsStored.Value(), 1.0);
    QCOMPARE(metrics.cleanupLastSuccessTimestampSeconds.Value(),
        double(writer.relay.clock.unixMillis()) / 1e3);
    writer.tick();
    QCOMPARE(
        metrics.oldestBlobTimestampSeconds.Value(), double(FakeClock::StartMillis + 60'000) / 1e3);
}

void TestStoreWriter::sweepsInStepsBetweenWhichItServes()
{
    Settings settings;
    settings.blobTtl = 100s;
    settings.maxBlobsPerRecipient = 0;
    Writer writer(settings);
    const int count =
        3 * (isPostgresAsked() ? PostgresStore::SweepStep : StoreTables::SweepStep) + 10;
    std::vector<StoreRequest> requests;
    for (int i = 0; i < count; ++i)
        requests.push_back(writer.request(A, blobTo(Bob, "")));
    writer.post(std::move(requests));
    QCOMPARE(writer.first.next(count).size(), size_t(count));
    writer.relay.clock.advance(100s);
    // The ack comes behind the first step, and does not wait for the others: the last blob stands.
    QSemaphore busy;
    QMetaObject::invokeMethod(
        &writer.writer(), [&] { busy.acquire(); }, Qt::QueuedConnection);
    writer.startSweepLater();
    writer.post(A, AckBlob {Bob, {count}, false});
    busy.release();
    QCOMPARE(writer.first.next(1).size(), size_t(1));
    QTRY_COMPARE(writer.relay.metrics.blobsExpiredTotal.Value()
            + writer.relay.metrics.blobsAcknowledgedTotal.Value(),
        double(count));
    QCOMPARE(writer.relay.metrics.blobsAcknowledgedTotal.Value(), 1.0);
    writer.settle();
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 0);
}

void TestStoreWriter::skipsOneSweepAfterAClockJump_data()
{
    QTest::addColumn<qint64>("jump");
    QTest::newRow("a year forward") << qint64(365) * 24 * 3600 * 1000;
    QTest::newRow("to 1970") << -FakeClock::StartMillis;
}

void TestStoreWriter::skipsOneSweepAfterAClockJump()
{
    QFETCH(qint64, jump);
    Settings settings;
    settings.blobTtl = 100s;
    Writer writer(settings);
    writer.ask(blobTo(Bob));
    writer.relay.clock.advance(1000s); // it has really expired
    writer.relay.clock.jump(std::chrono::milliseconds(jump));
    writer.startSweep();
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 1);
    QCOMPARE(writer.relay.metrics.cleanupLastSuccessTimestampSeconds.Value(), 0.0);
    // Put right before the next one, which is a jump again; then all is well.
    writer.relay.clock.jump(std::chrono::milliseconds(-jump));
    writer.relay.clock.advance(3600s);
    writer.startSweep();
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 1);
    writer.relay.clock.advance(3600s);
    writer.startSweep();
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 0);
    QCOMPARE(writer.relay.metrics.blobsExpiredTotal.Value(), 1.0);
}

namespace {

/** counts the turns that an object takes. Lives on that object's thread. */
class Turncounter : public QObject {
public:
    std::atomic<int> turns {0};

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        turns += event->type() == QEvent::MetaCall;
        return false;
    }
};

/** Stores and then sweeps 8 MB. */
void fillAndSweep(Writer &writer)
{
    for (int i = 0; i < 16; ++i)
        writer.ask(blobTo(Bob, QByteArray(512 * 1024, 'x')));
    writer.relay.clock.advance(writer.relay.settings.blobTtl);
    writer.startSweep();
    QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 0);
}

} // namespace

void TestStoreWriter::givesUnusedPagesBack()
{
    ONLY_ON_SQLITE();
    Settings settings;
    settings.sqliteSynchronous = SqliteSynchronous::Off;
    Writer writer(settings);
    fillAndSweep(writer);
    // They go in several turns, and the last one leaves so many.
    QTRY_VERIFY(writer.number("PRAGMA freelist_count") <= 1024);
    QVERIFY(writer.number("PRAGMA page_count") < 1200);
}

void TestStoreWriter::restsWhenNoPageCanBeGivenBack()
{
    ONLY_ON_SQLITE();
    // A file that another tool has written anew, without incremental vacuum.
    const auto forgetVacuum = [](const DatabaseConfig &config) {
        const auto database = Database::create(config);
        QVERIFY(database->exec(QStringLiteral("PRAGMA journal_mode = DELETE")));
        QVERIFY(database->exec(QStringLiteral("PRAGMA auto_vacuum = NONE")));
        QVERIFY(database->exec(QStringLiteral("VACUUM")));
    };
    Writer writer({}, StorageBackend::Sqlite, forgetVacuum);
    QCOMPARE(writer.number("PRAGMA auto_vacuum"), 0);
    Turncounter counter;
    counter.moveToThread(writer.writer().thread());
    fillAndSweep(writer);
    QVERIFY(writer.number("PRAGMA freelist_count") > 1024);
    writer.onThread([&] { writer.writer().installEventFilter(&counter); });
    constexpr int Turns = 50;
    for (int i = 0; i < Turns; ++i)
        writer.settle();
    QVERIFY2(
        counter.turns.load() <= Turns + 1, QByteArray::number(counter.turns.load()).constData());
    writer.onThread([&] { writer.writer().removeEventFilter(&counter); });
}

void TestStoreWriter::keepsItsCountersConsistent()
{
    ONLY_ON_SQLITE();
    QRandomGenerator random(randomSeed());
    Settings settings;
    settings.blobTtl = 20s;
    settings.maxBlobsPerRecipient = 20;
    Writer writer(settings);
    writer.exec(trigger("INSERT ON blobs", WhenMagic, "ROLLBACK"));
    const auto recipient = [&] { return idOf(static_cast<quint8>(random.bounded(1, 4))); };
    const auto recent = [&] {
        return static_cast<qint64>(writer.relay.metrics.blobsCreatedTotal.Value())
            - random.bounded(60);
    };
    for (int batch = 0; batch < 150; ++batch) {
        std::vector<StoreRequest> requests;
        const int size = random.bounded(1, 30);
        for (int i = 0; i < size; ++i) {
            switch (random.bounded(60)) {
            case 0:
                requests.push_back(writer.request(A, Purge {recipient(), {}, {}}));
                break;
            case 1:
            case 2:
            case 3:
            case 4:
            case 5:
                requests.push_back(writer.request(A, AckBlob {recipient(), {recent()}, false}));
                break;
            default:
                requests.push_back(writer.request(
                    A, blobTo(recipient(), random.bounded(150) ? "payload" : "magic")));
            }
        }
        const size_t count = requests.size();
        writer.post(std::move(requests));
        QCOMPARE(writer.first.next(count).size(), count);
        writer.relay.clock.advance(std::chrono::seconds(random.bounded(20)));
        if (random.bounded(5) == 0)
            writer.startSweep();
        // Between two turns of the writer: a sweep may go on.
        double held = 0;
        double balance = -1;
        qint64 rows = -1;
        writer.onThread([&] {
            const Metrics &metrics = writer.relay.metrics;
            held = metrics.blobsStored.Value();
            balance = metrics.blobsCreatedTotal.Value() - metrics.blobsAcknowledgedTotal.Value()
                - metrics.blobsPurgedTotal.Value() - metrics.blobsExpiredTotal.Value();
            rows = writer.writer()
                       .database()
                       .number(QStringLiteral("SELECT count(*) FROM blobs"))
                       .value_or(-1);
        });
        QCOMPARE(held, balance);
        QCOMPARE(held, double(rows));
    }
    QVERIFY(writer.relay.metrics.blobsExpiredTotal.Value() > 0);
    QVERIFY(writer.relay.metrics.blobsAcknowledgedTotal.Value() > 0);
    writer.settle();
    QVERIFY(writer.first.taken().empty());
}

// ---- end ----

void TestStoreWriter::servesWhatWaitsWhenItCloses()
{
    Writer writer;
    std::vector<StoreRequest> requests;
    for (int i = 0; i < 100; ++i)
        requests.push_back(writer.request(A, blobTo(Bob)));
    // Posted, but its turn has not come when close() runs.
    writer.onThread([&] {
        writer.post(std::move(requests));
        writer.writer().close();
    });
    QCOMPARE(writer.first.next(100).size(), size_t(100));
    if (isPostgresAsked()) {
        QCOMPARE(writer.number("SELECT count(*) FROM blobs"), 100);
        return;
    }
    QCOMPARE(QFileInfo(writer.config().path + QStringLiteral("-wal")).size(), 0);
    const auto database = Database::connect(writer.config());
    QVERIFY(database);
    QCOMPARE(database->number(QStringLiteral("SELECT count(*) FROM blobs")).value_or(-1), 100);
}

void TestStoreWriter::doesNothingAfterItClosed()
{
    Writer writer;
    writer.close();
    // A connection that was cut off at the end of a drain may still have posted.
    writer.post(A, blobTo(Bob));
    writer.settle();
    writer.note(1);
    writer.settle();
    writer.close();
    QVERIFY(writer.first.taken().empty());
}

void TestStoreWriter::worksInMemory()
{
    ONLY_ON_SQLITE();
    Settings settings;
    settings.maxBlobsPerRecipient = 2;
    Writer writer(settings, StorageBackend::Memory);
    writer.relay.presence.addMailbox(Bob, C);
    QCOMPARE(writer.ask(blobTo(Bob)).stored->value, 1);
    QCOMPARE(writer.ask(blobTo(Bob)).stored->value, 2);
    QCOMPARE(writer.ask(blobTo(Bob)).outcome, StoreOutcome::QuotaFull);
    QCOMPARE(writer.second.next(2).size(), size_t(2));
    QCOMPARE(writer.ask(Purge {Bob, {}, {}}).purged->blobsDeleted, 2ULL);
    QCOMPARE(writer.ask(blobTo(Bob)).stored->value, 3);
}

QTEST_GUILESS_MAIN(TestStoreWriter)
#include "tst_storewriter.moc"
