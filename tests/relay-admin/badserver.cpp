// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/relay-admin/badserver.h"

#include <QTcpSocket>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace relay::test {

namespace {

template <typename Write>
QByteArray pemOf(Write write)
{
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
    write(bio.get());
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<qsizetype>(size)};
}

void addExtension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

} // namespace

Certificate Certificate::selfSigned(int daysLeft)
{
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), X509_free);
    constexpr long Day = 86'400;
    X509_set_version(x509.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -365 * Day);
    // Half a day more, so that the number of whole days does not depend on the moment.
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), daysLeft * Day + Day / 2);
    X509_NAME *name = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
        reinterpret_cast<const unsigned char *>("Nobody's Authority"), -1, -1, 0);
    X509_set_issuer_name(x509.get(), name);
    X509_set_pubkey(x509.get(), key.get());
    addExtension(x509.get(), NID_basic_constraints, "critical,CA:TRUE");
    addExtension(x509.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_sign(x509.get(), key.get(), EVP_sha256());
    const QByteArray certificatePem = pemOf([&](BIO *bio) { PEM_write_bio_X509(bio, x509.get()); });
    const QByteArray keyPem = pemOf([&](BIO *bio) {
        PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return {QSslCertificate(certificatePem), QSslKey(keyPem, QSsl::Ec)};
}

BadServer::BadServer(const Answerer &answerer, const Certificate *certificate)
    : m_answerer(answerer)
{
    if (certificate) {
        auto server = std::make_unique<QSslServer>();
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        tls.setLocalCertificate(certificate->certificate);
        tls.setPrivateKey(certificate->key);
        server->setSslConfiguration(tls);
        m_server = std::move(server);
    } else {
        m_server = std::make_unique<QTcpServer>();
    }
    connect(m_server.get(), &QTcpServer::pendingConnectionAvailable, this, [this] {
        while (QTcpSocket *socket = m_server->nextPendingConnection())
            serve(socket);
    });
    if (!m_server->listen(QHostAddress::LocalHost))
        qFatal("no port is free");
}

QUrl BadServer::url() const
{
    const bool isTls = qobject_cast<QSslServer *>(m_server.get());
    return QUrl(QStringLiteral("%1://127.0.0.1:%2")
                    .arg(isTls ? QStringLiteral("https") : QStringLiteral("http"))
                    .arg(port()));
}

int BadServer::count(const QByteArray &path) const
{
    return static_cast<int>(std::count_if(m_requests.begin(), m_requests.end(),
        [&path](const Request &request) { return request.path == path; }));
}

void BadServer::serve(QTcpSocket *socket)
{
    connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    const auto head = std::make_shared<QByteArray>();
    const auto read = [this, socket, head] {
        const bool isComplete = head->contains("\r\n\r\n");
        *head += socket->readAll();
        if (isComplete || !head->contains("\r\n\r\n"))
            return;
        const QByteArray path = head->mid(4, head->indexOf(' ', 4) - 4);
        m_requests.append({path, *head});
        m_mostAtOnce = std::max(m_mostAtOnce, ++m_open[path]);
        connect(socket, &QTcpSocket::disconnected, this, [this, path] { --m_open[path]; });
        m_answerer(socket, m_requests.last());
    };
    connect(socket, &QTcpSocket::readyRead, this, read);
    read();
}

QByteArray BadServer::answer(
    int status, const QByteArray &body, const QByteArray &type, const QByteArray &fields)
{
    return "HTTP/1.1 " + QByteArray::number(status) + " Words of the peer\r\n"
        + (type.isEmpty() ? "" : "Content-Type: " + type + "\r\n") + fields + "Content-Length: "
        + QByteArray::number(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

BadServer::Answerer BadServer::always(const QByteArray &bytes)
{
    return [bytes](QTcpSocket *socket, const Request &) {
        socket->write(bytes);
        socket->disconnectFromHost();
    };
}

QByteArray BadServer::goodAnswer(const QByteArray &path)
{
    if (path.endsWith("/metrics"))
        return answer(
            200, "# TYPE relay_ready gauge\nrelay_ready 1\n", "text/plain; version=0.0.4");
    return answer(
        200, R"({"status":"ok","version":"1.2.3","uptime_seconds":42})", "application/json");
}

} // namespace relay::test
