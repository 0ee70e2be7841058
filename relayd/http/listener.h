// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/result.h"

#include <QDeadlineTimer>
#include <QSocketNotifier>
#include <QTcpServer>
#include <QTimer>

#include <functional>
#include <memory>

namespace relay {

struct ListenFailure {
    QAbstractSocket::SocketError error;
    QString text;
};

/**
 * A listening TCP socket that gives away what it accepts. Running out of descriptors is survived:
 * it says so, at most once a minute, waits, and tries again.
 *
 * QTcpServer only listens here. Its own accepting keeps the first error that it has ever met, which
 * as a rule is "nothing there yet": from then on it takes a lack of descriptors for the same, and
 * runs in circles without a word for as long as that lasts.
 */
class Listener final : public QObject {
    Q_OBJECT

public:
    /** `take` owns the descriptor that it is called with. */
    explicit Listener(std::function<void(int descriptor)> take, QObject *parent = nullptr);

    /** The port in use, which for port 0 the system chose. */
    Result<quint16, ListenFailure> listen(const QHostAddress &host, quint16 port);
    void setBacklog(int size) { m_server.setListenBacklogSize(size); }
    int descriptor() const { return static_cast<int>(m_server.socketDescriptor()); }

private:
    void acceptAll();
    void waitForResources();

    const std::function<void(int)> m_take;
    QTcpServer m_server;
    QTimer m_retry;
    std::unique_ptr<QSocketNotifier> m_readable; // before the server closes what it watches
    /** The log has been told already. */
    QDeadlineTimer m_quiet {0};
};

} // namespace relay
