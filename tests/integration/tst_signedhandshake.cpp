// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/signer.h"
#include "tests/support/watching.h"

#include <QTest>

#include <thread>
#include <vector>

using namespace relay;
using namespace relay::test;

namespace {

const QByteArray SignsItsHandshakes = "this id signs its handshakes";

Handshake unsignedHandshake(const Id &client, const std::optional<Id> &routingId = std::nullopt)
{
    Handshake handshake = handshakeOf(client);
    if (routingId)
        handshake.routingToken = WrittenId::of(*routingId);
    return handshake;
}

/** The reason with which the relay refuses this handshake; empty: it does not. */
QByteArray refusal(const RelayProcess &relay, const Handshake &handshake)
{
    RawClient client(relay.port());
    if (client.join(handshake))
        return {};
    return client.waitForClose() == 1008 ? client.closeReason() : QByteArray("no Close 1008");
}

} // namespace

/** Who may use an id, on the real program. */
class TestSignedHandshake : public QObject {
    Q_OBJECT

private slots:
    void initTestCase_data();
    void protectsAnIdOnceItHasSigned();
    void closesWhoeverUsesTheIdAtItsFirstProof();
    void letsNobodyThroughBesideTheFirstProof();
    void servesWhatWasSentBehindTheHandshake();
    void refusesForgeriesAndReplays();
    void refusesUnsignedClientsIfAuthIsRequired();
    void forgetsAProofWhenToldTo();
    void protectsNobodyIfToldSo();
    void forgetsWhoHasNotSignedForLong();

private:
    static Environment environment(Environment more = {})
    {
        QFETCH_GLOBAL(QString, backend);
        more.insert(QStringLiteral("STORAGE_BACKEND"), backend);
        more.insert(QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("0"));
        return more;
    }
};

void TestSignedHandshake::initTestCase_data()
{
    QTest::addColumn<QString>("backend");
    QTest::newRow("sqlite") << QStringLiteral("sqlite");
    QTest::newRow("memory") << QStringLiteral("memory");
}

void TestSignedHandshake::protectsAnIdOnceItHasSigned()
{
    RelayProcess relay(environment());
    QVERIFY2(relay.start(), relay.log());
    const Signer alice;
    const Signer mallory;
    QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), QByteArray());
    const Counted counted(relay);
    RawClient owner(relay.port());
    const auto ack = owner.join(alice.handshake());
    QVERIFY(ack);
    QVERIFY(std::ranges::find(ack->features, "authenticated_handshake") != ack->features.end());
    QTRY_COMPARE(counted("relay_proven_ids"), 1.0);

    const auto isProtected = [&] {
        QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), SignsItsHandshakes);
        QCOMPARE(refusal(relay, unsignedHandshake(alice.id(), freshId())), SignsItsHandshakes);
        QCOMPARE(refusal(relay, unsignedHandshake(freshId(), alice.id())), SignsItsHandshakes);
        QCOMPARE(refusal(relay, mallory.handshake(alice.id())), SignsItsHandshakes);
        QCOMPARE(refusal(relay, alice.handshake()), QByteArray());
        QCOMPARE(refusal(relay, alice.handshake(freshId())), QByteArray());
        QCOMPARE(refusal(relay, mallory.handshake()), QByteArray());
        QCOMPARE(refusal(relay, unsignedHandshake(freshId())), QByteArray());
    };
    isProtected();
    QCOMPARE(counted.refused("invalid"), 4.0);
    // Anybody may send to it as before, and it is served.
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    QCOMPARE(sender.store(alice.id(), "hello", freshId())->status, AckStatus::Stored);
    QCOMPARE(owner.expect<EncryptedUpdate>()->ciphertext, QByteArray("hello"));

    QFETCH_GLOBAL(QString, backend);
    if (backend == QStringLiteral("memory"))
        return;
    relay.kill();
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.metric("relay_proven_ids"), 2.0);
    isProtected();
    QVERIFY(!relay.newestLog().contains(alice.id().toHex().left(8)));
}

void TestSignedHandshake::closesWhoeverUsesTheIdAtItsFirstProof()
{
    RelayProcess relay(environment({{QStringLiteral("IO_THREADS"), QStringLiteral("2")}}));
    QVERIFY2(relay.start(), relay.log());
    const Signer alice;
    const Signer other;
    std::vector<RawClient> squatters;
    const auto add = [&](const Handshake &handshake) {
        squatters.emplace_back(relay.port());
        QVERIFY(squatters.back().join(handshake));
    };
    add(unsignedHandshake(alice.id()));
    add(unsignedHandshake(alice.id()));
    add(unsignedHandshake(alice.id(), freshId()));
    add(unsignedHandshake(freshId(), alice.id()));
    add(other.handshake(alice.id()));
    RawClient bystander(relay.port());
    QVERIFY(bystander.join(freshId()));

    RawClient owner(relay.port());
    QVERIFY(owner.join(alice.handshake()));
    for (RawClient &squatter : squatters) {
        QCOMPARE(closeOf(squatter), 1008);
        QCOMPARE(squatter.closeReason(), SignsItsHandshakes);
    }
    // A second connection that signs closes nobody, and neither does the proof of somebody else.
    RawClient second(relay.port());
    QVERIFY(second.join(alice.handshake(freshId())));
    RawClient third(relay.port());
    QVERIFY(third.join(Signer().handshake()));
    QVERIFY(isServed(owner));
    QVERIFY(isServed(second));
    QVERIFY(isServed(bystander));
}

void TestSignedHandshake::letsNobodyThroughBesideTheFirstProof()
{
    // Unsigned handshakes race the first signed one: once it has its answer, every other
    // connection is closed, whether it came before, at the same time or after.
    RelayProcess relay(environment({{QStringLiteral("IO_THREADS"), QStringLiteral("4")}}));
    QVERIFY2(relay.start(), relay.log());
    for (int round = 0; round < 20; ++round) {
        const Signer alice;
        std::vector<RawClient> squatters;
        for (int n = 0; n < 8; ++n) {
            squatters.emplace_back(relay.port());
            QVERIFY(squatters.back().upgrade());
        }
        RawClient owner(relay.port());
        QVERIFY(owner.upgrade());
        const QByteArray theirs = RawClient::encode(unsignedHandshake(alice.id()), "h");
        const QByteArray own = RawClient::encode(alice.handshake(), "h");
        std::thread others([&] {
            for (RawClient &squatter : squatters)
                squatter.sendBytes(theirs);
        });
        owner.sendBytes(own);
        others.join();
        QVERIFY(owner.expect<HandshakeAck>());
        for (RawClient &squatter : squatters) {
            QCOMPARE(closeOf(squatter), 1008);
            QCOMPARE(squatter.closeReason(), SignsItsHandshakes);
        }
        QVERIFY(isServed(owner));
    }
}

void TestSignedHandshake::servesWhatWasSentBehindTheHandshake()
{
    RelayProcess relay(environment());
    QVERIFY2(relay.start(), relay.log());
    const Signer alice;
    const Id bob = freshId();
    constexpr int Rounds = 20;
    for (int round = 0; round < Rounds; ++round) {
        // The first round writes the proof down, the others read it.
        RawClient client(relay.port());
        QByteArray bytes = RawClient::upgradeRequest();
        bytes += RawClient::encode(alice.handshake(), "h");
        bytes += RawClient::encode(
            EncryptedUpdate {WrittenId::of(bob), {}, QByteArray::number(round)}, "u");
        QVERIFY(client.sendBytes(bytes));
        if (round % 2 == 0)
            client.shutdownOutput();
        else
            client.sendClose();
        // The relay ends the connection once everything is answered.
        client.readAll();
    }
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    for (int round = 0; round < Rounds; ++round)
        QCOMPARE(recipient.expect<EncryptedUpdate>()->ciphertext, QByteArray::number(round));
}

void TestSignedHandshake::refusesForgeriesAndReplays()
{
    RelayProcess relay(environment());
    QVERIFY2(relay.start(), relay.log());
    const Signer alice;
    const Handshake good = alice.handshake();
    Handshake forged = good;
    forged.signature->signature[10] ^= 4;
    const Counted counted(relay);
    QCOMPARE(refusal(relay, forged), QByteArray("the handshake's signature is not valid"));
    Handshake foreign = good;
    foreign.clientId = WrittenId::of(freshId());
    QCOMPARE(refusal(relay, foreign), QByteArray("the identity key is not the client_id"));
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    QVERIFY(refusal(relay, alice.handshake({}, now - 120)).startsWith("the handshake was signed"));
    QVERIFY(refusal(relay, alice.handshake({}, now + 120)).startsWith("the handshake was signed"));
    // None of these has proven anything.
    QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), QByteArray());
    QCOMPARE(refusal(relay, good), QByteArray());
    QCOMPARE(refusal(relay, good), QByteArray("the handshake's nonce was used before"));
    QCOMPARE(counted.refused("invalid"), 5.0);
    QCOMPARE(counted("relay_connection_errors_total"), 5.0);
}

void TestSignedHandshake::refusesUnsignedClientsIfAuthIsRequired()
{
    RelayProcess relay(environment({{QStringLiteral("REQUIRE_AUTH"), QStringLiteral("true")}}));
    QVERIFY2(relay.start(), relay.log());
    const Signer alice;
    QCOMPARE(refusal(relay, unsignedHandshake(freshId())),
        QByteArray("this relay asks for signed handshakes"));
    QCOMPARE(refusal(relay, alice.handshake()), QByteArray());
    // An operator can check such a relay too.
    const QString url = QStringLiteral("ws://127.0.0.1:%1").arg(relay.port());
    int exitCode = -1;
    QByteArray output = relay.run({QStringLiteral("probe"), url}, &exitCode);
    QCOMPARE(exitCode, 1);
    QVERIFY2(output.contains("this relay asks for signed handshakes"), output);
    output = relay.run({QStringLiteral("probe"), QStringLiteral("--sign"), url}, &exitCode);
    QVERIFY2(exitCode == 0, output);
}

void TestSignedHandshake::forgetsAProofWhenToldTo()
{
    RelayProcess relay(environment());
    QVERIFY2(relay.start(), relay.log());
    const Signer alice;
    const Signer other;
    RawClient owner(relay.port());
    QVERIFY(owner.join(alice.handshake()));
    QCOMPARE(refusal(relay, other.handshake()), QByteArray());
    int exitCode = -1;
    const auto forget = [&](const QByteArray &input) {
        return relay.run({QStringLiteral("forget-proof")}, &exitCode, input);
    };
    QFETCH_GLOBAL(QString, backend);
    if (backend == QStringLiteral("memory")) {
        forget(alice.id().toHex());
        QCOMPARE(exitCode, 78);
        return;
    }
    QByteArray output = forget("not an id\n");
    QVERIFY2(exitCode == 64, output);
    output = forget(freshId().toHex() + '\n');
    QVERIFY2(exitCode == 1, output);
    QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), SignsItsHandshakes);

    output = forget(alice.id().toHex().toUpper() + '\n');
    QVERIFY2(exitCode == 0, output);
    QVERIFY(!output.contains(alice.id().toHex().left(8)));
    QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), QByteArray());
    QVERIFY(isServed(owner));
    QTRY_COMPARE(relay.metric("relay_proven_ids"), 1.0);
    forget(alice.id().toHex());
    QCOMPARE(exitCode, 1);
    // It begins anew with the next signature, and the others were left alone.
    QCOMPARE(refusal(relay, alice.handshake()), QByteArray());
    QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), SignsItsHandshakes);
    QCOMPARE(refusal(relay, unsignedHandshake(other.id())), SignsItsHandshakes);
    QCOMPARE(relay.stop(), 0);
    output = forget(alice.id().toHex());
    QVERIFY2(exitCode == 0, output);
    output = relay.run({QStringLiteral("verify")}, &exitCode);
    QVERIFY2(exitCode == 0, output);
}

void TestSignedHandshake::protectsNobodyIfToldSo()
{
    RelayProcess relay(
        environment({{QStringLiteral("PROTECT_PROVEN_IDS"), QStringLiteral("false")}}));
    QVERIFY2(relay.start(), relay.log());
    const Signer alice;
    QCOMPARE(refusal(relay, alice.handshake()), QByteArray());
    QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), QByteArray());
    QCOMPARE(relay.metric("relay_proven_ids"), 0.0);
}

void TestSignedHandshake::forgetsWhoHasNotSignedForLong()
{
    RelayProcess relay(environment({{QStringLiteral("BLOB_TTL_SECS"), QStringLiteral("5")},
        {QStringLiteral("CLEANUP_INTERVAL_SECS"), QStringLiteral("1")}}));
    QVERIFY2(relay.start(), relay.log());
    const Signer alice;
    QCOMPARE(refusal(relay, alice.handshake()), QByteArray());
    QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), SignsItsHandshakes);
    QTRY_COMPARE_WITH_TIMEOUT(relay.metric("relay_proven_ids"), 0.0, 30'000);
    QCOMPARE(refusal(relay, unsignedHandshake(alice.id())), QByteArray());
}

QTEST_GUILESS_MAIN(TestSignedHandshake)
#include "tst_signedhandshake.moc"
