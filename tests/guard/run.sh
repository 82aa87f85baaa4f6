#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/guard/run.sh            counts the instructions of fixed cases, and compares with instructions.txt
# sh tests/guard/run.sh --update   writes that file
#
# No clock is read: valgrind counts what is executed, so that the figures are the same on a busy machine. They
# belong to one compiler, one C library and one processor family: elsewhere nothing is compared (exit status 77).
# A figure more than 5 % above the stored one is a loss, one as much below a stored figure that protects nothing.
#
#   NBL_BUILD_DIR   build folder; default: a temporary one
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
stored=$here/instructions.txt
cases='copper silicon-half-sorted molecules cutoffs'
tolerance=5

skip()
{
    echo "instructions are not compared: $1" >&2
    exit 77
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
build=${NBL_BUILD_DIR:-$scratch/build}

compiler=gcc
command -v gcc-12 >/dev/null 2>&1 && compiler=gcc-12
command -v valgrind >/dev/null 2>&1 || skip 'no valgrind'
command -v "$compiler" >/dev/null 2>&1 || skip 'no gcc'
[ "$("$compiler" -dumpversion)" = 12 ] || skip "the stored figures are those of gcc 12, here is gcc $("$compiler" -dumpversion)"
[ "$("$compiler" -dumpmachine)" = x86_64-linux-gnu ] || skip "this is $("$compiler" -dumpmachine)"

# Flags of the environment would change the figures.
unset CFLAGS CPPFLAGS LDFLAGS
if [ ! -e "$build/build.ninja" ]; then
    CC=$compiler meson setup --buildtype=release -Dio=disabled -Dcli=disabled -Dbench=false \
        "$build" "$root" >"$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        exit 1
    }
fi
ninja -C "$build" tests/guard/guard_cases >"$scratch/log" 2>&1 || {
    tail -n 40 "$scratch/log" >&2
    exit 1
}

# count CASE LEVEL: the instructions of the measured call; nothing where the machine lacks the level
count()
{
    NBLIST_ISA=$2 valgrind --tool=callgrind --toggle-collect=guard_measured --callgrind-out-file="$scratch/counts" \
        "$build/tests/guard/guard_cases" "$1" >"$scratch/out" 2>"$scratch/err" || {
        cat "$scratch/err" >&2
        return 1
    }
    read -r level pairs <"$scratch/out"
    if [ "$level" = "$2" ] && [ "$pairs" -gt 0 ]; then
        sed -n 's/^\(summary\|totals\): *//p' "$scratch/counts" | tail -n 1
    fi
}

for level in portable avx2; do
    for name in $cases; do
        found=$(count "$name" "$level")
        if [ -n "$found" ]; then
            echo "$name $level $found"
        else
            echo "$name $level: not on this machine" >&2
        fi
    done
done >"$scratch/found"

if [ "${1:-}" = --update ]; then
    {
        echo "# Case, level, instructions: sh tests/guard/run.sh --update, with $("$compiler" --version | head -n 1)"
        cat "$scratch/found"
    } >"$stored"
    cat "$stored"
    exit 0
fi

awk -v tolerance="$tolerance" '
    /^#/ { next }
    NR == FNR { stored[$1 " " $2] = $3; next }
    {
        key = $1 " " $2
        change = stored[key] > 0 ? 100 * ($3 / stored[key] - 1) : 100
        wrong = change > tolerance || change < -tolerance
        printf "%-20s %-9s %10d instructions, %10d stored, %+6.2f %%%s\n", $1, $2, $3, stored[key], change,
            wrong ? "  OUT OF BOUNDS" : ""
        bad += wrong
        seen++
    }
    END { exit bad > 0 || seen == 0 }' "$stored" "$scratch/found"
