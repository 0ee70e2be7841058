// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/clock.h"

#include <array>
#include <chrono>
#include <cstring>
#include <unordered_set>
#include <utility>

namespace relay {

/**
 * Which nonces have been used lately. A signed handshake is valid from 60 s before to 60 s after
 * its time, so what was seen longer than Lifetime ago cannot come again.
 *
 * Two generations: each is dropped whole once nothing in it can matter. Bounded: a generation that
 * is full takes nothing more. Not thread-safe.
 */
class SeenNonces {
public:
    /** The first bytes of a SHA-256 over key and nonce: nobody finds two that agree. */
    using Digest = std::array<quint8, 16>;
    enum class Verdict { Fresh, Seen, Full };

    /** Twice the 60 s, and one for clocks that count whole seconds, at either end. */
    static constexpr std::chrono::seconds Lifetime {122};
    /**
     * In each generation: about 50 MB. A signature costs 0.1 ms to check, so this is more than a
     * processor core can accept in the time.
     */
    static constexpr size_t MaxPerGeneration = 1'000'000;

    explicit SeenNonces(size_t maxPerGeneration = MaxPerGeneration)
        : m_max(maxPerGeneration)
    {
    }

    /** Fresh: it is remembered from now on. */
    Verdict use(const Digest &digest, TimePoint now)
    {
        if (now - m_began >= Lifetime) {
            const bool isLongAgo = now - m_began >= 2 * Lifetime;
            m_older = isLongAgo ? Generation() : std::move(m_newer);
            m_newer = {};
            m_began = now;
        }
        if (m_newer.contains(digest) || m_older.contains(digest))
            return Verdict::Seen;
        if (m_newer.size() >= m_max)
            return Verdict::Full;
        m_newer.insert(digest);
        return Verdict::Fresh;
    }
    size_t size() const { return m_newer.size() + m_older.size(); }

private:
    struct Hash {
        size_t operator()(const Digest &digest) const noexcept
        {
            size_t value;
            std::memcpy(&value, digest.data(), sizeof value);
            return value;
        }
    };
    using Generation = std::unordered_set<Digest, Hash>;

    const size_t m_max;
    Generation m_newer;
    Generation m_older;
    TimePoint m_began {};
};

} // namespace relay
