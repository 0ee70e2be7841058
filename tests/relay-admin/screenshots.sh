#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Pictures of the console as it watches real relays under load, on a display of its own.
#
#   tests/relay-admin/screenshots.sh OUT_DIR [NAME…]    NAME: of a picture, without .png
#
# Builds the preset release if it is not there, and installs what takes the pictures. The first
# overview comes after WATCH seconds (240), in which the charts fill.
set -eu

[ $# -ge 1 ] || {
    sed -n '3,8s/^# \{0,1\}//p' "$0"
    exit 64
}
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
wanted=" $* "
watch=${WATCH:-240}
cd "$(dirname "$0")/../.."
. deploy/dependencies.sh
bin=$PWD/build/release/bin

provide test install
# shellcheck disable=SC2046 # one word for each package
missing=$(missing_packages xvfb openbox imagemagick xdotool fonts-dejavu-core curl)
if [ -n "$missing" ]; then
    run_as_root apt-get update -q
    # shellcheck disable=SC2086 # one word for each package
    run_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends $missing
fi
if ! [ -x "$bin/vauchi-relay-admin" ] || ! [ -x "$bin/relay-bench" ]; then
    cmake --preset release
    cmake --build --preset release --target vauchi-relay vauchi-relay-admin relay-bench
fi

work=$(mktemp -d "${TMPDIR:-/var/tmp}/screenshots.XXXXXX")
started=
finish() {
    # The display last: who draws on it complains otherwise.
    for pid in $started; do
        [ "$pid" = "${display_server:-}" ] || kill "$pid" 2>/dev/null || true
    done
    [ -z "${display_server:-}" ] || kill "$display_server" 2>/dev/null || true
    wait 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
# Runs "$@" beside the script, until its end at the latest; its pid is in $last.
beside() {
    "$@" &
    last=$!
    started="$started $last"
}
# Until "$@" succeeds; half a minute at the most.
until_true() {
    tries=150
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || {
            echo "in vain: $*" >&2
            exit 1
        }
        sleep 0.2
    done
}

# ---- relays ----

# port NAME: where the relay NAME takes clients; port NAME monitoring: where it is watched
port() {
    case ${2:-} in
    monitoring) pattern='for HTTP on' ;;
    *) pattern='for WebSocket on' ;;
    esac
    sed -n "s/.*$pattern 127\\.0\\.0\\.1:\\([0-9]*\\).*/\\1/p" "$work/$1.log" | tail -n 1
}
has_ports() { [ -n "$(port "$1")" ] && [ -n "$(port "$1" monitoring)" ]; }
# relay NAME VARIABLE=VALUE…
relay() {
    name=$1
    shift
    beside env RELAY_DATA_DIR="$work/$name" RELAY_LISTEN_ADDR=127.0.0.1:0 \
        RELAY_HTTP_ADDR=127.0.0.1:0 RELAY_RATE_LIMIT_PER_MIN=0 RELAY_MAX_STORAGE_BYTES=0 "$@" \
        "$bin/vauchi-relay" 2>"$work/$name.log"
    until_true has_ports "$name"
}
# A day of traffic in minutes: connections come and go.
traffic() {
    while :; do
        for connections in 3 9 16 24 30 21 12 6; do
            "$bin/relay-bench" --url "ws://127.0.0.1:$(port "$1")" --connections $((connections / $2)) \
                --depth 1 --size $((128 * $2)) --seconds 9 >"$work/load.log" 2>&1 || true
        done
    done
}
# Somebody who sends more than he may.
refusals() {
    while :; do
        for messages in 1 3 2 5 1; do
            "$bin/relay-bench" --url "ws://127.0.0.1:$(port "$1")" --connections "$messages" --depth 1 \
                --size 2000000 --seconds 1 >/dev/null 2>&1 || true
            sleep 1
        done
    done
}

relay frankfurt RELAY_MAX_CONNECTIONS=32
relay lyon RELAY_MAX_CONNECTIONS=1000
relay madrid RELAY_MAX_CONNECTIONS=1000
relay attic RELAY_MIN_FREE_BYTES=1000000000000000
relay cellar
cellar=$last
beside traffic frankfurt 1
beside traffic lyon 3
beside refusals frankfurt

# ---- the console ----

display=:$((90 + $$ % 900))
beside Xvfb "$display" -screen 0 2880x1840x24 -nolisten tcp
display_server=$last
export DISPLAY="$display" QT_QPA_PLATFORM=xcb XDG_CONFIG_HOME="$work/config" \
    XDG_DATA_HOME="$work/share" XDG_RUNTIME_DIR="$work/run" LANG=C.UTF-8
mkdir -p "$XDG_CONFIG_HOME/vauchi" "$XDG_DATA_HOME/vauchi/vauchi-relay-admin" "$work/run" \
    "$work/openbox"
chmod 700 "$work/run"
until_true xdotool getdisplaygeometry
# Windows in the middle, without the themes' frames in the way.
cat >"$work/openbox/rc.xml" <<'EOF'
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <placement><policy>Smart</policy><center>yes</center></placement>
  <applications><application class="*"><decor>no</decor></application></applications>
</openbox_config>
EOF
beside openbox --config-file "$work/openbox/rc.xml"

profile() { # NAME KEY COLOUR GROUP [PUBLIC_URL]
    printf '{"id": "{0000000%s-0000-4000-8000-000000000000}", "name": "%s", "group": "%s",' \
        "$2" "$1" "$4"
    printf ' "colour": "%s", "monitoringUrl": "http://127.0.0.1:%s", "publicUrl": "%s",' \
        "$3" "$(port "$5" monitoring)" "${6:-}"
    printf ' "intervalSeconds": 1}'
}
profiles() {
    printf '{"format": "vauchi-relay-admin profiles", "version": 1, "profiles": [\n'
    profile Frankfurt 1 red prod frankfurt "ws://127.0.0.1:$(port frankfurt)"
    printf ',\n'
    profile Lyon 2 red prod lyon
    printf ',\n'
    profile Madrid 3 blue staging madrid
    printf ',\n'
    profile Attic 4 none home attic
    printf ',\n'
    profile Cellar 5 none home cellar "ws://127.0.0.1:$(port cellar)"
    printf '\n]}\n'
}

# settings THEME LANGUAGE: what a person chose
settings() {
    printf '[preferences]\ntheme=%s\nlanguage=%s\n' "$1" "$2" \
        >"$XDG_CONFIG_HOME/vauchi/vauchi-relay-admin.ini"
}
has_window() { window=$(xdotool search --onlyvisible --pid "$console" --name . | tail -n 1); }
# console [ARGUMENT…]: with its window on the screen, and what it polls on the window
console() {
    beside "$bin/vauchi-relay-admin" "$@"
    console=$last
    until_true has_window
    xdotool windowfocus "$window"
}
close_console() {
    kill "$console"
    wait "$console" 2>/dev/null || true
}
# What one sees of a window needs a poll or two, and its being drawn.
settle() { sleep "${1:-4}"; }
press() { xdotool key --clearmodifiers --delay 60 "$@"; }
picture() {
    has_window
    import -display "$DISPLAY" -window root "$work/screen.png"
    # What is not window is black, and falls off.
    convert "$work/screen.png" -bordercolor black -border 1 -trim +repage "$out/$1.png"
    echo "$out/$1.png"
}
is_wanted() {
    [ "$wanted" = "  " ] && return 0
    case $wanted in
    *" $1 "*) return 0 ;;
    esac
    return 1
}

if is_wanted first-run; then
    settings light en
    console
    settle 1
    picture first-run
    close_console
fi

profiles >"$XDG_DATA_HOME/vauchi/vauchi-relay-admin/profiles.json"
settings light en
console --profile Frankfurt
settle $((watch / 2))
kill "$cellar"
settle $((watch / 2))
if is_wanted overview-light; then picture overview-light; fi
if is_wanted metrics; then
    press ctrl+f
    xdotool type relay_
    settle 2
    picture metrics
fi
if is_wanted alerts; then
    press alt+l
    settle 1
    picture alerts
fi
close_console

# overview NAME PROFILE THEME LANGUAGE
overview() {
    is_wanted "$1" || return 0
    settings "$3" "$4"
    console --profile "$2"
    settle
    picture "$1"
    close_console
}
overview overview-dark Frankfurt dark en
overview not-ready Attic light en
overview down Cellar dark en
overview german Frankfurt light de
overview arabic Frankfurt light ar
export QT_SCALE_FACTOR=2
overview scale-200 Frankfurt light en
unset QT_SCALE_FACTOR

# connection NAME PROFILE: the form, and what its test says
connection() {
    is_wanted "$1" || return 0
    settings light en
    console --profile "$2"
    settle 2
    press F2
    settle 1
    press alt+t
    settle 4
    picture "$1"
    close_console
}
connection connection-good Frankfurt
connection connection-bad Cellar
