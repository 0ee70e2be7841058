// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/mailload.h"
#include "tests/support/needs.h"
#include "tests/support/postgresserver.h"
#include "tests/support/signer.h"

#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

#include <csignal>
#include <limits>
#include <optional>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

namespace {

const Environment OnSqlite {
    {u"STORAGE_BACKEND"_s, u"sqlite"_s}, {u"MAX_MESSAGE_SIZE"_s, u"4000000"_s}};

/** A subcommand, run to its end. */
struct Ran {
    Ran(const RelayProcess &relay, const QStringList &arguments, const QByteArray &input = {})
    {
        said = relay.run(arguments, &exitCode, input);
    }

    int exitCode = -1;
    QByteArray said;
};

QString databaseOf(const RelayProcess &relay)
{
    return relay.dataDir() + u"/relay.db"_s;
}

QStringList migration(const RelayProcess &from, const QString &to)
{
    return {u"migrate-storage"_s, u"--from"_s, u"sqlite:"_s + databaseOf(from), u"--to"_s,
        u"postgres:"_s + to};
}

QByteArray hashOf(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
}

QByteArray hashOfFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? hashOf(file.readAll()) : QByteArray();
}

/** Runs statements on a database at rest; the first value of the last one. */
QByteArray inSqlite(const QString &path, const QStringList &statements)
{
    const QString name = u"test"_s;
    QByteArray value;
    {
        auto handle = QSqlDatabase::addDatabase(u"QSQLITE"_s, name);
        handle.setDatabaseName(path);
        handle.open();
        handle.transaction();
        for (const QString &statement : statements) {
            QSqlQuery query(handle);
            if (!query.exec(statement))
                qFatal("%s: %s", qPrintable(statement), qPrintable(query.lastError().text()));
            if (query.next())
                value = query.value(0).toByteArray();
        }
        handle.commit();
    }
    QSqlDatabase::removeDatabase(name);
    return value;
}

QByteArray inPostgres(const QString &url, const QString &sql)
{
    return PostgresServer::shared().run(url, u"SET search_path = vauchi_relay; "_s + sql);
}

/** The columns of each table that is copied; bytes first, then numbers. */
struct Content {
    const char *table;
    const char *key;
    QStringList bytes;
    QStringList numbers;
};

const QList<Content> Contents {
    {"blobs", "sequence", {u"recipient"_s, u"sender"_s, u"ciphertext"_s},
        {u"sequence"_s, u"stored_at"_s}},
    {"device_messages", "sequence", {u"client"_s, u"device"_s, u"sender_device"_s, u"payload"_s},
        {u"sequence"_s, u"version"_s, u"stored_at"_s}},
    {"proofs", "key_hash", {u"key_hash"_s, u"proof"_s}, {u"expires_at"_s}},
    {"proven_ids", "id", {u"id"_s}, {u"proven_at"_s}},
    {"state", "id", {u"id_key"_s}, {}},
};

/** Every byte that is copied, as a hash for each table. */
QByteArrayList contentOfSqlite(const QString &path)
{
    QByteArrayList hashes;
    for (const Content &content : Contents) {
        QStringList terms;
        for (const QString &column : content.bytes)
            terms += u"CASE WHEN %1 IS NULL THEN '-' ELSE lower(hex(%1)) END"_s.arg(column);
        terms += content.numbers;
        hashes += hashOf(inSqlite(path,
            {u"SELECT group_concat(x, ';') FROM (SELECT %1 AS x FROM %2 ORDER BY %3)"_s.arg(
                terms.join(u" || ',' || "_s), QString::fromLatin1(content.table),
                QString::fromLatin1(content.key))}));
    }
    return hashes;
}

QByteArrayList contentOfPostgres(const QString &url)
{
    QByteArrayList hashes;
    for (const Content &content : Contents) {
        QStringList terms;
        for (const QString &column : content.bytes)
            terms += u"coalesce(encode(%1, 'hex'), '-')"_s.arg(column);
        terms += content.numbers;
        hashes += hashOf(inPostgres(url,
            u"SELECT string_agg(%1, ';' ORDER BY %3) FROM %2"_s.arg(terms.join(u" || ',' || "_s),
                QString::fromLatin1(content.table), QString::fromLatin1(content.key))));
    }
    return hashes;
}

/** What the relay's books say differently from its rows; empty: nothing. */
QByteArray wrongBooks(const QString &url)
{
    const auto mailboxes = u"SELECT 'q', %1, count(*), sum(octet_length(%2))::bigint FROM %3 "
                           "GROUP BY %1"_s;
    const auto differ = [](const QString &left, const QString &right) {
        return u"((%1 EXCEPT %2) UNION ALL (%2 EXCEPT %1))"_s.arg(left, right);
    };
    return inPostgres(url,
        u"SELECT 'mailboxes' FROM %1 AS d; SELECT 'device_queues' FROM %2 AS d; "
        "SELECT 'totals' FROM %3 AS d"_s.arg(
            differ(mailboxes.arg(u"recipient"_s, u"ciphertext"_s, u"blobs"_s),
                u"SELECT 'q', * FROM mailboxes"_s),
            differ(mailboxes.arg(u"client, device"_s, u"payload"_s, u"device_messages"_s),
                u"SELECT 'q', * FROM device_queues"_s),
            differ(u"SELECT (SELECT count(*) FROM blobs), "
                   "(SELECT coalesce(sum(octet_length(ciphertext)), 0) FROM blobs), "
                   "(SELECT count(*) FROM device_messages), "
                   "(SELECT coalesce(sum(octet_length(payload)), 0) FROM device_messages), "
                   "(SELECT count(*) FROM proofs), "
                   "(SELECT coalesce(sum(octet_length(proof)), 0) FROM proofs), "
                   "(SELECT count(*) FROM proven_ids)"_s,
                u"SELECT sum(blob_count)::bigint, sum(blob_bytes)::bigint, "
                "sum(device_message_count)::bigint, sum(device_message_bytes)::bigint, "
                "sum(proof_count)::bigint, sum(proof_bytes)::bigint, "
                "sum(proven_id_count)::bigint FROM totals"_s)));
}

/** 20,000 blobs in 500 mailboxes, and some of all else. */
void fillWithSmallRows(const QString &path)
{
    const auto numbers = u"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                         "WHERE i < %1) INSERT INTO %2 FROM n"_s;
    const auto id = [](const char *of) {
        return u"CAST(printf('%032d', %1) AS BLOB)"_s.arg(QString::fromLatin1(of));
    };
    inSqlite(path,
        {numbers.arg(20'000).arg(
             u"blobs (sequence, recipient, sender, stored_at, ciphertext) SELECT 3 * i, %1, "
             "CASE i % 3 WHEN 0 THEN NULL ELSE %2 END, 1700000000000 + i, "
             "CASE i % 100 WHEN 0 THEN zeroblob(0) ELSE randomblob(i % 300) END"_s.arg(
                 id("i % 500"), id("i"))),
            numbers.arg(3000).arg(
                u"device_messages (sequence, client, device, version, sender_device, stored_at, "
                "payload) SELECT i, %1, %2, i * 7919 - 12000000, %3, 1700000000000 + i, "
                "randomblob(100)"_s.arg(id("i % 70"), id("i % 3"), id("i"))),
            numbers.arg(2500).arg(u"proofs (key_hash, expires_at, proof) SELECT randomblob(32), "
                                  "1900000000000 + i, randomblob(i % 50)"_s),
            numbers.arg(3500).arg(
                u"proven_ids (id, proven_at) SELECT randomblob(32), 1700000000000 + i"_s),
            u"INSERT INTO mailbox_index SELECT recipient, sequence FROM blobs"_s,
            u"UPDATE state SET last_blob = 70000, indexed_up_to = 70000, "
            "last_device_message = 4000, last_time = 1700000100000, "
            "blob_count = (SELECT count(*) FROM blobs), "
            "blob_bytes = (SELECT sum(length(ciphertext)) FROM blobs), "
            "device_message_count = 3000, device_message_bytes = 300000, proof_count = 2500, "
            "proof_bytes = (SELECT sum(length(proof)) FROM proofs), proven_id_count = 3500"_s});
}

struct Delivery {
    QByteArray id;
    QByteArray sender;
    QByteArray ciphertext;

    bool operator==(const Delivery &) const = default;
};

/** What a mailbox holds, as delivered, in its order; nobody acknowledges. */
QList<Delivery> delivered(const RelayProcess &relay, const Id &recipient, int count)
{
    RawClient client(relay.port());
    QList<Delivery> all;
    if (!client.join(recipient))
        return all;
    for (int i = 0; i < count; ++i) {
        Envelope envelope;
        const auto update = client.expect<EncryptedUpdate>(&envelope);
        if (!update)
            break;
        all.append({envelope.messageId,
            update->senderId ? update->senderId->id.toHex() : QByteArray("none"),
            hashOf(update->ciphertext)});
    }
    return all;
}

QList<QPair<QByteArray, quint64>> deliveredToDevice(
    const RelayProcess &relay, const Id &client, const Id &device, int count)
{
    RawClient socket(relay.port());
    Handshake handshake;
    handshake.clientId = WrittenId::of(client);
    handshake.deviceId = WrittenId::of(device);
    QList<QPair<QByteArray, quint64>> all;
    if (!socket.join(handshake))
        return all;
    for (int i = 0; i < count; ++i) {
        Envelope envelope;
        const auto message = socket.expect<DeviceSyncMessage>(&envelope);
        if (!message)
            break;
        all.append({envelope.messageId + message->encryptedPayload, message->version});
    }
    return all;
}

AckStatus statusOf(RawClient &client, const Message &message)
{
    const auto ack = client.expectAck(client.send(message));
    return ack ? ack->status : AckStatus::Failed;
}

/** What a new client that uses the id is told; empty: it may. */
QByteArray refusal(const RelayProcess &relay, const Id &id)
{
    RawClient client(relay.port());
    if (client.join(id))
        return {};
    return client.waitForClose() == 1008 ? client.closeReason() : QByteArray("no Close 1008");
}

} // namespace

/** From SQLite to PostgreSQL, with the real program on both sides. */
class TestMigrateStorage : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void goesOnWithItsClientsWhereItWas();
    void copiesEachRowOnceWhenKilledAgainAndAgain();
    void copiesAnEmptyStore();
    void refusesARunningRelay();
    void refusesATargetThatIsNotItsOwn();
    void refusesASource_data();
    void refusesASource();
    void refusesAWrongCommandLine_data();
    void refusesAWrongCommandLine();
    void tellsWhatDiffers();
    void saysWhatToUseOnPostgres_data();
    void saysWhatToUseOnPostgres();
    void movesSequencesOnWithTheStatementOfRestore();
    void forgetsAProofOnPostgres();

private:
    QString newDatabase() { return PostgresServer::shared().newDatabase(); }
    /** A database with its schema that no relay has open any more. */
    bool makeStore(RelayProcess &relay) { return relay.start() && relay.stop() == 0; }
};

void TestMigrateStorage::initTestCase()
{
    RELAYTEST_NEEDS_POSTGRES();
}

void TestMigrateStorage::goesOnWithItsClientsWhereItWas()
{
    RelayProcess before(OnSqlite);
    before.set(u"MAX_BLOBS_PER_RECIPIENT"_s, u"25"_s);
    QVERIFY2(before.start(), before.log());
    const Id bob = freshId();
    const Id carol = freshId();
    const Id phone = freshId();
    const Id proof = freshId();
    const Signer dave;
    {
        RawClient alice(before.port());
        QVERIFY(alice.join(carol));
        for (int i = 0; i < 20; ++i) {
            const auto sender = i % 2 == 0 ? std::optional(WrittenId::of(carol)) : std::nullopt;
            const QByteArray ciphertext = i == 3 ? QByteArray()
                : i == 7                         ? QByteArray(700'000, 'x')
                                                 : numberedMail(i);
            QCOMPARE(statusOf(alice, EncryptedUpdate {WrittenId::of(bob), sender, ciphertext}),
                AckStatus::Stored);
        }
        for (const quint64 version :
            {std::numeric_limits<quint64>::max(), quint64(0), quint64(1) << 63})
            QCOMPARE(statusOf(alice,
                         DeviceSyncMessage {WrittenId::of(carol), WrittenId::of(phone),
                             WrittenId::of(idOf(1)), QByteArray::number(version), version}),
                AckStatus::Stored);
        QCOMPARE(statusOf(alice, RecoveryProofStore {proof, "proof"}), AckStatus::Stored);
        QVERIFY(RawClient(before.port()).join(dave.handshake()));
        QTRY_COMPARE(before.metric("relay_proven_ids"), 1.0);
    }
    const auto mail = delivered(before, bob, 20);
    const auto sync = deliveredToDevice(before, carol, phone, 3);
    QCOMPARE(mail.size(), 20);
    QCOMPARE(sync.size(), 3);
    const QByteArray publicKey = before.get("/pubkey");
    QCOMPARE(before.stop(), 0);

    const QString url = newDatabase();
    const QByteArray file = hashOfFile(databaseOf(before));
    const QStringList names = QDir(before.dataDir()).entryList(QDir::Files);
    // As an operator does whose password is not to be seen.
    before.set(u"POSTGRES_URL"_s, url);
    QStringList command = migration(before, url);
    command.last() = u"postgres"_s;
    const Ran migrated(before, command);
    QVERIFY2(migrated.exitCode == 0, migrated.said);
    QVERIFY2(migrated.said.contains("Source and target agree"), migrated.said);
    QVERIFY2(!migrated.said.contains(bob.toHex()), migrated.said);
    QCOMPARE(hashOfFile(databaseOf(before)), file);
    QCOMPARE(QDir(before.dataDir()).entryList(QDir::Files), names);
    QCOMPARE(contentOfPostgres(url), contentOfSqlite(databaseOf(before)));
    QCOMPARE(wrongBooks(url), QByteArray());

    const QString keyFile = before.dataDir() + u"/relay_noise_key.bin"_s;
    QVERIFY2(migrated.said.contains(keyFile.toUtf8()), migrated.said);
    const Ran key(before, {u"noise-key"_s, keyFile});
    QVERIFY(key.exitCode == 0);
    RelayProcess after(OnSqlite);
    after.set(u"MAX_BLOBS_PER_RECIPIENT"_s, u"25"_s);
    after.set(u"NOISE_STATIC_KEY"_s, QString::fromLatin1(key.said.trimmed()));
    after.useDatabase(url);
    QVERIFY2(after.start(), after.log());
    QCOMPARE(after.get("/pubkey"), publicKey);
    QCOMPARE(after.metric("relay_blobs_stored"), 20.0);
    QCOMPARE(after.metric("relay_proven_ids"), 1.0);
    QCOMPARE(delivered(after, bob, 20), mail);
    QCOMPARE(deliveredToDevice(after, carol, phone, 3), sync);
    QVERIFY(!refusal(after, dave.id()).isEmpty());

    // What was there counts, and what is new comes behind it.
    RawClient alice(after.port());
    QVERIFY(alice.join(carol));
    alice.send(RecoveryProofQuery {{proof}});
    const auto proofs = alice.expect<RecoveryProofResponse>();
    QVERIFY(proofs && proofs->proofs.size() == 1 && proofs->proofs[0].proofData == "proof");
    for (int i = 20; i < 25; ++i)
        QCOMPARE(alice.store(bob, numberedMail(i), carol)->status, AckStatus::Stored);
    QCOMPARE(alice.store(bob, numberedMail(25), carol)->status, AckStatus::Failed);
    const auto more = delivered(after, bob, 25);
    QCOMPARE(more.mid(0, 20), mail);
    QCOMPARE(more.back().ciphertext, hashOf(numberedMail(24)));

    // An id that a client remembers from before.
    RawClient recipient(after.port());
    QVERIFY(recipient.join(bob));
    recipient.send(Acknowledgment {mail[0].id, AckStatus::ReceivedByRecipient, {}});
    QTRY_COMPARE(after.metric("relay_blobs_stored"), 24.0);
    recipient.send(PurgeRequest {});
    const auto purged = recipient.expect<PurgeResponse>();
    QVERIFY(purged);
    QCOMPARE(purged->blobsDeleted, 24u);
    alice.send(PurgeRequest {true, true, proof});
    const PurgeResponse expected {0, 3, 1};
    QCOMPARE(alice.expect<PurgeResponse>().value_or(PurgeResponse()), expected);
    QCOMPARE(wrongBooks(url), QByteArray());

    // It is the relays' now, and stays so.
    const Ran again(before, migration(before, url));
    QVERIFY2(again.exitCode == 0 && again.said.contains("nothing is left to do"), again.said);
    QCOMPARE(inPostgres(url, u"SELECT count(*) FROM blobs"_s), "0");
}

void TestMigrateStorage::copiesEachRowOnceWhenKilledAgainAndAgain()
{
    RelayProcess relay(OnSqlite);
    QVERIFY2(makeStore(relay), relay.log());
    fillWithSmallRows(databaseOf(relay));
    const auto content = contentOfSqlite(databaseOf(relay));

    const QString whole = newDatabase();
    QElapsedTimer timer;
    timer.start();
    const Ran uninterrupted(relay, migration(relay, whole));
    const auto duration = static_cast<int>(timer.elapsed());
    QVERIFY2(uninterrupted.exitCode == 0, uninterrupted.said);
    QCOMPARE(contentOfPostgres(whole), content);
    QCOMPARE(wrongBooks(whole), QByteArray());
    qInfo("29,000 rows in %d ms", duration);

    QString url = newDatabase();
    const quint32 seed = QRandomGenerator::system()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    int killed = 0;
    int partial = 0;
    // A guess: the machine may have been busier then, or be it now.
    int killedWithin = duration / 3;
    while (killed < 25 && partial < 3) {
        QProcess process;
        process.setProcessEnvironment(relay.environment());
        process.start(QStringLiteral(RELAY_PROGRAM), migration(relay, url));
        QVERIFY(process.waitForStarted());
        if (process.waitForFinished(random.bounded(killedWithin))) {
            QVERIFY2(process.exitCode() == 0, process.readAllStandardError());
            if (killed > 1 && partial > 0)
                break;
            killedWithin = std::max(killedWithin / 2, 2);
            url = newDatabase();
            killed = partial = 0;
            continue;
        }
        process.kill();
        process.waitForFinished();
        ++killed;
        const QByteArray progress = PostgresServer::shared().run(
            url, u"SELECT to_regclass('vauchi_relay.migration') IS NOT NULL"_s);
        if (progress != "t"
            || inPostgres(url,
                   u"SELECT sum(row_count) BETWEEN 1 AND 28999 AND NOT bool_or(is_finished) "
                   "FROM migration"_s)
                != "t") {
            killedWithin += killedWithin / 8;
            continue;
        }
        if (++partial > 1)
            continue;
        RelayProcess early;
        early.useDatabase(url);
        QVERIFY(!early.start());
        QVERIFY2(early.exitCode() == 78 && early.log().contains("half filled"), early.log());
        QCOMPARE(inPostgres(url, u"SELECT count(noise_key) FROM state"_s), "0");
        // Another one's rows are not mixed with them.
        RelayProcess other(OnSqlite);
        QVERIFY2(makeStore(other), other.log());
        const Ran refused(other, migration(other, url));
        QVERIFY2(refused.exitCode == 78, refused.said);
        QVERIFY2(refused.said.contains("DROP SCHEMA"), refused.said);
    }
    qInfo("killed %d times, %d of them halfway", killed, partial);
    QVERIFY(killed > 1);
    QVERIFY(partial > 0);
    const Ran last(relay, migration(relay, url));
    QVERIFY2(last.exitCode == 0, last.said);
    QCOMPARE(contentOfPostgres(url), content);
    QCOMPARE(wrongBooks(url), QByteArray());
    QCOMPARE(contentOfSqlite(databaseOf(relay)), content);
    QCOMPARE(inPostgres(url,
                 u"SELECT nextval('blob_sequence') > 70000, "
                 "nextval('device_message_sequence') > 4000"_s),
        "t|t");
    RelayProcess after;
    after.useDatabase(url);
    QVERIFY2(after.start(), after.log());
}

void TestMigrateStorage::copiesAnEmptyStore()
{
    RelayProcess relay(OnSqlite);
    QVERIFY2(makeStore(relay), relay.log());
    const QString url = newDatabase();
    const Ran migrated(relay, migration(relay, url));
    QVERIFY2(migrated.exitCode == 0, migrated.said);
    RelayProcess after;
    after.useDatabase(url);
    QVERIFY2(after.start(), after.log());
    const Id bob = freshId();
    QVERIFY(storeMail(after, bob, 0, 10));
    QCOMPARE(deliveredMail(after, bob), numbersUpTo(10));
}

void TestMigrateStorage::refusesARunningRelay()
{
    RelayProcess relay(OnSqlite);
    QVERIFY2(relay.start(), relay.log());
    const QString url = newDatabase();
    const Ran refused(relay, migration(relay, url));
    QVERIFY2(refused.exitCode == 75 && refused.said.contains("relay.lock"), refused.said);
    // What it left in its log is copied too.
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, 50));
    relay.kill();
    const Ran migrated(relay, migration(relay, url));
    QVERIFY2(migrated.exitCode == 0, migrated.said);
    QCOMPARE(inPostgres(url, u"SELECT count(*) FROM blobs"_s), "50");
}

void TestMigrateStorage::refusesATargetThatIsNotItsOwn()
{
    RelayProcess relay(OnSqlite);
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(storeMail(relay, freshId(), 0, 10));
    QCOMPARE(relay.stop(), 0);
    const QString url = newDatabase();
    RelayProcess other;
    other.useDatabase(url);
    QVERIFY2(other.start(), other.log());
    const Ran refused(relay, migration(relay, url));
    QVERIFY2(refused.exitCode == 78 && refused.said.contains("not empty"), refused.said);
    QCOMPARE(inPostgres(url, u"SELECT count(*) FROM blobs"_s), "0");
    QCOMPARE(other.stop(), 0);
    inPostgres(url, u"DROP SCHEMA vauchi_relay CASCADE"_s);
    QCOMPARE(Ran(relay, migration(relay, url)).exitCode, 0);

    // Nor does one that a relay has changed since go on into the same.
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(storeMail(relay, freshId(), 0, 1));
    QCOMPARE(relay.stop(), 0);
    const Ran changed(relay, migration(relay, url));
    QVERIFY2(
        changed.exitCode == 78 && changed.said.contains("before a relay changed"), changed.said);
}

void TestMigrateStorage::refusesASource_data()
{
    QTest::addColumn<QString>("damage");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("missing") << u"missing"_s << 78 << QByteArray("There is no database");
    QTest::newRow("foreign") << u"PRAGMA application_id = 5"_s << 78
                             << QByteArray("another program");
    QTest::newRow("older") << u"PRAGMA user_version = 2"_s << 78
                           << QByteArray("Start this version once on it");
    QTest::newRow("newer") << u"PRAGMA user_version = 999"_s << 78 << QByteArray("newer relay");
    QTest::newRow("without key") << u"UPDATE state SET id_key = x''"_s << 74
                                 << QByteArray("holds no key");
}

void TestMigrateStorage::refusesASource()
{
    QFETCH(QString, damage);
    QFETCH(int, exitCode);
    QFETCH(QByteArray, says);
    RelayProcess relay(OnSqlite);
    QVERIFY2(makeStore(relay), relay.log());
    if (damage == u"missing"_s)
        QVERIFY(QFile::remove(databaseOf(relay)));
    else
        inSqlite(databaseOf(relay), {damage});
    const QString url = newDatabase();
    const Ran refused(relay, migration(relay, url));
    QVERIFY2(refused.exitCode == exitCode && refused.said.contains(says), refused.said);
    // Nothing was begun.
    QCOMPARE(PostgresServer::shared().run(url, u"SELECT to_regnamespace('vauchi_relay')"_s), "");
}

void TestMigrateStorage::refusesAWrongCommandLine_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<int>("exitCode");
    const QString from = u"sqlite:/nowhere/relay.db"_s;
    QTest::newRow("nothing") << QStringList {} << 64;
    QTest::newRow("half") << QStringList {u"--from"_s, from} << 64;
    QTest::newRow("no value") << QStringList {u"--from"_s, from, u"--to"_s} << 64;
    QTest::newRow("twice") << QStringList {u"--from"_s, from, u"--from"_s, from} << 64;
    QTest::newRow("no kind") << QStringList {u"--from"_s, u"/nowhere"_s, u"--to"_s, u"postgres"_s}
                             << 64;
    QTest::newRow("bad URL") << QStringList {u"--from"_s, from, u"--to"_s,
        u"postgres:http://secret@host/db"_s}
                             << 64;
    QTest::newRow("no URL") << QStringList {u"--from"_s, from, u"--to"_s, u"postgres"_s} << 78;
    QTest::newRow("other way") << QStringList {u"--from"_s, u"postgres"_s, u"--to"_s, from} << 64;
}

void TestMigrateStorage::refusesAWrongCommandLine()
{
    QFETCH(QStringList, options);
    QFETCH(int, exitCode);
    RelayProcess relay(OnSqlite);
    const Ran refused(relay, QStringList {u"migrate-storage"_s} + options);
    QVERIFY2(refused.exitCode == exitCode, refused.said);
    QVERIFY2(!refused.said.contains("secret"), refused.said);
}

void TestMigrateStorage::tellsWhatDiffers()
{
    RelayProcess relay(OnSqlite);
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(storeMail(relay, freshId(), 0, 20));
    QCOMPARE(relay.stop(), 0);
    const QString url = newDatabase();
    QCOMPARE(Ran(relay, migration(relay, url)).exitCode, 0);
    // As if the last step had not been taken, and a row had gone.
    inPostgres(
        url, u"UPDATE migration SET is_finished = false; DELETE FROM blobs WHERE sequence = 7"_s);
    const Ran differs(relay, migration(relay, url));
    QVERIFY2(differs.exitCode == 1, differs.said);
    QVERIFY2(
        differs.said.contains("blobs, rows: 20 in the source, 19 in the target"), differs.said);
    RelayProcess after;
    after.useDatabase(url);
    QVERIFY(!after.start());
    QCOMPARE(after.exitCode(), 78);
}

void TestMigrateStorage::saysWhatToUseOnPostgres_data()
{
    QTest::addColumn<QStringList>("command");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("backup") << QStringList {u"backup"_s, u"file"_s} << QByteArray("pg_dump");
    QTest::newRow("restore") << QStringList {u"restore"_s, u"file"_s} << QByteArray("pg_restore");
    QTest::newRow("verify") << QStringList {u"verify"_s} << QByteArray("pg_amcheck");
    QTest::newRow("stats") << QStringList {u"stats"_s} << QByteArray("/metrics");
}

void TestMigrateStorage::saysWhatToUseOnPostgres()
{
    QFETCH(QStringList, command);
    QFETCH(QByteArray, says);
    RelayProcess relay;
    relay.useDatabase(u"postgresql://nobody@127.0.0.1:1/none"_s);
    const Ran refused(relay, command);
    QVERIFY2(refused.exitCode == 78 && refused.said.contains(says), refused.said);
    QVERIFY(!QFile::exists(relay.dataDir()));
}

void TestMigrateStorage::movesSequencesOnWithTheStatementOfRestore()
{
    RelayProcess relay;
    const QString url = newDatabase();
    relay.useDatabase(url);
    QVERIFY2(makeStore(relay), relay.log());
    const QByteArray said = Ran(relay, {u"restore"_s, u"file"_s}).said;
    const QByteArray sql = said.split('"').value(1);
    QVERIFY2(sql.startsWith("SELECT setval("), said);
    PostgresServer::shared().run(url, QString::fromLatin1(sql));
    QCOMPARE(inPostgres(url,
                 u"SELECT nextval('blob_sequence') > 2, "
                 "nextval('device_message_sequence') > 2"_s),
        "t|t");
    const QByteArray statistics = Ran(relay, {u"stats"_s}).said;
    QCOMPARE(PostgresServer::shared().run(url, QString::fromLatin1(statistics.split('"')[1])),
        "0|0|0|0|0");
}

void TestMigrateStorage::forgetsAProofOnPostgres()
{
    RelayProcess relay;
    const QString url = newDatabase();
    relay.useDatabase(url);
    const Signer alice;
    const Signer other;
    const auto forget = [&](const QByteArray &input) {
        return Ran(relay, {u"forget-proof"_s}, input).exitCode;
    };
    // No relay has been there.
    QCOMPARE(forget(alice.id().toHex()), 78);
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(RawClient(relay.port()).join(alice.handshake()));
    QVERIFY(RawClient(relay.port()).join(other.handshake()));
    QTRY_VERIFY(!refusal(relay, alice.id()).isEmpty());
    QTRY_VERIFY(!refusal(relay, other.id()).isEmpty());
    QCOMPARE(forget("not an id\n"), 64);
    QCOMPARE(forget(freshId().toHex() + '\n'), 1);
    QCOMPARE(forget(alice.id().toHex().toUpper() + '\n'), 0);
    QCOMPARE(refusal(relay, alice.id()), QByteArray());
    QVERIFY(!refusal(relay, other.id()).isEmpty());
    QCOMPARE(forget(alice.id().toHex()), 1);
    QCOMPARE(wrongBooks(url), QByteArray());
    relay.set(u"POSTGRES_URL"_s, u"postgresql://nobody@127.0.0.1:1/none"_s);
    QCOMPARE(forget(alice.id().toHex()), 69);
}

QTEST_GUILESS_MAIN(TestMigrateStorage)
#include "tst_migratestorage.moc"
