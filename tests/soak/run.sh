#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/soak/run.sh [MILLIONS]   a million random operations on reused handles, or so many millions
#
#   NBL_BUILD_DIR   build folder; default: build/ in the checkout
#   NBL_TEST_SEED   another sequence
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${NBL_BUILD_DIR:-$root/build}

[ -e "$build/build.ninja" ] || meson setup --buildtype=release "$build" "$root" >/dev/null
ninja -C "$build" --quiet tests/soak/soak
NBL_TEST_SCALE=$((10 * ${1:-1})) OMP_WAIT_POLICY=passive "$build/tests/soak/soak"
