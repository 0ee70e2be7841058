// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/listener.h"

#include <QLoggingCategory>

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcListener, "relay.net")

constexpr std::chrono::milliseconds Retry {100};
constexpr std::chrono::minutes BetweenWarnings {1};
/** Connections accepted in one turn, before others of the thread have theirs. */
constexpr int PerTurn = 64;

} // namespace

Listener::Listener(std::function<void(int)> take, QObject *parent)
    : QObject(parent)
    , m_take(std::move(take))
    , m_server(this) // its thread follows ours
    , m_retry(this)
{
    m_retry.setSingleShot(true);
    m_retry.setInterval(Retry);
    m_retry.callOnTimeout(this, [this] { m_readable->setEnabled(true); });
}

Result<quint16, ListenFailure> Listener::listen(const QHostAddress &host, quint16 port)
{
    if (!m_server.listen(host, port))
        return Err(ListenFailure {m_server.serverError(), m_server.errorString()});
    m_server.pauseAccepting();
    m_readable =
        std::make_unique<QSocketNotifier>(m_server.socketDescriptor(), QSocketNotifier::Read);
    connect(m_readable.get(), &QSocketNotifier::activated, this, &Listener::acceptAll);
    return m_server.serverPort();
}

void Listener::acceptAll()
{
    for (int i = 0; i < PerTurn; ++i) {
        const int accepted = ::accept4(descriptor(), nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted >= 0) {
            m_take(accepted);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            waitForResources();
            return;
        }
    }
}

void Listener::waitForResources()
{
    if (m_quiet.hasExpired()) {
        m_quiet.setRemainingTime(BetweenWarnings);
        qCWarning(lcListener).noquote() << "cannot accept connections:" << qt_error_string(errno)
                                        << "- trying again; raise LimitNOFILE if this goes on";
    }
    m_readable->setEnabled(false);
    m_retry.start();
}

} // namespace relay
