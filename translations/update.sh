#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Brings the .ts files of the console up to date with its sources.
# Usage: update.sh [FOLDER]    FOLDER: where they are, if not beside this script
# LUPDATE names Qt's lupdate; without it PATH is searched, then the place where Debian has it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${here%/*}
folder=$(cd "${1:-$here}" && pwd)
lupdate=${LUPDATE:-$(command -v lupdate || echo /usr/lib/qt6/bin/lupdate)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# lupdate reads no JSON; a text there is one in C++ too.
sed -n 's/^ *"summary": \(".*"\),$/QT_TRANSLATE_NOOP("AlertRules", \1)/p' \
    "$root/shared/monitoring/alertrules.json" >"$work/alertrules.h"
# What Qt writes on buttons, for where Qt's own translations are not installed.
for text in OK Cancel Close; do
    echo "QT_TRANSLATE_NOOP(\"QPlatformTheme\", \"$text\")"
done >"$work/qtbuttons.h"

# update OPTIONS… -ts FILES…
# The include path tells lupdate the namespaces; places in the sources would change each time.
update() {
    "$lupdate" -locations none -no-obsolete -I "$root" \
        "$root/relay-admin" "$work/alertrules.h" "$work/qtbuttons.h" "$@"
}

english="$folder/vauchi-relay-admin_en.ts"
set --
for file in "$folder"/vauchi-relay-admin_*.ts; do
    [ "$file" = "$english" ] || set -- "$@" "$file"
done
update -ts "$@"
# English is what the sources say, but for plural forms.
update -pluralonly -ts "$english"
