// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/options.h"

namespace relay::bench {

const std::vector<Scenario> &scenarios()
{
    static const std::vector<Scenario> all {
        {"store", "messages to offline recipients, each to a mailbox of its own, until Stored",
            {{"connections", 16}, {"depth", 1}, {"size", 256}, {"seconds", 5}, {"rate", 0},
                {"blobs", 0}},
            runStore},
        {"drain", "mailboxes are filled; then all recipients come, take and acknowledge everything",
            {{"connections", 64}, {"depth", 16}, {"size", 256}, {"blobs", 500}}, runDrain},
        {"live", "pairs of a sender and a recipient who is online: from sender to recipient",
            {{"connections", 50}, {"size", 256}, {"seconds", 5}, {"rate", 2000}}, runLive},
        {"idle", "store alone, then beside connections that only shake hands",
            {{"connections", 16}, {"depth", 1}, {"size", 256}, {"seconds", 3}, {"rate", 0},
                {"silent", 8000}},
            runIdle},
        {"shake", "connect, shake hands, say goodbye, as somebody else each time",
            {{"connections", 32}, {"seconds", 5}}, runShake},
        {"large", "as drain, with messages of 1 MB of JSON",
            {{"connections", 8}, {"depth", 2}, {"size", 280'000}, {"blobs", 50}}, runDrain},
        {"mixed",
            "couples who write to each other in turn, as the field's clients sync: connect, take,\n"
            "                 acknowledge, send on a second connection, close both",
            {{"connections", 32}, {"size", 256}, {"seconds", 5}}, runMixed},
        {"expiry",
            "so many messages, left until they expire, and swept while others are stored. The "
            "relay\n"
            "                 needs RELAY_BLOB_TTL_SECS of some 20 and RELAY_CLEANUP_INTERVAL_SECS "
            "of\n"
            "                 twice that, and to be started just before",
            {{"connections", 16}, {"depth", 16}, {"size", 256}, {"rate", 2000}, {"blobs", 100'000}},
            runExpiry},
        {"slow-fill", "fills the mailbox that slow reads",
            {{"depth", 4}, {"size", 50'000}, {"blobs", 1000}}, runSlowFill},
        {"slow",
            "reads it in so many seconds: memory that a slow reader costs. Start the relay anew\n"
            "                 between the two, or its memory is that of storing",
            {{"size", 50'000}, {"seconds", 10}, {"blobs", 1000}}, runSlow},
        {"fill", "as store, until so many blobs are stored",
            {{"connections", 64}, {"depth", 16}, {"size", 256}, {"seconds", 0}, {"rate", 0},
                {"blobs", 1'000'000}},
            runStore},
        {"ceiling-store",
            "yardstick: the same rows into the relay's schema under --data-dir, each batch "
            "synced;\n"
            "                 so many seconds each with 1, 64, 256 and 1024 rows",
            {{"size", 256}, {"seconds", 3}}, runCeilingStore},
        {"ceiling-net", "yardstick: the same messages, echoed by relay-echo at --url",
            {{"connections", 16}, {"depth", 1}, {"size", 256}, {"seconds", 5}, {"rate", 0},
                {"blobs", 0}},
            runCeilingNet},
    };
    return all;
}

} // namespace relay::bench
