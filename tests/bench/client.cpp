// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/client.h"

#include "shared/protocol/codec.h"
#include "tests/bench/fail.h"

#include <QRandomGenerator>
#include <QtEndian>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace relay::bench {

namespace {

constexpr size_t ReadSize = 256 * 1024;
constexpr int SlowBuffer = 64 * 1024;

} // namespace

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

QByteArray handshakeFrame(const Id &clientId, const std::optional<Id> &deviceId)
{
    Handshake handshake;
    handshake.clientId = WrittenId::of(clientId);
    if (deviceId)
        handshake.deviceId = WrittenId::of(*deviceId);
    return maskedFrame(encodeFrame({"handshake", 1, handshake}));
}

Id randomId()
{
    Id id;
    QRandomGenerator::system()->generate(id.bytes.begin(), id.bytes.end());
    return id;
}

Client::Client(Loop &loop, const Endpoint &relay)
    : m_loop(loop)
    , m_relay(relay)
{
}

Client::~Client()
{
    close();
}

void Client::open(const QByteArray &frames)
{
    close();
    m_socket = ::socket(m_relay.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (m_socket < 0)
        fail(std::strerror(errno));
    const int on = 1;
    ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (m_allowance == 0)
        ::setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &SlowBuffer, sizeof SlowBuffer);
    const auto *address = reinterpret_cast<const sockaddr *>(&m_relay.address);
    if (::connect(m_socket, address, m_relay.addressSize) != 0 && errno != EINPROGRESS)
        fail(std::strerror(errno));
    m_stage = Stage::Upgrading;
    m_output = "GET " + m_relay.path + " HTTP/1.1\r\nHost: " + m_relay.host
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        + frames;
    epoll_event event {EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = this}};
    ::epoll_ctl(m_loop.m_epoll, EPOLL_CTL_ADD, m_socket, &event);
}

void Client::close()
{
    if (m_socket < 0)
        return;
    ::close(m_socket);
    m_socket = -1;
    ++m_closings;
    m_stage = Stage::Closed;
    m_input = {};
    m_output = {};
}

void Client::sayGoodbye()
{
    const char normally[8] = {static_cast<char>(0x88), static_cast<char>(0x82), 0, 0, 0, 0, 0x03,
        static_cast<char>(0xe8)};
    queue(QByteArrayView(normally, sizeof normally));
    flush();
    m_stage = Stage::Leaving;
}

void Client::flush()
{
    qsizetype sent = 0;
    while (sent < m_output.size()) {
        const ssize_t took = ::send(m_socket, m_output.constData() + sent,
            static_cast<size_t>(m_output.size() - sent), MSG_NOSIGNAL);
        if (took < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOTCONN))
            break;
        if (took < 0)
            fail(QByteArray("the relay ended a connection: ") + std::strerror(errno));
        sent += took;
    }
    if (sent == m_output.size())
        m_output.truncate(0);
    else if (sent > 0)
        m_output.remove(0, sent);
}

void Client::allow(qsizetype bytes)
{
    m_allowance += bytes;
    readReady();
}

void Client::readReady()
{
    while (m_socket >= 0 && m_allowance > 0) {
        const size_t room = std::min(m_loop.m_buffer.size(), static_cast<size_t>(m_allowance));
        const ssize_t got = ::recv(m_socket, m_loop.m_buffer.data(), room, 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got <= 0) {
            if (m_stage != Stage::Leaving)
                fail(m_stage == Stage::Upgrading ? "the relay refused a connection"
                                                 : "the relay ended a connection");
            close();
            ended();
            return;
        }
        if (m_allowance != std::numeric_limits<qsizetype>::max())
            m_allowance -= got;
        QByteArrayView fresh(m_loop.m_buffer.data(), got);
        if (!m_input.isEmpty())
            fresh = m_input.append(fresh.data(), fresh.size());
        const int before = m_closings;
        const qsizetype used = takeMessages(fresh);
        if (m_closings != before)
            return;
        if (m_input.isEmpty())
            m_input = fresh.sliced(used).toByteArray();
        else if (used == m_input.size())
            m_input = {};
        else
            m_input.remove(0, used);
        // With edges, a read that was not filled has taken all there is.
        if (static_cast<size_t>(got) < room && m_allowance > 0)
            return;
    }
}

qsizetype Client::takeMessages(QByteArrayView input)
{
    qsizetype at = 0;
    if (m_stage == Stage::Upgrading) {
        const qsizetype head = input.indexOf("\r\n\r\n");
        if (head < 0)
            return 0;
        if (!input.startsWith("HTTP/1.1 101"))
            fail("the upgrade was refused: " + input.first(input.indexOf('\r')).toByteArray());
        m_stage = Stage::Greeting;
        at = head + 4;
    }
    const int before = m_closings;
    while (input.size() - at >= 2 && m_closings == before) {
        const QByteArrayView rest = input.sliced(at);
        qsizetype header = 2;
        quint64 length = static_cast<quint8>(rest[1]) & 0x7f;
        if (length >= 126)
            header = length == 126 ? 4 : 10;
        if (rest.size() < header)
            break;
        if (header == 4)
            length = qFromBigEndian<quint16>(rest.data() + 2);
        else if (header == 10)
            length = qFromBigEndian<quint64>(rest.data() + 2);
        if (static_cast<quint64>(rest.size() - header) < length)
            break;
        if ((static_cast<quint8>(rest[0]) & 0x80) == 0)
            fail("the relay sent a fragment, which is not understood here");
        at += header + static_cast<qsizetype>(length);
        takeMessage(static_cast<quint8>(rest[0]) & 0x0f,
            rest.sliced(header, static_cast<qsizetype>(length)));
    }
    return at;
}

void Client::takeMessage(int opCode, QByteArrayView payload)
{
    constexpr int Binary = 2;
    constexpr int Close = 8;
    constexpr int Ping = 9;
    if (opCode == Close && m_stage != Stage::Leaving) {
        fail("the relay sent a Close"
            + (payload.size() > 2 ? ": " + payload.sliced(2).toByteArray() : QByteArray()));
    } else if (opCode == Close) {
        close();
        ended();
    } else if (opCode == Ping) {
        queue(QByteArray("\x8a") + static_cast<char>(0x80 | payload.size()) + QByteArray(4, '\0')
            + payload.toByteArray());
    } else if (opCode == Binary && payload.size() > 4) {
        const QByteArrayView json = payload.sliced(4);
        ++m_loop.m_messages;
        if (m_stage != Stage::Greeting) {
            received(json);
            return;
        }
        if (!welcomes(json))
            fail("the first message of the relay is no HandshakeAck");
        m_stage = Stage::Welcome;
        welcomed(json);
    }
}

bool Client::welcomes(QByteArrayView json) const
{
    return json.indexOf(QByteArrayView("\"HandshakeAck\"")) >= 0;
}

Loop::Loop(const Options &options)
    : m_epoll(::epoll_create1(EPOLL_CLOEXEC))
    , m_patience(options.patience)
    , m_buffer(ReadSize)
{
}

Loop::~Loop()
{
    ::close(m_epoll);
}

void Loop::turn(Clock::time_point until)
{
    const auto left = std::max<qint64>((until - Clock::now()).count(), 0);
    const timespec wait {left / 1'000'000'000, left % 1'000'000'000};
    std::array<epoll_event, 256> events;
    const int ready =
        ::epoll_pwait2(m_epoll, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    for (int i = 0; i < ready; ++i) {
        auto *client = static_cast<Client *>(events[static_cast<size_t>(i)].data.ptr);
        int error = 0;
        socklen_t size = sizeof error;
        if ((events[static_cast<size_t>(i)].events & EPOLLERR) != 0
            && ::getsockopt(client->m_socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0
            && error != 0)
            fail(QByteArray(client->m_stage == Client::Stage::Upgrading
                         ? "the relay refused a connection: "
                         : "the relay ended a connection: ")
                + std::strerror(error));
        client->readReady();
        if (client->isOpen())
            client->flush();
    }
}

void Loop::runUntil(const std::function<bool()> &isDone, const char *what)
{
    quint64 before = m_messages;
    auto deadline = Clock::now() + m_patience;
    while (!isDone()) {
        turn(deadline);
        // Pings alone are no progress.
        if (std::exchange(before, m_messages) != m_messages)
            deadline = Clock::now() + m_patience;
        else if (Clock::now() >= deadline)
            fail(what);
    }
}

void Loop::runUntil(Clock::time_point end)
{
    while (Clock::now() < end)
        turn(end);
}

void Loop::welcomeAll(size_t count, const std::function<Client &(size_t)> &open)
{
    constexpr size_t AtATime = 100;
    std::vector<Client *> clients;
    for (size_t i = 0; i < count;) {
        clients.clear();
        for (; i < count && clients.size() < AtATime; ++i)
            clients.push_back(&open(i));
        const auto isWelcome = [](const Client *client) { return client->isWelcome(); };
        runUntil([&] { return std::ranges::all_of(clients, isWelcome); },
            "a HandshakeAck does not come");
    }
}

} // namespace relay::bench
