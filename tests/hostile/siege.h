// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace relay::test {

/**
 * Somebody who uses the relay as it is meant, on a thread of its own: stores a blob for itself,
 * waits for `Stored` and for the delivery, acknowledges, and again.
 */
class HonestClient {
public:
    explicit HonestClient(quint16 port);
    ~HonestClient();

    /** It was answered wrongly, or not for RawClient::Timeout. */
    bool hasFailed() const { return m_hasFailed; }
    /** Milliseconds from sending to `Stored`, since the last call. */
    std::vector<double> takeLatencies();

private:
    void run(quint16 port);

    std::atomic<bool> m_isStopping {false};
    std::atomic<bool> m_hasFailed {false};
    std::mutex m_mutex;
    std::vector<double> m_latencies;
    std::thread m_thread;
};

/** A relay under attack, and what an honest client sees of it. */
class Siege {
public:
    /** `descriptorLimit`: of the relay; 0: as it is. */
    explicit Siege(Environment environment, int descriptorLimit = 0);

    RelayProcess &relay() { return m_relay; }

    /**
     * Repeats `step` until it says that the relay's answer to the attack has been seen, and for
     * RELAYTEST_SIEGE_SECS at least (1), on a thread with the lowest priority. Prints a row: what
     * the attacker got, what the honest client saw before and meanwhile, the relay's memory.
     * False: why() says what went wrong.
     */
    bool hold(const char *what, const std::function<bool()> &step,
        const std::function<QByteArray()> &got);
    QByteArray why() const { return m_why; }

private:
    bool fail(const QByteArray &why);

    RelayProcess m_relay;
    QByteArray m_why;
};

} // namespace relay::test
