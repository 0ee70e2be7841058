// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/measurement.h"
#include "tests/bench/storeload.h"

namespace relay::bench {

namespace {

/** Shakes hands, answers pings, and has nothing to say. */
class Silent final : public Client {
public:
    using Client::Client;

protected:
    void received(QByteArrayView) override { }
};

} // namespace

QJsonObject runIdle(const Options &options)
{
    Loop loop(options);
    const Mail mail(options.size);
    StoreLoad active(loop, options.relay, mail, {options.connections});
    const StoreLoad::Plan plan {.depth = options.depth,
        .rate = options.rate,
        .time = std::chrono::seconds(options.seconds)};
    active.run(plan);
    const double alone = active.rate();
    const double aloneP99 = active.latencies().percentile(0.99);

    const double before = residentBytesOf(options.relayPid);
    std::vector<std::unique_ptr<Silent>> silent;
    loop.welcomeAll(static_cast<size_t>(options.silent), [&](size_t) -> Client & {
        silent.push_back(std::make_unique<Silent>(loop, options.relay));
        silent.back()->open(handshakeFrame(randomId()));
        return *silent.back();
    });
    const double grown = residentBytesOf(options.relayPid) - before;

    const Measurement measurement(options);
    active.run(plan);
    QJsonObject figures {
        {QStringLiteral("alone_per_second"), alone},
        {QStringLiteral("alone_p99_ms"), aloneP99},
        {QStringLiteral("beside_per_second"), active.rate()},
        {QStringLiteral("beside_p99_ms"), active.latencies().percentile(0.99)},
        {QStringLiteral("ratio"), active.rate() / alone},
    };
    if (options.relayPid != 0 && options.silent > 0)
        figures.insert(QStringLiteral("bytes_per_silent_connection"), grown / options.silent);
    measurement.report(figures);
    return figures;
}

} // namespace relay::bench
