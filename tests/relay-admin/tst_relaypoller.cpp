// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/answers.h"
#include "relay-admin/client/polldelay.h"
#include "relay-admin/client/relaypoller.h"
#include "relay-admin/client/tls.h"
#include "tests/relay-admin/badserver.h"
#include "tests/support/relayprocess.h"

#include <QFile>
#include <QSignalSpy>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace relay;
using namespace relay::admin;
using namespace relay::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Outcomes = QList<Outcome>;
Q_DECLARE_METATYPE(BadServer::Answerer)

class TestRelayPoller : public QObject {
    Q_OBJECT

private slots:
    void readsARelay();
    void needsTheTokenOfARelay();
    void noticesThatARelayEnds();
    void namesWhatIsWrong_data();
    void namesWhatIsWrong();
    void takesALargeBodyWhole();
    void takesNoMoreOfABodyThanTheCap();
    void takesNoEndlessHead();
    void saysNothingInThePeersWords();
    void readsReasonsAsPlainText();
    void trustsTheAuthorityOfTheProfileBesides();
    void namesAnUnreadableCaFile();
    void sendsTheTokenToMetricsAlone();
    void asksBelowThePathOfAProxy();
    void neverPollsTwiceAtOnce();
    void pollsAtTheInterval();
    void beginsAgainWithAnotherServer();
    void staysAtItWithAnotherName();
    void saysNothingOnceStopped();
    void takesTheTimeFromItsClock();
    void isDeletedDuringAPoll();
    void waitsLongerAfterFailures_data();
    void waitsLongerAfterFailures();
    void endsBeforeTheNextPoll_data();
    void endsBeforeTheNextPoll();
};

namespace {

Profile profileOf(const QUrl &url, seconds interval = seconds(1))
{
    Profile profile;
    profile.name = QStringLiteral("Relay");
    profile.monitoringUrl = url;
    profile.interval = interval;
    return profile;
}

QUrl urlOf(const RelayProcess &relay)
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(relay.httpPort()));
}

class Polls {
public:
    explicit Polls(RelayPoller &poller)
        : m_poller(poller)
        , m_spy(&poller, &RelayPoller::polled)
    {
    }
    /** One more poll. */
    PollResult next()
    {
        m_poller.pollNow();
        return awaited();
    }
    /** The next one that ends. */
    PollResult awaited()
    {
        if (m_spy.isEmpty() && !m_spy.wait(15'000))
            qFatal("the poll does not end");
        return m_spy.takeFirst().first().value<PollResult>();
    }
    qsizetype count() const { return m_spy.count(); }

private:
    RelayPoller &m_poller;
    QSignalSpy m_spy;
};

PollResult pollOnce(const Profile &profile)
{
    RelayPoller poller(profile);
    return Polls(poller).next();
}

Outcomes outcomesOf(const PollResult &result)
{
    return {result.health.outcome, result.ready.outcome, result.metrics.outcome};
}

Outcomes all(Outcome outcome)
{
    return {outcome, outcome, outcome};
}

milliseconds durationOf(const PollResult &result)
{
    return std::chrono::duration_cast<milliseconds>(result.ended - result.began);
}

/** As a relay that is well. */
const BadServer::Answerer good = [](QTcpSocket *socket, const BadServer::Request &request) {
    socket->write(BadServer::goodAnswer(request.path));
    socket->disconnectFromHost();
};

const BadServer::Answerer silent = [](QTcpSocket *, const BadServer::Request &) {};

/** Writes `begin`, and then `more` for as long as the peer takes it. */
BadServer::Answerer endless(const QByteArray &begin, const QByteArray &more, qint64 *written)
{
    return [=](QTcpSocket *socket, const BadServer::Request &) {
        const auto pour = [=] {
            if (socket->state() == QAbstractSocket::ConnectedState && socket->bytesToWrite() == 0)
                socket->write(more);
        };
        QObject::connect(socket, &QTcpSocket::bytesWritten, socket, [=](qint64 bytes) {
            *written += bytes;
            pour();
        });
        socket->write(begin);
    };
}

} // namespace

void TestRelayPoller::readsARelay()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    RelayPoller poller(profileOf(urlOf(relay)));
    QSignalSpy started(&poller, &RelayPoller::pollStarted);
    const QDateTime before = QDateTime::currentDateTimeUtc();
    const PollResult result = Polls(poller).next();
    QCOMPARE(outcomesOf(result), all(Outcome::Ok));
    QCOMPARE(result.health.status, 200);
    QCOMPARE(result.healthReport.version, QStringLiteral(RELAY_VERSION));
    QVERIFY(result.healthReport.uptime < seconds(60));
    QVERIFY(!result.readyChecks.empty());
    for (const ReadyCheck &check : result.readyChecks)
        QVERIFY(check.isOk && !check.name.isEmpty());
    QCOMPARE(result.exposition->value("relay_ready"), 1.0);
    QCOMPARE(result.exposition->value("relay_connections_active"), 0.0);
    const MetricFamily *family = result.exposition->family("relay_message_duration_seconds");
    QVERIFY(family && family->type == MetricType::Histogram && !family->help.isEmpty());
    QVERIFY(result.rawMetrics.contains("\nrelay_ready 1\n"));
    QVERIFY(result.wallTime >= before && result.wallTime <= QDateTime::currentDateTimeUtc());
    QCOMPARE(started.count(), 1);
    QCOMPARE(started.first().first().value<SteadyTime>(), result.began);
}

void TestRelayPoller::needsTheTokenOfARelay()
{
    RelayProcess relay({{QStringLiteral("METRICS_TOKEN"), QStringLiteral("sesame")}});
    QVERIFY2(relay.start(), relay.log());
    RelayPoller poller(profileOf(urlOf(relay)));
    Polls polls(poller);
    const Outcomes refused {Outcome::Ok, Outcome::Ok, Outcome::Unauthorized};
    const PollResult without = polls.next();
    QCOMPARE(outcomesOf(without), refused);
    QVERIFY(!without.exposition);
    poller.setToken(QStringLiteral("wrong"));
    QCOMPARE(outcomesOf(polls.next()), refused);
    poller.setToken(QStringLiteral("sesame"));
    QCOMPARE(outcomesOf(polls.next()), all(Outcome::Ok));
}

void TestRelayPoller::noticesThatARelayEnds()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    RelayPoller poller(profileOf(urlOf(relay)));
    Polls polls(poller);
    QCOMPARE(outcomesOf(polls.next()), all(Outcome::Ok));
    relay.kill();
    const PollResult result = polls.next();
    QCOMPARE(outcomesOf(result), all(Outcome::Unreachable));
    QCOMPARE(result.health.status, 0);
    QVERIFY(!result.health.detail.isEmpty());
}

void TestRelayPoller::namesWhatIsWrong_data()
{
    QTest::addColumn<BadServer::Answerer>("answerer");
    QTest::addColumn<Outcomes>("outcomes");
    const auto row = [](const char *name, const BadServer::Answerer &answerer,
                         const Outcomes &outcomes) { QTest::newRow(name) << answerer << outcomes; };
    const auto bytes = [&row](const char *name, const QByteArray &answer, Outcome outcome) {
        row(name, BadServer::always(answer), all(outcome));
    };
    const auto status = [&bytes](int code, Outcome outcome, const QByteArray &fields = {}) {
        bytes(QByteArray::number(code).constData(),
            BadServer::answer(code, "<p>", "text/html", fields), outcome);
    };
    row("good", good, all(Outcome::Ok));
    status(204, Outcome::HttpError);
    status(301, Outcome::Redirected, "Location: http://127.0.0.1:1/health\r\n");
    status(302, Outcome::Redirected, "Location: /elsewhere\r\n");
    status(307, Outcome::Redirected, "Location: https://127.0.0.1:1/\r\n");
    status(308, Outcome::Redirected);
    status(400, Outcome::HttpError);
    status(401, Outcome::Unauthorized, "WWW-Authenticate: Bearer\r\n");
    bytes("401 basic", BadServer::answer(401, "", "", "WWW-Authenticate: Basic realm=\"a\"\r\n"),
        Outcome::Unauthorized);
    status(403, Outcome::Unauthorized);
    status(404, Outcome::HttpError);
    status(407, Outcome::HttpError);
    status(429, Outcome::HttpError);
    status(500, Outcome::HttpError);
    status(502, Outcome::HttpError);
    status(503, Outcome::Unavailable);
    status(599, Outcome::HttpError);

    bytes("empty", BadServer::answer(200, "", "text/plain"),
        Outcome::Malformed); // an empty text is no fault of the metrics, see below
    QTest::newRow("HTML") << BadServer::always(BadServer::answer(200, "<html>", "text/html"))
                          << all(Outcome::Malformed);
    row(
        "wrong types",
        [](QTcpSocket *socket, const BadServer::Request &request) {
            QByteArray answer = BadServer::goodAnswer(request.path);
            answer.replace("text/plain", "text/html").replace("application/json", "text/html");
            socket->write(answer);
            socket->disconnectFromHost();
        },
        all(Outcome::Malformed));
    bytes("half of JSON", BadServer::answer(200, R"({"status":"ok")", "application/json"),
        Outcome::Malformed);
    bytes("another's JSON", BadServer::answer(200, R"({"healthy":true})", "application/json"),
        Outcome::Malformed);
    bytes("deep JSON", BadServer::answer(200, QByteArray(60'000, '['), "application/json"),
        Outcome::Malformed);
    bytes("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", Outcome::Malformed);
    bytes("nothing", "", Outcome::Unreachable);
    bytes("half a head", "HTTP/1.1 200 OK\r\nContent-", Outcome::Unreachable);
    bytes("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"status\":\"ok\"}",
        Outcome::Unreachable);
    bytes("half a chunk",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n{\"status\":\"ok\"}",
        Outcome::Unreachable);
    bytes("said to be huge", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{}",
        Outcome::TooLarge);
    row("silent", silent, all(Outcome::TimedOut));
    row(
        "half an answer, then silent",
        [](QTcpSocket *socket, const BadServer::Request &) {
            socket->write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
        },
        all(Outcome::TimedOut));
    row(
        "drop by drop",
        [](QTcpSocket *socket, const BadServer::Request &) {
            socket->write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            auto *drops = new QTimer(socket);
            drops->callOnTimeout(socket, [socket] { socket->write("{"); });
            drops->start(20);
        },
        all(Outcome::TimedOut));
    row(
        "reset", [](QTcpSocket *socket, const BadServer::Request &) { socket->abort(); },
        all(Outcome::Unreachable));
    row("metrics alone are hung",
        [](QTcpSocket *socket, const BadServer::Request &request) {
            if (request.path != "/metrics")
                good(socket, request);
        },
        {Outcome::Ok, Outcome::Ok, Outcome::TimedOut});
}

void TestRelayPoller::namesWhatIsWrong()
{
    QFETCH(BadServer::Answerer, answerer);
    QFETCH(Outcomes, outcomes);
    BadServer server(answerer);
    // Time enough, where nothing is to time out.
    const bool isLate = std::ranges::count(outcomes, Outcome::TimedOut) > 0;
    const Profile profile = profileOf(server.url(), seconds(isLate ? 1 : 10));
    const PollResult result = pollOnce(profile);
    if (qstrcmp(QTest::currentDataTag(), "empty") == 0)
        outcomes.back() = Outcome::Ok;
    QCOMPARE(outcomesOf(result), outcomes);
    for (const Answer &answer : {result.health, result.ready, result.metrics})
        QCOMPARE(answer.detail.isEmpty(), answer.outcome == Outcome::Ok);
    QVERIFY(durationOf(result) < pollTimeLimit(profile.interval) + seconds(4));
    QCOMPARE(bool(result.exposition), outcomes.back() == Outcome::Ok);
    // Nobody tried another way, another address or a second time.
    QCOMPARE(server.requests().size(), 3);
    QCOMPARE(server.mostAtOnce(), 1);
}

/** Larger than all buffers on the way; the server has closed before it is read. */
void TestRelayPoller::takesALargeBodyWhole()
{
    const QByteArray text = ("# " + QByteArray(1021, 'a') + '\n').repeated(4 * 1024);
    QCOMPARE(text.size(), MaxMetricsBytes);
    for (const char *length : {"", "Content-Length: 4194304\r\n"}) {
        BadServer server(
            BadServer::always("HTTP/1.1 200 OK\r\n" + QByteArray(length) + "\r\n" + text));
        const PollResult result = pollOnce(profileOf(server.url(), seconds(10)));
        QCOMPARE(result.metrics.outcome, Outcome::Ok);
        QCOMPARE(result.rawMetrics, text);
    }
}

void TestRelayPoller::takesNoMoreOfABodyThanTheCap()
{
    for (const QByteArray &framing : {QByteArray(), QByteArray("Transfer-Encoding: chunked\r\n")}) {
        qint64 written = 0;
        const QByteArray part(framing.isEmpty() ? 64 * 1024 : 64 * 1024 - 9, 'a');
        BadServer server(endless("HTTP/1.1 200 OK\r\n" + framing + "\r\n",
            framing.isEmpty() ? part : "10000\r\n" + QByteArray(0x10000, 'a') + "\r\n", &written));
        const PollResult result = pollOnce(profileOf(server.url(), seconds(10)));
        QCOMPARE(outcomesOf(result), all(Outcome::TooLarge));
        QCOMPARE(result.rawMetrics.size(), MaxMetricsBytes);
        // What the kernels hold of three connections comes on top.
        QVERIFY2(written < 60 * 1024 * 1024, qPrintable(QString::number(written)));
    }
}

void TestRelayPoller::takesNoEndlessHead()
{
    qint64 written = 0;
    BadServer server(endless(
        "HTTP/1.1 200 OK\r\n", QByteArray("X-Word: abcdefgh\r\n").repeated(4000), &written));
    const PollResult result = pollOnce(profileOf(server.url()));
    QVERIFY(result.health.outcome != Outcome::Ok);
    QVERIFY2(written < 60 * 1024 * 1024, qPrintable(QString::number(written)));
}

void TestRelayPoller::saysNothingInThePeersWords()
{
    BadServer server(BadServer::always(BadServer::answer(500, "Words of the body")));
    const PollResult result = pollOnce(profileOf(server.url()));
    for (const Answer &answer : {result.health, result.ready, result.metrics})
        QVERIFY(answer.detail.contains(u"500") && !answer.detail.contains(u"Words"));
}

void TestRelayPoller::readsReasonsAsPlainText()
{
    const QByteArray reason = "disk\\u0000\\n\\u202e full " + QByteArray(600, 'x');
    QByteArray checks = "{\"name\":\"storage\",\"ok\":false,\"reason\":\"" + reason + "\"}";
    for (int i = 0; i < 200; ++i)
        checks += ",{\"name\":7}";
    BadServer server(BadServer::always(BadServer::answer(
        503, "{\"status\":\"not_ready\",\"checks\":[" + checks + "]}", "application/json")));
    const PollResult result = pollOnce(profileOf(server.url()));
    QCOMPARE(result.ready.outcome, Outcome::Unavailable);
    QCOMPARE(qsizetype(result.readyChecks.size()), MaxReadyChecks);
    const ReadyCheck &check = result.readyChecks.front();
    QCOMPARE(check.name, QStringLiteral("storage"));
    QVERIFY(!check.isOk);
    QCOMPARE(check.reason.size(), MaxReasonLength);
    QVERIFY(check.reason.startsWith(u"disk    full xxx"));
}

void TestRelayPoller::trustsTheAuthorityOfTheProfileBesides()
{
    const Certificate certificate = Certificate::selfSigned(10);
    BadServer server(good, &certificate);
    Profile profile = profileOf(server.url());
    const PollResult without = pollOnce(profile);
    QCOMPARE(outcomesOf(without), all(Outcome::TlsFailed));
    QVERIFY(!without.health.detail.isEmpty());
    QCOMPARE(server.requests().size(), 0);

    QTemporaryDir folder;
    profile.caFile = folder.filePath(QStringLiteral("ca.pem"));
    QFile file(profile.caFile);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(certificate.toPem());
    file.close();
    QCOMPARE(outcomesOf(pollOnce(profile)), all(Outcome::Ok));

    const Certificate expired = Certificate::selfSigned(-10);
    BadServer expiredServer(good, &expired);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(expired.toPem());
    file.close();
    profile.monitoringUrl = expiredServer.url();
    QCOMPARE(outcomesOf(pollOnce(profile)), all(Outcome::TlsFailed));
}

void TestRelayPoller::namesAnUnreadableCaFile()
{
    BadServer server(good);
    Profile profile = profileOf(server.url());
    profile.caFile = QStringLiteral("/nonexistent/ca.pem");
    RelayPoller poller(profile);
    Polls polls(poller);
    const PollResult result = polls.next();
    QCOMPARE(outcomesOf(result), all(Outcome::TlsFailed));
    QCOMPARE(result.health.detail, unreadableCaFileText());
    QCOMPARE(server.requests().size(), 0);
    profile.caFile.clear();
    poller.pollNow();
    poller.setProfile(profile);
    QCOMPARE(outcomesOf(polls.awaited()), all(Outcome::Ok));
}

void TestRelayPoller::sendsTheTokenToMetricsAlone()
{
    BadServer server(good);
    Profile profile = profileOf(server.url());
    profile.headerName = QStringLiteral("X-Pass");
    profile.headerValue = QStringLiteral("proxy");
    RelayPoller poller(profile);
    poller.setToken(QStringLiteral("sesame"));
    QCOMPARE(outcomesOf(Polls(poller).next()), all(Outcome::Ok));
    QCOMPARE(server.requests().size(), 3);
    for (const BadServer::Request &request : server.requests()) {
        QCOMPARE(
            request.head.contains("Authorization: Bearer sesame\r\n"), request.path == "/metrics");
        QVERIFY(request.head.contains("X-Pass: proxy\r\n"));
        QVERIFY(request.head.contains("Accept-Encoding: identity\r\n"));
        QVERIFY(!request.head.contains("Cookie:"));
    }
}

void TestRelayPoller::asksBelowThePathOfAProxy()
{
    BadServer server(good);
    for (const char *path : {"/ops/relay%20one", "/ops/relay%20one/", "/ops/relay%20one//"}) {
        QUrl url = server.url();
        url.setPath(QString::fromLatin1(path), QUrl::TolerantMode);
        QCOMPARE(outcomesOf(pollOnce(profileOf(url))), all(Outcome::Ok));
    }
    QCOMPARE(server.count("/ops/relay%20one/health"), 3);
    QCOMPARE(server.count("/ops/relay%20one/metrics"), 3);
}

void TestRelayPoller::neverPollsTwiceAtOnce()
{
    BadServer server(silent);
    RelayPoller poller(profileOf(server.url()));
    Polls polls(poller);
    poller.start();
    QTimer impatience;
    impatience.callOnTimeout(&poller, &RelayPoller::pollNow);
    impatience.start(20);
    for (int i = 0; i < 3; ++i)
        QCOMPARE(outcomesOf(polls.awaited()), all(Outcome::TimedOut));
    QVERIFY(server.count("/health") >= 3);
    QCOMPARE(server.mostAtOnce(), 1);
}

void TestRelayPoller::pollsAtTheInterval()
{
    BadServer server(good);
    RelayPoller poller(profileOf(server.url()));
    Polls polls(poller);
    poller.start();
    const SteadyTime first = polls.awaited().began;
    SteadyTime last = first;
    std::vector<SteadyTime::duration> gaps;
    for (int i = 0; i < 3; ++i) {
        const SteadyTime began = polls.awaited().began;
        gaps.push_back(began - std::exchange(last, began));
    }
    // Qt's timers may be a twentieth early. Where the machine is busy a poll may be late, and the
    // one after it is sooner.
    QVERIFY(last - first >= 3 * milliseconds(940));
    QVERIFY(std::ranges::min(gaps) < milliseconds(1900));
}

void TestRelayPoller::beginsAgainWithAnotherServer()
{
    BadServer hung(silent);
    BadServer server(good);
    RelayPoller poller(profileOf(hung.url(), seconds(600)));
    Polls polls(poller);
    poller.start();
    QTRY_COMPARE(hung.requests().size(), 3);
    poller.setProfile(profileOf(server.url(), seconds(600)));
    QCOMPARE(outcomesOf(polls.awaited()), all(Outcome::Ok));
    QCOMPARE(polls.count(), 0);
    QCOMPARE(hung.requests().size(), 3);
}

void TestRelayPoller::staysAtItWithAnotherName()
{
    BadServer server(silent);
    Profile profile = profileOf(server.url());
    RelayPoller poller(profile);
    Polls polls(poller);
    QSignalSpy started(&poller, &RelayPoller::pollStarted);
    poller.pollNow();
    profile.name = QStringLiteral("Another");
    profile.colour = ColourTag::Red;
    poller.setProfile(profile);
    QCOMPARE(poller.profile(), profile);
    QCOMPARE(outcomesOf(polls.awaited()), all(Outcome::TimedOut));
    QCOMPARE(started.count(), 1);
}

void TestRelayPoller::saysNothingOnceStopped()
{
    BadServer server(silent);
    RelayPoller poller(profileOf(server.url()));
    Polls polls(poller);
    poller.start();
    QVERIFY(poller.isPolling());
    QTRY_COMPARE(server.requests().size(), 3);
    poller.stop();
    QVERIFY(!poller.isPolling() && !poller.isRunning());
    // A later poll would come behind the one that was given up.
    BadServer other(good);
    poller.setProfile(profileOf(other.url()));
    QVERIFY(!poller.isPolling());
    QCOMPARE(outcomesOf(polls.next()), all(Outcome::Ok));
    QCOMPARE(polls.count(), 0);
}

void TestRelayPoller::takesTheTimeFromItsClock()
{
    BadServer server(good);
    SteadyTime now {std::chrono::hours(5)};
    const QDateTime wall = QDateTime::fromSecsSinceEpoch(1'000'000'000, Qt::UTC);
    RelayPoller poller(profileOf(server.url()), {[&now] { return now; }, [wall] { return wall; }});
    connect(&poller, &RelayPoller::pollStarted, this, [&now] { now += seconds(3); });
    const PollResult result = Polls(poller).next();
    QCOMPARE(result.began, SteadyTime(std::chrono::hours(5)));
    QCOMPARE(result.ended - result.began, seconds(3));
    QCOMPARE(result.wallTime, wall);
}

void TestRelayPoller::isDeletedDuringAPoll()
{
    BadServer server(silent);
    auto poller = std::make_unique<RelayPoller>(profileOf(server.url()));
    poller->start();
    QTRY_COMPARE(server.requests().size(), 3);
    poller.reset();
    BadServer other(good);
    auto *doomed = new RelayPoller(profileOf(other.url()));
    bool isDeleted = false;
    connect(doomed, &RelayPoller::polled, doomed, &QObject::deleteLater);
    connect(doomed, &QObject::destroyed, this, [&isDeleted] { isDeleted = true; });
    doomed->start();
    QTRY_VERIFY(isDeleted);
}

void TestRelayPoller::waitsLongerAfterFailures_data()
{
    QTest::addColumn<int>("interval");
    QTest::addColumn<int>("failures");
    QTest::addColumn<double>("random");
    QTest::addColumn<int>("milliseconds");
    const auto row = [](int interval, int failures, double random, int delay) {
        QTest::addRow("%d s, %d failures, %g", interval, failures, random)
            << interval << failures << random << delay;
    };
    row(5, 0, 0, 5'000);
    row(5, 0, 1, 5'000);
    row(5, 1, 1, 5'000);
    row(5, 2, 0, 10'000);
    row(5, 2, 1, 9'000);
    row(5, 4, 0, 40'000);
    row(5, 5, 0, 60'000);
    row(5, 5, 1, 49'000);
    row(5, 2'000'000'000, 0, 60'000);
    row(1, 7, 0, 60'000);
    row(40, 2, 0, 60'000);
    row(60, 2, 1, 60'000);
    row(600, 5, 1, 600'000);
}

void TestRelayPoller::waitsLongerAfterFailures()
{
    QFETCH(int, interval);
    QFETCH(int, failures);
    QFETCH(double, random);
    QTEST(int(pollDelay(seconds(interval), failures, random).count()), "milliseconds");
}

void TestRelayPoller::endsBeforeTheNextPoll_data()
{
    QTest::addColumn<int>("interval");
    QTest::addColumn<int>("milliseconds");
    QTest::newRow("1 s") << 1 << 800;
    QTest::newRow("5 s") << 5 << 4'000;
    QTest::newRow("13 s") << 13 << 10'000;
    QTest::newRow("600 s") << 600 << 10'000;
}

void TestRelayPoller::endsBeforeTheNextPoll()
{
    QFETCH(int, interval);
    QTEST(int(pollTimeLimit(seconds(interval)).count()), "milliseconds");
}

QTEST_GUILESS_MAIN(TestRelayPoller)
#include "tst_relaypoller.moc"
