#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds everything and runs the tests.
set -eu

usage() {
    cat <<'EOF'
Usage: sh tests/run.sh [--no-install] [--preset NAME] [--werror] [CTEST ARGUMENTS]

Installs what the build needs (apt-get; it says what before), builds, and runs all tests with the
label "default".

  --no-install   install nothing; say what is missing
  --preset NAME  release (if not given), debug or asan
  --werror       warnings of the compiler are errors, as in CI
  --help         this text

Everything else goes to ctest: sh tests/run.sh -R tst_delivery --verbose
EOF
}

mode=install
preset=release
werror=
while [ $# -gt 0 ]; do
    case $1 in
    --no-install) mode=check ;;
    --werror) werror=-DRELAY_WERROR=ON ;;
    --preset=*) preset=${1#--preset=} ;;
    --preset)
        [ $# -ge 2 ] || {
            echo "run.sh: --preset needs a name" >&2
            exit 64
        }
        preset=$2
        shift
        ;;
    --help | -h)
        usage
        exit 0
        ;;
    *) break ;;
    esac
    shift
done

cd "$(dirname "$0")/.."
# shellcheck source=deploy/dependencies.sh
. deploy/dependencies.sh

provide test "$mode"
command -v promtool >/dev/null \
    || echo "Note: without promtool (Debian's package prometheus) one check of /metrics is skipped."

jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
cmake --preset "$preset" ${werror:+"$werror"}
cmake --build --preset "$preset" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$jobs}"
# Half as many again as processors: most tests wait more than they work, and some measure time.
exec ctest --preset "$preset" -L default --parallel $((jobs + (jobs + 1) / 2)) "$@"
