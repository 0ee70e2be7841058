// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/hostile/siege.h"
#include "tests/support/signer.h"
#include "tests/support/watching.h"

#include <QDeadlineTimer>
#include <QTest>
#include <QtEndian>

#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>
#include <vector>

using namespace relay;
using namespace relay::test;

namespace {

void pause(int milliseconds)
{
    // The pace of an attack, not a wait for anything.
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

QByteArray number(qint64 n)
{
    return QByteArray::number(n);
}

/** Whether the other side has ended the connection, or sent something, meanwhile. */
bool hasNews(const RawClient &client)
{
    pollfd waiting {client.descriptor(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

/** What the kernel takes without waiting; false: the connection is over. */
bool sendSome(const RawClient &client, const QByteArray &bytes, qsizetype &sent)
{
    const ssize_t taken = ::send(client.descriptor(), bytes.constData(),
        static_cast<size_t>(bytes.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    sent = std::max<qsizetype>(taken, 0);
    return taken >= 0 || errno == EAGAIN;
}

QByteArray frameHeader(int firstByte, quint64 length)
{
    QByteArray header(14, '\0');
    header[0] = static_cast<char>(firstByte);
    header[1] = static_cast<char>(0x80 | 127);
    qToBigEndian(length, header.data() + 2);
    return header; // the mask is zeros
}

/** Many connections that are held back, each replaced when the relay ends it. */
class Trickle {
public:
    Trickle(RelayProcess &relay, size_t count, QByteArray bytes, bool isUpgraded)
        : m_relay(relay)
        , m_bytes(std::move(bytes))
        , m_isUpgraded(isUpgraded)
    {
        while (m_peers.size() < count)
            m_peers.push_back({open(), 0});
    }

    /** Sends one more byte through each. True: each was ended once. */
    bool step()
    {
        for (Peer &peer : m_peers) {
            if (hasNews(peer.client)) {
                ++ended;
                if (m_isUpgraded && peer.client.waitForClose() == 1008)
                    ++refused;
                peer = {open(), 0};
                continue;
            }
            qsizetype sent = 0;
            sendSome(peer.client, m_bytes.mid(peer.next % m_bytes.size(), 1), sent);
            peer.next += sent;
        }
        pause(50);
        return ended >= static_cast<int>(m_peers.size());
    }

    int ended = 0;
    int refused = 0;

private:
    struct Peer {
        RawClient client;
        qsizetype next;
    };

    RawClient open()
    {
        RawClient client(m_relay.port());
        if (m_isUpgraded)
            client.upgrade();
        return client;
    }

    RelayProcess &m_relay;
    const QByteArray m_bytes;
    const bool m_isUpgraded;
    std::vector<Peer> m_peers;
};

Environment settings(std::initializer_list<std::pair<const char *, const char *>> entries)
{
    Environment environment;
    for (const auto &[name, value] : entries)
        environment.insert(QString::fromLatin1(name), QString::fromLatin1(value));
    return environment;
}

} // namespace

/**
 * What hostile peers get, while an honest client is served. Each attack goes on until the relay's
 * answer to it has been seen, and for RELAYTEST_SIEGE_SECS at least.
 */
class TestHostile : public QObject {
    Q_OBJECT

private slots:
    void nobody();
    void slowHeads();
    void slowHandshakes();
    void peersThatVanish();
    void giantFrames();
    void endlessFragments();
    void emptyFragments();
    void floodsOfHeaders();
    void floodsOfPings();
    void aReaderThatNeverReads();
    void tenThousandIds();
    void floodsOfForgedHandshakes();
    void outOfDescriptors();
};

void TestHostile::nobody()
{
    // What the others are to be compared with: the disk has its moods, too.
    Siege siege({});
    const auto step = [] {
        pause(50);
        return true;
    };
    QVERIFY2(siege.hold("nobody", step, [] { return QByteArray("nothing"); }), siege.why());
}

void TestHostile::slowHeads()
{
    Siege siege(settings({{"HANDSHAKE_TIMEOUT_SECS", "2"}}));
    Trickle trickle(
        siege.relay(), 300, "GET / HTTP/1.1\r\nHost: r\r\nX: " + QByteArray(4000, 'x'), false);
    QVERIFY2(siege.hold(
                 "300 heads, a byte at a time", [&] { return trickle.step(); },
                 [&] { return number(trickle.ended) + " cut off"; }),
        siege.why());
}

void TestHostile::slowHandshakes()
{
    Siege siege(settings({{"HANDSHAKE_TIMEOUT_SECS", "2"}}));
    Trickle trickle(siege.relay(), 300, frameHeader(0x82, 4000) + QByteArray(4000, '{'), true);
    QVERIFY2(siege.hold(
                 "300 handshakes, a byte at a time", [&] { return trickle.step(); },
                 [&] { return number(trickle.refused) + " closed with 1008"; }),
        siege.why());
    QCOMPARE(trickle.refused, trickle.ended);
}

void TestHostile::peersThatVanish()
{
    // To the relay, a host that lost its network and one that never says anything are the same.
    Siege siege(settings({{"IDLE_TIMEOUT_SECS", "3"}, {"PING_INTERVAL_SECS", "1"}}));
    std::vector<RawClient> gone;
    int closed = 0;
    const auto refill = [&] {
        while (gone.size() < 200) {
            RawClient client(siege.relay().port());
            if (!client.join(freshId()))
                return false;
            gone.push_back(std::move(client));
        }
        return true;
    };
    QVERIFY(refill());
    const auto step = [&] {
        for (RawClient &client : gone) {
            // Pings pile up unread; the Close comes behind them.
            while (hasNews(client) && client.closeCode() == 0) {
                if (!client.readFrame(1000))
                    client.disconnect();
            }
        }
        const auto before = gone.size();
        std::erase_if(gone, [](const RawClient &client) { return !client.isConnected(); });
        closed += static_cast<int>(before - gone.size());
        pause(50);
        return refill() && closed >= 200;
    };
    QVERIFY2(siege.hold("200 members that vanish", step,
                 [&] { return number(closed) + " ended as idle"; }),
        siege.why());
}

void TestHostile::giantFrames()
{
    Siege siege({});
    int refused = 0;
    const auto step = [&] {
        RawClient client(siege.relay().port());
        if (!client.join(freshId()))
            return false;
        client.sendBytes(frameHeader(0x82, quint64(1) << 62));
        refused += client.waitForClose() == 1009;
        return refused >= 100;
    };
    QVERIFY2(siege.hold("frames that announce 2^62 bytes", step,
                 [&] { return number(refused) + " closed with 1009"; }),
        siege.why());
}

void TestHostile::endlessFragments()
{
    Siege siege({});
    int refused = 0;
    const QByteArray fragment = clientFrame(OpContinuation, QByteArray(60'000, 'x'), false);
    const auto step = [&] {
        RawClient client(siege.relay().port());
        if (!client.join(freshId()))
            return false;
        client.sendBytes(clientFrame(OpBinary, "x", false));
        while (!hasNews(client) && client.sendBytes(fragment)) { }
        refused += client.waitForClose() == 1009;
        return refused >= 10;
    };
    QVERIFY2(siege.hold("fragments without an end", step,
                 [&] { return number(refused) + " closed with 1009"; }),
        siege.why());
}

void TestHostile::emptyFragments()
{
    // They add up to nothing, so no limit is reached: they cost what they cost, and no more memory.
    Siege siege({});
    RawClient client(siege.relay().port());
    QVERIFY(client.join(freshId()));
    QVERIFY(client.sendBytes(clientFrame(OpBinary, "", false)));
    const QByteArray empty = clientFrame(OpContinuation, "", false);
    QByteArray many;
    for (int n = 0; n < 1000; ++n)
        many += empty;
    qint64 sent = 0;
    const auto step = [&] {
        qsizetype taken = 0;
        sendSome(client, many, taken);
        // A frame that was begun has to be finished.
        const qsizetype rest = taken % empty.size();
        if (rest > 0)
            client.sendBytes(empty.mid(rest));
        sent += taken / empty.size();
        if (taken == 0)
            pause(1);
        return sent >= 100'000;
    };
    QVERIFY2(
        siege.hold("empty fragments", step, [&] { return number(sent) + " read and forgotten"; }),
        siege.why());
}

void TestHostile::floodsOfHeaders()
{
    Siege siege({});
    QByteArray many = "GET / HTTP/1.1\r\n";
    while (many.size() < 100'000)
        many += "a: b\r\n";
    int refused = 0;
    const auto step = [&] {
        RawClient client(siege.relay().port());
        client.sendBytes(many);
        refused += HttpAnswer::of(client.readAll()).status == 431;
        return refused >= 100;
    };
    QVERIFY2(siege.hold("heads of 100 KB", step, [&] { return number(refused) + " answered 431"; }),
        siege.why());
}

void TestHostile::floodsOfPings()
{
    Siege siege(settings({{"MAX_UNSENT_BYTES", "65536"}, {"SLOW_CLIENT_TIMEOUT_SECS", "2"}}));
    const QByteArray ping = clientFrame(OpPing, QByteArray(125, 'p'));
    QByteArray many;
    for (int n = 0; n < 500; ++n)
        many += ping;
    int cutOff = 0;
    const auto step = [&] {
        RawClient client(siege.relay().port());
        if (!client.join(freshId()))
            return false;
        const QDeadlineTimer deadline(20'000);
        qsizetype sent = 0;
        while (!deadline.hasExpired() && sendSome(client, many, sent)) {
            // The frame that was cut would be taken for a fault of the framing.
            if (const qsizetype rest = sent % ping.size(); rest > 0) {
                pollfd writable {client.descriptor(), POLLOUT, 0};
                ::poll(&writable, 1, 50);
                const QByteArray more = ping.mid(rest);
                const ssize_t taken = ::send(client.descriptor(), more.constData(),
                    static_cast<size_t>(more.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
                if (taken != more.size())
                    break; // it is not read any more
            }
            if (sent == 0)
                break;
        }
        // It is not read until it reads, and that ends it.
        while (!deadline.hasExpired() && sendSome(client, "x", sent))
            pause(20);
        cutOff += !deadline.hasExpired();
        return cutOff >= 1;
    };
    QVERIFY2(
        siege.hold("pings, and no pong is read", step, [&] { return number(cutOff) + " cut off"; }),
        siege.why());
    QVERIFY(siege.relay().metric("relay_slow_client_disconnects_total") >= 1.0);
}

void TestHostile::aReaderThatNeverReads()
{
    Siege siege(settings({{"SLOW_CLIENT_TIMEOUT_SECS", "2"}}));
    const Id lazy = freshId();
    {
        RawClient sender(siege.relay().port());
        QVERIFY(sender.join(freshId()));
        for (int n = 0; n < 100; ++n)
            QCOMPARE(sender.store(lazy, QByteArray(200'000, '\xff'), freshId())->status,
                AckStatus::Stored);
    }
    const auto cutOff = [&] {
        return siege.relay().metric("relay_slow_client_disconnects_total").value_or(0);
    };
    std::vector<RawClient> readers;
    const auto step = [&] {
        while (readers.size() < 20) {
            readers.emplace_back(siege.relay().port());
            readers.back().sendBytes(
                RawClient::upgradeRequest() + RawClient::encode(handshakeOf(lazy), "h"));
        }
        pause(100);
        if (cutOff() >= static_cast<double>(readers.size()))
            readers.clear();
        return cutOff() >= 20;
    };
    QVERIFY2(siege.hold("20 readers of 20 MB that never read", step,
                 [&] { return number(static_cast<qint64>(cutOff())) + " cut off"; }),
        siege.why());
}

void TestHostile::tenThousandIds()
{
    Siege siege({});
    int joined = 0;
    const auto step = [&] {
        // A hundred at a time, each with a message, and gone again.
        std::vector<RawClient> peers;
        for (int n = 0; n < 100; ++n) {
            peers.emplace_back(siege.relay().port());
            peers.back().sendBytes(RawClient::upgradeRequest()
                + RawClient::encode(handshakeOf(freshId()), "h")
                + RawClient::encode(PurgeRequest {}, "p"));
        }
        for (RawClient &peer : peers)
            joined += peer.readHead().startsWith("HTTP/1.1 101 ")
                && peer.expect<PurgeResponse>().has_value();
        return joined >= 10'000;
    };
    QVERIFY2(siege.hold("ten thousand ids from one peer", step,
                 [&] { return number(joined) + " ids served"; }),
        siege.why());
}

void TestHostile::floodsOfForgedHandshakes()
{
    Siege siege({});
    int refused = 0;
    Handshake forged = Signer().handshake();
    forged.signature->signature[3] ^= 1;
    const auto step = [&] {
        RawClient client(siege.relay().port());
        client.sendBytes(RawClient::upgradeRequest() + RawClient::encode(forged, "h"));
        client.readHead();
        refused += client.waitForClose() == 1008;
        return refused >= 200;
    };
    QVERIFY2(siege.hold(
                 "forged signatures", step, [&] { return number(refused) + " closed with 1008"; }),
        siege.why());
    QCOMPARE(siege.relay().metric("relay_proven_ids"), 0.0);
}

void TestHostile::outOfDescriptors()
{
    Siege siege(settings({{"MAX_CONNECTIONS", "1000"}, {"HANDSHAKE_TIMEOUT_SECS", "2"}}), 256);
    std::vector<RawClient> hoard;
    int refused = 0;
    const auto step = [&] {
        // More than it may have open at all.
        while (hoard.size() < 400)
            hoard.emplace_back(siege.relay().port());
        pause(50);
        for (RawClient &client : hoard) {
            if (!hasNews(client))
                continue;
            refused += HttpAnswer::of(client.readAll()).status == 503;
            client = RawClient(siege.relay().port());
        }
        return refused >= 100;
    };
    QVERIFY2(siege.hold("400 connections where 256 descriptors are", step,
                 [&] { return number(refused) + " answered 503"; }),
        siege.why());
    hoard.clear();
    // Whoever comes afterwards is served again.
    QVERIFY(QTest::qWaitFor(
        [&] { return RawClient(siege.relay().port()).join(freshId()).has_value(); }, 10'000));
}

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
