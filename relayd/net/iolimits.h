// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/net/addresslimiter.h"

#include <QByteArrayView>

#include <atomic>
#include <chrono>

namespace relay {

/** A number of places that threads take and give back. */
class Slots {
public:
    explicit Slots(qint64 count)
        : m_free(count)
    {
    }
    bool tryTake()
    {
        if (m_free.fetch_sub(1) > 0)
            return true;
        m_free.fetch_add(1);
        return false;
    }
    void giveBack() { m_free.fetch_add(1); }

private:
    std::atomic<qint64> m_free;
};

/** The limits of the public port that no setting changes, and the places on it. */
struct PortLimits {
    /** Plain HTTP requests served at a time; each of them gets 10 s (RELAY_HANDSHAKE_TIMEOUT_SECS).
     */
    static constexpr int MaxPlainHttp = 64;
    /** Sockets that have not said yet what they are, beyond RELAY_MAX_CONNECTIONS. */
    static constexpr int SpareSockets = 64;
    /** How long a closed connection is still read, so that a reset cannot overtake its Close. */
    static constexpr std::chrono::milliseconds Linger {2000};
    /** For Retry-After, seconds. */
    static constexpr int RetryAfter = 5;
    /** Of a 429, by whichever side of the upgrade. */
    static constexpr QByteArrayView TooManyFromAddress = "too many connections from this address";

    PortLimits(int maxConnections, qint64 maxSockets, int maxPerAddress)
        : addresses(maxPerAddress)
        , connections(maxConnections)
        , plainHttp(MaxPlainHttp)
        , sockets(maxSockets)
    {
    }

    AddressLimiter addresses;
    /** Upgraded connections: RELAY_MAX_CONNECTIONS. */
    Slots connections;
    Slots plainHttp;
    /** Everything accepted on the port and not closed yet. */
    Slots sockets;
};

} // namespace relay
