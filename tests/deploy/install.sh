#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: install.sh SOURCE_ROOT BIN_DIR
# deploy/install.sh in a small Debian with a real systemd: install, again, update, uninstall.
set -eu

root=$1
bin=$2
# shellcheck source=tests/deploy/system-common.sh
. "$root/tests/deploy/system-common.sh"

installer=/root/vauchi-relay/deploy/install.sh
configuration=/etc/vauchi-relay/vauchi-relay.env

is_probed() {
    inside vauchi-relay probe "ws://127.0.0.1:$1"
}

# run_installer OPTIONS…; its output is in $scratch/installer.
run_installer() {
    inside "$installer" "$@" >"$scratch/installer" 2>&1 || {
        cat "$scratch/installer"
        fail "install.sh $*"
    }
}

said() {
    grep -qF "$1" "$scratch/installer"
}

# What the installer could change.
snapshot() {
    inside sh -c 'find /etc /usr/local /var/lib/vauchi-relay -not -name "relay*" -newer /root/mark \
        2>/dev/null || true'
}

use_tools debootstrap systemd-container
make_tree libraries
mkdir -p "$tree/root/vauchi-relay/build/release/bin"
cp -R "$root/deploy" "$tree/root/vauchi-relay/deploy"
cp "$bin/vauchi-relay" "$tree/root/vauchi-relay/build/release/bin/"
boot

inside touch /root/mark
run_installer --dry-run
expect "a dry run says what it would do" said "would run: systemctl enable vauchi-relay"
expect "and does nothing" [ -z "$(snapshot)" ]

run_installer
expect "the service runs" is_active
expect "it carries a message" is_probed 8080
expect "it says what to do next" said "What next:"
expect "it is started at boot" inside systemctl is-enabled vauchi-relay
expect "its user cannot log in" \
    inside sh -c 'getent passwd vauchi | grep -q ":/usr/sbin/nologin$"'
expect "it listens on this machine only" inside grep -qx 'RELAY_LISTEN_ADDR=127.0.0.1:8080' \
    "$configuration"
expect "others cannot read its settings" \
    inside sh -c "[ \"\$(stat -c %U:%a $configuration)\" = root:600 ]"

pid=$(property MainPID)
run_installer
expect "a second time changes nothing" [ "$(property MainPID)" = "$pid" ]
expect "and says so" said "/usr/local/bin/vauchi-relay is up to date"

inside mkdir /root/vauchi-relay/relayd
inside touch /root/vauchi-relay/relayd/newer.cpp
run_installer --dry-run
expect "newer sources are built first" said "would run: sh deploy/quickstart.sh --build-only"
inside rm -r /root/vauchi-relay/relayd

inside sed -i s/:8080/:9000/ "$configuration"
inside systemctl restart vauchi-relay
pid=$(property MainPID)
# Another build of the program.
inside sh -c 'printf x >>/root/vauchi-relay/build/release/bin/vauchi-relay'
run_installer
expect "a new program is started" [ "$(property MainPID)" != "$pid" ]
expect "it is the new one" inside cmp /root/vauchi-relay/build/release/bin/vauchi-relay \
    /usr/local/bin/vauchi-relay
expect "an edited configuration stays" inside grep -qx 'RELAY_LISTEN_ADDR=127.0.0.1:9000' \
    "$configuration"
expect "and holds" is_probed 9000
expect "which it says" said "$configuration was edited and stays as it is"

# As the guide says to run what needs the same settings.
expect "a command with the service's settings" inside \
    sh -c 'set -a; . /etc/vauchi-relay/vauchi-relay.env; exec vauchi-relay stats'
# shellcheck disable=SC2016 # the container's shell expands it
expect "a backup while it runs" inside \
    sh -c 'set -a; . /etc/vauchi-relay/vauchi-relay.env
        exec vauchi-relay backup --with-keys "/var/backups/relay-$(date +%F).db"'
expect "with its key" inside sh -c 'cmp /var/backups/relay-*.noise_key.bin \
    /var/lib/vauchi-relay/relay_noise_key.bin'

key=$(inside sha256sum /var/lib/vauchi-relay/relay_noise_key.bin)
database=$(inside stat -c %i /var/lib/vauchi-relay/relay.db)
run_installer --uninstall
expect "uninstalled, it does not run" [ "$(property ActiveState)" = inactive ]
refuse "nor is the program there" inside test -e /usr/local/bin/vauchi-relay
refuse "nor the unit" inside test -e /etc/systemd/system/vauchi-relay.service
expect "the data stays" [ "$(inside stat -c %i /var/lib/vauchi-relay/relay.db)" = "$database" ]
expect "the configuration stays" inside grep -q :9000 "$configuration"
run_installer --uninstall
echo "ok: to uninstall twice is no fault"

run_installer
expect "installed again, it runs with its configuration" is_probed 9000
expect "and its data" [ "$(inside sha256sum /var/lib/vauchi-relay/relay_noise_key.bin)" = "$key" ]
echo "all of it holds"
