// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/receipts.h"

namespace relay {

Receipts::Receipts()
    : Receipts(Bounds {})
{
}

Receipts::Receipts(Bounds bounds)
    : m_bounds(bounds)
{
}

size_t Receipts::costOf(const Sender &sender)
{
    // The entry, its node in the tree, and the message id with its header.
    return sizeof(Entry) + 64 + static_cast<size_t>(sender.messageId.size());
}

void Receipts::remember(Sequence blob, Sender sender)
{
    if (sender.messageId.size() > MaxMessageIdSize)
        return;
    // A slice of a large frame must not keep the frame alive.
    sender.messageId.squeeze();
    m_bytes += costOf(sender);
    m_entries.emplace_hint(m_entries.end(), blob, Entry {std::move(sender), false});
    while (m_entries.size() > m_bounds.entries || m_bytes > m_bounds.bytes)
        erase(m_entries.begin());
}

std::optional<Receipts::Sender> Receipts::delivered(Sequence blob)
{
    const auto it = m_entries.find(blob);
    if (it == m_entries.end() || it->second.deliveredSent)
        return std::nullopt;
    it->second.deliveredSent = true;
    return it->second.sender;
}

std::optional<Receipts::Sender> Receipts::acknowledged(Sequence blob)
{
    const auto it = m_entries.find(blob);
    if (it == m_entries.end())
        return std::nullopt;
    Sender sender = it->second.sender;
    erase(it);
    return sender;
}

void Receipts::forget(Sequence blob)
{
    if (const auto it = m_entries.find(blob); it != m_entries.end())
        erase(it);
}

void Receipts::erase(Entries::iterator it)
{
    m_bytes -= costOf(it->second.sender);
    m_entries.erase(it);
}

} // namespace relay
