// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/crashload.h"

#include "tests/support/watching.h"

#include <QDeadlineTimer>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace relay::test {

namespace {

int between(LoadClient::Random &random, int low, int high)
{
    return std::uniform_int_distribution(low, high)(random);
}

bool happens(LoadClient::Random &random, int percent)
{
    return between(random, 1, 100) <= percent;
}

/** Mostly small, as cards are; up to 4 KB. */
int randomSize(LoadClient::Random &random)
{
    return between(random, 0, happens(random, 25) ? 4096 : 512);
}

QByteArray messageIdOf(BlobKey key)
{
    return "store-" + QByteArray::number(key.sender) + '-' + QByteArray::number(key.number);
}

BlobKey keyOf(const QByteArray &messageId)
{
    const auto parts = messageId.split('-');
    return {parts.value(1).toUInt(), parts.value(2).toUInt()};
}

EncryptedUpdate updateFor(const Id &recipient, const QByteArray &ciphertext)
{
    return {WrittenId::of(recipient), std::nullopt, ciphertext};
}

} // namespace

LoadClient::LoadClient(
    RawClient client, Ledger &ledger, int mailbox, const std::vector<Id> &ids, Random &random)
    : m_client(std::move(client))
    , m_ledger(ledger)
    , m_mailbox(mailbox)
    , m_ids(ids)
    , m_random(random)
    , m_reading(ledger, mailbox)
    , m_sender(ledger.newSender())
    , m_window(between(random, 150, 350))
{
}

void LoadClient::add(const Message &message, const QByteArray &messageId)
{
    m_output += RawClient::encode(message, messageId);
}

void LoadClient::addStore()
{
    const BlobKey key {m_sender, ++m_lastNumber};
    const int mailbox = between(m_random, 0, static_cast<int>(m_ids.size()) - 1);
    const int size = randomSize(m_random);
    m_ledger.sending(key, mailbox, size);
    add(updateFor(m_ids[static_cast<size_t>(mailbox)], Ledger::mailOf(key, size)),
        messageIdOf(key));
    m_ends.push_back(m_output.size());
}

void LoadClient::addPurge()
{
    const BlobKey key {m_sender, ++m_lastNumber};
    m_purges.insert(key.number, m_ledger.purging(m_mailbox));
    add(PurgeRequest {}, messageIdOf(key));
}

void LoadClient::write()
{
    while (m_handedOver + static_cast<int>(m_ends.size()) - m_answered < m_window) {
        addStore();
        if (happens(m_random, 1) && happens(m_random, 20))
            addPurge();
    }
    handOver();
}

void LoadClient::handOver()
{
    const ssize_t sent = ::send(descriptor(), m_output.constData() + m_written,
        static_cast<size_t>(m_output.size() - m_written), MSG_NOSIGNAL | MSG_DONTWAIT);
    m_written += std::max(sent, ssize_t(0));
    while (!m_ends.empty() && m_ends.front() <= m_written) {
        m_ends.pop_front();
        ++m_handedOver;
    }
    if (m_written == m_output.size()) {
        m_output.clear();
        m_written = 0;
    }
}

void LoadClient::read()
{
    while (const auto envelope = m_client.receive(0))
        handle(*envelope);
}

void LoadClient::readRest()
{
    // The peer is gone, so this ends: with the end of the data, or with the reset behind it.
    while (const auto envelope = m_client.receive())
        handle(*envelope);
}

bool LoadClient::finish()
{
    // It is answered behind every ack and purge before it; what comes from here on is not acked.
    m_isFinishing = true;
    addStore();
    const QDeadlineTimer deadline(60'000);
    while (wantsToWrite() || m_handedOver + static_cast<int>(m_ends.size()) > m_answered) {
        if (deadline.hasExpired())
            return false;
        handOver();
        const short write = wantsToWrite() ? POLLOUT : 0;
        pollfd waiting {descriptor(), static_cast<short>(POLLIN | write), 0};
        ::poll(&waiting, 1, 1000);
        read();
    }
    return true;
}

void LoadClient::handle(const Envelope &envelope)
{
    if (const auto *update = std::get_if<EncryptedUpdate>(&envelope.message)) {
        const auto key = m_reading.delivered(update->ciphertext);
        if (key && !m_isFinishing && happens(m_random, 50))
            acknowledge(envelope.messageId, *key);
    } else if (const auto *status = std::get_if<Acknowledgment>(&envelope.message)) {
        handle(*status, status->messageId);
    } else if (std::holds_alternative<PurgeResponse>(envelope.message)) {
        const quint32 number = keyOf(envelope.messageId).number;
        m_ledger.purged(m_purges.take(number));
        noteAnswer(number);
    }
}

void LoadClient::handle(const Acknowledgment &status, const QByteArray &messageId)
{
    const BlobKey key = keyOf(messageId);
    switch (status.status) {
    case AckStatus::Stored:
        ++m_answered;
        m_ledger.stored(key);
        noteAnswer(key.number);
        break;
    case AckStatus::Failed:
        // A purge may have happened all the same; stores are what is counted.
        m_answered += !m_purges.contains(key.number);
        m_refused += !m_purges.contains(key.number);
        m_ledger.refused();
        break;
    case AckStatus::ReceivedByRecipient:
        m_ledger.deletionProven(key);
        break;
    case AckStatus::Delivered:
        break;
    }
}

void LoadClient::acknowledge(const QByteArray &blobId, BlobKey key)
{
    m_ledger.acking(key);
    m_acks.emplace_back(m_lastNumber + 1, key);
    add(Acknowledgment {blobId, AckStatus::ReceivedByRecipient, {}}, messageIdOf({m_sender, 0}));
}

void LoadClient::noteAnswer(quint32 number)
{
    while (!m_acks.empty() && m_acks.front().first <= number) {
        m_ledger.deletionProven(m_acks.front().second);
        m_acks.pop_front();
    }
}

CrashLoad::CrashLoad(std::vector<RelayProcess *> relays, quint32 seed)
    : m_relays(std::move(relays))
    , m_random(seed)
    , m_ledger(Mailboxes)
{
    for (int i = 0; i < Mailboxes; ++i)
        m_ids.push_back(freshId());
    for (RelayProcess *relay : m_relays) {
        relay->set(QStringLiteral("MAX_BLOBS_PER_RECIPIENT"), QStringLiteral("0"));
        relay->set(QStringLiteral("MAX_BYTES_PER_RECIPIENT"), QStringLiteral("0"));
    }
}

bool CrashLoad::fail(const char *what)
{
    m_fault = what;
    return false;
}

std::optional<RoundFigures> CrashLoad::run(const End &end)
{
    Clients clients;
    const bool served = joinAll(clients) && serveUntil(clients, between(m_random, 1, 700));
    if (!served && !hasEndedAsAllowed())
        return std::nullopt;
    end();
    RoundFigures figures;
    for (size_t i = 0; i < clients.size(); ++i) {
        LoadClient &client = *clients[i];
        if (!relayOf(i).isRunning()) {
            client.readRest();
        } else if (!client.finish()) {
            fail("a relay that goes on does not answer");
            return std::nullopt;
        }
        figures.inFlight += client.inFlight();
        figures.answered += client.answered();
        figures.refused += client.refused();
    }
    return figures;
}

bool CrashLoad::joinAll(Clients &clients)
{
    const int online = std::clamp(2 * static_cast<int>(m_relays.size()), Online, Mailboxes);
    for (int i = 0; i < online; ++i) {
        RawClient client(relayOf(static_cast<size_t>(i)).port());
        if (!client.join(m_ids[static_cast<size_t>(i)]))
            return fail("a client cannot join");
        clients.push_back(
            std::make_unique<LoadClient>(std::move(client), m_ledger, i, m_ids, m_random));
    }
    return true;
}

bool CrashLoad::anyHasEnded()
{
    return std::ranges::any_of(m_relays, [](RelayProcess *relay) { return relay->hasEnded(); });
}

bool CrashLoad::hasEndedAsAllowed()
{
    if (!m_allowedEnd)
        return false;
    // Its connections end a moment before it does.
    const bool asAllowed = std::ranges::any_of(m_relays, [this](RelayProcess *relay) {
        return relay->hasEnded(10'000) && relay->exitCode() == toInt(*m_allowedEnd);
    });
    m_endedItself += asAllowed;
    return asAllowed;
}

bool CrashLoad::serveUntil(Clients &clients, int answers)
{
    const QDeadlineTimer deadline(60'000);
    const auto answered = [&] {
        int all = 0;
        for (const auto &client : clients)
            all += client->answered();
        return all;
    };
    while (answered() < answers) {
        if (deadline.hasExpired() || anyHasEnded())
            return fail("the relay does not answer under load");
        std::vector<pollfd> waiting;
        for (const auto &client : clients) {
            client->write();
            const short write = client->wantsToWrite() ? POLLOUT : 0;
            waiting.push_back({client->descriptor(), static_cast<short>(POLLIN | write), 0});
        }
        ::poll(waiting.data(), waiting.size(), 1000);
        for (const auto &client : clients)
            client->read();
    }
    // Any moment of a commit: answers come right after one.
    const std::chrono::microseconds moment(between(m_random, 0, 4000));
    const QDeadlineTimer until(moment, Qt::PreciseTimer);
    while (!until.hasExpired()) {
        for (const auto &client : clients)
            client->write();
    }
    return true;
}

bool CrashLoad::compare()
{
    for (int i = 0; i < Mailboxes; ++i) {
        if (!compare(i))
            return false;
    }
    m_ledger.endRound();
    ++m_round;
    return true;
}

bool CrashLoad::compare(int mailbox)
{
    const Id id = m_ids[static_cast<size_t>(mailbox)];
    // A mailbox is delivered in order, so all of it has come when what was stored last has come.
    const BlobKey marker {m_ledger.newSender(), 1};
    m_ledger.sending(marker, mailbox, 0);
    const size_t turn = m_round + static_cast<size_t>(mailbox);
    RawClient sender(relayOf(turn).port());
    if (!sender.join(freshId()))
        return fail("nobody can join after the restart");
    const auto stored = sender.store(id, Ledger::mailOf(marker, 0), freshId());
    if (!stored || stored->status != AckStatus::Stored)
        return fail("nothing can be stored after the restart");
    m_ledger.stored(marker);
    // The relay that commits too late has it in the database at the next transaction.
    sender.send(PurgeRequest {});
    if (!sender.expect<PurgeResponse>())
        return fail("nobody can purge after the restart");

    RawClient recipient(relayOf(turn + 1).port());
    if (!recipient.join(id))
        return fail("a recipient cannot join after the restart");
    Ledger::Reading reading(m_ledger, mailbox);
    std::vector<std::pair<QByteArray, BlobKey>> held;
    while (held.empty() || held.back().second != marker) {
        Envelope envelope;
        const auto update = recipient.expect<EncryptedUpdate>(&envelope);
        if (!update)
            return fail("what was stored last is not delivered");
        if (const auto key = reading.delivered(update->ciphertext))
            held.emplace_back(envelope.messageId, *key);
    }
    reading.finish();

    std::vector<BlobKey> acked;
    for (const auto &[blobId, key] : held) {
        if (!happens(m_random, 60))
            continue;
        m_ledger.acking(key);
        recipient.send(Acknowledgment {blobId, AckStatus::ReceivedByRecipient, {}});
        acked.push_back(key);
    }
    if (!isServed(recipient))
        return fail("acks are not taken after the restart");
    for (const BlobKey key : acked)
        m_ledger.deletionProven(key);
    return true;
}

} // namespace relay::test
