#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 under load, on one data folder, ROUNDS times (1,000: some minutes): how many stores
# were in flight at the kills, and what was lost. Needs build/release (sh tests/run.sh).
# Usage: sh tests/faults/kills.sh [ROUNDS]
set -eu
cd "$(dirname "$0")/../.."
# Qt Test ends a function after five minutes, if it is not told otherwise.
QTEST_FUNCTION_TIMEOUT=86400000 RELAYTEST_ROUNDS=${1:-1000} exec build/release/bin/tst_kills losesNothingAcknowledged
