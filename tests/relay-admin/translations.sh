#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks that the console's languages are whole and up to date with its sources.
# Usage: translations.sh ROOT | translations.sh --self-test ROOT
set -eu

here=$(cd "$(dirname "$0")" && pwd)

# The languages that the program offers.
languages() {
    sed -n 's/^ *{QStringLiteral("\(.*\)"), QStringLiteral(".*")},$/\1/p' \
        "$root/relay-admin/ui/languages.cpp"
}

# Prints a line for each fault of the files in the folder $1.
faults() {
    for language in $(languages); do
        file="$1/vauchi-relay-admin_$language.ts"
        if [ ! -f "$file" ]; then
            echo "$file: is missing"
        elif ! grep -q "<TS .*language=\"$language\"" "$file"; then
            echo "$file: is of another language"
        fi
        grep -q "vauchi-relay-admin_$language.ts" "$root/translations/CMakeLists.txt" \
            || echo "translations/CMakeLists.txt: $language is missing"
    done
    for file in "$1"/*.ts; do
        language=${file##*_}
        languages | grep -qx "${language%.ts}" || echo "$file: is of no language of languages.cpp"
    done
    LC_ALL=C awk -f "$here/translations.awk" "$1"/*.ts
}

# Prints what lupdate would change in the folder $1, and what it warns of.
drift() {
    rm -rf "$work/updated"
    cp -r "$1" "$work/updated"
    sh "$root/translations/update.sh" "$work/updated" 2>&1 >/dev/null | grep -v '^Scanning ' || true
    for file in "$1"/*.ts; do
        diff -u "$file" "$work/updated/${file##*/}" || true
    done
}

# sample LANGUAGE SCRIPT-OF-SED CHECK WHAT-MUST-BE-SAID
sample() {
    rm -rf "$work/broken"
    mkdir "$work/broken"
    cp "$root"/translations/*.ts "$work/broken"
    sed -i "$2" "$work/broken/vauchi-relay-admin_$1.ts"
    said=$("$3" "$work/broken")
    case $said in
    *"$4"*) ;;
    *)
        echo "self-test: $1: $2: expected \"$4\", but: $said" >&2
        failed=1
        ;;
    esac
}

self_test() {
    failed=0
    sample de '0,/<translation>/s//<translation type="unfinished">/' faults 'not finished'
    sample fr '0,/<translation>/s//<translation type="vanished">/' faults 'not finished'
    sample es '0,/<translation>.*</s//<translation></' faults 'empty'
    sample ar '0,/<numerusform>.*</s//<numerusform></' faults 'empty'
    sample ar '0,/ *<numerusform>.*/s///' faults 'has 5 plural forms, not 6'
    sample en '0,/ *<numerusform>.*/s///' faults 'has 1 plural forms, not 2'
    sample de '/<translation>/s/%1/%3/' faults 'place markers differ'
    sample fr '/<numerusform>/s/%Ln//' faults 'place markers differ'
    sample es '/<numerusform>/s/%Ln/%n/' faults 'write %Ln'
    sample de '/<translation>/s/&amp;//' faults 'mnemonic'
    sample de '/<translation>/s/…//' faults 'ellipsis'
    sample ar 's/language="ar"/language="he"/' faults 'another language'
    sample de 'w '"$work"'/broken/vauchi-relay-admin_xx.ts' faults 'no language of'
    # What the sources do not have, and what they have besides.
    sample es '0,/<source>/s//<source>Not /' drift '-        <source>Not '
    sample fr '/<message>/,/<\/message>/d' drift '+        <source>'
    rm "$work/broken/vauchi-relay-admin_fr.ts"
    faults "$work/broken" | grep -q 'fr.ts: is missing' || {
        echo "self-test: a file that is missing was not missed" >&2
        failed=1
    }
    return "$failed"
}

mode=check
if [ "${1:-}" = --self-test ]; then
    mode=self_test
    shift
fi
if [ $# != 1 ]; then
    echo "Usage: translations.sh ROOT | translations.sh --self-test ROOT" >&2
    exit 64
fi
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$mode" = self_test ]; then
    self_test
    exit
fi
found=$(
    faults "$root/translations"
    drift "$root/translations"
)
[ -z "$found" ] || {
    echo "$found"
    echo "sh translations/update.sh brings the files up to date; translations/README.md says more"
    exit 1
}
