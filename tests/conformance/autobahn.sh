#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The Autobahn test suite against relay-echo: the relay's acceptor, I/O thread and connections. Prints
# how many cases were run, and those that are not as they should be; fails if a case failed.
#
# Its cases come with kosoku, which runs them on any Python 3.10 or later; it is installed with pip
# into BUILD/autobahn (needs python3-venv, and PyPI the first time). The suite's own runner, wstest,
# needs Python 2; it is used instead where WSTEST names it.
# Usage: sh tests/conformance/autobahn.sh [BUILD]
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build/release}
tools=$build/autobahn

skip() {
    echo "SKIPPED: the Autobahn test suite was not run: $1" >&2
    [ -z "${RELAYTEST_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
}

if [ -z "${WSTEST:-}" ] && [ ! -x "$tools/bin/kosoku" ]; then
    # Another release may have other cases: this is the one whose results are known.
    { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet kosoku==0.1.0; } \
        || skip "kosoku could not be installed from PyPI"
fi
[ -x "$build/bin/relay-echo" ] || {
    echo "autobahn.sh: build the target relay-echo in $build first" >&2
    exit 64
}

work=$(mktemp -d)
: >"$work/echo"
# Messages of 16 MiB, of the cases 9.*, have to fit.
RELAY_LISTEN_ADDR=127.0.0.1:0 RELAY_MAX_MESSAGE_SIZE=20000000 \
    "$build/bin/relay-echo" >"$work/echo" &
echo=$!
trap 'kill $echo 2>/dev/null && wait $echo || true; rm -rf "$work"' EXIT
until port=$(sed -n 's/^listening on port //p' "$work/echo") && [ -n "$port" ]; do
    kill -0 $echo
    sleep 0.1
done

# 12.* and 13.* are about compression, an extension that the relay does not negotiate.
if [ -n "${WSTEST:-}" ]; then
    cat >"$work/spec.json" <<END
{"outdir": "$work/report", "exclude-agent-cases": {},
 "servers": [{"agent": "relay-echo", "url": "ws://127.0.0.1:$port"}],
 "cases": ["*"], "exclude-cases": ["12.*", "13.*"]}
END
    "$WSTEST" -m fuzzingclient -s "$work/spec.json" >"$work/log" 2>&1 || true
else
    "$tools/bin/kosoku" -x '12.*' -x '13.*' -o "$work/report" "127.0.0.1:$port" >"$work/log" 2>&1 \
        || true
fi
[ -f "$work/report/index.json" ] || {
    tail -n 20 "$work/log"
    echo "autobahn.sh: no report was written" >&2
    exit 1
}
# It has to have survived them all, and to end in order.
kill $echo
wait $echo

python3 - "$work/report/index.json" <<'END'
import json, sys

(cases,) = json.load(open(sys.argv[1])).values()
verdicts = [(name, case["behavior"], case["behaviorClose"]) for name, case in cases.items()]
good = {"OK", "NON-STRICT", "INFORMATIONAL"}
failed = [v for v in verdicts if v[1] not in good or v[2] not in good]
for name, behavior, closing in verdicts:
    if (behavior, closing) != ("OK", "OK"):
        print(f"  {name}: {behavior}, its closing: {closing}")
count = lambda what: sum(v[1] == what for v in verdicts)
print(f"{len(verdicts)} cases: {count('OK')} OK, {count('NON-STRICT')} non-strict, "
      f"{count('INFORMATIONAL')} informational; {len(failed)} failed")
sys.exit(1 if failed or len(verdicts) < 300 else 0)
END
