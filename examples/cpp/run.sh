#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   run.sh [NBLIST]    builds these examples against an installed libnblist, which pkg-config finds, in a temporary
#                      folder, runs them and compares what they print; with the program nblist also its totals.
#                      CXX, CXXFLAGS: compiler and flags
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for name in neighbors batch lennard_jones totals; do
    package=nblist
    [ "$name" != totals ] || package='nblist nblist-io'
    # shellcheck disable=SC2046,SC2086
    ${CXX:-c++} -std=c++17 ${CXXFLAGS:--O2} "$here/$name.cpp" -o "$scratch/$name" \
        $(pkg-config --cflags --libs $package)
    [ "$name" = totals ] || sh "$here/../c/check.sh" "$scratch/$name" "$here/$name.out"
done
sh "$here/../data/totals.sh" "$scratch/totals" "$here/../data" "${1:-}"
