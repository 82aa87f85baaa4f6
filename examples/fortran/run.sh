#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   run.sh [NBLIST]    builds these examples against an installed libnblist-fortran, which pkg-config finds, in
#                      a temporary folder, runs them and compares what they print; with the program nblist also
#                      its totals. FC, FCFLAGS: compiler (that of libnblist-fortran) and flags
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for name in neighbors argon totals; do
    # shellcheck disable=SC2046,SC2086
    ${FC:-gfortran} ${FCFLAGS:--O2} "$here/$name.f90" -o "$scratch/$name" $(pkg-config --cflags --libs nblist-fortran)
    [ "$name" = totals ] || sh "$here/../c/check.sh" "$scratch/$name" "$here/$name.out"
done
sh "$here/../data/totals.sh" "$scratch/totals" "$here/../data" "${1:-}"
