// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/quotaledger.h"
#include "relayd/storage/postgresconnection.h"
#include "relayd/storage/startfault.h"
#include "shared/result.h"

#include <QString>

#include <functional>
#include <vector>

/** Out of the database of a relay with SQLite into one that several relays share. */
namespace relay {

/** What is known of one table. */
struct CopiedTable {
    QString name;
    /** Copied now. */
    Usage copied;
    /** In the source, and what the target came to hold, of earlier runs too. */
    Usage source;
    Usage target;
};

struct MigrationOrder {
    /** The file of a relay that does not run. */
    QString source;
    PostgresConfig target;
    /** Told after each batch: the table, what it holds by now, and what there is to copy. */
    std::function<void(const QString &, const Usage &, const Usage &)> progress;
};

struct MigrationReport {
    std::vector<CopiedTable> tables;
    /** An earlier run had copied this source to the end: nothing was looked at now. */
    bool wasFinished = false;
    /** What source and target disagree in; empty: nothing, and relays may use the target. */
    QStringList differences;
};

/**
 * Copies everything that a relay needs to go on with its clients: what is stored, in its order and
 * under its ids, and who has signed. The source is only read. Each batch is one transaction, with
 * how far it got, so that what is killed goes on when it is started again; until the end, no relay
 * starts on the target.
 *
 * Refuses the database of a running relay, of another schema, and a target that holds anything
 * that is not of this source.
 */
Result<MigrationReport, StartFault> migrateStorage(const MigrationOrder &order);

/** Why no relay may use the database: a migration into it has not ended. In `connection`'s turn. */
std::optional<StartFault> unfinishedMigration(PostgresConnection &connection);

} // namespace relay
