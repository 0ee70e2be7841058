// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/postgresserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QByteArray>
#include <QDeadlineTimer>
#include <QProcess>

#include <vector>

/** What the tests of several relays on one server share. */
namespace relay::test {

/** A client that has shaken hands. */
inline RawClient joined(const RelayProcess &relay, const Id &id)
{
    RawClient client(relay.port());
    if (!client.join(id))
        qFatal("the handshake is not answered");
    return client;
}

/** Everything stored for `id`, in order; acknowledged if asked. */
inline std::vector<QByteArray> fetch(
    const RelayProcess &relay, const Id &id, bool acknowledges = true)
{
    RawClient client(relay.port());
    std::vector<QByteArray> found;
    if (!client.join(id))
        return found;
    // A message of its own, stored behind everything else, is the end.
    const QByteArray end = "end " + freshId().toHex();
    client.send(EncryptedUpdate {WrittenId::of(id), WrittenId::of(id), end});
    for (;;) {
        Envelope envelope;
        const auto update = client.expect<EncryptedUpdate>(&envelope);
        if (!update)
            return {"the end does not come"};
        if (acknowledges || update->ciphertext == end)
            client.send(Acknowledgment {envelope.messageId, AckStatus::ReceivedByRecipient, {}});
        if (update->ciphertext == end)
            break;
        found.push_back(update->ciphertext);
    }
    // Answered after the acks were applied.
    client.send(RecoveryProofQuery {{freshId()}});
    client.expect<RecoveryProofResponse>();
    return found;
}

/** The status code of GET `path`; `body`: what came with it. */
inline int status(const RelayProcess &relay, const QByteArray &path, QByteArray *body = nullptr)
{
    int code = 0;
    const QByteArray text = relay.get(path, &code);
    if (body)
        *body = text;
    return code;
}

/** Somebody else's transaction, in psql: open until end(). */
class OpenTransaction {
public:
    OpenTransaction(const QString &url, const QByteArray &statements)
    {
        m_psql.setProcessChannelMode(QProcess::MergedChannels);
        m_psql.start(PostgresServer::programs() + QStringLiteral("/psql"),
            {QStringLiteral("-X"), QStringLiteral("-q"), QStringLiteral("-d"), url});
        m_psql.write("BEGIN;\n" + statements + "\n\\echo it is open\n");
        const QDeadlineTimer deadline(RawClient::Timeout);
        while (!m_output.contains("it is open") && !deadline.hasExpired()
            && m_psql.waitForReadyRead(RawClient::Timeout))
            m_output += m_psql.readAll();
    }
    bool isOpen() const { return m_output.contains("it is open") && !m_output.contains("ERROR"); }
    QByteArray output() const { return m_output; }
    bool end()
    {
        m_psql.write("COMMIT;\n");
        m_psql.closeWriteChannel();
        return m_psql.waitForFinished(RawClient::Timeout);
    }

private:
    QProcess m_psql;
    QByteArray m_output;
};

} // namespace relay::test
