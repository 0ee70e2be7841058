#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What silent connections cost the active ones: 16 clients with one store in flight each, alone and
# beside 8,000 that only shook hands, in turn; the medians, their ratio, and memory for each silent
# one. Needs build/release (sh tests/run.sh) and about 16,500 descriptors.
# Usage: sh tests/bench/silent.sh [RUNS [SILENT]]
set -eu
cd "$(dirname "$0")/../.."
runs=${1:-5}
silent=${2:-8000}
bin=build/release/bin
data=$(mktemp -d "${TMPDIR:-/var/tmp}/silent.XXXXXX")

RELAY_DATA_DIR=$data RELAY_LISTEN_ADDR=127.0.0.1:0 RELAY_HTTP_ADDR=127.0.0.1:0 \
    RELAY_MAX_CONNECTIONS=$((silent + 100)) RELAY_RATE_LIMIT_PER_MIN=0 RELAY_MAX_STORAGE_BYTES=0 \
    $bin/vauchi-relay ${RELAYTEST_QT_DISPATCHER:+--qt-dispatcher} 2>"$data/log" &
relay=$!
trap 'kill $relay; wait $relay || true; rm -rf "$data"' EXIT
until port=$(sed -n 's/.*WebSocket on 127.0.0.1:\([0-9]*\).*/\1/p' "$data/log") && [ -n "$port" ]; do
    kill -0 $relay
    sleep 0.1
done

# figure NAME: the field of the JSON on standard input
figure() { sed -n "s/.*\"$1\":\\([0-9.]*\\).*/\\1/p"; }
median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }

run=1
while [ "$run" -le "$runs" ]; do
    for beside in 0 "$silent"; do
        result=$($bin/relay-bench --port "$port" --relay-pid $relay --seconds 3 --silent "$beside")
        echo "$result"
        echo "$result" | figure stores_per_second >>"$data/rate-$beside"
        # Memory of the first run only: later ones fill what that one left.
        [ "$run" != 1 ] || echo "$result" | figure bytes_per_silent_connection >"$data/memory"
    done
    run=$((run + 1))
done
alone=$(median <"$data/rate-0")
beside=$(median <"$data/rate-$silent")
echo "stores/s alone $alone, beside $silent silent $beside, ratio $(echo "$alone $beside" | awk '{printf "%.2f", $2 / $1}')," \
    "bytes for each silent connection $(cat "$data/memory")"
