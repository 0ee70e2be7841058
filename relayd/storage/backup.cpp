// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/backup.h"

#include "relayd/storage/database.h"
#include "relayd/storage/datadir.h"
#include "relayd/storage/partialfile.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace relay {

namespace {

constexpr qint64 KeySize = 64;

QByteArray native(const QString &path)
{
    return QFile::encodeName(path);
}

QString logOf(const QString &database)
{
    return database + QStringLiteral("-wal");
}

QString sharedMemoryOf(const QString &database)
{
    return database + QStringLiteral("-shm");
}

bool areOnOneDisk(const QString &one, const QString &other)
{
    struct stat a { };
    struct stat b { };
    return ::stat(native(one).constData(), &a) == 0 && ::stat(native(other).constData(), &b) == 0
        && a.st_dev == b.st_dev;
}

/** What a copy will take: free pages are left out. */
qint64 sizeOfCopy(const Database &database)
{
    const auto of = [&](const char *name) {
        return database.number(QStringLiteral("PRAGMA ") + QString::fromLatin1(name)).value_or(0);
    };
    return (of("page_count") - of("freelist_count")) * of("page_size");
}

/** A full disk is told before it is full, and the relay keeps the room that it wants free. */
std::optional<StartFault> roomFault(const BackupOrder &order, const Database &database)
{
    const QString folder = QFileInfo(order.target).absolutePath();
    const bool isRelaysDisk = areOnOneDisk(folder, order.dataDir);
    const qint64 needed = sizeOfCopy(database) + (isRelaysDisk ? order.minFreeBytes : 0);
    const auto free = DataDir::freeBytes(folder);
    if (!free || *free >= needed)
        return std::nullopt;
    return StartFault {ExitCode::CannotWrite,
        QStringLiteral("%1 has %2 bytes free, and the backup needs %3%4.")
            .arg(folder)
            .arg(*free)
            .arg(needed)
            .arg(isRelaysDisk
                    ? QStringLiteral(" (with RELAY_MIN_FREE_BYTES, since the relay stores there)")
                    : QString())};
}

/** Reads all of a key; a key of another size is none. */
Result<QByteArray, StartFault> readKey(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Err(StartFault {ExitCode::Configuration,
            QStringLiteral("The key %1 cannot be read: %2.").arg(path, file.errorString())});
    QByteArray key = file.read(KeySize + 1);
    if (key.size() != KeySize)
        return Err(StartFault {ExitCode::CannotWrite,
            QStringLiteral("The key %1 is damaged: it has not %2 bytes.").arg(path).arg(KeySize)});
    return key;
}

/** Copies the database behind `source` into `file`, and has SQLite check the copy. */
std::optional<StartFault> writeCopy(
    const Database &source, const QString &sourcePath, PartialFile &file)
{
    if (!source.copyTo(file.path())) {
        if (source.isDamaged())
            return source.fault(sourcePath, source.lastError());
        return StartFault {ExitCode::CannotWrite,
            QStringLiteral("Cannot copy %1 to %2: %3.")
                .arg(sourcePath, file.path(), source.lastError().trimmed())};
    }
    const auto copy = Database::inspect(file.path());
    if (!copy)
        return copy.error();
    if (const QStringList faults = copy->integrityFaults(); !faults.isEmpty())
        return StartFault {ExitCode::CannotWrite,
            QStringLiteral("The copy %1 is damaged: %2. It was deleted.")
                .arg(file.path(), faults.first())};
    return file.sync();
}

/** The copy of the key, ready to get its name; nothing if the same copy is there already. */
Result<std::optional<PartialFile>, StartFault> prepareKeyCopy(
    const QString &source, const QString &target)
{
    const auto key = readKey(source);
    if (!key)
        return Err(key.error());
    if (QFileInfo::exists(target)) {
        const auto existing = readKey(target);
        if (!existing || *existing != *key)
            return Err(fileFault(QStringLiteral("create"), target, EEXIST));
        // A backup that was killed before its last step left it.
        return std::optional<PartialFile>();
    }
    auto file = PartialFile::create(target);
    if (!file)
        return Err(file.error());
    if (auto fault = file->write(*key))
        return Err(*std::move(fault));
    return std::optional<PartialFile>(std::move(file).value());
}

} // namespace

QString keyCopyOf(const QString &backup)
{
    return backup + QStringLiteral(".noise_key.bin");
}

Result<BackupReport, StartFault> backUp(const BackupOrder &order)
{
    const QString source = DataDir::databaseIn(order.dataDir);
    const QString key = DataDir::noiseKeyIn(order.dataDir);
    // Told before minutes of copying; publish() looks again.
    if (QFileInfo(order.target).exists())
        return Err(fileFault(QStringLiteral("create"), order.target, EEXIST));
    const auto database = Database::inspect(source);
    if (!database)
        return Err(database.error());
    auto file = PartialFile::create(order.target);
    if (!file)
        return Err(file.error());
    if (auto fault = roomFault(order, *database))
        return Err(*std::move(fault));
    if (auto fault = writeCopy(*database, source, *file))
        return Err(*std::move(fault));

    BackupReport report;
    report.bytes = QFileInfo(file->path()).size();
    if (QFileInfo::exists(key))
        report.key = key;
    if (order.keys == Keys::Copy && !report.key.isEmpty()) {
        report.keyCopy = keyCopyOf(order.target);
        auto copy = prepareKeyCopy(key, report.keyCopy);
        if (!copy)
            return Err(copy.error());
        if (*copy) {
            if (auto fault = (*copy)->publish())
                return Err(*std::move(fault));
        }
    }
    // Last: where there is a FILE, everything is there.
    if (auto fault = file->publish())
        return Err(*std::move(fault));
    return report;
}

namespace {

/** `path.replaced-TIME`, which nobody has. */
QString nameForReplaced(const QString &path)
{
    const QString base = path + QStringLiteral(".replaced-")
        + QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'"));
    QString name = base;
    for (int i = 2; QFileInfo::exists(name) || QFileInfo::exists(logOf(name)); ++i)
        name = base + QLatin1Char('-') + QString::number(i);
    return name;
}

std::optional<StartFault> giveSecondName(const QString &path, const QString &name)
{
    if (::link(native(path).constData(), native(name).constData()) != 0)
        return fileFault(QStringLiteral("keep the replaced file as"), name, errno);
    return std::nullopt;
}

/**
 * Moves the log of the database that is to be replaced into it, so that one file holds all of it.
 * A damaged one keeps its log, which then is kept with it.
 */
std::optional<StartFault> settleLog(const QString &path)
{
    // SQLite would delete the log of an empty database.
    if (QFileInfo(logOf(path)).size() == 0 || QFileInfo(path).size() == 0)
        return std::nullopt;
    // To close a connection that may write moves the log, whatever it goes into.
    if (!Database::inspect(path))
        return std::nullopt;
    {
        const auto database = Database::connect({StorageBackend::Sqlite, path});
        if (!database)
            return database.error();
        if (!database->checkpointAll()) {
            if (database->isDamaged())
                return std::nullopt;
            return database->fault(path, database->lastError());
        }
    }
    if (QFileInfo(logOf(path)).size() == 0)
        return std::nullopt;
    return StartFault {ExitCode::InUse,
        QStringLiteral("Another program has the database %1 open. Find it with: fuser -v %1")
            .arg(path)};
}

/**
 * Puts `file` in the place of `path`. At each moment there is a whole database under `path`, the
 * old or the new one, and the new one never has the old one's log beside it, which SQLite would
 * apply: the old one gets its second name first, the log goes next, and the rename replaces.
 */
std::optional<StartFault> swap(PartialFile &file, const QString &path, QString &replaced)
{
    const bool hasOld = QFileInfo::exists(path);
    const bool hasLog = QFileInfo(logOf(path)).size() > 0;
    if (hasOld || hasLog) {
        replaced = nameForReplaced(path);
        if (hasOld) {
            if (auto fault = giveSecondName(path, replaced))
                return fault;
        }
        if (hasLog) {
            if (auto fault = giveSecondName(logOf(path), logOf(replaced)))
                return fault;
        }
        const QString folder = QFileInfo(path).absolutePath();
        if (auto fault = syncFolder(folder))
            return fault;
        ::unlink(native(logOf(path)).constData());
        ::unlink(native(sharedMemoryOf(path)).constData());
        if (auto fault = syncFolder(folder))
            return fault;
    }
    return file.replace();
}

/** The copy of `source` in the data folder, checked, of a schema that this relay knows. */
/**
 * Since the backup, sequences have been given out that it does not know of, and clients remember
 * the ids that stand for them: a new blob must not get one of these. Nobody knows how many they
 * were, nor what an earlier restore has added, so the next ones begin somewhere far above.
 */
std::optional<StartFault> skipSequences(const QString &path)
{
    const auto database = Database::amend(path);
    if (!database)
        return database.error();
    constexpr qint64 Most = qint64(1) << 48; // leaves room for 32,000 restores
    const qint64 gap = QRandomGenerator::system()->bounded(Most) + 1;
    const QString sql = QStringLiteral("UPDATE state SET last_blob = last_blob + %1, "
                                       "last_device_message = last_device_message + %1");
    if (!database->exec(sql.arg(gap)))
        return database->fault(path, database->lastError());
    return std::nullopt;
}

Result<PartialFile, StartFault> prepareRestored(
    const QString &source, const DataDir &folder, qint64 &schema)
{
    const auto backup = Database::inspect(source);
    if (!backup)
        return Err(backup.error());
    const auto version = backup->number(QStringLiteral("PRAGMA user_version"));
    if (!version)
        return Err(backup->fault(source, backup->lastError()));
    if (*version > Database::latestSchema())
        return Err(Database::newerFault(source, *version));
    schema = *version;
    if (const QStringList faults = backup->integrityFaults(); !faults.isEmpty())
        return Err(StartFault {ExitCode::CannotWrite,
            QStringLiteral("%1 is damaged: %2. Nothing was changed.").arg(source, faults.first())});
    auto file = PartialFile::create(folder.databasePath());
    if (!file)
        return file;
    if (auto fault = writeCopy(*backup, source, *file))
        return Err(*std::move(fault));
    if (auto fault = skipSequences(file->path()))
        return Err(*std::move(fault));
    if (auto fault = file->sync())
        return Err(*std::move(fault));
    folder.giveToOwner(file->path());
    return file;
}

} // namespace

Result<RestoreReport, StartFault> restore(const RestoreOrder &order)
{
    auto folder = DataDir::open(order.dataDir);
    if (!folder)
        return Err(folder.error());
    RestoreReport report;
    auto file = prepareRestored(order.source, *folder, report.schema);
    if (!file)
        return Err(file.error());

    const QString key = DataDir::noiseKeyIn(folder->path());
    std::optional<PartialFile> keyFile;
    if (order.keys == Keys::Copy) {
        const auto bytes = readKey(keyCopyOf(order.source));
        if (!bytes)
            return Err(bytes.error());
        auto made = PartialFile::create(key);
        if (!made)
            return Err(made.error());
        keyFile.emplace(std::move(made).value());
        if (auto fault = keyFile->write(*bytes))
            return Err(*std::move(fault));
        folder->giveToOwner(keyFile->path());
    }

    if (auto fault = settleLog(folder->databasePath()))
        return Err(*std::move(fault));
    if (keyFile) {
        if (QFileInfo::exists(key)) {
            report.replacedKey = nameForReplaced(key);
            if (auto fault = giveSecondName(key, report.replacedKey))
                return Err(*std::move(fault));
        }
        if (auto fault = keyFile->replace())
            return Err(*std::move(fault));
        report.hasKey = true;
    }
    if (auto fault = swap(*file, folder->databasePath(), report.replaced))
        return Err(*std::move(fault));
    return report;
}

} // namespace relay
