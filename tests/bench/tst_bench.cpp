// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/latencies.h"
#include "tests/support/relayprocess.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QtEndian>

#include <functional>

using namespace relay::test;

namespace {

struct Outcome {
    int exitCode = -1;
    QJsonObject figures;
    QByteArray complaint;
};

/** Runs the load generator to its end, while this thread's sockets are served. */
Outcome bench(const QString &arguments)
{
    QProcess process;
    process.start(QStringLiteral(RELAY_BENCH), arguments.split(QLatin1Char(' ')));
    const bool ended =
        QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, 60'000);
    if (!ended || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), QJsonDocument::fromJson(process.readAllStandardOutput()).object(),
        process.readAllStandardError()};
}

QString urlOf(quint16 port)
{
    return QStringLiteral(" --url ws://127.0.0.1:%1").arg(port);
}

/** A relay whose syncs are counted. */
class CountedRelay {
public:
    explicit CountedRelay(const Environment &environment = {})
        : relay(environment)
    {
        relay.preload(QStringLiteral(SYNCCOUNT));
        relay.setVariable(QStringLiteral("SYNCCOUNT_FILE"), syncs());
    }

    QString options() const
    {
        return urlOf(relay.port())
            + QStringLiteral(" --monitoring http://127.0.0.1:%1 --relay-pid %2 --sync-count %3")
                  .arg(relay.httpPort())
                  .arg(relay.pid())
                  .arg(syncs());
    }

    RelayProcess relay;

private:
    QString syncs() const { return m_folder.filePath(QStringLiteral("syncs")); }
    QTemporaryDir m_folder;
};

/** The relay's acceptor and connections with an echo behind them. */
class EchoProcess {
public:
    EchoProcess()
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("RELAY_LISTEN_ADDR"), QStringLiteral("127.0.0.1:0"));
        m_process.setProcessEnvironment(environment);
        m_process.start(QStringLiteral(RELAY_ECHO), {});
        while (!m_process.canReadLine() && m_process.waitForReadyRead(30'000)) { }
        m_port = m_process.readLine().trimmed().split(' ').last().toUShort();
    }
    ~EchoProcess()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    quint16 port() const { return m_port; }

private:
    QProcess m_process;
    quint16 m_port = 0;
};

/** What becomes of one message of a relay on its way to a client: any number of frames. */
using Lie = std::function<QByteArrayList(const QByteArray &frame)>;

/** Between a client and a relay: passes everything on, and lets `lie` change what the relay says.
 */
class LyingProxy {
public:
    LyingProxy(quint16 relay, Lie lie)
        : m_lie(std::move(lie))
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this, relay] {
            QTcpSocket *client = m_server.nextPendingConnection();
            auto *upstream = new QTcpSocket(client);
            upstream->connectToHost(QHostAddress::LocalHost, relay);
            QObject::connect(client, &QTcpSocket::readyRead, upstream,
                [=] { upstream->write(client->readAll()); });
            QObject::connect(upstream, &QTcpSocket::readyRead, client,
                [this, client, upstream, input = QByteArray(), isUpgraded = false]() mutable {
                    input += upstream->readAll();
                    pass(*client, input, isUpgraded);
                });
            QObject::connect(upstream, &QTcpSocket::disconnected, client, &QTcpSocket::close);
            QObject::connect(client, &QTcpSocket::disconnected, upstream, &QTcpSocket::close);
        });
    }
    quint16 port() const { return m_server.serverPort(); }

private:
    void pass(QTcpSocket &client, QByteArray &input, bool &isUpgraded)
    {
        if (const qsizetype head = input.indexOf("\r\n\r\n"); !isUpgraded && head >= 0) {
            client.write(input.left(head + 4));
            input.remove(0, head + 4);
            isUpgraded = true;
        }
        while (isUpgraded && input.size() >= 4) {
            const int shortLength = input[1];
            const qsizetype size = shortLength < 126
                ? 2 + shortLength
                : 4 + qFromBigEndian<quint16>(input.constData() + 2);
            if (input.size() < size)
                return;
            const auto frames = m_lie(input.left(size));
            for (const QByteArray &frame : frames)
                client.write(frame);
            input.remove(0, size);
        }
    }

    QTcpServer m_server;
    Lie m_lie;
};

/** What a lie does with the third message that holds a text; the others pass. */
Lie withThird(const QByteArray &text, const Lie &lie)
{
    return [=, count = 0](const QByteArray &frame) mutable -> QByteArrayList {
        return frame.contains(text) && ++count == 3 ? lie(frame) : QByteArrayList {frame};
    };
}

QByteArrayList nothing(const QByteArray &)
{
    return {};
}

QByteArrayList twice(const QByteArray &frame)
{
    return {frame, frame};
}

QByteArrayList withAnotherByte(QByteArray frame)
{
    const qsizetype end = frame.lastIndexOf(']');
    frame[end - 1] = frame[end - 1] == '1' ? '2' : '1';
    return {frame};
}

/** Exchanges two neighbours. */
Lie inTheWrongOrder(const QByteArray &text)
{
    return [=, held = QByteArray()](const QByteArray &frame) mutable -> QByteArrayList {
        if (!frame.contains(text))
            return {frame};
        if (held.isEmpty()) {
            held = frame;
            return {};
        }
        return {frame, std::exchange(held, {})};
    };
}

const QByteArray Update = "\"EncryptedUpdate\"";
const QByteArray Stored = "\"Stored\"";

} // namespace

/** The load generator: each scenario, shortly, on the real relay; and that it finds out lies. */
class TestBench : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void runsEachScenario_data();
    void runsEachScenario();
    void measuresEcho();
    void measuresCeilingOfStore();
    void readsAFullMailboxSlowly();
    void storesWhileASweepRuns();
    void findsOutLies_data();
    void findsOutLies();
    void findsOutAQuota();
    void findsOutALimiter();
    void findsOutAKilledRelay();
    void findsOutMissingSyncs();
    void tellsServersApart();
    void refusesWrongOptions();
    void keepsLatenciesWithinOnePercent();

private:
    /** Told nothing of what is made of its words. */
    std::unique_ptr<RelayProcess> m_honest;
};

void TestBench::initTestCase()
{
    m_honest = std::make_unique<RelayProcess>();
    QVERIFY2(m_honest->start(), m_honest->log());
}

void TestBench::runsEachScenario_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QStringList>("figures");
    const auto add = [](const char *arguments, const char *figures) {
        QTest::newRow(arguments) << QString::fromLatin1(arguments)
                                 << QString::fromLatin1(figures).split(QLatin1Char(' '));
    };
    add("store --seconds 1 --depth 4", "messages_per_second p99_ms relay_resident_bytes");
    add("store --seconds 1 --rate 200", "messages_per_second p50_ms p99_ms");
    // As much as a mailbox may hold, so each has to get the same.
    add("drain --connections 4 --blobs 1000", "delivered_per_second drained_per_second");
    add("live --connections 4 --rate 200 --seconds 1", "messages p50_ms p99_ms stored_p99_ms");
    add("idle --silent 50 --seconds 1",
        "alone_per_second beside_per_second ratio bytes_per_silent_connection");
    add("shake --connections 4 --seconds 1", "handshakes_per_second p99_ms");
    add("large --connections 2 --blobs 3", "stored_mb_per_second drained_mb_per_second");
    add("mixed --connections 4 --seconds 1", "syncs_per_second p99_ms first_delivery_p99_ms");
    add("fill --connections 4 --blobs 500", "messages_per_second");
}

void TestBench::runsEachScenario()
{
    QFETCH(const QString, arguments);
    QFETCH(const QStringList, figures);
    CountedRelay counted;
    QVERIFY2(counted.relay.start(), counted.relay.log());
    const Outcome outcome = bench(arguments + counted.options());
    QVERIFY2(outcome.exitCode == 0, outcome.complaint);
    for (const QString &figure : figures)
        QVERIFY2(outcome.figures[figure].toDouble() > 0, qPrintable(figure));
    QVERIFY(outcome.figures.contains(QLatin1String("generator_cpu_share")));
    QVERIFY(outcome.figures.contains(QLatin1String("relay_cpu_share")));
    QVERIFY(outcome.figures[QLatin1String("syncs")].toDouble()
        >= outcome.figures[QLatin1String("commits")].toDouble());
}

void TestBench::measuresEcho()
{
    const EchoProcess echo;
    const Outcome outcome = bench(QStringLiteral("ceiling-net --seconds 1") + urlOf(echo.port()));
    QVERIFY2(outcome.exitCode == 0, outcome.complaint);
    QVERIFY(outcome.figures[QLatin1String("messages_per_second")].toDouble() > 0);
}

void TestBench::measuresCeilingOfStore()
{
    const Outcome outcome = bench(QStringLiteral("ceiling-store --seconds 1"));
    QVERIFY2(outcome.exitCode == 0, outcome.complaint);
    const double best = outcome.figures[QLatin1String("rows_per_second")].toDouble();
    for (const char *batch :
        {"rows_per_second_64", "rows_per_second_256", "rows_per_second_1024"}) {
        const double rows = outcome.figures[QLatin1String(batch)].toDouble();
        QVERIFY(rows > 0 && rows <= best);
    }
    QVERIFY(outcome.figures[QLatin1String("commit_p50_ms")].toDouble() > 0);
}

void TestBench::readsAFullMailboxSlowly()
{
    CountedRelay counted;
    QVERIFY2(counted.relay.start(), counted.relay.log());
    const Outcome filled =
        bench(QStringLiteral("slow-fill --blobs 40 --size 20000") + counted.options());
    QVERIFY2(filled.exitCode == 0, filled.complaint);
    QCOMPARE(counted.relay.stop(), 0);
    QVERIFY2(counted.relay.start(), counted.relay.log());
    const Outcome read =
        bench(QStringLiteral("slow --blobs 40 --size 20000 --seconds 1") + counted.options());
    QVERIFY2(read.exitCode == 0, read.complaint);
    QVERIFY(read.figures[QLatin1String("idle_resident_bytes")].toDouble() > 0);
    QVERIFY(read.figures.contains(QLatin1String("above_idle_bytes")));
    QCOMPARE(counted.relay.metric("relay_blobs_stored").value_or(-1), 0.0);
}

void TestBench::storesWhileASweepRuns()
{
    // The first sweep is after 9 s: what was stored at once has expired then, the load has not.
    CountedRelay counted({{QStringLiteral("BLOB_TTL_SECS"), QStringLiteral("5")},
        {QStringLiteral("CLEANUP_INTERVAL_SECS"), QStringLiteral("9")}});
    QVERIFY2(counted.relay.start(), counted.relay.log());
    const Outcome outcome =
        bench(QStringLiteral("expiry --blobs 200 --rate 200") + counted.options());
    QVERIFY2(outcome.exitCode == 0, outcome.complaint);
    QCOMPARE(outcome.figures[QLatin1String("expired")].toDouble(), 200.0);
    QVERIFY(outcome.figures[QLatin1String("during_p99_ms")].toDouble() > 0);
    QVERIFY(outcome.figures[QLatin1String("without_p99_ms")].toDouble() > 0);
}

void TestBench::findsOutLies_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<Lie>("lie");
    QTest::addColumn<QByteArray>("complaint");
    // Only where nothing comes: a machine that is busy must not look like a lie.
    const QString impatiently = QStringLiteral(" --patience 2");
    const QString drain = QStringLiteral("drain --connections 1 --blobs 10");
    const QString live = QStringLiteral("live --connections 1 --seconds 1 --rate 50");
    const QString store = QStringLiteral("store --connections 1 --depth 4 --seconds 0 --blobs 200");
    const QString mixed = QStringLiteral("mixed --connections 1 --seconds 1");
    const Lie honest = [](const QByteArray &frame) -> QByteArrayList { return {frame}; };
    // Until the lie is found out, however long that takes.
    const QString until = QStringLiteral(" --seconds 60");
    for (const QString &scenario : {drain, live, store, mixed})
        QTest::addRow("none: %s", qPrintable(scenario)) << scenario << honest << QByteArray();
    QTest::newRow("a Stored is lost")
        << store << withThird(Stored, nothing) << QByteArray("in order");
    QTest::newRow("a Stored comes twice")
        << store << withThird(Stored, twice) << QByteArray("in order");
    QTest::newRow("no answer at all") << store
            + impatiently << Lie([](const QByteArray &frame) -> QByteArrayList {
        return frame.contains(Stored) ? QByteArrayList {} : QByteArrayList {frame};
    }) << QByteArray("an answer does not come");
    QTest::newRow("what was stored is not delivered") << store
            + impatiently << Lie([](const QByteArray &frame) -> QByteArrayList {
        return frame.contains(Update) ? QByteArrayList {} : QByteArrayList {frame};
    }) << QByteArray("is not delivered");
    QTest::newRow("an update is lost")
        << drain << withThird(Update, nothing) << QByteArray("missing");
    QTest::newRow("an update comes twice")
        << drain << withThird(Update, twice) << QByteArray("missing, or came in the wrong order");
    QTest::newRow("a byte is another")
        << drain << withThird(Update, withAnotherByte) << QByteArray("wrong bytes");
    QTest::newRow("two change places")
        << drain << inTheWrongOrder(Update) << QByteArray("wrong order");
    QTest::newRow("an ack does nothing") << drain << Lie([](QByteArray frame) -> QByteArrayList {
        return {frame.replace("\"blobs_deleted\":0", "\"blobs_deleted\":1")};
    }) << QByteArray("still there");
    QTest::newRow("live, an update is lost")
        << live + until << withThird(Update, nothing) << QByteArray("live message is missing");
    QTest::newRow("live, an update comes twice")
        << live + until << withThird(Update, twice) << QByteArray("live message is missing");
    QTest::newRow("live, a byte is another") << live + until << withThird(Update, withAnotherByte)
                                             << QByteArray("live message is missing");
    QTest::newRow("mixed, a byte is another")
        << mixed + until << withThird(Update, withAnotherByte) << QByteArray("wrong bytes");
    QTest::newRow("mixed, an update is lost")
        << mixed + until + impatiently << withThird(Update, nothing)
        << QByteArray("a sync does not end");
    QTest::newRow("no HandshakeAck")
        << QStringLiteral("shake --connections 1") + until + impatiently
        << withThird("\"HandshakeAck\"", nothing) << QByteArray("does not come");
}

void TestBench::findsOutLies()
{
    QFETCH(const QString, arguments);
    QFETCH(const Lie, lie);
    QFETCH(const QByteArray, complaint);
    const LyingProxy proxy(m_honest->port(), lie);
    const Outcome outcome = bench(arguments + urlOf(proxy.port()));
    if (complaint.isEmpty()) {
        QVERIFY2(outcome.exitCode == 0, outcome.complaint);
        return;
    }
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.complaint.contains(complaint), outcome.complaint);
    QVERIFY(outcome.figures.isEmpty());
}

void TestBench::findsOutAQuota()
{
    RelayProcess relay({{QStringLiteral("MAX_BLOBS_PER_RECIPIENT"), QStringLiteral("10")}});
    QVERIFY2(relay.start(), relay.log());
    const Outcome outcome =
        bench(QStringLiteral("drain --connections 1 --blobs 11") + urlOf(relay.port()));
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.complaint.contains("Failed"), outcome.complaint);
}

void TestBench::findsOutALimiter()
{
    RelayProcess relay({{QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("20")}});
    QVERIFY2(relay.start(), relay.log());
    const Outcome outcome = bench(QStringLiteral("store --seconds 60") + urlOf(relay.port()));
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.complaint.contains("Failed"), outcome.complaint);
}

void TestBench::findsOutAKilledRelay()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QProcess process;
    const QString arguments = QStringLiteral("store --seconds 30") + urlOf(relay.port());
    process.start(QStringLiteral(RELAY_BENCH), arguments.split(QLatin1Char(' ')));
    QVERIFY(QTest::qWaitFor(
        [&] { return relay.metric("relay_blobs_created_total").value_or(0) > 0; }, 30'000));
    relay.kill();
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 1);
    const QByteArray complaint = process.readAllStandardError();
    QVERIFY2(complaint.contains("ended a connection"), complaint);
}

void TestBench::findsOutMissingSyncs()
{
    CountedRelay counted({{QStringLiteral("SQLITE_SYNCHRONOUS"), QStringLiteral("off")}});
    QVERIFY2(counted.relay.start(), counted.relay.log());
    const Outcome outcome = bench(QStringLiteral("store --seconds 1") + counted.options());
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.complaint.contains("fewer syncs than commits"), outcome.complaint);
}

void TestBench::tellsServersApart()
{
    const EchoProcess echo;
    const Outcome toEcho = bench(QStringLiteral("store --seconds 1") + urlOf(echo.port()));
    QCOMPARE(toEcho.exitCode, 1);
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    const Outcome toRelay = bench(QStringLiteral("ceiling-net --seconds 1") + urlOf(relay.port()));
    QCOMPARE(toRelay.exitCode, 1);
}

void TestBench::refusesWrongOptions()
{
    for (const char *arguments : {"nothing", "store --silent 5", "store --size", "store --size x",
             "store --url http://127.0.0.1:1", "--port 8080"})
        QCOMPARE(bench(QString::fromLatin1(arguments)).exitCode, 64);
    QCOMPARE(bench(QStringLiteral("--help")).exitCode, 0);
}

void TestBench::keepsLatenciesWithinOnePercent()
{
    using relay::bench::Latencies;
    for (const qint64 nanos : {0LL, 1LL, 127LL, 128LL, 129LL, 1000LL, 123'456LL, 5'000'000LL,
             999'999'999LL, 60'000'000'000LL, 86'400'000'000'000LL}) {
        Latencies latencies;
        latencies.add(std::chrono::nanoseconds(nanos));
        const double seen = latencies.percentile(0.5) * 1e6;
        QVERIFY(seen >= static_cast<double>(nanos) && seen <= static_cast<double>(nanos) * 1.01);
    }
    Latencies latencies;
    for (int i = 1; i <= 1000; ++i)
        latencies.add(std::chrono::milliseconds(i));
    QVERIFY(qAbs(latencies.percentile(0.5) - 500) < 6);
    QVERIFY(qAbs(latencies.percentile(0.99) - 990) < 11);
    QVERIFY(qAbs(latencies.percentile(1) - 1000) < 11);
}

QTEST_GUILESS_MAIN(TestBench)
#include "tst_bench.moc"
