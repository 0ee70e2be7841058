// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/postgresstore.h"
#include "relayd/storage/postgresview.h"
#include "relayd/storage/relaybus.h"
#include "tests/support/fakes.h"
#include "tests/support/mailboxmodel.h"
#include "tests/support/needs.h"
#include "tests/support/postgresserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/storefixture.h"

#include <QTest>

#include <algorithm>
#include <memory>
#include <thread>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;
using Model = MailboxModel;

namespace {

constexpr auto Lifetime = 1000s;
constexpr int LifetimeMillis = 1'000'000;
constexpr qint64 ProofLifetimeMillis = 90LL * 24 * 3600 * 1000;
constexpr MailboxModel::Limits ModelLimits {12, 900, 14'000};
constexpr int Clients = 4;
constexpr int Devices = 2;
constexpr int Proofs = 6;

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

} // namespace

/** The store on a real server, as several relays use it at a time. */
class TestPostgresStore : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void agreesWithANaiveModel();
    void failsAsAWholeAndChangesNothing();
    void refusesWhatTakesRoomWhileItIsKept();
    void knowsANonceOfAnotherRelay();
    void readsNoMoreThanAPage();
    void triesAgainAfterADeadlock();
    void tellsNothingThatIsStoredInFailures();
    void sealsNotes();

private:
    std::unique_ptr<PostgresStore> open(const StoreLimits &limits = {});
    PostgresConfig config() const;
    qint64 number(const QString &sql) const;

    StoreRequest randomRequest(qint64 now, Applied &expected);
    QByteArray randomPayload();
    void compare(PostgresStore &store, PostgresView &view, qint64 now);
    std::vector<Model::Row> readAll(PostgresView &view, PageQuery query, int owner, qint64 now);

    QString m_url;
    StuckCalls m_calls;
    QRandomGenerator m_random;
    Model m_model {ModelLimits};
};

void TestPostgresStore::initTestCase()
{
    RELAYTEST_NEEDS_POSTGRES();
}

PostgresConfig TestPostgresStore::config() const
{
    return {
        parsePostgresUrl(m_url).value(), const_cast<StuckCalls *>(&m_calls), QByteArray(32, 'k')};
}

std::unique_ptr<PostgresStore> TestPostgresStore::open(const StoreLimits &limits)
{
    if (m_url.isEmpty())
        m_url = PostgresServer::shared().newDatabase();
    auto store = PostgresStore::open(config(), limits);
    if (!store)
        qFatal("%s", qPrintable(store.error().message));
    return std::move(store).value();
}

qint64 TestPostgresStore::number(const QString &sql) const
{
    return PostgresServer::shared()
        .run(m_url, QStringLiteral("SET search_path = vauchi_relay; ") + sql)
        .toLongLong();
}

QByteArray TestPostgresStore::randomPayload()
{
    QByteArray payload(
        m_random.bounded(4) ? m_random.bounded(60) : m_random.bounded(300), Qt::Uninitialized);
    for (char &c : payload)
        c = static_cast<char>(m_random.bounded(256));
    return payload;
}

/** One request, and what the model says that it comes to (but for sequences). */
StoreRequest TestPostgresStore::randomRequest(qint64 now, Applied &expected)
{
    const auto lastOf = [](const std::vector<Model::Row> &rows) { return rows.back(); };
    const int dice = m_random.bounded(200);
    if (dice < 3) {
        const int mailbox = m_random.bounded(Clients);
        const int devicesOf = m_random.bounded(2) ? m_random.bounded(Clients) : -1;
        const int hash = m_random.bounded(2) ? m_random.bounded(Proofs) : -1;
        const auto blobs =
            std::erase_if(m_model.blobs, [&](const auto &row) { return row.owner == mailbox; });
        const auto messages = std::erase_if(m_model.messages,
            [&](const auto &row) { return devicesOf >= 0 && row.owner / Devices == devicesOf; });
        expected.purged = {blobs, messages, m_model.proofs.erase(hash)};
        return {{},
            Purge {client(mailbox), devicesOf < 0 ? std::nullopt : std::optional(client(devicesOf)),
                hash < 0 ? std::nullopt : std::optional(proofHash(hash))}};
    }
    if (dice < 25 && !m_model.blobs.empty()) {
        // One that is there, of its own mailbox or another; or one acked in this batch already.
        const auto place = m_random.bounded(static_cast<int>(m_model.blobs.size()));
        const Model::Row row = m_random.bounded(10) ? m_model.blobs[static_cast<size_t>(place)]
                                                    : lastOf(m_model.blobs);
        const int owner = m_random.bounded(4) ? row.owner : m_random.bounded(Clients);
        // Sequences of this very batch are not known to any client.
        const qint64 sequence = row.sequence > 0 ? row.sequence : 999'999'999;
        expected.sequence = {sequence};
        expected.wasThere =
            row.sequence > 0 && Model::removeOne(m_model.blobs, owner, row.sequence);
        return {{}, AckBlob {client(owner), {sequence}, false}};
    }
    if (dice < 45 && !m_model.messages.empty()) {
        const auto place = m_random.bounded(static_cast<int>(m_model.messages.size()));
        const Model::Row row = m_model.messages[static_cast<size_t>(place)];
        const qint64 sequence = row.sequence > 0 ? row.sequence : 999'999'999;
        expected.sequence = {sequence};
        expected.wasThere =
            row.sequence > 0 && Model::removeOne(m_model.messages, row.owner, row.sequence);
        return {{}, AckDeviceMessage {device(row.owner), {sequence}}};
    }
    if (dice < 60) {
        const int hash = m_random.bounded(Proofs);
        const QByteArray payload = randomPayload();
        const auto before = m_model.proofs.find(hash);
        const qint64 growth = before == m_model.proofs.end()
            ? payload.size()
            : std::max<qint64>(payload.size() - before->second.bytes.size(), 0);
        if (m_model.hasRoom(growth))
            m_model.proofs[hash] = {payload, now + ProofLifetimeMillis};
        else
            expected.result = ApplyResult::StoreFull;
        return {{}, StoreProof {proofHash(hash), payload}};
    }
    const QByteArray payload = randomPayload();
    const qint64 size = payload.size();
    // The model's sequences are negative until the store has given its own.
    static qint64 provisional = 0;
    if (dice < 140) {
        const int owner = m_random.bounded(Clients * Devices);
        const quint64 version = m_random.bounded(2) ? ~quint64(0) - quint64(m_random.bounded(3))
                                                    : quint64(m_random.bounded(3));
        expected.result = !m_model.hasRoom(size) ? ApplyResult::StoreFull
                                                 : m_model.quota(m_model.messages, owner, size);
        if (expected.result == ApplyResult::Done) {
            expected.sequence = {--provisional};
            m_model.messages.push_back(
                {provisional, owner, version, WrittenId::of(idOf(3)).toCompact(), now, payload});
        }
        return {{}, StoreDeviceMessage {device(owner), WrittenId::of(idOf(3)), version, payload}};
    }
    const int owner = m_random.bounded(Clients);
    std::optional<WrittenId> sender;
    if (m_random.bounded(3))
        sender = WrittenId {idOf(2), m_random.bounded(2) ? quint64(1) << 63 : 0};
    expected.result =
        !m_model.hasRoom(size) ? ApplyResult::StoreFull : m_model.quota(m_model.blobs, owner, size);
    if (expected.result == ApplyResult::Done) {
        expected.sequence = {--provisional};
        m_model.blobs.push_back(
            {provisional, owner, 0, sender ? sender->toCompact() : QByteArray(), now, payload});
    }
    return {{}, StoreBlob {client(owner), sender, payload, idOf(1)}};
}

void TestPostgresStore::agreesWithANaiveModel()
{
    m_random.seed(randomSeed());
    m_url.clear();
    StoreLimits limits;
    limits.mailbox = {ModelLimits.maxCount, ModelLimits.maxBytes};
    limits.maxStorageBytes = ModelLimits.maxStorageBytes;
    limits.timeToLive = Lifetime;
    std::vector<std::unique_ptr<PostgresStore>> stores;
    stores.push_back(open(limits));
    stores.push_back(open(limits));
    QCOMPARE(stores[0]->idKey(), stores[1]->idKey());
    PostgresView view(config());
    qint64 now = FakeClock::StartMillis;
    int refused = 0;
    int acked = 0;
    int swept = 0;
    constexpr int Batches = 120;
    for (int batch = 0; batch < Batches; ++batch) {
        now += 30'000 * m_random.bounded(7);
        const bool isLast = batch == Batches - 1;
        PostgresStore &store = *stores[static_cast<size_t>(m_random.bounded(2))];
        store.refreshTotals();
        std::vector<StoreRequest> requests;
        std::vector<Applied> expected;
        for (int i = m_random.bounded(1, 40); i > 0; --i) {
            expected.emplace_back();
            requests.push_back(randomRequest(now, expected.back()));
        }
        std::vector<Applied> results;
        QVERIFY(store.apply(requests, now, Room::Free, results));
        QCOMPARE(results.size(), expected.size());
        Sequence lastBlob;
        for (size_t i = 0; i < results.size(); ++i) {
            QCOMPARE(results[i].result, expected[i].result);
            QCOMPARE(results[i].wasThere, expected[i].wasThere);
            QVERIFY(results[i].purged == expected[i].purged);
            refused += results[i].result != ApplyResult::Done;
            acked += results[i].wasThere;
            if (expected[i].sequence.value >= 0)
                continue;
            QCOMPARE(results[i].storedAt, now);
            const bool isBlob = is<StoreBlob>(requests[i].operation);
            if (isBlob) {
                QVERIFY(results[i].sequence > lastBlob);
                lastBlob = results[i].sequence;
            }
            for (Model::Row &row : isBlob ? m_model.blobs : m_model.messages) {
                if (row.sequence == expected[i].sequence.value)
                    row.sequence = results[i].sequence.value;
            }
        }
        // At the end all that is left, so that something is.
        now += isLast ? LifetimeMillis : 0;
        if (isLast || m_random.bounded(8) == 0) {
            bool mayHaveMore = true;
            const auto applied = store.sweep(now, mayHaveMore);
            QVERIFY(applied);
            QVERIFY(!mayHaveMore);
            const auto isOld = [&](const auto &row) {
                return row.storedAt <= now - LifetimeMillis;
            };
            const auto gone = std::erase_if(m_model.blobs, isOld);
            std::erase_if(m_model.messages, isOld);
            QCOMPARE(applied->removedBlobs.size(), gone);
            swept += static_cast<int>(gone);
        }
        compare(store, view, now);
        if (QTest::currentTestFailed()) {
            qWarning("in batch %d", batch);
            return;
        }
    }
    qInfo("%d refused, %d acknowledged, %d swept", refused, acked, swept);
    QVERIFY(refused > 0 && acked > 0 && swept > 0);
}

std::vector<Model::Row> TestPostgresStore::readAll(
    PostgresView &view, PageQuery query, int owner, qint64 now)
{
    std::vector<Model::Row> rows;
    for (;;) {
        ItemPage page;
        page.kind =
            query.kind == PageQuery::Kind::Mailbox ? ItemKind::Blob : ItemKind::DeviceMessage;
        page.isLast = true;
        if (const auto failure = view.readPage(query, now - LifetimeMillis, page))
            qFatal("a page cannot be read: %s", qPrintable(failure->text));
        for (const StoredItem &item : page.items)
            rows.push_back({item.sequence.value, owner, item.version, item.sender, item.storedAt,
                item.payload});
        if (page.isLast)
            return rows;
        query.after = page.items.back().sequence;
        if (query.kind == PageQuery::Kind::DeviceBacklog) {
            query.afterVersion = page.items.back().version;
            query.upTo = page.backlogEnd;
        }
    }
}

void TestPostgresStore::compare(PostgresStore &store, PostgresView &view, qint64 now)
{
    QCOMPARE(totalsFaultOnServer(m_url, store.totals()), QByteArray());
    const auto isExpired = [&](const Model::Row &row) {
        return row.storedAt <= now - LifetimeMillis;
    };
    for (int n = 0; n < Clients; ++n) {
        auto expected = Model::of(m_model.blobs, n);
        std::erase_if(expected, isExpired);
        PageQuery query;
        query.key = {client(n), {}};
        QVERIFY2(readAll(view, query, n, now) == expected, "a mailbox differs");
    }
    for (int n = 0; n < Clients * Devices; ++n) {
        auto expected = Model::of(m_model.messages, n);
        std::erase_if(expected, isExpired);
        PageQuery query {PageQuery::Kind::DeviceLive, device(n), {}, {}, std::nullopt};
        QVERIFY2(readAll(view, query, n, now) == expected, "device messages differ");
        std::ranges::sort(expected, {},
            [](const Model::Row &row) { return std::pair(row.version, row.sequence); });
        query.kind = PageQuery::Kind::DeviceBacklog;
        QVERIFY2(readAll(view, query, n, now) == expected, "a backlog differs");
    }
    for (int n = 0; n < Proofs; ++n) {
        const auto found = view.proof(proofHash(n), now);
        QVERIFY(found);
        const auto it = m_model.proofs.find(n);
        const bool isThere = it != m_model.proofs.end() && it->second.expiresAt > now;
        QCOMPARE(found->has_value(), isThere);
        if (isThere)
            QCOMPARE(**found, it->second.bytes);
    }
}

void TestPostgresStore::failsAsAWholeAndChangesNothing()
{
    m_url.clear();
    auto store = open();
    PostgresServer::shared().run(m_url,
        QStringLiteral("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS "
                       "$$ BEGIN RAISE EXCEPTION 'no'; END $$; CREATE TRIGGER broken BEFORE INSERT "
                       "ON vauchi_relay.blobs FOR EACH ROW WHEN (NEW.ciphertext = 'magic') "
                       "EXECUTE FUNCTION no()"));
    std::vector<Applied> results;
    const std::vector<StoreRequest> batch {
        {{}, blobFor(client(0), "good")}, {{}, blobFor(client(1), "magic")}};
    QVERIFY(!store->apply(batch, 1000, Room::Free, results));
    QCOMPARE(store->totals().blobs.count, 0);
    QCOMPARE(number(QStringLiteral("SELECT count(*) FROM blobs")), 0);
    QCOMPARE(number(QStringLiteral("SELECT count(*) FROM mailboxes")), 0);
    QVERIFY(store->apply(std::span(batch).first(1), 1000, Room::Free, results));
    QCOMPARE(store->totals().blobs.count, 1);
}

void TestPostgresStore::refusesWhatTakesRoomWhileItIsKept()
{
    m_url.clear();
    auto store = open();
    std::vector<Applied> results;
    const std::vector<StoreRequest> stores {{{}, blobFor(client(0), "x")}};
    QVERIFY(store->apply(stores, 1000, Room::Free, results));
    const Sequence first = results[0].sequence;
    const std::vector<StoreRequest> batch {{{}, blobFor(client(0), "y")},
        {{}, messageFor(device(0))}, {{}, StoreProof {proofHash(0), "p"}},
        {{}, AckBlob {client(0), first, false}}};
    QVERIFY(store->apply(batch, 1000, Room::KeptForDeletions, results));
    QCOMPARE(results[0].result, ApplyResult::StoreFull);
    QCOMPARE(results[1].result, ApplyResult::StoreFull);
    QCOMPARE(results[2].result, ApplyResult::StoreFull);
    QVERIFY(results[3].wasThere);
    QCOMPARE(number(QStringLiteral("SELECT count(*) FROM mailboxes")), 0);
}

void TestPostgresStore::knowsANonceOfAnotherRelay()
{
    m_url.clear();
    auto first = open();
    auto second = open();
    const std::vector<StoreRequest> batch {{{}, UseNonce {{1, 2, 3}}}};
    std::vector<Applied> results;
    QVERIFY(first->apply(batch, 1000, Room::Free, results));
    QCOMPARE(results[0].result, ApplyResult::Done);
    QVERIFY(second->apply(batch, 1000, Room::Free, results));
    QCOMPARE(results[0].result, ApplyResult::Used);
    bool mayHaveMore = false;
    const auto lifetime = std::chrono::milliseconds(SeenNonces::Lifetime).count();
    QVERIFY(first->sweep(1000 + lifetime - 1, mayHaveMore));
    QCOMPARE(number(QStringLiteral("SELECT count(*) FROM nonces")), 1);
    QVERIFY(first->sweep(1000 + lifetime, mayHaveMore));
    QCOMPARE(number(QStringLiteral("SELECT count(*) FROM nonces")), 0);
}

void TestPostgresStore::readsNoMoreThanAPage()
{
    m_url.clear();
    auto store = open();
    PostgresView view(config());
    std::vector<StoreRequest> batch;
    const QByteArray half(StoreView::MaxPageBytes / 2, 'x');
    for (int i = 0; i < 5; ++i)
        batch.push_back({{}, blobFor(client(0), half)});
    for (int i = 0; i < 600; ++i)
        batch.push_back({{}, blobFor(client(1), "")});
    std::vector<Applied> results;
    QVERIFY(store->apply(batch, 1000, Room::Free, results));
    PageQuery query;
    query.key = {client(0), {}};
    ItemPage page;
    page.isLast = true;
    QVERIFY(!view.readPage(query, 0, page));
    QCOMPARE(page.items.size(), size_t(2));
    QVERIFY(!page.isLast);
    query.key = {client(1), {}};
    page = {};
    page.isLast = true;
    QVERIFY(!view.readPage(query, 0, page));
    QCOMPARE(page.items.size(), size_t(StoreView::MaxPageItems));
    QVERIFY(!page.isLast);
}

void TestPostgresStore::triesAgainAfterADeadlock()
{
    // A server looks for a deadlock once, after the first second of a wait. By then the other has
    // to wait too, which takes a while to arrange; and no lock is waited for longer than 3 s.
    m_url = PostgresServer::shared().newDatabase();
    PostgresServer::shared().run(m_url,
        QStringLiteral("DO $$ BEGIN EXECUTE format("
                       "'ALTER DATABASE %I SET deadlock_timeout = 2500', current_database()); "
                       "END $$"));
    auto store = open();
    QCOMPARE(
        number(QStringLiteral("SELECT setting FROM pg_settings WHERE name = 'deadlock_timeout'")),
        2500);
    // Another transaction locks in the other order, as no relay does.
    PostgresConnection other(config());
    QVERIFY(other.ensureOpen());
    std::vector<Applied> results;
    QVERIFY(store->apply(
        std::vector<StoreRequest> {{{}, blobFor(client(0), "a")}, {{}, blobFor(client(1), "b")}},
        1000, Room::Free, results));
    const auto lock = [&](int n) {
        return QStringLiteral("SELECT 1 FROM mailboxes WHERE recipient = %1 FOR UPDATE")
            .arg(PostgresText::bytes(client(n).view()));
    };
    QVERIFY(other.exec(QStringLiteral("BEGIN; SET LOCAL deadlock_timeout = '10s'; ") + lock(1)));
    std::thread waits([&] {
        // The store holds the first by now, or soon; whoever notices first gives up: the store.
        while (number(QStringLiteral("SELECT count(*) FROM pg_locks WHERE NOT granted")) == 0)
            ;
        other.exec(lock(0));
        other.exec(QStringLiteral("COMMIT"));
    });
    const bool ok = store->apply(
        std::vector<StoreRequest> {{{}, blobFor(client(0), "c")}, {{}, blobFor(client(1), "d")}},
        1000, Room::Free, results);
    waits.join();
    QVERIFY(ok);
    QCOMPARE(number(QStringLiteral("SELECT count(*) FROM blobs")), 4);
}

void TestPostgresStore::tellsNothingThatIsStoredInFailures()
{
    m_url.clear();
    auto store = open();
    PostgresConnection connection(config());
    QVERIFY(connection.ensureOpen());
    const QString row =
        QStringLiteral("INSERT INTO proofs VALUES ('secret id', 1, 'secret proof')");
    QVERIFY(connection.exec(row));
    // The server's words repeat the key.
    QVERIFY(!connection.exec(row));
    QVERIFY(connection.lastFailure().contains(QLatin1String("23505")));
    QVERIFY(!connection.lastFailure().contains(QLatin1String("736563726574")));
    QVERIFY(!connection.lastFailure().contains(QLatin1String("secret")));
}

void TestPostgresStore::sealsNotes()
{
    const BusSeal seal(QByteArray(16, 'k'));
    const BusSeal same(QByteArray(16, 'k'));
    const BusSeal foreign(QByteArray(16, 'f'));
    std::vector<BusNote> notes;
    for (int i = 0; i < 500; ++i)
        notes.push_back({i % 2 ? BusNote::Kind::Blob : BusNote::Kind::DeviceMessage, freshId(),
            freshId(), {i + (qint64(1) << 40)}});
    const auto payloads = seal.seal(notes);
    std::vector<BusNote> opened;
    for (const QByteArray &payload : payloads) {
        QVERIFY(payload.size() <= BusSeal::MaxPayload);
        QVERIFY(seal.isOwn(payload));
        QVERIFY(!same.isOwn(payload));
        QVERIFY(!foreign.open(payload));
        const auto some = same.open(payload);
        QVERIFY(some);
        opened.insert(opened.end(), some->begin(), some->end());
        QByteArray changed = QByteArray::fromBase64(payload);
        changed[20] = static_cast<char>(changed[20] ^ 1);
        QVERIFY(!same.open(changed.toBase64()));
        QVERIFY(!same.open(payload.first(payload.size() - 4)));
    }
    QVERIFY(opened == notes);
    for (const char *nothing : {"", "x", "AAAA", "not base64!"})
        QVERIFY(!same.open(nothing));
}

QTEST_GUILESS_MAIN(TestPostgresStore)
#include "tst_postgresstore.moc"
