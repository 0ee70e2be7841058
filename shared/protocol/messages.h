// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/ids.h"

#include <QByteArray>

#include <optional>
#include <variant>
#include <vector>

/**
 * The messages of the client protocol as values (shared/protocol/README.md, chapter 3).
 *
 * What these types hold has already been checked by the codec: an id is an id, a limit is kept.
 * A message whose JSON is right but whose content breaks such a rule arrives as `Invalid`.
 */
namespace relay {

/** The `type` names of payloads. `Unknown` is every other name. */
enum class MessageType {
    Handshake,
    HandshakeAck,
    EncryptedUpdate,
    Acknowledgment,
    RecoveryProofStore,
    RecoveryProofQuery,
    RecoveryProofResponse,
    DeviceSyncMessage,
    DeviceSyncAck,
    PurgeRequest,
    PurgeResponse,
    AccountRevoked,
    ForwardingHints,
    Unknown,
};

enum class AckStatus { Stored, Delivered, ReceivedByRecipient, Failed };

/** The four fields of a signed handshake, decoded from hex. */
struct HandshakeSignature {
    std::array<quint8, 32> publicKey {};
    std::array<quint8, 32> nonce {};
    std::array<quint8, 64> signature {};
    /** Unix seconds. */
    quint64 timestamp = 0;

    bool operator==(const HandshakeSignature &) const = default;
};

struct Handshake {
    WrittenId clientId;
    std::optional<WrittenId> deviceId;
    std::optional<WrittenId> routingToken;
    bool suppressPresence = false;
    std::optional<HandshakeSignature> signature;

    bool operator==(const Handshake &) const = default;
};

/** What a relay tells clients of its limits; an extra field of HandshakeAck. */
struct Limits {
    quint64 maxMessageSize = 0;       ///< bytes
    quint64 rateLimitPerMin = 0;      ///< messages; 0: none
    quint64 blobTtlSecs = 0;          ///< seconds
    quint64 maxBlobsPerRecipient = 0; ///< 0: none

    bool operator==(const Limits &) const = default;
};

struct HandshakeAck {
    quint32 protocolVersion = 1;
    QByteArray serverVersion;
    std::vector<QByteArray> features;
    std::optional<Limits> limits;

    bool operator==(const HandshakeAck &) const = default;
};

struct EncryptedUpdate {
    WrittenId recipientId;
    std::optional<WrittenId> senderId;
    QByteArray ciphertext;

    bool operator==(const EncryptedUpdate &) const = default;
};

struct Acknowledgment {
    QByteArray messageId;
    AckStatus status = AckStatus::Stored;
    /** Ours, relay to client only: the id under which the relay holds the blob. */
    QByteArray blobId;

    bool operator==(const Acknowledgment &) const = default;
};

struct RecoveryProofStore {
    static constexpr int MaxProofBytes = 64 * 1024;

    Id keyHash;
    QByteArray proofData;

    bool operator==(const RecoveryProofStore &) const = default;
};

struct RecoveryProofQuery {
    static constexpr int MaxHashes = 50;

    /** The well-formed ones, in the order asked. */
    std::vector<Id> keyHashes;

    bool operator==(const RecoveryProofQuery &) const = default;
};

struct RecoveryProof {
    Id keyHash;
    QByteArray proofData;

    bool operator==(const RecoveryProof &) const = default;
};

struct RecoveryProofResponse {
    std::vector<RecoveryProof> proofs;
    /** Ours: some hits did not fit; written only when true. */
    bool truncated = false;

    bool operator==(const RecoveryProofResponse &) const = default;
};

struct DeviceSyncMessage {
    WrittenId identityId;
    WrittenId targetDeviceId;
    WrittenId senderDeviceId;
    QByteArray encryptedPayload;
    /** The whole unsigned range. */
    quint64 version = 0;

    bool operator==(const DeviceSyncMessage &) const = default;
};

struct DeviceSyncAck {
    QByteArray messageId;
    quint64 syncedVersion = 0;

    bool operator==(const DeviceSyncAck &) const = default;
};

struct PurgeRequest {
    bool includeDeviceSync = false;
    bool includeRecoveryProofs = false;
    std::optional<Id> recoveryKeyHash;

    bool operator==(const PurgeRequest &) const = default;
};

struct PurgeResponse {
    quint64 blobsDeleted = 0;
    quint64 deviceSyncDeleted = 0;
    quint64 recoveryProofsDeleted = 0;

    bool operator==(const PurgeResponse &) const = default;
};

struct AccountRevoked {
    WrittenId senderId;
    WrittenId recipientId;
    /** Unix seconds. */
    quint64 timestamp = 0;
    QByteArray signature;

    bool operator==(const AccountRevoked &) const = default;
};

struct ForwardingHint {
    QByteArray blobId;
    QByteArray relayUrl;
    quint64 expiresAtSecs = 0;

    bool operator==(const ForwardingHint &) const = default;
};

struct ForwardingHints {
    std::vector<ForwardingHint> hints;

    bool operator==(const ForwardingHints &) const = default;
};

/** JSON and types are right, but the content breaks a rule of this type. */
struct Invalid {
    MessageType type = MessageType::Unknown;

    bool operator==(const Invalid &) const = default;
};

/** A `type` that this version does not know (names are case-sensitive). */
struct Unknown {
    bool operator==(const Unknown &) const = default;
};

using Message = std::variant<Unknown, Invalid, Handshake, HandshakeAck, EncryptedUpdate,
    Acknowledgment, RecoveryProofStore, RecoveryProofQuery, RecoveryProofResponse,
    DeviceSyncMessage, DeviceSyncAck, PurgeRequest, PurgeResponse, AccountRevoked, ForwardingHints>;

/** The frame around each payload. */
struct Envelope {
    /** As the peer wrote it, UTF-8; may be empty. */
    QByteArray messageId;
    /** Unix seconds. */
    quint64 timestamp = 0;
    Message message;

    bool operator==(const Envelope &) const = default;
};

} // namespace relay
