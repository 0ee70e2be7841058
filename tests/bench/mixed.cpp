// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/client.h"
#include "tests/bench/fail.h"
#include "tests/bench/mail.h"
#include "tests/bench/measurement.h"

#include <algorithm>
#include <array>

namespace relay::bench {

namespace {

struct Syncs {
    Clock::time_point end;
    Latencies latencies;
    Latencies deliveries;
    quint64 inTime = 0;
    /** Delivered once more although acknowledged: at least once is what the protocol promises. */
    quint64 repeated = 0;
};

/** A connection whose owner says what to do with it. */
class Line final : public Client {
public:
    using Client::Client;
    std::function<void()> onWelcome;
    std::function<void(const Answer &, QByteArrayView)> onMessage;
    std::function<void()> onEnded;

protected:
    void welcomed(QByteArrayView) override { onWelcome(); }
    void received(QByteArrayView json) override { onMessage(Answer::read(json), json); }
    void ended() override { onEnded(); }
};

/**
 * Two people who write to each other in turn, as clients in the field do: connect, take what waits
 * and acknowledge it; send one update on a second connection, behind its handshake in the same
 * segment; close the second, then the first.
 */
class Couple {
public:
    Couple(Loop &loop, const Endpoint &relay, const Mail &mail, Syncs &syncs)
        : m_mail(mail)
        , m_syncs(syncs)
        , m_first(loop, relay)
        , m_second(loop, relay)
        , m_people {Person(mail), Person(mail)}
    {
        m_first.onWelcome = [this] {
            // Nobody has written to the first one yet.
            if (m_turn == 0)
                write();
        };
        m_second.onWelcome = [] {};
        m_first.onMessage = [this](const Answer &answer, QByteArrayView json) {
            if (answer.kind == AnswerKind::Update)
                take(answer, json);
        };
        m_second.onMessage = [this](const Answer &answer, QByteArrayView) {
            if (answer.kind == AnswerKind::Failed)
                fail("a store was answered Failed");
            if (answer.kind == AnswerKind::Stored && answer.number != m_turn)
                fail("a Stored is for another message");
            if (answer.kind == AnswerKind::Stored)
                m_second.sayGoodbye();
        };
        m_second.onEnded = [this] { m_first.sayGoodbye(); };
        m_first.onEnded = [this] { finish(); };
    }

    void sync()
    {
        m_begin = Clock::now();
        m_hasTaken = false;
        m_first.open(handshakeFrame(me().id(), me().device));
    }

    bool isDone() const { return m_isDone; }

private:
    struct Person {
        explicit Person(const Mail &mail)
            : toMe(mail, randomId())
        {
        }
        const Id &id() const { return toMe.recipient(); }
        UpdateFrame toMe;
        Id device = randomId();
    };

    Person &me() { return m_people[m_turn % 2]; }
    Person &other() { return m_people[(m_turn + 1) % 2]; }

    void take(const Answer &answer, QByteArrayView json)
    {
        const auto number = m_mail.numberIn(json);
        if (!number)
            fail("a message was delivered with wrong bytes");
        m_first.queue(m_ack.of(answer.id));
        if (m_turn >= 3 && *number == m_turn - 3) {
            ++m_syncs.repeated;
            return;
        }
        if (m_hasTaken || *number + 1 != m_turn)
            fail("a message is missing, or came twice");
        m_hasTaken = true;
        m_syncs.deliveries.add(Clock::now() - m_begin);
        write();
    }

    void write()
    {
        m_second.open(handshakeFrame(me().id()) + other().toMe.numbered(m_turn).toByteArray());
    }

    void finish()
    {
        const auto now = Clock::now();
        m_syncs.latencies.add(now - m_begin);
        m_syncs.inTime += now < m_syncs.end;
        ++m_turn;
        if (now < m_syncs.end)
            sync();
        else
            m_isDone = true;
    }

    const Mail &m_mail;
    Syncs &m_syncs;
    Line m_first;
    Line m_second;
    std::array<Person, 2> m_people;
    AckFrame m_ack;
    quint64 m_turn = 0;
    bool m_hasTaken = false;
    bool m_isDone = false;
    Clock::time_point m_begin;
};

} // namespace

QJsonObject runMixed(const Options &options)
{
    Loop loop(options);
    const Mail mail(options.size);
    Syncs syncs;
    std::vector<std::unique_ptr<Couple>> couples;
    const Measurement measurement(options);
    syncs.end = Clock::now() + std::chrono::seconds(options.seconds);
    for (int i = 0; i < options.connections; ++i) {
        couples.push_back(std::make_unique<Couple>(loop, options.relay, mail, syncs));
        couples.back()->sync();
    }
    loop.runUntil(
        [&] { return std::ranges::all_of(couples, [](const auto &c) { return c->isDone(); }); },
        "a sync does not end");
    QJsonObject figures {
        {QStringLiteral("syncs_done"), static_cast<double>(syncs.latencies.count())},
        {QStringLiteral("syncs_per_second"), static_cast<double>(syncs.inTime) / options.seconds},
        {QStringLiteral("p50_ms"), syncs.latencies.percentile(0.5)},
        {QStringLiteral("p99_ms"), syncs.latencies.percentile(0.99)},
        {QStringLiteral("first_delivery_p99_ms"), syncs.deliveries.percentile(0.99)},
        {QStringLiteral("repeated"), static_cast<double>(syncs.repeated)},
    };
    measurement.report(figures);
    return figures;
}

} // namespace relay::bench
