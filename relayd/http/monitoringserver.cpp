// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/monitoringserver.h"

#include "relayd/http/healthboard.h"
#include "relayd/http/httphead.h"
#include "relayd/http/httpresponse.h"
#include "relayd/metrics/metrics.h"

#include <QCryptographicHash>
#include <QTcpSocket>
#include <QTimer>

#include <openssl/crypto.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>

namespace relay {

namespace {

QByteArray hashOf(QByteArrayView token)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(token);
    return hash.result();
}

/**
 * One connection to the HTTP port, from accept to close. Deletes itself, the socket with it.
 */
class MonitoringConnection : public QObject {
public:
    using Answerer = std::function<HttpResponse(const HttpHead &)>;

    MonitoringConnection(QTcpSocket *socket, const MonitoringLimits &limits, QObject *parent)
        : QObject(parent)
        , m_socket(socket)
        , m_limits(limits)
    {
        m_socket->setParent(this);
        m_socket->setReadBufferSize(2 * HttpHead::MaxSize);
        connect(m_socket, &QTcpSocket::readyRead, this, &MonitoringConnection::read);
        connect(m_socket, &QTcpSocket::bytesWritten, this, &MonitoringConnection::finishWriting);
        connect(m_socket, &QTcpSocket::disconnected, this, &QObject::deleteLater);
        m_deadline.setSingleShot(true);
        m_deadline.callOnTimeout(this, &QObject::deleteLater);
        m_deadline.start(m_limits.requestTimeout);
        if (m_socket->state() == QAbstractSocket::UnconnectedState)
            deleteLater();
    }

    /** Waits for a request and answers it. */
    void serve(Answerer answerer)
    {
        m_answerer = std::move(answerer);
        read();
    }

    void send(const HttpResponse &response, HttpBody included)
    {
        m_stage = Stage::Answering;
        m_socket->write(response.toBytes(included));
        m_socket->flush(); // may find that the peer is gone
        finishWriting();
    }

private:
    enum class Stage { Reading, Answering, Lingering };

    void read()
    {
        if (!m_socket->isOpen())
            return;
        if (m_stage != Stage::Reading) {
            m_socket->readAll(); // the rest of what was sent does not matter
            return;
        }
        m_head += m_socket->read(HttpHead::MaxSize - m_head.size());
        const auto head = HttpHead::parse(m_head);
        if (head)
            send(m_answerer(*head),
                head->method == "HEAD" ? HttpBody::LengthOnly : HttpBody::Included);
        else if (head.error() == HttpHeadError::TooLarge)
            send(HttpResponse::error(431, "the head of the request is over 8 KiB"),
                HttpBody::Included);
        else if (head.error() == HttpHeadError::Malformed)
            send(HttpResponse::error(400, "this is not an HTTP/1.1 request"), HttpBody::Included);
    }

    void finishWriting()
    {
        if (m_stage != Stage::Answering || !m_socket->isOpen() || m_socket->bytesToWrite() > 0)
            return;
        m_stage = Stage::Lingering;
        ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
        if (m_deadline.remainingTimeAsDuration() > m_limits.lingerTimeout)
            m_deadline.start(m_limits.lingerTimeout);
        m_socket->readAll();
    }

    QTcpSocket *const m_socket;
    const MonitoringLimits m_limits;
    Answerer m_answerer;
    QTimer m_deadline;
    Stage m_stage = Stage::Reading;
    QByteArray m_head;
};

} // namespace

MonitoringServer::MonitoringServer(HealthBoard &health, Metrics &metrics,
    const QByteArray &metricsToken, const QByteArray &publicKey, MonitoringLimits limits,
    QObject *parent)
    : QObject(parent)
    , m_health(health)
    , m_metrics(metrics)
    , m_tokenHash(metricsToken.isEmpty() ? QByteArray() : hashOf(metricsToken))
    , m_publicKey(publicKey)
    , m_limits(limits)
    , m_listener([this](int descriptor) { take(descriptor); }, this)
{
}

MonitoringServer::~MonitoringServer() = default;

Result<quint16, ListenFailure> MonitoringServer::listen(const QHostAddress &host, quint16 port)
{
    return m_listener.listen(host, port);
}

int MonitoringServer::connectionCount() const
{
    return m_served + m_refused;
}

void MonitoringServer::take(int descriptor)
{
    auto *socket = new QTcpSocket(this);
    if (!socket->setSocketDescriptor(descriptor)) {
        ::close(descriptor);
        delete socket;
        return;
    }
    const auto countIn = [this](MonitoringConnection *connection, int &count) {
        ++count;
        connect(connection, &QObject::destroyed, this, [&count] { --count; });
    };
    if (m_served < m_limits.maxConnections) {
        auto *connection = new MonitoringConnection(socket, m_limits, this);
        countIn(connection, m_served);
        connection->serve([this](const HttpHead &head) { return answer(head); });
    } else if (m_refused < m_limits.maxConnections) {
        auto *connection = new MonitoringConnection(socket, m_limits, this);
        countIn(connection, m_refused);
        connection->send(
            HttpResponse::tryLater(503, "too many connections", 1), HttpBody::Included);
    } else {
        delete socket;
    }
}

HttpResponse MonitoringServer::answer(const HttpHead &head)
{
    const bool known = head.path == "/health" || head.path == "/ready" || head.path == "/metrics"
        || head.path == "/pubkey";
    if (!known)
        return HttpResponse::error(404, "there is nothing under this path");
    if (head.method != "GET" && head.method != "HEAD") {
        HttpResponse response = HttpResponse::error(405, "only GET and HEAD");
        response.addField("Allow", "GET, HEAD");
        return response;
    }
    if (head.path == "/health")
        return m_health.health(HealthBoard::Clock::now());
    if (head.path == "/ready")
        return m_health.ready(HealthBoard::Clock::now());
    if (head.path == "/pubkey")
        return HttpResponse::text(m_publicKey);
    if (!isAuthorized(head)) {
        HttpResponse response = HttpResponse::error(401, "the bearer token is missing or wrong");
        response.addField("WWW-Authenticate", "Bearer");
        return response;
    }
    m_metrics.ready.Set(m_health.isReady() ? 1 : 0);
    HttpResponse response;
    response.contentType = "text/plain; version=0.0.4; charset=utf-8";
    response.body = m_metrics.text();
    return response;
}

bool MonitoringServer::isAuthorized(const HttpHead &head) const
{
    if (m_tokenHash.isEmpty())
        return true;
    const QByteArrayView credentials = head.value("Authorization");
    constexpr QByteArrayView scheme = "Bearer ";
    if (head.count("Authorization") != 1 || credentials.size() <= scheme.size()
        || credentials.first(scheme.size()).compare(scheme, Qt::CaseInsensitive) != 0)
        return false;
    // Of the hashes, so that the time tells nothing about the length either.
    const QByteArray given = hashOf(credentials.sliced(scheme.size()).trimmed());
    return CRYPTO_memcmp(
               given.constData(), m_tokenHash.constData(), static_cast<size_t>(given.size()))
        == 0;
}

} // namespace relay
