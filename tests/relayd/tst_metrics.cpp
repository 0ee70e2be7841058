// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/metrics/metrics.h"

#include <QDateTime>
#include <QProcess>
#include <QTest>

#include <fcntl.h>
#include <unistd.h>

#include <cmath>

using namespace relay;
using namespace Qt::StringLiterals;

class TestMetrics : public QObject {
    Q_OBJECT

private slots:
    void exportsTheGuidesMetricsAsZero_data();
    void exportsTheGuidesMetricsAsZero();
    void exportsEverythingElseAsZero();
    void countsWhereTheNameSays_data();
    void countsWhereTheNameSays();
    void addsRefusalsUp();
    void hasTheBucketsOfTheSpecification_data();
    void hasTheBucketsOfTheSpecification();
    void namesOneStorageBackend();
    void namesItsVersions();
    void tellsAboutTheProcess();
    void satisfiesPromtool();
};

namespace {

/** The value of a sample such as `name{label="x"}`; NaN if it is not there. */
double sample(const QByteArray &text, const QByteArray &series)
{
    const QList<QByteArray> lines = text.split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith(QByteArray(series + ' ')))
            return line.mid(series.size() + 1).toDouble();
    }
    return std::nan("");
}

} // namespace

void TestMetrics::exportsTheGuidesMetricsAsZero_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("type");
    const auto row = [](const char *name, const char *type) {
        QTest::newRow(name) << QByteArray(name) << QByteArray(type);
    };
    row("relay_connections_total", "counter");
    row("relay_connections_active", "gauge");
    row("relay_connection_errors_total", "counter");
    row("relay_messages_received_total", "counter");
    row("relay_messages_sent_total", "counter");
    row("relay_messages_rejected_total", "counter");
    row("relay_message_duration_seconds", "histogram");
    row("relay_blobs_stored", "gauge");
    row("relay_blobs_created_total", "counter");
    row("relay_blobs_delivered_total", "counter");
    row("relay_blobs_expired_total", "counter");
    row("relay_recovery_proofs_active", "gauge");
    row("relay_recovery_vouchers_total", "counter");
    row("relay_rate_limited_total", "counter");
}

void TestMetrics::exportsTheGuidesMetricsAsZero()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, type);
    const QByteArray text = Metrics().text();
    QVERIFY(text.contains(QByteArray("# TYPE " + name + ' ' + type + '\n')));
    QVERIFY(text.contains(QByteArray("# HELP " + name + ' ')));
    QCOMPARE(sample(text, type == "histogram" ? QByteArray(name + "_count") : name), 0.0);
}

void TestMetrics::exportsEverythingElseAsZero()
{
    const QList<QByteArray> lines = Metrics().text().split('\n');
    int series = 0;
    for (const QByteArray &line : lines) {
        if (!line.startsWith("relay_") || line.startsWith("relay_build_info"))
            continue;
        ++series;
        QVERIFY2(line.endsWith(" 0"), line.constData());
    }
    // 16 counters, 10 reasons, 11 gauges; each histogram's buckets with +Inf, sum and count.
    QCOMPARE(series, 16 + 10 + 11 + 2 * (17 + 2) + (12 + 2) + (13 + 2));
}

void TestMetrics::countsWhereTheNameSays_data()
{
    using Change = std::function<void(Metrics &)>;
    QTest::addColumn<QByteArray>("series");
    QTest::addColumn<Change>("change");
    const auto counter = [](const char *series, prometheus::Counter &(*which)(Metrics &)) {
        QTest::newRow(series) << QByteArray(series)
                              << Change([which](Metrics &m) { which(m).Increment(3); });
    };
    const auto gauge = [](const char *series, prometheus::Gauge &(*which)(Metrics &)) {
        QTest::newRow(series) << QByteArray(series)
                              << Change([which](Metrics &m) { which(m).Set(3); });
    };
    const auto histogram = [](const char *series, prometheus::Histogram &(*which)(Metrics &)) {
        QTest::newRow(series) << QByteArray(series)
                              << Change([which](Metrics &m) { which(m).Observe(3); });
    };
#define FIELD(name)                                                                                \
    [](Metrics & m) -> auto &                                                                      \
    {                                                                                              \
        return m.name;                                                                             \
    }
    counter("relay_connections_total", FIELD(connectionsTotal));
    counter("relay_connection_errors_total", FIELD(connectionErrorsTotal));
    counter("relay_messages_received_total", FIELD(messagesReceivedTotal));
    counter("relay_messages_sent_total", FIELD(messagesSentTotal));
    counter("relay_messages_rejected_total", FIELD(messagesRejectedTotal));
    counter("relay_blobs_created_total", FIELD(blobsCreatedTotal));
    counter("relay_blobs_delivered_total", FIELD(blobsDeliveredTotal));
    counter("relay_blobs_expired_total", FIELD(blobsExpiredTotal));
    counter("relay_blobs_acknowledged_total", FIELD(blobsAcknowledgedTotal));
    counter("relay_blobs_purged_total", FIELD(blobsPurgedTotal));
    counter("relay_recovery_vouchers_total", FIELD(recoveryVouchersTotal));
    counter("relay_rate_limited_total", FIELD(rateLimitedTotal));
    counter("relay_bytes_received_total", FIELD(bytesReceivedTotal));
    counter("relay_bytes_sent_total", FIELD(bytesSentTotal));
    counter("relay_frame_prefix_mismatch_total", FIELD(framePrefixMismatchTotal));
    counter("relay_slow_client_disconnects_total", FIELD(slowClientDisconnectsTotal));
    gauge("relay_connections_active", FIELD(connectionsActive));
    gauge("relay_max_connections", FIELD(maxConnections));
    gauge("relay_blobs_stored", FIELD(blobsStored));
    gauge("relay_recovery_proofs_active", FIELD(recoveryProofsActive));
    gauge("relay_proven_ids", FIELD(provenIds));
    gauge("relay_storage_bytes", FIELD(storageBytes));
    gauge("relay_max_storage_bytes", FIELD(maxStorageBytes));
    gauge("relay_oldest_blob_timestamp_seconds", FIELD(oldestBlobTimestampSeconds));
    gauge(
        "relay_cleanup_last_success_timestamp_seconds", FIELD(cleanupLastSuccessTimestampSeconds));
    gauge("relay_ready", FIELD(ready));
    gauge("relay_blobs_undeliverable", FIELD(blobsUndeliverable));
    histogram("relay_message_duration_seconds_sum", FIELD(messageDurationSeconds));
    histogram("relay_storage_commit_duration_seconds_sum", FIELD(storageCommitDurationSeconds));
    histogram("relay_storage_commit_blobs_sum", FIELD(storageCommitBlobs));
    histogram("relay_delivery_delay_seconds_sum", FIELD(deliveryDelaySeconds));
#undef FIELD
}

void TestMetrics::countsWhereTheNameSays()
{
    QFETCH(QByteArray, series);
    QFETCH(std::function<void(Metrics &)>, change);
    Metrics metrics;
    change(metrics);
    QCOMPARE(sample(metrics.text(), series), 3.0);
}

void TestMetrics::addsRefusalsUp()
{
    const QList<std::pair<RefusalReason, QByteArray>> reasons {
        {RefusalReason::Undecodable, "undecodable"},
        {RefusalReason::Text, "text"},
        {RefusalReason::TooLarge, "too_large"},
        {RefusalReason::Unknown, "unknown"},
        {RefusalReason::NotExpected, "not_expected"},
        {RefusalReason::Invalid, "invalid"},
        {RefusalReason::Rate, "rate"},
        {RefusalReason::RecoveryRate, "recovery_rate"},
        {RefusalReason::Quota, "quota"},
        {RefusalReason::Storage, "storage"},
    };
    Metrics metrics;
    int times = 0;
    int sum = 0;
    for (const auto &[reason, label] : reasons) {
        sum += ++times;
        for (int i = 0; i < times; ++i)
            metrics.refused(reason);
    }
    const QByteArray text = metrics.text();
    times = 0;
    for (const auto &[reason, label] : reasons) {
        const QByteArray series = "relay_messages_refused_total{reason=\"" + label + "\"}";
        QCOMPARE(sample(text, series), double(++times));
    }
    QCOMPARE(sample(text, "relay_messages_rejected_total"), double(sum));
    QCOMPARE(sample(text, "relay_rate_limited_total"), 7.0);
}

void TestMetrics::hasTheBucketsOfTheSpecification_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QList<double>>("some");
    const QList<double> durations {0.0001, 0.001, 0.01, 0.1, 1, 10};
    QTest::newRow("message") << QByteArray("relay_message_duration_seconds") << durations;
    QTest::newRow("commit") << QByteArray("relay_storage_commit_duration_seconds") << durations;
    QTest::newRow("batch") << QByteArray("relay_storage_commit_blobs")
                           << QList<double> {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
    QTest::newRow("delay") << QByteArray("relay_delivery_delay_seconds")
                           << QList<double> {0.01, 0.1, 1, 10, 60, 600, 3600, 21600, 86400, 604800,
                                  2592000, 7776000};
}

void TestMetrics::hasTheBucketsOfTheSpecification()
{
    QFETCH(QByteArray, name);
    QFETCH(QList<double>, some);
    const QByteArray prefix = name + "_bucket{le=\"";
    QList<double> bounds;
    const QList<QByteArray> lines = Metrics().text().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith(prefix)) {
            const QByteArray bound = line.mid(prefix.size()).split('"').first();
            bounds += bound == "+Inf" ? HUGE_VAL : bound.toDouble();
        }
    }
    QVERIFY(std::is_sorted(bounds.begin(), bounds.end()));
    QCOMPARE(bounds.takeLast(), HUGE_VAL);
    QCOMPARE(bounds.first(), some.first());
    QCOMPARE(bounds.last(), some.last());
    for (double bound : some)
        QVERIFY2(bounds.contains(bound), QByteArray::number(bound).constData());
}

void TestMetrics::namesOneStorageBackend()
{
    Metrics metrics;
    QVERIFY(!metrics.text().contains("relay_storage_info{"));
    metrics.setStorageBackend("sqlite");
    QCOMPARE(sample(metrics.text(), "relay_storage_info{backend=\"sqlite\"}"), 1.0);
    metrics.setStorageBackend("memory");
    QCOMPARE(sample(metrics.text(), "relay_storage_info{backend=\"memory\"}"), 1.0);
    QCOMPARE(metrics.text().count("relay_storage_info{"), 1);
}

void TestMetrics::namesItsVersions()
{
    const QByteArray text = Metrics().text();
    const QByteArray version = RELAY_VERSION;
    const QByteArray oneOrder =
        "relay_build_info{version=\"" + version + "\",qt=\"" + qVersion() + "\"}";
    const QByteArray otherOrder =
        "relay_build_info{qt=\"" + QByteArray(qVersion()) + "\",version=\"" + version + "\"}";
    QVERIFY(sample(text, oneOrder) == 1.0 || sample(text, otherOrder) == 1.0);
}

void TestMetrics::tellsAboutTheProcess()
{
    const Metrics metrics;
    const QByteArray before = metrics.text();
    const double now = double(QDateTime::currentSecsSinceEpoch());
    QVERIFY(sample(before, "process_cpu_seconds_total") > 0);
    QVERIFY(sample(before, "process_resident_memory_bytes") > 1e6);
    QVERIFY(sample(before, "process_virtual_memory_bytes")
        > sample(before, "process_resident_memory_bytes"));
    QVERIFY(sample(before, "process_max_fds") >= sample(before, "process_open_fds"));
    QVERIFY(std::abs(now - sample(before, "process_start_time_seconds")) < 120);

    const int descriptor = open("/dev/null", O_RDONLY);
    QVERIFY(descriptor >= 0);
    const QByteArray after = metrics.text();
    close(descriptor);
    QCOMPARE(sample(after, "process_open_fds"), sample(before, "process_open_fds") + 1);
    QCOMPARE(
        sample(after, "process_start_time_seconds"), sample(before, "process_start_time_seconds"));
}

void TestMetrics::satisfiesPromtool()
{
    Metrics metrics;
    metrics.setStorageBackend("sqlite");
    metrics.refused(RefusalReason::Rate);
    metrics.messageDurationSeconds.Observe(0.002);
    metrics.oldestBlobTimestampSeconds.Set(1700000000.25);

    QProcess promtool;
    promtool.setProcessChannelMode(QProcess::MergedChannels);
    promtool.start(u"promtool"_s, {u"check"_s, u"metrics"_s});
    if (!promtool.waitForStarted()) {
        QVERIFY2(!qEnvironmentVariableIsSet("RELAYTEST_REQUIRE_TOOLS"), "promtool is missing");
        QSKIP("promtool is missing: it is in Debian's package prometheus");
    }
    promtool.write(metrics.text());
    promtool.closeWriteChannel();
    QVERIFY(promtool.waitForFinished());
    const QByteArray output = promtool.readAll();
    QVERIFY2(output.isEmpty(), output.constData());
    QCOMPARE(promtool.exitStatus(), QProcess::NormalExit);
    QCOMPARE(promtool.exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
