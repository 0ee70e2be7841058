// SPDX-License-Identifier: GPL-3.0-or-later
// A client of a relay behind a proxy that ends TLS, on 127.0.0.1:443. Each command checks one
// thing, says what it saw, and ends with 1 if it was another.
#include "tests/support/rawclient.h"

#include <QByteArrayList>
#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QtEndian>

#include <csignal>
#include <cstdio>
#include <functional>
#include <map>
#include <vector>

using namespace relay;
using namespace relay::test;

namespace {

const char *const Usage = R"(Usage: proxy-client CA NAME COMMAND

CA: the file of certificates to trust. NAME: the relay's name in the certificate.

  large BYTES      a message of so many bytes is stored and delivered; one more is refused (1009)
  silent SECONDS   whoever only answers pings for so long is still connected
  addresses        with one connection for each address, a second one from 127.0.0.2 is answered 429,
                   whatever it claims, and one from 127.0.0.3 is served
  connections N    of N + 1 connections from one address the last is answered 429
)";

constexpr quint16 Port = 443;

class ProxyClient : public RawClient {
public:
    ProxyClient(const QByteArray &caFile, const QByteArray &name, const QByteArray &from = {})
        : RawClient(Port, "127.0.0.1", from)
        , m_name(name)
    {
        if (!startTls(caFile, name)) {
            std::fprintf(stderr, "no TLS connection to port %d\n", Port);
            disconnect();
        }
    }

    /** The status of the answer; 0: none came. */
    int upgrade(const QByteArray &moreFields = {})
    {
        sendBytes("GET / HTTP/1.1\r\nHost: " + m_name
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + moreFields + "\r\n");
        return readHead().mid(sizeof "HTTP/1.1 " - 1, 3).toInt();
    }

    bool joinAs(const Id &id)
    {
        Handshake handshake;
        handshake.clientId = WrittenId::of(id);
        if (upgrade() != 101)
            return false;
        send(handshake);
        return expect<HandshakeAck>().has_value();
    }

private:
    const QByteArray m_name;
};

using Connect = std::function<ProxyClient(const QByteArray &from)>;

bool isWanted(const char *what, int got, int wanted)
{
    std::printf("%s: %d%s\n", what, got,
        got == wanted ? "" : qPrintable(QStringLiteral(", wanted %1").arg(wanted)));
    return got == wanted;
}

/** A frame of the protocol that is so large, with spaces behind the envelope. */
QByteArray padded(const EncryptedUpdate &update, qsizetype size, const QByteArray &messageId)
{
    QByteArray frame = encodeFrame({messageId, 0, update});
    frame.append(size - frame.size(), ' ');
    qToBigEndian(static_cast<quint32>(size - 4), frame.data());
    return frame;
}

bool large(const Connect &connect, qsizetype size)
{
    const Id recipient = freshId();
    EncryptedUpdate update {WrittenId::of(recipient), WrittenId::of(freshId()), {}};
    // Each byte takes four characters at most, so what is delivered is about as large.
    while (encodeFrame({"large", 0, update}).size() + 4096 < size) {
        QByteArray more(1024, Qt::Uninitialized);
        QRandomGenerator::system()->generate(more.begin(), more.end());
        update.ciphertext += more;
    }

    ProxyClient sender = connect({});
    if (!sender.joinAs(freshId()))
        return false;
    sender.sendFrame(padded(update, size, "large"));
    const auto stored = sender.expectAck("large");
    std::printf("%lld bytes: %s\n", static_cast<long long>(size),
        !stored                                   ? "no answer"
            : stored->status == AckStatus::Stored ? "stored"
                                                  : "refused");
    if (!stored || stored->status != AckStatus::Stored)
        return false;

    ProxyClient taker = connect({});
    const auto delivered = taker.joinAs(recipient) ? taker.expect<EncryptedUpdate>() : std::nullopt;
    const bool isSame = delivered && delivered->ciphertext == update.ciphertext;
    std::printf("its %lld bytes of ciphertext: %s\n",
        static_cast<long long>(update.ciphertext.size()),
        isSame          ? "delivered"
            : delivered ? "delivered, others"
                        : "not delivered");

    sender.sendFrame(padded(update, size + 1, "larger"));
    return isWanted("one byte more, close code", sender.waitForClose(), 1009) && isSame;
}

bool silent(const Connect &connect, int seconds)
{
    ProxyClient client = connect({});
    if (!client.joinAs(freshId()))
        return false;
    QElapsedTimer since;
    since.start();
    // Answers pings, and returns before the time is over only if the connection ends.
    client.receive(seconds * 1000);
    const double silence = static_cast<double>(since.elapsed()) / 1000;
    client.send(PurgeRequest {});
    const bool isThere = client.expect<PurgeResponse>().has_value();
    std::printf("after %.1f s of silence: %s\n", silence, isThere ? "served" : "cut");
    return isThere;
}

bool addresses(const Connect &connect)
{
    // Not from 127.0.0.1: that is the proxy's own, which is not limited.
    ProxyClient first = connect("127.0.0.2");
    bool holds = isWanted("the first from 127.0.0.2", first.upgrade(), 101);
    holds &= isWanted("a second from 127.0.0.2", connect("127.0.0.2").upgrade(), 429);
    holds &= isWanted("that claims to be somebody else",
        connect("127.0.0.2").upgrade("X-Forwarded-For: 203.0.113.9\r\n"), 429);
    ProxyClient other = connect("127.0.0.3");
    holds &= isWanted("the first from 127.0.0.3", other.upgrade(), 101);
    return holds;
}

bool connections(const Connect &connect, int most)
{
    std::vector<ProxyClient> open;
    for (int n = 0; n < most; ++n) {
        open.push_back(connect("127.0.0.4"));
        const int status = open.back().upgrade();
        if (status != 101) {
            std::printf("connection %d: ", n + 1);
            return isWanted("answered", status, 101);
        }
    }
    std::printf("%d connections are open\n", most);
    return isWanted("one more", connect("127.0.0.4").upgrade(), 429);
}

} // namespace

int main(int argc, char *argv[])
{
    // A proxy that ends a connection is a result.
    std::signal(SIGPIPE, SIG_IGN);
    const QByteArrayList words(argv + 1, argv + argc);
    const QByteArray command = words.value(2);
    const int number = words.value(3).toInt();
    const Connect connect = [&](const QByteArray &from) {
        return ProxyClient(words[0], words[1], from);
    };
    const std::map<QByteArray, std::function<bool()>> commands {
        {"large", [&] { return large(connect, number); }},
        {"silent", [&] { return silent(connect, number); }},
        {"addresses", [&] { return addresses(connect); }},
        {"connections", [&] { return connections(connect, number); }},
    };
    const auto chosen = commands.find(command);
    if (chosen == commands.end()) {
        std::fputs(Usage, stderr);
        return 64;
    }
    return chosen->second() ? 0 : 1;
}
