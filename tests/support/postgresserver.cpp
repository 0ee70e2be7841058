// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/postgresserver.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QThread>

#include <openssl/evp.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <span>
#include <vector>

namespace relay::test {

namespace {

constexpr int ServerTimeoutMillis = 60'000;
/** Debian's user without rights. */
constexpr uid_t Nobody = 65534;

QByteArray output(const QStringList &command, bool *ok = nullptr)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(command.first(), command.mid(1));
    process.waitForFinished(ServerTimeoutMillis);
    const bool succeeded = process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    if (ok)
        *ok = succeeded;
    return process.readAll();
}

/** The server's process and those of its sessions, each a group of its own. */
std::vector<pid_t> processesOf(qint64 server)
{
    std::vector<pid_t> all {static_cast<pid_t>(server)};
    const auto children =
        output({QStringLiteral("pgrep"), QStringLiteral("-P"), QString::number(server)})
            .split('\n');
    for (const QByteArray &child : children) {
        if (const auto pid = static_cast<pid_t>(child.toLongLong()); pid > 0)
            all.push_back(pid);
    }
    return all;
}

void signalAll(std::span<const pid_t> processes, int number)
{
    for (const pid_t pid : processes)
        ::kill(pid, number);
}

} // namespace

QString PostgresServer::programs()
{
    // Debian keeps one folder for each version, none of them on the path.
    const QDir versions(QStringLiteral("/usr/lib/postgresql"));
    QStringList names = versions.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    std::sort(names.begin(), names.end(),
        [](const QString &left, const QString &right) { return left.toInt() > right.toInt(); });
    for (const QString &name : std::as_const(names)) {
        const QString folder = versions.filePath(name + QStringLiteral("/bin"));
        if (QFile::exists(folder + QStringLiteral("/initdb")))
            return folder;
    }
    return {};
}

PostgresServer &PostgresServer::shared()
{
    static PostgresServer server;
    if (server.m_pid == 0 && !server.start())
        qFatal("PostgreSQL does not start (Debian: postgresql)");
    return server;
}

PostgresServer::PostgresServer() = default;

PostgresServer::~PostgresServer()
{
    kill();
}

bool PostgresServer::start()
{
    if (programs().isEmpty())
        return false;
    const QString data = m_folder.filePath(QStringLiteral("data"));
    if (!giveToUnprivileged(m_folder.path()))
        return false;
    bool ok = true;
    if (!QFile::exists(data + QStringLiteral("/PG_VERSION"))) {
        const QByteArray text =
            output(asUnprivileged({programs() + QStringLiteral("/initdb"), QStringLiteral("-D"),
                       data, QStringLiteral("-A"), QStringLiteral("trust"), QStringLiteral("-U"),
                       QStringLiteral("relay"), QStringLiteral("--no-sync")}),
                &ok);
        if (!ok) {
            qWarning("%s", text.constData());
            return false;
        }
    }
    QString options = QStringLiteral("-k %1 -c max_connections=200").arg(m_folder.path());
    options += !m_port
        ? QStringLiteral(" -c listen_addresses=''")
        : QStringLiteral(" -c listen_addresses=localhost -c port=%1 -c ssl=on -c ssl_cert_file=%2 "
                         "-c ssl_key_file=%3 -c hba_file=%4")
              .arg(m_port->number())
              .arg(certificate(), m_folder.filePath(QStringLiteral("tls.key")),
                  m_folder.filePath(QStringLiteral("hba")));
    // pg_ctl waits until connections are taken; also after a crash.
    const QByteArray text =
        output(asUnprivileged({programs() + QStringLiteral("/pg_ctl"), QStringLiteral("-D"), data,
                   QStringLiteral("-w"), QStringLiteral("-t"), QStringLiteral("60"),
                   QStringLiteral("-l"), m_folder.filePath(QStringLiteral("log")),
                   QStringLiteral("-o"), options, QStringLiteral("start")}),
            &ok);
    if (!ok) {
        qWarning("%s", text.constData());
        return false;
    }
    QFile pidFile(data + QStringLiteral("/postmaster.pid"));
    if (!pidFile.open(QIODevice::ReadOnly))
        return false;
    m_pid = pidFile.readLine().trimmed().toLongLong();
    return m_pid > 0;
}

bool PostgresServer::startWithTls(const QString &password)
{
    m_port.emplace();
    const QString key = m_folder.filePath(QStringLiteral("tls.key"));
    QFile hba(m_folder.filePath(QStringLiteral("hba")));
    if (!makeCertificate(certificate(), key) || !giveToUnprivileged(certificate())
        || !giveToUnprivileged(key) || !hba.open(QIODevice::WriteOnly))
        return false;
    hba.write("local all all trust\nhostssl all all all scram-sha-256\n");
    hba.close();
    hba.setPermissions(QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther);
    if (!start())
        return false;
    run(urlOf(QStringLiteral("postgres")),
        QStringLiteral("ALTER ROLE relay PASSWORD '%1'").arg(password));
    return true;
}

void PostgresServer::kill()
{
    if (m_pid == 0)
        return;
    // Stopped first, so that no session is new meanwhile.
    ::kill(static_cast<pid_t>(m_pid), SIGSTOP);
    const auto processes = processesOf(m_pid);
    signalAll(processes, SIGKILL);
    // Of all: a session that waits for the disk outlives the signal, and a new server refuses to
    // start beside it.
    const auto isThere = [](pid_t pid) { return ::kill(pid, 0) == 0; };
    const QDeadlineTimer deadline(ServerTimeoutMillis);
    while (std::ranges::any_of(processes, isThere) && !deadline.hasExpired())
        QThread::msleep(5);
    m_pid = 0;
    QFile::remove(m_folder.filePath(QStringLiteral("data/postmaster.pid")));
}

void PostgresServer::freeze()
{
    ::kill(static_cast<pid_t>(m_pid), SIGSTOP);
    signalAll(processesOf(m_pid), SIGSTOP);
}

void PostgresServer::thaw()
{
    signalAll(processesOf(m_pid), SIGCONT);
}

QString PostgresServer::urlOf(const QString &database) const
{
    const QString url =
        QStringLiteral("postgresql://relay@/%1?host=%2").arg(database, m_folder.path());
    return m_port ? url + QStringLiteral("&port=%1").arg(m_port->number()) : url;
}

QString PostgresServer::tlsUrlOf(
    const QString &database, const QString &password, const QString &rootCertificate) const
{
    return QStringLiteral(
        "postgresql://relay:%1@localhost:%2/%3?sslmode=verify-full&sslrootcert=%4")
        .arg(password)
        .arg(m_port.value().number())
        .arg(database, rootCertificate);
}

bool makeCertificate(const QString &certificate, const QString &key)
{
    bool ok = false;
    const QByteArray text =
        output({QStringLiteral("openssl"), QStringLiteral("req"), QStringLiteral("-x509"),
                   QStringLiteral("-newkey"), QStringLiteral("ec"), QStringLiteral("-pkeyopt"),
                   QStringLiteral("ec_paramgen_curve:prime256v1"), QStringLiteral("-nodes"),
                   QStringLiteral("-days"), QStringLiteral("2"), QStringLiteral("-subj"),
                   QStringLiteral("/CN=localhost"), QStringLiteral("-addext"),
                   QStringLiteral("subjectAltName=DNS:localhost"), QStringLiteral("-keyout"), key,
                   QStringLiteral("-out"), certificate},
            &ok);
    if (!ok)
        qWarning("%s", text.constData());
    return ok;
}

QString PostgresServer::newDatabase()
{
    const QString name = QStringLiteral("relay%1").arg(++m_databases);
    run(urlOf(QStringLiteral("postgres")), QStringLiteral("CREATE DATABASE %1").arg(name));
    return urlOf(name);
}

QByteArray PostgresServer::run(const QString &url, const QString &sql) const
{
    bool ok = false;
    const QByteArray text =
        output({programs() + QStringLiteral("/psql"), QStringLiteral("-X"), QStringLiteral("-q"),
                   QStringLiteral("-A"), QStringLiteral("-t"), QStringLiteral("-v"),
                   QStringLiteral("ON_ERROR_STOP=1"), QStringLiteral("-d"), url,
                   QStringLiteral("-c"), sql},
            &ok);
    if (!ok)
        qWarning("%s", text.constData());
    return text.trimmed();
}

QString PostgresServer::noiseKey()
{
    static const QString key = newNoiseKey();
    return key;
}

QString PostgresServer::newNoiseKey()
{
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
    QByteArray bytes(64, '\0');
    size_t size = 32;
    auto *data = reinterpret_cast<unsigned char *>(bytes.data());
    EVP_PKEY_get_raw_private_key(pair, data, &size);
    EVP_PKEY_get_raw_public_key(pair, data + 32, &size);
    EVP_PKEY_free(pair);
    return QString::fromLatin1(
        bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
}

QStringList asUnprivileged(const QStringList &command)
{
    if (::geteuid() != 0)
        return command;
    return QStringList {QStringLiteral("setpriv"), QStringLiteral("--reuid=%1").arg(Nobody),
               QStringLiteral("--regid=%1").arg(Nobody), QStringLiteral("--clear-groups")}
    + command;
}

bool giveToUnprivileged(const QString &path)
{
    return ::geteuid() != 0 || ::chown(QFile::encodeName(path).constData(), Nobody, Nobody) == 0;
}

bool isPostgresAsked()
{
    return qEnvironmentVariable("RELAYTEST_BACKEND") == QLatin1String("postgres");
}

} // namespace relay::test
