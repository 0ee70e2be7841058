// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/quotaledger.h"
#include "relayd/storage/startfault.h"
#include "shared/result.h"

#include <QString>

#include <map>
#include <optional>
#include <vector>

/** Looking at a database that may be in use, in one read transaction; no ids come out of it. */
namespace relay {

struct Check {
    QString what;
    /** Empty: it holds. */
    QString fault;
};

/** Everything that has to hold in a relay's database, each with what was found. */
Result<std::vector<Check>, StartFault> verify(const QString &databasePath);

struct StoreStatistics {
    qint64 schema = 0;
    /** Rows and bytes of payload by table. */
    std::map<QString, Usage> tables;
    /** When the blob that waits longest was stored, Unix milliseconds. */
    std::optional<qint64> oldestBlob;
    qint64 mailboxes = 0;
    /** Count and bytes of the fullest mailboxes, which may be two. */
    Usage largestMailbox;
    qint64 fileBytes = 0;
    qint64 logBytes = 0;
    qint64 pageBytes = 0;
    qint64 pages = 0;
    qint64 freePages = 0;
};

/** Refuses a newer schema: what it counts may mean something else there. */
Result<StoreStatistics, StartFault> statistics(const QString &databasePath);

} // namespace relay
