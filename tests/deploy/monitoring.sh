#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# deploy/prometheus and deploy/grafana: a real Prometheus scrapes a real relay under load, and answers
# what the dashboard and the alert rules ask. There is no Grafana here: of its files it is checked that
# they fit together.
# Usage: sh tests/deploy/monitoring.sh SOURCE_ROOT BIN_DIR
set -eu
source=$(cd "$1" && pwd)
bin=$(cd "$2" && pwd)
# shellcheck source=tests/deploy/proxies-common.sh
. "$source/tests/deploy/proxies-common.sh"
dashboard=$source/deploy/grafana/dashboards/vauchi-relay.json
datasource=$source/deploy/grafana/provisioning/datasources/prometheus.yml

need curl jq ip=iproute2
# Not installed, because Debian's package starts a server.
command -v prometheus >/dev/null || unpack usr/bin/prometheus prometheus
own_network "$0" "$@"
PATH=$PATH:$tools/usr/bin
# As in docker-compose.yml.
begin relay prometheus
api=http://prometheus:9090/api/v1

echo "-- promtool $(promtool --version 2>&1 | sed -n 's/^promtool, version \([^ ]*\).*/\1/p')"
promtool check config "$source/deploy/prometheus/prometheus.yml"
promtool test rules "$source/deploy/prometheus/alerts_test.yml"

echo "-- the dashboard's own order"
uid=$(sed -n 's/^ *uid: //p' "$datasource")
interval=$(sed -n 's/^ *timeInterval: //p' "$datasource")
grep -q "scrape_interval: $interval\$" "$source/deploy/prometheus/prometheus.yml" \
    || fail "timeInterval of the data source is not the scrape_interval"
jq -r --arg uid "$uid" -f "$source/tests/deploy/dashboard.jq" "$dashboard" >"$work/faults"
[ ! -s "$work/faults" ] || fail "$(cat "$work/faults")"
echo "$(jq '.panels | length' "$dashboard") panels, all with the data source $uid"

# ---- the files as they are shipped, but for the time between two scrapes, and the token
cp -r "$source/deploy/prometheus" "$work/prometheus"
sed -i 's/15s/1s/; s/^\( *\)#\(authorization:\)/\1\2/; s/^\( *\)#\( *credentials_file:\)/\1\2/' \
    "$work/prometheus/prometheus.yml"
printf 'a-token-of-this-test' >"$work/prometheus/metrics-token"
relay RELAY_METRICS_TOKEN_FILE="$work/prometheus/metrics-token" RELAY_RATE_LIMIT_PER_MIN=0 \
    RELAY_CLEANUP_INTERVAL_SECS=1
status 401 http://relay:8081/metrics
run prometheus prometheus --config.file="$work/prometheus/prometheus.yml" \
    --storage.tsdb.path="$work/tsdb" --web.listen-address=127.0.0.1:9090
prometheus_pid=$pid

# ask QUERY: what Prometheus answers, a value a line; fails if that is nothing, or no query
ask() {
    curl -sS --get --data-urlencode "query=$1" "$api/query" >"$work/answer.log" || return
    jq -er 'if (.data.result | length) > 0 then .data.result[].value[1]
        else error(.error // "no data") end' "$work/answer.log"
}
await ask 'up{job="vauchi-relay"} == 1'
echo "-- scraped as relay:8081, with the token"

run store "$bin/relay-bench" store --url ws://127.0.0.1:8080 --connections 4 --rate 200 --seconds 30
run live "$bin/relay-bench" live --url ws://127.0.0.1:8080 --connections 4 --rate 200 --seconds 30
"$bin/vauchi-relay" probe ws://127.0.0.1:8080 >"$work/probe.log"
for counter in relay_connections_total relay_delivery_delay_seconds_count \
    relay_storage_commit_duration_seconds_count; do
    await ask "rate(${counter}[1m]) > 0"
done
"$bin/vauchi-relay" probe ws://127.0.0.1:8080 >"$work/probe.log"
await ask 'relay_cleanup_last_success_timestamp_seconds > 0'

# ---- every query
curl -fsS "$api/label/__name__/values" | jq -r '.data[]' | sort >"$work/names"

# answers WHERE: each query on the standard input returns numbers, and names what is scraped. A value
# may come a little later: some gauges are set at intervals, and a scrape has to follow.
answers() {
    count=0
    while IFS= read -r query; do
        for metric in $(echo "$query" | grep -oE '\b(relay|process)_[a-z0-9_]+|\bup\b'); do
            grep -qx "$metric" "$work/names" || fail "$1: there is no $metric: $query"
        done
        await ask "$query"
        ! grep -qvE '^-?[0-9.]+(e[-+]?[0-9]+)?$' "$work/await.log" \
            || fail "$1: $(cat "$work/await.log") is no number: $query"
        count=$((count + 1))
    done
    [ "$count" -gt 0 ] || fail "$1: there are no queries"
    echo "-- $1: $count queries, each with data"
}
# fill WINDOW INSTANCE: Grafana's variables
fill() { sed "s/\\\$__rate_interval/$1/g; s/\\\$instance/$2/g"; }
jq -r '.. | .targets? // empty | .[].expr' "$dashboard" >"$work/queries"
fill 1m relay:8081 <"$work/queries" >"$work/filled"
answers dashboard <"$work/filled"
jq -r '.annotations.list[].expr' "$dashboard" | sed 's/ > 0$//' | fill 1m relay:8081 \
    >"$work/annotations"
answers annotations <"$work/annotations"
curl -fsS --get --data-urlencode 'match[]=relay_build_info' "$api/label/instance/values" \
    | jq -e '.data == ["relay:8081"]' >"$work/values" || fail "the variable has no values"

# What the guide asks for is on it.
fill 5m relay <"$work/queries" | sed 's/{instance=~"relay"}//g' >"$work/plain"
for query in 'rate(relay_connections_total[5m])' relay_connections_active \
    'rate(relay_messages_received_total[5m])' \
    'rate(relay_connection_errors_total[5m]) / rate(relay_connections_total[5m])' \
    relay_blobs_stored 'rate(relay_rate_limited_total[5m])'; do
    grep -qxF "$query" "$work/plain" || fail "not on the dashboard: $query"
done

# ---- the alert rules, as Prometheus has read them
curl -fsS "$api/rules" | jq '[.data.groups[].rules[]]' >"$work/rules.json"
# Without the comparison there has to be a value, whatever it is.
jq -r '.[].query | gsub("\\s+"; " ") | sub(" *(<|>|==) *[0-9.]+$"; "")' "$work/rules.json" \
    >"$work/alert-queries"
answers "alert rules" <"$work/alert-queries"
! ask 'ALERTS{alertstate="firing"}' >"$work/values" 2>&1 || fail "alerts fire: $(cat "$work/answer.log")"

# One line for each rule of the console and of Prometheus; spaces say nothing.
jq -r '.[] | [.id, .severity, .forSeconds, (.expr | gsub("\\s"; "")), .summary] | @tsv' \
    "$source/shared/monitoring/alertrules.json" | sort >"$work/console"
jq -r '.[] | [.name, .labels.severity, .duration, (.query | gsub("\\s"; "")),
    .annotations.summary] | @tsv' "$work/rules.json" | sort >"$work/prometheus-rules"
diff "$work/console" "$work/prometheus-rules" \
    || fail "deploy/prometheus/alerts.yml (>) is not shared/monitoring/alertrules.json (<)"
echo "-- alert rules: $(wc -l <"$work/console"), the same as the console's"

echo "-- a relay that is stopped"
sed -i 's/for: 1m/for: 2s/' "$work/prometheus/alerts.yml"
kill -HUP "$prometheus_pid"
stop "$relay_pid"
await ask 'ALERTS{alertname="RelayDown", alertstate="firing", severity="critical"}'
echo "RelayDown fires"
echo ok
