// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/storerequests.h"

/** What reaches an I/O thread's inbox from the store. Values only: they cross threads. */
namespace relay {

enum class StoreOutcome {
    Done,      ///< applied; the request has no answer of its own, or it is in the event
    QuotaFull, ///< the recipient's mailbox or the device's queue is full
    Refused,   ///< the store as a whole takes nothing more: full, or short of disk
    Failed,    ///< the database could not
};

/** The answer to a StoreRequest; each request gets exactly one. */
struct StoreReply {
    Origin origin;
    StoreOutcome outcome = StoreOutcome::Done;
    /** Of a store that was committed: the sequence of what was stored. */
    std::optional<Sequence> stored;
    /** Of a purge that was committed. */
    std::optional<PurgeResponse> purged;
    /** The request was a store, so the client expects Stored or Failed. */
    bool expectsStatus = false;
};

/** A blob or device-sync message as the store holds it. */
struct StoredItem {
    Sequence sequence;
    /** Of a device-sync message. */
    quint64 version = 0;
    /** WrittenId::toCompact() of `sender_id` or of the sending device; empty: none was given. */
    QByteArray sender;
    /** Unix milliseconds. */
    qint64 storedAt = 0;
    QByteArray payload;
};

enum class ItemKind { Blob, DeviceMessage };

/** Something was committed for this connection. Without `item` it must be read from the store. */
struct ItemPush {
    ConnectionId to;
    ItemKind kind = ItemKind::Blob;
    Sequence sequence;
    std::optional<StoredItem> item;
};

/** The answer to a PageRequest. */
struct ItemPage {
    ConnectionId to;
    ItemKind kind = ItemKind::Blob;
    std::vector<StoredItem> items;
    /** Of payload. */
    qint64 bytes = 0;
    /** Nothing above the last item stood in the store when this was read. */
    bool isLast = false;
    /** Of a page of a device's backlog that was asked for without an end: where it ends. */
    std::optional<Sequence> backlogEnd;
    /** The database could not be read: ask again later. */
    bool failed = false;
};

/** The answer to a ProofRequest. */
struct ProofAnswer {
    Origin origin;
    RecoveryProofResponse response;
    bool failed = false;
};

/** The answer to a ProvenRequest. */
struct ProvenAnswer {
    Origin origin;
    /** Unix milliseconds of the last proof of the client_id; nothing if it is not proven. */
    std::optional<qint64> clientProvenAt;
    bool isRoutingIdProven = false;
    /** The database could not be read. */
    bool failed = false;
};

/** Somebody has proven to own an id that this connection uses. */
struct IdProven {
    ConnectionId to;
    Id id;
};

/** News for a sender of what became of a blob. */
struct Receipt {
    ConnectionId to;
    /** The sender's own message id. */
    QByteArray messageId;
    AckStatus status = AckStatus::Delivered;
    Sequence blob;
};

using IoEvent =
    std::variant<StoreReply, ItemPush, ItemPage, ProofAnswer, ProvenAnswer, IdProven, Receipt>;

} // namespace relay
