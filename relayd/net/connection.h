// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/net/clientsocket.h"
#include "relayd/net/framegate.h"
#include "relayd/net/iolimits.h"
#include "relayd/net/noise.h"
#include "relayd/net/stream.h"
#include "relayd/net/utf8check.h"
#include "relayd/relay/session.h"

#include <QObject>
#include <QPointer>

#include <memory>
#include <optional>

class QWebSocket;
class QWebSocketServer;

namespace relay {

class HealthBoard;
struct HttpHead;
struct HttpResponse;

/** What connections need of the I/O thread that owns them. */
class ConnectionHost {
public:
    /** Ends the turn with flush() for this connection. */
    virtual void scheduleFlush(ConnectionId connection) = 0;
    /** Deletes the connection, after the current event. */
    virtual void scheduleRemoval(ConnectionId connection) = 0;
    virtual QWebSocketServer &upgrader() = 0;

protected:
    ~ConnectionHost() = default;
};

/** A connection as the acceptor hands it on. */
struct Accepted {
    int descriptor = -1;
    /** A trusted proxy, whose requests say whom they come from. */
    std::optional<QHostAddress> proxy {};
    /** Of the client's address. */
    AddressLimiter::Place place {};
};

/** What all connections share. */
struct PortContext {
    RelayContext &relay;
    PortLimits &limits;
    const HealthBoard &health;
    /** Set before the first connection. */
    std::optional<NoiseKey> noiseKey {};
    /** Who takes the messages. */
    MessageHandlerFactory handlerFor = &Session::forPeer;
};

/**
 * One accepted TCP connection of the public port, from its first byte to its end: the HTTP head,
 * the upgrade, the frames, the Close. Decides when to read and when to wait; the rules of the
 * protocol are the session's. Lives on one I/O thread.
 */
class Connection final : public QObject,
                         private Peer,
                         private StreamOwner,
                         private ClientSocketOwner {
    Q_OBJECT

public:
    /** Owns the descriptor, and the place in PortLimits::sockets that the acceptor took for it. */
    Connection(
        ConnectionId id, Accepted accepted, PortContext &port, IoContext &io, ConnectionHost &host);
    ~Connection() override;

    /** Whoever takes the messages, once there can be some. */
    MessageHandler *session() { return m_session.get(); }
    /** After the session was given an event: reads on if that was what it waited for. */
    void resume();
    /** Sends what the turn wrote. */
    void flush();
    /** Time-outs and pings; several times a second. */
    void tick(TimePoint now);
    /** Serves what has arrived, then closes with 1001. */
    void drain();
    /** Upgraded, or on its way to the end: a stop waits for it. */
    bool isInUse() const { return m_phase == Phase::Open || m_phase == Phase::Lingering; }

private:
    enum class Phase {
        Head,      ///< waiting for an HTTP head
        Open,      ///< WebSocket
        Lingering, ///< Close or an HTTP answer is on its way; input is dropped
        Finished,  ///< to be deleted
    };

    // Peer
    void send(const QByteArray &frame) override;
    void sendText(const QString &text) override;
    qint64 unsentBytes() const override { return m_stream.unsentBytes(); }
    qsizetype maxFrameSize() const override;
    qsizetype maxIncomingFrameSize() const override;
    bool isEncrypted() const override { return m_noise != nullptr; }
    void close(CloseCode code, QByteArrayView reason) override;
    // StreamOwner
    void streamReadable() override;
    void streamDrained() override;
    // ClientSocketOwner
    void socketWrites(const char *data, qsizetype size) override;
    qint64 socketUnsent() const override { return m_stream.unsentBytes(); }
    void socketClosing() override;

    /** Reads what fits into one read; returns the bytes. */
    qsizetype readOnce();
    void readHead();
    void answerHead(const HttpHead &head);
    void answerPlain(const HttpHead &head);
    /** Whether the client's address may have one more; of a proxy's, which the head tells. */
    bool takesPlace(const HttpHead &head);
    void respond(const HttpResponse &response, bool withBody);
    void refuseHead(const HttpResponse &response);
    void upgrade(const QByteArray &key);

    void checkText(const QByteArray &fragment);
    void receiveMessage(const QByteArray &message);
    void receiveText(const QByteArray &text);
    void refuseText();
    void startNoise(QByteArrayView hello);
    void processFrames();
    bool mayProcess() const;
    /** What is in the input has to be done before more is read. */
    bool isHeld() const { return m_hasBacklog || m_isCloseHeld; }
    void endOfInput();
    void updateReading();
    void countProtocolError();

    void linger();
    void continueLinger();
    void finish();

    const ConnectionId m_id;
    Accepted m_from;
    PortContext &m_port;
    IoContext &m_io;
    ConnectionHost &m_host;
    Stream m_stream;
    Phase m_phase = Phase::Head;

    QByteArray m_input;
    FrameGate m_gate;
    /** Of the text message under way; none ends within a character, so the next begins anew. */
    Utf8Check m_text;
    bool m_isAtEnd = false;
    /** There are whole frames in the input, whose turn is the next. */
    bool m_hasBacklog = false;
    /** The peer's Close is in the input, and waits for answers to what came before it. */
    bool m_isCloseHeld = false;
    bool m_isDraining = false;
    /** The Close on the way is the relay's decision, not an answer to the peer or to its errors. */
    bool m_isClosingOurselves = false;
    bool m_sawPeersClose = false;
    bool m_outputIsShut = false;
    bool m_hasConnectionSlot = false;
    bool m_hasHttpSlot = false;
    bool m_hasReceived = false;

    /** Owns m_socket. */
    std::unique_ptr<QWebSocket> m_webSocket;
    QPointer<ClientSocket> m_socket;
    /** Once the peer has begun a Noise session. */
    std::unique_ptr<NoiseTransport> m_noise;
    std::unique_ptr<MessageHandler> m_session;

    const TimePoint m_accepted;
    /** When the last whole frame had arrived. */
    TimePoint m_lastFrame;
    TimePoint m_lastPing;
    TimePoint m_lingerEnd {};
};

} // namespace relay
