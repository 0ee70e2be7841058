// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/noisekeyfile.h"

#include "relayd/storage/datadir.h"
#include "relayd/storage/partialfile.h"

#include <QFile>
#include <QLoggingCategory>

#include <sys/stat.h>

#include <cerrno>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcKey, "relay")

std::optional<NoiseKey> takeKey(QByteArray &bytes)
{
    auto key = NoiseKey::fromBytes(bytes);
    wipe(bytes);
    return key;
}

Result<NoiseKey, StartFault> makeKey(const QString &path)
{
    auto file = PartialFile::create(path);
    if (!file)
        return Err(file.error());
    const NoiseKey key = NoiseKey::generate();
    QByteArray bytes = key.toBytes();
    std::optional<StartFault> fault = file->write(bytes);
    wipe(bytes);
    if (!fault)
        fault = file->sync();
    if (!fault)
        fault = file->publish();
    if (fault)
        return Err(*fault);
    qCInfo(lcKey).noquote() << "made a key for Noise sessions," << path;
    return key;
}

} // namespace

Result<NoiseKey, StartFault> readNoiseKey(const QString &path)
{
    QFile file(path);
    // Without a buffer, whose copy nobody would wipe.
    if (!file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return Err(fileFault(QStringLiteral("read"), path, errno));
    QByteArray bytes(NoiseKey::Size + 1, '\0');
    const qint64 got = file.read(bytes.data(), bytes.size());
    bytes.truncate(std::max<qint64>(got, 0));
    const auto key = takeKey(bytes);
    if (!key)
        return Err(StartFault {ExitCode::Configuration,
            QStringLiteral("%1 is not a Noise key (64 bytes: private key, public key). Clients may "
                           "know this key, so no other takes its place: put back a copy of it, or "
                           "move it away to get a new one.")
                .arg(path)});
    struct stat status { };
    if (::fstat(file.handle(), &status) == 0 && (status.st_mode & 077) != 0)
        qCWarning(lcKey).noquote() << path << "can be read by others: chmod 600 it";
    return *key;
}

Result<NoiseKey, StartFault> loadNoiseKey(QByteArray &given, const QString &dataDir)
{
    if (!given.isEmpty()) {
        const auto key = takeKey(given);
        if (!key)
            return Err(StartFault {ExitCode::Configuration,
                QStringLiteral("RELAY_NOISE_STATIC_KEY: its second half is not the public key of "
                               "the first.")});
        return *key;
    }
    if (dataDir.isEmpty())
        return NoiseKey::generate();
    const QString path = DataDir::noiseKeyIn(dataDir);
    return QFile::exists(path) ? readNoiseKey(path) : makeKey(path);
}

void wipe(QByteArray &bytes)
{
    OPENSSL_cleanse(bytes.data(), static_cast<size_t>(bytes.size()));
    bytes.clear();
}

} // namespace relay
