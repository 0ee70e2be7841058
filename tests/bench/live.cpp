// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/fail.h"
#include "tests/bench/measurement.h"
#include "tests/bench/storeload.h"

#include <algorithm>

namespace relay::bench {

namespace {

/** Somebody who is online while another writes to them. */
class Listener final : public Client {
public:
    Listener(Loop &loop, const Options &options, const Mail &mail, const StoreLoad &senders,
        size_t sender, Latencies &latencies)
        : Client(loop, options.recipientsRelay)
        , m_mail(mail)
        , m_senders(senders)
        , m_sender(sender)
        , m_latencies(latencies)
    {
    }

    bool hasAll() const { return m_taken == m_senders.sentBy(m_sender); }

protected:
    void received(QByteArrayView json) override
    {
        const Answer answer = Answer::read(json);
        if (answer.kind != AnswerKind::Update)
            return;
        if (m_mail.numberIn(json) != m_taken)
            fail("a live message is missing, came twice or in the wrong order, or has wrong bytes");
        m_latencies.add(Clock::now() - m_senders.dueOf(m_sender, m_taken));
        ++m_taken;
        queue(m_ack.of(answer.id));
    }

private:
    const Mail &m_mail;
    const StoreLoad &m_senders;
    const size_t m_sender;
    Latencies &m_latencies;
    AckFrame m_ack;
    quint64 m_taken = 0;
};

} // namespace

QJsonObject runLive(const Options &options)
{
    if (options.rate == 0)
        fail("live needs a --rate");
    Loop loop(options);
    const Mail mail(options.size);
    Latencies latencies;
    StoreLoad senders(loop, options.relay, mail, {options.connections, StoreLoad::To::OneMailbox});
    std::vector<std::unique_ptr<Listener>> listeners;
    loop.welcomeAll(senders.senders(), [&](size_t i) -> Client & {
        listeners.push_back(std::make_unique<Listener>(loop, options, mail, senders, i, latencies));
        listeners.back()->open(handshakeFrame(senders.recipient(i)));
        return *listeners.back();
    });
    const Measurement measurement(options);
    senders.run({.rate = options.rate, .time = std::chrono::seconds(options.seconds)});
    loop.runUntil(
        [&] {
            return std::ranges::all_of(listeners, &Listener::hasAll,
                [](const auto &listener) -> const Listener & { return *listener; });
        },
        "a live message does not come");
    QJsonObject figures {
        {QStringLiteral("messages"), static_cast<double>(senders.answered())},
        {QStringLiteral("messages_per_second"), senders.rate()},
        {QStringLiteral("p50_ms"), latencies.percentile(0.5)},
        {QStringLiteral("p99_ms"), latencies.percentile(0.99)},
        {QStringLiteral("max_ms"), latencies.percentile(1)},
        {QStringLiteral("stored_p99_ms"), senders.latencies().percentile(0.99)},
    };
    measurement.report(figures);
    // Two for each, if the relay sends receipts: they may be on their way still.
    figures.insert(QStringLiteral("receipts"), static_cast<double>(senders.receipts()));
    return figures;
}

} // namespace relay::bench
