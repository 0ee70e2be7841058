// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/diskfaults.h"
#include "tests/support/mailload.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTest>

#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

namespace {

/** As systemd with WatchdogSec=1 would have it. The relay tells four times in that time. */
constexpr int WatchdogMillis = 1000;

/** The socket on which a service manager listens to its service. */
class NotifySocket {
public:
    explicit NotifySocket(RelayProcess &relay)
        : m_path(QFile::encodeName(m_folder.filePath(u"notify"_s)))
        , m_socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        sockaddr_un address {};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, m_path.constData(), sizeof address.sun_path - 1);
        m_isBound =
            ::bind(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
        relay.setVariable(u"NOTIFY_SOCKET"_s, QFile::decodeName(m_path));
        relay.setVariable(u"WATCHDOG_USEC"_s, QString::number(WatchdogMillis * 1000));
    }
    ~NotifySocket() { ::close(m_socket); }
    NotifySocket(const NotifySocket &) = delete;
    NotifySocket &operator=(const NotifySocket &) = delete;

    bool isBound() const { return m_isBound; }
    /** What has been said since the last forget(), in order. */
    QByteArrayList heard()
    {
        char buffer[512];
        ssize_t size = 0;
        while ((size = ::recv(m_socket, buffer, sizeof buffer, 0)) >= 0)
            m_heard << QByteArray(buffer, size).trimmed();
        return m_heard;
    }
    qsizetype heard(const QByteArray &what) { return heard().count(what); }
    void forget()
    {
        heard();
        m_heard.clear();
    }

private:
    QTemporaryDir m_folder;
    const QByteArray m_path;
    const int m_socket;
    QByteArrayList m_heard;
    bool m_isBound = false;
};

/** One thread of another process, held where it is, as if it waited for ever. */
class HeldThread {
public:
    HeldThread(qint64 pid, const QByteArray &name)
    {
        const QDir tasks(u"/proc/%1/task"_s.arg(pid));
        const QStringList ids = tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        for (const QString &id : ids) {
            QFile comm(tasks.filePath(id + u"/comm"_s));
            if (comm.open(QIODevice::ReadOnly) && comm.readAll().trimmed() == name)
                m_id = id.toInt();
        }
        if (m_id == 0)
            return;
        if (::ptrace(PTRACE_SEIZE, m_id, 0, 0) != 0) {
            m_error = errno;
            return;
        }
        int status = 0;
        m_isHeld = ::ptrace(PTRACE_INTERRUPT, m_id, 0, 0) == 0
            && ::waitpid(m_id, &status, __WALL) == m_id && WIFSTOPPED(status);
    }
    ~HeldThread()
    {
        if (m_isHeld)
            ::ptrace(PTRACE_DETACH, m_id, 0, 0);
    }
    HeldThread(const HeldThread &) = delete;
    HeldThread &operator=(const HeldThread &) = delete;

    bool isHeld() const { return m_isHeld; }
    bool isForbidden() const { return m_error == EPERM; }

private:
    int m_id = 0;
    int m_error = 0;
    bool m_isHeld = false;
};

} // namespace

/** The real program and its service manager: a real notification socket, as systemd has it. */
class TestServiceManager : public QObject {
    Q_OBJECT

private slots:
    void saysWhenItIsReadyAndWhenItStops();
    void endsAfterItsThreads();
    void saysNothingBeforeItIsReady();
    void isSilentOnceTheWriterIsHeldUp();
    void isAliveWhileTheDiskHangs();
};

void TestServiceManager::saysWhenItIsReadyAndWhenItStops()
{
    RelayProcess relay;
    NotifySocket manager(relay);
    QVERIFY(manager.isBound());
    QVERIFY2(relay.start(), relay.log());
    QTRY_VERIFY(manager.heard("WATCHDOG=1") >= 3);
    QCOMPARE(manager.heard().first(), "READY=1");
    QCOMPARE(manager.heard("READY=1"), 1);
    int ready = 0;
    relay.get("/ready", &ready);
    QCOMPARE(ready, 200);
    QCOMPARE(relay.stop(), 0);
    QCOMPARE(manager.heard("STOPPING=1"), 1);
}

void TestServiceManager::endsAfterItsThreads()
{
    // However long they take to do so: what they still use must not be freed before.
    RelayProcess relay;
    relay.preload(QStringLiteral(SLOWEXIT));
    QVERIFY2(relay.start(), relay.log());
    RawClient client(relay.port());
    QVERIFY(client.join(freshId()));
    QCOMPARE(relay.stop(), 0);
}

void TestServiceManager::saysNothingBeforeItIsReady()
{
    // The one of two on a folder that gives up.
    RelayProcess first;
    QVERIFY2(first.start(), first.log());
    RelayProcess second({{u"DATA_DIR"_s, first.dataDir()}});
    NotifySocket manager(second);
    QVERIFY(!second.start());
    QCOMPARE(second.exitCode(), 75);
    QCOMPARE(manager.heard(), QByteArrayList());
}

void TestServiceManager::isSilentOnceTheWriterIsHeldUp()
{
    RelayProcess relay;
    NotifySocket manager(relay);
    QVERIFY2(relay.start(), relay.log());
    QTRY_VERIFY(manager.heard("WATCHDOG=1") > 0);
    {
        const HeldThread writer(relay.pid(), "writer");
        if (writer.isForbidden())
            QSKIP("this user may not hold a thread of its own process (ptrace)");
        QVERIFY(writer.isHeld());
        // It may have answered just before. All else of the relay goes on.
        QTest::qWait(WatchdogMillis / 2);
        manager.forget();
        QElapsedTimer timer;
        timer.start();
        while (!timer.hasExpired(2 * WatchdogMillis)) {
            int health = 0;
            relay.get("/health", &health);
            QCOMPARE(health, 200);
            QTest::qWait(WatchdogMillis / 10);
        }
        QCOMPARE(manager.heard("WATCHDOG=1"), 0);
    }
    QTRY_VERIFY(manager.heard("WATCHDOG=1") > 0);
    QCOMPARE(relay.stop(), 0);
}

void TestServiceManager::isAliveWhileTheDiskHangs()
{
    RelayProcess relay;
    DiskFaults disk(relay);
    NotifySocket manager(relay);
    QVERIFY2(relay.start(), relay.log());
    RawClient sender(relay.port());
    QVERIFY(sender.join(freshId()));
    disk->syncHangs = 1;
    const QByteArray store =
        sender.send(EncryptedUpdate {WrittenId::of(freshId()), std::nullopt, "mail"});
    QTRY_VERIFY(disk->hanging > 0);
    const auto isReady = [&] {
        int ready = 0;
        relay.get("/ready", &ready);
        return ready == 200;
    };
    QTRY_VERIFY_WITH_TIMEOUT(!isReady(), 15'000);
    // Many times as long as the manager would wait, and no less often than twice in that; it is
    // four times where the machine lets it.
    manager.forget();
    QTRY_VERIFY_WITH_TIMEOUT(manager.heard("WATCHDOG=1") >= 12, 6 * WatchdogMillis);
    disk->syncHangs = 0;
    QVERIFY(sender.expectAck(store));
    QTRY_VERIFY(isReady());
}

QTEST_GUILESS_MAIN(TestServiceManager)
#include "tst_servicemanager.moc"
