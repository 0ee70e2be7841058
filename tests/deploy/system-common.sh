# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A small Debian of its own in which systemd is booted, for the tests that install the relay.
# Sourced, with $root (sources) and $bin (programs) set. Everything is removed at the end, but for
# build/deploy, which keeps what debootstrap and apt-get made for the next run.

: "${root:?}" "${bin:?}"
# shellcheck source=deploy/dependencies.sh
. "$root/deploy/dependencies.sh"

fail() {
    echo "FAILED: $*" >&2
    [ -z "${leader:-}" ] || inside journalctl --no-pager -n 40 -u vauchi-relay >&2 || true
    exit 1
}

skip() {
    echo "skipped: $*"
    exit 77
}

# use_tools PACKAGE…: the host's own; installed where they are missing.
use_tools() {
    [ "$(id -u)" = 0 ] || skip "this test boots a system in a container, which needs root"
    command -v apt-get >/dev/null || skip "this is not Debian: there is no apt-get"
    unshare --mount --pid --fork true 2>/dev/null || skip "this machine allows no containers"
    # shellcheck disable=SC2046 # one word for each package
    set -- $(missing_packages "$@")
    [ $# = 0 ] || {
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
    } >"$scratch/tools.log" 2>&1 || {
        cat "$scratch/tools.log"
        fail "cannot install $*"
    }
}

# In build/, for the next script or the next run.
cache=$bin/../../deploy
mkdir -p "$cache"
# The image of docker.sh, for image.sh: to build it takes two minutes.
# shellcheck disable=SC2034 # both use it
docker_image=$cache/image.tar

# The packages that the relay's libraries are from, and what it loads at run time.
relay_libraries() {
    ldd "$bin/vauchi-relay" | awk '$3 ~ /^\// { print $3 }' | while read -r library; do
        dpkg-query -S "*/$(basename "$(realpath "$library")")" | cut -d: -f1
    done | sort -u
    echo libqt6sql6-sqlite
}

# in_tree COMMAND…: in the tree as it lies there, with the host's network.
in_tree() {
    DEBIAN_FRONTEND=noninteractive chroot "$tree" "$@"
}

# make_base: as this machine's Debian, because the programs were built against its libraries.
make_base() {
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2016 # apt-get's own variables
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $suite" \
        | head -n 1)
    debootstrap --variant=minbase "$suite" "$tree" "$mirror" || return
    # With the updates, as here.
    # shellcheck disable=SC2016 # apt-get's own variables
    apt-get indextargets --format 'deb $(SITE) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' >"$tree/etc/apt/sources.list"
    in_tree apt-get update -q
}

# make_tree base|systemd|libraries: $tree, the least of a Debian; with "systemd", one that boots;
# with "libraries", those of the relay as well.
make_tree() {
    tree=$scratch/tree
    mkdir -p "$tree"
    base=$cache/$1.tar
    # A relay that is built with other libraries needs another tree.
    [ "$1" != libraries ] || base=$cache/$1-$(relay_libraries | cksum | cut -d' ' -f1).tar
    if [ ! -e "$base" ]; then
        echo "making ${base##*/} in build/deploy"
        {
            # shellcheck disable=SC2046 # one word for each package
            case $1 in
            base) make_base ;;
            systemd) add_to base systemd init-system-helpers ;;
            libraries) add_to systemd $(relay_libraries) ;;
            esac && in_tree apt-get clean && tar -C "$tree" -cf "$base.new" .
        } >"$scratch/base.log" 2>&1 || {
            tail -n 30 "$scratch/base.log"
            fail "cannot make ${base##*/}"
        }
        mv "$base.new" "$base"
    else
        tar -C "$tree" -xf "$base"
    fi
}

# add_to TREE PACKAGE…
add_to() {
    (make_tree "$1") || return
    shift
    in_tree apt-get install -q -y --no-install-recommends "$@"
}

# boot: systemd as the first process of $tree, with no network but its own loopback.
boot() {
    systemd-nspawn --quiet --boot --register=no --keep-unit --private-network \
        --machine=vauchi-deploy -D "$tree" --console=pipe </dev/null >"$scratch/console.log" 2>&1 &
    container=$!
    await 60 "systemd boots" find_leader
    await 60 "systemd is up" is_up
}

# What a forked child of the container does first is not systemd yet.
find_leader() {
    kill -0 "$container" 2>/dev/null || {
        cat "$scratch/console.log"
        fail "the container has ended"
    }
    # shellcheck disable=SC2013 # the children are words of one line
    for leader in $(cat "/proc/$container/task/$container/children"); do
        [ "$(cat "/proc/$leader/comm")" != systemd ] || return 0
    done
    leader=
    return 1
}

is_up() {
    case $(inside systemctl is-system-running 2>/dev/null) in
    running | degraded) return 0 ;;
    *) return 1 ;;
    esac
}

# inside COMMAND…: in the booted system.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}

# property NAME: of the service.
property() {
    inside systemctl show --value -p "$1" vauchi-relay
}

is_active() {
    [ "$(property ActiveState)" = active ]
}

is_failed() {
    [ "$(property ActiveState)" = failed ]
}

# await SECONDS WHAT COMMAND…: until it succeeds.
await() {
    seconds=$1
    what=$2
    shift 2
    deadline=$(($(date +%s) + seconds))
    until "$@"; do
        [ "$(date +%s)" -lt "$deadline" ] || fail "not within $seconds s: $what"
        sleep 0.1
    done
}

# expect WHAT COMMAND…
expect() {
    what=$1
    shift
    "$@" >"$scratch/expected.log" 2>&1 || {
        cat "$scratch/expected.log"
        fail "$what"
    }
    echo "ok: $what"
}

# refuse WHAT COMMAND…: it has to fail.
refuse() {
    what=$1
    shift
    ! "$@" >"$scratch/refused.log" 2>&1 || fail "$what"
    echo "ok: $what"
}

clean_up() {
    if [ -n "${container:-}" ] && kill -0 "$container" 2>/dev/null; then
        # SIGRTMIN+4: power off, at once where a service takes its time.
        [ -z "${leader:-}" ] || kill -s RTMIN+4 "$leader" 2>/dev/null || true
        for _ in $(seq 100); do
            kill -0 "$container" 2>/dev/null || break
            sleep 0.1
        done
        # Its first process ends with it.
        kill -KILL "$container" 2>/dev/null || true
        wait "$container" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}

scratch=$(mktemp -d /var/tmp/vauchi-deploy.XXXXXX)
leader=
trap clean_up EXIT
trap 'exit 1' INT TERM
