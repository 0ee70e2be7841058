// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/partialfile.h"

#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace relay {

namespace {

QByteArray native(const QString &path)
{
    return QFile::encodeName(path);
}

ExitCode exitCodeOf(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return ExitCode::Permission;
    case ENOENT:
    case ENOTDIR:
    case EEXIST:
    case EISDIR:
    case ENAMETOOLONG:
        return ExitCode::CannotCreate;
    default:
        return ExitCode::CannotWrite;
    }
}

/** With what SQLite puts beside a database that it writes. */
void removeAll(const QString &path)
{
    for (const char *suffix : {"", "-journal", "-wal", "-shm"})
        ::unlink((native(path) + suffix).constData());
}

} // namespace

StartFault fileFault(const QString &doing, const QString &path, int error)
{
    return {exitCodeOf(error),
        QStringLiteral("Cannot %1 %2: %3.")
            .arg(doing, path, QString::fromLocal8Bit(std::strerror(error)))};
}

std::optional<StartFault> syncFolder(const QString &folder)
{
    const int descriptor = ::open(native(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    if (!ok)
        return fileFault(QStringLiteral("sync the folder"), folder, error);
    return std::nullopt;
}

Result<PartialFile, StartFault> PartialFile::create(const QString &target)
{
    const QString path = target + QStringLiteral(".partial");
    removeAll(path); // what a killed one left
    const int descriptor =
        ::open(native(path).constData(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return Err(fileFault(QStringLiteral("create"), path, errno));
    return PartialFile(target, descriptor);
}

PartialFile::PartialFile(QString target, int descriptor)
    : m_target(std::move(target))
    , m_descriptor(descriptor)
{
}

PartialFile::PartialFile(PartialFile &&other) noexcept
    : m_target(std::move(other.m_target))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_isPublished(other.m_isPublished)
{
}

PartialFile::~PartialFile()
{
    if (m_descriptor < 0)
        return;
    if (!m_isPublished && isStillThere())
        removeAll(path());
    ::close(m_descriptor);
}

QString PartialFile::path() const
{
    return m_target + QStringLiteral(".partial");
}

bool PartialFile::isStillThere() const
{
    struct stat ours { };
    struct stat named { };
    return ::fstat(m_descriptor, &ours) == 0 && ::lstat(native(path()).constData(), &named) == 0
        && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

std::optional<StartFault> PartialFile::write(const QByteArray &bytes)
{
    qsizetype done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::write(
            m_descriptor, bytes.constData() + done, static_cast<size_t>(bytes.size() - done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fileFault(QStringLiteral("write"), path(), n < 0 ? errno : ENOSPC);
        done += n;
    }
    return std::nullopt;
}

std::optional<StartFault> PartialFile::sync()
{
    if (::fsync(m_descriptor) != 0)
        return fileFault(QStringLiteral("sync"), path(), errno);
    return std::nullopt;
}

std::optional<StartFault> PartialFile::publish()
{
    struct stat existing { };
    if (::lstat(native(m_target).constData(), &existing) == 0)
        return fileFault(QStringLiteral("create"), m_target, EEXIST);
    return replace();
}

std::optional<StartFault> PartialFile::replace()
{
    if (auto fault = sync())
        return fault;
    // Two at a time with one target: who came later has deleted this one.
    if (!isStillThere())
        return StartFault {ExitCode::InUse,
            QStringLiteral("Another process is writing %1 at the same time.").arg(m_target)};
    if (::rename(native(path()).constData(), native(m_target).constData()) != 0)
        return fileFault(QStringLiteral("rename the finished copy to"), m_target, errno);
    m_isPublished = true;
    return syncFolder(QFileInfo(m_target).absolutePath());
}

} // namespace relay
