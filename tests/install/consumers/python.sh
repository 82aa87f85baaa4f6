#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Python: the package that is installed finds the library that is installed, and the examples run with both.
set -eu
# shellcheck source=tests/support/packages.sh
. "$NBL_SOURCE/tests/support/packages.sh"
python=$(python_with numpy) || exit 77

for PYTHONPATH in "$NBL_PREFIX"/lib/python3*/*-packages; do
    export PYTHONPATH
    "$python" -c 'import nblist, sys; sys.exit(not nblist.__file__.startswith(sys.argv[1]))' "$NBL_PREFIX"
    for example in neighbors data_loader; do
        "$python" "$NBL_SOURCE/examples/python/$example.py" | diff "$NBL_SOURCE/examples/python/$example.out" -
    done
done
