// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/connectionid.h"
#include "relayd/relay/tokenbucket.h"
#include "shared/protocol/ids.h"

#include <QVarLengthArray>

#include <array>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace relay {

/** Where the messages of a device-sync go: one device of one client. */
struct DeviceKey {
    Id client;
    Id device;

    bool operator==(const DeviceKey &) const = default;
};

struct DeviceKeyHash {
    size_t operator()(const DeviceKey &key) const noexcept
    {
        return IdHash()(key.client) * 31 + IdHash()(key.device);
    }
};

/**
 * Who is online: routing id -> its connections and its rate buckets, device -> its connections, and
 * client id -> those of its connections that go by another routing id.
 *
 * The one thing that threads share. Sharded, each shard behind a lock of its own that is held for a
 * look-up and never across a call. Bounded: a routing id without connections is forgotten once its
 * buckets are full again.
 */
class Presence {
public:
    using Connections = QVarLengthArray<ConnectionId, 4>;

    /** `general`: all messages; `recovery`: recovery proofs, on top of it. */
    Presence(Rate general, Rate recovery);

    void addMailbox(const Id &routingId, ConnectionId connection);
    void removeMailbox(const Id &routingId, ConnectionId connection);
    Connections mailbox(const Id &routingId) const;

    void addDevice(const DeviceKey &device, ConnectionId connection);
    void removeDevice(const DeviceKey &device, ConnectionId connection);
    Connections device(const DeviceKey &device) const;

    void addClient(const Id &clientId, ConnectionId connection);
    void removeClient(const Id &clientId, ConnectionId connection);
    /** Those that go by `id`, be it as routing id or as client id. */
    Connections usersOf(const Id &id) const;

    /** Everybody who is online, one shard after the other: routing ids, devices, and all ids that
     * a connection goes by. */
    std::vector<Id> onlineMailboxes() const;
    std::vector<DeviceKey> onlineDevices() const;
    std::vector<Id> usedIds() const;

    bool takeToken(const Id &routingId, TimePoint now);
    bool takeRecoveryToken(const Id &routingId, TimePoint now);

    /** Forgets what has refilled, in one shard a call. From one thread, every second or so. */
    void sweep(TimePoint now);

    /** Routing ids remembered now, online or not. For tests and for bounds. */
    size_t mailboxCount() const;

private:
    struct Mailbox {
        QVarLengthArray<ConnectionId, 1> connections;
        TokenBucket general;
        TokenBucket recovery;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<Id, Mailbox, IdHash> mailboxes;
        std::unordered_map<DeviceKey, QVarLengthArray<ConnectionId, 1>, DeviceKeyHash> devices;
        std::unordered_map<Id, QVarLengthArray<ConnectionId, 1>, IdHash> clients;
    };
    static constexpr size_t ShardCount = 64;

    Shard &shardOf(const Id &id) { return m_shards[IdHash()(id) / 64 % ShardCount]; }
    const Shard &shardOf(const Id &id) const { return m_shards[IdHash()(id) / 64 % ShardCount]; }

    const Rate m_general;
    const Rate m_recovery;
    std::array<Shard, ShardCount> m_shards;
    size_t m_nextToSweep = 0;
};

} // namespace relay
