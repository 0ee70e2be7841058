// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"
#include "tests/bench/fail.h"
#include "tests/bench/mailbox.h"
#include "tests/bench/measurement.h"
#include "tests/bench/storeload.h"

#include <algorithm>

namespace relay::bench {

QJsonObject runSlow(const Options &options)
{
    using namespace std::chrono_literals;
    if (options.seconds == 0)
        fail("slow needs some --seconds");
    Loop loop;
    const Mail mail(options.size);
    const double atStart = residentBytesOf(options.relayPid);
    Mailbox::Contents contents;
    contents.count = static_cast<quint64>(options.blobs);
    {
        StoreLoad sender(loop, options.relay, mail, {1, StoreLoad::To::OneMailbox});
        contents.id = sender.recipient(0);
        sender.run({.depth = options.depth, .messages = contents.count});
    }
    const double idle = residentBytesOf(options.relayPid);

    const Measurement measurement(options);
    Mailbox reader(loop, options.relay, mail, contents);
    reader.readSlowly();
    reader.connect();
    // As much each time as makes the whole last that long.
    constexpr auto Pause = 5ms;
    const auto chunk = static_cast<qsizetype>(contents.count)
            * encodedUpdateBound(mail.ciphertext().size()) * Pause / std::chrono::seconds(options.seconds)
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
        else if (Clock::now() - progress > Loop::Patience)
            fail("a stored message is not delivered");
    }
    QJsonObject figures {
        {QStringLiteral("messages"), static_cast<double>(contents.count)},
        {QStringLiteral("mailbox_mb"),
            static_cast<double>(contents.count) * options.size / 1e6},
        {QStringLiteral("took_seconds"), measurement.elapsed()},
        {QStringLiteral("idle_resident_bytes"), idle},
        {QStringLiteral("peak_resident_bytes"), peak},
        {QStringLiteral("above_idle_bytes"), peak - idle},
        {QStringLiteral("above_start_bytes"), peak - atStart},
    };
    measurement.report(figures);
    return figures;
}

} // namespace relay::bench
