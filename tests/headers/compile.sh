#!/bin/sh
# SPDX-License-Identifier: MIT
#
# compile.sh SOURCE HEADER-FOLDER ...
# Compiles SOURCE, and for every <nblist/*.h> in the folders a file that includes only that header, with
# each compiler at hand, as C and as C++, pedantically and with all warnings as errors. Exit status 77 (not
# run) where there is no C or no C++ compiler.
set -eu

source=$1
shift
includes=
for folder in "$@"; do
    includes="$includes -I$folder"
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for folder in "$@"; do
    for header in "$folder"/nblist/*.h; do
        [ -e "$header" ] || continue
        name=$(basename "$header")
        printf '#include <nblist/%s>\nextern int one_declaration;\n' "$name" >"$scratch/${name%.h}.c"
    done
done
cp "$source" "$scratch/"

# compile COMPILER LANGUAGE STANDARD ... : 0 if the compiler is there
compile()
{
    compiler=$1
    language=$2
    shift 2
    if ! command -v "$compiler" >/dev/null 2>&1; then
        echo "$compiler: not here"
        return 1
    fi
    for standard in "$@"; do
        for file in "$scratch"/*.c; do
            # shellcheck disable=SC2086
            "$compiler" -x "$language" -std="$standard" -pedantic -Wall -Wextra -Wconversion -Wshadow \
                -Werror $includes -c "$file" -o "$scratch/out.o" || exit 1
        done
        echo "$compiler -std=$standard: good"
    done
}

c=0
cxx=0
compile gcc c c11 c17 && c=1
compile clang c c11 c17 && c=1
compile g++ c++ c++11 c++17 && cxx=1
compile clang++ c++ c++11 c++17 && cxx=1
[ "$c$cxx" = 11 ] || exit 77
