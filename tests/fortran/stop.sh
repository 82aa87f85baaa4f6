#!/bin/sh
# SPDX-License-Identifier: MIT
#
# stop.sh PROGRAM: the program ends at its error, by error stop with the library's message.
set -u
output=$("$1" 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -ne 0 ] || {
    echo "exit status 0 after an error"
    exit 1
}
case $output in
*'went on'*)
    echo "the program went on"
    exit 1
    ;;
*before*'ERROR STOP nblist: the cell is singular'*) ;;
*)
    echo "no message of the library"
    exit 1
    ;;
esac
