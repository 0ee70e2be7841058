// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QTest>

#include <cstdio>

using namespace relay;
using namespace relay::test;

/**
 * That the metrics say what happened: what a client did, what moved, and by how much; and that the
 * books balance. Prints a line for each: metric, action, before, after.
 */
class TestBooks : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase() { QCOMPARE(m_relay->stop(), 0); }

    void countsConnections();
    void countsConnectionsRefusedBecauseFull();
    void countsNoErrorForWhoLeaves();
    void countsMessagesAndTheirDuration();
    void countsEachRefusalOnce_data();
    void countsEachRefusalOnce();
    void countsWhatLimitsRefuse();
    void exportsNoLimitAsInfinity();
    void countsTheLifeOfABlob();
    void countsExpiry();
    void countsRecovery();
    void countsWhatDoesNotFitItsPrefix();
    void balancesAfterRandomTraffic();
    void passesPromtool();

private:
    /** Remembers all samples; expect() compares with them. */
    void begin(const char *action);
    void expect(const char *metric, double difference);
    double now(const char *metric) const { return m_relay->metric(metric).value_or(-1); }

    std::unique_ptr<RelayProcess> m_relay;
    QMap<QByteArray, double> m_before;
    QByteArray m_action;
};

void TestBooks::initTestCase()
{
    m_relay = std::make_unique<RelayProcess>(
        Environment {{QStringLiteral("MAX_CONNECTIONS"), QStringLiteral("5")},
            {QStringLiteral("MAX_BLOBS_PER_RECIPIENT"), QStringLiteral("20")},
            {QStringLiteral("MAX_MESSAGE_SIZE"), QStringLiteral("4096")}});
    QVERIFY2(m_relay->start(), m_relay->log());
}

void TestBooks::begin(const char *action)
{
    m_action = action;
    // Connections of the row before are gone when the relay says so.
    QTRY_COMPARE(now("relay_connections_active"), 0.0);
    m_before = m_relay->metrics();
}

void TestBooks::expect(const char *metric, double difference)
{
    const double before = m_before.value(metric, -1);
    QVERIFY2(before >= 0, metric);
    QTRY_COMPARE(now(metric), before + difference);
    std::printf("| %s | %s | %g | %g |\n", metric, m_action.constData(), before, now(metric));
}

void TestBooks::countsConnections()
{
    {
        begin("upgrade and handshake, twice");
        RawClient first(m_relay->port());
        RawClient second(m_relay->port());
        QVERIFY(first.join(freshId()));
        QVERIFY(second.join(freshId()));
        expect("relay_connections_total", 2);
        expect("relay_connections_active", 2);
        expect("relay_connection_errors_total", 0);
    }
    begin("plain HTTP and a bare TCP connect");
    QVERIFY(httpExchange(m_relay->port(), "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                .startsWith("HTTP/1.1 200 "));
    RawClient(m_relay->port()).disconnect();
    // Whoever comes later is counted later.
    RawClient fence(m_relay->port());
    QVERIFY(fence.join(freshId()));
    expect("relay_connections_total", 1);
    expect("relay_connection_errors_total", 0);
}

void TestBooks::countsConnectionsRefusedBecauseFull()
{
    begin("six connections where five are allowed");
    std::vector<RawClient> clients;
    for (int i = 0; i < 5; ++i) {
        clients.emplace_back(m_relay->port());
        QVERIFY(clients.back().join(freshId()));
    }
    RawClient late(m_relay->port());
    QVERIFY(!late.upgrade());
    expect("relay_connections_total", 5);
    expect("relay_connections_active", 5);
    expect("relay_connection_errors_total", 1);
    expect("relay_max_connections", 0);
    expect("relay_max_storage_bytes", 0);
    QCOMPARE(now("relay_ready"), 1.0);
}

void TestBooks::countsNoErrorForWhoLeaves()
{
    begin("a Close, an EOF and an RST after the handshake");
    for (int end = 0; end < 3; ++end) {
        RawClient client(m_relay->port());
        QVERIFY(client.join(freshId()));
        if (end == 0)
            client.sendClose();
        else if (end == 1)
            client.disconnect();
        else
            client.reset();
    }
    QTRY_COMPARE(now("relay_connections_active"), 0.0);
    expect("relay_connections_total", 3);
    expect("relay_connection_errors_total", 0);
}

void TestBooks::countsMessagesAndTheirDuration()
{
    begin("handshake, one store, one ack for nothing");
    RawClient client(m_relay->port());
    QVERIFY(client.join(freshId()));
    QVERIFY(client.store(freshId(), "x", freshId()));
    client.send(Acknowledgment {"nothing", AckStatus::Delivered, {}});
    client.send(PurgeRequest {});
    QVERIFY(client.expect<PurgeResponse>());
    expect("relay_messages_received_total", 4);
    expect("relay_messages_sent_total", 3);
    expect("relay_message_duration_seconds_count", 3);
    expect("relay_messages_rejected_total", 0);
    QVERIFY(now("relay_bytes_received_total") > m_before["relay_bytes_received_total"]);
    QVERIFY(now("relay_bytes_sent_total") > m_before["relay_bytes_sent_total"]);
}

void TestBooks::countsEachRefusalOnce_data()
{
    QTest::addColumn<QByteArray>("reason");
    QTest::addColumn<QByteArray>("frame");
    const auto message = [](const Message &what) { return RawClient::encode(what, "id"); };
    const auto binary = [](const QByteArray &json) {
        return clientFrame(OpBinary, QByteArray(4, '\0') + json);
    };
    QTest::newRow("undecodable") << QByteArray("undecodable") << binary("{");
    QTest::newRow("text") << QByteArray("text") << clientFrame(OpText, "hello");
    QTest::newRow("too large") << QByteArray("too_large")
                               << clientFrame(OpBinary, QByteArray(4097, ' '));
    QTest::newRow("unknown type")
        << QByteArray("unknown")
        << binary(R"({"version":1,"message_id":"m","timestamp":1,"payload":{"type":"New"}})");
    QTest::newRow("second handshake") << QByteArray("not_expected") << message([] {
        Handshake handshake;
        handshake.clientId = WrittenId::of(idOf(7));
        return handshake;
    }());
    QTest::newRow("only a relay sends it")
        << QByteArray("not_expected") << message(PurgeResponse {});
    QTest::newRow("malformed id")
        << QByteArray("invalid")
        << binary(R"({"version":1,"message_id":"m","timestamp":1,"payload":)"
                  R"({"type":"EncryptedUpdate","recipient_id":"x","ciphertext":[]}})");
    QTest::newRow("foreign identity")
        << QByteArray("invalid")
        << message(DeviceSyncMessage {
               WrittenId::of(idOf(9)), WrittenId::of(idOf(8)), WrittenId::of(idOf(7)), "x", 1});
}

void TestBooks::countsEachRefusalOnce()
{
    QFETCH(QByteArray, reason);
    QFETCH(QByteArray, frame);
    begin(QTest::currentDataTag());
    RawClient client(m_relay->port());
    QVERIFY(client.join(freshId()));
    QVERIFY(client.sendBytes(frame));
    expect("relay_messages_refused_total{reason=\"" + reason + "\"}", 1);
    expect("relay_messages_rejected_total", 1);
    expect("relay_rate_limited_total", 0);
}

void TestBooks::exportsNoLimitAsInfinity()
{
    RelayProcess relay({{QStringLiteral("MAX_STORAGE_BYTES"), QStringLiteral("0")}});
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.metric("relay_max_storage_bytes"), qInf());
}

void TestBooks::countsWhatLimitsRefuse()
{
    RelayProcess relay({{QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("6")},
        {QStringLiteral("RECOVERY_RATE_LIMIT_PER_MIN"), QStringLiteral("1")},
        {QStringLiteral("MAX_STORAGE_BYTES"), QStringLiteral("400")}});
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.metric("relay_max_storage_bytes"), 400.0);
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    const auto status = [&](const Message &message) {
        const auto ack = client.expectAck(client.send(message));
        return ack ? ack->status : AckStatus::Delivered;
    };
    const EncryptedUpdate update {WrittenId::of(freshId()), std::nullopt, QByteArray(100, 'x')};
    QCOMPARE(status(update), AckStatus::Stored);
    QCOMPARE(status(update), AckStatus::Failed); // 260 bytes more do not fit into 400
    QCOMPARE(status(RecoveryProofStore {idOf(1), {}}), AckStatus::Failed); // 160 do not either
    QCOMPARE(status(RecoveryProofStore {idOf(1), {}}), AckStatus::Failed); // one a minute
    client.send(PurgeRequest {});
    QVERIFY(client.expect<PurgeResponse>());
    QCOMPARE(status(RecoveryProofQuery {{idOf(1)}}), AckStatus::Failed);
    QCOMPARE(status(update), AckStatus::Failed); // the seventh message
    QCOMPARE(relay.metric("relay_messages_refused_total{reason=\"storage\"}"), 2.0);
    QCOMPARE(relay.metric("relay_messages_refused_total{reason=\"recovery_rate\"}"), 2.0);
    QCOMPARE(relay.metric("relay_messages_refused_total{reason=\"rate\"}"), 1.0);
    QCOMPARE(relay.metric("relay_rate_limited_total"), 1.0);
    QCOMPARE(relay.metric("relay_messages_rejected_total"), 5.0);
    std::printf("| relay_rate_limited_total | seven messages where six are allowed | 0 | 1 |\n");
}

void TestBooks::countsTheLifeOfABlob()
{
    begin("store three for somebody");
    const Id bob = freshId();
    RawClient sender(m_relay->port());
    QVERIFY(sender.join(freshId()));
    for (int i = 0; i < 3; ++i)
        QVERIFY(sender.store(bob, QByteArray(100, 'x'), freshId()));
    expect("relay_blobs_created_total", 3);
    expect("relay_blobs_stored", 3);
    // 100 bytes and what a row costs, three times.
    expect("relay_storage_bytes", 3 * (100 + 160));
    QVERIFY(
        now("relay_storage_commit_blobs_sum") == m_before["relay_storage_commit_blobs_sum"] + 3);
    QTRY_VERIFY(now("relay_oldest_blob_timestamp_seconds") > 1.7e9);
    sender.disconnect();

    begin("deliver three, ack one, then again from the start");
    Envelope first;
    {
        RawClient recipient(m_relay->port());
        QVERIFY(recipient.join(bob));
        QVERIFY(recipient.expect<EncryptedUpdate>(&first));
        for (int i = 0; i < 2; ++i)
            QVERIFY(recipient.expect<EncryptedUpdate>());
        recipient.send(Acknowledgment {first.messageId, AckStatus::ReceivedByRecipient, {}});
    }
    QTRY_COMPARE(now("relay_connections_active"), 0.0);
    RawClient again(m_relay->port());
    QVERIFY(again.join(bob));
    for (int i = 0; i < 2; ++i)
        QVERIFY(again.expect<EncryptedUpdate>());
    expect("relay_blobs_delivered_total", 5);
    expect("relay_delivery_delay_seconds_count", 5);
    expect("relay_blobs_acknowledged_total", 1);
    expect("relay_blobs_stored", -1);
    again.disconnect();

    begin("purge the other two");
    RawClient purger(m_relay->port());
    QVERIFY(purger.join(bob));
    purger.send(PurgeRequest {});
    QVERIFY(purger.expect<PurgeResponse>());
    expect("relay_blobs_purged_total", 2);
    expect("relay_blobs_stored", -2);
}

void TestBooks::countsExpiry()
{
    RelayProcess relay({{QStringLiteral("BLOB_TTL_SECS"), QStringLiteral("1")},
        {QStringLiteral("CLEANUP_INTERVAL_SECS"), QStringLiteral("1")}});
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    for (int i = 0; i < 4; ++i)
        QVERIFY(sender.store(bob, "x", bob));
    QTRY_COMPARE(relay.metric("relay_blobs_expired_total"), 4.0);
    QTRY_COMPARE(relay.metric("relay_blobs_stored"), 0.0);
    QTRY_COMPARE(relay.metric("relay_storage_bytes"), 0.0);
    QTRY_COMPARE(relay.metric("relay_oldest_blob_timestamp_seconds"), 0.0);
    QVERIFY(relay.metric("relay_cleanup_last_success_timestamp_seconds") > 1.7e9);
    std::printf("| relay_blobs_expired_total | four blobs older than their life | 0 | 4 |\n");
}

void TestBooks::countsRecovery()
{
    begin("store a recovery proof twice under one key");
    RawClient client(m_relay->port());
    QVERIFY(client.join(freshId()));
    for (int i = 0; i < 2; ++i) {
        const QByteArray id = client.send(RecoveryProofStore {idOf(1), "proof"});
        QCOMPARE(client.expectAck(id)->status, AckStatus::Stored);
    }
    expect("relay_recovery_vouchers_total", 2);
    expect("relay_recovery_proofs_active", 1);
}

void TestBooks::countsWhatDoesNotFitItsPrefix()
{
    begin("a frame whose prefix is wrong");
    RawClient client(m_relay->port());
    QVERIFY(client.join(freshId()));
    QByteArray frame = encodeFrame({"id", 1, PurgeRequest {}});
    frame[0] = 1;
    QVERIFY(client.sendFrame(frame));
    QVERIFY(client.expect<PurgeResponse>());
    expect("relay_frame_prefix_mismatch_total", 1);
    expect("relay_messages_rejected_total", 0);
}

void TestBooks::balancesAfterRandomTraffic()
{
    bool isSet = false;
    int seed = qEnvironmentVariableIntValue("RELAYTEST_SEED", &isSet);
    if (!isSet)
        seed = static_cast<int>(QRandomGenerator::system()->bounded(1'000'000));
    std::printf("RELAYTEST_SEED=%d\n", seed);
    QRandomGenerator random(static_cast<quint32>(seed));
    begin("random stores, acks, purges, refusals");
    std::vector<Id> people;
    std::vector<RawClient> clients;
    for (quint8 i = 0; i < 4; ++i) {
        people.push_back(freshId());
        clients.emplace_back(m_relay->port());
        QVERIFY(clients.back().join(people.back()));
    }
    std::vector<std::vector<QByteArray>> held(people.size());
    for (int step = 0; step < 1500; ++step) {
        const size_t self = random.bounded(4U);
        const size_t other = random.bounded(4U);
        RawClient &client = clients[self];
        const quint32 dice = random.bounded(100U);
        if (dice < 55) {
            const auto ack = client.store(people[other], "blob", people[self]);
            QVERIFY(ack);
            if (ack->status == AckStatus::Stored)
                held[other].push_back(ack->blobId);
        } else if (dice < 90 && !held[self].empty()) {
            const size_t at = random.bounded(static_cast<quint32>(held[self].size()));
            client.send(Acknowledgment {held[self][at], AckStatus::ReceivedByRecipient, {}});
            if (random.bounded(2U))
                held[self].erase(held[self].begin() + static_cast<qsizetype>(at));
        } else if (dice < 93) {
            client.send(PurgeRequest {});
            QVERIFY(client.expect<PurgeResponse>());
            held[self].clear();
        } else {
            client.sendBytes(clientFrame(OpBinary, "    not json"));
        }
    }
    for (RawClient &client : clients) {
        client.send(RecoveryProofQuery {{idOf(1)}});
        QVERIFY(client.expect<RecoveryProofResponse>());
    }
    const auto after = m_relay->metrics();
    const auto moved = [&](const char *name) { return after[name] - m_before[name]; };
    QCOMPARE(moved("relay_blobs_stored"),
        moved("relay_blobs_created_total") - moved("relay_blobs_acknowledged_total")
            - moved("relay_blobs_purged_total") - moved("relay_blobs_expired_total"));
    QVERIFY(moved("relay_blobs_acknowledged_total") > 0);
    QVERIFY(moved("relay_blobs_purged_total") > 0);
    QVERIFY(moved("relay_messages_refused_total{reason=\"quota\"}") > 0);
    double refused = 0;
    for (auto it = after.begin(); it != after.end(); ++it) {
        if (it.key().startsWith("relay_messages_refused_total{"))
            refused += it.value();
    }
    QCOMPARE(after["relay_messages_rejected_total"], refused);
    std::printf(
        "| books | random traffic | stored %g | = created %g - acknowledged %g - purged %g |\n",
        moved("relay_blobs_stored"), moved("relay_blobs_created_total"),
        moved("relay_blobs_acknowledged_total"), moved("relay_blobs_purged_total"));
}

void TestBooks::passesPromtool()
{
    QProcess promtool;
    promtool.setProcessChannelMode(QProcess::MergedChannels);
    promtool.start(
        QStringLiteral("promtool"), {QStringLiteral("check"), QStringLiteral("metrics")});
    if (!promtool.waitForStarted()) {
        QVERIFY2(!qEnvironmentVariableIsSet("RELAYTEST_REQUIRE_TOOLS"), "promtool is missing");
        QSKIP("promtool is missing: it is in Debian's package prometheus");
    }
    promtool.write(m_relay->get("/metrics"));
    promtool.closeWriteChannel();
    QVERIFY(promtool.waitForFinished());
    const QByteArray output = promtool.readAll();
    QVERIFY2(promtool.exitCode() == 0 && output.isEmpty(), output);
}

QTEST_GUILESS_MAIN(TestBooks)
#include "tst_books.moc"
