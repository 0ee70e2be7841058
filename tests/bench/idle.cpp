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
    const double aloneBefore = active.rate();
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
    const double beside = active.rate();
    const double besideP99 = active.latencies().percentile(0.99);
    QJsonObject figures;
    measurement.report(figures);
    // What is stored grows all the while, and the disk has its moods: alone is before and after.
    silent.clear();
    active.run(plan);
    const double alone = (aloneBefore + active.rate()) / 2;
    figures.insert(QStringLiteral("alone_per_second"), alone);
    figures.insert(QStringLiteral("alone_p99_ms"), aloneP99);
    figures.insert(QStringLiteral("beside_per_second"), beside);
    figures.insert(QStringLiteral("beside_p99_ms"), besideP99);
    figures.insert(QStringLiteral("ratio"), beside / alone);
    if (options.relayPid != 0 && options.silent > 0)
        figures.insert(QStringLiteral("bytes_per_silent_connection"), grown / options.silent);
    return figures;
}

} // namespace relay::bench
