// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/messages.h"
#include "shared/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <memory>

namespace relay {

/** Bytes at the beginning of a frame that say how many follow. */
constexpr qsizetype PrefixSize = 4;

/** Why a frame is not decodable. The peer is told none of this; it feeds counters and tests. */
enum class DecodeError {
    TooShort, ///< fewer than the four bytes of the length prefix
    Json,     ///< not one well-formed JSON document in UTF-8, or nested deeper than 128
    Envelope, ///< version, message_id, timestamp or payload missing, doubled or of a wrong type
    Payload,  ///< a field of the payload missing, doubled or of a wrong type
};

struct Decoded {
    Envelope envelope;
    /** The length prefix disagreed with the real length: tolerated, but counted. */
    bool prefixMismatch = false;
};

/**
 * Reads frames (shared/protocol/README.md, chapters 1 to 3), in one pass.
 *
 * Keeps the parser's buffers between calls, so each thread has one of its own. Cost is linear in
 * the length of the input; stack use is bounded whatever the nesting. What a frame over 256 KiB
 * made the buffers grow to is given back at the end of the call.
 */
class Decoder {
public:
    Decoder();
    ~Decoder();
    Decoder(Decoder &&) noexcept;
    Decoder &operator=(Decoder &&) noexcept;

    /**
     * `frame`: the whole WebSocket message, length prefix included. With several faults the error
     * is the first one found.
     */
    Result<Decoded, DecodeError> decode(QByteArrayView frame);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/**
 * Writes a frame: length prefix, then the envelope with its keys in the order version, message_id,
 * timestamp, payload, and `type` first in the payload. Optional fields that hold nothing are left
 * out. Texts are taken to be UTF-8. `Unknown` and `Invalid` have no encoding; writing one is a bug
 * (assertion, and an empty result without assertions).
 */
QByteArray encodeFrame(const Envelope &envelope);

/** Bytes of the frame that encodeFrame() would write, exactly, without writing it. */
qsizetype encodedSize(const Envelope &envelope);

/**
 * Bytes of the frame that encodeFrame() would write for an EncryptedUpdate with this ciphertext and
 * a UUID as its message id, at most: an upper bound that costs no encoding.
 */
qsizetype encodedUpdateBound(qsizetype ciphertextSize);

/** What kind of message this is; for an Invalid the type that it claims to be. */
MessageType typeOf(const Message &message);

/** The wire name of a type: "Handshake", …; "Unknown" for Unknown. */
QByteArrayView toName(MessageType type);
/** Names are case-sensitive; every other name is Unknown. */
MessageType messageTypeFromName(QByteArrayView name);

/** The wire name of a status: "Stored", … */
QByteArrayView toName(AckStatus status);
std::optional<AckStatus> ackStatusFromName(QByteArrayView name);

} // namespace relay
