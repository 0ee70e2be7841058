#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each attack of tst_hostile for SECONDS (30), and a row of figures for each: what the attacker
# got, the honest client's median before and meanwhile, the relay's memory.
#
#   tests/hostile/siege.sh [SECONDS] [FUNCTION…]     needs the preset release, built
set -eu

seconds=${1:-30}
[ $# -eq 0 ] || shift
cd "$(dirname "$0")/../.."
# Qt Test's watchdog can miss that one function ended and the next began; then it counts all their
# time as one's.
QTEST_FUNCTION_TIMEOUT=$(((seconds + 120) * 20000)) RELAYTEST_SIEGE_SECS=$seconds \
    build/release/bin/tst_hostile -maxwarnings 0 "$@" 2>&1 \
        | sed -n -e 's/^QINFO *: TestHostile::[A-Za-z]*() //p' -e '/^FAIL/p' -e '/Loc:/p' \
        -e '/^Totals/p'
