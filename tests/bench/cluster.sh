#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Relays on one PostgreSQL server, RUNS times (3): what 1, 2 and 3 of them store a second, against one
# on SQLite; and how long a message takes from one relay to a recipient on another, also where the
# server lets nobody notify. Prints a table of medians and writes it to build/bench/cluster.md. The
# server, the relays and the load share this machine's processors. Needs build/release
# (sh tests/run.sh) and a machine that does nothing else; takes some four minutes.
# Usage: sh tests/bench/cluster.sh [--runs N] [--seconds N] [--dir FOLDER]
set -eu
cd "$(dirname "$0")/../.."

runs=3
seconds=5
dir=/var/tmp
while [ $# -ge 2 ]; do
    case $1 in
    --runs) runs=$2 ;;
    --seconds) seconds=$2 ;;
    --dir) dir=$2 ;;
    *) break ;;
    esac
    shift 2
done
[ $# = 0 ] || {
    echo "cluster.sh: what is $1? (see its first lines)" >&2
    exit 64
}
bin=build/release/bin
postgres=$(find /usr/lib/postgresql -name initdb 2>/dev/null | sort -V | tail -n 1)
if ! [ -x $bin/relay-bench ] || [ -z "$postgres" ]; then
    echo "cluster.sh: needs build/release (sh tests/run.sh) and PostgreSQL (Debian: postgresql)" >&2
    exit 69
fi
postgres=${postgres%/initdb}

work=$(mktemp -d "$dir/relay-bench.XXXXXX")
results=build/bench/cluster
rm -rf "$results"
mkdir -p "$results"
relays=
trap 'stop; as_owner "$postgres/pg_ctl" -D "$work/pg" -m fast stop >"$work/log" 2>&1 || true
    rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# as_owner COMMAND…: the server refuses to run as root
as_owner() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    else
        "$@"
    fi
}
sql() { as_owner psql -X -q -h "$work" -U owner "$1" -c "$2"; }

# ---- relays ----

stop() {
    for relay in $relays; do
        { kill "$relay" && wait "$relay"; } 2>/dev/null || true
    done
    relays=
    urls=
}
# start VARIABLE=VALUE…: one relay more; adds its address to `urls`
start() {
    log=$(mktemp "$work/relay.XXXXXX")
    env RELAY_DATA_DIR="$(mktemp -d "$work/data.XXXXXX")" RELAY_LISTEN_ADDR=127.0.0.1:0 \
        RELAY_HTTP_ADDR=127.0.0.1:0 RELAY_RATE_LIMIT_PER_MIN=0 RELAY_MAX_STORAGE_BYTES=0 \
        RELAY_NOISE_STATIC_KEY="$key" "$@" $bin/vauchi-relay 2>"$log" &
    relays="$relays $!"
    until port=$(sed -n 's/.*for WebSocket on 127.0.0.1:\([0-9]*\).*/\1/p' "$log") && [ -n "$port" ]; do
        kill -0 $!
        sleep 0.01
    done
    urls="$urls ws://127.0.0.1:$port"
}
# cluster NUMBER: so many relays on a new database
cluster() {
    stop
    database=d$(date +%s%N)
    sql postgres "CREATE DATABASE $database OWNER relay"
    n=0
    while [ $n -lt "$1" ]; do
        start RELAY_STORAGE_BACKEND=postgres \
            RELAY_POSTGRES_URL="postgresql://relay@/$database?host=$work"
        n=$((n + 1))
    done
}

# ---- figures ----

# stores NAME: all of `urls` at once, with 64 connections in all; the sum of what they store
stores() {
    # shellcheck disable=SC2086 # a word for each
    set -- "$1" $urls
    name=$1
    shift
    loads=
    for url; do
        $bin/relay-bench store --url "$url" --connections $((64 / $#)) --depth 16 \
            --seconds "$seconds" >"$work/figures-${url##*:}" &
        loads="$loads $!"
    done
    for load in $loads; do
        wait "$load"
    done
    for url; do
        sed -n 's/.*"messages_per_second":\([-0-9.e+]*\).*/\1/p' "$work/figures-${url##*:}"
    done | awk '{ sum += $1 } END { print sum }' | tee -a "$results/$name"
}
# across NAME OPTIONS…: from the first of `urls` to the second
across() {
    name=$1
    shift
    # shellcheck disable=SC2086
    set -- $urls "$@"
    first=$1 second=$2
    shift 2
    $bin/relay-bench live --url "$first" --recipients-url "$second" "$@" >"$work/figures"
    cat "$work/figures"
    for figure in p50_ms p99_ms max_ms; do
        sed -n "s/.*\"$figure\":\\([-0-9.e+]*\\).*/\\1/p" "$work/figures" >>"$results/$name-$figure"
    done
}
of() {
    sort -g "$results/$1" | awk '{ v[NR] = $1 }
        END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

key=$($bin/vauchi-relay noise-key)
[ "$(id -u)" != 0 ] || chown 65534:65534 "$work"
as_owner "$postgres/initdb" -D "$work/pg" -U owner --auth trust >"$work/initdb.log"
as_owner "$postgres/pg_ctl" -D "$work/pg" -l "$work/postgres.log" -w \
    -o "-k '$work' -c listen_addresses= -c max_connections=100" start >"$work/log"
sql postgres "CREATE ROLE relay LOGIN"

run=1
while [ "$run" -le "$runs" ]; do
    echo "---- run $run of $runs"
    stop
    start
    stores sqlite
    for number in 1 2 3; do
        cluster $number
        stores postgres-$number
    done
    cluster 2
    across live --rate 500 --seconds "$seconds"
    # Of the built-in functions each database has its own rights.
    sql "$database" "REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC"
    across unnotified --rate 500 --seconds 20 --patience 60
    run=$((run + 1))
done
stop

{
    printf '%s processors, %s on %s, PostgreSQL %s. Date: %s. Version: %s. Medians of %s runs.\n\n' \
        "$(nproc)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
        "$(stat -f -c %T "$dir")" \
        "$(as_owner "$postgres/postgres" --version | sed 's/[^0-9]*\([0-9.]*\).*/\1/')" \
        "$(date -u +%Y-%m-%d)" "$(git describe --always --dirty 2>/dev/null || echo unknown)" "$runs"
    echo "| stores of 256 bytes, 64 connections, depth 16 | a second | against one relay |"
    echo "|---|---|---|"
    one=$(of postgres-1)
    for number in 1 2 3; do
        printf '| relays on PostgreSQL: %s | %.0f | %.2f |\n' $number "$(of postgres-$number)" \
            "$(awk "BEGIN { print $(of postgres-$number) / $one }")"
    done
    printf '| one relay on SQLite | %.0f | %.2f |\n\n' "$(of sqlite)" \
        "$(awk "BEGIN { print $(of sqlite) / $one }")"
    echo "| from one relay to a recipient on another, 50 pairs, 500/s | p50, ms | p99, ms | max, ms |"
    echo "|---|---|---|---|"
    printf '| notified | %.3g | %.3g | %.3g |\n' "$(of live-p50_ms)" "$(of live-p99_ms)" \
        "$(of live-max_ms)"
    printf '| found by looking, every 10 s | %.0f | %.0f | %.0f |\n' "$(of unnotified-p50_ms)" \
        "$(of unnotified-p99_ms)" "$(of unnotified-max_ms)"
} | tee build/bench/cluster.md
