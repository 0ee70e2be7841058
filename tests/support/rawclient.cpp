// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"

#include <QDateTime>
#include <QDeadlineTimer>
#include <QRandomGenerator>
#include <QtEndian>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

namespace relay::test {

namespace {

QByteArray freshMessageId()
{
    static std::atomic<quint64> counter {0};
    return "message-" + QByteArray::number(counter.fetch_add(1)).rightJustified(12, '0');
}

QByteArray frameOf(const Message &message, const QByteArray &messageId)
{
    return encodeFrame(
        {messageId, static_cast<quint64>(QDateTime::currentSecsSinceEpoch()), message});
}

} // namespace

Id idOf(quint8 n)
{
    Id id;
    id.bytes.fill(n);
    return id;
}

Id freshId()
{
    Id id;
    QRandomGenerator::system()->generate(id.bytes.begin(), id.bytes.end());
    return id;
}

QByteArray clientFrame(int opCode, const QByteArray &payload, bool isFinal, bool masked)
{
    QByteArray frame;
    frame += static_cast<char>((isFinal ? 0x80 : 0) | opCode);
    const int maskBit = masked ? 0x80 : 0;
    if (payload.size() < 126) {
        frame += static_cast<char>(maskBit | payload.size());
    } else if (payload.size() <= 0xffff) {
        frame += static_cast<char>(maskBit | 126);
        frame.resize(4);
        qToBigEndian(static_cast<quint16>(payload.size()), frame.data() + 2);
    } else {
        frame += static_cast<char>(maskBit | 127);
        frame.resize(10);
        qToBigEndian(static_cast<quint64>(payload.size()), frame.data() + 2);
    }
    if (!masked)
        return frame + payload;
    const char mask[4] = {0x1b, 0x2c, 0x3d, 0x4e};
    frame.append(mask, 4);
    const qsizetype start = frame.size();
    frame += payload;
    for (qsizetype i = 0; i < payload.size(); ++i)
        frame[start + i] = static_cast<char>(frame[start + i] ^ mask[i % 4]);
    return frame;
}

RawClient::RawClient(quint16 port, const QByteArray &host, const QByteArray &from)
{
    m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (!from.isEmpty()) {
        sockaddr_in own {};
        own.sin_family = AF_INET;
        ::inet_pton(AF_INET, from.constData(), &own.sin_addr);
        if (::bind(m_socket, reinterpret_cast<const sockaddr *>(&own), sizeof own) != 0)
            qFatal("cannot use the address");
    }
    ::inet_pton(AF_INET, host.constData(), &address.sin_addr);
    const int on = 1;
    ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        disconnect();
}

RawClient::~RawClient()
{
    disconnect();
}

RawClient::RawClient(RawClient &&other) noexcept
    : m_socket(std::exchange(other.m_socket, -1))
    , m_input(std::move(other.m_input))
    , m_kept(std::move(other.m_kept))
    , m_decoder(std::move(other.m_decoder))
    , m_closeCode(other.m_closeCode)
    , m_closeReason(std::move(other.m_closeReason))
    , m_wasReset(other.m_wasReset)
    , m_isAtEnd(other.m_isAtEnd)
    , m_isUpgraded(other.m_isUpgraded)
    , m_noise(std::move(other.m_noise))
    , m_tls(std::move(other.m_tls))
{
}

RawClient &RawClient::operator=(RawClient &&other) noexcept
{
    if (this == &other)
        return *this;
    disconnect();
    m_socket = std::exchange(other.m_socket, -1);
    m_input = std::move(other.m_input);
    m_kept = std::move(other.m_kept);
    m_decoder = std::move(other.m_decoder);
    m_closeCode = other.m_closeCode;
    m_closeReason = std::move(other.m_closeReason);
    m_wasReset = other.m_wasReset;
    m_isAtEnd = other.m_isAtEnd;
    m_isUpgraded = other.m_isUpgraded;
    m_noise = std::move(other.m_noise);
    m_tls = std::move(other.m_tls);
    return *this;
}

void RawClient::disconnect()
{
    if (m_socket >= 0)
        ::close(std::exchange(m_socket, -1));
}

void RawClient::shutdownOutput()
{
    ::shutdown(m_socket, SHUT_WR);
}

void RawClient::reset()
{
    const linger hard {1, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    disconnect();
}

bool RawClient::startTls(const QByteArray &caFile, const QByteArray &name)
{
    m_tls = isConnected() ? TlsSession::connect(m_socket, caFile, name) : nullptr;
    return m_tls != nullptr;
}

bool RawClient::sendBytes(const QByteArray &bytes)
{
    if (m_tls)
        return m_tls->send(bytes);
    qsizetype sent = 0;
    while (sent < bytes.size()) {
        const ssize_t n = ::send(m_socket, bytes.constData() + sent,
            static_cast<size_t>(bytes.size() - sent), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        sent += n;
    }
    return true;
}

bool RawClient::fill(int timeoutMillis)
{
    if (m_socket < 0 || m_isAtEnd)
        return false;
    pollfd waiting {m_socket, POLLIN, 0};
    if (!(m_tls && m_tls->hasPending()) && ::poll(&waiting, 1, timeoutMillis) <= 0)
        return false;
    char buffer[64 * 1024];
    const ssize_t got =
        m_tls ? m_tls->receive(buffer, sizeof buffer) : ::recv(m_socket, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN)
        return true;
    if (got <= 0) {
        m_wasReset = got < 0 && errno == ECONNRESET;
        m_isAtEnd = true;
        return false;
    }
    m_input.append(buffer, got);
    return true;
}

QByteArray RawClient::upgradeRequest(const QByteArray &path, const QByteArray &moreFields)
{
    return "GET " + path
        + " HTTP/1.1\r\nHost: relay.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + moreFields + "\r\n";
}

QByteArray RawClient::readHead()
{
    const QDeadlineTimer deadline(Timeout);
    while (true) {
        const qsizetype end = m_input.indexOf("\r\n\r\n");
        if (end >= 0) {
            const QByteArray head = m_input.left(end + 4);
            m_input.remove(0, end + 4);
            return head;
        }
        if (!fill(static_cast<int>(deadline.remainingTime())))
            return {};
    }
}

QByteArray RawClient::readAll()
{
    const QDeadlineTimer deadline(Timeout);
    while (fill(static_cast<int>(deadline.remainingTime()))) { }
    return std::exchange(m_input, {});
}

bool RawClient::upgrade(const QByteArray &path, const QByteArray &moreFields)
{
    m_isUpgraded =
        sendBytes(upgradeRequest(path, moreFields)) && readHead().startsWith("HTTP/1.1 101 ");
    return m_isUpgraded;
}

bool RawClient::startNoise(const QByteArray &relayKey)
{
    const QByteArray magic("\0V2", 3);
    auto noise = std::make_unique<NoiseInitiator>(relayKey);
    sendBytes(clientFrame(OpBinary, magic + noise->firstMessage()));
    const auto answer = readFrame();
    if (!answer || answer->opCode != OpBinary || !answer->payload.startsWith(magic)
        || !noise->finish(answer->payload.sliced(magic.size())))
        return false;
    m_noise = std::move(noise);
    return true;
}

QByteArray RawClient::wrap(const QByteArray &frame)
{
    return clientFrame(OpBinary, m_noise ? m_noise->encrypt(frame) : frame);
}

QByteArray RawClient::encode(const Message &message, const QByteArray &messageId)
{
    return clientFrame(OpBinary, frameOf(message, messageId));
}

QByteArray RawClient::send(const Message &message, const QByteArray &messageId)
{
    const QByteArray id = messageId.isEmpty() ? freshMessageId() : messageId;
    sendFrame(frameOf(message, id));
    return id;
}

bool RawClient::sendClose(int code)
{
    QByteArray payload(2, Qt::Uninitialized);
    qToBigEndian(static_cast<quint16>(code), payload.data());
    return sendBytes(clientFrame(OpClose, payload));
}

std::optional<HandshakeAck> RawClient::join(const Handshake &handshake)
{
    if (!m_isUpgraded && !upgrade())
        return std::nullopt;
    send(handshake);
    return expect<HandshakeAck>();
}

std::optional<HandshakeAck> RawClient::join(const Id &clientId)
{
    Handshake handshake;
    handshake.clientId = WrittenId::of(clientId);
    return join(handshake);
}

std::optional<ServerFrame> RawClient::readFrame(int timeoutMillis)
{
    const QDeadlineTimer deadline(timeoutMillis);
    while (true) {
        if (m_input.size() >= 2) {
            const auto byte = [&](qsizetype i) { return static_cast<quint8>(m_input[i]); };
            qsizetype header = 2;
            quint64 length = byte(1) & 0x7f;
            if (length == 126)
                header = 4;
            else if (length == 127)
                header = 10;
            if (m_input.size() >= header) {
                if (header == 4)
                    length = qFromBigEndian<quint16>(m_input.constData() + 2);
                else if (header == 10)
                    length = qFromBigEndian<quint64>(m_input.constData() + 2);
                const qsizetype size = header + static_cast<qsizetype>(length);
                if (m_input.size() >= size) {
                    ServerFrame frame {byte(0) & 0x0f, m_input.mid(header, size - header)};
                    m_input.remove(0, size);
                    return frame;
                }
            }
        }
        if (!fill(static_cast<int>(deadline.remainingTime())))
            return std::nullopt;
    }
}

std::optional<Envelope> RawClient::receive(int timeoutMillis)
{
    const QDeadlineTimer deadline(timeoutMillis);
    while (auto frame = readFrame(static_cast<int>(deadline.remainingTime()))) {
        if (frame->opCode == OpBinary) {
            const auto plain = m_noise ? m_noise->decrypt(frame->payload) : frame->payload;
            if (!plain)
                return std::nullopt;
            auto decoded = m_decoder.decode(*plain);
            if (!decoded)
                return std::nullopt;
            return std::move(decoded->envelope);
        }
        if (frame->opCode == OpPing)
            sendBytes(clientFrame(OpPong, frame->payload));
        if (frame->opCode == OpClose) {
            if (frame->payload.size() >= 2)
                m_closeCode = qFromBigEndian<quint16>(frame->payload.constData());
            m_closeReason = frame->payload.mid(2);
            return std::nullopt;
        }
    }
    return std::nullopt;
}

int RawClient::waitForClose()
{
    const QDeadlineTimer deadline(Timeout);
    while (m_closeCode == 0 && receive(static_cast<int>(deadline.remainingTime()))) { }
    return m_closeCode;
}

std::optional<Acknowledgment> RawClient::expectAck(const QByteArray &messageId, int timeoutMillis)
{
    const auto matches = [&](const Envelope &envelope) {
        const auto *ack = std::get_if<Acknowledgment>(&envelope.message);
        return ack && ack->messageId == messageId;
    };
    for (auto it = m_kept.begin(); it != m_kept.end(); ++it) {
        if (matches(*it)) {
            const auto ack = std::get<Acknowledgment>(it->message);
            m_kept.erase(it);
            return ack;
        }
    }
    while (auto received = receive(timeoutMillis)) {
        if (matches(*received))
            return std::get<Acknowledgment>(received->message);
        m_kept.push_back(std::move(*received));
    }
    return std::nullopt;
}

std::optional<Acknowledgment> RawClient::store(
    const Id &recipient, const QByteArray &ciphertext, const Id &sender)
{
    const QByteArray id =
        send(EncryptedUpdate {WrittenId::of(recipient), WrittenId::of(sender), ciphertext});
    return expectAck(id);
}

} // namespace relay::test
