#!/bin/sh
# SPDX-License-Identifier: MIT
#
# C, by pkg-config: a program with the shared libraries, one with the archives, and all examples.
set -eu

for compiler in cc clang clang-14; do
    command -v "$compiler" >/dev/null 2>&1 || continue
    # shellcheck disable=SC2046
    "$compiler" "$NBL_SOURCE/tests/install/program.c" $(pkg-config --cflags --libs nblist nblist-io) -o program
    ./program

    # <nblist/NAME.h> comes with the package nblist-NAME, and brings <nblist/nblist.h>, of the package nblist.
    for example in "$NBL_SOURCE"/examples/c/*.c; do
        name=$(basename "$example" .c)
        packages=$(sed -n 's|^#include <nblist/\(.*\)\.h>|nblist-\1|p' "$example" | sed '/^nblist-nblist$/d')
        # shellcheck disable=SC2046,SC2086
        "$compiler" -std=c11 -Wall -Wextra -Wpedantic -Werror "$example" $(pkg-config --cflags --libs nblist $packages) \
            -lm -o "$name"
        sh "$NBL_SOURCE/examples/c/check.sh" "./$name" "$NBL_SOURCE/examples/c/$name.out"
    done
done

# shellcheck disable=SC2046
cc -static "$NBL_SOURCE/tests/install/program.c" $(pkg-config --static --cflags --libs nblist nblist-io) \
    -o program_static
env -u LD_LIBRARY_PATH ./program_static
