// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/migratecommand.h"

#include "relayd/app/terminal.h"
#include "relayd/storage/datadir.h"
#include "relayd/storage/migration.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>

#include <sys/stat.h>

#include <optional>

namespace relay {

namespace {

constexpr qint64 ProgressMillis = 5000;

StartFault usageFault(const QString &fault = {})
{
    return {ExitCode::Usage,
        fault
            + QStringLiteral("Usage: vauchi-relay migrate-storage --from sqlite:PATH --to "
                             "postgres[:URL]")};
}

/** What `--from` and `--to` say. */
Result<MigrationOrder, StartFault> orderOf(const Settings &settings, const QStringList &options)
{
    const QString sqlite = QStringLiteral("sqlite:");
    const QString postgres = QStringLiteral("postgres");
    QString from;
    QString to;
    for (qsizetype i = 0; i < options.size(); i += 2) {
        QString &value = options[i] == QStringLiteral("--from") ? from : to;
        const bool isKnown = &value == &from || options[i] == QStringLiteral("--to");
        if (!isKnown || !value.isEmpty() || i + 1 == options.size())
            return Err(usageFault());
        value = options[i + 1];
    }
    if (!from.startsWith(sqlite) || from.size() == sqlite.size() || !to.startsWith(postgres))
        return Err(usageFault());

    MigrationOrder order;
    order.source = QDir(from.mid(sqlite.size())).absolutePath();
    if (to == postgres) {
        if (settings.postgresUrl.text.isEmpty())
            return Err(StartFault {ExitCode::Configuration,
                QStringLiteral("--to postgres needs RELAY_POSTGRES_URL, or "
                               "RELAY_POSTGRES_URL_FILE.")});
        order.target.url = settings.postgresUrl;
        return order;
    }
    // postgres:postgresql://…, or the URL alone.
    const bool isAlone = to.startsWith(QStringLiteral("postgresql://"))
        || to.startsWith(QStringLiteral("postgres://"));
    if (!isAlone && to[postgres.size()] != QLatin1Char(':'))
        return Err(usageFault());
    auto url = parsePostgresUrl(isAlone ? to : to.mid(postgres.size() + 1));
    if (!url)
        return Err(usageFault(QStringLiteral("The URL %1.\n").arg(url.error())));
    order.target.url = std::move(url).value();
    return order;
}

QString inWords(const Usage &usage)
{
    return QStringLiteral("%1 rows, %2 bytes").arg(usage.count).arg(usage.bytes);
}

void printReport(const MigrationReport &report)
{
    printLine(QStringLiteral("%1%2%3%4")
                  .arg(QString().leftJustified(18), QStringLiteral("copied now").leftJustified(32),
                      QStringLiteral("source").leftJustified(32), QStringLiteral("target")));
    for (const CopiedTable &table : report.tables)
        printLine(table.name.leftJustified(18) + inWords(table.copied).leftJustified(32)
            + inWords(table.source).leftJustified(32) + inWords(table.target));
}

} // namespace

int runMigration(const Settings &settings, const QStringList &options)
{
    ::umask(0077);
    auto order = orderOf(settings, options);
    if (!order)
        return fail(order.error());
    QElapsedTimer sinceLine;
    sinceLine.start();
    order->progress = [&](const QString &table, const Usage &copied, const Usage &all) {
        if (sinceLine.elapsed() < ProgressMillis)
            return;
        sinceLine.restart();
        complain(QStringLiteral("%1: %2 of %3 rows").arg(table).arg(copied.count).arg(all.count));
    };
    const auto report = migrateStorage(*order);
    if (!report)
        return fail(report.error());
    if (report->wasFinished) {
        printLine(
            QStringLiteral("This database was copied to the end before: nothing is left to do."));
        return 0;
    }
    printReport(*report);
    if (!report->differences.isEmpty())
        return fail({ExitCode::Failed,
            QStringLiteral("Source and target differ, and no relay will start on the target:\n  ")
                + report->differences.join(QStringLiteral("\n  "))});
    printLine(QStringLiteral("Source and target agree. Start no relay on the source again: what it "
                             "delivers there, the others would deliver once more."));
    const QString key = DataDir::noiseKeyIn(QFileInfo(order->source).path());
    if (QFileInfo::exists(key))
        printLine(
            QStringLiteral("Clients know the relay by the key in %1: give it to the relays as "
                           "RELAY_NOISE_STATIC_KEY (vauchi-relay noise-key %1 prints it).")
                .arg(key));
    return 0;
}

} // namespace relay
