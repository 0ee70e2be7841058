// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/checkpointer.h"
#include "relayd/storage/database.h"
#include "tests/bench/client.h"
#include "tests/bench/fail.h"
#include "tests/bench/measurement.h"

#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QVariant>

#include <linux/magic.h>
#include <sys/vfs.h>

#include <atomic>
#include <thread>

namespace relay::bench {

namespace {

/** As the relay does, so that no commit has to. */
class Checkpoints {
public:
    explicit Checkpoints(const DatabaseConfig &config)
        : m_thread([this, config] { run(config); })
    {
    }
    ~Checkpoints()
    {
        m_isStopping = true;
        m_thread.join();
    }

private:
    void run(const DatabaseConfig &config) const
    {
        const auto database = Database::connect(config);
        if (!database)
            fail(database.error().message.toLocal8Bit());
        while (!m_isStopping) {
            std::this_thread::sleep_for(Checkpointer::Interval);
            if (!database->checkpoint())
                fail("a checkpoint failed: " + database->lastError().toLocal8Bit());
        }
    }

    std::atomic<bool> m_isStopping {false};
    std::thread m_thread;
};

/** A relay's new database, and the rows that a relay would write for messages of this size. */
class Rows {
public:
    Rows(const DatabaseConfig &config, int size)
        : m_database(create(config))
        , m_insert(m_database.prepare(
              QStringLiteral("INSERT INTO blobs (sequence, recipient, sender, stored_at, "
                             "ciphertext) VALUES (?, ?, ?, ?, ?)")))
        , m_insertIndex(m_database.prepare(
              QStringLiteral("INSERT INTO mailbox_index (recipient, sequence) VALUES (?, ?)")))
        , m_count(m_database.prepare(
              QStringLiteral("UPDATE state SET last_blob = ?, blob_count = ?, blob_bytes = ?")))
        , m_ciphertext(size, Qt::Uninitialized)
    {
        for (char &byte : m_ciphertext)
            byte = static_cast<char>(QRandomGenerator::global()->bounded(256));
        const bool hasState = m_database.exec(
            QStringLiteral("INSERT INTO state (id, id_key) VALUES (1, zeroblob(16))"));
        if (!hasState)
            fail(m_database.lastError().toLocal8Bit());
    }

    /** One transaction. */
    void write(int rows)
    {
        Transaction transaction(m_database);
        bool ok = transaction.isOpen();
        for (int i = 0; ok && i < rows; ++i) {
            // Mailboxes are all over the index.
            QRandomGenerator::global()->generate(
                m_recipient.bytes.begin(), m_recipient.bytes.end());
            const QByteArray recipient = m_recipient.toBytes();
            ++m_sequence;
            Database::bindAll(m_insert, m_sequence, recipient, m_sender.toBytes(),
                qint64(1'700'000'000'000) + m_sequence, m_ciphertext);
            Database::bindAll(m_insertIndex, recipient, m_sequence);
            ok = m_insert.exec() && m_insertIndex.exec();
        }
        Database::bindAll(m_count, m_sequence, m_sequence, m_sequence * m_ciphertext.size());
        if (!ok || !m_count.exec() || !transaction.commit())
            fail("a transaction failed");
    }
    qint64 written() const { return m_sequence; }

private:
    static Database create(const DatabaseConfig &config)
    {
        auto database = Database::create(config);
        if (!database)
            fail(database.error().message.toLocal8Bit());
        return std::move(database).value();
    }

    Database m_database;
    QSqlQuery m_insert;
    QSqlQuery m_insertIndex;
    QSqlQuery m_count;
    QByteArray m_ciphertext;
    Id m_recipient;
    const Id m_sender = randomId();
    qint64 m_sequence = 0;
};

struct Batches {
    double rowsPerSecond = 0;
    quint64 commits = 0;
    Latencies latencies;
};

Batches writeBatches(const QString &dir, int rows, const Options &options)
{
    const DatabaseConfig config {StorageBackend::Sqlite,
        dir + QStringLiteral("/batches-of-%1.db").arg(rows), SqliteSynchronous::Full};
    Rows table(config, options.size);
    const Checkpoints checkpoints(config);
    Batches batches;
    const auto begin = Clock::now();
    auto now = begin;
    while (now < begin + std::chrono::seconds(options.seconds)) {
        table.write(rows);
        const auto before = std::exchange(now, Clock::now());
        batches.latencies.add(now - before);
        ++batches.commits;
    }
    batches.rowsPerSecond =
        static_cast<double>(table.written()) / std::chrono::duration<double>(now - begin).count();
    return batches;
}

} // namespace

QJsonObject runCeilingStore(const Options &options)
{
    const QTemporaryDir dir(
        (options.dataDir.isEmpty() ? QStringLiteral("/var/tmp") : options.dataDir)
        + QStringLiteral("/ceiling-XXXXXX"));
    struct statfs disk { };
    if (!dir.isValid() || ::statfs(dir.path().toLocal8Bit().constData(), &disk) != 0)
        fail("nothing can be written in the folder of --data-dir");
    if (disk.f_type == TMPFS_MAGIC)
        fail("the folder of --data-dir is in memory, not on a disk");

    const auto syncs = [&] { return options.syncCount.isEmpty() ? 0 : syncsIn(options.syncCount); };
    const quint64 syncsBefore = syncs();
    const Batches single = writeBatches(dir.path(), 1, options);
    QJsonObject figures {
        {QStringLiteral("commit_p50_ms"), single.latencies.percentile(0.5)},
        {QStringLiteral("commit_p99_ms"), single.latencies.percentile(0.99)},
    };
    double best = 0;
    quint64 commits = single.commits;
    for (const int rows : {64, 256, 1024}) {
        const Batches batches = writeBatches(dir.path(), rows, options);
        figures.insert(QStringLiteral("rows_per_second_%1").arg(rows), batches.rowsPerSecond);
        best = std::max(best, batches.rowsPerSecond);
        commits += batches.commits;
    }
    figures.insert(QStringLiteral("rows_per_second"), best);
    if (options.syncCount.isEmpty())
        return figures;
    const auto synced = syncs() - syncsBefore;
    figures.insert(QStringLiteral("commits"), static_cast<double>(commits));
    figures.insert(QStringLiteral("syncs"), static_cast<double>(synced));
    if (synced < commits)
        fail("fewer syncs than commits: nothing was measured");
    return figures;
}

} // namespace relay::bench
