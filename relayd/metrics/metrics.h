// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/metrics/processmetrics.h"

#include <QByteArray>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>

namespace relay {

/** Why a message was not carried out: the closed set of relay_messages_refused_total{reason}. */
enum class RefusalReason {
    Undecodable,
    Text,
    TooLarge,
    Unknown,
    NotExpected,
    Invalid,
    Rate,
    RecoveryRate,
    Quota,
    Storage,
};

/**
 * The relay's metrics: a registry, and what is in it as references, so that counting is no look-up.
 *
 * Everything is exported as 0 from the start. The references may be used from any thread. What each
 * metric counts stands beside its name in shared/monitoring/metricnames.h.
 */
class Metrics {
    prometheus::Registry m_registry; // before the references into it
    ProcessMetrics m_process;

public:
    Metrics();
    Q_DISABLE_COPY_MOVE(Metrics)

    prometheus::Counter &connectionsTotal;
    prometheus::Counter &connectionErrorsTotal;
    prometheus::Counter &messagesReceivedTotal;
    prometheus::Counter &messagesSentTotal;
    prometheus::Counter &messagesRejectedTotal; ///< counted by refused()
    prometheus::Counter &blobsCreatedTotal;
    prometheus::Counter &blobsDeliveredTotal;
    prometheus::Counter &blobsExpiredTotal;
    prometheus::Counter &blobsAcknowledgedTotal;
    prometheus::Counter &blobsPurgedTotal;
    prometheus::Counter &recoveryVouchersTotal;
    prometheus::Counter &rateLimitedTotal; ///< counted by refused()
    prometheus::Counter &bytesReceivedTotal;
    prometheus::Counter &bytesSentTotal;
    prometheus::Counter &framePrefixMismatchTotal;
    prometheus::Counter &slowClientDisconnectsTotal;

    prometheus::Gauge &connectionsActive;
    prometheus::Gauge &maxConnections;
    prometheus::Gauge &blobsStored;
    prometheus::Gauge &recoveryProofsActive;
    prometheus::Gauge &provenIds;
    prometheus::Gauge &storageBytes;
    prometheus::Gauge &maxStorageBytes;
    prometheus::Gauge &oldestBlobTimestampSeconds;
    prometheus::Gauge &cleanupLastSuccessTimestampSeconds;
    prometheus::Gauge &ready;
    prometheus::Gauge &blobsUndeliverable;

    prometheus::Histogram &messageDurationSeconds;
    prometheus::Histogram &storageCommitDurationSeconds;
    prometheus::Histogram &storageCommitBlobs;
    prometheus::Histogram &deliveryDelaySeconds;

    /** Counts a message that was received and not carried out, in all counters it belongs to. */
    void refused(RefusalReason reason);

    /** Names the storage backend in relay_storage_info, in place of an earlier one. */
    void setStorageBackend(QByteArrayView backend);

    /** Everything in Prometheus' text format 0.0.4. */
    QByteArray text() const;

private:
    static constexpr size_t RefusalReasons = static_cast<size_t>(RefusalReason::Storage) + 1;

    std::array<prometheus::Counter *, RefusalReasons> m_refused;
    prometheus::Family<prometheus::Gauge> &m_storageInfo;
    prometheus::Gauge *m_storageBackend = nullptr;
};

} // namespace relay
