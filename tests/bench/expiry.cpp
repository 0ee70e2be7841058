// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/fail.h"
#include "tests/bench/measurement.h"
#include "tests/bench/storeload.h"

#include <QJsonDocument>

#include <atomic>
#include <thread>

namespace relay::bench {

namespace {

using namespace std::chrono_literals;

/** After the sweep the load goes on for so long. */
constexpr auto Afterwards = 1s;
/** Of a cleanup that does not come. */
constexpr auto LongestWait = 300s;

/** Asks a relay, by a handshake, how long it keeps a blob. */
class TimeToLive final : public Client {
public:
    using Client::Client;
    std::chrono::seconds value {0};

protected:
    void welcomed(QByteArrayView json) override
    {
        value = std::chrono::seconds(QJsonDocument::fromJson(json.toByteArray())
                                         .object()[QLatin1String("payload")][QLatin1String(
                                             "limits")][QLatin1String("blob_ttl_secs")]
                                         .toInteger());
        if (value == 0s)
            fail("the relay does not say how long it keeps a blob");
    }
    void received(QByteArrayView) override { }
};

/** Sees from the metrics when so many blobs are expired. A thread of its own. */
class SweepWatch {
public:
    SweepWatch(const Endpoint &monitoring, double from, double to)
        : m_thread([this, monitoring, from, to] { watch(monitoring, from, to); })
    {
    }
    ~SweepWatch()
    {
        m_isStopping = true;
        m_thread.join();
    }

    bool isOver() const { return m_isOver; }
    /** Once it is over: no later than it began, and no earlier than it ended. */
    Clock::time_point begin() const { return m_begin; }
    Clock::time_point end() const { return m_end; }

private:
    void watch(const Endpoint &monitoring, double from, double to)
    {
        while (!m_isStopping && !m_isOver) {
            const auto now = Clock::now();
            const double expired = metric(monitoring, "relay_blobs_expired_total");
            if (expired <= from)
                m_begin = now;
            if (expired >= to) {
                m_end = Clock::now();
                m_isOver = true;
            }
            std::this_thread::sleep_for(20ms);
        }
    }

    Clock::time_point m_begin;
    Clock::time_point m_end;
    std::atomic<bool> m_isOver {false};
    std::atomic<bool> m_isStopping {false};
    std::thread m_thread;
};

struct Sample {
    Clock::time_point due;
    Clock::duration took;
};

} // namespace

QJsonObject runExpiry(const Options &options)
{
    if (!options.monitoring || options.rate == 0)
        fail("expiry needs --monitoring and a --rate");
    const Endpoint &monitoring = *options.monitoring;
    const auto expired = [&] { return metric(monitoring, "relay_blobs_expired_total"); };
    const auto held = [&] { return metric(monitoring, "relay_blobs_stored"); };
    const double expiredBefore = expired();
    const double heldBefore = held();

    Loop loop(options);
    TimeToLive timeToLive(loop, options.relay);
    timeToLive.open(handshakeFrame(randomId()));
    loop.runUntil([&] { return timeToLive.isWelcome(); }, "a HandshakeAck does not come");
    const Mail mail(options.size);
    StoreLoad load(loop, options.relay, mail, {options.connections});
    load.run({.depth = options.depth, .messages = static_cast<quint64>(options.blobs)});
    loop.runUntil(Clock::now() + timeToLive.value);
    if (expired() != expiredBefore)
        fail("the sweep came too early: RELAY_CLEANUP_INTERVAL_SECS has to be longer");

    std::vector<Sample> samples;
    load.observe([&](Clock::time_point due, Clock::duration took) {
        samples.push_back({due, took});
    });
    const Measurement measurement(options);
    const SweepWatch sweep(monitoring, expiredBefore, expiredBefore + options.blobs);
    load.begin({.rate = options.rate, .time = LongestWait});
    while (!sweep.isOver() || Clock::now() < sweep.end() + Afterwards) {
        if (!load.step())
            fail("the sweep does not come");
    }
    load.finish();

    Latencies during;
    Latencies without;
    for (const Sample &sample : samples) {
        if (sample.due < sweep.begin())
            without.add(sample.took);
        else if (sample.due <= sweep.end())
            during.add(sample.took);
    }
    QJsonObject figures {
        {QStringLiteral("messages"), static_cast<double>(load.answered())},
        {QStringLiteral("expired"), expired() - expiredBefore},
        {QStringLiteral("sweep_seconds"),
            std::chrono::duration<double>(sweep.end() - sweep.begin()).count()},
        {QStringLiteral("during_count"), static_cast<double>(during.count())},
        {QStringLiteral("during_p99_ms"), during.percentile(0.99)},
        {QStringLiteral("without_count"), static_cast<double>(without.count())},
        {QStringLiteral("without_p99_ms"), without.percentile(0.99)},
        {QStringLiteral("ratio"), during.percentile(0.99) / without.percentile(0.99)},
    };
    if (during.count() == 0 || without.count() == 0)
        fail("no message fell into the sweep, or none before it");
    measurement.report(figures);
    if (held() != heldBefore + static_cast<double>(load.answered()))
        fail("the sweep took what had not expired, or left what had");
    return figures;
}

} // namespace relay::bench
