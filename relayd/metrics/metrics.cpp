// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/metrics/metrics.h"

#include "shared/monitoring/metricnames.h"

#include <prometheus/text_serializer.h>

#include <iterator>

namespace relay {

namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets DurationBuckets {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const Buckets BatchBuckets {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

constexpr double Minute = 60;
constexpr double Hour = 60 * Minute;
constexpr double Day = 24 * Hour;
const Buckets DelayBuckets {
    0.01, 0.1, 1, 10, Minute, 10 * Minute, Hour, 6 * Hour, Day, 7 * Day, 30 * Day, 90 * Day};

template <typename T>
auto &family(prometheus::Registry &registry, const MetricName &metric)
{
    if constexpr (std::is_same_v<T, prometheus::Counter>) {
        Q_ASSERT(metric.kind == MetricKind::Counter);
        return prometheus::BuildCounter().Name(metric.name).Help(metric.help).Register(registry);
    } else if constexpr (std::is_same_v<T, prometheus::Gauge>) {
        Q_ASSERT(metric.kind == MetricKind::Gauge);
        return prometheus::BuildGauge().Name(metric.name).Help(metric.help).Register(registry);
    } else {
        Q_ASSERT(metric.kind == MetricKind::Histogram);
        return prometheus::BuildHistogram().Name(metric.name).Help(metric.help).Register(registry);
    }
}

prometheus::Counter &counter(prometheus::Registry &registry, const MetricName &metric)
{
    return family<prometheus::Counter>(registry, metric).Add({});
}

prometheus::Gauge &gauge(prometheus::Registry &registry, const MetricName &metric)
{
    return family<prometheus::Gauge>(registry, metric).Add({});
}

prometheus::Histogram &histogram(
    prometheus::Registry &registry, const MetricName &metric, const Buckets &buckets)
{
    return family<prometheus::Histogram>(registry, metric).Add({}, buckets);
}

const char *label(RefusalReason reason)
{
    switch (reason) {
    case RefusalReason::Undecodable:
        return "undecodable";
    case RefusalReason::Text:
        return "text";
    case RefusalReason::TooLarge:
        return "too_large";
    case RefusalReason::Unknown:
        return "unknown";
    case RefusalReason::NotExpected:
        return "not_expected";
    case RefusalReason::Invalid:
        return "invalid";
    case RefusalReason::Rate:
        return "rate";
    case RefusalReason::RecoveryRate:
        return "recovery_rate";
    case RefusalReason::Quota:
        return "quota";
    case RefusalReason::Storage:
        return "storage";
    }
    Q_UNREACHABLE();
}

} // namespace

Metrics::Metrics()
    : connectionsTotal(counter(m_registry, metric::ConnectionsTotal))
    , connectionErrorsTotal(counter(m_registry, metric::ConnectionErrorsTotal))
    , messagesReceivedTotal(counter(m_registry, metric::MessagesReceivedTotal))
    , messagesSentTotal(counter(m_registry, metric::MessagesSentTotal))
    , messagesRejectedTotal(counter(m_registry, metric::MessagesRejectedTotal))
    , blobsCreatedTotal(counter(m_registry, metric::BlobsCreatedTotal))
    , blobsDeliveredTotal(counter(m_registry, metric::BlobsDeliveredTotal))
    , blobsExpiredTotal(counter(m_registry, metric::BlobsExpiredTotal))
    , blobsAcknowledgedTotal(counter(m_registry, metric::BlobsAcknowledgedTotal))
    , blobsPurgedTotal(counter(m_registry, metric::BlobsPurgedTotal))
    , recoveryVouchersTotal(counter(m_registry, metric::RecoveryVouchersTotal))
    , rateLimitedTotal(counter(m_registry, metric::RateLimitedTotal))
    , bytesReceivedTotal(counter(m_registry, metric::BytesReceivedTotal))
    , bytesSentTotal(counter(m_registry, metric::BytesSentTotal))
    , framePrefixMismatchTotal(counter(m_registry, metric::FramePrefixMismatchTotal))
    , slowClientDisconnectsTotal(counter(m_registry, metric::SlowClientDisconnectsTotal))
    , connectionsActive(gauge(m_registry, metric::ConnectionsActive))
    , maxConnections(gauge(m_registry, metric::MaxConnections))
    , blobsStored(gauge(m_registry, metric::BlobsStored))
    , recoveryProofsActive(gauge(m_registry, metric::RecoveryProofsActive))
    , provenIds(gauge(m_registry, metric::ProvenIds))
    , storageBytes(gauge(m_registry, metric::StorageBytes))
    , maxStorageBytes(gauge(m_registry, metric::MaxStorageBytes))
    , oldestBlobTimestampSeconds(gauge(m_registry, metric::OldestBlobTimestampSeconds))
    , cleanupLastSuccessTimestampSeconds(
          gauge(m_registry, metric::CleanupLastSuccessTimestampSeconds))
    , ready(gauge(m_registry, metric::Ready))
    , blobsUndeliverable(gauge(m_registry, metric::BlobsUndeliverable))
    , messageDurationSeconds(histogram(m_registry, metric::MessageDurationSeconds, DurationBuckets))
    , storageCommitDurationSeconds(
          histogram(m_registry, metric::StorageCommitDurationSeconds, DurationBuckets))
    , storageCommitBlobs(histogram(m_registry, metric::StorageCommitBlobs, BatchBuckets))
    , deliveryDelaySeconds(histogram(m_registry, metric::DeliveryDelaySeconds, DelayBuckets))
    , m_storageInfo(family<prometheus::Gauge>(m_registry, metric::StorageInfo))
{
    auto &refusals = family<prometheus::Counter>(m_registry, metric::MessagesRefusedTotal);
    for (size_t i = 0; i < m_refused.size(); ++i)
        m_refused[i] = &refusals.Add({{"reason", label(static_cast<RefusalReason>(i))}});
    family<prometheus::Gauge>(m_registry, metric::BuildInfo)
        .Add({{"version", RELAY_VERSION}, {"qt", qVersion()}})
        .Set(1);
}

void Metrics::refused(RefusalReason reason)
{
    messagesRejectedTotal.Increment();
    m_refused[static_cast<size_t>(reason)]->Increment();
    if (reason == RefusalReason::Rate)
        rateLimitedTotal.Increment();
}

void Metrics::setStorageBackend(QByteArrayView backend)
{
    if (m_storageBackend)
        m_storageInfo.Remove(m_storageBackend);
    m_storageBackend = &m_storageInfo.Add({{"backend", backend.toByteArray().toStdString()}});
    m_storageBackend->Set(1);
}

QByteArray Metrics::text() const
{
    std::vector<prometheus::MetricFamily> families = m_registry.Collect();
    std::vector<prometheus::MetricFamily> process = m_process.Collect();
    std::move(process.begin(), process.end(), std::back_inserter(families));
    return QByteArray::fromStdString(prometheus::TextSerializer().Serialize(families));
}

} // namespace relay
