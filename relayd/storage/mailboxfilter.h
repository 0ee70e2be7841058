// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/ids.h"

#include <optional>
#include <stop_token>
#include <vector>

namespace relay {

class Database;

/**
 * Mailboxes of which the store may hold something: who is not in it holds nothing, and need not be
 * looked up. A Bloom filter of fixed size, 4 bits in one word for each mailbox. What goes is not
 * taken out of it: mayHold() then says yes for no reason, and so it does for one mailbox in 30
 * when it holds Capacity of them.
 */
class MailboxFilter {
public:
    static constexpr size_t Capacity = 4'000'000;

    void add(const Id &mailbox)
    {
        const Place place = placeOf(mailbox);
        quint64 &word = m_words[place.word];
        m_added += (word & place.bits) != place.bits;
        word |= place.bits;
    }
    bool mayHold(const Id &mailbox) const
    {
        const Place place = placeOf(mailbox);
        return (m_words[place.word] & place.bits) == place.bits;
    }
    void clear()
    {
        m_words.assign(Words, 0);
        m_added = 0;
    }
    void merge(const MailboxFilter &other)
    {
        for (size_t i = 0; i < Words; ++i)
            m_words[i] |= other.m_words[i];
        m_added += other.m_added;
    }
    /** About so many mailboxes. */
    size_t added() const { return m_added; }

private:
    /** 4 MiB. */
    static constexpr size_t Words = 1 << 19;

    struct Place {
        size_t word;
        quint64 bits;
    };
    static Place placeOf(const Id &mailbox)
    {
        const quint64 hash = IdHash()(mailbox);
        const auto bit = [hash](int shift) { return quint64(1) << (hash >> shift & 63); };
        return {hash % Words, bit(20) | bit(28) | bit(36) | bit(44)};
    }

    std::vector<quint64> m_words = std::vector<quint64>(Words);
    size_t m_added = 0;
};

/**
 * The mailboxes in the index, which may be in use. Takes a second for a million. Nothing if it was
 * stopped or cannot be read.
 */
std::optional<MailboxFilter> mailboxesInIndex(
    const Database &database, const std::stop_token &stop);

} // namespace relay
