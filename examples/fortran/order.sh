#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   order.sh ARGON    energy is conserved to second order: with half the time step, over the same time, it
#                     changes by a quarter (3 to 5 times less), and the momentum stays zero
set -eu
drift()
{
    output=$("$1" "$2" "$3")
    printf '%s\n' "$output" | sed -n 's/^largest change.*: *//p'
    printf '%s\n' "$output" | grep -q 'total momentum is zero within rounding: yes'
}
coarse=$(drift "$1" 100 0.004)
fine=$(drift "$1" 200 0.002)
echo "largest change of the energy per atom: $coarse, and $fine with half the step"
awk -v coarse="$coarse" -v fine="$fine" 'BEGIN { ratio = coarse / fine; exit !(ratio > 3 && ratio < 5) }'
