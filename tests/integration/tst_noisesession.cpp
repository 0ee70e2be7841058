// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/watching.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTest>
#include <QtEndian>

using namespace relay;
using namespace relay::test;

namespace {

constexpr qsizetype MaxFrame = 65519;

/** A relay without a rate limit. */
Environment environment(Environment more = {})
{
    more.insert(QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("0"));
    return more;
}

QByteArray publicKeyText(const RelayProcess &relay)
{
    return relay.get("/pubkey");
}

QByteArray publicKey(const RelayProcess &relay)
{
    return QByteArray::fromBase64(publicKeyText(relay), QByteArray::Base64UrlEncoding);
}

QString keyFile(const RelayProcess &relay)
{
    return relay.dataDir() + QStringLiteral("/relay_noise_key.bin");
}

QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void writeFile(const QString &path, const QByteArray &bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(bytes) != bytes.size())
        qFatal("cannot write a file");
}

/** In a Noise session, with its handshake done. */
std::optional<HandshakeAck> joinThroughNoise(
    RawClient &client, const RelayProcess &relay, const Id &id)
{
    if (!client.upgrade() || !client.startNoise(publicKey(relay)))
        return std::nullopt;
    return client.join(id);
}

} // namespace

/** Noise sessions and their key, on the real program. */
class TestNoiseSession : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void carriesTheWholeProtocol();
    void mixesWithPlainClients();
    void saysSoAndWhatFits();
    void servesWhatSharesASegment();
    void carriesTheLargestFrame();
    void keepsWhatDoesNotFit();
    void deliversTheRestBesideWhatDoesNotFit();
    void closesWhenAnAnswerDoesNotFit();
    void truncatesProofsToWhatFits();
    void endsAtTheFirstForgery_data();
    void endsAtTheFirstForgery();
    void refusesAHelloForAnotherKey();
    void takesALittleLessThanAHelloForAFrame();
    void refusesPlaintextIfNoiseIsRequired();
    // the key
    void makesAKeyAndKeepsIt();
    void showsItsPublicKeyOnBothPorts();
    void refusesAKeyFileThatIsNone_data();
    void refusesAKeyFileThatIsNone();
    void takesTheKeyFromTheEnvironment();
    void refusesAKeyInTheEnvironmentThatIsNone();
    void hidesTheKey();
    void makesAKeyEachTimeInMemory();
    void printsAKeyThatARelayTakes();
    void printsTheKeyOfAFile();

private:
    RelayProcess m_relay {environment()};
};

void TestNoiseSession::initTestCase()
{
    QVERIFY2(m_relay.start(), m_relay.log());
}

void TestNoiseSession::carriesTheWholeProtocol()
{
    const Id alice = freshId();
    const Id bob = freshId();
    const Counted counted(m_relay);
    RawClient sender(m_relay.port());
    QVERIFY(joinThroughNoise(sender, m_relay, alice));
    const auto stored = sender.store(bob, "hello", alice);
    QCOMPARE(stored->status, AckStatus::Stored);
    RawClient recipient(m_relay.port());
    QVERIFY(joinThroughNoise(recipient, m_relay, bob));
    Envelope envelope;
    const auto update = recipient.expect<EncryptedUpdate>(&envelope);
    QCOMPARE(update->ciphertext, QByteArray("hello"));
    QCOMPARE(update->senderId, WrittenId::of(alice));
    QCOMPARE(sender.expectAck(stored->messageId)->status, AckStatus::Delivered);
    recipient.send(Acknowledgment {envelope.messageId, AckStatus::ReceivedByRecipient, {}});
    QCOMPARE(sender.expectAck(stored->messageId)->status, AckStatus::ReceivedByRecipient);
    // Live, and a purge.
    QCOMPARE(sender.store(bob, "live", alice)->status, AckStatus::Stored);
    QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, QByteArray("live"));
    recipient.send(PurgeRequest {});
    QCOMPARE(recipient.expect<PurgeResponse>()->blobsDeleted, 1u);
    // Two first messages of Noise, two handshakes, two stores, an ack, a purge.
    QCOMPARE(counted("relay_messages_received_total"), 8.0);
    QCOMPARE(counted("relay_messages_rejected_total"), 0.0);
}

void TestNoiseSession::mixesWithPlainClients()
{
    const Id bob = freshId();
    RawClient plain(m_relay.port());
    QVERIFY(plain.join(freshId()));
    RawClient one(m_relay.port());
    QVERIFY(joinThroughNoise(one, m_relay, bob));
    RawClient two(m_relay.port());
    QVERIFY(two.join(bob));
    QCOMPARE(plain.store(bob, "to both", freshId())->status, AckStatus::Stored);
    QCOMPARE(one.expect<EncryptedUpdate>()->ciphertext, QByteArray("to both"));
    QCOMPARE(two.expect<EncryptedUpdate>()->ciphertext, QByteArray("to both"));
}

void TestNoiseSession::saysSoAndWhatFits()
{
    RawClient noisy(m_relay.port());
    const auto ack = joinThroughNoise(noisy, m_relay, freshId());
    QVERIFY(ack);
    const auto &names = ack->features;
    const auto place = std::ranges::find(names, "noise_nk");
    QVERIFY(place != names.begin() && place != names.end());
    QCOMPARE(*(place - 1), QByteArray("authenticated_handshake"));
    QCOMPARE(ack->limits->maxMessageSize, quint64(MaxFrame));
    RelayProcess small(environment({{QStringLiteral("MAX_MESSAGE_SIZE"), QStringLiteral("5000")}}));
    QVERIFY2(small.start(), small.log());
    RawClient tight(small.port());
    const auto smallAck = joinThroughNoise(tight, small, freshId());
    QCOMPARE(smallAck->limits->maxMessageSize, 4984u);
    const QByteArray base = R"({"version":1,"message_id":"p","timestamp":1,"payload":)"
                            R"({"type":"PurgeRequest","x":"")";
    const auto send = [&](qsizetype size) {
        const QByteArray json = base + QByteArray(size - 4 - base.size() - 2, ' ') + "}}";
        QByteArray frame(4, '\0');
        qToBigEndian(static_cast<quint32>(json.size()), frame.data());
        tight.sendFrame(frame + json);
    };
    send(4984);
    QVERIFY(tight.expect<PurgeResponse>());
    send(4985);
    QCOMPARE(closeOf(tight), 1009);
}

void TestNoiseSession::servesWhatSharesASegment()
{
    // A client cannot know the session's keys before the answer, but all after it may come at once.
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.upgrade());
    QVERIFY(sender.startNoise(publicKey(m_relay)));
    QByteArray bytes = sender.wrap(encodeFrame({"h", 1, handshakeOf(freshId())}));
    for (int n = 0; n < 50; ++n)
        bytes += sender.wrap(
            encodeFrame({"u", 1, EncryptedUpdate {WrittenId::of(bob), {}, QByteArray::number(n)}}));
    sender.sendBytes(bytes);
    sender.sendClose();
    RawClient recipient(m_relay.port());
    QVERIFY(joinThroughNoise(recipient, m_relay, bob));
    for (int n = 0; n < 50; ++n)
        QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, QByteArray::number(n));
}

void TestNoiseSession::carriesTheLargestFrame()
{
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(joinThroughNoise(sender, m_relay, freshId()));
    // Zeros are one digit each in JSON, so the frame's size can be chosen to the byte.
    EncryptedUpdate update {WrittenId::of(bob), WrittenId::of(bob), {}};
    const qsizetype empty = encodeFrame({"message-1", 1'000'000'000, update}).size();
    // Two characters for each byte but the first, and one letter of the id to fill up.
    update.ciphertext = QByteArray((MaxFrame - empty) / 2, '\0');
    QByteArray frame;
    QByteArray id = "message-1";
    while ((frame = encodeFrame({id, 1'000'000'000, update})).size() < MaxFrame)
        id += '+';
    QCOMPARE(frame.size(), MaxFrame);
    QVERIFY(sender.sendFrame(frame));
    QCOMPARE(sender.expectAck(id)->status, AckStatus::Stored);
    // Delivered under the longer id of the blob it does not fit; through a plain connection it
    // does.
    RawClient recipient(m_relay.port());
    QVERIFY(recipient.join(bob));
    QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, update.ciphertext);
}

void TestNoiseSession::keepsWhatDoesNotFit()
{
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(freshId()));
    const QByteArray large(40'000, '\xff');
    const auto stored = sender.store(bob, large, freshId());
    QCOMPARE(stored->status, AckStatus::Stored);
    const Counted counted(m_relay);
    {
        RawClient noisy(m_relay.port());
        QVERIFY(joinThroughNoise(noisy, m_relay, bob));
        QTRY_COMPARE(counted("relay_blobs_undeliverable"), 1.0);
        QVERIFY(isServed(noisy));
        QCOMPARE(counted("relay_blobs_delivered_total"), 0.0);
    }
    QTRY_COMPARE(counted("relay_blobs_undeliverable"), 0.0);
    // The sender was not told that it arrived: the next receipt is the one of the plain delivery.
    QVERIFY(isServed(sender));
    RawClient plain(m_relay.port());
    QVERIFY(plain.join(bob));
    QCOMPARE(plain.expect<EncryptedUpdate>()->ciphertext, large);
    QCOMPARE(sender.expectAck(stored->messageId)->status, AckStatus::Delivered);
    QCOMPARE(counted("relay_blobs_delivered_total"), 1.0);
}

void TestNoiseSession::deliversTheRestBesideWhatDoesNotFit()
{
    const Id bob = freshId();
    RawClient sender(m_relay.port());
    QVERIFY(sender.join(freshId()));
    const QByteArray large(40'000, '\xff');
    const auto send = [&](const QByteArray &bytes) {
        QCOMPARE(sender.store(bob, bytes, freshId())->status, AckStatus::Stored);
    };
    send("first");
    send(large);
    send("second");
    RawClient noisy(m_relay.port());
    QVERIFY(joinThroughNoise(noisy, m_relay, bob));
    QCOMPARE(noisy.expect<EncryptedUpdate>()->ciphertext, QByteArray("first"));
    QCOMPARE(noisy.expect<EncryptedUpdate>()->ciphertext, QByteArray("second"));
    send(large);
    send("third");
    QCOMPARE(noisy.expect<EncryptedUpdate>()->ciphertext, QByteArray("third"));
}

void TestNoiseSession::closesWhenAnAnswerDoesNotFit()
{
    RawClient client(m_relay.port());
    QVERIFY(joinThroughNoise(client, m_relay, freshId()));
    // The answer has more beside the id than this request.
    const auto purge = [&](qsizetype idSize) {
        const QByteArray json = R"({"version":1,"message_id":")" + QByteArray(idSize, 'x')
            + R"(","timestamp":1,"payload":{"type":"PurgeRequest"}})";
        QByteArray frame(4, '\0');
        qToBigEndian(static_cast<quint32>(json.size()), frame.data());
        client.sendFrame(frame + json);
    };
    purge(65'300);
    QVERIFY(client.expect<PurgeResponse>());
    purge(65'430);
    QCOMPARE(closeOf(client), 1008);
}

void TestNoiseSession::truncatesProofsToWhatFits()
{
    RelayProcess relay(
        environment({{QStringLiteral("RECOVERY_RATE_LIMIT_PER_MIN"), QStringLiteral("0")}}));
    QVERIFY2(relay.start(), relay.log());
    RawClient client(relay.port());
    QVERIFY(joinThroughNoise(client, relay, freshId()));
    std::vector<Id> hashes;
    for (int n = 0; n < 4; ++n) {
        hashes.push_back(freshId());
        const QByteArray id =
            client.send(RecoveryProofStore {hashes.back(), QByteArray(10'000, '\0')});
        QCOMPARE(client.expectAck(id)->status, AckStatus::Stored);
    }
    client.send(RecoveryProofQuery {hashes});
    const auto response = client.expect<RecoveryProofResponse>();
    QVERIFY(response);
    QVERIFY(response->truncated);
    QCOMPARE(response->proofs.size(), size_t(3));
}

void TestNoiseSession::endsAtTheFirstForgery_data()
{
    QTest::addColumn<bool>("isHandshakeDone");
    QTest::addColumn<QByteArray>("message");
    for (const bool done : {false, true}) {
        const QByteArray when = done ? "later" : "first";
        QTest::newRow(when + ": plaintext") << done << encodeFrame({"m", 1, PurgeRequest {}});
        QTest::newRow(when + ": empty") << done << QByteArray("");
        QTest::newRow(when + ": random") << done << QByteArray(100, 'r');
        QTest::newRow(when + ": too large") << done << QByteArray(65'536, 'r');
        QTest::newRow(when + ": another hello")
            << done << QByteArray("\0V2", 3) + QByteArray(48, 'r');
    }
}

void TestNoiseSession::endsAtTheFirstForgery()
{
    QFETCH(bool, isHandshakeDone);
    QFETCH(QByteArray, message);
    RawClient client(m_relay.port());
    QVERIFY(client.upgrade());
    QVERIFY(client.startNoise(publicKey(m_relay)));
    if (isHandshakeDone)
        QVERIFY(client.join(freshId()));
    const Counted counted(m_relay);
    client.sendBytes(clientFrame(OpBinary, message));
    QCOMPARE(closeOf(client), 1008);
    QCOMPARE(counted.refused("undecodable"), 1.0);
    QCOMPARE(counted("relay_messages_received_total"), 1.0);
    QCOMPARE(counted("relay_connection_errors_total"), 1.0);
}

void TestNoiseSession::refusesAHelloForAnotherKey()
{
    const Counted counted(m_relay);
    RawClient client(m_relay.port());
    QVERIFY(client.upgrade());
    NoiseInitiator stranger(QByteArray(32, 9));
    client.sendBytes(clientFrame(OpBinary, QByteArray("\0V2", 3) + stranger.firstMessage()));
    QCOMPARE(closeOf(client), 1008);
    QCOMPARE(counted.refused("undecodable"), 1.0);
}

void TestNoiseSession::takesALittleLessThanAHelloForAFrame()
{
    RawClient client(m_relay.port());
    QVERIFY(client.upgrade());
    client.sendBytes(clientFrame(OpBinary, QByteArray("\0V2", 3) + QByteArray(47, 'r')));
    QCOMPARE(closeOf(client), 1007);
    // Later it is a frame like any other that does not decode.
    RawClient member(m_relay.port());
    QVERIFY(member.join(freshId()));
    NoiseInitiator late(publicKey(m_relay));
    member.sendBytes(clientFrame(OpBinary, QByteArray("\0V2", 3) + late.firstMessage()));
    QVERIFY(isServed(member));
}

void TestNoiseSession::refusesPlaintextIfNoiseIsRequired()
{
    RelayProcess relay(environment({{QStringLiteral("REQUIRE_NOISE"), QStringLiteral("true")}}));
    QVERIFY2(relay.start(), relay.log());
    RawClient plain(relay.port());
    QVERIFY(!plain.join(freshId()));
    QCOMPARE(closeOf(plain), 1008);
    QCOMPARE(plain.closeReason(), QByteArray("this relay asks for Noise"));
    RawClient noisy(relay.port());
    QVERIFY(joinThroughNoise(noisy, relay, freshId()));
    // What nobody could fetch from such a relay is not taken. 200 characters short of it, it is.
    const auto storeOf = [&](qsizetype size) {
        // Of a zero, JSON has two characters.
        return noisy.store(freshId(), QByteArray(size / 2, '\0'), freshId())->status;
    };
    const qsizetype envelope =
        encodeFrame({"message-000000000001", 1'700'000'000, EncryptedUpdate {{}, WrittenId {}, {}}})
            .size();
    QCOMPARE(storeOf(MaxFrame - envelope), AckStatus::Failed);
    QCOMPARE(storeOf(MaxFrame - envelope - 200), AckStatus::Stored);
    // An operator can check such a relay.
    const QString url = QStringLiteral("ws://127.0.0.1:%1").arg(relay.port());
    const QString probe = QStringLiteral("probe");
    const QString noise = QStringLiteral("--noise");
    const QString key = QString::fromLatin1(publicKeyText(relay));
    int exitCode = -1;
    QByteArray output = relay.run({probe, noise, key, url}, &exitCode);
    QVERIFY2(exitCode == 0, output);
    output = relay.run({probe, noise, key, QStringLiteral("--sign"), url}, &exitCode);
    QVERIFY2(exitCode == 0, output);
    output = relay.run({probe, url}, &exitCode);
    QCOMPARE(exitCode, 1);
    QVERIFY2(output.contains("this relay asks for Noise"), output);
    output = relay.run({probe, noise,
                           QString::fromLatin1(QByteArray(32, 9).toBase64(
                               QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)),
                           url},
        &exitCode);
    QCOMPARE(exitCode, 1);
    QVERIFY2(output.contains("is not for this relay's key"), output);
    output = relay.run({probe, noise, key.chopped(1), url}, &exitCode);
    QCOMPARE(exitCode, 64);
}

// ---- the key ----

void TestNoiseSession::makesAKeyAndKeepsIt()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    const QByteArray text = publicKeyText(relay);
    QCOMPARE(text.size(), 43);
    const QByteArray bytes = readFile(keyFile(relay));
    QCOMPARE(bytes.size(), 64);
    QCOMPARE(bytes.last(32), publicKey(relay));
    const auto permissions = QFile::permissions(keyFile(relay));
    QCOMPARE(
        permissions & ~(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser),
        QFile::Permissions());
    QCOMPARE(relay.stop(), 0);
    // One that was killed while it made its key has left a part of it.
    writeFile(keyFile(relay) + QStringLiteral(".partial"), "half");
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(publicKeyText(relay), text);
    QCOMPARE(readFile(keyFile(relay)), bytes);
}

void TestNoiseSession::showsItsPublicKeyOnBothPorts()
{
    const HttpAnswer answer =
        HttpAnswer::of(httpExchange(m_relay.port(), "GET /pubkey HTTP/1.1\r\nHost: r\r\n\r\n"));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.body, publicKeyText(m_relay));
    const HttpAnswer head =
        HttpAnswer::of(httpExchange(m_relay.port(), "HEAD /pubkey HTTP/1.1\r\nHost: r\r\n\r\n"));
    QCOMPARE(head.status, 200);
    QVERIFY(head.body.isEmpty());
}

void TestNoiseSession::refusesAKeyFileThatIsNone_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("short") << QByteArray(63, 'k');
    QTest::newRow("long") << QByteArray(65, 'k');
    QTest::newRow("halves that do not fit") << QByteArray(64, 'k');
    QTest::newRow("text") << QByteArray("not a key at all, but the notes of somebody\n");
}

void TestNoiseSession::refusesAKeyFileThatIsNone()
{
    QFETCH(QByteArray, bytes);
    RelayProcess relay;
    writeFile(keyFile(relay), bytes);
    QVERIFY(!relay.start());
    QCOMPARE(relay.exitCode(), 78);
    QVERIFY2(relay.log().contains("relay_noise_key.bin is not a Noise key"), relay.log());
    QCOMPARE(readFile(keyFile(relay)), bytes);
}

void TestNoiseSession::takesTheKeyFromTheEnvironment()
{
    const QByteArray bytes = readFile(keyFile(m_relay));
    const QByteArray text = bytes.toBase64(QByteArray::Base64UrlEncoding);
    const QByteArray withoutPadding =
        bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    for (const QByteArray &given : {text, withoutPadding}) {
        RelayProcess relay({{QStringLiteral("NOISE_STATIC_KEY"), QString::fromLatin1(given)}});
        QVERIFY2(relay.start(), relay.log());
        QCOMPARE(publicKeyText(relay), publicKeyText(m_relay));
        QVERIFY(!QFile::exists(keyFile(relay)));
        RawClient client(relay.port());
        QVERIFY(joinThroughNoise(client, relay, freshId()));
    }
    RelayProcess relay;
    const QString path = relay.dataDir() + QStringLiteral("/../secret");
    writeFile(path, text + '\n');
    relay.set(QStringLiteral("NOISE_STATIC_KEY_FILE"), path);
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(publicKeyText(relay), publicKeyText(m_relay));
}

void TestNoiseSession::refusesAKeyInTheEnvironmentThatIsNone()
{
    const QByteArray wrong = QByteArray(64, 'k').toBase64(QByteArray::Base64UrlEncoding);
    for (const QByteArray &given : {wrong, QByteArray("AAAA"), QByteArray("not*base64url")}) {
        RelayProcess relay({{QStringLiteral("NOISE_STATIC_KEY"), QString::fromLatin1(given)}});
        QVERIFY(!relay.start());
        QCOMPARE(relay.exitCode(), 78);
        QVERIFY2(relay.log().contains("RELAY_NOISE_STATIC_KEY"), relay.log());
        QVERIFY2(!relay.log().contains(given), relay.log());
        int exitCode = -1;
        const QByteArray output = relay.run({QStringLiteral("check-config")}, &exitCode);
        QVERIFY2(exitCode == 78, output);
    }
}

void TestNoiseSession::hidesTheKey()
{
    const QByteArray text = readFile(keyFile(m_relay)).toBase64(QByteArray::Base64UrlEncoding);
    RelayProcess relay({{QStringLiteral("NOISE_STATIC_KEY"), QString::fromLatin1(text)}});
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(!relay.newestLog().contains(text.left(16)));
    const QByteArray variables = readFile(QStringLiteral("/proc/%1/environ").arg(relay.pid()));
    QVERIFY(variables.contains("RELAY_NOISE_STATIC_KEY="));
    QVERIFY(!variables.contains(text.left(16)));
    int exitCode = -1;
    const QByteArray output = relay.run({QStringLiteral("print-config")}, &exitCode);
    QCOMPARE(exitCode, 0);
    QVERIFY2(output.contains("RELAY_NOISE_STATIC_KEY=<set>"), output);
    QVERIFY(!output.contains(text.left(16)));
}

void TestNoiseSession::makesAKeyEachTimeInMemory()
{
    RelayProcess relay({{QStringLiteral("STORAGE_BACKEND"), QStringLiteral("memory")}});
    QVERIFY2(relay.start(), relay.log());
    const QByteArray first = publicKeyText(relay);
    QCOMPARE(first.size(), 43);
    RawClient client(relay.port());
    QVERIFY(joinThroughNoise(client, relay, freshId()));
    QCOMPARE(relay.stop(), 0);
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(publicKeyText(relay) != first);
}

void TestNoiseSession::printsAKeyThatARelayTakes()
{
    RelayProcess relay(environment());
    int exitCode = -1;
    const QStringList command {QStringLiteral("noise-key")};
    const QByteArray printed = relay.run(command, &exitCode);
    QCOMPARE(exitCode, 0);
    QCOMPARE(printed.size(), 87); // 64 bytes and the end of the line
    QVERIFY(printed.endsWith('\n'));
    QVERIFY(relay.run(command, &exitCode) != printed);
    QVERIFY(!QFileInfo::exists(relay.dataDir()));
    relay.set(QStringLiteral("NOISE_STATIC_KEY"), QString::fromLatin1(printed.trimmed()));
    QVERIFY2(relay.start(), relay.log());
    const QByteArray key = QByteArray::fromBase64(printed, QByteArray::Base64UrlEncoding);
    QCOMPARE(publicKey(relay), key.mid(32));
}

void TestNoiseSession::printsTheKeyOfAFile()
{
    RelayProcess relay(
        environment({{QStringLiteral("STORAGE_BACKEND"), QStringLiteral("sqlite")}}));
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.stop(), 0);
    int exitCode = -1;
    const auto print = [&](const QStringList &files) {
        return relay.run(QStringList {QStringLiteral("noise-key")} + files, &exitCode);
    };
    const QByteArray printed = print({keyFile(relay)});
    QCOMPARE(exitCode, 0);
    QCOMPARE(QByteArray::fromBase64(printed.trimmed(), QByteArray::Base64UrlEncoding),
        readFile(keyFile(relay)));

    print({relay.dataDir() + QStringLiteral("/none")});
    QCOMPARE(exitCode, 78);
    print({QStringLiteral("--wrong")});
    QCOMPARE(exitCode, 64);
    print({keyFile(relay), keyFile(relay)});
    QCOMPARE(exitCode, 64);
    const QByteArray half = readFile(keyFile(relay)).left(32);
    writeFile(keyFile(relay), half + QByteArray(32, 'x'));
    const QByteArray refused = print({keyFile(relay)});
    QCOMPARE(exitCode, 78);
    QVERIFY2(refused.contains("not a Noise key"), refused);
    QVERIFY(!refused.contains(half.toBase64(QByteArray::Base64UrlEncoding).left(20)));
}

QTEST_GUILESS_MAIN(TestNoiseSession)
#include "tst_noisesession.moc"
