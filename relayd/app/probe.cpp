// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/probe.h"

#include "relayd/net/noise.h"
#include "relayd/relay/ed25519.h"
#include "relayd/relay/handshakeverifier.h"
#include "relayd/storage/startfault.h"
#include "shared/protocol/codec.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QRandomGenerator>
#include <QSslConfiguration>
#include <QSslError>
#include <QTextStream>
#include <QTimer>
#include <QUrl>
#include <QUuid>
#include <QWebSocket>

#include <deque>
#include <functional>
#include <optional>

namespace relay {

namespace {

struct ProbeOptions {
    QUrl url;
    bool signs = false;
    /** Of the relay, for a Noise session. */
    std::optional<NoisePublicKey> noiseKey;
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    std::chrono::seconds timeout {10};
};

/** A step that did not hold: what was expected, and what came instead. */
struct ProbeFailure {
    QString message;
};

QByteArray randomBytes(int size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (char &byte : bytes)
        byte = static_cast<char>(QRandomGenerator::system()->bounded(256));
    return bytes;
}

/** Somebody who exists for this probe only. */
struct ProbeIdentity {
    Ed25519Key key = Ed25519Key::generate();

    WrittenId id() const { return WrittenId::of(Id {key.publicKey()}); }
    Handshake handshake(bool isSigned) const
    {
        Handshake handshake;
        handshake.clientId = id();
        if (isSigned) {
            const Id nonce = *Id::fromBytes(randomBytes(Id::Size));
            handshake.signature = signHandshake(
                key, nonce.bytes, static_cast<quint64>(QDateTime::currentSecsSinceEpoch()));
        }
        return handshake;
    }
};

QByteArray freshMessageId()
{
    return QUuid::createUuid().toByteArray(QUuid::WithoutBraces);
}

/** One connection of a client; waits for what it expects. */
class ProbeClient {
public:
    ProbeClient(const ProbeOptions &options, const ProbeIdentity &identity)
        : m_timeout(options.timeout)
        , m_handshake(identity.handshake(options.signs))
    {
        if (options.noiseKey)
            m_noiseHandshake.emplace(NoiseHandshake::initiator(*options.noiseKey));
        if (options.url.scheme() == QStringLiteral("wss"))
            m_socket.setSslConfiguration(options.tls);
        QObject::connect(&m_socket, &QWebSocket::binaryMessageReceived, &m_socket,
            [this](const QByteArray &message) {
                receive(message);
                m_loop.quit();
            });
        QObject::connect(&m_socket, &QWebSocket::connected, &m_loop, &QEventLoop::quit);
        // The first cause is the one to tell: what follows from it says less.
        const auto end = [this](const QString &problem) {
            if (m_problem.isEmpty())
                m_problem = problem;
            m_loop.quit();
        };
        QObject::connect(
            &m_socket, &QWebSocket::sslErrors, &m_socket, [end](const QList<QSslError> &errors) {
                end(QStringLiteral("TLS: %1 (--ca FILE trusts a certificate of your own)")
                        .arg(errors.value(0).errorString()));
            });
        QObject::connect(&m_socket, &QWebSocket::disconnected, &m_socket, [this, end] {
            end(QStringLiteral("the connection ended (close code %1%2)")
                    .arg(m_socket.closeCode())
                    .arg(m_socket.closeReason().isEmpty()
                            ? QString()
                            : QStringLiteral(": ") + m_socket.closeReason()));
        });
        QObject::connect(&m_socket, QOverload<QAbstractSocket::SocketError>::of(&QWebSocket::error),
            &m_socket, [this, end] { end(m_socket.errorString()); });
        m_socket.open(options.url);
    }

    ~ProbeClient()
    {
        // Its goodbye must not reach members that are gone by then.
        QObject::disconnect(&m_socket, nullptr, nullptr, nullptr);
    }

    std::optional<ProbeFailure> connected()
    {
        return waitUntil(QStringLiteral("the WebSocket upgrade"),
            [this] { return m_socket.state() == QAbstractSocket::ConnectedState; });
    }

    QByteArray send(Message message)
    {
        const QByteArray id = freshMessageId();
        const auto now = static_cast<quint64>(QDateTime::currentSecsSinceEpoch());
        const QByteArray frame = encodeFrame({id, now, std::move(message)});
        m_socket.sendBinaryMessage(m_noise ? m_noise->send.encrypt(frame) : frame);
        return id;
    }

    /** Waits for a message of this type that `matches`; others are left for later. */
    template <typename T>
    std::optional<ProbeFailure> expect(const QString &what,
        const std::function<bool(const T &)> &matches, Envelope *found = nullptr)
    {
        return waitUntil(what, [&] {
            for (auto it = m_received.begin(); it != m_received.end(); ++it) {
                const T *message = std::get_if<T>(&it->message);
                if (!message || !matches(*message))
                    continue;
                if (found)
                    *found = *it;
                m_received.erase(it);
                return true;
            }
            return false;
        });
    }

    std::optional<ProbeFailure> shakeHands()
    {
        if (auto failure = connected())
            return failure;
        if (auto failure = startNoise())
            return failure;
        send(m_handshake);
        return expect<HandshakeAck>(
            QStringLiteral("a HandshakeAck"), [](const HandshakeAck &) { return true; });
    }

    std::optional<ProbeFailure> expectStatus(const QByteArray &messageId, AckStatus status)
    {
        const QString what =
            QString::fromLatin1(toName(status)) + QStringLiteral(" for the message");
        AckStatus got = status;
        auto failure = expect<Acknowledgment>(what, [&](const Acknowledgment &ack) {
            got = ack.status;
            return ack.messageId == messageId && (got == status || got == AckStatus::Failed);
        });
        if (!failure && got != status)
            failure = ProbeFailure {what
                + QStringLiteral(", but the relay answered Failed (full, "
                                 "rate limited, or short of disk)")};
        return failure;
    }

private:
    std::optional<ProbeFailure> startNoise()
    {
        if (!m_noiseHandshake)
            return std::nullopt;
        m_socket.sendBinaryMessage(NoiseHandshake::Magic.toByteArray() + m_noiseHandshake->write());
        return waitUntil(QStringLiteral("the answer to the Noise handshake"),
            [this] { return m_noise.has_value(); });
    }

    void receive(const QByteArray &message)
    {
        std::optional<QByteArray> frame = message;
        if (m_noise) {
            frame = m_noise->receive.decrypt(message);
        } else if (m_noiseHandshake) {
            const qsizetype magic = NoiseHandshake::Magic.size();
            if (message.startsWith(NoiseHandshake::Magic)
                && m_noiseHandshake->read(QByteArrayView(message).sliced(magic)))
                m_noise.emplace(m_noiseHandshake->split());
            else
                m_problem = QStringLiteral("the Noise handshake failed: not the relay's key?");
            return;
        }
        auto decoded = frame ? m_decoder.decode(*frame) : Err(DecodeError {});
        if (decoded)
            m_received.push_back(std::move(decoded->envelope));
        else
            m_problem = QStringLiteral("the relay sent a frame that is not decodable");
    }

    std::optional<ProbeFailure> waitUntil(const QString &what, const std::function<bool()> &holds)
    {
        QTimer timer;
        timer.setSingleShot(true);
        QObject::connect(&timer, &QTimer::timeout, &m_loop, &QEventLoop::quit);
        timer.start(m_timeout);
        while (!holds()) {
            if (!m_problem.isEmpty())
                return ProbeFailure {QStringLiteral("expected %1, but: %2").arg(what, m_problem)};
            if (!timer.isActive())
                return ProbeFailure {QStringLiteral("expected %1, but nothing came for %2 s")
                                         .arg(what)
                                         .arg(m_timeout.count())};
            m_loop.exec();
        }
        return std::nullopt;
    }

    const std::chrono::seconds m_timeout;
    const Handshake m_handshake;
    Decoder m_decoder;
    QEventLoop m_loop;
    QWebSocket m_socket;
    std::optional<NoiseHandshake> m_noiseHandshake;
    std::optional<NoiseTransport> m_noise;
    std::deque<Envelope> m_received;
    QString m_problem;
};

/** Runs steps until one fails, and prints each. */
class ProbeReport {
public:
    void step(const QString &name, const std::function<std::optional<ProbeFailure>()> &run)
    {
        if (m_hasFailed)
            return;
        QElapsedTimer timer;
        timer.start();
        const auto failure = run();
        const double millis = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        m_out << (failure ? "FAIL  " : "ok    ") << name.leftJustified(44)
              << QString::number(millis, 'f', 1) << " ms\n";
        if (failure)
            m_out << "      " << failure->message << '\n';
        m_out.flush();
        m_hasFailed = failure.has_value();
    }
    bool hasFailed() const { return m_hasFailed; }

private:
    QTextStream m_out {stdout};
    bool m_hasFailed = false;
};

std::optional<ProbeFailure> purge(ProbeClient &client, quint64 expectedBlobs)
{
    client.send(PurgeRequest {});
    quint64 deleted = 0;
    auto failure = client.expect<PurgeResponse>(
        QStringLiteral("a PurgeResponse"), [&](const PurgeResponse &response) {
            deleted = response.blobsDeleted;
            return true;
        });
    if (!failure && deleted != expectedBlobs)
        failure =
            ProbeFailure {QStringLiteral("expected %1 blobs left to delete, but there were %2")
                              .arg(expectedBlobs)
                              .arg(deleted)};
    return failure;
}

int runProbe(const ProbeOptions &options)
{
    const ProbeIdentity sender;
    const ProbeIdentity recipient;
    const QByteArray ciphertext = randomBytes(256);
    ProbeReport report;
    std::optional<ProbeClient> from;
    std::optional<ProbeClient> to;
    QByteArray messageId;
    Envelope delivered;

    report.step(QStringLiteral("sender: connect and shake hands"), [&] {
        from.emplace(options, sender);
        return from->shakeHands();
    });
    report.step(QStringLiteral("sender: store for somebody who is offline"), [&] {
        messageId = from->send(EncryptedUpdate {recipient.id(), sender.id(), ciphertext});
        return from->expectStatus(messageId, AckStatus::Stored);
    });
    report.step(QStringLiteral("recipient: connect and shake hands"), [&] {
        to.emplace(options, recipient);
        return to->shakeHands();
    });
    report.step(QStringLiteral("recipient: delivery, the same bytes"), [&] {
        return to->expect<EncryptedUpdate>(
            QStringLiteral("the message of the sender"),
            [&](const EncryptedUpdate &update) {
                return update.ciphertext == ciphertext && update.senderId == sender.id();
            },
            &delivered);
    });
    report.step(QStringLiteral("sender: receipt, delivered"),
        [&] { return from->expectStatus(messageId, AckStatus::Delivered); });
    report.step(QStringLiteral("recipient: acknowledge; sender: receipt"), [&] {
        to->send(Acknowledgment {delivered.messageId, AckStatus::ReceivedByRecipient, {}});
        return from->expectStatus(messageId, AckStatus::ReceivedByRecipient);
    });
    report.step(QStringLiteral("sender: live message to who is online"), [&] {
        messageId = from->send(EncryptedUpdate {recipient.id(), sender.id(), ciphertext});
        return to->expect<EncryptedUpdate>(QStringLiteral("the message of the sender"),
            [&](const EncryptedUpdate &update) { return update.ciphertext == ciphertext; });
    });
    report.step(
        QStringLiteral("clean up: purge the recipient's mailbox"), [&] { return purge(*to, 1); });
    // Whatever a failed run leaves in the recipient's mailbox expires by itself.
    return toInt(report.hasFailed() ? ExitCode::Failed : ExitCode::Ok);
}

int usage(const QString &problem)
{
    QTextStream(stderr)
        << problem
        << "\nUsage: vauchi-relay probe URL [--sign] [--noise PUBKEY] [--ca FILE] [--timeout "
           "SECS]\n"
           "  URL             ws://host:port or wss://host[:port]\n"
           "  --sign          sign the handshakes, with keys made for this probe\n"
           "  --noise PUBKEY  speak Noise to the relay with this key (GET /pubkey)\n"
           "  --ca FILE       certificates to trust instead of the system's\n"
           "  --timeout SECS  for each step (10)\n";
    return toInt(ExitCode::Usage);
}

std::optional<QString> takeCertificates(ProbeOptions &options, const QString &path)
{
    const auto certificates = QSslCertificate::fromPath(path);
    if (certificates.isEmpty())
        return QStringLiteral("--ca: there is no certificate in %1").arg(path);
    options.tls.setCaCertificates(certificates);
    return std::nullopt;
}

} // namespace

int probe(const QStringList &arguments)
{
    ProbeOptions options;
    QString url;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const QString &argument = arguments[i];
        const bool takesValue = QStringList {QStringLiteral("--noise"), QStringLiteral("--ca"),
            QStringLiteral("--timeout")}
                                    .contains(argument);
        if (takesValue && i + 1 == arguments.size())
            return usage(argument + QStringLiteral(" needs a value"));
        if (argument == QStringLiteral("--sign")) {
            options.signs = true;
        } else if (argument == QStringLiteral("--noise")) {
            options.noiseKey = noisePublicKeyFromText(arguments[++i].toLatin1());
            if (!options.noiseKey)
                return usage(QStringLiteral("--noise takes the 43 characters of /pubkey"));
        } else if (argument == QStringLiteral("--ca")) {
            if (const auto problem = takeCertificates(options, arguments[++i]))
                return usage(*problem);
        } else if (argument == QStringLiteral("--timeout")) {
            bool ok = false;
            const int seconds = arguments[++i].toInt(&ok);
            if (!ok || seconds < 1 || seconds > 3600)
                return usage(QStringLiteral("--timeout takes 1 to 3600 seconds"));
            options.timeout = std::chrono::seconds(seconds);
        } else if (argument.startsWith(QLatin1Char('-')) || !url.isEmpty()) {
            return usage(QStringLiteral("unknown argument: ") + argument);
        } else {
            url = argument;
        }
    }
    options.url = QUrl(url, QUrl::StrictMode);
    const QString scheme = options.url.scheme();
    if (!options.url.isValid() || options.url.host().isEmpty()
        || (scheme != QStringLiteral("ws") && scheme != QStringLiteral("wss")))
        return usage(QStringLiteral("the URL of the relay is missing or not one"));
    return runProbe(options);
}

} // namespace relay
