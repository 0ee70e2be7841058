// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/datacommands.h"

#include "relayd/app/terminal.h"
#include "relayd/storage/backup.h"
#include "relayd/storage/datadir.h"
#include "relayd/storage/forgetproof.h"
#include "relayd/storage/inspection.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace relay {

namespace {

/** Options begin with "--"; everything else is the name of a file. */
struct DataOptions {
    QStringList files;
    QStringList switches;

    static DataOptions of(const QStringList &words)
    {
        DataOptions options;
        for (const QString &word : words)
            (word.startsWith(QStringLiteral("--")) ? options.switches : options.files) << word;
        return options;
    }
    bool has(const QString &name) const { return switches.contains(name); }
    QString file() const { return QDir(files.value(0)).absolutePath(); }
};

QString absoluteDataDir(const Settings &settings)
{
    return QDir(settings.dataDir).absolutePath();
}

Keys keysOf(const DataOptions &options)
{
    return options.has(QStringLiteral("--with-keys")) ? Keys::Copy : Keys::Leave;
}

int backUpData(const Settings &settings, const DataOptions &options)
{
    const auto report =
        backUp({absoluteDataDir(settings), options.file(), keysOf(options), settings.minFreeBytes});
    if (!report)
        return fail(report.error());
    printLine(
        QStringLiteral("%1: %2 bytes, checked and on disk").arg(options.file()).arg(report->bytes));
    if (!report->keyCopy.isEmpty())
        printLine(QStringLiteral("%1: the key, to keep secret").arg(report->keyCopy));
    else if (!report->key.isEmpty())
        printLine(
            QStringLiteral("Needed beside it, and not copied: %1, the key that clients know the "
                           "relay by (--with-keys copies it)")
                .arg(report->key));
    else
        printLine(QStringLiteral("Nothing else is needed: the data folder has no key"));
    return 0;
}

int restoreData(const Settings &settings, const DataOptions &options)
{
    const auto report = restore({absoluteDataDir(settings), options.file(), keysOf(options)});
    if (!report)
        return fail(report.error());
    printLine(
        QStringLiteral("%1 is restored (schema %2). What was acknowledged since the backup is "
                       "delivered again.")
            .arg(DataDir::databaseIn(absoluteDataDir(settings)))
            .arg(report->schema));
    if (!report->replaced.isEmpty())
        printLine(QStringLiteral("What was there before: %1").arg(report->replaced));
    if (!report->replacedKey.isEmpty())
        printLine(QStringLiteral("The key that was there before: %1").arg(report->replacedKey));
    if (report->hasKey)
        printLine(QStringLiteral("The key is restored too."));
    else if (QFileInfo::exists(keyCopyOf(options.file())))
        printLine(
            QStringLiteral("Not restored: %1 (--with-keys does)").arg(keyCopyOf(options.file())));
    return 0;
}

int verifyData(const Settings &settings, const DataOptions &options)
{
    const auto checks = verify(
        options.files.isEmpty() ? DataDir::databaseIn(absoluteDataDir(settings)) : options.file());
    if (!checks)
        return fail(checks.error());
    for (const Check &check : *checks)
        printLine(check.fault.isEmpty()
                ? QStringLiteral("ok    ") + check.what
                : QStringLiteral("FAIL  %1: %2").arg(check.what, check.fault));
    const bool ok =
        std::ranges::all_of(*checks, [](const Check &check) { return check.fault.isEmpty(); });
    return toInt(ok ? ExitCode::Ok : ExitCode::Failed);
}

/** Seconds since it was stored; not below 0, whatever the clock says. */
std::optional<qint64> oldestAge(const StoreStatistics &found)
{
    if (!found.oldestBlob)
        return std::nullopt;
    return std::max((QDateTime::currentMSecsSinceEpoch() - *found.oldestBlob) / 1000, qint64(0));
}

QJsonObject toJson(const Usage &usage)
{
    return {{QStringLiteral("count"), usage.count}, {QStringLiteral("bytes"), usage.bytes}};
}

QJsonObject toJson(const StoreStatistics &found)
{
    QJsonObject json {
        {QStringLiteral("schema"), found.schema},
        {QStringLiteral("mailboxes"), found.mailboxes},
        {QStringLiteral("largest_mailbox"), toJson(found.largestMailbox)},
        {QStringLiteral("file_bytes"), found.fileBytes},
        {QStringLiteral("log_bytes"), found.logBytes},
        {QStringLiteral("page_bytes"), found.pageBytes},
        {QStringLiteral("pages"), found.pages},
        {QStringLiteral("free_pages"), found.freePages},
    };
    const auto age = oldestAge(found);
    json.insert(QStringLiteral("oldest_blob_age_seconds"), age ? QJsonValue(*age) : QJsonValue());
    for (const auto &[table, usage] : found.tables)
        json.insert(table, toJson(usage));
    return json;
}

void printAsText(const StoreStatistics &found)
{
    const auto line = [](const QString &name, const QString &value) {
        printLine(name.leftJustified(24) + value);
    };
    const auto usage = [](const Usage &of) {
        return QStringLiteral("%1, %2 bytes").arg(of.count).arg(of.bytes);
    };
    for (const auto &[table, of] : found.tables)
        line(QString(table).replace(QLatin1Char('_'), QLatin1Char(' ')), usage(of));
    const auto age = oldestAge(found);
    line(QStringLiteral("oldest blob"),
        age ? QStringLiteral("%1 s old").arg(*age) : QStringLiteral("none"));
    line(QStringLiteral("mailboxes"), QString::number(found.mailboxes));
    line(QStringLiteral("largest mailbox"), usage(found.largestMailbox));
    line(QStringLiteral("file"), QStringLiteral("%1 bytes").arg(found.fileBytes));
    line(QStringLiteral("log"), QStringLiteral("%1 bytes").arg(found.logBytes));
    line(QStringLiteral("pages"),
        QStringLiteral("%1 of %2 bytes, %3 unused")
            .arg(found.pages)
            .arg(found.pageBytes)
            .arg(found.freePages));
    line(QStringLiteral("schema"), QString::number(found.schema));
}

int showStatistics(const Settings &settings, const DataOptions &options)
{
    const auto found = statistics(DataDir::databaseIn(absoluteDataDir(settings)));
    if (!found)
        return fail(found.error());
    if (options.has(QStringLiteral("--json")))
        printLine(QString::fromUtf8(QJsonDocument(toJson(*found)).toJson(QJsonDocument::Compact)));
    else
        printAsText(*found);
    return 0;
}

/** From the standard input: a command line can be seen by others. */
int forgetProofOfId(const Settings &settings, const DataOptions &)
{
    QFile input;
    if (!input.open(stdin, QIODevice::ReadOnly))
        return fail({ExitCode::Failed, QStringLiteral("Cannot read the standard input.")});
    const auto id = Id::fromHex(input.readLine(1024).trimmed());
    if (!id)
        return fail({ExitCode::Usage,
            QStringLiteral("The standard input has to be an id, 64 hexadecimal digits.")});
    PostgresConfig server;
    server.url = settings.postgresUrl;
    const auto forgotten = settings.storageBackend == StorageBackend::Postgres
        ? forgetProof(server, *id)
        : forgetProof(DataDir::databaseIn(absoluteDataDir(settings)), *id);
    if (!forgotten)
        return fail(forgotten.error());
    if (!*forgotten)
        return fail({ExitCode::Failed,
            QStringLiteral(
                "This id has not signed a handshake here: there is nothing to forget.")});
    printLine(
        QStringLiteral("Forgotten: the id can be used without a signature until it signs again."));
    return 0;
}

struct DataCommand {
    const char *name;
    const char *usage;
    qsizetype minFiles;
    qsizetype maxFiles;
    /** The one switch it takes. */
    const char *option;
    int (*run)(const Settings &, const DataOptions &);
    /** What to use for a store on a PostgreSQL server; nullptr: this command. */
    const char *onPostgres;
};

// What PostgreSQL's own programs do better. DSN: RELAY_POSTGRES_URL.
constexpr auto UsePgDump = "Use: pg_dump --format=custom --schema=vauchi_relay --file=FILE DSN";
// As restore() does: nobody knows which ids have been given out since.
constexpr auto UsePgRestore =
    "Stop all relays, and use: pg_restore --clean --if-exists --dbname=DSN FILE - and then, so "
    "that no id is given out twice: psql DSN -c \"SELECT setval(s, nextval(s) + 1 + (random() * "
    "281474976710656)::bigint) FROM unnest(ARRAY['vauchi_relay.blob_sequence', "
    "'vauchi_relay.device_message_sequence']::regclass[]) AS s\"";
constexpr auto UsePgAmcheck = "Use: pg_amcheck --schema=vauchi_relay --heapallindexed DSN";
constexpr auto UseMetrics =
    "Use: /metrics of any relay - or: psql DSN -c \"SELECT sum(blob_count) AS blobs, "
    "sum(blob_bytes) AS blob_bytes, sum(device_message_count) AS device_messages, "
    "sum(proof_count) AS proofs, sum(proven_id_count) AS proven_ids FROM vauchi_relay.totals\"";

const DataCommand Commands[] = {
    {"backup", "FILE [--with-keys]", 1, 1, "--with-keys", backUpData, UsePgDump},
    {"restore", "FILE [--with-keys]", 1, 1, "--with-keys", restoreData, UsePgRestore},
    {"verify", "[FILE]", 0, 1, "", verifyData, UsePgAmcheck},
    {"stats", "[--json]", 0, 0, "--json", showStatistics, UseMetrics},
    {"forget-proof", "< FILE_WITH_THE_ID", 0, 0, "", forgetProofOfId, nullptr},
};

const DataCommand *find(const QString &name)
{
    const auto *found = std::ranges::find_if(
        Commands, [&](const DataCommand &command) { return name == QLatin1String(command.name); });
    return found == std::end(Commands) ? nullptr : found;
}

} // namespace

bool isDataCommand(const QString &command)
{
    return find(command) != nullptr;
}

int runDataCommand(const Settings &settings, const QString &name, const QStringList &words)
{
    // Copies are the owner's alone too.
    ::umask(0077);
    const DataCommand *command = find(name);
    Q_ASSERT(command);
    const DataOptions options = DataOptions::of(words);
    const bool knowsSwitches = std::ranges::all_of(options.switches,
        [&](const QString &option) { return option == QLatin1String(command->option); });
    if (!knowsSwitches || options.files.size() < command->minFiles
        || options.files.size() > command->maxFiles || options.files.contains(QString()))
        return fail({ExitCode::Usage,
            QStringLiteral("Usage: vauchi-relay %1 %2")
                .arg(name, QString::fromLatin1(command->usage))});
    if (settings.storageBackend == StorageBackend::Memory)
        return fail({ExitCode::Configuration,
            QStringLiteral("RELAY_STORAGE_BACKEND=memory keeps nothing on disk: there is no "
                           "database for %1.")
                .arg(name)});
    // A file that is named is SQLite's, wherever the relay stores now.
    const bool isOfAFile = command->run == verifyData && !options.files.isEmpty();
    if (settings.storageBackend == StorageBackend::Postgres && command->onPostgres && !isOfAFile)
        return fail({ExitCode::Configuration,
            QStringLiteral("RELAY_STORAGE_BACKEND=postgres: %1 is for SQLite. %2\n(DSN: "
                           "RELAY_POSTGRES_URL)")
                .arg(name, QString::fromLatin1(command->onPostgres))});
    return command->run(settings, options);
}

} // namespace relay
