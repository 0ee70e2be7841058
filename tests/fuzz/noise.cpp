// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/noise.h"

#include "tests/fuzz/fuzzing.h"

#include <algorithm>

using namespace relay;
using namespace relay::test;

// The input: a byte that chooses what the responder gets. Either the rest as it is, or the message
// of an honest initiator with one byte changed, and then a session of which the rest decides what
// is sent, changed, repeated and left out.

namespace {

NoiseKey keyOf(quint8 seed)
{
    SecretBytes<32> bytes;
    bytes.bytes.fill(seed);
    return NoiseKey::fromPrivate(bytes);
}

const NoiseKey &relayKey()
{
    static const NoiseKey key = keyOf(0x52);
    return key;
}

NoiseHandshake responder()
{
    return NoiseHandshake::responder(relayKey(), {}, keyOf(0x45));
}

void readRaw(QByteArrayView bytes)
{
    NoiseHandshake handshake = responder();
    const auto payload = handshake.read(bytes);
    if (!payload)
        return;
    // It takes the secret of a key that the fuzzer does not hold, or luck of 2^-128.
    require(payload->size() == bytes.size() - NoiseHandshake::MessageSize, "a payload has a size");
    require(handshake.write().size() == NoiseHandshake::MessageSize, "it is answered");
}

/** `message` with the byte at `place` changed by `mask`, which may be no change. */
QByteArray changed(QByteArray message, quint8 place, quint8 mask)
{
    if (!message.isEmpty()) {
        char &byte = message[place % message.size()];
        byte = static_cast<char>(byte ^ mask);
    }
    return message;
}

void playSession(FuzzInput input)
{
    auto client = NoiseHandshake::initiator(relayKey().publicKey(), {}, keyOf(input.byte()));
    NoiseHandshake relay = responder();
    const QByteArray payload = input.bytes(input.byte()).toByteArray();
    const quint8 place = input.byte();
    const quint8 mask = input.byte();
    const auto read = relay.read(changed(client.write(payload), place, mask));
    require(read.has_value() == (mask == 0), "a message is taken as it was made and not otherwise");
    if (!read)
        return;
    require(*read == payload, "the payload arrives");
    const auto answer = client.read(relay.write());
    require(answer && answer->isEmpty(), "the answer arrives");
    require(client.hash() == relay.hash(), "both have the same session");

    NoiseTransport from = client.split();
    NoiseTransport to = relay.split();
    bool isInStep = true;
    while (isInStep && !input.isAtEnd()) {
        const bool isReply = input.byte() % 2;
        NoiseCipher &sender = isReply ? to.send : from.send;
        NoiseCipher &receiver = isReply ? from.receive : to.receive;
        const QByteArray text = input.bytes(input.byte()).toByteArray();
        QByteArray message = sender.encrypt(text);
        switch (input.byte() % 8) {
        case 0: // lost: the next one is not the one that is awaited
            message = sender.encrypt(text);
            isInStep = false;
            break;
        case 1:
            message.chop(1 + input.byte() % message.size());
            isInStep = false;
            break;
        case 2:
            message += input.bytes(1 + input.byte()).toByteArray();
            isInStep = message.size() == text.size() + NoiseCipher::TagSize;
            break;
        case 3: {
            const quint8 at = input.byte();
            const quint8 bits = input.byte();
            message = changed(message, at, bits);
            isInStep = bits == 0;
            break;
        }
        default:
            break;
        }
        const auto got = receiver.decrypt(message);
        require(got.has_value() == isInStep, "what was changed, lost or moved is refused");
        if (got) {
            require(*got == text, "what was sent arrives");
            isInStep = input.byte() % 8 != 0;
            if (!isInStep)
                require(!receiver.decrypt(message), "nothing is taken twice");
        }
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzInput input({data, static_cast<qsizetype>(size)});
    if (input.byte() % 2)
        readRaw(input.rest());
    else
        playSession(input);
    return 0;
}
