#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Meson: the installed library, and the sources as a subproject.
set -eu
command -v meson >/dev/null 2>&1 || exit 77

cp -R "$NBL_SOURCE/tests/install/meson" project
cp "$NBL_SOURCE/tests/install/program.c" project/

meson setup build_installed project
meson compile -C build_installed
build_installed/program

mkdir project/subprojects
ln -s "$NBL_SOURCE" project/subprojects/nblist
meson setup build_subproject project --force-fallback-for=nblist,nblist-io
meson compile -C build_subproject
env -u LD_LIBRARY_PATH build_subproject/program

# What is only for those who work on the library is not built.
for name in tests bench examples; do
    [ ! -e "build_subproject/subprojects/nblist/$name" ] || {
        echo "the subproject builds its $name"
        exit 1
    }
done
