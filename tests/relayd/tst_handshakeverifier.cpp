// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/ed25519.h"
#include "relayd/relay/handshakeverifier.h"

#include <QTest>

#include <openssl/evp.h>

#include <limits>

using namespace relay;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(std::optional<relay::SignatureFault>)

namespace {

constexpr quint64 Now = 1'700'000'000;
constexpr TimePoint Start {1h};

template <size_t Size>
std::array<quint8, Size> bytesOf(const QByteArray &hex)
{
    const QByteArray raw = QByteArray::fromHex(hex);
    std::array<quint8, Size> bytes {};
    if (raw.size() != static_cast<qsizetype>(Size))
        qFatal("%lld bytes instead of %zu", static_cast<long long>(raw.size()), Size);
    std::copy(raw.begin(), raw.end(), bytes.begin());
    return bytes;
}

std::array<quint8, 32> nonceOf(quint8 n)
{
    std::array<quint8, 32> nonce;
    nonce.fill(n);
    return nonce;
}

Handshake signedHandshake(const Ed25519Key &key, quint8 nonce = 1, quint64 time = Now)
{
    Handshake handshake;
    handshake.clientId.id.bytes = key.publicKey();
    handshake.signature = signHandshake(key, nonceOf(nonce), time);
    return handshake;
}

/** What OpenSSL itself says. */
bool opensslAccepts(
    const Ed25519PublicKey &key, const QByteArray &message, const Ed25519Signature &signature)
{
    EVP_PKEY *handle =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size());
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool accepts = handle
        && EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, handle) == 1
        && EVP_DigestVerify(context, signature.data(), signature.size(),
               reinterpret_cast<const uchar *>(message.constData()),
               static_cast<size_t>(message.size()))
            == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(handle);
    return accepts;
}

} // namespace

class TestHandshakeVerifier : public QObject {
    Q_OBJECT

private slots:
    // Ed25519
    void agreesWithPublishedVectors_data();
    void agreesWithPublishedVectors();
    void refusesKeysForWhichAnybodyCanSign_data();
    void refusesKeysForWhichAnybodyCanSign();
    void refusesASignatureThatIsNotReduced();
    // handshakes
    void acceptsWhatTheClientsKeySigned();
    void signsNonceAndTime();
    void refusesAnyOtherBit();
    void refusesAKeyThatIsNotTheClientId();
    void allowsClocksToDifferByAMinute_data();
    void allowsClocksToDifferByAMinute();
    void acceptsANonceOnceForEachKey();
    void doesNotUseUpANonceByAForgery();
    // nonces
    void remembersForAtLeastTheLifetime();
    void forgetsInTheEnd();
    void takesNoMoreThanItCanRemember();
};

void TestHandshakeVerifier::agreesWithPublishedVectors_data()
{
    QTest::addColumn<QByteArray>("seed");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<QByteArray>("signature");
    // RFC 8032, 7.1
    QTest::newRow("TEST 1") << QByteArray(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
                            << QByteArray("d75a980182b10ab7d54bfed3c964073a"
                                          "0ee172f3daa62325af021a68f707511a")
                            << QByteArray()
                            << QByteArray("e5564300c360ac729086e2cc806e828a"
                                          "84877f1eb8e5d974d873e06522490155"
                                          "5fb8821590a33bacc61e39701cf9b46b"
                                          "d25bf5f0595bbe24655141438e7a100b");
    QTest::newRow("TEST 2") << QByteArray(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
                            << QByteArray("3d4017c3e843895a92b70aa74d1b7ebc"
                                          "9c982ccf2ec4968cc0cd55f12af4660c")
                            << QByteArray("72")
                            << QByteArray("92a009a9f0d4cab8720e820b5f642540"
                                          "a2b27b5416503f8fb3762223ebdb69da"
                                          "085ac1e43e15996e458f3613d0f11d8c"
                                          "387b2eaeb4302aeeb00d291612bb0c00");
    QTest::newRow("TEST 3") << QByteArray(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
                            << QByteArray("fc51cd8e6218a1a38da47ed00230f058"
                                          "0816ed13ba3303ac5deb911548908025")
                            << QByteArray("af82")
                            << QByteArray("6291d657deec24024827e69c3abe01a3"
                                          "0ce548a284743a445e3680d7db5ac3ac"
                                          "18ff9b538d16f290ae67f760984dc659"
                                          "4a7c15e9716ed28dc027beceea1ec40a");
    QTest::newRow("TEST SHA(abc)")
        << QByteArray("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
        << QByteArray("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf")
        << QByteArray("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
        << QByteArray("dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                      "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704");
}

void TestHandshakeVerifier::agreesWithPublishedVectors()
{
    QFETCH(QByteArray, seed);
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, message);
    QFETCH(QByteArray, signature);
    const auto publicKey = bytesOf<32>(key);
    const auto published = bytesOf<64>(signature);
    const QByteArray text = QByteArray::fromHex(message);

    const Ed25519Key signer = Ed25519Key::fromSeed(QByteArray::fromHex(seed));
    QVERIFY(signer.publicKey() == publicKey);
    QVERIFY(signer.sign(text) == published);
    QVERIFY(isSignedBy(publicKey, text, published));
    QVERIFY(!isSignedBy(publicKey, text + 'x', published));
    for (size_t i = 0; i < published.size(); ++i) {
        auto damaged = published;
        damaged[i] ^= 0x20;
        QVERIFY(!isSignedBy(publicKey, text, damaged));
    }
}

void TestHandshakeVerifier::refusesKeysForWhichAnybodyCanSign_data()
{
    QTest::addColumn<QByteArray>("key");
    const QList<QByteArray> small {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
    for (const QByteArray &key : small) {
        QTest::newRow(key.left(4) + ", sign 0") << key;
        QByteArray negative = QByteArray::fromHex(key);
        negative[31] = static_cast<char>(negative[31] | 0x80);
        QTest::newRow(key.left(4) + ", sign 1") << negative.toHex();
    }
}

void TestHandshakeVerifier::refusesKeysForWhichAnybodyCanSign()
{
    QFETCH(QByteArray, key);
    const auto weak = bytesOf<32>(key);
    // R is the neutral point and S is 0: OpenSSL accepts it for one message in eight at least.
    int accepted = 0;
    for (int n = 0; n < 64; ++n) {
        Ed25519Signature signature {};
        signature[0] = 1;
        const QByteArray message = QByteArray::number(n);
        accepted += opensslAccepts(weak, message, signature);
        QVERIFY(!isSignedBy(weak, message, signature));
    }
    QVERIFY(accepted > 0); // or this test would show nothing
}

void TestHandshakeVerifier::refusesASignatureThatIsNotReduced()
{
    const Ed25519Key key = Ed25519Key::generate();
    auto signature = key.sign("m");
    QVERIFY(isSignedBy(key.publicKey(), "m", signature));
    // S + L, where L is the order of the base point: the same number for the equation.
    const auto order =
        bytesOf<32>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    int carry = 0;
    for (size_t i = 0; i < 32; ++i) {
        const int sum = signature[32 + i] + order[i] + carry;
        signature[32 + i] = static_cast<quint8>(sum);
        carry = sum >> 8;
    }
    QVERIFY(!isSignedBy(key.publicKey(), "m", signature));
}

void TestHandshakeVerifier::acceptsWhatTheClientsKeySigned()
{
    HandshakeVerifier verifier;
    const Ed25519Key key = Ed25519Key::generate();
    QVERIFY(!verifier.verify(signedHandshake(key), Now, Start));
}

void TestHandshakeVerifier::signsNonceAndTime()
{
    HandshakeSignature signature;
    signature.nonce = nonceOf(7);
    signature.timestamp = 0x0102030405060708;
    QCOMPARE(signedBytes(signature), QByteArray(32, 7) + QByteArray::fromHex("0102030405060708"));
}

void TestHandshakeVerifier::refusesAnyOtherBit()
{
    HandshakeVerifier verifier;
    const Ed25519Key key = Ed25519Key::generate();
    const Handshake good = signedHandshake(key);
    for (size_t bit = 0; bit < 64 * 8; ++bit) {
        Handshake bad = good;
        bad.signature->signature[bit / 8] ^= static_cast<quint8>(1 << bit % 8);
        QCOMPARE(verifier.verify(bad, Now, Start), SignatureFault::BadSignature);
    }
    for (size_t bit = 0; bit < 32 * 8; ++bit) {
        Handshake bad = good;
        bad.signature->nonce[bit / 8] ^= static_cast<quint8>(1 << bit % 8);
        QCOMPARE(verifier.verify(bad, Now, Start), SignatureFault::BadSignature);
    }
    Handshake bad = good;
    bad.signature->timestamp += 1;
    QCOMPARE(verifier.verify(bad, Now, Start), SignatureFault::BadSignature);
    QVERIFY(!verifier.verify(good, Now, Start));
}

void TestHandshakeVerifier::refusesAKeyThatIsNotTheClientId()
{
    HandshakeVerifier verifier;
    const Ed25519Key key = Ed25519Key::generate();
    Handshake handshake = signedHandshake(key);
    handshake.clientId.id.bytes[31] ^= 1;
    QCOMPARE(verifier.verify(handshake, Now, Start), SignatureFault::WrongKey);
    // The id may be written in either case.
    handshake = signedHandshake(key);
    handshake.clientId = *WrittenId::fromHex(handshake.clientId.toHex().toUpper());
    QVERIFY(!verifier.verify(handshake, Now, Start));
}

void TestHandshakeVerifier::allowsClocksToDifferByAMinute_data()
{
    QTest::addColumn<quint64>("time");
    QTest::addColumn<std::optional<SignatureFault>>("fault");
    const std::optional<SignatureFault> fine;
    const std::optional<SignatureFault> outOfTime = SignatureFault::OutOfTime;
    QTest::newRow("60 s ago") << Now - 60 << fine;
    QTest::newRow("61 s ago") << Now - 61 << outOfTime;
    QTest::newRow("in 60 s") << Now + 60 << fine;
    QTest::newRow("in 61 s") << Now + 61 << outOfTime;
    QTest::newRow("0") << quint64(0) << outOfTime;
    QTest::newRow("the last") << std::numeric_limits<quint64>::max() << outOfTime;
    QTest::newRow("milliseconds") << Now * 1000 << outOfTime;
}

void TestHandshakeVerifier::allowsClocksToDifferByAMinute()
{
    QFETCH(quint64, time);
    QFETCH(std::optional<SignatureFault>, fault);
    HandshakeVerifier verifier;
    QCOMPARE(verifier.verify(signedHandshake(Ed25519Key::generate(), 1, time), Now, Start), fault);
}

void TestHandshakeVerifier::acceptsANonceOnceForEachKey()
{
    HandshakeVerifier verifier;
    const Ed25519Key key = Ed25519Key::generate();
    const Handshake first = signedHandshake(key);
    QVERIFY(!verifier.verify(first, Now, Start));
    QCOMPARE(verifier.verify(first, Now, Start), SignatureFault::Replayed);
    // Another time signed with the same nonce is the same nonce.
    QCOMPARE(
        verifier.verify(signedHandshake(key, 1, Now + 1), Now, Start), SignatureFault::Replayed);
    QVERIFY(!verifier.verify(signedHandshake(key, 2), Now, Start));
    QVERIFY(!verifier.verify(signedHandshake(Ed25519Key::generate(), 1), Now, Start));
    // As long as its time could still pass.
    const Handshake early = signedHandshake(key, 3, Now + 60);
    QVERIFY(!verifier.verify(early, Now, Start));
    QCOMPARE(verifier.verify(early, Now + 120, Start + 120s), SignatureFault::Replayed);
}

void TestHandshakeVerifier::doesNotUseUpANonceByAForgery()
{
    HandshakeVerifier verifier;
    const Ed25519Key key = Ed25519Key::generate();
    const Handshake good = signedHandshake(key);
    Handshake forged = good;
    forged.signature->signature[5] ^= 1;
    QCOMPARE(verifier.verify(forged, Now, Start), SignatureFault::BadSignature);
    QVERIFY(!verifier.verify(good, Now, Start));
}

void TestHandshakeVerifier::remembersForAtLeastTheLifetime()
{
    // Whenever it was first used, and whatever came in between.
    for (int began = 0; began < 250; began += 7) {
        SeenNonces nonces;
        nonces.use({1}, Start);
        const TimePoint used = Start + std::chrono::seconds(began);
        QCOMPARE(nonces.use({42}, used), SeenNonces::Verdict::Fresh);
        for (int later = 0; later <= 122; ++later) {
            nonces.use({static_cast<quint8>(100 + later)}, used + std::chrono::seconds(later));
            QCOMPARE(
                nonces.use({42}, used + std::chrono::seconds(later)), SeenNonces::Verdict::Seen);
        }
    }
}

void TestHandshakeVerifier::forgetsInTheEnd()
{
    SeenNonces nonces;
    for (int n = 0; n < 200; ++n)
        nonces.use({static_cast<quint8>(n)}, Start);
    QCOMPARE(nonces.size(), size_t(200));
    nonces.use({201}, Start + 123s);
    QCOMPARE(nonces.size(), size_t(201));
    nonces.use({202}, Start + 246s);
    QCOMPARE(nonces.size(), size_t(2));
    nonces.use({203}, Start + 10000s);
    QCOMPARE(nonces.size(), size_t(1));
}

void TestHandshakeVerifier::takesNoMoreThanItCanRemember()
{
    SeenNonces nonces(3);
    for (quint8 n = 0; n < 3; ++n)
        QCOMPARE(nonces.use({n}, Start), SeenNonces::Verdict::Fresh);
    QCOMPARE(nonces.use({3}, Start), SeenNonces::Verdict::Full);
    QCOMPARE(nonces.use({2}, Start), SeenNonces::Verdict::Seen);
    QCOMPARE(nonces.use({3}, Start + 122s), SeenNonces::Verdict::Fresh);
    QCOMPARE(nonces.use({2}, Start + 122s), SeenNonces::Verdict::Seen);
}

QTEST_GUILESS_MAIN(TestHandshakeVerifier)
#include "tst_handshakeverifier.moc"
