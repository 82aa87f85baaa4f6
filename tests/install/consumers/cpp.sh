#!/bin/sh
# SPDX-License-Identifier: MIT
#
# C++, by pkg-config: all examples, copied away from their source, and the same totals as the program.
set -eu

mkdir examples
cp -R "$NBL_SOURCE/examples/cpp" "$NBL_SOURCE/examples/c" "$NBL_SOURCE/examples/data" examples
for compiler in c++ clang++ clang++-14; do
    command -v "$compiler" >/dev/null 2>&1 || continue
    CXX=$compiler CXXFLAGS='-O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror' \
        sh examples/cpp/run.sh "$NBL_PREFIX/bin/nblist"
done
