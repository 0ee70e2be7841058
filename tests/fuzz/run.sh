#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzes with libFuzzer, one target after the other.
set -eu

usage() {
    cat <<'EOF'
Usage: sh tests/fuzz/run.sh [--no-install] [--coverage] SECONDS [TARGET…]
       sh tests/fuzz/run.sh [--no-install] --coverage [TARGET…]
       sh tests/fuzz/run.sh [--no-install] --merge [TARGET…]

Builds the fuzz targets (all, or those that are named) and runs each for SECONDS. Prints a line for
each: executions, how many a second, inputs of the working corpus, findings. Fails if there was a
finding.

  --no-install   install nothing; say what is missing
  --coverage     print the share of its own sources' lines that each target reaches with its corpora
  --merge        fold what was found worth keeping back into tests/fuzz/corpus, as few inputs as
                 reach all that the corpora reach together
  --help         this text

New inputs go to build/fuzz/corpus/TARGET, findings to build/fuzz/artifacts/TARGET. To repeat one:
build/fuzz/bin/fuzz_TARGET FILE
EOF
}

fail() {
    echo "run.sh: $1" >&2
    exit 64
}

install=install
seconds=
merge=
coverage=
targets=
while [ $# -gt 0 ]; do
    case $1 in
    --no-install) install=check ;;
    --coverage) coverage=1 ;;
    --merge) merge=1 ;;
    --help | -h)
        usage
        exit 0
        ;;
    -*) fail "unknown option $1" ;;
    [0-9]*) seconds=$1 ;;
    *) targets="$targets $1" ;;
    esac
    shift
done
[ -n "$seconds$merge$coverage" ] || {
    usage >&2
    exit 64
}

cd "$(dirname "$0")/../.."
all=$(sed -n 's/^fuzz_target(\([a-z0-9]*\).*/\1/p' tests/fuzz/CMakeLists.txt)
[ -n "$targets" ] || targets=$all
for target in $targets; do
    echo "$all" | grep -qx "$target" || fail "no target is called $target"
done

# shellcheck source=deploy/dependencies.sh
. deploy/dependencies.sh
provide fuzz "$install"

export UBSAN_OPTIONS=print_stacktrace=1
# What was freed is kept for a while; more than this only costs page faults.
export ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=8
jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)

# build PRESET: the targets, with this preset.
build() {
    cmake --preset "$1" >"build/$1.log" || {
        cat "build/$1.log"
        return 1
    }
    # shellcheck disable=SC2046 # one word for each target
    cmake --build --preset "$1" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$jobs}" \
        --target $(for target in $targets; do echo "fuzz_$target"; done)
}

count() {
    find "$1" -type f | wc -l
}

# What CMakeLists.txt says of a target: options, covers.
read_properties() {
    options=
    covers=
    # shellcheck disable=SC1090 # written by CMake
    . "build/fuzz/tests/fuzz/$1.properties"
}

# fuzz TARGET
fuzz() {
    read_properties "$1"
    known=tests/fuzz/corpus/$1
    found=build/fuzz/corpus/$1
    artifacts=build/fuzz/artifacts/$1
    log=build/fuzz/$1.log
    mkdir -p "$found" "$artifacts"
    set -- "$1" "$(count "$artifacts")"
    status=0
    # shellcheck disable=SC2086 # one word for each option
    "build/fuzz/bin/fuzz_$1" "-max_total_time=$seconds" -rss_limit_mb=2048 \
        -timeout=20 -print_final_stats=1 "-artifact_prefix=$artifacts/" $options \
        ${dict:+"-dict=$dict"} "$found" "$known" >"$log" 2>&1 || status=$?
    printf '%-10s %12s executions %7s/s %6s inputs %3s findings\n' "$1" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
        "$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")" \
        "$(count "$found")" "$(($(count "$artifacts") - $2))"
    if [ "$status" != 0 ]; then
        tail -n 60 "$log"
        return 1
    fi
}

# merge TARGET
merge() {
    known=tests/fuzz/corpus/$1
    found=build/fuzz/corpus/$1
    merged=build/fuzz/merged/$1
    mkdir -p "$found"
    # At best an input for each number of times that a line is reached; where that is too much to
    # commit, for each line.
    for counters in 1 0; do
        rm -rf "$merged"
        mkdir -p "$merged"
        # What has a name was put there by somebody, and stays; the others are named by libFuzzer.
        find "$known" -type f -name '*-*' -exec cp {} "$merged" \;
        "build/fuzz/bin/fuzz_$1" -merge=1 "-use_counters=$counters" -max_len=16384 \
            "$merged" "$known" "$found" >"build/fuzz/$1.merge.log" 2>&1
        [ "$(count "$merged")" -gt 300 ] || break
    done
    rm -rf "$known"
    mv "$merged" "$known"
    printf '%-10s %6s inputs %6s KiB\n' "$1" "$(count "$known")" \
        "$(du -sk --apparent-size "$known" | cut -f1)"
}

# coverage TARGET
cover() {
    read_properties "$1"
    mkdir -p "build/fuzz/corpus/$1"
    profile=build/fuzz-coverage/$1
    LLVM_PROFILE_FILE="$profile.profraw" "build/fuzz-coverage/bin/fuzz_$1" \
        "tests/fuzz/corpus/$1" "build/fuzz/corpus/$1" >"$profile.log"
    llvm-profdata merge -o "$profile.profdata" "$profile.profraw"
    llvm-cov report "build/fuzz-coverage/bin/fuzz_$1" "-instr-profile=$profile.profdata" \
        >"$profile.report"
    # Columns 8 and 9 are lines, and lines missed.
    awk -v name="$1" -v covers="$covers" '
        BEGIN { count = split(covers, parts, " ") }
        {
            file = $1
            sub("^(\\.\\./)*", "", file)
            for (n = 1; n <= count; ++n)
                if (index(file, parts[n]) == 1) {
                    lines += $8
                    missed += $9
                }
        }
        END {
            if (!lines)
                exit 1
            printf "%-10s %5d of %5d lines, %.1f %% of %s\n", name, lines - missed, lines,
                100 * (lines - missed) / lines, covers
        }' "$profile.report"
}

mkdir -p build
build fuzz
if [ -n "$merge" ]; then
    for target in $targets; do
        merge "$target"
    done
fi
findings=0
if [ -n "$seconds" ]; then
    for target in $targets; do
        dict=tests/fuzz/$target.dict
        [ -f "$dict" ] || dict=
        fuzz "$target" || findings=1
    done
fi
if [ -n "$coverage" ]; then
    build fuzz-coverage
    for target in $targets; do
        cover "$target"
    done
fi
exit "$findings"
