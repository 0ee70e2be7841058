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
        {"ceiling-net", "yardstick: the same messages, echoed by relay-echo at --url",
            {{"connections", 16}, {"depth", 1}, {"size", 256}, {"seconds", 5}, {"rate", 0},
                {"blobs", 0}},
            runCeilingNet},
    };
    return all;
}

} // namespace relay::bench
