// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/connectiontest.h"

#include "relay-admin/client/answers.h"
#include "relay-admin/client/httpquery.h"
#include "relay-admin/client/tls.h"

#include <QDateTime>
#include <QHostAddress>
#include <QHostInfo>
#include <QNetworkRequest>
#include <QSslCertificate>
#include <QSslError>
#include <QSslSocket>
#include <QWebSocket>

#include <algorithm>

namespace relay::admin {

namespace {

/** Nobody has said anything that long before a handshake. */
constexpr quint64 MaxUnaskedBytes = 64 * 1024;
constexpr qsizetype MaxIssuerLength = 200;

constexpr std::array Steps {TestStep::Dns, TestStep::Tcp, TestStep::Tls, TestStep::Health,
    TestStep::Ready, TestStep::Metrics, TestStep::WebSocket};

/** Who answers for a certificate: untrusted words, made plain. */
QString issuerOf(const QSslCertificate &certificate)
{
    QStringList names = certificate.issuerInfo(QSslCertificate::CommonName)
        + certificate.issuerInfo(QSslCertificate::Organization);
    QString name = names.value(0).left(MaxIssuerLength);
    for (QChar &c : name) {
        if (!c.isPrint() || c.category() == QChar::Other_Format)
            c = u' ';
    }
    return name;
}

QString certificateText(const QSslCertificate &certificate)
{
    const qint64 days = QDateTime::currentDateTimeUtc().daysTo(certificate.expiryDate());
    return ConnectionTest::tr("Issued by %1. %n days left.", nullptr, int(days))
        .arg(issuerOf(certificate));
}

QString tlsAdvice(const QList<QSslError> &errors)
{
    const auto has = [&errors](std::initializer_list<QSslError::SslError> kinds) {
        return std::any_of(errors.begin(), errors.end(), [&kinds](const QSslError &error) {
            return std::find(kinds.begin(), kinds.end(), error.error()) != kinds.end();
        });
    };
    if (has({QSslError::CertificateExpired, QSslError::CertificateNotYetValid}))
        return ConnectionTest::tr(
            "Renew the certificate; if it is new, look at the clocks of both computers.");
    if (has({QSslError::HostNameMismatch}))
        return ConnectionTest::tr("Use the name that the certificate was made for.");
    if (has({QSslError::SelfSignedCertificate, QSslError::SelfSignedCertificateInChain,
            QSslError::UnableToGetLocalIssuerCertificate, QSslError::UnableToGetIssuerCertificate,
            QSslError::UnableToVerifyFirstCertificate, QSslError::CertificateUntrusted}))
        return ConnectionTest::tr("If the authority is your own, choose its file in the profile.");
    return ConnectionTest::tr("Does this port speak TLS? Without it the address begins with http.");
}

QString answerAdvice(const Answer &answer, TestStep step)
{
    switch (answer.outcome) {
    case Outcome::Unauthorized:
        return step == TestStep::Metrics
            ? ConnectionTest::tr("Enter the token that the relay has in RELAY_METRICS_TOKEN.")
            : ConnectionTest::tr("A proxy in front of the relay may ask for a header.");
    case Outcome::HttpError:
        return ConnectionTest::tr("Is the path in the address right? A relay itself has none.");
    case Outcome::Malformed:
        return ConnectionTest::tr("Is this the monitoring port of a relay? It is usually 8081.");
    case Outcome::Redirected:
        return ConnectionTest::tr("Enter the address that it points to, if you trust it.");
    case Outcome::Unavailable:
        return ConnectionTest::tr("The relay runs, but takes no messages now; see its log.");
    case Outcome::TimedOut:
        return ConnectionTest::tr("Something is there and does not answer. Is it the right port?");
    default:
        return {};
    }
}

QString answerText(const PollResult &result, TestStep step)
{
    switch (step) {
    case TestStep::Health:
        return result.healthReport.version.isEmpty()
            ? QString()
            : ConnectionTest::tr("Version %1.").arg(result.healthReport.version);
    case TestStep::Metrics:
        return result.exposition
            ? ConnectionTest::tr("%n metrics.", nullptr, int(result.exposition->families.size()))
            : QString();
    default:
        break;
    }
    for (const ReadyCheck &check : result.readyChecks) {
        if (!check.isOk)
            return ConnectionTest::tr("%1: %2", "name of a check, reason")
                .arg(check.name, check.reason);
    }
    return {};
}

} // namespace

QString nameOf(TestStep step)
{
    switch (step) {
    case TestStep::Dns:
        return ConnectionTest::tr("Name of the host");
    case TestStep::Tcp:
        return ConnectionTest::tr("Connection");
    case TestStep::Tls:
        return ConnectionTest::tr("TLS");
    case TestStep::Health:
        return ConnectionTest::tr("/health");
    case TestStep::Ready:
        return ConnectionTest::tr("/ready");
    case TestStep::Metrics:
        return ConnectionTest::tr("/metrics");
    case TestStep::WebSocket:
        break;
    }
    return ConnectionTest::tr("WebSocket");
}

ConnectionTest::ConnectionTest(QObject *parent)
    : QObject(parent)
{
    m_deadline.setSingleShot(true);
    m_deadline.callOnTimeout(this, &ConnectionTest::endLate);
}

ConnectionTest::~ConnectionTest()
{
    release();
}

void ConnectionTest::start(const Profile &profile, const QString &token)
{
    cancel();
    m_profile = profile;
    m_token = token;
    m_tls = tlsConfiguration(profile);
    m_results.fill({});
    for (const TestStep step : Steps)
        emit changed(step);
    begin(TestStep::Dns);
}

void ConnectionTest::cancel()
{
    if (!m_step)
        return;
    m_deadline.stop();
    m_step.reset();
    release();
    for (const TestStep step : Steps) {
        const TestState state = result(step).state;
        if (state == TestState::Waiting || state == TestState::Running)
            skip(step, tr("Cancelled."));
    }
}

void ConnectionTest::release()
{
    if (m_lookup >= 0)
        QHostInfo::abortHostLookup(std::exchange(m_lookup, -1));
    for (QObject *object : std::initializer_list<QObject *> {m_socket.get(), m_webSocket.get()}) {
        if (object)
            object->disconnect(this);
    }
    m_socket.reset();
    m_query.reset();
    if (m_webSocket)
        m_webSocket->abort();
    m_webSocket.reset();
}

void ConnectionTest::skip(TestStep step, const QString &detail)
{
    m_results[size_t(step)] = {TestState::Skipped, detail, {}, {}};
    emit changed(step);
}

/** The monitoring port has failed at a step below this one. */
bool ConnectionTest::isPrevented(TestStep step) const
{
    if (step == TestStep::WebSocket)
        return false;
    return std::any_of(Steps.begin(), Steps.end(), [&](TestStep earlier) {
        return earlier < std::min(step, TestStep::Health)
            && result(earlier).state == TestState::Failed;
    });
}

bool ConnectionTest::isTls() const
{
    return m_profile.monitoringUrl.scheme() == u"https";
}

void ConnectionTest::begin(TestStep step)
{
    m_step = step;
    m_duration.start();
    if (isPrevented(step))
        return end(TestState::Skipped, tr("A step before it failed."));
    m_results[size_t(step)] = {TestState::Running, {}, {}, {}};
    m_deadline.start(m_timeLimit);
    emit changed(step);
    // Whoever heard it may have cancelled.
    if (m_step != step || result(step).state != TestState::Running)
        return;
    switch (step) {
    case TestStep::Dns:
        return lookUp();
    case TestStep::Tcp:
        return connectTcp();
    case TestStep::Tls:
        return agreeOnTls();
    case TestStep::Health:
        return ask(QStringLiteral("/health"));
    case TestStep::Ready:
        return ask(QStringLiteral("/ready"));
    case TestStep::Metrics:
        return ask(QStringLiteral("/metrics"));
    case TestStep::WebSocket:
        return upgrade();
    }
}

void ConnectionTest::end(TestState state, const QString &detail, const QString &advice)
{
    m_deadline.stop();
    const TestStep step = *m_step;
    m_results[size_t(step)] = {
        state, detail, advice, std::chrono::milliseconds(m_duration.elapsed())};
    emit changed(step);
    // Not from within a signal of what this step has used.
    if (m_step == step && result(step).state == state)
        QMetaObject::invokeMethod(this, &ConnectionTest::next, Qt::QueuedConnection);
}

void ConnectionTest::next()
{
    // It was cancelled, and perhaps begun again, meanwhile.
    if (!m_step || result(*m_step).state == TestState::Running)
        return;
    const auto following = static_cast<TestStep>(int(*m_step) + 1);
    // The connection stays for TLS.
    if (following != TestStep::Tls)
        release();
    if (*m_step != TestStep::WebSocket)
        return begin(following);
    m_step.reset();
    emit finished();
}

void ConnectionTest::endLate()
{
    release();
    end(TestState::Failed, tr("There was no answer in time."),
        *m_step == TestStep::Tcp ? tunnelAdvice() : QString());
}

QString ConnectionTest::tunnelAdvice() const
{
    const QString host = m_profile.monitoringUrl.host();
    const bool isLocal = host == u"localhost" || QHostAddress(host).isLoopback() || host.isEmpty();
    return tr("The monitoring port is often open to its own computer alone. Then open a tunnel, "
              "“%1”, and enter http://127.0.0.1:8081 as address.")
        .arg(QStringLiteral("ssh -L 8081:127.0.0.1:8081 %1")
                 .arg(isLocal ? QStringLiteral("host") : host));
}

void ConnectionTest::lookUp()
{
    const QString host = m_profile.monitoringUrl.host();
    if (!QHostAddress(host).isNull())
        return end(TestState::Skipped, tr("The address has no name."));
    m_lookup = QHostInfo::lookupHost(host, this, [this](const QHostInfo &info) {
        m_lookup = -1;
        if (info.error() == QHostInfo::NoError && !info.addresses().isEmpty()) {
            QStringList addresses;
            for (const QHostAddress &address : info.addresses())
                addresses += address.toString();
            return end(TestState::Ok, addresses.join(QStringLiteral(", ")));
        }
        end(TestState::Failed, tr("The name of the host is not known."),
            tr("Is it written right? Is this computer connected to the network it belongs to?"));
    });
}

void ConnectionTest::connectTcp()
{
    m_socket = std::make_unique<QSslSocket>();
    connect(m_socket.get(), &QSslSocket::connected, this, [this] {
        end(TestState::Ok, tr("Connected to port %1.").arg(QString::number(m_socket->peerPort())));
    });
    connect(m_socket.get(), &QSslSocket::errorOccurred, this,
        [this](QAbstractSocket::SocketError error) {
            if (m_step != TestStep::Tcp || result(*m_step).state != TestState::Running)
                return;
            end(TestState::Failed,
                error == QAbstractSocket::ConnectionRefusedError
                    ? tr("Nothing listens at this port.")
                    : tr("The host cannot be reached."),
                tunnelAdvice());
        });
    const QUrl &url = m_profile.monitoringUrl;
    m_socket->connectToHost(url.host(), quint16(url.port(isTls() ? 443 : 80)));
}

void ConnectionTest::agreeOnTls()
{
    if (!isTls())
        return end(TestState::Skipped, tr("The address begins with http."));
    if (!m_tls)
        return end(TestState::Failed, unreadableCaFileText(),
            tr("Choose a file with certificates in PEM format."));
    m_socket->disconnect(this);
    connect(m_socket.get(), &QSslSocket::encrypted, this,
        [this] { end(TestState::Ok, certificateText(m_socket->peerCertificate())); });
    const auto errors = std::make_shared<QList<QSslError>>();
    connect(m_socket.get(), &QSslSocket::sslErrors, this,
        [errors](const QList<QSslError> &found) { *errors = found; });
    connect(m_socket.get(), &QSslSocket::errorOccurred, this, [this, errors] {
        if (m_step == TestStep::Tls && result(*m_step).state == TestState::Running)
            noteTlsFailed(*errors);
    });
    m_socket->setSslConfiguration(*m_tls);
    m_socket->setPeerVerifyName(m_profile.monitoringUrl.host());
    m_socket->startClientEncryption();
}

void ConnectionTest::noteTlsFailed(const QList<QSslError> &errors)
{
    QString detail = errors.isEmpty() ? tr("TLS could not be set up.") : tlsFaultText(errors);
    const QSslCertificate certificate = m_socket->peerCertificate();
    if (!certificate.isNull())
        detail += u' ' + certificateText(certificate);
    end(TestState::Failed, detail, tlsAdvice(errors));
}

void ConnectionTest::ask(const QString &path)
{
    const bool isMetrics = *m_step == TestStep::Metrics;
    m_query = std::make_unique<HttpQuery>(
        HttpQuery::Request {.url = urlBelow(m_profile.monitoringUrl, path),
            .bearerToken = isMetrics ? m_token.toUtf8() : QByteArray(),
            .headerName = m_profile.headerName.toLatin1(),
            .headerValue = m_profile.headerValue.toLatin1(),
            .tls = m_tls.value_or(QSslConfiguration()),
            .maxBodyBytes = isMetrics ? MaxMetricsBytes : MaxHealthBytes,
            .timeout = m_timeLimit});
    connect(m_query.get(), &HttpQuery::finished, this, &ConnectionTest::noteAnswer);
    // The query has the same limit, and says more.
    m_deadline.stop();
    m_query->start();
}

void ConnectionTest::noteAnswer()
{
    PollResult read;
    const TestStep step = *m_step;
    const Answer *answer = &read.health;
    if (step == TestStep::Health) {
        readHealth(*m_query, read);
    } else if (step == TestStep::Ready) {
        readReady(*m_query, read);
        answer = &read.ready;
    } else {
        readMetrics(*m_query, read);
        answer = &read.metrics;
    }
    const QString found = answerText(read, step);
    if (answer->outcome == Outcome::Ok)
        return end(TestState::Ok, found);
    end(TestState::Failed, found.isEmpty() ? answer->detail : answer->detail + u' ' + found,
        answerAdvice(*answer, step));
}

void ConnectionTest::upgrade()
{
    if (m_profile.publicUrl.isEmpty())
        return end(TestState::Skipped, tr("The profile has no address of the public port."));
    if (!m_tls && m_profile.publicUrl.scheme() == u"wss")
        return end(TestState::Failed, unreadableCaFileText());
    m_webSocket = std::make_unique<QWebSocket>();
    m_webSocket->setMaxAllowedIncomingMessageSize(MaxUnaskedBytes);
    m_webSocket->setMaxAllowedIncomingFrameSize(MaxUnaskedBytes);
    const auto errors = std::make_shared<QList<QSslError>>();
    connect(m_webSocket.get(), &QWebSocket::sslErrors, this,
        [errors](const QList<QSslError> &found) { *errors = found; });
    connect(m_webSocket.get(), &QWebSocket::connected, this, [this] {
        m_webSocket->disconnect(this);
        end(TestState::Ok, tr("The upgrade was taken."));
    });
    // In 6.4 it is not called errorOccurred yet.
    connect(m_webSocket.get(), qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this,
        [this, errors](QAbstractSocket::SocketError error) {
            m_webSocket->disconnect(this);
            if (!errors->isEmpty())
                return end(TestState::Failed, tlsFaultText(*errors), tlsAdvice(*errors));
            if (error == QAbstractSocket::ConnectionRefusedError)
                return end(TestState::Failed, tr("Nothing listens at this port."),
                    tr("Does the proxy run? Is the port open in the firewall?"));
            if (error == QAbstractSocket::HostNotFoundError)
                return end(TestState::Failed, tr("The name of the host is not known."));
            end(TestState::Failed, tr("The upgrade to WebSocket was not taken."),
                tr("A proxy in front of the relay has to pass on the headers Upgrade and "
                   "Connection, and the path has to be the right one."));
        });
    QNetworkRequest request(m_profile.publicUrl);
    if (!m_profile.headerName.isEmpty())
        request.setRawHeader(m_profile.headerName.toLatin1(), m_profile.headerValue.toLatin1());
    if (m_tls)
        m_webSocket->setSslConfiguration(*m_tls);
    m_webSocket->open(request);
}

} // namespace relay::admin
