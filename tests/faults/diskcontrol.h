// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

namespace relay::test {

/**
 * What a test tells the disk and the clock of a running relay (diskshim.cpp): lies in a file that
 * both have mapped. All 0: everything is as it is without the shim.
 */
struct DiskControl {
    /** errno of each write, truncation and creation of a file in the data folder. */
    std::atomic<int> writeError;
    /** errno of each sync there. What was written before is then not synced by a later one. */
    std::atomic<int> syncError;
    /** errno of each sync of the folder itself. */
    std::atomic<int> folderSyncError;
    /** errno of each read there. */
    std::atomic<int> readError;
    /** Not 0: a sync there does not return. */
    std::atomic<int> syncHangs;
    /** So many do not return right now. */
    std::atomic<int> hanging;
    /** So many calls were failed. */
    std::atomic<int> failures;
    /** How far the wall clock is wrong. */
    std::atomic<std::int64_t> wallClockMillis;
    /** Not 0: no byte is free on the disk of the data folder, as statvfs() says. */
    std::atomic<int> isFull;
};

static_assert(std::atomic<std::int64_t>::is_always_lock_free);

} // namespace relay::test
