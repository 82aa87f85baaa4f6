#!/bin/sh
# SPDX-License-Identifier: MIT
# with_python.sh MODULE SCRIPT ARGUMENT...: runs the script with the first Python that has the module;
# 77 (skipped) if none has it.
module=$1
shift
for python in python3 /usr/bin/python3 /usr/local/bin/python3; do
    if "$python" -c "import $module" 2>/dev/null; then
        exec "$python" "$@"
    fi
done
echo "no Python with $module"
exit 77
