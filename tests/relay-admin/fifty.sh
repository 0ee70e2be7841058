#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the console costs with many relays: real relays on disk, each polled each second, and the real
# console in a window of Xvfb, with the charts of a relay under some load before it. Prints the
# console's share of a core and its memory, its polls, and how long its GUI thread let an event wait.
# Usage: sh tests/relay-admin/fifty.sh [RELAYS [SECONDS]]     (50, 600)
# Needs the preset release, built, Xvfb, and sqlite3 to count polls.
set -eu
cd "$(dirname "$0")/../.."
relays=${1:-50}
seconds=${2:-600}
# Until all have answered and the window has found its layout.
startup=15
bin=$PWD/build/release/bin
folder=$(mktemp -d "${TMPDIR:-/var/tmp}/fifty.XXXXXX")
data=$folder/share/vauchi/vauchi-relay-admin
started=

# shellcheck disable=SC2086,SC2317 # one word for each process; the trap calls it
end() {
    trap - EXIT
    kill $started 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM

# await FILE PATTERN: what the pattern's group finds, once it is there
await() {
    for _ in $(seq 300); do
        found=$(sed -n "s/$2/\\1/p" "$1" 2>/dev/null | head -n 1)
        [ -z "$found" ] || {
            echo "$found"
            return
        }
        sleep 0.1
    done
    echo "fifty.sh: this does not come: $2" >&2
    tail -n 5 "$1" >&2
    return 1
}

mkdir -p "$data"
n=1
while [ "$n" -le "$relays" ]; do
    mkdir "$folder/$n"
    RELAY_DATA_DIR=$folder/$n RELAY_LISTEN_ADDR=127.0.0.1:0 RELAY_HTTP_ADDR=127.0.0.1:0 \
        RELAY_RATE_LIMIT_PER_MIN=0 RELAY_MIN_FREE_BYTES=1048576 \
        "$bin/vauchi-relay" 2>"$folder/$n/log" &
    started="$started $!"
    n=$((n + 1))
done

websocket='.*listening for WebSocket on [^ ]*:\([0-9]*\) .*'
http='.*listening for .* for HTTP on [^ ]*:\([0-9]*\).*'
profiles() {
    echo '{"format": "vauchi-relay-admin profiles", "version": 1, "profiles": ['
    n=1
    while [ "$n" -le "$relays" ]; do
        port=$(await "$folder/$n/log" "$http")
        [ "$n" = 1 ] || echo ,
        printf '{"id": "00000000-0000-4000-8000-%012d", "name": "Relay %02d", "group": "Group %d",' \
            "$n" "$n" $((n % 5))
        printf '"colour": "green", "monitoringUrl": "http://127.0.0.1:%s",' "$port"
        port=$(await "$folder/$n/log" "$websocket")
        printf '"publicUrl": "ws://127.0.0.1:%s", "intervalSeconds": 1}' "$port"
        n=$((n + 1))
    done
    echo ']}'
}
profiles >"$data/profiles.json"

Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>"$folder/display" 2>"$folder/xvfb" &
started="$started $!"
display=$(await "$folder/display" '^\([0-9]*\)$')

DISPLAY=:$display XDG_CONFIG_HOME=$folder/config XDG_DATA_HOME=$folder/share QT_QPA_PLATFORM=xcb \
    "$bin/vauchi-relay-admin-watched" --profile 'Relay 01' >"$folder/out" 2>"$folder/err" &
console=$!
started="$started $console"

# A second of stores every ten, so that lines move.
(
    while sleep 9; do
        for n in 1 2 3; do
            [ "$n" -gt "$relays" ] || timeout 5 "$bin/relay-bench" --connections 1 --seconds 1 \
                --url "ws://127.0.0.1:$(await "$folder/$n/log" "$websocket")" \
                >>"$folder/bench" 2>>"$folder/bench-err" || echo "$?" >>"$folder/bench-failed"
        done
    done
) &
started="$started $!"

# User and system time, in ticks.
cpu() { sed 's/.*) //' "/proc/$console/stat" | awk '{ print $12 + $13 }'; }
resident() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$console/status"; }
now() { date +%s%3N; }

sleep "$startup"
kill -USR1 "$console"
cpu_before=$(cpu)
resident_before=$(resident)
load_before=$(cut -d' ' -f1-3 /proc/loadavg)
from=$(now)
echo "console $console on display :$display, measuring for $seconds s"
sleep "$seconds"
to=$(now)
cpu_after=$(cpu)
resident_after=$(resident)
[ -z "${FIFTY_PICTURE:-}" ] || DISPLAY=:$display import -window root "$FIFTY_PICTURE"
kill -TERM "$console"
status=0
wait "$console" || status=$?

echo "relays $relays, $(((to - from) / 1000)) s, load average before $load_before, after $(cut -d' ' -f1-3 /proc/loadavg)"
awk -v ticks=$((cpu_after - cpu_before)) -v hz="$(getconf CLK_TCK)" -v ms=$((to - from)) \
    'BEGIN { printf "CPU %.1f %% of a core\n", 100 * ticks / hz / (ms / 1000) }'
echo "resident memory $((resident_before / 1024)) MiB before, $((resident_after / 1024)) MiB after"
if command -v sqlite3 >/dev/null; then
    polls=$(sqlite3 "$data/history.sqlite" \
        "SELECT count(*) FROM history WHERE tier = 0 AND time BETWEEN $from AND $to")
    awk -v polls="$polls" -v ms=$((to - from)) \
        'BEGIN { printf "polls answered and kept %d, %.1f a second\n", polls, 1000 * polls / ms }'
fi
# The load is part of what is measured.
grep -c '"scenario":"store"' "$folder/bench" | sed 's/$/ seconds of load on relays/'
if [ -s "$folder/bench-failed" ]; then
    echo "fifty.sh: the load failed $(wc -l <"$folder/bench-failed") times:" >&2
    sort "$folder/bench-err" | uniq -c | head -n 5 >&2
    status=1
fi
cat "$folder/out"
[ ! -s "$folder/err" ] || sed 's/^/stderr: /' "$folder/err" | head -n 20
exit "$status"
