// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QByteArray>
#include <QList>

#include <atomic>
#include <thread>

/** Mail that says itself which one it is, so that a test knows what was lost or came twice. */
namespace relay::test {

/** The ciphertext of the n-th blob; `size` bytes or so. */
inline QByteArray numberedMail(int n, int size = 200)
{
    return QByteArray::number(n) + ' ' + QByteArray(size + n % 50, static_cast<char>(n));
}

/** The number of what numberedMail() made; -1 if a byte of it is another. */
inline int numberOf(const QByteArray &mail, int size = 200)
{
    const int n = mail.left(mail.indexOf(' ')).toInt();
    return mail == numberedMail(n, size) ? n : -1;
}

/** Stores the numbers from `from` up to `to` for `recipient`; false: one was not acknowledged. */
inline bool storeMail(
    const RelayProcess &relay, const Id &recipient, int from, int to, int size = 200)
{
    RawClient sender(relay.port());
    if (!sender.join(freshId()))
        return false;
    QByteArray bytes;
    for (int n = from; n < to; ++n)
        bytes += RawClient::encode(
            EncryptedUpdate {WrittenId::of(recipient), std::nullopt, numberedMail(n, size)},
            QByteArray::number(n));
    std::thread writer([&] { sender.sendBytes(bytes); });
    bool ok = true;
    for (int n = from; ok && n < to; ++n) {
        const auto ack = sender.expectAck(QByteArray::number(n));
        ok = ack && ack->status == AckStatus::Stored;
    }
    if (!ok)
        sender.shutdownOutput();
    writer.join();
    return ok;
}

/** The numbers of all that the relay holds for `recipient`, as delivered; nobody acknowledges. */
inline QList<int> deliveredMail(const RelayProcess &relay, const Id &recipient, int size = 200)
{
    RawClient client(relay.port());
    QList<int> numbers;
    if (!client.join(recipient))
        return numbers;
    const auto held = static_cast<int>(relay.metric("relay_blobs_stored").value_or(0));
    for (int i = 0; i < held; ++i) {
        const auto update = client.expect<EncryptedUpdate>();
        if (!update)
            break;
        numbers << numberOf(update->ciphertext, size);
    }
    return numbers;
}

/** From, from + 1, … up to before `to`. */
inline QList<int> numbersUpTo(int to, int from = 0)
{
    QList<int> numbers;
    for (int n = from; n < to; ++n)
        numbers << n;
    return numbers;
}

/** Somebody who stores numbered mail, one after the other, until told to stop. */
class SteadySender {
public:
    SteadySender(const RelayProcess &relay, const Id &recipient)
        : m_thread([this, port = relay.port(), recipient] { run(port, recipient); })
    {
    }
    ~SteadySender() { stop(); }

    /** All numbers below this one are acknowledged. */
    int acknowledged() const { return m_acknowledged; }
    /** Ends it; whether each was acknowledged. */
    bool stop()
    {
        m_isStopping = true;
        if (m_thread.joinable())
            m_thread.join();
        return m_isFine;
    }

private:
    void run(quint16 port, const Id &recipient)
    {
        RawClient sender(port);
        m_isFine = sender.join(freshId()).has_value();
        while (m_isFine && !m_isStopping) {
            const auto ack = sender.store(recipient, numberedMail(m_acknowledged), freshId());
            m_isFine = ack && ack->status == AckStatus::Stored;
            m_acknowledged += m_isFine;
        }
    }

    std::atomic<int> m_acknowledged {0};
    std::atomic<bool> m_isStopping {false};
    std::atomic<bool> m_isFine {false};
    std::thread m_thread;
};

} // namespace relay::test
