// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <openssl/ssl.h>

#include <memory>

namespace relay::test {

/**
 * A client's TLS on a connected blocking socket, which stays its owner's. Trusts one file of
 * certificates, and asks for one that holds for the name.
 */
class TlsSession {
public:
    /** Shakes hands; null: that failed, and the reason went to the log. */
    static std::unique_ptr<TlsSession> connect(
        int descriptor, const QByteArray &caFile, const QByteArray &name);

    bool send(const QByteArray &bytes);
    /** Whether receive() has something without the socket. */
    bool hasPending() const;
    /** As recv(); -1 with EAGAIN where what came was no data. */
    ssize_t receive(char *buffer, size_t size);

private:
    using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
    using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

    TlsSession() = default;

    Context m_context {SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    Session m_session {SSL_new(m_context.get()), SSL_free};
};

} // namespace relay::test
