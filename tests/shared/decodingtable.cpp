// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/decodingtable.h"

#include "tests/shared/frames.h"

#include <QTest>

namespace relay::test {

namespace {

const QByteArray Hex64(64, 'a');
const QByteArray QuotedId = '"' + Hex64 + '"';
const QByteArray Hex128(128, 'b');
/** For the name of a row. */
QByteArray shown(const char *json)
{
    return QByteArray(json).toPercentEncoding(" \"'{}[]:,\\+./");
}

const QByteArray Ping = R"({"type":"PurgeRequest"})";

void columns()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<int>("outcome");
}

void row(const QByteArray &name, const QByteArray &json, Outcome outcome)
{
    QTest::newRow(name.constData()) << json << static_cast<int>(outcome);
}

} // namespace

Outcome outcomeOf(const Result<Decoded, DecodeError> &read)
{
    if (!read) {
        switch (read.error()) {
        case DecodeError::TooShort:
            return Outcome::TooShort;
        case DecodeError::Json:
            return Outcome::Json;
        case DecodeError::Envelope:
            return Outcome::Envelope;
        case DecodeError::Payload:
            return Outcome::Payload;
        }
    }
    if (std::holds_alternative<Invalid>(read->envelope.message))
        return Outcome::Invalid;
    return std::holds_alternative<Unknown>(read->envelope.message) ? Outcome::Unknown
                                                                   : Outcome::Valid;
}

void DecodingTable::envelope()
{
    columns();
    // $ stands for the one field that a row is about.
    const auto with = [](QByteArray text, const QByteArray &value) {
        return text.replace('$', value).replace('%', Ping);
    };
    const QByteArray version = R"({"version":$,"message_id":"m","timestamp":5,"payload":%})";
    row("version 0", with(version, "0"), Outcome::Valid);
    row("version 255", with(version, "255"), Outcome::Valid);
    row("version 256", with(version, "256"), Outcome::Envelope);
    row("version -1", with(version, "-1"), Outcome::Envelope);
    row("version -0", with(version, "-0"), Outcome::Envelope);
    row("version 1.0", with(version, "1.0"), Outcome::Envelope);
    row("version 1e0", with(version, "1e0"), Outcome::Envelope);
    row("version as a string", with(version, "\"1\""), Outcome::Envelope);
    row("version null", with(version, "null"), Outcome::Envelope);
    row("version true", with(version, "true"), Outcome::Envelope);
    row("version in an array", with(version, "[1]"), Outcome::Envelope);
    row("version with a leading zero", with(version, "01"), Outcome::Envelope);

    const QByteArray time = R"({"version":1,"message_id":"m","timestamp":$,"payload":%})";
    row("timestamp 0", with(time, "0"), Outcome::Valid);
    row("timestamp 2^64-1", with(time, "18446744073709551615"), Outcome::Valid);
    row("timestamp 2^64", with(time, "18446744073709551616"), Outcome::Envelope);
    row("timestamp of 30 digits", with(time, QByteArray(30, '1')), Outcome::Envelope);
    row("timestamp -1", with(time, "-1"), Outcome::Envelope);
    row("timestamp with a fraction", with(time, "5.5"), Outcome::Envelope);
    row("timestamp 5.0", with(time, "5.0"), Outcome::Envelope);
    row("timestamp 1e3", with(time, "1e3"), Outcome::Envelope);
    row("timestamp null", with(time, "null"), Outcome::Envelope);
    row("timestamp as a string", with(time, "\"5\""), Outcome::Envelope);

    const QByteArray id = R"({"version":1,"message_id":$,"timestamp":5,"payload":%})";
    row("message id empty", with(id, "\"\""), Outcome::Valid);
    row("message id of one character", with(id, "\"x\""), Outcome::Valid);
    row("message id with NUL", with(id, R"("\u0000")"), Outcome::Valid);
    row("message id null", with(id, "null"), Outcome::Envelope);
    row("message id a number", with(id, "7"), Outcome::Envelope);
    row("message id an object", with(id, "{}"), Outcome::Envelope);
    row("message id with a lone high surrogate", with(id, R"("\ud83d")"), Outcome::Envelope);
    row("message id with a lone low surrogate", with(id, R"("\udd11")"), Outcome::Envelope);
    row("message id with surrogates in the wrong order", with(id, R"("\udd11\ud83d")"),
        Outcome::Envelope);
    row("message id with a high surrogate and a letter", with(id, R"("\ud83d\u0041")"),
        Outcome::Envelope);
    row("message id with a pair of surrogates", with(id, R"("\ud83d\udd11")"), Outcome::Valid);
    row("message id with a malformed escape", with(id, R"("\x")"), Outcome::Envelope);

    const QByteArray payload = R"({"version":1,"message_id":"m","timestamp":5,"payload":$})";
    row("payload null", with(payload, "null"), Outcome::Envelope);
    row("payload an array", with(payload, "[]"), Outcome::Envelope);
    row("payload a string", with(payload, "\"PurgeRequest\""), Outcome::Envelope);

    row("no version", R"({"message_id":"m","timestamp":5,"payload":{"type":"x"}})",
        Outcome::Envelope);
    row("no message id", R"({"version":1,"timestamp":5,"payload":{"type":"x"}})",
        Outcome::Envelope);
    row("no timestamp", R"({"version":1,"message_id":"m","payload":{"type":"x"}})",
        Outcome::Envelope);
    row("no payload", R"({"version":1,"message_id":"m","timestamp":5})", Outcome::Envelope);
    row("an empty object", "{}", Outcome::Envelope);
    row("an array", "[]", Outcome::Envelope);
    row("an envelope in an array", '[' + envelopeJson(Ping) + ']', Outcome::Envelope);
    row("a string", "\"x\"", Outcome::Envelope);
    row("null", "null", Outcome::Envelope);

    row("fields in any order",
        R"({"payload":{"type":"PurgeRequest"},"timestamp":5,"message_id":"m","version":1})",
        Outcome::Valid);
    const auto twice = [](const QByteArray &field) -> QByteArray {
        return R"({"version":1,"message_id":"m","timestamp":5,"payload":{"type":"PurgeRequest"},)"
            + field + '}';
    };
    row("version twice", twice(R"("version":1)"), Outcome::Envelope);
    row("message id twice", twice(R"("message_id":"m")"), Outcome::Envelope);
    row("timestamp twice", twice(R"("timestamp":5)"), Outcome::Envelope);
    row("payload twice", twice(R"("payload":{"type":"PurgeRequest"})"), Outcome::Envelope);
    row("timestamp twice, once with an escape in its name", twice(R"("times\u0074amp":5)"),
        Outcome::Envelope);
    row("an unknown field", twice(R"("x":1)"), Outcome::Valid);
    row("an unknown field twice", twice(R"("x":1,"x":2)"), Outcome::Valid);
    row("a field with an empty name", twice(R"("":1)"), Outcome::Valid);
    row("a known name in another case is unknown", twice(R"("Version":"no")"), Outcome::Valid);
    row("the name of a field of the payload is unknown here", twice(R"("type":5)"), Outcome::Valid);
}

void DecodingTable::grammar()
{
    columns();
    const QByteArray whole = envelopeJson(Ping);
    row("white space around it", " \t\r\n" + whole + "\n\r\t ", Outcome::Valid);
    row("a form feed behind it", whole + '\f', Outcome::Json);
    row("a no-break space before it", "\u00a0" + whole, Outcome::NotDecodable);
    row("a BOM", "\xef\xbb\xbf" + whole, Outcome::Json);
    row("NUL behind it", whole + QByteArray(1, '\0'), Outcome::Json);
    row("padded with NUL", whole + QByteArray(64, '\0'), Outcome::Json);
    row("NUL before it", QByteArray(1, '\0') + whole, Outcome::NotDecodable);
    row("a second document", whole + whole, Outcome::Json);
    row("a closing brace too many", whole + '}', Outcome::Json);
    row("an opening brace too many", '{' + whole, Outcome::Json);
    row("a comma behind it", whole + ',', Outcome::Json);
    row("a comment behind it", whole + "/* */", Outcome::Json);
    row("a word behind it", whole + "x", Outcome::Json);

    // The parser by itself would take the string for a key, and then the wrong brace for the end.
    row("a colon behind a string that is ignored, and a brace too many",
        R"({"version":1,"message_id":"m","timestamp":5,"payload":{"type":"Nothing","x":"b":1},)"
        R"("y":2}})",
        Outcome::Json);

    // Each in a field that is ignored, of the envelope and of the payload.
    const auto ignored = [](const QByteArray &name, const QByteArray &value, Outcome outcome) {
        const QByteArray field = R"("x":)" + value;
        row(name + ", in the envelope",
            R"({"version":1,"message_id":"m","timestamp":5,)" + field
                + R"(,"payload":{"type":"PurgeRequest"}})",
            outcome);
        row(name + ", in the payload", envelopeJson(R"({"type":"PurgeRequest",)" + field + '}'),
            outcome);
        row(name + ", before the type", envelopeJson('{' + field + R"(,"type":"PurgeRequest"})"),
            outcome);
        row(name + ", in an unknown type", envelopeJson(R"({"type":"Nothing",)" + field + '}'),
            outcome == Outcome::Valid ? Outcome::Unknown : outcome);
    };
    for (const char *value :
        {"0", "-0", "1", "-1", "1.5", "1e5", "1E+5", "1.5e-5", "1e999", "-12345678901234567890123",
            "true", "false", "null", "\"\"", "[]", "{}", "[[],{}]", R"({"a":{"a":[1,"2",null]}})",
            R"("\"\\\/\b\f\n\r\t\u00e4\u0000")", R"("\ud83d")", R"(["\udd11"])", R"({"\ud83d":1})",
            " 1 ", "[ 1 , 2 ]", "[\n]", R"({ "a" : 1 })", "\"\u20ac\""})
        ignored(shown(value), value, Outcome::Valid);
    for (const char *value : {"", "01", "-", "-01", "+1", "1.", ".5", "1e", "1e+", "0x10", "1_0",
             "1 2", "NaN", "Infinity", "-Infinity", "True", "tru", "truee", "nul", "nulll", "fals",
             "undefined", "'x'", R"("\x41")", R"("\u12")", R"("\u12g4")", R"("\U0041")", R"("\'")",
             "[1,]", "[,1]", "[1 2]", "[1,,2]", "[", "]", "[1}", "{]", "{1}", "{1:2}", R"({"a"})",
             R"({"a":})", R"({"a":1,})", R"({,"a":1})", R"({"a":1 "b":2})", R"({"a" 1})",
             R"({a:1})", R"({"a"::1})", R"({"a":"b":1})", R"({"a":1:2})", R"("a":"b")",
             R"(["a":1])", R"("a" "b")", R"({"\x":1})", R"({"\u12":1})", "1//", "\"\x01\"",
             "\"\t\"", "\"\n\"", "[\x01]", "[\f1]", "[1\x0b]"})
        ignored(shown(value), value, Outcome::NotDecodable);
    ignored("an overlong slash", "\"\xc0\xaf\"", Outcome::Json);
    ignored("a surrogate in UTF-8", "\"\xed\xa0\x80\"", Outcome::Json);
    ignored("a byte that continues nothing", "\"\x80\"", Outcome::Json);
    ignored("a character cut short", "\"\xe2\x82\"", Outcome::Json);
    ignored("a character above U+10FFFF", "\"\xf4\x90\x80\x80\"", Outcome::Json);
    ignored("Latin-1", "\"\xe4\"", Outcome::Json);
    ignored("NUL in a string", QByteArray("\"\0\"", 3), Outcome::Json);

    // The envelope is level 1, the payload level 2.
    const auto nested = [](int levels) -> QByteArray {
        return QByteArray(levels, '[') + QByteArray(levels, ']');
    };
    const auto inEnvelope = [](const QByteArray &value) -> QByteArray {
        return R"({"version":1,"message_id":"m","timestamp":5,"x":)" + value
            + R"(,"payload":{"type":"PurgeRequest"}})";
    };
    row("nested 128 deep in the envelope", inEnvelope(nested(127)), Outcome::Valid);
    row("nested 129 deep in the envelope", inEnvelope(nested(128)), Outcome::Json);
    const auto inPayload = [](const QByteArray &value) {
        return envelopeJson(R"({"type":"PurgeRequest","x":)" + value + '}');
    };
    row("nested 128 deep in the payload", inPayload(nested(126)), Outcome::Valid);
    row("nested 129 deep in the payload", inPayload(nested(127)), Outcome::Json);
    const QByteArray object = "{\"a\":";
    row("objects nested 128 deep", inPayload(object.repeated(126) + '1' + QByteArray(126, '}')),
        Outcome::Valid);
    row("objects nested 129 deep", inPayload(object.repeated(127) + '1' + QByteArray(127, '}')),
        Outcome::Json);
    const auto inProof = [](const QByteArray &value) {
        return envelopeJson(R"({"type":"RecoveryProofResponse","proofs":[{"key_hash":")" + Hex64
            + R"(","proof_data":[],"x":)" + value + "}]}");
    };
    row("nested 128 deep in a list of objects", inProof(nested(124)), Outcome::Valid);
    row("nested 129 deep in a list of objects", inProof(nested(125)), Outcome::Json);
    row("nested 128 deep many times", inPayload('[' + nested(125).append(',').repeated(50) + "1]"),
        Outcome::Valid);
}

void DecodingTable::payload()
{
    columns();
    const auto payload = [](const QByteArray &name, const QByteArray &text, Outcome outcome) {
        row(name, envelopeJson(text), outcome);
    };
    payload("no type", "{}", Outcome::Payload);
    payload("no type among fields", R"({"include_device_sync":true})", Outcome::Payload);
    payload("type null", R"({"type":null})", Outcome::Payload);
    payload("type a number", R"({"type":1})", Outcome::Payload);
    payload("type an object", R"({"type":{"type":"PurgeRequest"}})", Outcome::Payload);
    payload("type with a lone surrogate", R"({"type":"\ud83d"})", Outcome::Payload);
    payload("type unknown", R"({"type":"Nothing"})", Outcome::Unknown);
    payload("type empty", R"({"type":""})", Outcome::Unknown);
    payload("type Unknown", R"({"type":"Unknown"})", Outcome::Unknown);
    payload("type in another case", R"({"type":"purgeRequest"})", Outcome::Unknown);
    payload("type with a space", R"({"type":"PurgeRequest "})", Outcome::Unknown);
    payload("type of a longer name", R"({"type":"PurgeRequests"})", Outcome::Unknown);
    payload("type with an escape", R"({"type":"\u0050urgeRequest"})", Outcome::Valid);
    payload("name of type with an escape", R"({"ty\u0070e":"PurgeRequest"})", Outcome::Valid);
    payload("type last", R"({"include_device_sync":true,"type":"PurgeRequest"})", Outcome::Valid);
    payload("type last, and a field wrong", R"({"include_device_sync":1,"type":"PurgeRequest"})",
        Outcome::Payload);
    payload("type twice", R"({"type":"PurgeRequest","type":"PurgeRequest"})", Outcome::Payload);
    payload("type twice, then another", R"({"type":"Nothing","type":"PurgeRequest"})",
        Outcome::Payload);
    payload("type twice, the second not a string", R"({"type":"PurgeRequest","type":1})",
        Outcome::Payload);
    payload(
        "type in another case beside it", R"({"Type":"x","type":"PurgeRequest"})", Outcome::Valid);
    payload(
        "fields of an unknown type twice", R"({"type":"Nothing","a":1,"a":2})", Outcome::Unknown);
    payload("fields of another type are ignored", R"({"type":"PurgeRequest","ciphertext":"x"})",
        Outcome::Valid);

    const auto flag = [&](const QByteArray &name, const QByteArray &value, Outcome outcome) {
        payload(name, R"({"type":"PurgeRequest","include_device_sync":)" + value + '}', outcome);
    };
    flag("a flag true", "true", Outcome::Valid);
    flag("a flag false", "false", Outcome::Valid);
    flag("a flag null", "null", Outcome::Payload);
    flag("a flag 0", "0", Outcome::Payload);
    flag("a flag 1", "1", Outcome::Payload);
    flag("a flag as a string", "\"true\"", Outcome::Payload);
    flag("a flag misspelt", "truf", Outcome::Payload);
    flag("a flag twice", "true,\"include_device_sync\":true", Outcome::Payload);

    const auto bytes = [&](const QByteArray &name, const QByteArray &value, Outcome outcome) {
        payload(name,
            R"({"type":"EncryptedUpdate","recipient_id":")" + Hex64 + R"(","ciphertext":)" + value
                + '}',
            outcome);
    };
    bytes("no bytes", "[]", Outcome::Valid);
    bytes("no bytes, with white space", "[ \n ]", Outcome::Valid);
    bytes("bytes from 0 to 255", "[0,1,9,10,99,100,199,200,249,250,255]", Outcome::Valid);
    bytes("bytes with white space", "[ 0 ,\t1\n,\r255 ]", Outcome::Valid);
    for (const char *value : {"256", "260", "300", "999", "1000", "2550", "-1", "-0", "1.0", "1e0",
             "1e1", "00", "01", "001", "099", "\"1\"", "null", "true", "[1]", "{}", "0x1", "1a",
             "/", ":", "1:", "2/5", "\u00b2", "\xff"}) {
        const QByteArray name = shown(value);
        bytes("byte " + name + " alone", '[' + QByteArray(value) + ']', Outcome::NotDecodable);
        bytes("byte " + name + " among others", "[1," + QByteArray(value) + ",2]",
            Outcome::NotDecodable);
    }
    bytes("bytes as null", "null", Outcome::Payload);
    bytes("bytes as base64", "\"AAEC\"", Outcome::Payload);
    bytes("bytes as an object", R"({"0":1})", Outcome::Payload);
    bytes("bytes as a number", "1", Outcome::Payload);
    bytes("bytes without comma", "[1 2]", Outcome::Json);
    bytes("bytes with a comma at the end", "[1,]", Outcome::Payload);
    bytes("bytes with a comma at the start", "[,1]", Outcome::Payload);
    bytes("bytes closed by a brace", "[1}", Outcome::Json);
    bytes("bytes twice", "[1],\"ciphertext\":[1]", Outcome::Payload);

    payload("bytes missing", R"({"type":"EncryptedUpdate","recipient_id":")" + Hex64 + "\"}",
        Outcome::Payload);
    payload("id missing", R"({"type":"EncryptedUpdate","ciphertext":[]})", Outcome::Payload);
    payload("id null", R"({"type":"EncryptedUpdate","recipient_id":null,"ciphertext":[]})",
        Outcome::Payload);
    payload("id a number", R"({"type":"EncryptedUpdate","recipient_id":1,"ciphertext":[]})",
        Outcome::Payload);
}

void DecodingTable::handshake()
{
    columns();
    const auto handshake = [](const QByteArray &name, const QByteArray &fields, Outcome outcome) {
        row(name, envelopeJson(R"({"type":"Handshake","client_id":")" + Hex64 + '"' + fields + '}'),
            outcome);
    };
    const QByteArray key = R"(,"identity_public_key":")" + Hex64 + '"';
    const QByteArray nonce = R"(,"nonce":")" + Hex64 + '"';
    const QByteArray signature = R"(,"signature":")" + Hex128 + '"';
    const QByteArray time = R"(,"timestamp":5)";
    handshake("a client id alone", {}, Outcome::Valid);
    handshake("all four fields of the signature", key + nonce + signature + time, Outcome::Valid);
    handshake("all four fields null",
        R"(,"identity_public_key":null,"nonce":null,"signature":null,"timestamp":null)",
        Outcome::Valid);
    handshake("without the key", nonce + signature + time, Outcome::Invalid);
    handshake("without the nonce", key + signature + time, Outcome::Invalid);
    handshake("without the signature", key + nonce + time, Outcome::Invalid);
    handshake("without the time", key + nonce + signature, Outcome::Invalid);
    handshake("the key alone", key, Outcome::Invalid);
    handshake("the time alone", time, Outcome::Invalid);
    handshake("the time null among the others", key + nonce + signature + R"(,"timestamp":null)",
        Outcome::Invalid);
    handshake("the key not hex",
        R"(,"identity_public_key":")" + QByteArray(64, 'g') + '"' + nonce + signature + time,
        Outcome::Invalid);
    handshake("the nonce too short",
        key + R"(,"nonce":")" + QByteArray(62, 'a') + '"' + signature + time, Outcome::Invalid);
    handshake("the signature of 64 digits", key + nonce + R"(,"signature":")" + Hex64 + '"' + time,
        Outcome::Invalid);
    handshake("the signature malformed near its end",
        key + nonce + R"(,"signature":")" + QByteArray(127, 'b') + "x\"" + time, Outcome::Invalid);
    handshake("the nonce empty", key + R"(,"nonce":"")" + signature + time, Outcome::Invalid);
    handshake(
        "the time as a string", key + nonce + signature + R"(,"timestamp":"5")", Outcome::Payload);
    handshake(
        "the time negative", key + nonce + signature + R"(,"timestamp":-5)", Outcome::Payload);
    handshake("the key a number", R"(,"identity_public_key":1)" + nonce + signature + time,
        Outcome::Payload);

    handshake("a device id", R"(,"device_id":")" + Hex64 + '"', Outcome::Valid);
    handshake("a device id null", R"(,"device_id":null)", Outcome::Valid);
    handshake("a device id empty", R"(,"device_id":"")", Outcome::Invalid);
    handshake("a device id a number", R"(,"device_id":1)", Outcome::Payload);
    handshake("a device id twice", R"(,"device_id":null,"device_id":null)", Outcome::Payload);
    handshake("a routing token null", R"(,"routing_token":null)", Outcome::Valid);
    handshake("a routing token one digit short",
        R"(,"routing_token":")" + QByteArray(63, 'a') + '"', Outcome::Invalid);
    handshake("presence suppressed", R"(,"suppress_presence":true)", Outcome::Valid);
    handshake("presence null", R"(,"suppress_presence":null)", Outcome::Payload);
    handshake("client id twice", R"(,"client_id":")" + Hex64 + '"', Outcome::Payload);
    row("no client id", envelopeJson(R"({"type":"Handshake"})"), Outcome::Payload);
    row("client id null", envelopeJson(R"({"type":"Handshake","client_id":null})"),
        Outcome::Payload);
    row("client id not an id", envelopeJson(R"({"type":"Handshake","client_id":"alice"})"),
        Outcome::Invalid);
    row("client id not an id, and a later field of a wrong type",
        envelopeJson(R"({"type":"Handshake","client_id":"alice","suppress_presence":1})"),
        Outcome::Payload);
    row("client id not an id, and the JSON cut short",
        envelopeJson(R"({"type":"Handshake","client_id":"alice")"), Outcome::Json);
}

void DecodingTable::messages()
{
    columns();
    // <id> stands for an id.
    const auto message = [](const QByteArray &name, QByteArray payload, Outcome outcome) {
        payload.replace("<id>", QuotedId);
        row(name, envelopeJson(payload), outcome);
    };
    const auto update = [&](const QByteArray &name, const QByteArray &sender, Outcome outcome) {
        message(name,
            R"({"type":"EncryptedUpdate","recipient_id":<id>,"ciphertext":[1])" + sender + '}',
            outcome);
    };
    update("no sender", "", Outcome::Valid);
    update("sender null", R"(,"sender_id":null)", Outcome::Valid);
    update("sender an id", R"(,"sender_id":<id>)", Outcome::Valid);
    update("sender short", R"(,"sender_id":"abc")", Outcome::Invalid);
    update("sender empty", R"(,"sender_id":"")", Outcome::Invalid);
    update("sender a number", R"(,"sender_id":5)", Outcome::Payload);
    message("recipient malformed",
        R"({"type":"EncryptedUpdate","recipient_id":"bob","ciphertext":[1]})", Outcome::Invalid);

    const auto ack = [&](const QByteArray &name, const QByteArray &fields, Outcome outcome) {
        message(name, R"({"type":"Acknowledgment",)" + fields + '}', outcome);
    };
    ack("ack Stored", R"("message_id":"m","status":"Stored")", Outcome::Valid);
    ack("ack Delivered", R"("message_id":"m","status":"Delivered")", Outcome::Valid);
    ack("ack ReceivedByRecipient", R"("message_id":"","status":"ReceivedByRecipient")",
        Outcome::Valid);
    ack("ack Failed", R"("message_id":"m","status":"Failed")", Outcome::Valid);
    ack("ack of another status", R"("message_id":"m","status":"Read")", Outcome::Payload);
    ack("ack in another case", R"("message_id":"m","status":"stored")", Outcome::Payload);
    ack("ack with status null", R"("message_id":"m","status":null)", Outcome::Payload);
    ack("ack without status", R"("message_id":"m")", Outcome::Payload);
    ack("ack without message id", R"("status":"Stored")", Outcome::Payload);
    ack("ack with blob id null", R"("message_id":"m","status":"Stored","blob_id":null)",
        Outcome::Valid);
    ack("ack with blob id a number", R"("message_id":"m","status":"Stored","blob_id":1)",
        Outcome::Payload);

    const auto proof = [&](const QByteArray &name, qsizetype size, Outcome outcome) {
        QByteArray bytes = QByteArray("7,").repeated(size);
        bytes.chop(1);
        message(name,
            R"({"type":"RecoveryProofStore","key_hash":<id>,"proof_data":[)" + bytes + "]}",
            outcome);
    };
    proof("a proof of 64 KiB", 65536, Outcome::Valid);
    proof("a proof of 64 KiB and a byte", 65537, Outcome::Invalid);
    proof("a proof without bytes", 0, Outcome::Valid);
    message("a proof with a malformed hash",
        R"({"type":"RecoveryProofStore","key_hash":"x","proof_data":[]})", Outcome::Invalid);
    message("a proof without a hash", R"({"type":"RecoveryProofStore","proof_data":[]})",
        Outcome::Payload);

    const auto query = [&](const QByteArray &name, const QByteArray &hashes, Outcome outcome) {
        message(name, R"({"type":"RecoveryProofQuery","key_hashes":)" + hashes + '}', outcome);
    };
    const auto list = [](const QByteArray &element, qsizetype count) -> QByteArray {
        QByteArray elements = QByteArray(element).append(',').repeated(count);
        elements.chop(1);
        return '[' + elements + ']';
    };
    query("a query of one", list("<id>", 1), Outcome::Valid);
    query("a query of 50", list("<id>", 50), Outcome::Valid);
    query("a query of 51", list("<id>", 51), Outcome::Invalid);
    query("a query of none", "[]", Outcome::Invalid);
    query("a query of 51, malformed ones", list("\"x\"", 51), Outcome::Invalid);
    query("a query of malformed ones only", list("\"x\"", 50), Outcome::Valid);
    query("a query with a number", "[<id>,5]", Outcome::Payload);
    query("a query with null", "[null]", Outcome::Payload);
    query("a query with a lone surrogate", R"(["\ud83d"])", Outcome::Payload);
    query("a query that is null", "null", Outcome::Payload);
    query("a query that is one string", "<id>", Outcome::Payload);

    const QByteArray sync = R"({"type":"DeviceSyncMessage","identity_id":<id>,)"
                            R"("target_device_id":<id>,"sender_device_id":<id>,)"
                            R"("encrypted_payload":[1],"version":$})";
    message("sync of version 2^64-1", QByteArray(sync).replace("$", "18446744073709551615"),
        Outcome::Valid);
    message("sync of version 2^64", QByteArray(sync).replace("$", "18446744073709551616"),
        Outcome::Payload);
    message("sync of version 1e3", QByteArray(sync).replace("$", "1e3"), Outcome::Payload);
    message("sync of version null", QByteArray(sync).replace("$", "null"), Outcome::Payload);
    message(
        "sync without version", QByteArray(sync).replace(",\"version\":$", ""), Outcome::Payload);
    for (const char *field : {"identity_id", "target_device_id", "sender_device_id"}) {
        QByteArray malformed = QByteArray(sync).replace("$", "1");
        const QByteArray name = '"' + QByteArray(field) + "\":";
        const QByteArray right = name + "<id>";
        const QByteArray wrong = name + "\"x\"";
        message(QByteArray("sync with a malformed ") + field, malformed.replace(right, wrong),
            Outcome::Invalid);
    }
    message("a sync ack", R"({"type":"DeviceSyncAck","message_id":"m","synced_version":0})",
        Outcome::Valid);
    message("a sync ack without version", R"({"type":"DeviceSyncAck","message_id":"m"})",
        Outcome::Payload);
    message("a sync ack with a negative version",
        R"({"type":"DeviceSyncAck","message_id":"m","synced_version":-1})", Outcome::Payload);

    message("a purge without fields", R"({"type":"PurgeRequest"})", Outcome::Valid);
    message("a purge with null as hash", R"({"type":"PurgeRequest","recovery_key_hash":null})",
        Outcome::Valid);
    message("a purge with a malformed hash", R"({"type":"PurgeRequest","recovery_key_hash":"x"})",
        Outcome::Invalid);

    const QByteArray revoked =
        R"({"type":"AccountRevoked","sender_id":<id>,"recipient_id":<id>,"timestamp":5,)"
        R"("signature":[1,2]})";
    message("a revocation", revoked, Outcome::Valid);
    message("a revocation without sender", QByteArray(revoked).replace("\"sender_id\":<id>,", ""),
        Outcome::Payload);
    message("a revocation with a malformed sender",
        QByteArray(revoked).replace("\"sender_id\":<id>", "\"sender_id\":\"x\""), Outcome::Invalid);
    message("a revocation signed in hex", QByteArray(revoked).replace("[1,2]", "\"0102\""),
        Outcome::Payload);

    message("HandshakeAck without features",
        R"({"type":"HandshakeAck","protocol_version":1,"server_version":"x"})", Outcome::Valid);
    message("HandshakeAck with features null",
        R"({"type":"HandshakeAck","protocol_version":1,"server_version":"x","features":null})",
        Outcome::Payload);
    message("HandshakeAck with a feature that is a number",
        R"({"type":"HandshakeAck","protocol_version":1,"server_version":"x","features":[1]})",
        Outcome::Payload);
    message("HandshakeAck with limits null",
        R"({"type":"HandshakeAck","protocol_version":1,"server_version":"x","limits":null})",
        Outcome::Valid);
    message("HandshakeAck with a limit missing",
        R"({"type":"HandshakeAck","protocol_version":1,"server_version":"x","limits":{}})",
        Outcome::Payload);
    message("HandshakeAck of protocol version 2^32",
        R"({"type":"HandshakeAck","protocol_version":4294967296,"server_version":"x"})",
        Outcome::Payload);
    message("RecoveryProofResponse with a proof without data",
        R"({"type":"RecoveryProofResponse","proofs":[{"key_hash":<id>}]})", Outcome::Payload);
    message("RecoveryProofResponse with a known field of a proof twice",
        R"({"type":"RecoveryProofResponse",)"
        R"("proofs":[{"key_hash":<id>,"key_hash":<id>,"proof_data":[]}]})",
        Outcome::Payload);
    message("RecoveryProofResponse with truncated null",
        R"({"type":"RecoveryProofResponse","proofs":[],"truncated":null})", Outcome::Payload);
    message("RecoveryProofResponse with a proof that has a type of its own",
        R"({"type":"RecoveryProofResponse","proofs":[{"type":7,"key_hash":<id>,"proof_data":[]}]})",
        Outcome::Valid);
    message("PurgeResponse without a count",
        R"({"type":"PurgeResponse","blobs_deleted":1,"device_sync_deleted":1})", Outcome::Payload);
    message("ForwardingHints without hints", R"({"type":"ForwardingHints"})", Outcome::Payload);
    message("ForwardingHints with a number for a hint", R"({"type":"ForwardingHints","hints":[1]})",
        Outcome::Payload);
}

} // namespace relay::test
