#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: compose.sh SOURCE_ROOT BIN_DIR
# docker-compose.yml, as docker-compose reads it. Nothing is started.
set -eu

root=$1
bin=$2
# shellcheck source=tests/deploy/system-common.sh
. "$root/tests/deploy/system-common.sh"

use_tools docker-compose jq

# read_compose NAME=value…: the file as docker-compose understands it with these in its environment;
# all profiles.
read_compose() {
    env "$@" docker-compose --project-directory "$root" -f "$root/docker-compose.yml" \
        config >"$scratch/compose.yml"
    # docker-compose's own interpreter, which has yaml.
    /usr/bin/python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)' \
        <"$scratch/compose.yml" >"$scratch/compose.json"
}

# composed WHAT FILTER: the filter is true of the compose file.
composed() {
    expect "compose: $1" jq -e "def profile(name): .services | to_entries
        | map(select(.value.profiles == name) | .key) | sort; $2" "$scratch/compose.json"
}

# passed_on SERVICE: the names of the settings that it passes on, without those that are files
passed_on() {
    jq -r --arg service "$1" '.services[$service].environment | keys[] | sub("_FILE$"; "")' \
        "$scratch/compose.json" | sort
}

read_compose RELAY_LOG_LEVEL=
composed "8080 is published" '.services.relay.ports
    | any(. == "8080:8080/tcp" or (type == "object" and .published == 8080))'
composed "what is set nowhere is not set" \
    '[.services.relay.environment[] | values] == [""]'
composed "without a profile, the relay alone" 'profile(null) == ["relay"]'
composed "Prometheus and Grafana" 'profile(["monitoring"]) == ["grafana", "prometheus"]'
composed "three relays, their server and their balancer" 'profile(["cluster"])
    == ["balancer", "postgres", "relay-1", "relay-2", "relay-3"]'

read_compose RELAY_MAX_CONNECTIONS=77 RELAY_TRUSTED_PROXIES=172.16.0.0/12 \
    VAUCHI_PORT=127.0.0.1:8080 VAUCHI_SECRETS=/srv/secrets
composed "the relay, by its names" '.services.relay
    | .container_name == "vauchi-relay" and .image == "vauchi-relay" and .build.context != null'
composed "what an operator alone sees is on this machine's own address" '[.services[].ports[]?
    | select(startswith("127.0.0.1:") | not)] == []'
composed "the ports" '[.services[].ports[]? | sub("/tcp$"; "") | split(":")[1:] | join(":")] | sort
    == ["3000:3000", "8080:8080", "8081:8081", "8090:8080", "9090:9090"]'
composed "no port of the cluster but its balancer's" '[.services | to_entries[]
    | select(.value.profiles == ["cluster"] and .value.ports) | .key] == ["balancer"]'
composed "its data is in a named volume" \
    '(.services.relay.volumes == ["relay-data:/data:rw"]) and (.volumes | has("relay-data"))'
composed "so is the server's" '(.services.postgres.volumes | any(startswith("postgres-data:")))
    and (.volumes | has("postgres-data"))'
composed "the server has a health check" '.services.postgres.healthcheck.test[1] == "pg_isready"'
composed "relays may no more than they need" '[.services[] | select(.image == "vauchi-relay")
    | [.read_only, .cap_drop, .security_opt]] | length == 4
    and all(. == [true, ["ALL"], ["no-new-privileges:true"]])'
composed "a stop waits longer than a relay drains" '[.services[] | select(.image == "vauchi-relay")
    | .stop_grace_period | rtrimstr("s") | tonumber] | all(. > 8)'
composed "logs are rotated" '[.services[].logging.options["max-size"]] | all(. == "10m")'
composed "settings come from outside" '[.services[] | select(.image == "vauchi-relay")
    | .environment | [.RELAY_MAX_CONNECTIONS, .RELAY_TRUSTED_PROXIES]]
    | all(. == ["77", "172.16.0.0/12"])'
composed "the relays of the cluster are the same" \
    '.services | .["relay-1"] == .["relay-2"] and .["relay-2"] == .["relay-3"]'
composed "they are on PostgreSQL" '.services["relay-1"].environment.RELAY_STORAGE_BACKEND == "postgres"'
composed "what is a secret is a file that is mounted" '[.services["relay-1", "postgres"]
    | ([.environment[] | values | select(startswith("/run/secrets/")) | ltrimstr("/run/secrets/")]
        | sort) == ([.secrets[].source] | sort)] == [true, true]'
composed "where they are can be chosen" '[.secrets[].file] | all(startswith("/srv/secrets/"))'

# All that a container does not fix itself, and nothing else.
"$bin/vauchi-relay" print-config | cut -d= -f1 | sort \
    | grep -vx 'RELAY_LISTEN_ADDR\|RELAY_HTTP_ADDR\|RELAY_DATA_DIR' >"$scratch/settings"
for service in relay relay-1 relay-2 relay-3; do
    passed_on "$service" >"$scratch/passed"
    expect "compose: every setting of $service" diff "$scratch/settings" "$scratch/passed"
done
composed "every file that is mounted" \
    '[.services[].volumes[]? | select(startswith("/"))] | length == 4'
jq -r '.services[].volumes[]? | select(startswith("/")) | split(":")[0]' "$scratch/compose.json" \
    >"$scratch/mounts"
while read -r mount; do
    expect "compose: ${mount#"$root"/} is there" [ -e "$mount" ]
done <"$scratch/mounts"
# The balancer's relays are those that are there.
jq -r '.services.balancer.depends_on | keys[]' "$scratch/compose.json" >"$scratch/relays"
sed -n 's/^ *server \([^:]*\):8080 .*/\1/p' "$root/deploy/nginx/vauchi-relay-cluster.conf" \
    >"$scratch/balanced"
expect "the balancer knows every relay" diff "$scratch/relays" "$scratch/balanced"
echo "all of it holds"
