// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/database.h"
#include "tests/support/mailload.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTest>
#include <QtEndian>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

namespace {

const Environment Unlimited {{u"MAX_BLOBS_PER_RECIPIENT"_s, u"0"_s},
    {u"MAX_BYTES_PER_RECIPIENT"_s, u"0"_s}, {u"MAX_MESSAGE_SIZE"_s, u"8000000"_s}};

int modeOf(const QString &path)
{
    struct stat status { };
    if (::stat(QFile::encodeName(path).constData(), &status) != 0)
        return -1;
    return static_cast<int>(status.st_mode & 07777);
}

QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

/** Names and contents; of `-shm`, which SQLite writes to whoever reads, the name alone. */
QMap<QString, QByteArray> contentOf(const QString &folder)
{
    QMap<QString, QByteArray> content;
    const auto names = QDir(folder).entryList(QDir::Files | QDir::Hidden);
    for (const QString &name : names)
        content.insert(
            name, name.endsWith("-shm"_L1) ? QByteArray() : bytesOf(folder + u'/' + name));
    return content;
}

/** One number of the file's head, as the format of SQLite has it. */
quint32 headOf(const QString &database, int offset)
{
    const QByteArray head = bytesOf(database).left(100);
    return head.size() < 100 ? 0 : qFromBigEndian<quint32>(head.constData() + offset);
}

/** A subcommand, run to its end. */
struct Ran {
    Ran(const RelayProcess &relay, const QStringList &arguments)
    {
        said = relay.run(arguments, &exitCode);
    }

    int exitCode = -1;
    QByteArray said;
};

QByteArray keyOf(char fill)
{
    return QByteArray(64, fill);
}

} // namespace

/** The subcommands that copy, put back and look at the data of a real relay. */
class TestBackup : public QObject {
    Q_OBJECT

private slots:
    void holdsAllThatWasAcknowledgedBeforeItBegan();
    void leavesTheRelayToWriteAndToUseItsLogAgain();
    void isTheOwnersAloneAndKeepsWhatKindOfDatabaseItIs();
    void changesNothingInAFolderAtRest();
    void changesNothingThatAKilledRelayLeft();
    void leavesNoFileUnderItsNameWhenKilled();
    void givesOutNoIdTwiceAfterARestore();
    void copiesTheKeyOnlyWhenAsked();
    void finishesWhatAKilledOneLeftOfTheKey();
    void refusesToBackUp_data();
    void refusesToBackUp();
    void leavesNothingWhenTheDiskIsFull();
    void saysWhoMayNotWrite();
    void refusesAWrongCommandLine_data();
    void refusesAWrongCommandLine();

    void putsBackInTheExactPlaceOfAKilledRelaysDatabase();
    void restoresUnderNoRunningRelay();
    void refusesToRestoreUnderAnotherReader();
    void refusesToRestore_data();
    void refusesToRestore();
    void replacesWhatIsDamagedAndKeepsIt();
    void isOldOrNewWhenARestoreIsKilled();
    void restoresTheKeyOnlyWhenAsked();
    void refusesAKeyThatIsNone();
    void givesRestoredFilesToTheOwnerOfTheFolder();

    void verifiesAndCountsBesideARunningRelay();
    void saysWhatIsWrongWithADatabase();
};

void TestBackup::holdsAllThatWasAcknowledgedBeforeItBegan()
{
    RelayProcess relay(Unlimited);
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"o'hare.db"_s); // SQL must not mind the name
    const Id bob = freshId();
    SteadySender sender(relay, bob);
    QTRY_VERIFY_WITH_TIMEOUT(sender.acknowledged() > 200, 30'000);
    const int before = sender.acknowledged();
    const Ran backup(relay, {u"backup"_s, file});
    QVERIFY2(backup.exitCode == 0, backup.said);
    const int after = sender.acknowledged();
    QVERIFY(sender.stop());
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList {u"o'hare.db"_s});

    RelayProcess other(Unlimited);
    const Ran restored(other, {u"restore"_s, file});
    QVERIFY2(restored.exitCode == 0, restored.said);
    QVERIFY2(other.start(), other.log());
    const QList<int> delivered = deliveredMail(other, bob);
    QVERIFY(delivered.size() >= before && delivered.size() <= after + 1);
    QCOMPARE(delivered, numbersUpTo(static_cast<int>(delivered.size())));
    // The next blob gets a sequence above them.
    QVERIFY(storeMail(
        other, bob, static_cast<int>(delivered.size()), static_cast<int>(delivered.size()) + 1));
    QCOMPARE(deliveredMail(other, bob), numbersUpTo(static_cast<int>(delivered.size()) + 1));
}

void TestBackup::leavesTheRelayToWriteAndToUseItsLogAgain()
{
    RelayProcess relay(Unlimited);
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, 10, 1'000'000)); // so that a copy takes its time
    SteadySender sender(relay, freshId());
    QTRY_VERIFY(sender.acknowledged() > 0);
    const int before = sender.acknowledged();
    for (int i = 0; i < 3; ++i) {
        const Ran backup(relay, {u"backup"_s, folder.filePath(QString::number(i))});
        QVERIFY2(backup.exitCode == 0, backup.said);
    }
    QVERIFY(sender.acknowledged() > before + 3);
    QVERIFY(sender.stop());
    // Afterwards the log is used again from its start: that gives it another head.
    const QString log = relay.dataDir() + u"/relay.db-wal"_s;
    const QByteArray head = bytesOf(log).left(32);
    QTRY_VERIFY(storeMail(relay, bob, 10, 11) && bytesOf(log).left(32) != head);
    QCOMPARE(relay.stop(), 0);
    QCOMPARE(QFileInfo(log).size(), 0);
}

void TestBackup::isTheOwnersAloneAndKeepsWhatKindOfDatabaseItIs()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const mode_t before = ::umask(0);
    const Ran backup(relay, {u"backup"_s, file});
    ::umask(before);
    QVERIFY2(backup.exitCode == 0, backup.said);
    QCOMPARE(modeOf(file), 0600);
    QCOMPARE(relay.stop(), 0); // from now on all is in the file itself
    const QString database = relay.dataDir() + u"/relay.db"_s;
    for (const int offset :
        {60 /* user_version */, 64 /* incremental */, 68 /* application_id */}) {
        QVERIFY(headOf(file, offset) != 0);
        QCOMPARE(headOf(file, offset), headOf(database, offset));
    }
    QVERIFY(headOf(file, 52) != 0); // auto_vacuum
}

void TestBackup::changesNothingInAFolderAtRest()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(storeMail(relay, freshId(), 0, 20));
    QCOMPARE(relay.stop(), 0);
    const auto before = contentOf(relay.dataDir());
    QTemporaryDir folder;
    for (const QStringList &command :
        {QStringList {u"backup"_s, folder.filePath(u"b"_s)}, {u"verify"_s}, {u"stats"_s}}) {
        const Ran ran(relay, command);
        QVERIFY2(ran.exitCode == 0, ran.said);
        QCOMPARE(contentOf(relay.dataDir()), before);
    }
}

void TestBackup::changesNothingThatAKilledRelayLeft()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, 50));
    relay.kill();
    const auto before = contentOf(relay.dataDir());
    QVERIFY(!before.value(u"relay.db-wal"_s).isEmpty());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    for (const QStringList &command :
        {QStringList {u"backup"_s, file}, {u"verify"_s}, {u"stats"_s}}) {
        const Ran ran(relay, command);
        QVERIFY2(ran.exitCode == 0, ran.said);
        QCOMPARE(contentOf(relay.dataDir()), before);
    }
    // What is in the log alone is in the copy too.
    RelayProcess other;
    QCOMPARE(Ran(other, {u"restore"_s, file}).exitCode, 0);
    QVERIFY2(other.start(), other.log());
    QCOMPARE(deliveredMail(other, bob), numbersUpTo(50));
}

void TestBackup::leavesNoFileUnderItsNameWhenKilled()
{
    RelayProcess relay(Unlimited);
    QVERIFY2(relay.start(), relay.log());
    constexpr int Count = 30;
    constexpr int Size = 1'000'000;
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, Count, Size));
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const QString partial = file + u".partial"_s;
    int killed = 0;
    // It is killed when the partial file has so many bytes: at once, and ever later.
    for (const qint64 bytes : {0, 1, 2'000'000, 10'000'000, 25'000'000, 30'000'000}) {
        QProcess backup;
        backup.setProcessEnvironment(relay.environment());
        backup.start(QStringLiteral(RELAY_PROGRAM), {u"backup"_s, file});
        QVERIFY(backup.waitForStarted());
        const QByteArray path = QFile::encodeName(partial);
        struct stat status { };
        while (::stat(path.constData(), &status) != 0 || status.st_size < bytes) {
            if (::access(QFile::encodeName(file).constData(), F_OK) == 0)
                break; // it was too fast
        }
        ::kill(static_cast<pid_t>(backup.processId()), SIGKILL);
        QVERIFY(backup.waitForFinished());
        if (QFileInfo::exists(file)) {
            // Whole, then.
            QCOMPARE(Ran(relay, {u"verify"_s, file}).exitCode, 0);
            QVERIFY(QFile::remove(file));
        } else {
            ++killed;
            QVERIFY(QFileInfo::exists(partial));
            QCOMPARE(modeOf(partial), 0600);
        }
    }
    QVERIFY2(killed >= 3, QByteArray::number(killed).constData());
    const Ran backup(relay, {u"backup"_s, file});
    QVERIFY2(backup.exitCode == 0, backup.said);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList {u"b"_s});
    QCOMPARE(deliveredMail(relay, bob, Size), numbersUpTo(Count)); // and the relay never minded
}

void TestBackup::givesOutNoIdTwiceAfterARestore()
{
    RelayProcess relay({{u"RATE_LIMIT_PER_MIN"_s, u"0"_s}});
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const Ran backup(relay, {u"backup"_s, file});
    QVERIFY2(backup.exitCode == 0, backup.said);
    // What is stored after it is forgotten by the restore, but not by the clients.
    const Id bob = freshId();
    QSet<QByteArray> known;
    for (int round = 0; round < 3; ++round) {
        {
            RawClient sender(relay.port());
            QVERIFY(sender.join(freshId()));
            for (int n = 0; n < 20; ++n) {
                const auto stored = sender.store(bob, "x", freshId());
                QCOMPARE(stored->status, AckStatus::Stored);
                QVERIFY2(!known.contains(stored->blobId), QByteArray::number(round));
                known.insert(stored->blobId);
            }
        }
        QCOMPARE(relay.stop(), 0);
        const Ran restored(relay, {u"restore"_s, file});
        QVERIFY2(restored.exitCode == 0, restored.said);
        QVERIFY2(relay.start(), relay.log());
    }
}

void TestBackup::copiesTheKeyOnlyWhenAsked()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const auto path = [&](const char *name) { return folder.filePath(QLatin1String(name)); };
    QVERIFY(QFile::remove(relay.dataDir() + u"/relay_noise_key.bin"_s));
    const Ran none(relay, {u"backup"_s, path("none"), u"--with-keys"_s});
    QVERIFY2(none.exitCode == 0 && none.said.contains("no key"), none.said);
    QVERIFY(write(relay.dataDir() + u"/relay_noise_key.bin"_s, keyOf('k')));
    const Ran without(relay, {u"backup"_s, path("without")});
    QVERIFY2(without.exitCode == 0, without.said);
    QVERIFY2(without.said.contains("relay_noise_key.bin"), without.said);
    const mode_t before = ::umask(0);
    const Ran with(relay, {u"backup"_s, u"--with-keys"_s, path("with")});
    ::umask(before);
    QVERIFY2(with.exitCode == 0, with.said);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files),
        (QStringList {u"none"_s, u"with"_s, u"with.noise_key.bin"_s, u"without"_s}));
    QCOMPARE(bytesOf(path("with.noise_key.bin")), keyOf('k'));
    QCOMPARE(modeOf(path("with.noise_key.bin")), 0600);
    QVERIFY(!with.said.contains(keyOf('k')));
}

void TestBackup::finishesWhatAKilledOneLeftOfTheKey()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const QString keyCopy = file + u".noise_key.bin"_s;
    QVERIFY(write(relay.dataDir() + u"/relay_noise_key.bin"_s, keyOf('k')));
    // Another key under that name belongs to something else.
    QVERIFY(write(keyCopy, keyOf('x')));
    const Ran refused(relay, {u"backup"_s, file, u"--with-keys"_s});
    QCOMPARE(refused.exitCode, 73);
    QCOMPARE(bytesOf(keyCopy), keyOf('x'));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList {u"b.noise_key.bin"_s});
    // The same key is what a backup leaves that is killed before its last step.
    QVERIFY(write(keyCopy, keyOf('k')));
    const Ran done(relay, {u"backup"_s, file, u"--with-keys"_s});
    QVERIFY2(done.exitCode == 0, done.said);
    QVERIFY(QFileInfo::exists(file));
}

void TestBackup::refusesToBackUp_data()
{
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("target");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("a file that is there") << u""_s << u""_s << u"there"_s << 73 << "exists"_ba;
    QTest::newRow("no such folder") << u""_s << u""_s << u"no/b"_s << 73 << "No such file"_ba;
    QTest::newRow("a folder as the file") << u""_s << u""_s << u"."_s << 73 << "exists"_ba;
    QTest::newRow("a file as the folder") << u""_s << u""_s << u"there/b"_s << 73 << "Not a dir"_ba;
    QTest::newRow("no room left for the relay")
        << u"MIN_FREE_BYTES"_s << u"9000000000000000"_s << u"b"_s << 74 << "bytes free"_ba;
    QTest::newRow("memory") << u"STORAGE_BACKEND"_s << u"memory"_s << u"b"_s << 78 << "memory"_ba;
    QTest::newRow("no database") << u"DATA_DIR"_s << u"/nowhere/at/all"_s << u"b"_s << 78
                                 << "no database"_ba;
}

void TestBackup::refusesToBackUp()
{
    QFETCH(QString, setting);
    QFETCH(QString, value);
    QFETCH(QString, target);
    QFETCH(int, exitCode);
    QFETCH(QByteArray, says);
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    QVERIFY(write(folder.filePath(u"there"_s), "mine"));
    const auto before = contentOf(folder.path());
    if (!setting.isEmpty())
        relay.set(setting, value);
    const Ran backup(relay, {u"backup"_s, folder.filePath(target)});
    QVERIFY2(backup.exitCode == exitCode && backup.said.contains(says), backup.said);
    QCOMPARE(contentOf(folder.path()), before);
}

void TestBackup::leavesNothingWhenTheDiskIsFull()
{
    RelayProcess relay(Unlimited);
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(storeMail(relay, freshId(), 0, 6, 1'000'000));
    QTemporaryDir folder;
    QProcess backup;
    backup.setProcessEnvironment(relay.environment());
    backup.setChildProcessModifier([] {
        // A write beyond it fails as on a full disk, with another errno.
        const rlimit limit {4'000'000, 4'000'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ::signal(SIGXFSZ, SIG_IGN);
    });
    backup.start(QStringLiteral(RELAY_PROGRAM), {u"backup"_s, folder.filePath(u"b"_s)});
    QVERIFY(backup.waitForFinished());
    const QByteArray said = backup.readAllStandardError();
    QVERIFY2(backup.exitCode() == 74 && said.contains("Cannot copy"), said);
    QVERIFY(contentOf(folder.path()).isEmpty());
}

void TestBackup::saysWhoMayNotWrite()
{
    if (::geteuid() != 0)
        QSKIP("only root can become somebody else");
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(relay.stop(), 0);
    // The data are of the one who runs, the target is not.
    QTemporaryDir folder;
    for (const QString &path : {folder.path(), QFileInfo(relay.dataDir()).path()})
        QVERIFY(::chmod(QFile::encodeName(path).constData(), 0755) == 0);
    const auto names = QDir(relay.dataDir()).entryList(QDir::Files);
    for (const QString &name : names)
        QVERIFY(::chown(QFile::encodeName(relay.dataDir() + u'/' + name).constData(), 65534, 65534)
            == 0);
    QVERIFY(::chown(QFile::encodeName(relay.dataDir()).constData(), 65534, 65534) == 0);
    QProcess backup;
    backup.setProcessEnvironment(relay.environment());
    backup.start(u"setpriv"_s,
        {u"--reuid=65534"_s, u"--regid=65534"_s, u"--clear-groups"_s, QStringLiteral(RELAY_PROGRAM),
            u"backup"_s, folder.filePath(u"b"_s)});
    QVERIFY(backup.waitForFinished());
    const QByteArray said = backup.readAllStandardError();
    QVERIFY2(backup.exitCode() == 77 && said.contains("Permission denied"), said);
    QVERIFY(contentOf(folder.path()).isEmpty());
}

void TestBackup::refusesAWrongCommandLine_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::newRow("backup without a file") << QStringList {u"backup"_s};
    QTest::newRow("backup of an empty name") << QStringList {u"backup"_s, u""_s};
    QTest::newRow("backup into two") << QStringList {u"backup"_s, u"/tmp/a"_s, u"/tmp/b"_s};
    QTest::newRow("an option of another") << QStringList {u"backup"_s, u"/tmp/a"_s, u"--json"_s};
    QTest::newRow("restore without a file") << QStringList {u"restore"_s, u"--with-keys"_s};
    QTest::newRow("verify two") << QStringList {u"verify"_s, u"a"_s, u"b"_s};
    QTest::newRow("stats of a file") << QStringList {u"stats"_s, u"a"_s};
    QTest::newRow("unknown option") << QStringList {u"stats"_s, u"--xml"_s};
}

void TestBackup::refusesAWrongCommandLine()
{
    QFETCH(QStringList, words);
    const RelayProcess relay;
    const Ran ran(relay, words);
    QVERIFY2(ran.exitCode == 64 && ran.said.contains("Usage: vauchi-relay "), ran.said);
    QVERIFY(!QFileInfo::exists(relay.dataDir()));
}

void TestBackup::putsBackInTheExactPlaceOfAKilledRelaysDatabase()
{
    RelayProcess relay(Unlimited);
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, 100));
    QCOMPARE(Ran(relay, {u"backup"_s, file}).exitCode, 0);
    QVERIFY(storeMail(relay, bob, 100, 300));
    // Its log stays, with pages that would fit into the other database, too.
    relay.kill();
    QVERIFY(QFileInfo(relay.dataDir() + u"/relay.db-wal"_s).size() > 0);
    const Ran restored(relay, {u"restore"_s, file});
    QVERIFY2(restored.exitCode == 0, restored.said);
    QCOMPARE(modeOf(relay.dataDir() + u"/relay.db"_s), 0600);
    const QStringList replaced =
        QDir(relay.dataDir()).entryList({u"relay.db.replaced-*"_s}, QDir::Files);
    QCOMPARE(replaced.size(), 1);
    QVERIFY2(restored.said.contains(replaced.first().toUtf8()), restored.said);
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(deliveredMail(relay, bob), numbersUpTo(100));
    QCOMPARE(Ran(relay, {u"verify"_s}).exitCode, 0);
    QCOMPARE(relay.stop(), 0);

    // And back: what was replaced is whole, with what was in its log.
    const Ran back(relay, {u"restore"_s, relay.dataDir() + u'/' + replaced.first()});
    QVERIFY2(back.exitCode == 0, back.said);
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(deliveredMail(relay, bob), numbersUpTo(300));
}

void TestBackup::restoresUnderNoRunningRelay()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const Id bob = freshId();
    QCOMPARE(Ran(relay, {u"backup"_s, file}).exitCode, 0);
    QVERIFY(storeMail(relay, bob, 0, 10));
    const Ran refused(relay, {u"restore"_s, file});
    QVERIFY2(refused.exitCode == 75 && refused.said.contains("relay.lock"), refused.said);
    QCOMPARE(deliveredMail(relay, bob), numbersUpTo(10));
    QVERIFY(!contentOf(relay.dataDir()).contains(u"relay.db.partial"_s));
}

void TestBackup::refusesToRestoreUnderAnotherReader()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    QCOMPARE(Ran(relay, {u"backup"_s, file}).exitCode, 0);
    QVERIFY(storeMail(relay, freshId(), 0, 10));
    relay.kill();
    {
        // Somebody reads what is in the log, so it cannot be moved into the database.
        const auto reader =
            Database::connect({StorageBackend::Sqlite, relay.dataDir() + u"/relay.db"_s});
        QVERIFY(reader && reader->exec(u"BEGIN"_s));
        const QString count = u"SELECT count(*) FROM blobs"_s;
        QCOMPARE(reader->number(count), 10);
        const Ran refused(relay, {u"restore"_s, file});
        QVERIFY2(refused.exitCode == 75 && refused.said.contains("Another program"), refused.said);
        QCOMPARE(reader->number(count), 10);
    }
    QCOMPARE(Ran(relay, {u"restore"_s, file}).exitCode, 0);
}

void TestBackup::refusesToRestore_data()
{
    QTest::addColumn<QString>("damage");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("missing") << u"missing"_s << 78 << "no database"_ba;
    QTest::newRow("empty") << u"empty"_s << 78 << "another program"_ba;
    QTest::newRow("text") << u"text"_s << 74 << "damaged, or is none"_ba;
    QTest::newRow("foreign") << u"foreign"_s << 78 << "another program"_ba;
    QTest::newRow("newer") << u"newer"_s << 78 << "newer relay"_ba;
    QTest::newRow("truncated") << u"truncated"_s << 74 << "damaged"_ba;
    QTest::newRow("a page of zeros") << u"page"_s << 74 << "damaged"_ba;
}

void TestBackup::refusesToRestore()
{
    QFETCH(QString, damage);
    QFETCH(int, exitCode);
    QFETCH(QByteArray, says);
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, 100, 1000));
    QCOMPARE(Ran(relay, {u"backup"_s, file}).exitCode, 0);
    relay.kill();
    QByteArray bytes = bytesOf(file);
    if (damage == "text"_L1)
        bytes = QByteArray("This is not a database.\n").repeated(400);
    else if (damage == "empty"_L1)
        bytes.clear();
    else if (damage == "foreign"_L1)
        bytes.replace(68, 4, "GP10");
    else if (damage == "newer"_L1)
        bytes.replace(60, 4, QByteArray::fromHex("000003e7"));
    else if (damage == "truncated"_L1)
        bytes.truncate(bytes.size() / 2);
    else if (damage == "page"_L1)
        bytes.replace(4096 * 15, 4096, QByteArray(4096, '\0'));
    QVERIFY(damage == "missing"_L1 ? QFile::remove(file) : write(file, bytes));
    const auto before = contentOf(relay.dataDir());
    const auto folderBefore = contentOf(folder.path());
    const Ran refused(relay, {u"restore"_s, file});
    QVERIFY2(refused.exitCode == exitCode && refused.said.contains(says), refused.said);
    QCOMPARE(contentOf(relay.dataDir()), before);
    QCOMPARE(contentOf(folder.path()), folderBefore);
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(deliveredMail(relay, bob, 1000), numbersUpTo(100));
}

void TestBackup::replacesWhatIsDamagedAndKeepsIt()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const QString database = relay.dataDir() + u"/relay.db"_s;
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, 100));
    QCOMPARE(Ran(relay, {u"backup"_s, file}).exitCode, 0);
    QVERIFY(storeMail(relay, bob, 100, 200));
    QCOMPARE(relay.stop(), 0);
    // The log then has pages that fit into the backup too, and not the head.
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(storeMail(relay, bob, 200, 201));
    relay.kill();
    const QByteArray log = bytesOf(database + u"-wal"_s);
    QVERIFY(!log.isEmpty());
    // Without its head, the log that belongs to it cannot be moved into it.
    const QByteArray damaged = QByteArray(100, 'x') + bytesOf(database).mid(100);
    QVERIFY(write(database, damaged));
    QVERIFY(!relay.start());
    QVERIFY(bytesOf(database + u"-wal"_s) == log);
    const Ran restored(relay, {u"restore"_s, file});
    QVERIFY2(restored.exitCode == 0, restored.said);
    const QDir folderOfData(relay.dataDir());
    const QStringList kept = folderOfData.entryList({u"*replaced*"_s}, QDir::Files, QDir::Name);
    QCOMPARE(kept.size(), 2);
    QVERIFY(bytesOf(folderOfData.filePath(kept[0])) == damaged);
    QCOMPARE(kept[1], kept[0] + u"-wal"_s);
    QVERIFY(bytesOf(folderOfData.filePath(kept[1])) == log);
    const Ran verified(relay, {u"verify"_s});
    QVERIFY2(verified.exitCode == 0, verified.said);
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(deliveredMail(relay, bob), numbersUpTo(100));
}

void TestBackup::isOldOrNewWhenARestoreIsKilled()
{
    RelayProcess relay(Unlimited);
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const Id bob = freshId();
    constexpr int Size = 250'000;
    QVERIFY(storeMail(relay, bob, 0, 40, Size));
    QCOMPARE(Ran(relay, {u"backup"_s, file}).exitCode, 0);
    QVERIFY(storeMail(relay, bob, 40, 60, Size));
    const QByteArray partial = QFile::encodeName(relay.dataDir() + u"/relay.db.partial"_s);
    int killed = 0;
    for (const qint64 bytes : {0, 1, 5'000'000, 10'000'000}) {
        relay.kill();
        QProcess restore;
        restore.setProcessEnvironment(relay.environment());
        restore.start(QStringLiteral(RELAY_PROGRAM), {u"restore"_s, file});
        QVERIFY(restore.waitForStarted());
        struct stat status { };
        while (::stat(partial.constData(), &status) != 0 || status.st_size < bytes) {
            if (restore.waitForFinished(0))
                break;
        }
        restore.kill();
        restore.waitForFinished();
        QVERIFY2(relay.start(), relay.log());
        const QList<int> delivered = deliveredMail(relay, bob, Size);
        QVERIFY(delivered == numbersUpTo(60) || delivered == numbersUpTo(40));
        QCOMPARE(Ran(relay, {u"verify"_s}).exitCode, 0);
        if (delivered.size() == 40)
            break;
        ++killed;
    }
    QVERIFY(killed > 0);
    relay.kill();
    QCOMPARE(Ran(relay, {u"restore"_s, file}).exitCode, 0);
    QVERIFY2(relay.start(), relay.log());
    QCOMPARE(deliveredMail(relay, bob, Size), numbersUpTo(40));
    QVERIFY(!QFileInfo::exists(QFile::decodeName(partial)));
}

void TestBackup::restoresTheKeyOnlyWhenAsked()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    const QString key = relay.dataDir() + u"/relay_noise_key.bin"_s;
    QVERIFY(write(key, keyOf('1')));
    QCOMPARE(Ran(relay, {u"backup"_s, file, u"--with-keys"_s}).exitCode, 0);
    QCOMPARE(relay.stop(), 0);
    QVERIFY(write(key, keyOf('2')));
    const Ran without(relay, {u"restore"_s, file});
    QVERIFY2(without.exitCode == 0 && without.said.contains("Not restored"), without.said);
    QCOMPARE(bytesOf(key), keyOf('2'));
    const Ran with(relay, {u"restore"_s, file, u"--with-keys"_s});
    QVERIFY2(with.exitCode == 0 && with.said.contains("key is restored"), with.said);
    QCOMPARE(bytesOf(key), keyOf('1'));
    QCOMPARE(modeOf(key), 0600);
    const auto kept = QDir(relay.dataDir()).entryList({u"relay_noise_key.bin.replaced-*"_s});
    QCOMPARE(kept.size(), 1);
    QCOMPARE(bytesOf(relay.dataDir() + u'/' + kept.first()), keyOf('2'));
}

void TestBackup::refusesAKeyThatIsNone()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    QCOMPARE(Ran(relay, {u"backup"_s, file}).exitCode, 0);
    QCOMPARE(relay.stop(), 0);
    const auto before = contentOf(relay.dataDir());
    const Ran missing(relay, {u"restore"_s, file, u"--with-keys"_s});
    QVERIFY2(missing.exitCode == 78 && missing.said.contains("b.noise_key.bin"), missing.said);
    QVERIFY(write(file + u".noise_key.bin"_s, "short"));
    const Ran damaged(relay, {u"restore"_s, file, u"--with-keys"_s});
    QVERIFY2(damaged.exitCode == 74 && damaged.said.contains("damaged"), damaged.said);
    QCOMPARE(contentOf(relay.dataDir()), before);
}

void TestBackup::givesRestoredFilesToTheOwnerOfTheFolder()
{
    if (::geteuid() != 0)
        QSKIP("only root can make files for others");
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QTemporaryDir folder;
    const QString file = folder.filePath(u"b"_s);
    QVERIFY(write(relay.dataDir() + u"/relay_noise_key.bin"_s, keyOf('1')));
    QCOMPARE(Ran(relay, {u"backup"_s, file, u"--with-keys"_s}).exitCode, 0);
    RelayProcess other;
    QVERIFY(QDir().mkdir(other.dataDir()));
    QVERIFY(::chown(QFile::encodeName(other.dataDir()).constData(), 65534, 65534) == 0);
    QCOMPARE(Ran(other, {u"restore"_s, file, u"--with-keys"_s}).exitCode, 0);
    for (const QString &name : {u"relay.db"_s, u"relay.lock"_s, u"relay_noise_key.bin"_s})
        QCOMPARE(QFileInfo(other.dataDir() + u'/' + name).ownerId(), 65534u);
}

void TestBackup::verifiesAndCountsBesideARunningRelay()
{
    RelayProcess relay(Unlimited);
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, 30));
    SteadySender sender(relay, freshId());
    QTRY_VERIFY_WITH_TIMEOUT(sender.acknowledged() > 100, 30'000);
    for (int i = 0; i < 5; ++i) {
        const Ran verified(relay, {u"verify"_s});
        QVERIFY2(verified.exitCode == 0, verified.said);
        QVERIFY2(verified.said.contains("ok    blobs: count\n"), verified.said);
    }
    QVERIFY(sender.stop());
    const int count = sender.acknowledged();
    const Ran text(relay, {u"stats"_s});
    QVERIFY2(text.exitCode == 0, text.said);
    QVERIFY2(text.said.contains("mailboxes               2\n"), text.said);
    const Ran json(relay, {u"stats"_s, u"--json"_s});
    QVERIFY2(json.exitCode == 0, json.said);
    const QJsonObject all = QJsonDocument::fromJson(json.said).object();
    QCOMPARE(all[u"blobs"_s][u"count"_s].toInt(), count + 30);
    QCOMPARE(all[u"mailboxes"_s].toInt(), 2);
    QCOMPARE(all[u"largest_mailbox"_s][u"count"_s].toInt(), count);
    qint64 bytes = 0;
    for (int n = 0; n < count; ++n)
        bytes += numberedMail(n).size();
    QCOMPARE(all[u"largest_mailbox"_s][u"bytes"_s].toInteger(), bytes);
    QCOMPARE(all[u"device_messages"_s][u"count"_s].toInt(-1), 0);
    QCOMPARE(all[u"proofs"_s][u"count"_s].toInt(-1), 0);
    QVERIFY(all[u"oldest_blob_age_seconds"_s].toInteger(-1) >= 0);
    QVERIFY(all[u"oldest_blob_age_seconds"_s].toInteger() < 300);
    QVERIFY(all[u"file_bytes"_s].toInteger() > 0 && all[u"log_bytes"_s].toInteger() > 0);
    QCOMPARE(relay.stop(), 0);
    QCOMPARE(all[u"schema"_s].toInteger(), headOf(relay.dataDir() + u"/relay.db"_s, 60));
    // No ids.
    QVERIFY(
        !json.said.contains(bob.toBytes().toHex()) && !text.said.contains(bob.toBytes().toHex()));
}

void TestBackup::saysWhatIsWrongWithADatabase()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(storeMail(relay, freshId(), 0, 100, 1000));
    QCOMPARE(relay.stop(), 0);
    const QString database = relay.dataDir() + u"/relay.db"_s;
    const QByteArray bytes = bytesOf(database);
    QByteArray damaged = bytes;
    damaged.replace(4096 * 15, 4096, QByteArray(4096, '\0'));
    QVERIFY(write(database, damaged));
    const Ran verified(relay, {u"verify"_s});
    QVERIFY2(verified.exitCode == 1, verified.said);
    QVERIFY2(verified.said.contains("FAIL  integrity of the file: "), verified.said);
    QVERIFY2(verified.said.contains("ok    schema\n"), verified.said);
    QCOMPARE(bytesOf(database), damaged);
    // A newer one is whole, but not for this program.
    QByteArray newer = bytes;
    newer.replace(60, 4, QByteArray::fromHex("000003e7"));
    QVERIFY(write(database, newer));
    const Ran refused(relay, {u"verify"_s});
    QVERIFY2(refused.exitCode == 1 && refused.said.contains("FAIL  schema: "), refused.said);
    QCOMPARE(Ran(relay, {u"stats"_s}).exitCode, 78);
    QTemporaryDir folder;
    QCOMPARE(Ran(relay, {u"backup"_s, folder.filePath(u"b"_s)}).exitCode, 0);
}

QTEST_GUILESS_MAIN(TestBackup)
#include "tst_backup.moc"
