// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/networkline.h"

#include <QFile>

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace relay::test {

namespace {

constexpr qsizetype PieceSize = 65536;

bool mustWait()
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int connectTo(const QString &folder)
{
    sockaddr_un address {};
    address.sun_family = AF_UNIX;
    const QByteArray path = QFile::encodeName(folder + QStringLiteral("/.s.PGSQL.5432"));
    std::copy_n(path.constData(),
        std::min(static_cast<size_t>(path.size()), sizeof address.sun_path - 1), address.sun_path);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return socket;
    ::close(socket);
    return -1;
}

} // namespace

NetworkLine::NetworkLine(const PostgresServer &server)
    : m_serverFolder(server.folder())
    , m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    , m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *any = reinterpret_cast<sockaddr *>(&address);
    if (m_wake < 0 || ::bind(m_listener, any, size) != 0 || ::listen(m_listener, 64) != 0
        || ::getsockname(m_listener, any, &size) != 0)
        qFatal("a port of 127.0.0.1 cannot be had: %s", std::strerror(errno));
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { serve(); });
}

NetworkLine::~NetworkLine()
{
    set(State::Ending);
    m_thread.join();
    closeAll();
    ::close(m_listener);
    ::close(m_wake);
}

QString NetworkLine::through(const QString &url) const
{
    return QString(url).replace(m_serverFolder, QStringLiteral("127.0.0.1"))
        + QStringLiteral("&port=%1").arg(m_port);
}

void NetworkLine::set(State state)
{
    const std::lock_guard lock(m_mutex);
    m_state = state;
    ::eventfd_write(m_wake, 1);
}

void NetworkLine::goSilent()
{
    set(State::Silent);
}

void NetworkLine::hangUp()
{
    const std::lock_guard lock(m_mutex);
    closeAll();
    m_state = State::HungUp;
    ::eventfd_write(m_wake, 1);
}

void NetworkLine::restore()
{
    set(State::Passing);
}

void NetworkLine::restoreWithoutConnections()
{
    const std::lock_guard lock(m_mutex);
    closeAll();
    m_state = State::Passing;
    ::eventfd_write(m_wake, 1);
}

void NetworkLine::closeAll()
{
    for (const Connection &connection : m_connections) {
        ::close(connection.ways[0].from);
        ::close(connection.ways[1].from);
    }
    m_connections.clear();
}

void NetworkLine::serve()
{
    for (;;) {
        std::vector<pollfd> waiting {{m_wake, POLLIN, 0}};
        {
            const std::lock_guard lock(m_mutex);
            if (m_state == State::Ending)
                return;
            if (m_state != State::Silent)
                waiting.push_back({m_listener, POLLIN, 0});
            for (const Connection &connection : m_connections) {
                for (const Way &way : connection.ways) {
                    if (m_state != State::Passing || way.hasEnded)
                        continue;
                    waiting.push_back(way.held.isEmpty() ? pollfd {way.from, POLLIN, 0}
                                                         : pollfd {way.to, POLLOUT, 0});
                }
            }
        }
        ::poll(waiting.data(), waiting.size(), -1);
        eventfd_t value = 0;
        ::eventfd_read(m_wake, &value);
        const std::lock_guard lock(m_mutex);
        if (m_state == State::Passing || m_state == State::HungUp)
            accept();
        if (m_state != State::Passing)
            continue;
        for (auto it = m_connections.begin(); it != m_connections.end();) {
            const auto connection = it++;
            pass(*connection);
            const bool hasEnded = connection->ways[0].hasEnded && connection->ways[1].hasEnded;
            if (!hasEnded && !connection->isBroken)
                continue;
            ::close(connection->ways[0].from);
            ::close(connection->ways[1].from);
            m_connections.erase(connection);
        }
    }
}

void NetworkLine::accept()
{
    for (;;) {
        const int client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0)
            return;
        const int server = m_state == State::Passing ? connectTo(m_serverFolder) : -1;
        if (server < 0) {
            ::close(client);
            continue;
        }
        m_connections.push_back({{Way {client, server, {}}, Way {server, client, {}}}});
    }
}

void NetworkLine::pass(Connection &connection)
{
    for (Way &way : connection.ways) {
        while (!way.hasEnded && !connection.isBroken) {
            if (way.held.isEmpty()) {
                way.held.resize(PieceSize);
                const ssize_t size =
                    ::recv(way.from, way.held.data(), static_cast<size_t>(PieceSize), MSG_DONTWAIT);
                const bool isNothing = size < 0 && mustWait();
                way.held.truncate(std::max(size, ssize_t(0)));
                if (isNothing)
                    break;
                connection.isBroken = size < 0;
                way.hasEnded = size == 0;
                if (way.hasEnded)
                    ::shutdown(way.to, SHUT_WR);
                continue;
            }
            const ssize_t sent = ::send(way.to, way.held.constData(),
                static_cast<size_t>(way.held.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0 && mustWait())
                break;
            connection.isBroken = sent < 0;
            way.held.remove(0, std::max(sent, ssize_t(0)));
        }
    }
}

} // namespace relay::test
