#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/scale/run.sh   lists of more than 2^31 pairs, and of ten million atoms: some minutes, 12 GiB
#
#   NBL_BUILD_DIR   build folder; default: build/ in the checkout
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${NBL_BUILD_DIR:-$root/build}

[ -e "$build/build.ninja" ] || meson setup --buildtype=release "$build" "$root" >/dev/null
ninja -C "$build" --quiet tests/scale/scale
for name in pairs atoms; do
    "$build/tests/scale/scale" "$name"
done
