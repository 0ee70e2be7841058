// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/httphead.h"

#include <algorithm>

namespace relay {

namespace {

bool isControl(char c)
{
    const auto byte = static_cast<quint8>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

bool holdsControl(QByteArrayView text)
{
    return std::any_of(text.begin(), text.end(), isControl);
}

bool isTokenCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || QByteArrayView("!#$%&'*+-.^_`|~").contains(c);
}

bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

bool isSame(QByteArrayView left, QByteArrayView right)
{
    return left.compare(right, Qt::CaseInsensitive) == 0;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/** Null if the target has none of the forms of RFC 9112, 3.2. */
QByteArrayView pathOf(QByteArrayView target, QByteArrayView method)
{
    if (method == "CONNECT" || target == "*")
        return target;
    if (!target.startsWith('/')) {
        const qsizetype scheme = target.indexOf("://");
        if (scheme <= 0)
            return {};
        target = target.sliced(scheme + 3);
        const auto end =
            std::find_if(target.begin(), target.end(), [](char c) { return c == '/' || c == '?'; });
        if (end == target.end() || *end == '?')
            return "/";
        target = target.sliced(end - target.begin());
    }
    const qsizetype query = target.indexOf('?');
    return query < 0 ? target : target.first(query);
}

bool readRequestLine(HttpHead &head, QByteArrayView line)
{
    const qsizetype first = line.indexOf(' ');
    const qsizetype last = line.lastIndexOf(' ');
    if (first < 0 || first == last)
        return false;
    head.method = line.first(first);
    head.target = line.sliced(first + 1, last - first - 1);
    const QByteArrayView version = line.sliced(last + 1);
    if (version.size() != 8 || !version.startsWith("HTTP/1.") || !isDigit(version[7]))
        return false;
    head.minorVersion = version[7] - '0';
    if (!isToken(head.method) || head.target.contains(' ') || head.target.contains('\t'))
        return false;
    head.path = pathOf(head.target, head.method);
    return !head.path.isEmpty();
}

bool readField(HttpHead &head, QByteArrayView line)
{
    const qsizetype colon = line.indexOf(':');
    if (colon < 0)
        return false;
    const QByteArrayView name = line.first(colon);
    if (!isToken(name)) // a folded line begins with white space, which is none
        return false;
    head.fields.append({name, line.sliced(colon + 1).trimmed()});
    return true;
}

} // namespace

Result<HttpHead, HttpHeadError> HttpHead::parse(QByteArrayView bytes)
{
    const QByteArrayView window = bytes.first(std::min(bytes.size(), MaxSize));
    HttpHead head;
    qsizetype begin = 0;
    for (qsizetype end; (end = window.indexOf('\n', begin)) >= 0; begin = end + 1) {
        if (end == begin || window[end - 1] != '\r')
            return Err(HttpHeadError::Malformed);
        const QByteArrayView line = window.sliced(begin, end - 1 - begin);
        const bool isFirst = begin == 0;
        if (line.isEmpty() && !isFirst) {
            head.size = end + 1;
            // Two hosts: whatever stands in front of us may have looked at the other one.
            if (head.count("Host") > 1)
                return Err(HttpHeadError::Malformed);
            return head;
        }
        if (holdsControl(line) || !(isFirst ? readRequestLine(head, line) : readField(head, line)))
            return Err(HttpHeadError::Malformed);
    }
    QByteArrayView rest = window.sliced(begin);
    if (rest.endsWith('\r'))
        rest.chop(1);
    if (holdsControl(rest))
        return Err(HttpHeadError::Malformed);
    return Err(window.size() == MaxSize ? HttpHeadError::TooLarge : HttpHeadError::Incomplete);
}

qsizetype HttpHead::count(QByteArrayView name) const
{
    return std::count_if(fields.begin(), fields.end(),
        [name](const HttpField &field) { return isSame(field.name, name); });
}

QByteArrayView HttpHead::value(QByteArrayView name) const
{
    const auto field = std::find_if(fields.begin(), fields.end(),
        [name](const HttpField &candidate) { return isSame(candidate.name, name); });
    return field == fields.end() ? QByteArrayView() : field->value;
}

bool HttpHead::hasToken(QByteArrayView name, QByteArrayView token) const
{
    for (const HttpField &field : fields) {
        if (!isSame(field.name, name))
            continue;
        QByteArrayView list = field.value;
        while (!list.isEmpty()) {
            const qsizetype comma = list.indexOf(',');
            if (isSame((comma < 0 ? list : list.first(comma)).trimmed(), token))
                return true;
            list = comma < 0 ? QByteArrayView() : list.sliced(comma + 1);
        }
    }
    return false;
}

bool wantsUpgrade(const HttpHead &head)
{
    return head.hasToken("Upgrade", "websocket") || head.count("Sec-WebSocket-Key") > 0;
}

Result<QByteArray, QByteArray> webSocketKey(const HttpHead &head)
{
    const auto wrong = [](const char *text) { return Err(QByteArray(text)); };
    if (head.method != "GET")
        return wrong("an upgrade is a GET request");
    if (head.minorVersion < 1)
        return wrong("an upgrade needs HTTP/1.1");
    if (head.count("Host") != 1)
        return wrong("the Host field is missing");
    if (!head.hasToken("Connection", "upgrade"))
        return wrong("the Connection field does not say Upgrade");
    if (!head.hasToken("Upgrade", "websocket"))
        return wrong("the Upgrade field does not say websocket");
    if (head.count("Sec-WebSocket-Version") != 1 || head.value("Sec-WebSocket-Version") != "13")
        return wrong("Sec-WebSocket-Version is not 13");
    // What follows the head would be taken for frames.
    if (head.count("Transfer-Encoding") > 0
        || (head.count("Content-Length") > 0 && head.value("Content-Length") != "0"))
        return wrong("an upgrade has no body");
    const QByteArray key = head.value("Sec-WebSocket-Key").toByteArray();
    const auto decoded =
        QByteArray::fromBase64Encoding(key, QByteArray::AbortOnBase64DecodingErrors);
    if (head.count("Sec-WebSocket-Key") != 1 || key.size() != 24 || !decoded
        || (*decoded).size() != 16)
        return wrong("Sec-WebSocket-Key is not the base64 of 16 bytes");
    return key;
}

} // namespace relay
