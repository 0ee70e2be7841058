// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/startfault.h"
#include "shared/result.h"

#include <QString>

/** Copies of the database and of what belongs to it, out of a data folder and back into one. */
namespace relay {

/** What is done with the key beside the database. */
enum class Keys { Leave, Copy };

struct BackupOrder {
    QString dataDir;
    /** The file to make; the key goes to `FILE.noise_key.bin`. */
    QString target;
    Keys keys = Keys::Leave;
    /** RELAY_MIN_FREE_BYTES: stays free where the relay itself stores. */
    qint64 minFreeBytes = 0;
};

struct BackupReport {
    qint64 bytes = 0;
    /** The key beside the database, if there is one, and its copy, if one was made. */
    QString key;
    QString keyCopy;
};

/**
 * Makes a consistent, checked copy of a database that may be in use. Under its name there is
 * nothing, or all of it on disk, whenever the process ends. Never overwrites.
 */
Result<BackupReport, StartFault> backUp(const BackupOrder &order);

struct RestoreOrder {
    QString dataDir;
    QString source;
    Keys keys = Keys::Leave;
};

struct RestoreReport {
    qint64 schema = 0;
    /** Where what was there before is now; empty: nothing was. */
    QString replaced;
    QString replacedKey;
    /** A key was put in place. */
    bool hasKey = false;
};

/**
 * Puts a copy of the backup in the place of the database, which is kept beside it. Refuses under a
 * running relay, and what is damaged, of another program, or of a newer relay.
 */
Result<RestoreReport, StartFault> restore(const RestoreOrder &order);

/** Of a backup: the copy of the key. */
QString keyCopyOf(const QString &backup);

} // namespace relay
