// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/postgresserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QFile>
#include <QTest>

#include <sys/stat.h>

#include <csignal>

using namespace relay;
using namespace relay::test;

/** What holds over the end of the process, a wanted one and others. */
class TestRestart : public QObject {
    Q_OBJECT

private slots:
    void losesNothingAcknowledgedWhenKilled();
    void probeHoldsBeforeAndAfterAKill();
    void answersEverythingThatArrivedBeforeItStops();
    void closesEverybodyWithGoingAway();
    void waitsForAllThreadsToCloseEverybody();
    void refusesNewConnectionsWhileItStops();
    void stopsAtOnceOnASecondSignal();
    void survivesSighup();
    void givesNoSequenceTwice();
    void keepsItsFilesToItself();
    void refusesASecondRelayOnTheFolder();
    void refusesADatabaseOfANewerVersion();
    void refusesAForeignDatabase();
    void tellsWhichPortIsInUse();
    void memoryForgetsEverythingAndSaysSo();
};

void TestRestart::losesNothingAcknowledgedWhenKilled()
{
    RelayProcess relay({{QStringLiteral("MAX_BLOBS_PER_RECIPIENT"), QStringLiteral("0")}});
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    constexpr int Acknowledged = 1000;
    constexpr int Pipelined = 3000;
    const auto content = [](int n) {
        return QByteArray::number(n) + ' ' + QByteArray(200 + n % 50, static_cast<char>(n));
    };
    QSet<int> acknowledged;
    {
        RawClient sender(relay.port());
        QVERIFY(sender.join(freshId()));
        QByteArray bytes;
        for (int n = 0; n < Pipelined; ++n)
            bytes +=
                RawClient::encode(EncryptedUpdate {WrittenId::of(bob), std::nullopt, content(n)},
                    QByteArray::number(n));
        QVERIFY(sender.sendBytes(bytes));
        for (int n = 0; n < Acknowledged; ++n) {
            const auto ack = sender.expectAck(QByteArray::number(n));
            QVERIFY(ack && ack->status == AckStatus::Stored);
            acknowledged.insert(n);
        }
        // More are on their way; what comes back before the end counts too.
        relay.kill();
        while (auto envelope = sender.receive(1000)) {
            const auto *ack = std::get_if<Acknowledgment>(&envelope->message);
            if (ack && ack->status == AckStatus::Stored)
                acknowledged.insert(ack->messageId.toInt());
        }
    }
    QVERIFY(acknowledged.size() < Pipelined);

    QVERIFY2(relay.start(), relay.log());
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    const auto held = relay.metric("relay_blobs_stored");
    QVERIFY(held && *held >= static_cast<double>(acknowledged.size()));
    int last = -1;
    for (int i = 0; i < static_cast<int>(*held); ++i) {
        const auto update = recipient.expect<EncryptedUpdate>();
        QVERIFY2(update, QByteArray::number(i));
        const int n = update->ciphertext.left(update->ciphertext.indexOf(' ')).toInt();
        QCOMPARE(update->ciphertext, content(n));
        QVERIFY(n > last);
        last = n;
        acknowledged.remove(n);
    }
    QCOMPARE(acknowledged.size(), 0);
}

void TestRestart::probeHoldsBeforeAndAfterAKill()
{
    RelayProcess relay;
    for (int i = 0; i < 2; ++i) {
        QVERIFY2(relay.start(), relay.log());
        int exitCode = -1;
        const QByteArray output = relay.run(
            {QStringLiteral("probe"), QStringLiteral("ws://127.0.0.1:%1").arg(relay.port())},
            &exitCode);
        QVERIFY2(exitCode == 0 && !output.contains("FAIL"), output);
        relay.kill();
    }
}

void TestRestart::answersEverythingThatArrivedBeforeItStops()
{
    RelayProcess relay({{QStringLiteral("DRAIN_SECS"), QStringLiteral("1")}});
    QVERIFY2(relay.start(), relay.log());
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    constexpr int Count = 500;
    QByteArray bytes;
    for (int n = 0; n < Count; ++n)
        bytes += RawClient::encode(
            EncryptedUpdate {WrittenId::of(freshId()), std::nullopt, "x"}, QByteArray::number(n));
    QVERIFY(sender.sendBytes(bytes));
    ::kill(static_cast<pid_t>(relay.pid()), SIGTERM);
    for (int n = 0; n < Count; ++n) {
        const auto ack = sender.expectAck(QByteArray::number(n));
        QVERIFY2(ack, QByteArray::number(n));
        QCOMPARE(ack->status, AckStatus::Stored);
    }
    QCOMPARE(sender.waitForClose(), 1001);
    QCOMPARE(relay.stop(), 0);
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.metric("relay_blobs_stored"), double(Count));
    // A clean stop leaves no log behind.
    QCOMPARE(relay.stop(), 0);
    QVERIFY(QFile(relay.dataDir() + QStringLiteral("/relay.db-wal")).size() == 0);
}

void TestRestart::closesEverybodyWithGoingAway()
{
    RelayProcess relay({{QStringLiteral("DRAIN_SECS"), QStringLiteral("1")}});
    QVERIFY2(relay.start(), relay.log());
    std::vector<RawClient> clients;
    for (int i = 0; i < 20; ++i) {
        clients.emplace_back(relay.port());
        QVERIFY(clients.back().join(freshId()));
    }
    ::kill(static_cast<pid_t>(relay.pid()), SIGINT);
    for (RawClient &client : clients) {
        QCOMPARE(client.waitForClose(), 1001);
        QVERIFY(!client.closeReason().isEmpty());
        client.disconnect();
    }
    QCOMPARE(relay.stop(), 0);
}

void TestRestart::waitsForAllThreadsToCloseEverybody()
{
    RelayProcess relay({{QStringLiteral("DRAIN_SECS"), QStringLiteral("1")},
        {QStringLiteral("IO_THREADS"), QStringLiteral("2")}});
    QVERIFY2(relay.start(), relay.log());
    // They go to the threads in turn; one thread keeps a single client and is done at once.
    std::vector<RawClient> clients;
    for (int i = 0; i < 40; ++i) {
        clients.emplace_back(relay.port());
        QVERIFY(clients.back().join(freshId()));
    }
    for (size_t i = 3; i < clients.size(); i += 2)
        clients[i].disconnect();
    QTRY_COMPARE(relay.metric("relay_connections_active"), 21.0);
    ::kill(static_cast<pid_t>(relay.pid()), SIGTERM);
    for (RawClient &client : clients) {
        if (!client.isConnected())
            continue;
        QCOMPARE(client.waitForClose(), 1001);
        client.disconnect();
    }
    QCOMPARE(relay.stop(), 0);
}

void TestRestart::refusesNewConnectionsWhileItStops()
{
    RelayProcess relay({{QStringLiteral("DRAIN_SECS"), QStringLiteral("3")}});
    QVERIFY2(relay.start(), relay.log());
    RawClient first(relay.port());
    RawClient second(relay.port());
    QVERIFY(first.join(freshId()));
    QVERIFY(second.join(freshId()));
    ::kill(static_cast<pid_t>(relay.pid()), SIGTERM);
    int status = 0;
    QTRY_VERIFY((relay.get("/ready", &status), status == 503));
    relay.get("/health", &status);
    QCOMPARE(status, 200);
    RawClient late(relay.port());
    QVERIFY(late.sendBytes(RawClient::upgradeRequest()));
    const QByteArray head = late.readHead();
    QVERIFY2(head.startsWith("HTTP/1.1 503 ") && head.contains("Retry-After:"), head);
    first.disconnect();
    second.disconnect();
    late.disconnect();
    QCOMPARE(relay.stop(), 0);
}

void TestRestart::stopsAtOnceOnASecondSignal()
{
    RelayProcess relay({{QStringLiteral("DRAIN_SECS"), QStringLiteral("600")}});
    QVERIFY2(relay.start(), relay.log());
    std::vector<RawClient> clients;
    for (int i = 0; i < 20; ++i) {
        clients.emplace_back(relay.port());
        QVERIFY(clients.back().join(freshId()));
    }
    ::kill(static_cast<pid_t>(relay.pid()), SIGTERM);
    int status = 0;
    QTRY_VERIFY((relay.get("/ready", &status), status == 503));
    ::kill(static_cast<pid_t>(relay.pid()), SIGTERM);
    for (RawClient &client : clients) {
        QCOMPARE(client.waitForClose(), 1001);
        client.disconnect();
    }
    QCOMPARE(relay.stop(10'000), 0);
}

void TestRestart::survivesSighup()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    ::kill(static_cast<pid_t>(relay.pid()), SIGHUP);
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    QVERIFY(client.store(freshId(), "x", freshId()));
}

void TestRestart::givesNoSequenceTwice()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    QSet<QByteArray> ids;
    for (int i = 0; i < 3; ++i) {
        RawClient client(relay.port());
        QVERIFY(client.join(bob));
        const auto stored = client.store(bob, "x", bob);
        QVERIFY(stored && !ids.contains(stored->blobId));
        ids.insert(stored->blobId);
        // The highest row is gone when the relay starts again: its number must not come back.
        client.send(PurgeRequest {});
        QVERIFY(client.expect<PurgeResponse>());
        relay.kill();
        QVERIFY2(relay.start(), relay.log());
    }
}

void TestRestart::keepsItsFilesToItself()
{
    if (isPostgresAsked())
        QSKIP("of files");
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    const auto modeOf = [](const QString &path) {
        struct stat info { };
        ::stat(QFile::encodeName(path).constData(), &info);
        return info.st_mode & 0777;
    };
    QCOMPARE(modeOf(relay.dataDir()), 0700u);
    for (const char *name : {"relay.db", "relay.db-wal", "relay.db-shm", "relay.lock"})
        QCOMPARE(modeOf(relay.dataDir() + QLatin1Char('/') + QString::fromLatin1(name)), 0600u);
}

void TestRestart::refusesASecondRelayOnTheFolder()
{
    if (isPostgresAsked())
        QSKIP("of files");
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    int exitCode = 0;
    const QByteArray output = relay.run({}, &exitCode);
    QCOMPARE(exitCode, 75);
    QVERIFY2(output.contains("Another relay") && output.contains("relay.lock"), output);
}

void TestRestart::refusesADatabaseOfANewerVersion()
{
    if (isPostgresAsked())
        QSKIP("of files");
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.stop(), 0);
    // user_version, as the file format of SQLite has it.
    QFile file(relay.dataDir() + QStringLiteral("/relay.db"));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(60));
    QCOMPARE(file.write(QByteArray::fromHex("000003e7")), 4);
    file.close();
    QVERIFY(!relay.start());
    QCOMPARE(relay.exitCode(), 78);
    QVERIFY2(relay.log().contains("newer relay (schema 999;"), relay.log());
}

void TestRestart::refusesAForeignDatabase()
{
    if (isPostgresAsked())
        QSKIP("of files");
    RelayProcess relay;
    QVERIFY(QDir().mkpath(relay.dataDir()));
    QFile file(relay.dataDir() + QStringLiteral("/relay.db"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("this is no database, and somebody may still want it\n" + QByteArray(4096, 'x'));
    file.close();
    QVERIFY(!relay.start());
    QCOMPARE(relay.exitCode(), 74);
    QVERIFY2(relay.log().contains("is damaged, or is none"), relay.log());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().startsWith("this is no database"));
}

void TestRestart::tellsWhichPortIsInUse()
{
    RelayProcess first;
    QVERIFY2(first.start(), first.log());
    const QString port = QString::number(first.port());
    RelayProcess second({{QStringLiteral("LISTEN_ADDR"), QStringLiteral("127.0.0.1:") + port}});
    QVERIFY(!second.start());
    QCOMPARE(second.exitCode(), 69);
    const QByteArray log = second.log();
    QVERIFY2(log.contains("Address already in use") && log.contains(port.toLatin1())
            && log.contains("RELAY_LISTEN_ADDR") && log.contains("lsof -i :"),
        log);
}

void TestRestart::memoryForgetsEverythingAndSaysSo()
{
    RelayProcess relay({{QStringLiteral("STORAGE_BACKEND"), QStringLiteral("memory")}});
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(relay.log().contains("restart loses everything"));
    QVERIFY(relay.get("/ready").contains("restart loses everything"));
    QCOMPARE(relay.metric("relay_storage_info{backend=\"memory\"}"), 1.0);
    const Id bob = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    QVERIFY(sender.store(bob, "x", bob));
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, "x");
    QVERIFY(!QFile::exists(relay.dataDir()));
    relay.kill();
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.metric("relay_blobs_stored"), 0.0);
}

QTEST_GUILESS_MAIN(TestRestart)
#include "tst_restart.moc"
