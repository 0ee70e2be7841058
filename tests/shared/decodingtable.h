// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/codec.h"

/** The decoding table as rows of data, for the codec and for the wire. */
namespace relay::test {

/** NotDecodable: for whichever reason, since more than one applies. */
enum class Outcome { Valid, Unknown, Invalid, NotDecodable, Envelope, Payload, Json, TooShort };

Outcome outcomeOf(const Result<Decoded, DecodeError> &read);

/**
 * The rows of shared/protocol/README.md, chapter 2, and of the rules of chapter 3. Each function
 * fills the columns `json` (QByteArray) and `outcome` (int of Outcome) of a Qt Test.
 */
struct DecodingTable {
    static void envelope();
    static void grammar();
    static void payload();
    static void handshake();
    static void messages();
};

} // namespace relay::test
