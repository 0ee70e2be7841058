// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/ioevents.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QRandomGenerator>

#include <memory>
#include <optional>

namespace relay {

/**
 * The ids of stored things on the wire: the sequence, encrypted (one AES-128 block) under a key
 * that the database keeps, written as a UUID. In clear it would tell every client how much traffic
 * the relay has; as it is, an ack names its row without an index on ids.
 *
 * Not thread-safe: each thread has its own, made from the same key.
 */
class WireIds {
public:
    static constexpr int KeySize = 16;

    /** `key`: KeySize bytes. */
    explicit WireIds(QByteArrayView key);
    ~WireIds();
    WireIds(const WireIds &) = delete;
    WireIds &operator=(const WireIds &) = delete;

    /** 36 characters, lower case. */
    QByteArray idOf(ItemKind kind, Sequence sequence);
    /** Nothing unless `id` is one that this relay gave to something of this kind. */
    std::optional<Sequence> sequenceOf(ItemKind kind, QByteArrayView id);

    /** A fresh random (version 4) UUID for an envelope that the relay originates. */
    QByteArray fresh();

private:
    struct Private;
    std::unique_ptr<Private> d;
    QRandomGenerator64 m_random;
};

} // namespace relay
