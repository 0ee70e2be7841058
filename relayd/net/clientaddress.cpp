// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/clientaddress.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

namespace relay {

namespace {

/** One entry of X-Forwarded-For: an address, which some proxies write with a port. */
std::optional<QHostAddress> addressOf(QByteArrayView entry)
{
    entry = entry.trimmed();
    if (entry.startsWith('[')) {
        const qsizetype end = entry.indexOf(']');
        if (end < 0)
            return std::nullopt;
        entry = entry.sliced(1, end - 1);
    } else if (entry.count(':') == 1) {
        entry = entry.first(entry.indexOf(':'));
    }
    QHostAddress address;
    // setAddress() takes short forms such as "1" and "127.1" too, which nobody writes here.
    const bool isWhole = entry.contains(':') || entry.count('.') == 3;
    if (!isWhole || !address.setAddress(QString::fromLatin1(entry)))
        return std::nullopt;
    address.setScopeId({});
    return normalized(address);
}

} // namespace

QHostAddress normalized(const QHostAddress &address)
{
    bool isFourth = false;
    const quint32 fourth = address.toIPv4Address(&isFourth);
    // Only ::ffff:0:0/96: the unspecified IPv6 address would count as one too.
    if (!isFourth || address.protocol() == QAbstractSocket::IPv4Protocol)
        return address;
    return address.isEqual(QHostAddress(fourth), QHostAddress::ConvertV4MappedToIPv4)
        ? QHostAddress(fourth)
        : address;
}

QHostAddress peerAddress(int descriptor)
{
    sockaddr_storage storage {};
    socklen_t size = sizeof storage;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&storage), &size) != 0)
        return {};
    return normalized(QHostAddress(reinterpret_cast<const sockaddr *>(&storage)));
}

bool isTrusted(const QHostAddress &address, const QList<Subnet> &trusted)
{
    return std::ranges::any_of(trusted,
        [&](const Subnet &subnet) { return address.isInSubnet(subnet.base, subnet.prefix); });
}

QHostAddress clientAddress(
    const QHostAddress &peer, const HttpHead &head, const QList<Subnet> &trusted)
{
    QHostAddress client = peer;
    // Several fields are one list, in their order (RFC 9110, 5.3).
    for (auto field = head.fields.crbegin(); field != head.fields.crend(); ++field) {
        if (field->name.compare("X-Forwarded-For", Qt::CaseInsensitive) != 0)
            continue;
        QByteArrayView rest = field->value;
        while (isTrusted(client, trusted)) {
            const qsizetype comma = rest.lastIndexOf(',');
            const auto address = addressOf(rest.sliced(comma + 1));
            if (!address)
                return client;
            client = *address;
            if (comma < 0)
                break;
            rest = rest.first(comma);
        }
        if (!isTrusted(client, trusted))
            return client;
    }
    return client;
}

} // namespace relay
