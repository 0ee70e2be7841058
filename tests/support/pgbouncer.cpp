// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/pgbouncer.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QStandardPaths>

namespace relay::test {

namespace {

constexpr int BouncerTimeoutMillis = 30'000;
/** Of the socket's name: the folder is its own, so any will do. */
constexpr int Port = 6432;

bool write(const QString &path, const QString &text)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(text.toUtf8()) >= 0;
}

} // namespace

QString PgBouncer::program()
{
    // Debian's folder for it is not on everybody's path.
    const QString name = QStringLiteral("pgbouncer");
    const QString found = QStandardPaths::findExecutable(name);
    return found.isEmpty() ? QStandardPaths::findExecutable(name, {QStringLiteral("/usr/sbin")})
                           : found;
}

PgBouncer::~PgBouncer()
{
    m_process.kill();
    m_process.waitForFinished(BouncerTimeoutMillis);
}

bool PgBouncer::start(const QString &poolMode, const QString &settings)
{
    const QString users = m_folder.filePath(QStringLiteral("users"));
    const QString configuration = m_folder.filePath(QStringLiteral("configuration"));
    // Without listen_addr it listens on its socket alone.
    const QString text = QStringLiteral("[databases]\n"
                                        "* = host=%1\n"
                                        "[pgbouncer]\n"
                                        "unix_socket_dir = %2\n"
                                        "listen_port = %3\n"
                                        "auth_type = trust\n"
                                        "auth_file = %4\n"
                                        "pool_mode = %5\n"
                                        "%6\n")
                             .arg(m_server.folder(), m_folder.path(), QString::number(Port), users,
                                 poolMode, settings);
    if (!write(users, QStringLiteral("\"relay\" \"\"\n")) || !write(configuration, text)
        || !giveToUnprivileged(m_folder.path()))
        return false;
    const QStringList command = asUnprivileged({program(), configuration});
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.start(command.first(), command.mid(1));
    QByteArray log;
    const QDeadlineTimer deadline(BouncerTimeoutMillis);
    while (!log.contains("process up") && m_process.state() != QProcess::NotRunning
        && !deadline.hasExpired()) {
        m_process.waitForReadyRead(100);
        log += m_process.readAll();
    }
    if (log.contains("process up"))
        return true;
    qWarning("%s", log.constData());
    return false;
}

QString PgBouncer::through(const QString &url) const
{
    return QString(url).replace(m_server.folder(), m_folder.path())
        + QStringLiteral("&port=%1").arg(Port);
}

} // namespace relay::test
