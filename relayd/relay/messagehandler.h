// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/ioevents.h"
#include "relayd/relay/peer.h"

#include <memory>

namespace relay {

struct IoContext;

/**
 * The counterpart of a Peer: who takes the messages of one connection, as the connection sees it.
 * In the relay that is a Session. Lives on the I/O thread of its connection.
 */
class MessageHandler {
public:
    virtual ~MessageHandler() = default;

    /** One binary WebSocket message, complete. */
    virtual void receive(QByteArrayView frame) = 0;
    /** A message that is not one of the Noise session, or does not begin one: the end. */
    virtual void receiveForged(QByteArrayView reason) = 0;
    /** One text WebSocket message, complete; it is UTF-8. */
    virtual void receiveText(QByteArrayView text) = 0;
    /** Something for this connection has reached the I/O thread's inbox. */
    virtual void handle(IoEvent &event) = 0;

    /** The peer took bytes, or time has passed: goes on with deliveries that waited. */
    virtual void continueDelivery() = 0;
    /** The connection ends: no more deliveries, nobody finds it any more. Requests run on. */
    virtual void leave() = 0;

    virtual bool isHandshakeDone() const = 0;
    /** A handshake has come and is not decided yet: what follows it has to wait. */
    virtual bool isDeciding() const = 0;
    /** Requests that the store has not answered. */
    virtual int requestsInFlight() const = 0;
    /** The store owes so much that no more should be read (relayd/README.md, "Bounds"). */
    virtual bool isOverItsShare() const = 0;
};

/** Makes the handler of a connection that has been upgraded. */
using MessageHandlerFactory = std::unique_ptr<MessageHandler> (*)(
    ConnectionId id, Peer &peer, IoContext &io);

} // namespace relay
