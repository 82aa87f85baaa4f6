#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/coverage/run.sh [FOLDER]   which lines and branches of lib/core the tests reach: a table, and FOLDER
#                                     (default: build/coverage) with the source, line by line, as HTML
#
# Fails where less than 97 % of the lines or 90 % of the branches are reached. NBL_TEST_SCALE as everywhere;
# default 0.1. NEON is for other machines, and counted there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${1:-$root/build/coverage}
mkdir -p "$out"

# shellcheck source=tests/support/packages.sh
. "$root/tests/support/packages.sh"
need_packages gcc:gcc meson:meson ninja:ninja-build gcovr:gcovr cmocka.pc:libcmocka-dev

if [ ! -e "$out/build/build.ninja" ]; then
    # Counts of several threads must not lose each other: gcovr refuses those that become negative.
    CC=gcc CFLAGS=-fprofile-update=atomic \
        meson setup --buildtype=debug -Doptimization=1 -Db_coverage=true -Dio=disabled -Dcli=disabled \
        -Dbench=false -Dfortran=disabled -Dpython=disabled "$out/build" "$root" >"$out/log" 2>&1 || {
        cat "$out/log" >&2
        exit 1
    }
fi
ninja -C "$out/build" --quiet
find "$out/build" -name '*.gcda' -delete
NBL_TEST_SCALE=${NBL_TEST_SCALE:-0.1} meson test -C "$out/build" --no-rebuild --timeout-multiplier 10 \
    --suite unit --suite property --suite api --suite regress --suite cross --suite fuzz >"$out/log" 2>&1 || {
    tail -n 40 "$out/log" >&2
    exit 1
}
mkdir -p "$out/html"
gcovr --root "$root" --filter "$root/lib/core/" --exclude '.*neon.*' --exclude-unreachable-branches \
    --exclude-throw-branches --html-details "$out/html/index.html" --branches --txt "$out/branches.txt" \
    "$out/build" 2>"$out/log" || {
    tail -n 5 "$out/log" >&2
    exit 1
}
gcovr --root "$root" --filter "$root/lib/core/" --exclude '.*neon.*' --exclude-unreachable-branches \
    --exclude-throw-branches --txt "$out/lines.txt" --print-summary --fail-under-line 97 --fail-under-branch 90 \
    "$out/build" 2>"$out/log" || {
    awk '$4 + 0 < 97' "$out/lines.txt"
    exit 1
}
