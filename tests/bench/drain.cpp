// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/mailbox.h"
#include "tests/bench/measurement.h"
#include "tests/bench/storeload.h"

#include <algorithm>

namespace relay::bench {

QJsonObject runDrain(const Options &options)
{
    Loop loop(options);
    const Mail mail(options.size);
    QJsonObject figures;
    std::vector<std::unique_ptr<Mailbox>> mailboxes;
    const auto all =
        static_cast<quint64>(options.connections) * static_cast<quint64>(options.blobs);
    const auto perMessage = static_cast<double>(options.size) / 1e6;
    {
        StoreLoad senders(
            loop, options.relay, mail, {options.connections, StoreLoad::To::OneMailbox});
        senders.run(
            {.depth = options.depth, .messagesOfEach = static_cast<quint64>(options.blobs)});
        figures.insert(QStringLiteral("stored_per_second"), senders.rate());
        figures.insert(QStringLiteral("stored_mb_per_second"), senders.rate() * perMessage);
        for (size_t i = 0; i < senders.senders(); ++i)
            mailboxes.push_back(std::make_unique<Mailbox>(loop, options.relay, mail,
                Mailbox::Contents {senders.recipient(i), 0, senders.sentBy(i)}));
    }
    const Measurement measurement(options);
    takeAll(loop, mailboxes);
    const double drained = static_cast<double>(all) / measurement.elapsed();
    measurement.report(figures);
    const auto last = (*std::ranges::max_element(mailboxes, {}, &Mailbox::takenAt))->takenAt();
    figures.insert(QStringLiteral("messages"), static_cast<double>(all));
    // Until the last was there; until the deletion of the last was committed.
    figures.insert(QStringLiteral("delivered_per_second"),
        static_cast<double>(all)
            / std::chrono::duration<double>(last - measurement.begin()).count());
    figures.insert(QStringLiteral("drained_per_second"), drained);
    figures.insert(QStringLiteral("drained_mb_per_second"), drained * perMessage);
    return figures;
}

} // namespace relay::bench
