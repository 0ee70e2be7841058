// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/inbox.h"
#include "relayd/relay/iocontext.h"
#include "relayd/relay/ioinboxes.h"
#include "relayd/storage/postgresconnection.h"

#include <QByteArray>
#include <QObject>
#include <QTimer>

#include <optional>
#include <vector>

namespace relay {

/** What one relay tells the others of one database once it is committed. */
struct BusNote {
    enum class Kind : quint8 {
        Blob = 1,          ///< in the mailbox `id`
        DeviceMessage = 2, ///< for the device `device` of `id`
        Proven = 3,        ///< `id` has signed its first handshake
    };
    Kind kind = Kind::Blob;
    Id id;
    Id device;
    Sequence sequence;

    bool operator==(const BusNote &) const = default;
};

/**
 * Seals notes for the other relays of a database, and opens theirs: encrypted under a key that only
 * those who can read the database can know, so whoever only listens learns nothing but that
 * something happened.
 */
class BusSeal {
public:
    /** A notification's payload has less than 8000 bytes. */
    static constexpr qsizetype MaxPayload = 7900;

    explicit BusSeal(const QByteArray &idKey);

    /** Base64, each at most MaxPayload bytes. */
    std::vector<QByteArray> seal(const std::vector<BusNote> &notes) const;
    /** Nothing: it is no payload of a relay on this database. */
    std::optional<std::vector<BusNote>> open(QByteArrayView payload) const;
    /** It was sealed here. */
    bool isOwn(QByteArrayView payload) const;

private:
    QByteArray m_key;
    /** Random; the first bytes of each nonce. */
    QByteArray m_instance;
};

/**
 * Live delivery across the relays of one database, by LISTEN and NOTIFY: tells the others what this
 * relay has committed, and its own connections what the others have. A notification may get lost
 * (a server that restarts, a relay that is killed between commit and notification), so now and
 * then, and whenever the connection is new, it looks what is there for those who are online.
 *
 * A worker object: moved to its thread; everything but inbox() is called there.
 */
class RelayBus : public QObject {
    Q_OBJECT

public:
    /** How long a lost notification can hold up a delivery. */
    static constexpr std::chrono::seconds LookInterval {10};
    /** More than this waiting: instead of single notes, everybody is told to look. */
    static constexpr size_t MaxWaiting = 20'000;

    RelayBus(RelayContext &relay, const IoInboxes &io);
    ~RelayBus() override;

    /** Any thread posts here. */
    Inbox<BusNote> &inbox() { return m_inbox; }

    /** `idKey`: the database's. Whether the server can be reached now or later makes no difference.
     */
    void open(const PostgresConfig &config, const QByteArray &idKey);
    void close();

private:
    void drain();
    void tick();
    void ensureListening();
    void received(const QString &payload);
    void handle(const BusNote &note);
    /** What is there for those who are online. False: the server could not be asked. */
    bool look();
    bool lookAtMailboxes();
    bool lookAtDevices();
    bool lookAtProofs();
    void announce(const Presence::Connections &to, ItemKind kind, Sequence sequence);

    RelayContext &m_relay;
    Inbox<BusNote> m_inbox;
    IoMail m_mail;
    std::optional<PostgresConnection> m_connection;
    std::optional<BusSeal> m_seal;
    QTimer m_tick;
    TimePoint m_lastLook {};
    bool m_isListening = false;
};

} // namespace relay
