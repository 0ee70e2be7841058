// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/relayserver.h"

#include "relayd/app/noisekeyfile.h"
#include "relayd/net/epolldispatcher.h"

#include <QCryptographicHash>
#include <QLoggingCategory>
#include <QSqlDatabase>

#include <openssl/crypto.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcApp, "relay")

using namespace std::chrono_literals;

/** Beyond clients: database, log, listening sockets, HTTP port, event descriptors. */
constexpr qint64 ReservedDescriptors = 128;
/** From the end of the spreading until what is left is cut off. */
constexpr auto StopSlack = 2500ms;
/** Beyond it a call of the database counts as stuck; whole batches on slow disks take less. */
constexpr auto MaxStorageCall = 5s;
/** Between two tries to reach a server at the start. */
constexpr auto RetryInterval = 2s;

/** Raises the soft limit of descriptors to the hard one; returns it. */
qint64 raiseDescriptorLimit()
{
    rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<qint64>(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
}

qint64 maxSockets(const Settings &settings)
{
    const qint64 descriptors = raiseDescriptorLimit();
    const qint64 wanted = settings.maxConnections + PortLimits::SpareSockets;
    const qint64 possible = std::max<qint64>(descriptors - ReservedDescriptors, 16);
    if (possible < wanted)
        qCWarning(lcApp).noquote()
            << QStringLiteral("the limit of open files is %1, and RELAY_MAX_CONNECTIONS %2 needs "
                              "%3: raise it (LimitNOFILE, ulimit -n) or lower the setting")
                   .arg(descriptors)
                   .arg(settings.maxConnections)
                   .arg(wanted + ReservedDescriptors);
    return std::min(possible, wanted);
}

QString toText(const QHostAddress &host, quint16 port)
{
    const bool isSixth = host.protocol() == QAbstractSocket::IPv6Protocol;
    const QString address =
        host == QHostAddress(QHostAddress::Any) ? QStringLiteral("::") : host.toString();
    return (isSixth || address.contains(QLatin1Char(':')) ? QStringLiteral("[%1]:%2")
                                                          : QStringLiteral("%1:%2"))
        .arg(address)
        .arg(port);
}

StartFault listenFault(const ListenAddress &address, const QString &variable,
    QAbstractSocket::SocketError error, const QString &text)
{
    const QString where = toText(address.host, address.port);
    if (error == QAbstractSocket::AddressInUseError)
        return {ExitCode::Unavailable,
            QStringLiteral("Address already in use: another process has port %1 (%2, %3). Find it "
                           "with: ss -ltnp 'sport = :%1' - or: lsof -i :%1")
                .arg(address.port)
                .arg(where, variable)};
    if (error == QAbstractSocket::SocketAccessError)
        return {ExitCode::Permission,
            QStringLiteral("Permission denied for port %1 (%2, %3): ports below 1024 need "
                           "CAP_NET_BIND_SERVICE.")
                .arg(address.port)
                .arg(where, variable)};
    return {ExitCode::Unavailable,
        QStringLiteral("Cannot listen on %1 (%2): %3").arg(where, variable, text)};
}

} // namespace

RelayServer::RelayServer(Settings settings, Dispatcher dispatcher)
    : m_settings(std::move(settings))
    , m_dispatcher(dispatcher)
    , m_health(m_clock.now())
    , m_presence({m_settings.rateLimitPerMin, m_settings.rateBurst},
          {m_settings.recoveryRateLimitPerMin, m_settings.recoveryRateLimitPerMin})
    , m_relay {m_settings, m_clock, m_metrics, m_presence, m_budget, m_progress, m_verifier}
    , m_limits(m_settings.maxConnections, maxSockets(m_settings), m_settings.maxConnectionsPerIp)
    , m_port {m_relay, m_limits, m_health}
    , m_housekeeping(this)
    , m_deadline(this)
    , m_retry(this)
{
    m_metrics.maxConnections.Set(m_settings.maxConnections);
    m_metrics.maxStorageBytes.Set(m_settings.maxStorageBytes > 0
            ? static_cast<double>(m_settings.maxStorageBytes)
            : std::numeric_limits<double>::infinity());
    m_deadline.setSingleShot(true);
    connect(&m_housekeeping, &QTimer::timeout, this, [this] {
        m_presence.sweep(m_clock.now());
        if (m_stuckCalls.cutOff() > 0)
            qCCritical(lcApp)
                << "the PostgreSQL server does not answer: a connection to it was cut";
        watchStorage();
    });
    connect(&m_deadline, &QTimer::timeout, this, &RelayServer::finishStop);
    connect(&m_retry, &QTimer::timeout, this, &RelayServer::tryAgainToServe);
}

RelayServer::~RelayServer()
{
    finishStop();
}

std::optional<StartFault> RelayServer::start()
{
    // Qt loads its drivers on the thread that asks first.
    QSqlDatabase::drivers();
    if (m_settings.storageBackend == StorageBackend::Sqlite) {
        auto dataDir = DataDir::open(m_settings.dataDir);
        if (!dataDir)
            return dataDir.error();
        m_dataDir.emplace(std::move(dataDir).value());
    }
    const QString dataDir = m_dataDir ? m_dataDir->path() : QString();
    auto noiseKey = loadNoiseKey(m_settings.noiseStaticKey, dataDir);
    if (!noiseKey)
        return noiseKey.error();
    m_port.noiseKey = *noiseKey;
    for (int i = 0; i < m_settings.ioThreads; ++i) {
        m_workers.push_back(std::make_unique<IoWorker>(i, m_port));
        m_inboxes.push_back(&m_workers.back()->inbox());
    }
    if (auto fault = listenForHttp())
        return fault;
    m_housekeeping.start(250ms);
    auto fault = serve();
    if (!fault)
        return std::nullopt;
    const bool mayPass = m_settings.storageBackend == StorageBackend::Postgres
        && fault->exitCode == ExitCode::Unavailable && !m_isServing;
    if (!mayPass)
        return fault;
    waitFor(*fault);
    m_retry.start(RetryInterval);
    // The service has started: it waits for another.
    ::sd_notify(0, "READY=1");
    return std::nullopt;
}

std::optional<StartFault> RelayServer::serve()
{
    if (auto fault = openStorage())
        return fault;
    m_isServing = true;
    startThreads();
    if (auto fault = listenForClients())
        return fault;
    tellServiceManager();
    return std::nullopt;
}

void RelayServer::tryAgainToServe()
{
    endStorage();
    const auto fault = serve();
    if (!fault) {
        m_retry.stop();
    } else if (m_isServing || fault->exitCode != ExitCode::Unavailable) {
        m_retry.stop();
        emit failed(*fault);
    } else {
        waitFor(*fault);
    }
}

void RelayServer::waitFor(const StartFault &fault)
{
    // Not every two seconds, for as long as it takes; /ready says it all the time.
    if (fault.message != std::exchange(m_waitsFor, fault.message))
        qCCritical(lcApp).noquote() << fault.message << "- waiting for it";
    m_health.set(HealthCheck::StorageWritable, false, fault.message);
}

void RelayServer::tellServiceManager()
{
    ::sd_notify(0, "READY=1");
    uint64_t microseconds = 0;
    if (::sd_watchdog_enabled(0, &microseconds) <= 0)
        return;
    m_watchdog = std::make_unique<Watchdog>(
        *m_writer, m_progress.writing, m_clock, [] { ::sd_notify(0, "WATCHDOG=1"); });
    m_watchdog->start(std::chrono::microseconds(microseconds));
}

std::optional<StartFault> RelayServer::openStorage()
{
    if (m_settings.storageBackend == StorageBackend::Postgres)
        return openPostgres();
    const bool inMemory = m_settings.storageBackend == StorageBackend::Memory;
    DatabaseConfig config {m_settings.storageBackend, {}, m_settings.sqliteSynchronous};
    if (inMemory) {
        m_metrics.setStorageBackend("memory");
        m_health.setNote(QStringLiteral("memory storage: a restart loses everything"));
        qCWarning(lcApp) << "memory storage: a restart loses everything that is held";
    } else {
        m_metrics.setStorageBackend("sqlite");
        config.path = m_dataDir->databasePath();
        if (config.synchronous != SqliteSynchronous::Full)
            qCWarning(lcApp) << "RELAY_SQLITE_SYNCHRONOUS is not full: a power loss may lose"
                             << "messages that were acknowledged";
    }

    m_reader = std::make_unique<StoreReader>(m_relay, m_inboxes);
    m_writer = std::make_unique<StoreWriter>(StoreWriter::Links {m_relay, m_inboxes,
        m_reader->inbox(), [this](const StoreHealth &health) { showHealth(health); }});
    m_writerThread.setObjectName(QStringLiteral("writer"));
    m_readerThread.setObjectName(QStringLiteral("reader"));
    m_writer->moveToThread(&m_writerThread);
    // In memory there is one connection, and so one thread.
    m_reader->moveToThread(inMemory ? &m_writerThread : &m_readerThread);
    m_writerThread.start();
    m_readerThread.start();

    std::optional<StartFault> fault;
    const QString dataDir = m_dataDir ? m_dataDir->path() : QString();
    QMetaObject::invokeMethod(
        m_writer.get(), [&] { fault = m_writer->open(config, dataDir); },
        Qt::BlockingQueuedConnection);
    if (fault)
        return fault;
    QMetaObject::invokeMethod(
        m_reader.get(),
        [&] {
            if (inMemory)
                m_reader->share(m_writer->database(), m_writer->recentBlobs());
            else
                fault = m_reader->open(config, m_writer->recentBlobs());
        },
        Qt::BlockingQueuedConnection);
    return fault;
}

std::optional<StartFault> RelayServer::openPostgres()
{
    m_metrics.setStorageBackend("postgres");
    DatabaseConfig config {StorageBackend::Postgres, {}, SqliteSynchronous::Full};
    config.postgres = {m_settings.postgresUrl, &m_stuckCalls,
        QCryptographicHash::hash(m_port.noiseKey->publicKey(), QCryptographicHash::Sha256)};

    m_bus = std::make_unique<RelayBus>(m_relay, m_inboxes);
    m_reader = std::make_unique<StoreReader>(m_relay, m_inboxes);
    m_writer =
        std::make_unique<StoreWriter>(StoreWriter::Links {m_relay, m_inboxes, m_reader->inbox(),
            [this](const StoreHealth &health) { showHealth(health); }, &m_bus->inbox()});
    m_writerThread.setObjectName(QStringLiteral("writer"));
    m_readerThread.setObjectName(QStringLiteral("reader"));
    m_busThread.setObjectName(QStringLiteral("bus"));
    m_writer->moveToThread(&m_writerThread);
    m_reader->moveToThread(&m_readerThread);
    m_bus->moveToThread(&m_busThread);
    m_writerThread.start();
    m_readerThread.start();
    m_busThread.start();

    std::optional<StartFault> fault;
    QMetaObject::invokeMethod(
        m_writer.get(), [&] { fault = m_writer->open(config, {}); }, Qt::BlockingQueuedConnection);
    if (fault)
        return fault;
    QMetaObject::invokeMethod(
        m_reader.get(), [&] { m_reader->open(config.postgres); }, Qt::BlockingQueuedConnection);
    QMetaObject::invokeMethod(
        m_bus.get(), [&] { m_bus->open(config.postgres, m_writer->idKey()); },
        Qt::BlockingQueuedConnection);
    return std::nullopt;
}

void RelayServer::endStorage()
{
    // The reader's connection first: the last one to close empties SQLite's log.
    if (m_reader && m_readerThread.isRunning())
        QMetaObject::invokeMethod(
            m_reader.get(), [this] { m_reader->close(); }, Qt::BlockingQueuedConnection);
    if (m_writer && m_writerThread.isRunning())
        QMetaObject::invokeMethod(
            m_writer.get(), [this] { m_writer->close(); }, Qt::BlockingQueuedConnection);
    // After the writer, which still tells it something.
    if (m_bus && m_busThread.isRunning())
        QMetaObject::invokeMethod(
            m_bus.get(), [this] { m_bus->close(); }, Qt::BlockingQueuedConnection);
    for (QThread *thread : {&m_readerThread, &m_writerThread, &m_busThread}) {
        thread->quit();
        thread->wait();
    }
}

void RelayServer::startThreads()
{
    for (auto &worker : m_workers) {
        auto thread = std::make_unique<QThread>();
        thread->setObjectName(QStringLiteral("io"));
        if (m_dispatcher == Dispatcher::Epoll)
            thread->setEventDispatcher(new EpollDispatcher);
        worker->moveToThread(thread.get());
        connect(worker.get(), &IoWorker::drained, this, &RelayServer::workerDrained);
        // Before the thread counts as ended, or the process may be gone before OpenSSL has cleaned
        // up.
        connect(
            thread.get(), &QThread::finished, thread.get(), [] { OPENSSL_thread_stop(); },
            Qt::DirectConnection);
        thread->start();
        QMetaObject::invokeMethod(
            worker.get(),
            [this, w = worker.get()] {
                w->start(m_writer->inbox(), m_reader->inbox(), m_writer->idKey());
            },
            Qt::BlockingQueuedConnection);
        m_ioThreads.push_back(std::move(thread));
    }
}

std::optional<StartFault> RelayServer::listenForHttp()
{
    m_monitoring = std::make_unique<MonitoringServer>(
        m_health, m_metrics, m_settings.metricsToken, toText(m_port.noiseKey->publicKey()));
    const auto httpPort = m_monitoring->listen(m_settings.httpAddr.host, m_settings.httpAddr.port);
    if (!httpPort)
        return listenFault(m_settings.httpAddr, QStringLiteral("RELAY_HTTP_ADDR"),
            httpPort.error().error, httpPort.error().text);
    m_httpPort = *httpPort;
    return std::nullopt;
}

std::optional<StartFault> RelayServer::listenForClients()
{
    std::vector<IoWorker *> workers;
    std::ranges::transform(
        m_workers, std::back_inserter(workers), [](const auto &worker) { return worker.get(); });
    m_acceptor = std::make_unique<Acceptor>(m_port, workers);
    const ListenAddress &address = m_settings.listenAddr;
    const auto publicPort = m_acceptor->listen(address.host, address.port);
    if (!publicPort)
        return listenFault(address, QStringLiteral("RELAY_LISTEN_ADDR"), publicPort.error().error,
            publicPort.error().text);
    m_health.set(HealthCheck::Accepting, true);
    qCInfo(lcApp).noquote() << "vauchi-relay" << RELAY_VERSION << "is listening for WebSocket on"
                            << toText(address.host, *publicPort) << "and for HTTP on"
                            << toText(m_settings.httpAddr.host, m_httpPort);
    return std::nullopt;
}

void RelayServer::showHealth(const StoreHealth &health)
{
    m_health.set(HealthCheck::StorageWritable, health.isWritable,
        health.isDamaged ? QStringLiteral("the database is damaged: nothing is written any more")
            : health.problem.isEmpty()
            ? QStringLiteral("the database cannot be written")
            : QStringLiteral("the database cannot be written: %1").arg(health.problem));
    m_health.set(HealthCheck::FreeSpace, health.hasFreeSpace,
        QStringLiteral("less than RELAY_MIN_FREE_BYTES are free on the disk"));
    m_health.set(HealthCheck::StorageLimit, health.isUnderLimit,
        QStringLiteral("RELAY_MAX_STORAGE_BYTES is reached"));
}

void RelayServer::watchStorage()
{
    // The threads that know cannot say it: they wait.
    const TimePoint now = m_clock.now();
    const bool isStuck =
        std::max(m_progress.writing.duration(now), m_progress.reading.duration(now))
        > MaxStorageCall;
    if (isStuck == std::exchange(m_isStorageStuck, isStuck))
        return;
    const bool isServer = m_settings.storageBackend == StorageBackend::Postgres;
    m_health.set(HealthCheck::StorageResponding, !isStuck,
        QStringLiteral("a call of the database has been waiting for the %1 for over 5 s")
            .arg(isServer ? QStringLiteral("server") : QStringLiteral("disk")));
    const QString what = isServer ? QStringLiteral("the PostgreSQL server")
                                  : QStringLiteral("the disk of RELAY_DATA_DIR");
    if (isStuck)
        qCCritical(lcApp).noquote()
            << what << "has not answered for over 5 s: stores wait until it does";
    else
        qCInfo(lcApp).noquote() << what << "answers again";
}

void RelayServer::stop()
{
    if (m_isStopped)
        return;
    if (!m_isStopping) {
        m_isStopping = true;
        m_health.set(HealthCheck::NotDraining, false, QStringLiteral("the relay is stopping"));
        ::sd_notify(0, "STOPPING=1");
        qCInfo(lcApp) << "stopping";
        m_retry.stop();
    } else {
        qCInfo(lcApp) << "stopping now";
        m_deadline.start(StopSlack);
    }
    if (!m_isServing) {
        finishStop();
        return;
    }
    for (auto &worker : m_workers) {
        QMetaObject::invokeMethod(
            worker.get(), [this, w = worker.get()] { w->drain(timerInterval(m_settings.drain)); });
    }
    if (!m_deadline.isActive())
        // Up and down again, so that the longest drain and the slack stay a timer's interval.
        m_deadline.start(timerInterval(m_settings.drain + 3s) - 3s + StopSlack);
}

void RelayServer::workerDrained()
{
    if (++m_drained == m_workers.size())
        finishStop();
}

void RelayServer::finishStop()
{
    if (std::exchange(m_isStopped, true))
        return;
    m_deadline.stop();
    m_housekeeping.stop();
    if (m_watchdog)
        m_watchdog->stop();
    m_acceptor.reset();
    for (size_t i = 0; i < m_ioThreads.size(); ++i)
        QMetaObject::invokeMethod(
            m_workers[i].get(), [w = m_workers[i].get()] { w->stop(); },
            Qt::BlockingQueuedConnection);
    endStorage();
    // Last, because the store still posts to them: Qt may wake a thread that is just ending.
    for (const auto &thread : m_ioThreads) {
        thread->quit();
        thread->wait();
    }
    m_monitoring.reset();
    emit stopped();
}

} // namespace relay
