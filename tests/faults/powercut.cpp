// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/powercut.h"

#include "tests/faults/diskfaults.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMap>

#include <sys/stat.h>

#include <algorithm>

namespace relay::test {

namespace {

constexpr qsizetype Sector = 512;

QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
}

/** Whether `path` is the file that the shim calls `shadow`, "inode.generation". */
bool isSameFile(const QString &path, const QString &shadow)
{
    struct stat status { };
    return ::stat(QFile::encodeName(path).constData(), &status) == 0
        && shadow.section(QLatin1Char('.'), 0, 0) == QString::number(status.st_ino);
}

} // namespace

bool PowerCut::start()
{
    m_shadow = std::make_unique<QTemporaryDir>();
    preloadShim(m_relay);
    m_relay.setVariable(QStringLiteral("DISKSHIM_SHADOW"), m_shadow->path());
    const bool started = m_relay.start();
    // Not for the subcommands that are run beside it.
    m_relay.setVariable(QStringLiteral("LD_PRELOAD"), QString());
    return started;
}

QByteArray PowerCut::survivorOf(
    const QString &name, const QString &shadow, int percent, std::mt19937 &random) const
{
    QByteArray synced = bytesOf(m_shadow->filePath(shadow));
    const QString path = m_relay.dataDir() + QLatin1Char('/') + name;
    if (percent == 0 || !isSameFile(path, shadow))
        return synced;
    const QByteArray written = bytesOf(path);
    std::uniform_int_distribution<int> hundred(1, 100);
    for (qsizetype at = 0; at < written.size(); at += Sector) {
        const QByteArray sector = written.mid(at, Sector);
        if (synced.mid(at, Sector) == sector || hundred(random) > percent)
            continue;
        // Between the end that was synced and this one there is nothing on disk.
        if (synced.size() < at)
            synced.resize(at, '\0');
        synced.replace(at, sector.size(), sector);
    }
    if (written.size() < synced.size() && hundred(random) <= percent)
        synced.truncate(written.size());
    return synced;
}

void PowerCut::cut(std::mt19937 &random)
{
    m_relay.kill();
    // Nothing that was not synced, some of it, or all.
    const int percent = std::clamp(std::uniform_int_distribution<int>(-60, 130)(random), 0, 100);
    QMap<QString, QByteArray> files;
    const auto entries = bytesOf(m_shadow->filePath(QStringLiteral("entries"))).split('\n');
    for (const QByteArray &entry : entries) {
        const QString name = QString::fromUtf8(entry).section(QLatin1Char(' '), 1);
        if (!name.isEmpty())
            files[name] = survivorOf(
                name, QString::fromUtf8(entry).section(QLatin1Char(' '), 0, 0), percent, random);
    }
    QDir folder(m_relay.dataDir());
    const QStringList before = folder.entryList(QDir::Files);
    for (const QString &name : before)
        folder.remove(name);
    for (auto it = files.cbegin(); it != files.cend(); ++it)
        write(folder.filePath(it.key()), it.value());
}

} // namespace relay::test
