// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/datadir.h"
#include "tests/support/relayprocess.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <optional>

using namespace relay;
using namespace relay::test;

namespace {

int modeOf(const QString &path)
{
    struct stat status { };
    if (::stat(QFile::encodeName(path).constData(), &status) != 0)
        return -1;
    return static_cast<int>(status.st_mode & 07777);
}

} // namespace

class TestDataDir : public QObject {
    Q_OBJECT

private slots:
    void createsAFolderForItsOwnerAlone();
    void closesAFolderThatIsThere();
    void isHeldByOneAtATime();
    void isHeldWithoutBeingChanged();
    void refusesWhatIsNoFolder();
    void saysWhyItCannotBeCreated();
    void namesOwnersAndTheCommandThatMendsIt();
    void keepsFilesFromOthers();
    void stopsASecondRelay();
    void knowsTheFreeSpace();
};

void TestDataDir::createsAFolderForItsOwnerAlone()
{
    QTemporaryDir parent;
    const QString path = parent.filePath(QStringLiteral("a/b/data"));
    const mode_t before = ::umask(0);
    const auto folder = DataDir::open(path);
    ::umask(before);
    QVERIFY(folder);
    QCOMPARE(folder->path(), path);
    QCOMPARE(folder->databasePath(), path + QStringLiteral("/relay.db"));
    QCOMPARE(modeOf(path), 0700);
    QCOMPARE(modeOf(path + QStringLiteral("/relay.lock")), 0600);
}

void TestDataDir::closesAFolderThatIsThere()
{
    QTemporaryDir parent;
    const QString path = parent.filePath(QStringLiteral("data"));
    QVERIFY(QDir().mkdir(path));
    QVERIFY(::chmod(QFile::encodeName(path).constData(), 0755) == 0);
    QVERIFY(DataDir::open(path));
    QCOMPARE(modeOf(path), 0700);
    QVERIFY(DataDir::open(path + QStringLiteral("/"))); // the same one
}

void TestDataDir::isHeldByOneAtATime()
{
    QTemporaryDir parent;
    const QString path = parent.filePath(QStringLiteral("data"));
    std::optional<DataDir> held;
    {
        auto folder = DataDir::open(path);
        QVERIFY(folder);
        held.emplace(std::move(folder).value()); // the lock moves with it
    }
    const auto second = DataDir::open(path);
    QVERIFY(!second);
    QCOMPARE(second.error().exitCode, ExitCode::InUse);
    QVERIFY(second.error().message.contains(path));
    QVERIFY(second.error().message.contains(QStringLiteral("relay.lock")));
    held.reset();
    QVERIFY(DataDir::open(path));
}

void TestDataDir::isHeldWithoutBeingChanged()
{
    QTemporaryDir parent;
    const QString path = parent.filePath(QStringLiteral("data"));
    QVERIFY(QDir().mkdir(path));
    QVERIFY(::chmod(QFile::encodeName(path).constData(), 0755) == 0);
    {
        const auto held = DataDir::lock(path);
        QVERIFY(held);
        QCOMPARE(modeOf(path), 0755);
        const auto second = DataDir::lock(path);
        QVERIFY(!second && second.error().exitCode == ExitCode::InUse);
        const auto relay = DataDir::open(path);
        QVERIFY(!relay && relay.error().exitCode == ExitCode::InUse);
    }
    const auto relay = DataDir::open(path);
    QVERIFY(relay);
    const auto held = DataDir::lock(path);
    QVERIFY(!held && held.error().exitCode == ExitCode::InUse);
}

void TestDataDir::refusesWhatIsNoFolder()
{
    QTemporaryDir parent;
    const QString path = parent.filePath(QStringLiteral("data"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto folder = DataDir::open(path);
    QVERIFY(!folder);
    QCOMPARE(folder.error().exitCode, ExitCode::CannotCreate);
    QVERIFY(folder.error().message.contains(path));
    QVERIFY(file.exists());
    // Nor below it.
    const auto below = DataDir::open(path + QStringLiteral("/below"));
    QVERIFY(!below);
    QCOMPARE(below.error().exitCode, ExitCode::CannotCreate);
}

void TestDataDir::saysWhyItCannotBeCreated()
{
    // Nobody creates folders there, root included.
    const QString path = QStringLiteral("/proc/vauchi/data");
    const auto folder = DataDir::open(path);
    QVERIFY(!folder);
    QVERIFY(folder.error().exitCode == ExitCode::CannotCreate
        || folder.error().exitCode == ExitCode::Permission);
    QVERIFY(folder.error().message.contains(path));
    // An errno of 0 would say "Success".
    QVERIFY2(!folder.error().message.contains(QStringLiteral("Success")),
        qPrintable(folder.error().message));
}

void TestDataDir::namesOwnersAndTheCommandThatMendsIt()
{
    QTemporaryDir parent;
    const QString path = parent.filePath(QStringLiteral("data"));
    QVERIFY(QDir().mkdir(path));
    QVERIFY(::chmod(QFile::encodeName(parent.path()).constData(), 0755) == 0);
    QVERIFY(::chmod(QFile::encodeName(path).constData(), 0555) == 0);
    // Root may write everywhere, so the program runs as somebody else.
    const bool isRoot = ::geteuid() == 0;
    const QString uid = isRoot ? QStringLiteral("65534") : QString::number(::geteuid());
    QString program = QStringLiteral(RELAY_PROGRAM);
    QStringList arguments;
    if (isRoot) {
        arguments << QStringLiteral("--reuid=65534") << QStringLiteral("--regid=65534")
                  << QStringLiteral("--clear-groups") << program;
        program = QStringLiteral("setpriv");
    }
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("RELAY_LISTEN_ADDR"), QStringLiteral("127.0.0.1:0"));
    environment.insert(QStringLiteral("RELAY_HTTP_ADDR"), QStringLiteral("127.0.0.1:0"));
    for (const QString &folder : {path, path + QStringLiteral("/below")}) {
        environment.insert(QStringLiteral("RELAY_DATA_DIR"), folder);
        process.setProcessEnvironment(environment);
        process.start(program, arguments);
        if (!process.waitForStarted())
            QSKIP("setpriv is not there");
        QVERIFY(process.waitForFinished());
        const QString said = QString::fromUtf8(process.readAllStandardError());
        if (isRoot && process.exitCode() == 127)
            QSKIP("the program lies where nobody else may run it");
        // A folder of one's own is made writable again, and then all is well.
        if (!isRoot && folder == path)
            continue;
        QVERIFY2(process.exitCode() == 77, qPrintable(said));
        QVERIFY2(said.contains(folder), qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("uid ") + uid), qPrintable(said));
        QVERIFY2(
            said.contains(QStringLiteral("belongs to uid %1").arg(::geteuid())), qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("chown -R %1:").arg(uid)), qPrintable(said));
    }
}

void TestDataDir::keepsFilesFromOthers()
{
    // However careless the environment is.
    const mode_t before = ::umask(0);
    RelayProcess relay;
    const bool hasStarted = relay.start();
    ::umask(before);
    QVERIFY2(hasStarted, relay.log().constData());
    QCOMPARE(modeOf(relay.dataDir()), 0700);
    const auto files = QDir(relay.dataDir()).entryList(QDir::Files | QDir::Hidden);
    QVERIFY(files.contains(QStringLiteral("relay.db")));
    QVERIFY(files.contains(QStringLiteral("relay.db-wal")));
    for (const QString &file : files)
        QCOMPARE(modeOf(relay.dataDir() + QLatin1Char('/') + file), 0600);
    QCOMPARE(relay.stop(), 0);
}

void TestDataDir::stopsASecondRelay()
{
    RelayProcess relay;
    QVERIFY(relay.start());
    int exitCode = -1;
    const QByteArray said = relay.run({}, &exitCode);
    QCOMPARE(exitCode, 75);
    QVERIFY2(said.contains(relay.dataDir().toUtf8()), said.constData());
    QVERIFY(relay.isRunning());
    // The lock goes with the process, however it ends.
    relay.kill();
    QVERIFY(relay.start());
    QCOMPARE(relay.stop(), 0);
}

void TestDataDir::knowsTheFreeSpace()
{
    QTemporaryDir folder;
    const auto free = DataDir::freeBytes(folder.path());
    QVERIFY(free.has_value());
    QVERIFY(*free > 0);
    QVERIFY(!DataDir::freeBytes(QStringLiteral("/nowhere/at/all")));
}

QTEST_GUILESS_MAIN(TestDataDir)
#include "tst_datadir.moc"
