// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/database.h"
#include "relayd/storage/storereader.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"
#include "tests/support/storefixture.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlError>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

using namespace relay;
using namespace relay::test;

namespace {

QString sql(const char *text)
{
    return QString::fromLatin1(text);
}

/** A file in a folder of its own, made by `statements` over a plain connection. */
struct ForeignFile {
    explicit ForeignFile(const QStringList &statements)
    {
        const QString name = QStringLiteral("foreign");
        {
            auto handle = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
            handle.setDatabaseName(config.path);
            if (!handle.open())
                qFatal("the file cannot be made");
            for (const QString &statement : statements) {
                QSqlQuery query(handle);
                if (!query.exec(statement))
                    qFatal("%s", qPrintable(query.lastError().text()));
            }
        }
        QSqlDatabase::removeDatabase(name);
    }
    QByteArray bytes() const
    {
        QFile file(config.path);
        file.open(QIODevice::ReadOnly);
        return file.readAll();
    }

    QTemporaryDir folder;
    DatabaseConfig config {StorageBackend::Sqlite, folder.filePath(QStringLiteral("relay.db"))};
};

qint64 numberOf(const Database &database, const char *text)
{
    return database.number(sql(text)).value_or(-1);
}

} // namespace

class TestDatabase : public QObject {
    Q_OBJECT

private slots:
    void createsWhatIsMissing();
    void opensWhatItMadeAsItIs();
    void takesAnEmptyFileForANewOne();
    void writesAsCarefullyAsToldTo_data();
    void writesAsCarefullyAsToldTo();
    void refusesWhatANewerRelayWrote();
    void refusesTheDatabaseOfAnotherProgram_data();
    void refusesTheDatabaseOfAnotherProgram();
    void refusesAFileThatIsNoDatabase_data();
    void refusesAFileThatIsNoDatabase();
    void refusesAPathThatCannotBeOpened_data();
    void refusesAPathThatCannotBeOpened();
    void migratesAllOrNothing();
    void rollsBackWhatWasNotCommitted();
    void knowsWhetherATransactionIsOpen();
    void givesUnusedPagesBack();
    void saysWhenNoPageCanBeGivenBack();
    void keepsTheLogBoundedUnderAContinuousWriter();
    void emptiesTheLogAtTheEnd();
    void keepsMemoryApart();
};

void TestDatabase::createsWhatIsMissing()
{
    QTemporaryDir folder;
    const auto database =
        Database::create({StorageBackend::Sqlite, folder.filePath(QStringLiteral("relay.db"))});
    QVERIFY(database);
    QCOMPARE(numberOf(*database, "PRAGMA user_version"), Database::latestSchema());
    QCOMPARE(numberOf(*database, "PRAGMA application_id"), 0x56526c79);
    QCOMPARE(numberOf(*database, "PRAGMA auto_vacuum"), 2); // incremental
    QCOMPARE(numberOf(*database, "PRAGMA synchronous"), 2); // full
    QCOMPARE(numberOf(*database, "PRAGMA secure_delete"), 1);
    QCOMPARE(numberOf(*database, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    QVERIFY(numberOf(*database, "PRAGMA busy_timeout") >= 1000);
    for (const char *table : {"state", "blobs", "device_messages", "proofs", "proven_ids"})
        QCOMPARE(
            database->number(QStringLiteral("SELECT count(*) FROM %1").arg(QLatin1String(table)))
                .value_or(-1),
            0);
    QCOMPARE(numberOf(*database, "PRAGMA foreign_key_check"), -1);
}

void TestDatabase::opensWhatItMadeAsItIs()
{
    QTemporaryDir folder;
    const DatabaseConfig config {
        StorageBackend::Sqlite, folder.filePath(QStringLiteral("relay.db"))};
    {
        const auto database = Database::create(config);
        QVERIFY(database->exec(sql("INSERT INTO state (id, id_key) VALUES (1, x'00')")));
    }
    for (int i = 0; i < 2; ++i) {
        const auto database = Database::create(config);
        QVERIFY(database);
        QCOMPARE(numberOf(*database, "SELECT count(*) FROM state"), 1);
        QCOMPARE(numberOf(*database, "PRAGMA user_version"), Database::latestSchema());
        QCOMPARE(numberOf(*database, "PRAGMA auto_vacuum"), 2);
        QCOMPARE(numberOf(*database, "PRAGMA synchronous"), 2); // kept nowhere in the file
        QCOMPARE(numberOf(*database, "PRAGMA secure_delete"), 1);
    }
}

void TestDatabase::takesAnEmptyFileForANewOne()
{
    ForeignFile file({});
    QFile touched(file.config.path);
    QVERIFY(touched.open(QIODevice::WriteOnly));
    touched.close();
    const auto database = Database::create(file.config);
    QVERIFY(database);
    QCOMPARE(numberOf(*database, "PRAGMA auto_vacuum"), 2);
}

void TestDatabase::writesAsCarefullyAsToldTo_data()
{
    QTest::addColumn<SqliteSynchronous>("synchronous");
    QTest::addColumn<int>("pragma");
    QTest::newRow("full") << SqliteSynchronous::Full << 2;
    QTest::newRow("normal") << SqliteSynchronous::Normal << 1;
    QTest::newRow("off") << SqliteSynchronous::Off << 0;
}

void TestDatabase::writesAsCarefullyAsToldTo()
{
    QFETCH(SqliteSynchronous, synchronous);
    QFETCH(int, pragma);
    QTemporaryDir folder;
    const auto database = Database::create(
        {StorageBackend::Sqlite, folder.filePath(QStringLiteral("relay.db")), synchronous});
    QVERIFY(database);
    QCOMPARE(numberOf(*database, "PRAGMA synchronous"), pragma);
}

void TestDatabase::refusesWhatANewerRelayWrote()
{
    ForeignFile file({sql("PRAGMA application_id = 1448242297"),
        QStringLiteral("PRAGMA user_version = %1").arg(Database::latestSchema() + 1),
        sql("CREATE TABLE blobs (something_new INTEGER)")});
    const QByteArray before = file.bytes();
    const auto database = Database::create(file.config);
    QVERIFY(!database);
    QCOMPARE(database.error().exitCode, ExitCode::Configuration);
    QVERIFY(database.error().message.contains(file.config.path));
    QVERIFY(database.error().message.contains(sql("newer")));
    QCOMPARE(file.bytes(), before);
}

void TestDatabase::refusesTheDatabaseOfAnotherProgram_data()
{
    QTest::addColumn<QStringList>("statements");
    QTest::newRow("with an id of its own")
        << QStringList {sql("PRAGMA application_id = 252006673"), sql("CREATE TABLE t (a)")};
    QTest::newRow("without an id") << QStringList {sql("CREATE TABLE blobs (a)")};
    QTest::newRow("without tables, but with a version")
        << QStringList {sql("PRAGMA user_version = 1")};
    QTest::newRow("of a later schema")
        << QStringList {sql("PRAGMA user_version = 9"), sql("CREATE TABLE t (a)")};
}

void TestDatabase::refusesTheDatabaseOfAnotherProgram()
{
    QFETCH(QStringList, statements);
    ForeignFile file(statements);
    const QByteArray before = file.bytes();
    const auto database = Database::create(file.config);
    QVERIFY(!database);
    QCOMPARE(database.error().exitCode, ExitCode::Configuration);
    QVERIFY(database.error().message.contains(file.config.path));
    QVERIFY(database.error().message.contains(sql("another program")));
    QCOMPARE(file.bytes(), before);
}

void TestDatabase::refusesAFileThatIsNoDatabase_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("text") << QByteArray("This is not a database.\n").repeated(400);
    QTest::newRow("zeros") << QByteArray(8192, '\0');
    QTest::newRow("a head and nothing behind it")
        << QByteArray("SQLite format 3\0", 16) + QByteArray(4096, '\xff');
}

void TestDatabase::refusesAFileThatIsNoDatabase()
{
    QFETCH(QByteArray, content);
    ForeignFile foreign({});
    QFile file(foreign.config.path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.close();
    const auto database = Database::create(foreign.config);
    QVERIFY(!database);
    QCOMPARE(database.error().exitCode, ExitCode::CannotWrite);
    QVERIFY(database.error().message.contains(foreign.config.path));
    QCOMPARE(foreign.bytes(), content); // never deleted, never changed
}

void TestDatabase::refusesAPathThatCannotBeOpened_data()
{
    QTest::addColumn<QString>("path");
    QTest::newRow("no such folder") << sql("/nowhere/at/all/relay.db");
    QTest::newRow("a folder") << sql("/tmp");
    QTest::newRow("a place that takes no files") << sql("/proc/relay.db");
}

void TestDatabase::refusesAPathThatCannotBeOpened()
{
    QFETCH(QString, path);
    const DatabaseConfig config {StorageBackend::Sqlite, path};
    const auto database = Database::create(config);
    QVERIFY(!database);
    QCOMPARE(database.error().exitCode, ExitCode::CannotWrite);
    QVERIFY(database.error().message.contains(path));
    QVERIFY(!Database::connect(config));
}

void TestDatabase::migratesAllOrNothing()
{
    // The first migration fails at its last table.
    ForeignFile file({sql("PRAGMA application_id = 1448242297"), sql("CREATE TABLE proofs (a)")});
    {
        const auto database = Database::create(file.config);
        QVERIFY(!database);
        QCOMPARE(database.error().exitCode, ExitCode::CannotWrite);
        QVERIFY(database.error().message.contains(sql("migration 1")));
    }
    const auto database = Database::connect(file.config);
    QVERIFY(database);
    QCOMPARE(numberOf(*database, "PRAGMA user_version"), 0);
    QCOMPARE(numberOf(*database, "SELECT count(*) FROM sqlite_schema"), 1);
}

void TestDatabase::rollsBackWhatWasNotCommitted()
{
    const auto database = Database::create({StorageBackend::Memory, {}});
    QVERIFY(database);
    const char *const count = "SELECT count(*) FROM proofs";
    const QString insert = sql("INSERT INTO proofs VALUES (x'01', 1, x'02')");
    {
        Transaction transaction(*database);
        QVERIFY(transaction.isOpen());
        QVERIFY(database->exec(insert));
        QCOMPARE(numberOf(*database, count), 1);
        Transaction nested(*database);
        QVERIFY(!nested.isOpen()); // and does not end the other one
        QVERIFY(!nested.commit());
    }
    QCOMPARE(numberOf(*database, count), 0);
    Transaction transaction(*database);
    QVERIFY(database->exec(insert));
    QVERIFY(transaction.commit());
    QVERIFY(!transaction.commit());
    QVERIFY(!transaction.isOpen());
    QCOMPARE(numberOf(*database, count), 1);
}

void TestDatabase::knowsWhetherATransactionIsOpen()
{
    const auto database = Database::create({StorageBackend::Memory, {}});
    QVERIFY(!database->isTransactionOpen());
    QVERIFY(database->begin());
    QVERIFY(database->isTransactionOpen());
    QVERIFY(database->exec(sql("INSERT INTO proofs VALUES (x'01', 1, x'02')")));
    QVERIFY(database->isTransactionOpen()); // asking does no harm
    QVERIFY(database->commit());
    QVERIFY(!database->isTransactionOpen());
    QCOMPARE(numberOf(*database, "SELECT count(*) FROM proofs"), 1);
    QVERIFY(database->exec(sql("CREATE TRIGGER t BEFORE DELETE ON proofs "
                               "BEGIN SELECT RAISE(ROLLBACK, 'gone'); END")));
    QVERIFY(database->begin());
    QVERIFY(!database->exec(sql("DELETE FROM proofs")));
    QVERIFY(!database->lastError().isEmpty());
    QVERIFY(!database->isTransactionOpen());
    QVERIFY(!database->commit());
}

void TestDatabase::givesUnusedPagesBack()
{
    QTemporaryDir folder;
    const auto database = Database::create({StorageBackend::Sqlite,
        folder.filePath(QStringLiteral("relay.db")), SqliteSynchronous::Off});
    QVERIFY(!database->isMostlyUnused());
    QVERIFY(database->exec(sql("INSERT INTO proofs VALUES (x'01', 1, zeroblob(8000000))")));
    QVERIFY(!database->isMostlyUnused());
    QVERIFY(database->exec(sql("DELETE FROM proofs")));
    QVERIFY(database->isMostlyUnused());
    const qint64 pages = numberOf(*database, "PRAGMA page_count");
    QVERIFY(database->vacuum(10));
    QCOMPARE(numberOf(*database, "PRAGMA page_count"), pages - 10);
    int steps = 0;
    for (; database->isMostlyUnused(); ++steps) {
        QVERIFY(database->vacuum(64));
        QVERIFY(steps < 100);
    }
    QVERIFY(steps > 10);
    QVERIFY(numberOf(*database, "PRAGMA page_count") < pages / 2 + 200);
    QVERIFY(database->checkpointAll());
    QVERIFY(QFileInfo(folder.filePath(QStringLiteral("relay.db"))).size() < 5'000'000);
}

void TestDatabase::saysWhenNoPageCanBeGivenBack()
{
    const auto database = Database::create({StorageBackend::Memory, {}});
    QVERIFY(!database->vacuum(10)); // none is unused
    QVERIFY(database->exec(sql("INSERT INTO proofs VALUES (x'01', 1, zeroblob(100000))")));
    QVERIFY(database->exec(sql("DELETE FROM proofs")));
    QVERIFY(database->exec(sql("PRAGMA query_only = 1")));
    QVERIFY(!database->vacuum(10));
    QVERIFY(!database->isTransactionOpen());
    QVERIFY(database->exec(sql("PRAGMA query_only = 0")));
    QVERIFY(database->vacuum(10));
}

namespace {

constexpr qint64 Megabyte = 1024 * 1024;

/** The largest that the log was while so many megabytes were written and read at once; -1: failed.
 */
qint64 logAfterWriting(int megabytes)
{
    StoreFixture store(StorageBackend::Sqlite);
    // The reader with its checkpoints, on a thread of its own.
    FakeRelay relay;
    RecordingInbox<IoEvent> answers;
    const IoInboxes inboxes {&answers.inbox()};
    StoreReader reader(relay.context, inboxes);
    QThread thread;
    reader.moveToThread(&thread);
    thread.start();
    QMetaObject::invokeMethod(
        &reader, [&] { QVERIFY(!reader.open(store.config(), store.tables().recent())); },
        Qt::BlockingQueuedConnection);

    const QFileInfo log(store.config().path + QStringLiteral("-wal"));
    const QByteArray payload(64 * 1024, 'x');
    const auto writeOne = [&] {
        bool ok = store.tables().begin();
        for (int i = 0; i < 16; ++i)
            ok = ok
                && store.tables().apply(blobFor(idOf(1), payload), 0).result == ApplyResult::Done;
        return ok && store.tables().commit();
    };
    qint64 largest = 0;
    for (int written = 0; written < megabytes && largest >= 0; ++written) {
        bool ok = writeOne();
        // As StoreWriter does.
        if (relay.progress.isLogLong.exchange(false))
            ok = ok && store.database().checkpoint();
        // A reader in between, as when mailboxes are delivered.
        reader.inbox().post(PageRequest {
            ConnectionId::of(0, 1), {PageQuery::Kind::Mailbox, {idOf(1), {}}, {}, {}, {}}});
        QFileInfo now(log);
        now.refresh();
        largest = ok ? std::max(largest, now.size()) : -1;
    }
    QMetaObject::invokeMethod(
        &reader, [&] { reader.close(); }, Qt::BlockingQueuedConnection);
    thread.quit();
    thread.wait();
    qInfo("the log grew to %lld KB", static_cast<long long>(largest / 1024));
    return largest;
}

} // namespace

void TestDatabase::keepsTheLogBoundedUnderAContinuousWriter()
{
    constexpr int Written = 200;
    // Mostly 20 MB. Where something else has the processors while a page is read, or while the log
    // is moved, it was 71: then another log may show it.
    qint64 largest = 0;
    for (int attempt = 0; attempt < 3; ++attempt) {
        largest = logAfterWriting(Written);
        QVERIFY(largest > 0);
        if (largest < Written * Megabyte / 2)
            return;
    }
    QFAIL(QByteArray::number(largest).constData());
}

void TestDatabase::emptiesTheLogAtTheEnd()
{
    StoreFixture store(StorageBackend::Sqlite);
    store.run(blobFor(idOf(1), QByteArray(100'000, 'x')));
    const QString log = store.config().path + QStringLiteral("-wal");
    QVERIFY(QFileInfo(log).size() > 100'000);
    QVERIFY(store.database().checkpointAll());
    QCOMPARE(QFileInfo(log).size(), 0);
}

void TestDatabase::keepsMemoryApart()
{
    const auto one = Database::create({StorageBackend::Memory, {}});
    const auto two = Database::create({StorageBackend::Memory, {}});
    QVERIFY(one->exec(sql("INSERT INTO proofs VALUES (x'01', 1, x'02')")));
    QCOMPARE(numberOf(*two, "SELECT count(*) FROM proofs"), 0);
    QCOMPARE(numberOf(*one, "PRAGMA auto_vacuum"), 2);
    QCOMPARE(numberOf(*one, "PRAGMA user_version"), Database::latestSchema());
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
