// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

namespace relay::test {

/** A blob as the harness knows it: the number-th store of a connection. */
struct BlobKey {
    quint32 sender = 0;
    quint32 number = 0;

    auto operator<=>(const BlobKey &) const = default;
};

/** What a relay did wrong over the end of its process; all 0 for one that does nothing wrong. */
struct Findings {
    qint64 lost = 0;       ///< answered Stored, not deleted, and not there any more
    qint64 back = 0;       ///< there again after its deletion was proven to be committed
    qint64 invented = 0;   ///< never sent, or sent to another mailbox, or other bytes
    qint64 disordered = 0; ///< behind a later one of the same sender
    qint64 repeated = 0;   ///< twice on one connection
    qint64 refused = 0;    ///< a store or a purge that was not answered with success

    bool operator==(const Findings &) const = default;
};

/**
 * What a relay has been told, what it has answered, and what follows from that for each blob: it
 * must be there, it may be there, or it must not be there any more. Lives over all restarts of the
 * relay. No sockets, no time but the order of its own calls.
 */
class Ledger {
public:
    explicit Ledger(int mailboxes)
        : m_mailboxes(static_cast<size_t>(mailboxes))
    {
    }

    /** The ciphertext of a blob: says which one it is, and every byte follows from that. */
    static QByteArray mailOf(BlobKey key, int size);

    /** A connection that will send; each has a number of its own. */
    quint32 newSender() { return ++m_lastSender; }

    void sending(BlobKey key, int mailbox, int size);
    void stored(BlobKey key);
    /** Its recipient has sent an ack. */
    void acking(BlobKey key);
    /** Something was answered that the relay can know only after that commit. */
    void deletionProven(BlobKey key);
    /** A purge is sent; the number with which to say that it was answered. */
    size_t purging(int mailbox);
    void purged(size_t purge);
    void refused() { ++m_findings.refused; }

    /** What one connection was delivered of one mailbox. */
    class Reading {
    public:
        Reading(Ledger &ledger, int mailbox)
            : m_ledger(ledger)
            , m_mailbox(mailbox)
        {
        }
        /** Nothing: not a blob of this mailbox. */
        std::optional<BlobKey> delivered(const QByteArray &ciphertext);
        /**
         * After a restart, with all that is held read: what has to be there is; what is there
         * stays so from here on, and what is not there must not come any more.
         */
        void finish();

    private:
        Ledger &m_ledger;
        const int m_mailbox;
        std::map<quint32, quint32> m_last;
        std::map<BlobKey, int> m_seen;
    };

    /** The purges of the run that has ended; call after all mailboxes have been read. */
    void endRound() { m_purges.clear(); }

    const Findings &findings() const { return m_findings; }
    qint64 acknowledged() const { return m_acknowledged; }
    /** Blobs whose deletion was proven. */
    qint64 provenDeletions() const { return m_provenDeletions; }

private:
    using Tick = quint64;
    static constexpr Tick Never = ~Tick(0);

    struct Entry {
        int size = 0;
        Tick sentAt = 0;
        Tick storedAt = Never;
        bool isAcked = false;
    };
    struct PurgeNote {
        int mailbox = 0;
        Tick sentAt = 0;
        Tick answeredAt = Never;
    };
    using Mailbox = std::map<BlobKey, Entry>;

    Mailbox *mailboxOf(BlobKey key);
    bool mayBeGone(int mailbox, const Entry &entry) const;
    void remove(Mailbox &mailbox, Mailbox::iterator entry);
    static quint64 packed(BlobKey key) { return quint64(key.sender) << 32 | key.number; }

    Tick m_now = 0;
    quint32 m_lastSender = 0;
    /** What may be held. */
    std::vector<Mailbox> m_mailboxes;
    std::map<BlobKey, int> m_mailboxOf;
    /** What must not be delivered after a restart any more, for ever. */
    std::unordered_set<quint64> m_gone;
    std::vector<PurgeNote> m_purges;
    Findings m_findings;
    qint64 m_acknowledged = 0;
    qint64 m_provenDeletions = 0;
};

} // namespace relay::test
