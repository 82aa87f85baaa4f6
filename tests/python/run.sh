#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh "MODULE..." SCRIPT ARGUMENT...: runs the script with the first Python that has the modules; 77 (skipped) if
# none has them.
needed=$1
shift
has_all()
{
    for module in $needed; do
        "$1" -c "import $module" 2>/dev/null || return 1
    done
}

for python in python3 /usr/bin/python3 /usr/local/bin/python3; do
    if has_all "$python"; then
        exec "$python" "$@"
    fi
done
echo "no Python with $needed"
exit 77
