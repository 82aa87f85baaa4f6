#!/bin/sh
# SPDX-License-Identifier: MIT
#
# CMake, by find_package(): shared libraries and archives, a project in C and one in C++ alone; then requests
# that this installation must not serve.
set -eu
command -v cmake >/dev/null 2>&1 || exit 77

for project in cmake cmake_cxx; do
    cp -R "$NBL_SOURCE/tests/install/$project" "$NBL_SOURCE/tests/install/program.c" \
        "$NBL_SOURCE/examples/c/metrics.c" .
    cmake -S "$project" -B "build_$project" -DCMAKE_PREFIX_PATH="$NBL_PREFIX"
    cmake --build "build_$project"
    # Programs in a build tree find shared libraries by their own path.
    env -u LD_LIBRARY_PATH "build_$project/program"
    env -u LD_LIBRARY_PATH "build_$project/program_static"
    for name in metrics metrics_static; do
        [ "$project" = cmake ] || continue
        env -u LD_LIBRARY_PATH "build_$project/$name" >metrics.out
        diff "$NBL_SOURCE/examples/c/metrics.out" metrics.out
    done
    if readelf -d "build_$project/program_static" | grep nblist; then
        echo "program_static needs a shared library of ours"
        exit 1
    fi
done

# finds ARGUMENT...: whether find_package(nblist ARGUMENT...) succeeds
finds()
{
    mkdir -p asks
    printf 'cmake_minimum_required(VERSION 3.19)\nproject(asks C)\nfind_package(nblist %s REQUIRED)\n' "$*" \
        >asks/CMakeLists.txt
    rm -rf build_asks
    cmake -S asks -B build_asks -DCMAKE_PREFIX_PATH="$NBL_PREFIX" >asks/log 2>&1
}

version=$(pkg-config --modversion nblist)
for good in '' "$version" "$version EXACT" 0.1 '0.1...0.9' 'COMPONENTS nblist io'; do
    finds "$good" || {
        cat asks/log
        echo "find_package(nblist $good) fails"
        exit 1
    }
done
for bad in 99 0.99 '0.99...1.5' '0.0.1...<0.1' 'COMPONENTS no_such_library'; do
    if finds "$bad"; then
        echo "find_package(nblist $bad) succeeds with $version"
        exit 1
    fi
done
