#!/bin/sh
# SPDX-License-Identifier: MIT
#
# compile.sh FOLDER HEADER-FOLDER ...
# Compiles the sources of FOLDER with each compiler at hand, for C++17 and C++20, with all warnings as errors;
# plain.cpp without exceptions; and every header alone. And what must not compile: ignored statuses, copies,
# arrays of wrong types. 77 (not run) without a C++ compiler.
set -eu
folder=$1
shift
includes=
for headers in "$@"; do
    includes="$includes -I$headers"
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# compile COMPILER STANDARD FILE FLAG...
compile()
{
    compiler=$1
    standard=$2
    file=$3
    shift 3
    # shellcheck disable=SC2086
    "$compiler" -std="$standard" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Werror $includes \
        -I"$folder" -fsyntax-only "$@" "$file"
}

# refuse COMPILER WORDS: the text on standard input must not compile, and for this reason.
refuse()
{
    {
        printf '#include <nblist/nblist.hpp>\nvoid f(nbl::cell_list &list, nbl::result &found)\n{\n'
        cat
        printf '}\n'
    } >"$scratch/bad.cpp"
    if compile "$1" c++17 "$scratch/bad.cpp" 2>"$scratch/errors"; then
        echo "$1 accepts:"
        cat "$scratch/bad.cpp"
        exit 1
    fi
    grep -q "$2" "$scratch/errors" || {
        cat "$scratch/errors"
        exit 1
    }
}

found=0
clang='clang++'
command -v clang++ >/dev/null 2>&1 || clang='clang++-14'
for compiler in g++ "$clang"; do
    command -v "$compiler" >/dev/null 2>&1 || continue
    found=1
    for header in base batch cell_list result visit; do
        printf '#include <nblist/cxx/%s.hpp>\nextern int one;\n' "$header" >"$scratch/alone.cpp"
        compile "$compiler" c++17 "$scratch/alone.cpp"
    done
    for standard in c++17 c++20; do
        compile "$compiler" "$standard" "$folder/lists.cpp"
        compile "$compiler" "$standard" "$folder/visits.cpp"
        compile "$compiler" "$standard" "$folder/plain.cpp" -fno-exceptions -fno-rtti
    done
    echo '(void)found; list.try_search(1.0, found);' | refuse "$compiler" 'nodiscard\|unused-result\|unused-value'
    echo '(void)list; found.n_pairs();' | refuse "$compiler" 'nodiscard\|unused-result'
    echo 'nbl::cell_list copy = list; (void)found;' | refuse "$compiler" 'deleted'
    echo 'double i[3] = {}; (void)list; found.fetch(nbl::outputs().i(i));' | refuse "$compiler" 'indices are of 32'
    echo 'unsigned i[3] = {}; (void)list; found.fetch(nbl::outputs().i(i));' | refuse "$compiler" 'indices are of 32'
    echo 'const int i[3] = {}; (void)list; found.fetch(nbl::outputs().i(i));' | refuse "$compiler" 'write into'
    echo 'list.visit(1.0, found, [](const nbl::rows &) { return 1; });' | refuse "$compiler" 'nothing or nbl::flow'
    echo "$compiler: good"
done
[ "$found" = 1 ] || exit 77
