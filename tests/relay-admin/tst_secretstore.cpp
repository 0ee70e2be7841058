// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/secretstore.h"

#include <QDirIterator>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace relay::admin;

/** Where there is no keychain, as everywhere without a desktop: no session bus is offered. */
class TestSecretStore : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void keepsATokenForThisRun();
    void forgetsATokenForThisRun();
    void loadsNothingFromNowhere();
    void letsNoAnswerOvertakeWhatIsTypedIn();
    void keepsTokensApart();
    void mayGoBeforeTheKeychainAnswers();
    void waitsForWhatIsNotStoredYet();
    void cleanupTestCase();

private:
    QTemporaryDir m_home;
};

void TestSecretStore::initTestCase()
{
    // Whatever would write a file writes it here.
    for (const char *name : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"})
        qputenv(name, m_home.path().toLocal8Bit());
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
}

void TestSecretStore::keepsATokenForThisRun()
{
    SecretStore store;
    QSignalSpy stored(&store, &SecretStore::stored);
    QSignalSpy changed(&store, &SecretStore::persistenceChanged);
    QVERIFY(store.isPersistent());
    const QUuid id = QUuid::createUuid();
    store.store(id, QStringLiteral("sesame-seed"));
    QCOMPARE(store.token(id), QStringLiteral("sesame-seed"));
    QVERIFY(stored.count() == 1 || stored.wait());
    QCOMPARE(stored.first().first().toUuid(), id);
    QVERIFY(!store.isPersistent());
    QCOMPARE(changed.count(), 1);
    QSignalSpy loaded(&store, &SecretStore::loaded);
    store.load(id);
    QVERIFY(loaded.count() == 1 || loaded.wait());
    QCOMPARE(loaded.first().last().toString(), QStringLiteral("sesame-seed"));
    QCOMPARE(changed.count(), 1);
}

void TestSecretStore::forgetsATokenForThisRun()
{
    SecretStore store;
    QSignalSpy stored(&store, &SecretStore::stored);
    const QUuid id = QUuid::createUuid();
    store.store(id, QStringLiteral("sesame-seed"));
    store.store(id, {});
    QCOMPARE(store.token(id), QString());
    QTRY_COMPARE(stored.count(), 2);
    QCOMPARE(store.token(id), QString());
}

void TestSecretStore::loadsNothingFromNowhere()
{
    SecretStore store;
    QSignalSpy loaded(&store, &SecretStore::loaded);
    const QUuid id = QUuid::createUuid();
    store.load(id);
    QVERIFY(loaded.count() == 1 || loaded.wait());
    QCOMPARE(loaded.first().first().toUuid(), id);
    QCOMPARE(loaded.first().last().toString(), QString());
    QVERIFY(!store.isPersistent());
}

void TestSecretStore::letsNoAnswerOvertakeWhatIsTypedIn()
{
    SecretStore store;
    QSignalSpy loaded(&store, &SecretStore::loaded);
    const QUuid id = QUuid::createUuid();
    store.load(id);
    store.store(id, QStringLiteral("typed"));
    QVERIFY(loaded.count() == 1 || loaded.wait());
    QCOMPARE(loaded.first().last().toString(), QStringLiteral("typed"));
}

void TestSecretStore::keepsTokensApart()
{
    SecretStore store;
    const QUuid one = QUuid::createUuid();
    const QUuid other = QUuid::createUuid();
    store.store(one, QStringLiteral("a"));
    store.store(other, QStringLiteral("b"));
    store.remove(one);
    QCOMPARE(store.token(one), QString());
    QCOMPARE(store.token(other), QStringLiteral("b"));
}

void TestSecretStore::mayGoBeforeTheKeychainAnswers()
{
    auto store = std::make_unique<SecretStore>();
    store->store(QUuid::createUuid(), QStringLiteral("sesame-seed"));
    store->load(QUuid::createUuid());
    store.reset();
    // The jobs of another store come behind those of the first.
    SecretStore other;
    QSignalSpy loaded(&other, &SecretStore::loaded);
    other.load(QUuid::createUuid());
    QVERIFY(loaded.count() == 1 || loaded.wait());
}

/** After all that the others have stored. */
void TestSecretStore::waitsForWhatIsNotStoredYet()
{
    SecretStore store;
    QSignalSpy stored(&store, &SecretStore::stored);
    for (int n = 0; n < 3; ++n)
        store.store(QUuid::createUuid(), QStringLiteral("sesame-seed"));
    store.remove(QUuid::createUuid());
    store.waitForStored(std::chrono::seconds(10));
    QCOMPARE(stored.count(), 4);
}

void TestSecretStore::cleanupTestCase()
{
    QDirIterator files(m_home.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY2(!file.readAll().contains("sesame-seed"), qPrintable(file.fileName()));
    }
}

QTEST_GUILESS_MAIN(TestSecretStore)
#include "tst_secretstore.moc"
