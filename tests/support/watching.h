// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

/** What tests look at from outside: answers in HTTP, counters, Close frames. */
namespace relay::test {

struct HttpAnswer {
    int status = 0;
    QByteArray head;
    QByteArray body;

    static HttpAnswer of(const QByteArray &bytes)
    {
        const qsizetype end = bytes.indexOf("\r\n\r\n");
        if (!bytes.startsWith("HTTP/1.1 ") || end < 0)
            return {};
        return {bytes.mid(9, 3).toInt(), bytes.left(end + 4), bytes.mid(end + 4)};
    }
    /** The field of the body, which is to be one JSON object with this one field. */
    QString onlyField(const char *name) const
    {
        const QJsonObject object = QJsonDocument::fromJson(body).object();
        return object.size() == 1 ? object.value(QLatin1String(name)).toString() : QString();
    }
};

/** How far the counters of a relay moved since this was made. */
class Counted {
public:
    explicit Counted(const RelayProcess &relay)
        : m_relay(relay)
        , m_before(relay.metrics())
    {
    }
    /** Asks the relay each time. */
    double operator()(const QByteArray &name) const
    {
        return m_relay.metric(name).value_or(-1e9) - m_before.value(name);
    }
    double refused(const char *reason) const { return (*this)(refusedName(reason)); }

    static QByteArray refusedName(const QByteArray &reason)
    {
        return "relay_messages_refused_total{reason=\"" + reason + "\"}";
    }

private:
    const RelayProcess &m_relay;
    const QMap<QByteArray, double> m_before;
};

/** Reads to the relay's Close: its code; 0: there was none; -1: its reason breaks the rules. */
inline int closeOf(RawClient &client)
{
    const int code = client.waitForClose();
    const QByteArray reason = client.closeReason();
    const bool isPrintable =
        std::all_of(reason.begin(), reason.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    const bool isFine = isPrintable && reason.size() <= 123;
    return isFine && (code <= 1000 || !reason.isEmpty()) ? code : -1;
}

/** Whether everything that `client` sent before was handled, and it is still served. */
inline bool isServed(RawClient &client)
{
    static int number = 0;
    const QByteArray id = "fence-" + QByteArray::number(++number);
    client.send(RecoveryProofQuery {{freshId()}}, id);
    Envelope envelope;
    while (client.expect<RecoveryProofResponse>(&envelope)) {
        if (envelope.messageId == id)
            return true;
    }
    return false;
}

inline Handshake handshakeOf(const Id &clientId)
{
    Handshake handshake;
    handshake.clientId = WrittenId::of(clientId);
    return handshake;
}

} // namespace relay::test
