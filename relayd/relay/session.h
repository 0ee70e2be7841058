// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/metrics/metrics.h"
#include "relayd/relay/deliverystream.h"
#include "relayd/relay/iocontext.h"
#include "relayd/relay/messagehandler.h"

#include <memory>

namespace relay {

/**
 * The rules for one connection, from its first message to its end: handshake, limiter, every
 * message, delivery. Knows neither sockets nor SQL; lives on the I/O thread of its connection.
 */
class Session final : public MessageHandler {
public:
    Session(ConnectionId id, Peer &peer, IoContext &io);
    /** Leaves presence, if leave() was not called before. */
    ~Session() override;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    /** MessageHandlerFactory. */
    static std::unique_ptr<MessageHandler> forPeer(ConnectionId id, Peer &peer, IoContext &io);

    void receive(QByteArrayView frame) override;
    void receiveForged(QByteArrayView reason) override;
    /** None of the protocol's messages. */
    void receiveText(QByteArrayView text) override;

    void handle(IoEvent &event) override;
    void handle(StoreReply &reply);
    void handle(ItemPush &push);
    void handle(ItemPage &page);
    void handle(ProofAnswer &answer);
    void handle(ProvenAnswer &answer);
    void handle(IdProven &proven);
    void handle(Receipt &receipt);

    void continueDelivery() override;
    void leave() override;

    bool isHandshakeDone() const override { return m_member && m_member->isAdmitted; }
    bool isDeciding() const override { return m_member && !m_member->isAdmitted; }
    int requestsInFlight() const override { return m_requestsInFlight; }
    bool isOverItsShare() const override;

private:
    /** What a connection has once its handshake has come; a silent stranger costs none of it. */
    struct Member {
        explicit Member(const Handshake &handshake);

        /** These three as written: deliveries repeat them. */
        WrittenId clientId;
        WrittenId routingId;
        std::optional<WrittenId> deviceId;
        std::optional<DeviceKey> device;
        bool suppressPresence;
        /** The handshake was signed, by the key that clientId names. */
        bool isSigned;
        /** Where other relays may have seen the nonce too, the store was asked. */
        bool isNonceAsked = false;
        /** It has been decided that this peer may use its ids. */
        bool isAdmitted = false;
        DeliveryStream mailbox;
        std::optional<DeliveryStream> deviceMessages;
        /** The mailbox has been delivered once, so it is the device messages' turn. */
        bool mailboxWasLive = false;
        /** Items that the peer's messages cannot carry; they stay in the store. */
        int undeliverable = 0;
        /** Items written that have not been acked: each gives one ack free of the limiter. */
        int freeAcks = 0;
    };

    void shakeHands(const Handshake &handshake);
    void askForStanding();
    void decide(const ProvenAnswer &standing);
    void admit();
    void refuseHandshake(QByteArrayView reason);
    bool passesLimiter(const Message &message);
    bool passesRecoveryLimiter(const Envelope &envelope);

    void carryOut(Envelope &envelope, EncryptedUpdate &update);
    void carryOut(Envelope &envelope, Acknowledgment &ack);
    void carryOut(Envelope &envelope, RecoveryProofStore &proof);
    void carryOut(Envelope &envelope, RecoveryProofQuery &query);
    void carryOut(Envelope &envelope, DeviceSyncMessage &message);
    void carryOut(Envelope &envelope, DeviceSyncAck &ack);
    void carryOut(Envelope &envelope, PurgeRequest &purge);
    void carryOut(Envelope &envelope, AccountRevoked &revoked);
    void carryOut(Envelope &envelope, Invalid &invalid);
    void carryOut(Envelope &envelope, Unknown &unknown);
    /** Messages that only a relay sends, and a second handshake: ignored. */
    template <typename Other>
    void carryOut(Envelope &envelope, Other &other);

    Origin begin(QByteArray messageId, qint64 payloadBytes);
    /** Whether what is stored can be fetched, where that takes a Noise session like this one. */
    bool isDeliverable(const Message &asDelivered, qint64 payloadBytes) const;
    void submit(StoreOperation operation, QByteArray messageId, qint64 payloadBytes);
    void settle(const Origin &origin);
    void answer(const QByteArray &messageId, AckStatus status, const QByteArray &blobId = {});
    void refuse(RefusalReason reason);
    void send(QByteArray messageId, Message message);
    void send(const Envelope &envelope);
    quint64 unixSeconds() const;
    void observeDuration(TimePoint arrived);

    bool hasRoomFor(ItemKind kind, const StoredItem &item) const;
    /** Writes it, or passes over what the peer's messages cannot carry. */
    void deliver(ItemKind kind, const StoredItem &item);
    Envelope envelopeOf(ItemKind kind, const StoredItem &item) const;
    void pump(DeliveryStream &stream, ItemKind kind);
    DeliveryStream *streamOf(ItemKind kind);

    const ConnectionId m_id;
    Peer &m_peer;
    IoContext &m_io;
    std::unique_ptr<Member> m_member;
    TimePoint m_arrived {};
    qint64 m_bytesInFlight = 0;
    int m_requestsInFlight = 0;
    bool m_hasLeft = false;
};

} // namespace relay
