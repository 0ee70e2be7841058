// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/loadclient.h"

#include "shared/protocol/codec.h"

#include <QtEndian>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace relay::bench {

void fail(const char *what)
{
    std::fprintf(stderr, "relay-bench: %s\n", what);
    std::exit(1);
}

QByteArray maskedFrame(QByteArrayView payload)
{
    QByteArray frame;
    frame += static_cast<char>(0x82);
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() <= 0xffff) {
        frame += static_cast<char>(0x80 | 126);
        frame.resize(4);
        qToBigEndian(static_cast<quint16>(payload.size()), frame.data() + 2);
    } else {
        frame += static_cast<char>(0x80 | 127);
        frame.resize(10);
        qToBigEndian(static_cast<quint64>(payload.size()), frame.data() + 2);
    }
    frame += QByteArray(4, '\0');
    return frame.append(payload.data(), payload.size());
}

LoadClient::LoadClient(const QByteArray &host, quint16 port, const Id &clientId)
    : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, host.constData(), &address.sin_addr);
    const int on = 1;
    ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        fail(std::strerror(errno));
    ::fcntl(m_socket, F_SETFL, O_NONBLOCK);

    Handshake handshake;
    handshake.clientId = WrittenId::of(clientId);
    m_output = "GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        + maskedFrame(encodeFrame({"handshake", 1, handshake}));
    flush();
    bool isWelcome = false;
    while (!isWelcome) {
        pollfd waiting {m_socket, POLLIN, 0};
        if (::poll(&waiting, 1, 10'000) != 1)
            fail("no HandshakeAck within 10 s");
        char buffer[4096];
        const ssize_t got = ::recv(m_socket, buffer, sizeof buffer, 0);
        if (got <= 0)
            fail("the relay ended a connection");
        m_input.append(buffer, got);
        const qsizetype head = m_input.indexOf("\r\n\r\n");
        if (head < 0)
            continue;
        if (!m_input.startsWith("HTTP/1.1 101"))
            fail("the upgrade was refused");
        const qsizetype ack = m_input.indexOf("\"HandshakeAck\"", head);
        isWelcome = ack >= 0 && m_input.indexOf("}}}", ack) >= 0;
    }
    m_input = {};
}

LoadClient::~LoadClient()
{
    ::close(m_socket);
}

void LoadClient::flush()
{
    while (!m_output.isEmpty()) {
        const ssize_t sent = ::send(
            m_socket, m_output.constData(), static_cast<size_t>(m_output.size()), MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (sent <= 0)
            fail("the relay ended a connection");
        if (sent == m_output.size())
            m_output.truncate(0);
        else
            m_output.remove(0, sent);
    }
}

void LoadClient::read(const std::function<void(QByteArrayView)> &onMessage)
{
    char buffer[64 * 1024];
    const ssize_t got = ::recv(m_socket, buffer, sizeof buffer, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (got <= 0)
        fail("the relay ended a connection");
    m_input.append(buffer, got);
    qsizetype at = 0;
    while (m_input.size() - at >= 2) {
        const QByteArrayView rest = QByteArrayView(m_input).sliced(at);
        qsizetype header = 2;
        quint64 length = static_cast<quint8>(rest[1]) & 0x7f;
        if (length == 126)
            header = 4;
        else if (length == 127)
            header = 10;
        if (rest.size() < header)
            break;
        if (header == 4)
            length = qFromBigEndian<quint16>(rest.data() + 2);
        else if (header == 10)
            length = qFromBigEndian<quint64>(rest.data() + 2);
        const qsizetype size = header + static_cast<qsizetype>(length);
        if (rest.size() < size)
            break;
        const int opCode = static_cast<quint8>(rest[0]) & 0x0f;
        if (opCode == 8)
            fail("the relay sent a Close");
        if (opCode == 9) {
            const char pong[6] = {static_cast<char>(0x8a), static_cast<char>(0x80), 0, 0, 0, 0};
            queue(QByteArrayView(pong, 6));
        } else if (opCode == 2 && length > 4) {
            onMessage(rest.sliced(header + 4, size - header - 4));
        }
        at += size;
    }
    m_input.remove(0, at);
    if (m_input.isEmpty())
        m_input = {};
}

double Latencies::percentile(double share)
{
    if (m_times.empty())
        return 0;
    std::ranges::sort(m_times);
    const auto index = static_cast<size_t>(share * static_cast<double>(m_times.size() - 1));
    return static_cast<double>(m_times[index]) / 1e6;
}

} // namespace relay::bench
