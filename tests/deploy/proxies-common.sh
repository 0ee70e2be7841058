# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What proxies.sh and monitoring.sh share: programs of Debian's that would start a service if they
# were installed, a network of their own in which all ports are free, and a relay in it. Sourced, with
# $source and $bin set.

# shellcheck disable=SC2154 # $source, $bin
# shellcheck source=deploy/dependencies.sh
. "$source/deploy/dependencies.sh"
# shellcheck source=tests/deploy/unpack.sh
. "$source/tests/deploy/unpack.sh"
PATH=$PATH:/usr/sbin:/sbin
started=

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

skip() {
    echo "SKIPPED: $*"
    [ -z "${RELAYTEST_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
}

# need PROGRAM[=PACKAGE]…: installs those that are missing; none of them starts anything
need() {
    missing=
    for word in "$@"; do
        command -v "${word%=*}" >/dev/null || missing="$missing ${word#*=}"
    done
    [ -n "$missing" ] || return 0
    echo "Installing:$missing"
    run_as_root apt-get -q update
    # shellcheck disable=SC2086 # one word for each package
    run_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install $missing
}

# own_network SCRIPT ARGUMENT…: runs the script again where nobody else has a port or a name
own_network() {
    [ -z "${RELAYTEST_OWN_NETWORK:-}" ] || return 0
    how='--net --mount'
    [ "$(id -u)" = 0 ] || how="--map-root-user $how"
    # shellcheck disable=SC2086 # two or three options
    unshare $how true || skip "this needs a network namespace (unshare $how)"
    export RELAYTEST_OWN_NETWORK=1
    # shellcheck disable=SC2086
    exec unshare $how sh "$@"
}

# begin NAME…: in that network: a folder $work, and these names for 127.0.0.1
begin() {
    work=$(mktemp -d /var/tmp/relay-deploy.XXXXXX)
    # Some of what is started gives up its rights.
    chmod 755 "$work"
    trap end EXIT
    trap 'exit 130' INT TERM
    ip link set lo up
    echo "127.0.0.1 localhost $*" >"$work/hosts"
    mount --bind "$work/hosts" /etc/hosts
}

end() {
    status=$?
    trap - EXIT
    set +e
    if [ "$status" != 0 ]; then
        for log in "$work"/*.log; do
            [ -f "$log" ] || continue
            echo "---- the end of $log"
            tail -n 20 "$log"
        done >&2
    fi
    # shellcheck disable=SC2086 # one word for each process
    [ -z "$started" ] || kill $started 2>/dev/null || true
    wait
    umount /etc/hosts
    rm -rf "$work"
    exit "$status"
}

# await COMMAND…: until it succeeds
await() {
    tries=150
    until "$@" >"$work/await.log" 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "this does not come: $*"
        sleep 0.1
    done
}

# run NAME COMMAND…: in the background, its output in NAME.log, its process id in $pid
run() {
    name=$1
    shift
    "$@" >"$work/$name.log" 2>&1 &
    pid=$!
    started="$started $pid"
}

# stop PID: if it still runs
stop() {
    kill "$1" 2>/dev/null || true
    wait "$1" || true
}

# relay NAME=VALUE…: the relay with these settings, as an operator has it behind a proxy
relay() {
    [ -z "${relay_pid:-}" ] || stop "$relay_pid"
    mkdir -p "$work/data"
    run relay env RELAY_DATA_DIR="$work/data" RELAY_LISTEN_ADDR=127.0.0.1:8080 \
        RELAY_HTTP_ADDR=127.0.0.1:8081 RELAY_DRAIN_SECS=1 RELAY_MIN_FREE_BYTES=1048576 "$@" \
        "$bin/vauchi-relay"
    relay_pid=$pid
    await curl -fsS http://127.0.0.1:8081/ready
}

# status WANTED CURL-ARGUMENT…: the status of an answer
status() {
    wanted=$1
    shift
    got=$(curl -sS -o "$work/body" -w '%{http_code}' "$@") || fail "curl $*"
    [ "$got" = "$wanted" ] || fail "curl $*: $got instead of $wanted"
}
