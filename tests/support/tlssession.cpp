// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tlssession.h"

#include <QtGlobal>

#include <openssl/err.h>

#include <cerrno>

namespace relay::test {

std::unique_ptr<TlsSession> TlsSession::connect(
    int descriptor, const QByteArray &caFile, const QByteArray &name)
{
    std::unique_ptr<TlsSession> tls(new TlsSession);
    // The session has its own copies of the context's settings, except of whom to trust.
    SSL *session = tls->m_session.get();
    SSL_set_verify(session, SSL_VERIFY_PEER, nullptr);
    // Session tickets are no data: waiting for some behind them is for whoever has the deadline.
    SSL_clear_mode(session, SSL_MODE_AUTO_RETRY);
    if (SSL_CTX_load_verify_file(tls->m_context.get(), caFile.constData()) != 1
        || SSL_set1_host(session, name.constData()) != 1
        || SSL_set_tlsext_host_name(session, name.constData()) != 1
        || SSL_set_fd(session, descriptor) != 1 || SSL_connect(session) != 1) {
        char reason[256] = "the connection ended";
        if (const unsigned long error = ERR_peek_last_error())
            ERR_error_string_n(error, reason, sizeof reason);
        qWarning("TLS: %s", reason);
        return nullptr;
    }
    return tls;
}

bool TlsSession::send(const QByteArray &bytes)
{
    size_t sent = 0;
    return SSL_write_ex(
               m_session.get(), bytes.constData(), static_cast<size_t>(bytes.size()), &sent)
        == 1;
}

bool TlsSession::hasPending() const
{
    return SSL_pending(m_session.get()) > 0;
}

ssize_t TlsSession::receive(char *buffer, size_t size)
{
    size_t got = 0;
    if (SSL_read_ex(m_session.get(), buffer, size, &got) == 1)
        return static_cast<ssize_t>(got);
    switch (SSL_get_error(m_session.get(), 0)) {
    case SSL_ERROR_WANT_READ:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_SYSCALL:
        return -1;
    default:
        return 0;
    }
}

} // namespace relay::test
