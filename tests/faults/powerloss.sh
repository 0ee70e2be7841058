#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The power fails under load, ROUNDS times on one data folder (1,000: some minutes): first with
# RELAY_SQLITE_SYNCHRONOUS=full, where nothing acknowledged may be lost, then with syncs that fail,
# then with normal, to see what that costs. Needs build/release (sh tests/run.sh).
# Usage: sh tests/faults/powerloss.sh [ROUNDS]
set -eu
cd "$(dirname "$0")/../.."
# Qt Test ends a function after five minutes, if it is not told otherwise.
QTEST_FUNCTION_TIMEOUT=86400000 RELAYTEST_ROUNDS=${1:-1000} exec build/release/bin/tst_powerloss
