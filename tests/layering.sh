#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks the arrows of #include between modules (relayd/README.md, "Who includes whom").
# Usage: layering.sh ROOT | layering.sh --self-test
set -eu

# What a module may include besides itself. A module that is not listed is a fault.
allowed() {
    case $1 in
    shared) echo ;;
    relayd/config | relayd/metrics) echo shared ;;
    relayd/relay) echo shared relayd/config relayd/metrics ;;
    relayd/http) echo shared relayd/config relayd/metrics relayd/relay ;;
    relayd/storage) echo shared relayd/config relayd/metrics relayd/relay ;;
    relayd/net) echo shared relayd/config relayd/metrics relayd/relay relayd/http ;;
    relayd/app)
        echo shared relayd/config relayd/metrics relayd/relay relayd/http relayd/storage relayd/net
        ;;
    relayd) echo relayd/app ;; # main.cpp
    relay-admin/client) echo shared ;;
    relay-admin/models) echo shared relay-admin/client ;;
    relay-admin/ui) echo shared relay-admin/client relay-admin/models ;;
    relay-admin) echo shared relay-admin/client relay-admin/models relay-admin/ui ;; # main.cpp
    *) return 1 ;;
    esac
}

# "shared/protocol/ids.h" belongs to shared, "relayd/net/stream.h" to relayd/net, "relayd/main.cpp"
# to relayd.
module_of() {
    case $1 in
    relayd/*/* | relay-admin/*/*) echo "$1" | cut -d/ -f1,2 ;;
    *) echo "${1%%/*}" ;;
    esac
}

# Prints a line for each fault below the folder $1; fails if there is one.
check() {
    cd "$1"
    faults=0
    set --
    for folder in shared relayd relay-admin; do
        [ ! -d "$folder" ] || set -- "$@" "$folder"
    done
    [ $# -gt 0 ] || {
        echo "layering: no sources in $PWD" >&2
        return 1
    }
    includes=$(find "$@" \( -name '*.h' -o -name '*.cpp' \) -exec \
        grep -En '^[[:space:]]*#[[:space:]]*include' /dev/null {} +)
    while IFS=: read -r file line text; do
        case $text in
        *'<shared/'* | *'<relayd/'* | *'<relay-admin/'*)
            echo "$file:$line: own headers are included with quotes"
            faults=1
            continue
            ;;
        *'"'*) ;;
        *) continue ;;
        esac
        target=${text#*\"}
        target=${target%%\"*}
        from=$(module_of "$file")
        to=$(module_of "$target")
        # What moc and uic make lies beside the file that includes it.
        case $target in
        *.moc | moc_*.cpp | ui_*.h) continue ;;
        shared/* | relayd/* | relay-admin/*) ;;
        *)
            echo "$file:$line: \"$target\" does not name its module"
            faults=1
            continue
            ;;
        esac
        if [ ! -f "$target" ]; then
            echo "$file:$line: \"$target\" does not exist"
            faults=1
        elif ! known=$(allowed "$from"); then
            echo "$file:$line: module $from is not known to tests/layering.sh"
            faults=1
        else
            case " $from $known " in
            *" $to "*) ;;
            *)
                echo "$file:$line: $from must not know $to"
                faults=1
                ;;
            esac
        fi
    done <<EOF
$includes
EOF
    return "$faults"
}

# One sample: FILE, LINE OF IT, WHAT MUST BE SAID (nothing: it is in order).
sample() {
    rm -rf "$samples"
    for header in shared/protocol/a.h relayd/config/a.h relayd/metrics/a.h relayd/relay/a.h \
        relayd/http/a.h relayd/storage/a.h relayd/net/a.h relayd/app/a.h relay-admin/client/a.h \
        relay-admin/models/a.h relay-admin/ui/a.h; do
        mkdir -p "$samples/${header%/*}"
        echo '#include <QString>' >"$samples/$header"
    done
    mkdir -p "$samples/${1%/*}"
    echo "$2" >"$samples/$1"
    if said=$(check "$samples"); then
        [ -z "$3" ] && return
        echo "self-test: $1: $2: no fault was found" >&2
    elif [ -n "$3" ]; then
        case $said in *"$3"*) return ;; esac
        echo "self-test: $1: $2: expected \"$3\", but: $said" >&2
    else
        echo "self-test: $1: $2: $said" >&2
    fi
    failed=1
}

self_test() {
    samples=$(mktemp -d)
    trap 'rm -rf "$samples"' EXIT
    failed=0
    sample relayd/main.cpp '#include "relayd/app/a.h"' ''
    sample relayd/net/b.cpp '#include "relayd/http/a.h"' ''
    sample relayd/app/b.cpp '#include "relayd/storage/a.h"' ''
    sample relay-admin/client/b.cpp '#include "shared/protocol/a.h"' ''
    sample relay-admin/models/b.cpp '#include "relay-admin/client/a.h"' ''
    sample relay-admin/ui/b.cpp '#include "relay-admin/models/a.h"' ''
    sample relay-admin/main.cpp '#include "relay-admin/ui/a.h"' ''
    sample relayd/relay/b.cpp '#include "b.moc"' ''
    sample shared/protocol/b.h '#include "relayd/config/a.h"' 'shared must not know relayd/config'
    sample relayd/relay/b.h '#include "relayd/net/a.h"' 'relayd/relay must not know relayd/net'
    sample relayd/relay/b.h '  #  include "relayd/storage/a.h"' 'must not know relayd/storage'
    sample relayd/storage/b.h '#include "relayd/http/a.h"' 'must not know relayd/http'
    sample relayd/storage/b.h '#include "relayd/net/a.h"' 'must not know relayd/net'
    sample relayd/net/b.h '#include "relayd/storage/a.h"' 'must not know relayd/storage'
    sample relayd/http/b.h '#include "relayd/net/a.h"' 'must not know relayd/net'
    sample relayd/config/b.h '#include "relayd/metrics/a.h"' 'must not know relayd/metrics'
    sample relayd/net/b.h '#include "relayd/app/a.h"' 'must not know relayd/app'
    sample relayd/main.cpp '#include "relayd/net/a.h"' 'relayd must not know relayd/net'
    sample relayd/app/b.h '#include "relay-admin/client/a.h"' 'must not know relay-admin'
    sample relay-admin/client/b.h '#include "relayd/config/a.h"' 'must not know relayd/config'
    sample relay-admin/client/b.h '#include "relay-admin/models/a.h"' 'must not know'
    sample relay-admin/models/b.h '#include "relay-admin/ui/a.h"' 'must not know'
    sample relayd/net/b.h '#include "a.h"' 'does not name its module'
    sample relayd/net/b.h '#include "tests/support/a.h"' 'does not name its module'
    sample relayd/net/b.h '#include <relayd/net/a.h>' 'with quotes'
    sample relayd/net/b.h '#include "relayd/net/c.h"' 'does not exist'
    sample relayd/tools/b.h '#include "shared/protocol/a.h"' 'relayd/tools is not known'
    return "$failed"
}

case ${1:-} in
--self-test) self_test ;;
'' | -*)
    echo "Usage: layering.sh ROOT | layering.sh --self-test" >&2
    exit 64
    ;;
*) check "$1" ;;
esac
