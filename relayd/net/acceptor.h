// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/net/ioworker.h"

#include <QTcpServer>
#include <QTimer>

#include <vector>

namespace relay {

/**
 * The public port: accepts connections and hands their descriptors to the I/O threads in turn.
 * Lives on the main thread. Running out of descriptors is survived: it waits and tries again.
 */
class Acceptor final : public QTcpServer {
    Q_OBJECT

public:
    Acceptor(PortContext &port, std::vector<IoWorker *> workers);

    /** Like listen(), with the socket options that accepted connections inherit. */
    bool open(const QHostAddress &address, quint16 port);

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void refuse(int descriptor);

    PortContext &m_port;
    const std::vector<IoWorker *> m_workers;
    size_t m_next = 0;
    QTimer m_retry;
};

} // namespace relay
