// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

namespace relay {

/** What one mailbox (or the queue of one device) holds. */
struct Usage {
    qint64 count = 0;
    /** Of ciphertext. */
    qint64 bytes = 0;

    Usage &operator+=(const Usage &more)
    {
        count += more.count;
        bytes += more.bytes;
        return *this;
    }
    Usage &operator-=(const Usage &gone)
    {
        count -= gone.count;
        bytes -= gone.bytes;
        return *this;
    }
};

/** What one mailbox may hold; 0: no limit. */
struct Quota {
    qint64 maxCount = 0;
    qint64 maxBytes = 0;

    bool allows(const Usage &usage, qint64 more) const
    {
        return (maxCount == 0 || usage.count < maxCount)
            && (maxBytes == 0 || usage.bytes + more <= maxBytes);
    }
};

enum class QuotaAnswer {
    Fits,
    Full,
    Unknown, ///< the store could not be asked
};

/**
 * Decides quotas in the order in which the writer applies stores, counting what the same
 * transaction already stored. What a transaction changes becomes true with commit().
 *
 * Reads the usage of a mailbox from the store once and then keeps count, of at most MaxRemembered:
 * when half as many are known, they are old, and go little by little unless they are used again (to
 * forget all at once takes 10 ms). Belongs to the writer thread.
 */
template <typename Key, typename Hash = std::hash<Key>>
class QuotaLedger {
public:
    static constexpr size_t MaxRemembered = 100'000;

    /** `load`: the usage as the store has it now; nothing when it cannot be read. */
    using Load = std::function<std::optional<Usage>(const Key &)>;

    QuotaLedger(Quota quota, Load load)
        : m_quota(quota)
        , m_load(std::move(load))
    {
    }

    bool isLimited() const { return m_quota.maxCount != 0 || m_quota.maxBytes != 0; }

    /** Whether one more of `bytes` fits. It is counted with added(), once it is stored. */
    QuotaAnswer ask(const Key &key, qint64 bytes)
    {
        if (!isLimited())
            return QuotaAnswer::Fits;
        const Usage *usage = current(key);
        if (!usage)
            return QuotaAnswer::Unknown;
        return m_quota.allows(*usage, bytes) ? QuotaAnswer::Fits : QuotaAnswer::Full;
    }
    bool knows(const Key &key) const { return m_pending.contains(key) || committed(key); }
    /** What was read inside the open transaction, for one that it does not know. */
    void remember(const Key &key, const Usage &usage) { m_pending.insert_or_assign(key, usage); }
    void added(const Key &key, qint64 bytes) { change(key, {1, bytes}); }
    void removed(const Key &key, const Usage &gone) { change(key, {-gone.count, -gone.bytes}); }

    void commit()
    {
        for (size_t i = 0; i < 2 * m_pending.size() && !m_old.empty(); ++i)
            m_old.erase(m_old.begin());
        // A table that grows moves all that it holds: with tens of thousands, for 5 to 15 ms.
        if (m_known.size() >= FewEnoughToMove && m_known.bucket_count() < Room)
            m_known.reserve(Room);
        while (!m_pending.empty()) {
            auto result = m_known.insert(m_pending.extract(m_pending.begin()));
            if (!result.inserted)
                result.position->second = result.node.mapped();
        }
        if (m_known.size() < MaxRemembered / 2)
            return;
        // None is old any more: twice as many went as came.
        m_old.clear();
        m_known.swap(m_old);
    }
    void rollback() { m_pending.clear(); }

private:
    /** For relays with few mailboxes: a table for all takes half a megabyte. */
    static constexpr size_t FewEnoughToMove = 1000;
    /** For all of m_known, and what one more transaction brings. */
    static constexpr size_t Room = MaxRemembered / 2 + 8192;

    const Usage *committed(const Key &key) const
    {
        if (const auto it = m_known.find(key); it != m_known.end())
            return &it->second;
        const auto it = m_old.find(key);
        return it == m_old.end() ? nullptr : &it->second;
    }
    const Usage *current(const Key &key)
    {
        if (const auto it = m_pending.find(key); it != m_pending.end())
            return &it->second;
        if (const Usage *usage = committed(key))
            return usage;
        const auto loaded = m_load(key);
        if (!loaded)
            return nullptr;
        // What was read inside the transaction holds its changes, so it is as provisional.
        return &m_pending.insert_or_assign(key, *loaded).first->second;
    }
    void change(const Key &key, const Usage &by)
    {
        // Of a mailbox that nobody asked about, the store keeps count by itself.
        auto it = m_pending.find(key);
        if (it == m_pending.end()) {
            const Usage *known = committed(key);
            if (!known)
                return;
            it = m_pending.emplace(key, *known).first;
        }
        it->second.count += by.count;
        it->second.bytes += by.bytes;
    }

    const Quota m_quota;
    const Load m_load;
    std::unordered_map<Key, Usage, Hash> m_known;
    /** What m_known does not hold counts. */
    std::unordered_map<Key, Usage, Hash> m_old;
    std::unordered_map<Key, Usage, Hash> m_pending;
};

} // namespace relay
