// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/quotaledger.h"
#include "relayd/storage/recentblobs.h"

#include <chrono>

namespace relay {

/** How long a recovery proof is kept after its last store (shared/protocol/README.md, 3.5). */
constexpr std::chrono::hours ProofLifetime {24 * 90};

/** What the store may hold. */
struct StoreLimits {
    Quota mailbox;
    /** 0: no limit. */
    qint64 maxStorageBytes = 0;
    std::chrono::seconds timeToLive {0};
    /** Of SQLite's. */
    RecentBlobs::Limits recent {};
};

} // namespace relay
