// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/settings.h"
#include "relayd/metrics/metrics.h"
#include "relayd/relay/handshakeverifier.h"
#include "relayd/relay/inbox.h"
#include "relayd/relay/iocontext.h"
#include "relayd/relay/ioevents.h"
#include "relayd/relay/peer.h"

#include <QRandomGenerator>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

/** What stands in for clocks, peers and threads, so that the rules are tested without waiting. */
namespace relay::test {

/** Both clocks move only when told to. Any thread. */
class FakeClock final : public Clock {
public:
    static constexpr qint64 StartMillis = 1'700'000'000'000;

    TimePoint now() const override
    {
        return TimePoint(std::chrono::milliseconds(m_monotonic.load()));
    }
    qint64 unixMillis() const override { return m_wall.load(); }

    /** Time passes. */
    void advance(std::chrono::milliseconds by)
    {
        m_monotonic += by.count();
        m_wall += by.count();
    }
    /** Somebody sets the wall clock; no time passes. */
    void jump(std::chrono::milliseconds by) { m_wall += by.count(); }
    void setUnixMillis(qint64 millis) { m_wall = millis; }

private:
    std::atomic<qint64> m_monotonic {1'000'000};
    std::atomic<qint64> m_wall {StartMillis};
};

/** What all threads of a relay share, for one test. Change `settings` before the first use. */
struct FakeRelay {
    explicit FakeRelay(Settings with = {})
        : settings(std::move(with))
        , presence({settings.rateLimitPerMin, settings.rateBurst},
              {settings.recoveryRateLimitPerMin, settings.recoveryRateLimitPerMin})
    {
    }

    Settings settings;
    FakeClock clock;
    Metrics metrics;
    Presence presence;
    InFlightBudget budget;
    StoreProgress progress;
    HandshakeVerifier verifier;
    RelayContext context {settings, clock, metrics, presence, budget, progress, verifier};
};

/** A peer that notes what it is sent, and takes it only when told to. */
class FakePeer final : public Peer {
public:
    struct Closed {
        CloseCode code;
        QByteArray reason;
    };

    void send(const QByteArray &frame) override;
    void sendText(const QString &) override { qFatal("the relay sent text"); }
    qint64 unsentBytes() const override { return m_unsent; }
    qsizetype maxFrameSize() const override { return maxFrame; }
    qsizetype maxIncomingFrameSize() const override { return maxIncomingFrame; }
    bool isEncrypted() const override { return encrypted; }
    void close(CloseCode code, QByteArrayView reason) override
    {
        closes.push_back({code, reason.toByteArray()});
    }

    /** From now on everything sent is taken at once (as in the beginning), or nothing is. */
    void takesEverything() { setTaking(true); }
    void takesNothing() { setTaking(false); }
    /** The kernel took what waited. */
    void drain() { m_unsent = 0; }
    void setUnsent(qint64 bytes) { m_unsent = bytes; }
    /** The most that ever waited. */
    qint64 mostUnsent() const { return m_mostUnsent; }

    qsizetype maxFrame = std::numeric_limits<qsizetype>::max();
    qsizetype maxIncomingFrame = 1048576;
    bool encrypted = false;
    /** Decoded, in order. */
    std::vector<Envelope> sent;
    std::vector<Closed> closes;

    /** Those of one type, in order. */
    template <typename T>
    std::vector<T> all() const
    {
        std::vector<T> found;
        for (const Envelope &envelope : sent) {
            if (const T *message = std::get_if<T>(&envelope.message))
                found.push_back(*message);
        }
        return found;
    }

private:
    void setTaking(bool taking)
    {
        m_isTaking = taking;
        if (taking)
            m_unsent = 0;
    }

    Decoder m_decoder;
    qint64 m_unsent = 0;
    qint64 m_mostUnsent = 0;
    bool m_isTaking = true;
};

/** A store that notes what it is asked for and answers nothing by itself. */
class FakeStoreLink final : public StoreLink {
public:
    void write(StoreRequest request) override { writes.push_back(std::move(request)); }
    void noteDelivered(Sequence blob) override { write({{}, NoteDelivered {{blob}}}); }
    void read(ReadRequest request) override
    {
        if (onRead)
            onRead();
        reads.push_back(std::move(request));
    }

    std::vector<StoreRequest> takeWrites() { return std::exchange(writes, {}); }
    std::vector<ReadRequest> takeReads() { return std::exchange(reads, {}); }

    std::vector<StoreRequest> writes;
    std::vector<ReadRequest> reads;
    std::function<void()> onRead;
};

/** The inbox of a thread that does not exist: a test waits for what is posted to it. */
template <typename T>
class RecordingInbox {
public:
    static constexpr std::chrono::seconds Timeout {20};

    Inbox<T> &inbox() { return m_inbox; }

    /** The next `count` values, in order; fewer if they do not come in time. */
    std::vector<T> next(size_t count)
    {
        std::unique_lock lock(m_mutex);
        const auto deadline = std::chrono::steady_clock::now() + Timeout;
        for (;;) {
            for (T &value : m_inbox.take())
                m_seen.push_back(std::move(value));
            if (m_seen.size() >= count)
                break;
            m_isAwake = false;
            if (!m_condition.wait_until(lock, deadline, [this] { return m_isAwake; }))
                break;
        }
        const size_t size = std::min(count, m_seen.size());
        const auto end = m_seen.begin() + static_cast<std::ptrdiff_t>(size);
        std::vector<T> first(std::make_move_iterator(m_seen.begin()), std::make_move_iterator(end));
        m_seen.erase(m_seen.begin(), end);
        return first;
    }
    /** What is there now. */
    std::vector<T> taken()
    {
        for (T &value : m_inbox.take())
            m_seen.push_back(std::move(value));
        return std::exchange(m_seen, {});
    }
    int wakes() const { return m_wakes.load(); }

private:
    void wake()
    {
        ++m_wakes;
        const std::lock_guard lock(m_mutex);
        m_isAwake = true;
        m_condition.notify_all();
    }

    std::mutex m_mutex;
    std::condition_variable m_condition;
    bool m_isAwake = false;
    std::atomic<int> m_wakes {0};
    std::vector<T> m_seen;
    Inbox<T> m_inbox {[this] { wake(); }};
};

/** One sample of the metrics by its full name, labels included; -1 if there is none. */
double sampleOf(const Metrics &metrics, const QByteArray &name);
/** relay_messages_refused_total{reason}. */
double refusedOf(const Metrics &metrics, const QByteArray &reason);
/** How much a histogram has observed. */
quint64 countOf(const prometheus::Histogram &histogram);
/** The sum of what it has observed. */
double sumOf(const prometheus::Histogram &histogram);

/** The seed of a random test: printed, and RELAYTEST_SEED if that is set. */
quint32 randomSeed();

/** Whether `value` holds a T; for comparisons that read well. */
template <typename T, typename Variant>
bool is(const Variant &value)
{
    return std::holds_alternative<T>(value);
}

} // namespace relay::test
