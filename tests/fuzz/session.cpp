// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/session.h"

#include "relayd/relay/sweepguard.h"
#include "relayd/storage/storereader.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/fuzz/storemodel.h"
#include "tests/support/fakes.h"
#include "tests/support/storefixture.h"

#include <QCoreApplication>
#include <QLoggingCategory>

#include <array>
#include <deque>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

// The input is a program: each operation is a byte, and then what it needs. It drives sessions on
// two I/O threads (which are none: their turns, too, are operations) against the real store in
// memory, and everything that either says is compared with StoreModel.

namespace {

constexpr int Slots = 4;
constexpr int SlotsPerThread = 2;
constexpr int MaxOperations = 300;
constexpr auto Lifetime = 1000s;
constexpr qint64 ProofBytes = 40;

Settings settingsOf(quint8 choice)
{
    Settings settings;
    settings.blobTtl = Lifetime;
    settings.maxUnsentBytes = 1500;
    settings.maxBlobsPerRecipient = 12;
    settings.maxBytesPerRecipient = 600;
    settings.maxStorageBytes = 5000;
    settings.rateLimitPerMin = settings.rateBurst = choice % 2 ? 30 : 0;
    settings.recoveryRateLimitPerMin = choice % 4 > 1 ? 3 : 0;
    return settings;
}

/** The place of a client: a session, or nobody yet. */
struct Slot {
    int thread = 0;
    ConnectionId id;
    FakePeer peer;
    std::unique_ptr<Session> session;
    bool isJoined = false;
    bool hasLeft = false;
    Handshake handshake;
    Id routingId;
    DeviceKey device;
    /** The last device message that was there when it came. */
    qint64 registered = 0;

    size_t looked = 0; ///< how many of peer.sent have been judged
    size_t owed = 0;   ///< answers
    size_t answered = 0;
    qint64 lastBlob = 0;
    std::set<qint64> blobs;
    std::tuple<bool, quint64, qint64> lastMessage {false, 0, 0};
    std::set<qint64> messages;
    std::set<std::pair<AckStatus, qint64>> receipts;
};

class Play {
public:
    explicit Play(FuzzInput program);
    ~Play();

    void run();

private:
    // operations
    void join(Slot &slot);
    void sendUpdate(Slot &slot);
    void sendAck(Slot &slot);
    void sendDeviceMessage(Slot &slot);
    void sendDeviceAck(Slot &slot);
    void sendProof(Slot &slot);
    void sendQuery(Slot &slot);
    void sendPurge(Slot &slot);
    void sendRevoked(Slot &slot);
    void sendNonsense(Slot &slot);
    void take(Slot &slot);
    void leave(Slot &slot);
    void advance();
    void sweep();

    void send(Slot &slot, const Message &message, bool isAnswered);
    void sendFrame(Slot &slot, QByteArrayView frame, bool isAnswered);
    Slot &slot() { return m_slots[m_program.byte() % Slots]; }
    QByteArray messageId() { return "message-" + QByteArray::number(m_program.byte() % 8); }
    QByteArray payload();

    // turns
    void endTurn(int thread);
    void turnOfWriter();
    void turnOfReader();
    void deliver(int thread, int count);
    void settle();

    // properties
    void collect(const std::vector<StoreReply> &expected);
    void check(const ItemPage &page);
    void check(const ProofAnswer &answer);
    void check(const ItemPush &push) const;
    void look(Slot &slot);
    void look(Slot &slot, const Envelope &envelope);
    void lookAtAck(Slot &slot, const Acknowledgment &ack);
    void lookAtBlob(Slot &slot, const QByteArray &id, const EncryptedUpdate &update);
    void lookAtMessage(Slot &slot, const QByteArray &id, const DeviceSyncMessage &message);
    void checkBooks();
    void checkDelivered(const Slot &slot) const;

    qint64 now() const { return m_relay.clock.unixMillis(); }
    bool isOwn(const Slot &slot, const StoreOperation &operation) const;

    FuzzInput m_program;
    FakeRelay m_relay;
    std::array<Inbox<IoEvent>, 2> m_inboxes {Inbox<IoEvent>([] {}), Inbox<IoEvent>([] {})};
    IoInboxes m_io {&m_inboxes[0], &m_inboxes[1]};
    StoreReader m_reader {m_relay.context, m_io};
    StoreWriter m_writer {{m_relay.context, m_io, m_reader.inbox(), [](const StoreHealth &) {}}};
    std::unique_ptr<WireIds> m_ids;
    Decoder m_decoder;
    std::array<FakeStoreLink, 2> m_links;
    std::array<std::unique_ptr<IoContext>, 2> m_contexts;
    std::array<Slot, Slots> m_slots;
    quint64 m_nextSerial = 1;
    quint32 m_nextPayload = 0;

    StoreModel m_model;
    SweepGuard m_guard {m_relay.clock};
    std::vector<StoreRequest> m_toWriter;
    std::deque<ReadRequest> m_toReader;
    std::array<std::deque<IoEvent>, 2> m_events;
    /** Blobs that some connection was given. */
    std::set<qint64> m_delivered;
    /** The latest time that the wall clock has shown. */
    qint64 m_latest = 0;
    double m_deliveries = 0;
};

Play::Play(FuzzInput program)
    : m_program(program)
    , m_relay(settingsOf(m_program.byte()))
    , m_model({m_relay.settings.maxBlobsPerRecipient, m_relay.settings.maxBytesPerRecipient,
                  m_relay.settings.maxStorageBytes},
          std::chrono::milliseconds(Lifetime).count())
{
    if (m_writer.open({StorageBackend::Memory, {}}, {}))
        qFatal("no store");
    m_reader.share(m_writer.database(), m_writer.recentBlobs());
    m_latest = now();
    m_ids = std::make_unique<WireIds>(m_writer.idKey());
    for (size_t thread = 0; thread < m_contexts.size(); ++thread)
        m_contexts[thread] = std::make_unique<IoContext>(
            IoContext {m_relay.context, m_links[thread], m_decoder, *m_ids});
    for (size_t n = 0; n < m_slots.size(); ++n)
        m_slots[n].thread = static_cast<int>(n) / SlotsPerThread;
}

Play::~Play()
{
    m_reader.close();
    m_writer.close();
}

void Play::run()
{
    for (int n = 0; n < MaxOperations && !m_program.isAtEnd(); ++n) {
        switch (m_program.byte() % 24) {
        case 0:
        case 1:
            join(slot());
            break;
        case 2:
        case 3:
        case 4:
            sendUpdate(slot());
            break;
        case 5:
        case 6:
            sendAck(slot());
            break;
        case 7:
            sendDeviceMessage(slot());
            break;
        case 8:
            sendDeviceAck(slot());
            break;
        case 9:
            sendProof(slot());
            break;
        case 10:
            sendQuery(slot());
            break;
        case 11:
            sendPurge(slot());
            break;
        case 12:
            sendRevoked(slot());
            break;
        case 13:
            sendNonsense(slot());
            break;
        case 14:
            take(slot());
            break;
        case 15:
            leave(slot());
            break;
        case 16:
            advance();
            break;
        case 17:
            sweep();
            break;
        case 18:
            m_relay.presence.sweep(m_relay.clock.now());
            break;
        case 19:
            endTurn(m_program.byte() % 2);
            break;
        case 20:
            turnOfWriter();
            break;
        case 21:
            turnOfReader();
            break;
        case 22: {
            const int thread = m_program.byte() % 2;
            deliver(thread, 1 + m_program.byte() % 8);
            break;
        }
        case 23:
            for (int thread : {0, 1})
                endTurn(thread);
            turnOfWriter();
            turnOfReader();
            for (int thread : {0, 1})
                deliver(thread, 1000);
            break;
        }
        for (Slot &each : m_slots)
            look(each);
    }
    settle();
    checkBooks();
    for (const Slot &each : m_slots)
        checkDelivered(each);
}

// ---- operations ----

void Play::join(Slot &slot)
{
    if (slot.session)
        return;
    const int thread = slot.thread;
    slot = Slot {};
    slot.thread = thread;
    slot.id = ConnectionId::of(thread, m_nextSerial++);
    slot.session =
        std::make_unique<Session>(slot.id, slot.peer, *m_contexts[static_cast<size_t>(thread)]);
    const quint8 who = m_program.byte();
    const quint8 how = m_program.byte();
    const Id client = people::mailbox(who % people::Mailboxes);
    slot.handshake.clientId = WrittenId::of(client);
    slot.routingId = client;
    if (how & 1) {
        slot.device = {client, people::device(who / 16 % people::DevicesEach)};
        slot.handshake.deviceId = WrittenId::of(slot.device.device);
    }
    if (how & 2) {
        slot.routingId = people::mailbox(who / 4 % people::Mailboxes);
        slot.handshake.routingToken = WrittenId {slot.routingId, 1};
    }
    slot.handshake.suppressPresence = how & 4;
    slot.registered = m_relay.progress.lastDeviceMessage;
    if (how & 8)
        slot.peer.takesNothing();
    slot.session->receive(encodeFrame({"hello", 1, slot.handshake}));
    slot.isJoined = slot.session->isHandshakeDone();
    require(slot.isJoined && !slot.peer.sent.empty()
            && is<HandshakeAck>(slot.peer.sent.front().message),
        "a handshake is answered first");
}

void Play::send(Slot &slot, const Message &message, bool isAnswered)
{
    sendFrame(slot, encodeFrame({messageId(), 1, message}), isAnswered);
}

/** What a connection does: it shows the session nothing while that is over its share. */
void Play::sendFrame(Slot &slot, QByteArrayView frame, bool isAnswered)
{
    if (!slot.isJoined || slot.hasLeft || slot.session->isOverItsShare()
        || slot.peer.unsentBytes() > m_relay.settings.maxUnsentBytes)
        return;
    const double limited = m_relay.metrics.rateLimitedTotal.Value();
    const int inFlight = slot.session->requestsInFlight();
    const auto &writes = m_links[static_cast<size_t>(slot.thread)].writes;
    const size_t before = writes.size();
    slot.session->receive(frame);
    for (size_t n = before; n < writes.size(); ++n)
        require(isOwn(slot, writes[n].operation), "nobody asks the store for what is another's");
    const bool isLimited = m_relay.metrics.rateLimitedTotal.Value() > limited;
    require(!isLimited || slot.session->requestsInFlight() == inFlight,
        "what is over the rate is not carried out");
    if (isAnswered || isLimited)
        ++slot.owed;
}

bool Play::isOwn(const Slot &slot, const StoreOperation &operation) const
{
    const Id client = slot.handshake.clientId.id;
    if (const auto *store = std::get_if<StoreBlob>(&operation))
        return store->senderRoutingId == slot.routingId;
    if (const auto *store = std::get_if<StoreDeviceMessage>(&operation))
        return store->target.client == client;
    if (const auto *ack = std::get_if<AckBlob>(&operation))
        return ack->mailbox == slot.routingId
            && ack->suppressPresence == slot.handshake.suppressPresence;
    if (const auto *ack = std::get_if<AckDeviceMessage>(&operation))
        return slot.handshake.deviceId && ack->device == slot.device;
    if (const auto *purge = std::get_if<Purge>(&operation))
        return purge->mailbox == slot.routingId && purge->devicesOf.value_or(client) == client;
    return true;
}

/** Each another one, of a few sizes. */
QByteArray Play::payload()
{
    constexpr int Sizes[] = {0, 10, 30, 100, 250, 390};
    QByteArray bytes = QByteArray::number(m_nextPayload++);
    return bytes.leftJustified(Sizes[m_program.byte() % std::size(Sizes)], '.');
}

void Play::sendUpdate(Slot &slot)
{
    const quint8 who = m_program.byte();
    EncryptedUpdate update {
        WrittenId::of(people::mailbox(who % people::Mailboxes)), std::nullopt, payload()};
    if (who & 16)
        update.senderId = WrittenId {slot.routingId, who & 32 ? quint64(1) << 62 : 0};
    send(slot, update, true);
}

void Play::sendAck(Slot &slot)
{
    constexpr std::array Statuses {
        AckStatus::ReceivedByRecipient, AckStatus::Delivered, AckStatus::Stored, AckStatus::Failed};
    const quint8 which = m_program.byte();
    const quint8 how = m_program.byte();
    QByteArray id = m_ids->idOf(how & 16 ? ItemKind::DeviceMessage : ItemKind::Blob, {which});
    if (how & 32)
        id.chop(1);
    send(slot, Acknowledgment {id, Statuses[how % Statuses.size()], {}}, false);
}

void Play::sendDeviceMessage(Slot &slot)
{
    const quint8 who = m_program.byte();
    DeviceSyncMessage message;
    message.identityId = who & 64 ? WrittenId::of(idOf(0xee)) : slot.handshake.clientId;
    message.targetDeviceId = WrittenId::of(people::device(who % people::DevicesEach));
    message.senderDeviceId = WrittenId::of(people::device(1));
    message.version = who & 32 ? ~quint64(0) - who % 4 : who % 4;
    message.encryptedPayload = payload();
    send(slot, message, true);
}

void Play::sendDeviceAck(Slot &slot)
{
    const quint8 which = m_program.byte();
    send(slot, DeviceSyncAck {m_ids->idOf(ItemKind::DeviceMessage, {which}), 1}, false);
}

void Play::sendProof(Slot &slot)
{
    const quint8 which = m_program.byte();
    send(slot,
        RecoveryProofStore {people::proof(which % people::Proofs),
            QByteArray::number(m_nextPayload++).leftJustified(which % ProofBytes, '.')},
        true);
}

void Play::sendQuery(Slot &slot)
{
    RecoveryProofQuery query;
    const int count = 1 + m_program.byte() % people::Proofs;
    for (int n = 0; n < count; ++n)
        query.keyHashes.push_back(people::proof(n));
    send(slot, query, true);
}

void Play::sendPurge(Slot &slot)
{
    const quint8 how = m_program.byte();
    PurgeRequest purge {bool(how & 1), bool(how & 2), std::nullopt};
    if (how & 4)
        purge.recoveryKeyHash = people::proof(how / 8 % people::Proofs);
    send(slot, purge, true);
}

void Play::sendRevoked(Slot &slot)
{
    const quint8 who = m_program.byte();
    send(slot,
        AccountRevoked {WrittenId::of(slot.routingId),
            WrittenId::of(people::mailbox(who % people::Mailboxes)), who, "signature"},
        true);
}

/** What is no message, or none that a client sends. */
void Play::sendNonsense(Slot &slot)
{
    const quint8 what = m_program.byte();
    const auto frameOf = [](const QByteArray &payload) {
        const QByteArray json =
            R"({"version":1,"message_id":"x","timestamp":1,"payload":)" + payload + '}';
        return QByteArray(4, '\0') + json;
    };
    switch (what % 6) {
    case 0:
        send(slot, slot.handshake, false);
        break;
    case 1:
        send(slot, HandshakeAck {}, false);
        break;
    case 2:
        sendFrame(slot, frameOf(R"({"type":"Nonsense"})"), false);
        break;
    case 3:
        sendFrame(slot, frameOf(R"({"type":"EncryptedUpdate","recipient_id":"x","ciphertext":[]})"),
            true);
        break;
    case 4:
        if (slot.session)
            slot.session->receiveText({});
        break;
    case 5: {
        const QByteArrayView bytes = m_program.bytes(what / 6);
        // Its tokens are taken, but nobody hears of it.
        if (slot.isJoined && !slot.hasLeft && !Decoder().decode(bytes))
            slot.session->receive(bytes);
        break;
    }
    }
}

void Play::take(Slot &slot)
{
    const quint8 how = m_program.byte() % 4;
    if (how == 0)
        slot.peer.takesNothing();
    else if (how == 1)
        slot.peer.takesEverything();
    else if (how == 2)
        slot.peer.drain();
    if (slot.session)
        slot.session->continueDelivery();
}

void Play::leave(Slot &slot)
{
    if (!slot.session)
        return;
    look(slot);
    const bool hadLeft = std::exchange(slot.hasLeft, true);
    slot.session->leave();
    const auto online = m_relay.presence.mailbox(slot.routingId);
    require(!online.contains(slot.id), "who has left is not found");
    // At once, or only later: then answers still settle with it.
    if (hadLeft || m_program.byte() % 2) {
        slot.session.reset();
        slot.isJoined = false;
    }
}

void Play::advance()
{
    constexpr std::chrono::seconds Steps[] = {1s, 10s, 60s, 499s, 999s, 1000s, 1001s, 91 * 24h};
    const quint8 how = m_program.byte();
    if (how & 64)
        m_relay.clock.jump(how & 128 ? 120s : -120s);
    else
        m_relay.clock.advance(Steps[how % std::size(Steps)]);
    m_latest = std::max(m_latest, now());
}

void Play::sweep()
{
    if (m_guard.allows())
        m_model.sweep(now());
    fireSweep(m_writer);
    if (m_program.byte() % 2)
        fireTick(m_writer);
}

// ---- turns ----

void Play::endTurn(int thread)
{
    FakeStoreLink &link = m_links[static_cast<size_t>(thread)];
    auto writes = link.takeWrites();
    m_toWriter.insert(m_toWriter.end(), writes.begin(), writes.end());
    m_writer.inbox().post(writes);
    for (ReadRequest &read : link.takeReads()) {
        m_toReader.push_back(read);
        m_reader.inbox().post(std::move(read));
    }
}

void Play::turnOfWriter()
{
    std::vector<StoreReply> expected;
    for (const StoreRequest &request : std::exchange(m_toWriter, {})) {
        if (const auto *query = std::get_if<QueryProofs>(&request.operation))
            m_toReader.push_back(ProofRequest {request.origin, *query});
        if (auto reply = m_model.apply(request, now()))
            expected.push_back(*reply);
    }
    QCoreApplication::sendPostedEvents(&m_writer);
    collect(expected);
}

void Play::turnOfReader()
{
    QCoreApplication::sendPostedEvents(&m_reader);
    collect({});
    require(m_toReader.empty(), "each read is answered");
}

void Play::deliver(int thread, int count)
{
    auto &events = m_events[static_cast<size_t>(thread)];
    for (; count > 0 && !events.empty(); --count) {
        IoEvent event = std::move(events.front());
        events.pop_front();
        ConnectionId to;
        // What IoWorker does before it looks for the connection.
        if (const auto *reply = std::get_if<StoreReply>(&event)) {
            m_relay.budget.giveBack(reply->origin.cost);
            to = reply->origin.connection;
        } else if (const auto *answer = std::get_if<ProofAnswer>(&event)) {
            m_relay.budget.giveBack(answer->origin.cost);
            to = answer->origin.connection;
        } else if (const auto *push = std::get_if<ItemPush>(&event)) {
            if (push->item)
                m_relay.progress.pushBytes -= push->item->payload.size();
            to = push->to;
        } else if (const auto *page = std::get_if<ItemPage>(&event)) {
            to = page->to;
        } else {
            to = std::get<Receipt>(event).to;
        }
        for (Slot &slot : m_slots) {
            if (!slot.session || slot.id != to)
                continue;
            slot.session->handle(event);
            look(slot);
        }
    }
}

/** Everybody reads, and everything has its turn until nothing is left to do. */
void Play::settle()
{
    for (Slot &slot : m_slots) {
        slot.peer.takesEverything();
        if (slot.session)
            slot.session->continueDelivery();
        look(slot);
    }
    constexpr int MaxTurns = 100;
    int turns = 0;
    const auto isQuiet = [&] {
        return std::ranges::all_of(m_links,
                   [](const FakeStoreLink &link) {
                       return link.writes.empty() && link.reads.empty();
                   })
            && m_toWriter.empty() && m_toReader.empty() && m_events[0].empty()
            && m_events[1].empty();
    };
    while (!isQuiet()) {
        require(++turns < MaxTurns, "it comes to rest");
        for (int thread : {0, 1})
            endTurn(thread);
        turnOfWriter();
        turnOfReader();
        for (int thread : {0, 1})
            deliver(thread, std::numeric_limits<int>::max());
    }
}

// ---- properties ----

/** Takes what the store has said; `expected` are the replies among it. */
void Play::collect(const std::vector<StoreReply> &expected)
{
    size_t replies = 0;
    for (size_t thread = 0; thread < m_inboxes.size(); ++thread) {
        auto next = expected.begin();
        for (IoEvent &event : m_inboxes[thread].take()) {
            if (const auto *reply = std::get_if<StoreReply>(&event)) {
                // Each thread has its own, in their order.
                const auto isHere = [&](const StoreReply &each) {
                    return each.origin.connection.ioThread() == static_cast<int>(thread);
                };
                next = std::find_if(next, expected.end(), isHere);
                require(next != expected.end(), "a request is answered once");
                require(next->origin.connection == reply->origin.connection
                        && next->origin.messageId == reply->origin.messageId,
                    "requests are answered in their order");
                require(next->outcome == reply->outcome && next->stored == reply->stored
                        && next->purged == reply->purged
                        && next->expectsStatus == reply->expectsStatus,
                    "the store does what the model does");
                ++next;
                ++replies;
            } else if (const auto *page = std::get_if<ItemPage>(&event)) {
                check(*page);
            } else if (const auto *answer = std::get_if<ProofAnswer>(&event)) {
                check(*answer);
            } else if (const auto *push = std::get_if<ItemPush>(&event)) {
                check(*push);
            }
            m_events[thread].push_back(std::move(event));
        }
    }
    require(replies == expected.size(), "each request is answered");
}

/** What is acked, purged or expired is in no page that is read afterwards. */
void Play::check(const ItemPage &page)
{
    // Pages of the two threads were asked for in one order, and are looked at in another.
    const auto asked = std::ranges::find_if(m_toReader, [&](const ReadRequest &read) {
        const auto *request = std::get_if<PageRequest>(&read);
        return request && request->connection == page.to
            && (request->query.kind == PageQuery::Kind::Mailbox) == (page.kind == ItemKind::Blob);
    });
    require(asked != m_toReader.end() && !page.failed, "a page was asked for");
    const auto rows = m_model.rowsFor(std::get<PageRequest>(*asked).query, now());
    m_toReader.erase(asked);
    require(page.items.size() <= rows.size() && page.isLast == (page.items.size() == rows.size()),
        "a page says whether it is the last");
    for (size_t n = 0; n < page.items.size(); ++n) {
        const StoredItem &item = page.items[n];
        require(item.sequence.value == rows[n].sequence && item.version == rows[n].version
                && item.sender == rows[n].sender && item.storedAt == rows[n].storedAt
                && item.payload == rows[n].payload,
            "a page holds what the model holds");
    }
}

void Play::check(const ProofAnswer &answer)
{
    const auto asked = std::ranges::find_if(m_toReader, [&](const ReadRequest &read) {
        const auto *request = std::get_if<ProofRequest>(&read);
        return request && request->origin.connection == answer.origin.connection;
    });
    require(asked != m_toReader.end() && !answer.failed, "proofs were asked for");
    const auto &request = std::get<ProofRequest>(*asked);
    require(request.origin.messageId == answer.origin.messageId, "queries are answered in order");
    require(answer.response == m_model.proofsFor(request.query, now()), "proofs are the model's");
    m_toReader.erase(asked);
}

void Play::check(const ItemPush &push) const
{
    const auto sequence = push.sequence.value;
    if (push.kind == ItemKind::Blob) {
        const auto blob = m_model.blobs.find(sequence);
        require(blob != m_model.blobs.end(), "a push is of something that was stored");
        require(!push.item || push.item->payload == blob->second.payload, "a push is the blob");
    } else {
        require(m_model.messages.contains(sequence), "a push is of something that was stored");
    }
}

void Play::look(Slot &slot)
{
    for (; slot.looked < slot.peer.sent.size(); ++slot.looked)
        look(slot, slot.peer.sent[slot.looked]);
    require(slot.peer.closes.empty(), "nobody is sent away");
}

void Play::look(Slot &slot, const Envelope &envelope)
{
    require(envelope.messageId.size() == 36 || is<PurgeResponse>(envelope.message)
            || is<RecoveryProofResponse>(envelope.message),
        "the relay's own ids are UUIDs");
    if (const auto *ack = std::get_if<Acknowledgment>(&envelope.message))
        lookAtAck(slot, *ack);
    else if (const auto *update = std::get_if<EncryptedUpdate>(&envelope.message))
        lookAtBlob(slot, envelope.messageId, *update);
    else if (const auto *message = std::get_if<DeviceSyncMessage>(&envelope.message))
        lookAtMessage(slot, envelope.messageId, *message);
    else if (is<PurgeResponse>(envelope.message) || is<RecoveryProofResponse>(envelope.message))
        ++slot.answered;
    else
        require(is<HandshakeAck>(envelope.message), "the relay sends what a relay sends");
}

void Play::lookAtAck(Slot &slot, const Acknowledgment &ack)
{
    const auto sequence = m_ids->sequenceOf(ItemKind::Blob, ack.blobId);
    require(sequence.has_value() == !ack.blobId.isEmpty(), "an id is one that was given out");
    const bool isAnswer = ack.status == AckStatus::Stored || ack.status == AckStatus::Failed;
    if (isAnswer)
        ++slot.answered;
    if (!sequence) {
        require(isAnswer, "a receipt names its blob");
        return;
    }
    const auto it = m_model.blobs.find(sequence->value);
    require(it != m_model.blobs.end(), "only what was stored is named");
    const StoreModel::Blob &blob = it->second;
    require(ack.messageId == blob.messageId && blob.senderRoutingId == slot.routingId,
        "the sender hears of its own");
    if (ack.status == AckStatus::ReceivedByRecipient)
        require(blob.hasReceipt, "a receipt follows an ack that may be known");
    if (ack.status == AckStatus::Delivered)
        require(m_delivered.contains(sequence->value), "a receipt follows a delivery");
    require(slot.receipts.insert({ack.status, sequence->value}).second, "a receipt comes once");
}

void Play::lookAtBlob(Slot &slot, const QByteArray &id, const EncryptedUpdate &update)
{
    const auto sequence = m_ids->sequenceOf(ItemKind::Blob, id);
    require(sequence && m_model.blobs.contains(sequence->value), "what is delivered was stored");
    const StoreModel::Blob &blob = m_model.blobs.at(sequence->value);
    require(update.recipientId == slot.handshake.routingToken.value_or(slot.handshake.clientId)
            && people::mailbox(blob.mailbox) == slot.routingId,
        "a blob goes to its mailbox");
    const QByteArray sender = update.senderId ? update.senderId->toCompact() : QByteArray();
    require(update.ciphertext == blob.payload && sender == blob.sender, "a blob stays what it was");
    require(sequence->value > slot.lastBlob, "blobs come in order, and each once");
    slot.lastBlob = sequence->value;
    slot.blobs.insert(sequence->value);
    m_delivered.insert(sequence->value);
    ++m_deliveries;
}

void Play::lookAtMessage(Slot &slot, const QByteArray &id, const DeviceSyncMessage &message)
{
    const auto sequence = m_ids->sequenceOf(ItemKind::DeviceMessage, id);
    require(sequence && m_model.messages.contains(sequence->value), "what is delivered was stored");
    const StoreModel::Row &row = m_model.messages.at(sequence->value);
    require(slot.handshake.deviceId && people::queueOf(slot.device) == row.owner,
        "a message goes to its device");
    require(message.encryptedPayload == row.payload && message.version == row.version
            && message.senderDeviceId.toCompact() == row.sender
            && message.targetDeviceId == *slot.handshake.deviceId
            && message.identityId == slot.handshake.clientId,
        "a message stays what it was");
    // What stood there comes by version, what came later as it came.
    const bool isLater = row.sequence > slot.registered;
    const std::tuple place {isLater, isLater ? 0 : row.version, row.sequence};
    require(slot.messages.empty() || place > slot.lastMessage, "messages come in order, each once");
    slot.lastMessage = place;
    slot.messages.insert(row.sequence);
}

void Play::checkBooks()
{
    const Metrics &metrics = m_relay.metrics;
    const auto isSame = [](double counted, size_t actual) {
        return counted == static_cast<double>(actual);
    };
    require(isSame(metrics.blobsCreatedTotal.Value(), m_model.blobs.size())
            && isSame(metrics.blobsAcknowledgedTotal.Value(), m_model.acked)
            && isSame(metrics.blobsPurgedTotal.Value(), m_model.purged)
            && isSame(metrics.blobsExpiredTotal.Value(), m_model.expired),
        "what happened is what was counted");
    const size_t held = m_model.blobs.size() - m_model.acked - m_model.purged - m_model.expired;
    require(held == m_model.rows().blobs.size() && isSame(metrics.blobsStored.Value(), held),
        "what is stored is what came and did not go");
    require(isSame(metrics.storageBytes.Value(), static_cast<size_t>(m_model.rows().storedBytes())),
        "bytes are counted");
    require(metrics.blobsDeliveredTotal.Value() == m_deliveries, "deliveries are counted");
    require(m_relay.budget.bytes() == 0, "nothing is in flight any more");
    require(m_relay.progress.pushBytes == 0, "no push is on its way any more");
}

void Play::checkDelivered(const Slot &slot) const
{
    if (!slot.session)
        return;
    require(slot.session->requestsInFlight() == 0, "each request has been settled");
    if (slot.hasLeft)
        return;
    require(slot.answered == slot.owed, "each message that has an answer was answered, once");
    // What had expired once may have been passed over, though the clock was set back since.
    PageQuery all;
    all.key = {slot.routingId, {}};
    for (const auto &row : m_model.rowsFor(all, m_latest))
        require(slot.blobs.contains(row.sequence), "all that is stored was delivered");
    if (!slot.handshake.deviceId)
        return;
    all.kind = PageQuery::Kind::DeviceLive;
    all.key = slot.device;
    for (const auto &row : m_model.rowsFor(all, m_latest))
        require(slot.messages.contains(row.sequence), "all that is stored was delivered");
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // Timers and queued calls need one.
    static int argc = 1;
    static char name[] = "fuzz_session";
    static char *argv[] = {name, nullptr};
    static const QCoreApplication application(argc, argv);
    static const bool isQuiet = [] {
        QLoggingCategory::setFilterRules(QStringLiteral("relay.*=false"));
        return true;
    }();
    Q_UNUSED(isQuiet);
    Play(FuzzInput({data, static_cast<qsizetype>(size)})).run();
    return 0;
}
