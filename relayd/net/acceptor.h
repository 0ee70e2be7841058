// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/http/listener.h"
#include "relayd/net/ioworker.h"

#include <vector>

namespace relay {

/**
 * The public port: accepts connections and hands their descriptors to the I/O threads in turn.
 * Lives on the main thread.
 */
class Acceptor final {
public:
    Acceptor(PortContext &port, std::vector<IoWorker *> workers);

    /** Listens, with the socket options that accepted connections inherit. The port in use. */
    Result<quint16, ListenFailure> listen(const QHostAddress &host, quint16 port);

private:
    void take(int descriptor);
    void refuse(int descriptor, const HttpResponse &response);

    PortContext &m_port;
    const std::vector<IoWorker *> m_workers;
    size_t m_next = 0;
    Listener m_listener;
};

} // namespace relay
