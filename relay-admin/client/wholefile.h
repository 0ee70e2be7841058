// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QSaveFile>
#include <QString>

namespace relay::admin {

/**
 * Writes a file that is open, the whole of it or nothing. By commit() alone a full disk goes
 * unnoticed: it empties the buffer itself, and does not ask (Qt 6.4) how that went.
 */
inline bool writeWhole(QSaveFile &file, const QByteArray &bytes)
{
    return file.write(bytes) == bytes.size() && file.flush() && file.commit();
}

/** The same for a file of that name; why it could not be, in the system's words; empty: it was. */
inline QString writeWhole(const QString &name, const QByteArray &bytes)
{
    QSaveFile file(name);
    return file.open(QSaveFile::WriteOnly) && writeWhole(file, bytes) ? QString()
                                                                      : file.errorString();
}

} // namespace relay::admin
