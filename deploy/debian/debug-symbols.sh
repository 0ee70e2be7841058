#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: debug-symbols.sh PACKAGE.ddeb: makes it anew (debug-symbols.cmake says why).
set -eu

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"
name=$(dpkg-deb -f "$1" Package)
dpkg-deb -R "$1" "$tree"
# The documents are those of the package that it depends on.
mkdir -p "$tree/usr/share/doc"
ln -s "${name%-dbgsym}" "$tree/usr/share/doc/$name"
(cd "$tree" && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
dpkg-deb -Zxz -z1 --root-owner-group -b "$tree" "$1" >/dev/null
