// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/watching.h"

#include <QTest>

#include <limits>

using namespace relay;
using namespace relay::test;

/** Every message of the protocol beyond plain blobs (those: tst_delivery), on the real program. */
class TestMessages : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY2(m_relay.start(), m_relay.log()); }
    void cleanupTestCase() { QCOMPARE(m_relay.stop(), 0); }

    void tellsWhatItCanDoAndAllows();
    void originatesFreshUuids();
    void echoesMessageIdsHoweverShort();

    void deliversDeviceSyncByVersionThenArrival();
    void deliversDeviceSyncAfterTheBlobs();
    void deliversDeviceSyncLive();
    void givesBackIdsOfDeviceSyncAsTheyWereWritten();
    void refusesDeviceSyncOfAnotherIdentity();
    void deletesOnlyTheAckedDeviceMessage();
    void ignoresDeviceAcksWithoutADevice();
    void keepsDeviceSyncWithTheClientIdBesideARoutingToken();
    void limitsTheQueueOfADevice();

    void answersProofsInTheOrderAsked();
    void replacesAProof();
    void seesItsOwnProofStoredJustBefore();
    void refusesAQueryOfTooManyHashes();
    void refusesAProofThatIsTooLarge();
    void saysWhenNotAllProofsFit();

    void purgesWhatItIsAskedTo();
    void purgesOnlyItsOwnMailbox();
    void deliversARevocationAsAFramedEnvelope();

    void refusesWhatIsOverTheBurst();
    void sharesTheLimitBetweenConnections();
    void doesNotRefillOnReconnect();
    void givesAFreeAckForEachDelivery();
    void chargesForWhatIsNotDecodable();
    void limitsRecoveryByItself();
    void limitsAMailboxByBytes();
    void neverDeliversWhatHasExpired();

private:
    static Handshake deviceOf(const Id &client, const Id &device);
    AckStatus statusOf(RawClient &client, const Message &message);

    RelayProcess m_relay;
};

Handshake TestMessages::deviceOf(const Id &client, const Id &device)
{
    Handshake handshake;
    handshake.clientId = WrittenId::of(client);
    handshake.deviceId = WrittenId::of(device);
    return handshake;
}

AckStatus TestMessages::statusOf(RawClient &client, const Message &message)
{
    const auto ack = client.expectAck(client.send(message));
    // No test expects this one as an answer.
    return ack ? ack->status : AckStatus::Delivered;
}

void TestMessages::tellsWhatItCanDoAndAllows()
{
    RelayProcess relay({{QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("77")},
        {QStringLiteral("BLOB_TTL_DAYS"), QStringLiteral("3")},
        {QStringLiteral("MAX_MESSAGE_SIZE"), QStringLiteral("65536")},
        {QStringLiteral("MAX_BLOBS_PER_RECIPIENT"), QStringLiteral("12")}});
    QVERIFY2(relay.start(), relay.log());
    RawClient client(relay.port());
    const auto ack = client.join(freshId());
    QVERIFY(ack);
    QCOMPARE(ack->protocolVersion, 1u);
    QVERIFY(!ack->serverVersion.isEmpty());
    for (const char *feature :
        {"routing_token", "suppress_presence", "purge", "device_sync", "recovery_proof",
            "account_revoked", "authenticated_handshake", "live_delivery", "blob_id_in_ack"})
        QVERIFY2(std::ranges::count(ack->features, QByteArray(feature)) == 1, feature);
    // Not on a connection without Noise.
    QCOMPARE(std::ranges::count(ack->features, QByteArray("noise_nk")), 0);
    QVERIFY(ack->limits);
    QCOMPARE(ack->limits->maxMessageSize, 65536u);
    QCOMPARE(ack->limits->rateLimitPerMin, 77u);
    QCOMPARE(ack->limits->blobTtlSecs, 3u * 86400);
    QCOMPARE(ack->limits->maxBlobsPerRecipient, 12u);
}

void TestMessages::originatesFreshUuids()
{
    const Id alice = freshId();
    RawClient client(m_relay.port());
    QVERIFY(client.upgrade());
    client.send(deviceOf(alice, freshId()));
    QSet<QByteArray> ids;
    const auto take = [&](const Envelope &envelope) {
        QCOMPARE(envelope.messageId.size(), 36);
        QVERIFY(!QUuid(QLatin1String(envelope.messageId)).isNull());
        QVERIFY(!ids.contains(envelope.messageId));
        ids.insert(envelope.messageId);
    };
    Envelope envelope;
    QVERIFY(client.expect<HandshakeAck>(&envelope));
    take(envelope);
    for (int i = 0; i < 3; ++i) {
        client.send(EncryptedUpdate {WrittenId::of(alice), std::nullopt, "x"});
        QVERIFY(client.expect<Acknowledgment>(&envelope));
        take(envelope);
        QVERIFY(client.expect<EncryptedUpdate>(&envelope));
        take(envelope);
    }
}

void TestMessages::echoesMessageIdsHoweverShort()
{
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    const auto echoes = [&](const QByteArray &id) {
        client.sendBytes(
            RawClient::encode(EncryptedUpdate {WrittenId::of(freshId()), std::nullopt, "x"}, id));
        const auto ack = client.expectAck(id);
        return ack && ack->status == AckStatus::Stored;
    };
    QVERIFY(echoes(""));
    QVERIFY(echoes("a"));
    QVERIFY(echoes("\xc3\xa9\"\\\n"));
    QVERIFY(echoes(QByteArray(10'000, 'm')));
    // The same id again is another blob.
    QVERIFY(echoes("a"));
}

void TestMessages::deliversDeviceSyncByVersionThenArrival()
{
    const Id client = freshId();
    const Id phone = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(client));
    constexpr quint64 Highest = std::numeric_limits<quint64>::max();
    const std::vector<std::pair<quint64, QByteArray>> stored {{5, "five"}, {Highest, "highest"},
        {0, "zero"}, {quint64(1) << 63, "middle"}, {5, "five again"}};
    for (const auto &[version, payload] : stored) {
        QCOMPARE(statusOf(sender,
                     DeviceSyncMessage {WrittenId::of(client), WrittenId::of(phone),
                         WrittenId::of(idOf(1)), payload, version}),
            AckStatus::Stored);
    }
    RawClient device(m_relay.port());
    QVERIFY(device.join(deviceOf(client, phone)));
    for (const char *payload : {"zero", "five", "five again", "middle", "highest"}) {
        const auto message = device.expect<DeviceSyncMessage>();
        QVERIFY2(message, payload);
        QCOMPARE(message->encryptedPayload, payload);
        QCOMPARE(message->identityId.id, client);
        QCOMPARE(message->targetDeviceId.id, phone);
        QCOMPARE(message->senderDeviceId.id, idOf(1));
    }
}

void TestMessages::deliversDeviceSyncAfterTheBlobs()
{
    const Id client = freshId();
    const Id phone = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(client));
    const DeviceSyncMessage message {
        WrittenId::of(client), WrittenId::of(phone), WrittenId::of(idOf(1)), "sync", 1};
    QCOMPARE(statusOf(sender, message), AckStatus::Stored);
    // More than one page of blobs.
    const Id token = freshId();
    for (int i = 0; i < 600; ++i)
        sender.send(EncryptedUpdate {WrittenId::of(token), std::nullopt, "blob"}, "blob");
    QVERIFY(isServed(sender));
    RawClient device(m_relay.port());
    Handshake handshake = deviceOf(client, phone);
    handshake.routingToken = WrittenId::of(token);
    QVERIFY(device.join(handshake));
    for (int i = 0; i < 600; ++i) {
        const auto next = device.receive();
        QVERIFY(next && std::holds_alternative<EncryptedUpdate>(next->message));
    }
    const auto last = device.receive();
    QVERIFY(last && std::holds_alternative<DeviceSyncMessage>(last->message));
}

void TestMessages::deliversDeviceSyncLive()
{
    const Id client = freshId();
    const Id phone = freshId();
    RawClient sender(m_relay.port());
    RawClient device(m_relay.port());
    QVERIFY(sender.join(client));
    QVERIFY(device.join(deviceOf(client, phone)));
    // In order of arrival, whatever the version.
    for (const quint64 version : {9, 3, 7}) {
        QCOMPARE(statusOf(sender,
                     DeviceSyncMessage {WrittenId::of(client), WrittenId::of(phone),
                         WrittenId::of(idOf(1)), "live", version}),
            AckStatus::Stored);
        const auto message = device.expect<DeviceSyncMessage>();
        QVERIFY(message);
        QCOMPARE(message->version, version);
    }
}

void TestMessages::givesBackIdsOfDeviceSyncAsTheyWereWritten()
{
    const auto written = [](char upper, char lower) {
        return *WrittenId::fromHex(
            freshId().toHex().left(40) + QByteArray(12, upper) + QByteArray(12, lower));
    };
    const WrittenId alice = written('A', 'b');
    const WrittenId device = written('C', 'd');
    const WrittenId sendingDevice = written('E', 'f');
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(alice.id));
    const DeviceSyncMessage message {alice, device, sendingDevice, "x", 3};
    QCOMPARE(sender.expectAck(sender.send(message))->status, AckStatus::Stored);
    Handshake handshake;
    handshake.clientId = alice;
    handshake.deviceId = device;
    RawClient target(m_relay.port());
    QVERIFY(target.join(handshake));
    const auto received = target.expect<DeviceSyncMessage>();
    QVERIFY(received);
    QCOMPARE(received->identityId.toHex(), alice.toHex());
    QCOMPARE(received->targetDeviceId.toHex(), device.toHex());
    QCOMPARE(received->senderDeviceId.toHex(), sendingDevice.toHex());
}

void TestMessages::refusesDeviceSyncOfAnotherIdentity()
{
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    QCOMPARE(statusOf(client,
                 DeviceSyncMessage {WrittenId::of(freshId()), WrittenId::of(idOf(2)),
                     WrittenId::of(idOf(1)), "x", 1}),
        AckStatus::Failed);
}

void TestMessages::deletesOnlyTheAckedDeviceMessage()
{
    const Id client = freshId();
    const Id phone = freshId();
    const Id tablet = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(client));
    for (const Id &target : {phone, phone, tablet}) {
        QCOMPARE(statusOf(sender,
                     DeviceSyncMessage {WrittenId::of(client), WrittenId::of(target),
                         WrittenId::of(idOf(1)), "x", 1}),
            AckStatus::Stored);
    }
    RawClient onPhone(m_relay.port());
    RawClient onTablet(m_relay.port());
    QVERIFY(onPhone.join(deviceOf(client, phone)));
    QVERIFY(onTablet.join(deviceOf(client, tablet)));
    Envelope first;
    Envelope foreign;
    QVERIFY(onPhone.expect<DeviceSyncMessage>(&first));
    QVERIFY(onTablet.expect<DeviceSyncMessage>(&foreign));
    onPhone.send(DeviceSyncAck {first.messageId, 1});
    onPhone.send(DeviceSyncAck {foreign.messageId, 1});
    onPhone.send(DeviceSyncAck {"nothing", 1});
    QVERIFY(isServed(onPhone));
    sender.send(PurgeRequest {true, false, std::nullopt});
    QCOMPARE(sender.expect<PurgeResponse>()->deviceSyncDeleted, 2u);
}

void TestMessages::ignoresDeviceAcksWithoutADevice()
{
    const Id client = freshId();
    const Id phone = freshId();
    RawClient sender(m_relay.port());
    RawClient device(m_relay.port());
    QVERIFY(sender.join(client));
    QVERIFY(device.join(deviceOf(client, phone)));
    QCOMPARE(statusOf(sender,
                 DeviceSyncMessage {
                     WrittenId::of(client), WrittenId::of(phone), WrittenId::of(idOf(1)), "x", 1}),
        AckStatus::Stored);
    Envelope delivered;
    QVERIFY(device.expect<DeviceSyncMessage>(&delivered));
    sender.send(DeviceSyncAck {delivered.messageId, 1});
    sender.send(PurgeRequest {true, false, std::nullopt});
    QCOMPARE(sender.expect<PurgeResponse>()->deviceSyncDeleted, 1u);
}

void TestMessages::keepsDeviceSyncWithTheClientIdBesideARoutingToken()
{
    const Id client = freshId();
    const Id phone = freshId();
    RawClient sender(m_relay.port());
    Handshake handshake;
    handshake.clientId = WrittenId::of(client);
    handshake.routingToken = WrittenId::of(freshId());
    QVERIFY(sender.join(handshake));
    QCOMPARE(statusOf(sender,
                 DeviceSyncMessage {
                     WrittenId::of(client), WrittenId::of(phone), WrittenId::of(idOf(1)), "x", 1}),
        AckStatus::Stored);
    RawClient device(m_relay.port());
    Handshake other = deviceOf(client, phone);
    other.routingToken = WrittenId::of(freshId());
    QVERIFY(device.join(other));
    QVERIFY(device.expect<DeviceSyncMessage>());
}

void TestMessages::limitsTheQueueOfADevice()
{
    RelayProcess relay({{QStringLiteral("MAX_BLOBS_PER_RECIPIENT"), QStringLiteral("2")}});
    QVERIFY2(relay.start(), relay.log());
    const Id client = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(client));
    const auto store = [&](const Id &device) {
        return statusOf(sender,
            DeviceSyncMessage {
                WrittenId::of(client), WrittenId::of(device), WrittenId::of(idOf(1)), "x", 1});
    };
    QCOMPARE(store(idOf(2)), AckStatus::Stored);
    QCOMPARE(store(idOf(2)), AckStatus::Stored);
    QCOMPARE(store(idOf(2)), AckStatus::Failed);
    QCOMPARE(store(idOf(3)), AckStatus::Stored);
}

void TestMessages::answersProofsInTheOrderAsked()
{
    const Id first = freshId();
    const Id second = freshId();
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    QCOMPARE(statusOf(client, RecoveryProofStore {first, "first"}), AckStatus::Stored);
    QCOMPARE(statusOf(client, RecoveryProofStore {second, QByteArray()}), AckStatus::Stored);
    const QByteArray id = client.send(RecoveryProofQuery {{second, freshId(), first}});
    Envelope envelope;
    const auto response = client.expect<RecoveryProofResponse>(&envelope);
    QVERIFY(response);
    QCOMPARE(envelope.messageId, id);
    const RecoveryProofResponse expected {{{second, ""}, {first, "first"}}, false};
    QCOMPARE(*response, expected);
}

void TestMessages::replacesAProof()
{
    const Id hash = freshId();
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    QCOMPARE(statusOf(client, RecoveryProofStore {hash, "old"}), AckStatus::Stored);
    QCOMPARE(statusOf(client, RecoveryProofStore {hash, "new"}), AckStatus::Stored);
    client.send(RecoveryProofQuery {{hash}});
    QCOMPARE(client.expect<RecoveryProofResponse>()->proofs.at(0).proofData, "new");
}

void TestMessages::seesItsOwnProofStoredJustBefore()
{
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    for (int i = 0; i < 50; ++i) {
        const Id hash = freshId();
        client.sendBytes(RawClient::encode(RecoveryProofStore {hash, "mine"}, "store")
            + RawClient::encode(RecoveryProofQuery {{hash}}, "query"));
        const auto response = client.expect<RecoveryProofResponse>();
        QVERIFY(response && response->proofs.size() == 1);
    }
}

void TestMessages::refusesAQueryOfTooManyHashes()
{
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    QCOMPARE(statusOf(client, RecoveryProofQuery {std::vector<Id>(51)}), AckStatus::Failed);
    QCOMPARE(statusOf(client, RecoveryProofQuery {}), AckStatus::Failed);
    client.send(RecoveryProofQuery {std::vector<Id>(50)});
    QVERIFY(client.expect<RecoveryProofResponse>());
}

void TestMessages::refusesAProofThatIsTooLarge()
{
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    const QByteArray most(64 * 1024, 'p');
    QCOMPARE(statusOf(client, RecoveryProofStore {freshId(), most}), AckStatus::Stored);
    QCOMPARE(statusOf(client, RecoveryProofStore {freshId(), most + 'p'}), AckStatus::Failed);
}

void TestMessages::saysWhenNotAllProofsFit()
{
    constexpr qsizetype Limit = 16384;
    RelayProcess relay({{QStringLiteral("MAX_MESSAGE_SIZE"), QString::number(Limit)}});
    QVERIFY2(relay.start(), relay.log());
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    std::vector<Id> hashes;
    for (int i = 0; i < 10; ++i) {
        hashes.push_back(freshId());
        QCOMPARE(statusOf(client, RecoveryProofStore {hashes.back(), QByteArray(1000, 'p')}),
            AckStatus::Stored);
    }
    client.send(RecoveryProofQuery {hashes});
    Envelope envelope;
    const auto response = client.expect<RecoveryProofResponse>(&envelope);
    QVERIFY(response && response->truncated);
    QVERIFY(encodeFrame(envelope).size() <= Limit);
    // As many as fit, from the first on.
    QCOMPARE(response->proofs.size(), size_t(3));
    for (size_t i = 0; i < response->proofs.size(); ++i)
        QCOMPARE(response->proofs[i].keyHash, hashes[i]);
    client.send(RecoveryProofQuery {{hashes[8], hashes[9]}});
    const auto rest = client.expect<RecoveryProofResponse>();
    QVERIFY(rest && !rest->truncated && rest->proofs.size() == 2);
}

void TestMessages::purgesWhatItIsAskedTo()
{
    const Id alice = freshId();
    const Id hash = freshId();
    RawClient client(m_relay.port());
    QVERIFY(client.join(alice));
    QCOMPARE(statusOf(client, RecoveryProofStore {hash, "proof"}), AckStatus::Stored);
    QCOMPARE(statusOf(client,
                 DeviceSyncMessage {
                     WrittenId::of(alice), WrittenId::of(idOf(2)), WrittenId::of(idOf(1)), "x", 1}),
        AckStatus::Stored);
    QCOMPARE(statusOf(client, EncryptedUpdate {WrittenId::of(alice), std::nullopt, "x"}),
        AckStatus::Stored);
    const auto purge = [&](const PurgeRequest &request) {
        const QByteArray id = client.send(request);
        Envelope envelope;
        const auto response = client.expect<PurgeResponse>(&envelope);
        return response && envelope.messageId == id ? *response : PurgeResponse {99, 99, 99};
    };
    QCOMPARE(purge({false, false, hash}), (PurgeResponse {1, 0, 0}));
    QCOMPARE(purge({false, true, std::nullopt}), (PurgeResponse {0, 0, 0}));
    QCOMPARE(purge({true, true, hash}), (PurgeResponse {0, 1, 1}));
    QCOMPARE(purge({true, true, hash}), (PurgeResponse {0, 0, 0}));
}

void TestMessages::purgesOnlyItsOwnMailbox()
{
    const Id bob = freshId();
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    QVERIFY(client.store(bob, "x", freshId()));
    client.send(PurgeRequest {true, true, std::nullopt});
    QCOMPARE(client.expect<PurgeResponse>()->blobsDeleted, 0u);
    RawClient recipient(m_relay.port());
    QVERIFY(recipient.join(bob));
    QVERIFY(recipient.expect<EncryptedUpdate>());
}

void TestMessages::deliversARevocationAsAFramedEnvelope()
{
    const auto alice = *WrittenId::fromHex(QByteArray(32, 'A') + QByteArray(32, '1'));
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    RawClient recipient(m_relay.port());
    QVERIFY(sender.join(freshId()));
    QVERIFY(recipient.join(bob));
    const AccountRevoked revoked {
        alice, WrittenId::of(bob), std::numeric_limits<quint64>::max(), QByteArray(64, 's')};
    const QByteArray id = sender.send(revoked);
    QCOMPARE(sender.expectAck(id)->status, AckStatus::Stored);
    const auto update = recipient.expect<EncryptedUpdate>();
    QVERIFY(update);
    QCOMPARE(update->senderId, alice);
    const auto inner = Decoder().decode(update->ciphertext);
    QVERIFY(inner && !inner->prefixMismatch);
    QCOMPARE(inner->envelope.messageId, id);
    QCOMPARE(std::get<AccountRevoked>(inner->envelope.message), revoked);
    // One whose delivery would be larger than a message.
    AccountRevoked huge = revoked;
    huge.signature = QByteArray(200'000, 's');
    QCOMPARE(statusOf(sender, huge), AckStatus::Failed);
}

void TestMessages::refusesWhatIsOverTheBurst()
{
    RelayProcess relay({{QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("1")},
        {QStringLiteral("RATE_BURST"), QStringLiteral("20")}});
    QVERIFY2(relay.start(), relay.log());
    const Counted counted(relay);
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    QByteArray bytes;
    for (int n = 0; n < 50; ++n)
        bytes += RawClient::encode(
            EncryptedUpdate {WrittenId::of(freshId()), std::nullopt, "x"}, QByteArray::number(n));
    QVERIFY(client.sendBytes(bytes));
    for (int n = 0; n < 50; ++n) {
        const auto ack = client.expectAck(QByteArray::number(n));
        QVERIFY(ack);
        QCOMPARE(ack->status, n < 20 ? AckStatus::Stored : AckStatus::Failed);
    }
    QCOMPARE(counted("relay_rate_limited_total"), 30.0);
    QCOMPARE(counted.refused("rate"), 30.0);
}

void TestMessages::sharesTheLimitBetweenConnections()
{
    RelayProcess relay({{QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("4")}});
    QVERIFY2(relay.start(), relay.log());
    const Id alice = freshId();
    RawClient first(relay.port());
    RawClient second(relay.port());
    RawClient other(relay.port());
    QVERIFY(first.join(alice));
    QVERIFY(second.join(alice));
    QVERIFY(other.join(freshId()));
    const EncryptedUpdate update {WrittenId::of(freshId()), std::nullopt, "x"};
    for (int i = 0; i < 2; ++i) {
        QCOMPARE(statusOf(first, update), AckStatus::Stored);
        QCOMPARE(statusOf(second, update), AckStatus::Stored);
    }
    QCOMPARE(statusOf(first, update), AckStatus::Failed);
    QCOMPARE(statusOf(second, update), AckStatus::Failed);
    QCOMPARE(statusOf(other, update), AckStatus::Stored);
}

void TestMessages::doesNotRefillOnReconnect()
{
    RelayProcess relay({{QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("2")}});
    QVERIFY2(relay.start(), relay.log());
    const Id alice = freshId();
    const EncryptedUpdate update {WrittenId::of(freshId()), std::nullopt, "x"};
    for (const AckStatus expected : {AckStatus::Stored, AckStatus::Stored, AckStatus::Failed}) {
        RawClient client(relay.port());
        QVERIFY(client.join(alice));
        QCOMPARE(statusOf(client, update), expected);
    }
}

void TestMessages::givesAFreeAckForEachDelivery()
{
    RelayProcess relay({{QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("1")},
        {QStringLiteral("RATE_BURST"), QStringLiteral("40")}});
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    for (int i = 0; i < 40; ++i)
        QVERIFY(sender.store(bob, "x", bob)->status == AckStatus::Stored);
    const Counted counted(relay);
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    for (int i = 0; i < 40; ++i) {
        Envelope delivered;
        QVERIFY(recipient.expect<EncryptedUpdate>(&delivered));
        recipient.send(Acknowledgment {delivered.messageId, AckStatus::ReceivedByRecipient, {}});
    }
    // Forty acks were free: forty messages are still allowed.
    for (int i = 0; i < 40; ++i)
        QCOMPARE(statusOf(recipient, EncryptedUpdate {WrittenId::of(idOf(1)), std::nullopt, "x"}),
            AckStatus::Stored);
    // An ack beyond what was delivered costs like anything else, and is refused aloud.
    QCOMPARE(statusOf(recipient, Acknowledgment {"nothing", AckStatus::Delivered, {}}),
        AckStatus::Failed);
    QCOMPARE(counted("relay_rate_limited_total"), 1.0);
    QCOMPARE(counted("relay_blobs_acknowledged_total"), 40.0);
}

void TestMessages::chargesForWhatIsNotDecodable()
{
    RelayProcess relay({{QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("3")}});
    QVERIFY2(relay.start(), relay.log());
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    for (int i = 0; i < 2; ++i)
        QVERIFY(client.sendFrame("    {"));
    const EncryptedUpdate update {WrittenId::of(freshId()), std::nullopt, "x"};
    QCOMPARE(statusOf(client, update), AckStatus::Stored);
    QCOMPARE(statusOf(client, update), AckStatus::Failed);
}

void TestMessages::limitsRecoveryByItself()
{
    RelayProcess relay({{QStringLiteral("RECOVERY_RATE_LIMIT_PER_MIN"), QStringLiteral("2")}});
    QVERIFY2(relay.start(), relay.log());
    const Counted counted(relay);
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    QCOMPARE(statusOf(client, RecoveryProofStore {idOf(1), "x"}), AckStatus::Stored);
    client.send(RecoveryProofQuery {{idOf(1)}});
    QVERIFY(client.expect<RecoveryProofResponse>());
    QCOMPARE(statusOf(client, RecoveryProofQuery {{idOf(1)}}), AckStatus::Failed);
    QCOMPARE(statusOf(client, RecoveryProofStore {idOf(1), "x"}), AckStatus::Failed);
    QVERIFY(client.store(freshId(), "x", freshId())->status == AckStatus::Stored);
    QCOMPARE(counted.refused("recovery_rate"), 2.0);
    QCOMPARE(counted("relay_rate_limited_total"), 0.0);
}

void TestMessages::limitsAMailboxByBytes()
{
    RelayProcess relay({{QStringLiteral("MAX_BYTES_PER_RECIPIENT"), QStringLiteral("1000")}});
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    const auto store = [&](int size) {
        return statusOf(
            client, EncryptedUpdate {WrittenId::of(bob), std::nullopt, QByteArray(size, 'x')});
    };
    QCOMPARE(store(600), AckStatus::Stored);
    QCOMPARE(store(401), AckStatus::Failed);
    QCOMPARE(store(400), AckStatus::Stored);
    QCOMPARE(store(1), AckStatus::Failed);
    QCOMPARE(store(0), AckStatus::Stored);
    // What is acked makes room.
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    Envelope delivered;
    QVERIFY(recipient.expect<EncryptedUpdate>(&delivered));
    recipient.send(Acknowledgment {delivered.messageId, AckStatus::ReceivedByRecipient, {}});
    QVERIFY(isServed(recipient));
    QCOMPARE(store(600), AckStatus::Stored);
}

void TestMessages::neverDeliversWhatHasExpired()
{
    // Nothing is swept for an hour, and yet nothing expired is delivered.
    RelayProcess relay({{QStringLiteral("BLOB_TTL_SECS"), QStringLiteral("1")}});
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    QVERIFY(sender.store(bob, "old", bob));
    // Until a recipient finds nothing; the clock decides when that is.
    QTRY_VERIFY_WITH_TIMEOUT(([&] {
        RawClient recipient(relay.port());
        return recipient.join(bob) && isServed(recipient)
            && !recipient.expect<EncryptedUpdate>(nullptr, 100);
    }()),
        10'000);
    QCOMPARE(relay.metric("relay_blobs_stored"), 1.0);
    // Once more where the machine takes longer than that.
    const auto isDelivered = [&] {
        RawClient recipient(relay.port());
        if (!sender.store(bob, "new", bob) || !recipient.join(bob))
            return false;
        const auto update = recipient.expect<EncryptedUpdate>(nullptr, 2000);
        return update && update->ciphertext == "new";
    };
    QVERIFY(QTest::qWaitFor(isDelivered, 20'000));
}

QTEST_GUILESS_MAIN(TestMessages)
#include "tst_messages.moc"
