// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

namespace relay {

/**
 * Finds the WebSocket frames in a connection's input, so that the WebSocket layer is shown whole
 * ones only. What that layer does not do by itself is decided here: refusing unmasked frames,
 * leaving a Close frame until what came before it has been answered, and which messages are text.
 *
 * A frame that breaks the framing rules, or is longer than a message may be, is let through at
 * once: the layer closes the connection with the right code.
 */
class FrameGate {
public:
    enum class Verdict {
        Incomplete, ///< the next frame has not arrived completely
        Frame,      ///< a frame of frameSize() bytes may pass
        CloseFrame, ///< the same, and it is the peer's Close
        Unmasked,   ///< the peer does not mask: close 1002
    };

    /** `maxFrameSize`: bytes of payload from which on a frame is let through incomplete. */
    explicit FrameGate(qint64 maxFrameSize)
        : m_maxFrameSize(maxFrameSize)
    {
    }

    /** Looks at the frame that `input` begins with. */
    Verdict inspect(QByteArrayView input);
    /** After Frame or CloseFrame: bytes, at most those of the input. */
    qsizetype frameSize() const { return m_frameSize; }
    /** The message that the frame looked at last begins, continues or interrupts is text. */
    bool isText() const { return m_isText; }
    /** Whether a frame begins a text message. */
    static bool beginsText(char firstByte);
    /** The same first byte, of a frame that begins a binary message. */
    static char asBinary(char firstByte);

private:
    const qint64 m_maxFrameSize;
    qsizetype m_frameSize = 0;
    bool m_isText = false;
};

} // namespace relay
