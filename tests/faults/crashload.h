// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/startfault.h"
#include "tests/faults/ledger.h"
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QHash>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace relay::test {

/** How a relay is to be ended in the middle of its work. */
using End = std::function<void()>;

/** One run of the relay under load, from its start to its sudden end. */
struct RoundFigures {
    /** Stores that were handed to the kernel and whose answer did not arrive, not even afterwards.
     */
    int inFlight = 0;
    int answered = 0;
    /** Stores that were answered Failed. */
    int refused = 0;
};

/**
 * A client under load: stores pipelined blobs for mailboxes, its own among them; acknowledges some
 * of what is delivered to it, at once; now and then purges its mailbox. Never waits.
 */
class LoadClient {
public:
    using Random = std::mt19937;

    LoadClient(
        RawClient client, Ledger &ledger, int mailbox, const std::vector<Id> &ids, Random &random);

    int descriptor() const { return m_client.descriptor(); }
    bool wantsToWrite() const { return m_written < m_output.size(); }
    /** Adds requests up to the window, and hands over what the kernel takes. */
    void write();
    /** Everything that has arrived. */
    void read();
    /** After the relay's end: everything that arrived before it and was not read. */
    void readRest();
    /** Of a relay that goes on: sends no more, and waits until all that was sent is done. */
    bool finish();
    int answered() const { return m_answered; }
    int refused() const { return m_refused; }
    int inFlight() const { return m_handedOver - m_answered; }

private:
    void handOver();
    void addStore();
    void addPurge();
    void add(const Message &message, const QByteArray &messageId);
    void handle(const Envelope &envelope);
    void handle(const Acknowledgment &status, const QByteArray &messageId);
    void acknowledge(const QByteArray &blobId, BlobKey key);
    /** The relay has answered request `number`: all that was sent before it is committed. */
    void noteAnswer(quint32 number);

    RawClient m_client;
    Ledger &m_ledger;
    const int m_mailbox;
    const std::vector<Id> &m_ids;
    Random &m_random;
    Ledger::Reading m_reading;
    const quint32 m_sender;
    const int m_window;
    quint32 m_lastNumber = 0;
    int m_handedOver = 0;
    int m_answered = 0;
    int m_refused = 0;
    bool m_isFinishing = false;
    QByteArray m_output;
    qsizetype m_written = 0;
    /** Where in m_output the stores end that the kernel has not taken. */
    std::deque<qsizetype> m_ends;
    /** Acks that were sent, each with the number of the next request. */
    std::deque<std::pair<quint32, BlobKey>> m_acks;
    QHash<quint32, size_t> m_purges;
};

/**
 * A relay, or several on one database, ended under load again and again, and what became of the
 * blobs. After an end everything that it delivers is compared with the ledger, and a share of it
 * acknowledged, so that the store stays at about the same size.
 */
class CrashLoad {
public:
    static constexpr int Online = 4;
    static constexpr int Mailboxes = 6;

    CrashLoad(RelayProcess &relay, quint32 seed)
        : CrashLoad(std::vector {&relay}, seed)
    {
    }
    /** Clients and mailboxes are spread over the relays. */
    CrashLoad(std::vector<RelayProcess *> relays, quint32 seed);

    /**
     * Puts the started relays under load and calls `end` while their pipelines are full. With those
     * that it has not ended, everything under way is brought to its end. Nothing: they did not
     * serve, see fault().
     */
    std::optional<RoundFigures> run(const End &end);
    /**
     * From here on it may end itself with this exit code, which ends a round too: `end` is called
     * then.
     */
    void allowEnd(ExitCode code) { m_allowedEnd = code; }
    /** How often it did. */
    int endedItself() const { return m_endedItself; }
    /** Reads and compares everything that the relay, started again, holds. */
    bool compare();

    const Ledger &ledger() const { return m_ledger; }
    QByteArray fault() const { return m_fault; }
    LoadClient::Random &random() { return m_random; }

private:
    using Clients = std::vector<std::unique_ptr<LoadClient>>;

    bool joinAll(Clients &clients);
    bool serveUntil(Clients &clients, int answers);
    bool anyHasEnded();
    bool hasEndedAsAllowed();
    bool compare(int mailbox);
    bool fail(const char *what);
    RelayProcess &relayOf(size_t number) const { return *m_relays[number % m_relays.size()]; }

    const std::vector<RelayProcess *> m_relays;
    LoadClient::Random m_random;
    Ledger m_ledger;
    std::vector<Id> m_ids;
    std::optional<ExitCode> m_allowedEnd;
    int m_endedItself = 0;
    /** So that each mailbox is read through each relay in time. */
    size_t m_round = 0;
    QByteArray m_fault;
};

} // namespace relay::test
