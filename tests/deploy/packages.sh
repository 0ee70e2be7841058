#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: packages.sh SOURCE_ROOT BIN_DIR
# cpack -G DEB, lintian, and what apt-get makes of the packages in a small Debian with a real
# systemd: installed, upgraded, removed, purged.
# shellcheck disable=SC2016 # what the shells of other commands expand
set -eu

root=$1
bin=$2
# shellcheck source=tests/deploy/system-common.sh
. "$root/tests/deploy/system-common.sh"

configuration=/etc/vauchi-relay/vauchi-relay.env
data=/var/lib/vauchi-relay

is_probed() {
    inside vauchi-relay probe "ws://127.0.0.1:$1"
}

# build_packages RELEASE: into $scratch/RELEASE.
build_packages() {
    cpack --config "$bin/../CPackConfig.cmake" -G DEB -B "$scratch/$1" \
        -D CPACK_DEBIAN_PACKAGE_RELEASE="$1" >"$scratch/cpack.log" 2>&1 || {
        cat "$scratch/cpack.log"
        fail "cpack"
    }
    rm -r "$scratch/$1/_CPack_Packages"
}

# apt COMMAND…: in the booted system, which has no network: what it needs was fetched before.
apt() {
    # Where dpkg would ask about the configuration, the answer is to keep it.
    inside apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 \
        -o Dpkg::Options::=--force-confold "$@" \
        >"$scratch/apt.log" 2>&1 || {
        cat "$scratch/apt.log"
        fail "apt-get $*"
    }
}

# is_installed PACKAGE VERSION
is_installed() {
    [ "$(inside dpkg-query -W -f '${db:Status-Status} ${Version}' "$1")" = "installed $2" ]
}

# has_field PACKAGE FIELD TEXT
has_field() {
    dpkg-deb -f "$1" "$2" | grep -qF "$3"
}

# is_hardened PROGRAM
is_hardened() {
    readelf -hW "$1" | grep -q 'Type:.*DYN' \
        && readelf -dW "$1" | grep -q 'FLAGS_1.*NOW.*PIE' \
        && readelf -lW "$1" | grep -q GNU_RELRO \
        && readelf -sW "$1" | grep -q __stack_chk_fail \
        && readelf -sW "$1" | grep -q '_chk@'
}

# symbols_fit PROGRAM TREE: the tree has the symbols of this very build of the program.
symbols_fit() {
    id=$(readelf -nW "$1" | sed -n 's/.*Build ID: \(..\)/\1\//p')
    readelf -SW "$2/usr/lib/debug/.build-id/$id.debug" | grep -q debug_info
}

use_tools debootstrap systemd-container lintian dpkg-dev binutils

for name in vauchi-relay vauchi-relay-admin; do
    [ -x "$bin/$name" ] || skip "$name is not built (RELAY_BUILD_ADMIN)"
done
cmake --build "$bin/.." --target vauchi-relay-documents vauchi-relay-admin-documents >/dev/null
build_packages 1
build_packages 2
(cd "$scratch/1" && du -b -- *)
expect "lintian finds neither errors nor warnings but those explained in the overrides" \
    lintian --allow-root --fail-on error,warning "$scratch"/1/*.deb "$scratch"/1/*.ddeb

relay=$(ls "$scratch"/1/vauchi-relay_*.deb)
console=$(ls "$scratch"/1/vauchi-relay-admin_*.deb)
version=$(dpkg-deb -f "$relay" Version)
newer=${version%-1}-2
expect "the libraries are found by themselves" has_field "$relay" Depends 'libqt6websockets6 (>='
expect "the driver is asked for" has_field "$relay" Depends libqt6sql6-sqlite
expect "the one for PostgreSQL is suggested" has_field "$relay" Suggests libqt6sql6-psql
expect "the console's translations are recommended" \
    has_field "$console" Recommends qt6-translations-l10n
mkdir "$scratch/unpacked"
for package in "$relay" "$console" "$scratch"/1/*.ddeb; do
    dpkg-deb -x "$package" "$scratch/unpacked"
done
for name in vauchi-relay vauchi-relay-admin; do
    expect "$name is hardened" is_hardened "$scratch/unpacked/usr/bin/$name"
    expect "$name has its debug symbols beside it" \
        symbols_fit "$scratch/unpacked/usr/bin/$name" "$scratch/unpacked"
done
sed s,/usr/local/bin/,/usr/bin/, "$root/deploy/systemd/vauchi-relay.service" >"$scratch/unit"
expect "the unit is that of the sources but for the path of the program" \
    cmp "$scratch/unit" "$scratch/unpacked/usr/lib/systemd/system/vauchi-relay.service"
expect "the manual page is what the program prints" sh -c \
    'gzip -dc "$1/share/man/man1/vauchi-relay.1.gz" >"$1/page" && "$1/bin/vauchi-relay" --man \
        | cmp - "$1/page" && grep -q RELAY_LISTEN_ADDR "$1/page"' sh "$scratch/unpacked/usr"

make_tree systemd
cp -R "$scratch/1" "$scratch/2" "$tree/root/"
in_tree sh -c 'apt-get install -q -y --no-install-recommends --download-only /root/1/*.deb' \
    >"$scratch/fetch.log" 2>&1 || {
    tail "$scratch/fetch.log"
    fail "cannot fetch what the packages depend on"
}
boot

apt install "/root/1/${relay##*/}"
expect "installed" is_installed vauchi-relay "$version"
await 20 "it runs" is_active
expect "the service runs and carries a message" is_probed 8080
expect "it is started at boot" inside systemctl is-enabled vauchi-relay
expect "it runs as its own user" \
    [ "$(inside stat -c %U "/proc/$(property MainPID)")" = vauchi ]
expect "all files are whole" inside dpkg --verify vauchi-relay
expect "systemd-analyze verify has nothing to say" \
    [ -z "$(inside systemd-analyze verify --man=no vauchi-relay.service 2>&1)" ]

inside sed -i s/:8080/:9000/ "$configuration"
inside systemctl restart vauchi-relay
key=$(inside sha256sum "$data/relay_noise_key.bin")
database=$(inside stat -c %i "$data/relay.db")
pid=$(property MainPID)
apt install "/root/2/vauchi-relay_${newer}_$(dpkg --print-architecture).deb"
expect "upgraded" is_installed vauchi-relay "$newer"
await 20 "it runs" is_active
expect "the new one runs" [ "$(property MainPID)" != "$pid" ]
expect "with the edited configuration" is_probed 9000
expect "and its data" [ "$(inside sha256sum "$data/relay_noise_key.bin"
    inside stat -c %i "$data/relay.db")" = "$key
$database" ]

apt remove vauchi-relay
expect "removed, it does not run" [ "$(property ActiveState)" = inactive ]
refuse "nor is it there" inside test -e /usr/bin/vauchi-relay
expect "data and configuration stay" inside test -e "$data/relay.db" -a -e "$configuration"
apt install "/root/2/vauchi-relay_${newer}_$(dpkg --print-architecture).deb"
await 20 "it runs" is_active
expect "installed again, it goes on where it was" is_probed 9000
# Switched off by the operator, it stays off.
inside systemctl disable --now vauchi-relay
apt install --reinstall "/root/2/vauchi-relay_${newer}_$(dpkg --print-architecture).deb"
refuse "what was disabled stays disabled" inside systemctl is-enabled vauchi-relay

apt purge vauchi-relay
refuse "purged, the data is gone" inside test -e "$data"
refuse "and the configuration" inside test -e "${configuration%/*}"

# From what the script has installed to the package.
mkdir -p "$tree/root/vauchi-relay/build/release/bin"
cp -R "$root/deploy" "$tree/root/vauchi-relay/"
cp "$bin/vauchi-relay" "$tree/root/vauchi-relay/build/release/bin/"
inside /root/vauchi-relay/deploy/install.sh >"$scratch/script.log" 2>&1 || {
    cat "$scratch/script.log"
    fail "install.sh"
}
inside sed -i s/:8080/:9000/ "$configuration"
key=$(inside sha256sum "$data/relay_noise_key.bin")
inside /root/vauchi-relay/deploy/install.sh --uninstall >/dev/null
apt install "/root/1/${relay##*/}"
await 20 "it runs" is_active
expect "the package takes over the script's configuration" is_probed 9000
expect "and its data" [ "$(inside sha256sum "$data/relay_noise_key.bin")" = "$key" ]

apt install "/root/1/${console##*/}"
expect "the console starts" inside env QT_QPA_PLATFORM=offscreen vauchi-relay-admin --version
apt purge vauchi-relay-admin
refuse "and is gone again" inside test -e /usr/bin/vauchi-relay-admin
echo "all of it holds"
