// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/watching.h"

#include <QTest>

#include <vector>

using namespace relay;
using namespace relay::test;

namespace {

const QByteArray Here = "127.0.0.1";

QByteArray forwardedFor(const QByteArray &addresses)
{
    return "X-Forwarded-For: " + addresses + "\r\n";
}

} // namespace

/** RELAY_MAX_CONNECTIONS_PER_IP and RELAY_TRUSTED_PROXIES, on the real program. */
class TestAddressLimit : public QObject {
    Q_OBJECT

private slots:
    void refusesOneAddressAndServesAnother();
    void countsBareSocketsToo();
    void countsWhoIsBehindAProxy();
    void believesNobodyElse();
    void leavesProxiesThemselvesAlone();
    void isOffByDefault();
};

void TestAddressLimit::refusesOneAddressAndServesAnother()
{
    RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS_PER_IP"), QStringLiteral("3")}});
    QVERIFY2(relay.start(), relay.log());
    std::vector<RawClient> clients;
    for (int n = 0; n < 3; ++n) {
        clients.emplace_back(relay.port(), Here, "127.0.0.5");
        QVERIFY(clients.back().join(freshId()));
    }
    const Counted counted(relay);
    RawClient refused(relay.port(), Here, "127.0.0.5");
    refused.sendBytes(RawClient::upgradeRequest());
    const HttpAnswer answer = HttpAnswer::of(refused.readAll());
    QCOMPARE(answer.status, 429);
    QVERIFY(answer.head.contains("\r\nRetry-After: "));
    QCOMPARE(answer.onlyField("error"), QStringLiteral("too many connections from this address"));
    QCOMPARE(counted("relay_connection_errors_total"), 1.0);
    RawClient other(relay.port(), Here, "127.0.0.6");
    QVERIFY(other.join(freshId()));
    // Who leaves makes room.
    clients.pop_back();
    QVERIFY(QTest::qWaitFor(
        [&] { return RawClient(relay.port(), Here, "127.0.0.5").upgrade(); }, 5000));
    for (RawClient &client : clients)
        QVERIFY(isServed(client));
    QVERIFY(!relay.newestLog().contains("127.0.0.5"));
}

void TestAddressLimit::countsBareSocketsToo()
{
    // Who opens connections and says nothing holds places that others need.
    RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS_PER_IP"), QStringLiteral("3")}});
    QVERIFY2(relay.start(), relay.log());
    std::vector<RawClient> silent;
    for (int n = 0; n < 3; ++n)
        silent.emplace_back(relay.port(), Here, "127.0.0.5");
    const auto status = [&] {
        RawClient client(relay.port(), Here, "127.0.0.5");
        client.sendBytes(RawClient::upgradeRequest());
        return HttpAnswer::of(client.readAll()).status;
    };
    QCOMPARE(status(), 429);
    silent.clear();
    QVERIFY(QTest::qWaitFor(
        [&] { return RawClient(relay.port(), Here, "127.0.0.5").upgrade(); }, 5000));
}

void TestAddressLimit::countsWhoIsBehindAProxy()
{
    RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS_PER_IP"), QStringLiteral("2")},
        {QStringLiteral("TRUSTED_PROXIES"), QStringLiteral("127.0.0.0/28")}});
    QVERIFY2(relay.start(), relay.log());
    const auto upgrades = [&](const QByteArray &addresses, std::vector<RawClient> &keep) {
        keep.emplace_back(relay.port());
        return keep.back().upgrade("/", forwardedFor(addresses));
    };
    std::vector<RawClient> clients;
    // What a client wrote itself stands on the left, and does not help.
    QVERIFY(upgrades("198.51.100.1, 192.0.2.7", clients));
    QVERIFY(upgrades("198.51.100.2, 192.0.2.7, 127.0.0.9", clients));
    RawClient refused(relay.port());
    refused.sendBytes(RawClient::upgradeRequest("/", forwardedFor("198.51.100.3, 192.0.2.7")));
    QCOMPARE(HttpAnswer::of(refused.readAll()).status, 429);
    QVERIFY(upgrades("192.0.2.8", clients));
    QVERIFY(upgrades("2001:db8::1", clients));
    QVERIFY(upgrades("2001:db8::2", clients));
    QVERIFY(!upgrades("2001:db8::3", clients)); // the same /64
    QVERIFY(upgrades("2001:db8:0:1::3", clients));
    clients.clear();
    QVERIFY(QTest::qWaitFor([&] { return upgrades("192.0.2.7", clients); }, 5000));
}

void TestAddressLimit::believesNobodyElse()
{
    RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS_PER_IP"), QStringLiteral("2")},
        {QStringLiteral("TRUSTED_PROXIES"), QStringLiteral("127.0.0.1")}});
    QVERIFY2(relay.start(), relay.log());
    std::vector<RawClient> clients;
    for (int n = 0; n < 2; ++n) {
        clients.emplace_back(relay.port(), Here, "127.0.0.5");
        QVERIFY(clients.back().upgrade("/", forwardedFor("192.0.2." + QByteArray::number(n))));
    }
    RawClient refused(relay.port(), Here, "127.0.0.5");
    refused.sendBytes(RawClient::upgradeRequest("/", forwardedFor("192.0.2.99")));
    QCOMPARE(HttpAnswer::of(refused.readAll()).status, 429);
}

void TestAddressLimit::leavesProxiesThemselvesAlone()
{
    RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS_PER_IP"), QStringLiteral("1")},
        {QStringLiteral("TRUSTED_PROXIES"), QStringLiteral("127.0.0.1")}});
    QVERIFY2(relay.start(), relay.log());
    std::vector<RawClient> checks;
    for (int n = 0; n < 5; ++n) {
        checks.emplace_back(relay.port());
        QVERIFY(checks.back().join(freshId()));
    }
    const HttpAnswer answer =
        HttpAnswer::of(httpExchange(relay.port(), "GET /health HTTP/1.1\r\nHost: r\r\n\r\n"));
    QCOMPARE(answer.status, 200);
}

void TestAddressLimit::isOffByDefault()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    std::vector<RawClient> clients;
    for (int n = 0; n < 50; ++n) {
        clients.emplace_back(relay.port());
        QVERIFY(clients.back().upgrade("/", forwardedFor("192.0.2.7")));
    }
}

QTEST_GUILESS_MAIN(TestAddressLimit)
#include "tst_addresslimit.moc"
