// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cluster.h"
#include "tests/support/heldport.h"
#include "tests/support/needs.h"
#include "tests/support/signer.h"

#include <QElapsedTimer>
#include <QSet>
#include <QTest>

#include <memory>
#include <thread>
#include <vector>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

/** Several relays on one PostgreSQL server: the real programs, and a real server. */
class TestCluster : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanup();

    void deliversWhatAnotherRelayStored();
    void deliversLiveAcrossRelays();
    void exchangesCardsWithEachStepOnAnotherRelay();
    void syncsDevicesAcrossRelays();
    void keepsOneOrderForThreeSenders();
    void countsAQuotaExactlyForThreeRelays();
    void purgesWhatOthersStored();
    void findsWhatANotificationDidNotSay();
    void protectsIdsProvenElsewhere();
    void closesWhoUsesAnIdProvenElsewhere();
    void refusesANonceUsedElsewhere();
    void losesNothingWithARelayThatIsKilled();
    void startsTenAtOnce();
    void asksForOneNoiseKey();
    void waitsForAServerThatIsAway();
    void survivesAServerThatCrashes();
    void answersFailedWhileTheServerDoesNotAnswer();
    void cutsOffAServerThatHangs();
    void refusesADatabaseOfANewerRelay();
    void keepsNothingOfAnEmptyMailbox();

private:
    /** Relays on one database, with these settings; nothing if one does not start. */
    using Relays = std::vector<std::unique_ptr<RelayProcess>>;
    Relays start(int count, const Environment &environment = {});

    std::unique_ptr<PostgresServer> m_server;
    QString m_url;
};

void TestCluster::initTestCase()
{
    RELAYTEST_NEEDS_POSTGRES();
    m_server = std::make_unique<PostgresServer>();
    QVERIFY(m_server->start());
}

void TestCluster::cleanup()
{
    m_url.clear();
}

TestCluster::Relays TestCluster::start(int count, const Environment &environment)
{
    if (m_url.isEmpty())
        m_url = m_server->newDatabase();
    Relays relays;
    for (int i = 0; i < count; ++i) {
        relays.push_back(std::make_unique<RelayProcess>(environment));
        relays.back()->useDatabase(m_url);
        if (!relays.back()->start())
            qFatal("a relay does not start: %s", relays.back()->log().constData());
    }
    return relays;
}

void TestCluster::deliversWhatAnotherRelayStored()
{
    const auto relays = start(2);
    const Id alice = freshId();
    const Id bob = freshId();
    auto sender = joined(*relays[0], alice);
    const auto stored = sender.store(bob, "hello", alice);
    QVERIFY(stored);
    QCOMPARE(stored->status, AckStatus::Stored);
    auto recipient = joined(*relays[1], bob);
    Envelope envelope;
    const auto update = recipient.expect<EncryptedUpdate>(&envelope);
    QVERIFY(update);
    QCOMPARE(update->ciphertext, "hello");
    QCOMPARE(update->senderId, WrittenId::of(alice));
    // The id by which the sender knows it is the one by which any relay knows it.
    QCOMPARE(envelope.messageId, stored->blobId);
    recipient.send(Acknowledgment {envelope.messageId, AckStatus::ReceivedByRecipient, {}});
    recipient.send(PurgeRequest {});
    QCOMPARE(recipient.expect<PurgeResponse>()->blobsDeleted, 0u);
    QVERIFY(fetch(*relays[0], bob).empty());
    QTRY_COMPARE(relays[0]->metric("relay_blobs_stored").value_or(-1), 0.0);
    QTRY_COMPARE(relays[1]->metric("relay_blobs_stored").value_or(-1), 0.0);
    for (const auto &relay : relays)
        QCOMPARE(relay->stop(), 0);
}

void TestCluster::deliversLiveAcrossRelays()
{
    const auto relays = start(2);
    const Id alice = freshId();
    const Id bob = freshId();
    auto sender = joined(*relays[0], alice);
    auto recipient = joined(*relays[1], bob);
    for (int i = 0; i < 50; ++i) {
        QElapsedTimer timer;
        timer.start();
        sender.send(EncryptedUpdate {
            WrittenId::of(bob), WrittenId::of(alice), "live " + QByteArray::number(i)});
        const auto update = recipient.expect<EncryptedUpdate>();
        QVERIFY(update);
        QCOMPARE(update->ciphertext, "live " + QByteArray::number(i));
        // By a notification, and not because the relay looked.
        QVERIFY(timer.elapsed() < 5000);
    }
}

void TestCluster::exchangesCardsWithEachStepOnAnotherRelay()
{
    const auto relays = start(3);
    const Id alice = freshId();
    const Id bob = freshId();
    {
        auto a = joined(*relays[0], alice);
        QCOMPARE(a.store(bob, "request", alice)->status, AckStatus::Stored);
    }
    {
        auto a = joined(*relays[1], alice);
        QCOMPARE(a.store(bob, "card of A", alice)->status, AckStatus::Stored);
    }
    QCOMPARE(fetch(*relays[2], bob), (std::vector<QByteArray> {"request", "card of A"}));
    {
        auto b = joined(*relays[0], bob);
        QCOMPARE(b.store(alice, "card of B", bob)->status, AckStatus::Stored);
    }
    QCOMPARE(fetch(*relays[1], alice), std::vector<QByteArray> {"card of B"});
    {
        auto a = joined(*relays[2], alice);
        QCOMPARE(a.store(bob, "edited", alice)->status, AckStatus::Stored);
    }
    QCOMPARE(fetch(*relays[0], bob), std::vector<QByteArray> {"edited"});
    for (const auto &relay : relays)
        QTRY_COMPARE(relay->metric("relay_blobs_stored").value_or(-1), 0.0);
}

void TestCluster::syncsDevicesAcrossRelays()
{
    const auto relays = start(2);
    const Id alice = freshId();
    const Id phone = freshId();
    const Id tablet = freshId();
    const auto message = [&](quint64 version) {
        return DeviceSyncMessage {WrittenId::of(alice), WrittenId::of(tablet), WrittenId::of(phone),
            QByteArray::number(version), version};
    };
    auto first = joined(*relays[0], alice);
    for (const quint64 version : {~quint64(0), quint64(3), quint64(1)}) {
        const QByteArray id = first.send(message(version));
        QCOMPARE(first.expectAck(id)->status, AckStatus::Stored);
    }
    RawClient second(relays[1]->port());
    Handshake handshake;
    handshake.clientId = WrittenId::of(alice);
    handshake.deviceId = WrittenId::of(tablet);
    QVERIFY(second.join(handshake));
    // What stood there by version, then what comes.
    for (const quint64 version : {quint64(1), quint64(3), ~quint64(0)})
        QCOMPARE(second.expect<DeviceSyncMessage>()->version, version);
    for (const quint64 version : {quint64(2), quint64(0)}) {
        first.send(message(version));
        QCOMPARE(second.expect<DeviceSyncMessage>()->version, version);
    }
}

void TestCluster::keepsOneOrderForThreeSenders()
{
    constexpr int Each = 300;
    const auto relays = start(4, {{u"MAX_BLOBS_PER_RECIPIENT"_s, u"0"_s}});
    const Id bob = freshId();
    auto listener = joined(*relays[3], bob);
    std::vector<std::thread> senders;
    std::atomic<int> stored {0};
    for (int relay = 0; relay < 3; ++relay) {
        senders.emplace_back([&, relay] {
            const Id id = freshId();
            RawClient client(relays[static_cast<size_t>(relay)]->port());
            if (!client.join(id))
                return;
            QByteArray bytes;
            for (int i = 0; i < Each; ++i)
                bytes +=
                    RawClient::encode(EncryptedUpdate {WrittenId::of(bob), WrittenId::of(id),
                                          QByteArray::number(relay) + ' ' + QByteArray::number(i)},
                        "m" + QByteArray::number(i));
            client.sendBytes(bytes);
            for (int i = 0; i < Each; ++i) {
                const auto ack = client.expectAck("m" + QByteArray::number(i));
                stored += ack && ack->status == AckStatus::Stored;
            }
        });
    }
    // Live: each sender's in order, each once.
    std::vector<int> next(3);
    std::vector<QByteArray> order;
    for (int n = 0; n < 3 * Each; ++n) {
        Envelope envelope;
        const auto update = listener.expect<EncryptedUpdate>(&envelope);
        if (!update)
            break;
        const auto words = update->ciphertext.split(' ');
        QCOMPARE(words[1].toInt(), next[words[0].toUInt()]++);
        order.push_back(envelope.messageId);
    }
    for (auto &sender : senders)
        sender.join();
    QCOMPARE(stored.load(), 3 * Each);
    QCOMPARE(order.size(), size_t(3 * Each));
    QCOMPARE(QSet<QByteArray>(order.begin(), order.end()).size(), 3 * Each);
    // Pending: the same order, from any relay.
    auto again = joined(*relays[0], bob);
    for (const QByteArray &id : order) {
        Envelope envelope;
        QVERIFY(again.expect<EncryptedUpdate>(&envelope));
        QCOMPARE(envelope.messageId, id);
    }
}

void TestCluster::countsAQuotaExactlyForThreeRelays()
{
    constexpr int Limit = 50;
    constexpr int Each = 40;
    const auto relays = start(3, {{u"MAX_BLOBS_PER_RECIPIENT"_s, QString::number(Limit)}});
    const Id bob = freshId();
    std::atomic<int> stored {0};
    std::atomic<int> failed {0};
    std::vector<std::thread> senders;
    for (const auto &relay : relays) {
        senders.emplace_back([&] {
            const Id id = freshId();
            RawClient client(relay->port());
            if (!client.join(id))
                return;
            QByteArray bytes;
            for (int i = 0; i < Each; ++i)
                bytes +=
                    RawClient::encode(EncryptedUpdate {WrittenId::of(bob), WrittenId::of(id), "x"},
                        "m" + QByteArray::number(i));
            client.sendBytes(bytes);
            for (int i = 0; i < Each; ++i) {
                const auto ack = client.expectAck("m" + QByteArray::number(i));
                stored += ack && ack->status == AckStatus::Stored;
                failed += ack && ack->status == AckStatus::Failed;
            }
        });
    }
    for (auto &sender : senders)
        sender.join();
    QCOMPARE(stored.load(), Limit);
    QCOMPARE(failed.load(), 3 * Each - Limit);
    // Full: what ends fetch() would not be stored.
    auto recipient = joined(*relays[1], bob);
    recipient.send(PurgeRequest {});
    QCOMPARE(recipient.expect<PurgeResponse>()->blobsDeleted, quint64(Limit));
}

void TestCluster::purgesWhatOthersStored()
{
    const auto relays = start(2);
    const Id alice = freshId();
    auto first = joined(*relays[0], alice);
    for (int i = 0; i < 5; ++i)
        QVERIFY(first.store(alice, "to myself", alice));
    auto second = joined(*relays[1], alice);
    second.send(PurgeRequest {});
    QCOMPARE(second.expect<PurgeResponse>()->blobsDeleted, 5u);
    QVERIFY(fetch(*relays[0], alice).empty());
}

void TestCluster::findsWhatANotificationDidNotSay()
{
    const auto relays = start(1);
    const Id bob = freshId();
    auto recipient = joined(*relays[0], bob);
    // As by a relay that was killed before it could tell.
    const QByteArray hex = bob.toHex();
    m_server->run(m_url,
        u"INSERT INTO vauchi_relay.mailboxes VALUES ('\\x%1', 1, 1); "
        "INSERT INTO vauchi_relay.blobs VALUES ('\\x%1', "
        "nextval('vauchi_relay.blob_sequence'), '\\x%1', %2, '\\x41')"_s.arg(
            QString::fromLatin1(hex), QString::number(QDateTime::currentMSecsSinceEpoch())));
    const auto update = recipient.expect<EncryptedUpdate>(nullptr, 30'000);
    QVERIFY(update);
    QCOMPARE(update->ciphertext, "A");
}

void TestCluster::protectsIdsProvenElsewhere()
{
    const auto relays = start(2);
    const Signer owner;
    RawClient signs(relays[0]->port());
    QVERIFY(signs.join(owner.handshake()));
    RawClient thief(relays[1]->port());
    QVERIFY(!thief.join(owner.id()));
    QCOMPARE(thief.waitForClose(), 1008);
    RawClient again(relays[1]->port());
    QVERIFY(again.join(owner.handshake()));
}

void TestCluster::closesWhoUsesAnIdProvenElsewhere()
{
    const auto relays = start(2);
    const Signer owner;
    auto thief = joined(*relays[1], owner.id());
    RawClient signs(relays[0]->port());
    QVERIFY(signs.join(owner.handshake()));
    QCOMPARE(thief.waitForClose(), 1008);
}

void TestCluster::refusesANonceUsedElsewhere()
{
    const auto relays = start(2);
    const Signer owner;
    const Handshake captured = owner.handshake();
    RawClient signs(relays[0]->port());
    QVERIFY(signs.join(captured));
    RawClient replays(relays[1]->port());
    QVERIFY(!replays.join(captured));
    QCOMPARE(replays.waitForClose(), 1008);
    QVERIFY(replays.closeReason().contains("nonce"));
}

void TestCluster::losesNothingWithARelayThatIsKilled()
{
    constexpr int Rounds = 3;
    constexpr int Stores = 400;
    const auto relays = start(2, {{u"MAX_BLOBS_PER_RECIPIENT"_s, u"0"_s}});
    for (int round = 0; round < Rounds; ++round) {
        const Id alice = freshId();
        const Id bob = freshId();
        auto listener = joined(*relays[1], bob);
        auto sender = joined(*relays[0], alice);
        QByteArray bytes;
        for (int i = 0; i < Stores; ++i)
            bytes += RawClient::encode(
                EncryptedUpdate {WrittenId::of(bob), WrittenId::of(alice), QByteArray::number(i)},
                "m" + QByteArray::number(i));
        QVERIFY(sender.sendBytes(bytes));
        // Somewhere in the middle of its answers.
        std::vector<int> stored;
        const auto note = [&](const std::optional<Envelope> &envelope) {
            const auto *ack = envelope ? std::get_if<Acknowledgment>(&envelope->message) : nullptr;
            if (ack && ack->status == AckStatus::Stored)
                stored.push_back(ack->messageId.mid(1).toInt());
            return envelope.has_value();
        };
        for (int i = 0; i < 20 * round + 1; ++i)
            QVERIFY(note(sender.receive()));
        relays[0]->kill();
        while (note(sender.receive()))
            ;
        // What was acknowledged is delivered by the other, once and in order: live, or because it
        // looks when nobody told it.
        std::vector<QByteArray> delivered;
        while (delivered.empty() || delivered.back().toInt() < stored.back()) {
            const auto update = listener.expect<EncryptedUpdate>(nullptr, 30'000);
            QVERIFY(update);
            delivered.push_back(update->ciphertext);
        }
        for (size_t i = 0; i < delivered.size(); ++i)
            QCOMPARE(delivered[i].toInt(), static_cast<int>(i));
        QVERIFY2(relays[0]->start(), relays[0]->log());
    }
}

void TestCluster::startsTenAtOnce()
{
    m_url = m_server->newDatabase();
    std::vector<std::thread> starts;
    Relays relays;
    std::atomic<int> started {0};
    for (int i = 0; i < 10; ++i) {
        relays.push_back(std::make_unique<RelayProcess>());
        relays.back()->useDatabase(m_url);
    }
    // A process belongs to the thread that started it.
    for (auto &relay : relays)
        starts.emplace_back([&] {
            started += relay->start();
            relay->stop();
        });
    for (auto &thread : starts)
        thread.join();
    QCOMPARE(started.load(), 10);
    QByteArray logs;
    for (const auto &relay : relays)
        logs += relay->log();
    QCOMPARE(logs.count("database schema is now version 1"), 1);
}

void TestCluster::asksForOneNoiseKey()
{
    const auto relays = start(1);
    RelayProcess other({{u"NOISE_STATIC_KEY"_s, PostgresServer::newNoiseKey()}});
    other.useDatabase(m_url);
    QVERIFY2(!other.start(), "a relay with another key runs");
    const QByteArray log = other.log();
    QCOMPARE(other.exitCode(), 78);
    QVERIFY2(log.contains("is not the key of the other relays"), log);
    QVERIFY2(log.contains("SET noise_key = NULL"), log);
}

void TestCluster::waitsForAServerThatIsAway()
{
    PostgresServer server;
    QVERIFY(server.start());
    const QString url = server.newDatabase();
    server.kill();
    const HeldPort port;
    RelayProcess relay({{u"HTTP_ADDR"_s, u"127.0.0.1:%1"_s.arg(port.number())}});
    relay.useDatabase(url);
    QByteArray ready;
    QByteArray health;
    bool saidWhy = false;
    std::thread later([&] {
        const auto ask = [&](const QByteArray &path) {
            return httpExchange(
                port.number(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        };
        // While it waits: alive, not ready, and it says why.
        saidWhy = QTest::qWaitFor(
            [&] { return (ready = ask("/ready")).contains("cannot be reached"); }, 20'000);
        health = ask("/health");
        server.start();
    });
    const bool started = relay.start();
    later.join();
    QVERIFY2(started, relay.log());
    QVERIFY2(saidWhy && ready.startsWith("HTTP/1.1 503 "), ready);
    QVERIFY2(health.startsWith("HTTP/1.1 200 "), health);
    QVERIFY2(relay.log().contains("cannot be reached"), relay.log());
    QVERIFY2(relay.log().contains("waiting for it"), relay.log());
    QTRY_COMPARE(status(relay, "/ready"), 200);
    QCOMPARE(relay.stop(), 0);
}

void TestCluster::survivesAServerThatCrashes()
{
    PostgresServer server;
    QVERIFY(server.start());
    RelayProcess relay;
    relay.useDatabase(server.newDatabase());
    QVERIFY2(relay.start(), relay.log());
    const Id alice = freshId();
    const Id bob = freshId();
    auto sender = joined(relay, alice);
    auto recipient = joined(relay, bob);
    QCOMPARE(sender.store(bob, "before", alice)->status, AckStatus::Stored);
    QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, "before");
    server.kill();
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(sender.store(bob, "lost", alice)->status, AckStatus::Failed);
    QVERIFY(timer.elapsed() < 10'000);
    QByteArray body;
    QTRY_COMPARE(status(relay, "/ready", &body), 503);
    QVERIFY2(body.contains("the database cannot be written"), body);
    QCOMPARE(status(relay, "/health"), 200);
    QVERIFY(server.start());
    QTRY_COMPARE_WITH_TIMEOUT(status(relay, "/ready"), 200, 20'000);
    // The same connections.
    QCOMPARE(sender.store(bob, "after", alice)->status, AckStatus::Stored);
    QCOMPARE(recipient.expect<EncryptedUpdate>(nullptr, 30'000)->ciphertext, "after");
    QCOMPARE(fetch(relay, bob, false), (std::vector<QByteArray> {"before", "after"}));
}

void TestCluster::answersFailedWhileTheServerDoesNotAnswer()
{
    const auto relays = start(1);
    const Id alice = freshId();
    auto sender = joined(*relays[0], alice);
    QVERIFY(sender.store(alice, "x", alice));
    // Somebody else's transaction holds everything up: the server ends ours by its own limits.
    OpenTransaction blocker(m_url, "LOCK TABLE vauchi_relay.mailboxes;");
    QVERIFY2(blocker.isOpen(), blocker.output());
    const QByteArray id =
        sender.send(EncryptedUpdate {WrittenId::of(alice), WrittenId::of(alice), "y"});
    const auto ack = sender.expectAck(id, 15'000);
    QVERIFY(blocker.end());
    QVERIFY(ack);
    QCOMPARE(ack->status, AckStatus::Failed);
    QCOMPARE(sender.store(alice, "z", alice)->status, AckStatus::Stored);
}

void TestCluster::cutsOffAServerThatHangs()
{
    PostgresServer server;
    QVERIFY(server.start());
    RelayProcess relay;
    relay.useDatabase(server.newDatabase());
    QVERIFY2(relay.start(), relay.log());
    const Id alice = freshId();
    auto sender = joined(relay, alice);
    QVERIFY(sender.store(alice, "before", alice));
    server.freeze();
    const QByteArray id =
        sender.send(EncryptedUpdate {WrittenId::of(alice), WrittenId::of(alice), "lost"});
    const auto ack = sender.expectAck(id, 20'000);
    const int ready = status(relay, "/ready");
    server.thaw();
    QVERIFY(ack);
    QCOMPARE(ack->status, AckStatus::Failed);
    QCOMPARE(ready, 503);
    QVERIFY2(
        relay.newestLog().contains("does not answer: a connection to it was cut"), relay.log());
    QTRY_COMPARE_WITH_TIMEOUT(status(relay, "/ready"), 200, 30'000);
    QCOMPARE(sender.store(alice, "after", alice)->status, AckStatus::Stored);
    QCOMPARE(relay.stop(), 0);
}

void TestCluster::refusesADatabaseOfANewerRelay()
{
    {
        const auto relays = start(1);
    }
    // A version that the one before can work beside, and one that it cannot.
    m_server->run(m_url, u"UPDATE vauchi_relay.schema_version SET version = 99"_s);
    RelayProcess beside;
    beside.useDatabase(m_url);
    QVERIFY2(beside.start(), beside.log());
    QCOMPARE(beside.stop(), 0);
    m_server->run(m_url, u"UPDATE vauchi_relay.schema_version SET oldest_that_works = 99"_s);
    RelayProcess older;
    older.useDatabase(m_url);
    QVERIFY(!older.start());
    QCOMPARE(older.exitCode(), 78);
    QVERIFY2(older.log().contains("newer relay"), older.log());
}

void TestCluster::keepsNothingOfAnEmptyMailbox()
{
    const auto relays = start(1);
    const Id alice = freshId();
    auto client = joined(*relays[0], alice);
    QVERIFY(client.store(alice, "x", alice));
    QCOMPARE(m_server->run(m_url, u"SELECT count(*) FROM vauchi_relay.mailboxes"_s), "1");
    QCOMPARE(fetch(*relays[0], alice).size(), size_t(1));
    QCOMPARE(m_server->run(m_url, u"SELECT count(*) FROM vauchi_relay.mailboxes"_s), "0");
    QCOMPARE(m_server->run(m_url, u"SELECT count(*) FROM vauchi_relay.blobs"_s), "0");
    QCOMPARE(m_server->run(m_url, u"SELECT sum(blob_count) FROM vauchi_relay.totals"_s), "0");
}

QTEST_GUILESS_MAIN(TestCluster)
#include "tst_cluster.moc"
