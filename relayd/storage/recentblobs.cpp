// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/recentblobs.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace relay {

namespace {

using Blob = RecentBlobs::Blob;
using Slice = RecentBlobs::Slice;

void collect(
    const Slice &slice, const Id &mailbox, Sequence after, std::vector<Sequence> &sequences)
{
    const auto first = std::ranges::upper_bound(slice, after, {}, &Blob::sequence);
    for (auto it = first; it != slice.end(); ++it) {
        if (it->mailbox == mailbox)
            sequences.push_back(it->sequence);
    }
}

bool holds(const Slice &slice, const Blob &blob)
{
    const auto it = std::ranges::lower_bound(slice, blob.sequence, {}, &Blob::sequence);
    return it != slice.end() && it->sequence == blob.sequence && it->mailbox == blob.mailbox;
}

} // namespace

std::vector<Sequence> RecentBlobs::of(const Id &mailbox, Sequence after) const
{
    std::vector<Sequence> sequences;
    const std::lock_guard lock(m_mutex);
    collect(m_slices[sliceOf(mailbox)], mailbox, after, sequences);
    return sequences;
}

void RecentBlobs::remove(const Blob &blob)
{
    auto &removed = m_removed[sliceOf(blob.mailbox)];
    removed.insert(std::ranges::upper_bound(removed, blob.sequence), blob.sequence);
}

bool RecentBlobs::isRemoved(size_t slice, Sequence sequence) const
{
    return std::ranges::binary_search(m_removed[slice], sequence);
}

void RecentBlobs::dropRemoved(size_t number, Slice &slice) const
{
    std::erase_if(slice, [&](const Blob &blob) { return isRemoved(number, blob.sequence); });
}

bool RecentBlobs::contains(const Blob &blob) const
{
    const size_t number = sliceOf(blob.mailbox);
    return (holds(m_added, blob) || holds(m_slices[number], blob))
        && !isRemoved(number, blob.sequence);
}

std::vector<Sequence> RecentBlobs::pendingOf(const Id &mailbox) const
{
    std::vector<Sequence> sequences;
    collect(m_slices[sliceOf(mailbox)], mailbox, {}, sequences);
    collect(m_added, mailbox, {}, sequences);
    const size_t number = sliceOf(mailbox);
    std::erase_if(sequences, [&](Sequence sequence) { return isRemoved(number, sequence); });
    return sequences;
}

std::optional<size_t> RecentBlobs::dueSlice(Sequence last) const
{
    const auto fullest = std::ranges::max_element(m_slices, {}, &Slice::size);
    if (fullest->size() > m_limits.slice)
        return static_cast<size_t>(fullest - m_slices.begin());
    const auto oldest = std::ranges::min_element(m_slices, {}, [](const Slice &slice) {
        return slice.empty() ? std::numeric_limits<qint64>::max() : slice.front().sequence.value;
    });
    if (oldest->empty())
        return std::nullopt;
    const size_t blobs = std::accumulate(m_slices.begin(), m_slices.end(), size_t(0),
        [](size_t sum, const Slice &slice) { return sum + slice.size(); });
    if (blobs > m_limits.blobs || last.value - oldest->front().sequence.value > m_limits.age)
        return static_cast<size_t>(oldest - m_slices.begin());
    return std::nullopt;
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
