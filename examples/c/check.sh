#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   check.sh PROGRAM EXPECTED    runs an example; its output must be that of the file EXPECTED
set -u
output=$("$1") || {
    echo "$1: exit status $?" >&2
    exit 1
}
printf '%s\n' "$output" | diff -u "$2" - || {
    echo "$1: output differs from $2" >&2
    exit 1
}
