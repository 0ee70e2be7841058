// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/clientaddress.h"
#include "tests/fuzz/fuzzing.h"

#include <QList>

#include <arpa/inet.h>

#include <optional>

using namespace relay;
using namespace relay::test;

// The input: a byte that chooses the peer, then X-Forwarded-For; each line feed begins another
// field of that name.

namespace {

const QList<Subnet> &trusted()
{
    static const QList<Subnet> list {{QHostAddress(QStringLiteral("10.0.0.0")), 8},
        {QHostAddress(QStringLiteral("127.0.0.1")), 32},
        {QHostAddress(QStringLiteral("fd00::")), 8}};
    return list;
}

QHostAddress peerOf(quint8 choice)
{
    static const QList<QHostAddress> peers {QHostAddress(QStringLiteral("127.0.0.1")),
        QHostAddress(QStringLiteral("10.1.2.3")), QHostAddress(QStringLiteral("fd00::1")),
        QHostAddress(QStringLiteral("192.0.2.1")), QHostAddress(QStringLiteral("2001:db8::1"))};
    return peers[choice % peers.size()];
}

QByteArray headOf(const QList<QByteArray> &values)
{
    QByteArray head = "GET / HTTP/1.1\r\n";
    for (const QByteArray &value : values)
        head += "X-Forwarded-For: " + value + "\r\nAccept: 1.2.3.4\r\n";
    return head + "\r\n";
}

QHostAddress clientOf(const QHostAddress &peer, const QByteArray &bytes)
{
    return clientAddress(peer, *HttpHead::parse(bytes), trusted());
}

/** What the C library makes of an entry that is nothing but an address. */
std::optional<QHostAddress> plainAddress(const QByteArray &entry)
{
    in_addr fourth;
    if (::inet_pton(AF_INET, entry.constData(), &fourth) == 1)
        return QHostAddress(ntohl(fourth.s_addr));
    in6_addr sixth;
    if (::inet_pton(AF_INET6, entry.constData(), &sixth) != 1)
        return std::nullopt;
    if (IN6_IS_ADDR_V4MAPPED(&sixth))
        return QHostAddress(quint32(sixth.s6_addr[12]) << 24 | quint32(sixth.s6_addr[13]) << 16
            | quint32(sixth.s6_addr[14]) << 8 | quint32(sixth.s6_addr[15]));
    return QHostAddress(sixth.s6_addr);
}

bool isProxy(const QHostAddress &address)
{
    return isTrusted(address, trusted());
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzInput input({data, static_cast<qsizetype>(size)});
    const QHostAddress peer = peerOf(input.byte());
    const auto values = input.rest().toByteArray().split('\n');
    const QByteArray bytes = headOf(values);
    // Control characters never get this far.
    if (!HttpHead::parse(bytes))
        return 0;
    const QHostAddress client = clientOf(peer, bytes);
    require(!client.isNull(), "there is always somebody");
    if (!isProxy(peer)) {
        require(client == peer, "only proxies are believed");
        return 0;
    }

    // From the right, as far as every entry is a plain address.
    QHostAddress expected = peer;
    bool isPlain = true;
    const auto entries = values.join(',').split(',');
    for (qsizetype i = entries.size() - 1; i >= 0 && isProxy(expected) && isPlain; --i) {
        const auto address = plainAddress(entries[i].trimmed());
        isPlain = address.has_value();
        if (isPlain)
            expected = *address;
    }
    if (isPlain)
        require(client == expected, "the first from the right that is no proxy is the client");

    // Whoever is found cannot be changed by who stands left of it.
    if (!isProxy(client)) {
        QList<QByteArray> more = values;
        more.front().prepend("198.51.100.9, ");
        if (HttpHead::parse(headOf(more)))
            require(
                clientOf(peer, headOf(more)) == client, "inventions on the left change nothing");
    }
    return 0;
}
