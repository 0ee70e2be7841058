// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/storetables.h"

#include <algorithm>
#include <map>
#include <vector>

namespace relay::test {

/** The store as anybody would write it down: lists, gone through from the beginning. */
struct MailboxModel {
    struct Row {
        qint64 sequence;
        int owner; ///< mailbox, or device
        quint64 version;
        QByteArray sender;
        qint64 storedAt;
        QByteArray payload;

        bool operator==(const Row &) const = default;
    };
    struct Proof {
        QByteArray bytes;
        qint64 expiresAt;
    };

    struct Limits {
        qint64 maxCount;
        qint64 maxBytes;
        qint64 maxStorageBytes;
    };

    explicit MailboxModel(const Limits &with)
        : limits(with)
    {
    }

    Limits limits;
    std::vector<Row> blobs;
    std::vector<Row> messages;
    std::map<int, Proof> proofs;
    qint64 lastBlob = 0;
    qint64 lastMessage = 0;
    qint64 lastTime = 0;

    static qint64 bytesOf(const std::vector<Row> &rows)
    {
        qint64 bytes = 0;
        for (const Row &row : rows)
            bytes += row.payload.size();
        return bytes;
    }
    qint64 proofBytes() const
    {
        qint64 bytes = 0;
        for (const auto &[hash, proof] : proofs)
            bytes += proof.bytes.size();
        return bytes;
    }
    qint64 storedBytes() const
    {
        const auto rows = static_cast<qint64>(blobs.size() + messages.size() + proofs.size());
        return bytesOf(blobs) + bytesOf(messages) + proofBytes() + rows * StoreTotals::RowOverhead;
    }
    bool hasRoom(qint64 bytes) const
    {
        return storedBytes() + bytes + StoreTotals::RowOverhead <= limits.maxStorageBytes;
    }
    static std::vector<Row> of(const std::vector<Row> &rows, int owner)
    {
        std::vector<Row> found;
        std::ranges::copy_if(
            rows, std::back_inserter(found), [&](const Row &row) { return row.owner == owner; });
        return found;
    }
    ApplyResult quota(const std::vector<Row> &rows, int owner, qint64 bytes) const
    {
        const auto own = of(rows, owner);
        const bool fits = static_cast<qint64>(own.size()) < limits.maxCount
            && bytesOf(own) + bytes <= limits.maxBytes;
        return fits ? ApplyResult::Done : ApplyResult::QuotaFull;
    }
    static bool removeOne(std::vector<Row> &rows, int owner, qint64 sequence)
    {
        return std::erase_if(rows, [&](const Row &row) {
            return row.owner == owner && row.sequence == sequence;
        }) > 0;
    }
    /** One step of a sweep, of one kind. */
    static std::vector<qint64> sweep(std::vector<Row> &rows, qint64 before)
    {
        std::vector<qint64> gone;
        while (!rows.empty() && rows.front().storedAt <= before
            && gone.size() < StoreTables::SweepStep) {
            gone.push_back(rows.front().sequence);
            rows.erase(rows.begin());
        }
        return gone;
    }
};

} // namespace relay::test
