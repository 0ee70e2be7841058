// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/watching.h"

#include <QElapsedTimer>
#include <QTest>

#include <sys/socket.h>

using namespace relay;
using namespace relay::test;

namespace {

constexpr qint64 MiB = 1 << 20;

/** Whether the relay's memory grew by less than this since it was `before`. */
bool isBounded(qint64 before, qint64 now, qint64 bound)
{
#if defined(__SANITIZE_ADDRESS__)
    // What is freed stays in quarantine there.
    bound += 300 * MiB;
#elif defined(__SANITIZE_THREAD__)
    // Each byte is shadowed by four and more.
    bound *= 6;
#endif
    return now - before < bound;
}

QByteArray growth(qint64 before, qint64 now)
{
    return QByteArray::number((now - before) / 1024) + " KiB more";
}

/** A client whose kernel buffers little of what it does not read. */
RawClient unreading(quint16 port)
{
    RawClient client(port);
    const int size = 32 * 1024;
    ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    return client;
}

} // namespace

/** What others, or short questions, bring for a peer that reads nothing stays bounded. */
class TestUnreadAnswers : public QObject {
    Q_OBJECT

private slots:
    void keepsNoReceiptsForWhoDoesNotRead();
    void keepsOneLargeAnswerAtATime();
    void cutsOffManyAtOnce();

private:
    static Environment patient(int slowTimeout)
    {
        return {{QStringLiteral("SLOW_CLIENT_TIMEOUT_SECS"), QString::number(slowTimeout)},
            {QStringLiteral("MAX_BYTES_PER_RECIPIENT"), QStringLiteral("0")},
            {QStringLiteral("MAX_BLOBS_PER_RECIPIENT"), QStringLiteral("0")}};
    }
    /** Stores `count` blobs of 64 KiB, numbered. */
    static void fill(RelayProcess &relay, const Id &recipient, int count)
    {
        RawClient sender(relay.port());
        QVERIFY(sender.join(freshId()));
        for (int n = 0; n < count; ++n)
            sender.send(EncryptedUpdate {WrittenId::of(recipient), {},
                            QByteArray::number(n).leftJustified(65536, '\x07')},
                QByteArray::number(n));
        for (int n = 0; n < count; ++n)
            QVERIFY(sender.expectAck(QByteArray::number(n)));
    }
};

void TestUnreadAnswers::keepsNoReceiptsForWhoDoesNotRead()
{
    // One connection of the sender reads and sends; for the other one receipts pile up.
    RelayProcess relay(patient(60));
    QVERIFY2(relay.start(), relay.log());
    const Id alice = freshId();
    const Id bob = freshId();
    RawClient deaf = unreading(relay.port());
    QVERIFY(deaf.join(alice));
    RawClient sender(relay.port());
    RawClient recipient(relay.port());
    QVERIFY(sender.join(alice));
    QVERIFY(recipient.join(bob));
    const Counted counted(relay);
    constexpr int Rounds = 80;
    constexpr int Batch = 250;
    const QByteArray messageId(100, 'm');
    const QByteArray stores =
        RawClient::encode(EncryptedUpdate {WrittenId::of(bob), {}, "x"}, messageId).repeated(Batch);
    qint64 before = 0;
    for (int round = 0; round < Rounds; ++round) {
        QVERIFY(sender.sendBytes(stores));
        QByteArray acks;
        for (int n = 0; n < Batch; ++n) {
            Envelope envelope;
            QVERIFY(recipient.expect<EncryptedUpdate>(&envelope));
            acks += RawClient::encode(
                Acknowledgment {envelope.messageId, AckStatus::ReceivedByRecipient, {}}, "a");
        }
        QVERIFY(recipient.sendBytes(acks));
        // Stored, Delivered and ReceivedByRecipient of each.
        for (int n = 0; n < 3 * Batch; ++n)
            QVERIFY(sender.expect<Acknowledgment>());
        // The first rounds fill caches, and what may wait for a peer.
        if (round == Rounds / 4)
            before = relay.residentBytes();
    }
    QCOMPARE(counted("relay_blobs_acknowledged_total"), double(Rounds * Batch));
    // 30,000 receipts of 300 bytes would be 9 MB.
    const qint64 now = relay.residentBytes();
    QVERIFY2(isBounded(before, now, 4 * MiB), growth(before, now));
}

void TestUnreadAnswers::keepsOneLargeAnswerAtATime()
{
    RelayProcess relay(patient(2));
    QVERIFY2(relay.start(), relay.log());
    RawClient deaf = unreading(relay.port());
    QVERIFY(deaf.join(freshId()));
    // Four bytes of JSON for each: three of them make an answer of 768 KiB.
    std::vector<Id> hashes;
    for (int i = 0; i < 3; ++i) {
        hashes.push_back(freshId());
        const QByteArray id =
            deaf.send(RecoveryProofStore {hashes.back(), QByteArray(65536, '\xff')});
        QCOMPARE(deaf.expectAck(id)->status, AckStatus::Stored);
    }
    const qint64 before = relay.residentBytes();
    QVERIFY(deaf.sendBytes(RawClient::encode(RecoveryProofQuery {hashes}, "q").repeated(200)));
    qint64 most = 0;
    QElapsedTimer timer;
    timer.start();
    while (relay.metric("relay_slow_client_disconnects_total") == 0.0 && timer.elapsed() < 10'000)
        most = std::max(most, relay.residentBytes());
    QCOMPARE(relay.metric("relay_slow_client_disconnects_total"), 1.0);
    QVERIFY2(isBounded(before, most, 16 * MiB), growth(before, most));
}

void TestUnreadAnswers::cutsOffManyAtOnce()
{
    RelayProcess relay(patient(1));
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    fill(relay, bob, 40);
    RawClient honest(relay.port());
    QVERIFY(honest.join(freshId()));
    const Counted counted(relay);
    const qint64 before = relay.residentBytes();
    std::vector<RawClient> crowd;
    for (int i = 0; i < 40; ++i) {
        crowd.push_back(unreading(relay.port()));
        QVERIFY(crowd.back().upgrade());
        crowd.back().send(handshakeOf(bob));
    }
    qint64 most = 0;
    QElapsedTimer timer;
    timer.start();
    while (counted("relay_slow_client_disconnects_total") < 40 && timer.elapsed() < 10'000) {
        QCOMPARE(honest.store(freshId(), "x", bob)->status, AckStatus::Stored);
        most = std::max(most, relay.residentBytes());
    }
    QCOMPARE(counted("relay_slow_client_disconnects_total"), 40.0);
    // A page and what may wait unsent for each: some 0.5 MiB.
    QVERIFY2(isBounded(before, most, 40 * MiB), growth(before, most));
    QTRY_COMPARE(relay.metric("relay_connections_active"), 1.0);
}

QTEST_GUILESS_MAIN(TestUnreadAnswers)
#include "tst_unreadanswers.moc"
