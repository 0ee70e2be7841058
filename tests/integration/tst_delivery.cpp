// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QTest>

using namespace relay;
using namespace relay::test;

/** What the relay promises about blobs, seen from outside: the real program, real sockets. */
class TestDelivery : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY2(m_relay.start(), m_relay.log()); }
    void cleanupTestCase() { QCOMPARE(m_relay.stop(), 0); }

    void keepsForWhoIsOffline();
    void repeatsWhatWasNotAcked();
    void deliversLiveToEveryConnection();
    void givesBackIdsAsTheyWereWritten();
    void keepsAnEmptyCiphertextAndAnAbsentSender();
    void answersStoredBeforeDeliveredBeforeReceived();
    void tellsNothingAboutWhoSuppressesPresence();
    void ignoresAcksThatDoNotDelete();
    void ignoresAcksForOtherMailboxes();
    void keepsOrderBetweenPendingAndLive();
    void countsAQuotaExactlyWhenStoresArePipelined();
    void deliversToTheRoutingTokenInPlaceOfTheClientId();
    void servesALargestMessage();

private:
    RelayProcess m_relay;
};

void TestDelivery::keepsForWhoIsOffline()
{
    const Id alice = freshId();
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(alice));
    const auto stored = sender.store(bob, "hello", alice);
    QVERIFY(stored);
    QCOMPARE(stored->status, AckStatus::Stored);
    QCOMPARE(stored->blobId.size(), 36);

    RawClient recipient(m_relay.port());
    QVERIFY(recipient.join(bob));
    Envelope envelope;
    const auto update = recipient.expect<EncryptedUpdate>(&envelope);
    QVERIFY(update);
    QCOMPARE(update->ciphertext, "hello");
    QCOMPARE(update->senderId, WrittenId::of(alice));
    QCOMPARE(update->recipientId, WrittenId::of(bob));
    QCOMPARE(envelope.messageId, stored->blobId);
}

void TestDelivery::repeatsWhatWasNotAcked()
{
    const Id alice = freshId();
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(alice));
    QVERIFY(sender.store(bob, "first", alice));
    QVERIFY(sender.store(bob, "second", alice));
    {
        RawClient recipient(m_relay.port());
        QVERIFY(recipient.join(bob));
        Envelope envelope;
        QCOMPARE(recipient.expect<EncryptedUpdate>(&envelope)->ciphertext, "first");
        QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, "second");
        recipient.send(Acknowledgment {envelope.messageId, AckStatus::ReceivedByRecipient, {}});
        // A purge of something else answers after the ack was applied.
        recipient.send(RecoveryProofQuery {{freshId()}});
        QVERIFY(recipient.expect<RecoveryProofResponse>());
    }
    RawClient again(m_relay.port());
    QVERIFY(again.join(bob));
    QCOMPARE(again.expect<EncryptedUpdate>()->ciphertext, "second");
    again.send(PurgeRequest {});
    QCOMPARE(again.expect<PurgeResponse>()->blobsDeleted, 1u);
}

void TestDelivery::deliversLiveToEveryConnection()
{
    const Id alice = freshId();
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    RawClient first(m_relay.port());
    RawClient second(m_relay.port());
    QVERIFY(sender.join(alice));
    QVERIFY(first.join(bob));
    QVERIFY(second.join(bob));
    QVERIFY(sender.store(bob, "live", alice));
    QCOMPARE(first.expect<EncryptedUpdate>()->ciphertext, "live");
    Envelope envelope;
    QCOMPARE(second.expect<EncryptedUpdate>(&envelope)->ciphertext, "live");
    // Closing one does not touch the other.
    second.send(Acknowledgment {envelope.messageId, AckStatus::ReceivedByRecipient, {}});
    second.sendClose();
    QCOMPARE(second.waitForClose(), 1000);
    QVERIFY(sender.store(bob, "still there", alice));
    QCOMPARE(first.expect<EncryptedUpdate>()->ciphertext, "still there");
}

void TestDelivery::givesBackIdsAsTheyWereWritten()
{
    const auto alice = *WrittenId::fromHex(QByteArray(40, 'A') + QByteArray(24, 'b'));
    const auto bob = *WrittenId::fromHex(QByteArray(32, 'C') + QByteArray(32, 'd'));
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(alice.id));
    const QByteArray id = sender.send(EncryptedUpdate {WrittenId::of(bob.id), alice, "x"});
    QCOMPARE(sender.expectAck(id)->status, AckStatus::Stored);
    RawClient recipient(m_relay.port());
    Handshake handshake;
    handshake.clientId = bob;
    QVERIFY(recipient.join(handshake));
    const auto update = recipient.expect<EncryptedUpdate>();
    QVERIFY(update);
    QCOMPARE(update->senderId->toHex(), alice.toHex());
    QCOMPARE(update->recipientId.toHex(), bob.toHex());
}

void TestDelivery::keepsAnEmptyCiphertextAndAnAbsentSender()
{
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(freshId()));
    const QByteArray id =
        sender.send(EncryptedUpdate {WrittenId::of(bob), std::nullopt, QByteArray()});
    QCOMPARE(sender.expectAck(id)->status, AckStatus::Stored);
    RawClient recipient(m_relay.port());
    QVERIFY(recipient.join(bob));
    const auto update = recipient.expect<EncryptedUpdate>();
    QVERIFY(update);
    QVERIFY(!update->senderId);
    QVERIFY(update->ciphertext.isEmpty());
}

void TestDelivery::answersStoredBeforeDeliveredBeforeReceived()
{
    const Id alice = freshId();
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    RawClient recipient(m_relay.port());
    QVERIFY(sender.join(alice));
    QVERIFY(recipient.join(bob));
    const QByteArray id =
        sender.send(EncryptedUpdate {WrittenId::of(bob), WrittenId::of(alice), "x"});
    Envelope delivered;
    QVERIFY(recipient.expect<EncryptedUpdate>(&delivered));
    recipient.send(Acknowledgment {delivered.messageId, AckStatus::ReceivedByRecipient, {}});
    // A second ack is for nothing: no second receipt.
    recipient.send(Acknowledgment {delivered.messageId, AckStatus::ReceivedByRecipient, {}});
    for (const AckStatus status :
        {AckStatus::Stored, AckStatus::Delivered, AckStatus::ReceivedByRecipient}) {
        const auto ack = sender.expectAck(id);
        QVERIFY(ack);
        QCOMPARE(ack->status, status);
        QCOMPARE(ack->blobId, delivered.messageId);
    }
    QVERIFY(sender.store(freshId(), "next", alice));
    QVERIFY(!sender.expectAck(id, 200));
}

void TestDelivery::tellsNothingAboutWhoSuppressesPresence()
{
    const Id alice = freshId();
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    RawClient recipient(m_relay.port());
    QVERIFY(sender.join(alice));
    Handshake handshake;
    handshake.clientId = WrittenId::of(bob);
    handshake.suppressPresence = true;
    QVERIFY(recipient.join(handshake));
    const QByteArray id =
        sender.send(EncryptedUpdate {WrittenId::of(bob), WrittenId::of(alice), "x"});
    QCOMPARE(sender.expectAck(id)->status, AckStatus::Stored);
    Envelope delivered;
    QVERIFY(recipient.expect<EncryptedUpdate>(&delivered));
    recipient.send(Acknowledgment {delivered.messageId, AckStatus::ReceivedByRecipient, {}});
    recipient.send(PurgeRequest {});
    QCOMPARE(recipient.expect<PurgeResponse>()->blobsDeleted, 0u);
    // Whatever there was for the sender was posted before this answer.
    QVERIFY(sender.store(freshId(), "fence", alice));
    QVERIFY(!sender.expectAck(id, 100));
}

void TestDelivery::ignoresAcksThatDoNotDelete()
{
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    RawClient recipient(m_relay.port());
    QVERIFY(sender.join(freshId()));
    QVERIFY(sender.store(bob, "x", freshId()));
    QVERIFY(recipient.join(bob));
    Envelope delivered;
    QVERIFY(recipient.expect<EncryptedUpdate>(&delivered));
    for (const QByteArray &id : {delivered.messageId, QByteArray("no-such-id"), QByteArray()})
        recipient.send(Acknowledgment {id, AckStatus::Failed, {}});
    recipient.send(Acknowledgment {delivered.messageId, AckStatus::Stored, {}});
    recipient.send(Acknowledgment {"no-such-id", AckStatus::Delivered, {}});
    recipient.send(Acknowledgment {{}, AckStatus::ReceivedByRecipient, {}});
    recipient.send(PurgeRequest {});
    QCOMPARE(recipient.expect<PurgeResponse>()->blobsDeleted, 1u);
}

void TestDelivery::ignoresAcksForOtherMailboxes()
{
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    RawClient thief(m_relay.port());
    QVERIFY(sender.join(freshId()));
    const auto stored = sender.store(bob, "x", freshId());
    QVERIFY(thief.join(freshId()));
    thief.send(Acknowledgment {stored->blobId, AckStatus::ReceivedByRecipient, {}});
    thief.send(PurgeRequest {});
    QCOMPARE(thief.expect<PurgeResponse>()->blobsDeleted, 0u);
    RawClient recipient(m_relay.port());
    QVERIFY(recipient.join(bob));
    QVERIFY(recipient.expect<EncryptedUpdate>());
}

void TestDelivery::keepsOrderBetweenPendingAndLive()
{
    const Id alice = freshId();
    const Id bob = freshId();
    constexpr int Pending = 400;
    constexpr int Live = 400;
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(alice));
    const auto send = [&](int n) {
        return sender.send(EncryptedUpdate {WrittenId::of(bob), WrittenId::of(alice),
            QByteArray::number(n).rightJustified(1000, ' ')});
    };
    QByteArray last;
    for (int n = 0; n < Pending; ++n)
        last = send(n);
    QVERIFY(sender.expectAck(last));
    RawClient recipient(m_relay.port());
    QVERIFY(recipient.upgrade());
    Handshake handshake;
    handshake.clientId = WrittenId::of(bob);
    recipient.send(handshake);
    // While the recipient catches up, more comes in.
    for (int n = Pending; n < Pending + Live; ++n)
        send(n);
    for (int n = 0; n < Pending + Live; ++n) {
        const auto update = recipient.expect<EncryptedUpdate>();
        QVERIFY2(update, QByteArray::number(n));
        QCOMPARE(update->ciphertext.trimmed().toInt(), n);
    }
    QVERIFY(!recipient.expect<EncryptedUpdate>(nullptr, 200));
}

void TestDelivery::countsAQuotaExactlyWhenStoresArePipelined()
{
    RelayProcess relay({{QStringLiteral("MAX_BLOBS_PER_RECIPIENT"), QStringLiteral("50")}});
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    QByteArray bytes;
    QList<QByteArray> ids;
    for (int n = 0; n < 200; ++n) {
        ids.append("store-" + QByteArray::number(n));
        bytes +=
            RawClient::encode(EncryptedUpdate {WrittenId::of(bob), std::nullopt, "x"}, ids.last());
    }
    QVERIFY(sender.sendBytes(bytes));
    int stored = 0;
    int failed = 0;
    for (const QByteArray &id : std::as_const(ids)) {
        const auto ack = sender.expectAck(id);
        QVERIFY(ack);
        // In order: the first fifty fit.
        QCOMPARE(ack->status, stored < 50 ? AckStatus::Stored : AckStatus::Failed);
        ++(ack->status == AckStatus::Stored ? stored : failed);
    }
    QCOMPARE(stored, 50);
    QCOMPARE(failed, 150);
    QCOMPARE(relay.metric("relay_messages_refused_total{reason=\"quota\"}"), 150.0);
    QCOMPARE(relay.metric("relay_blobs_stored"), 50.0);
}

void TestDelivery::deliversToTheRoutingTokenInPlaceOfTheClientId()
{
    const Id client = freshId();
    const Id token = freshId();
    RawClient recipient(m_relay.port());
    Handshake handshake;
    handshake.clientId = WrittenId::of(client);
    handshake.routingToken = WrittenId::of(token);
    QVERIFY(recipient.join(handshake));
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(freshId()));
    QVERIFY(sender.store(client, "to the client id", freshId()));
    QVERIFY(sender.store(token, "to the token", freshId()));
    const auto update = recipient.expect<EncryptedUpdate>();
    QVERIFY(update);
    QCOMPARE(update->ciphertext, "to the token");
    QCOMPARE(update->recipientId, WrittenId::of(token));
    QVERIFY(!recipient.expect<EncryptedUpdate>(nullptr, 200));
}

void TestDelivery::servesALargestMessage()
{
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(freshId()));
    const EncryptedUpdate empty {WrittenId::of(bob), std::nullopt, {}};
    const qsizetype overhead = encodeFrame({"id", 1'700'000'000, empty}).size();
    // "0," for each byte but the last.
    EncryptedUpdate update = empty;
    update.ciphertext = QByteArray((1'048'576 - overhead + 1) / 2, '\0');
    const QByteArray frame = encodeFrame({"id", 1'700'000'000, update});
    QVERIFY(frame.size() > 1'048'574 && frame.size() <= 1'048'576);
    QVERIFY(sender.sendFrame(frame));
    QCOMPARE(sender.expectAck("id")->status, AckStatus::Stored);
    RawClient recipient(m_relay.port());
    QVERIFY(recipient.join(bob));
    QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, update.ciphertext);

    update.ciphertext += QByteArray(2, '\0');
    QVERIFY(sender.sendFrame(encodeFrame({"id", 1'700'000'000, update})));
    QCOMPARE(sender.waitForClose(), 1009);
}

QTEST_GUILESS_MAIN(TestDelivery)
#include "tst_delivery.moc"
