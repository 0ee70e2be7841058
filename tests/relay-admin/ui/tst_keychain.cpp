// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/secretstore.h"
#include "relay-admin/ui/profiledialog.h"
#include "tests/relay-admin/ui/console.h"

#include <QAction>
#include <QDirIterator>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace relay::admin;
using namespace relay::admin::test;

namespace {

const QString Token = QStringLiteral("sesame-seed");

/** What the keychain itself has, asked by a store that knows nothing yet. */
QString kept(const QUuid &id)
{
    SecretStore store;
    QSignalSpy loaded(&store, &SecretStore::loaded);
    store.load(id);
    if (loaded.isEmpty() && !loaded.wait())
        return QStringLiteral("no answer");
    return store.isPersistent() ? store.token(id) : QStringLiteral("no keychain");
}

} // namespace

/** With a working keychain: GNOME's, on a session bus of its own. Skipped where it is not there. */
class TestKeychain : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void keepsATokenOverARestart();
    void forgetsATokenWithItsProfile();
    void forgetsATokenThatIsTakenOut();
    void isNotEmptiedByAFormThatWasOpenedBeforeItAnswered();
    void writesNoTokenIntoAFile();
    void cleanupTestCase();

private:
    QString startBus();

    QTemporaryDir m_home;
    QProcess m_bus;
    QProcess m_keyring;
    std::unique_ptr<QTemporaryDir> m_folder;
};

/**
 * Its address; empty: there is none. This bus starts no services: a question that came before the
 * keyring of the test would start another one, which is locked and answers in its place.
 */
QString TestKeychain::startBus()
{
    QFile configuration(m_home.filePath(QStringLiteral("bus.conf")));
    if (!configuration.open(QFile::WriteOnly))
        return {};
    configuration.write(R"(<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>)");
    configuration.close();
    m_bus.start(QStringLiteral("dbus-daemon"),
        {QStringLiteral("--config-file=") + configuration.fileName(), QStringLiteral("--nofork"),
            QStringLiteral("--print-address")});
    return m_bus.waitForReadyRead() ? QString::fromUtf8(m_bus.readLine().trimmed()) : QString();
}

void TestKeychain::initTestCase()
{
    for (const char *program : {"dbus-daemon", "gnome-keyring-daemon"}) {
        if (QStandardPaths::findExecutable(QLatin1String(program)).isEmpty())
            QSKIP(program);
    }
    for (const char *name : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"})
        qputenv(name, m_home.path().toLocal8Bit());
    qunsetenv("GNOME_KEYRING_CONTROL");
    const QString address = startBus();
    QVERIFY(!address.isEmpty());
    qputenv("DBUS_SESSION_BUS_ADDRESS", address.toLocal8Bit());
    m_keyring.start(QStringLiteral("gnome-keyring-daemon"),
        {QStringLiteral("--foreground"), QStringLiteral("--unlock"),
            QStringLiteral("--components=secrets")});
    QVERIFY(m_keyring.waitForStarted());
    m_keyring.write("password of the keyring");
    m_keyring.closeWriteChannel();
    // A keychain that does not know it is one.
    QTRY_COMPARE_WITH_TIMEOUT(kept(QUuid::createUuid()), QString(), 10'000);
}

void TestKeychain::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestKeychain::keepsATokenOverARestart()
{
    QUuid id;
    {
        Console console(m_folder->path());
        id = console.watch(QUrl(QStringLiteral("http://127.0.0.1:1")), Token);
        QTRY_COMPARE(kept(id), Token);
    }
    Console console(m_folder->path());
    QTRY_COMPARE(console.fleet().token(id), Token);
    QVERIFY(console.fleet().hasKeychain());
    console.action("edit")->trigger();
    QTRY_VERIFY(console.profileDialog());
    QCOMPARE(console.profileDialog()->token(), Token);
    // The form says where it stays.
    const auto labels = console.profileDialog()->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *label) {
        return label->text().contains(QLatin1String("kept in the desktop's keychain"));
    }));
}

void TestKeychain::forgetsATokenWithItsProfile()
{
    Console console(m_folder->path());
    const QUuid id = console.watch(QUrl(QStringLiteral("http://127.0.0.1:1")), Token);
    const QUuid other = console.watch(QUrl(QStringLiteral("http://127.0.0.2:1")), Token);
    QTRY_COMPARE(kept(other), Token);
    QCOMPARE(kept(id), Token);
    console.fleet().remove(id);
    QTRY_COMPARE(kept(id), QString());
    QCOMPARE(kept(other), Token);
}

void TestKeychain::forgetsATokenThatIsTakenOut()
{
    Console console(m_folder->path());
    const QUuid id = console.watch(QUrl(QStringLiteral("http://127.0.0.1:1")), Token);
    QTRY_COMPARE(kept(id), Token);
    console.fleet().edit(console.monitor().profile(), {});
    QTRY_COMPARE(kept(id), QString());
}

void TestKeychain::isNotEmptiedByAFormThatWasOpenedBeforeItAnswered()
{
    QUuid id;
    {
        Console console(m_folder->path());
        id = console.watch(QUrl(QStringLiteral("http://127.0.0.1:1")), Token);
        QTRY_COMPARE(kept(id), Token);
    }
    Console console(m_folder->path());
    // At once: nothing has come from the keychain yet.
    QCOMPARE(console.fleet().token(id), QString());
    console.action("edit")->trigger();
    QVERIFY(console.profileDialog());
    QCOMPARE(console.profileDialog()->token(), QString());
    QTRY_COMPARE(console.fleet().token(id), Token);
    console.profileDialog()->accept();
    QTRY_VERIFY(!console.profileDialog());
    QCOMPARE(console.fleet().token(id), Token);
    QCOMPARE(kept(id), Token);
}

/** After all that the others have stored. */
void TestKeychain::writesNoTokenIntoAFile()
{
    QDirIterator files(m_home.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    int count = 0;
    for (; files.hasNext(); ++count) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY2(!file.readAll().contains(Token.toUtf8()), qPrintable(file.fileName()));
    }
    // The keyring itself, at the least.
    QVERIFY(count > 0);
}

void TestKeychain::cleanupTestCase()
{
    for (QProcess *process : {&m_keyring, &m_bus}) {
        process->terminate();
        process->waitForFinished();
    }
}

QTEST_MAIN(TestKeychain)
#include "tst_keychain.moc"
