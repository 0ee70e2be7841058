// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/noise.h"
#include "tests/support/noiseinitiator.h"

#include <QTest>

using namespace relay;
using namespace relay::test;

namespace {

QByteArray hex(const char *text)
{
    return QByteArray::fromHex(text);
}

NoiseKey keyOf(const QByteArray &privateKey)
{
    SecretBytes<32> bytes;
    if (privateKey.size() != 32)
        qFatal("not a private key");
    std::copy(privateKey.begin(), privateKey.end(), bytes.bytes.begin());
    return NoiseKey::fromPrivate(bytes);
}

QByteArray bytesOf(const NoisePublicKey &key)
{
    return {reinterpret_cast<const char *>(key.data()), static_cast<qsizetype>(key.size())};
}

struct Exchange {
    QByteArray payload;
    QByteArray ciphertext;
};

struct Vector {
    QByteArray prologue;
    QByteArray initiatorEphemeral;
    QByteArray responderPublic;
    QByteArray responderStatic;
    QByteArray responderEphemeral;
    QByteArray handshakeHash;
    QList<Exchange> messages;
};

/** The published vectors of Noise_NK_25519_ChaChaPoly_BLAKE2s: of cacophony and of snow. */
QList<Vector> publishedVectors()
{
    return {
        {hex("4a6f686e2047616c74"),
            hex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"),
            hex("31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62"),
            hex("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"),
            hex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"),
            hex("d7244d974066aae2376f7ba5534f60a6e4e82cd7c9751e226cae3928e6b49f14"),
            {{hex("4c756477696720766f6e204d69736573"),
                 hex("ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
                     "54ae7612d1724af42adb130160a9a94e67b5b169b4e00c189f6467cd17eb7cad")},
                {hex("4d757272617920526f746862617264"),
                    hex("95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
                        "986a5c929337e337ac8b4a074af12ab9f76318a5f18c8b599a443af07383ce")},
                {hex("462e20412e20486179656b"),
                    hex("550027c7a5d450017bcb5e12b8253b1c53fd2213aeda84891d5f95")},
                {hex("4361726c204d656e676572"),
                    hex("dfbce0c38210ccee35e830aca9dd8b8b3997b933e75bfc8864b759")},
                {hex("4a65616e2d426170746973746520536179"),
                    hex("4c487a88330c7c65e44d430addf3d92d2a15b081a2892b96693e00b68aec0adac2")},
                {hex("457567656e2042f6686d20766f6e2042617765726b"),
                    hex("471cb9f8252d8ae7b25c93f4b4aebdbf25e5baa23f14bc743559e3ef7fd065e6"
                        "9cfaef55ee")}}},
        {hex("5468657265206973206e6f20726967687420616e642077726f6e672e2054686572652773206f6e6c79206"
             "6"
             "756e20616e6420626f72696e672e"),
            hex("ffa34a634fe8c0472b389a4a6f58bd83fcbd1f1485dbbe661e473e0cf9d10772"),
            hex("7d958d08584166c79388f9cacc925205bd71cd4f0a7167b308f324a7c6e74942"),
            hex("16c132139807b0bd6c786c0c792fcb8d6380e4979508bbfd88f0b1baad1962d9"),
            hex("49465a1c3a46e85fb871fc6693888cb991ae0fee45cf69c3483333dabbdbc362"), {},
            {{hex("593f5bfced9397e5353babc5db89435febc360236d7179a911ad63d9df1223fa"),
                 hex("bbf0662c62550991df598de36eb5536bf88aa4bdd62a431456910014e1b2de18"
                     "cc3a90dbf42617172f858f26eb4bd44171c705966fd75c48e2bc13935dc6c26f"
                     "a61a31032c4ab9fa07dc36ba4c0c6448")},
                {hex("655871b39a3c53efbbb9a85babf8ae4612d3f061e0b1197d53591893901277d9"),
                    hex("bdc24a2702400fa23cb9d92db2dfeb2c25b12ae20536cc2fbb5938435339bb5c"
                        "7c41e11daaf11c6846c33357bd78509b63d13653adb6e90a2b9497d438c9a3df"
                        "7ecc6600966d099c3cd8a673fe239ef4")}}},
    };
}

} // namespace

class TestNoise : public QObject {
    Q_OBJECT

private slots:
    void agreesWithPublishedVectors();
    void refusesAnyOtherBit();
    void refusesAnotherKeyAndAnotherPrologue();
    void refusesTheWrongSize();
    void refusesKeysThatMakeNoSecret_data();
    void refusesKeysThatMakeNoSecret();
    void understandsAnotherImplementation();
    void countsItsMessages();
    void carriesUpToTheLimit();
    void keepsKeysAsBytes();
    void writesPublicKeysAsText();
};

void TestNoise::agreesWithPublishedVectors()
{
    for (const Vector &vector : publishedVectors()) {
        const NoiseKey responderKey = keyOf(vector.responderStatic);
        QCOMPARE(bytesOf(responderKey.publicKey()), vector.responderPublic);
        auto initiator = NoiseHandshake::initiator(
            responderKey.publicKey(), vector.prologue, keyOf(vector.initiatorEphemeral));
        auto responder = NoiseHandshake::responder(
            responderKey, vector.prologue, keyOf(vector.responderEphemeral));

        QCOMPARE(initiator.write(vector.messages[0].payload), vector.messages[0].ciphertext);
        QCOMPARE(responder.read(vector.messages[0].ciphertext), vector.messages[0].payload);
        QCOMPARE(responder.write(vector.messages[1].payload), vector.messages[1].ciphertext);
        QCOMPARE(initiator.read(vector.messages[1].ciphertext), vector.messages[1].payload);
        QCOMPARE(initiator.hash(), responder.hash());
        if (!vector.handshakeHash.isEmpty())
            QCOMPARE(initiator.hash(), vector.handshakeHash);

        NoiseTransport first = initiator.split();
        NoiseTransport second = responder.split();
        for (qsizetype i = 2; i < vector.messages.size(); ++i) {
            NoiseTransport &from = i % 2 == 0 ? first : second;
            NoiseTransport &to = i % 2 == 0 ? second : first;
            QCOMPARE(from.send.encrypt(vector.messages[i].payload), vector.messages[i].ciphertext);
            QCOMPARE(to.receive.decrypt(vector.messages[i].ciphertext), vector.messages[i].payload);
        }
    }
}

void TestNoise::refusesAnyOtherBit()
{
    const NoiseKey key = NoiseKey::generate();
    const QByteArray message = NoiseHandshake::initiator(key.publicKey()).write();
    QCOMPARE(message.size(), NoiseHandshake::MessageSize);
    QCOMPARE(NoiseHandshake::responder(key).read(message), QByteArray());
    for (qsizetype bit = 0; bit < message.size() * 8; ++bit) {
        // X25519 does not look at the last bit of a public key, but the hash does.
        QByteArray damaged = message;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        QVERIFY2(!NoiseHandshake::responder(key).read(damaged), QByteArray::number(bit));
    }
    auto responder = NoiseHandshake::responder(key);
    auto initiator = NoiseHandshake::initiator(key.publicKey());
    QVERIFY(responder.read(initiator.write()));
    const QByteArray answer = responder.write();
    QCOMPARE(initiator.read(answer), QByteArray());
    NoiseTransport transport = responder.split();
    const QByteArray sealed = initiator.split().send.encrypt("frame");
    for (qsizetype bit = 0; bit < sealed.size() * 8; ++bit) {
        QByteArray damaged = sealed;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        NoiseTransport fresh = responder.split();
        QVERIFY(!fresh.receive.decrypt(damaged));
    }
    QCOMPARE(transport.receive.decrypt(sealed), QByteArray("frame"));
}

void TestNoise::refusesAnotherKeyAndAnotherPrologue()
{
    const NoiseKey key = NoiseKey::generate();
    const QByteArray message = NoiseHandshake::initiator(key.publicKey()).write();
    QVERIFY(!NoiseHandshake::responder(NoiseKey::generate()).read(message));
    QVERIFY(!NoiseHandshake::responder(key, "prologue").read(message));
}

void TestNoise::refusesTheWrongSize()
{
    const NoiseKey key = NoiseKey::generate();
    const QByteArray message = NoiseHandshake::initiator(key.publicKey()).write();
    for (qsizetype size = 0; size < message.size(); ++size)
        QVERIFY(!NoiseHandshake::responder(key).read(message.first(size)));
    QVERIFY(!NoiseHandshake::responder(key).read(message + '\0'));
    QVERIFY(!NoiseHandshake::responder(key).read(message + QByteArray(100'000, '\0')));
    NoiseCipher cipher {SecretBytes<32>()};
    for (qsizetype size = 0; size < NoiseCipher::TagSize; ++size)
        QVERIFY(!cipher.decrypt(QByteArray(size, '\0')));
}

void TestNoise::refusesKeysThatMakeNoSecret_data()
{
    // The points of small order of Curve25519: whatever the private key, the result is zero.
    QTest::addColumn<QByteArray>("key");
    const char *const keys[] {"0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
    for (const char *key : keys)
        QTest::newRow(key) << hex(key);
}

void TestNoise::refusesKeysThatMakeNoSecret()
{
    QFETCH(QByteArray, key);
    NoisePublicKey weak;
    std::copy(key.begin(), key.end(), weak.begin());
    QVERIFY(!NoiseKey::generate().sharedWith(weak));
    QVERIFY(!NoiseHandshake::responder(NoiseKey::generate()).read(key + QByteArray(16, '\0')));
}

void TestNoise::understandsAnotherImplementation()
{
    for (int round = 0; round < 50; ++round) {
        const NoiseKey key = NoiseKey::generate();
        NoiseInitiator client(bytesOf(key.publicKey()));
        auto responder = NoiseHandshake::responder(key);
        QCOMPARE(responder.read(client.firstMessage()), QByteArray());
        QVERIFY(client.finish(responder.write()));
        NoiseTransport transport = responder.split();
        for (int n = 0; n < 20; ++n) {
            const QByteArray text(n * 97, static_cast<char>(n));
            QCOMPARE(transport.receive.decrypt(client.encrypt(text)), text);
            QCOMPARE(client.decrypt(transport.send.encrypt(text)), text);
        }
    }
}

void TestNoise::countsItsMessages()
{
    const SecretBytes<32> key;
    NoiseCipher sender(key);
    const QByteArray first = sender.encrypt("one");
    const QByteArray second = sender.encrypt("one");
    QVERIFY(first != second);
    NoiseCipher receiver(key);
    QCOMPARE(receiver.decrypt(first), QByteArray("one"));
    QVERIFY(!receiver.decrypt(first)); // a repeat
    NoiseCipher other(key);
    QVERIFY(!other.decrypt(second)); // out of order
}

void TestNoise::carriesUpToTheLimit()
{
    const SecretBytes<32> key;
    NoiseCipher sender(key);
    NoiseCipher receiver(key);
    const QByteArray largest(NoiseCipher::MaxPlaintextSize, 'x');
    QCOMPARE(largest.size(), 65519);
    const QByteArray message = sender.encrypt(largest);
    QCOMPARE(message.size(), NoiseCipher::MaxMessageSize);
    QCOMPARE(receiver.decrypt(message), largest);
    QVERIFY(!receiver.decrypt(QByteArray(NoiseCipher::MaxMessageSize + 1, 'x')));
}

void TestNoise::keepsKeysAsBytes()
{
    const NoiseKey key = NoiseKey::generate();
    const QByteArray bytes = key.toBytes();
    QCOMPARE(bytes.size(), NoiseKey::Size);
    const auto again = NoiseKey::fromBytes(bytes);
    QVERIFY(again);
    QCOMPARE(again->publicKey(), key.publicKey());
    QCOMPARE(again->toBytes(), bytes);
    QVERIFY(!NoiseKey::fromBytes(bytes.first(63)));
    QVERIFY(!NoiseKey::fromBytes(bytes + '\0'));
    QVERIFY(!NoiseKey::fromBytes(bytes.last(32) + bytes.first(32)));
    QVERIFY(!NoiseKey::fromBytes(bytes.first(32) + NoiseKey::generate().toBytes().last(32)));
    QVERIFY(NoiseKey::generate().toBytes() != NoiseKey::generate().toBytes());
}

void TestNoise::writesPublicKeysAsText()
{
    for (int round = 0; round < 100; ++round) {
        const NoisePublicKey key = NoiseKey::generate().publicKey();
        const QByteArray text = toText(key);
        QCOMPARE(text.size(), 43);
        QVERIFY(!text.contains('+') && !text.contains('/') && !text.contains('='));
        QCOMPARE(noisePublicKeyFromText(text), key);
        QVERIFY(!noisePublicKeyFromText(text.first(42)));
        QVERIFY(!noisePublicKeyFromText(text + "AAAA"));
        QVERIFY(!noisePublicKeyFromText(QByteArray(text).replace(5, 1, "*")));
    }
}

QTEST_GUILESS_MAIN(TestNoise)
#include "tst_noise.moc"
