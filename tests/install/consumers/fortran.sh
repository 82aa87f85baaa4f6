#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Fortran, by pkg-config: all examples, copied away from their source, and the same totals as the program.
set -eu
command -v gfortran >/dev/null 2>&1 || exit 77

mkdir examples
cp -R "$NBL_SOURCE/examples/fortran" "$NBL_SOURCE/examples/c" "$NBL_SOURCE/examples/data" examples
for flags in -O2 '-O0 -g -fcheck=all'; do
    FCFLAGS=$flags sh examples/fortran/run.sh "$NBL_PREFIX/bin/nblist"
done
