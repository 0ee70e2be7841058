// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <compare>
#include <functional>

namespace relay {

/**
 * Names one connection for the life of the process. What crosses threads carries this id and never
 * a pointer: a connection that has gone meanwhile is simply not found.
 */
struct ConnectionId {
    static constexpr int ThreadBits = 8;

    quint64 value = 0;

    static ConnectionId of(int ioThread, quint64 serial)
    {
        return {static_cast<quint64>(ioThread) << (64 - ThreadBits) | serial};
    }
    /** The I/O thread on which the connection lives, counted from 0. */
    int ioThread() const { return static_cast<int>(value >> (64 - ThreadBits)); }

    auto operator<=>(const ConnectionId &) const = default;
};

} // namespace relay

template <>
struct std::hash<relay::ConnectionId> {
    size_t operator()(relay::ConnectionId id) const noexcept { return id.value; }
};
