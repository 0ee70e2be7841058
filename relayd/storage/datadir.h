// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/startfault.h"
#include "shared/result.h"

#include <QString>

#include <optional>

namespace relay {

/**
 * The data folder, created 0700 if need be, and held against a second relay by a lock on
 * `relay.lock` for the life of this object.
 */
class DataDir {
public:
    static Result<DataDir, StartFault> open(const QString &path);
    /** Only holds the lock of a folder that is there, and changes nothing else about it. */
    static Result<DataDir, StartFault> lock(const QString &path);

    ~DataDir();
    DataDir(DataDir &&other) noexcept;
    DataDir &operator=(DataDir &&) = delete;

    QString path() const { return m_path; }
    QString databasePath() const { return databaseIn(m_path); }

    /** The files of a data folder. */
    static QString databaseIn(const QString &folder);
    /** The relay's key for encrypted sessions: what clients know it by. */
    static QString noiseKeyIn(const QString &folder);

    /** What root makes here belongs to the folder's owner: the relay has to be able to write it. */
    void giveToOwner(const QString &file) const;

    /** Bytes that an unprivileged process may still write here; nothing if that cannot be known. */
    static std::optional<qint64> freeBytes(const QString &path);

private:
    DataDir(QString path, int lock);

    QString m_path;
    /** Descriptor of relay.lock; -1: moved from. */
    int m_lock;
};

} // namespace relay
