// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/httpresponse.h"

#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace relay {

namespace {

const char *reasonPhrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 429:
        return "Too Many Requests";
    case 426:
        return "Upgrade Required";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return ""; // RFC 9112: the phrase may be empty
    }
}

} // namespace

HttpResponse HttpResponse::error(int status, QByteArrayView text)
{
    const QJsonObject body {{u"error"_s, QString::fromUtf8(text)}};
    HttpResponse response;
    response.status = status;
    response.body = QJsonDocument(body).toJson(QJsonDocument::Compact);
    return response;
}

QByteArray HttpResponse::toBytes(HttpBody included) const
{
    QByteArray bytes = "HTTP/1.1 " + QByteArray::number(status) + ' ' + reasonPhrase(status)
        + "\r\nContent-Type: " + contentType + "\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\nCache-Control: no-store\r\n";
    // An answer that offers an upgrade has to name it in Connection too (RFC 9110, 7.8).
    QByteArray connection = "close";
    for (const auto &[name, value] : fields) {
        bytes += name + ": " + value + "\r\n";
        if (name.compare("Upgrade", Qt::CaseInsensitive) == 0)
            connection = "close, Upgrade";
    }
    bytes += "Connection: " + connection + "\r\n\r\n";
    if (included == HttpBody::Included)
        bytes += body;
    return bytes;
}

} // namespace relay
