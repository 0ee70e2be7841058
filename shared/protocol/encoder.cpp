// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"
#include "shared/protocol/wireform.h"

#include <QtEndian>

#include <charconv>
#include <limits>

namespace relay {

namespace {

constexpr std::string_view HexDigits = "0123456789abcdef";

/** What a byte becomes in a byte array, with the comma behind it. */
struct ByteText {
    std::array<char, 4> text;
    quint8 size;
};

constexpr std::array<ByteText, 256> makeByteTexts()
{
    std::array<ByteText, 256> table {};
    for (unsigned i = 0; i < 256; ++i) {
        ByteText &entry = table[i];
        if (i >= 100)
            entry.text[entry.size++] = char('0' + i / 100);
        if (i >= 10)
            entry.text[entry.size++] = char('0' + i / 10 % 10);
        entry.text[entry.size++] = char('0' + i % 10);
        entry.text[entry.size++] = ',';
    }
    return table;
}

constexpr auto ByteTexts = makeByteTexts();

/** The letter behind the backslash for characters that have a short escape, else 0. */
constexpr char escapeLetter(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

constexpr bool isControl(char c)
{
    return static_cast<quint8>(c) < 0x20;
}
constexpr bool needsEscape(char c)
{
    return c == '"' || c == '\\' || isControl(c);
}

/** How many digits the bytes need in decimal beyond one each. */
qsizetype furtherDigits(QByteArrayView bytes)
{
    // Eight bytes at a time: the high bit of each is set where it is above 9, and above 99.
    constexpr quint64 Each = 0x0101010101010101U;
    constexpr qsizetype Lanes = sizeof(quint64);
    constexpr qsizetype MaxRounds = 15; // 15 * 8 * 2 fits the byte that sums the lanes up
    qsizetype digits = 0;
    while (bytes.size() >= Lanes) {
        const qsizetype rounds = std::min(bytes.size() / Lanes, MaxRounds);
        quint64 lanes = 0;
        for (qsizetype i = 0; i < rounds; ++i) {
            const auto eight = qFromUnaligned<quint64>(bytes.data() + i * Lanes);
            const quint64 low = eight & (0x7f * Each);
            lanes += ((low + (0x80 - 10) * Each) | eight) >> 7 & Each;
            lanes += ((low + (0x80 - 100) * Each) | eight) >> 7 & Each;
        }
        digits += static_cast<qsizetype>(lanes * Each >> 56);
        bytes = bytes.sliced(rounds * Lanes);
    }
    for (const char c : bytes)
        digits += (static_cast<quint8>(c) >= 10) + (static_cast<quint8>(c) >= 100);
    return digits;
}

/** Counts what Writer would write. */
class Measure {
public:
    void raw(std::string_view text) { m_size += qsizetype(text.size()); }
    void number(quint64 value)
    {
        do {
            ++m_size;
        } while (value /= 10);
    }
    void escaped(QByteArrayView text)
    {
        for (const char c : text)
            m_size += escapeLetter(c) ? 2 : isControl(c) ? 6 : 1;
    }
    void hex(QByteArrayView bytes, quint64) { m_size += 2 * bytes.size(); }
    void bytes(QByteArrayView bytes)
    {
        // Brackets, and a digit and a comma for each but the last comma.
        m_size += 2 + 2 * bytes.size() - (bytes.isEmpty() ? 0 : 1) + furtherDigits(bytes);
    }

    qsizetype size() const { return m_size; }

private:
    qsizetype m_size = 0;
};

/** Writes to memory that has been measured to be large enough. */
class Writer {
public:
    explicit Writer(char *at)
        : m_at(at)
    {
    }

    void raw(std::string_view text)
    {
        std::memcpy(m_at, text.data(), text.size());
        m_at += text.size();
    }
    void number(quint64 value)
    {
        m_at = std::to_chars(m_at, m_at + std::numeric_limits<quint64>::digits10 + 1, value).ptr;
    }
    void escaped(QByteArrayView text)
    {
        for (const char c : text) {
            if (!needsEscape(c)) {
                *m_at++ = c;
            } else if (const char letter = escapeLetter(c)) {
                *m_at++ = '\\';
                *m_at++ = letter;
            } else {
                raw("\\u00");
                *m_at++ = HexDigits[static_cast<quint8>(c) >> 4];
                *m_at++ = HexDigits[static_cast<quint8>(c) & 0xf];
            }
        }
    }
    // The loops below use a local pointer: what is written could be m_at itself for all that the
    // compiler knows.

    /** Digit n in upper case when bit n of `upperCase` is set and it is a letter. */
    void hex(QByteArrayView bytes, quint64 upperCase)
    {
        char *at = m_at;
        for (const char c : bytes) {
            *at++ = HexDigits[static_cast<quint8>(c) >> 4];
            *at++ = HexDigits[static_cast<quint8>(c) & 0xf];
        }
        for (int i = 0; upperCase; ++i, upperCase >>= 1) {
            if (upperCase & 1 && m_at[i] >= 'a')
                m_at[i] = char(m_at[i] - 'a' + 'A');
        }
        m_at = at;
    }
    void bytes(QByteArrayView bytes)
    {
        char *at = m_at;
        *at++ = '[';
        // Copies four bytes whatever the size: at least "}}" follows the last one of a frame.
        for (const char c : bytes) {
            const ByteText &entry = ByteTexts[static_cast<quint8>(c)];
            std::memcpy(at, entry.text.data(), entry.text.size());
            at += entry.size;
        }
        if (!bytes.isEmpty())
            --at; // the last comma
        *at++ = ']';
        m_at = at;
    }

    const char *at() const { return m_at; }

private:
    char *m_at;
};

/** Puts fields and values into JSON, for either output. */
template <typename Output>
class Encoder {
public:
    explicit Encoder(Output &out)
        : m_out(out)
    {
    }

    void envelope(const Envelope &envelope, MessageType type, const auto &payload)
    {
        m_out.raw(R"({"version":1,"message_id":)");
        value(envelope.messageId);
        m_out.raw(R"(,"timestamp":)");
        m_out.number(envelope.timestamp);
        const QByteArrayView name = toName(type);
        m_out.raw(R"(,"payload":{"type":")");
        m_out.raw({name.data(), size_t(name.size())});
        m_out.raw("\"");
        fields(payload, ",");
        m_out.raw("}}");
    }

private:
    /** `separator` comes before the first field that is written. */
    void fields(const auto &message, std::string_view separator)
    {
        const auto visit = [&](wire::Presence presence, std::string_view name, const auto &field) {
            if (isLeftOut(presence, field))
                return;
            m_out.raw(separator);
            m_out.raw("\"");
            m_out.raw(name);
            m_out.raw("\":");
            value(field);
            separator = ",";
        };
        wire::describe(visit, message);
    }

    template <typename T>
    static bool isLeftOut(wire::Presence presence, const std::optional<T> &field)
    {
        return presence == wire::Optional && !field;
    }
    static bool isLeftOut(wire::Presence presence, const QByteArray &field)
    {
        return presence == wire::Optional && field.isEmpty();
    }
    static bool isLeftOut(wire::Presence presence, bool field)
    {
        return presence == wire::Flag && !field;
    }
    static bool isLeftOut(wire::Presence, const auto &) { return false; }

    void value(const QByteArray &text)
    {
        m_out.raw("\"");
        m_out.escaped(text);
        m_out.raw("\"");
    }
    void value(quint64 number) { m_out.number(number); }
    void value(quint32 number) { m_out.number(number); }
    void value(bool flag) { m_out.raw(flag ? "true" : "false"); }
    void value(AckStatus status)
    {
        const QByteArrayView name = toName(status);
        m_out.raw("\"");
        m_out.raw({name.data(), size_t(name.size())});
        m_out.raw("\"");
    }
    void hex(QByteArrayView bytes, quint64 upperCase)
    {
        m_out.raw("\"");
        m_out.hex(bytes, upperCase);
        m_out.raw("\"");
    }
    void value(const Id &id) { hex(id.view(), 0); }
    void value(const WrittenId &written) { hex(written.id.view(), written.upperCase); }
    template <size_t N>
    void value(const std::array<quint8, N> &bytes)
    {
        hex({reinterpret_cast<const char *>(bytes.data()), qsizetype(N)}, 0);
    }
    void value(wire::Bytes<const QByteArray> field) { m_out.bytes(field.value); }
    void value(wire::QueriedIds<const std::vector<Id>> field) { value(field.value); }
    template <typename T>
    void value(const std::optional<T> &field)
    {
        value(*field);
    }
    template <typename T>
    void value(const std::vector<T> &list)
    {
        m_out.raw("[");
        std::string_view separator = "";
        for (const T &element : list) {
            m_out.raw(separator);
            value(element);
            separator = ",";
        }
        m_out.raw("]");
    }
    /** A nested object. */
    template <typename T>
    requires std::is_class_v<T>
    void value(const T &message)
    {
        m_out.raw("{");
        fields(message, "");
        m_out.raw("}");
    }

    Output &m_out;
};

template <typename M>
const M &wireForm(const M &message)
{
    return message;
}

wire::HandshakeFields wireForm(const Handshake &handshake)
{
    wire::HandshakeFields form {handshake, {}, {}, {}, {}};
    if (const auto &signature = handshake.signature) {
        form.publicKey = signature->publicKey;
        form.nonce = signature->nonce;
        form.signature = signature->signature;
        form.timestamp = signature->timestamp;
    }
    return form;
}

/** Calls `use` with the payload in its wire form. False for what has no encoding. */
template <typename Use>
bool withPayload(const Message &message, Use use)
{
    return std::visit(
        [&](const auto &payload) {
            using M = std::decay_t<decltype(payload)>;
            if constexpr (std::is_same_v<M, Unknown> || std::is_same_v<M, Invalid>) {
                return false;
            } else {
                use(wireForm(payload));
                return true;
            }
        },
        message);
}

qsizetype jsonSize(const Envelope &envelope, MessageType type, const auto &payload)
{
    Measure measure;
    Encoder(measure).envelope(envelope, type, payload);
    return measure.size();
}

} // namespace

QByteArray encodeFrame(const Envelope &envelope)
{
    QByteArray frame;
    const MessageType type = typeOf(envelope.message);
    const bool encoded = withPayload(envelope.message, [&](const auto &payload) {
        const qsizetype size = jsonSize(envelope, type, payload);
        frame = QByteArray(PrefixSize + size, Qt::Uninitialized);
        qToBigEndian(static_cast<quint32>(size), frame.data());
        Writer writer(frame.data() + PrefixSize);
        Encoder(writer).envelope(envelope, type, payload);
        Q_ASSERT(writer.at() == frame.constEnd());
    });
    Q_ASSERT_X(encoded, "encodeFrame", "Unknown and Invalid have no encoding");
    return frame;
}

qsizetype encodedSize(const Envelope &envelope)
{
    qsizetype size = 0;
    const bool encoded = withPayload(envelope.message, [&](const auto &payload) {
        size = PrefixSize + jsonSize(envelope, typeOf(envelope.message), payload);
    });
    Q_ASSERT_X(encoded, "encodedSize", "Unknown and Invalid have no encoding");
    return size;
}

qsizetype encodedUpdateBound(qsizetype ciphertextSize)
{
    static const qsizetype largestEmpty = [] {
        constexpr qsizetype UuidSize = 36;
        const WrittenId id;
        return encodedSize({QByteArray(UuidSize, 'x'), std::numeric_limits<quint64>::max(),
            EncryptedUpdate {id, id, {}}});
    }();
    constexpr qsizetype LongestByte = 4; // "255,"
    return largestEmpty + LongestByte * ciphertextSize;
}

} // namespace relay
