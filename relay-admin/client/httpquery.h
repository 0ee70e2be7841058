// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/httpanswerreader.h"
#include "relay-admin/client/pollresult.h"

#include <QObject>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTimer>
#include <QUrl>

#include <chrono>

namespace relay::admin {

/** `path` ("/health") below what the profile says, which may have a path of its own. */
QUrl urlBelow(const QUrl &base, const QString &path);

/**
 * One GET on a connection of its own, to its end. The answer is untrusted: head and body are cut
 * off beyond a cap while they come, redirects are not followed, nothing is tried a second time,
 * and cookies, authentication and compression are not taken part in. Why it is not Qt's
 * QNetworkAccessManager stands in relay-admin/README.md.
 *
 * Used once. Deleting it gives it up without a signal.
 */
class HttpQuery : public QObject {
    Q_OBJECT

public:
    struct Request {
        QUrl url;
        /** Empty: none is sent. */
        QByteArray bearerToken;
        QByteArray headerName; ///< empty: none
        QByteArray headerValue;
        QSslConfiguration tls;
        qsizetype maxBodyBytes = 64 * 1024;
        /** From start() to the last byte. */
        std::chrono::milliseconds timeout {10'000};
    };

    explicit HttpQuery(const Request &request, QObject *parent = nullptr);
    ~HttpQuery() override;

    void start();

    /** After finished(). Ok stands for status 200 and a whole body, whatever is in it. */
    const Answer &answer() const { return m_answer; }
    /** Of 200 and 503, as far as it came, up to the cap. */
    const QByteArray &body() const { return m_reader.body(); }
    /** In lower case, without parameters; empty: it did not say. */
    const QByteArray &mediaType() const { return m_reader.mediaType(); }

signals:
    /** Once, never from within start(). It may be deleted in a slot of it. */
    void finished();

private:
    void ask();
    void read();
    void noteEnd();
    void noteError(QAbstractSocket::SocketError error);
    void finish(Outcome outcome, const QString &detail);

    const Request m_request;
    const bool m_isTls;
    QSslSocket m_socket;
    QTimer m_deadline;
    QString m_tlsFault;
    HttpAnswerReader m_reader;
    Answer m_answer;
    bool m_isFinished = false;
};

} // namespace relay::admin
