// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"
#include "tests/shared/decodingtable.h"
#include "tests/shared/frames.h"

#include <QTest>

using namespace relay;
using namespace relay::test;

namespace {

const QByteArray Hex64(64, 'a');
const QByteArray QuotedId = '"' + Hex64 + '"';
const QByteArray Ping = R"({"type":"PurgeRequest"})";

} // namespace

/** The decoding table of shared/protocol/README.md, chapter 2, and the rules of chapter 3. */
class TestDecodingTable : public QObject {
    Q_OBJECT

private slots:
    void framing_data();
    void framing();
    void envelope_data() { DecodingTable::envelope(); }
    void envelope() { checkRow(); }
    void grammar_data() { DecodingTable::grammar(); }
    void grammar() { checkRow(); }
    void payload_data() { DecodingTable::payload(); }
    void payload() { checkRow(); }
    void handshake_data() { DecodingTable::handshake(); }
    void handshake() { checkRow(); }
    void messages_data() { DecodingTable::messages(); }
    void messages() { checkRow(); }

    void readsTheWholeUnsignedRange();
    void readsEscapesInNamesAndTexts();
    void skipsMalformedHashesOfAQuery();
    void keepsTheCaseOfIdsThatAreEchoed();
    void namesTheTypeThatIsInvalid();
    void toleratesAWrongPrefixAndReportsIt();

private:
    static void checkRow();
};

void TestDecodingTable::checkRow()
{
    QFETCH(QByteArray, json);
    QFETCH(int, outcome);
    const auto read = Decoder().decode(frameOf(json));
    if (static_cast<Outcome>(outcome) == Outcome::NotDecodable)
        QVERIFY(!read);
    else
        QCOMPARE(static_cast<int>(outcomeOf(read)), outcome);
}

void TestDecodingTable::framing_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<int>("outcome");
    const auto frame = [](const char *name, const QByteArray &bytes, Outcome outcome) {
        QTest::newRow(name) << bytes << static_cast<int>(outcome);
    };
    frame("nothing at all", {}, Outcome::TooShort);
    frame("three bytes", QByteArray(3, '\0'), Outcome::TooShort);
    frame("a prefix and nothing behind it", QByteArray(4, '\0'), Outcome::Json);
    frame("JSON without a prefix loses its first four bytes", envelopeJson(Ping), Outcome::Json);
    frame("a whole frame", frameOf(envelopeJson(Ping)), Outcome::Valid);
}

void TestDecodingTable::framing()
{
    QFETCH(QByteArray, frame);
    QFETCH(int, outcome);
    QCOMPARE(static_cast<int>(outcomeOf(Decoder().decode(frame))), outcome);
}

void TestDecodingTable::readsTheWholeUnsignedRange()
{
    for (const quint64 number : {0ULL, 1ULL, 9223372036854775807ULL, 9223372036854775808ULL,
             18446744073709551614ULL, 18446744073709551615ULL}) {
        const auto read = Decoder().decode(
            frameOf(envelopeJson(R"({"type":"DeviceSyncAck","message_id":"","synced_version":)"
                + QByteArray::number(number) + '}')));
        QVERIFY(read);
        QCOMPARE(std::get<DeviceSyncAck>(read->envelope.message).syncedVersion, number);
    }
}

void TestDecodingTable::readsEscapesInNamesAndTexts()
{
    const auto read = Decoder().decode(frameOf(
        R"({"payloa\u0064":{"status":"F\u0061iled","message\u005fid":"\"\\\/\b\f\n\r\t\u0000\u00e4)"
        R"(\u20AC\ud83d\uDD11/","t\u0079pe":"Acknowledgment"},"\u0076ersion":1,)"
        R"("message_id":"a\tb","timestamp":5})"));
    QVERIFY(read);
    QCOMPARE(read->envelope.messageId, QByteArray("a\tb"));
    const auto &ack = std::get<Acknowledgment>(read->envelope.message);
    QCOMPARE(ack.status, AckStatus::Failed);
    QCOMPARE(ack.messageId,
        QByteArray("\"\\/\b\f\n\r\t") + QByteArray(1, '\0')
            + QByteArray("\u00e4\u20ac\U0001f511/"));
}

void TestDecodingTable::skipsMalformedHashesOfAQuery()
{
    const QByteArray first(64, '1');
    const QByteArray second(64, 'B');
    const auto read =
        Decoder().decode(frameOf(envelopeJson(R"({"type":"RecoveryProofQuery","key_hashes":["", ")"
            + first + R"(","x",")" + second + R"(",")" + QByteArray(63, '1') + R"("]})")));
    QVERIFY(read);
    const std::vector<Id> expected {*Id::fromHex(first), *Id::fromHex(second)};
    QCOMPARE(std::get<RecoveryProofQuery>(read->envelope.message).keyHashes, expected);
}

void TestDecodingTable::keepsTheCaseOfIdsThatAreEchoed()
{
    const QByteArray mixed = "AbCdEf0123456789aBcDeF0123456789ABCDEF0123456789abcdef0123456789";
    const auto read = Decoder().decode(
        frameOf(envelopeJson(R"({"type":"EncryptedUpdate","ciphertext":[],"recipient_id":")" + mixed
            + R"(","sender_id":")" + Hex64 + "\"}")));
    QVERIFY(read);
    const auto &update = std::get<EncryptedUpdate>(read->envelope.message);
    QCOMPARE(update.recipientId.toHex(), mixed);
    QCOMPARE(update.senderId->toHex(), Hex64);
}

void TestDecodingTable::namesTheTypeThatIsInvalid()
{
    const auto read = Decoder().decode(frameOf(envelopeJson(
        R"({"recovery_key_hash":"x","include_device_sync":true,"type":"PurgeRequest"})")));
    QVERIFY(read);
    QVERIFY(read->envelope.message == Message(Invalid {MessageType::PurgeRequest}));
    QCOMPARE(typeOf(read->envelope.message), MessageType::PurgeRequest);
    QCOMPARE(read->envelope.messageId, QByteArray("m-1"));
    QCOMPARE(read->envelope.timestamp, 1700000000U);
}

void TestDecodingTable::toleratesAWrongPrefixAndReportsIt()
{
    const QByteArray right = frameOf(envelopeJson(Ping));
    QVERIFY(!Decoder().decode(right)->prefixMismatch);
    for (const char *prefix : {"\0\0\0\0", "\xff\xff\xff\xff", "\0\0\0\1"}) {
        QByteArray wrong = right;
        wrong.replace(0, 4, QByteArray(prefix, 4));
        const auto read = Decoder().decode(wrong);
        QVERIFY(read);
        QVERIFY(read->prefixMismatch);
    }
}

QTEST_APPLESS_MAIN(TestDecodingTable)
#include "tst_decodingtable.moc"
