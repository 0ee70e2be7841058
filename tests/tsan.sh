#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the preset tsan and runs the tests under ThreadSanitizer; arguments go to ctest. Without
# tst_epolldispatcher, which is about moments in time that nothing can keep under it.
#
#   tests/tsan.sh [-R tst_storewriter]
set -eu

cd "$(dirname "$0")/.."
cmake --preset tsan
cmake --build --preset tsan --parallel
# Distributions build Qt and glib without ThreadSanitizer, which then does not see their locks.
# Tests start processes, some of them from where other threads run already (die_after_fork).
TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp halt_on_error=1 second_deadlock_stack=1 die_after_fork=0 ${TSAN_OPTIONS:-}" \
    ctest --test-dir build/tsan -L default -E tst_epolldispatcher --output-on-failure "$@"
