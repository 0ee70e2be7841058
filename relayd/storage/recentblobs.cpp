// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/recentblobs.h"

#include <algorithm>

namespace relay {

namespace {

using Blob = RecentBlobs::Blob;
using Slice = RecentBlobs::Slice;

/** Those of a mailbox above `after`. */
template <typename Take>
void each(const Slice &slice, const Id &mailbox, Sequence after, Take take)
{
    const auto first = std::ranges::upper_bound(slice, after, {}, &Blob::sequence);
    for (auto it = first; it != slice.end(); ++it) {
        if (it->mailbox == mailbox)
            take(*it);
    }
}

std::optional<Blob> findIn(const Slice &slice, const Id &mailbox, Sequence sequence)
{
    const auto it = std::ranges::lower_bound(slice, sequence, {}, &Blob::sequence);
    if (it == slice.end() || it->sequence != sequence || it->mailbox != mailbox)
        return std::nullopt;
    return *it;
}

} // namespace

std::vector<Sequence> RecentBlobs::of(const Id &mailbox, Sequence after) const
{
    std::vector<Sequence> sequences;
    const std::lock_guard lock(m_mutex);
    each(m_slices[sliceOf(mailbox)], mailbox, after,
        [&](const Blob &blob) { sequences.push_back(blob.sequence); });
    return sequences;
}

void RecentBlobs::remove(const Id &mailbox, Sequence sequence)
{
    auto &removed = m_removed[sliceOf(mailbox)];
    removed.insert(std::ranges::upper_bound(removed, sequence), sequence);
}

bool RecentBlobs::isRemoved(size_t slice, Sequence sequence) const
{
    return std::ranges::binary_search(m_removed[slice], sequence);
}

void RecentBlobs::dropRemoved(size_t number, Slice &slice) const
{
    // Both are ascending.
    auto next = m_removed[number].begin();
    const auto end = m_removed[number].end();
    std::erase_if(slice, [&](const Blob &blob) {
        next = std::find_if(next, end, [&](Sequence removed) { return removed >= blob.sequence; });
        return next != end && *next == blob.sequence;
    });
}

std::optional<Blob> RecentBlobs::find(const Id &mailbox, Sequence sequence) const
{
    const size_t number = sliceOf(mailbox);
    if (isRemoved(number, sequence))
        return std::nullopt;
    const auto committed = findIn(m_slices[number], mailbox, sequence);
    return committed ? committed : findIn(m_added, mailbox, sequence);
}

Slice RecentBlobs::pendingOf(const Id &mailbox) const
{
    Slice blobs;
    const size_t number = sliceOf(mailbox);
    for (const Slice *slice : {&m_slices[number], &m_added}) {
        each(*slice, mailbox, {}, [&](const Blob &blob) {
            if (!isRemoved(number, blob.sequence))
                blobs.push_back(blob);
        });
    }
    return blobs;
}

std::optional<size_t> RecentBlobs::dueSlice(Sequence last) const
{
    std::optional<size_t> oldest;
    size_t blobs = 0;
    for (size_t number = 0; number < Slices; ++number) {
        const Slice &slice = m_slices[number];
        if (slice.empty() || m_settled[number])
            continue;
        if (slice.size() > m_limits.slice)
            return number;
        blobs += slice.size();
        if (!oldest || slice.front().sequence < m_slices[*oldest].front().sequence)
            oldest = number;
    }
    if (!oldest || blobs > m_limits.blobs)
        return oldest;
    // Many get old at the same moment: one with each commit.
    const bool isOld = last.value - m_slices[*oldest].front().sequence.value > m_limits.age;
    return isOld && m_settled.none() ? oldest : std::nullopt;
}

Slice RecentBlobs::slice(size_t number) const
{
    Slice blobs = m_slices[number];
    dropRemoved(number, blobs);
    return blobs;
}

Sequence RecentBlobs::settledUpTo(Sequence last) const
{
    // What is removed in this transaction may count as still there: a start then reads a bit more.
    Sequence first {last.value + 1};
    for (size_t number = 0; number < Slices; ++number) {
        if (!m_settled[number] && !m_slices[number].empty())
            first = std::min(first, m_slices[number].front().sequence);
    }
    if (!m_added.empty())
        first = std::min(first, m_added.front().sequence);
    return {first.value - 1};
}

void RecentBlobs::commit()
{
    {
        const std::lock_guard lock(m_mutex);
        for (size_t number = 0; number < Slices; ++number) {
            if (m_settled[number])
                m_slices[number].clear();
            else if (!m_removed[number].empty())
                dropRemoved(number, m_slices[number]);
        }
        for (const Blob &blob : m_added) {
            const size_t number = sliceOf(blob.mailbox);
            if (!isRemoved(number, blob.sequence))
                m_slices[number].push_back(blob);
        }
    }
    rollback();
}

void RecentBlobs::rollback()
{
    m_added.clear();
    for (auto &removed : m_removed)
        removed.clear();
    m_settled.reset();
}

} // namespace relay
