// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"

#include "tests/fuzz/fuzzing.h"
#include "tests/shared/naivejson.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtEndian>

using namespace relay;
using namespace relay::test;

// The input is one frame: four bytes of length, then JSON.

namespace {

using Read = Result<Decoded, DecodeError>;

bool isSame(const Read &left, const Read &right)
{
    if (!left || !right)
        return !left && !right && left.error() == right.error();
    return left->envelope == right->envelope && left->prefixMismatch == right->prefixMismatch;
}

/** What a decoder has read before must not show in what it reads now. */
Read readInEveryState(QByteArrayView frame)
{
    const Read fresh = Decoder().decode(frame);
    Decoder used;
    (void)used.decode(frame.first(frame.size() / 2));
    require(isSame(used.decode(frame), fresh), "a frame reads the same after half of it");
    require(isSame(used.decode(frame), fresh), "a frame reads the same twice");
    static Decoder old;
    require(isSame(old.decode(frame), fresh), "a frame reads the same after all others");
    return fresh;
}

void requireGrammar(const QByteArray &json, const Read &read)
{
    if (read)
        require(NaiveJson::accepts(json), "what is accepted is JSON");
    else if (read.error() == DecodeError::Json)
        require(!NaiveJson::accepts(json), "what is refused as no JSON is none");
}

/** Whether a query had hashes but none that is an id: it has no encoding that says the same. */
bool isQueryOfNothing(const Message &message)
{
    const auto *query = std::get_if<RecoveryProofQuery>(&message);
    return query && query->keyHashes.empty();
}

void requireRoundTrip(const Envelope &envelope)
{
    const QByteArray frame = encodeFrame(envelope);
    require(encodedSize(envelope) == frame.size(), "encodedSize() is the size");
    require(NaiveJson::accepts(frame.sliced(4)), "what is written is JSON");
    if (isQueryOfNothing(envelope.message))
        return;
    const Read again = Decoder().decode(frame);
    require(again && again->envelope == envelope, "what was written reads the same");
    require(!again->prefixMismatch, "the length that is written is right");
    require(encodeFrame(again->envelope) == frame, "there is one way to write a value");
}

QByteArray bytesOf(const QJsonValue &value)
{
    QByteArray bytes;
    const QJsonArray array = value.toArray();
    for (const QJsonValue &element : array)
        bytes += static_cast<char>(element.toInt(-1));
    return bytes;
}

/** Qt reads what it can of an accepted frame (numbers above 2^53 it rounds) in the same way. */
void requireQtAgrees(const QByteArray &json, const Envelope &envelope)
{
    if (json.contains("\xef\xbb\xbf"))
        return; // Qt takes it out of the beginning of a string
    QJsonParseError error;
    const QJsonObject object = QJsonDocument::fromJson(json, &error).object();
    if (error.error != QJsonParseError::NoError)
        return; // a number above its range, in a field that is ignored
    require(object[u"message_id"].toString().toUtf8() == envelope.messageId,
        "Qt reads the same message id");
    if (envelope.timestamp < quint64(1) << 53)
        require(object[u"timestamp"].toInteger(-1) == static_cast<qint64>(envelope.timestamp),
            "Qt reads the same timestamp");
    const QJsonObject payload = object[u"payload"].toObject();
    const MessageType type = typeOf(envelope.message);
    require(messageTypeFromName(payload[u"type"].toString().toUtf8()) == type,
        "Qt reads the same type");
    if (const auto *update = std::get_if<EncryptedUpdate>(&envelope.message))
        require(
            bytesOf(payload[u"ciphertext"]) == update->ciphertext, "Qt reads the same ciphertext");
    if (const auto *proof = std::get_if<RecoveryProofStore>(&envelope.message))
        require(bytesOf(payload[u"proof_data"]) == proof->proofData, "Qt reads the same proof");
    if (const auto *sync = std::get_if<DeviceSyncMessage>(&envelope.message))
        require(bytesOf(payload[u"encrypted_payload"]) == sync->encryptedPayload,
            "Qt reads the same payload");
    if (const auto *ack = std::get_if<Acknowledgment>(&envelope.message))
        require(payload[u"message_id"].toString().toUtf8() == ack->messageId
                && payload[u"status"].toString().toUtf8() == toName(ack->status),
            "Qt reads the same acknowledgment");
}

void requireBound(Envelope envelope)
{
    const auto *update = std::get_if<EncryptedUpdate>(&envelope.message);
    if (!update)
        return;
    envelope.messageId = QByteArray(36, 'x');
    require(encodedSize(envelope) <= encodedUpdateBound(update->ciphertext.size()),
        "encodedUpdateBound() is a bound");
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView frame(data, static_cast<qsizetype>(size));
    const Read read = readInEveryState(frame);
    require((frame.size() < 4) == (!read && read.error() == DecodeError::TooShort),
        "four bytes are a length");
    if (frame.size() < 4)
        return 0;
    const QByteArray json = frame.sliced(4).toByteArray();
    requireGrammar(json, read);
    if (!read)
        return 0;
    require(read->prefixMismatch
            == (qFromBigEndian<quint32>(frame.data()) != static_cast<size_t>(json.size())),
        "a wrong length is noted");
    const Message &message = read->envelope.message;
    requireQtAgrees(json, read->envelope);
    if (std::holds_alternative<Invalid>(message))
        require(typeOf(message) != MessageType::Unknown, "what is invalid has a type");
    else if (!std::holds_alternative<Unknown>(message))
        requireRoundTrip(read->envelope);
    requireBound(read->envelope);
    return 0;
}
