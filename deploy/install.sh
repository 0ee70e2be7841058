#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the relay below /usr/local and as a service of systemd, or removes it again.
set -eu

usage() {
    cat <<'USAGE'
Usage: sudo ./deploy/install.sh [--dry-run] [--uninstall]

Installs vauchi-relay into /usr/local/bin, as a service of systemd with a user of its own, and
starts it; run again, it brings them up to date. Builds the program first if build/release does not
have it, or has one that is older than the sources. The configuration, /etc/vauchi-relay/vauchi-relay.env, is written only where there is none.

  --dry-run    say what would be done, and do nothing
  --uninstall  stop and remove the service and the program; data, configuration and user stay
  --help       this text
USAGE
}

program=/usr/local/bin/vauchi-relay
manual=/usr/local/share/man/man1/vauchi-relay.1
unit=/etc/systemd/system/vauchi-relay.service
# systemd-sysusers and systemd-tmpfiles read these in /usr/local/lib, too.
sysusers=/usr/local/lib/sysusers.d/vauchi-relay.conf
tmpfiles=/usr/local/lib/tmpfiles.d/vauchi-relay.conf
configuration=/etc/vauchi-relay/vauchi-relay.env
data=/var/lib/vauchi-relay

dry_run=no
action=install
for argument in "$@"; do
    case $argument in
    --dry-run) dry_run=yes ;;
    --uninstall) action=uninstall ;;
    --help | -h)
        usage
        exit 0
        ;;
    *)
        echo "install.sh: unknown option: $argument" >&2
        usage >&2
        exit 64
        ;;
    esac
done

cd "$(dirname "$0")/.."
built=$PWD/build/release/bin/vauchi-relay

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

# Says what it does, and does it unless this is a dry run.
run() {
    if [ "$dry_run" = yes ]; then
        echo "would run: $*"
    else
        echo "$*"
        "$@"
    fi
}

# put MODE SOURCE TARGET: installs a file if it is not there like that already.
put() {
    if cmp -s "$2" "$3" && [ "$(stat -c %a "$3")" = "${1#0}" ]; then
        echo "$3 is up to date"
        return
    fi
    changed=yes
    # Under a name of its own first: a program that runs cannot be written.
    run install -D -m "$1" "$2" "$3.new"
    run mv -f "$3.new" "$3"
}

# Where systemd is installed and does not run, as in a chroot, the service is not started.
systemd_runs() {
    [ -d /run/systemd/system ]
}

check_needs() {
    [ "$dry_run" = yes ] || [ "$(id -u)" = 0 ] || fail "this needs root: sudo ./deploy/install.sh"
    command -v systemctl >/dev/null || fail "there is no systemd here. The program runs without: \
see deploy/DEPLOYMENT.md"
    if [ -e /lib/systemd/system/vauchi-relay.service ] \
        || [ -e /usr/lib/systemd/system/vauchi-relay.service ]; then
        fail "the package vauchi-relay is installed. Remove it first (apt remove vauchi-relay; its \
data stays), or use it"
    fi
}

# The program, from the sources as they are. Without sources, whatever program is there.
is_built() {
    [ -x "$built" ] && [ -z "$(find CMakeLists.txt relayd shared -type f -newer "$built" 2>/dev/null)" ]
}

build_program() {
    ! is_built || return 0
    # Not as root, if somebody else called this with sudo: the build folder is theirs.
    if [ -n "${SUDO_USER:-}" ] && [ "$(id -u)" = 0 ]; then
        run sudo -u "$SUDO_USER" sh deploy/quickstart.sh --build-only
    else
        run sh deploy/quickstart.sh --build-only
    fi
}

check_program() {
    [ "$dry_run" = no ] || [ -x "$built" ] || return 0
    "$built" --version >"$scratch/version" 2>&1 || {
        cat "$scratch/version" >&2
        fail "$built does not run here: what it needs is missing (sh deploy/quickstart.sh \
--build-only installs and builds it)"
    }
    ! grep -q 'driver missing' "$scratch/version" || fail "Qt's driver for SQLite is missing: \
apt-get install libqt6sql6-sqlite"
    "$built" --man >"$scratch/manual"
}

install_relay() {
    check_needs
    build_program
    check_program
    changed=no
    put 0755 "$built" "$program"
    [ ! -s "$scratch/manual" ] || put 0644 "$scratch/manual" "$manual"
    put 0644 deploy/systemd/vauchi-relay.sysusers "$sysusers"
    put 0644 deploy/systemd/vauchi-relay.tmpfiles "$tmpfiles"
    put 0644 deploy/systemd/vauchi-relay.service "$unit"
    if [ ! -e "$configuration" ]; then
        # It may come to hold a token.
        put 0600 deploy/systemd/vauchi-relay.env "$configuration"
    elif cmp -s deploy/systemd/vauchi-relay.env "$configuration"; then
        echo "$configuration is up to date"
    else
        echo "$configuration was edited and stays as it is"
    fi
    # A user that is there already, such as of useradd, is left as it is.
    run systemd-sysusers "$sysusers"
    run systemd-tmpfiles --create "$tmpfiles"
    run systemctl enable vauchi-relay
    if ! systemd_runs; then
        echo "systemd does not run here: the service starts with the next boot."
    else
        run systemctl daemon-reload
        if [ "$changed" = yes ]; then
            run systemctl restart vauchi-relay
        else
            run systemctl start vauchi-relay
        fi
    fi
    next_steps
}

next_steps() {
    [ "$dry_run" = no ] || return 0
    cat <<TEXT

Installed. What next:
  systemctl status vauchi-relay           is it running? Its log: journalctl -u vauchi-relay
  vauchi-relay probe ws://127.0.0.1:8080  send a message through it
  $configuration   its settings: edit, then systemctl restart vauchi-relay
  It listens on this machine only, until a proxy with TLS passes clients on: deploy/DEPLOYMENT.md
  Its data is in $data; back it up (deploy/DEPLOYMENT.md, "Backup and restore")
TEXT
}

uninstall_relay() {
    [ "$dry_run" = yes ] || [ "$(id -u)" = 0 ] \
        || fail "this needs root: sudo ./deploy/install.sh --uninstall"
    if [ -e "$unit" ]; then
        if systemd_runs; then
            run systemctl disable --now vauchi-relay
        else
            run systemctl disable vauchi-relay
        fi
    fi
    for file in "$unit" "$sysusers" "$tmpfiles" "$manual" "$program"; do
        [ ! -e "$file" ] || run rm -f "$file"
    done
    ! systemd_runs || run systemctl daemon-reload
    [ "$dry_run" = no ] || return 0
    cat <<TEXT

Removed. What stays, and how to remove that too:
  the data           rm -r $data
  the configuration  rm -r ${configuration%/*}
  the user           userdel vauchi
TEXT
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ "$action" = uninstall ]; then
    uninstall_relay
else
    install_relay
fi
