// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/watching.h"

#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QTest>

#include <sys/socket.h>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

using namespace relay;
using namespace relay::test;

namespace {

/** Waits for the end of the connection: true if it came, with no frame before it. */
bool endsSilently(RawClient &client, int timeoutMillis)
{
    char byte = 0;
    const timeval timeout {timeoutMillis / 1000, 0};
    ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    const ssize_t got = ::recv(client.descriptor(), &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

/** Milliseconds: by then time-outs of 1 and 2 s have ended a connection, on a busy machine too. */
constexpr int Late = 10'000;

QByteArray stores(int count, const Id &recipient)
{
    QByteArray bytes;
    for (int n = 0; n < count; ++n)
        bytes += RawClient::encode(
            EncryptedUpdate {WrittenId::of(recipient), {}, "x"}, QByteArray::number(n));
    return bytes;
}

qsizetype descriptorsOf(const RelayProcess &relay)
{
    const std::filesystem::directory_iterator folder(
        "/proc/" + std::to_string(relay.pid()) + "/fd");
    return std::distance(begin(folder), end(folder));
}

} // namespace

/** How connections end, by whichever side and for whatever reason, and how many there may be. */
class TestConnections : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    /** What one function leaves behind must not be counted in the next. */
    void init()
    {
        QTRY_COMPARE_WITH_TIMEOUT(m_relay.metric("relay_connections_active"), 0.0, 10'000);
    }

    void answersAClose_data();
    void answersAClose();
    void answersWhatCameBeforeAClose();
    void answersWhatCameBeforeTheEndOfInput();
    void storesWhatCameBeforeAReset();
    void halfClosesAfterItsClose();
    void getsItsCloseThroughWhatThePeerStillSends();
    void cutsOffWhoNeverAnswersAClose();
    void cutsOffWhoNeverReadsAClose();

    void pingsByItself();
    void keepsWhoAnswersPings();
    void closesWhoIsSilent();
    void closesAFrameThatNeverEnds_data();
    void closesAFrameThatNeverEnds();
    void closesWhoDoesNotShakeHands();
    void cutsOffWhoDoesNotUpgrade_data();
    void cutsOffWhoDoesNotUpgrade();

    void refusesConnectionsOverTheLimit();
    void servesPlainHttpWhenItIsFull();
    void survivesRunningOutOfDescriptors_data();
    void survivesRunningOutOfDescriptors();

private:
    RelayProcess m_relay;
    /** Pings often, and waits a few pings long. */
    RelayProcess m_pinging {{
        {QStringLiteral("IDLE_TIMEOUT_SECS"), QStringLiteral("5")},
        {QStringLiteral("PING_INTERVAL_SECS"), QStringLiteral("1")},
    }};
    /** With the shortest time-outs. */
    RelayProcess m_impatient {{
        {QStringLiteral("HANDSHAKE_TIMEOUT_SECS"), QStringLiteral("1")},
        {QStringLiteral("IDLE_TIMEOUT_SECS"), QStringLiteral("2")},
        {QStringLiteral("PING_INTERVAL_SECS"), QStringLiteral("1")},
    }};
};

void TestConnections::initTestCase()
{
    QVERIFY2(m_relay.start(), m_relay.log());
    QVERIFY2(m_pinging.start(), m_pinging.log());
    QVERIFY2(m_impatient.start(), m_impatient.log());
}

// ---- who closes, and what is served before ----

void TestConnections::answersAClose_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<int>("answer");
    QTest::newRow("1000") << QByteArray("\x03\xe8") << 1000;
    QTest::newRow("1000 with a reason") << QByteArray("\x03\xe8goodbye") << 1000;
    QTest::newRow("no code") << QByteArray() << 1000;
    QTest::newRow("1001") << QByteArray("\x03\xe9") << 1001;
    QTest::newRow("1001 with the longest reason")
        << "\x03\xe9" + QByteArray("\u00e4").repeated(61) + 'x' << 1001;
    QTest::newRow("4000") << QByteArray("\x0f\xa0") << 4000;
}

void TestConnections::answersAClose()
{
    QFETCH(QByteArray, payload);
    QFETCH(int, answer);
    const Counted counted(m_relay);
    RawClient client(m_relay.port());
    QVERIFY(client.join(freshId()));
    QVERIFY(client.sendBytes(clientFrame(OpClose, payload)));
    QCOMPARE(client.waitForClose(), answer);
    QVERIFY(client.closeReason().size() <= 123);
    QVERIFY(endsSilently(client, 5000));
    client.disconnect();
    QTRY_COMPARE(counted("relay_connections_active"), 0.0);
    QCOMPARE(counted("relay_connections_total"), 1.0);
    QCOMPARE(counted("relay_connection_errors_total"), 0.0);
}

void TestConnections::answersWhatCameBeforeAClose()
{
    const Id bob = freshId();
    RawClient client(m_relay.port());
    QVERIFY(client.sendBytes(RawClient::upgradeRequest()
        + RawClient::encode(handshakeOf(freshId()), "hello") + stores(101, bob)
        + clientFrame(OpClose, "\x03\xe8") + RawClient::encode(PurgeRequest {}, "too late")));
    QVERIFY(client.readHead().startsWith("HTTP/1.1 101 "));
    QVERIFY(client.expect<HandshakeAck>());
    for (int n = 0; n < 101; ++n)
        QCOMPARE(client.expectAck(QByteArray::number(n))->status, AckStatus::Stored);
    QVERIFY(!client.receive());
    QCOMPARE(client.closeCode(), 1000);
}

void TestConnections::answersWhatCameBeforeTheEndOfInput()
{
    const Counted counted(m_relay);
    RawClient client(m_relay.port());
    // The last frame is half a frame: nobody's.
    QVERIFY(client.sendBytes(RawClient::upgradeRequest()
        + RawClient::encode(handshakeOf(freshId()), "hello") + stores(101, freshId())
        + RawClient::encode(PurgeRequest {}, "half").chopped(5)));
    client.shutdownOutput();
    QVERIFY(client.readHead().startsWith("HTTP/1.1 101 "));
    QVERIFY(client.expect<HandshakeAck>());
    for (int n = 0; n < 101; ++n)
        QCOMPARE(client.expectAck(QByteArray::number(n))->status, AckStatus::Stored);
    QVERIFY(!client.receive());
    QVERIFY(!client.wasReset());
    QCOMPARE(counted("relay_blobs_created_total"), 101.0);
    QCOMPARE(counted("relay_connection_errors_total"), 0.0);
}

void TestConnections::storesWhatCameBeforeAReset()
{
    // Some 37 KB each time, so with and without answers on their way.
    for (int round = 0; round < 10; ++round) {
        const Counted counted(m_relay);
        RawClient client(m_relay.port());
        QVERIFY(client.upgrade());
        QVERIFY(client.sendBytes(
            RawClient::encode(handshakeOf(freshId()), "hello") + stores(101, freshId())));
        if (round % 2)
            QVERIFY(client.expectAck("0"));
        client.reset();
        QTRY_COMPARE(counted("relay_blobs_created_total"), 101.0);
        QTRY_COMPARE(counted("relay_connections_active"), 0.0);
        QCOMPARE(counted("relay_connection_errors_total"), 0.0);
    }
}

void TestConnections::halfClosesAfterItsClose()
{
    RawClient client(m_relay.port());
    QVERIFY(client.upgrade());
    QVERIFY(client.sendBytes(clientFrame(OpText, "x")));
    QCOMPARE(closeOf(client), 1003);
    // The end of the relay's output has come; its input is still open.
    QVERIFY(endsSilently(client, 5000));
    QVERIFY(client.sendBytes(QByteArray(1000, 'x')));
    QVERIFY(client.sendClose(1003));
}

void TestConnections::getsItsCloseThroughWhatThePeerStillSends()
{
    for (int round = 0; round < 10; ++round) {
        RawClient client(m_relay.port());
        QVERIFY(client.upgrade());
        // A reset, which unread input would cause, would destroy the Close.
        QVERIFY(client.sendBytes(clientFrame(OpText, "x") + QByteArray(3'000'000, 'x')));
        QCOMPARE(closeOf(client), 1003);
        QVERIFY(!client.wasReset());
    }
}

void TestConnections::cutsOffWhoNeverAnswersAClose()
{
    const Counted counted(m_relay);
    RawClient client(m_relay.port());
    QVERIFY(client.upgrade());
    QVERIFY(client.sendBytes(clientFrame(OpText, "x")));
    QCOMPARE(closeOf(client), 1003);
    QElapsedTimer timer;
    timer.start();
    QTRY_COMPARE(counted("relay_connections_active"), 0.0);
    QVERIFY2(timer.elapsed() < 10'000, QByteArray::number(timer.elapsed()));
}

void TestConnections::cutsOffWhoNeverReadsAClose()
{
    // So much waits for the client that the Close cannot be sent.
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(freshId()));
    for (int n = 0; n < 12; ++n)
        QVERIFY(sender.store(bob, QByteArray(100'000, '\xff'), bob));
    const Counted counted(m_relay);
    RawClient client(m_relay.port());
    QVERIFY(client.upgrade());
    client.send(handshakeOf(bob));
    QTRY_VERIFY(counted("relay_blobs_delivered_total") >= 1);
    QVERIFY(client.sendBytes(clientFrame(3, "x")));
    QTRY_COMPARE(counted("relay_connection_errors_total"), 1.0);
    QElapsedTimer timer;
    timer.start();
    QTRY_COMPARE(counted("relay_connections_active"), 0.0);
    QVERIFY2(timer.elapsed() < 10'000, QByteArray::number(timer.elapsed()));
}

// ---- time-outs ----

void TestConnections::pingsByItself()
{
    RawClient client(m_pinging.port());
    QVERIFY(client.join(freshId()));
    const auto ping = client.readFrame();
    QVERIFY(ping);
    QCOMPARE(ping->opCode, OpPing);
    QVERIFY(ping->payload.size() <= 125);
    client.sendClose();
}

void TestConnections::keepsWhoAnswersPings()
{
    RawClient client(m_pinging.port());
    QVERIFY(client.join(freshId()));
    int pings = 0;
    const QDeadlineTimer deadline(6500);
    while (!deadline.hasExpired()) {
        const auto frame = client.readFrame(static_cast<int>(deadline.remainingTime()));
        if (!frame)
            continue;
        QCOMPARE(frame->opCode, OpPing);
        ++pings;
        QVERIFY(client.sendBytes(clientFrame(OpPong, frame->payload)));
    }
    QVERIFY(isServed(client));
    QVERIFY2(pings >= 2 && pings <= 7, QByteArray::number(pings));
}

void TestConnections::closesWhoIsSilent()
{
    const Counted counted(m_impatient);
    QElapsedTimer timer;
    timer.start();
    RawClient client(m_impatient.port());
    QVERIFY(client.join(freshId()));
    while (const auto frame = client.readFrame()) {
        if (frame->opCode == OpPing)
            continue;
        QCOMPARE(frame->opCode, OpClose);
        QCOMPARE(frame->payload.left(2), "\x03\xe9");
        QVERIFY(frame->payload.size() > 2);
        break;
    }
    QVERIFY2(
        timer.elapsed() >= 2000 && timer.elapsed() < Late, QByteArray::number(timer.elapsed()));
    // That is how many connections end; it is no error.
    QCOMPARE(counted("relay_connection_errors_total"), 0.0);
}

void TestConnections::closesAFrameThatNeverEnds_data()
{
    QTest::addColumn<QByteArray>("begin");
    QTest::newRow("a large frame") << clientFrame(OpBinary, QByteArray(100'000, 'x')).left(14);
    QTest::newRow("a ping") << clientFrame(OpPing, QByteArray(125, 'x')).left(2);
}

void TestConnections::closesAFrameThatNeverEnds()
{
    QFETCH(QByteArray, begin);
    QElapsedTimer timer;
    timer.start();
    RawClient client(m_impatient.port());
    QVERIFY(client.join(freshId()));
    QVERIFY(client.sendBytes(begin));
    int code = 0;
    // The client is not silent: a byte comes every 100 ms.
    while (timer.elapsed() < Late) {
        const auto frame = client.readFrame(100);
        if (frame && frame->opCode == OpClose) {
            code = static_cast<quint8>(frame->payload[0]) << 8
                | static_cast<quint8>(frame->payload[1]);
            break;
        }
        client.sendBytes("x");
    }
    QCOMPARE(code, 1001);
    QVERIFY2(
        timer.elapsed() >= 2000 && timer.elapsed() < Late, QByteArray::number(timer.elapsed()));
}

void TestConnections::closesWhoDoesNotShakeHands()
{
    const Counted counted(m_impatient);
    QElapsedTimer timer;
    timer.start();
    RawClient client(m_impatient.port());
    QVERIFY(client.upgrade());
    // Pings and half a handshake are not one.
    QVERIFY(client.sendBytes(
        clientFrame(OpPing, "x") + RawClient::encode(handshakeOf(freshId()), "hello").chopped(1)));
    QCOMPARE(closeOf(client), 1008);
    QVERIFY2(
        timer.elapsed() >= 1000 && timer.elapsed() < Late, QByteArray::number(timer.elapsed()));
    QTRY_COMPARE(counted("relay_connection_errors_total"), 1.0);
}

void TestConnections::cutsOffWhoDoesNotUpgrade_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<double>("errors");
    QTest::newRow("nothing sent") << QByteArray() << 0.0;
    QTest::newRow("half a head") << RawClient::upgradeRequest().chopped(1) << 1.0;
    QTest::newRow("one byte") << QByteArray("G") << 1.0;
}

void TestConnections::cutsOffWhoDoesNotUpgrade()
{
    QFETCH(QByteArray, bytes);
    QFETCH(double, errors);
    const Counted counted(m_impatient);
    QElapsedTimer timer;
    timer.start();
    RawClient client(m_impatient.port());
    QVERIFY(client.sendBytes(bytes));
    QVERIFY(endsSilently(client, Late));
    QVERIFY2(
        timer.elapsed() >= 1000 && timer.elapsed() < Late, QByteArray::number(timer.elapsed()));
    QTRY_COMPARE(counted("relay_connection_errors_total"), errors);
    QCOMPARE(counted("relay_connections_total"), 0.0);
}

// ---- how many ----

void TestConnections::refusesConnectionsOverTheLimit()
{
    RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS"), QStringLiteral("5")}});
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.metric("relay_max_connections"), 5.0);
    std::vector<RawClient> clients;
    for (int i = 0; i < 5; ++i) {
        clients.emplace_back(relay.port());
        QVERIFY(clients.back().join(freshId()));
    }
    for (int i = 1; i <= 3; ++i) {
        RawClient late(relay.port());
        QVERIFY(late.sendBytes(
            RawClient::upgradeRequest() + RawClient::encode(handshakeOf(freshId()), "hello")));
        const auto answer = HttpAnswer::of(late.readAll());
        QCOMPARE(answer.status, 503);
        QVERIFY2(answer.head.contains("Retry-After: "), answer.head);
        QVERIFY(!answer.onlyField("error").isEmpty());
        QCOMPARE(relay.metric("relay_connection_errors_total"), double(i));
    }
    QCOMPARE(relay.metric("relay_connections_active"), 5.0);
    QCOMPARE(relay.metric("relay_connections_total"), 5.0);
    for (RawClient &client : clients)
        QVERIFY(isServed(client));
    // A relay that is full is still ready.
    int status = 0;
    relay.get("/ready", &status);
    QCOMPARE(status, 200);
    QCOMPARE(relay.metric("relay_ready"), 1.0);

    clients[2].sendClose();
    QCOMPARE(clients[2].waitForClose(), 1000);
    clients[2].disconnect();
    clients[3].reset();
    QTRY_COMPARE(relay.metric("relay_connections_active"), 3.0);
    for (int i = 2; i <= 3; ++i) {
        clients[static_cast<size_t>(i)] = RawClient(relay.port());
        QVERIFY(clients[static_cast<size_t>(i)].join(freshId()));
    }
    RawClient late(relay.port());
    QVERIFY(!late.upgrade());
}

void TestConnections::servesPlainHttpWhenItIsFull()
{
    RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS"), QStringLiteral("1")}});
    QVERIFY2(relay.start(), relay.log());
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    const QByteArray ready = "GET /ready HTTP/1.1\r\nHost: relay.example\r\n\r\n";
    // More than once over all places: each is given back.
    for (int i = 0; i < 200; ++i)
        QCOMPARE(HttpAnswer::of(httpExchange(relay.port(), ready)).status, 200);

    // 64 at a time: answered, but not ended by these peers, they keep their places for 2 s.
    std::vector<RawClient> holding;
    // A machine that takes longer to answer all of them has to try again.
    const auto isFull = [&] {
        holding.clear();
        for (int i = 0; i < 64; ++i) {
            holding.emplace_back(relay.port());
            holding.back().sendBytes(ready);
            if (HttpAnswer::of(holding.back().readAll()).status != 200)
                return false;
        }
        RawClient late(relay.port());
        late.sendBytes(ready);
        return HttpAnswer::of(late.readAll()).status == 503;
    };
    QVERIFY(QTest::qWaitFor(isFull, 30'000));
    QVERIFY(isServed(client));
    holding.clear();
    QTRY_COMPARE(HttpAnswer::of(httpExchange(relay.port(), ready)).status, 200);
}

void TestConnections::survivesRunningOutOfDescriptors_data()
{
    QTest::addColumn<int>("limit");
    // More than there are, and no more than wait until they are accepted.
    QTest::addColumn<int>("monitors");
    QTest::newRow("fewer than the relay wants") << 140 << 130;
    QTest::newRow("hardly any") << 64 << 50;
}

void TestConnections::survivesRunningOutOfDescriptors()
{
    QFETCH(int, limit);
    QFETCH(int, monitors);
    RelayProcess relay;
    relay.setDescriptorLimit(limit);
    QVERIFY2(relay.start(), relay.log());
    QVERIFY2(relay.log().contains("LimitNOFILE"), relay.log());
    RawClient early(relay.port());
    QVERIFY(early.join(freshId()));
    {
        std::vector<RawClient> crowd;
        const auto come = [&](quint16 port) {
            crowd.emplace_back(port);
            crowd.back().sendBytes("G");
        };
        // The HTTP port takes what there is, and the public one finds nothing left.
        for (int i = 0; i < monitors; ++i)
            come(relay.httpPort());
        QTRY_VERIFY_WITH_TIMEOUT(descriptorsOf(relay) >= limit, 30'000);
        for (int i = 0; i < 100; ++i)
            come(relay.port());
        QTRY_VERIFY_WITH_TIMEOUT(relay.newestLog().contains("cannot accept"), 30'000);
        QVERIFY(isServed(early));
        QVERIFY(early.store(freshId(), "x", freshId()));
    }
    const auto works = [&] {
        RawClient client(relay.port());
        return client.join(freshId()) && isServed(client);
    };
    QTRY_VERIFY_WITH_TIMEOUT(works(), 60'000);
    QVERIFY(isServed(early));
    int status = 0;
    QTRY_VERIFY((relay.get("/ready", &status), status == 200));
    QCOMPARE(relay.stop(), 0);
    // Once for each port, not with every try.
    QVERIFY2(relay.log().count("cannot accept") <= 2, relay.log());
}

QTEST_GUILESS_MAIN(TestConnections)
#include "tst_connections.moc"
