// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/noisekeycommand.h"

#include "relayd/app/noisekeyfile.h"
#include "relayd/app/terminal.h"
#include "relayd/storage/partialfile.h"

#include <QByteArray>
#include <QFileInfo>

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace relay {

namespace {

/** Past the buffers of streams, whose copies nobody would wipe. */
bool writeOut(QByteArrayView text)
{
    while (!text.isEmpty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), size_t(text.size()));
        if (written < 0 && errno != EINTR)
            return false;
        text = text.sliced(std::max<qsizetype>(written, 0));
    }
    return true;
}

} // namespace

int printNoiseKey(const QStringList &options)
{
    if (options.size() > 1 || options.value(0).startsWith(QLatin1Char('-'))
        || options.contains(QString()))
        return fail({ExitCode::Usage, QStringLiteral("Usage: vauchi-relay noise-key [FILE]")});
    if (!options.isEmpty() && !QFileInfo::exists(options.first()))
        return fail(
            {ExitCode::Configuration, QStringLiteral("There is no key %1.").arg(options.first())});
    const auto key = options.isEmpty() ? Result<NoiseKey, StartFault>(NoiseKey::generate())
                                       : readNoiseKey(options.first());
    if (!key)
        return fail(key.error());
    QByteArray bytes = key->toBytes();
    QByteArray text =
        bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    wipe(bytes);
    const int error = writeOut(text) && writeOut("\n") ? 0 : errno;
    wipe(text);
    return error == 0
        ? 0
        : fail(fileFault(QStringLiteral("write to"), QStringLiteral("the standard output"), error));
}

} // namespace relay
