// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHostAddress>

#include <array>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace relay {

/**
 * How many connections each address has: RELAY_MAX_CONNECTIONS_PER_IP. An IPv6 address counts as
 * its /64, which is what one household or one server has. Holds no more entries than there are
 * places taken. Any thread.
 */
class AddressLimiter {
public:
    /** One connection of an address, given back when it goes. */
    class Place {
    public:
        Place() = default;
        ~Place();
        Place(Place &&other) noexcept;
        Place &operator=(Place &&other) noexcept;

    private:
        friend AddressLimiter;
        using Key = std::array<quint8, 16>;
        Place(AddressLimiter &limiter, const Key &key)
            : m_limiter(&limiter)
            , m_key(key)
        {
        }

        AddressLimiter *m_limiter = nullptr;
        Key m_key {};
    };

    /** `most` for each address; 0: no limit, and nothing is remembered. */
    explicit AddressLimiter(int most)
        : m_most(most)
    {
    }
    AddressLimiter(const AddressLimiter &) = delete;
    AddressLimiter &operator=(const AddressLimiter &) = delete;

    bool isOff() const { return m_most == 0; }
    /** Nothing: the address has as many as it may. */
    std::optional<Place> take(const QHostAddress &address);
    /** Addresses that have a place now. */
    size_t size() const;

private:
    using Key = Place::Key;
    struct KeyHash {
        size_t operator()(const Key &key) const noexcept;
    };

    void giveBack(const Key &key);

    const int m_most;
    mutable std::mutex m_mutex;
    std::unordered_map<Key, int, KeyHash> m_counts;
};

} // namespace relay
