// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/framereader.h"

#include "shared/protocol/jsontext.h"

#include <QtEndian>

#include <limits>

namespace relay {

namespace od = simdjson::ondemand;

namespace {

constexpr int MaxLevels = 128;

/** 0 to 255 as JSON writes an integer. Four bytes from the start of `text` must be readable. */
inline bool parseByte(std::string_view text, quint8 &byte)
{
    if (text.size() - 1 > 2) // also when empty
        return false;
    // The digits move to the high end, zeros come in below; all are handled at once, since their
    // number cannot be predicted.
    const auto shift = static_cast<unsigned>(8 * (4 - text.size()));
    const quint32 digits = (qFromLittleEndian<quint32>(text.data()) ^ 0x30303030U) << shift;
    const quint32 aboveNine = (((digits & 0x7f7f7f7fU) + 0x76767676U) | digits) & 0x80808080U;
    const quint32 value = (digits >> 8 & 0xff) * 100 + (digits >> 16 & 0xff) * 10 + (digits >> 24);
    const bool leadingZero = text.size() > 1 && text.front() == '0';
    byte = static_cast<quint8>(value);
    return !((aboveNine != 0) | (value > 255) | leadingZero);
}

/** Both decode the hexadecimal text of a fixed number of bytes. */
template <size_t N>
bool fromHex(QByteArrayView hex, std::array<quint8, N> &bytes)
{
    static_assert(N % Id::Size == 0);
    if (hex.size() != 2 * qsizetype(N))
        return false;
    for (size_t at = 0; at < N; at += Id::Size) {
        const auto part = Id::fromHex(hex.sliced(2 * qsizetype(at), Id::HexSize));
        if (!part)
            return false;
        std::copy(part->bytes.begin(), part->bytes.end(), bytes.begin() + at);
    }
    return true;
}

template <typename T>
bool keepsRules(const T &)
{
    return true;
}

bool keepsRules(const RecoveryProofStore &store)
{
    return store.proofData.size() <= RecoveryProofStore::MaxProofBytes;
}

/** All four fields of the signature, or none. */
bool keepsRules(const wire::HandshakeFields &fields)
{
    const bool first = fields.publicKey.has_value();
    return first == fields.nonce.has_value() && first == fields.signature.has_value()
        && first == fields.timestamp.has_value();
}

template <typename T>
T finished(T &&message)
{
    return std::forward<T>(message);
}

Handshake finished(wire::HandshakeFields &&fields)
{
    Handshake handshake = fields.handshake;
    if (fields.publicKey)
        handshake.signature = {
            *fields.publicKey, *fields.nonce, *fields.signature, *fields.timestamp};
    return handshake;
}

} // namespace

bool FrameReader::fail(DecodeError error)
{
    m_error = error;
    return false;
}

// --- Structure ---

bool FrameReader::readKey(od::field &field, std::string_view &key)
{
    // The first stage has made sure that the string ends.
    const char *const start = field.key().raw();
    const char *end = start;
    bool escapes = false;
    for (; *end != '"'; ++end) {
        if (*end == '\\') {
            escapes = true;
            ++end;
        }
    }
    key = {start, size_t(end - start)};
    if (!escapes)
        return true;
    switch (json::unescape(key, m_scratch.key)) {
    case json::StringFault::None:
        key = {m_scratch.key.constData(), size_t(m_scratch.key.size())};
        return true;
    case json::StringFault::LoneSurrogate:
        key = {}; // certainly not one of ours
        return true;
    case json::StringFault::Malformed:
        break;
    }
    return fail(DecodeError::Json);
}

template <typename Visit>
bool FrameReader::eachField(Object &object, Visit visit)
{
    for (auto result : object) {
        od::field field;
        std::string_view key;
        if (std::move(result).get(field))
            return fail(DecodeError::Json);
        if (!readKey(field, key) || !visit(key, field.value()))
            return false;
    }
    return true;
}

template <typename Visit>
bool FrameReader::eachElement(Value &value, Visit visit)
{
    od::array array;
    if (value.get_array().get(array))
        return mismatch();
    ++m_level;
    for (auto result : array) {
        Value element;
        if (std::move(result).get(element))
            return fail(DecodeError::Json);
        if (!visit(element))
            return false;
    }
    --m_level;
    return true;
}

bool FrameReader::skip(Value &value)
{
    std::string_view text = value.raw_json_token();
    if (text.starts_with('{')) {
        Object object;
        if (value.get_object().get(object) || object.raw_json().get(text))
            return fail(DecodeError::Json);
    } else if (text.starts_with('[')) {
        od::array array;
        if (value.get_array().get(array) || array.raw_json().get(text))
            return fail(DecodeError::Json);
    } else if (text.starts_with('"')) {
        // Not left to the parser, which would take "a":"b":1 for a key.
        od::raw_json_string consumed;
        if (value.get_raw_json_string().get(consumed))
            return fail(DecodeError::Json);
    }
    return json::isValue(json::trimmed(text), MaxLevels - m_level) || fail(DecodeError::Json);
}

// --- Messages ---

bool FrameReader::read(od::document &document, Envelope &envelope)
{
    Object object;
    if (const auto error = document.get_object().get(object))
        return fail(error == simdjson::INCORRECT_TYPE ? DecodeError::Envelope : DecodeError::Json);
    m_level = 1;
    quint32 seen = 0;
    const bool whole = eachField(object, [&](std::string_view key, Value &value) {
        return readEnvelopeField(key, value, envelope, seen);
    });
    if (!whole)
        return false;
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
        return fail(DecodeError::Json); // something stands behind the object
    constexpr quint32 AllFour = 0xf;
    return seen == AllFour || fail(DecodeError::Envelope);
}

bool FrameReader::readEnvelopeField(
    std::string_view key, Value &value, Envelope &envelope, quint32 &seen)
{
    const auto first = [&](quint32 bit) {
        const bool isFirst = !(seen & bit);
        seen |= bit;
        return isFirst || mismatch();
    };
    if (key == "version") {
        quint64 version = 0; // any that fits a byte is accepted
        return first(1) && readValue(value, version) && (version <= 255 || mismatch());
    }
    if (key == "message_id")
        return first(2) && readValue(value, envelope.messageId);
    if (key == "timestamp")
        return first(4) && readValue(value, envelope.timestamp);
    if (key == "payload")
        return first(8) && readPayload(value, envelope.message);
    return skip(value);
}

bool FrameReader::readPayload(Value &value, Message &message)
{
    Object payload;
    if (value.get_object().get(payload))
        return mismatch();
    m_section = DecodeError::Payload;
    MessageType type;
    if (!findType(payload, type))
        return false;
    if (payload.reset().error())
        return fail(DecodeError::Json);
    m_expectsType = true;
    if (!readTyped(payload, type, message))
        return false;
    m_section = DecodeError::Envelope;
    return true;
}

/** Usually the first field. What is passed over here is read, or checked, in the second round. */
bool FrameReader::findType(Object &payload, MessageType &type)
{
    bool found = false;
    const bool toTheEnd = eachField(payload, [&](std::string_view key, Value &value) {
        if (key != "type")
            return true;
        QByteArrayView name;
        if (readString(value, name)) {
            type = messageTypeFromName(name);
            found = true;
        }
        return false;
    });
    if (toTheEnd)
        return mismatch();
    return found;
}

bool FrameReader::readTyped(Object &payload, MessageType type, Message &message)
{
    switch (type) {
    case MessageType::Handshake:
        return readMessage<wire::HandshakeFields>(payload, message);
    case MessageType::HandshakeAck:
        return readMessage<HandshakeAck>(payload, message);
    case MessageType::EncryptedUpdate:
        return readMessage<EncryptedUpdate>(payload, message);
    case MessageType::Acknowledgment:
        return readMessage<Acknowledgment>(payload, message);
    case MessageType::RecoveryProofStore:
        return readMessage<RecoveryProofStore>(payload, message);
    case MessageType::RecoveryProofQuery:
        return readMessage<RecoveryProofQuery>(payload, message);
    case MessageType::RecoveryProofResponse:
        return readMessage<RecoveryProofResponse>(payload, message);
    case MessageType::DeviceSyncMessage:
        return readMessage<DeviceSyncMessage>(payload, message);
    case MessageType::DeviceSyncAck:
        return readMessage<DeviceSyncAck>(payload, message);
    case MessageType::PurgeRequest:
        return readMessage<PurgeRequest>(payload, message);
    case MessageType::PurgeResponse:
        return readMessage<PurgeResponse>(payload, message);
    case MessageType::AccountRevoked:
        return readMessage<AccountRevoked>(payload, message);
    case MessageType::ForwardingHints:
        return readMessage<ForwardingHints>(payload, message);
    case MessageType::Unknown:
        break;
    }
    return readMessage<Unknown>(payload, message);
}

template <typename Fields>
bool FrameReader::readMessage(Object &payload, Message &message)
{
    Fields fields;
    if (!readFields(payload, fields))
        return false;
    const bool valid = !m_breaksRule && keepsRules(fields);
    message = finished(std::move(fields));
    if (!valid)
        message = Invalid {typeOf(message)};
    return true;
}

template <typename Fields>
bool FrameReader::readFields(Object &object, Fields &fields)
{
    constexpr quint32 TypeBit = 1U << 31;
    const bool hasType = std::exchange(m_expectsType, false);
    quint32 seen = 0;
    ++m_level;
    const bool whole = eachField(object, [&](std::string_view key, Value &value) {
        const auto first = [&](quint32 bit) {
            const bool isFirst = !(seen & bit);
            seen |= bit;
            return isFirst || mismatch();
        };
        if (hasType && key == "type") {
            QByteArrayView known;
            return first(TypeBit) && readString(value, known);
        }
        quint32 bit = 1;
        bool matched = false;
        bool ok = true;
        const auto visit = [&](wire::Presence presence, std::string_view name, auto &&field) {
            if (!matched && key == name) {
                matched = true;
                const bool isNone =
                    presence == wire::Optional && json::trimmed(value.raw_json_token()) == "null";
                ok = first(bit) && (isNone || readValue(value, field));
            }
            bit <<= 1;
        };
        wire::describe(visit, fields);
        return matched ? ok : skip(value);
    });
    if (!whole)
        return false;
    --m_level;

    quint32 bit = 1;
    quint32 required = 0;
    const auto require = [&](wire::Presence presence, std::string_view, const auto &) {
        required |= presence == wire::Required ? bit : 0;
        bit <<= 1;
    };
    wire::describe(require, fields);
    return (seen & required) == required || mismatch();
}

// --- Values ---

/** `text` is valid until the next string is read. */
bool FrameReader::readString(Value &value, QByteArrayView &text)
{
    std::string_view token = json::trimmed(value.raw_json_token());
    od::raw_json_string consumed;
    if (value.get_raw_json_string().get(consumed) || token.size() < 2 || token.back() != '"')
        return mismatch();
    token = token.substr(1, token.size() - 2);
    text = QByteArrayView(token.data(), qsizetype(token.size()));
    if (token.find('\\') == token.npos)
        return true;
    const json::StringFault fault = json::unescape(token, m_scratch.text);
    text = m_scratch.text;
    return fault == json::StringFault::None || mismatch();
}

bool FrameReader::readValue(Value &value, QByteArray &text)
{
    QByteArrayView read;
    if (!readString(value, read))
        return false;
    text = read.toByteArray();
    return true;
}

bool FrameReader::readValue(Value &value, quint64 &number)
{
    uint64_t read = 0;
    if (value.get_uint64().get(read))
        return mismatch();
    number = read;
    return true;
}

bool FrameReader::readValue(Value &value, quint32 &number)
{
    quint64 read = 0;
    if (!readValue(value, read))
        return false;
    number = static_cast<quint32>(read);
    return read <= std::numeric_limits<quint32>::max() || mismatch();
}

bool FrameReader::readValue(Value &value, bool &flag)
{
    return !value.get_bool().get(flag) || mismatch();
}

bool FrameReader::readValue(Value &value, AckStatus &status)
{
    QByteArrayView name;
    if (!readString(value, name))
        return false;
    const auto known = ackStatusFromName(name);
    status = known.value_or(status);
    return known || mismatch();
}

bool FrameReader::readValue(Value &value, Id &id)
{
    return readValue(value, id.bytes);
}

bool FrameReader::readValue(Value &value, WrittenId &id)
{
    QByteArrayView hex;
    if (!readString(value, hex))
        return false;
    const auto written = WrittenId::fromHex(hex);
    id = written.value_or(id);
    m_breaksRule |= !written;
    return true;
}

template <size_t N>
bool FrameReader::readValue(Value &value, std::array<quint8, N> &hexBytes)
{
    QByteArrayView hex;
    if (!readString(value, hex))
        return false;
    m_breaksRule |= !fromHex(hex, hexBytes);
    return true;
}

bool FrameReader::readValue(Value &value, wire::Bytes<QByteArray> bytes)
{
    od::array array;
    if (value.get_array().get(array))
        return mismatch();
    char *const start = m_scratch.bytes.data();
    char *end = start;
    for (auto result : array) {
        Value element;
        if (std::move(result).get(element))
            return fail(DecodeError::Json);
        const std::string_view token = element.raw_json_token();
        quint8 byte = 0;
        if (!parseByte(token, byte) && !parseByte(json::trimmed(token), byte))
            return mismatch();
        *end++ = static_cast<char>(byte);
    }
    bytes.value = QByteArray(start, end - start);
    return true;
}

bool FrameReader::readValue(Value &value, wire::QueriedIds<std::vector<Id>> ids)
{
    int count = 0;
    const bool whole = eachElement(value, [&](Value &element) {
        QByteArrayView hex;
        if (!readString(element, hex))
            return false;
        const auto id = Id::fromHex(hex);
        if (++count <= RecoveryProofQuery::MaxHashes && id)
            ids.value.push_back(*id);
        return true;
    });
    m_breaksRule |= count < 1 || count > RecoveryProofQuery::MaxHashes;
    return whole;
}

template <typename T>
bool FrameReader::readValue(Value &value, std::optional<T> &target)
{
    return readValue(value, target.emplace());
}

template <typename T>
bool FrameReader::readValue(Value &value, std::vector<T> &list)
{
    return eachElement(
        value, [&](Value &element) { return readValue(element, list.emplace_back()); });
}

template <typename T>
requires std::is_class_v<T>
bool FrameReader::readValue(Value &value, T &fields)
{
    Object object;
    if (value.get_object().get(object))
        return mismatch();
    return readFields(object, fields);
}

} // namespace relay
