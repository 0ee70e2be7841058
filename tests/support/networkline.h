// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/postgresserver.h"

#include <QByteArray>
#include <QString>

#include <array>
#include <list>
#include <mutex>
#include <thread>

namespace relay::test {

/**
 * The network between a relay and its PostgreSQL server: a port of 127.0.0.1 whose connections end
 * at the server's socket, and that can be cut. Works on a thread of its own; all functions may be
 * called by any one other, and hold from their return on.
 */
class NetworkLine {
public:
    explicit NetworkLine(const PostgresServer &server);
    ~NetworkLine();
    NetworkLine(const NetworkLine &) = delete;
    NetworkLine &operator=(const NetworkLine &) = delete;

    /** From the URL of a database of the server: the one that leads there over this line. */
    QString through(const QString &url) const;

    /** Nothing passes and nobody is told: new connections are taken by a peer that says nothing. */
    void goSilent();
    /** All connections are closed, on both sides; new ones at once. */
    void hangUp();
    /** It works again; what was sent over connections that are there still arrives. */
    void restore();
    /** The same where the middle has forgotten the connections, as a firewall does. */
    void restoreWithoutConnections();

private:
    enum class State { Passing, Silent, HungUp, Ending };

    /** What goes one way. */
    struct Way {
        int from = -1;
        int to = -1;
        QByteArray held;
        bool hasEnded = false;
    };
    struct Connection {
        std::array<Way, 2> ways;
        bool isBroken = false;
    };

    void serve();
    void set(State state);
    void accept();
    void pass(Connection &connection);
    void closeAll();

    const QString m_serverFolder;
    int m_listener = -1;
    quint16 m_port = 0;
    /** Ends the thread's poll(). */
    int m_wake = -1;
    std::mutex m_mutex;
    State m_state = State::Passing;
    std::list<Connection> m_connections;
    std::thread m_thread;
};

} // namespace relay::test
