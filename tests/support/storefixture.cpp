// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/storefixture.h"

#include "tests/support/postgresserver.h"
#include "tests/support/rawclient.h"

#include <QCoreApplication>
#include <QSqlError>
#include <QTest>

namespace relay::test {

StoreFixture::StoreFixture(StorageBackend backend, const StoreLimits &limits)
    : m_limits(limits)
{
    m_config.backend = backend;
    m_config.path = m_folder.filePath(QStringLiteral("relay.db"));
    if (isOnServer()) {
        m_url = PostgresServer::shared().newDatabase();
        m_config.postgres = {parsePostgresUrl(m_url).value(), &m_calls, QByteArray(32, 'k')};
    }
    open();
}

StoreFixture::~StoreFixture()
{
    if (!m_outside.isEmpty())
        QSqlDatabase::removeDatabase(m_outside);
}

void StoreFixture::open()
{
    if (isOnServer()) {
        auto store = PostgresStore::open(m_config.postgres, m_limits);
        if (!store)
            qFatal("%s", qPrintable(store.error().message));
        m_server = std::move(store).value();
        return;
    }
    if (!m_database) {
        auto database = Database::create(m_config);
        if (!database)
            qFatal("%s", qPrintable(database.error().message));
        m_database.emplace(std::move(database).value());
    }
    m_tables = std::make_unique<StoreTables>(*m_database, m_limits);
    if (!m_tables->load())
        qFatal("the tables cannot be loaded");
}

void StoreFixture::restart()
{
    m_tables.reset();
    m_server.reset();
    if (!isInMemory())
        m_database.reset();
    open();
}

const StoreTotals &StoreFixture::totals() const
{
    return isOnServer() ? m_server->totals() : m_tables->totals();
}

void StoreFixture::openFor(StoreReader &reader)
{
    if (isOnServer())
        reader.open(m_config.postgres);
    else if (isInMemory())
        reader.share(*m_database, m_tables->recent());
    else if (const auto fault = reader.open(m_config, m_tables->recent()))
        qFatal("%s", qPrintable(fault->message));
}

std::vector<Applied> StoreFixture::runOnServer(const std::vector<StoreRequest> &batch, qint64 now)
{
    std::vector<Applied> results;
    if (!m_server->apply(batch, now, Room::Free, results))
        qFatal("no commit");
    return results;
}

void StoreFixture::storeAll(const std::vector<StoreBlob> &blobs, qint64 now)
{
    if (isOnServer()) {
        std::vector<StoreRequest> batch;
        for (const StoreBlob &blob : blobs)
            batch.push_back({{}, blob});
        runOnServer(batch, now);
        return;
    }
    if (!m_tables->begin())
        qFatal("no transaction");
    for (const StoreBlob &blob : blobs)
        m_tables->apply(blob, now);
    if (!m_tables->commit())
        qFatal("no commit");
}

void StoreFixture::execOutside(const QString &sql)
{
    if (isOnServer()) {
        PostgresServer::shared().run(
            m_url, QStringLiteral("SET search_path = vauchi_relay; ") + sql);
        return;
    }
    if (isInMemory()) {
        if (!m_database->exec(sql))
            qFatal("%s", qPrintable(m_database->lastError()));
        return;
    }
    if (m_outside.isEmpty()) {
        m_outside = QStringLiteral("outside-%1").arg(reinterpret_cast<quintptr>(this));
        auto handle = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_outside);
        handle.setDatabaseName(m_config.path);
        handle.open();
    }
    QSqlQuery query(QSqlDatabase::database(m_outside));
    if (!query.exec(sql))
        qFatal("%s", qPrintable(query.lastError().text()));
}

qint64 StoreFixture::numberOutside(const QString &sql)
{
    if (isOnServer())
        return PostgresServer::shared()
            .run(m_url, QStringLiteral("SET search_path = vauchi_relay; ") + sql)
            .toLongLong();
    // Also within a transaction of the relay's, so over its own connection.
    const auto number = m_database->number(sql);
    if (!number)
        qFatal("%s", qPrintable(m_database->lastError()));
    return *number;
}

Applied StoreFixture::sweep(qint64 now, bool &mayHaveMore)
{
    if (isOnServer())
        return m_server->sweep(now, mayHaveMore).value();
    if (!m_tables->begin())
        qFatal("no transaction");
    Applied applied = m_tables->sweep(now, mayHaveMore);
    if (!m_tables->commit())
        qFatal("no commit");
    return applied;
}

QByteArray StoreFixture::totalsFault()
{
    if (isOnServer())
        return totalsFaultOnServer(m_url, totals());
    const StoreTotals &totals = m_tables->totals();
    QByteArray faults;
    const auto compare = [&](const char *what, qint64 counted, const char *sql) {
        const qint64 actual = numberOutside(QString::fromLatin1(sql));
        if (counted != actual)
            faults += QByteArray(what) + ": " + QByteArray::number(counted) + " but "
                + QByteArray::number(actual) + "; ";
    };
    compare("blobs", totals.blobs.count, "SELECT count(*) FROM blobs");
    compare(
        "blob bytes", totals.blobs.bytes, "SELECT coalesce(sum(length(ciphertext)), 0) FROM blobs");
    compare("device messages", totals.deviceMessages.count, "SELECT count(*) FROM device_messages");
    compare("device bytes", totals.deviceMessages.bytes,
        "SELECT coalesce(sum(length(payload)), 0) FROM device_messages");
    compare("index entries without a blob", 0,
        "SELECT count(*) FROM mailbox_index AS i WHERE NOT EXISTS (SELECT 1 FROM blobs AS b "
        "WHERE b.sequence = i.sequence AND b.recipient = i.recipient)");
    compare("blobs that are missing from the index", 0,
        "SELECT count(*) FROM blobs AS b WHERE b.sequence <= (SELECT indexed_up_to FROM state) "
        "AND NOT EXISTS (SELECT 1 FROM mailbox_index AS i WHERE i.recipient = b.recipient "
        "AND i.sequence = b.sequence)");
    compare("proofs", totals.proofs.count, "SELECT count(*) FROM proofs");
    compare(
        "proof bytes", totals.proofs.bytes, "SELECT coalesce(sum(length(proof)), 0) FROM proofs");
    compare("proven ids", totals.provenIds, "SELECT count(*) FROM proven_ids");
    compare("stored proven ids", totals.provenIds, "SELECT proven_id_count FROM state");
    compare("stored blobs", totals.blobs.count, "SELECT blob_count FROM state");
    compare("stored blob bytes", totals.blobs.bytes, "SELECT blob_bytes FROM state");
    compare("stored device messages", totals.deviceMessages.count,
        "SELECT device_message_count FROM state");
    compare("stored device bytes", totals.deviceMessages.bytes,
        "SELECT device_message_bytes FROM state");
    compare("stored proofs", totals.proofs.count, "SELECT proof_count FROM state");
    compare("stored proof bytes", totals.proofs.bytes, "SELECT proof_bytes FROM state");
    compare("last blob", totals.lastBlob.value, "SELECT last_blob FROM state");
    compare("last device message", totals.lastDeviceMessage.value,
        "SELECT last_device_message FROM state");
    compare("last time", totals.lastTime, "SELECT last_time FROM state");
    return faults;
}

QByteArray totalsFaultOnServer(const QString &url, const StoreTotals &totals)
{
    const QByteArray actual = PostgresServer::shared().run(url,
        QStringLiteral(
            "SET search_path = vauchi_relay; SELECT concat_ws(' ', (SELECT count(*) FROM blobs), "
            "(SELECT coalesce(sum(octet_length(ciphertext)), 0) FROM blobs), "
            "(SELECT count(*) FROM device_messages), "
            "(SELECT coalesce(sum(octet_length(payload)), 0) FROM device_messages), "
            "(SELECT count(*) FROM proofs), "
            "(SELECT coalesce(sum(octet_length(proof)), 0) FROM proofs), "
            "(SELECT count(*) FROM (SELECT recipient, count(*) AS c, "
            " sum(octet_length(ciphertext)) AS b FROM blobs GROUP BY recipient) AS r "
            " FULL JOIN mailboxes AS m USING (recipient) "
            " WHERE r.c IS DISTINCT FROM m.item_count OR r.b IS DISTINCT FROM m.item_bytes), "
            "(SELECT count(*) FROM (SELECT client, device, count(*) AS c, "
            " sum(octet_length(payload)) AS b FROM device_messages GROUP BY client, device) AS r "
            " FULL JOIN device_queues AS q USING (client, device) "
            " WHERE r.c IS DISTINCT FROM q.item_count OR r.b IS DISTINCT FROM q.item_bytes))"));
    const QByteArray counted = QByteArray::number(totals.blobs.count) + ' '
        + QByteArray::number(totals.blobs.bytes) + ' '
        + QByteArray::number(totals.deviceMessages.count) + ' '
        + QByteArray::number(totals.deviceMessages.bytes) + ' '
        + QByteArray::number(totals.proofs.count) + ' ' + QByteArray::number(totals.proofs.bytes)
        + " 0 0";
    return counted == actual ? QByteArray() : counted + " but " + actual;
}

namespace {

constexpr std::chrono::seconds TickInterval {1};

void fire(StoreWriter &writer, bool isTick)
{
    const auto timers = writer.findChildren<QTimer *>();
    for (QTimer *timer : timers) {
        if ((timer->intervalAsDuration() == TickInterval) == isTick) {
            QTimerEvent event(timer->timerId());
            QCoreApplication::sendEvent(timer, &event);
        }
    }
}

} // namespace

void fireTick(StoreWriter &writer)
{
    fire(writer, true);
}

void fireSweep(StoreWriter &writer)
{
    fire(writer, false);
}

void addSqliteBackendRows()
{
    QTest::addColumn<StorageBackend>("backend");
    QTest::newRow("sqlite") << StorageBackend::Sqlite;
    QTest::newRow("memory") << StorageBackend::Memory;
}

void addBackendRows()
{
    addSqliteBackendRows();
    if (!PostgresServer::programs().isEmpty()
        || qEnvironmentVariableIsSet("RELAYTEST_REQUIRE_TOOLS"))
        QTest::newRow("postgres") << StorageBackend::Postgres;
}

StoreBlob blobFor(const Id &recipient, const QByteArray &ciphertext)
{
    return {recipient, WrittenId::of(idOf(0xee)), ciphertext, idOf(0xee)};
}

StoreDeviceMessage messageFor(const DeviceKey &target, quint64 version, const QByteArray &payload)
{
    return {target, WrittenId::of(idOf(0xdd)), version, payload};
}

} // namespace relay::test
