// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/presence.h"

namespace relay {

namespace {

template <typename Map, typename Key>
void remove(Map &map, const Key &key, ConnectionId connection)
{
    const auto it = map.find(key);
    if (it == map.end())
        return;
    it->second.removeOne(connection);
    if (it->second.isEmpty())
        map.erase(it);
}

} // namespace

Presence::Presence(Rate general, Rate recovery)
    : m_general(general)
    , m_recovery(recovery)
{
}

void Presence::addMailbox(const Id &routingId, ConnectionId connection)
{
    Shard &shard = shardOf(routingId);
    const std::lock_guard lock(shard.mutex);
    shard.mailboxes[routingId].connections.append(connection);
}

void Presence::removeMailbox(const Id &routingId, ConnectionId connection)
{
    Shard &shard = shardOf(routingId);
    const std::lock_guard lock(shard.mutex);
    // The entry stays for its buckets: a reconnect must not refill them. sweep() forgets it.
    if (const auto it = shard.mailboxes.find(routingId); it != shard.mailboxes.end())
        it->second.connections.removeOne(connection);
}

Presence::Connections Presence::mailbox(const Id &routingId) const
{
    const Shard &shard = shardOf(routingId);
    const std::lock_guard lock(shard.mutex);
    const auto it = shard.mailboxes.find(routingId);
    if (it == shard.mailboxes.end())
        return {};
    return Connections(it->second.connections.begin(), it->second.connections.end());
}

void Presence::addDevice(const DeviceKey &device, ConnectionId connection)
{
    Shard &shard = shardOf(device.client);
    const std::lock_guard lock(shard.mutex);
    shard.devices[device].append(connection);
}

void Presence::removeDevice(const DeviceKey &device, ConnectionId connection)
{
    Shard &shard = shardOf(device.client);
    const std::lock_guard lock(shard.mutex);
    remove(shard.devices, device, connection);
}

Presence::Connections Presence::device(const DeviceKey &device) const
{
    const Shard &shard = shardOf(device.client);
    const std::lock_guard lock(shard.mutex);
    const auto it = shard.devices.find(device);
    if (it == shard.devices.end())
        return {};
    return Connections(it->second.begin(), it->second.end());
}

void Presence::addClient(const Id &clientId, ConnectionId connection)
{
    Shard &shard = shardOf(clientId);
    const std::lock_guard lock(shard.mutex);
    shard.clients[clientId].append(connection);
}

void Presence::removeClient(const Id &clientId, ConnectionId connection)
{
    Shard &shard = shardOf(clientId);
    const std::lock_guard lock(shard.mutex);
    remove(shard.clients, clientId, connection);
}

Presence::Connections Presence::usersOf(const Id &id) const
{
    Connections users = mailbox(id);
    const Shard &shard = shardOf(id);
    const std::lock_guard lock(shard.mutex);
    if (const auto it = shard.clients.find(id); it != shard.clients.end())
        users.append(it->second.data(), it->second.size());
    return users;
}

std::vector<Id> Presence::onlineMailboxes() const
{
    std::vector<Id> ids;
    for (const Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        for (const auto &[id, mailbox] : shard.mailboxes) {
            if (!mailbox.connections.isEmpty())
                ids.push_back(id);
        }
    }
    return ids;
}

std::vector<DeviceKey> Presence::onlineDevices() const
{
    std::vector<DeviceKey> devices;
    for (const Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        for (const auto &[device, connections] : shard.devices)
            devices.push_back(device);
    }
    return devices;
}

std::vector<Id> Presence::usedIds() const
{
    std::vector<Id> ids = onlineMailboxes();
    for (const Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        for (const auto &[id, connections] : shard.clients)
            ids.push_back(id);
    }
    return ids;
}

bool Presence::takeToken(const Id &routingId, TimePoint now)
{
    if (m_general.isUnlimited())
        return true;
    Shard &shard = shardOf(routingId);
    const std::lock_guard lock(shard.mutex);
    return shard.mailboxes[routingId].general.take(m_general, now);
}

bool Presence::takeRecoveryToken(const Id &routingId, TimePoint now)
{
    if (m_recovery.isUnlimited())
        return true;
    Shard &shard = shardOf(routingId);
    const std::lock_guard lock(shard.mutex);
    return shard.mailboxes[routingId].recovery.take(m_recovery, now);
}

void Presence::sweep(TimePoint now)
{
    Shard &shard = m_shards[m_nextToSweep++ % ShardCount];
    const std::lock_guard lock(shard.mutex);
    std::erase_if(shard.mailboxes, [&](const auto &entry) {
        const Mailbox &mailbox = entry.second;
        return mailbox.connections.isEmpty() && mailbox.general.isFull(m_general, now)
            && mailbox.recovery.isFull(m_recovery, now);
    });
}

size_t Presence::mailboxCount() const
{
    size_t count = 0;
    for (const Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        count += shard.mailboxes.size();
    }
    return count;
}

} // namespace relay
