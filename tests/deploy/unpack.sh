# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's packages of programs that would start a service if they were installed: unpacked into
# $tools. Sourced, with $bin set.

# shellcheck disable=SC2154 # $bin
tools=${bin%/bin}/tools

# download COMMAND…: apt-get COMMAND in $tools/packages, with fresh lists if it needs them
download() (
    mkdir -p "$tools/packages/partial"
    cd "$tools/packages" || exit
    apt-get -q "$@" >log 2>&1 || {
        run_as_root apt-get -q update
        apt-get -q "$@"
    }
)

# unpack PROGRAM PACKAGE…: the packages into $tools, as PROGRAM is not there yet
unpack() {
    program=$1
    shift
    [ ! -e "$tools/$program" ] || return 0
    echo "Unpacking into $tools: $*"
    download download "$@"
    unpack_downloaded
}

# unpack_needed MARK PACKAGE…: the same with what they need and the system does not have
unpack_needed() {
    mark=$1
    shift
    [ ! -e "$tools/$mark" ] || return 0
    echo "Unpacking into $tools: $* and what is missing of their dependencies"
    # Nothing is installed, so whoever is installing something meanwhile is not in the way.
    download install -y --download-only --no-install-recommends \
        -o Debug::NoLocking=1 -o "Dir::Cache::archives=$tools/packages" "$@"
    unpack_downloaded
    touch "$tools/$mark"
}

unpack_downloaded() {
    for package in "$tools"/packages/*.deb; do
        dpkg-deb -x "$package" "$tools"
    done
    rm -rf "$tools/packages"
}
