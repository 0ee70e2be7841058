// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QTcpSocket>

class QWebSocketServer;

namespace relay {

/** What a ClientSocket needs of the connection around it. */
class ClientSocketOwner {
public:
    /** Bytes for the peer. */
    virtual void socketWrites(const char *data, qsizetype size) = 0;
    virtual qint64 socketUnsent() const = 0;
    /** The WebSocket layer has sent its Close and is done with this socket. */
    virtual void socketClosing() = 0;

protected:
    ~ClientSocketOwner() = default;
};

/**
 * The QTcpSocket that Qt's WebSocket layer is given: a window on the connection's input that the
 * connection moves, and a door to its output. It has no descriptor and no buffers of its own.
 *
 * Qt's own socket cannot be used below a relay: it drops unread input when a write fails, reads
 * frames together with the upgrade's head and loses them, cannot be paused, and keeps 48 KB of
 * buffers for each connection (relayd/net/README.md).
 */
class ClientSocket final : public QTcpSocket {
    Q_OBJECT

public:
    explicit ClientSocket(ClientSocketOwner &owner);
    ~ClientSocket() override;

    /** Shows `bytes` to the layer and lets it work; whatever it leaves unread is dropped. */
    void show(QByteArrayView bytes);
    /** Lets `server` upgrade the connection, from the request that `head` is. */
    void showHead(QByteArrayView head, QWebSocketServer &server);

    qint64 bytesAvailable() const override;
    qint64 bytesToWrite() const override;
    bool canReadLine() const override;
    bool isSequential() const override { return true; }
    void close() override;
    void disconnectFromHost() override { close(); }

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 readLineData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    ClientSocketOwner &m_owner;
    QByteArrayView m_window;
    bool m_isClosing = false;
};

} // namespace relay
