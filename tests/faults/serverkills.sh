#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 under load of a relay, and every other time of its PostgreSQL server too, and then of one
# of three relays on one server, or every fourth time of the server, ROUNDS times each (200: some
# minutes): how many stores were in flight, and what was lost. Needs build/release
# (sh tests/run.sh) and PostgreSQL (Debian: postgresql).
# Usage: sh tests/faults/serverkills.sh [ROUNDS [FUNCTION]]
set -eu
cd "$(dirname "$0")/../.."
rounds=${1:-200}
[ $# = 0 ] || shift
# Qt Test ends a function after five minutes, if it is not told otherwise.
QTEST_FUNCTION_TIMEOUT=86400000 RELAYTEST_ROUNDS=$rounds exec build/release/bin/tst_serverkills "$@"
