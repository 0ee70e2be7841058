// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/messages.h"

#include <concepts>
#include <string_view>
#include <type_traits>

/**
 * The wire form of every message, once for both directions: names, order and presence of its fields
 * (shared/protocol/README.md, chapter 3).
 *
 * `describe(visitor, message)` calls `visitor(presence, name, field)` for each field in the order
 * in which fields are written. Reading, measuring and writing are three visitors.
 */
namespace relay::wire {

enum class Presence {
    Required,
    Optional,  ///< absent and null both mean "none"; not written when none
    Defaulted, ///< may be absent, but is not null; always written
    Flag,      ///< like Defaulted, but written only when true
};
using enum Presence;

/** A byte string: on the wire an array of integers 0..255. (A bare QByteArray is a text.) */
template <typename Value>
struct Bytes {
    Value &value;
};
template <typename Value>
Bytes(Value &) -> Bytes<Value>;

/** The ids of a RecoveryProofQuery: what is not an id is skipped, but counted against the limit. */
template <typename Value>
struct QueriedIds {
    Value &value;
};
template <typename Value>
QueriedIds(Value &) -> QueriedIds<Value>;

/** A Handshake whose four signature fields have not yet been judged together. */
struct HandshakeFields {
    Handshake handshake; ///< `signature` is not used
    std::optional<std::array<quint8, 32>> publicKey;
    std::optional<std::array<quint8, 32>> nonce;
    std::optional<std::array<quint8, 64>> signature;
    std::optional<quint64> timestamp;
};

/** `const T` or `T`. */
template <typename M, typename T>
concept Of = std::same_as<std::remove_const_t<M>, T>;

/** Nothing is known of its fields. */
void describe(auto &&, Of<Unknown> auto &) { }

void describe(auto &&visit, Of<HandshakeFields> auto &m)
{
    visit(Required, "client_id", m.handshake.clientId);
    visit(Optional, "device_id", m.handshake.deviceId);
    visit(Optional, "routing_token", m.handshake.routingToken);
    visit(Defaulted, "suppress_presence", m.handshake.suppressPresence);
    visit(Optional, "identity_public_key", m.publicKey);
    visit(Optional, "nonce", m.nonce);
    visit(Optional, "signature", m.signature);
    visit(Optional, "timestamp", m.timestamp);
}

void describe(auto &&visit, Of<Limits> auto &m)
{
    visit(Required, "max_message_size", m.maxMessageSize);
    visit(Required, "rate_limit_per_min", m.rateLimitPerMin);
    visit(Required, "blob_ttl_secs", m.blobTtlSecs);
    visit(Required, "max_blobs_per_recipient", m.maxBlobsPerRecipient);
}

void describe(auto &&visit, Of<HandshakeAck> auto &m)
{
    visit(Required, "protocol_version", m.protocolVersion);
    visit(Required, "server_version", m.serverVersion);
    visit(Defaulted, "features", m.features);
    visit(Optional, "limits", m.limits);
}

void describe(auto &&visit, Of<EncryptedUpdate> auto &m)
{
    visit(Required, "recipient_id", m.recipientId);
    visit(Optional, "sender_id", m.senderId);
    visit(Required, "ciphertext", Bytes {m.ciphertext});
}

void describe(auto &&visit, Of<Acknowledgment> auto &m)
{
    visit(Required, "message_id", m.messageId);
    visit(Required, "status", m.status);
    visit(Optional, "blob_id", m.blobId);
}

void describe(auto &&visit, Of<RecoveryProofStore> auto &m)
{
    visit(Required, "key_hash", m.keyHash);
    visit(Required, "proof_data", Bytes {m.proofData});
}

void describe(auto &&visit, Of<RecoveryProofQuery> auto &m)
{
    visit(Required, "key_hashes", QueriedIds {m.keyHashes});
}

void describe(auto &&visit, Of<RecoveryProof> auto &m)
{
    visit(Required, "key_hash", m.keyHash);
    visit(Required, "proof_data", Bytes {m.proofData});
}

void describe(auto &&visit, Of<RecoveryProofResponse> auto &m)
{
    visit(Required, "proofs", m.proofs);
    visit(Flag, "truncated", m.truncated);
}

void describe(auto &&visit, Of<DeviceSyncMessage> auto &m)
{
    visit(Required, "identity_id", m.identityId);
    visit(Required, "target_device_id", m.targetDeviceId);
    visit(Required, "sender_device_id", m.senderDeviceId);
    visit(Required, "encrypted_payload", Bytes {m.encryptedPayload});
    visit(Required, "version", m.version);
}

void describe(auto &&visit, Of<DeviceSyncAck> auto &m)
{
    visit(Required, "message_id", m.messageId);
    visit(Required, "synced_version", m.syncedVersion);
}

void describe(auto &&visit, Of<PurgeRequest> auto &m)
{
    visit(Defaulted, "include_device_sync", m.includeDeviceSync);
    visit(Defaulted, "include_recovery_proofs", m.includeRecoveryProofs);
    visit(Optional, "recovery_key_hash", m.recoveryKeyHash);
}

void describe(auto &&visit, Of<PurgeResponse> auto &m)
{
    visit(Required, "blobs_deleted", m.blobsDeleted);
    visit(Required, "device_sync_deleted", m.deviceSyncDeleted);
    visit(Required, "recovery_proofs_deleted", m.recoveryProofsDeleted);
}

void describe(auto &&visit, Of<AccountRevoked> auto &m)
{
    visit(Required, "sender_id", m.senderId);
    visit(Required, "recipient_id", m.recipientId);
    visit(Required, "timestamp", m.timestamp);
    visit(Required, "signature", Bytes {m.signature});
}

void describe(auto &&visit, Of<ForwardingHint> auto &m)
{
    visit(Required, "blob_id", m.blobId);
    visit(Required, "relay_url", m.relayUrl);
    visit(Required, "expires_at_secs", m.expiresAtSecs);
}

void describe(auto &&visit, Of<ForwardingHints> auto &m)
{
    visit(Required, "hints", m.hints);
}

} // namespace relay::wire
