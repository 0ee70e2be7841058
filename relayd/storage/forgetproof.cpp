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

Result<bool, StartFault> forgetProof(const PostgresConfig &config, const Id &id)
{
    if (auto fault = missingPostgresDriver())
        return Err(*std::move(fault));
    PostgresConnection connection(config);
    const auto failed = [&] {
        return Err(StartFault {ExitCode::Unavailable,
            QStringLiteral("The PostgreSQL server of RELAY_POSTGRES_URL cannot be used: %1")
                .arg(connection.lastFailure())});
    };
    if (!connection.ensureOpen())
        return failed();
    if (auto fault = connection.checkSchema())
        return Err(*std::move(fault));
    // One statement, and so one transaction. The totals are a sum, to which each row may add.
    const auto gone = connection.number(
        QStringLiteral("WITH gone AS (DELETE FROM proven_ids WHERE id = %1 RETURNING 1), "
                       "counted AS (UPDATE totals SET proven_id_count = proven_id_count - 1 "
                       "WHERE slot = 0 AND EXISTS (SELECT 1 FROM gone)) "
                       "SELECT count(*) FROM gone")
            .arg(PostgresText::bytes(toSql(id))));
    if (!gone)
        return failed();
    return *gone > 0;
}

} // namespace relay
