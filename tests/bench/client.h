// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/ids.h"
#include "tests/bench/latencies.h"
#include "tests/bench/options.h"

#include <QByteArray>

#include <functional>
#include <limits>
#include <memory>
#include <vector>

namespace relay::bench {

class Loop;

/** A binary WebSocket message as a client sends it; masked with zeros, so that it costs nothing. */
QByteArray maskedFrame(QByteArrayView payload);
/** The frame of a handshake. */
QByteArray handshakeFrame(const Id &clientId, const std::optional<Id> &deviceId = {});
Id randomId();

/**
 * One connection of the load generator: a non-blocking socket, frames in and out, no decoding.
 * Cheap, so that the relay is the bottleneck and not this. May be opened again after it ended, and
 * outlives its loop's last turn.
 */
class Client {
public:
    Client(Loop &loop, const Endpoint &relay);
    virtual ~Client();
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    /** Connects; sends the upgrade and, in the same segment, `frames`: first the handshake. */
    void open(const QByteArray &frames);
    /** Once it is welcome. Says goodbye; ended() is called when the relay has, too. */
    void sayGoodbye();
    bool isWelcome() const { return m_stage == Stage::Welcome; }
    bool isOpen() const { return m_socket >= 0; }

    /** Adds to what flush() sends. */
    void queue(QByteArrayView frame) { m_output.append(frame.data(), frame.size()); }
    void flush();

    /** From now on it reads no more than it is allowed to; a small receive buffer in the kernel. */
    void readSlowly() { m_allowance = 0; }
    void allow(qsizetype bytes);

protected:
    /** Whether the relay's first message accepts this client. */
    virtual bool welcomes(QByteArrayView json) const;
    virtual void welcomed(QByteArrayView) { }
    /** The JSON of each further message. */
    virtual void received(QByteArrayView json) = 0;
    /** The connection has ended, as this client wanted. */
    virtual void ended() { }

private:
    friend class Loop;
    enum class Stage { Closed, Upgrading, Greeting, Welcome, Leaving };

    void readReady();
    qsizetype takeMessages(QByteArrayView input);
    void takeMessage(int opCode, QByteArrayView payload);
    void close();

    Loop &m_loop;
    const Endpoint &m_relay;
    int m_socket = -1;
    /** Tells a socket from one that was opened after it with the same number. */
    int m_closings = 0;
    Stage m_stage = Stage::Closed;
    qsizetype m_allowance = std::numeric_limits<qsizetype>::max();
    QByteArray m_input;
    QByteArray m_output;
};

/** Waits for sockets and lets their clients read and write. One thread. */
class Loop {
public:
    explicit Loop(const Options &options);
    ~Loop();
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    /** An answer that takes longer does not come. */
    std::chrono::seconds patience() const { return m_patience; }

    /** Serves what is ready, or what becomes so first, until then. */
    void turn(Clock::time_point until);
    /** Until `isDone`. Ends the program, saying `what`, if no message comes for --patience. */
    void runUntil(const std::function<bool()> &isDone, const char *what);
    /** Serves until then. */
    void runUntil(Clock::time_point end);
    /** Opens `count` clients, a hundred at a time, and waits until all are welcome. */
    void welcomeAll(size_t count, const std::function<Client &(size_t)> &open);

private:
    friend class Client;
    const int m_epoll;
    const std::chrono::seconds m_patience;
    std::vector<char> m_buffer;
    /** Received, of all clients. */
    quint64 m_messages = 0;
};

} // namespace relay::bench
