// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/database.h"
#include "tests/support/mailload.h"
#include "tests/support/watching.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <limits>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

namespace {

/** What a database of a released schema holds, as statements (`sqlite3 relay.db .dump`). */
QString dumpOf(const QString &name)
{
    QFile file(QStringLiteral(RELAY_SCHEMAS_DIR) + u'/' + name);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/** Makes the file from its dump; what SQLite says of it, if anything. */
QString load(const QString &dump, const QString &path)
{
    QString fault;
    {
        auto handle = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"dump"_s);
        handle.setDatabaseName(path);
        if (!handle.open())
            fault = u"cannot be opened"_s;
        // A line that ends with ";" ends a statement: payloads are in hexadecimal.
        const auto statements = dump.split(u";\n"_s, Qt::SkipEmptyParts);
        for (const QString &statement : statements) {
            QSqlQuery query(handle);
            if (!query.exec(statement))
                fault += query.lastError().text();
        }
    }
    QSqlDatabase::removeDatabase(u"dump"_s);
    return fault;
}

} // namespace

/** Databases of every schema that was released, under the program as it is. */
class TestSchemas : public QObject {
    Q_OBJECT

private slots:
    void hasADumpOfEachReleasedSchema();
    void takesOver_data();
    void takesOver();
};

void TestSchemas::hasADumpOfEachReleasedSchema()
{
    // The newest may still be in the making; all before it are out there.
    for (int schema = 1; schema < Database::latestSchema(); ++schema) {
        for (const char *kind : {"empty", "filled"})
            QVERIFY2(!dumpOf(u"schema%1_%2.sql"_s.arg(schema).arg(QLatin1String(kind))).isEmpty(),
                QByteArray::number(schema).constData());
    }
}

void TestSchemas::takesOver_data()
{
    QTest::addColumn<QString>("dump");
    QTest::addColumn<bool>("isFilled");
    const auto names = QDir(QStringLiteral(RELAY_SCHEMAS_DIR)).entryList({u"*.sql"_s});
    QVERIFY(!names.isEmpty());
    for (const QString &name : names)
        QTest::newRow(qPrintable(name)) << dumpOf(name) << name.contains("filled"_L1);
}

void TestSchemas::takesOver()
{
    QFETCH(QString, dump);
    QFETCH(bool, isFilled);
    // The dump's times stay as they are, however old it gets.
    RelayProcess relay({{u"BLOB_TTL_DAYS"_s, u"24855"_s}});
    QVERIFY(QDir().mkdir(relay.dataDir()));
    QCOMPARE(load(dump, relay.dataDir() + u"/relay.db"_s), QString());
    QVERIFY2(relay.start(), relay.log());
    int exitCode = -1;
    const QByteArray verified = relay.run({u"verify"_s}, &exitCode);
    QVERIFY2(exitCode == 0, verified);
    const QByteArray stats = relay.run({u"stats"_s, u"--json"_s}, &exitCode);
    QCOMPARE(
        QJsonDocument::fromJson(stats).object()[u"schema"_s].toInt(), Database::latestSchema());

    const Id client = idOf(1);
    const Id bob = idOf(9);
    QCOMPARE(deliveredMail(relay, bob, 20), numbersUpTo(isFilled ? 5 : 0));
    if (isFilled) {
        Handshake handshake = handshakeOf(client);
        handshake.deviceId = WrittenId::of(idOf(2));
        RawClient device(relay.port());
        QVERIFY(device.join(handshake));
        for (const quint64 version : {quint64(7), std::numeric_limits<quint64>::max()}) {
            const auto message = device.expect<DeviceSyncMessage>();
            QVERIFY(message);
            QCOMPARE(message->version, version);
            QCOMPARE(message->encryptedPayload, "sync " + QByteArray::number(version));
        }
        device.send(RecoveryProofQuery {{idOf(3)}});
        const auto proofs = device.expect<RecoveryProofResponse>();
        QVERIFY(proofs && proofs->proofs.size() == 1);
    }
    // It goes on from there.
    QVERIFY(storeMail(relay, bob, 5, 8, 20));
    QCOMPARE(deliveredMail(relay, bob, 20), isFilled ? numbersUpTo(8) : numbersUpTo(8, 5));
    QCOMPARE(relay.stop(), 0);
    const QByteArray after = relay.run({u"verify"_s}, &exitCode);
    QVERIFY2(exitCode == 0, after);
}

QTEST_GUILESS_MAIN(TestSchemas)
#include "tst_schemas.moc"
