// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/addresslimiter.h"

#include <QHashFunctions>

#include <algorithm>
#include <utility>

namespace relay {

namespace {

/** The first 8 bytes of an IPv6 address; the whole of an IPv4 one, in its IPv6 form. */
std::array<quint8, 16> keyOf(const QHostAddress &address)
{
    const Q_IPV6ADDR sixth = address.toIPv6Address();
    std::array<quint8, 16> key {};
    const bool isSixth = address.protocol() == QAbstractSocket::IPv6Protocol;
    std::copy_n(sixth.c, isSixth ? 8 : 16, key.begin());
    return key;
}

} // namespace

AddressLimiter::Place::~Place()
{
    if (m_limiter)
        m_limiter->giveBack(m_key);
}

AddressLimiter::Place::Place(Place &&other) noexcept
    : m_limiter(std::exchange(other.m_limiter, nullptr))
    , m_key(other.m_key)
{
}

AddressLimiter::Place &AddressLimiter::Place::operator=(Place &&other) noexcept
{
    std::swap(m_limiter, other.m_limiter);
    std::swap(m_key, other.m_key);
    return *this;
}

size_t AddressLimiter::KeyHash::operator()(const Key &key) const noexcept
{
    // Seeded: peers choose their addresses within bounds.
    return qHashBits(key.data(), key.size(), QHashSeed::globalSeed());
}

std::optional<AddressLimiter::Place> AddressLimiter::take(const QHostAddress &address)
{
    if (isOff())
        return Place();
    const Key key = keyOf(address);
    const std::lock_guard lock(m_mutex);
    int &count = m_counts[key];
    if (count >= m_most)
        return std::nullopt;
    ++count;
    return Place(*this, key);
}

void AddressLimiter::giveBack(const Key &key)
{
    const std::lock_guard lock(m_mutex);
    const auto it = m_counts.find(key);
    if (--it->second == 0)
        m_counts.erase(it);
}

size_t AddressLimiter::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_counts.size();
}

} // namespace relay
