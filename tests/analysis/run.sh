#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/analysis/run.sh [NAME...]   static analysis of everything in C; without names all of
#
#   tidy       clang-tidy 14, as clang-tidy.yaml says
#   cppcheck
#   analyzer   gcc -fanalyzer
#   valgrind   the unit tests, for reads of memory that was never written, and for leaks; but those whose
#              oracle is long double, which valgrind computes as double, and that of the processor, which
#              valgrind makes another one
#
# Quiet where there is nothing to say. NBL_BUILD_DIR: build folder; default: a temporary one.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
build=${NBL_BUILD_DIR:-$scratch/build}

configure()
{
    [ -e "$1/build.ninja" ] && return 0
    folder=$1
    shift
    meson setup "$folder" "$root" "$@" >"$scratch/log" 2>&1 || {
        tail -n 20 "$scratch/log" >&2
        return 1
    }
}

# NEON is not for this machine; the compiler is not asked to read it.
sources()
{
    find "$root/lib" "$root/bench" -name '*.c' ! -name isa_neon.c
}

tidy()
{
    configure "$build" && ninja -C "$build" --quiet >"$scratch/log" 2>&1 && sources |
        xargs -P "$(nproc)" -n 8 clang-tidy-14 "--config-file=$here/clang-tidy.yaml" -p "$build" --quiet 2>"$scratch/tidy"
}

cppcheck_all()
{
    configure "$build" && sources | xargs cppcheck --enable=warning,performance,portability --std=c11 \
        --inline-suppr --quiet --suppress=missingIncludeSystem --error-exitcode=1 -j "$(nproc)" \
        -I "$root/lib" -I "$root/include" -I "$build/include"
}

# What it says about leaks is mostly wrong where memory is handed over, as in a pair of create and destroy; and
# about values that were never set, where loops set vectors, which valgrind knows better.
analyzer()
{
    configure "$build-analyzer" --buildtype=debugoptimized -Dtests=false -Dwerror=true \
        "-Dc_args=-fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value" || return 1
    ninja -C "$build-analyzer" --quiet >"$scratch/log" 2>&1 && return 0
    grep -A 30 'Wanalyzer' "$scratch/log" || tail -n 30 "$scratch/log"
    return 1
}

memory()
{
    configure "$build" && ninja -C "$build" --quiet >"$scratch/log" 2>&1 || return 1
    names=$(meson test -C "$build" --no-rebuild --list --suite unit 2>/dev/null | sed -n 's|^.* / ||p' |
        grep -vxE 'base/cpu|core/(cell/lattice|search/block|search/cells)|metrics/angles')
    # shellcheck disable=SC2086
    NBL_TEST_SCALE=0.01 meson test -C "$build" --no-rebuild $names --timeout-multiplier 20 --print-errorlogs \
        --wrap='valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite' \
        >"$scratch/log" 2>&1 && return 0
    tail -n 60 "$scratch/log"
    return 1
}

failed=0
for name in "${@:-tidy cppcheck analyzer valgrind}"; do
    for step in $name; do
        case $step in
        tidy) tidy ;;
        cppcheck) cppcheck_all ;;
        analyzer) analyzer ;;
        valgrind) memory ;;
        *)
            echo "no step $step: tidy cppcheck analyzer valgrind" >&2
            exit 2
            ;;
        esac || {
            echo "$step: not clean" >&2
            failed=1
        }
    done
done
exit "$failed"
