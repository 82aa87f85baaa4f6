#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/abi/abi.sh check BUILD        holds the libraries of a build to the references; see docs/abi.md
# sh tests/abi/abi.sh --update BUILD     writes the references anew, after a change on purpose
# sh tests/abi/abi.sh --freeze BUILD     keeps the headers as those of this release, for tests of later ones
#
# BUILD is a build folder made with gcc and debug information, on x86-64 (elsewhere: exit status 77). What is
# checked is named in libraries.txt, a line for each library: exports and types of functions by abidiff, fields
# and enumerators by layout.py.
set -eu
LC_ALL=C
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

fail()
{
    echo "$1" >&2
    exit 1
}

[ $# = 2 ] || fail 'usage: abi.sh check|--update|--freeze BUILD'
action=$1
build=$(cd "$2" && pwd)
case $(uname -m) in
x86_64) ;;
*)
    echo 'the references are of x86-64'
    exit 77
    ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# All public headers in one folder: abidw tells public types from others by it.
mkdir -p "$scratch/include/nblist"
cp "$root"/include/nblist/*.h "$build"/include/nblist/*.h "$scratch/include/nblist/"

# describe LIBRARY: its public interface, without anything of the machine that built it
describe()
{
    abidw --suppressions "$here/public.abignore" --headers-dir "$scratch/include" --drop-private-types \
        --exported-interfaces-only --drop-undefined-syms --no-elf-needed --no-corpus-path --no-comp-dir-path \
        --no-show-locs --no-parameter-names --type-id-style hash "$1" | sed "s|path='[^']*/lib/|path='lib/|"
}

# layout COMMAND...: of a header
layout()
{
    python3 "$here/layout.py" --include "$scratch/include" "$@"
}

# compare LIBRARY HEADER: with the references; both are told before the function fails
compare()
{
    name=$(basename "$1" .so)
    readelf -S "$build/$1" | grep -q '\.debug_info' || fail "$1 has no debug information"
    for reference in "$here/$name.abixml" "$here/$(basename "$2" .h).layout"; do
        [ -e "$reference" ] || fail "no reference $reference: sh tests/abi/abi.sh --update BUILD"
    done
    describe "$build/$1" >"$scratch/$name.abixml"
    differ=0
    abidiff --suppressions "$here/compatible.abignore" "$here/$name.abixml" "$scratch/$name.abixml" || differ=$?
    case $differ in
    0) ;;
    4 | 8 | 12) echo "$name: functions or types differ from the reference" ;;
    *) echo "$name: abidiff itself failed, with status $differ" ;;
    esac
    bad=$differ
    layout check "$here/$(basename "$2" .h).layout" "$2" || {
        echo "$2: structs or enums differ from the reference"
        bad=1
    }
    [ "$bad" = 0 ]
}

# A reference that is changed stands in one commit with what docs/CHANGES.md says about it. The first commit of
# a reference is none that changes it.
changes_are_told()
{
    cd "$root"
    git rev-parse --is-inside-work-tree >/dev/null 2>&1 && git rev-parse -q --verify HEAD >/dev/null || return 0
    set -- ':(glob)tests/abi/*.abixml' ':(glob)tests/abi/*.layout'
    if ! git diff --quiet --diff-filter=M HEAD -- "$@"; then
        git diff --quiet HEAD -- docs/CHANGES.md && {
            echo 'a reference is changed, and docs/CHANGES.md is not'
            return 1
        }
        return 0
    fi
    commit=$(git log -1 --diff-filter=M --format=%H -- "$@")
    [ -z "$commit" ] || git show --format= --name-only "$commit" | grep -qx docs/CHANGES.md || {
        echo "commit $commit changes a reference without telling docs/CHANGES.md"
        return 1
    }
}

# freeze HEADER: without comments, as clang-format wants it
freeze()
{
    printf '/* SPDX-License-Identifier: MIT */\n/* As released, without comments: for programs that are as old. */\n'
    gcc -fpreprocessed -dD -E -P "$scratch/include/$1" 2>"$scratch/freeze.log" |
        clang-format-14 --style="file:$root/.clang-format"
}

listed()
{
    sed -e '/^#/d' -e '/^$/d' "$here/libraries.txt"
}

listed >"$scratch/listed"
code=0
case $action in
check)
    while read -r library header; do
        compare "$library" "$header" || code=1
    done <"$scratch/listed"
    changes_are_told || code=1
    if [ "$code" = 0 ]; then
        echo 'abi: as the references say'
    else
        echo 'abi: changed. If on purpose: sh tests/abi/abi.sh --update BUILD, with an entry in docs/CHANGES.md'
    fi
    ;;
--update)
    while read -r library header; do
        describe "$build/$library" >"$here/$(basename "$library" .so).abixml"
        layout table "$header" >"$here/$(basename "$header" .h).layout"
    done <"$scratch/listed"
    echo 'references written; the same commit needs an entry in docs/CHANGES.md'
    ;;
--freeze)
    version=$(sed -n 's/^#define NBL_VERSION_STRING "\([0-9]*\.[0-9]*\)\..*/\1/p' "$build/include/nblist/version.h")
    mkdir -p "$here/frozen/$version/nblist"
    for header in $(awk "{ print \$2 }" "$scratch/listed") nblist/version.h; do
        freeze "$header" >"$here/frozen/$version/$header"
    done
    echo "headers of $version are in tests/abi/frozen/$version"
    ;;
*) fail "no action $action" ;;
esac
exit "$code"
