// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

#include <utility>

namespace relay {

/** Whether the body goes out: an answer to HEAD gives its length alone. */
enum class HttpBody { Included, LengthOnly };

/** An answer after which the connection ends. */
struct HttpResponse {
    int status = 200;
    QByteArray body;
    QByteArray contentType = QByteArrayLiteral("application/json");
    QList<std::pair<QByteArray, QByteArray>> fields; ///< beyond those that every answer has

    /** The answer with the body `{"error":"<text>"}`. */
    static HttpResponse error(int status, QByteArrayView text);

    /** An error that passes: with the seconds after which to try again. */
    static HttpResponse tryLater(int status, QByteArrayView text, int seconds)
    {
        HttpResponse response = error(status, text);
        response.addField("Retry-After", QByteArray::number(seconds));
        return response;
    }

    /** 200 with plain text. */
    static HttpResponse text(const QByteArray &body)
    {
        return {200, body, QByteArrayLiteral("text/plain; charset=utf-8"), {}};
    }

    void addField(const QByteArray &name, const QByteArray &value)
    {
        fields.emplaceBack(name, value);
    }

    QByteArray toBytes(HttpBody included) const;
};

} // namespace relay
