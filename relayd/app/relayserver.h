// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/app/watchdog.h"
#include "relayd/config/settings.h"
#include "relayd/http/healthboard.h"
#include "relayd/http/monitoringserver.h"
#include "relayd/metrics/metrics.h"
#include "relayd/net/acceptor.h"
#include "relayd/net/ioworker.h"
#include "relayd/relay/handshakeverifier.h"
#include "relayd/storage/datadir.h"
#include "relayd/storage/relaybus.h"
#include "relayd/storage/storereader.h"
#include "relayd/storage/storewriter.h"
#include "relayd/storage/stuckcalls.h"

#include <QObject>
#include <QThread>
#include <QTimer>

#include <memory>
#include <optional>
#include <vector>

namespace relay {

/** Which event dispatcher the I/O threads have. Qt's is for comparison in tests. */
enum class Dispatcher { Epoll, Qt };

/**
 * The relay, put together: owns the threads and everything that they share, starts them in order
 * and stops them in order (relayd/README.md). Lives on the main thread.
 */
class RelayServer final : public QObject {
    Q_OBJECT

public:
    explicit RelayServer(Settings settings, Dispatcher dispatcher = Dispatcher::Epoll);
    ~RelayServer() override;

    /**
     * Nothing, or why it cannot run. What was started is stopped again by the destructor. Where the
     * store is on a server that is away, it waits for it, and is not ready meanwhile; failed() says
     * if that ends badly.
     */
    std::optional<StartFault> start();
    /**
     * The clean stop: not ready, what has arrived is committed and answered, everybody gets 1001
     * within RELAY_DRAIN_SECS, the log is emptied; then stopped(). A second call ends the
     * spreading.
     */
    void stop();

signals:
    void stopped();
    void failed(const StartFault &fault);

private:
    std::optional<StartFault> openStorage();
    std::optional<StartFault> openPostgres();
    /** What needs a store that is open. */
    std::optional<StartFault> serve();
    void tryAgainToServe();
    /** It may pass: a server that is away. */
    void waitFor(const StartFault &fault);
    void endStorage();
    std::optional<StartFault> listenForHttp();
    std::optional<StartFault> listenForClients();
    void startThreads();
    void showHealth(const StoreHealth &health);
    void watchStorage();
    void tellServiceManager();
    void workerDrained();
    void finishStop();

    /** Does not change, but for the key, which is wiped when it has been taken. */
    Settings m_settings;
    const Dispatcher m_dispatcher;
    const SystemClock m_clock;
    Metrics m_metrics;
    HealthBoard m_health;
    Presence m_presence;
    InFlightBudget m_budget;
    StoreProgress m_progress;
    StuckCalls m_stuckCalls;
    HandshakeVerifier m_verifier;
    RelayContext m_relay;
    PortLimits m_limits;
    PortContext m_port;

    std::optional<DataDir> m_dataDir;
    // Threads outlive the workers' last events: they are stopped in finishStop().
    QThread m_writerThread;
    QThread m_readerThread;
    QThread m_busThread;
    std::vector<std::unique_ptr<QThread>> m_ioThreads;
    std::vector<std::unique_ptr<IoWorker>> m_workers;
    IoInboxes m_inboxes;
    std::unique_ptr<StoreReader> m_reader;
    std::unique_ptr<StoreWriter> m_writer;
    std::unique_ptr<RelayBus> m_bus;
    std::unique_ptr<Acceptor> m_acceptor;
    std::unique_ptr<MonitoringServer> m_monitoring;
    std::unique_ptr<Watchdog> m_watchdog;

    QTimer m_housekeeping;
    QTimer m_deadline;
    QTimer m_retry;
    QString m_waitsFor;
    size_t m_drained = 0;
    quint16 m_httpPort = 0;
    /** The store is open, and the I/O threads run. */
    bool m_isServing = false;
    bool m_isStorageStuck = false;
    bool m_isStopping = false;
    bool m_isStopped = false;
};

} // namespace relay
