// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/session.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"

#include <QTest>

#include <limits>
#include <memory>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(relay::Message)

namespace {

const Id Alice = idOf(0xaa);
const Id Bob = idOf(0xbb);
const Id Phone = idOf(0x01);
const Id Tablet = idOf(0x02);
const ConnectionId Own = ConnectionId::of(0, 5);

Handshake handshakeOf(const Id &client)
{
    Handshake handshake;
    handshake.clientId = WrittenId::of(client);
    return handshake;
}

Handshake handshakeOf(const Id &client, const Id &device)
{
    Handshake handshake = handshakeOf(client);
    handshake.deviceId = WrittenId::of(device);
    return handshake;
}

Settings withRate(int perMinute, int burst)
{
    Settings settings;
    settings.rateLimitPerMin = perMinute;
    settings.rateBurst = burst;
    return settings;
}

EncryptedUpdate updateFor(const Id &recipient, const QByteArray &ciphertext = "secret")
{
    return {WrittenId::of(recipient), WrittenId::of(Alice), ciphertext};
}

/** A frame with this payload as it stands. */
QByteArray frameOf(const QByteArray &payload, const QByteArray &messageId = "raw")
{
    const QByteArray json = R"({"version":1,"message_id":")" + messageId
        + R"(","timestamp":1,"payload":)" + payload + '}';
    QByteArray frame(4, '\0');
    for (int i = 0; i < 4; ++i)
        frame[i] = static_cast<char>(json.size() >> (24 - 8 * i));
    return frame + json;
}

/** One session with everything around it. */
struct Rig {
    explicit Rig(Settings settings = withRate(60, 1000))
        : relay(std::move(settings))
    {
    }

    void receive(const Message &message, const QByteArray &messageId = "m")
    {
        session->receive(encodeFrame({messageId, 1, message}));
    }
    void join(const Handshake &handshake)
    {
        receive(handshake);
        peer.sent.clear();
    }
    /** Joins, and is live: an empty mailbox (and device queue) was read. */
    void joinLive(const Handshake &handshake)
    {
        join(handshake);
        answerPage({}, true);
        if (handshake.deviceId)
            answerPage({}, true);
        store.writes.clear();
    }
    /** Answers the one page that was asked for. */
    PageQuery answerPage(std::vector<StoredItem> items, bool isLast, bool failed = false)
    {
        const auto reads = store.takeReads();
        if (reads.size() != 1)
            qFatal("%zu pages were asked for", reads.size());
        const PageQuery query = std::get<PageRequest>(reads.front()).query;
        ItemPage page;
        page.to = Own;
        page.kind =
            query.kind == PageQuery::Kind::Mailbox ? ItemKind::Blob : ItemKind::DeviceMessage;
        page.items = std::move(items);
        page.isLast = isLast;
        page.failed = failed;
        session->handle(page);
        return query;
    }
    void push(const StoredItem &item, ItemKind kind = ItemKind::Blob)
    {
        ItemPush push {Own, kind, item.sequence, item};
        session->handle(push);
    }
    void reply(const Origin &origin, StoreOutcome outcome, std::optional<Sequence> stored = {},
        bool expectsStatus = true)
    {
        StoreReply reply {origin, outcome, stored, std::nullopt, expectsStatus};
        session->handle(reply);
    }
    /** The one request of this type that was made. */
    template <typename T>
    T onlyWrite(Origin *origin = nullptr)
    {
        const auto writes = store.takeWrites();
        if (writes.size() != 1 || !is<T>(writes.front().operation))
            qFatal("%zu requests, or of another type", writes.size());
        if (origin)
            *origin = writes.front().origin;
        return std::get<T>(writes.front().operation);
    }
    double refused(const QByteArray &reason) const { return refusedOf(relay.metrics, reason); }

    FakeRelay relay;
    FakePeer peer;
    FakeStoreLink store;
    Decoder decoder;
    WireIds ids {QByteArray(WireIds::KeySize, 'k')};
    IoContext io {relay.context, store, decoder, ids};
    std::unique_ptr<Session> session = std::make_unique<Session>(Own, peer, io);
};

StoredItem blob(qint64 sequence, const QByteArray &payload = "payload")
{
    return {{sequence}, 0, WrittenId::of(Alice).toCompact(), FakeClock::StartMillis, payload};
}

StoredItem deviceMessage(qint64 sequence, quint64 version, const QByteArray &payload = "sync")
{
    return {
        {sequence}, version, WrittenId::of(Tablet).toCompact(), FakeClock::StartMillis, payload};
}

} // namespace

class TestSession : public QObject {
    Q_OBJECT

private slots:
    // handshake
    void registersBeforeItReadsAndAnswersFirst();
    void registersTheDeviceBeforeItTakesItsPlace();
    void usesTheRoutingTokenAsMailbox();
    void refusesWhatIsNoHandshakeFirst_data();
    void refusesWhatIsNoHandshakeFirst();
    void ignoresASecondHandshake();
    void tellsItsLimits();
    // messages
    void asksTheStoreForExactlyWhatAMessageSays_data();
    void asksTheStoreForExactlyWhatAMessageSays();
    void storesBlobsWithTheSendersCase();
    void deletesOnlyForTheRightStatus_data();
    void deletesOnlyForTheRightStatus();
    void ignoresAcksForIdsItNeverGaveOut();
    void ignoresDeviceAcksWithoutADevice();
    void storesARevocationAsAFramedEnvelope();
    void storesDeviceMessagesOfItsOwnIdentityOnly();
    void purgesWhatWasAskedFor_data();
    void purgesWhatWasAskedFor();
    void answersInvalidMessagesThatHaveAnAnswer_data();
    void answersInvalidMessagesThatHaveAnAnswer();
    void ignoresWhatOnlyARelaySends();
    void ignoresTextAndCountsIt();
    void countsAWrongPrefixAndServesTheFrame();
    // limiter
    void refusesEachMessageOverTheRate();
    void takesATokenForWhatDoesNotDecode();
    void takesATokenBeforeTheMessagesOwnRules();
    void takesNoTokenForAnAckOfWhatItWrote();
    void limitsRecoveryOnTopOfTheGeneralRate();
    // answers
    void answersStoresWithTheClientsIdAndTheBlobs();
    void answersFailedStoresAndCountsWhy_data();
    void answersFailedStoresAndCountsWhy();
    void answersAPurgeWithItsCounts();
    void answersAFailedPurge();
    void answersAQueryUnderItsId();
    void saysNothingWhenAnAckWasCarriedOut();
    void passesReceiptsOn();
    // delivery
    void writesWhatAPageHolds();
    void notesDeliveriesUnlessPresenceIsSuppressed_data();
    void notesDeliveriesUnlessPresenceIsSuppressed();
    void deliversBlobsBeforeDeviceMessages();
    void doesNotHoldUpDeviceMessagesLater();
    void writesPushesWhileLive();
    void readsAPushWithoutItsPayload();
    void readsNothingForAPeerWithoutRoom();
    void catchesUpOnceThePeerHasRoom();
    void keepsTheLimitOfUnsentBytes_data();
    void keepsTheLimitOfUnsentBytes();
    void writesOneItemLargerThanTheLimitToAnIdlePeer();
    void asksAgainLaterWhenAPageCouldNotBeRead();
    // bounds
    void hasAShareOf256Messages();
    void hasAShareOf4MiB();
    void stopsEverybodyWhenAllTogetherHoldTooMuch();
    // end
    void isFoundNoMoreAfterItLeft();
    void onlySettlesAfterItLeft();
    void leavesWhenItIsDestroyed();
};

void TestSession::registersBeforeItReadsAndAnswersFirst()
{
    Rig rig;
    int reads = 0;
    rig.store.onRead = [&] {
        ++reads;
        QCOMPARE(rig.relay.presence.mailbox(Alice), (Presence::Connections {Own}));
        QCOMPARE(rig.peer.all<HandshakeAck>().size(), size_t(1));
    };
    QVERIFY(!rig.session->isHandshakeDone());
    rig.receive(handshakeOf(Alice));
    QVERIFY(rig.session->isHandshakeDone());
    QCOMPARE(reads, 1);
    QCOMPARE(rig.peer.sent.size(), size_t(1));
    QVERIFY(rig.peer.sent.front().messageId.size() == 36);
    const auto query = std::get<PageRequest>(rig.store.reads.front()).query;
    QCOMPARE(query.kind, PageQuery::Kind::Mailbox);
    QCOMPARE(query.key.client, Alice);
    QVERIFY(rig.store.writes.empty());
    QVERIFY(rig.peer.closes.empty());
}

void TestSession::registersTheDeviceBeforeItTakesItsPlace()
{
    Rig rig;
    rig.relay.progress.lastDeviceMessage = 41;
    rig.receive(handshakeOf(Alice, Phone));
    QCOMPARE(rig.relay.presence.device({Alice, Phone}), (Presence::Connections {Own}));
    rig.answerPage({}, true);
    const auto query = std::get<PageRequest>(rig.store.reads.front()).query;
    QCOMPARE(query.kind, PageQuery::Kind::DeviceBacklog);
    QCOMPARE(query.key.client, Alice);
    QCOMPARE(query.key.device, Phone);
    QCOMPARE(query.upTo.value().value, 41);
}

void TestSession::usesTheRoutingTokenAsMailbox()
{
    Rig rig;
    Handshake handshake = handshakeOf(Alice, Phone);
    handshake.routingToken = WrittenId::fromHex(QByteArray(32, 'c') + QByteArray(32, 'C'));
    rig.join(handshake);
    const Id token = handshake.routingToken->id;
    QVERIFY(rig.relay.presence.mailbox(Alice).isEmpty());
    QCOMPARE(rig.relay.presence.mailbox(token).size(), 1);
    // Device sync keeps to the client id.
    QCOMPARE(rig.relay.presence.device({Alice, Phone}).size(), 1);
    const auto query = rig.answerPage({blob(1)}, true);
    QCOMPARE(query.key.client, token);
    // The recipient finds its id as it wrote it.
    const auto updates = rig.peer.all<EncryptedUpdate>();
    QCOMPARE(updates.size(), size_t(1));
    QCOMPARE(updates.front().recipientId, *handshake.routingToken);
    rig.store.takeWrites();
    rig.receive(updateFor(Bob));
    QCOMPARE(rig.onlyWrite<StoreBlob>().senderRoutingId, token);
}

void TestSession::refusesWhatIsNoHandshakeFirst_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("reason");
    const QByteArray id(64, 'a');
    QTest::newRow("another message")
        << encodeFrame({"m", 1, updateFor(Bob)}) << 1008 << QByteArray("not_expected");
    QTest::newRow("an unknown type") << frameOf(R"({"type":"handshake","client_id":")" + id + "\"}")
                                     << 1008 << QByteArray("not_expected");
    QTest::newRow("a malformed id")
        << frameOf(R"({"type":"Handshake","client_id":"abc"})") << 1008 << QByteArray("invalid");
    QTest::newRow("another invalid message")
        << frameOf(R"({"type":"EncryptedUpdate","recipient_id":"x","ciphertext":[]})") << 1008
        << QByteArray("not_expected");
    QTest::newRow("some fields of the signature")
        << frameOf(R"({"type":"Handshake","client_id":")" + id + R"(","timestamp":1})") << 1008
        << QByteArray("invalid");
    QTest::newRow("no JSON") << QByteArray("\0\0\0\1x", 5) << 1007 << QByteArray("undecodable");
    QTest::newRow("too short") << QByteArray("\0\0", 2) << 1007 << QByteArray("undecodable");
    QTest::newRow("empty") << QByteArray("") << 1007 << QByteArray("undecodable");
}

void TestSession::refusesWhatIsNoHandshakeFirst()
{
    QFETCH(QByteArray, frame);
    QFETCH(int, code);
    QFETCH(QByteArray, reason);
    Rig rig;
    rig.session->receive(frame);
    QVERIFY(rig.peer.sent.empty());
    QCOMPARE(rig.peer.closes.size(), size_t(1));
    QCOMPARE(static_cast<int>(rig.peer.closes.front().code), code);
    QVERIFY(!rig.peer.closes.front().reason.isEmpty());
    QVERIFY(rig.peer.closes.front().reason.size() <= 123);
    QCOMPARE(rig.refused(reason), 1.0);
    QCOMPARE(rig.relay.metrics.messagesRejectedTotal.Value(), 1.0);
    QVERIFY(!rig.session->isHandshakeDone());
    QCOMPARE(rig.relay.presence.mailboxCount(), size_t(0));
    QVERIFY(rig.store.reads.empty());
}

void TestSession::ignoresASecondHandshake()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.receive(handshakeOf(Bob));
    QVERIFY(rig.peer.sent.empty());
    QVERIFY(rig.peer.closes.empty());
    QVERIFY(rig.relay.presence.mailbox(Bob).isEmpty());
    QCOMPARE(rig.relay.presence.mailbox(Alice).size(), 1);
    QCOMPARE(rig.refused("not_expected"), 1.0);
}

void TestSession::tellsItsLimits()
{
    Settings settings;
    settings.maxMessageSize = 4711;
    settings.rateLimitPerMin = 42;
    settings.blobTtl = std::chrono::days(30);
    settings.maxBlobsPerRecipient = 17;
    Rig rig(settings);
    rig.peer.maxIncomingFrame = 4711;
    rig.receive(handshakeOf(Alice));
    const auto acks = rig.peer.all<HandshakeAck>();
    QCOMPARE(acks.size(), size_t(1));
    QCOMPARE(acks.front().protocolVersion, 1U);
    QCOMPARE(acks.front().serverVersion, QByteArray(RELAY_VERSION));
    QVERIFY(acks.front().limits.has_value());
    QVERIFY(acks.front().limits == (Limits {4711, 42, 2592000, 17}));
}

void TestSession::asksTheStoreForExactlyWhatAMessageSays_data()
{
    QTest::addColumn<Message>("message");
    QTest::addColumn<int>("operation");
    QTest::addColumn<QByteArray>("messageId");
    QTest::addColumn<int>("payload");
    const auto row = [](const char *name, Message message, const StoreOperation &operation,
                         bool keepsId, int payload) {
        QTest::newRow(name) << std::move(message) << static_cast<int>(operation.index())
                            << (keepsId ? QByteArray("m") : QByteArray()) << payload;
    };
    WireIds ids(QByteArray(WireIds::KeySize, 'k'));
    row("EncryptedUpdate", updateFor(Bob, QByteArray(100, 'x')), StoreBlob {}, true, 100);
    row("empty EncryptedUpdate", updateFor(Bob, ""), StoreBlob {}, true, 0);
    row("Acknowledgment",
        Acknowledgment {ids.idOf(ItemKind::Blob, {3}), AckStatus::ReceivedByRecipient, {}},
        AckBlob {}, false, 0);
    row("RecoveryProofStore", RecoveryProofStore {idOf(9), "proof"}, StoreProof {}, true, 5);
    // What it may bring back counts, not what it says.
    row("RecoveryProofQuery", RecoveryProofQuery {{idOf(9), idOf(8)}}, QueryProofs {}, true,
        static_cast<int>(2 * encodedUpdateBound(RecoveryProofStore::MaxProofBytes)));
    row("DeviceSyncMessage",
        DeviceSyncMessage {
            WrittenId::of(Alice), WrittenId::of(Tablet), WrittenId::of(Phone), "sync", ~quint64(0)},
        StoreDeviceMessage {}, true, 4);
    row("DeviceSyncAck", DeviceSyncAck {ids.idOf(ItemKind::DeviceMessage, {3}), 1},
        AckDeviceMessage {}, false, 0);
    row("PurgeRequest", PurgeRequest {}, Purge {}, true, 0);
}

void TestSession::asksTheStoreForExactlyWhatAMessageSays()
{
    QFETCH(Message, message);
    QFETCH(int, operation);
    QFETCH(QByteArray, messageId);
    QFETCH(int, payload);
    Rig rig;
    rig.joinLive(handshakeOf(Alice, Phone));
    rig.relay.clock.advance(1s);
    rig.receive(message);
    const auto writes = rig.store.takeWrites();
    QCOMPARE(writes.size(), size_t(1));
    QCOMPARE(static_cast<int>(writes[0].operation.index()), operation);
    QCOMPARE(writes[0].origin.connection, Own);
    QCOMPARE(writes[0].origin.messageId, messageId);
    QCOMPARE(writes[0].origin.arrived, rig.relay.clock.now());
    QCOMPARE(writes[0].origin.cost, InFlightBudget::RequestOverhead + messageId.size() + payload);
    QCOMPARE(rig.relay.budget.bytes(), writes[0].origin.cost);
    QCOMPARE(rig.session->requestsInFlight(), 1);
    // Nothing is said before the store has answered.
    QVERIFY(rig.peer.sent.empty());
    QCOMPARE(rig.relay.metrics.messagesRejectedTotal.Value(), 0.0);
}

void TestSession::storesBlobsWithTheSendersCase()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    EncryptedUpdate update = updateFor(Bob, "text");
    update.recipientId = *WrittenId::fromHex(QByteArray(64, 'B'));
    update.senderId = WrittenId::fromHex(QByteArray(63, 'a') + 'A');
    rig.receive(update);
    auto stored = rig.onlyWrite<StoreBlob>();
    QCOMPARE(stored.recipient, Bob);
    QVERIFY(stored.sender == update.senderId);
    QCOMPARE(stored.ciphertext, QByteArray("text"));
    QCOMPARE(stored.senderRoutingId, Alice);
    update.senderId.reset();
    rig.receive(update);
    QVERIFY(!rig.onlyWrite<StoreBlob>().sender);
}

void TestSession::deletesOnlyForTheRightStatus_data()
{
    QTest::addColumn<AckStatus>("status");
    QTest::addColumn<bool>("deletes");
    QTest::newRow("Stored") << AckStatus::Stored << false;
    QTest::newRow("Delivered") << AckStatus::Delivered << true;
    QTest::newRow("ReceivedByRecipient") << AckStatus::ReceivedByRecipient << true;
    QTest::newRow("Failed") << AckStatus::Failed << false;
}

void TestSession::deletesOnlyForTheRightStatus()
{
    QFETCH(AckStatus, status);
    QFETCH(bool, deletes);
    for (const bool suppress : {false, true}) {
        Rig rig;
        Handshake handshake = handshakeOf(Alice);
        handshake.suppressPresence = suppress;
        rig.joinLive(handshake);
        rig.receive(Acknowledgment {rig.ids.idOf(ItemKind::Blob, {77}), status, {}});
        if (!deletes) {
            QVERIFY(rig.store.writes.empty());
        } else {
            const auto ack = rig.onlyWrite<AckBlob>();
            QCOMPARE(ack.mailbox, Alice);
            QCOMPARE(ack.sequence.value, 77);
            QCOMPARE(ack.suppressPresence, suppress);
        }
        QVERIFY(rig.peer.sent.empty());
    }
}

void TestSession::ignoresAcksForIdsItNeverGaveOut()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice, Phone));
    for (const QByteArray &id : {QByteArray(), QByteArray("x"), rig.ids.fresh(),
             rig.ids.idOf(ItemKind::DeviceMessage, {1})})
        rig.receive(Acknowledgment {id, AckStatus::ReceivedByRecipient, {}});
    for (const QByteArray &id : {QByteArray(), rig.ids.fresh(), rig.ids.idOf(ItemKind::Blob, {1})})
        rig.receive(DeviceSyncAck {id, 1});
    QVERIFY(rig.store.writes.empty());
    QVERIFY(rig.peer.sent.empty());
    QCOMPARE(rig.relay.metrics.messagesRejectedTotal.Value(), 0.0);
}

void TestSession::ignoresDeviceAcksWithoutADevice()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.receive(DeviceSyncAck {rig.ids.idOf(ItemKind::DeviceMessage, {1}), 1});
    QVERIFY(rig.store.writes.empty());
    QVERIFY(rig.peer.sent.empty());
}

void TestSession::storesARevocationAsAFramedEnvelope()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    const AccountRevoked revoked {
        WrittenId::of(Alice), WrittenId::of(Bob), 1'700'000'000, QByteArray(64, 's')};
    rig.session->receive(encodeFrame({"the-id", 99, revoked}));
    Origin origin;
    const auto stored = rig.onlyWrite<StoreBlob>(&origin);
    QCOMPARE(stored.recipient, Bob);
    QVERIFY(stored.sender == WrittenId::of(Alice));
    QCOMPARE(origin.messageId, QByteArray("the-id"));
    auto inner = rig.decoder.decode(stored.ciphertext);
    QVERIFY(inner);
    QVERIFY(!inner->prefixMismatch);
    QVERIFY(inner->envelope == (Envelope {"the-id", 99, revoked}));
    QCOMPARE(origin.cost, InFlightBudget::RequestOverhead + 6 + stored.ciphertext.size());
}

void TestSession::storesDeviceMessagesOfItsOwnIdentityOnly()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice, Phone));
    DeviceSyncMessage message {
        WrittenId::of(Alice), WrittenId::of(Tablet), WrittenId::of(Phone), "sync", ~quint64(0)};
    rig.receive(message);
    const auto stored = rig.onlyWrite<StoreDeviceMessage>();
    QVERIFY(stored.target == (DeviceKey {Alice, Tablet}));
    QVERIFY(stored.senderDevice == WrittenId::of(Phone));
    QCOMPARE(stored.version, ~quint64(0));
    QCOMPARE(stored.payload, QByteArray("sync"));
    message.identityId = WrittenId::of(Bob);
    rig.receive(message, "foreign");
    QVERIFY(rig.store.writes.empty());
    const auto answers = rig.peer.all<Acknowledgment>();
    QCOMPARE(answers.size(), size_t(1));
    QVERIFY(answers[0] == (Acknowledgment {"foreign", AckStatus::Failed, {}}));
    QCOMPARE(rig.refused("invalid"), 1.0);
}

void TestSession::purgesWhatWasAskedFor_data()
{
    QTest::addColumn<bool>("devices");
    QTest::addColumn<bool>("proofs");
    QTest::addColumn<bool>("hasHash");
    for (int bits = 0; bits < 8; ++bits)
        QTest::addRow("%d", bits) << bool(bits & 1) << bool(bits & 2) << bool(bits & 4);
}

void TestSession::purgesWhatWasAskedFor()
{
    QFETCH(bool, devices);
    QFETCH(bool, proofs);
    QFETCH(bool, hasHash);
    Rig rig;
    Handshake handshake = handshakeOf(Alice);
    handshake.routingToken = WrittenId::of(idOf(0xcc));
    rig.joinLive(handshake);
    rig.receive(PurgeRequest {devices, proofs, hasHash ? std::optional(idOf(9)) : std::nullopt});
    const auto purge = rig.onlyWrite<Purge>();
    QCOMPARE(purge.mailbox, idOf(0xcc));
    QVERIFY(purge.devicesOf == (devices ? std::optional(Alice) : std::nullopt));
    QVERIFY(purge.proof == (proofs && hasHash ? std::optional(idOf(9)) : std::nullopt));
}

void TestSession::answersInvalidMessagesThatHaveAnAnswer_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<bool>("isAnswered");
    const QByteArray id(64, 'a');
    QTest::newRow("EncryptedUpdate")
        << QByteArray(R"({"type":"EncryptedUpdate","recipient_id":"x","ciphertext":[]})") << true;
    QTest::newRow("RecoveryProofStore")
        << QByteArray(R"({"type":"RecoveryProofStore","key_hash":"x","proof_data":[]})") << true;
    QTest::newRow("RecoveryProofQuery")
        << QByteArray(R"({"type":"RecoveryProofQuery","key_hashes":[]})") << true;
    QTest::newRow("DeviceSyncMessage")
        << QByteArray(R"({"type":"DeviceSyncMessage","identity_id":"x","target_device_id":")" + id
               + R"(","sender_device_id":")" + id + R"(","encrypted_payload":[],"version":1})")
        << true;
    QTest::newRow("PurgeRequest") << QByteArray(
        R"({"type":"PurgeRequest","recovery_key_hash":"x"})")
                                  << true;
    QTest::newRow("AccountRevoked")
        << QByteArray(R"({"type":"AccountRevoked","sender_id":"x","recipient_id":")" + id
               + R"(","timestamp":1,"signature":[]})")
        << true;
    QTest::newRow("a second, malformed Handshake")
        << QByteArray(R"({"type":"Handshake","client_id":"x"})") << false;
}

void TestSession::answersInvalidMessagesThatHaveAnAnswer()
{
    QFETCH(QByteArray, payload);
    QFETCH(bool, isAnswered);
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.session->receive(frameOf(payload, "bad"));
    QVERIFY(rig.store.writes.empty());
    QVERIFY(rig.peer.closes.empty());
    QCOMPARE(rig.refused("invalid"), 1.0);
    const auto answers = rig.peer.all<Acknowledgment>();
    QCOMPARE(answers.size(), size_t(isAnswered));
    if (isAnswered)
        QVERIFY(answers[0] == (Acknowledgment {"bad", AckStatus::Failed, {}}));
}

void TestSession::ignoresWhatOnlyARelaySends()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.receive(HandshakeAck {1, "x", {}, std::nullopt});
    rig.receive(PurgeResponse {1, 2, 3});
    rig.receive(RecoveryProofResponse {});
    rig.receive(ForwardingHints {});
    QCOMPARE(rig.refused("not_expected"), 4.0);
    rig.session->receive(frameOf(R"({"type":"NoSuchThing"})"));
    QCOMPARE(rig.refused("unknown"), 1.0);
    QVERIFY(rig.store.writes.empty());
    QVERIFY(rig.peer.sent.empty());
    QVERIFY(rig.peer.closes.empty());
}

void TestSession::ignoresTextAndCountsIt()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.session->receiveText({});
    QVERIFY(rig.peer.closes.empty());
    QCOMPARE(rig.refused("text"), 1.0);
    Rig stranger;
    stranger.session->receiveText({});
    QCOMPARE(stranger.peer.closes.size(), size_t(1));
    QCOMPARE(static_cast<int>(stranger.peer.closes[0].code), 1003);
}

void TestSession::countsAWrongPrefixAndServesTheFrame()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    QByteArray frame = encodeFrame({"m", 1, updateFor(Bob)});
    frame[3] = static_cast<char>(frame[3] + 1);
    rig.session->receive(frame);
    QCOMPARE(rig.store.writes.size(), size_t(1));
    QCOMPARE(rig.relay.metrics.framePrefixMismatchTotal.Value(), 1.0);
}

// ---- limiter ----

void TestSession::refusesEachMessageOverTheRate()
{
    Rig rig(withRate(60, 3));
    rig.joinLive(handshakeOf(Alice)); // costs nothing
    for (int i = 0; i < 3; ++i)
        rig.receive(updateFor(Bob));
    QCOMPARE(rig.store.takeWrites().size(), size_t(3));
    rig.receive(updateFor(Bob), "too many");
    // Never in silence, acks included.
    rig.receive(
        Acknowledgment {rig.ids.idOf(ItemKind::Blob, {1}), AckStatus::Delivered, {}}, "ack");
    QVERIFY(rig.store.writes.empty());
    auto answers = rig.peer.all<Acknowledgment>();
    QCOMPARE(answers.size(), size_t(2));
    QVERIFY(answers[0] == (Acknowledgment {"too many", AckStatus::Failed, {}}));
    QVERIFY(answers[1] == (Acknowledgment {"ack", AckStatus::Failed, {}}));
    QCOMPARE(rig.relay.metrics.rateLimitedTotal.Value(), 2.0);
    rig.relay.clock.advance(1s);
    rig.receive(updateFor(Bob));
    QCOMPARE(rig.store.writes.size(), size_t(1));
}

void TestSession::takesATokenForWhatDoesNotDecode()
{
    Rig rig(withRate(60, 3));
    rig.joinLive(handshakeOf(Alice));
    for (int i = 0; i < 3; ++i)
        rig.session->receive(QByteArray("\0\0\0\1x", 5));
    QVERIFY(rig.peer.sent.empty());
    QVERIFY(rig.peer.closes.empty());
    QCOMPARE(rig.refused("undecodable"), 3.0);
    rig.receive(updateFor(Bob));
    QCOMPARE(rig.refused("rate"), 1.0);
    // Undecodable over the limit is still ignored: there is no id to answer under.
    rig.session->receive(QByteArray("\0\0\0\1x", 5));
    QCOMPARE(rig.refused("undecodable"), 4.0);
    QCOMPARE(rig.peer.sent.size(), size_t(1));
}

void TestSession::takesATokenBeforeTheMessagesOwnRules()
{
    Rig rig(withRate(60, 2));
    rig.joinLive(handshakeOf(Alice));
    const QByteArray invalid =
        frameOf(R"({"type":"EncryptedUpdate","recipient_id":"x","ciphertext":[]})");
    const QByteArray unknown = frameOf(R"({"type":"NoSuchThing"})");
    rig.session->receive(invalid);
    rig.session->receive(unknown);
    QCOMPARE(rig.refused("invalid"), 1.0);
    QCOMPARE(rig.refused("unknown"), 1.0);
    rig.session->receive(invalid);
    rig.session->receive(unknown);
    QCOMPARE(rig.refused("rate"), 2.0);
    QCOMPARE(rig.refused("invalid"), 1.0);
    QCOMPARE(rig.refused("unknown"), 1.0);
}

void TestSession::takesNoTokenForAnAckOfWhatItWrote()
{
    Rig rig(withRate(60, 1));
    rig.join(handshakeOf(Alice, Phone));
    rig.answerPage({blob(1), blob(2)}, true);
    rig.answerPage({deviceMessage(1, 1)}, true);
    rig.push(blob(3));
    rig.store.writes.clear();
    // Four were written: four acks of either kind are free.
    for (int i = 0; i < 3; ++i)
        rig.receive(Acknowledgment {
            rig.ids.idOf(ItemKind::Blob, {i + 1}), AckStatus::ReceivedByRecipient, {}});
    rig.receive(DeviceSyncAck {rig.ids.idOf(ItemKind::DeviceMessage, {1}), 1});
    QCOMPARE(rig.store.takeWrites().size(), size_t(4));
    rig.receive(updateFor(Bob)); // the one token is still there
    QCOMPARE(rig.store.takeWrites().size(), size_t(1));
    rig.receive(Acknowledgment {rig.ids.idOf(ItemKind::Blob, {1}), AckStatus::Delivered, {}});
    QVERIFY(rig.store.writes.empty());
    QCOMPARE(rig.refused("rate"), 1.0);
    // Other messages never use the free ones up.
    rig.push(blob(4));
    rig.store.writes.clear();
    rig.receive(updateFor(Bob));
    QVERIFY(rig.store.writes.empty());
    rig.receive(Acknowledgment {rig.ids.idOf(ItemKind::Blob, {4}), AckStatus::Delivered, {}});
    QCOMPARE(rig.store.writes.size(), size_t(1));
}

void TestSession::limitsRecoveryOnTopOfTheGeneralRate()
{
    Settings settings = withRate(60, 4);
    settings.recoveryRateLimitPerMin = 2;
    Rig rig(settings);
    rig.joinLive(handshakeOf(Alice));
    rig.receive(RecoveryProofStore {idOf(9), "proof"});
    rig.receive(RecoveryProofQuery {{idOf(9)}});
    QCOMPARE(rig.store.takeWrites().size(), size_t(2));
    rig.receive(RecoveryProofQuery {{idOf(9)}}, "third");
    QVERIFY(rig.store.writes.empty());
    QCOMPARE(rig.refused("recovery_rate"), 1.0);
    QCOMPARE(rig.relay.metrics.rateLimitedTotal.Value(), 0.0);
    auto answers = rig.peer.all<Acknowledgment>();
    QCOMPARE(answers.size(), size_t(1));
    QVERIFY(answers[0] == (Acknowledgment {"third", AckStatus::Failed, {}}));
    // It cost a general token all the same, and the general limiter comes first.
    rig.receive(updateFor(Bob));
    QCOMPARE(rig.store.takeWrites().size(), size_t(1));
    rig.receive(RecoveryProofQuery {{idOf(9)}});
    QCOMPARE(rig.refused("rate"), 1.0);
    QCOMPARE(rig.refused("recovery_rate"), 1.0);
}

// ---- answers ----

void TestSession::answersStoresWithTheClientsIdAndTheBlobs()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice, Phone));
    rig.receive(updateFor(Bob), "short");
    Origin origin;
    rig.onlyWrite<StoreBlob>(&origin);
    rig.relay.clock.advance(20ms);
    rig.reply(origin, StoreOutcome::Done, Sequence {12});
    auto answers = rig.peer.all<Acknowledgment>();
    QCOMPARE(answers.size(), size_t(1));
    QVERIFY(answers[0]
        == (Acknowledgment {"short", AckStatus::Stored, rig.ids.idOf(ItemKind::Blob, {12})}));
    QCOMPARE(rig.peer.sent[0].messageId.size(), 36);
    QCOMPARE(rig.peer.sent[0].timestamp, quint64(rig.relay.clock.unixMillis() / 1000));
    QCOMPARE(rig.session->requestsInFlight(), 0);
    QCOMPARE(countOf(rig.relay.metrics.messageDurationSeconds), quint64(2)); // and the handshake
    QCOMPARE(sumOf(rig.relay.metrics.messageDurationSeconds), 0.02);
    // Of what is no blob there is no blob id.
    rig.receive(RecoveryProofStore {idOf(9), "proof"}, "proof");
    rig.onlyWrite<StoreProof>(&origin);
    rig.reply(origin, StoreOutcome::Done);
    answers = rig.peer.all<Acknowledgment>();
    QVERIFY(answers[1] == (Acknowledgment {"proof", AckStatus::Stored, {}}));
}

void TestSession::answersFailedStoresAndCountsWhy_data()
{
    QTest::addColumn<StoreOutcome>("outcome");
    QTest::addColumn<QByteArray>("reason");
    QTest::newRow("mailbox full") << StoreOutcome::QuotaFull << QByteArray("quota");
    QTest::newRow("store full") << StoreOutcome::Refused << QByteArray("storage");
    QTest::newRow("database") << StoreOutcome::Failed << QByteArray("storage");
}

void TestSession::answersFailedStoresAndCountsWhy()
{
    QFETCH(StoreOutcome, outcome);
    QFETCH(QByteArray, reason);
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.receive(updateFor(Bob), "m-1");
    Origin origin;
    rig.onlyWrite<StoreBlob>(&origin);
    rig.reply(origin, outcome);
    const auto answers = rig.peer.all<Acknowledgment>();
    QCOMPARE(answers.size(), size_t(1));
    QVERIFY(answers[0] == (Acknowledgment {"m-1", AckStatus::Failed, {}}));
    QCOMPARE(rig.refused(reason), 1.0);
    QCOMPARE(rig.relay.metrics.messagesRejectedTotal.Value(), 1.0);
}

void TestSession::answersAPurgeWithItsCounts()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.receive(PurgeRequest {}, "purge");
    Origin origin;
    rig.onlyWrite<Purge>(&origin);
    StoreReply reply {origin, StoreOutcome::Done, std::nullopt, PurgeResponse {3, 2, 1}, true};
    rig.session->handle(reply);
    QCOMPARE(rig.peer.sent.size(), size_t(1));
    QCOMPARE(rig.peer.sent[0].messageId, QByteArray("purge"));
    QVERIFY(rig.peer.all<PurgeResponse>().at(0) == (PurgeResponse {3, 2, 1}));
}

void TestSession::answersAFailedPurge()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.receive(PurgeRequest {}, "purge");
    Origin origin;
    rig.onlyWrite<Purge>(&origin);
    rig.reply(origin, StoreOutcome::Failed);
    QVERIFY(
        rig.peer.all<Acknowledgment>().at(0) == (Acknowledgment {"purge", AckStatus::Failed, {}}));
}

void TestSession::answersAQueryUnderItsId()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.receive(RecoveryProofQuery {{idOf(9), idOf(8)}}, "query");
    Origin origin;
    const auto query = rig.onlyWrite<QueryProofs>(&origin);
    QVERIFY(query.keyHashes == (std::vector {idOf(9), idOf(8)}));
    QCOMPARE(query.maxFrameSize, qsizetype(rig.relay.settings.maxMessageSize));
    ProofAnswer answer {origin, {{{idOf(9), "proof"}}, true}, false};
    rig.session->handle(answer);
    QCOMPARE(rig.peer.sent.at(0).messageId, QByteArray("query"));
    QVERIFY(rig.peer.all<RecoveryProofResponse>().at(0)
        == (RecoveryProofResponse {{{idOf(9), "proof"}}, true}));
    rig.receive(RecoveryProofQuery {{idOf(9)}}, "again");
    rig.onlyWrite<QueryProofs>(&origin);
    ProofAnswer failed {origin, {}, true};
    rig.session->handle(failed);
    QVERIFY(
        rig.peer.all<Acknowledgment>().at(0) == (Acknowledgment {"again", AckStatus::Failed, {}}));
    QCOMPARE(rig.refused("storage"), 1.0);
    QCOMPARE(rig.session->requestsInFlight(), 0);
}

void TestSession::saysNothingWhenAnAckWasCarriedOut()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.receive(Acknowledgment {rig.ids.idOf(ItemKind::Blob, {1}), AckStatus::Delivered, {}});
    Origin origin;
    rig.onlyWrite<AckBlob>(&origin);
    rig.reply(origin, StoreOutcome::Done, std::nullopt, false);
    rig.receive(Acknowledgment {rig.ids.idOf(ItemKind::Blob, {1}), AckStatus::Delivered, {}});
    rig.onlyWrite<AckBlob>(&origin);
    rig.reply(origin, StoreOutcome::Failed, std::nullopt, false);
    QVERIFY(rig.peer.sent.empty());
    QCOMPARE(rig.session->requestsInFlight(), 0);
    QCOMPARE(rig.refused("storage"), 1.0);
}

void TestSession::passesReceiptsOn()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    Receipt receipt {Own, "mine", AckStatus::ReceivedByRecipient, {4}};
    rig.session->handle(receipt);
    QVERIFY(rig.peer.all<Acknowledgment>().at(0)
        == (Acknowledgment {
            "mine", AckStatus::ReceivedByRecipient, rig.ids.idOf(ItemKind::Blob, {4})}));
}

// ---- delivery ----

void TestSession::writesWhatAPageHolds()
{
    Rig rig;
    rig.join(handshakeOf(Alice));
    rig.relay.clock.advance(3s);
    StoredItem first = blob(1, "one");
    first.sender = WrittenId::fromHex(QByteArray(63, 'a') + 'A')->toCompact();
    StoredItem second = blob(5, "");
    second.sender = {}; // none was given
    rig.answerPage({first, second}, true);
    const auto updates = rig.peer.all<EncryptedUpdate>();
    QCOMPARE(updates.size(), size_t(2));
    QCOMPARE(rig.peer.sent[0].messageId, rig.ids.idOf(ItemKind::Blob, {1}));
    QCOMPARE(updates[0].recipientId.id, Alice);
    QCOMPARE(updates[0].senderId->toHex(), QByteArray(63, 'a') + 'A');
    QCOMPARE(updates[0].ciphertext, QByteArray("one"));
    QCOMPARE(rig.peer.sent[1].messageId, rig.ids.idOf(ItemKind::Blob, {5}));
    QVERIFY(!updates[1].senderId);
    QVERIFY(updates[1].ciphertext.isEmpty());
    QCOMPARE(rig.relay.metrics.blobsDeliveredTotal.Value(), 2.0);
    QCOMPARE(sumOf(rig.relay.metrics.deliveryDelaySeconds), 6.0);
    QVERIFY(rig.store.reads.empty()); // live
}

void TestSession::notesDeliveriesUnlessPresenceIsSuppressed_data()
{
    QTest::addColumn<bool>("suppress");
    QTest::newRow("shown") << false;
    QTest::newRow("suppressed") << true;
}

void TestSession::notesDeliveriesUnlessPresenceIsSuppressed()
{
    QFETCH(bool, suppress);
    Rig rig;
    Handshake handshake = handshakeOf(Alice, Phone);
    handshake.suppressPresence = suppress;
    rig.join(handshake);
    rig.answerPage({blob(1)}, true);
    rig.answerPage({deviceMessage(1, 1)}, true);
    rig.push(blob(2));
    const auto writes = rig.store.takeWrites();
    if (suppress) {
        QVERIFY(writes.empty());
        return;
    }
    // Of blobs, and not of device messages: nobody gets receipts for those.
    QCOMPARE(writes.size(), size_t(2));
    QCOMPARE(std::get<NoteDelivered>(writes[0].operation).sequences.at(0).value, 1);
    QCOMPARE(std::get<NoteDelivered>(writes[1].operation).sequences.at(0).value, 2);
    // A note has no answer, so it must not count as something in flight.
    QCOMPARE(rig.session->requestsInFlight(), 0);
    QCOMPARE(rig.relay.budget.bytes(), 0);
}

void TestSession::deliversBlobsBeforeDeviceMessages()
{
    Rig rig;
    rig.relay.progress.lastDeviceMessage = 9;
    rig.join(handshakeOf(Alice, Phone));
    rig.push(deviceMessage(10, 1), ItemKind::DeviceMessage); // committed meanwhile
    QCOMPARE(rig.answerPage({blob(1)}, false).kind, PageQuery::Kind::Mailbox);
    QCOMPARE(rig.answerPage({blob(2)}, true).kind, PageQuery::Kind::Mailbox);
    QCOMPARE(rig.answerPage({deviceMessage(7, 3)}, true).kind, PageQuery::Kind::DeviceBacklog);
    QCOMPARE(rig.answerPage({deviceMessage(10, 1)}, true).kind, PageQuery::Kind::DeviceLive);
    QVERIFY(rig.store.reads.empty());
    QCOMPARE(rig.peer.sent.size(), size_t(4));
    QVERIFY(is<EncryptedUpdate>(rig.peer.sent[0].message));
    QVERIFY(is<EncryptedUpdate>(rig.peer.sent[1].message));
    const auto messages = rig.peer.all<DeviceSyncMessage>();
    QCOMPARE(messages.size(), size_t(2));
    QVERIFY(messages[0]
        == (DeviceSyncMessage {
            WrittenId::of(Alice), WrittenId::of(Phone), WrittenId::of(Tablet), "sync", 3}));
    QCOMPARE(rig.peer.sent[2].messageId, rig.ids.idOf(ItemKind::DeviceMessage, {7}));
}

void TestSession::doesNotHoldUpDeviceMessagesLater()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice, Phone));
    // The mailbox catches up again: device messages that fit need not wait for it.
    ItemPush bare {Own, ItemKind::Blob, {5}, std::nullopt};
    rig.session->handle(bare);
    QCOMPARE(rig.store.reads.size(), size_t(1));
    rig.push(deviceMessage(1, 1), ItemKind::DeviceMessage);
    QCOMPARE(rig.peer.all<DeviceSyncMessage>().size(), size_t(1));
}

void TestSession::writesPushesWhileLive()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.push(blob(4));
    rig.push(blob(4)); // twice
    rig.push(blob(3)); // late
    rig.push(blob(9));
    QCOMPARE(rig.peer.sent.size(), size_t(2));
    QCOMPARE(rig.peer.sent[1].messageId, rig.ids.idOf(ItemKind::Blob, {9}));
    QVERIFY(rig.store.reads.empty());
}

void TestSession::readsAPushWithoutItsPayload()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    ItemPush bare {Own, ItemKind::Blob, {4}, std::nullopt};
    rig.session->handle(bare);
    QVERIFY(rig.peer.sent.empty());
    rig.push(blob(5)); // must not overtake
    QVERIFY(rig.peer.sent.empty());
    QCOMPARE(rig.answerPage({blob(4)}, true).after.value, 0);
    QCOMPARE(rig.answerPage({blob(5)}, true).after.value, 4);
    QCOMPARE(rig.peer.sent.size(), size_t(2));
    QVERIFY(rig.store.reads.empty());
}

void TestSession::readsNothingForAPeerWithoutRoom()
{
    Rig rig;
    rig.peer.setUnsent(rig.relay.settings.maxUnsentBytes);
    rig.receive(handshakeOf(Alice));
    QVERIFY(rig.store.reads.empty());
    rig.session->continueDelivery();
    QVERIFY(rig.store.reads.empty());
    rig.peer.setUnsent(rig.relay.settings.maxUnsentBytes - 1);
    rig.session->continueDelivery();
    QCOMPARE(rig.store.reads.size(), size_t(1));
    rig.session->continueDelivery();
    QCOMPARE(rig.store.reads.size(), size_t(1)); // one at a time
}

void TestSession::catchesUpOnceThePeerHasRoom()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.peer.setUnsent(rig.relay.settings.maxUnsentBytes);
    for (qint64 n = 1; n <= 1000; ++n)
        rig.push(blob(n));
    QVERIFY(rig.peer.sent.empty());
    QVERIFY(rig.store.reads.empty());
    rig.peer.drain();
    rig.session->continueDelivery();
    QCOMPARE(rig.answerPage({blob(1), blob(2)}, false).after.value, 0);
    QCOMPARE(rig.peer.sent.size(), size_t(2));
    QCOMPARE(rig.answerPage({blob(1000)}, true).after.value, 2);
    QVERIFY(rig.store.reads.empty());
    rig.push(blob(1001));
    QCOMPARE(rig.peer.sent.size(), size_t(4));
}

void TestSession::keepsTheLimitOfUnsentBytes_data()
{
    QTest::addColumn<bool>("isDevice");
    QTest::addColumn<bool>("isPushed");
    QTest::newRow("blobs of pages") << false << false;
    QTest::newRow("pushed blobs") << false << true;
    QTest::newRow("device messages of pages") << true << false;
    QTest::newRow("pushed device messages") << true << true;
}

void TestSession::keepsTheLimitOfUnsentBytes()
{
    QFETCH(bool, isDevice);
    QFETCH(bool, isPushed);
    // Whatever the sizes: the last one that is written must fit exactly or not be written.
    for (const int size : {0, 1, 10, 100, 1000, 1100, 1200}) {
        Settings settings = withRate(0, 0);
        settings.maxUnsentBytes = 20'000;
        Rig rig(settings);
        rig.relay.clock.setUnixMillis(std::numeric_limits<qint64>::max());
        rig.relay.progress.lastDeviceMessage = 1000;
        const Handshake handshake = isDevice ? handshakeOf(Alice, Phone) : handshakeOf(Alice);
        const QByteArray payload(size, '\xff'); // the longest byte in JSON
        std::vector<StoredItem> items;
        for (qint64 n = 1; n <= 100; ++n) {
            items.push_back(isDevice
                    ? deviceMessage(n + (isPushed ? 1000 : 0), ~quint64(0), payload)
                    : blob(n, payload));
            items.back().storedAt = 0;
        }
        if (isPushed) {
            rig.joinLive(handshake);
            rig.peer.takesNothing();
            for (const StoredItem &item : items)
                rig.push(item, isDevice ? ItemKind::DeviceMessage : ItemKind::Blob);
        } else {
            rig.join(handshake);
            if (isDevice)
                rig.answerPage({}, true);
            rig.peer.takesNothing();
            rig.answerPage(items, true);
        }
        QVERIFY(rig.peer.sent.size() > 1);
        QVERIFY(rig.peer.sent.size() < 100);
        QVERIFY2(rig.peer.mostUnsent() <= settings.maxUnsentBytes,
            QByteArray::number(rig.peer.mostUnsent()).constData());
    }
}

void TestSession::writesOneItemLargerThanTheLimitToAnIdlePeer()
{
    Rig rig;
    rig.join(handshakeOf(Alice));
    rig.peer.takesNothing();
    const QByteArray large(500'000, 'x');
    rig.peer.setUnsent(1);
    rig.answerPage({blob(1, large), blob(2, large)}, true);
    QVERIFY(rig.peer.sent.empty());
    rig.peer.drain();
    rig.session->continueDelivery();
    QCOMPARE(rig.peer.sent.size(), size_t(1));
    rig.session->continueDelivery();
    QCOMPARE(rig.peer.sent.size(), size_t(1));
    rig.peer.drain();
    rig.session->continueDelivery();
    QCOMPARE(rig.peer.sent.size(), size_t(2));
    // The same for a push to somebody who is live.
    rig.peer.drain();
    rig.session->continueDelivery();
    rig.push(blob(3, large));
    QCOMPARE(rig.peer.sent.size(), size_t(3));
    rig.push(blob(4, large));
    QCOMPARE(rig.peer.sent.size(), size_t(3));
    QVERIFY(rig.store.reads.empty());
}

void TestSession::asksAgainLaterWhenAPageCouldNotBeRead()
{
    Rig rig;
    rig.join(handshakeOf(Alice));
    rig.answerPage({}, false, true);
    QVERIFY(rig.store.reads.empty()); // not at once: that would turn in circles
    rig.session->continueDelivery();  // time has passed
    QCOMPARE(rig.answerPage({blob(1)}, true).after.value, 0);
    QCOMPARE(rig.peer.sent.size(), size_t(1));
}

// ---- bounds ----

void TestSession::hasAShareOf256Messages()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    for (int i = 0; i < 255; ++i)
        rig.receive(updateFor(Bob));
    QVERIFY(!rig.session->isOverItsShare());
    rig.receive(Acknowledgment {rig.ids.idOf(ItemKind::Blob, {1}), AckStatus::Delivered, {}});
    QVERIFY(rig.session->isOverItsShare());
    QCOMPARE(rig.session->requestsInFlight(), 256);
    rig.reply(rig.store.writes.front().origin, StoreOutcome::Done, Sequence {1});
    QVERIFY(!rig.session->isOverItsShare());
}

void TestSession::hasAShareOf4MiB()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    constexpr int Mebibyte = 1024 * 1024;
    for (int i = 0; i < 3; ++i)
        rig.receive(updateFor(Bob, QByteArray(Mebibyte, 'x')));
    QVERIFY(!rig.session->isOverItsShare());
    rig.receive(updateFor(Bob, QByteArray(Mebibyte, 'x')));
    QVERIFY(rig.session->isOverItsShare());
    const auto writes = rig.store.takeWrites();
    rig.reply(writes[0].origin, StoreOutcome::Failed);
    QVERIFY(!rig.session->isOverItsShare());
    for (size_t i = 1; i < 4; ++i)
        rig.reply(writes[i].origin, StoreOutcome::Done, Sequence {1});
    QCOMPARE(rig.session->requestsInFlight(), 0);
}

void TestSession::stopsEverybodyWhenAllTogetherHoldTooMuch()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice));
    rig.relay.budget.take(InFlightBudget::MaxBytes);
    QVERIFY(rig.session->isOverItsShare());
    rig.relay.budget.giveBack(1);
    QVERIFY(!rig.session->isOverItsShare());
}

// ---- end ----

void TestSession::isFoundNoMoreAfterItLeft()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice, Phone));
    rig.session->leave();
    QVERIFY(rig.relay.presence.mailbox(Alice).isEmpty());
    QVERIFY(rig.relay.presence.device({Alice, Phone}).isEmpty());
    // What was on its way comes to nothing.
    rig.push(blob(1));
    rig.push(deviceMessage(1, 1), ItemKind::DeviceMessage);
    rig.session->continueDelivery();
    QVERIFY(rig.peer.sent.empty());
    QVERIFY(rig.store.reads.empty());
    QVERIFY(rig.store.writes.empty());
    rig.session->leave();
}

void TestSession::onlySettlesAfterItLeft()
{
    Rig rig;
    rig.join(handshakeOf(Alice));
    rig.receive(updateFor(Bob));
    rig.receive(updateFor(Bob));
    rig.receive(RecoveryProofQuery {{idOf(9)}});
    rig.receive(PurgeRequest {});
    const auto writes = rig.store.takeWrites();
    rig.session->leave();
    QCOMPARE(rig.session->requestsInFlight(), 4);
    rig.reply(writes[0].origin, StoreOutcome::Done, Sequence {1});
    rig.reply(writes[1].origin, StoreOutcome::QuotaFull);
    ProofAnswer answer {writes[2].origin, {}, false};
    rig.session->handle(answer);
    StoreReply purged {writes[3].origin, StoreOutcome::Done, std::nullopt, PurgeResponse {}, true};
    rig.session->handle(purged);
    Receipt receipt {Own, "m", AckStatus::Delivered, {1}};
    rig.session->handle(receipt);
    rig.answerPage({blob(1)}, true);
    QCOMPARE(rig.session->requestsInFlight(), 0);
    QVERIFY(rig.peer.sent.empty());
    // It was received and not carried out, whether or not anybody can be told.
    QCOMPARE(rig.refused("quota"), 1.0);
}

void TestSession::leavesWhenItIsDestroyed()
{
    Rig rig;
    rig.joinLive(handshakeOf(Alice, Phone));
    rig.session.reset();
    QVERIFY(rig.relay.presence.mailbox(Alice).isEmpty());
    QVERIFY(rig.relay.presence.device({Alice, Phone}).isEmpty());
    // The bucket is kept: a reconnect must not refill it.
    QCOMPARE(rig.relay.presence.mailboxCount(), size_t(1));
}

QTEST_APPLESS_MAIN(TestSession)
#include "tst_session.moc"
