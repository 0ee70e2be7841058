// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/codec.h"
#include "shared/protocol/wireform.h"

#include <simdjson.h>

#include <vector>

namespace relay {

/**
 * Reads one envelope out of a parsed text. Made anew for each frame.
 *
 * The parser's first stage has checked UTF-8, quotes and control characters of the whole text. Its
 * second one checks only what it is asked for, not even whether skipped brackets match. So every
 * value is either read by a function that is strict about its text, or given to json::isValue().
 *
 * The functions return false as soon as the frame is known not to be decodable; the reason is then
 * in error(), and the parser must not be asked any more.
 */
class FrameReader {
public:
    /** Memory that is kept between frames. */
    struct Scratch {
        QByteArray key;
        QByteArray text;
        std::vector<char> bytes; ///< at least half as many as the text has
    };

    explicit FrameReader(Scratch &scratch)
        : m_scratch(scratch)
    {
    }

    bool read(simdjson::ondemand::document &document, Envelope &envelope);
    DecodeError error() const { return m_error; }

private:
    using Object = simdjson::ondemand::object;
    using Value = simdjson::ondemand::value;

    bool fail(DecodeError error);
    /** A value, or a set of fields, that is not what the protocol says. */
    bool mismatch() { return fail(m_section); }

    template <typename Visit>
    bool eachField(Object &object, Visit visit);
    template <typename Visit>
    bool eachElement(Value &value, Visit visit);
    bool readKey(simdjson::ondemand::field &field, std::string_view &key);
    bool skip(Value &value);

    bool readEnvelopeField(std::string_view key, Value &value, Envelope &envelope, quint32 &seen);
    bool readPayload(Value &value, Message &message);
    bool findType(Object &payload, MessageType &type);
    bool readTyped(Object &payload, MessageType type, Message &message);
    template <typename Fields>
    bool readMessage(Object &payload, Message &message);
    template <typename Fields>
    bool readFields(Object &object, Fields &fields);

    bool readString(Value &value, QByteArrayView &text);
    bool readValue(Value &value, QByteArray &text);
    bool readValue(Value &value, quint64 &number);
    bool readValue(Value &value, quint32 &number);
    bool readValue(Value &value, bool &flag);
    bool readValue(Value &value, AckStatus &status);
    bool readValue(Value &value, Id &id);
    bool readValue(Value &value, WrittenId &id);
    template <size_t N>
    bool readValue(Value &value, std::array<quint8, N> &hexBytes);
    bool readValue(Value &value, wire::Bytes<QByteArray> bytes);
    bool readValue(Value &value, wire::QueriedIds<std::vector<Id>> ids);
    template <typename T>
    bool readValue(Value &value, std::optional<T> &target);
    template <typename T>
    bool readValue(Value &value, std::vector<T> &list);
    template <typename T>
    requires std::is_class_v<T>
    bool readValue(Value &value, T &fields);

    Scratch &m_scratch;
    DecodeError m_error = DecodeError::Json;
    /** What mismatch() reports. */
    DecodeError m_section = DecodeError::Envelope;
    /** The object whose fields are read next is the payload: it has a `type`. */
    bool m_expectsType = false;
    /** Objects and arrays around the value that is being read. */
    int m_level = 0;
    /** JSON and types are right, but something breaks a rule of the message. */
    bool m_breaksRule = false;
};

} // namespace relay
