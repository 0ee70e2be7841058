// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/connection.h"

#include "relayd/config/settings.h"
#include "relayd/http/healthboard.h"
#include "relayd/http/httphead.h"
#include "relayd/http/httpresponse.h"
#include "relayd/metrics/metrics.h"
#include "relayd/net/clientaddress.h"

#include <QTimer>
#include <QWebSocket>
#include <QWebSocketServer>

#include <algorithm>
#include <limits>
#include <utility>

namespace relay {

namespace {

/** Reads in one turn before other connections have theirs: about 256 KiB. */
constexpr int ReadsPerTurn = 4;
/** Frames in one turn: of 256 KiB of empty fragments, the others would wait for 30 ms. */
constexpr int FramesPerTurn = 256;

HttpResponse tryLater(int status, QByteArrayView text)
{
    return HttpResponse::tryLater(status, text, PortLimits::RetryAfter);
}

/**
 * What Qt's upgrade is shown in place of the peer's head, which has been checked already: Qt keeps
 * every header it sees for as long as the connection lives, and would negotiate subprotocols.
 */
QByteArray minimalHead(const QByteArray &key)
{
    return "GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + key + "\r\n\r\n";
}

} // namespace

Connection::Connection(
    ConnectionId id, Accepted accepted, PortContext &port, IoContext &io, ConnectionHost &host)
    : m_id(id)
    , m_from(std::move(accepted))
    , m_port(port)
    , m_io(io)
    , m_host(host)
    , m_stream(m_from.descriptor, *this, port.relay.clock)
    , m_gate(port.relay.settings.maxMessageSize)
    , m_accepted(port.relay.clock.now())
    , m_lastFrame(m_accepted)
    , m_lastPing(m_accepted)
{
}

Connection::~Connection()
{
    // The WebSocket layer says goodbye when it is deleted; nobody listens any more.
    m_phase = Phase::Finished;
    if (m_hasConnectionSlot) {
        m_port.limits.connections.giveBack();
        m_port.relay.metrics.connectionsActive.Decrement();
    }
    if (m_hasHttpSlot)
        m_port.limits.plainHttp.giveBack();
    m_port.limits.sockets.giveBack();
}

// ---- input ----

void Connection::streamReadable()
{
    if (m_phase == Phase::Lingering) {
        continueLinger();
        return;
    }
    if (m_phase == Phase::Finished)
        return;
    if (m_phase == Phase::Open && isHeld()) {
        updateReading();
        return;
    }
    for (int i = 0; i < ReadsPerTurn && !m_isAtEnd; ++i) {
        const qsizetype got = readOnce();
        if (m_phase == Phase::Head)
            readHead();
        else
            processFrames();
        if (m_phase != Phase::Head && m_phase != Phase::Open)
            return;
        if (m_phase == Phase::Open && (isHeld() || !mayProcess()))
            break;
        // The kernel had no more; the end shows as readable again.
        if (got < Stream::ReadSize)
            break;
    }
    if (m_isAtEnd)
        endOfInput();
    if (m_phase == Phase::Open || m_phase == Phase::Head)
        updateReading();
}

qsizetype Connection::readOnce()
{
    const qsizetype before = m_input.size();
    m_isAtEnd = m_stream.read(m_input) == Stream::Read::End;
    const qsizetype got = m_input.size() - before;
    m_hasReceived |= got > 0;
    m_port.relay.metrics.bytesReceivedTotal.Increment(static_cast<double>(got));
    return got;
}

void Connection::readHead()
{
    const auto head = HttpHead::parse(m_input);
    if (head) {
        answerHead(*head);
        return;
    }
    if (head.error() == HttpHeadError::Incomplete)
        return;
    const bool isTooLarge = head.error() == HttpHeadError::TooLarge;
    refuseHead(isTooLarge ? HttpResponse::error(431, "the request head is larger than 8 KiB")
                          : HttpResponse::error(400, "this is not an HTTP request"));
}

void Connection::answerHead(const HttpHead &head)
{
    if (head.path == "/federation") {
        respond(HttpResponse::error(404, "not found"), head.method != "HEAD");
        return;
    }
    if (!wantsUpgrade(head)) {
        answerPlain(head);
        return;
    }
    auto key = webSocketKey(head);
    if (!key) {
        refuseHead(HttpResponse::error(400, key.error()));
        return;
    }
    if (m_isDraining) {
        refuseHead(tryLater(503, "the relay is stopping"));
        return;
    }
    if (!takesPlace(head)) {
        refuseHead(tryLater(429, PortLimits::TooManyFromAddress));
        return;
    }
    if (!m_port.limits.connections.tryTake()) {
        refuseHead(tryLater(503, "the relay is full"));
        return;
    }
    m_hasConnectionSlot = true;
    m_port.relay.metrics.connectionsActive.Increment();
    m_input.remove(0, head.size);
    upgrade(*key);
}

void Connection::answerPlain(const HttpHead &head)
{
    const bool withBody = head.method != "HEAD";
    m_hasHttpSlot = m_port.limits.plainHttp.tryTake();
    if (!m_hasHttpSlot) {
        respond(tryLater(503, "too many requests at a time"), withBody);
        return;
    }
    const bool isRead = head.method == "GET" || head.method == "HEAD";
    if (isRead && (head.path == "/health" || head.path == "/up")) {
        respond(m_port.health.shortHealth(), withBody);
    } else if (isRead && head.path == "/ready") {
        respond(m_port.health.shortReady(), withBody);
    } else if (isRead && head.path == "/pubkey") {
        respond(HttpResponse::text(toText(m_port.noiseKey->publicKey())), withBody);
    } else {
        HttpResponse response =
            HttpResponse::error(426, "this port speaks WebSocket (RFC 6455, version 13)");
        response.fields.emplace_back("Upgrade", "websocket");
        response.fields.emplace_back("Sec-WebSocket-Version", "13");
        respond(response, withBody);
    }
}

bool Connection::takesPlace(const HttpHead &head)
{
    if (!m_from.proxy)
        return true;
    const QHostAddress proxy = *std::exchange(m_from.proxy, std::nullopt);
    const QHostAddress client = clientAddress(proxy, head, m_port.relay.settings.trustedProxies);
    // Proxies that name nobody speak for themselves: a check of their own, perhaps.
    if (isTrusted(client, m_port.relay.settings.trustedProxies))
        return true;
    auto place = m_port.limits.addresses.take(client);
    if (place)
        m_from.place = *std::move(place);
    return place.has_value();
}

void Connection::refuseHead(const HttpResponse &response)
{
    m_port.relay.metrics.connectionErrorsTotal.Increment();
    respond(response, true);
}

void Connection::respond(const HttpResponse &response, bool withBody)
{
    const QByteArray bytes = response.toBytes(withBody ? HttpBody::Included : HttpBody::LengthOnly);
    m_stream.write(bytes.constData(), bytes.size());
    linger();
}

void Connection::upgrade(const QByteArray &key)
{
    QWebSocketServer &server = m_host.upgrader();
    m_phase = Phase::Open;
    m_socket = new ClientSocket(*this);
    const QByteArray head = minimalHead(key);
    m_socket->showHead(head, server);
    m_webSocket.reset(server.nextPendingConnection());
    if (!m_webSocket) {
        delete m_socket;
        m_phase = Phase::Head;
        refuseHead(HttpResponse::error(400, "the upgrade is not valid"));
        return;
    }
    m_webSocket->setParent(nullptr);
    m_socket->setParent(m_webSocket.get());
    const auto maxSize = static_cast<quint64>(m_port.relay.settings.maxMessageSize);
    m_webSocket->setMaxAllowedIncomingFrameSize(maxSize);
    m_webSocket->setMaxAllowedIncomingMessageSize(maxSize);
    m_webSocket->setOutgoingFrameSize(QWebSocket::maxOutgoingFrameSize());
    // The layer gives fragments 5 s to follow each other; here the idle time-out decides.
    for (QTimer *timer : m_webSocket->findChildren<QTimer *>())
        timer->setInterval(std::numeric_limits<int>::max());
    connect(m_webSocket.get(), &QWebSocket::binaryFrameReceived, this, &Connection::checkText);
    connect(
        m_webSocket.get(), &QWebSocket::binaryMessageReceived, this, &Connection::receiveMessage);
    m_session = m_port.handlerFor(m_id, static_cast<Peer &>(*this), m_io);
    m_port.relay.metrics.connectionsTotal.Increment();
    processFrames();
}

void Connection::checkText(const QByteArray &fragment)
{
    if (m_gate.isText() && !m_text.feed(fragment))
        refuseText();
}

void Connection::receiveText(const QByteArray &text)
{
    // A fragment that was refused may have been the last.
    if (m_phase != Phase::Open)
        return;
    if (m_text.isComplete())
        m_session->receiveText(text);
    else
        refuseText();
}

void Connection::refuseText()
{
    m_webSocket->close(
        QWebSocketProtocol::CloseCodeWrongDatatype, QStringLiteral("the text is not UTF-8"));
}

void Connection::receiveMessage(const QByteArray &message)
{
    if (m_gate.isText()) {
        receiveText(message);
        return;
    }
    if (m_noise) {
        if (const auto frame = m_noise->receive.decrypt(message))
            m_session->receive(*frame);
        else
            m_session->receiveForged("the message does not decrypt");
        return;
    }
    const bool isHello = message.startsWith(NoiseHandshake::Magic)
        && message.size() >= NoiseHandshake::Magic.size() + NoiseHandshake::MessageSize;
    if (isHello && !m_session->isHandshakeDone())
        startNoise(QByteArrayView(message).sliced(NoiseHandshake::Magic.size()));
    else
        m_session->receive(message);
}

void Connection::startNoise(QByteArrayView hello)
{
    auto handshake = NoiseHandshake::responder(*m_port.noiseKey);
    // What the payload may hold is nobody's.
    if (!handshake.read(hello)) {
        m_session->receiveForged("the Noise handshake is not for this relay's key");
        return;
    }
    m_port.relay.metrics.messagesReceivedTotal.Increment();
    m_webSocket->sendBinaryMessage(NoiseHandshake::Magic.toByteArray() + handshake.write());
    m_noise = std::make_unique<NoiseTransport>(handshake.split());
}

bool Connection::mayProcess() const
{
    return !m_session->isDeciding() && !m_session->isOverItsShare()
        && m_stream.unsentBytes() <= m_port.relay.settings.maxUnsentBytes;
}

void Connection::processFrames()
{
    qsizetype done = 0;
    int frames = 0;
    m_hasBacklog = m_isCloseHeld = false;
    while (m_phase == Phase::Open && mayProcess()) {
        if (frames++ == FramesPerTurn) {
            // The flush at the end of the turn goes on with them in the next.
            m_hasBacklog = true;
            m_host.scheduleFlush(m_id);
            break;
        }
        const QByteArrayView rest = QByteArrayView(m_input).sliced(done);
        const auto verdict = m_gate.inspect(rest);
        if (verdict == FrameGate::Verdict::Incomplete)
            break;
        if (verdict == FrameGate::Verdict::Unmasked) {
            m_port.relay.metrics.connectionErrorsTotal.Increment();
            m_isClosingOurselves = true;
            m_webSocket->close(
                QWebSocketProtocol::CloseCodeProtocolError, QStringLiteral("frame without mask"));
            break;
        }
        if (verdict == FrameGate::Verdict::CloseFrame) {
            // What came before it is answered first, and what comes behind it is nothing.
            if (m_session->requestsInFlight() > 0) {
                m_isCloseHeld = true;
                m_input.truncate(done + m_gate.frameSize());
                break;
            }
            m_sawPeersClose = true;
        }
        m_lastFrame = m_port.relay.clock.now();
        // The layer takes a character that spans two fragments for damage: it is shown no text.
        if (FrameGate::beginsText(m_input.at(done)))
            m_input[done] = FrameGate::asBinary(m_input.at(done));
        m_socket->show(QByteArrayView(m_input).sliced(done, m_gate.frameSize()));
        done += m_gate.frameSize();
    }
    if (m_phase != Phase::Open || done == m_input.size())
        m_input = {};
    else if (done > 0)
        m_input.remove(0, done);
}

void Connection::endOfInput()
{
    if (m_phase == Phase::Head) {
        finish();
        return;
    }
    if (m_phase != Phase::Open || m_hasBacklog || !mayProcess())
        return;
    // Whatever is left is half a frame. The store still owes answers; the peer may be listening.
    if (m_session->requestsInFlight() == 0)
        linger();
}

void Connection::updateReading()
{
    const bool mayRead = !m_isAtEnd && !isHeld()
        && (m_phase == Phase::Head || (m_phase == Phase::Open && mayProcess()));
    m_stream.setReading(mayRead);
}

void Connection::resume()
{
    if (m_phase != Phase::Open)
        return;
    // A backlog has its turn with the flush, however many events there are before.
    if (!m_input.isEmpty() && !m_hasBacklog)
        processFrames();
    if (m_phase == Phase::Open && m_isAtEnd)
        endOfInput();
    if (m_phase == Phase::Open && m_isDraining)
        drain();
    if (m_phase == Phase::Open)
        updateReading();
}

// ---- output ----

void Connection::send(const QByteArray &frame)
{
    if (m_phase == Phase::Open)
        m_webSocket->sendBinaryMessage(m_noise ? m_noise->send.encrypt(frame) : frame);
}

void Connection::sendText(const QString &text)
{
    if (m_phase == Phase::Open)
        m_webSocket->sendTextMessage(text);
}

qsizetype Connection::maxFrameSize() const
{
    return m_noise ? NoiseCipher::MaxPlaintextSize : std::numeric_limits<qsizetype>::max();
}

qsizetype Connection::maxIncomingFrameSize() const
{
    const auto maxMessage = static_cast<qsizetype>(m_port.relay.settings.maxMessageSize);
    return m_noise ? std::min(NoiseCipher::MaxPlaintextSize, maxMessage - NoiseCipher::TagSize)
                   : maxMessage;
}

void Connection::socketWrites(const char *data, qsizetype size)
{
    if (m_phase != Phase::Open)
        return;
    if (m_stream.unsentBytes() == 0)
        m_host.scheduleFlush(m_id);
    m_stream.write(data, size);
}

void Connection::flush()
{
    const qsizetype taken = m_stream.flush();
    if (taken > 0)
        m_port.relay.metrics.bytesSentTotal.Increment(static_cast<double>(taken));
    if (m_phase == Phase::Lingering) {
        continueLinger();
        return;
    }
    if (m_phase == Phase::Open && m_session->isHandshakeDone())
        m_session->continueDelivery();
    m_hasBacklog = false;
    resume();
}

void Connection::streamDrained()
{
    // A socket that takes bytes again has its turn like one that has just written.
    flush();
}

// ---- end ----

void Connection::close(CloseCode code, QByteArrayView reason)
{
    if (m_phase != Phase::Open)
        return;
    m_isClosingOurselves = true;
    if (code == CloseCode::NotBinary || code == CloseCode::NotDecodable
        || code == CloseCode::Refused)
        m_port.relay.metrics.connectionErrorsTotal.Increment();
    m_webSocket->close(
        static_cast<QWebSocketProtocol::CloseCode>(code), QString::fromLatin1(reason));
}

void Connection::socketClosing()
{
    if (m_phase != Phase::Open || !m_webSocket)
        return;
    // A Close that is malformed itself is answered with 1002.
    const bool isFault =
        !m_sawPeersClose || m_webSocket->closeCode() == QWebSocketProtocol::CloseCodeProtocolError;
    if (!m_isClosingOurselves && isFault)
        countProtocolError();
    linger();
}

void Connection::countProtocolError()
{
    Metrics &metrics = m_port.relay.metrics;
    metrics.connectionErrorsTotal.Increment();
    if (m_webSocket->closeCode() == QWebSocketProtocol::CloseCodeTooMuchData) {
        metrics.messagesReceivedTotal.Increment();
        metrics.refused(RefusalReason::TooLarge);
    }
}

void Connection::linger()
{
    m_phase = Phase::Lingering;
    m_lingerEnd = m_port.relay.clock.now() + PortLimits::Linger;
    m_input = {};
    if (m_session)
        m_session->leave();
    m_stream.setReading(!m_isAtEnd);
    m_host.scheduleFlush(m_id);
}

void Connection::continueLinger()
{
    for (int i = 0; i < ReadsPerTurn && !m_isAtEnd; ++i) {
        const Stream::Read read = m_stream.discard();
        if (read == Stream::Read::Nothing)
            break;
        m_isAtEnd = read == Stream::Read::End;
    }
    if (m_isAtEnd)
        m_stream.setReading(false);
    if (m_stream.unsentBytes() > 0)
        return;
    if (!std::exchange(m_outputIsShut, true))
        m_stream.shutdownOutput();
    if (m_isAtEnd)
        finish();
}

void Connection::finish()
{
    if (m_phase == Phase::Finished)
        return;
    m_phase = Phase::Finished;
    m_stream.setReading(false);
    if (m_session)
        m_session->leave();
    m_host.scheduleRemoval(m_id);
}

void Connection::drain()
{
    m_isDraining = true;
    if (m_phase != Phase::Open)
        return;
    // What the kernel holds has arrived too.
    for (int reads = 0; m_phase == Phase::Open && !isHeld() && mayProcess() && !m_isAtEnd;
         ++reads) {
        if (reads == ReadsPerTurn) {
            m_host.scheduleFlush(m_id);
            return;
        }
        if (readOnce() == 0)
            break;
        processFrames();
    }
    if (m_phase == Phase::Open && !m_hasBacklog && m_session->requestsInFlight() == 0
        && mayProcess())
        close(CloseCode::GoingAway, "the relay is stopping");
}

void Connection::tick(TimePoint now)
{
    const Settings &settings = m_port.relay.settings;
    Metrics &metrics = m_port.relay.metrics;
    if (m_phase == Phase::Lingering) {
        if (now >= m_lingerEnd)
            finish();
        return;
    }
    if (m_phase == Phase::Head) {
        if (now - m_accepted < settings.handshakeTimeout)
            return;
        // Whoever connects without a word is a port scanner or a load balancer, not an error.
        if (m_hasReceived)
            metrics.connectionErrorsTotal.Increment();
        finish();
        return;
    }
    if (m_phase != Phase::Open)
        return;
    // While it is the relay that has to decide, the peer has done its part.
    const bool isAwaited = !m_session->isHandshakeDone() && !m_session->isDeciding();
    if (isAwaited && now - m_accepted >= settings.handshakeTimeout) {
        close(CloseCode::Refused, "no handshake in time");
        return;
    }
    if (m_stream.unsentBytes() > 0 && now - m_stream.lastProgress() >= settings.slowClientTimeout) {
        metrics.slowClientDisconnectsTotal.Increment();
        close(CloseCode::Refused, "reads too slowly");
        return;
    }
    // Nobody is idle while it is the relay that does not read.
    if (!mayProcess())
        m_lastFrame = now;
    if (now - m_lastFrame >= settings.idleTimeout) {
        close(CloseCode::GoingAway, "idle");
        return;
    }
    if (settings.pingInterval.count() > 0 && now - m_lastPing >= settings.pingInterval) {
        m_lastPing = now;
        m_webSocket->ping();
    }
    m_session->continueDelivery();
    resume();
}

} // namespace relay
