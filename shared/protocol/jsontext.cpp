// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/jsontext.h"

#include <QtGlobal>

#include <bitset>

namespace relay::json {

namespace {

constexpr int MaxLevels = 128;

bool isSpace(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

int hexDigit(char c)
{
    if (isDigit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/** The value of the four digits at the start of `text`; -1 if they are not there. */
int hexQuad(std::string_view text)
{
    if (text.size() < 4)
        return -1;
    int value = 0;
    for (const char c : text.substr(0, 4)) {
        const int digit = hexDigit(c);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

bool isHighSurrogate(int unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}
bool isLowSurrogate(int unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The character that a one-letter escape stands for; 0 if there is no such escape. */
char shortEscape(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

void appendUtf8(QByteArray &out, int codePoint)
{
    const auto tail = [&](int shift) { out += char(0x80 | (codePoint >> shift & 0x3f)); };
    if (codePoint < 0x80) {
        out += char(codePoint);
    } else if (codePoint < 0x800) {
        out += char(0xc0 | codePoint >> 6);
        tail(0);
    } else if (codePoint < 0x10000) {
        out += char(0xe0 | codePoint >> 12);
        tail(6);
        tail(0);
    } else {
        out += char(0xf0 | codePoint >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

/** Walks over one value. Each function moves `at` behind what it names, or returns false. */
class Walker {
public:
    Walker(std::string_view text, int levels)
        : m_at(text.data())
        , m_end(text.data() + text.size())
        , m_levels(levels)
    {
    }

    bool wholeValue();

private:
    bool value();
    bool closeContainers();
    bool key();
    bool string();
    bool number();
    bool digits();
    bool literal(std::string_view word);
    bool accept(char c);
    void skipSpace();
    bool inObject() const { return m_isObject[size_t(m_depth)]; }

    const char *m_at;
    const char *const m_end;
    const int m_levels;
    int m_depth = 0;
    std::bitset<MaxLevels + 1> m_isObject; // by depth
};

void Walker::skipSpace()
{
    while (m_at != m_end && isSpace(*m_at))
        ++m_at;
}

bool Walker::accept(char c)
{
    if (m_at == m_end || *m_at != c)
        return false;
    ++m_at;
    return true;
}

bool Walker::literal(std::string_view word)
{
    if (!std::string_view(m_at, size_t(m_end - m_at)).starts_with(word))
        return false;
    m_at += word.size();
    return true;
}

bool Walker::digits()
{
    const char *const start = m_at;
    while (m_at != m_end && isDigit(*m_at))
        ++m_at;
    return m_at != start;
}

bool Walker::number()
{
    accept('-');
    if (!accept('0') && !digits())
        return false;
    if (accept('.') && !digits())
        return false;
    if (accept('e') || accept('E')) {
        if (!accept('+'))
            accept('-');
        return digits();
    }
    return true;
}

bool Walker::string()
{
    if (!accept('"'))
        return false;
    while (m_at != m_end) {
        const char c = *m_at++;
        if (c == '"')
            return true;
        if (static_cast<quint8>(c) < 0x20)
            return false;
        if (c != '\\')
            continue;
        if (m_at == m_end)
            return false;
        const char letter = *m_at++;
        if (letter == 'u') {
            if (hexQuad({m_at, size_t(m_end - m_at)}) < 0)
                return false;
            m_at += 4;
        } else if (!shortEscape(letter)) {
            return false;
        }
    }
    return false;
}

bool Walker::key()
{
    skipSpace();
    if (!string())
        return false;
    skipSpace();
    return accept(':');
}

/** A scalar, an empty container, or the opening of a container up to its first value. */
bool Walker::value()
{
    for (;;) {
        skipSpace();
        if (m_at == m_end)
            return false;
        switch (*m_at) {
        case '{':
        case '[': {
            if (++m_depth > m_levels)
                return false;
            const bool isObject = *m_at++ == '{';
            m_isObject[size_t(m_depth)] = isObject;
            skipSpace();
            if (accept(isObject ? '}' : ']')) {
                --m_depth;
                return true;
            }
            if (isObject && !key())
                return false;
            continue;
        }
        case '"':
            return string();
        case 't':
            return literal("true");
        case 'f':
            return literal("false");
        case 'n':
            return literal("null");
        default:
            return number();
        }
    }
}

/** After a value: closes what ends here. False unless the end, or a comma, comes next. */
bool Walker::closeContainers()
{
    while (m_depth > 0) {
        skipSpace();
        if (accept(','))
            return !inObject() || key();
        if (!accept(inObject() ? '}' : ']'))
            return false;
        --m_depth;
    }
    return true;
}

bool Walker::wholeValue()
{
    if (m_at == m_end || isSpace(*m_at))
        return false;
    do {
        if (!value() || !closeContainers())
            return false;
    } while (m_depth > 0);
    return m_at == m_end;
}

} // namespace

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

bool isValue(std::string_view text, int levels)
{
    Q_ASSERT(levels <= MaxLevels);
    return Walker(text, levels).wholeValue();
}

StringFault unescape(std::string_view text, QByteArray &out)
{
    out.resize(0);
    bool loneSurrogate = false;
    while (!text.empty()) {
        const size_t plain = std::min(text.find('\\'), text.size());
        out.append(text.data(), qsizetype(plain));
        text.remove_prefix(plain);
        if (text.empty())
            break;
        if (text.size() < 2)
            return StringFault::Malformed;
        if (text[1] != 'u') {
            const char c = shortEscape(text[1]);
            if (!c)
                return StringFault::Malformed;
            out += c;
            text.remove_prefix(2);
            continue;
        }
        int codePoint = hexQuad(text.substr(2));
        if (codePoint < 0)
            return StringFault::Malformed;
        text.remove_prefix(6);
        if (isHighSurrogate(codePoint) && text.starts_with("\\u")) {
            if (const int low = hexQuad(text.substr(2)); isLowSurrogate(low)) {
                codePoint = 0x10000 + ((codePoint - 0xd800) << 10) + (low - 0xdc00);
                text.remove_prefix(6);
            }
        }
        loneSurrogate |= codePoint >= 0xd800 && codePoint <= 0xdfff;
        appendUtf8(out, codePoint);
    }
    return loneSurrogate ? StringFault::LoneSurrogate : StringFault::None;
}

} // namespace relay::json
