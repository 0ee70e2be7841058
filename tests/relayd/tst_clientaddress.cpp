// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/addresslimiter.h"
#include "relayd/net/clientaddress.h"

#include <QTest>

#include <vector>

using namespace relay;

namespace {

QHostAddress address(const char *text)
{
    return QHostAddress(QString::fromLatin1(text));
}

QList<Subnet> trusted()
{
    return {{address("127.0.0.1"), 32}, {address("10.0.0.0"), 8}, {address("fd00::"), 8}};
}

} // namespace

class TestClientAddress : public QObject {
    Q_OBJECT

private slots:
    void findsTheClientFromTheRight_data();
    void findsTheClientFromTheRight();
    void takesSeveralFieldsForOneList();
    void believesNobodyByDefault();
    void knowsMappedAddresses_data();
    void knowsMappedAddresses();
    void countsEachAddress();
    void countsANetworkOfIPv6AsOne();
    void remembersNothingWhenOff();
};

void TestClientAddress::findsTheClientFromTheRight_data()
{
    QTest::addColumn<QString>("peer");
    QTest::addColumn<QByteArray>("forwarded");
    QTest::addColumn<QString>("client");
    const auto row = [](const char *name, const char *peer, const char *forwarded,
                         const char *client) {
        QTest::newRow(name) << QString::fromLatin1(peer) << QByteArray(forwarded)
                            << QString::fromLatin1(client);
    };
    row("one", "127.0.0.1", "192.0.2.7", "192.0.2.7");
    row("not a proxy", "192.0.2.1", "192.0.2.7", "192.0.2.1");
    row("an invention on the left", "127.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7");
    row("through two proxies", "127.0.0.1", "192.0.2.7, 10.1.2.3", "192.0.2.7");
    row("through two, with an invention", "127.0.0.1", "1.1.1.1, 192.0.2.7, 10.1.2.3", "192.0.2.7");
    row("only proxies", "127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1");
    row("none", "127.0.0.1", "", "127.0.0.1");
    row("spaces", "127.0.0.1", "  192.0.2.7\t", "192.0.2.7");
    row("no spaces", "127.0.0.1", "1.1.1.1,192.0.2.7", "192.0.2.7");
    row("IPv6", "127.0.0.1", "2001:db8::7", "2001:db8::7");
    row("IPv6 proxy", "fd00::1", "2001:db8::7", "2001:db8::7");
    row("with a port", "127.0.0.1", "192.0.2.7:5555", "192.0.2.7");
    row("IPv6 in brackets", "127.0.0.1", "[2001:db8::7]", "2001:db8::7");
    row("IPv6 with a port", "127.0.0.1", "[2001:db8::7]:5555", "2001:db8::7");
    row("mapped", "127.0.0.1", "::ffff:192.0.2.7", "192.0.2.7");
    row("mapped proxy", "127.0.0.1", "192.0.2.7, ::ffff:10.0.0.1", "192.0.2.7");
    row("with a zone", "127.0.0.1", "fe80::7%eth0", "fe80::7");
    row("a name", "127.0.0.1", "client.example", "127.0.0.1");
    row("unknown", "127.0.0.1", "unknown", "127.0.0.1");
    row("rubbish behind a proxy", "127.0.0.1", "192.0.2.7, rubbish, 10.0.0.1", "10.0.0.1");
    row("an empty entry", "127.0.0.1", "192.0.2.7,", "127.0.0.1");
    row("only a comma", "127.0.0.1", ",", "127.0.0.1");
    row("a short form", "127.0.0.1", "1.1", "127.0.0.1");
    row("a number", "127.0.0.1", "16843009", "127.0.0.1");
    row("an open bracket", "127.0.0.1", "[2001:db8::7", "127.0.0.1");
    row("quoted", "127.0.0.1", "\"192.0.2.7\"", "127.0.0.1");
}

void TestClientAddress::findsTheClientFromTheRight()
{
    QFETCH(QString, peer);
    QFETCH(QByteArray, forwarded);
    QFETCH(QString, client);
    const QByteArray bytes =
        "GET / HTTP/1.1\r\nHost: r\r\nx-forwarded-for: " + forwarded + "\r\n\r\n";
    const auto head = HttpHead::parse(bytes);
    QVERIFY(head);
    QCOMPARE(clientAddress(QHostAddress(peer), *head, trusted()).toString(), client);
}

void TestClientAddress::takesSeveralFieldsForOneList()
{
    const QByteArray bytes = "GET / HTTP/1.1\r\nX-Forwarded-For: 1.1.1.1, 192.0.2.7\r\n"
                             "Forwarded: for=2.2.2.2\r\nX-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n"
                             "X-Forwarded-For: 10.0.0.3\r\n\r\n";
    const auto head = HttpHead::parse(bytes);
    QCOMPARE(clientAddress(address("127.0.0.1"), *head, trusted()), address("192.0.2.7"));
}

void TestClientAddress::believesNobodyByDefault()
{
    const auto head = HttpHead::parse("GET / HTTP/1.1\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n");
    QCOMPARE(clientAddress(address("127.0.0.1"), *head, {}), address("127.0.0.1"));
}

void TestClientAddress::knowsMappedAddresses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("mapped") << QStringLiteral("::ffff:192.0.2.7") << QStringLiteral("192.0.2.7");
    QTest::newRow("IPv4") << QStringLiteral("192.0.2.7") << QStringLiteral("192.0.2.7");
    QTest::newRow("IPv6") << QStringLiteral("2001:db8::7") << QStringLiteral("2001:db8::7");
    QTest::newRow("loopback") << QStringLiteral("::1") << QStringLiteral("::1");
    QTest::newRow("unspecified") << QStringLiteral("::") << QStringLiteral("::");
    QTest::newRow("compatible") << QStringLiteral("::192.0.2.7") << QStringLiteral("::c000:207");
}

void TestClientAddress::knowsMappedAddresses()
{
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QCOMPARE(normalized(QHostAddress(text)), QHostAddress(expected));
}

void TestClientAddress::countsEachAddress()
{
    AddressLimiter limiter(2);
    const QHostAddress one = address("192.0.2.1");
    {
        const auto first = limiter.take(one);
        auto second = limiter.take(one);
        QVERIFY(first && second);
        QVERIFY(!limiter.take(one));
        QVERIFY(limiter.take(address("192.0.2.2")));
        // What moves stays one place.
        AddressLimiter::Place moved = *std::move(second);
        QVERIFY(!limiter.take(one));
        moved = AddressLimiter::Place();
        QVERIFY(limiter.take(one));
        QCOMPARE(limiter.size(), size_t(1));
    }
    QCOMPARE(limiter.size(), size_t(0));
}

void TestClientAddress::countsANetworkOfIPv6AsOne()
{
    AddressLimiter limiter(1);
    const auto first = limiter.take(address("2001:db8:0:1::1"));
    QVERIFY(first);
    QVERIFY(!limiter.take(address("2001:db8:0:1:ffff::2")));
    QVERIFY(limiter.take(address("2001:db8:0:2::1")));
    // Neighbours in IPv4 are different people.
    const auto fourth = limiter.take(address("192.0.2.1"));
    QVERIFY(fourth);
    QVERIFY(limiter.take(address("192.0.2.2")));
}

void TestClientAddress::remembersNothingWhenOff()
{
    AddressLimiter limiter(0);
    std::vector<AddressLimiter::Place> places;
    for (int n = 0; n < 100; ++n) {
        auto place = limiter.take(address("192.0.2.1"));
        QVERIFY(place);
        places.push_back(*std::move(place));
    }
    QCOMPARE(limiter.size(), size_t(0));
}

QTEST_GUILESS_MAIN(TestClientAddress)
#include "tst_clientaddress.moc"
