// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/ioevents.h"
#include "tests/support/mailboxmodel.h"
#include "tests/support/rawclient.h"

#include <map>
#include <optional>
#include <set>

namespace relay::test {

/** Whom the target `session` knows: few enough that they meet. */
namespace people {

constexpr int Mailboxes = 4;
constexpr int DevicesEach = 2;
constexpr int Proofs = 3;

inline Id mailbox(int n)
{
    return idOf(static_cast<quint8>(0xa0 + n));
}
inline Id device(int n)
{
    return idOf(static_cast<quint8>(0x80 + n));
}
inline Id proof(int n)
{
    return idOf(static_cast<quint8>(0x40 + n));
}
/** The number that mailbox(), device() or proof() was given. */
inline int numberOf(const Id &id)
{
    return id.bytes[0] % 0x10;
}
/** The number of a device's queue. */
inline int queueOf(const DeviceKey &key)
{
    return numberOf(key.client) * DevicesEach + numberOf(key.device);
}

} // namespace people

/**
 * What the store must answer: each request is applied to lists that are gone through from the
 * beginning (MailboxModel), and what ever stood in them is remembered.
 */
class StoreModel {
public:
    struct Blob {
        int mailbox;
        QByteArray sender; ///< compact
        QByteArray payload;
        Id senderRoutingId;
        QByteArray messageId;    ///< the sender's own
        bool hasReceipt = false; ///< it was acked by somebody who does not hide
    };
    using Row = MailboxModel::Row;

    StoreModel(const MailboxModel::Limits &limits, qint64 lifetimeMillis)
        : m_rows(limits)
        , m_lifetime(lifetimeMillis)
    {
    }

    /** What the writer has to say to `request`, if it is one that is answered. */
    std::optional<StoreReply> apply(const StoreRequest &request, qint64 now)
    {
        StoreReply reply;
        reply.origin = request.origin;
        const bool isAnswered =
            std::visit([&](const auto &operation) { return apply(operation, request, now, reply); },
                request.operation);
        return isAnswered ? std::optional(reply) : std::nullopt;
    }

    void sweep(qint64 now)
    {
        expired += MailboxModel::sweep(m_rows.blobs, now - m_lifetime).size();
        MailboxModel::sweep(m_rows.messages, now - m_lifetime);
        std::erase_if(
            m_rows.proofs, [&](const auto &entry) { return entry.second.expiresAt <= now; });
    }

    /** What a page from `query` on may hold now, in its order. */
    std::vector<Row> rowsFor(const PageQuery &query, qint64 now) const
    {
        const bool isMailbox = query.kind == PageQuery::Kind::Mailbox;
        auto rows = isMailbox ? MailboxModel::of(m_rows.blobs, people::numberOf(query.key.client))
                              : MailboxModel::of(m_rows.messages, people::queueOf(query.key));
        std::erase_if(rows, [&](const Row &row) { return row.storedAt <= now - m_lifetime; });
        if (query.kind != PageQuery::Kind::DeviceBacklog) {
            std::erase_if(rows, [&](const Row &row) { return row.sequence <= query.after.value; });
            return rows;
        }
        const auto place = [](const Row &row) { return std::pair(row.version, row.sequence); };
        std::erase_if(rows, [&](const Row &row) {
            return row.sequence > query.upTo->value
                || (query.afterVersion
                    && place(row) <= std::pair(*query.afterVersion, query.after.value));
        });
        std::ranges::sort(rows, {}, place);
        return rows;
    }

    RecoveryProofResponse proofsFor(const QueryProofs &query, qint64 now) const
    {
        RecoveryProofResponse response;
        for (const Id &hash : query.keyHashes) {
            const auto it = m_rows.proofs.find(people::numberOf(hash));
            if (it != m_rows.proofs.end() && it->second.expiresAt > now)
                response.proofs.push_back({hash, it->second.bytes});
        }
        return response;
    }

    const MailboxModel &rows() const { return m_rows; }
    /** All that was ever stored, by sequence. */
    std::map<qint64, Blob> blobs;
    std::map<qint64, Row> messages;
    size_t acked = 0;
    size_t purged = 0;
    size_t expired = 0;

private:
    static StoreOutcome outcomeOf(ApplyResult result)
    {
        return result == ApplyResult::Done     ? StoreOutcome::Done
            : result == ApplyResult::QuotaFull ? StoreOutcome::QuotaFull
                                               : StoreOutcome::Refused;
    }
    /** Whether there is room, for a row of its own and in its queue. */
    bool mayAdd(
        const std::vector<Row> &rows, int owner, const QByteArray &payload, StoreReply &reply) const
    {
        reply.expectsStatus = true;
        const ApplyResult result = m_rows.hasRoom(payload.size())
            ? m_rows.quota(rows, owner, payload.size())
            : ApplyResult::StoreFull;
        reply.outcome = outcomeOf(result);
        return result == ApplyResult::Done;
    }

    bool apply(const StoreBlob &store, const StoreRequest &request, qint64 now, StoreReply &reply)
    {
        const int owner = people::numberOf(store.recipient);
        if (!mayAdd(m_rows.blobs, owner, store.ciphertext, reply))
            return true;
        m_rows.lastTime = std::max(m_rows.lastTime, now);
        reply.stored = Sequence {++m_rows.lastBlob};
        const QByteArray sender = store.sender ? store.sender->toCompact() : QByteArray();
        m_rows.blobs.push_back(
            {m_rows.lastBlob, owner, 0, sender, m_rows.lastTime, store.ciphertext});
        blobs[m_rows.lastBlob] = {
            owner, sender, store.ciphertext, store.senderRoutingId, request.origin.messageId};
        return true;
    }
    bool apply(const StoreDeviceMessage &store, const StoreRequest &, qint64 now, StoreReply &reply)
    {
        const int owner = people::queueOf(store.target);
        if (!mayAdd(m_rows.messages, owner, store.payload, reply))
            return true;
        m_rows.lastTime = std::max(m_rows.lastTime, now);
        const Row row {++m_rows.lastMessage, owner, store.version, store.senderDevice.toCompact(),
            m_rows.lastTime, store.payload};
        m_rows.messages.push_back(row);
        messages[row.sequence] = row;
        return true;
    }
    bool apply(const StoreProof &store, const StoreRequest &, qint64 now, StoreReply &reply)
    {
        const int hash = people::numberOf(store.keyHash);
        const auto before = m_rows.proofs.find(hash);
        const qint64 growth = before == m_rows.proofs.end()
            ? store.proof.size()
            : std::max<qint64>(store.proof.size() - before->second.bytes.size(), 0);
        reply.expectsStatus = true;
        reply.outcome = m_rows.hasRoom(growth) ? StoreOutcome::Done : StoreOutcome::Refused;
        using std::chrono::milliseconds;
        if (reply.outcome == StoreOutcome::Done)
            m_rows.proofs[hash] = {store.proof, now + milliseconds(ProofLifetime).count()};
        return true;
    }
    bool apply(const AckBlob &ack, const StoreRequest &, qint64, StoreReply &)
    {
        if (MailboxModel::removeOne(
                m_rows.blobs, people::numberOf(ack.mailbox), ack.sequence.value)) {
            ++acked;
            blobs[ack.sequence.value].hasReceipt = !ack.suppressPresence;
        }
        return true;
    }
    bool apply(const AckDeviceMessage &ack, const StoreRequest &, qint64, StoreReply &)
    {
        MailboxModel::removeOne(m_rows.messages, people::queueOf(ack.device), ack.sequence.value);
        return true;
    }
    bool apply(const Purge &purge, const StoreRequest &, qint64, StoreReply &reply)
    {
        const int owner = people::numberOf(purge.mailbox);
        const auto gone =
            std::erase_if(m_rows.blobs, [&](const Row &row) { return row.owner == owner; });
        const auto goneMessages = std::erase_if(m_rows.messages, [&](const Row &row) {
            return purge.devicesOf
                && row.owner / people::DevicesEach == people::numberOf(*purge.devicesOf);
        });
        const auto goneProofs =
            purge.proof ? m_rows.proofs.erase(people::numberOf(*purge.proof)) : 0;
        purged += gone;
        reply.expectsStatus = true;
        reply.purged = PurgeResponse {gone, goneMessages, goneProofs};
        return true;
    }
    /** Nobody signs here: clients are told apart by what they send. */
    bool apply(const ProveId &, const StoreRequest &, qint64, StoreReply &) { return true; }
    bool apply(const UseNonce &, const StoreRequest &, qint64, StoreReply &) { return true; }
    bool apply(const QueryProofs &, const StoreRequest &, qint64, StoreReply &) { return false; }
    bool apply(const NoteDelivered &, const StoreRequest &, qint64, StoreReply &) { return false; }

    MailboxModel m_rows;
    const qint64 m_lifetime;
};

} // namespace relay::test
