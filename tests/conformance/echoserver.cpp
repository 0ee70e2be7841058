// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/unixsignals.h"
#include "relayd/config/settings.h"
#include "relayd/http/healthboard.h"
#include "relayd/net/acceptor.h"
#include "relayd/net/epolldispatcher.h"
#include "relayd/relay/handshakeverifier.h"

#include <QCoreApplication>
#include <QProcessEnvironment>
#include <QStringDecoder>
#include <QThread>

#include <openssl/crypto.h>

#include <cstdio>

using namespace relay;

namespace {

/** Sends back each message as it came, text as text. */
class Echo final : public MessageHandler {
public:
    static std::unique_ptr<MessageHandler> forPeer(ConnectionId, Peer &peer, IoContext &)
    {
        return std::make_unique<Echo>(peer);
    }

    explicit Echo(Peer &peer)
        : m_peer(peer)
    {
    }

    void receive(QByteArrayView frame) override { m_peer.send(frame.toByteArray()); }
    void receiveText(QByteArrayView text) override
    {
        // A byte order mark is part of the text, too.
        QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom);
        m_peer.sendText(decoder(text));
    }
    void receiveForged(QByteArrayView reason) override { m_peer.close(CloseCode::Refused, reason); }
    void handle(IoEvent &) override { }
    void continueDelivery() override { }
    void leave() override { }

    /** From the first message on; none begins a Noise session. */
    bool isHandshakeDone() const override { return true; }
    bool isDeciding() const override { return false; }
    int requestsInFlight() const override { return 0; }
    bool isOverItsShare() const override { return false; }

private:
    Peer &m_peer;
};

/**
 * The relay's acceptor, I/O thread and connections, with an echo where its sessions are. Lives on
 * the main thread.
 */
class EchoServer final {
public:
    explicit EchoServer(const Settings &settings)
        : m_settings(settings)
        , m_health(m_clock.now())
        , m_limits(settings.maxConnections, settings.maxConnections + PortLimits::SpareSockets, 0)
        , m_worker(0, m_port)
        , m_acceptor(m_port, {&m_worker})
    {
        m_port.handlerFor = &Echo::forPeer;
    }

    Result<quint16, ListenFailure> start()
    {
        m_thread.setEventDispatcher(new EpollDispatcher);
        m_worker.moveToThread(&m_thread);
        QObject::connect(
            &m_worker, &IoWorker::drained, qApp, &QCoreApplication::quit, Qt::QueuedConnection);
        // As RelayServer does: before the thread counts as ended.
        QObject::connect(
            &m_thread, &QThread::finished, &m_thread, [] { OPENSSL_thread_stop(); },
            Qt::DirectConnection);
        m_thread.start();
        QMetaObject::invokeMethod(
            &m_worker,
            [this] { m_worker.start(m_writes, m_reads, QByteArray(WireIds::KeySize, '\0')); },
            Qt::BlockingQueuedConnection);
        return m_acceptor.listen(m_settings.listenAddr.host, m_settings.listenAddr.port);
    }

    /** Everybody gets 1001; then the program ends. */
    void drain()
    {
        QMetaObject::invokeMethod(
            &m_worker, [this] { m_worker.drain(std::chrono::milliseconds(0)); });
    }

    ~EchoServer()
    {
        if (!m_thread.isRunning())
            return;
        QMetaObject::invokeMethod(
            &m_worker, [this] { m_worker.stop(); }, Qt::BlockingQueuedConnection);
        m_thread.quit();
        m_thread.wait();
    }

private:
    const Settings m_settings;
    const SystemClock m_clock;
    Metrics m_metrics;
    HealthBoard m_health;
    Presence m_presence {{0, 0}, {0, 0}};
    InFlightBudget m_budget;
    StoreProgress m_progress;
    HandshakeVerifier m_verifier;
    RelayContext m_relay {
        m_settings, m_clock, m_metrics, m_presence, m_budget, m_progress, m_verifier};
    PortLimits m_limits;
    PortContext m_port {m_relay, m_limits, m_health};
    // An echo asks the store for nothing.
    Inbox<StoreRequest> m_writes {[] {}};
    Inbox<ReadRequest> m_reads {[] {}};
    QThread m_thread;
    IoWorker m_worker;
    Acceptor m_acceptor;
};

} // namespace

/** Configured like the relay, as far as it goes: RELAY_LISTEN_ADDR, the limits, the time-outs. */
int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    const auto loaded = loadSettings(QProcessEnvironment::systemEnvironment());
    if (!loaded) {
        for (const QString &fault : loaded.error())
            std::fprintf(stderr, "relay-echo: %s\n", qPrintable(fault));
        return 78;
    }
    UnixSignals unixSignals;
    EchoServer server(loaded->settings);
    QObject::connect(
        &unixSignals, &UnixSignals::stopRequested, &application, [&server] { server.drain(); });
    const auto port = server.start();
    if (!port) {
        std::fprintf(stderr, "relay-echo: %s\n", qPrintable(port.error().text));
        return 69;
    }
    std::printf("listening on port %d\n", *port);
    std::fflush(stdout);
    return QCoreApplication::exec();
}
