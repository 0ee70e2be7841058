#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: image.sh SOURCE_ROOT BIN_DIR
# The image that the Dockerfile makes, started as an engine starts it: first process of its namespaces,
# read-only root, no capability, uid 1000. Where docker.sh has not left one of these sources, buildah
# builds it from a debootstrap's base.
# shellcheck disable=SC2016 # what the shells of other commands expand
set -eu

root=$1
bin=$2
# shellcheck source=tests/deploy/system-common.sh
. "$root/tests/deploy/system-common.sh"

buildah() {
    command buildah --storage-driver vfs --root "$scratch/images" --runroot "$scratch/run" "$@"
}

is_left_by_docker() {
    [ -e "$docker_image" ] && [ -z "$(find "$root/Dockerfile" "$root/CMakeLists.txt" \
        "$root/relayd" "$root/shared" "$root/deploy" -newer "$docker_image" -print -quit)" ]
}

# build_image: on the base in $tree.
build_image() {
    image=$(buildah from scratch)
    buildah add -q "$image" "$tree" / >/dev/null
    buildah commit -q --rm "$image" docker.io/library/debian:bookworm-slim >/dev/null
    echo "building the image"
    buildah build --isolation chroot --format docker --pull-never -t vauchi-relay "$root" \
        >"$scratch/build.log" 2>&1 || {
        tail -n 40 "$scratch/build.log"
        fail "buildah build"
    }
    echo "ok: the image is built"
    refuse "no log speaks of a fault in the Dockerfile" \
        grep -i "warn.*\(healthcheck\|dockerfile\)" "$scratch/build.log"
}

# config FILTER: of the image.
config() {
    jq -r "$1" "$scratch/config.json"
}

# size_of FOLDER: in megabytes of content.
size_of() {
    du -s -x -m --apparent-size "$1" | cut -f1
}

# start_container UID FOLDER [NAME=value…]: the image's entry point, with FOLDER as /data.
start_container() {
    uid=$1
    data=$2
    shift 2
    # A name of its own for the root of each, which is read-only.
    place=$(mktemp -d "$scratch/container.XXXXXX")
    unshare --mount --pid --net --ipc --uts --fork --kill-child sh -ec '
        image=$1; place=$2; data=$3; uid=$4; config=$5
        shift 5
        ip link set lo up
        mount --make-rprivate /
        mount --bind "$image" "$place"
        mount -o remount,bind,ro "$place"
        mount --bind "$data" "$place/data"
        mount -t proc proc "$place/proc"
        mount --bind /dev "$place/dev"
        # Read before the root is another, whose environment and command are words of one line each.
        environment=$(jq -r ".Env[]" "$config")
        entry=$(jq -r ".Entrypoint[]" "$config")
        cd "$place"
        # What capabilities a process without them could get back goes too.
        exec env -i $environment "$@" chroot "$place" setpriv --reuid "$uid" --regid "$uid" \
            --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all \
            --no-new-privs $entry' \
        sh "$scratch/root" "$place" "$data" "$uid" "$scratch/config.json" "$@" \
        >"$scratch/relay.log" 2>&1 &
    container=$!
    await 30 "the container starts" find_first_process
}

# The program is the first process of its namespace: no shell stands before it.
find_first_process() {
    kill -0 "$container" 2>/dev/null || return 0
    # shellcheck disable=SC2013 # the children are words of one line
    for first in $(cat "/proc/$container/task/$container/children"); do
        [ "$(cat "/proc/$first/comm")" != vauchi-relay ] || return 0
    done
    return 1
}

# in_container COMMAND…: as `docker exec` does it.
in_container() {
    # shellcheck disable=SC2046 # one word for each variable
    nsenter --target "$first" --mount --net --pid --root --wd=/ -- env -i $(config '.Env[]') \
        setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}

# at_its_ports COMMAND…: what an engine's published ports lead to.
at_its_ports() {
    nsenter --target "$first" --net -- "$@"
}

is_healthy() {
    # shellcheck disable=SC2046 # one word for each argument
    in_container $(config '.Healthcheck.Test[1:][]')
}

# stop_container EXIT_CODE: as `docker stop` does it.
stop_container() {
    signal=$(config .StopSignal)
    kill -s "${signal#SIG}" "$first"
    code=0
    wait "$container" || code=$?
    container=
    [ "$code" = "$1" ] || {
        cat "$scratch/relay.log"
        fail "it ended with $code, not with $1"
    }
}

status_has() {
    grep -Eq "^$1:[[:space:]]+$2\$" "/proc/$first/status"
}

use_tools buildah debootstrap jq iproute2 curl

# ---- the image
make_tree base
# Which the published image does not have.
rm -rf "$tree/var/lib/apt/lists" "$tree/var/cache/apt"
base_size=$(size_of "$tree")
if is_left_by_docker; then
    echo "taking the image that docker.sh has built"
    buildah tag "$(buildah pull -q "docker-archive:$docker_image")" vauchi-relay
else
    build_image
fi
rm -rf "$tree"
buildah inspect --type image vauchi-relay | jq .Docker.config >"$scratch/config.json"

expect "it runs as 1000:1000" [ "$(config .User)" = 1000:1000 ]
expect "its entry point is the program" [ "$(config '.Entrypoint | join(" ")')" = vauchi-relay ]
expect "it has no command that would be arguments" [ "$(config '.Cmd | length')" = 0 ]
expect "its data is a volume" [ "$(config '.Volumes | keys | join(" ")')" = /data ]
expect "its ports" [ "$(config '.ExposedPorts | keys | join(" ")')" = "8080/tcp 8081/tcp" ]
expect "a health check without a shell" \
    [ "$(config '.Healthcheck.Test | join(" ")')" = "CMD vauchi-relay healthcheck" ]
expect "its labels name the version of the program" \
    [ "vauchi-relay $(config '.Labels["org.opencontainers.image.version"]')" = \
    "$("$bin/vauchi-relay" --version | head -n 1)" ]
for label in title description licenses vendor; do
    refuse "the label $label" [ -z "$(config ".Labels[\"org.opencontainers.image.$label\"] // \"\"")" ]
done

mkdir "$scratch/root"
cp -a "$(buildah mount "$(buildah from --pull-never vauchi-relay)")/." "$scratch/root"
larger=$(($(size_of "$scratch/root") - base_size))
echo "the image is $larger MB larger than its base"
expect "under 150 MB" [ "$larger" -lt 150 ]
expect "uid 1000 is vauchi" grep -q "^vauchi:x:1000:1000:" "$scratch/root/etc/passwd"
expect "Qt's driver for PostgreSQL is in it" \
    sh -c 'ls "$1"/usr/lib/*/qt6/plugins/sqldrivers/libqsqlpsql.so' sh "$scratch/root"
expect "no compiler, no sources" sh -c '! ls "$1"/usr/bin/*g++* "$1"/usr/bin/cmake "$1"/src \
    2>/dev/null | grep .' sh "$scratch/root"
expect "it brings its licence" cmp "$root/LICENSE" "$scratch/root/usr/share/doc/vauchi-relay/copyright"

# ---- as `docker run -v relay-data:/data vauchi-relay`: a new volume has the rights of its place
new_volume() {
    mkdir "$scratch/$1"
    cp -a "$scratch/root/data/." "$scratch/$1"
    chmod --reference="$scratch/root/data" "$scratch/$1"
    chown --reference="$scratch/root/data" "$scratch/$1"
}
new_volume volume
start_container 1000 "$scratch/volume"
await 30 "it is healthy" is_healthy
echo "ok: its own health check finds it healthy"
expect "it has no capability" status_has CapBnd 0000000000000000
expect "it is the first process" [ "$(awk '/^NSpid:/ { print $NF }' "/proc/$first/status")" = 1 ]
expect "its root is read-only" \
    in_container sh -c '! touch /nothing 2>/dev/null && ! touch /tmp/nothing 2>/dev/null'
expect "it carries a message" at_its_ports "$bin/vauchi-relay" probe ws://127.0.0.1:8080
expect "health and metrics on 8081" sh -c '"$@" http://127.0.0.1:8081/health \
    && "$@" http://127.0.0.1:8081/metrics | grep -q "^relay_ready 1"' sh \
    nsenter --target "$first" --net -- curl -sf
expect "the folder is its own" [ "$(stat -c %u:%a "$scratch/volume")" = 1000:700 ]
expect "a command in the container" in_container vauchi-relay backup /data/backup.db
expect "it stops cleanly" stop_container 0
start_container 1000 "$scratch/volume"
await 30 "it is healthy again" is_healthy
expect "it starts again on the same volume" in_container vauchi-relay verify
stop_container 0

# ---- as `docker run --user 4711`
new_volume other
start_container 4711 "$scratch/other"
await 30 "it is healthy under another uid" is_healthy
expect "another uid, with a new volume" at_its_ports "$bin/vauchi-relay" probe ws://127.0.0.1:8080
stop_container 0

# ---- a folder of root's
mkdir -m 0755 "$scratch/roots"
start_container 1000 "$scratch/roots"
code=0
wait "$container" || code=$?
container=
expect "a folder that it cannot write ends it with 77" [ "$code" = 77 ]
expect "and a message that says what to do" \
    grep -q "Permission denied for data directory /data .*chown" "$scratch/relay.log"
echo "all of it holds"
