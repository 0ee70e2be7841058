// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/codec.h"

#include <QByteArray>
#include <QRandomGenerator>
#include <QTest>
#include <QtEndian>

#include <utility>

/** What the tests of the codec share. */
namespace relay::test {

inline QByteArray frameOf(const QByteArray &json)
{
    QByteArray frame(4, Qt::Uninitialized);
    qToBigEndian(static_cast<quint32>(json.size()), frame.data());
    return frame + json;
}

inline QByteArray jsonOf(const QByteArray &frame)
{
    return frame.sliced(4);
}

inline QByteArray envelopeJson(const QByteArray &payload)
{
    return R"({"version":1,"message_id":"m-1","timestamp":1700000000,"payload":)" + payload + '}';
}

inline QByteArray randomBytes(QRandomGenerator &random, qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (char &c : bytes)
        c = static_cast<char>(random.bounded(256));
    return bytes;
}

/** Texts that need all kinds of escapes and all lengths of UTF-8. */
inline QByteArray randomText(QRandomGenerator &random)
{
    static const QList<QByteArray> pieces {"a", "Z", "0", " ", "\"", "\\", "/", "\n", "\r", "\t",
        "\b", "\f", QByteArray(1, '\0'), "\x01", "\x1f", "\x7f", "\u00e4", "\u20ac", "\U0001f511"};
    QByteArray text;
    for (int i = random.bounded(12); i > 0; --i)
        text += pieces[random.bounded(pieces.size())];
    return text;
}

inline Id randomId(QRandomGenerator &random)
{
    return *Id::fromBytes(randomBytes(random, 32));
}

inline WrittenId randomWrittenId(QRandomGenerator &random)
{
    QByteArray hex = randomId(random).toHex();
    for (char &c : hex) {
        if (random.bounded(2))
            c = QByteArray(1, c).toUpper()[0];
    }
    return *WrittenId::fromHex(hex);
}

/** Now and then one of the ends of the range. */
inline quint64 randomNumber(QRandomGenerator &random)
{
    switch (random.bounded(4)) {
    case 0:
        return 0;
    case 1:
        return std::numeric_limits<quint64>::max();
    default:
        return random.generate64() >> random.bounded(64);
    }
}

inline HandshakeSignature randomSignature(QRandomGenerator &random)
{
    HandshakeSignature signature;
    for (auto *part : {&signature.publicKey, &signature.nonce})
        *part = randomId(random).bytes;
    for (quint8 &byte : signature.signature)
        byte = static_cast<quint8>(random.bounded(256));
    signature.timestamp = randomNumber(random);
    return signature;
}

inline Message randomMessage(QRandomGenerator &random, MessageType type)
{
    const auto coin = [&] { return random.bounded(2) == 1; };
    const auto bytes = [&] { return randomBytes(random, random.bounded(300)); };
    switch (type) {
    case MessageType::Handshake: {
        Handshake m {randomWrittenId(random), {}, {}, coin(), {}};
        if (coin())
            m.deviceId = randomWrittenId(random);
        if (coin())
            m.routingToken = randomWrittenId(random);
        if (coin())
            m.signature = randomSignature(random);
        return m;
    }
    case MessageType::HandshakeAck: {
        HandshakeAck m {random.generate(), randomText(random), {}, {}};
        for (int i = random.bounded(4); i > 0; --i)
            m.features.push_back(randomText(random));
        if (coin())
            m.limits = Limits {randomNumber(random), randomNumber(random), randomNumber(random),
                randomNumber(random)};
        return m;
    }
    case MessageType::EncryptedUpdate: {
        EncryptedUpdate m {randomWrittenId(random), {}, bytes()};
        if (coin())
            m.senderId = randomWrittenId(random);
        return m;
    }
    case MessageType::Acknowledgment:
        return Acknowledgment {
            randomText(random), static_cast<AckStatus>(random.bounded(4)), randomText(random)};
    case MessageType::RecoveryProofStore:
        return RecoveryProofStore {randomId(random), bytes()};
    case MessageType::RecoveryProofQuery: {
        RecoveryProofQuery m;
        for (int i = random.bounded(RecoveryProofQuery::MaxHashes); i >= 0; --i)
            m.keyHashes.push_back(randomId(random));
        return m;
    }
    case MessageType::RecoveryProofResponse: {
        RecoveryProofResponse m {{}, coin()};
        for (int i = random.bounded(4); i > 0; --i)
            m.proofs.push_back({randomId(random), bytes()});
        return m;
    }
    case MessageType::DeviceSyncMessage:
        return DeviceSyncMessage {randomWrittenId(random), randomWrittenId(random),
            randomWrittenId(random), bytes(), randomNumber(random)};
    case MessageType::DeviceSyncAck:
        return DeviceSyncAck {randomText(random), randomNumber(random)};
    case MessageType::PurgeRequest: {
        PurgeRequest m {coin(), coin(), {}};
        if (coin())
            m.recoveryKeyHash = randomId(random);
        return m;
    }
    case MessageType::PurgeResponse:
        return PurgeResponse {randomNumber(random), randomNumber(random), randomNumber(random)};
    case MessageType::AccountRevoked:
        return AccountRevoked {
            randomWrittenId(random), randomWrittenId(random), randomNumber(random), bytes()};
    case MessageType::ForwardingHints: {
        ForwardingHints m;
        for (int i = random.bounded(4); i > 0; --i)
            m.hints.push_back({randomText(random), randomText(random), randomNumber(random)});
        return m;
    }
    case MessageType::Unknown:
        break;
    }
    return Unknown {};
}

inline Envelope randomEnvelope(QRandomGenerator &random, MessageType type)
{
    return {randomText(random), randomNumber(random), randomMessage(random, type)};
}

/** All types that have an encoding. */
inline QList<MessageType> knownTypes()
{
    QList<MessageType> types;
    for (int i = 0; i < static_cast<int>(MessageType::Unknown); ++i)
        types += static_cast<MessageType>(i);
    return types;
}

/** A new seed for each run; RELAYTEST_SEED repeats one. */
inline quint32 printedSeed()
{
    bool given = false;
    quint32 seed = qEnvironmentVariable("RELAYTEST_SEED").toUInt(&given);
    if (!given)
        seed = QRandomGenerator::global()->generate();
    qInfo("RELAYTEST_SEED=%u", seed);
    return seed;
}

} // namespace relay::test
