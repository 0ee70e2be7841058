#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Starts relays, runs every scenario and both yardsticks RUNS times (5), and prints one table of
# medians and ratios, which it also writes to build/bench/table.md; each single figure is beside it
# as JSON. Needs build/release (sh tests/run.sh), a machine that does nothing else, and some 12,000
# descriptors. With 1,000,000 blobs it takes some 20 minutes.
# Usage: sh tests/bench/run.sh [--readme] [--runs N] [--seconds N] [--blobs N] [--silent N]
#                              [--expiring N] [--dir FOLDER]
# With --readme the table also takes the place of the one in tests/bench/README.md.
set -eu
cd "$(dirname "$0")/../.."

runs=5
seconds=5
blobs=1000000
silent=8000
expiring=100000
dir=/var/tmp
command="sh tests/bench/run.sh${*:+ $*}"
readme=
[ "${1:-}" != --readme ] || {
    readme=tests/bench/README.md
    shift
}
while [ $# -ge 2 ]; do
    case $1 in
    --runs) runs=$2 ;;
    --seconds) seconds=$2 ;;
    --blobs) blobs=$2 ;;
    --silent) silent=$2 ;;
    --expiring) expiring=$2 ;;
    --dir) dir=$2 ;;
    *) break ;;
    esac
    shift 2
done
[ $# = 0 ] || {
    echo "run.sh: what is $1? (see its first lines)" >&2
    exit 64
}
bin=build/release/bin
# Preloaded into what is measured.
counter=$PWD/build/release/tests/bench/libsynccount.so
if ! [ -x $bin/relay-bench ] || ! [ -x $bin/relay-echo ] || ! [ -e "$counter" ]; then
    echo "run.sh: build/release is not built (sh tests/run.sh)" >&2
    exit 69
fi
disk=$(stat -f -c %T "$dir")
case $disk in
tmpfs | ramfs)
    echo "run.sh: $dir is in memory; --dir has to name a folder on a disk" >&2
    exit 64
    ;;
esac

work=$(mktemp -d "$dir/relay-bench.XXXXXX")
results=build/bench
rm -rf "$results"
mkdir -p "$results"
server=
data=data
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# ---- servers ----

# stop: the server that runs, and what it stored is kept
stop() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    server=
}
# start VARIABLE=VALUE…: a relay on the data folder; sets `target`
start() {
    stop
    rm -f "$work/log"
    env LD_PRELOAD="$counter" SYNCCOUNT_FILE="$work/syncs" RELAY_DATA_DIR="$work/$data" \
        RELAY_LISTEN_ADDR=127.0.0.1:0 RELAY_HTTP_ADDR=127.0.0.1:0 RELAY_RATE_LIMIT_PER_MIN=0 \
        RELAY_MAX_CONNECTIONS=$((silent + 200)) RELAY_MAX_STORAGE_BYTES=0 \
        RELAY_SQLITE_SYNCHRONOUS=full "$@" \
        $bin/vauchi-relay 2>"$work/log" &
    server=$!
    until http=$(sed -n 's/.*for HTTP on \([0-9.:]*\).*/\1/p' "$work/log" 2>/dev/null) && [ -n "$http" ]; do
        kill -0 $server
        sleep 0.01
    done
    port=$(sed -n 's/.*for WebSocket on 127.0.0.1:\([0-9]*\).*/\1/p' "$work/log")
    target="--url ws://127.0.0.1:$port --monitoring http://$http --relay-pid $server
        --sync-count $work/syncs"
}
# fresh VARIABLE=VALUE…: the same, with nothing stored
fresh() {
    stop
    rm -rf "${work:?}/$data"
    start "$@"
}
echo_server() {
    stop
    RELAY_LISTEN_ADDR=127.0.0.1:0 $bin/relay-echo >"$work/log" &
    server=$!
    until port=$(sed -n 's/^listening on port //p' "$work/log") && [ -n "$port" ]; do
        kill -0 $server
        sleep 0.01
    done
    target="--url ws://127.0.0.1:$port --relay-pid $server"
}

# ---- figures ----

# bench NAME SCENARIO OPTIONS…: one run; its JSON goes to NAME.json, a line each
bench() {
    name=$1
    shift
    # shellcheck disable=SC2086 # options
    $bin/relay-bench "$@" $target >"$work/figures"
    printf '%-16s ' "$name"
    cat "$work/figures"
    cat "$work/figures" >>"$results/$name.json"
}
# all NAME FIGURE: of each run
all() { sed -n "s/.*\"$2\":\\([-0-9.e+]*\\).*/\\1/p" "$results/$1.json"; }
median() {
    sort -g | awk '{ v[NR] = $1 }
        END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}
of() { all "$1" "$2" | median; }
# ratio NAME FIGURE NAME FIGURE: the median of the ratios of the runs, which are neighbours in time
ratio() {
    all "$1" "$2" >"$work/over"
    all "$3" "$4" | paste "$work/over" - | awk '{ print $1 / $2 }' | median
}
calculate() { awk "BEGIN { print $* }"; }

# stolen: of the processors' time since the start, what the host took away, and all
stolen() { awk '/^cpu / { print $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat; }

# ---- runs ----

# The 64 connections with 16 messages each that store, drain and their yardsticks have in common.
load="--connections 64 --depth 16"
time="--seconds $seconds"
before=$(stolen)
run=1
while [ "$run" -le "$runs" ]; do
    echo "---- run $run of $runs"
    # On the same disk, counted alike.
    stop
    target="--data-dir $work --sync-count $work/own-syncs"
    LD_PRELOAD=$counter SYNCCOUNT_FILE=$work/own-syncs bench ceiling-store ceiling-store 2>"$work/log"
    echo_server
    # shellcheck disable=SC2086
    bench ceiling-net ceiling-net $load $time
    fresh
    # shellcheck disable=SC2086
    bench store store $load $time
    half=$(all store messages_per_second | tail -n 1 | awk '{ printf "%d", $1 / 2 }')
    fresh
    # shellcheck disable=SC2086
    bench half store --connections 64 --rate "$half" $time
    # What this machine makes of the same rate without a store.
    echo_server
    # shellcheck disable=SC2086
    bench net-half ceiling-net --connections 64 --rate "$half" $time
    fresh
    # shellcheck disable=SC2086
    bench drain drain $load
    # shellcheck disable=SC2086
    bench live live $time
    # shellcheck disable=SC2086
    bench shake shake $time
    # shellcheck disable=SC2086
    bench mixed mixed $time
    bench large large
    fresh
    # shellcheck disable=SC2086
    bench idle idle --silent "$silent" $time
    fresh
    bench slow-fill slow-fill
    start
    bench slow slow
    bench slow-fill slow-fill
    bench slow-warm slow
    fresh RELAY_BLOB_TTL_SECS=30 RELAY_CLEANUP_INTERVAL_SECS=45
    bench expiry expiry --blobs "$expiring"
    for threads in 1 2; do
        fresh RELAY_IO_THREADS=$threads
        # shellcheck disable=SC2086
        bench threads-$threads store $load $time
    done
    run=$((run + 1))
done

echo "---- with $blobs stored blobs"
data=full
fresh
bench fill fill --blobs "$blobs"
stop
mv "$work/full" "$work/filled"
run=1
while [ "$run" -le "$runs" ]; do
    data=data
    fresh
    # shellcheck disable=SC2086
    bench empty-store store $load $time
    stop
    # Each run with as many as it says, and none beside a disk that is still busy with the copy.
    data=full
    rm -rf "${work:?}/full"
    cp -r "$work/filled" "$work/full"
    sync
    sleep 3
    began=$(date +%s%N)
    start
    until RELAY_HTTP_ADDR=$http $bin/vauchi-relay healthcheck --ready >/dev/null 2>&1; do
        sleep 0.01
    done
    printf '{"scenario":"ready","seconds_to_ready":%s}\n' \
        "$(calculate "($(date +%s%N) - $began) / 1e9")" | tee -a "$results/ready.json"
    # shellcheck disable=SC2086
    bench full-store store $load $time
    # shellcheck disable=SC2086
    bench full-drain drain $load
    # shellcheck disable=SC2086
    bench full-live live $time
    # shellcheck disable=SC2086
    bench full-mixed mixed $time
    run=$((run + 1))
done

# In a virtual machine, what other machines were given instead: stalls of some 10 ms that no relay sees.
taken=$(echo "$before $(stolen)" | awk '{ printf "%.1f", 100 * ($3 - $1) / ($4 - $2) }')

# ---- the table ----

# row WHAT FIGURE OPERATOR LIMIT: a line with a verdict; without a limit it is stated only
row() {
    verdict=
    if [ $# -gt 2 ]; then
        verdict=$(awk "BEGIN { print ($2 $3 $4) ? \"yes\" : \"NO\" }")
    fi
    printf '| %s | %s | %s | %s |\n' "$1" "$(awk "BEGIN { printf \"%.3g\", $2 }")" \
        "${3:+$3 $4}" "$verdict"
}
megabytes() { calculate "$1 / 1048576"; }
commit=$(of ceiling-store commit_p50_ms)
larger() { calculate "($1 > $2) ? $1 : $2"; }

table() {
    cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    printf 'Machine: %s processors (%s), %s MB, %s on %s, Linux %s. Date: %s. Version: %s.\n' \
        "$(nproc)" "${cpu:-unknown}" "$(awk '/^MemTotal/ { printf "%d", $2 / 1024 }' /proc/meminfo)" \
        "$disk" "$(df --output=source "$dir" | tail -n 1)" "$(uname -r)" "$(date -u +%Y-%m-%d)" \
        "$(git describe --always --dirty 2>/dev/null || echo unknown)"
    # shellcheck disable=SC2016 # it is Markdown
    printf 'Command: `%s`. Medians of %s runs; FULL; a bare commit takes %.3g ms.\n' \
        "$command" "$runs" "$commit"
    printf 'Of the time of the processors the host took away %s %%.\n\n' "$taken"
    echo "| ratio | measured | limit | kept |"
    echo "|---|---|---|---|"
    row "store, 256 B, 64 connections, depth 16, against ceiling-store" \
        "$(ratio store messages_per_second ceiling-store rows_per_second)" ">=" 0.7
    row "p99 of the ack at half of that rate, ms (10, or 20 bare commits)" \
        "$(of half p99_ms)" "<=" "$(larger 10 "20 * $commit")"
    row "p99 of an echo at the same rate, without a store, ms" "$(of net-half p99_ms)"
    row "store, depth 1, beside $silent silent connections, against without" \
        "$(of idle ratio)" ">=" 0.9
    row "store into $blobs stored blobs, against into none" \
        "$(ratio full-store messages_per_second empty-store messages_per_second)" ">=" 0.8
    row "drain (to the commit of the last ack) against ceiling-net" \
        "$(ratio drain drained_per_second ceiling-net messages_per_second)" ">=" 0.5
    row "delivery alone (to the last message) against ceiling-net" \
        "$(ratio drain delivered_per_second ceiling-net messages_per_second)"
    row "live, 2,000/s, 50 pairs: p99, ms (5, or 10 bare commits)" \
        "$(of live p99_ms)" "<=" "$(larger 5 "10 * $commit")"
    row "p99 of store while $expiring blobs are swept, against without" \
        "$(of expiry ratio)" "<=" 1.5
    row "resident memory of a silent connection, KB" \
        "$(calculate "$(of idle bytes_per_silent_connection) / 1024")" "<=" 12
    row "a slow reader of 50 MB on a relay just started: memory above idle, MB" \
        "$(megabytes "$(of slow above_idle_bytes)")" "<=" 16
    row "the same on a relay that has stored and delivered before, MB" \
        "$(megabytes "$(of slow-warm above_idle_bytes)")" "<=" 16
    row "start with $blobs stored blobs until /ready, s" \
        "$(of ready seconds_to_ready)" "<=" 1
    row "store with 2 I/O threads against 1" \
        "$(ratio threads-2 messages_per_second threads-1 messages_per_second)"
    echo
    echo "| scenario | a second | p99, ms | generator, cores | relay, cores | relay, MB | commits | syncs |"
    echo "|---|---|---|---|---|---|---|---|"
    while read -r name rate; do
        printf '| %s |' "$name"
        for figure in "$rate" p99_ms generator_cpu_share relay_cpu_share relay_resident_bytes \
            commits syncs; do
            value=$(of "$name" "$figure")
            [ "$figure" != relay_resident_bytes ] || [ -z "$value" ] || value=$(megabytes "$value")
            case $figure in
            commits | syncs) format=%d ;;
            *_per_second*) format=%.0f ;;
            *) format=%.3g ;;
            esac
            [ -n "$value" ] && value=$(awk "BEGIN { printf \"$format\", $value }")
            printf ' %s |' "$value"
        done
        echo
    done <<'END'
ceiling-store rows_per_second
ceiling-net messages_per_second
store messages_per_second
half messages_per_second
net-half messages_per_second
drain drained_per_second
live messages_per_second
shake handshakes_per_second
mixed syncs_per_second
large drained_per_second
idle beside_per_second
slow-fill messages_per_second
expiry messages_per_second
threads-1 messages_per_second
threads-2 messages_per_second
fill messages_per_second
empty-store messages_per_second
full-store messages_per_second
full-drain drained_per_second
full-live messages_per_second
full-mixed syncs_per_second
END
    # shellcheck disable=SC2013 # no spaces in names
    for name in $(cd "$results" && grep -l '"generator_is_bottleneck":true' ./*.json); do
        echo
        echo "In ${name#./} the generator took above 90 % of a core: it measures the generator."
    done
}
table | tee "$results/table.md"
if [ -n "$readme" ]; then
    sed -i -e '/^<!-- table -->/,/^<!-- end -->/ { /^<!-- table -->/r '"$results/table.md"'
        /^<!--/!d }' "$readme"
fi
