// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <atomic>

namespace relay {

/**
 * How much may be on its way to the store (relayd/README.md, "Bounds"). A connection over its
 * share, or any connection while the whole is over, is not read until answers have come.
 */
class InFlightBudget {
public:
    static constexpr int MaxMessagesPerConnection = 256;
    static constexpr qint64 MaxBytesPerConnection = 4 * 1024 * 1024;
    static constexpr qint64 MaxBytes = 256 * 1024 * 1024;
    /** What a request holds beyond its payload: the request, its answer, its push. */
    static constexpr qint64 RequestOverhead = 512;

    void take(qint64 bytes) { m_bytes.fetch_add(bytes, std::memory_order_relaxed); }
    void giveBack(qint64 bytes) { m_bytes.fetch_sub(bytes, std::memory_order_relaxed); }
    bool isOver() const { return m_bytes.load(std::memory_order_relaxed) >= MaxBytes; }
    qint64 bytes() const { return m_bytes.load(std::memory_order_relaxed); }

private:
    std::atomic<qint64> m_bytes {0};
};

} // namespace relay
