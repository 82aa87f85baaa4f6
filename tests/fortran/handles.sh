#!/bin/sh
# SPDX-License-Identifier: MIT
#
# handles.sh PROGRAM: runs it under valgrind: nothing is lost, freed twice or used after it was freed. Memory that is
# still reachable at the end is that of runtimes. 77 (not run) without valgrind.
set -u
command -v valgrind >/dev/null 2>&1 || {
    echo "no valgrind"
    exit 77
}
exec valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible \
    --show-leak-kinds=definite,indirect,possible "$1"
