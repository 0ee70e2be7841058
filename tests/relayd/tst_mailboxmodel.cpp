// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/storereader.h"
#include "relayd/storage/storetables.h"
#include "tests/support/fakes.h"
#include "tests/support/mailboxmodel.h"
#include "tests/support/rawclient.h"
#include "tests/support/storefixture.h"
#include "tests/support/tries.h"

#include <QCoreApplication>
#include <QTest>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;
using Model = MailboxModel;

namespace {

constexpr auto Lifetime = 1000s;
constexpr int LifetimeMillis = 1'000'000;
constexpr qint64 ProofLifetimeMillis = 90LL * 24 * 3600 * 1000;
constexpr qint64 MaxCount = 12;
constexpr qint64 MaxBytes = 900;
constexpr qint64 MaxStorageBytes = 14'000;
constexpr int Clients = 4;
constexpr int Devices = 2;
constexpr int Proofs = 6;

/** Some in one slice of RecentBlobs, some in another. */
Id client(int n)
{
    return idOf(static_cast<quint8>(0x10 + 3 * n));
}
DeviceKey device(int n)
{
    return {client(n / Devices), idOf(static_cast<quint8>(0x80 + n % Devices))};
}
Id proofHash(int n)
{
    return idOf(static_cast<quint8>(0x40 + n));
}

/** What the store is given, and the model. */
constexpr MailboxModel::Limits ModelLimits {MaxCount, MaxBytes, MaxStorageBytes};

} // namespace

/** Random operations on the real store and on a naive one, which must always agree. */
class TestMailboxModel : public QObject {
    Q_OBJECT

private slots:
    void initTestCase_data() { addSqliteBackendRows(); }
    void agreesWithANaiveModel();

private:
    void run(StoreFixture &store);
    void operate();
    void expectSome();
    void learn();
    void storeBlob();
    void storeMessage();
    void storeProof();
    void ack();
    void ackMessage();
    void purge();
    void sweep();
    void compare();
    void comparePages();
    void compareProofs();
    std::vector<Model::Row> readAll(const PageQuery &first, int owner);
    void openReader();
    template <typename Event>
    Event ask(ReadRequest request);

    QByteArray randomPayload();

    QRandomGenerator m_random;
    FakeRelay m_relay;
    RecordingInbox<IoEvent> m_answers;
    IoInboxes m_inboxes {&m_answers.inbox()};
    StoreFixture *m_store = nullptr;
    std::unique_ptr<StoreReader> m_reader;
    bool m_isLearning = false;
    std::optional<MailboxFilter> m_indexed;
    Model m_committed {ModelLimits};
    Model m_model {ModelLimits};
    int m_operations = 0;
    int m_refused = 0;
    int m_swept = 0;
    int m_delivered = 0;
};

void TestMailboxModel::agreesWithANaiveModel()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    m_random.seed(randomSeed());
    m_relay.settings.blobTtl = Lifetime;
    m_committed = Model {ModelLimits};
    m_operations = m_refused = m_swept = m_delivered = 0;
    m_isLearning = false;
    m_indexed.reset();
    StoreLimits limits;
    limits.mailbox = {MaxCount, MaxBytes};
    limits.maxStorageBytes = MaxStorageBytes;
    limits.timeToLive = Lifetime;
    // So that blobs are read and removed in every state: recent, settled, and recovered as either.
    limits.recent = {.blobs = 12, .slice = 6, .age = 40};
    StoreFixture store(backend, limits);
    m_store = &store;
    openReader();
    run(store);
    m_reader->close();
    m_reader.reset();
    qInfo("%d operations, %d refused, %d swept, %d rows read", m_operations, m_refused, m_swept,
        m_delivered);
    // A run in which these never happened has not tested them.
    QVERIFY(m_refused > 0);
    QVERIFY(m_swept > 0);
    QVERIFY(m_delivered > 0);
}

void TestMailboxModel::openReader()
{
    m_reader = std::make_unique<StoreReader>(m_relay.context, m_inboxes);
    if (m_store->isInMemory())
        m_reader->share(m_store->database(), m_store->tables().recent());
    else
        QVERIFY(!m_reader->open(m_store->config(), m_store->tables().recent()));
}

void TestMailboxModel::run(StoreFixture &store)
{
    for (int batch = 0; batch < tries(700); ++batch) {
        m_model = m_committed;
        // Mostly forward; the wall clock may also be set back. In coarse steps, so that ages meet
        // their limits to the millisecond.
        m_relay.clock.jump(
            m_random.bounded(10) ? 10s * m_random.bounded(7) : -10s * m_random.bounded(20));
        QVERIFY(store.tables().begin());
        const int size = m_random.bounded(1, 30);
        expectSome();
        for (int i = 0; i < size; ++i) {
            operate();
            if (QTest::currentTestFailed())
                return;
        }
        if (m_random.bounded(6)) {
            QVERIFY(store.tables().commit());
            m_committed = m_model;
        } else {
            store.tables().rollback();
        }
        if (m_random.bounded(40) == 0)
            QVERIFY(store.tables().settleAll());
        if (m_random.bounded(40) == 0) {
            m_reader->close();
            m_reader.reset();
            store.restart();
            openReader();
            m_isLearning = false;
            m_indexed.reset();
        }
        if (m_random.bounded(2))
            learn();
        compare();
        if (QTest::currentTestFailed()) {
            qWarning("in batch %d", batch);
            return;
        }
    }
}

void TestMailboxModel::operate()
{
    ++m_operations;
    // Purges and acks are rare enough for most rows to grow old.
    const int dice = m_random.bounded(200);
    if (dice < 1)
        purge();
    else if (dice < 15)
        sweep();
    else if (dice < 40)
        ack();
    else if (dice < 60)
        ackMessage();
    else if (dice < 80)
        storeProof();
    else if (dice < 135)
        storeMessage();
    else
        storeBlob();
}

QByteArray TestMailboxModel::randomPayload()
{
    QByteArray payload(
        m_random.bounded(4) ? m_random.bounded(60) : m_random.bounded(300), Qt::Uninitialized);
    for (char &c : payload)
        c = static_cast<char>(m_random.bounded(256));
    return payload;
}

void TestMailboxModel::expectSome()
{
    std::vector<StoreRequest> batch;
    for (int i = m_random.bounded(100); i > 0; --i) {
        const StoreBlob store {client(m_random.bounded(2 * Clients)), {}, "x", idOf(1)};
        batch.push_back({{}, store});
    }
    // Acks of what is there, and of what is not.
    for (int i = m_random.bounded(3) ? 0 : 100; i > 0; --i) {
        const qint64 sequence = m_model.lastBlob - m_random.bounded(40);
        batch.push_back({{}, AckBlob {client(m_random.bounded(Clients)), {sequence}, false}});
    }
    m_store->tables().expect(batch);
}

void TestMailboxModel::learn()
{
    // In three steps, as other threads would: what is read grows old before it is learnt.
    StoreTables &tables = m_store->tables();
    if (m_indexed) {
        tables.learn(*std::exchange(m_indexed, {}));
        m_isLearning = false;
    } else if (m_isLearning) {
        m_indexed = mailboxesInIndex(m_store->database(), {});
        QVERIFY(m_indexed);
    } else if (tables.hasLearnt() ? m_random.bounded(10) == 0 : m_random.bounded(2)) {
        tables.beginLearning();
        m_isLearning = true;
    } else if (!tables.hasLearnt()) {
        m_isLearning = true; // as after a start
    }
}

void TestMailboxModel::storeBlob()
{
    const int owner = m_random.bounded(Clients);
    StoreBlob store {client(owner), std::nullopt, randomPayload(), idOf(1)};
    if (m_random.bounded(3))
        store.sender = WrittenId {idOf(2), m_random.bounded(2) ? quint64(1) << 63 : 0};
    const qint64 now = m_relay.clock.unixMillis();
    const qint64 size = store.ciphertext.size();
    const Applied applied = m_store->tables().apply(store, now);
    const ApplyResult expected =
        !m_model.hasRoom(size) ? ApplyResult::StoreFull : m_model.quota(m_model.blobs, owner, size);
    QCOMPARE(applied.result, expected);
    if (expected != ApplyResult::Done) {
        ++m_refused;
        return;
    }
    m_model.lastTime = std::max(m_model.lastTime, now);
    QCOMPARE(applied.sequence.value, ++m_model.lastBlob);
    QCOMPARE(applied.storedAt, m_model.lastTime);
    m_model.blobs.push_back(
        {m_model.lastBlob, owner, 0, store.sender ? store.sender->toCompact() : QByteArray(),
            m_model.lastTime, store.ciphertext});
}

void TestMailboxModel::storeMessage()
{
    const int owner = m_random.bounded(Clients * Devices);
    // Near each other, and near the borders of what is signed and unsigned.
    const quint64 version =
        QList<quint64> {0, quint64(1) << 63, ~quint64(0) - 3}.at(m_random.bounded(3))
        + static_cast<quint64>(m_random.bounded(4));
    const StoreDeviceMessage store {
        device(owner), WrittenId::of(idOf(3)), version, randomPayload()};
    const qint64 now = m_relay.clock.unixMillis();
    const qint64 size = store.payload.size();
    const Applied applied = m_store->tables().apply(store, now);
    const ApplyResult expected = !m_model.hasRoom(size)
        ? ApplyResult::StoreFull
        : m_model.quota(m_model.messages, owner, size);
    QCOMPARE(applied.result, expected);
    if (expected != ApplyResult::Done) {
        ++m_refused;
        return;
    }
    m_model.lastTime = std::max(m_model.lastTime, now);
    QCOMPARE(applied.sequence.value, ++m_model.lastMessage);
    QCOMPARE(applied.storedAt, m_model.lastTime);
    m_model.messages.push_back({m_model.lastMessage, owner, version,
        WrittenId::of(idOf(3)).toCompact(), m_model.lastTime, store.payload});
}

void TestMailboxModel::storeProof()
{
    const int hash = m_random.bounded(Proofs);
    const QByteArray payload = randomPayload();
    const qint64 now = m_relay.clock.unixMillis();
    const auto before = m_model.proofs.find(hash);
    const qint64 growth = before == m_model.proofs.end()
        ? payload.size()
        : std::max<qint64>(payload.size() - before->second.bytes.size(), 0);
    const bool fits = m_model.hasRoom(growth);
    const Applied applied = m_store->tables().apply(StoreProof {proofHash(hash), payload}, now);
    QCOMPARE(applied.result, fits ? ApplyResult::Done : ApplyResult::StoreFull);
    if (fits)
        m_model.proofs[hash] = {payload, now + ProofLifetimeMillis};
}

void TestMailboxModel::ack()
{
    const int owner = m_random.bounded(Clients);
    const qint64 sequence = m_model.lastBlob - m_random.bounded(40);
    const Applied applied = m_store->tables().apply(AckBlob {client(owner), {sequence}, false}, 0);
    QCOMPARE(applied.result, ApplyResult::Done);
    QCOMPARE(applied.wasThere, Model::removeOne(m_model.blobs, owner, sequence));
}

void TestMailboxModel::ackMessage()
{
    const int owner = m_random.bounded(Clients * Devices);
    const qint64 sequence = m_model.lastMessage - m_random.bounded(40);
    const Applied applied =
        m_store->tables().apply(AckDeviceMessage {device(owner), {sequence}}, 0);
    QCOMPARE(applied.result, ApplyResult::Done);
    QCOMPARE(applied.wasThere, Model::removeOne(m_model.messages, owner, sequence));
}

void TestMailboxModel::purge()
{
    const int mailbox = m_random.bounded(Clients);
    const int devicesOf = m_random.bounded(2) ? m_random.bounded(Clients) : -1;
    const int hash = m_random.bounded(2) ? m_random.bounded(Proofs) : -1;
    const Applied applied = m_store->tables().apply(
        Purge {client(mailbox), devicesOf < 0 ? std::nullopt : std::optional(client(devicesOf)),
            hash < 0 ? std::nullopt : std::optional(proofHash(hash))},
        0);
    std::vector<Sequence> removed;
    for (const Model::Row &row : Model::of(m_model.blobs, mailbox))
        removed.push_back({row.sequence});
    auto actual = applied.removedBlobs;
    std::ranges::sort(actual);
    QVERIFY(actual == removed);
    std::erase_if(m_model.blobs, [&](const auto &row) { return row.owner == mailbox; });
    const auto messages = std::erase_if(m_model.messages,
        [&](const auto &row) { return devicesOf >= 0 && row.owner / Devices == devicesOf; });
    const auto proofs = m_model.proofs.erase(hash);
    QVERIFY(applied.purged == (PurgeResponse {removed.size(), messages, proofs}));
}

void TestMailboxModel::sweep()
{
    // Proofs live much longer than blobs: now and then their time has come too.
    const qint64 later = ProofLifetimeMillis - 10'000 * m_random.bounded(100);
    const qint64 now = m_relay.clock.unixMillis() + (m_random.bounded(100) ? 0 : later);
    bool mayHaveMore = false;
    const Applied applied = m_store->tables().sweep(now, mayHaveMore);
    QCOMPARE(applied.result, ApplyResult::Done);
    const auto blobs = Model::sweep(m_model.blobs, now - LifetimeMillis);
    const auto messages = Model::sweep(m_model.messages, now - LifetimeMillis);
    std::erase_if(m_model.proofs, [&](const auto &entry) { return entry.second.expiresAt <= now; });
    QCOMPARE(applied.removedBlobs.size(), blobs.size());
    for (size_t i = 0; i < blobs.size(); ++i)
        QCOMPARE(applied.removedBlobs[i].value, blobs[i]);
    QCOMPARE(mayHaveMore, std::max(blobs.size(), messages.size()) == StoreTables::SweepStep);
    m_swept += static_cast<int>(blobs.size());
}

void TestMailboxModel::compare()
{
    const StoreTotals &totals = m_store->tables().totals();
    QCOMPARE(totals.blobs.count, qint64(m_committed.blobs.size()));
    QCOMPARE(totals.blobs.bytes, Model::bytesOf(m_committed.blobs));
    QCOMPARE(totals.deviceMessages.count, qint64(m_committed.messages.size()));
    QCOMPARE(totals.deviceMessages.bytes, Model::bytesOf(m_committed.messages));
    QCOMPARE(totals.proofs.count, qint64(m_committed.proofs.size()));
    QCOMPARE(totals.proofs.bytes, m_committed.proofBytes());
    QCOMPARE(totals.storedBytes(), m_committed.storedBytes());
    QCOMPARE(totals.lastTime, m_committed.lastTime);
    QCOMPARE(m_store->totalsFault(), QByteArray());
    const auto oldest = m_store->tables().oldestBlob();
    QCOMPARE(
        oldest.value_or(-1), m_committed.blobs.empty() ? -1 : m_committed.blobs.front().storedAt);
    comparePages();
    compareProofs();
}

template <typename Event>
Event TestMailboxModel::ask(ReadRequest request)
{
    m_reader->inbox().post(std::move(request));
    // The reader lives on this thread: its turn is now.
    QCoreApplication::sendPostedEvents(m_reader.get());
    auto events = m_answers.taken();
    if (events.size() != 1 || !is<Event>(events.front()))
        qFatal("the reader does not answer");
    return std::get<Event>(std::move(events.front()));
}

std::vector<Model::Row> TestMailboxModel::readAll(const PageQuery &first, int owner)
{
    std::vector<Model::Row> rows;
    PageQuery query = first;
    for (;;) {
        const auto page = ask<ItemPage>(PageRequest {ConnectionId::of(0, 1), query});
        if (page.failed)
            qFatal("a page cannot be read");
        for (const StoredItem &item : page.items)
            rows.push_back({item.sequence.value, owner, item.version, item.sender, item.storedAt,
                item.payload});
        if (page.isLast)
            return rows;
        query.after = page.items.back().sequence;
        if (query.kind == PageQuery::Kind::DeviceBacklog)
            query.afterVersion = page.items.back().version;
    }
}

void TestMailboxModel::comparePages()
{
    const qint64 expired = m_relay.clock.unixMillis() - LifetimeMillis;
    const auto isExpired = [&](const Model::Row &row) { return row.storedAt <= expired; };
    for (int n = 0; n < Clients; ++n) {
        auto expected = Model::of(m_committed.blobs, n);
        std::erase_if(expected, isExpired);
        PageQuery query;
        query.key = {client(n), {}};
        const auto rows = readAll(query, n);
        m_delivered += static_cast<int>(rows.size());
        QVERIFY2(rows == expected, "a mailbox differs");
        // From somewhere in the middle.
        query.after = {m_committed.lastBlob - m_random.bounded(30)};
        std::erase_if(expected, [&](const auto &row) { return row.sequence <= query.after.value; });
        QVERIFY2(readAll(query, n) == expected, "a mailbox differs above a cursor");
    }
    for (int n = 0; n < Clients * Devices; ++n) {
        const Sequence registered {m_committed.lastMessage - m_random.bounded(20)};
        auto backlog = Model::of(m_committed.messages, n);
        std::erase_if(backlog, isExpired);
        auto later = backlog;
        std::erase_if(backlog, [&](const auto &row) { return row.sequence > registered.value; });
        std::erase_if(later, [&](const auto &row) { return row.sequence <= registered.value; });
        std::ranges::sort(backlog, {},
            [](const Model::Row &row) { return std::pair(row.version, row.sequence); });
        PageQuery query {PageQuery::Kind::DeviceBacklog, device(n), {}, registered, std::nullopt};
        QVERIFY2(readAll(query, n) == backlog, "a backlog differs");
        // A page starts behind any of them: others may have the same version.
        if (!backlog.empty()) {
            const auto place = m_random.bounded(static_cast<int>(backlog.size()));
            const Model::Row &last = backlog[static_cast<size_t>(place)];
            query.afterVersion = last.version;
            query.after = {last.sequence};
            const std::vector rest(backlog.begin() + place + 1, backlog.end());
            QVERIFY2(readAll(query, n) == rest, "a backlog differs behind a page");
        }
        query = {PageQuery::Kind::DeviceLive, device(n), registered, {}, std::nullopt};
        QVERIFY2(readAll(query, n) == later, "later device messages differ");
    }
}

void TestMailboxModel::compareProofs()
{
    QueryProofs query {{}, 1'000'000};
    RecoveryProofResponse expected;
    for (int n = Proofs - 1; n >= 0; --n) {
        query.keyHashes.push_back(proofHash(n));
        const auto it = m_committed.proofs.find(n);
        if (it != m_committed.proofs.end() && it->second.expiresAt > m_relay.clock.unixMillis())
            expected.proofs.push_back({proofHash(n), it->second.bytes});
    }
    const auto answer = ask<ProofAnswer>(ProofRequest {{}, query});
    QVERIFY(!answer.failed);
    QVERIFY2(answer.response == expected, "the proofs differ");
}

QTEST_GUILESS_MAIN(TestMailboxModel)
#include "tst_mailboxmodel.moc"
