// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

namespace relay {

/** The close codes that the relay itself chooses (shared/protocol/README.md, 1). */
enum class CloseCode : quint16 {
    GoingAway = 1001,
    NotBinary = 1003,
    NotDecodable = 1007,
    Refused = 1008,
    Internal = 1011,
};

/** The other end of a session, as the rules see it. Lives on the session's I/O thread. */
class Peer {
public:
    /** Sends one frame of the protocol, at most maxFrameSize(), as one message. Never blocks. */
    virtual void send(const QByteArray &frame) = 0;
    /** Sends one text message. The protocol has none; a handler that is no Session may. */
    virtual void sendText(const QString &text) = 0;
    /** Bytes handed to send() that the kernel has not taken yet. */
    virtual qint64 unsentBytes() const = 0;
    /** Bytes of the largest frame that send() takes. */
    virtual qsizetype maxFrameSize() const = 0;
    /** Bytes of the largest frame that can come from it. */
    virtual qsizetype maxIncomingFrameSize() const = 0;
    /** The frames travel in a Noise session. */
    virtual bool isEncrypted() const = 0;
    /** Sends Close and ends the connection. `reason`: ASCII, at most 123 bytes. */
    virtual void close(CloseCode code, QByteArrayView reason) = 0;

protected:
    ~Peer() = default;
};

} // namespace relay
