// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/client.h"
#include "tests/bench/mail.h"

#include <deque>

namespace relay::bench {

/**
 * Senders that store, and check that each message is answered, in order. Either closed: each keeps
 * `depth` in flight; or open: messages are sent when a clock says so, whatever the relay does, and
 * their latency counts from then.
 */
class StoreLoad {
public:
    enum class To { EachItsMailbox, OneMailbox };
    /** Stored by a relay; or the message itself, by a server that echoes. */
    enum class Expects { Stored, Echo };

    struct Setup {
        int connections = 1;
        To to = To::EachItsMailbox;
        Expects expects = Expects::Stored;
        /** Of all; else each sender has one that it made up. */
        std::optional<Id> recipient = {};
    };

    /** What to send; 0: no such limit. */
    struct Plan {
        int depth = 1;
        /** Messages per second of all connections; 0: closed. */
        int rate = 0;
        Clock::duration time {0};
        /** Of all connections; a fast one sends more of them. */
        quint64 messages = 0;
        /** Of each connection, if closed. */
        quint64 messagesOfEach = 0;
    };

    /** Called for each answer: of a message that was due then, which took so long. */
    using Observer = std::function<void(Clock::time_point due, Clock::duration took)>;

    StoreLoad(Loop &loop, const Endpoint &relay, const Mail &mail, const Setup &setup);
    ~StoreLoad();

    /** Sends what the plan says, then waits for the answers. May be called again. */
    void run(const Plan &plan);
    /** The same in steps: sends what is due, serves sockets; false once all were sent. */
    void begin(const Plan &plan);
    bool step();
    void finish();

    void observe(Observer observer) { m_observer = std::move(observer); }

    const Latencies &latencies() const { return m_latencies; }
    /** Since begin(). */
    quint64 answered() const { return m_answered; }
    /** Answers a second, from begin() to the end of sending. */
    double rate() const;
    /** Delivered and ReceivedByRecipient. */
    quint64 receipts() const { return m_receipts; }

    size_t senders() const { return m_senders.size(); }
    /** Of a sender that writes to one mailbox. */
    Id recipient(size_t sender) const;
    /** Stored in it since the construction. */
    quint64 sentBy(size_t sender) const;
    /** Under a rate: when the n-th message since begin() of this sender was to be sent. */
    Clock::time_point dueOf(size_t sender, quint64 n) const;

    /** Connects as the recipients of some messages of an EachItsMailbox: each is delivered. */
    void verifySome(int count);

private:
    class Sender;

    void answered(Clock::time_point due);
    void sendDue(Clock::time_point now);
    Clock::time_point due(quint64 message) const;
    bool isSending() const { return m_isSending; }
    /** Of all connections; 0: no limit. */
    quint64 limit() const;
    bool isSent() const { return limit() > 0 && m_sent >= limit(); }

    Loop &m_loop;
    const Endpoint &m_relay;
    const Mail &m_mail;
    const Setup m_setup;
    std::vector<std::unique_ptr<Sender>> m_senders;
    Plan m_plan;
    Observer m_observer;
    Latencies m_latencies;
    Clock::time_point m_begin;
    Clock::time_point m_end;
    bool m_isSending = false;
    quint64 m_sent = 0;
    quint64 m_answered = 0;
    quint64 m_answeredInTime = 0;
    quint64 m_receipts = 0;
};

} // namespace relay::bench
