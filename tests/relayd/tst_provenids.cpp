// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/session.h"
#include "relayd/storage/storereader.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"
#include "tests/support/signer.h"
#include "tests/support/storefixture.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QTest>

#include <memory>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

const ConnectionId Own = ConnectionId::of(0, 5);
const Id Bob = idOf(0xbb);
constexpr qint64 Now = FakeClock::StartMillis;
constexpr qint64 Day = 86'400'000;

StoreLimits withLimits(qint64 maxStorageBytes, std::chrono::seconds lifetime)
{
    StoreLimits limits;
    limits.maxStorageBytes = maxStorageBytes;
    limits.timeToLive = lifetime;
    return limits;
}

Handshake signedBy(const Signer &signer, const std::optional<Id> &routingId = std::nullopt)
{
    return signer.handshake(routingId, Now / 1000);
}

Handshake unsignedHandshake(const Id &client, std::optional<Id> routingId = std::nullopt)
{
    Handshake handshake;
    handshake.clientId = WrittenId::of(client);
    if (routingId)
        handshake.routingToken = WrittenId::of(*routingId);
    return handshake;
}

/** One session; the store's answers are the test's. */
struct Rig {
    explicit Rig(const Settings &settings = {}, qint64 provenIds = 1)
        : relay(settings)
    {
        relay.progress.provenIds = provenIds;
    }
    void receive(const Message &message) { session->receive(encodeFrame({"m", 1, message})); }
    /** Answers the question whether its ids are proven. */
    void answer(std::optional<qint64> clientProvenAt, bool isRoutingIdProven, bool failed = false)
    {
        const auto reads = store.takeReads();
        if (reads.size() != 1)
            qFatal("%zu questions", reads.size());
        const auto &request = std::get<ProvenRequest>(reads.front());
        ProvenAnswer answer {request.origin, clientProvenAt, isRoutingIdProven, failed};
        session->handle(answer);
    }
    /** Answers the request to write down a proof. */
    Id confirmProof(StoreOutcome outcome = StoreOutcome::Done)
    {
        const auto writes = store.takeWrites();
        if (writes.size() != 1)
            qFatal("%zu writes", writes.size());
        StoreReply reply {writes.front().origin, outcome, {}, {}, false};
        session->handle(reply);
        return std::get<ProveId>(writes.front().operation).id;
    }
    bool isAdmitted() const
    {
        return session->isHandshakeDone() && peer.all<HandshakeAck>().size() == 1
            && peer.closes.empty() && !session->isDeciding();
    }
    bool isRefused(CloseCode code = CloseCode::Refused) const
    {
        return peer.sent.empty() && peer.closes.size() == 1 && peer.closes.front().code == code
            && !session->isHandshakeDone();
    }

    FakeRelay relay;
    FakePeer peer;
    FakeStoreLink store;
    Decoder decoder;
    WireIds ids {QByteArray(WireIds::KeySize, 'k')};
    IoContext io {relay.context, store, decoder, ids};
    std::unique_ptr<Session> session = std::make_unique<Session>(Own, peer, io);
};

} // namespace

/** Who may use an id, from the handshake to the row in the database. */
class TestProvenIds : public QObject {
    Q_OBJECT

private slots:
    // the decision
    void admitsUnsignedClientsAtOnceWhileNobodySigns();
    void asksBeforeItAdmits_data();
    void asksBeforeItAdmits();
    void writesAProofDownBeforeItAdmits();
    void renewsAProofOnceADay_data();
    void renewsAProofOnceADay();
    void admitsASignerWhoseProofCannotBeWritten();
    void refusesWhenTheStoreCannotBeRead();
    void refusesUnsignedClientsIfAuthIsRequired();
    void refusesABadSignatureEvenIfNoneIsNeeded();
    void protectsNobodyIfToldSo();
    void listsTheFeature();
    // the connections that are open
    void closesThoseThatUseTheIdWithoutTheKey_data();
    void closesThoseThatUseTheIdWithoutTheKey();
    void closesOneThatIsStillBeingDecided();
    void tellsNothingToOneThatIsNotAdmitted();
    void isRegisteredUnderBothIds();
    // the store
    void initTestCase_data() { addBackendRows(); }
    void countsEachIdOnce();
    void keepsTheTimeOfTheLastProof();
    void countsIntoTheLimitOfStorage();
    void forgetsAfterTheLifetimeIfTheMailboxIsEmpty();
    void keepsTheCountThatAnotherProcessChanged();
    void takesAProofBackWithItsTransaction();
    void readsBothIdsOfAHandshake();
};

void TestProvenIds::admitsUnsignedClientsAtOnceWhileNobodySigns()
{
    Rig rig({}, 0);
    rig.receive(unsignedHandshake(Bob));
    QVERIFY(rig.isAdmitted());
    QVERIFY(std::holds_alternative<PageRequest>(rig.store.takeReads().at(0)));
    QVERIFY(rig.store.writes.empty());
}

void TestProvenIds::asksBeforeItAdmits_data()
{
    QTest::addColumn<bool>("isSigned");
    QTest::addColumn<bool>("hasRoutingId");
    QTest::addColumn<bool>("isClientProven");
    QTest::addColumn<bool>("isRoutingProven");
    QTest::addColumn<bool>("admits");
    QTest::newRow("unsigned, unknown") << false << false << false << false << true;
    QTest::newRow("unsigned, proven") << false << false << true << true << false;
    QTest::newRow("unsigned, token") << false << true << false << false << true;
    QTest::newRow("unsigned, proven token") << false << true << false << true << false;
    QTest::newRow("unsigned, proven id, token") << false << true << true << false << false;
    QTest::newRow("signed, proven") << true << false << true << true << true;
    QTest::newRow("signed, token") << true << true << true << false << true;
    QTest::newRow("signed, somebody's id as token") << true << true << true << true << false;
}

void TestProvenIds::asksBeforeItAdmits()
{
    QFETCH(bool, isSigned);
    QFETCH(bool, hasRoutingId);
    QFETCH(bool, isClientProven);
    QFETCH(bool, isRoutingProven);
    QFETCH(bool, admits);
    Rig rig;
    Signer signer;
    const auto routingId = hasRoutingId ? std::optional(Bob) : std::nullopt;
    rig.receive(isSigned ? signedBy(signer, routingId) : unsignedHandshake(signer.id(), routingId));
    QVERIFY(rig.session->isDeciding());
    QVERIFY(!rig.session->isHandshakeDone());
    QCOMPARE(rig.session->requestsInFlight(), 1);
    QVERIFY(rig.peer.sent.empty());
    const auto request = std::get<ProvenRequest>(rig.store.reads.at(0));
    QCOMPARE(request.clientId, signer.id());
    QCOMPARE(request.routingId, hasRoutingId ? Bob : signer.id());

    rig.answer(isClientProven ? std::optional(Now) : std::nullopt, isRoutingProven);
    QCOMPARE(rig.session->requestsInFlight(), 0);
    if (admits) {
        QVERIFY(rig.isAdmitted());
        QCOMPARE(rig.relay.metrics.messagesRejectedTotal.Value(), 0.0);
    } else {
        QVERIFY(rig.isRefused());
        QCOMPARE(rig.peer.closes.front().reason, QByteArray("this id signs its handshakes"));
        QCOMPARE(refusedOf(rig.relay.metrics, "invalid"), 1.0);
        // Nothing of the mailbox was asked for.
        QVERIFY(rig.store.reads.empty());
    }
    QVERIFY(rig.store.writes.empty());
}

void TestProvenIds::writesAProofDownBeforeItAdmits()
{
    // Nobody has signed before, or somebody else has.
    for (const qint64 provenIds : {0, 1}) {
        Rig rig({}, provenIds);
        Signer signer;
        rig.receive(signedBy(signer));
        if (provenIds > 0)
            rig.answer(std::nullopt, false);
        QVERIFY(rig.session->isDeciding());
        QVERIFY(rig.peer.sent.empty());
        QVERIFY(rig.store.reads.empty());
        QCOMPARE(rig.confirmProof(), signer.id());
        QVERIFY(rig.isAdmitted());
        QCOMPARE(rig.session->requestsInFlight(), 0);
        QCOMPARE(countOf(rig.relay.metrics.messageDurationSeconds), quint64(1));
    }
}

void TestProvenIds::renewsAProofOnceADay_data()
{
    QTest::addColumn<qint64>("lifetimeSecs");
    QTest::addColumn<qint64>("ageMillis");
    QTest::addColumn<bool>("renews");
    QTest::newRow("fresh") << qint64(90 * 86400) << qint64(0) << false;
    QTest::newRow("almost a day") << qint64(90 * 86400) << Day - 1 << false;
    QTest::newRow("a day") << qint64(90 * 86400) << Day << true;
    // Or it would be forgotten although it is used all the time.
    QTest::newRow("half of a short life") << qint64(3600) << qint64(1'800'000) << true;
    QTest::newRow("less than half of it") << qint64(3600) << qint64(1'799'999) << false;
}

void TestProvenIds::renewsAProofOnceADay()
{
    QFETCH(qint64, lifetimeSecs);
    QFETCH(qint64, ageMillis);
    QFETCH(bool, renews);
    Settings settings;
    settings.blobTtl = std::chrono::seconds(lifetimeSecs);
    Rig rig(settings);
    Signer signer;
    rig.receive(signedBy(signer));
    rig.answer(Now - ageMillis, true);
    QCOMPARE(rig.isAdmitted(), !renews);
    if (renews)
        rig.confirmProof();
    QVERIFY(rig.isAdmitted());
}

void TestProvenIds::admitsASignerWhoseProofCannotBeWritten()
{
    for (const StoreOutcome outcome : {StoreOutcome::Refused, StoreOutcome::Failed}) {
        Rig rig;
        Signer signer;
        rig.receive(signedBy(signer));
        rig.answer(std::nullopt, false);
        rig.confirmProof(outcome);
        QVERIFY(rig.isAdmitted());
        QCOMPARE(rig.relay.metrics.messagesRejectedTotal.Value(), 0.0);
    }
}

void TestProvenIds::refusesWhenTheStoreCannotBeRead()
{
    Rig rig;
    rig.receive(unsignedHandshake(Bob));
    rig.answer(std::nullopt, false, true);
    QVERIFY(rig.isRefused(CloseCode::Internal));
    QCOMPARE(refusedOf(rig.relay.metrics, "storage"), 1.0);
}

void TestProvenIds::refusesUnsignedClientsIfAuthIsRequired()
{
    Settings settings;
    settings.requireAuth = true;
    Rig rig(settings, 0);
    rig.receive(unsignedHandshake(Bob));
    QVERIFY(rig.isRefused());
    QCOMPARE(rig.relay.presence.mailboxCount(), size_t(0));
    Rig other(settings, 0);
    Signer signer;
    other.receive(signedBy(signer));
    other.confirmProof();
    QVERIFY(other.isAdmitted());
}

void TestProvenIds::refusesABadSignatureEvenIfNoneIsNeeded()
{
    Rig rig({}, 0);
    Signer signer;
    Handshake handshake = signedBy(signer);
    handshake.signature->signature[0] ^= 1;
    rig.receive(handshake);
    QVERIFY(rig.isRefused());
    QCOMPARE(rig.relay.presence.mailboxCount(), size_t(0));
    QCOMPARE(refusedOf(rig.relay.metrics, "invalid"), 1.0);
}

void TestProvenIds::protectsNobodyIfToldSo()
{
    Settings settings;
    settings.protectProvenIds = false;
    Signer signer;
    for (const Handshake &handshake : {signedBy(signer), unsignedHandshake(signer.id())}) {
        Rig rig(settings);
        rig.receive(handshake);
        QVERIFY(rig.isAdmitted());
        QVERIFY(rig.store.writes.empty());
    }
}

void TestProvenIds::listsTheFeature()
{
    Rig rig({}, 0);
    rig.receive(unsignedHandshake(Bob));
    const auto features = rig.peer.all<HandshakeAck>().at(0).features;
    QVERIFY(std::ranges::find(features, "authenticated_handshake") != features.end());
}

void TestProvenIds::closesThoseThatUseTheIdWithoutTheKey_data()
{
    QTest::addColumn<bool>("isSigned");
    QTest::addColumn<bool>("isItsOwn");
    QTest::addColumn<bool>("hasRoutingId");
    QTest::addColumn<bool>("closes");
    QTest::newRow("unsigned, as client") << false << true << false << true;
    QTest::newRow("unsigned, as client with a token") << false << true << true << true;
    QTest::newRow("unsigned, as token") << false << false << true << true;
    QTest::newRow("signed by the key") << true << true << false << false;
    QTest::newRow("signed by the key, with a token") << true << true << true << false;
    QTest::newRow("signed by another key, as token") << true << false << true << true;
}

void TestProvenIds::closesThoseThatUseTheIdWithoutTheKey()
{
    QFETCH(bool, isSigned);
    QFETCH(bool, isItsOwn);
    QFETCH(bool, hasRoutingId);
    QFETCH(bool, closes);
    Rig rig({}, 0);
    Signer owner;
    Signer other;
    Signer &client = isItsOwn ? owner : other;
    const Id routingId = isItsOwn ? Bob : owner.id();
    const auto token = hasRoutingId ? std::optional(routingId) : std::nullopt;
    rig.receive(isSigned ? signedBy(client, token) : unsignedHandshake(client.id(), token));
    if (isSigned)
        rig.confirmProof();
    QVERIFY(rig.isAdmitted());
    QCOMPARE(rig.relay.presence.usersOf(owner.id()), (Presence::Connections {Own}));

    IdProven proven {Own, owner.id()};
    rig.session->handle(proven);
    QCOMPARE(rig.peer.closes.size(), size_t(closes ? 1 : 0));
    if (closes)
        QVERIFY(rig.peer.closes.front().code == CloseCode::Refused);
}

void TestProvenIds::closesOneThatIsStillBeingDecided()
{
    Rig rig;
    rig.receive(unsignedHandshake(Bob));
    IdProven proven {Own, Bob};
    rig.session->handle(proven);
    QVERIFY(rig.isRefused());
    rig.session->leave();
    // The answer from before the proof comes too late to admit it.
    rig.answer(std::nullopt, false);
    QVERIFY(rig.isRefused());
    QCOMPARE(rig.session->requestsInFlight(), 0);
}

void TestProvenIds::tellsNothingToOneThatIsNotAdmitted()
{
    Rig rig;
    rig.receive(unsignedHandshake(Bob));
    ItemPush push {Own, ItemKind::Blob, {1}, StoredItem {{1}, 0, {}, Now, "secret"}};
    rig.session->handle(push);
    Receipt receipt {Own, "theirs", AckStatus::Delivered, {1}};
    rig.session->handle(receipt);
    rig.session->continueDelivery();
    QVERIFY(rig.peer.sent.empty());
    QCOMPARE(rig.store.reads.size(), size_t(1));
    // What was pushed meanwhile is read once it is admitted.
    rig.answer(std::nullopt, false);
    QVERIFY(rig.isAdmitted());
    QCOMPARE(std::get<PageRequest>(rig.store.reads.at(0)).query.after, Sequence {0});
}

void TestProvenIds::isRegisteredUnderBothIds()
{
    Rig rig;
    Signer signer;
    int asked = 0;
    rig.store.onRead = [&] {
        ++asked;
        QCOMPARE(rig.relay.presence.usersOf(signer.id()), (Presence::Connections {Own}));
        QCOMPARE(rig.relay.presence.usersOf(Bob), (Presence::Connections {Own}));
    };
    rig.receive(signedBy(signer, Bob));
    QCOMPARE(asked, 1);
    // Blobs come for the routing id only.
    QVERIFY(rig.relay.presence.mailbox(signer.id()).isEmpty());
    rig.session->leave();
    QVERIFY(rig.relay.presence.usersOf(signer.id()).isEmpty());
    QVERIFY(rig.relay.presence.usersOf(Bob).isEmpty());
}

// ---- the store ----

void TestProvenIds::countsEachIdOnce()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    QVERIFY(store.run(ProveId {Bob}, 1000).isFirstProof);
    QVERIFY(!store.run(ProveId {Bob}, 2000).isFirstProof);
    QVERIFY(store.run(ProveId {idOf(1)}, 2000).isFirstProof);
    QCOMPARE(store.totals().provenIds, 2);
    QCOMPARE(store.totalsFault(), QByteArray());
    store.restart();
    QCOMPARE(store.totals().provenIds, 2);
    QVERIFY(!store.run(ProveId {Bob}, 3000).isFirstProof);
}

void TestProvenIds::keepsTheTimeOfTheLastProof()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    store.run(ProveId {Bob}, 1000);
    store.run(ProveId {Bob}, 5000);
    QCOMPARE(store.numberOutside(QStringLiteral("SELECT proven_at FROM proven_ids")), 5000);
}

void TestProvenIds::countsIntoTheLimitOfStorage()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withLimits(2 * StoreTotals::RowOverhead, 1h));
    store.run(ProveId {idOf(1)}, 1000);
    store.run(ProveId {idOf(2)}, 1000);
    QCOMPARE(store.totals().storedBytes(), 2 * StoreTotals::RowOverhead);
    QCOMPARE(store.run(ProveId {idOf(3)}, 1000).result, ApplyResult::StoreFull);
    QCOMPARE(store.run(blobFor(Bob, ""), 1000).result, ApplyResult::StoreFull);
    // What is there is renewed all the same.
    QCOMPARE(store.run(ProveId {idOf(2)}, 1000).result, ApplyResult::Done);
}

void TestProvenIds::forgetsAfterTheLifetimeIfTheMailboxIsEmpty()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend, withLimits(0, 100s));
    for (quint8 n = 1; n <= 3; ++n)
        store.run(ProveId {idOf(n)}, 1000);
    store.run(ProveId {idOf(2)}, 50'000);
    store.run(blobFor(idOf(3)), 60'000);
    bool mayHaveMore = false;
    store.sweep(100'999, mayHaveMore);
    QCOMPARE(store.totals().provenIds, 3);
    store.sweep(101'000, mayHaveMore);
    QVERIFY(!mayHaveMore);
    QCOMPARE(store.totals().provenIds, 2);
    QCOMPARE(store.totalsFault(), QByteArray());
    // The blob goes, and then the proof of its recipient.
    store.sweep(160'000, mayHaveMore);
    QCOMPARE(store.totals().provenIds, 0);
    QCOMPARE(store.totalsFault(), QByteArray());
}

void TestProvenIds::keepsTheCountThatAnotherProcessChanged()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    if (backend == StorageBackend::Postgres)
        QSKIP("asks SQLite's tables");
    StoreFixture store(backend);
    for (quint8 n = 1; n <= 3; ++n)
        store.run(ProveId {idOf(n)}, 1000);
    store.execOutside(QStringLiteral("DELETE FROM proven_ids WHERE id = x'%1'")
                          .arg(QLatin1String(idOf(2).toHex())));
    store.execOutside(QStringLiteral("UPDATE state SET proven_id_count = proven_id_count - 1"));
    store.run(ProveId {idOf(4)}, 1000);
    QCOMPARE(store.numberOutside(QStringLiteral("SELECT proven_id_count FROM state")), 3);
    store.tables().reloadProvenIds();
    QCOMPARE(store.totals().provenIds, 3);
    QCOMPARE(store.totalsFault(), QByteArray());
}

void TestProvenIds::takesAProofBackWithItsTransaction()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    if (backend == StorageBackend::Postgres)
        QSKIP("asks SQLite's tables");
    StoreFixture store(backend);
    QVERIFY(store.tables().begin());
    QVERIFY(store.tables().apply(ProveId {Bob}, 1000).isFirstProof);
    store.tables().rollback();
    QCOMPARE(store.totals().provenIds, 0);
    QVERIFY(store.run(ProveId {Bob}, 1000).isFirstProof);
    QCOMPARE(store.totalsFault(), QByteArray());
}

void TestProvenIds::readsBothIdsOfAHandshake()
{
    QFETCH_GLOBAL(StorageBackend, backend);
    StoreFixture store(backend);
    store.run(ProveId {idOf(1)}, 1000);
    store.run(ProveId {idOf(2)}, 2000);
    FakeRelay relay;
    RecordingInbox<IoEvent> answers;
    IoInboxes inboxes {&answers.inbox()};
    StoreReader reader(relay.context, inboxes);
    store.openFor(reader);
    const auto ask = [&](const Id &client, const Id &routing) {
        reader.inbox().post(ProvenRequest {{Own, {}, relay.clock.now(), 77}, client, routing});
        QCoreApplication::sendPostedEvents(&reader);
        return std::get<ProvenAnswer>(answers.taken().at(0));
    };
    ProvenAnswer answer = ask(idOf(1), idOf(2));
    QCOMPARE(answer.origin.connection, Own);
    QCOMPARE(answer.origin.cost, 77);
    QCOMPARE(answer.clientProvenAt, 1000);
    QVERIFY(answer.isRoutingIdProven);
    QVERIFY(!answer.failed);
    answer = ask(idOf(2), idOf(2));
    QCOMPARE(answer.clientProvenAt, 2000);
    QVERIFY(answer.isRoutingIdProven);
    answer = ask(idOf(3), idOf(4));
    QVERIFY(!answer.clientProvenAt);
    QVERIFY(!answer.isRoutingIdProven);
    answer = ask(idOf(3), idOf(1));
    QVERIFY(!answer.clientProvenAt);
    QVERIFY(answer.isRoutingIdProven);
    if (!store.isInMemory()) {
        store.execOutside(QStringLiteral("DROP TABLE proven_ids"));
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(QStringLiteral("a proven id cannot be read")));
        QVERIFY(ask(idOf(1), idOf(2)).failed);
    }
    reader.close();
}

QTEST_GUILESS_MAIN(TestProvenIds)
#include "tst_provenids.moc"
