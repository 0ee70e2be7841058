// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace relay {

enum class MetricKind { Counter, Gauge, Histogram };

/** A metric as it stands in /metrics. The help is exported as it is: one line, no backslash. */
struct MetricName {
    const char *name;
    MetricKind kind;
    const char *help;
};

/**
 * The relay's metrics: the daemon registers them under these names, the console looks for them.
 */
namespace metric {

// Connections
inline constexpr MetricName ConnectionsTotal {
    "relay_connections_total", MetricKind::Counter, "WebSocket upgrades completed."};
inline constexpr MetricName ConnectionsActive {
    "relay_connections_active", MetricKind::Gauge, "WebSocket connections open now."};
inline constexpr MetricName ConnectionErrorsTotal {"relay_connection_errors_total",
    MetricKind::Counter,
    "Connections refused because the relay was full, failed or late upgrades and handshakes, "
    "protocol errors, slow readers cut off."};
inline constexpr MetricName MaxConnections {
    "relay_max_connections", MetricKind::Gauge, "Most WebSocket connections at a time."};
inline constexpr MetricName SlowClientDisconnectsTotal {"relay_slow_client_disconnects_total",
    MetricKind::Counter, "Connections cut off because the client did not read."};
inline constexpr MetricName BytesReceivedTotal {"relay_bytes_received_total", MetricKind::Counter,
    "Bytes read from the sockets of the public port."};
inline constexpr MetricName BytesSentTotal {"relay_bytes_sent_total", MetricKind::Counter,
    "Bytes written to the sockets of the public port."};

// Messages
inline constexpr MetricName MessagesReceivedTotal {"relay_messages_received_total",
    MetricKind::Counter, "Binary messages received, handshakes included."};
inline constexpr MetricName MessagesSentTotal {"relay_messages_sent_total", MetricKind::Counter,
    "Protocol messages of all types written to a connection."};
inline constexpr MetricName MessagesRejectedTotal {"relay_messages_rejected_total",
    MetricKind::Counter, "Messages received and not carried out, whatever the reason."};
inline constexpr MetricName MessagesRefusedTotal {"relay_messages_refused_total",
    MetricKind::Counter, "Messages received and not carried out, by reason."};
inline constexpr MetricName RateLimitedTotal {"relay_rate_limited_total", MetricKind::Counter,
    "Messages refused by the general rate limiter."};
inline constexpr MetricName FramePrefixMismatchTotal {"relay_frame_prefix_mismatch_total",
    MetricKind::Counter, "Frames whose length prefix was not their length."};
inline constexpr MetricName MessageDurationSeconds {"relay_message_duration_seconds",
    MetricKind::Histogram, "From the last byte of a message to its answer at the socket."};

// Blobs and storage
inline constexpr MetricName BlobsStored {
    "relay_blobs_stored", MetricKind::Gauge, "Blobs in mailboxes now."};
inline constexpr MetricName BlobsCreatedTotal {
    "relay_blobs_created_total", MetricKind::Counter, "Blobs stored."};
inline constexpr MetricName BlobsDeliveredTotal {"relay_blobs_delivered_total", MetricKind::Counter,
    "Blobs written to a connection; a repeat counts again."};
inline constexpr MetricName BlobsExpiredTotal {
    "relay_blobs_expired_total", MetricKind::Counter, "Blobs deleted because of their age."};
inline constexpr MetricName BlobsAcknowledgedTotal {"relay_blobs_acknowledged_total",
    MetricKind::Counter, "Blobs deleted because their recipient acknowledged them."};
inline constexpr MetricName BlobsPurgedTotal {"relay_blobs_purged_total", MetricKind::Counter,
    "Blobs deleted because their recipient purged the mailbox."};
inline constexpr MetricName BlobsUndeliverable {"relay_blobs_undeliverable", MetricKind::Gauge,
    "Blobs too large for the encrypted session that asked for them."};
inline constexpr MetricName DeliveryDelaySeconds {"relay_delivery_delay_seconds",
    MetricKind::Histogram, "From the storing of a blob to its delivery."};
inline constexpr MetricName OldestBlobTimestampSeconds {"relay_oldest_blob_timestamp_seconds",
    MetricKind::Gauge, "When the oldest blob was stored, in Unix time; 0 if there is none."};
inline constexpr MetricName StorageBytes {
    "relay_storage_bytes", MetricKind::Gauge, "Bytes stored now, of all kinds."};
inline constexpr MetricName MaxStorageBytes {"relay_max_storage_bytes", MetricKind::Gauge,
    "Most bytes stored at a time; +Inf without a limit."};
inline constexpr MetricName StorageCommitDurationSeconds {"relay_storage_commit_duration_seconds",
    MetricKind::Histogram, "Duration of a transaction that writes."};
inline constexpr MetricName StorageCommitBlobs {"relay_storage_commit_blobs", MetricKind::Histogram,
    "Messages and proofs stored by one transaction."};
inline constexpr MetricName StorageInfo {
    "relay_storage_info", MetricKind::Gauge, "The storage backend in use; always 1."};
inline constexpr MetricName CleanupLastSuccessTimestampSeconds {
    "relay_cleanup_last_success_timestamp_seconds", MetricKind::Gauge,
    "When the last sweep of what has expired ended well, in Unix time; 0 before the first."};

// Recovery
inline constexpr MetricName RecoveryProofsActive {
    "relay_recovery_proofs_active", MetricKind::Gauge, "Unexpired recovery proofs held now."};
inline constexpr MetricName RecoveryVouchersTotal {
    "relay_recovery_vouchers_total", MetricKind::Counter, "Recovery proofs accepted."};

// Identities
inline constexpr MetricName ProvenIds {"relay_proven_ids", MetricKind::Gauge,
    "Client ids that have signed a handshake and are protected now."};

// The process
inline constexpr MetricName Ready {"relay_ready", MetricKind::Gauge,
    "1 while the relay can take and keep messages, as /ready says."};
inline constexpr MetricName BuildInfo {
    "relay_build_info", MetricKind::Gauge, "The versions of the relay and of Qt; always 1."};

} // namespace metric

} // namespace relay
