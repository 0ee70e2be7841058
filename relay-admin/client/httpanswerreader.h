// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <optional>

namespace relay::admin {

/**
 * Reads the answer to one GET from its bytes, as they come (RFC 9112), for a connection that is
 * closed afterwards. Keeps no more than it may: what it is fed is untrusted.
 */
class HttpAnswerReader {
public:
    enum class State {
        Incomplete,
        Complete,
        Malformed, ///< this is not HTTP/1
        TooLarge,  ///< the body is longer than the cap
    };

    /** Longest head, interim answers included. */
    static constexpr qsizetype MaxHeadBytes = 16 * 1024;

    explicit HttpAnswerReader(qsizetype maxBodyBytes)
        : m_maxBodyBytes(maxBodyBytes)
    {
    }

    /** The next bytes; what comes behind an end is ignored. */
    State read(QByteArrayView bytes);
    /** The peer has closed: Incomplete if something was missing. */
    State readEnd();
    State state() const { return m_state; }

    /** 0: the head is not there yet. An answer without a body that matters is complete with it. */
    int status() const { return m_status; }
    /** Of the content, in lower case, without parameters; empty: it was not said. */
    const QByteArray &mediaType() const { return m_mediaType; }
    const QByteArray &body() const { return m_body; }

private:
    enum class Part { Head, Sized, ToTheEnd, ChunkSize, ChunkData, ChunkEnd };

    bool readHead();
    bool readFields(QByteArrayView fields);
    bool readField(QByteArrayView name, QByteArrayView value);
    void beginBody();
    /** False: more bytes are needed, or it is over. */
    bool readPart();
    bool readChunkSize();
    bool takeBody(qsizetype count);
    bool end(State state);

    const qsizetype m_maxBodyBytes;
    State m_state = State::Incomplete;
    Part m_part = Part::Head;
    QByteArray m_waiting;
    qsizetype m_headBytes = 0;
    int m_status = 0;
    QByteArray m_mediaType;
    std::optional<qint64> m_length;
    bool m_isChunked = false;
    /** Of the body, or of the chunk. */
    qint64 m_missing = 0;
    QByteArray m_body;
};

} // namespace relay::admin
