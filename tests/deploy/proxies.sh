#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# deploy/nginx/vauchi-relay.conf and deploy/caddy/Caddyfile as they are shipped, in Debian's nginx and
# Caddy before a real relay; the balancer's file is only read. Their certificates come as everywhere, by certbot and by Caddy itself, from
# pebble, an authority for tests that speaks ACME as Let's Encrypt does.
# Usage: sh tests/deploy/proxies.sh SOURCE_ROOT BIN_DIR
set -eu
source=$(cd "$1" && pwd)
bin=$(cd "$2" && pwd)
# shellcheck source=tests/deploy/proxies-common.sh
. "$source/tests/deploy/proxies-common.sh"
domain=relay.vauchi.example.com

need curl openssl ip=iproute2
[ -x /usr/bin/python3 ] || skip "certbot needs Debian's python3"
unpack usr/sbin/nginx nginx nginx-common
unpack usr/bin/caddy caddy
unpack usr/bin/pebble pebble
unpack_needed certbot certbot python3-certbot-nginx
own_network "$0" "$@"
authority=authority.example
begin "$domain" "$authority" relay-1 relay-2 relay-3
# An address of this host that is not its loopback's, and two IPv6 networks.
outside=198.51.100.1
ip address add "$outside/32" dev lo
for address in 2001:db8:1::1 2001:db8:1::2 2001:db8:2::1; do
    ip address add "$address/128" dev lo nodad || has_no_ipv6=1
done

# The authority's own certificate, and what it signs with.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj "/CN=$authority" -addext "subjectAltName=DNS:$authority" \
    -keyout "$work/authority-key.pem" -out "$work/authority.pem" >"$work/openssl.log" 2>&1
cat >"$work/pebble.json" <<END
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
    "certificate": "$work/authority.pem", "privateKey": "$work/authority-key.pem",
    "httpPort": 80, "tlsPort": 443}}
END
run pebble env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 \
    "$tools/usr/bin/pebble" -config "$work/pebble.json"
await curl -fsS --cacert "$work/authority.pem" -o "$work/ca.pem" "https://$authority:15000/roots/0"
export CURL_CA_BUNDLE="$work/ca.pem"
client() { "$bin/proxy-client" "$work/ca.pem" "$domain" "$@"; }

# check NAME STATUS: what holds for each of them; with STATUS, port 80 sends to 443
check() {
    echo "-- $1: probe"
    "$bin/vauchi-relay" probe "wss://$domain" --ca "$work/ca.pem"

    echo "-- $1: TLS 1.2 and 1.3, nothing older"
    for version in tls1_2 tls1_3; do
        openssl s_client -connect "$domain:443" -servername "$domain" "-$version" \
            -CAfile "$work/ca.pem" -verify_return_error </dev/null >"$work/tls.log" 2>&1 \
            || fail "$version is refused"
    done
    ! openssl s_client -connect "$domain:443" -servername "$domain" -tls1_1 \
        -cipher ALL:@SECLEVEL=0 </dev/null >"$work/tls.log" 2>&1 || fail "TLS 1.1 is accepted"

    echo "-- $1: the public port's answers, and no others"
    status "$2" "http://$domain/health"
    for path in health ready; do
        status 200 "https://$domain/$path"
        ! grep -q uptime "$work/body" || fail "/$path says more than the status"
    done
    status 426 "https://$domain/metrics"
    ! grep -q relay_ "$work/body" || fail "metrics are to be had"
    status 200 http://127.0.0.1:8081/metrics
    grep -q '^relay_ready 1' "$work/body" || fail "no metrics at all"
    status 200 --resolve "$domain:443:$outside" "https://$domain/health"
    for port in 8080 8081; do
        ! curl -sS "http://$outside:$port/health" >"$work/curl.log" 2>&1 \
            || fail "port $port answers outside"
    done

    echo "-- $1: a message of the full size"
    client large 1048576

    echo "-- $1: the client's address"
    relay RELAY_TRUSTED_PROXIES=127.0.0.1 RELAY_MAX_CONNECTIONS_PER_IP=1
    client addresses
}

# Once its time-out is 6 s instead of 75, six pings long: silence with pings, and without.
check_silence() {
    echo "-- $1: silence, with a time-out of 6 s and pings each second"
    relay RELAY_PING_INTERVAL_SECS=1
    await curl -fsS "https://$domain/health"
    client silent 9
    echo "-- $1: silence without pings"
    relay RELAY_PING_INTERVAL_SECS=0
    ! client silent 9 || fail "the time-out does not work: the pings were not what helped"
}

# shorten FROM TO
shorten() {
    sed 's/75s/6s/' "$1" >"$2"
    ! cmp -s "$1" "$2" || fail "$1 has no time-out of 75s"
}

# ---- nginx, as Debian's packages leave it
cp -r "$tools/etc/nginx" "$work/nginx"
ln -s "$work/nginx/sites-available/default" "$work/nginx/sites-enabled/default"
# Only folders are not the system's here, and who it runs as: in a user namespace there is nobody else.
sed -i "s#/etc/nginx#$work/nginx#; s#/var/log/nginx#$work#; s#/run/nginx.pid#$work/nginx.pid#
    s/^user .*/user root;/" "$work/nginx/nginx.conf"
for kind in client_body proxy fastcgi uwsgi scgi; do
    echo "${kind}_temp_path $work/$kind;"
done >"$work/nginx/conf.d/folders.conf"
cat >"$work/nginx-ctl" <<END
#!/bin/sh
exec $tools/usr/sbin/nginx -p $work/nginx -e $work/error.log "\$@"
END
chmod +x "$work/nginx-ctl"
nginx() { "$work/nginx-ctl" -c "$work/nginx/nginx.conf" "$@"; }
certbot() {
    REQUESTS_CA_BUNDLE=$work/authority.pem PYTHONPATH=$tools/usr/lib/python3/dist-packages \
        /usr/bin/python3 "$tools/usr/bin/certbot" "$@" --non-interactive --quiet \
        --nginx-server-root "$work/nginx" --nginx-ctl "$work/nginx-ctl" \
        --config-dir "$work/letsencrypt" --work-dir "$work/letsencrypt/work" \
        --logs-dir "$work/letsencrypt"
}
"$work/nginx-ctl" -v

echo "-- nginx: valid as it is, without a certificate"
cp "$source/deploy/nginx/vauchi-relay.conf" "$work/nginx/sites-available/"
ln -s "$work/nginx/sites-available/vauchi-relay.conf" "$work/nginx/sites-enabled/"
nginx -t
echo "-- nginx: valid as the balancer of a cluster"
cp "$source/deploy/nginx/vauchi-relay-cluster.conf" "$work/nginx/conf.d/"
mv "$work/nginx/sites-enabled/vauchi-relay.conf" "$work/vauchi-relay.conf"
nginx -t
rm "$work/nginx/conf.d/vauchi-relay-cluster.conf"
mv "$work/vauchi-relay.conf" "$work/nginx/sites-enabled/"
echo "-- nginx: valid with a certificate of one's own"
sed "/^    listen 80;/d; /^    listen \[::\]:80;/d; s/^    #\(listen\|ssl_\)/    \1/
    s#/etc/ssl/relay/fullchain.pem#$work/authority.pem#
    s#/etc/ssl/relay/privkey.pem#$work/authority-key.pem#" \
    "$source/deploy/nginx/vauchi-relay.conf" >"$work/nginx/sites-enabled/vauchi-relay.conf"
grep -c 'listen .*443 ssl;' "$work/nginx/sites-enabled/vauchi-relay.conf"
nginx -t
cp "$source/deploy/nginx/vauchi-relay.conf" "$work/nginx/sites-enabled/"
run nginx "$work/nginx-ctl" -c "$work/nginx/nginx.conf" -g 'daemon off;'
nginx_pid=$pid
relay RELAY_TRUSTED_PROXIES=127.0.0.1
await curl -sS "http://$domain/"
status 403 "http://$domain/health"

echo "-- nginx: a certificate from certbot"
certbot --nginx -d "$domain" --server "https://$authority:14000/dir" --agree-tos \
    --register-unsafely-without-email
grep 'managed by Certbot' "$work/nginx/sites-available/vauchi-relay.conf"
nginx -t
nginx -s reload
await curl -fsS "https://$domain/health"
check nginx 301
echo "-- nginx: no bodies"
head -c 2000 /dev/zero >"$work/large-body"
status 413 --data-binary "@$work/large-body" "https://$domain/health"
echo "-- nginx: the certificate is renewed"
certbot renew --force-renewal --no-random-sleep-on-renew
status 200 "https://$domain/health"

echo "-- nginx: limits for each address"
relay RELAY_TRUSTED_PROXIES=127.0.0.1
client connections 100

# requests FROM: how many of 400 are served
requests() {
    curl -sS -o "$work/body" -w '%{http_code}\n' --interface "$1" \
        --resolve "$domain:443:${2:-127.0.0.1}" "https://$domain/health?[1-400]" | grep -c 200 || true
}
first=$(requests 127.0.0.5)
second=$(requests 127.0.0.6)
echo "of 400 requests at once $first were served, of another address $second"
[ "$first" -lt 400 ] || fail "no limit of requests"
[ "$second" -ge 200 ] || fail "two addresses count as one"
if [ -z "${has_no_ipv6:-}" ]; then
    first=$(requests 2001:db8:1::1 2001:db8:1::1)
    second=$(requests 2001:db8:1::2 2001:db8:1::1)
    third=$(requests 2001:db8:2::1 2001:db8:1::1)
    echo "IPv6: $first, of another address in the same /64 $second, of another /64 $third"
    [ "$second" -lt 200 ] || fail "a /64 does not count as one"
    [ "$third" -ge 200 ] || fail "two /64 count as one"
fi

shorten "$work/nginx/sites-available/vauchi-relay.conf" "$work/nginx/sites-enabled/short"
rm "$work/nginx/sites-enabled/vauchi-relay.conf"
nginx -s reload
check_silence nginx
stop "$nginx_pid"

# ---- Caddy
caddy=$tools/usr/bin/caddy
export HOME="$work" XDG_DATA_HOME="$work/caddy" XDG_CONFIG_HOME="$work/caddy"
echo "-- Caddy $("$caddy" version): valid as it is, and formatted"
"$caddy" validate --config "$source/deploy/caddy/Caddyfile" --adapter caddyfile >"$work/validate.log" 2>&1
"$caddy" fmt "$source/deploy/caddy/Caddyfile" | cmp - "$source/deploy/caddy/Caddyfile"
echo "-- Caddy: valid with a certificate of one's own"
sed "s#^\([[:space:]]*\)\#tls .*#\1tls $work/authority.pem $work/authority-key.pem#" \
    "$source/deploy/caddy/Caddyfile" >"$work/Caddyfile"
! cmp -s "$source/deploy/caddy/Caddyfile" "$work/Caddyfile" || fail "there is no line for it"
"$caddy" validate --config "$work/Caddyfile" --adapter caddyfile >"$work/validate.log" 2>&1
# As it is, but for the authority.
sed "0,/^{/s#^{#{\n\tacme_ca https://$authority:14000/dir\n\tacme_ca_root $work/authority.pem#" \
    "$source/deploy/caddy/Caddyfile" >"$work/Caddyfile"
relay RELAY_TRUSTED_PROXIES=127.0.0.1
run caddy "$caddy" run --config "$work/Caddyfile" --adapter caddyfile
caddy_pid=$pid
await curl -fsS "https://$domain/health"
check Caddy 308
echo "-- Caddy: no bodies"
status 405 -X POST "https://$domain/health"

echo "-- Caddy: what goes wrong is logged without addresses"
stop "$relay_pid"
status 502 --interface 127.0.0.7 "https://$domain/health"
grep -q 'connection refused.*"request"' "$work/caddy.log" || fail "nothing is logged"
! grep -F 127.0.0.7 "$work/caddy.log" || fail "an address is logged"

shorten "$work/Caddyfile" "$work/short"
stop "$caddy_pid"
run caddy "$caddy" run --config "$work/short" --adapter caddyfile
check_silence Caddy
stop "$pid"
echo "ok"
