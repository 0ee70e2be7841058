# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the build, the tests and CI need, once. Sourced by deploy/quickstart.sh and tests/run.sh;
# names are those of Debian 12 and Ubuntu 24.04, and of what came after them.

# need_packages build|test|ci|fuzz: what the daemon needs; the tests need what the console needs
# besides, CI more than the tests. Fuzzing needs the daemon's and its own.
need_packages() {
    # prometheus-cpp-dev brings zlib and libcurl, which its CMake files ask for.
    echo cmake ninja-build g++ pkgconf qt6-base-dev qt6-websockets-dev libqt6sql6-sqlite \
        libsimdjson-dev prometheus-cpp-dev libsystemd-dev libssl-dev libjemalloc-dev
    case $1 in
    test | ci)
        # Charts' CMake files ask for OpenGL's, which their package only recommends.
        echo qt6-charts-dev libqt6opengl6-dev qtkeychain-qt6-dev qt6-svg-dev qt6-tools-dev \
            qt6-tools-dev-tools qt6-l10n-tools
        # A server that the tests start in temporary folders, and Qt's driver for it.
        echo postgresql libqt6sql6-psql
        # A pooler that they start before it.
        echo pgbouncer
        ;;
    esac
    if [ "$1" = ci ]; then
        # The keychain that the tests of tokens start.
        echo clang-format-14 shellcheck gnome-keyring dbus-daemon
    elif [ "$1" = fuzz ]; then
        echo clang libclang-rt-dev llvm
    fi
}

# Those of the packages "$@" that are not installed.
missing_packages() {
    for package in "$@"; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || status=
        [ "$status" = installed ] || echo "$package"
    done
}

# missing_to_build build|test|ci|fuzz
# Looks for the libraries as the build will, and prints what is not found, one a line.
missing_to_build() {
    console=OFF
    case $1 in
    test | ci) console=ON ;;
    esac
    tools=
    command -v cmake >/dev/null || tools="$tools cmake (3.25 or later);"
    command -v ninja >/dev/null || tools="$tools ninja;"
    command -v pkg-config >/dev/null || tools="$tools pkg-config;"
    command -v c++ >/dev/null || [ -n "${CXX:-}" ] || tools="$tools a C++20 compiler (c++);"
    if [ -n "$tools" ]; then
        # Without these nobody can ask for the libraries.
        echo "$tools" | tr ';' '\n' | sed '/^ *$/d; s/^ *//'
        echo "perhaps also: Qt 6.4 (base, WebSockets, the SQLite driver), simdjson, prometheus-cpp, \
libsystemd, OpenSSL 3, jemalloc, with their headers"
        [ "$console" = OFF ] || echo "and Qt's Charts, Svg and Linguist's tools, QtKeychain"
        return
    fi
    probe=$(mktemp -d) || return
    cat >"$probe/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.16)
project(probe LANGUAGES CXX)
set(missing "")
if(CMAKE_VERSION VERSION_LESS 3.25)
  list(APPEND missing "cmake 3.25 or later (this is ${CMAKE_VERSION})")
endif()
set(modules Core Network WebSockets Sql Test)
if(CONSOLE)
  list(APPEND modules Widgets Charts Svg LinguistTools)
endif()
foreach(module ${modules})
  find_package(Qt6${module} 6.4 QUIET)
  if(NOT Qt6${module}_FOUND)
    list(APPEND missing "Qt 6.4 or later: ${module}")
  endif()
endforeach()
find_package(simdjson QUIET)
if(NOT simdjson_FOUND)
  list(APPEND missing "simdjson")
endif()
find_package(OpenSSL 3 QUIET)
if(NOT OPENSSL_FOUND)
  list(APPEND missing "OpenSSL 3")
endif()
find_package(prometheus-cpp QUIET CONFIG)
if(NOT prometheus-cpp_FOUND)
  list(APPEND missing "prometheus-cpp")
endif()
find_package(PkgConfig QUIET)
pkg_check_modules(SYSTEMD QUIET libsystemd)
if(NOT SYSTEMD_FOUND)
  list(APPEND missing "libsystemd")
endif()
pkg_check_modules(JEMALLOC QUIET jemalloc)
if(NOT JEMALLOC_FOUND)
  list(APPEND missing "jemalloc")
endif()
if(CONSOLE)
  find_package(Qt6Keychain QUIET)
  if(NOT Qt6Keychain_FOUND)
    list(APPEND missing "QtKeychain for Qt 6")
  endif()
endif()
list(JOIN missing "\n" text)
file(WRITE "${CMAKE_BINARY_DIR}/missing" "${text}\n")
EOF
    if cmake -G Ninja "-DCONSOLE=$console" -S "$probe" -B "$probe/build" >"$probe/log" 2>&1; then
        sed '/^$/d' "$probe/build/missing"
    else
        echo "a C++ compiler that works; CMake says:"
        tail -n 15 "$probe/log"
    fi
    rm -rf "$probe"
}

# What the tests need besides, in the same way.
missing_to_test() {
    found=
    for program in /usr/lib/postgresql/*/bin/initdb; do
        [ ! -x "$program" ] || found=1
    done
    [ -n "$found" ] || echo "a PostgreSQL server, in Debian's folders (postgresql)"
    [ -n "$(find /usr/lib -path '*/qt6/plugins/sqldrivers/libqsqlpsql.so' 2>/dev/null)" ] \
        || echo "Qt's driver for PostgreSQL (libqt6sql6-psql)"
    command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || echo "PgBouncer (pgbouncer)"
}

# What fuzzing needs besides, in the same way.
missing_to_fuzz() {
    for tool in clang++ llvm-cov llvm-profdata llvm-symbolizer; do
        command -v "$tool" >/dev/null || echo "$tool"
    done
}

run_as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt_install() {
    run_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@"
}

# Debian's postgresql makes a database and starts a server when it is installed. Where there is no
# PostgreSQL yet, it is told not to: the tests have their own.
without_a_server() {
    case " $1 " in
    *" postgresql "*) ;;
    *) return 0 ;;
    esac
    [ -n "$(missing_packages postgresql-common)" ] || return 0
    apt_install postgresql-common \
        && run_as_root sed -i 's/^#*create_main_cluster *=.*/create_main_cluster = false/' \
            /etc/postgresql-common/createcluster.conf
}

# Debian's pgbouncer starts a service when it is installed, and at each boot. It is told not to: the
# tests have their own. Where a policy about services is in force already, that decides.
without_a_pooler() {
    case " $1 " in
    *" pgbouncer "*) ;;
    *) return 0 ;;
    esac
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        policy=
    else
        # shellcheck disable=SC2016 # the policy's own argument
        printf '#!/bin/sh\ncase $1 in pgbouncer*) exit 101 ;; esac\n' \
            | run_as_root tee "$policy" >/dev/null && run_as_root chmod 0755 "$policy" || return 1
    fi
    installed=
    apt_install pgbouncer && run_as_root update-rc.d pgbouncer disable && installed=1
    [ -z "$policy" ] || run_as_root rm -f "$policy"
    [ -n "$installed" ]
}

# provide build|test|ci|fuzz install|check
# Installs what is missing after saying so; on a system without apt-get, and with "check", only
# says what is missing. Fails if something still is.
provide() {
    if [ "$2" = check ] || ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null
    then
        missing=$(
            missing_to_build "$1"
            case $1 in
            test | ci) missing_to_test ;;
            fuzz) missing_to_fuzz ;;
            esac
        )
        if [ -z "$missing" ]; then
            echo "Everything that the build needs is there."
            return 0
        fi
        echo "Missing:" >&2
        echo "$missing" | sed 's/^/  /' >&2
        echo "On Debian 12, Ubuntu 24.04 and later these packages have it:" >&2
        echo "  $(need_packages "$1" | tr '\n' ' ')" >&2
        return 1
    fi

    # shellcheck disable=SC2046 # one word for each package
    packages=$(missing_packages $(need_packages "$1") | tr '\n' ' ')
    if [ -z "$packages" ]; then
        echo "Nothing needs to be installed."
        return 0
    fi
    echo "These packages will be installed with apt-get, with what they depend on:"
    echo "  $packages"
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        echo "That needs root, and there is no sudo. As root, run:" >&2
        echo "  apt-get update && apt-get install --no-install-recommends $packages" >&2
        return 1
    fi
    # shellcheck disable=SC2086 # one word for each package
    if run_as_root apt-get update -q && without_a_server "$packages" \
        && without_a_pooler "$packages" && apt_install $packages; then
        return 0
    fi
    echo "The packages could not be installed. They exist in Debian 12, Ubuntu 24.04 and later." >&2
    return 1
}
