// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/clientsocket.h"

#include <QCoreApplication>
#include <QWebSocketServer>

#include <algorithm>
#include <cstring>

namespace relay {

ClientSocket::ClientSocket(ClientSocketOwner &owner)
    : m_owner(owner)
{
    setOpenMode(QIODevice::ReadWrite | QIODevice::Unbuffered);
    setSocketState(QAbstractSocket::ConnectedState);
}

ClientSocket::~ClientSocket()
{
    // The base class would try to take down a connection that it never had.
    m_isClosing = true;
    setSocketState(QAbstractSocket::UnconnectedState);
    setOpenMode(QIODevice::NotOpen);
}

void ClientSocket::show(QByteArrayView bytes)
{
    m_window = bytes;
    emit readyRead();
    m_window = {};
}

void ClientSocket::showHead(QByteArrayView head, QWebSocketServer &server)
{
    m_window = head;
    server.handleConnection(this);
    emit readyRead();
    // The server looks at a new socket from its event queue; there is nothing else in it.
    QCoreApplication::sendPostedEvents(&server, QEvent::MetaCall);
    m_window = {};
    // The server has peeked, which fills a buffer that is never needed again: opening drops it.
    if (!m_isClosing)
        QIODevice::open(openMode());
}

qint64 ClientSocket::bytesAvailable() const
{
    return m_window.size() + QIODevice::bytesAvailable();
}

qint64 ClientSocket::bytesToWrite() const
{
    return m_owner.socketUnsent();
}

bool ClientSocket::canReadLine() const
{
    return m_window.contains('\n') || QIODevice::canReadLine();
}

void ClientSocket::close()
{
    m_window = {};
    if (m_isClosing)
        return;
    m_isClosing = true;
    m_owner.socketClosing();
}

qint64 ClientSocket::readData(char *data, qint64 maxSize)
{
    const qint64 size = std::min<qint64>(maxSize, m_window.size());
    if (size == 0)
        return 0;
    std::memcpy(data, m_window.data(), static_cast<size_t>(size));
    m_window = m_window.sliced(size);
    return size;
}

qint64 ClientSocket::readLineData(char *data, qint64 maxSize)
{
    const qsizetype end = m_window.indexOf('\n');
    return readData(data, end < 0 ? maxSize : std::min<qint64>(maxSize, end + 1));
}

qint64 ClientSocket::writeData(const char *data, qint64 size)
{
    if (!m_isClosing)
        m_owner.socketWrites(data, size);
    return size;
}

} // namespace relay
