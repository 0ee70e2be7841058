// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/http/listener.h"

#include <QByteArray>
#include <QHostAddress>

#include <chrono>

namespace relay {

class HealthBoard;
class Metrics;
struct HttpHead;
struct HttpResponse;

struct MonitoringLimits {
    /** Connections that are served at a time; a further one is answered 503. */
    int maxConnections = 64;
    /** From accept until the request is there and its answer is sent. */
    std::chrono::milliseconds requestTimeout {10000};
    /** How long an answered peer has to close: a close with unread input would reset the answer. */
    std::chrono::milliseconds lingerTimeout {2000};
};

/**
 * The HTTP port: /health, /ready, /metrics and /pubkey. One request per connection, no body is
 * read.
 *
 * Lives on the main thread. It answers from values that are ready: neither the disk nor another
 * thread is waited for. Owns its connections; the health board and the metrics must outlive it.
 */
class MonitoringServer : public QObject {
    Q_OBJECT

public:
    /**
     * With a @p metricsToken /metrics asks for it; an empty one leaves it open. @p publicKey is
     * what /pubkey says.
     */
    MonitoringServer(HealthBoard &health, Metrics &metrics, const QByteArray &metricsToken,
        const QByteArray &publicKey, MonitoringLimits limits = {}, QObject *parent = nullptr);
    ~MonitoringServer() override;

    /** The port in use, which for port 0 the system chose. */
    Result<quint16, ListenFailure> listen(const QHostAddress &host, quint16 port);

    /** Connections open now, those that were refused and are about to close included. */
    int connectionCount() const;

private:
    void take(int descriptor);
    HttpResponse answer(const HttpHead &head);
    bool isAuthorized(const HttpHead &head) const;

    HealthBoard &m_health;
    Metrics &m_metrics;
    const QByteArray m_tokenHash; ///< empty: no token
    const QByteArray m_publicKey;
    const MonitoringLimits m_limits;
    Listener m_listener;
    int m_served = 0;
    int m_refused = 0; ///< connections that have their 503 and did not close yet
};

} // namespace relay
