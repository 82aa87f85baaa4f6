#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Meson: the installed library, and the sources as a subproject; for Fortran as well where there is a compiler.
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

meson introspect build_subproject --installed >installed.json
if grep -q '_abi.py' installed.json; then
    echo "the subproject installs the Python package"
    exit 1
fi

command -v gfortran >/dev/null 2>&1 || exit 0
cp -R "$NBL_SOURCE/tests/install/meson_fortran" project_fortran
cp "$NBL_SOURCE/examples/fortran/neighbors.f90" project_fortran/
mkdir project_fortran/subprojects
ln -s "$NBL_SOURCE" project_fortran/subprojects/nblist
for fallback in '' --force-fallback-for=nblist-fortran; do
    rm -rf build_fortran
    # shellcheck disable=SC2086
    meson setup build_fortran project_fortran $fallback
    meson compile -C build_fortran
    build_fortran/neighbors | diff "$NBL_SOURCE/examples/fortran/neighbors.out" -
done
