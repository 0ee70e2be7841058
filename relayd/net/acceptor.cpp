// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/acceptor.h"

#include "relayd/http/httpresponse.h"
#include "relayd/metrics/metrics.h"

#include <QLoggingCategory>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcNet, "relay.net")

/** As many as the kernel allows wait to be accepted (net.core.somaxconn cuts it). */
constexpr int Backlog = 4096;
/**
 * A client that resets its connection loses what it could not transmit yet, so there is room for
 * what clients in use send before they look (shared/protocol/README.md, 7).
 */
constexpr int ReceiveBuffer = 208 * 1024;
/** Without a limit the kernel buffers megabytes for a peer that does not read. */
constexpr int SendBuffer = 128 * 1024;
constexpr std::chrono::milliseconds AcceptRetry {100};

void setOption(qintptr descriptor, int level, int name, int value)
{
    ::setsockopt(static_cast<int>(descriptor), level, name, &value, sizeof value);
}

} // namespace

Acceptor::Acceptor(PortContext &port, std::vector<IoWorker *> workers)
    : m_port(port)
    , m_workers(std::move(workers))
    , m_retry(this)
{
    setListenBacklogSize(Backlog);
    m_retry.setSingleShot(true);
    m_retry.setInterval(AcceptRetry);
    connect(&m_retry, &QTimer::timeout, this, &Acceptor::resumeAccepting);
    connect(this, &QTcpServer::acceptError, this, [this] {
        if (m_retry.isActive())
            return;
        qCWarning(lcNet).noquote() << "cannot accept connections:" << errorString()
                                   << "- trying again; raise LimitNOFILE if this goes on";
        pauseAccepting();
        m_retry.start();
    });
}

bool Acceptor::open(const QHostAddress &address, quint16 port)
{
    if (!listen(address, port))
        return false;
    setOption(socketDescriptor(), SOL_SOCKET, SO_RCVBUF, ReceiveBuffer);
    setOption(socketDescriptor(), SOL_SOCKET, SO_SNDBUF, SendBuffer);
    setOption(socketDescriptor(), IPPROTO_TCP, TCP_NODELAY, 1);
    return true;
}

void Acceptor::incomingConnection(qintptr descriptor)
{
    const int socket = static_cast<int>(descriptor);
    if (!m_port.limits.sockets.tryTake()) {
        refuse(socket);
        return;
    }
    m_workers[m_next++ % m_workers.size()]->adopt(socket);
}

void Acceptor::refuse(int descriptor)
{
    m_port.relay.metrics.connectionErrorsTotal.Increment();
    HttpResponse response = HttpResponse::error(503, "the relay is full");
    response.fields.append({"Retry-After", QByteArray::number(PortLimits::RetryAfter)});
    const QByteArray bytes = response.toBytes(HttpBody::Included);
    // Best effort: whatever the kernel takes without waiting.
    [[maybe_unused]] const auto sent = ::send(descriptor, bytes.constData(),
        static_cast<size_t>(bytes.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(descriptor, SHUT_WR);
    ::close(descriptor);
}

} // namespace relay
