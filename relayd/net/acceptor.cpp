// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/acceptor.h"

#include "relayd/http/httpresponse.h"
#include "relayd/metrics/metrics.h"
#include "relayd/net/clientaddress.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace relay {

namespace {

/** As many as the kernel allows wait to be accepted (net.core.somaxconn cuts it). */
constexpr int Backlog = 4096;
/**
 * A client that resets its connection loses what it could not transmit yet, so there is room for
 * what clients in use send before they look (shared/protocol/README.md, 7).
 */
constexpr int ReceiveBuffer = 208 * 1024;
/** Without a limit the kernel buffers megabytes for a peer that does not read. */
constexpr int SendBuffer = 128 * 1024;

void setOption(int descriptor, int level, int name, int value)
{
    ::setsockopt(descriptor, level, name, &value, sizeof value);
}

} // namespace

Acceptor::Acceptor(PortContext &port, std::vector<IoWorker *> workers)
    : m_port(port)
    , m_workers(std::move(workers))
    , m_listener([this](int descriptor) { take(descriptor); })
{
    m_listener.setBacklog(Backlog);
}

Result<quint16, ListenFailure> Acceptor::listen(const QHostAddress &host, quint16 port)
{
    auto listening = m_listener.listen(host, port);
    if (listening) {
        setOption(m_listener.descriptor(), SOL_SOCKET, SO_RCVBUF, ReceiveBuffer);
        setOption(m_listener.descriptor(), SOL_SOCKET, SO_SNDBUF, SendBuffer);
        setOption(m_listener.descriptor(), IPPROTO_TCP, TCP_NODELAY, 1);
    }
    return listening;
}

void Acceptor::take(int descriptor)
{
    PortLimits &limits = m_port.limits;
    Accepted accepted {descriptor};
    if (!limits.addresses.isOff()) {
        const QHostAddress peer = peerAddress(descriptor);
        if (isTrusted(peer, m_port.relay.settings.trustedProxies)) {
            accepted.proxy = peer;
        } else {
            auto place = limits.addresses.take(peer);
            if (!place) {
                refuse(descriptor,
                    HttpResponse::tryLater(
                        429, PortLimits::TooManyFromAddress, PortLimits::RetryAfter));
                return;
            }
            accepted.place = *std::move(place);
        }
    }
    if (!limits.sockets.tryTake()) {
        refuse(
            descriptor, HttpResponse::tryLater(503, "the relay is full", PortLimits::RetryAfter));
        return;
    }
    m_workers[m_next++ % m_workers.size()]->adopt(std::move(accepted));
}

void Acceptor::refuse(int descriptor, const HttpResponse &response)
{
    m_port.relay.metrics.connectionErrorsTotal.Increment();
    const QByteArray bytes = response.toBytes(HttpBody::Included);
    // Best effort: whatever the kernel takes without waiting.
    [[maybe_unused]] const auto sent = ::send(descriptor, bytes.constData(),
        static_cast<size_t>(bytes.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(descriptor, SHUT_WR);
    ::close(descriptor);
}

} // namespace relay
