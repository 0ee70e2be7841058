// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QTest>

#include <poll.h>
#include <sys/socket.h>

using namespace relay;
using namespace relay::test;

/** Peers that take nothing, or too slowly: what they cost, and what others notice of them. */
class TestSlowReader : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase() { QCOMPARE(m_relay->stop(), 0); }

    void holdsNoMoreOfAMailboxThanAPageAndTheLimit();
    void isCutOffWhenItTakesNothing();
    void getsEverythingInOrderWhenItReadsOn();
    void isNotReadWhileItDoesNotTakeItsAnswers();
    void staysBoundedUnderAFloodOfPings();

private:
    static constexpr int BlobSize = 60'000;
    static constexpr int Blobs = 150; ///< 9 MB, 36 MB as JSON

    void fill(const RelayProcess &relay, const Id &recipient);
    void serveHonestClient();

    std::unique_ptr<RelayProcess> m_relay;
};

void TestSlowReader::initTestCase()
{
    m_relay = std::make_unique<RelayProcess>(
        Environment {{QStringLiteral("SLOW_CLIENT_TIMEOUT_SECS"), QStringLiteral("2")}});
    QVERIFY2(m_relay->start(), m_relay->log());
}

void TestSlowReader::fill(const RelayProcess &relay, const Id &recipient)
{
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    for (int n = 0; n < Blobs; ++n) {
        const QByteArray content = QByteArray::number(n) + QByteArray(BlobSize, '\x7f');
        sender.send(EncryptedUpdate {WrittenId::of(recipient), std::nullopt, content},
            QByteArray::number(n));
    }
    for (int n = 0; n < Blobs; ++n)
        QCOMPARE(sender.expectAck(QByteArray::number(n))->status, AckStatus::Stored);
}

void TestSlowReader::serveHonestClient()
{
    const Id alice = freshId();
    RawClient client(m_relay->port());
    QVERIFY(client.join(alice));
    QVERIFY(client.store(alice, "to myself", alice));
    QCOMPARE(client.expect<EncryptedUpdate>()->ciphertext, "to myself");
}

void TestSlowReader::holdsNoMoreOfAMailboxThanAPageAndTheLimit()
{
    const Id bob = freshId();
    fill(*m_relay, bob);
    serveHonestClient();
    const qint64 before = m_relay->residentBytes();
    RawClient recipient(m_relay->port());
    QVERIFY(recipient.join(bob));
    // The relay goes on as far as it will before the honest client has been served.
    serveHonestClient();
    const qint64 grown = m_relay->residentBytes() - before;
    QVERIFY2(grown < 16 * 1024 * 1024, QByteArray::number(grown));
    recipient.reset();
    RawClient cleaner(m_relay->port());
    QVERIFY(cleaner.join(bob));
    cleaner.send(PurgeRequest {});
    QVERIFY(cleaner.expect<PurgeResponse>());
}

void TestSlowReader::isCutOffWhenItTakesNothing()
{
    const Id bob = freshId();
    fill(*m_relay, bob);
    const double cutOff = m_relay->metric("relay_slow_client_disconnects_total").value();
    const double errors = m_relay->metric("relay_connection_errors_total").value();
    RawClient recipient(m_relay->port());
    QVERIFY(recipient.join(bob));
    serveHonestClient();
    QTRY_COMPARE_WITH_TIMEOUT(
        m_relay->metric("relay_slow_client_disconnects_total"), cutOff + 1, 10'000);
    QCOMPARE(m_relay->metric("relay_connection_errors_total"), errors + 1);
    QTRY_COMPARE_WITH_TIMEOUT(m_relay->metric("relay_connections_active"), 0.0, 10'000);
    // Nothing of it is lost.
    RawClient again(m_relay->port());
    QVERIFY(again.join(bob));
    QVERIFY(again.expect<EncryptedUpdate>());
    again.send(PurgeRequest {});
    QCOMPARE(again.expect<PurgeResponse>()->blobsDeleted, quint64(Blobs));
}

void TestSlowReader::getsEverythingInOrderWhenItReadsOn()
{
    // It may take its time.
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    fill(relay, bob);
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    // More is stored for it while it has not begun to read.
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    QVERIFY(sender.store(bob, QByteArray::number(Blobs) + '\x7f', bob));
    for (int n = 0; n <= Blobs; ++n) {
        const auto update = recipient.expect<EncryptedUpdate>();
        QVERIFY2(update, QByteArray::number(n));
        QCOMPARE(update->ciphertext.left(update->ciphertext.indexOf('\x7f')).toInt(), n);
    }
    recipient.send(PurgeRequest {});
    QCOMPARE(recipient.expect<PurgeResponse>()->blobsDeleted, quint64(Blobs + 1));
    // Whatever was announced meanwhile came exactly once.
    QVERIFY(sender.store(bob, "last", bob));
    QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, "last");
}

void TestSlowReader::isNotReadWhileItDoesNotTakeItsAnswers()
{
    const qint64 before = m_relay->residentBytes();
    RawClient sender(m_relay->port());
    QVERIFY(sender.join(freshId()));
    // A refusal repeats the message id, so what is refused is answered with as many bytes.
    const QByteArray frame =
        RawClient::encode(DeviceSyncMessage {WrittenId::of(idOf(1)), WrittenId::of(idOf(2)),
                              WrittenId::of(idOf(3)), "x", 1},
            QByteArray(100'000, 'm'));
    const int descriptor = sender.descriptor();
    qint64 sent = 0;
    const auto canWrite = [&] {
        pollfd waiting {descriptor, POLLOUT, 0};
        return ::poll(&waiting, 1, 1000) == 1;
    };
    // Until the kernel's buffers are full and the relay reads no more.
    constexpr qint64 FarTooMuch = 64 * 1024 * 1024;
    while (sent < FarTooMuch && canWrite()) {
        const ssize_t taken = ::send(descriptor, frame.constData() + sent % frame.size(),
            static_cast<size_t>(frame.size() - sent % frame.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (taken < 0)
            break;
        sent += taken;
    }
    QVERIFY2(sent < FarTooMuch, QByteArray::number(sent));
    const qint64 grown = m_relay->residentBytes() - before;
    QVERIFY2(grown < 16 * 1024 * 1024, QByteArray::number(grown));
    serveHonestClient();
}

void TestSlowReader::staysBoundedUnderAFloodOfPings()
{
    const qint64 before = m_relay->residentBytes();
    RawClient flooder(m_relay->port());
    QVERIFY(flooder.join(freshId()));
    QByteArray pings;
    for (int i = 0; i < 1000; ++i)
        pings += clientFrame(OpPing, QByteArray(125, 'p'));
    qint64 sent = 0;
    constexpr qint64 FarTooMuch = 64 * 1024 * 1024;
    pollfd waiting {flooder.descriptor(), POLLOUT, 0};
    while (sent < FarTooMuch && ::poll(&waiting, 1, 1000) == 1) {
        const ssize_t taken = ::send(flooder.descriptor(), pings.constData() + sent % pings.size(),
            static_cast<size_t>(pings.size() - sent % pings.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (taken < 0)
            break;
        sent += taken;
    }
    QVERIFY2(sent < FarTooMuch, QByteArray::number(sent));
    const qint64 grown = m_relay->residentBytes() - before;
    QVERIFY2(grown < 16 * 1024 * 1024, QByteArray::number(grown));
    serveHonestClient();
}

QTEST_GUILESS_MAIN(TestSlowReader)
#include "tst_slowreader.moc"
