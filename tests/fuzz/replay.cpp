// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/fuzzing.h"

#include <QDirIterator>
#include <QFile>

#include <memory>

/** Runs each file below the folders (or each file) that it is given, where there is no libFuzzer.
 */
namespace {

QStringList filesOf(const QString &path)
{
    if (!QFileInfo(path).isDir())
        return {path};
    QStringList files;
    QDirIterator it(path, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext())
        files += it.next();
    files.sort();
    return files;
}

bool run(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray content = file.readAll();
    // Of exactly the size of the input, so that AddressSanitizer sees who reads behind it.
    const auto size = static_cast<size_t>(content.size());
    const auto bytes = std::make_unique<uint8_t[]>(size);
    std::copy(content.begin(), content.end(), bytes.get());
    LLVMFuzzerTestOneInput(bytes.get(), size);
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    int inputs = 0;
    for (int i = 1; i < argc; ++i) {
        const QStringList files = filesOf(QString::fromLocal8Bit(argv[i]));
        for (const QString &path : files) {
            std::printf("%s\n", qPrintable(path));
            // An input that fails ends the process: its name must be out before.
            std::fflush(stdout);
            if (!run(path)) {
                std::fprintf(stderr, "cannot be read: %s\n", qPrintable(path));
                return 1;
            }
            ++inputs;
        }
    }
    std::printf("%d inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
