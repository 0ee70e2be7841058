// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/connectiontest.h"
#include "tests/relay-admin/badserver.h"
#include "tests/support/heldport.h"
#include "tests/support/relayprocess.h"

#include <QFile>
#include <QPointer>
#include <QSignalSpy>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace relay::admin;
using namespace relay::test;
using State = TestState;
using std::chrono::milliseconds;

class TestConnectionTest : public QObject {
    Q_OBJECT

private slots:
    void passesWithARelay();
    void asksForTheToken();
    void namesTheTunnelWhereNothingListens();
    void namesAHostThatDoesNotResolve();
    void namesAnUnknownIssuer();
    void namesAnExpiredCertificate();
    void saysWhoIssuedACertificateThatIsTrusted();
    void namesAPortWithoutTls();
    void namesAWrongPath();
    void namesAnUpgradeThatIsRefused_data();
    void namesAnUpgradeThatIsRefused();
    void givesEachStepItsTime();
    void canBeCancelledAtEachStep_data();
    void canBeCancelledAtEachStep();
    void hangsUpWhenCancelled_data();
    void hangsUpWhenCancelled();
    void beginsAnew();
};

namespace {

QUrl url(const char *scheme, quint16 port)
{
    return QUrl(QStringLiteral("%1://127.0.0.1:%2").arg(QLatin1String(scheme)).arg(port));
}

Profile profileOf(const QUrl &monitoring, const QUrl &publicUrl = {})
{
    Profile profile;
    profile.monitoringUrl = monitoring;
    profile.publicUrl = publicUrl;
    return profile;
}

const BadServer::Answerer good = [](QTcpSocket *socket, const BadServer::Request &request) {
    socket->write(BadServer::goodAnswer(request.path));
    socket->disconnectFromHost();
};

const BadServer::Answerer silent = [](QTcpSocket *, const BadServer::Request &) {};

void run(ConnectionTest &test, const Profile &profile, const char *token = "")
{
    QSignalSpy finished(&test, &ConnectionTest::finished);
    test.start(profile, QString::fromLatin1(token));
    if (!finished.wait(20'000))
        qFatal("the test does not end");
}

/** A letter for each step: o k, F ailed, s kipped. */
QString statesOf(const ConnectionTest &test)
{
    QString states;
    for (int i = 0; i < TestStepCount; ++i)
        states += QStringLiteral("wroFs").at(int(test.result(TestStep(i)).state));
    return states;
}

void writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

} // namespace

void TestConnectionTest::passesWithARelay()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    ConnectionTest test;
    QSignalSpy changed(&test, &ConnectionTest::changed);
    run(test, profileOf(url("http", relay.httpPort()), url("ws", relay.port())));
    QCOMPARE(statesOf(test), QStringLiteral("sosoooo"));
    QVERIFY(!test.isRunning());
    QVERIFY(test.result(TestStep::Health).detail.contains(QStringLiteral(RELAY_VERSION)));
    QVERIFY(test.result(TestStep::Metrics).detail.contains(u"metrics"));
    for (int i = 0; i < TestStepCount; ++i)
        QVERIFY(test.result(TestStep(i)).advice.isEmpty() && !nameOf(TestStep(i)).isEmpty());
    // Waiting, running, over; what is skipped is running too.
    QCOMPARE(changed.count(), 3 * TestStepCount);
    // The upgrade, and nothing sent over it.
    QTRY_COMPARE(relay.metric("relay_connections_active"), 0.0);
    QCOMPARE(relay.metric("relay_connections_total"), 1.0);
    QCOMPARE(relay.metric("relay_messages_received_total"), 0.0);

    Profile named = profileOf(url("http", relay.httpPort()));
    named.monitoringUrl.setHost(QStringLiteral("localhost"));
    run(test, named);
    QCOMPARE(statesOf(test), QStringLiteral("oosooos"));
    QVERIFY(test.result(TestStep::Dns).detail.contains(u"127.0.0.1"));
}

void TestConnectionTest::asksForTheToken()
{
    RelayProcess relay({{QStringLiteral("METRICS_TOKEN"), QStringLiteral("sesame")}});
    QVERIFY2(relay.start(), relay.log());
    ConnectionTest test;
    const Profile profile = profileOf(url("http", relay.httpPort()));
    run(test, profile, "wrong");
    QCOMPARE(statesOf(test), QStringLiteral("sosooFs"));
    QVERIFY(test.result(TestStep::Metrics).advice.contains(u"RELAY_METRICS_TOKEN"));
    run(test, profile, "sesame");
    QCOMPARE(statesOf(test), QStringLiteral("sosooos"));
}

void TestConnectionTest::namesTheTunnelWhereNothingListens()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    ConnectionTest test;
    // The public port is another matter, and is tested all the same.
    const HeldPort nobody;
    run(test, profileOf(url("http", nobody.number()), url("ws", relay.port())));
    QCOMPARE(statesOf(test), QStringLiteral("sFsssso"));
    QVERIFY(test.result(TestStep::Tcp).advice.contains(u"ssh -L 8081:127.0.0.1:8081 host"));
}

void TestConnectionTest::namesAHostThatDoesNotResolve()
{
    ConnectionTest test;
    // RFC 6761, 6.4: this name is nobody's.
    run(test, profileOf(QUrl(QStringLiteral("http://relay.invalid:8081"))));
    QCOMPARE(statesOf(test), QStringLiteral("Fssssss"));
    QVERIFY(!test.result(TestStep::Dns).advice.isEmpty());
}

void TestConnectionTest::namesAnUnknownIssuer()
{
    const Certificate certificate = Certificate::selfSigned(10);
    BadServer server(good, &certificate);
    ConnectionTest test;
    run(test, profileOf(server.url(), url("wss", server.port())));
    QCOMPARE(statesOf(test), QStringLiteral("soFsssF"));
    for (const TestStep step : {TestStep::Tls, TestStep::WebSocket})
        QVERIFY(test.result(step).advice.contains(u"authority"));
    QVERIFY(test.result(TestStep::Tls).detail.contains(u"Nobody's Authority"));
    QCOMPARE(server.requests().size(), 0);
}

void TestConnectionTest::namesAnExpiredCertificate()
{
    const Certificate certificate = Certificate::selfSigned(-10);
    BadServer server(good, &certificate);
    QTemporaryDir folder;
    Profile profile = profileOf(server.url());
    profile.caFile = folder.filePath(QStringLiteral("ca.pem"));
    writeFile(profile.caFile, certificate.toPem());
    ConnectionTest test;
    run(test, profile);
    QCOMPARE(statesOf(test), QStringLiteral("soFssss"));
    QVERIFY(test.result(TestStep::Tls).advice.contains(u"Renew"));
}

void TestConnectionTest::saysWhoIssuedACertificateThatIsTrusted()
{
    const Certificate certificate = Certificate::selfSigned(10);
    BadServer server(good, &certificate);
    QTemporaryDir folder;
    Profile profile = profileOf(server.url());
    profile.caFile = folder.filePath(QStringLiteral("ca.pem"));
    ConnectionTest test;
    run(test, profile);
    QCOMPARE(statesOf(test), QStringLiteral("soFssss"));
    QVERIFY(test.result(TestStep::Tls).advice.contains(u"PEM"));
    writeFile(profile.caFile, certificate.toPem());
    run(test, profile);
    QCOMPARE(statesOf(test), QStringLiteral("sooooos"));
    const QString detail = test.result(TestStep::Tls).detail;
    QVERIFY2(detail.contains(u"Nobody's Authority")
            && (detail.contains(u"10 day") || detail.contains(u"11 day")),
        qPrintable(detail));
}

void TestConnectionTest::namesAPortWithoutTls()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    ConnectionTest test;
    run(test, profileOf(url("https", relay.httpPort())));
    QCOMPARE(statesOf(test), QStringLiteral("soFssss"));
    QVERIFY(test.result(TestStep::Tls).advice.contains(u"http"));
}

void TestConnectionTest::namesAWrongPath()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Profile profile = profileOf(url("http", relay.httpPort()));
    profile.monitoringUrl.setPath(QStringLiteral("/elsewhere"));
    ConnectionTest test;
    run(test, profile);
    QCOMPARE(statesOf(test), QStringLiteral("sosFFFs"));
    QVERIFY(test.result(TestStep::Health).detail.contains(u"404"));
    QVERIFY(test.result(TestStep::Health).advice.contains(u"path"));
}

void TestConnectionTest::namesAnUpgradeThatIsRefused_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("404") << BadServer::answer(404, "Words of the body");
    QTest::newRow("a page") << BadServer::answer(200, "<html>", "text/html");
    QTest::newRow("redirect") << BadServer::answer(302, "", "", "Location: ws://127.0.0.1:1\r\n");
    QTest::newRow("wrong accept") << QByteArray(
        "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n");
    QTest::newRow("no HTTP") << QByteArray("220 mail\r\n\r\n");
    QTest::newRow("nothing") << QByteArray();
}

void TestConnectionTest::namesAnUpgradeThatIsRefused()
{
    QFETCH(QByteArray, answer);
    BadServer server(BadServer::always(answer));
    ConnectionTest test;
    test.setTimeLimit(milliseconds(1000));
    const HeldPort nobody;
    run(test, profileOf(url("http", nobody.number()), url("ws", server.port())));
    const TestResult &result = test.result(TestStep::WebSocket);
    QCOMPARE(result.state, State::Failed);
    QVERIFY(!result.detail.isEmpty() && !result.detail.contains(u"Words"));
}

void TestConnectionTest::givesEachStepItsTime()
{
    BadServer server(silent);
    const Certificate certificate = Certificate::selfSigned(10);
    ConnectionTest test;
    test.setTimeLimit(milliseconds(200));
    run(test, profileOf(server.url(), url("ws", server.port())));
    QCOMPARE(statesOf(test), QStringLiteral("sosFFFF"));
    for (const TestStep step : {TestStep::Health, TestStep::Metrics, TestStep::WebSocket}) {
        QVERIFY(test.result(step).duration >= milliseconds(180));
        QVERIFY(test.result(step).duration < milliseconds(1500));
    }
    // TLS is spoken to somebody who only listens.
    run(test, profileOf(url("https", server.port())));
    QCOMPARE(statesOf(test), QStringLiteral("soFssss"));
}

void TestConnectionTest::canBeCancelledAtEachStep_data()
{
    QTest::addColumn<TestStep>("at");
    for (int i = 0; i < TestStepCount; ++i)
        QTest::addRow("%d", i) << TestStep(i);
}

void TestConnectionTest::canBeCancelledAtEachStep()
{
    QFETCH(TestStep, at);
    BadServer server(good);
    ConnectionTest test;
    QSignalSpy finished(&test, &ConnectionTest::finished);
    connect(&test, &ConnectionTest::changed, &test, [&](TestStep step) {
        if (step == at && test.result(step).state == State::Running)
            test.cancel();
    });
    test.start(profileOf(server.url(), url("ws", server.port())), {});
    QTRY_VERIFY(!test.isRunning());
    QCOMPARE(finished.count(), 0);
    for (int i = int(at); i < TestStepCount; ++i)
        QCOMPARE(test.result(TestStep(i)).state, State::Skipped);
    // What was cancelled says nothing into the next one.
    test.disconnect();
    run(test, profileOf(server.url()));
    QCOMPARE(statesOf(test), QStringLiteral("sosooos"));
}

void TestConnectionTest::hangsUpWhenCancelled_data()
{
    QTest::addColumn<bool>("isMonitoringGood");
    QTest::addColumn<TestStep>("at");
    QTest::newRow("/health") << false << TestStep::Health;
    QTest::newRow("WebSocket") << true << TestStep::WebSocket;
}

void TestConnectionTest::hangsUpWhenCancelled()
{
    QFETCH(bool, isMonitoringGood);
    QFETCH(TestStep, at);
    QPointer<QTcpSocket> hung;
    BadServer server([&](QTcpSocket *socket, const BadServer::Request &request) {
        if (isMonitoringGood && request.path != "/")
            good(socket, request);
        else
            hung = socket;
    });
    ConnectionTest test;
    test.start(profileOf(server.url(), url("ws", server.port())), {});
    QTRY_VERIFY(hung);
    QCOMPARE(test.result(at).state, State::Running);
    test.cancel();
    QCOMPARE(test.result(at).state, State::Skipped);
    QTRY_VERIFY(!hung);
    QCOMPARE(test.result(at).state, State::Skipped);
}

void TestConnectionTest::beginsAnew()
{
    BadServer hung(silent);
    BadServer server(good);
    ConnectionTest test;
    test.start(profileOf(hung.url()), {});
    QTRY_COMPARE(hung.requests().size(), 1);
    run(test, profileOf(server.url()));
    QCOMPARE(statesOf(test), QStringLiteral("sosooos"));
}

QTEST_GUILESS_MAIN(TestConnectionTest)
#include "tst_connectiontest.moc"
