#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   totals.sh PROGRAM FOLDER [NBLIST]    runs totals on every shipped structure; its numbers must be those of
#                                        counts.tsv, and those of the program nblist, where it is named
set -u
program=$1 folder=$2 nblist=${3:-}
tab=$(printf '\t')
failed=0 files=0
while IFS=$tab read -r file frames atoms cutoff pairs; do
    case $file in '#'*) continue ;; esac
    files=$((files + 1))
    expected="$frames $atoms $pairs"
    found=$("$program" "$cutoff" "$folder/$file")
    [ -n "$nblist" ] && expected=$("$nblist" pairs --json --cutoff "$cutoff" "$folder/$file" |
        sed -n 's/.*"total": {"frames": \([0-9]*\), "atoms": \([0-9]*\), "pairs": \([0-9]*\),.*/\1 \2 \3/p')
    verdict=same
    if [ "$found" != "$expected" ] || [ "$found" != "$frames $atoms $pairs" ]; then
        verdict="DIFFERENT: expected $expected"
        failed=$((failed + 1))
    fi
    printf '%-20s %6s %-22s %s\n' "$file" "$cutoff" "$found" "$verdict"
done <"$folder/counts.tsv"
echo "$files files, $failed differ"
[ "$files" -gt 0 ] && [ "$failed" -eq 0 ]
