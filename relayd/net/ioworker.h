// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/net/connection.h"
#include "relayd/relay/inbox.h"
#include "relayd/relay/ioevents.h"

#include <QObject>
#include <QTimer>
#include <QWebSocketServer>

#include <memory>
#include <unordered_map>
#include <vector>

namespace relay {

/**
 * One I/O thread: owns its connections, hands them what arrives in its inbox, and posts to the
 * store once a turn what they asked for in it.
 *
 * A worker object: moved to its thread; everything but inbox(), adopt() and connectionCount() is
 * called there.
 */
class IoWorker final : public QObject, private ConnectionHost, private StoreLink {
    Q_OBJECT

public:
    /** How often time-outs are looked at: none is shorter than a second. */
    static constexpr std::chrono::milliseconds TickInterval {250};

    /** `number`: of the I/O thread, counted from 0. */
    IoWorker(int number, PortContext &port);
    ~IoWorker() override;

    /** Any thread posts here. */
    Inbox<IoEvent> &inbox() { return m_inbox; }
    /** Takes over what was accepted. From any thread. */
    void adopt(Accepted accepted);

    /** Before the first connection. */
    void start(Inbox<StoreRequest> &writer, Inbox<ReadRequest> &reader, const QByteArray &idKey);
    /** Closes all connections, spread over `spread`; then emits drained(), once. */
    void drain(std::chrono::milliseconds spread);
    /** Deletes what is left. */
    void stop();

signals:
    void drained();

private:
    // ConnectionHost
    void scheduleFlush(ConnectionId connection) override;
    void scheduleRemoval(ConnectionId connection) override;
    QWebSocketServer &upgrader() override { return m_upgrader; }
    // StoreLink
    void write(StoreRequest request) override;
    void read(ReadRequest request) override;
    void noteDelivered(Sequence blob) override;

    void takeAccepted();
    void handleEvents();
    void handle(IoEvent &event);
    void scheduleTurnEnd();
    void endTurn();
    void tick();
    void drainStep();
    Connection *find(ConnectionId id);

    const int m_number;
    PortContext &m_port;
    Inbox<IoEvent> m_inbox;
    Inbox<Accepted> m_accepted;
    QWebSocketServer m_upgrader;
    Decoder m_decoder;
    std::unique_ptr<WireIds> m_wireIds;
    std::unique_ptr<IoContext> m_io;

    Inbox<StoreRequest> *m_writer = nullptr;
    Inbox<ReadRequest> *m_reader = nullptr;
    std::vector<StoreRequest> m_writes;
    std::vector<ReadRequest> m_reads;
    /** Where in m_writes the notes of this turn are. */
    std::optional<size_t> m_notes;

    std::unordered_map<ConnectionId, std::unique_ptr<Connection>> m_connections;
    quint64 m_nextSerial = 1;
    std::vector<ConnectionId> m_toFlush;
    std::vector<ConnectionId> m_toRemove;
    bool m_isTurnEndScheduled = false;
    QTimer m_tick;
    QTimer m_drainTimer;
    std::vector<ConnectionId> m_toDrain;
    TimePoint m_drainBegan {};
    std::chrono::milliseconds m_drainSpread {0};
    size_t m_drainTotal = 0;
    bool m_isDraining = false;
    bool m_hasDrained = false;
};

} // namespace relay
