// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/clock.h"
#include "relayd/relay/connectionid.h"
#include "relayd/relay/presence.h"
#include "relayd/relay/seennonces.h"
#include "shared/protocol/messages.h"

#include <optional>
#include <variant>
#include <vector>

/** What the I/O threads ask of the store. Values only: they cross threads. */
namespace relay {

/**
 * The place of a blob, or of a device-sync message, in the order in which the store applied them:
 * 1, 2, 3, … over all mailboxes, never used twice. Commit order is sequence order.
 */
struct Sequence {
    qint64 value = 0;

    auto operator<=>(const Sequence &) const = default;
};

struct StoreBlob {
    Id recipient;
    std::optional<WrittenId> sender;
    QByteArray ciphertext;
    /** Who gets the receipts. */
    Id senderRoutingId;
};

struct StoreDeviceMessage {
    DeviceKey target;
    WrittenId senderDevice;
    quint64 version = 0;
    QByteArray payload;
};

struct StoreProof {
    Id keyHash;
    QByteArray proof;
};

struct AckBlob {
    Id mailbox;
    Sequence sequence;
    /** The acking connection asked that nobody learn of its presence: no receipt. */
    bool suppressPresence = false;
};

struct AckDeviceMessage {
    DeviceKey device;
    Sequence sequence;
};

struct Purge {
    Id mailbox;
    /** Whose device-sync rows go too. */
    std::optional<Id> devicesOf;
    std::optional<Id> proof;
};

struct QueryProofs {
    std::vector<Id> keyHashes;
    /** Bytes that the answer's frame may have. */
    qsizetype maxFrameSize = 0;
};

/** The owner of this client_id has signed a handshake: from now on nobody else may use the id. */
struct ProveId {
    Id id;
};

/** A signed handshake came with this nonce: asked where other relays may have seen it too. */
struct UseNonce {
    SeenNonces::Digest digest;
};

/** Blobs were written to connections that do not hide their presence: news for the receipts. */
struct NoteDelivered {
    std::vector<Sequence> sequences;
};

using StoreOperation = std::variant<StoreBlob, StoreDeviceMessage, StoreProof, AckBlob,
    AckDeviceMessage, Purge, ProveId, UseNonce, QueryProofs, NoteDelivered>;

/** Where an answer goes, and what it answers. */
struct Origin {
    ConnectionId connection;
    /** The client's own, echoed. */
    QByteArray messageId;
    /** When the last byte of the message had arrived. */
    TimePoint arrived;
    /** Bytes that the request holds in memory until it is answered (InFlightBudget). */
    qint64 cost = 0;
};

/** For the writer. Requests of one connection are applied in the order in which it posts them. */
struct StoreRequest {
    Origin origin;
    StoreOperation operation;
};

/** Where in a mailbox, or in the messages for a device, the next page starts. */
struct PageQuery {
    enum class Kind {
        Mailbox,       ///< blobs above `after`
        DeviceBacklog, ///< device messages up to `upTo`, by version, above (afterVersion, after);
                       ///< without `upTo`: what stands there now, and the page says up to where
        DeviceLive,    ///< device messages above `after`, in order of arrival
    };
    Kind kind = Kind::Mailbox;
    /** `device` is unused for mailboxes. */
    DeviceKey key;
    Sequence after;
    std::optional<Sequence> upTo;
    std::optional<quint64> afterVersion;
};

struct PageRequest {
    ConnectionId connection;
    PageQuery query;
};

struct ProofRequest {
    Origin origin;
    QueryProofs query;
};

/** Whether the ids of a handshake have been proven. */
struct ProvenRequest {
    Origin origin;
    Id clientId;
    Id routingId;
};

/** For the reader. */
using ReadRequest = std::variant<PageRequest, ProofRequest, ProvenRequest>;

} // namespace relay
