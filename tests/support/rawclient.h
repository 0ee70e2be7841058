// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/codec.h"
#include "tests/support/noiseinitiator.h"
#include "tests/support/tlssession.h"

#include <QByteArray>

#include <deque>
#include <memory>
#include <optional>

namespace relay::test {

/** An id that is `n` repeated: readable in failures. */
Id idOf(quint8 n);
/** An id that no other call has given. */
Id freshId();

/** A WebSocket frame as a client sends it (masked, unless `masked` is false). */
QByteArray clientFrame(
    int opCode, const QByteArray &payload, bool isFinal = true, bool masked = true);

constexpr int OpContinuation = 0;
constexpr int OpText = 1;
constexpr int OpBinary = 2;
constexpr int OpClose = 8;
constexpr int OpPing = 9;
constexpr int OpPong = 10;

/** A frame that the relay sent. */
struct ServerFrame {
    int opCode = 0;
    QByteArray payload;
};

/**
 * A client of the relay on a plain blocking socket, so that a test decides on each byte and each
 * moment: what shares a segment, what is never read, how a connection ends. Needs no event loop and
 * may be used from any one thread.
 */
class RawClient {
public:
    static constexpr int Timeout = 10'000; ///< milliseconds, of everything that waits

    /** `from`: an address of this host (all of 127/8 are), or empty for the system's choice. */
    explicit RawClient(
        quint16 port, const QByteArray &host = "127.0.0.1", const QByteArray &from = {});
    ~RawClient();
    RawClient(RawClient &&other) noexcept;
    RawClient &operator=(RawClient &&other) noexcept;

    bool isConnected() const { return m_socket >= 0; }
    int descriptor() const { return m_socket; }

    /** Before anything is sent: what follows goes through TLS, to a proxy that has this name. */
    bool startTls(const QByteArray &caFile, const QByteArray &name);

    /** The upgrade's request, for tests that send it in pieces or with others. */
    static QByteArray upgradeRequest(
        const QByteArray &path = "/", const QByteArray &moreFields = {});
    /** Sends it and reads the answer's head; true: 101. */
    bool upgrade(const QByteArray &path = "/", const QByteArray &moreFields = {});
    /** Reads one HTTP head; empty: none came. */
    QByteArray readHead();
    /** Reads to the end. */
    QByteArray readAll();

    bool sendBytes(const QByteArray &bytes);
    /** A frame of the protocol as one binary message. */
    bool sendFrame(const QByteArray &frame) { return sendBytes(wrap(frame)); }
    /** Returns the message id: `messageId`, or a fresh one. */
    QByteArray send(const Message &message, const QByteArray &messageId = {});
    /** The same as bytes of a WebSocket frame, not sent. */
    static QByteArray encode(const Message &message, const QByteArray &messageId);
    bool sendClose(int code = 1000);

    /**
     * After the upgrade: begins a Noise session with the relay that has this public key (32 bytes).
     * From then on everything of the protocol goes through it. False: it was refused.
     */
    bool startNoise(const QByteArray &relayKey);
    /** As bytes of a WebSocket frame, through Noise if there is a session; not sent. */
    QByteArray wrap(const QByteArray &frame);

    /** Upgrades (unless it has been done), shakes hands, and returns the relay's answer; nothing if
     * it is another one. */
    std::optional<HandshakeAck> join(const Handshake &handshake);
    std::optional<HandshakeAck> join(const Id &clientId);

    /** The next WebSocket frame of any kind; nothing at the end or after `timeoutMillis`. */
    std::optional<ServerFrame> readFrame(int timeoutMillis = Timeout);
    /** The next message of the protocol; pings are answered, the Close is kept in closeCode(). */
    std::optional<Envelope> receive(int timeoutMillis = Timeout);
    /** The next message of this type; those before it are kept for later. */
    template <typename T>
    std::optional<T> expect(Envelope *envelope = nullptr, int timeoutMillis = Timeout);
    /** The status for a message id; others are kept for later. */
    std::optional<Acknowledgment> expectAck(
        const QByteArray &messageId, int timeoutMillis = Timeout);

    /** Stores one blob and waits for the answer. */
    std::optional<Acknowledgment> store(
        const Id &recipient, const QByteArray &ciphertext, const Id &sender);

    /** The code of the relay's Close; 0: none came. */
    int closeCode() const { return m_closeCode; }
    QByteArray closeReason() const { return m_closeReason; }
    /** Reads until the end; the close code then, 0 if there was no Close. */
    int waitForClose();
    /** After the end: whether it was a reset. */
    bool wasReset() const { return m_wasReset; }

    /** No more from this side; the other may go on. */
    void shutdownOutput();
    /** Ends with a reset. */
    void reset();
    void disconnect();

private:
    bool fill(int timeoutMillis);

    int m_socket = -1;
    QByteArray m_input;
    std::deque<Envelope> m_kept;
    Decoder m_decoder;
    int m_closeCode = 0;
    QByteArray m_closeReason;
    bool m_wasReset = false;
    bool m_isAtEnd = false;
    bool m_isUpgraded = false;
    std::unique_ptr<NoiseInitiator> m_noise;
    std::unique_ptr<TlsSession> m_tls;
};

template <typename T>
std::optional<T> RawClient::expect(Envelope *envelope, int timeoutMillis)
{
    for (auto it = m_kept.begin(); it != m_kept.end(); ++it) {
        if (const T *message = std::get_if<T>(&it->message)) {
            const T found = *message;
            if (envelope)
                *envelope = *it;
            m_kept.erase(it);
            return found;
        }
    }
    while (auto received = receive(timeoutMillis)) {
        if (const T *message = std::get_if<T>(&received->message)) {
            const T found = *message;
            if (envelope)
                *envelope = *received;
            return found;
        }
        m_kept.push_back(std::move(*received));
    }
    return std::nullopt;
}

} // namespace relay::test
