#!/bin/sh
# SPDX-License-Identifier: MIT
#
# exports.sh LIBRARY HEADER MAP [LEAST]
# The library exports nbl_* and nothing else, the same names that the header declares and the version map
# lists; internal names (nbl__*) stay inside. There are at least LEAST of them (21).
set -eu
LC_ALL=C
export LC_ALL

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sed 's/@.*//' | sort -u >"$scratch/library"

# A declaration begins a line with NBL_API and may run over several; its name stands before the first "(".
awk '/^NBL_API/ { text = "" ; open = 1 }
     open { text = text " " $0 }
     open && /;/ { sub(/\(.*/, "", text); n = split(text, words, /[ *]+/); print words[n]; open = 0 }' \
    "$2" | sort -u >"$scratch/header"

sed -n '/^global:/,/^local:/p' "$3" | sed -n 's/^[[:space:]]*\(nbl_[a-z0-9_]*\);.*/\1/p' |
    sort -u >"$scratch/map"

bad=0
if grep -v '^nbl_[a-z0-9]' "$scratch/library" || grep '^nbl__' "$scratch/library"; then
    echo "exported, but not a public name"
    bad=1
fi
for other in header map; do
    if ! diff "$scratch/library" "$scratch/$other" >"$scratch/difference"; then
        echo "exports (<) and names of the $other (>) differ:"
        cat "$scratch/difference"
        bad=1
    fi
done
names=$(wc -l <"$scratch/library")
echo "$names names exported"
[ "$bad" = 0 ] && [ "$names" -ge "${4:-21}" ]
