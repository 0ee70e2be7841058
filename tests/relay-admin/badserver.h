// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>
#include <QMap>
#include <QSet>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslServer>
#include <QTcpServer>
#include <QUrl>

#include <functional>
#include <memory>

class QTcpSocket;

namespace relay::test {

/** A certificate that nobody trusts, made for one test, and its key. */
struct Certificate {
    QSslCertificate certificate;
    QSslKey key;

    QByteArray toPem() const { return certificate.toPem(); }
    /** For "localhost" and 127.0.0.1, valid from a year before until `daysLeft` from now. */
    static Certificate selfSigned(int daysLeft);
};

/**
 * An HTTP server on a free port of 127.0.0.1 that answers as the test says, however bad that is.
 * Notes what it is asked, and how much of it at once.
 */
class BadServer : public QObject {
    Q_OBJECT

public:
    struct Request {
        QByteArray path;
        /** With the request line, up to the empty line. */
        QByteArray head;
    };
    /** Called once the head of a request is there. */
    using Answerer = std::function<void(QTcpSocket *, const Request &)>;

    explicit BadServer(const Answerer &answerer, const Certificate *certificate = nullptr);

    quint16 port() const { return m_server->serverPort(); }
    QUrl url() const;
    const QList<Request> &requests() const { return m_requests; }
    int count(const QByteArray &path) const;
    /** Most requests of one path that were open at a time. */
    int mostAtOnce() const { return m_mostAtOnce; }

    /** What a good answer looks like. */
    static QByteArray answer(int status, const QByteArray &body, const QByteArray &type = {},
        const QByteArray &fields = {});
    /** Writes one of these and closes. */
    static Answerer always(const QByteArray &bytes);
    /** As a relay that is well. */
    static QByteArray goodAnswer(const QByteArray &path);

private:
    void serve(QTcpSocket *socket);

    Answerer m_answerer;
    QList<Request> m_requests;
    QMap<QByteArray, int> m_open;
    int m_mostAtOnce = 0;
    /** Goes first: its connections, which go with it, say farewell to what stands above. */
    std::unique_ptr<QTcpServer> m_server;
};

} // namespace relay::test
