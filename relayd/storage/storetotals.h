// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/quotaledger.h"
#include "relayd/relay/storerequests.h"

namespace relay {

/** The row `state`: what changes in the same transaction as the rows it counts. */
struct StoreTotals {
    Sequence lastBlob;
    Sequence lastDeviceMessage;
    /** Unix milliseconds. */
    qint64 lastTime = 0;
    Usage blobs;
    Usage deviceMessages;
    Usage proofs;
    qint64 provenIds = 0;

    /**
     * What a row costs beyond its payload: ids, header, index entries. So that empty payloads
     * cannot fill a disk unseen; an estimate, about what `dbstat` shows.
     */
    static constexpr qint64 RowOverhead = 160;

    qint64 rows() const { return blobs.count + deviceMessages.count + proofs.count + provenIds; }
    /** What RELAY_MAX_STORAGE_BYTES limits and relay_storage_bytes shows. */
    qint64 storedBytes() const
    {
        return blobs.bytes + deviceMessages.bytes + proofs.bytes + rows() * RowOverhead;
    }
};

} // namespace relay
