// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/decodingtable.h"
#include "tests/shared/frames.h"
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/watching.h"

#include <QElapsedTimer>
#include <QTest>

using namespace relay;
using namespace relay::test;

/**
 * Each row of the decoding table once through a socket, before the handshake and after it: what is
 * answered, what is ignored, what closes the connection and with which code, and what is counted.
 */
class TestWireDecoding : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase() { QCOMPARE(m_relay.stop(), 0); }

    void envelope_data() { DecodingTable::envelope(); }
    void envelope() { checkRow(); }
    void grammar_data() { DecodingTable::grammar(); }
    void grammar() { checkRow(); }
    void payload_data() { DecodingTable::payload(); }
    void payload() { checkRow(); }
    void handshake_data() { DecodingTable::handshake(); }
    void handshake() { checkRow(); }
    void messages_data() { DecodingTable::messages(); }
    void messages() { checkRow(); }
    void tooShortForAPrefix_data();
    void tooShortForAPrefix();
    void ignoresALaterHandshake();
    void isNotImpressedByDeepNesting();

private:
    void checkRow();
    void checkAsFirstMessage(const QByteArray &frame);
    void checkAfterTheHandshake(const QByteArray &frame);

    RelayProcess m_relay;
    std::unique_ptr<RawClient> m_member;
};

namespace {

/** The reason under which a message is refused after the handshake; none: it is carried out. */
const char *refusalOf(const Result<Decoded, DecodeError> &read)
{
    if (!read)
        return "undecodable";
    const Message &message = read->envelope.message;
    if (std::holds_alternative<Invalid>(message))
        return "invalid";
    switch (typeOf(message)) {
    case MessageType::Unknown:
        return "unknown";
    case MessageType::Handshake:
    case MessageType::HandshakeAck:
    case MessageType::RecoveryProofResponse:
    case MessageType::PurgeResponse:
    case MessageType::ForwardingHints:
        return "not_expected";
    case MessageType::DeviceSyncMessage:
        return "invalid"; // of another identity, in the rows
    default:
        return nullptr;
    }
}

} // namespace

void TestWireDecoding::initTestCase()
{
    QVERIFY2(m_relay.start(), m_relay.log());
    m_member = std::make_unique<RawClient>(m_relay.port());
    QVERIFY(m_member->join(freshId()));
}

void TestWireDecoding::checkRow()
{
    QFETCH(QByteArray, json);
    const QByteArray frame = frameOf(json);
    checkAsFirstMessage(frame);
    checkAfterTheHandshake(frame);
}

void TestWireDecoding::checkAsFirstMessage(const QByteArray &frame)
{
    const auto read = Decoder().decode(frame);
    RawClient stranger(m_relay.port());
    QVERIFY(stranger.upgrade());
    QVERIFY(stranger.sendFrame(frame));
    if (!read) {
        QCOMPARE(closeOf(stranger), 1007);
    } else if (const auto *handshake = std::get_if<Handshake>(&read->envelope.message)) {
        // Those of the table that are signed are of the right form, and forgeries.
        if (handshake->signature)
            QCOMPARE(closeOf(stranger), 1008);
        else
            QVERIFY(stranger.expect<HandshakeAck>());
    } else {
        QCOMPARE(closeOf(stranger), 1008);
    }
}

void TestWireDecoding::checkAfterTheHandshake(const QByteArray &frame)
{
    const auto read = Decoder().decode(frame);
    const char *refusal = refusalOf(read);
    const Counted counted(m_relay);
    QVERIFY(m_member->sendFrame(frame));
    // Never closed, whatever it was.
    QVERIFY(isServed(*m_member));
    if (refusal)
        QCOMPARE(counted.refused(refusal), 1.0);
    QCOMPARE(counted("relay_messages_rejected_total"), refusal ? 1.0 : 0.0);
    QCOMPARE(counted("relay_connection_errors_total"), 0.0);
}

void TestWireDecoding::tooShortForAPrefix_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::newRow("an empty message") << QByteArray();
    QTest::newRow("three bytes") << QByteArray(3, '\0');
    QTest::newRow("a prefix and nothing behind it") << QByteArray(4, '\0');
}

void TestWireDecoding::tooShortForAPrefix()
{
    QFETCH(QByteArray, frame);
    checkAsFirstMessage(frame);
    checkAfterTheHandshake(frame);
}

void TestWireDecoding::ignoresALaterHandshake()
{
    const Id alice = freshId();
    const Id mallory = freshId();
    RawClient client(m_relay.port());
    QVERIFY(client.join(alice));
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(freshId()));
    QVERIFY(sender.store(mallory, "for mallory", freshId()));
    const Counted counted(m_relay);
    for (const Id &id : {mallory, alice})
        client.send(handshakeOf(id));
    QVERIFY(sender.store(alice, "for alice", freshId()));
    QCOMPARE(client.expect<EncryptedUpdate>()->ciphertext, "for alice");
    QVERIFY(isServed(client));
    QVERIFY(!client.expect<EncryptedUpdate>(nullptr, 100));
    QVERIFY(!client.expect<HandshakeAck>(nullptr, 10));
    QCOMPARE(counted.refused("not_expected"), 2.0);
}

void TestWireDecoding::isNotImpressedByDeepNesting()
{
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    const Counted counted(m_relay);
    QElapsedTimer timer;
    timer.start();
    constexpr int Levels = 1'000'000;
    for (const char *bracket : {"[", "{\"a\":", "[{\"a\":"}) {
        const QByteArray nested = QByteArray(bracket).repeated(Levels).left(Levels);
        const QByteArray json = R"({"version":1,"message_id":"m","timestamp":5,"x":)" + nested;
        QByteArray frame(4, '\0');
        QVERIFY(client.sendFrame(frame + json));
    }
    QVERIFY(isServed(client));
    QVERIFY2(timer.elapsed() < 3000, QByteArray::number(timer.elapsed()));
    QCOMPARE(counted.refused("undecodable"), 3.0);
}

QTEST_GUILESS_MAIN(TestWireDecoding)
#include "tst_wiredecoding.moc"
