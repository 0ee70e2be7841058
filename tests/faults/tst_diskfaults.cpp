// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/diskfaults.h"
#include "tests/support/mailload.h"
#include "tests/support/watching.h"

#include <QElapsedTimer>
#include <QTest>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int Held = 50;
constexpr int MailSize = 1000;
/** After a fault has ended a relay tries again every 2 s; a stuck call is one after 5 s. */
constexpr int Soon = 15'000;

/** The status of /ready; -1 if /health is not 200, within a second, whatever the disk does. */
int readyStatus(const RelayProcess &relay)
{
    QElapsedTimer timer;
    timer.start();
    int health = 0;
    int ready = 0;
    relay.get("/health", &health);
    relay.get("/ready", &ready);
    return health == 200 && timer.elapsed() < 1000 ? ready : -1;
}

AckStatus storeOne(RawClient &client, const Id &recipient, int n)
{
    const auto ack = client.store(recipient, numberedMail(n, MailSize), freshId());
    return ack ? ack->status : AckStatus::Delivered; // none of those that answer a store
}

/** The next `count` that this connection is delivered; the last one is its own, if told so. */
QList<int> deliveredTo(RawClient &client, qsizetype count, QByteArray *lastId = nullptr)
{
    QList<int> numbers;
    Envelope envelope;
    while (numbers.size() < count) {
        const auto update = client.expect<EncryptedUpdate>(&envelope);
        if (!update)
            break;
        numbers << numberOf(update->ciphertext, MailSize);
    }
    if (lastId)
        *lastId = envelope.messageId;
    return numbers;
}

/** A file system of its own at `path`, which only this process and its children see. */
class SmallDisk {
public:
    explicit SmallDisk(const QString &path)
        : m_path(QFile::encodeName(path))
    {
        m_isMounted = ::unshare(CLONE_NEWNS) == 0
            && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
            && ::mkdir(m_path.constData(), 0700) == 0
            && ::mount("tmpfs", m_path.constData(), "tmpfs", 0, "size=8m,mode=0700") == 0;
    }
    ~SmallDisk()
    {
        if (m_isMounted)
            ::umount2(m_path.constData(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk &) = delete;
    SmallDisk &operator=(const SmallDisk &) = delete;

    bool isMounted() const { return m_isMounted; }
    bool grow()
    {
        return ::mount(nullptr, m_path.constData(), nullptr, MS_REMOUNT, "size=64m,mode=0700") == 0;
    }

private:
    const QByteArray m_path;
    bool m_isMounted = false;
};

} // namespace

/** The real program on a disk that fails, hangs or is full, and under a clock that jumps. */
class TestDiskFaults : public QObject {
    Q_OBJECT

private slots:
    void refusesWhatItCannotWriteAndRecovers_data();
    void refusesWhatItCannotWriteAndRecovers();
    void survivesWhatItCannotRead();
    void doesNotStartWithFilesThatMayLoseTheirNames();
    void keepsTheReserveForWhatMakesRoom();
    void recoversFromAFileSystemThatIsFull();
    void saysThatTheDiskHangs();
    void deletesNothingWhenTheClockJumps();
};

void TestDiskFaults::refusesWhatItCannotWriteAndRecovers_data()
{
    QTest::addColumn<int>("writeError");
    QTest::addColumn<int>("syncError");
    QTest::newRow("full") << ENOSPC << 0;
    QTest::newRow("read-only") << EROFS << 0;
    QTest::newRow("write error") << EIO << 0;
    QTest::newRow("sync error") << 0 << EIO;
    QTest::newRow("both") << EIO << EIO;
}

void TestDiskFaults::refusesWhatItCannotWriteAndRecovers()
{
    QFETCH(int, writeError);
    QFETCH(int, syncError);
    RelayProcess relay;
    DiskFaults disk(relay);
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    const Id carol = freshId();
    QVERIFY(storeMail(relay, bob, 0, Held, MailSize));
    QVERIFY(storeMail(relay, carol, 0, 1, MailSize));
    // One that has copied a part of its log and did not sync it yet would rightly end itself when a
    // sync fails (tst_powerloss). Started anew, its log is empty.
    QCOMPARE(relay.stop(), 0);
    QVERIFY2(relay.start(), relay.log());
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    QTRY_COMPARE(readyStatus(relay), 200);
    const qint64 pid = relay.pid();

    disk->writeError = writeError;
    disk->syncError = syncError;
    for (int n = 0; n < 20; ++n)
        QCOMPARE(storeOne(sender, bob, Held + n), AckStatus::Failed);
    QTRY_COMPARE(readyStatus(relay), 503);
    QVERIFY2(relay.get("/ready").contains("the database cannot be written"), relay.get("/ready"));
    {
        // Reading goes on. An ack that cannot be committed is none, and a purge says so.
        RawClient recipient(relay.port());
        QVERIFY(recipient.join(bob));
        QByteArray lastId;
        QCOMPARE(deliveredTo(recipient, Held, &lastId), numbersUpTo(Held));
        recipient.send(Acknowledgment {lastId, AckStatus::ReceivedByRecipient, {}});
        QVERIFY(isServed(recipient));
        RawClient other(relay.port());
        QVERIFY(other.join(carol));
        const auto refused = other.expectAck(other.send(PurgeRequest {}));
        QVERIFY(refused && refused->status == AckStatus::Failed);
        QCOMPARE(relay.metric("relay_blobs_stored"), double(Held + 1));
    }
    QVERIFY(disk->failures > 0);

    disk->writeError = 0;
    disk->syncError = 0;
    QTRY_COMPARE_WITH_TIMEOUT(readyStatus(relay), 200, Soon);
    QCOMPARE(storeOne(sender, bob, Held), AckStatus::Stored);
    QCOMPARE(relay.pid(), pid);
    // Nothing is missing, nothing that was refused came after all, and all of it works again.
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    QCOMPARE(deliveredTo(recipient, Held + 1), numbersUpTo(Held + 1));
    RawClient other(relay.port());
    QVERIFY(other.join(carol));
    QCOMPARE(deliveredTo(other, 1), numbersUpTo(1));
    other.send(PurgeRequest {});
    const auto purged = other.expect<PurgeResponse>();
    QVERIFY(purged && purged->blobsDeleted == 1);
    QCOMPARE(relay.metric("relay_blobs_stored"), double(Held + 1));
    const QByteArray log = relay.newestLog();
    QCOMPARE(log.count("the database cannot be written: stores are refused until it can"), 1);
    QVERIFY2(log.size() < 20'000, log);

    relay.kill();
    QVERIFY2(relay.start(), relay.log());
    RawClient again(relay.port());
    QVERIFY(again.join(bob));
    QCOMPARE(deliveredTo(again, Held + 1), numbersUpTo(Held + 1));
}

void TestDiskFaults::survivesWhatItCannotRead()
{
    RelayProcess relay;
    DiskFaults disk(relay);
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, Held, MailSize));
    // Started again, it has nothing of it in memory.
    QCOMPARE(relay.stop(), 0);
    QVERIFY2(relay.start(), relay.log());
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));

    disk->readError = EIO;
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    QTRY_VERIFY(disk->failures > 0);
    QCOMPARE(storeOne(sender, bob, Held), AckStatus::Failed);
    QTRY_COMPARE(readyStatus(relay), 503);
    QVERIFY2(relay.get("/ready").contains("the database is damaged"), relay.get("/ready"));

    // SQLite calls both damage. This one is gone when the disk can be read again.
    disk->readError = 0;
    QTRY_COMPARE_WITH_TIMEOUT(readyStatus(relay), 200, Soon);
    QCOMPARE(storeOne(sender, bob, Held), AckStatus::Stored);
    // Who was there already has it too.
    QCOMPARE(deliveredTo(recipient, Held + 1), numbersUpTo(Held + 1));
    int exitCode = -1;
    relay.run({u"verify"_s}, &exitCode);
    QCOMPARE(exitCode, 0);
}

void TestDiskFaults::doesNotStartWithFilesThatMayLoseTheirNames()
{
    RelayProcess relay;
    DiskFaults disk(relay);
    disk->folderSyncError = EIO;
    QVERIFY(!relay.start());
    QCOMPARE(relay.exitCode(), 74);
    QVERIFY2(relay.log().contains("Cannot sync the folder"), relay.log());
    disk->folderSyncError = 0;
    QVERIFY2(relay.start(), relay.log());
    QVERIFY(storeMail(relay, freshId(), 0, 1, MailSize));
}

void TestDiskFaults::keepsTheReserveForWhatMakesRoom()
{
    RelayProcess relay({{u"BLOB_TTL_SECS"_s, u"8"_s}, {u"CLEANUP_INTERVAL_SECS"_s, u"1"_s}});
    DiskFaults disk(relay);
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    const Id carol = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    for (int n = 0; n < 2; ++n)
        QCOMPARE(storeOne(sender, bob, n), AckStatus::Stored);
    QCOMPARE(storeOne(sender, carol, 2), AckStatus::Stored);
    QCOMPARE(storeOne(sender, freshId(), 3), AckStatus::Stored);

    disk->isFull = 1;
    QTRY_COMPARE(readyStatus(relay), 503);
    QVERIFY2(relay.get("/ready").contains("RELAY_MIN_FREE_BYTES"), relay.get("/ready"));
    QCOMPARE(storeOne(sender, bob, 4), AckStatus::Failed);
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    QByteArray lastId;
    QCOMPARE(deliveredTo(recipient, 2, &lastId), numbersUpTo(2));
    recipient.send(Acknowledgment {lastId, AckStatus::ReceivedByRecipient, {}});
    QVERIFY(isServed(recipient));
    QCOMPARE(relay.metric("relay_blobs_acknowledged_total"), 1.0);
    RawClient other(relay.port());
    QVERIFY(other.join(carol));
    other.send(PurgeRequest {});
    const auto purged = other.expect<PurgeResponse>();
    QVERIFY(purged && purged->blobsDeleted == 1);
    QTRY_COMPARE_WITH_TIMEOUT(relay.metric("relay_blobs_stored"), 0.0, Soon);
    QCOMPARE(relay.metric("relay_blobs_expired_total"), 2.0);

    disk->isFull = 0;
    QTRY_COMPARE(readyStatus(relay), 200);
    QCOMPARE(storeOne(sender, bob, 5), AckStatus::Stored);
}

void TestDiskFaults::recoversFromAFileSystemThatIsFull()
{
    // What the shim cannot show: memory that is mapped from a file that cannot grow.
    RelayProcess relay({{u"MIN_FREE_BYTES"_s, u"1"_s}, {u"MAX_BLOBS_PER_RECIPIENT"_s, u"0"_s}});
    SmallDisk disk(relay.dataDir());
    if (!disk.isMounted())
        QSKIP("this user may not mount");
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    // Full is when nothing fits any more: a log that is used again may make room once more.
    int held = 0;
    for (int failures = 0; held < 10'000 && failures < 20;) {
        const bool isStored = storeOne(sender, bob, held) == AckStatus::Stored;
        held += isStored;
        failures = isStored ? 0 : failures + 1;
    }
    QVERIFY(held > 100 && held < 10'000);
    QTRY_COMPARE(readyStatus(relay), 503);
    {
        RawClient recipient(relay.port());
        QVERIFY(recipient.join(bob));
        QCOMPARE(deliveredTo(recipient, held), numbersUpTo(held));
    }
    QVERIFY(disk.grow());
    QTRY_COMPARE_WITH_TIMEOUT(readyStatus(relay), 200, Soon);
    QCOMPARE(storeOne(sender, bob, held), AckStatus::Stored);
    relay.kill();
    QVERIFY2(relay.start(), relay.log());
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    QCOMPARE(deliveredTo(recipient, held + 1), numbersUpTo(held + 1));
}

void TestDiskFaults::saysThatTheDiskHangs()
{
    RelayProcess relay;
    DiskFaults disk(relay);
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    QVERIFY(storeMail(relay, bob, 0, Held, MailSize));
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));

    disk->syncHangs = 1;
    const QByteArray store = sender.send(
        EncryptedUpdate {WrittenId::of(bob), std::nullopt, numberedMail(Held, MailSize)});
    QTRY_VERIFY(disk->hanging > 0);
    QTRY_COMPARE_WITH_TIMEOUT(readyStatus(relay), 503, Soon);
    QVERIFY2(relay.get("/ready").contains("waiting for the disk"), relay.get("/ready"));
    // Whoever comes is let in and has its mail: only what has to be synced waits.
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    QCOMPARE(deliveredTo(recipient, Held), numbersUpTo(Held));
    QTRY_COMPARE(readyStatus(relay), 503);
    QVERIFY(!sender.expectAck(store, 0));

    disk->syncHangs = 0;
    const auto stored = sender.expectAck(store);
    QVERIFY(stored && stored->status == AckStatus::Stored);
    QTRY_COMPARE(readyStatus(relay), 200);
    QCOMPARE(deliveredTo(recipient, 1), numbersUpTo(Held + 1, Held));
    QCOMPARE(relay.metric("relay_connections_active"), 2.0);
    const QByteArray log = relay.newestLog();
    QCOMPARE(log.count("has not answered for over 5 s"), 1);
    QVERIFY2(log.contains("answers again"), log);
}

void TestDiskFaults::deletesNothingWhenTheClockJumps()
{
    RelayProcess relay({{u"BLOB_TTL_SECS"_s, u"3600"_s}, {u"CLEANUP_INTERVAL_SECS"_s, u"3"_s}});
    DiskFaults disk(relay);
    QVERIFY2(relay.start(), relay.log());
    const Id bob = freshId();
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    RawClient online(relay.port());
    const Id carol = freshId();
    QVERIFY(online.join(carol));
    constexpr qint64 Day = 24 * 3600 * 1000;
    int sent = 0;
    int skipped = 0;
    // The cleanup that meets a jump is skipped; the clock is put right before the next one.
    for (const qint64 wrong : {Day, qint64(0), -3 * Day, 30 * Day, qint64(0)}) {
        disk->wallClockMillis = wrong;
        for (int i = 0; i < 10; ++i) {
            QCOMPARE(storeOne(sender, bob, sent), AckStatus::Stored);
            QCOMPARE(storeOne(sender, carol, sent), AckStatus::Stored);
            ++sent;
        }
        ++skipped;
        QTRY_COMPARE_WITH_TIMEOUT(relay.newestLog().count("the wall clock jumped"), skipped, Soon);
    }
    // Live, and to who comes later: all of it, in order, whatever time it bears.
    QCOMPARE(deliveredTo(online, sent), numbersUpTo(sent));
    RawClient recipient(relay.port());
    QVERIFY(recipient.join(bob));
    QCOMPARE(deliveredTo(recipient, sent), numbersUpTo(sent));
    const auto metrics = relay.metrics();
    QCOMPARE(metrics.value("relay_blobs_expired_total"), 0.0);
    for (auto it = metrics.cbegin(); it != metrics.cend(); ++it)
        QVERIFY2(it.value() >= 0, it.key());
    QTRY_COMPARE(readyStatus(relay), 200);
    QVERIFY(QJsonDocument::fromJson(relay.get("/health"))[u"uptime_seconds"_s].toInt(-1) >= 0);
}

QTEST_GUILESS_MAIN(TestDiskFaults)
#include "tst_diskfaults.moc"
