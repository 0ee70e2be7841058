#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: docker.sh [--tools] SOURCE_ROOT BIN_DIR
# The guide's commands for Docker and Compose, as they stand there, with an engine that is started for
# them in a network of its own (slirp4netns leads out of it). With --tools it only installs and makes
# what that needs.
set -eu

only_tools=
[ "$1" != --tools ] || {
    only_tools=1
    shift
}
root=$(cd "$1" && pwd)
bin=$(cd "$2" && pwd)

# shellcheck source=tests/deploy/system-common.sh
. "$root/tests/deploy/system-common.sh"
# shellcheck source=tests/deploy/unpack.sh
. "$root/tests/deploy/unpack.sh"

if [ -z "${RELAYTEST_OWN_NETWORK:-}" ]; then
    use_tools debootstrap docker-compose slirp4netns iproute2 curl iptables
    # Not installed, because the package starts a service.
    command -v dockerd >/dev/null || unpack_needed docker docker.io
    make_tree base
    [ -z "$only_tools" ] || exit 0
    # This shell stays outside, where the network leads on.
    RELAYTEST_OWN_NETWORK=1 unshare --net --mount sh "$0" "$@"
    exit
fi

engine_answers() {
    kill -0 "$engine" 2>/dev/null || {
        tail -n 20 "$scratch/dockerd.log"
        skip "no Docker engine can be started here"
    }
    docker info >/dev/null 2>&1
}

end() {
    for process in ${engine:-} ${uplink:-}; do
        kill "$process" 2>/dev/null || true
        wait "$process" || true
    done
    clean_up
}
trap end EXIT

# state FORMAT: of the container.
state() {
    docker inspect --format "{{$1}}" vauchi-relay
}

is_healthy() {
    [ "$(state .State.Health.Status)" = healthy ]
}

answers() {
    curl -sf http://localhost:8081/health >/dev/null
}

PATH=$tools/usr/sbin:$tools/usr/bin:$PATH
export PATH DOCKER_HOST="unix://$scratch/docker.sock"

ip link set lo up
nsenter --net="/proc/$PPID/ns/net" slirp4netns --configure "$$" tap0 >"$scratch/uplink.log" 2>&1 &
uplink=$!
dockerd --data-root "$scratch/docker" --exec-root "$scratch/run" --pidfile "$scratch/dockerd.pid" \
    --host "$DOCKER_HOST" >"$scratch/dockerd.log" 2>&1 &
engine=$!
await 60 "the engine starts" engine_answers
docker version --format 'Docker {{.Server.Version}}, client {{.Client.Version}}'
docker-compose --version

make_tree base
rm -rf "$tree/var/lib/apt/lists"
tar -C "$tree" -c . | docker import - debian:bookworm-slim >/dev/null
rm -rf "$tree"

# ---- as the guide says
cd "$root"
rm -f "$docker_image"
expect "docker build" docker build -t vauchi-relay .
docker save -o "$docker_image.new" vauchi-relay
mv "$docker_image.new" "$docker_image"
expect "docker run" docker run -d \
    --name vauchi-relay \
    -p 8080:8080 \
    -p 8081:8081 \
    -v relay-data:/data \
    vauchi-relay
await 20 "it answers" answers
expect "curl http://localhost:8081/health" curl -f http://localhost:8081/health
expect "clients reach it from outside of the container" "$bin/vauchi-relay" probe ws://127.0.0.1:8080
expect "docker exec" docker exec vauchi-relay vauchi-relay probe ws://127.0.0.1:8080
docker logs vauchi-relay >"$scratch/log" 2>&1
expect "docker logs" grep -q "is listening for WebSocket on 0.0.0.0:8080" "$scratch/log"
await 90 "docker finds it healthy" is_healthy
echo "ok: docker finds it healthy"
expect "a backup" docker exec vauchi-relay vauchi-relay backup /data/backup.db
expect "can be taken out of it" docker cp vauchi-relay:/data/backup.db "$scratch/backup.db"
expect "and is whole" "$bin/vauchi-relay" verify "$scratch/backup.db"
expect "docker stop" docker stop vauchi-relay
expect "it ended by itself, cleanly" [ "$(state .State.ExitCode)" = 0 ]
docker rm vauchi-relay >/dev/null

# ---- as hard as the guide makes it, and as somebody else
expect "docker run with nothing that it does not need" docker run -d --name vauchi-relay \
    --restart unless-stopped --stop-timeout 30 --user 4711:4711 \
    --read-only --cap-drop ALL --security-opt no-new-privileges \
    -p 127.0.0.1:8080:8080 -p 127.0.0.1:8081:8081 -v other-data:/data \
    -e RELAY_MAX_CONNECTIONS=5000 vauchi-relay
await 20 "it answers" answers
expect "it carries a message" "$bin/vauchi-relay" probe ws://127.0.0.1:8080
expect "with its settings" sh -c 'curl -sf http://localhost:8081/metrics \
    | grep -qx "relay_max_connections 5000"'
expect "a second one on its volume stops with 75" sh -c 'docker run --rm --user 4711:4711 \
    -v other-data:/data vauchi-relay; [ $? = 75 ]'
docker rm -f vauchi-relay >/dev/null

# ---- Compose, with settings from .env
echo RELAY_MAX_CONNECTIONS=77 >"$scratch/env"
export COMPOSE_PROJECT_NAME=project
compose() {
    docker-compose --env-file "$scratch/env" "$@"
}
expect "docker-compose up -d" compose up -d
await 20 "it answers" answers
expect "it carries a message" "$bin/vauchi-relay" probe ws://127.0.0.1:8080
expect "with the settings of .env" sh -c 'curl -sf http://localhost:8081/metrics \
    | grep -qx "relay_max_connections 77"'
expect "read-only, without capabilities" [ "$(state \
    '.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop')" = "true [ALL]" ]
expect "docker-compose down" compose down
expect "the data stays" docker run --rm -v project_relay-data:/data vauchi-relay verify
echo "all of it holds"
