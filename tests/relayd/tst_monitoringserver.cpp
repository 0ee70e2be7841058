// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/healthboard.h"
#include "relayd/http/monitoringserver.h"
#include "relayd/metrics/metrics.h"

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace relay;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/** A relay's monitoring side without the relay. */
struct Monitored {
    HealthBoard health {HealthBoard::Clock::now()};
    Metrics metrics;
    MonitoringServer server;
    quint16 port = 0;

    explicit Monitored(const QByteArray &token = {}, MonitoringLimits limits = {})
        : server(health, metrics, token, "the-public-key", limits)
    {
        const auto listening = server.listen(QHostAddress(QHostAddress::LocalHost), 0);
        if (!listening)
            qFatal("%s", qPrintable(listening.error().text));
        port = *listening;
    }
};

struct Answer {
    QByteArray all; ///< everything until the relay closed
    QByteArray head;
    QByteArray body;
    int status = 0;
};

/** Collects what comes until the other side closes. */
class Client : public QTcpSocket {
public:
    explicit Client(quint16 port)
    {
        connect(this, &QTcpSocket::readyRead, this, [this] { m_received += readAll(); });
        connectToHost(QHostAddress(QHostAddress::LocalHost), port);
    }

    /** Nothing if the relay does not close within the time. */
    Answer finish(int milliseconds = 5000)
    {
        const bool closed =
            QTest::qWaitFor([this] { return state() == UnconnectedState; }, milliseconds);
        m_received += readAll();
        if (!closed)
            return {};
        const qsizetype end = m_received.indexOf("\r\n\r\n");
        return {m_received, m_received.left(end + 2), m_received.mid(end + 4),
            m_received.mid(9, 3).toInt()};
    }

private:
    QByteArray m_received;
};

Answer ask(quint16 port, const QByteArray &request)
{
    Client client(port);
    client.write(request);
    return client.finish();
}

QByteArray request(const QByteArray &line, const QByteArray &fields = {})
{
    return line + " HTTP/1.1\r\nHost: relay\r\n" + fields + "\r\n";
}

/** A plain descriptor, for what QTcpSocket does not do. */
int connectedDescriptor(quint16 port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        qFatal("cannot connect");
    return descriptor;
}

} // namespace

class TestMonitoringServer : public QObject {
    Q_OBJECT

private slots:
    void answers_data();
    void answers();
    void answersHeadWithoutABody_data();
    void answersHeadWithoutABody();
    void becomesReadyAndUnready();
    void servesTheMetricsWithTheStateOfNow();
    void guardsTheMetricsAlone_data();
    void guardsTheMetricsAlone();
    void takesARequestInPieces();
    void answersAPeerThatHasNoMoreToSay();
    void ignoresWhatFollowsTheRequest();
    void deliversTheAnswerDespiteUnreadInput();
    void cutsASlowSenderOff();
    void cutsAPeerOffThatDoesNotClose();
    void refusesConnectionsOverTheLimit();
    void hasTheLimitsOfTheSpecification();
    void survivesResets();
    void acceptsAgainAfterDescriptorsRanOut();
    void saysWhyItCannotListen();
};

void TestMonitoringServer::answers_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("holds");
    const auto row = [](const char *name, const QByteArray &bytes, int status, const char *holds) {
        QTest::newRow(name) << bytes << status << QByteArray(holds);
    };
    row("health", request("GET /health"), 200, R"("status":"ok")");
    row("health with a query", request("GET /health?x=1"), 200, R"("status":"ok")");
    row("health, HTTP/1.0", "GET /health HTTP/1.0\r\n\r\n", 200, R"("status":"ok")");
    row("health, absolute", request("GET http://relay/health"), 200, R"("status":"ok")");
    row("health, with a body announced", request("GET /health", "Content-Length: 99\r\n"), 200,
        R"("status":"ok")");
    row("ready while starting", request("GET /ready"), 503, R"("reason":"starting")");
    row("metrics", request("GET /metrics"), 200, "relay_connections_total 0\n");
    row("pubkey", request("GET /pubkey"), 200, "\r\n\r\nthe-public-key");
    row("POST to pubkey", request("POST /pubkey"), 405, "\r\nAllow: GET, HEAD\r\n");
    row("root", request("GET /"), 404, R"("error":)");
    row("another path", request("GET /healthz"), 404, R"("error":)");
    row("a longer path", request("GET /health/"), 404, R"("error":)");
    row("two slashes", request("GET //health"), 404, R"("error":)");
    row("an encoded path", request("GET /%68ealth"), 404, R"("error":)");
    row("POST to another path", request("POST /"), 404, R"("error":)");
    row("POST", request("POST /health", "Content-Length: 0\r\n"), 405, "\r\nAllow: GET, HEAD\r\n");
    row("DELETE", request("DELETE /ready"), 405, "\r\nAllow: GET, HEAD\r\n");
    row("OPTIONS", request("OPTIONS /metrics"), 405, "\r\nAllow: GET, HEAD\r\n");
    row("get", request("get /metrics"), 405, "\r\nAllow: GET, HEAD\r\n");
    row("rubbish", "rubbish\r\n", 400, R"("error":)");
    row("a TLS hello", QByteArray("\x16\x03\x01\x02\x00\x01", 6), 400, R"("error":)");
    row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, R"("error":)");
    row("a large head", request("GET /health", "X: " + QByteArray(9000, 'x') + "\r\n"), 431,
        R"("error":)");
    row("an endless head", QByteArray(20000, 'x'), 431, R"("error":)");
}

void TestMonitoringServer::answers()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, status);
    QFETCH(QByteArray, holds);
    Monitored relay;
    const Answer answer = ask(relay.port, bytes);
    QCOMPARE(answer.status, status);
    QVERIFY2(answer.all.contains(holds), answer.all.constData());
    QVERIFY(answer.head.startsWith("HTTP/1.1 "));
    QVERIFY(answer.head.contains("\r\nCache-Control: no-store\r\n"));
    QVERIFY(answer.head.contains("\r\nConnection: close\r\n"));
    const QByteArray length = QByteArray::number(answer.body.size());
    QVERIFY(answer.head.contains(QByteArray("\r\nContent-Length: " + length + "\r\n")));
    QByteArray type = "application/json";
    if (status == 200 && bytes.contains("/metrics"))
        type = "text/plain; version=0.0.4; charset=utf-8";
    else if (status == 200 && bytes.contains("/pubkey"))
        type = "text/plain; charset=utf-8";
    QVERIFY(answer.head.contains(QByteArray("\r\nContent-Type: " + type + "\r\n")));
    QTRY_COMPARE(relay.server.connectionCount(), 0);
}

void TestMonitoringServer::answersHeadWithoutABody_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("status");
    QTest::newRow("health") << QByteArray("/health") << 200;
    QTest::newRow("ready") << QByteArray("/ready") << 503;
    QTest::newRow("metrics") << QByteArray("/metrics") << 200;
    QTest::newRow("nothing") << QByteArray("/nothing") << 404;
}

void TestMonitoringServer::answersHeadWithoutABody()
{
    QFETCH(QByteArray, path);
    QFETCH(int, status);
    Monitored relay;
    const Answer head = ask(relay.port, request("HEAD " + path));
    QCOMPARE(head.status, status);
    QCOMPARE(head.body, QByteArray());
    QVERIFY(head.head.contains("\r\nContent-Length: "));
    QVERIFY(!head.head.contains("\r\nContent-Length: 0\r\n"));
}

void TestMonitoringServer::becomesReadyAndUnready()
{
    Monitored relay;
    relay.health.set(HealthCheck::Accepting, true);
    relay.health.set(HealthCheck::StorageWritable, true);
    QCOMPARE(ask(relay.port, request("GET /ready")).status, 200);
    relay.health.set(HealthCheck::NotDraining, false, u"the relay is stopping"_s);
    const Answer answer = ask(relay.port, request("GET /ready"));
    QCOMPARE(answer.status, 503);
    QVERIFY(answer.body.contains("the relay is stopping"));
    QCOMPARE(ask(relay.port, request("GET /health")).status, 200);
}

void TestMonitoringServer::servesTheMetricsWithTheStateOfNow()
{
    Monitored relay;
    QVERIFY(ask(relay.port, request("GET /metrics")).body.contains("\nrelay_ready 0\n"));
    relay.health.set(HealthCheck::Accepting, true);
    relay.health.set(HealthCheck::StorageWritable, true);
    relay.metrics.blobsCreatedTotal.Increment(5);
    const QByteArray body = ask(relay.port, request("GET /metrics")).body;
    QVERIFY(body.contains("\nrelay_ready 1\n"));
    QVERIFY(body.contains("\nrelay_blobs_created_total 5\n"));
    QVERIFY(body.contains("\nprocess_cpu_seconds_total "));
}

void TestMonitoringServer::guardsTheMetricsAlone_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, const char *path, const char *fields, int status) {
        QTest::newRow(name) << QByteArray(path) << QByteArray(fields) << status;
    };
    row("the token", "/metrics", "Authorization: Bearer s3cret\r\n", 200);
    row("in another case", "/metrics", "authorization: bEARER s3cret\r\n", 200);
    row("more spaces", "/metrics", "Authorization: Bearer   s3cret  \r\n", 200);
    row("no token", "/metrics", "", 401);
    row("empty", "/metrics", "Authorization:\r\n", 401);
    row("the scheme alone", "/metrics", "Authorization: Bearer\r\n", 401);
    row("an empty token", "/metrics", "Authorization: Bearer \r\n", 401);
    row("another token", "/metrics", "Authorization: Bearer s3creT\r\n", 401);
    row("a part of it", "/metrics", "Authorization: Bearer s3cre\r\n", 401);
    row("more than it", "/metrics", "Authorization: Bearer s3cret2\r\n", 401);
    row("without the scheme", "/metrics", "Authorization: s3cret\r\n", 401);
    row("another scheme", "/metrics", "Authorization: Basic s3cret\r\n", 401);
    row("twice", "/metrics", "Authorization: Bearer s3cret\r\nAuthorization: Bearer s3cret\r\n",
        401);
    row("in the query", "/metrics?token=s3cret", "", 401);
    row("health", "/health", "", 200);
    row("ready", "/ready", "", 503);
}

void TestMonitoringServer::guardsTheMetricsAlone()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, fields);
    QFETCH(int, status);
    Monitored relay("s3cret");
    const Answer answer = ask(relay.port, request("GET " + path, fields));
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.head.contains("\r\nWWW-Authenticate: Bearer\r\n"), status == 401);
    QCOMPARE(answer.body.contains("relay_connections_total"), status == 200 && path == "/metrics");
    QVERIFY(!answer.all.contains("s3cre"));
}

void TestMonitoringServer::takesARequestInPieces()
{
    Monitored relay;
    Client client(relay.port);
    QVERIFY(client.waitForConnected());
    const QByteArray bytes = request("GET /health");
    for (char c : bytes) {
        QCOMPARE(client.write(&c, 1), 1);
        client.flush();
        QCoreApplication::processEvents();
    }
    QCOMPARE(client.finish().status, 200);
}

void TestMonitoringServer::answersAPeerThatHasNoMoreToSay()
{
    Monitored relay;
    const int descriptor = connectedDescriptor(relay.port);
    const QByteArray bytes = request("GET /health");
    QCOMPARE(::send(descriptor, bytes.constData(), size_t(bytes.size()), 0), bytes.size());
    QCOMPARE(::shutdown(descriptor, SHUT_WR), 0);
    Client client(relay.port); // only to close: the events that serve the other one pass meanwhile
    client.close();
    QByteArray received;
    char buffer[4096];
    QVERIFY(QTest::qWaitFor([&] {
        const ssize_t size = ::recv(descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
        if (size > 0)
            received.append(buffer, size);
        return size == 0;
    }));
    ::close(descriptor);
    QVERIFY(received.startsWith("HTTP/1.1 200 OK\r\n"));
}

void TestMonitoringServer::ignoresWhatFollowsTheRequest()
{
    Monitored relay;
    const Answer answer =
        ask(relay.port, request("GET /health") + request("GET /ready") + QByteArray(4000, '\0'));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.all.count("HTTP/1.1 "), 1);
}

void TestMonitoringServer::deliversTheAnswerDespiteUnreadInput()
{
    Monitored relay;
    // Far more than the relay's buffers: a close with this unread would reset the connection.
    const Answer answer =
        ask(relay.port, request("POST /health") + QByteArray(4 * 1024 * 1024, 'x'));
    QCOMPARE(answer.status, 405);
    QTRY_COMPARE(relay.server.connectionCount(), 0);
}

void TestMonitoringServer::cutsASlowSenderOff()
{
    MonitoringLimits limits;
    limits.requestTimeout = 200ms;
    Monitored relay({}, limits);
    QElapsedTimer time;
    time.start();
    Client silent(relay.port);
    Client slow(relay.port);
    slow.write("GET /health HTTP/1.1\r\n");
    QTimer drip;
    drip.callOnTimeout(&slow, [&] { slow.write("a: b\r\n"); });
    drip.start(10ms); // a byte now and then must not buy more time
    QVERIFY(slow.finish().all.isEmpty());
    QCOMPARE(slow.state(), QAbstractSocket::UnconnectedState);
    QVERIFY(silent.finish().all.isEmpty());
    QCOMPARE(silent.state(), QAbstractSocket::UnconnectedState);
    QVERIFY(time.elapsed() >= 190);
    QTRY_COMPARE(relay.server.connectionCount(), 0);
}

void TestMonitoringServer::cutsAPeerOffThatDoesNotClose()
{
    MonitoringLimits limits;
    limits.lingerTimeout = 50ms;
    Monitored relay({}, limits);
    const int descriptor = connectedDescriptor(relay.port);
    const QByteArray bytes = request("GET /health");
    QCOMPARE(::send(descriptor, bytes.constData(), size_t(bytes.size()), 0), bytes.size());
    QTRY_COMPARE(relay.server.connectionCount(), 1);
    QTRY_COMPARE(relay.server.connectionCount(), 0);
    ::close(descriptor);
}

void TestMonitoringServer::refusesConnectionsOverTheLimit()
{
    MonitoringLimits limits;
    limits.maxConnections = 2;
    // Nobody goes by himself meanwhile.
    limits.requestTimeout = limits.lingerTimeout = 60s;
    Monitored relay({}, limits);
    Client first(relay.port);
    Client second(relay.port);
    QTRY_COMPARE(relay.server.connectionCount(), 2);

    const Answer refused = ask(relay.port, request("GET /health"));
    QCOMPARE(refused.status, 503);
    QVERIFY(refused.head.contains("\r\nRetry-After: 1\r\n"));

    QTRY_COMPARE(relay.server.connectionCount(), 2);

    // Those who do not take their 503 are not gathered either.
    const int third = connectedDescriptor(relay.port);
    const int fourth = connectedDescriptor(relay.port);
    QTRY_COMPARE(relay.server.connectionCount(), 4);
    Client fifth(relay.port);
    QTRY_COMPARE(fifth.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(relay.server.connectionCount(), 4);
    ::close(third);
    ::close(fourth);

    first.write(request("GET /health"));
    QCOMPARE(first.finish().status, 200);
    QTRY_COMPARE(relay.server.connectionCount(), 1);
    QCOMPARE(ask(relay.port, request("GET /health")).status, 200);
}

void TestMonitoringServer::hasTheLimitsOfTheSpecification()
{
    QCOMPARE(MonitoringLimits {}.maxConnections, 64);
    QCOMPARE(MonitoringLimits {}.requestTimeout, 10s);
}

void TestMonitoringServer::survivesResets()
{
    Monitored relay;
    const linger reset {1, 0};
    const QList<QByteArray> beginnings {
        QByteArray(), "GET /he", request("GET /metrics"), QByteArray(20000, 'x')};
    for (int round = 0; round < 40; ++round) {
        const QByteArray bytes = beginnings[round % beginnings.size()];
        const int descriptor = connectedDescriptor(relay.port);
        QCOMPARE(::send(descriptor, bytes.constData(), size_t(bytes.size()), 0), bytes.size());
        if (round % 3 == 0)
            QCoreApplication::processEvents();
        ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        ::close(descriptor);
    }
    QCOMPARE(ask(relay.port, request("GET /health")).status, 200);
    QTRY_COMPARE(relay.server.connectionCount(), 0);
}

void TestMonitoringServer::acceptsAgainAfterDescriptorsRanOut()
{
    Monitored relay;
    // It has accepted before and found that nobody else waited.
    QCOMPARE(ask(relay.port, request("GET /health")).status, 200);
    QTest::ignoreMessage(
        QtWarningMsg, QRegularExpression(QStringLiteral("^cannot accept connections: ")));

    const int descriptor = connectedDescriptor(relay.port);
    rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int nextFree = ::dup(descriptor);
    ::close(nextFree);
    const rlimit none {rlim_t(nextFree), before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);
    QTest::qWait(50);
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);

    // Not the same connection: not every kernel keeps one that could not be accepted.
    QCOMPARE(ask(relay.port, request("GET /health")).status, 200);
    ::close(descriptor);
}

void TestMonitoringServer::saysWhyItCannotListen()
{
    Monitored relay;
    HealthBoard health(HealthBoard::Clock::now());
    Metrics metrics;
    MonitoringServer second(health, metrics, {}, "the-public-key");
    const auto listening = second.listen(QHostAddress(QHostAddress::LocalHost), relay.port);
    QVERIFY(!listening);
    QCOMPARE(listening.error().error, QAbstractSocket::AddressInUseError);
    QVERIFY(!listening.error().text.isEmpty());
}

QTEST_GUILESS_MAIN(TestMonitoringServer)
#include "tst_monitoringserver.moc"
