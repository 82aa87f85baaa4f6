#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/fuzz/run.sh SECONDS [TARGET...]   lets libFuzzer search, with clang and its sanitizers, so many seconds
#                                            for each target (search, structs, xyz)
# sh tests/fuzz/run.sh --shrink              makes the corpora of tests/fuzz/corpus as small as they can be
# sh tests/fuzz/run.sh --coverage            what the corpora reach of the files that each target names
#
# A target begins with its committed corpus, and keeps what it finds in NBL_FUZZ_DIR (default: build/fuzz), where
# also a crash is left as a file; build/tests/fuzz/fuzz_<target>_driver FILE repeats it with any compiler.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${NBL_FUZZ_DIR:-$root/build/fuzz}
targets='search structs xyz'

# shellcheck source=tests/support/packages.sh
. "$root/tests/support/packages.sh"

usage()
{
    sed -n '4,7s/^# //p' "$0" >&2
    exit 2
}

build()
{
    folder=$1
    shift
    if [ ! -e "$folder/build.ninja" ]; then
        CC=clang-14 meson setup --buildtype=debugoptimized -Db_lundef=false -Dcli=disabled -Dbench=false \
            -Dopenmp=disabled "$@" "$folder" "$root" >"$work/log" 2>&1 || {
            cat "$work/log" >&2
            exit 1
        }
    fi
    for target in $targets; do
        ninja -C "$folder" "tests/fuzz/fuzz_$target$suffix" >"$work/log" 2>&1 || {
            tail -n 40 "$work/log" >&2
            exit 1
        }
    done
}

build_fuzzers()
{
    suffix=
    build "$work/build" -Db_sanitize=address,undefined \
        '-Dc_args=-fno-sanitize-recover=all -fsanitize=fuzzer-no-link'
}

fuzzer()
{
    target=$1
    shift
    dictionary=
    [ "$target" = xyz ] && dictionary=-dict=$here/xyz.dict
    # shellcheck disable=SC2086
    "$work/build/tests/fuzz/fuzz_$target" -max_len=4096 -timeout=20 -rss_limit_mb=3000 -print_funcs=0 -verbosity=0 \
        $dictionary "$@"
}

search()
{
    for target in $targets; do
        mkdir -p "$work/$target"
        fuzzer "$target" "-max_total_time=$seconds" -len_control=0 -print_final_stats=1 -artifact_prefix="$work/" \
            "$work/$target" "$here/corpus/$target" 2>"$work/$target.log" || {
            tail -n 60 "$work/$target.log" >&2
            exit 1
        }
        sed -n 's/^stat::number_of_executed_units: /'"$target"': inputs tried: /p' "$work/$target.log"
    done
}

shrink()
{
    for target in $targets; do
        rm -rf "$work/merged"
        mkdir -p "$work/merged" "$work/$target" "$here/corpus/$target"
        fuzzer "$target" -merge=1 -use_counters=0 "$work/merged" "$here/corpus/$target" "$work/$target" 2>"$work/$target.log"
        rm -f "$here/corpus/$target"/*
        find "$work/merged" -type f -size -4 -exec cp {} "$here/corpus/$target/" \;
        echo "$target: $(find "$here/corpus/$target" -type f | wc -l) files"
    done
}

# The files that each target is about, as an expression; NEON and AVX-512 are for other machines.
named()
{
    case $1 in
    search) echo 'core/(cell|bin|search|verify)/.*[.]c$' ;;
    structs) echo '(base/struct|core/emit/sink|core/api/result|core/api/search)[.]c$' ;;
    xyz) echo 'io/(xyz_reader|comment|header|columns|number_read)[.]c$' ;;
    esac
}

coverage()
{
    suffix=_driver
    LLVM_PROFILE_FILE=$work/%m.raw
    export LLVM_PROFILE_FILE
    build "$work/coverage" '-Dc_args=-fprofile-instr-generate -fcoverage-mapping' \
        '-Dc_link_args=-fprofile-instr-generate'
    for target in $targets; do
        LLVM_PROFILE_FILE=$work/$target-%m.raw NBL_TEST_SCALE=0 \
            "$work/coverage/tests/fuzz/fuzz_${target}_driver" "$here/corpus/$target"/* >/dev/null
        llvm-profdata-14 merge -o "$work/$target.profile" "$work/$target"-*.raw
        rm -f "$work/$target"-*.raw
        llvm-cov-14 report -instr-profile "$work/$target.profile" "$work/coverage/lib/core/libnblist.so" \
            -object "$work/coverage/lib/io/libnblist-io.so" |
            awk -v target="$target" -v names="$(named "$target")" '
                $1 ~ names && $1 !~ /isa_/ { lines += $8; missed += $9; printf "  %s %s\n", $1, $10 }
                END { printf "%s: %.1f %% of %d lines\n", target, 100 * (lines - missed) / lines, lines }'
    done
}

mkdir -p "$work"
need_packages clang-14:clang-14 meson:meson ninja:ninja-build \
    /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a:libclang-rt-14-dev
case ${1:-} in
--shrink) build_fuzzers && shrink ;;
--coverage) need_packages llvm-cov-14:llvm-14 && coverage ;;
[1-9]*)
    seconds=$1
    shift
    [ $# = 0 ] || targets=$*
    build_fuzzers
    search
    ;;
*) usage ;;
esac
