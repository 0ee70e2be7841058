// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/datadir.h"

#include "relayd/storage/partialfile.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace relay {

namespace {

QString errorText(int error)
{
    return QString::fromLocal8Bit(std::strerror(error));
}

void giveToOwnerOf(const QString &folder, const QString &file)
{
    struct stat owner { };
    if (::geteuid() == 0 && ::stat(QFile::encodeName(folder).constData(), &owner) == 0)
        (void)!::lchown(QFile::encodeName(file).constData(), owner.st_uid, owner.st_gid);
}

/** Names the path, its owner, who runs, and the command that mends it. */
StartFault permissionFault(const QString &path, int error)
{
    QString existing = path;
    while (!QFileInfo::exists(existing) && existing.contains(QLatin1Char('/')))
        existing = existing.section(QLatin1Char('/'), 0, -2);
    const QFileInfo info(existing.isEmpty() ? QStringLiteral("/") : existing);
    return {ExitCode::Permission,
        QStringLiteral(
            "Permission denied for data directory %1 (%2). %3 belongs to uid %4, and the "
            "relay runs as uid %5. Mend it with: chown -R %5:%6 %1 - or set "
            "RELAY_DATA_DIR to a folder that it may write.")
            .arg(path, errorText(error), info.filePath())
            .arg(info.ownerId())
            .arg(::geteuid())
            .arg(::getegid())};
}

QString lockIn(const QString &folder)
{
    return folder + QStringLiteral("/relay.lock");
}

std::optional<StartFault> takeLock(int lock, const QString &folder)
{
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0)
        return std::nullopt;
    return StartFault {ExitCode::InUse,
        QStringLiteral("Another relay is using the data directory %1 (it holds %2). Stop it, or "
                       "give this one a folder of its own with RELAY_DATA_DIR.")
            .arg(folder, lockIn(folder))};
}

} // namespace

Result<DataDir, StartFault> DataDir::open(const QString &path)
{
    const QString absolute = QDir(path).absolutePath();
    const QFileInfo info(absolute);
    if (info.exists() && !info.isDir())
        return Err(StartFault {ExitCode::CannotCreate,
            QStringLiteral("RELAY_DATA_DIR %1 is not a folder.").arg(absolute)});
    if (!info.exists()) {
        errno = 0;
        const bool made = QDir().mkpath(QFileInfo(absolute).path())
            && ::mkdir(QFile::encodeName(absolute).constData(), 0700) == 0;
        if (!made && errno == EACCES)
            return Err(permissionFault(absolute, EACCES));
        if (!made)
            return Err(StartFault {ExitCode::CannotCreate,
                QStringLiteral("Cannot create the data directory %1 (RELAY_DATA_DIR): %2.")
                    .arg(absolute, errorText(errno))});
        // As well as it goes: who may write there need not be one who may read there.
        (void)syncFolder(QFileInfo(absolute).path());
    }
    // Fails on a folder of somebody else's; what may be written there decides below.
    ::chmod(QFile::encodeName(absolute).constData(), 0700);

    const QString lockPath = lockIn(absolute);
    const int lock =
        ::open(QFile::encodeName(lockPath).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        if (errno == EACCES || errno == EPERM)
            return Err(permissionFault(absolute, errno));
        return Err(StartFault {ExitCode::CannotWrite,
            QStringLiteral("Cannot write to the data directory %1 (RELAY_DATA_DIR): %2.")
                .arg(absolute, errorText(errno))});
    }
    giveToOwnerOf(absolute, lockPath);
    if (auto fault = takeLock(lock, absolute)) {
        ::close(lock);
        return Err(*std::move(fault));
    }
    return DataDir(absolute, lock);
}

Result<DataDir, StartFault> DataDir::lock(const QString &path)
{
    const QByteArray lockPath = QFile::encodeName(lockIn(path));
    int lock = ::open(lockPath.constData(), O_RDONLY | O_CLOEXEC);
    if (lock < 0 && errno == ENOENT) {
        lock = ::open(lockPath.constData(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
        // Where it cannot be made, no relay runs.
        if (lock < 0)
            return DataDir(path, -1);
        giveToOwnerOf(path, lockIn(path));
    }
    if (lock < 0)
        return Err(fileFault(QStringLiteral("open"), lockIn(path), errno));
    if (auto fault = takeLock(lock, path)) {
        ::close(lock);
        return Err(*std::move(fault));
    }
    return DataDir(path, lock);
}

DataDir::DataDir(QString path, int lock)
    : m_path(std::move(path))
    , m_lock(lock)
{
}

DataDir::DataDir(DataDir &&other) noexcept
    : m_path(std::move(other.m_path))
    , m_lock(std::exchange(other.m_lock, -1))
{
}

DataDir::~DataDir()
{
    if (m_lock >= 0)
        ::close(m_lock);
}

void DataDir::giveToOwner(const QString &file) const
{
    giveToOwnerOf(m_path, file);
}

QString DataDir::databaseIn(const QString &folder)
{
    return folder + QStringLiteral("/relay.db");
}

QString DataDir::noiseKeyIn(const QString &folder)
{
    return folder + QStringLiteral("/relay_noise_key.bin");
}

std::optional<qint64> DataDir::freeBytes(const QString &path)
{
    struct statvfs stats { };
    if (::statvfs(QFile::encodeName(path).constData(), &stats) != 0)
        return std::nullopt;
    return static_cast<qint64>(stats.f_bavail) * static_cast<qint64>(stats.f_frsize);
}

} // namespace relay
