// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/httpanswerreader.h"

#include <algorithm>
#include <charconv>

namespace relay::admin {

namespace {

/** Longest line that says how large a chunk is. */
constexpr qsizetype MaxChunkLineBytes = 1024;

/** The shortest head, from which on the places of its parts are known. */
constexpr qsizetype MinHeadBytes = sizeof "HTTP/1.1 200\r\n\r\n" - 1;

/** Digits and nothing else. */
std::optional<qint64> numberOf(QByteArrayView text, int base)
{
    qint64 value = 0;
    const char *end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value, base);
    if (result.ptr != end || result.ec != std::errc() || value < 0 || text.startsWith('-'))
        return std::nullopt;
    return value;
}

bool isEqualIgnoringCase(QByteArrayView left, QByteArrayView right)
{
    return left.compare(right, Qt::CaseInsensitive) == 0;
}

} // namespace

HttpAnswerReader::State HttpAnswerReader::read(QByteArrayView bytes)
{
    if (m_state != State::Incomplete)
        return m_state;
    m_waiting += bytes;
    while (readPart()) { }
    return m_state;
}

HttpAnswerReader::State HttpAnswerReader::readEnd()
{
    if (m_state == State::Incomplete && m_part == Part::ToTheEnd)
        m_state = State::Complete;
    return m_state;
}

bool HttpAnswerReader::end(State state)
{
    m_state = state;
    m_waiting.clear();
    return false;
}

bool HttpAnswerReader::readPart()
{
    switch (m_part) {
    case Part::Head:
        return readHead();
    case Part::ToTheEnd:
        return takeBody(m_waiting.size()) && false;
    case Part::Sized:
    case Part::ChunkData:
        if (!takeBody(std::min<qint64>(m_missing, m_waiting.size())) || m_missing > 0)
            return false;
        if (m_part == Part::Sized)
            return end(State::Complete);
        m_part = Part::ChunkEnd;
        return true;
    case Part::ChunkEnd:
        if (m_waiting.size() < 2)
            return false;
        if (!m_waiting.startsWith("\r\n"))
            return end(State::Malformed);
        m_waiting.remove(0, 2);
        m_part = Part::ChunkSize;
        return true;
    case Part::ChunkSize:
        return readChunkSize();
    }
    Q_UNREACHABLE();
    return false;
}

bool HttpAnswerReader::takeBody(qsizetype count)
{
    if (m_body.size() + count > m_maxBodyBytes) {
        m_body += QByteArrayView(m_waiting).first(m_maxBodyBytes - m_body.size());
        return end(State::TooLarge);
    }
    m_body += QByteArrayView(m_waiting).first(count);
    m_waiting.remove(0, count);
    m_missing -= count;
    return true;
}

bool HttpAnswerReader::readChunkSize()
{
    const qsizetype feed = m_waiting.indexOf("\r\n");
    // Half of the line's end may be there.
    if (feed < 0)
        return m_waiting.size() > MaxChunkLineBytes + 1 ? end(State::Malformed) : false;
    const QByteArrayView line = QByteArrayView(m_waiting).first(feed);
    const qsizetype extension = line.indexOf(';');
    const auto size = numberOf((extension < 0 ? line : line.first(extension)).trimmed(), 16);
    if (!size || feed > MaxChunkLineBytes)
        return end(State::Malformed);
    // What follows the last one is of no interest: nothing else comes on this connection.
    if (*size == 0)
        return end(State::Complete);
    m_missing = *size;
    m_waiting.remove(0, feed + 2);
    m_part = Part::ChunkData;
    return true;
}

bool HttpAnswerReader::readHead()
{
    static const QByteArrayView version = "HTTP/1.";
    const qsizetype known = std::min(m_waiting.size(), version.size());
    if (QByteArrayView(m_waiting).first(known) != version.first(known))
        return end(State::Malformed);
    const qsizetype size = m_waiting.indexOf("\r\n\r\n") + 4;
    if (m_headBytes + std::max(size, m_waiting.size() * (size < 4)) > MaxHeadBytes)
        return end(State::Malformed);
    if (size < 4)
        return false;
    const QByteArray head = m_waiting.first(size);
    m_waiting.remove(0, size);
    m_headBytes += size;
    if (size < MinHeadBytes)
        return end(State::Malformed);
    // "HTTP/1.1 200 OK", of which the words may be missing.
    const auto status = numberOf(QByteArrayView(head).sliced(9, 3), 10);
    if (head[8] != ' ' || (head[12] != ' ' && head[12] != '\r') || !status || *status < 100)
        return end(State::Malformed);
    // An interim answer, behind which there is the real one. We asked for no other protocol.
    if (*status < 200)
        return *status == 101 ? end(State::Malformed) : true;
    m_status = static_cast<int>(*status);
    const qsizetype fields = head.indexOf("\r\n") + 2;
    if (!readFields(QByteArrayView(head).sliced(fields).chopped(2)))
        return end(State::Malformed);
    beginBody();
    return m_state == State::Incomplete;
}

bool HttpAnswerReader::readFields(QByteArrayView fields)
{
    while (!fields.isEmpty()) {
        const qsizetype feed = fields.indexOf("\r\n");
        const QByteArrayView line = fields.first(feed);
        fields = fields.sliced(feed + 2);
        const qsizetype colon = line.indexOf(':');
        if (colon <= 0 || !readField(line.first(colon), line.sliced(colon + 1).trimmed()))
            return false;
    }
    return true;
}

/** False: a field that says how long the body is makes no sense. */
bool HttpAnswerReader::readField(QByteArrayView name, QByteArrayView value)
{
    if (isEqualIgnoringCase(name, "content-type")) {
        const qsizetype parameters = value.indexOf(';');
        const QByteArrayView type = parameters < 0 ? value : value.first(parameters);
        m_mediaType = type.trimmed().toByteArray().toLower();
    } else if (isEqualIgnoringCase(name, "content-length")) {
        const auto length = numberOf(value, 10);
        if (!length || (m_length && m_length != length))
            return false;
        m_length = length;
    } else if (isEqualIgnoringCase(name, "transfer-encoding")) {
        if (!isEqualIgnoringCase(value, "chunked"))
            return false;
        m_isChunked = true;
    }
    return true;
}

void HttpAnswerReader::beginBody()
{
    // Of other answers nobody reads the body.
    if (m_status != 200 && m_status != 503)
        end(State::Complete);
    else if (m_isChunked)
        m_part = Part::ChunkSize;
    else if (!m_length)
        m_part = Part::ToTheEnd;
    else if (*m_length > m_maxBodyBytes)
        end(State::TooLarge);
    else {
        m_part = Part::Sized;
        m_missing = *m_length;
    }
}

} // namespace relay::admin
