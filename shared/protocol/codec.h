// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/messages.h"
#include "shared/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <memory>

namespace relay {

/** Why a frame is not decodable. The peer is told none of this; it feeds counters and tests. */
enum class DecodeError {
    TooShort, ///< fewer than the four bytes of the length prefix
    Json, ///< not one well-formed JSON document in UTF-8, or nested deeper than 128
    Envelope, ///< version, message_id, timestamp or payload missing, doubled or of a wrong type
    Payload, ///< a field of the payload missing, doubled or of a wrong type
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
 * the length of the input; stack use is bounded whatever the nesting.
 */
class Decoder {
public:
    Decoder();
    ~Decoder();
    Decoder(Decoder &&) noexcept;
    Decoder &operator=(Decoder &&) noexcept;

    /** `frame`: the whole WebSocket message, length prefix included. */
    Result<Decoded, DecodeError> decode(QByteArrayView frame);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/**
 * Writes a frame: length prefix, then the envelope with its keys in the order version, message_id,
 * timestamp, payload, and `type` first in the payload. `Unknown` and `Invalid` have no encoding;
 * writing one is a bug (assertion).
 */
QByteArray encodeFrame(const Envelope &envelope);

/**
 * Bytes of the frame that encodeFrame() would write for an EncryptedUpdate with this ciphertext, at
 * most: an upper bound that costs no encoding.
 */
qsizetype encodedUpdateBound(qsizetype ciphertextSize);

/** The wire name of a status: "Stored", … */
QByteArrayView toName(AckStatus status);

} // namespace relay
