// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/ioworker.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace relay {

IoWorker::IoWorker(int number, PortContext &port)
    : m_number(number)
    , m_port(port)
    , m_inbox([this] {
        QMetaObject::invokeMethod(this, &IoWorker::handleEvents, Qt::QueuedConnection);
    })
    , m_accepted([this] {
        QMetaObject::invokeMethod(this, &IoWorker::takeAccepted, Qt::QueuedConnection);
    })
    , m_upgrader(QStringLiteral("vauchi-relay"), QWebSocketServer::NonSecureMode, this)
    , m_tick(this)
    , m_drainTimer(this)
{
    connect(&m_tick, &QTimer::timeout, this, &IoWorker::tick);
    connect(&m_drainTimer, &QTimer::timeout, this, &IoWorker::drainStep);
}

IoWorker::~IoWorker() = default;

void IoWorker::start(
    Inbox<StoreRequest> &writer, Inbox<ReadRequest> &reader, const QByteArray &idKey)
{
    m_writer = &writer;
    m_reader = &reader;
    m_wireIds = std::make_unique<WireIds>(idKey);
    m_io = std::make_unique<IoContext>(
        IoContext {m_port.relay, static_cast<StoreLink &>(*this), m_decoder, *m_wireIds});
    m_tick.start(TickInterval);
}

void IoWorker::stop()
{
    m_tick.stop();
    m_drainTimer.stop();
    takeAccepted();
    m_connections.clear();
    endTurn();
}

void IoWorker::adopt(Accepted accepted)
{
    m_accepted.post(std::move(accepted));
}

void IoWorker::takeAccepted()
{
    for (Accepted &accepted : m_accepted.take()) {
        const ConnectionId id = ConnectionId::of(m_number, m_nextSerial++);
        auto connection = std::make_unique<Connection>(
            id, std::move(accepted), m_port, *m_io, static_cast<ConnectionHost &>(*this));
        if (m_isDraining)
            connection->drain();
        m_connections.emplace(id, std::move(connection));
    }
}

Connection *IoWorker::find(ConnectionId id)
{
    const auto it = m_connections.find(id);
    return it == m_connections.end() ? nullptr : it->second.get();
}

// ---- events ----

void IoWorker::handleEvents()
{
    for (IoEvent &event : m_inbox.take())
        handle(event);
}

void IoWorker::handle(IoEvent &event)
{
    ConnectionId to;
    std::visit(
        [&](auto &what) {
            using Event = std::decay_t<decltype(what)>;
            // What a request held is free again, whether or not its connection is still there.
            if constexpr (requires { what.origin; }) {
                m_port.relay.budget.giveBack(what.origin.cost);
                to = what.origin.connection;
            } else {
                to = what.to;
            }
            if constexpr (std::is_same_v<Event, ItemPush>) {
                if (what.item)
                    m_port.relay.progress.pushBytes.fetch_sub(
                        what.item->payload.size(), std::memory_order_relaxed);
            }
        },
        event);
    Connection *connection = find(to);
    if (!connection || !connection->session())
        return;
    connection->session()->handle(event);
    connection->resume();
}

void IoWorker::write(StoreRequest request)
{
    m_writes.push_back(std::move(request));
    scheduleTurnEnd();
}

void IoWorker::read(ReadRequest request)
{
    m_reads.push_back(std::move(request));
    scheduleTurnEnd();
}

void IoWorker::noteDelivered(Sequence blob)
{
    // One request for all of a turn: there are as many blobs as acks.
    if (!m_notes) {
        m_notes = m_writes.size();
        write({{}, NoteDelivered {}});
    }
    std::get<NoteDelivered>(m_writes[*m_notes].operation).sequences.push_back(blob);
}

void IoWorker::scheduleFlush(ConnectionId connection)
{
    m_toFlush.push_back(connection);
    scheduleTurnEnd();
}

void IoWorker::scheduleRemoval(ConnectionId connection)
{
    m_toRemove.push_back(connection);
    scheduleTurnEnd();
}

void IoWorker::scheduleTurnEnd()
{
    if (!std::exchange(m_isTurnEndScheduled, true))
        QMetaObject::invokeMethod(this, &IoWorker::endTurn, Qt::QueuedConnection);
}

void IoWorker::endTurn()
{
    m_isTurnEndScheduled = false;
    // One post to the store for all that this turn brought: the writer commits it at once.
    m_writer->post(m_writes);
    m_notes.reset();
    m_reader->post(m_reads);
    for (const ConnectionId id : std::exchange(m_toFlush, {})) {
        if (Connection *connection = find(id))
            connection->flush();
    }
    for (const ConnectionId id : std::exchange(m_toRemove, {}))
        m_connections.erase(id);
}

// ---- time ----

void IoWorker::tick()
{
    const TimePoint now = m_port.relay.clock.now();
    for (const auto &[id, connection] : m_connections)
        connection->tick(now);
}

void IoWorker::drain(std::chrono::milliseconds spread)
{
    if (m_isDraining) {
        // A second signal: no more spreading.
        m_drainSpread = std::chrono::milliseconds(0);
        drainStep();
        return;
    }
    m_isDraining = true;
    m_drainBegan = m_port.relay.clock.now();
    m_drainSpread = spread;
    for (const auto &[id, connection] : m_connections)
        m_toDrain.push_back(id);
    m_drainTotal = m_toDrain.size();
    m_drainTimer.start(std::chrono::milliseconds(20));
    drainStep();
}

void IoWorker::drainStep()
{
    const auto passed = m_port.relay.clock.now() - m_drainBegan;
    const double share = m_drainSpread.count() == 0
        ? 1.0
        : std::chrono::duration<double>(passed) / std::chrono::duration<double>(m_drainSpread);
    const auto keep =
        static_cast<size_t>(static_cast<double>(m_drainTotal) * std::clamp(1.0 - share, 0.0, 1.0));
    while (m_toDrain.size() > keep) {
        if (Connection *connection = find(m_toDrain.back()))
            connection->drain();
        m_toDrain.pop_back();
    }
    // Whoever has not even sent a request is not waited for.
    const bool isDrained = std::ranges::none_of(
        m_connections, [](const auto &entry) { return entry.second->isInUse(); });
    if (isDrained) {
        m_drainTimer.stop();
        if (!std::exchange(m_hasDrained, true))
            emit drained();
    }
}

} // namespace relay
