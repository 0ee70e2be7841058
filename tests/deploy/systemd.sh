#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: systemd.sh SOURCE_ROOT BIN_DIR
# The unit alone, copied as the manual steps of the guide say, under a real systemd.
# shellcheck disable=SC2016 # what the shells of other commands expand
set -eu

root=$1
bin=$2
# shellcheck source=tests/deploy/system-common.sh
. "$root/tests/deploy/system-common.sh"

unit=$root/deploy/systemd/vauchi-relay.service

has_line() {
    grep -qxF "$1" "$unit"
}

is_probed() {
    inside vauchi-relay probe "ws://127.0.0.1:$1"
}

status_has() {
    grep -Eq "^$1:?[[:space:]]+$2" "$scratch/status"
}

use_tools debootstrap systemd systemd-container

# What the guide names stands in it literally.
for directive in NoNewPrivileges=yes ProtectSystem=strict PrivateTmp=yes \
    CapabilityBoundingSet=CAP_NET_BIND_SERVICE; do
    expect "the unit says $directive" has_line "$directive"
done
expect "systemd-analyze security is at most 1.2" \
    systemd-analyze security --no-pager --offline=true --threshold=12 "$unit"
systemd-analyze security --no-pager --offline=true "$unit" 2>/dev/null | tail -n 1

make_tree libraries
install -m 0755 "$bin/vauchi-relay" "$tree/root/vauchi-relay"
install -m 0644 "$unit" "$tree/root/vauchi-relay.service"
boot

inside sh -ec '
    cp /root/vauchi-relay /usr/local/bin/
    cp /root/vauchi-relay.service /etc/systemd/system/
    useradd -r -s /bin/false vauchi
    mkdir -p /var/lib/vauchi-relay
    chown vauchi:vauchi /var/lib/vauchi-relay
    systemctl daemon-reload
    systemctl enable --now vauchi-relay' || fail "the manual steps"
echo "ok: the manual steps"
inside systemd-analyze verify --man=no vauchi-relay.service >"$scratch/verify" 2>&1 \
    || fail "systemd-analyze verify"
[ ! -s "$scratch/verify" ] || {
    cat "$scratch/verify"
    fail "systemd-analyze verify has something to say"
}
echo "ok: systemd-analyze verify"
expect "the service is active: it said that it is ready" is_active
expect "it listens where the guide says, and carries a message" is_probed 8080
expect "it is healthy" inside vauchi-relay healthcheck --ready
expect "its data is where the unit says, and its own" \
    inside sh -c '[ "$(stat -c %U:%a /var/lib/vauchi-relay/relay.db)" = vauchi:600 ] \
        && [ "$(stat -c %U:%a /var/lib/vauchi-relay)" = vauchi:700 ]'

pid=$(property MainPID)
inside cat "/proc/$pid/status" "/proc/$pid/limits" >"$scratch/status"
expect "it cannot gain privileges" status_has NoNewPrivs 1
expect "its system calls are filtered" status_has Seccomp 2
expect "it has no capability but that of low ports, and does not use it" \
    sh -c 'grep -q "^CapBnd:.*0000000000000400" "$1" && grep -q "^CapEff:.*0000000000000000" "$1"' \
    sh "$scratch/status"
# A container without CAP_SYS_RESOURCE gives no more than it has itself.
most=$(awk '/^Max open files/ { print $5 }' /proc/self/limits)
expect "it may open as many files as the unit says" \
    status_has "Max open files" "(524288|$most) +(524288|$most) "
expect "it leaves no core" status_has "Max core file size" "0 +0"

# A relay that ends otherwise than it should comes back.
is_another() {
    # One question for both: between two it may change.
    inside systemctl show -p ActiveState -p MainPID vauchi-relay >"$scratch/state"
    grep -qx ActiveState=active "$scratch/state" && ! grep -qx "MainPID=$pid" "$scratch/state"
}
inside sh -c "kill -KILL $pid"
await 30 "it is started again after a kill" is_another
echo "ok: it is started again after a kill"

# So does one that stands still.
refuse "the unit has a watchdog" [ "$(property WatchdogUSec)" = 0 ]
inside mkdir -p /etc/systemd/system/vauchi-relay.service.d
inside sh -c 'printf "[Service]\nWatchdogSec=5\n" \
    >/etc/systemd/system/vauchi-relay.service.d/test.conf'
inside systemctl daemon-reload
inside systemctl restart vauchi-relay
pid=$(property MainPID)
inside sh -c "kill -STOP $pid"
await 30 "the watchdog starts it again" is_another
expect "it was the watchdog" sh -c 'echo "$1" | grep -q "Watchdog timeout"' sh \
    "$(inside journalctl --no-pager -u vauchi-relay)"
pid=$(property MainPID)
is_probed 8080 >/dev/null || fail "it works after the watchdog"
# Twice as long as the watchdog waits, which a relay that did not answer would not survive.
inside sleep 10
[ "$(property MainPID)" = "$pid" ] || fail "the watchdog ends a relay that is well"
echo "ok: the watchdog lets a relay be that is well"

# Settings may be added; a fault in them is not tried again and again.
inside mkdir -p /etc/vauchi-relay
inside sh -c 'echo RELAY_LISTEN_ADDR=127.0.0.1:9000 >/etc/vauchi-relay/vauchi-relay.env'
inside systemctl restart vauchi-relay
expect "it takes settings from the environment file" is_probed 9000
inside systemctl stop vauchi-relay
expect "it stops cleanly" [ "$(property Result):$(property ExecMainStatus)" = success:0 ]
inside sh -c 'echo RELAY_MAX_CONNECTIONS=many >/etc/vauchi-relay/vauchi-relay.env'
refuse "it does not start with a fault in its settings" inside systemctl start vauchi-relay
expect "which it says, and leaves it at that" is_failed
expect "with exit code 78" [ "$(property ExecMainStatus)" = 78 ]

# restart_with LINE…: of the unit, in the place of what the test has added to it.
restart_with() {
    inside rm -f /etc/vauchi-relay/vauchi-relay.env
    inside sh -c 'printf "%s\n" "[Service]" "$@" \
        >/etc/systemd/system/vauchi-relay.service.d/test.conf' sh "$@"
    inside systemctl daemon-reload
    inside systemctl reset-failed vauchi-relay
    inside systemctl restart vauchi-relay
}
refuse "a command line that is wrong" \
    restart_with ExecStart= "ExecStart=/usr/local/bin/vauchi-relay --unknown"
expect "is not tried again" [ "$(property ActiveState):$(property ExecMainStatus)" = failed:64 ]
inside mkdir -m 0755 /srv/relay
refuse "a folder of somebody else's" \
    restart_with Environment=RELAY_DATA_DIR=/srv/relay ReadWritePaths=/srv/relay
expect "is not tried again either" [ "$(property ActiveState):$(property ExecMainStatus)" = failed:77 ]
inside chown vauchi: /srv/relay
refuse "a folder that is not opened for the service" \
    restart_with Environment=RELAY_DATA_DIR=/srv/relay
expect "another data folder, once it is opened" \
    restart_with Environment=RELAY_DATA_DIR=/srv/relay ReadWritePaths=/srv/relay
expect "works" is_probed 8080
expect "and holds the data" inside test -s /srv/relay/relay.db
echo "all of it holds"
