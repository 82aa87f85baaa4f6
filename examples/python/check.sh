#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   check.sh "MODULE..." SCRIPT [EXPECTED]    runs an example with a Python that has the modules; its output must
#                                             be that of the file EXPECTED. 77 (skipped) where no Python has them.
set -u
run=$(dirname "$0")/../../tests/python/run.sh
output=$(sh "$run" "$1" "$2")
code=$?
printf '%s\n' "$output"
[ "$code" -eq 0 ] && [ $# -gt 2 ] || exit "$code"
printf '%s\n' "$output" | diff -u "$3" - || {
    echo "$2: output differs from $3" >&2
    exit 1
}
