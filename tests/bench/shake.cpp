// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/client.h"
#include "tests/bench/measurement.h"

#include <algorithm>

namespace relay::bench {

namespace {

struct Shakes {
    Clock::time_point end;
    Latencies latencies;
    quint64 inTime = 0;
};

/** Comes, shakes hands, leaves, and comes again as somebody else. */
class Visitor final : public Client {
public:
    Visitor(Loop &loop, const Endpoint &relay, Shakes &shakes)
        : Client(loop, relay)
        , m_shakes(shakes)
    {
    }

    void come()
    {
        m_came = Clock::now();
        open(handshakeFrame(randomId()));
    }

protected:
    void welcomed(QByteArrayView) override
    {
        const auto now = Clock::now();
        m_shakes.latencies.add(now - m_came);
        m_shakes.inTime += now < m_shakes.end;
        sayGoodbye();
    }
    void received(QByteArrayView) override { }
    void ended() override
    {
        if (Clock::now() < m_shakes.end)
            come();
    }

private:
    Shakes &m_shakes;
    Clock::time_point m_came;
};

} // namespace

QJsonObject runShake(const Options &options)
{
    Loop loop(options);
    Shakes shakes;
    std::vector<std::unique_ptr<Visitor>> visitors;
    const Measurement measurement(options);
    shakes.end = Clock::now() + std::chrono::seconds(options.seconds);
    for (int i = 0; i < options.connections; ++i) {
        visitors.push_back(std::make_unique<Visitor>(loop, options.relay, shakes));
        visitors.back()->come();
    }
    loop.runUntil(
        [&] { return std::ranges::none_of(visitors, [](const auto &v) { return v->isOpen(); }); },
        "a HandshakeAck, or the answer to a Close, does not come");
    QJsonObject figures {
        {QStringLiteral("handshakes"), static_cast<double>(shakes.latencies.count())},
        {QStringLiteral("handshakes_per_second"),
            static_cast<double>(shakes.inTime) / options.seconds},
        {QStringLiteral("p50_ms"), shakes.latencies.percentile(0.5)},
        {QStringLiteral("p99_ms"), shakes.latencies.percentile(0.99)},
    };
    measurement.report(figures);
    return figures;
}

} // namespace relay::bench
