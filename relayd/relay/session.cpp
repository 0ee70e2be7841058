// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/session.h"

#include "relayd/config/settings.h"
#include "relayd/relay/handshakeverifier.h"

#include <chrono>
#include <limits>
#include <utility>

namespace relay {

namespace {

/** What HandshakeAck lists, the reference's names first. */
std::vector<QByteArray> features(bool isEncrypted)
{
    std::vector<QByteArray> list {"routing_token", "suppress_presence", "purge", "device_sync",
        "recovery_proof", "account_revoked", "authenticated_handshake"};
    if (isEncrypted)
        list.push_back("noise_nk");
    list.insert(list.end(), {"live_delivery", "blob_id_in_ack"});
    return list;
}

/** A proof of an id is written down anew when the last is so old: not at each handshake. */
constexpr std::chrono::seconds ProofRenewal = std::chrono::days(1);

constexpr QByteArrayView SignsItsHandshakes = "this id signs its handshakes";

/** Whether a client waits for a status when it sends this (shared/protocol/README.md, 2.2). */
bool hasStatus(MessageType type)
{
    switch (type) {
    case MessageType::EncryptedUpdate:
    case MessageType::RecoveryProofStore:
    case MessageType::RecoveryProofQuery:
    case MessageType::DeviceSyncMessage:
    case MessageType::PurgeRequest:
    case MessageType::AccountRevoked:
        return true;
    default:
        return false;
    }
}

/** An id and a time for a frame whose size matters, and that are as long as they get. */
const QByteArray LongestId(36, 'x');
constexpr auto LongestTime = std::numeric_limits<quint64>::max();

/** Bytes of the frame that delivers a payload of this size, at most. */
qint64 frameBound(ItemKind kind, qint64 payloadBytes)
{
    // A device-sync message names more ids than a blob, and a version.
    static const qint64 deviceExtra = [] {
        const WrittenId id;
        return encodedSize(
                   {LongestId, LongestTime, DeviceSyncMessage {id, id, id, {}, LongestTime}})
            - encodedUpdateBound(0);
    }();
    const qint64 bound = encodedUpdateBound(payloadBytes);
    return kind == ItemKind::Blob ? bound : bound + deviceExtra;
}

RefusalReason reasonOf(StoreOutcome outcome)
{
    return outcome == StoreOutcome::QuotaFull ? RefusalReason::Quota : RefusalReason::Storage;
}

} // namespace

Session::Member::Member(const Handshake &handshake)
    : clientId(handshake.clientId)
    , routingId(handshake.routingToken.value_or(handshake.clientId))
    , deviceId(handshake.deviceId)
    , suppressPresence(handshake.suppressPresence)
    , isSigned(handshake.signature.has_value())
    , mailbox(DeliveryStream::ofMailbox(routingId.id))
{
    if (deviceId)
        device = DeviceKey {clientId.id, deviceId->id};
}

Session::Session(ConnectionId id, Peer &peer, IoContext &io)
    : m_id(id)
    , m_peer(peer)
    , m_io(io)
{
}

Session::~Session()
{
    leave();
}

void Session::leave()
{
    if (std::exchange(m_hasLeft, true) || !m_member)
        return;
    m_io.relay.presence.removeMailbox(m_member->routingId.id, m_id);
    if (m_member->clientId.id != m_member->routingId.id)
        m_io.relay.presence.removeClient(m_member->clientId.id, m_id);
    if (m_member->deviceMessages)
        m_io.relay.presence.removeDevice(*m_member->device, m_id);
    m_io.relay.metrics.blobsUndeliverable.Decrement(m_member->undeliverable);
}

bool Session::isOverItsShare() const
{
    return m_requestsInFlight >= InFlightBudget::MaxMessagesPerConnection
        || m_bytesInFlight >= InFlightBudget::MaxBytesPerConnection || m_io.relay.budget.isOver();
}

std::unique_ptr<MessageHandler> Session::forPeer(ConnectionId id, Peer &peer, IoContext &io)
{
    return std::make_unique<Session>(id, peer, io);
}

void Session::handle(IoEvent &event)
{
    std::visit([this](auto &what) { handle(what); }, event);
}

void Session::receive(QByteArrayView frame)
{
    Q_ASSERT(!isDeciding());
    m_io.relay.metrics.messagesReceivedTotal.Increment();
    m_arrived = m_io.relay.clock.now();
    auto decoded = m_io.decoder.decode(frame);
    if (!decoded) {
        refuse(RefusalReason::Undecodable);
        if (!m_member)
            m_peer.close(CloseCode::NotDecodable, "the first message is not decodable");
        else
            m_io.relay.presence.takeToken(m_member->routingId.id, m_arrived);
        return;
    }
    if (decoded->prefixMismatch)
        m_io.relay.metrics.framePrefixMismatchTotal.Increment();

    Envelope &envelope = decoded->envelope;
    if (!m_member) {
        if (const auto *handshake = std::get_if<Handshake>(&envelope.message)) {
            shakeHands(*handshake);
        } else if (std::holds_alternative<Invalid>(envelope.message)
            && std::get<Invalid>(envelope.message).type == MessageType::Handshake) {
            refuseHandshake("the handshake has a malformed field");
        } else {
            refuse(RefusalReason::NotExpected);
            m_peer.close(CloseCode::Refused, "the first message is not a Handshake");
        }
        return;
    }
    if (!passesLimiter(envelope.message)) {
        refuse(RefusalReason::Rate);
        answer(envelope.messageId, AckStatus::Failed);
        observeDuration(m_arrived);
        return;
    }
    std::visit([&](auto &message) { carryOut(envelope, message); }, envelope.message);
}

void Session::receiveForged(QByteArrayView reason)
{
    m_io.relay.metrics.messagesReceivedTotal.Increment();
    refuse(RefusalReason::Undecodable);
    m_peer.close(CloseCode::Refused, reason);
}

void Session::receiveText(QByteArrayView)
{
    refuse(RefusalReason::Text);
    if (!m_member)
        m_peer.close(CloseCode::NotBinary, "the first message is not binary");
}

void Session::shakeHands(const Handshake &handshake)
{
    const RelayContext &relay = m_io.relay;
    if (relay.settings.requireNoise && !m_peer.isEncrypted()) {
        refuseHandshake("this relay asks for Noise");
        return;
    }
    if (handshake.signature) {
        if (const auto fault = relay.verifier.verify(handshake, unixSeconds(), m_arrived)) {
            refuseHandshake(textOf(*fault));
            return;
        }
    } else if (relay.settings.requireAuth) {
        refuseHandshake("this relay asks for signed handshakes");
        return;
    }
    m_member = std::make_unique<Member>(handshake);
    const Member &member = *m_member;
    // Registered before anything is read: what is committed from now on is pushed, and a proof that
    // somebody else owns one of the ids finds this connection, or is found by it.
    relay.presence.addMailbox(member.routingId.id, m_id);
    if (member.clientId.id != member.routingId.id)
        relay.presence.addClient(member.clientId.id, m_id);

    if (handshake.signature && relay.progress.isShared) {
        m_member->isNonceAsked = true;
        submit(UseNonce {nonceDigest(*handshake.signature)}, {}, 0);
        return;
    }
    askForStanding();
}

void Session::askForStanding()
{
    const RelayContext &relay = m_io.relay;
    const Member &member = *m_member;
    if (!relay.settings.protectProvenIds)
        admit();
    else if (relay.progress.provenIds > 0 || relay.progress.isShared)
        m_io.store.read(ProvenRequest {begin({}, 0), member.clientId.id, member.routingId.id});
    else
        decide({});
}

void Session::decide(const ProvenAnswer &standing)
{
    const Member &member = *m_member;
    const bool isRoutingIdForeign =
        standing.isRoutingIdProven && member.routingId.id != member.clientId.id;
    if (isRoutingIdForeign || (!member.isSigned && standing.clientProvenAt)) {
        refuseHandshake(SignsItsHandshakes);
        return;
    }
    const qint64 now = m_io.relay.clock.unixMillis();
    const auto life = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::min<std::chrono::seconds>(m_io.relay.settings.blobTtl / 2, ProofRenewal));
    const bool isFresh = standing.clientProvenAt && now - *standing.clientProvenAt < life.count();
    if (member.isSigned && !isFresh)
        submit(ProveId {member.clientId.id}, {}, 0);
    else
        admit();
}

void Session::admit()
{
    Member &member = *m_member;
    member.isAdmitted = true;
    if (member.device) {
        Presence &presence = m_io.relay.presence;
        const StoreProgress &progress = m_io.relay.progress;
        presence.addDevice(*member.device, m_id);
        std::optional<Sequence> registered;
        if (!progress.isShared)
            registered = Sequence {progress.lastDeviceMessage.load()};
        member.deviceMessages = DeliveryStream::ofDevice(*member.device, registered);
    }

    const Settings &settings = m_io.relay.settings;
    HandshakeAck ack;
    ack.serverVersion = RELAY_VERSION;
    ack.features = features(m_peer.isEncrypted());
    ack.limits = Limits {static_cast<quint64>(m_peer.maxIncomingFrameSize()),
        static_cast<quint64>(settings.rateLimitPerMin),
        static_cast<quint64>(settings.blobTtl.count()),
        static_cast<quint64>(settings.maxBlobsPerRecipient)};
    send(m_io.wireIds.fresh(), std::move(ack));
    observeDuration(m_arrived);
    continueDelivery();
}

void Session::refuseHandshake(QByteArrayView reason)
{
    refuse(RefusalReason::Invalid);
    m_peer.close(CloseCode::Refused, reason);
}

void Session::handle(ProvenAnswer &answerOfStore)
{
    settle(answerOfStore.origin);
    if (m_hasLeft)
        return;
    if (answerOfStore.failed) {
        refuse(RefusalReason::Storage);
        m_peer.close(CloseCode::Internal, "the store cannot be read; try again");
        return;
    }
    decide(answerOfStore);
}

void Session::handle(IdProven &proven)
{
    if (m_hasLeft || (m_member->isSigned && m_member->clientId.id == proven.id))
        return;
    if (isDeciding())
        refuseHandshake(SignsItsHandshakes);
    else
        m_peer.close(CloseCode::Refused, SignsItsHandshakes);
}

bool Session::passesLimiter(const Message &message)
{
    const bool isAck = std::holds_alternative<Acknowledgment>(message)
        || std::holds_alternative<DeviceSyncAck>(message);
    if (isAck && m_member->freeAcks > 0) {
        --m_member->freeAcks;
        return true;
    }
    return m_io.relay.presence.takeToken(m_member->routingId.id, m_arrived);
}

bool Session::passesRecoveryLimiter(const Envelope &envelope)
{
    if (m_io.relay.presence.takeRecoveryToken(m_member->routingId.id, m_arrived))
        return true;
    refuse(RefusalReason::RecoveryRate);
    answer(envelope.messageId, AckStatus::Failed);
    observeDuration(m_arrived);
    return false;
}

void Session::carryOut(Envelope &envelope, EncryptedUpdate &update)
{
    const qint64 size = update.ciphertext.size();
    if (!isDeliverable(update, size)) {
        Invalid invalid {MessageType::EncryptedUpdate};
        carryOut(envelope, invalid);
        return;
    }
    submit(StoreBlob {update.recipientId.id, update.senderId, std::move(update.ciphertext),
               m_member->routingId.id},
        std::move(envelope.messageId), size);
}

void Session::carryOut(Envelope &, Acknowledgment &ack)
{
    if (ack.status != AckStatus::ReceivedByRecipient && ack.status != AckStatus::Delivered)
        return;
    // An id that was never given out is an ack for nothing, like one for a blob that is gone.
    if (const auto sequence = m_io.wireIds.sequenceOf(ItemKind::Blob, ack.messageId))
        submit(AckBlob {m_member->routingId.id, *sequence, m_member->suppressPresence}, {}, 0);
}

void Session::carryOut(Envelope &envelope, RecoveryProofStore &proof)
{
    if (!passesRecoveryLimiter(envelope))
        return;
    const qint64 size = proof.proofData.size();
    submit(StoreProof {proof.keyHash, std::move(proof.proofData)}, std::move(envelope.messageId),
        size);
}

void Session::carryOut(Envelope &envelope, RecoveryProofQuery &query)
{
    if (!passesRecoveryLimiter(envelope))
        return;
    // What may come back counts: a short query must not bring more than its sender takes.
    const auto hits = static_cast<qint64>(query.keyHashes.size());
    const qint64 size = std::min<qint64>(m_io.relay.settings.maxMessageSize,
        hits * encodedUpdateBound(RecoveryProofStore::MaxProofBytes));
    const auto maxFrame =
        std::min<qsizetype>(m_io.relay.settings.maxMessageSize, m_peer.maxFrameSize());
    submit(QueryProofs {std::move(query.keyHashes), maxFrame}, std::move(envelope.messageId), size);
}

void Session::carryOut(Envelope &envelope, DeviceSyncMessage &message)
{
    const qint64 size = message.encryptedPayload.size();
    if (message.identityId.id != m_member->clientId.id || !isDeliverable(message, size)) {
        Invalid invalid {MessageType::DeviceSyncMessage};
        carryOut(envelope, invalid);
        return;
    }
    submit(StoreDeviceMessage {{m_member->clientId.id, message.targetDeviceId.id},
               message.senderDeviceId, message.version, std::move(message.encryptedPayload)},
        std::move(envelope.messageId), size);
}

void Session::carryOut(Envelope &, DeviceSyncAck &ack)
{
    if (!m_member->device)
        return;
    if (const auto sequence = m_io.wireIds.sequenceOf(ItemKind::DeviceMessage, ack.messageId))
        submit(AckDeviceMessage {*m_member->device, *sequence}, {}, 0);
}

void Session::carryOut(Envelope &envelope, PurgeRequest &purge)
{
    Purge operation {m_member->routingId.id, std::nullopt, std::nullopt};
    if (purge.includeDeviceSync)
        operation.devicesOf = m_member->clientId.id;
    if (purge.includeRecoveryProofs)
        operation.proof = purge.recoveryKeyHash;
    submit(operation, std::move(envelope.messageId), 0);
}

void Session::carryOut(Envelope &envelope, AccountRevoked &revoked)
{
    const WrittenId sender = revoked.senderId;
    const Id recipient = revoked.recipientId.id;
    // The recipient finds the whole envelope, framed, where a ciphertext would be. As JSON that is
    // up to four times as long, and must still be a message that the recipient may send itself.
    QByteArray frame = encodeFrame(envelope);
    const qint64 size = frame.size();
    if (encodedUpdateBound(size) > m_io.relay.settings.maxMessageSize
        || !isDeliverable(EncryptedUpdate {revoked.recipientId, sender, frame}, size)) {
        Invalid invalid {MessageType::AccountRevoked};
        carryOut(envelope, invalid);
        return;
    }
    submit(StoreBlob {recipient, sender, std::move(frame), m_member->routingId.id},
        std::move(envelope.messageId), size);
}

void Session::carryOut(Envelope &envelope, Invalid &invalid)
{
    refuse(RefusalReason::Invalid);
    if (!hasStatus(invalid.type))
        return;
    answer(envelope.messageId, AckStatus::Failed);
    observeDuration(m_arrived);
}

void Session::carryOut(Envelope &, Unknown &)
{
    refuse(RefusalReason::Unknown);
}

template <typename Other>
void Session::carryOut(Envelope &, Other &)
{
    refuse(RefusalReason::NotExpected);
}

void Session::refuse(RefusalReason reason)
{
    m_io.relay.metrics.refused(reason);
}

bool Session::isDeliverable(const Message &asDelivered, qint64 payloadBytes) const
{
    if (!m_io.relay.settings.requireNoise
        || frameBound(ItemKind::DeviceMessage, payloadBytes) <= m_peer.maxFrameSize())
        return true;
    return encodedSize({LongestId, LongestTime, asDelivered}) <= m_peer.maxFrameSize();
}

Origin Session::begin(QByteArray messageId, qint64 payloadBytes)
{
    const qint64 cost = InFlightBudget::RequestOverhead + messageId.size() + payloadBytes;
    ++m_requestsInFlight;
    m_bytesInFlight += cost;
    m_io.relay.budget.take(cost);
    return {m_id, std::move(messageId), m_arrived, cost};
}

void Session::submit(StoreOperation operation, QByteArray messageId, qint64 payloadBytes)
{
    m_io.store.write({begin(std::move(messageId), payloadBytes), std::move(operation)});
}

void Session::settle(const Origin &origin)
{
    --m_requestsInFlight;
    m_bytesInFlight -= origin.cost;
    Q_ASSERT(m_requestsInFlight >= 0 && m_bytesInFlight >= 0);
}

void Session::handle(StoreReply &reply)
{
    settle(reply.origin);
    if (isDeciding()) {
        if (m_hasLeft)
            return;
        if (!std::exchange(m_member->isNonceAsked, false)) {
            // The peer has shown who it is, so it is served even where that cannot be written down
            // now.
            admit();
        } else if (reply.outcome == StoreOutcome::Done) {
            askForStanding();
        } else if (reply.outcome == StoreOutcome::Refused) {
            refuseHandshake(textOf(SignatureFault::Replayed));
        } else {
            refuse(RefusalReason::Storage);
            m_peer.close(CloseCode::Internal, "the store cannot be asked; try again");
        }
        return;
    }
    const bool hasFailed = reply.outcome != StoreOutcome::Done;
    if (hasFailed)
        refuse(reasonOf(reply.outcome));
    if (m_hasLeft)
        return;
    if (reply.purged)
        send(std::move(reply.origin.messageId), *reply.purged);
    else if (hasFailed && reply.expectsStatus)
        answer(reply.origin.messageId, AckStatus::Failed);
    else if (reply.expectsStatus)
        answer(reply.origin.messageId, AckStatus::Stored,
            reply.stored ? m_io.wireIds.idOf(ItemKind::Blob, *reply.stored) : QByteArray());
    else
        return;
    observeDuration(reply.origin.arrived);
}

void Session::handle(ProofAnswer &answerOfStore)
{
    settle(answerOfStore.origin);
    if (answerOfStore.failed)
        refuse(RefusalReason::Storage);
    if (m_hasLeft)
        return;
    if (answerOfStore.failed)
        answer(answerOfStore.origin.messageId, AckStatus::Failed);
    else
        send(std::move(answerOfStore.origin.messageId), std::move(answerOfStore.response));
    observeDuration(answerOfStore.origin.arrived);
}

void Session::handle(Receipt &receipt)
{
    // Others decide how many there are, so a peer that does not read gets none: they are news, not
    // answers that are owed.
    const bool hasRoom = m_peer.unsentBytes() <= m_io.relay.settings.maxUnsentBytes;
    if (isHandshakeDone() && !m_hasLeft && hasRoom)
        answer(receipt.messageId, receipt.status, m_io.wireIds.idOf(ItemKind::Blob, receipt.blob));
}

DeliveryStream *Session::streamOf(ItemKind kind)
{
    if (!isHandshakeDone() || m_hasLeft)
        return nullptr;
    if (kind == ItemKind::Blob)
        return &m_member->mailbox;
    return m_member->deviceMessages ? &*m_member->deviceMessages : nullptr;
}

void Session::handle(ItemPush &push)
{
    DeliveryStream *stream = streamOf(push.kind);
    if (!stream)
        return;
    if (push.item && stream->wants(push.sequence) && hasRoomFor(push.kind, *push.item)) {
        deliver(push.kind, *push.item);
        stream->wrote(push.sequence);
        return;
    }
    stream->remember(push.sequence);
    continueDelivery();
}

void Session::handle(ItemPage &page)
{
    DeliveryStream *stream = streamOf(page.kind);
    if (!stream)
        return;
    const bool hasFailed = page.failed;
    stream->page(std::move(page));
    // A store that cannot be read now is asked again when time has passed, not at once.
    if (!hasFailed)
        continueDelivery();
}

void Session::continueDelivery()
{
    if (!isHandshakeDone() || m_hasLeft)
        return;
    pump(m_member->mailbox, ItemKind::Blob);
    m_member->mailboxWasLive |= m_member->mailbox.isLive();
    if (m_member->deviceMessages && m_member->mailboxWasLive)
        pump(*m_member->deviceMessages, ItemKind::DeviceMessage);
}

void Session::pump(DeliveryStream &stream, ItemKind kind)
{
    while (const StoredItem *item = stream.head()) {
        if (!hasRoomFor(kind, *item))
            return;
        deliver(kind, *item);
        stream.popHead();
    }
    // No page is read ahead for a peer that does not take what it has.
    if (m_peer.unsentBytes() >= m_io.relay.settings.maxUnsentBytes)
        return;
    if (const auto query = stream.nextRead())
        m_io.store.read(PageRequest {m_id, *query});
}

bool Session::hasRoomFor(ItemKind kind, const StoredItem &item) const
{
    const qint64 unsent = m_peer.unsentBytes();
    return unsent == 0
        || unsent + frameBound(kind, item.payload.size()) <= m_io.relay.settings.maxUnsentBytes;
}

Envelope Session::envelopeOf(ItemKind kind, const StoredItem &item) const
{
    const auto sender = WrittenId::fromCompact(item.sender);
    QByteArray id = m_io.wireIds.idOf(kind, item.sequence);
    if (kind == ItemKind::Blob)
        return {std::move(id), 0, EncryptedUpdate {m_member->routingId, sender, item.payload}};
    return {std::move(id), 0,
        DeviceSyncMessage {m_member->clientId, *m_member->deviceId, sender.value_or(WrittenId {}),
            item.payload, item.version}};
}

void Session::deliver(ItemKind kind, const StoredItem &item)
{
    Envelope envelope = envelopeOf(kind, item);
    Metrics &metrics = m_io.relay.metrics;
    envelope.timestamp = unixSeconds();
    if (frameBound(kind, item.payload.size()) > m_peer.maxFrameSize()
        && encodedSize(envelope) > m_peer.maxFrameSize()) {
        ++m_member->undeliverable;
        metrics.blobsUndeliverable.Increment();
        return;
    }
    send(std::move(envelope));
    ++m_member->freeAcks;
    if (kind != ItemKind::Blob)
        return;
    metrics.blobsDeliveredTotal.Increment();
    const qint64 waited = m_io.relay.clock.unixMillis() - item.storedAt;
    metrics.deliveryDelaySeconds.Observe(static_cast<double>(std::max(waited, qint64(0))) / 1e3);
    if (!m_member->suppressPresence)
        m_io.store.noteDelivered(item.sequence);
}

void Session::answer(const QByteArray &messageId, AckStatus status, const QByteArray &blobId)
{
    send(m_io.wireIds.fresh(), Acknowledgment {messageId, status, blobId});
}

void Session::send(QByteArray messageId, Message message)
{
    send({std::move(messageId), unixSeconds(), std::move(message)});
}

void Session::send(const Envelope &envelope)
{
    const QByteArray frame = encodeFrame(envelope);
    if (frame.size() > m_peer.maxFrameSize()) {
        // An answer repeats the client's message id, which may be as long as a message.
        m_peer.close(CloseCode::Refused, "the answer does not fit into a message");
        return;
    }
    m_io.relay.metrics.messagesSentTotal.Increment();
    m_peer.send(frame);
}

quint64 Session::unixSeconds() const
{
    return static_cast<quint64>(std::max(m_io.relay.clock.unixMillis() / 1000, qint64(0)));
}

void Session::observeDuration(TimePoint arrived)
{
    const std::chrono::duration<double> seconds = m_io.relay.clock.now() - arrived;
    m_io.relay.metrics.messageDurationSeconds.Observe(seconds.count());
}

} // namespace relay
