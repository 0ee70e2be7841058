#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the relay and runs it on SQLite in ./data.
set -eu

usage() {
    cat <<'EOF'
Usage: sh deploy/quickstart.sh [--no-install] [--build-only]

Installs what the build needs (apt-get; it says what before), builds vauchi-relay and runs it in the
foreground with its database in ./data. Ctrl-C stops it cleanly.

  --no-install  install nothing; say what is missing
  --build-only  do not run it
  --help        this text

Settings are environment variables (deploy/DEPLOYMENT.md), for example:
  RELAY_LISTEN_ADDR=127.0.0.1:9000 sh deploy/quickstart.sh
EOF
}

mode=install
run=yes
for argument in "$@"; do
    case $argument in
    --no-install) mode=check ;;
    --build-only) run=no ;;
    --help | -h)
        usage
        exit 0
        ;;
    *)
        echo "quickstart.sh: unknown option: $argument" >&2
        usage >&2
        exit 64
        ;;
    esac
done

cd "$(dirname "$0")/.."
# shellcheck source=deploy/dependencies.sh
. deploy/dependencies.sh

provide build "$mode"
echo "Building vauchi-relay in build/release"
cmake --preset release -DBUILD_TESTING=OFF -DRELAY_BUILD_ADMIN=OFF
cmake --build --preset release --target vauchi-relay
echo "Built: $PWD/build/release/bin/vauchi-relay"
[ "$run" = yes ] || exit 0

export RELAY_DATA_DIR="${RELAY_DATA_DIR:-$PWD/data}"
echo "Starting it, with data in $RELAY_DATA_DIR. Ctrl-C stops it. In another terminal, try:"
echo "  curl http://localhost:8081/health"
echo "  $PWD/build/release/bin/vauchi-relay probe ws://127.0.0.1:8080"
exec build/release/bin/vauchi-relay
