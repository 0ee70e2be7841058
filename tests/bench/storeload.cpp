// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/storeload.h"

#include "tests/bench/fail.h"
#include "tests/bench/mailbox.h"

#include <QRandomGenerator>

#include <algorithm>
#include <set>

namespace relay::bench {

class StoreLoad::Sender final : public Client {
public:
    Sender(StoreLoad &load, const Endpoint &relay)
        : Client(load.m_loop, relay)
        , m_load(load)
        , m_frame(load.m_mail, load.m_setup.recipient.value_or(randomId()))
    {
    }

    const UpdateFrame &frame() const { return m_frame; }
    /** In all, and in this plan. */
    quint64 sent() const { return m_sent; }
    quint64 planned() const { return m_sent - m_sentBefore; }
    bool isQuiet() const { return m_due.empty(); }

    bool hasSentItsOwn() const
    {
        const quint64 own = m_load.m_plan.messagesOfEach;
        return own > 0 && planned() >= own;
    }

    void begin() { m_sentBefore = m_sent; }

    void send(Clock::time_point due)
    {
        const quint64 number = m_sent++;
        ++m_load.m_sent;
        m_due.push_back(due);
        queue(m_load.m_setup.to == To::OneMailbox ? m_frame.numbered(number)
                                                  : m_frame.toMailboxOf(number));
    }

protected:
    bool welcomes(QByteArrayView json) const override
    {
        // An echo sends the handshake back.
        return m_load.m_setup.expects == Expects::Echo
            ? json.indexOf(QByteArrayView("\"Handshake\"")) >= 0
            : Client::welcomes(json);
    }

    void received(QByteArrayView json) override
    {
        const quint64 next = m_sent - m_due.size();
        if (m_load.m_setup.expects == Expects::Echo) {
            if (m_due.empty() || m_load.m_mail.numberIn(json) != next)
                fail("an echo is not what was sent, in order");
        } else {
            const Answer answer = Answer::read(json);
            if (answer.kind == AnswerKind::Delivered
                || answer.kind == AnswerKind::ReceivedByRecipient) {
                ++m_load.m_receipts;
                return;
            }
            if (answer.kind == AnswerKind::Failed)
                fail("a store was answered Failed");
            if (answer.kind != AnswerKind::Stored || m_due.empty() || answer.number != next)
                fail("a store was not answered Stored, in order");
        }
        const auto due = m_due.front();
        m_due.pop_front();
        m_load.answered(due);
        if (m_load.isSending() && m_load.m_plan.rate == 0 && !hasSentItsOwn())
            send(Clock::now());
    }

private:
    StoreLoad &m_load;
    UpdateFrame m_frame;
    quint64 m_sent = 0;
    quint64 m_sentBefore = 0;
    /** When those in flight were to be sent. */
    std::deque<Clock::time_point> m_due;
};

StoreLoad::StoreLoad(Loop &loop, const Endpoint &relay, const Mail &mail, const Setup &setup)
    : m_loop(loop)
    , m_relay(relay)
    , m_mail(mail)
    , m_setup(setup)
{
    loop.welcomeAll(static_cast<size_t>(setup.connections), [&](size_t) -> Client & {
        Sender &sender = *m_senders.emplace_back(std::make_unique<Sender>(*this, relay));
        sender.open(handshakeFrame(randomId()));
        return sender;
    });
}

StoreLoad::~StoreLoad() = default;

void StoreLoad::run(const Plan &plan)
{
    begin(plan);
    while (step()) { }
    finish();
}

void StoreLoad::begin(const Plan &plan)
{
    m_plan = plan;
    m_latencies = {};
    m_sent = m_answered = m_answeredInTime = 0;
    m_isSending = true;
    m_begin = Clock::now();
    m_end = plan.time.count() > 0 ? m_begin + plan.time : Clock::time_point::max();
    for (const auto &sender : m_senders)
        sender->begin();
    if (plan.rate > 0)
        return;
    for (const auto &sender : m_senders) {
        for (int i = 0; i < plan.depth && !isSent() && !sender->hasSentItsOwn(); ++i)
            sender->send(Clock::now());
        sender->flush();
    }
}

bool StoreLoad::step()
{
    const auto now = Clock::now();
    if (now >= m_end || isSent()) {
        m_isSending = false;
        return false;
    }
    // A relay that answers nothing must not make this wait for ever.
    auto until = std::min(m_end, now + m_loop.patience());
    const quint64 before = m_answered;
    if (m_plan.rate > 0) {
        sendDue(now);
        until = std::min(until, due(m_sent));
    }
    m_loop.turn(until);
    if (m_plan.rate == 0 && m_answered == before && Clock::now() - now >= m_loop.patience())
        fail("an answer does not come");
    return true;
}

void StoreLoad::finish()
{
    m_isSending = false;
    m_loop.runUntil(
        [this] {
            return std::ranges::all_of(m_senders, [](const auto &s) { return s->isQuiet(); });
        },
        "an answer does not come");
    if (m_answered != m_sent)
        fail("messages and answers are not the same number");
    if (limit() > 0)
        m_end = std::min(m_end, Clock::now());
}

quint64 StoreLoad::limit() const
{
    return m_plan.messages > 0 ? m_plan.messages : m_plan.messagesOfEach * m_senders.size();
}

void StoreLoad::sendDue(Clock::time_point now)
{
    const size_t first = m_sent % m_senders.size();
    quint64 count = 0;
    for (; due(m_sent) <= now && due(m_sent) < m_end; ++count) {
        if (isSent())
            break;
        m_senders[m_sent % m_senders.size()]->send(due(m_sent));
    }
    for (quint64 i = 0; i < std::min<quint64>(count, m_senders.size()); ++i)
        m_senders[(first + i) % m_senders.size()]->flush();
}

Clock::time_point StoreLoad::due(quint64 message) const
{
    return m_begin
        + std::chrono::nanoseconds(static_cast<qint64>(
            static_cast<double>(message) * 1e9 / static_cast<double>(m_plan.rate)));
}

Clock::time_point StoreLoad::dueOf(size_t sender, quint64 n) const
{
    return due(n * m_senders.size() + sender);
}

void StoreLoad::answered(Clock::time_point due)
{
    const auto now = Clock::now();
    ++m_answered;
    m_answeredInTime += now < m_end;
    m_latencies.add(now - due);
    if (m_observer)
        m_observer(due, now - due);
    if (now >= m_end || isSent())
        m_isSending = false;
}

double StoreLoad::rate() const
{
    const quint64 counted = limit() > 0 ? m_answered : m_answeredInTime;
    return static_cast<double>(counted) / std::chrono::duration<double>(m_end - m_begin).count();
}

Id StoreLoad::recipient(size_t sender) const
{
    return m_senders[sender]->frame().recipient();
}

quint64 StoreLoad::sentBy(size_t sender) const
{
    return m_senders[sender]->sent();
}

void StoreLoad::verifySome(int count)
{
    std::vector<std::unique_ptr<Mailbox>> mailboxes;
    // Of two clients of one mailbox, the second may find it emptied by the first.
    std::set<std::pair<size_t, quint64>> chosen;
    for (int i = 0; i < count; ++i) {
        const size_t index =
            QRandomGenerator::global()->bounded(static_cast<quint32>(m_senders.size()));
        const Sender &sender = *m_senders[index];
        if (sender.sent() == 0)
            continue;
        const quint64 number = QRandomGenerator::global()->generate64() % sender.sent();
        if (!chosen.emplace(index, number).second)
            continue;
        mailboxes.push_back(std::make_unique<Mailbox>(m_loop, m_relay, m_mail,
            Mailbox::Contents {sender.frame().mailboxOf(number), number, 1}));
    }
    takeAll(m_loop, mailboxes);
}

} // namespace relay::bench
