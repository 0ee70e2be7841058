// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/forgetproof.h"

#include "relayd/storage/database.h"
#include "relayd/storage/values.h"

namespace relay {

namespace {

/** The schema that brought the table. */
constexpr qint64 FirstSchema = 2;

} // namespace

Result<bool, StartFault> forgetProof(const QString &databasePath, const Id &id)
{
    {
        const auto look = Database::inspect(databasePath);
        if (!look)
            return Err(look.error());
        const auto schema = look->number(QStringLiteral("PRAGMA user_version"));
        if (!schema)
            return Err(look->fault(databasePath, look->lastError()));
        if (*schema > Database::latestSchema())
            return Err(Database::newerFault(databasePath, *schema));
        if (*schema < FirstSchema)
            return false;
    }
    auto database = Database::amend(databasePath);
    if (!database)
        return Err(database.error());
    const auto failed = [&] { return Err(database->fault(databasePath, database->lastError())); };
    Transaction transaction(*database);
    if (!transaction.isOpen())
        return failed();
    QSqlQuery remove = database->prepare(QStringLiteral("DELETE FROM proven_ids WHERE id = ?"));
    Database::bindAll(remove, toSql(id));
    if (!remove.exec()) {
        database->noteError(remove);
        return failed();
    }
    const bool wasThere = remove.numRowsAffected() > 0;
    remove.finish();
    // Changed, not set: the relay counts in the same row.
    if (wasThere
        && !database->exec(
            QStringLiteral("UPDATE state SET proven_id_count = proven_id_count - 1")))
        return failed();
    if (!transaction.commit())
        return failed();
    return wasThere;
}

} // namespace relay
