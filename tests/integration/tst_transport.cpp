// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/watching.h"

#include <QTest>
#include <QtEndian>

using namespace relay;
using namespace relay::test;

/** The public port below the protocol: HTTP heads, WebSocket frames, sizes. */
class TestTransport : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY2(m_relay.start(), m_relay.log()); }
    void cleanupTestCase() { QCOMPARE(m_relay.stop(), 0); }

    void readsAHeadInPieces_data();
    void readsAHeadInPieces();
    void readsAHeadOf8KiB();
    void refusesALargerHead();
    void servesFramesInTheSegmentOfTheHead();
    void refusesUpgradesThatAreNotValid_data();
    void refusesUpgradesThatAreNotValid();
    void negotiatesNothing();
    void upgradesOnEveryPathButOne_data();
    void upgradesOnEveryPathButOne();
    void answersPlainHttp_data();
    void answersPlainHttp();

    void joinsFragments();
    void joinsFragmentsAroundAPing();
    void closesOnProtocolErrors_data();
    void closesOnProtocolErrors();
    void closesOnWhatIsTooLarge_data();
    void closesOnWhatIsTooLarge();
    void takesAMessageOfTheLargestSizeInFragments();
    void closesOnTextAtFirst();
    void ignoresTextLater();
    void mayCloseOnTextThatIsNotUtf8();
    void answersPingsWithTheirBytes();
    void ignoresPongsThatNobodyAskedFor();

private:
    std::optional<RawClient> joined()
    {
        RawClient client(m_relay.port());
        if (!client.join(freshId()))
            return std::nullopt;
        return client;
    }

    RelayProcess m_relay;
};

void TestTransport::readsAHeadInPieces_data()
{
    QTest::addColumn<int>("size");
    QTest::newRow("byte by byte") << 1;
    QTest::newRow("three bytes at a time") << 3;
    QTest::newRow("in two pieces") << 90;
}

void TestTransport::readsAHeadInPieces()
{
    QFETCH(int, size);
    RawClient client(m_relay.port());
    const QByteArray request = RawClient::upgradeRequest();
    for (qsizetype at = 0; at < request.size(); at += size)
        QVERIFY(client.sendBytes(request.mid(at, size)));
    const QByteArray head = client.readHead();
    QVERIFY2(head.startsWith("HTTP/1.1 101 "), head);
    QVERIFY2(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), head);
    client.send(handshakeOf(freshId()));
    QVERIFY(client.expect<HandshakeAck>());
}

namespace {

/** A valid upgrade with many fields, `size` bytes long. */
QByteArray longHead(qsizetype size)
{
    QByteArray head = RawClient::upgradeRequest("/x?" + QByteArray(200, 'q'));
    head.chop(2);
    for (int i = 0; size - head.size() > 40; ++i)
        head += "X-Field-" + QByteArray::number(i) + ": value\r\n";
    head += "X: ";
    return head + QByteArray(size - head.size() - 4, 'x') + "\r\n\r\n";
}

} // namespace

void TestTransport::readsAHeadOf8KiB()
{
    RawClient client(m_relay.port());
    const QByteArray head = longHead(8192);
    QCOMPARE(head.size(), 8192);
    QVERIFY(client.sendBytes(head.left(5000)));
    QVERIFY(client.sendBytes(head.mid(5000)));
    QVERIFY(client.readHead().startsWith("HTTP/1.1 101 "));
    client.send(handshakeOf(freshId()));
    QVERIFY(client.expect<HandshakeAck>());
}

void TestTransport::refusesALargerHead()
{
    const Counted counted(m_relay);
    for (const qsizetype size : {8193, 9000, 100'000}) {
        RawClient client(m_relay.port());
        client.sendBytes(longHead(size));
        const auto answer = HttpAnswer::of(client.readAll());
        QCOMPARE(answer.status, 431);
        QVERIFY(!answer.onlyField("error").isEmpty());
        QVERIFY(!client.wasReset());
    }
    QCOMPARE(counted("relay_connection_errors_total"), 3.0);
    QCOMPARE(counted("relay_connections_total"), 0.0);
}

void TestTransport::servesFramesInTheSegmentOfTheHead()
{
    const Id bob = freshId();
    const QByteArray frames = RawClient::encode(handshakeOf(freshId()), "hello")
        + RawClient::encode(EncryptedUpdate {WrittenId::of(bob), {}, "x"}, "update");
    // All of it, and with a frame cut at every place where a segment could end.
    for (qsizetype cut = 0; cut <= frames.size(); cut += 37) {
        RawClient client(m_relay.port());
        QVERIFY(client.sendBytes(RawClient::upgradeRequest() + frames.chopped(cut)));
        QVERIFY(client.readHead().startsWith("HTTP/1.1 101 "));
        QVERIFY(client.sendBytes(frames.last(cut)));
        QVERIFY(client.expect<HandshakeAck>());
        QCOMPARE(client.expectAck("update")->status, AckStatus::Stored);
    }
}

void TestTransport::refusesUpgradesThatAreNotValid_data()
{
    QTest::addColumn<QByteArray>("request");
    const auto row = [](const char *name, const QByteArray &from, const QByteArray &to) {
        QByteArray request = RawClient::upgradeRequest();
        Q_ASSERT(request.contains(from));
        QTest::newRow(name) << request.replace(from, to);
    };
    row("not GET", "GET", "POST");
    row("HTTP/1.0", "HTTP/1.1", "HTTP/1.0");
    row("no Host", "Host: relay.example\r\n", "");
    row("two Hosts", "Host: relay.example\r\n", "Host: a\r\nHost: b\r\n");
    row("no Connection", "Connection: Upgrade\r\n", "");
    row("another Connection", "Connection: Upgrade", "Connection: keep-alive");
    row("another Upgrade", "Upgrade: websocket", "Upgrade: h2c");
    row("no version", "Sec-WebSocket-Version: 13\r\n", "");
    row("version 8", "Version: 13", "Version: 8");
    row("no key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "");
    row("a short key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ==");
    row("a key that is not base64", "dGhlIHNhbXBsZSBub25jZQ==", "dGhl!HNhbXBsZSBub25jZQ==");
    row("two keys", "Sec-WebSocket-Key: ",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: ");
    row("a body", "Host:", "Content-Length: 5\r\nHost:");
    row("a chunked body", "Host:", "Transfer-Encoding: chunked\r\nHost:");
    row("a folded field", "Host:", "X: a\r\n b\r\nHost:");
    row("a space before a colon", "Host:", "Host :");
    row("NUL in a field", "Host:", QByteArray("X: a\0b\r\nHost:", 14));
    row("line feeds alone", "\r\n", "\n");
    QTest::newRow("no HTTP") << QByteArray("hello\r\n\r\n");
    QTest::newRow("a TLS hello") << QByteArray::fromHex("1603010200010001fc0303") + "\r\n\r\n";
}

void TestTransport::refusesUpgradesThatAreNotValid()
{
    QFETCH(QByteArray, request);
    const Counted counted(m_relay);
    RawClient client(m_relay.port());
    // Frames behind a refused head are nobody's.
    client.sendBytes(request + RawClient::encode(handshakeOf(freshId()), "hello"));
    const auto answer = HttpAnswer::of(client.readAll());
    QCOMPARE(answer.status, 400);
    QVERIFY(!answer.onlyField("error").isEmpty());
    QVERIFY(answer.head.contains("Connection: close\r\n"));
    QCOMPARE(counted("relay_connection_errors_total"), 1.0);
    QCOMPARE(counted("relay_connections_total"), 0.0);
    QCOMPARE(counted("relay_messages_received_total"), 0.0);
}

void TestTransport::negotiatesNothing()
{
    RawClient client(m_relay.port());
    QByteArray request = RawClient::upgradeRequest();
    request.chop(2);
    request += "Sec-WebSocket-Protocol: vauchi, chat\r\n"
               "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
               "Origin: https://elsewhere.example\r\n\r\n";
    QVERIFY(client.sendBytes(request));
    const QByteArray head = client.readHead();
    QVERIFY2(head.startsWith("HTTP/1.1 101 "), head);
    QVERIFY2(!head.toLower().contains("sec-websocket-protocol"), head);
    QVERIFY2(!head.toLower().contains("sec-websocket-extensions"), head);
    client.send(handshakeOf(freshId()));
    QVERIFY(client.expect<HandshakeAck>());
}

void TestTransport::upgradesOnEveryPathButOne_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("status");
    for (const char *path : {"/", "/ws", "//", "//x", "/?a=b", "/a/b/c?d=/federation", "/health",
             "/ready", "/federation/", "/Federation", "/federations", "/%66ederation", "/%00",
             "http://relay.example/x", "/\xc3\xa4"})
        QTest::newRow(path) << QByteArray(path) << 101;
    QTest::newRow("federation") << QByteArray("/federation") << 404;
    QTest::newRow("federation with a query") << QByteArray("/federation?x") << 404;
    QTest::newRow("federation by its whole address")
        << QByteArray("http://relay.example/federation") << 404;
}

void TestTransport::upgradesOnEveryPathButOne()
{
    QFETCH(QByteArray, path);
    QFETCH(int, status);
    RawClient client(m_relay.port());
    QVERIFY(client.sendBytes(RawClient::upgradeRequest(path)));
    const QByteArray head = client.readHead();
    QCOMPARE(head.mid(9, 3).toInt(), status);
    if (status != 101)
        return;
    client.send(handshakeOf(freshId()));
    QVERIFY(client.expect<HandshakeAck>());
}

void TestTransport::answersPlainHttp_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("text");
    const auto row = [](const QByteArray &request, int status, const char *text = "") {
        QTest::newRow(request.constData()) << request << status << QString::fromLatin1(text);
    };
    row("GET /health", 200, "ok");
    row("GET /up", 200, "ok");
    row("GET /ready", 200, "ready");
    row("HEAD /health", 200);
    row("HEAD /up", 200);
    row("HEAD /ready", 200);
    row("GET /health?x=1", 200, "ok");
    for (const char *request : {"GET /", "HEAD /", "GET /health/", "GET /Health", "GET //health",
             "GET /healthy", "GET /%68ealth", "GET /metrics", "GET /version", "POST /health",
             "PUT /ready", "DELETE /up", "OPTIONS *", "OPTIONS /"})
        row(request, 426);
    row("POST /pubkey", 426);
    row("GET /federation", 404);
    row("HEAD /federation", 404);
    row("POST /federation", 404);
}

void TestTransport::answersPlainHttp()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    QFETCH(QString, text);
    const Counted counted(m_relay);
    const bool isHead = request.startsWith("HEAD");
    const auto answer = HttpAnswer::of(
        httpExchange(m_relay.port(), request + " HTTP/1.1\r\nHost: relay.example\r\n\r\n"));
    QCOMPARE(answer.status, status);
    QVERIFY2(answer.head.contains("Cache-Control: no-store\r\n"), answer.head);
    if (isHead)
        QCOMPARE(answer.body, QByteArray());
    else if (status == 200)
        QCOMPARE(answer.onlyField("status"), text);
    else
        QVERIFY2(!answer.onlyField("error").isEmpty(), answer.body);
    const qsizetype length = answer.head.indexOf("Content-Length: ");
    QVERIFY(length > 0);
    if (!isHead)
        QCOMPARE(answer.head.mid(length + 16).split('\r').first().toInt(), answer.body.size());
    if (status == 426)
        QVERIFY2(answer.head.contains("Upgrade: websocket\r\n"), answer.head);
    if (status == 200) {
        int statusOfHttpPort = 0;
        const QByteArray path = request.split(' ').at(1);
        m_relay.get(path == "/up" ? "/health" : path, &statusOfHttpPort);
        QCOMPARE(answer.status, statusOfHttpPort);
    }
    // Plain HTTP is neither a connection nor an error.
    QCOMPARE(counted("relay_connections_total"), 0.0);
    QCOMPARE(counted("relay_connection_errors_total"), 0.0);
}

// ---- frames ----

namespace {

QByteArray updateFrame(const QByteArray &messageId, qsizetype size = 1)
{
    const EncryptedUpdate update {WrittenId::of(freshId()), {}, QByteArray(size, '\0')};
    return encodeFrame({messageId, 1'700'000'000, update});
}

/** The header of a masked frame, with its mask, that announces `length`. */
QByteArray announced(int firstByte, quint64 length)
{
    QByteArray header;
    header += static_cast<char>(firstByte);
    if (length <= 0xffff) {
        header += static_cast<char>(0x80 | 126);
        header.resize(4);
        qToBigEndian(static_cast<quint16>(length), header.data() + 2);
    } else {
        header += static_cast<char>(0x80 | 127);
        header.resize(10);
        qToBigEndian(length, header.data() + 2);
    }
    return header + "mask";
}

QByteArray withFirstByte(QByteArray frame, int byte)
{
    frame[0] = static_cast<char>(byte);
    return frame;
}

constexpr int LargestMessage = 1'048'576;

} // namespace

void TestTransport::joinsFragments()
{
    auto client = joined();
    QVERIFY(client);
    const QByteArray frame = updateFrame("fragments");
    // As many as there are bytes, empty ones between them.
    QByteArray bytes = clientFrame(OpBinary, {}, false);
    for (qsizetype i = 0; i < frame.size(); ++i) {
        bytes += clientFrame(OpContinuation, frame.mid(i, 1), false);
        if (i % 10 == 0)
            bytes += clientFrame(OpContinuation, {}, false);
    }
    bytes += clientFrame(OpContinuation, {}, true);
    const Counted counted(m_relay);
    QVERIFY(client->sendBytes(bytes));
    QCOMPARE(client->expectAck("fragments")->status, AckStatus::Stored);
    QCOMPARE(counted("relay_messages_received_total"), 1.0);
}

void TestTransport::joinsFragmentsAroundAPing()
{
    auto client = joined();
    QVERIFY(client);
    const QByteArray frame = updateFrame("around");
    QVERIFY(client->sendBytes(clientFrame(OpBinary, frame.left(20), false)));
    QVERIFY(client->sendBytes(clientFrame(OpPing, "between")));
    const auto pong = client->readFrame();
    QVERIFY(pong);
    QCOMPARE(pong->opCode, OpPong);
    QCOMPARE(pong->payload, "between");
    QVERIFY(client->sendBytes(
        clientFrame(OpContinuation, frame.mid(20, 30), false) + clientFrame(OpPong, "unasked")));
    QVERIFY(client->sendBytes(clientFrame(OpContinuation, frame.mid(50), true)));
    QCOMPARE(client->expectAck("around")->status, AckStatus::Stored);
}

void TestTransport::closesOnProtocolErrors_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray frame = clientFrame(OpBinary, updateFrame("never"));
    const auto row = [](const QByteArray &name, const QByteArray &bytes) {
        QTest::newRow(name.constData()) << bytes;
    };
    row("without mask", clientFrame(OpBinary, updateFrame("never"), true, false));
    row("ping without mask", clientFrame(OpPing, "x", true, false));
    row("close without mask", clientFrame(OpClose, "\x03\xe8", true, false));
    row("empty without mask", clientFrame(OpBinary, {}, true, false));
    for (int bit : {0x40, 0x20, 0x10})
        row("reserved bit " + QByteArray::number(bit, 16), withFirstByte(frame, 0x82 | bit));
    for (int opCode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
        row("opcode " + QByteArray::number(opCode), withFirstByte(frame, 0x80 | opCode));
        row("opcode " + QByteArray::number(opCode) + ", empty", clientFrame(opCode, {}));
    }
    row("ping in fragments", clientFrame(OpPing, "x", false));
    row("pong in fragments", clientFrame(OpPong, "x", false));
    row("close in fragments", clientFrame(OpClose, "\x03\xe8", false));
    row("ping of 126 bytes", clientFrame(OpPing, QByteArray(126, 'x')));
    row("pong of 70000 bytes", clientFrame(OpPong, QByteArray(70'000, 'x')));
    row("close of 126 bytes", clientFrame(OpClose, "\x03\xe8" + QByteArray(124, 'x')));
    row("close of one byte", clientFrame(OpClose, "\x03"));
    for (int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000})
        row("close with code " + QByteArray::number(code),
            clientFrame(OpClose,
                QByteArray(1, static_cast<char>(code >> 8)) + static_cast<char>(code & 0xff)));
    row("continuation of nothing", clientFrame(OpContinuation, "x"));
    row("last continuation of nothing", clientFrame(OpContinuation, {}));
    row("message within a message", clientFrame(OpBinary, "x", false) + clientFrame(OpBinary, "y"));
    row("text within a message", clientFrame(OpBinary, "x", false) + clientFrame(OpText, "y"));
    row("length in more bytes than needed", QByteArray("\x82\xfe\x00\x01mask", 8) + 'x');
    row("length in many more bytes than needed",
        QByteArray("\x82\xff\0\0\0\0\0\0\x01\x00mask", 14) + QByteArray(256, 'x'));
}

void TestTransport::closesOnProtocolErrors()
{
    QFETCH(QByteArray, bytes);
    auto bystander = joined();
    QVERIFY(bystander);
    // After a handshake, before one, and with every byte in a segment of its own.
    for (const int way : {0, 1, 2}) {
        const Counted counted(m_relay);
        RawClient client(m_relay.port());
        if (way == 1)
            QVERIFY(client.upgrade());
        else
            QVERIFY(client.join(freshId()));
        if (way == 2) {
            for (const char byte : bytes.left(300))
                client.sendBytes(QByteArray(1, byte));
        } else {
            client.sendBytes(bytes);
        }
        QCOMPARE(closeOf(client), 1002);
        QTRY_COMPARE(counted("relay_connection_errors_total"), 1.0);
        QCOMPARE(counted("relay_messages_rejected_total"), 0.0);
    }
    QVERIFY(isServed(*bystander));
}

void TestTransport::closesOnWhatIsTooLarge_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("isFirst");
    QTest::addColumn<bool>("isSplit");
    const QByteArray tooLarge = updateFrame("never", LargestMessage / 2);
    const QByteArray half(LargestMessage / 2, 'x');
    const auto rows = [](const QByteArray &name, const QByteArray &bytes, bool maySplit) {
        QTest::newRow(name.constData()) << bytes << false << false;
        QTest::newRow((name + ", at first").constData()) << bytes << true << false;
        if (maySplit)
            QTest::newRow((name + ", byte by byte").constData()) << bytes << false << true;
    };
    rows("a message", clientFrame(OpBinary, tooLarge), false);
    rows("one byte too large", clientFrame(OpBinary, QByteArray(LargestMessage + 1, 'x')), false);
    rows("announced", announced(0x82, LargestMessage + 1), true);
    rows("2 GiB announced", announced(0x82, quint64(1) << 31), true);
    rows("2^62 announced", announced(0x82, quint64(1) << 62), true);
    rows("a fragment announced", announced(0x02, LargestMessage + 1), true);
    rows("a text announced", announced(0x81, LargestMessage + 1), true);
    rows("in two fragments",
        clientFrame(OpBinary, half, false) + clientFrame(OpContinuation, half + 'x'), false);
    rows("in fragments without end",
        clientFrame(OpBinary, half, false) + clientFrame(OpContinuation, half, false)
            + clientFrame(OpContinuation, "x", false),
        false);
}

void TestTransport::closesOnWhatIsTooLarge()
{
    QFETCH(QByteArray, bytes);
    QFETCH(bool, isFirst);
    QFETCH(bool, isSplit);
    const Counted counted(m_relay);
    RawClient client(m_relay.port());
    if (isFirst)
        QVERIFY(client.upgrade());
    else
        QVERIFY(client.join(freshId()));
    if (isSplit) {
        for (const char byte : bytes)
            client.sendBytes(QByteArray(1, byte));
    } else {
        client.sendBytes(bytes);
    }
    QCOMPARE(closeOf(client), 1009);
    QTRY_COMPARE(counted.refused("too_large"), 1.0);
    QCOMPARE(counted("relay_messages_rejected_total"), 1.0);
    QCOMPARE(counted("relay_connection_errors_total"), 1.0);
}

void TestTransport::takesAMessageOfTheLargestSizeInFragments()
{
    auto client = joined();
    QVERIFY(client);
    // Spaces around the JSON fill it up.
    QByteArray frame = updateFrame("largest", 1000);
    frame += QByteArray(LargestMessage - frame.size(), ' ');
    qToBigEndian(static_cast<quint32>(frame.size() - 4), frame.data());
    QVERIFY(client->sendBytes(clientFrame(OpBinary, frame.left(700'000), false)
        + clientFrame(OpContinuation, frame.mid(700'000))));
    QCOMPARE(client->expectAck("largest")->status, AckStatus::Stored);
}

void TestTransport::closesOnTextAtFirst()
{
    const Counted counted(m_relay);
    for (const QByteArray &text : {QByteArray(), QByteArray("hello")}) {
        RawClient client(m_relay.port());
        QVERIFY(client.upgrade());
        QVERIFY(client.sendBytes(
            clientFrame(OpText, text) + RawClient::encode(handshakeOf(freshId()), "hello")));
        QCOMPARE(closeOf(client), 1003);
    }
    QCOMPARE(counted.refused("text"), 2.0);
    QCOMPARE(counted("relay_connection_errors_total"), 2.0);
    QCOMPARE(counted("relay_messages_received_total"), 0.0);
}

void TestTransport::ignoresTextLater()
{
    auto client = joined();
    QVERIFY(client);
    const Counted counted(m_relay);
    for (const QByteArray &text : {QByteArray(), QByteArray("hello"), updateFrame("text").mid(4)})
        QVERIFY(client->sendBytes(clientFrame(OpText, text)));
    QVERIFY(client->sendBytes(
        clientFrame(OpText, "frag", false) + clientFrame(OpContinuation, "ments")));
    QVERIFY(client->sendBytes(
        clientFrame(OpText, "\xf0\x9f", false) + clientFrame(OpContinuation, "\x98\x80")));
    QVERIFY(isServed(*client));
    QCOMPARE(counted.refused("text"), 5.0);
    QCOMPARE(counted("relay_messages_rejected_total"), 5.0);
    QCOMPARE(counted("relay_blobs_created_total"), 0.0);
}

void TestTransport::mayCloseOnTextThatIsNotUtf8()
{
    auto client = joined();
    QVERIFY(client);
    QVERIFY(client->sendBytes(clientFrame(OpText, "\xff\xfe")));
    QCOMPARE(closeOf(*client), 1007);
}

void TestTransport::answersPingsWithTheirBytes()
{
    auto client = joined();
    QVERIFY(client);
    const QList<QByteArray> payloads {{}, "x", QByteArray("\0\xff\x80", 3), QByteArray(125, 'p')};
    QByteArray bytes;
    for (const QByteArray &payload : payloads)
        bytes += clientFrame(OpPing, payload);
    QVERIFY(client->sendBytes(bytes));
    for (const QByteArray &payload : payloads) {
        const auto pong = client->readFrame();
        QVERIFY(pong);
        QCOMPARE(pong->opCode, OpPong);
        QCOMPARE(pong->payload, payload);
    }
}

void TestTransport::ignoresPongsThatNobodyAskedFor()
{
    auto client = joined();
    QVERIFY(client);
    const Counted counted(m_relay);
    QVERIFY(client->sendBytes(clientFrame(OpPong, {}) + clientFrame(OpPong, "unasked")));
    QVERIFY(isServed(*client));
    QCOMPARE(counted("relay_messages_rejected_total"), 0.0);
}

QTEST_GUILESS_MAIN(TestTransport)
#include "tst_transport.moc"
