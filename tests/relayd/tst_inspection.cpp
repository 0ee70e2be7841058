// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/inspection.h"
#include "tests/support/rawclient.h"
#include "tests/support/storefixture.h"

#include <QTest>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

namespace {

constexpr qint64 Now = 1'700'000'000'000;

/** A store that holds a little of everything. */
void fill(StoreFixture &store)
{
    for (const auto recipient : {quint8(1), quint8(1), quint8(1), quint8(2)}) {
        StoreBlob blob = blobFor(idOf(recipient), QByteArray(100 * recipient, 'x'));
        if (recipient == 2)
            blob.sender = std::nullopt;
        store.run(blob, Now);
    }
    store.run(messageFor({idOf(1), idOf(2)}, 1, "twelve bytes"), Now);
    store.run(StoreProof {idOf(3), "proof"}, Now);
    store.run(StoreProof {idOf(4), "another"}, Now);
    if (!store.tables().settleAll())
        qFatal("not settled");
}

QStringList faultsOf(const StoreFixture &store)
{
    const auto checks = verify(store.config().path);
    if (!checks)
        return {checks.error().message};
    QStringList faults;
    for (const Check &check : *checks) {
        if (!check.fault.isEmpty())
            faults << check.what;
    }
    return faults;
}

} // namespace

/** What `verify` and `stats` see, each fault by itself. */
class TestInspection : public QObject {
    Q_OBJECT

private slots:
    void findsNothingWrongWithAWholeStore();
    void namesEachFault_data();
    void namesEachFault();
    void looksAtOneMoment();
    void countsWhatIsStored();
    void countsAnEmptyStore();
    void tellsWhatItCannotCount();
};

void TestInspection::findsNothingWrongWithAWholeStore()
{
    StoreFixture store(StorageBackend::Sqlite);
    QCOMPARE(faultsOf(store), QStringList());
    fill(store);
    QCOMPARE(faultsOf(store), QStringList());
    const auto checks = verify(store.config().path);
    QVERIFY(checks && checks->size() > 15);
}

void TestInspection::namesEachFault_data()
{
    QTest::addColumn<QString>("damage");
    QTest::addColumn<QStringList>("faults");
    const auto row = [](const QString &damage, const QStringList &faults) {
        QTest::newRow(qPrintable(damage)) << damage << faults;
    };
    row(u"UPDATE state SET blob_count = 5"_s, {u"blobs: count"_s});
    row(u"UPDATE state SET blob_bytes = blob_bytes - 1"_s, {u"blobs: bytes"_s});
    row(u"UPDATE state SET last_blob = 3"_s, {u"blobs: sequences"_s});
    row(u"UPDATE blobs SET sequence = -1 WHERE sequence = 1"_s,
        {u"blobs: sequences"_s, u"mailbox_index: blobs"_s, u"mailbox_index: complete"_s});
    row(u"UPDATE blobs SET recipient = zeroblob(31) WHERE sequence = 2"_s,
        {u"blobs: length of recipient"_s, u"mailbox_index: blobs"_s, u"mailbox_index: complete"_s});
    row(u"DELETE FROM mailbox_index WHERE sequence = 2"_s, {u"mailbox_index: complete"_s});
    row(u"INSERT INTO mailbox_index VALUES (zeroblob(32), 2)"_s, {u"mailbox_index: blobs"_s});
    row(u"UPDATE mailbox_index SET sequence = 9 WHERE sequence = 2"_s,
        {u"mailbox_index: blobs"_s, u"mailbox_index: complete"_s});
    row(u"UPDATE blobs SET sender = zeroblob(33) WHERE sequence = 2"_s,
        {u"blobs: length of sender"_s});
    row(u"DELETE FROM device_messages"_s,
        {u"device_messages: count"_s, u"device_messages: bytes"_s});
    row(u"UPDATE state SET last_device_message = 0"_s, {u"device_messages: sequences"_s});
    row(u"UPDATE device_messages SET device = x''"_s, {u"device_messages: length of device"_s});
    row(u"UPDATE device_messages SET client = x'00'"_s, {u"device_messages: length of client"_s});
    row(u"UPDATE device_messages SET sender_device = x'00'"_s,
        {u"device_messages: length of sender_device"_s});
    row(u"UPDATE state SET proof_count = 0"_s, {u"proofs: count"_s});
    row(u"UPDATE proofs SET proof = zeroblob(9)"_s, {u"proofs: bytes"_s});
    row(u"UPDATE proofs SET key_hash = zeroblob(64) WHERE length(proof) = 5"_s,
        {u"proofs: length of key_hash"_s});
    row(u"UPDATE state SET id_key = x'00'"_s, {u"state: length of id_key"_s});
    row(u"PRAGMA user_version = 99"_s, {u"schema"_s});
    // Nothing to compare with is a fault of each comparison, never a pass.
    row(u"DELETE FROM state"_s,
        {u"state: rows"_s, u"state: length of id_key"_s, u"blobs: count"_s, u"blobs: bytes"_s,
            u"device_messages: count"_s, u"device_messages: bytes"_s, u"proofs: count"_s,
            u"proofs: bytes"_s, u"proven_ids: count"_s, u"proven_ids: bytes"_s});
    row(u"INSERT INTO proven_ids (id, proven_at) VALUES (zeroblob(31), 1)"_s,
        {u"proven_ids: count"_s, u"proven_ids: length of id"_s});
    row(u"UPDATE state SET proven_id_count = 3"_s, {u"proven_ids: count"_s});
    row(u"DROP TABLE proofs"_s,
        {u"proofs: count"_s, u"proofs: bytes"_s, u"proofs: length of key_hash"_s});
}

void TestInspection::namesEachFault()
{
    QFETCH(QString, damage);
    QFETCH(QStringList, faults);
    StoreFixture store(StorageBackend::Sqlite);
    fill(store);
    store.execOutside(damage);
    QCOMPARE(faultsOf(store), faults);
}

void TestInspection::looksAtOneMoment()
{
    StoreFixture store(StorageBackend::Sqlite);
    fill(store);
    // A writer in the middle of its transaction: what it has not committed is not there.
    QVERIFY(store.tables().begin());
    store.tables().apply(blobFor(idOf(9)), Now);
    QCOMPARE(faultsOf(store), QStringList());
    const auto found = statistics(store.config().path);
    QVERIFY(found);
    QCOMPARE(found->tables.at(u"blobs"_s).count, 4);
    QVERIFY(store.tables().commit());
    QCOMPARE(faultsOf(store), QStringList());
}

void TestInspection::countsWhatIsStored()
{
    StoreFixture store(StorageBackend::Sqlite);
    fill(store);
    const auto found = statistics(store.config().path);
    QVERIFY(found);
    const auto holds = [&](const QString &table, qint64 count, qint64 bytes) {
        const Usage &usage = found->tables.at(table);
        return usage.count == count && usage.bytes == bytes;
    };
    QVERIFY(holds(u"blobs"_s, 4, 500));
    QVERIFY(holds(u"device_messages"_s, 1, 12));
    QVERIFY(holds(u"proofs"_s, 2, 12));
    QCOMPARE(found->oldestBlob, Now);
    QCOMPARE(found->mailboxes, 2);
    QCOMPARE(found->largestMailbox.count, 3);
    QCOMPARE(found->largestMailbox.bytes, 300);
    QCOMPARE(found->schema, Database::latestSchema());
    QCOMPARE(found->pageBytes, 4096);
    QVERIFY(found->pages > 5 && found->logBytes > 0 && found->fileBytes > 0);
    QCOMPARE(found->freePages, 0);
    store.run(blobFor(idOf(5), QByteArray(100'000, 'x')), Now);
    store.execOutside(u"DELETE FROM blobs WHERE length(ciphertext) = 100000"_s);
    QVERIFY(statistics(store.config().path)->freePages > 20);
}

void TestInspection::countsAnEmptyStore()
{
    StoreFixture store(StorageBackend::Sqlite);
    const auto found = statistics(store.config().path);
    QVERIFY(found);
    QCOMPARE(found->tables.at(u"blobs"_s).count, 0);
    QVERIFY(!found->oldestBlob);
    QCOMPARE(found->mailboxes, 0);
    QCOMPARE(found->largestMailbox.count, 0);
}

void TestInspection::tellsWhatItCannotCount()
{
    StoreFixture store(StorageBackend::Sqlite);
    store.execOutside(u"DROP TABLE proofs"_s);
    const auto found = statistics(store.config().path);
    QVERIFY(!found);
    QCOMPARE(found.error().exitCode, ExitCode::CannotWrite);
    QVERIFY(found.error().message.contains(u"proofs"_s));
    store.execOutside(u"PRAGMA user_version = 99"_s);
    QCOMPARE(statistics(store.config().path).error().exitCode, ExitCode::Configuration);
}

QTEST_GUILESS_MAIN(TestInspection)
#include "tst_inspection.moc"
