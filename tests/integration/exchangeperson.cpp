// SPDX-License-Identifier: GPL-3.0-or-later

// One act of a client in the field, as a process of its own, with its habits (the protocol's
// README, chapter 7): what it sends goes out in one segment before any answer, what it does not
// need it never reads, and it exits without waiting, so that the kernel resets the connection.

#include "tests/support/rawclient.h"

#include <QCoreApplication>
#include <QStringList>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

/** How long the client listens for the next delivery before it takes itself for done. */
constexpr int GapMillis = 1000;
/** The same for what the test knows to be there: a machine may be busy. */
constexpr int PatienceMillis = 20'000;
/** Between the last write and the Close. */
constexpr auto PauseBeforeClose = 100ms;

Handshake handshakeOf(const Id &self)
{
    Handshake handshake;
    handshake.clientId = WrittenId::of(self);
    return handshake;
}

/** Handshake and one update in one segment; reads nothing; Close; exit. */
void sendAndLeave(quint16 port, const Id &self, const Id &to, const QByteArray &payload)
{
    RawClient client(port);
    if (!client.upgrade())
        ::_exit(2);
    const EncryptedUpdate update {WrittenId::of(to), WrittenId::of(self), payload};
    client.sendBytes(RawClient::encode(handshakeOf(self), "hello-message-id")
        + RawClient::encode(update, "update-message-id"));
    // Something is there that it does not read, however long the relay takes.
    pollfd answers {client.descriptor(), POLLIN, 0};
    ::poll(&answers, 1, PatienceMillis);
    std::this_thread::sleep_for(PauseBeforeClose);
    client.sendClose();
    int unread = 0;
    ::ioctl(client.descriptor(), FIONREAD, &unread);
    std::printf("unread %d\n", unread);
    std::fflush(stdout);
}

/**
 * Handshake with a device id; takes and acks everything until nothing comes for a second, at least
 * `expected`; then, with the first connection still open, sends on a second one; leaves without a
 * Close.
 */
void sync(quint16 port, const Id &self, const Id &to, int expected, const QByteArray &payload)
{
    RawClient client(port);
    Handshake handshake = handshakeOf(self);
    handshake.deviceId = WrittenId::of(self);
    if (!client.join(handshake))
        ::_exit(2);
    int taken = 0;
    while (auto envelope = client.receive(taken < expected ? PatienceMillis : GapMillis)) {
        const auto *update = std::get_if<EncryptedUpdate>(&envelope->message);
        if (!update)
            continue;
        ++taken;
        std::printf("got %s\n", update->ciphertext.constData());
        client.send(Acknowledgment {envelope->messageId, AckStatus::ReceivedByRecipient, {}});
    }
    if (!payload.isEmpty())
        sendAndLeave(port, self, to, payload);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    // exchangeperson PORT send|sync SELF TO EXPECTED [PAYLOAD]
    const auto self = Id::fromHex(words.value(3).toLatin1());
    const auto to = Id::fromHex(words.value(4).toLatin1());
    if (!self || !to)
        return 64;
    const quint16 port = words.value(1).toUShort();
    const int expected = words.value(5).toInt();
    const QByteArray payload = words.value(6).toUtf8();
    if (words.value(2) == QStringLiteral("send"))
        sendAndLeave(port, *self, *to, payload);
    else
        sync(port, *self, *to, expected, payload);
    // No destructors, no goodbyes.
    ::_exit(0);
}
