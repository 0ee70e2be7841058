// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/storerequests.h"

#include <array>
#include <bitset>
#include <mutex>
#include <optional>
#include <vector>

namespace relay {

/**
 * Which mailbox each of the blobs stored last is in: those that the table `mailbox_index` does not
 * hold yet (relayd/storage/README.md, "The index of mailboxes").
 *
 * In slices by the first byte of the mailbox's id, which are neighbours in the index: a slice that
 * is settled, that is moved to the index, touches few of its pages, and makes nobody wait long.
 * What is committed is published with commit(), on the writer's thread; of() may be called on any
 * thread.
 */
class RecentBlobs {
public:
    /** Beyond any of these, slices are settled with each commit. */
    struct Limits {
        /** In all: 48 bytes each, and as much room. With fewer, settling finds fewer for a page. */
        size_t blobs = 262'144;
        /** In a slice, whatever ids peers choose: to find a mailbox's, it is walked through. */
        size_t slice = 4096;
        /** Blobs that were stored after the oldest: a start after a crash has to read them. */
        qint64 age = 524'288;
    };
    static constexpr size_t Slices = 256;

    struct Blob {
        Sequence sequence;
        Id mailbox;
        /** Of its ciphertext, in bytes. */
        qint32 size = 0;
    };
    /** In order of arrival. */
    using Slice = std::vector<Blob>;

    explicit RecentBlobs(const Limits &limits)
        : m_limits(limits)
    {
    }

    // ---- any thread ----

    /** The blobs of a mailbox above `after`, ascending, as committed. */
    std::vector<Sequence> of(const Id &mailbox, Sequence after) const;

    // ---- the writer's thread: what the open transaction changes, and its end ----

    void add(const Blob &blob) { m_added.push_back(blob); }
    /** One of them, as the transaction stands. */
    std::optional<Blob> find(const Id &mailbox, Sequence sequence) const;
    /** Whether it holds any blob of the mailbox, as the transaction stands. */
    bool hasMailbox(const Id &mailbox) const { return !pendingOf(mailbox).empty(); }
    /** If it holds it. */
    void remove(const Id &mailbox, Sequence sequence);
    /** remove() was called for it in this transaction. */
    bool isRemoved(const Id &mailbox, Sequence sequence) const
    {
        return isRemoved(sliceOf(mailbox), sequence);
    }
    /** Those of a mailbox as the transaction stands, ascending. */
    Slice pendingOf(const Id &mailbox) const;

    /** A slice that should be settled too now that `last` has been stored, if there is one. */
    std::optional<size_t> dueSlice(Sequence last) const;
    /** What it holds as the transaction stands, without what the transaction added. */
    Slice slice(size_t number) const;
    /** The slice was written to the index: commit() forgets it. */
    void settle(size_t number) { m_settled.set(number); }
    /** Everything up to here is in the index, or gone, once the transaction has committed. */
    Sequence settledUpTo(Sequence last) const;

    void commit();
    void rollback();

private:
    static size_t sliceOf(const Id &mailbox) { return mailbox.bytes[0]; }
    bool isRemoved(size_t slice, Sequence sequence) const;
    void dropRemoved(size_t number, Slice &slice) const;

    const Limits m_limits;
    mutable std::mutex m_mutex;
    /** Changed by the writer's thread only, under the lock. */
    std::array<Slice, Slices> m_slices;

    Slice m_added;
    /** Ascending. */
    std::array<std::vector<Sequence>, Slices> m_removed;
    std::bitset<Slices> m_settled;
};

} // namespace relay
