#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   check.sh NBLIST [FOLDER]    lists the neighbors of every shipped structure with the program NBLIST
#                               and compares the number of pairs with the reference of counts.tsv
set -u
nblist=$1
folder=${2:-$(dirname "$0")}

printf '%-20s %6s %6s %7s %8s %10s\n' file frames atoms cutoff pairs reference
tab=$(printf '\t')
failed=0
while IFS=$tab read -r file frames atoms cutoff pairs; do
    case $file in '#'*) continue ;; esac
    found=$("$nblist" pairs --json --cutoff "$cutoff" "$folder/$file" |
        sed -n 's/.*"total": {"frames": \([0-9]*\), "atoms": \([0-9]*\), "pairs": \([0-9]*\),.*/\1 \2 \3/p')
    if [ "$found" = "$frames $atoms $pairs" ]; then
        verdict=same
    else
        verdict="DIFFERENT: expected $frames frames, $atoms atoms"
        failed=$((failed + 1))
    fi
    printf '%-20s %6s %6s %7s %8s %10s  %s\n' "$file" "$frames" "$atoms" "$cutoff" "${found##* }" "$pairs" \
        "$verdict"
done <"$folder/counts.tsv"
[ "$failed" -eq 0 ] || echo "$failed structures with a wrong list" >&2
[ "$failed" -eq 0 ]
