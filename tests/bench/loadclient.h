// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/ids.h"

#include <QByteArray>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace relay::bench {

using Clock = std::chrono::steady_clock;

/** A binary WebSocket message as a client sends it; masked with zeros, so that it costs nothing. */
QByteArray maskedFrame(QByteArrayView payload);

/**
 * One connection of a load generator: a non-blocking socket, frames in and out, no decoding. Cheap,
 * so that the relay is the bottleneck and not this.
 */
class LoadClient {
public:
    /** Connects, upgrades and shakes hands, waiting for the HandshakeAck. Exits with 1 on failure.
     */
    LoadClient(const QByteArray &host, quint16 port, const Id &clientId);
    ~LoadClient();
    LoadClient(const LoadClient &) = delete;
    LoadClient &operator=(const LoadClient &) = delete;

    int descriptor() const { return m_socket; }
    /** Adds to what flush() sends. */
    void queue(QByteArrayView frame) { m_output.append(frame.data(), frame.size()); }
    void flush();
    /** Reads what is there; calls `onMessage` with the JSON of each protocol message. */
    void read(const std::function<void(QByteArrayView)> &onMessage);
    bool hasOutput() const { return !m_output.isEmpty(); }

private:
    int m_socket;
    QByteArray m_input;
    QByteArray m_output;
};

/** Times of a scenario, in nanoseconds; sorted when asked. */
class Latencies {
public:
    void add(Clock::duration time) { m_times.push_back(time.count()); }
    size_t count() const { return m_times.size(); }
    /** `share`: 0.5 for the median. Milliseconds. */
    double percentile(double share);

private:
    std::vector<qint64> m_times;
};

/** Prints a complaint and ends the program with 1: a benchmark that fails has no figures. */
[[noreturn]] void fail(const char *what);

} // namespace relay::bench
