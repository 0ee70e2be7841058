// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QVarLengthArray>

namespace relay {

enum class HttpHeadError {
    Incomplete, ///< so far nothing is wrong: try again with more
    TooLarge,   ///< answer 431
    Malformed,  ///< answer 400
};

struct HttpField {
    QByteArrayView name;
    QByteArrayView value; ///< without the white space around it
};

/**
 * The head of one HTTP/1.x request, as views into the bytes that were parsed: they have to stay.
 *
 * Lines end in CRLF; a bare CR or LF, a folded field and any other control character are refused.
 */
struct HttpHead {
    static constexpr qsizetype MaxSize = 8192; ///< the empty line included

    QByteArrayView method;
    QByteArrayView target; ///< as it was sent
    QByteArrayView path;  ///< of the target, without the query and never decoded; `//x` stays `//x`
    int minorVersion = 1; ///< of HTTP/1
    QVarLengthArray<HttpField, 24> fields;
    qsizetype size = 0; ///< bytes of the head; what follows it begins here

    /** Parses the head that @p bytes begin with. Errors show as soon as their line is there. */
    static Result<HttpHead, HttpHeadError> parse(QByteArrayView bytes);

    /** How often the field was sent. Names are compared without regard to case. */
    qsizetype count(QByteArrayView name) const;
    /** The value of the first field of that name; empty if there is none. */
    QByteArrayView value(QByteArrayView name) const;
    /** Whether one of the fields of that name has @p token in its list, in either case. */
    bool hasToken(QByteArrayView name, QByteArrayView token) const;
};

/** Whether the peer means to speak WebSocket, be the head in order or not. */
bool wantsUpgrade(const HttpHead &head);

/** The Sec-WebSocket-Key of a valid upgrade (RFC 6455, 4.2.1), or what is wrong, in words. */
Result<QByteArray, QByteArray> webSocketKey(const HttpHead &head);

} // namespace relay
