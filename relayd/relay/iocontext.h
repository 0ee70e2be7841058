// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/busysince.h"
#include "relayd/relay/clock.h"
#include "relayd/relay/inflightbudget.h"
#include "relayd/relay/presence.h"
#include "relayd/relay/storerequests.h"
#include "relayd/relay/wireids.h"
#include "shared/protocol/codec.h"

#include <atomic>

namespace relay {

class HandshakeVerifier;
class Metrics;
struct Settings;

/** The way from an I/O thread to the store. Posts; never waits. */
class StoreLink {
public:
    virtual void write(StoreRequest request) = 0;
    virtual void read(ReadRequest request) = 0;
    /** Of this blob, in a NoteDelivered that may hold more. It is before what is written later. */
    virtual void noteDelivered(Sequence blob) = 0;

protected:
    ~StoreLink() = default;
};

/** What the writer and the I/O threads tell each other outside the inboxes. */
struct StoreProgress {
    /** The highest that is committed; set by the writer before it looks for who is online. */
    std::atomic<qint64> lastDeviceMessage {0};
    /** How many ids are proven; set by the writer likewise. While it is 0, nobody need be asked. */
    std::atomic<qint64> provenIds {0};
    /**
     * Other relays store and prove too: the two above say nothing of what they do. Set before the
     * first connection.
     */
    std::atomic<bool> isShared {false};
    /** Inside a call of the database, by thread. */
    BusySince writing;
    BusySince reading;
    /** Payload bytes of pushes that I/O threads have not handled yet. */
    std::atomic<qint64> pushBytes {0};
    /**
     * The writer or the reader met damage in the database: nothing is written, until an integrity
     * check finds none.
     */
    std::atomic<bool> isDamaged {false};

    /** The log is long and almost all of it moved: the writer moves the rest between two commits.
     */
    std::atomic<bool> isLogLong {false};

    /** Beyond this a push carries no payload: its connection reads it from the store instead. */
    static constexpr qint64 MaxPushBytes = 64 * 1024 * 1024;
};

/** What all threads share. Everything here is thread-safe, or does not change any more. */
struct RelayContext {
    const Settings &settings;
    const Clock &clock;
    Metrics &metrics;
    Presence &presence;
    InFlightBudget &budget;
    StoreProgress &progress;
    HandshakeVerifier &verifier;
};

/** What the sessions of one I/O thread share. */
struct IoContext {
    RelayContext &relay;
    StoreLink &store;
    Decoder &decoder;
    WireIds &wireIds;
};

} // namespace relay
