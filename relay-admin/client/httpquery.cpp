// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/httpquery.h"

#include "relay-admin/client/tls.h"

#include <QSslError>

namespace relay::admin {

namespace {

/** What Qt holds before it is read; the rest waits in the kernel, and at the peer. */
constexpr qint64 ReadBufferBytes = 64 * 1024;

/** Nothing that would end the line it stands in. */
bool isOneLine(const QByteArray &text)
{
    return !text.contains('\r') && !text.contains('\n');
}

QByteArray hostOf(const QUrl &url)
{
    const QByteArray host = url.host(QUrl::FullyEncoded).toLatin1();
    const QByteArray bracketed = host.contains(':') ? '[' + host + ']' : host;
    return url.port() < 0 ? bracketed : bracketed + ':' + QByteArray::number(url.port());
}

QByteArray bytesOf(const HttpQuery::Request &request)
{
    const QByteArray path = request.url.path(QUrl::FullyEncoded).toLatin1();
    QByteArray bytes = "GET " + (path.isEmpty() ? "/" : path)
        + " HTTP/1.1\r\nHost: " + hostOf(request.url)
        + "\r\nUser-Agent: vauchi-relay-admin/" RELAY_VERSION
          "\r\nAccept-Encoding: identity\r\nConnection: close\r\n";
    if (!request.bearerToken.isEmpty() && isOneLine(request.bearerToken))
        bytes += "Authorization: Bearer " + request.bearerToken + "\r\n";
    if (!request.headerName.isEmpty() && isOneLine(request.headerName + request.headerValue))
        bytes += request.headerName + ": " + request.headerValue + "\r\n";
    return bytes + "\r\n";
}

struct Verdict {
    Outcome outcome;
    QString text;
};

Verdict verdictOfStatus(int status)
{
    switch (status) {
    case 200:
        return {Outcome::Ok, {}};
    case 401:
    case 403:
        return {Outcome::Unauthorized, HttpQuery::tr("The token is missing or wrong.")};
    case 503:
        return {Outcome::Unavailable, HttpQuery::tr("The server says that it is not available.")};
    default:
        if (status >= 300 && status < 400)
            return {Outcome::Redirected,
                HttpQuery::tr("The server points to another address, which is not followed.")};
        return {
            Outcome::HttpError, HttpQuery::tr("The server answers with status %1.").arg(status)};
    }
}

Verdict verdictOfError(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::HostNotFoundError:
        return {Outcome::Unreachable, HttpQuery::tr("The name of the host is not known.")};
    case QAbstractSocket::ConnectionRefusedError:
        return {Outcome::Unreachable, HttpQuery::tr("Nothing listens at this port.")};
    case QAbstractSocket::RemoteHostClosedError:
        return {Outcome::Unreachable,
            HttpQuery::tr("The connection was closed before the answer was whole.")};
    default:
        return {Outcome::Unreachable, HttpQuery::tr("The host cannot be reached.")};
    }
}

} // namespace

QUrl urlBelow(const QUrl &base, const QString &path)
{
    QUrl url = base;
    QString folder = url.path(QUrl::FullyEncoded);
    while (folder.endsWith(u'/'))
        folder.chop(1);
    url.setPath(folder + path, QUrl::TolerantMode);
    return url;
}

HttpQuery::HttpQuery(const Request &request, QObject *parent)
    : QObject(parent)
    , m_request(request)
    , m_isTls(request.url.scheme() == u"https")
    , m_reader(request.maxBodyBytes)
{
    m_deadline.setSingleShot(true);
    m_deadline.callOnTimeout(
        this, [this] { finish(Outcome::TimedOut, tr("There was no whole answer in time.")); });
    m_socket.setReadBufferSize(ReadBufferBytes);
    connect(&m_socket, m_isTls ? &QSslSocket::encrypted : &QSslSocket::connected, this,
        &HttpQuery::ask);
    connect(&m_socket, &QSslSocket::readyRead, this, &HttpQuery::read);
    connect(&m_socket, &QSslSocket::disconnected, this, &HttpQuery::noteEnd);
    connect(&m_socket, &QSslSocket::errorOccurred, this, &HttpQuery::noteError);
    connect(&m_socket, &QSslSocket::sslErrors, this,
        [this](const QList<QSslError> &errors) { m_tlsFault = tlsFaultText(errors); });
}

HttpQuery::~HttpQuery()
{
    m_socket.disconnect(this);
}

void HttpQuery::start()
{
    m_deadline.start(m_request.timeout);
    const QString host = m_request.url.host();
    if (m_isTls) {
        m_socket.setSslConfiguration(m_request.tls);
        m_socket.connectToHostEncrypted(host, quint16(m_request.url.port(443)));
    } else {
        m_socket.connectToHost(host, quint16(m_request.url.port(80)));
    }
}

void HttpQuery::ask()
{
    m_socket.write(bytesOf(m_request));
}

void HttpQuery::read()
{
    // TLS may not have agreed yet.
    if (m_isFinished || (m_isTls && !m_socket.isEncrypted()))
        return;
    switch (m_reader.read(m_socket.readAll())) {
    case HttpAnswerReader::State::Incomplete:
        return;
    case HttpAnswerReader::State::Complete: {
        const Verdict verdict = verdictOfStatus(m_reader.status());
        return finish(verdict.outcome, verdict.text);
    }
    case HttpAnswerReader::State::Malformed:
        return finish(Outcome::Malformed, tr("What answers does not speak HTTP."));
    case HttpAnswerReader::State::TooLarge:
        return finish(Outcome::TooLarge, tr("The answer is too large."));
    }
}

/** What has arrived counts before what happened to the connection. */
void HttpQuery::noteEnd()
{
    read();
    if (!m_isFinished && m_reader.readEnd() == HttpAnswerReader::State::Complete)
        read();
}

void HttpQuery::noteError(QAbstractSocket::SocketError error)
{
    if (error == QAbstractSocket::RemoteHostClosedError)
        noteEnd();
    else
        read();
    if (m_isFinished)
        return;
    const bool isConnected = m_socket.peerPort() != 0
        && (error == QAbstractSocket::RemoteHostClosedError
            || error == QAbstractSocket::SslHandshakeFailedError
            || error == QAbstractSocket::SslInternalError
            || error == QAbstractSocket::SslInvalidUserDataError);
    if (m_isTls && !m_socket.isEncrypted() && (isConnected || !m_tlsFault.isEmpty()))
        return finish(
            Outcome::TlsFailed, m_tlsFault.isEmpty() ? tr("TLS could not be set up.") : m_tlsFault);
    const Verdict verdict = verdictOfError(error);
    finish(verdict.outcome, verdict.text);
}

void HttpQuery::finish(Outcome outcome, const QString &detail)
{
    if (std::exchange(m_isFinished, true))
        return;
    m_deadline.stop();
    m_answer = {outcome, m_reader.status(), detail};
    m_socket.disconnect(this);
    // Neither is the socket closed inside its own signal, nor the query perhaps deleted in it.
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_socket.abort();
            emit finished();
        },
        Qt::QueuedConnection);
}

} // namespace relay::admin
