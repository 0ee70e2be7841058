// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/fail.h"
#include "tests/bench/measurement.h"
#include "tests/bench/storeload.h"

namespace relay::bench {

namespace {

/** Of what was stored, so many are fetched. */
constexpr int Verified = 16;

QJsonObject runSenders(const Options &options, StoreLoad::Expects expects)
{
    if (options.seconds == 0 && options.blobs == 0)
        fail("there has to be an end: --seconds or --blobs");
    Loop loop(options);
    const Mail mail(options.size);
    StoreLoad load(
        loop, options.relay, mail, {options.connections, StoreLoad::To::EachItsMailbox, expects});
    const Measurement measurement(options);
    load.run({options.depth, options.rate, std::chrono::seconds(options.seconds),
        static_cast<quint64>(options.blobs)});
    QJsonObject figures {
        {QStringLiteral("messages"), static_cast<double>(load.answered())},
        {QStringLiteral("messages_per_second"), load.rate()},
        {QStringLiteral("p50_ms"), load.latencies().percentile(0.5)},
        {QStringLiteral("p99_ms"), load.latencies().percentile(0.99)},
        {QStringLiteral("max_ms"), load.latencies().percentile(1)},
    };
    measurement.report(figures);
    if (expects == StoreLoad::Expects::Stored)
        load.verifySome(Verified);
    return figures;
}

} // namespace

QJsonObject runStore(const Options &options)
{
    return runSenders(options, StoreLoad::Expects::Stored);
}

QJsonObject runCeilingNet(const Options &options)
{
    return runSenders(options, StoreLoad::Expects::Echo);
}

} // namespace relay::bench
