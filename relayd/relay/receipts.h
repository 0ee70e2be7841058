// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/storerequests.h"

#include <map>
#include <optional>

namespace relay {

/**
 * Which routing id and which message id a blob came from, so that its sender can be told what
 * became of it. In memory only, and forgotten on ack, expiry and purge; a restart forgets all.
 *
 * Bounded in entries and in bytes: beyond either, the oldest is forgotten and gets no receipts.
 * Belongs to the writer thread.
 */
class Receipts {
public:
    /** A message id longer than this gets no receipts (shared/protocol/README.md, 3.4). */
    static constexpr qsizetype MaxMessageIdSize = 128;

    struct Bounds {
        size_t entries = 100'000;
        size_t bytes = 32 * 1024 * 1024;
    };
    struct Sender {
        Id routingId;
        QByteArray messageId;
    };

    explicit Receipts(Bounds bounds);
    Receipts();

    void remember(Sequence blob, Sender sender);
    /** Whom to tell that the blob was delivered: once only. */
    std::optional<Sender> delivered(Sequence blob);
    /** Whom to tell that the recipient has it; the blob is forgotten. */
    std::optional<Sender> acknowledged(Sequence blob);
    void forget(Sequence blob);

    size_t entries() const { return m_entries.size(); }
    size_t bytes() const { return m_bytes; }

private:
    struct Entry {
        Sender sender;
        bool deliveredSent = false;
    };
    /** In order of sequence, so the oldest comes first. */
    using Entries = std::map<Sequence, Entry>;

    static size_t costOf(const Sender &sender);
    void erase(Entries::iterator it);

    const Bounds m_bounds;
    Entries m_entries;
    size_t m_bytes = 0;
};

} // namespace relay
