#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/run.sh [MESON-OPTION ...]
#
# Builds the checkout and runs all its tests, from a bare Debian machine on: packages that are missing are
# installed (as root or through sudo; without either they are named, and that is all). May be repeated.
#
#   NBL_BUILD_DIR   build folder; default: build/ in the checkout
#   NBL_TEST_SCALE  size of the random tests; 1 by default, 0.1 takes seconds
#
# Options are passed on to `meson setup`, for example -Db_sanitize=address,undefined.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
build=${NBL_BUILD_DIR:-$root/build}
log=

# shellcheck source=tests/support/packages.sh
. "$here/support/packages.sh"

fail()
{
    echo "$1" >&2
    [ -n "$log" ] && [ -s "$log" ] && tail -n 60 "$log" >&2
    exit 1
}

configure()
{
    if [ -e "$build/build.ninja" ]; then
        [ $# = 0 ] && return 0
        set -- --reconfigure "$@"
    fi
    meson setup -Dtests=true "$@" "$build" "$root" >"$log" 2>&1 || fail 'meson setup failed:'
}

# Lines such as " 3/40 nblist:api / api_build    OK    0.12s" become progress: on a terminal one line
# that is written over, elsewhere one line each. Everything else, such as the log of a failure, passes.
progress()
{
    while IFS= read -r line; do
        case $line in
        *[0-9]/*[0-9]" "*" OK "* | *[0-9]/*[0-9]" "*" SKIP "*)
            if [ -t 1 ]; then
                printf '\r\033[K%.78s' "$line"
            else
                printf '%s\n' "$line"
            fi
            ;;
        *[0-9]/*[0-9]" "*)
            [ -t 1 ] && printf '\r\033[K'
            printf '%s\n' "$line"
            ;;
        esac
    done
    if [ -t 1 ]; then
        printf '\r\033[K'
    fi
}

# The number behind "Ok:", "Fail:" and so on in the summary that meson prints.
summary()
{
    number=$(sed -n "s/^$1: *\([0-9][0-9]*\).*/\1/p" "$log" | tail -n 1)
    printf '%s\n' "${number:-0}"
}

need_packages gcc:gcc g++:g++ /usr/include/stdio.h:libc6-dev meson:meson ninja:ninja-build \
    pkg-config:pkg-config cmocka.pc:libcmocka-dev zlib.pc:zlib1g-dev python3:python3 \
    python3/numpy:python3-numpy python3/ase:python3-ase python3/setuptools:python3-setuptools \
    python3/wheel:python3-wheel gfortran:gfortran valgrind:valgrind || exit 1

mkdir -p "$build"
log=$build/run.log
echo "building in $build"
configure "$@"
ninja -C "$build" >"$log" 2>&1 || fail 'the build failed:'

echo "running the tests (log: $build/meson-logs/testlog.txt)"
code=$build/run.code
{
    status=0
    meson test -C "$build" --no-rebuild --timeout-multiplier 3 2>&1 || status=$?
    echo "$status" >"$code"
} | tee "$log" | progress
status=$(cat "$code")

passed=$(($(summary Ok) + $(summary 'Expected Fail')))
failed=$(($(summary Fail) + $(summary 'Unexpected Pass') + $(summary Timeout)))
skipped=$(summary Skipped)
if [ "$status" != 0 ] || [ "$failed" != 0 ]; then
    python3 "$here/support/failures.py" "$build/meson-logs/testlog.json" || tail -n 60 "$log"
fi
echo "tests: $passed passed, $failed failed, $skipped skipped"
[ "$status" = 0 ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
