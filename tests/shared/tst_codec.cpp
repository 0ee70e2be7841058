// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"
#include "tests/shared/frames.h"
#include "tests/shared/naivejson.h"
#include "tests/support/tries.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace relay;
using namespace relay::test;

/** Frames written and read again; frames cut short and damaged. */
class TestCodec : public QObject {
    Q_OBJECT

private slots:
    void readsWhatItWrote_data() { eachType(); }
    void readsWhatItWrote();
    void writesWhatAnotherParserReads_data() { eachType(); }
    void writesWhatAnotherParserReads();
    void writesTheExactPrefixAndSize_data() { eachType(); }
    void writesTheExactPrefixAndSize();
    void writesFieldsInTheOrderOfTheContract_data();
    void writesFieldsInTheOrderOfTheContract();
    void writesEveryByteValue();
    void boundsTheSizeOfAnUpdate();
    void treatsNullAndEmptyBytesAlike();
    void readsCanonicalAndSpacedByteArraysAlike();

    void refusesEveryTruncation_data() { eachType(); }
    void refusesEveryTruncation();
    void agreesWithANaiveParserOnDamagedFrames();
    void survivesHugeNonsense_data();
    void survivesHugeNonsense();
    void decodesAfterAHugeFrame();
    void keepsWorkingWhenMoved();

private:
    static void eachType();
};

void TestCodec::eachType()
{
    QTest::addColumn<int>("type");
    for (const MessageType type : knownTypes())
        QTest::newRow(toName(type).data()) << static_cast<int>(type);
}

void TestCodec::readsWhatItWrote()
{
    QFETCH(int, type);
    QRandomGenerator random(printedSeed());
    Decoder decoder;
    for (int i = 0; i < 300; ++i) {
        const Envelope written = randomEnvelope(random, static_cast<MessageType>(type));
        const QByteArray frame = encodeFrame(written);
        const auto read = decoder.decode(frame);
        QVERIFY2(read, frame.constData() + 4);
        QVERIFY2(read->envelope == written, frame.constData() + 4);
        QVERIFY(!read->prefixMismatch);
        QCOMPARE(encodeFrame(read->envelope), frame);
    }
}

/** The same values, as far as QJsonDocument (which holds numbers above 2^63 as doubles) sees them.
 */
void TestCodec::writesWhatAnotherParserReads()
{
    QFETCH(int, type);
    QRandomGenerator random(printedSeed());
    for (int i = 0; i < 50; ++i) {
        Envelope written = randomEnvelope(random, static_cast<MessageType>(type));
        written.timestamp >>= 12;
        const QByteArray json = jsonOf(encodeFrame(written));
        QJsonParseError error;
        const QJsonObject envelope = QJsonDocument::fromJson(json, &error).object();
        QVERIFY2(error.error == QJsonParseError::NoError, json.constData());
        QCOMPARE(envelope.keys(),
            QStringList({QStringLiteral("message_id"), QStringLiteral("payload"),
                QStringLiteral("timestamp"), QStringLiteral("version")}));
        QCOMPARE(envelope[u"version"].toInt(), 1);
        QCOMPARE(envelope[u"message_id"].toString().toUtf8(), written.messageId);
        QCOMPARE(envelope[u"timestamp"].toInteger(), qint64(written.timestamp));
        const QJsonObject payload = envelope[u"payload"].toObject();
        QCOMPARE(payload[u"type"].toString().toUtf8(),
            toName(static_cast<MessageType>(type)).toByteArray());
        if (const auto *update = std::get_if<EncryptedUpdate>(&written.message)) {
            QByteArray bytes;
            for (const QJsonValue &value : payload[u"ciphertext"].toArray())
                bytes += static_cast<char>(value.toInt(-1));
            QCOMPARE(bytes, update->ciphertext);
            QCOMPARE(payload.contains(u"sender_id"), update->senderId.has_value());
            QCOMPARE(payload[u"recipient_id"].toString().toUtf8(), update->recipientId.toHex());
        }
        if (const auto *ack = std::get_if<Acknowledgment>(&written.message)) {
            QCOMPARE(payload[u"message_id"].toString().toUtf8(), ack->messageId);
            QCOMPARE(payload.contains(u"blob_id"), !ack->blobId.isEmpty());
        }
    }
}

void TestCodec::writesTheExactPrefixAndSize()
{
    QFETCH(int, type);
    QRandomGenerator random(printedSeed());
    for (int i = 0; i < 50; ++i) {
        const Envelope envelope = randomEnvelope(random, static_cast<MessageType>(type));
        const QByteArray frame = encodeFrame(envelope);
        QCOMPARE(qFromBigEndian<quint32>(frame.constData()), quint32(frame.size() - 4));
        QCOMPARE(encodedSize(envelope), frame.size());
    }
}

void TestCodec::writesFieldsInTheOrderOfTheContract_data()
{
    QTest::addColumn<Message>("message");
    QTest::addColumn<QByteArray>("payload");
    const auto id = [](char digit) { return *WrittenId::fromHex(QByteArray(64, digit)); };
    const auto row = [](const Message &message, const QByteArray &payload) {
        QByteArray text = payload;
        for (char digit : {'1', '2', '3', 'A'}) {
            const QByteArray hex = '"' + QByteArray(64, digit) + '"';
            const QByteArray mark = '<' + QByteArray(1, digit) + '>';
            text.replace(mark, hex);
        }
        const QByteArray name = toName(typeOf(message)).toByteArray();
        QTest::newRow(name.constData()) << message << text;
    };
    HandshakeSignature signature {id('1').id.bytes, id('2').id.bytes, {}, 7};
    signature.signature.fill(0x44);
    row(Handshake {id('1'), id('2'), id('A'), true, signature},
        R"({"type":"Handshake","client_id":<1>,"device_id":<2>,"routing_token":<A>,)"
        R"("suppress_presence":true,"identity_public_key":<1>,"nonce":<2>,"signature":")"
            + QByteArray(128, '4') + R"(","timestamp":7})");
    row(HandshakeAck {1, "0.1.0", {"a", "b"}, Limits {1, 2, 3, 4}},
        R"({"type":"HandshakeAck","protocol_version":1,"server_version":"0.1.0",)"
        R"("features":["a","b"],"limits":{"max_message_size":1,"rate_limit_per_min":2,)"
        R"("blob_ttl_secs":3,"max_blobs_per_recipient":4}})");
    row(EncryptedUpdate {id('A'), id('2'), QByteArray("\x00\x09\x0a\x63\x64\xff", 6)},
        R"({"type":"EncryptedUpdate","recipient_id":<A>,"sender_id":<2>,)"
        R"("ciphertext":[0,9,10,99,100,255]})");
    row(Acknowledgment {"m", AckStatus::ReceivedByRecipient, "b"},
        R"({"type":"Acknowledgment","message_id":"m","status":"ReceivedByRecipient",)"
        R"("blob_id":"b"})");
    row(RecoveryProofStore {id('1').id, "\1"},
        R"({"type":"RecoveryProofStore","key_hash":<1>,"proof_data":[1]})");
    row(RecoveryProofQuery {{id('1').id, id('2').id}},
        R"({"type":"RecoveryProofQuery","key_hashes":[<1>,<2>]})");
    row(RecoveryProofResponse {{{id('1').id, "\1"}, {id('2').id, {}}}, true},
        R"({"type":"RecoveryProofResponse","proofs":[{"key_hash":<1>,"proof_data":[1]},)"
        R"({"key_hash":<2>,"proof_data":[]}],"truncated":true})");
    row(DeviceSyncMessage {id('1'), id('2'), id('3'), "\1\2", 18446744073709551615U},
        R"({"type":"DeviceSyncMessage","identity_id":<1>,"target_device_id":<2>,)"
        R"("sender_device_id":<3>,"encrypted_payload":[1,2],"version":18446744073709551615})");
    row(DeviceSyncAck {"m", 9}, R"({"type":"DeviceSyncAck","message_id":"m","synced_version":9})");
    row(PurgeRequest {true, false, id('1').id},
        R"({"type":"PurgeRequest","include_device_sync":true,"include_recovery_proofs":false,)"
        R"("recovery_key_hash":<1>})");
    row(PurgeResponse {1, 2, 3},
        R"({"type":"PurgeResponse","blobs_deleted":1,"device_sync_deleted":2,)"
        R"("recovery_proofs_deleted":3})");
    row(AccountRevoked {id('1'), id('2'), 8, "\1"},
        R"({"type":"AccountRevoked","sender_id":<1>,"recipient_id":<2>,"timestamp":8,)"
        R"("signature":[1]})");
    row(ForwardingHints {{{"b", "wss://r", 5}}},
        R"({"type":"ForwardingHints","hints":[{"blob_id":"b","relay_url":"wss://r",)"
        R"("expires_at_secs":5}]})");
}

void TestCodec::writesFieldsInTheOrderOfTheContract()
{
    QFETCH(Message, message);
    QFETCH(QByteArray, payload);
    QCOMPARE(jsonOf(encodeFrame({"m-1", 1700000000, message})), envelopeJson(payload));
}

void TestCodec::writesEveryByteValue()
{
    QByteArray all;
    QByteArray text;
    for (int i = 0; i < 256; ++i) {
        all += static_cast<char>(i);
        text += QByteArray::number(i) + ',';
    }
    text.chop(1);
    const QByteArray frame = encodeFrame({"m", 1, EncryptedUpdate {{}, {}, all}});
    const QByteArray end = ",\"ciphertext\":[" + text + "]}}";
    QVERIFY(frame.endsWith(end));
}

void TestCodec::boundsTheSizeOfAnUpdate()
{
    const QByteArray uuid(36, 'x');
    for (const int size : {0, 1, 256, 5000}) {
        const EncryptedUpdate longest {{}, WrittenId(), QByteArray(size, '\xff')};
        const qsizetype frame = encodedSize({uuid, std::numeric_limits<quint64>::max(), longest});
        QVERIFY(encodedUpdateBound(size) >= frame);
        QVERIFY(encodedUpdateBound(size) <= frame + 4);
    }
}

void TestCodec::treatsNullAndEmptyBytesAlike()
{
    const Envelope null {"m", 1, EncryptedUpdate {{}, {}, QByteArray()}};
    const Envelope empty {"m", 1, EncryptedUpdate {{}, {}, QByteArray("")}};
    QCOMPARE(encodeFrame(null), encodeFrame(empty));
    QVERIFY(encodeFrame(null).endsWith("\"ciphertext\":[]}}"));

    // A null byte array would become NULL in a database.
    const auto read = Decoder().decode(encodeFrame(null));
    QVERIFY(read);
    QVERIFY(!std::get<EncryptedUpdate>(read->envelope.message).ciphertext.isNull());
    QVERIFY(!Decoder()
                 .decode(frameOf(
                     R"({"version":1,"message_id":"","timestamp":0,"payload":{"type":"x"}})"))
                 ->envelope.messageId.isNull());
}

void TestCodec::readsCanonicalAndSpacedByteArraysAlike()
{
    QRandomGenerator random(printedSeed());
    Decoder decoder;
    for (int i = 0; i < 200; ++i) {
        const Envelope written = randomEnvelope(random, MessageType::EncryptedUpdate);
        QByteArray json;
        for (const char c : jsonOf(encodeFrame({"m", 1, written.message}))) {
            const bool structural = QByteArrayView("[]{},:").contains(c);
            if (structural)
                json += QByteArray(random.bounded(3), " \t\r\n"[random.bounded(4)]);
            json += c;
            if (structural)
                json += QByteArray(random.bounded(3), " \t\r\n"[random.bounded(4)]);
        }
        const auto read = decoder.decode(frameOf(json));
        QVERIFY2(read, json.constData());
        QVERIFY(read->envelope.message == written.message);
    }
}

void TestCodec::refusesEveryTruncation()
{
    QFETCH(int, type);
    QRandomGenerator random(printedSeed());
    const QByteArray frame = encodeFrame(randomEnvelope(random, static_cast<MessageType>(type)));
    Decoder decoder;
    for (qsizetype size = 0; size < frame.size(); ++size) {
        // A copy of its own, so that reading behind the end is seen by a checker of addresses.
        const QByteArray cut(frame.constData(), size);
        const auto read = decoder.decode(cut);
        QVERIFY2(!read, cut.constData());
        QCOMPARE(read.error() == DecodeError::TooShort, size < 4);
    }
    QVERIFY(decoder.decode(frame));
}

/** A few places changed: to bytes that mean something in JSON, or to other parts of the frame. */
static QByteArray damaged(QByteArray json, QRandomGenerator &random)
{
    static const QByteArray telling = "{}[]:,\"\\ue0129-+.tfn \n/\x80\xc3\xed\xff\x01";
    for (int i = random.bounded(1, 4); i > 0 && !json.isEmpty(); --i) {
        const qsizetype at = random.bounded(json.size());
        const qsizetype from = random.bounded(json.size());
        const qsizetype length = random.bounded(std::min<qsizetype>(20, json.size() - from) + 1);
        const char c = telling[random.bounded(telling.size())];
        switch (random.bounded(5)) {
        case 0:
            json[at] = c;
            break;
        case 1:
            json.insert(at, c);
            break;
        case 2:
            json.remove(from, length);
            break;
        case 3:
            json.insert(at, QByteArray(json.constData() + from, length));
            break;
        case 4:
            json[at] = static_cast<char>(random.bounded(256));
            break;
        }
    }
    return json;
}

/** What is decodable must be JSON, and what is refused as not being JSON must not be JSON. */
void TestCodec::agreesWithANaiveParserOnDamagedFrames()
{
    QRandomGenerator random(printedSeed());
    Decoder decoder;
    int decodable = 0;
    int otherwiseWrong = 0;
    for (int i = 0; i < tries(20'000); ++i) {
        const MessageType type = knownTypes()[random.bounded(knownTypes().size())];
        Envelope envelope = randomEnvelope(random, type);
        if (auto *query = std::get_if<RecoveryProofQuery>(&envelope.message))
            query->keyHashes.resize(1);
        QByteArray whole = jsonOf(encodeFrame(envelope));
        // Something that is ignored, so that the skipping of values is tried as well.
        whole.insert(1, R"("x":[1,-2.5e+3,true,{"y":null,"z":[],"\u0041":"\"\ud83d\udd11"},""],)");
        const QByteArray json = damaged(whole, random);
        const auto read = decoder.decode(frameOf(json));
        const bool isJson = NaiveJson::accepts(json);
        const QByteArray shown = json.toPercentEncoding(" {}[]:,\"\\+");
        if (read) {
            ++decodable;
            QVERIFY2(isJson, shown.constData());
            const Message &message = read->envelope.message;
            const auto *query = std::get_if<RecoveryProofQuery>(&message);
            const bool onlyMalformedHashes = query && query->keyHashes.empty();
            if (typeOf(message) != MessageType::Unknown && !std::holds_alternative<Invalid>(message)
                && !onlyMalformedHashes) {
                QVERIFY2(decoder.decode(encodeFrame(read->envelope))->envelope == read->envelope,
                    shown.constData());
            }
        } else if (read.error() == DecodeError::Json) {
            QVERIFY2(!isJson, shown.constData());
        } else {
            ++otherwiseWrong;
        }
    }
    // Else the damage would be too great to find anything.
    QVERIFY(decodable > 500);
    QVERIFY(otherwiseWrong > 500);
}

void TestCodec::survivesHugeNonsense_data()
{
    QTest::addColumn<QByteArray>("json");
    constexpr qsizetype MiB = 1024 * 1024;
    QTest::newRow("opening brackets") << QByteArray(MiB, '[');
    QTest::newRow("opening braces") << QByteArray(MiB, '{');
    QTest::newRow("quotes") << QByteArray(MiB, '"');
    QTest::newRow("backslashes") << QByteArray(MiB, '\\');
    QTest::newRow("NUL") << QByteArray(MiB, '\0');
    QTest::newRow("spaces") << QByteArray(MiB, ' ');
    QTest::newRow("keys without end") << QByteArray("{\"a\":").repeated(MiB / 5);
    const auto ignored = [](const QByteArray &value) -> QByteArray {
        return R"({"version":1,"x":)" + value + R"(,"message_id":"","timestamp":0,)"
            + R"("payload":{"type":"Nothing","y":)" + value + R"(}})";
    };
    QTest::newRow("ignored nesting")
        << ignored(QByteArray(MiB / 2, '[') + QByteArray(MiB / 2, ']'));
    QTest::newRow("ignored nesting without end") << ignored(QByteArray(MiB / 2, '['));
    QTest::newRow("ignored closing") << ignored(QByteArray(MiB / 2, ']'));
    QTest::newRow("nesting in a byte array")
        << envelopeJson(R"({"type":"EncryptedUpdate","recipient_id":"","ciphertext":)"
               + QByteArray(MiB, '[') + QByteArray(MiB, ']') + '}');
    QTest::newRow("the type behind much nesting") << envelopeJson(
        "{\"x\":" + QByteArray(MiB, '[') + QByteArray(MiB, ']') + R"(,"type":"EncryptedUpdate"})");
}

void TestCodec::survivesHugeNonsense()
{
    QFETCH(QByteArray, json);
    Decoder decoder;
    QVERIFY(!decoder.decode(frameOf(json)));
    QVERIFY(decoder.decode(frameOf(envelopeJson(R"({"type":"PurgeRequest"})"))));
}

void TestCodec::decodesAfterAHugeFrame()
{
    QRandomGenerator random(printedSeed());
    Decoder decoder;
    for (const int size : {10, 200000, 300, 250000, 0, 100000, 10}) {
        const Envelope written {"m", 1, EncryptedUpdate {{}, {}, randomBytes(random, size)}};
        const auto read = decoder.decode(encodeFrame(written));
        QVERIFY(read);
        QVERIFY(read->envelope == written);
    }
}

void TestCodec::keepsWorkingWhenMoved()
{
    Decoder first;
    const QByteArray frame = frameOf(envelopeJson(R"({"type":"PurgeRequest"})"));
    QVERIFY(first.decode(frame));
    Decoder second(std::move(first));
    QVERIFY(second.decode(frame));
    Decoder third;
    third = std::move(second);
    QVERIFY(third.decode(frame));
}

QTEST_APPLESS_MAIN(TestCodec)
#include "tst_codec.moc"
