// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"
#include "tests/bench/fail.h"
#include "tests/bench/mailbox.h"
#include "tests/bench/measurement.h"
#include "tests/bench/storeload.h"

#include <algorithm>

namespace relay::bench {

namespace {

/** The same in runs of slow-fill and slow, so that the relay may be started anew between them. */
Id mailboxId()
{
    return *Id::fromHex(QByteArray(Id::HexSize, '5'));
}

} // namespace

QJsonObject runSlowFill(const Options &options)
{
    Loop loop(options);
    const Mail mail(options.size);
    StoreLoad sender(loop, options.relay, mail,
        {.connections = 1, .to = StoreLoad::To::OneMailbox, .recipient = mailboxId()});
    const Measurement measurement(options);
    sender.run({.depth = options.depth, .messages = static_cast<quint64>(options.blobs)});
    QJsonObject figures {
        {QStringLiteral("messages"), static_cast<double>(sender.answered())},
        {QStringLiteral("messages_per_second"), sender.rate()},
    };
    measurement.report(figures);
    return figures;
}

QJsonObject runSlow(const Options &options)
{
    using namespace std::chrono_literals;
    if (options.seconds == 0)
        fail("slow needs some --seconds");
    Loop loop(options);
    const Mail mail(options.size);
    const Mailbox::Contents contents {mailboxId(), 0, static_cast<quint64>(options.blobs)};
    const double idle = residentBytesOf(options.relayPid);

    const Measurement measurement(options);
    Mailbox reader(loop, options.relay, mail, contents);
    reader.readSlowly();
    reader.connect();
    // As much each time as makes the whole last that long.
    constexpr auto Pause = 5ms;
    const auto chunk = static_cast<qsizetype>(contents.count)
            * encodedUpdateBound(mail.ciphertext().size()) * Pause
            / std::chrono::seconds(options.seconds)
        + 1;
    double peak = idle;
    quint64 before = 0;
    auto progress = Clock::now();
    for (auto next = Clock::now(); !reader.isEmptied(); next += Pause) {
        loop.runUntil(next);
        reader.allow(chunk);
        reader.flush();
        peak = std::max(peak, residentBytesOf(options.relayPid));
        if (std::exchange(before, reader.taken()) != reader.taken())
            progress = Clock::now();
        else if (Clock::now() - progress > loop.patience())
            fail("a stored message is not delivered");
    }
    QJsonObject figures {
        {QStringLiteral("messages"), static_cast<double>(contents.count)},
        {QStringLiteral("mailbox_mb"), static_cast<double>(contents.count) * options.size / 1e6},
        {QStringLiteral("took_seconds"), measurement.elapsed()},
        {QStringLiteral("idle_resident_bytes"), idle},
        {QStringLiteral("peak_resident_bytes"), peak},
        {QStringLiteral("above_idle_bytes"), peak - idle},
    };
    measurement.report(figures);
    return figures;
}

} // namespace relay::bench
