// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/healthcheck.h"

#include <QDeadlineTimer>
#include <QTcpSocket>

namespace relay {

namespace {

constexpr int TimeoutMillis = 5000;

QHostAddress reachable(const QHostAddress &host)
{
    if (host == QHostAddress(QHostAddress::AnyIPv4) || host == QHostAddress(QHostAddress::Any))
        return QHostAddress(QHostAddress::LocalHost);
    if (host == QHostAddress(QHostAddress::AnyIPv6))
        return QHostAddress(QHostAddress::LocalHostIPv6);
    return host;
}

} // namespace

std::optional<QString> healthcheck(const ListenAddress &httpAddr, QByteArrayView path)
{
    const QDeadlineTimer deadline(TimeoutMillis);
    QTcpSocket socket;
    socket.connectToHost(reachable(httpAddr.host), httpAddr.port);
    if (!socket.waitForConnected(TimeoutMillis))
        return QStringLiteral("no relay answers on port %1: %2")
            .arg(httpAddr.port)
            .arg(socket.errorString());
    socket.write("GET " + path.toByteArray() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    QByteArray answer;
    while (!deadline.hasExpired()
        && socket.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
        answer += socket.readAll();
    answer += socket.readAll();
    if (answer.startsWith("HTTP/1.1 200 "))
        return std::nullopt;
    if (answer.isEmpty())
        return QStringLiteral("the relay took the request and did not answer in time");
    const qsizetype body = answer.indexOf("\r\n\r\n");
    return QString::fromUtf8(answer.left(answer.indexOf('\r')))
        + (body < 0 ? QString() : QLatin1Char(' ') + QString::fromUtf8(answer.mid(body + 4)));
}

} // namespace relay
