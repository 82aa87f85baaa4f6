#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/install/run.sh [FOLDER [CONSUMER...]]
#
# Installs the checkout into a clean prefix, looks whether everything is there, and lets programs of others use
# it: each consumers/NAME.sh runs in an empty folder of its own, with the commands of docs/install.md alone.
# FOLDER is kept; without it a temporary folder is used. CONSUMER: these only, by name.
#
# A consumer gets NBL_SOURCE (the checkout), NBL_PREFIX (what is installed), and PKG_CONFIG_PATH,
# LD_LIBRARY_PATH and PATH that find it. Exit status 77: it lacks its tools, and is skipped.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
NBL_SOURCE=$(cd "$here/../.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    scratch=$(cd "$1" && pwd)
    shift
else
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
fi
NBL_PREFIX=$scratch/prefix
libdir=lib
export NBL_SOURCE NBL_PREFIX

fail()
{
    echo "$1" >&2
    exit 1
}

# content FOLDER: the names of all files in it
content()
{
    (cd "$1" && find . ! -type d | sort)
}

# consume NAME: runs consumers/NAME.sh in an empty folder
consume()
{
    rm -rf "$scratch/consumer"
    mkdir "$scratch/consumer"
    code=0
    (
        cd "$scratch/consumer"
        PKG_CONFIG_PATH=$NBL_PREFIX/$libdir/pkgconfig
        LD_LIBRARY_PATH=$NBL_PREFIX/$libdir
        PATH=$NBL_PREFIX/bin:$PATH
        export PKG_CONFIG_PATH LD_LIBRARY_PATH PATH
        sh "$here/consumers/$1.sh"
    ) >"$scratch/consumer.log" 2>&1 || code=$?
    case $code in
    0) echo "$1: good" ;;
    77) echo "$1: skipped, its tools are not here" ;;
    *)
        tail -n 60 "$scratch/consumer.log"
        fail "$1: failed with status $code"
        ;;
    esac
}

rm -rf "$scratch/prefix" "$scratch/root" "$scratch/moved" "$scratch/static"
[ -e "$scratch/build/build.ninja" ] ||
    meson setup "$scratch/build" "$NBL_SOURCE" --prefix="$scratch/prefix" --libdir="$libdir" --buildtype=release \
        --default-library=both -Dtests=false -Dwerror=true
meson compile -C "$scratch/build"
meson install -C "$scratch/build" --quiet
DESTDIR=$scratch/root meson install -C "$scratch/build" --quiet

content "$scratch/prefix"
content "$scratch/prefix" >"$scratch/installed"
content "$scratch/root/$scratch/prefix" | diff "$scratch/installed" - || fail 'DESTDIR changes what is installed'
while read -r name; do
    case $name in '' | '#'*) continue ;; esac
    grep -qx "\./$name" "$scratch/installed" || fail "not installed: $name"
done <"$here/files.txt"
for name in "$scratch/prefix/$libdir"/*.so; do
    readelf -d "$name" | grep -q "SONAME.*\[$(basename "$name")\.[0-9]*\]" || fail "$name has no soname"
done
LD_LIBRARY_PATH=$scratch/prefix/$libdir "$scratch/prefix/bin/nblist" --version

if [ $# = 0 ]; then
    for script in "$here"/consumers/*.sh; do
        set -- "$@" "$(basename "$script" .sh)"
    done
fi
for consumer in "$@"; do
    consume "$consumer"
done

# An installation that is moved to another place, as by DESTDIR or in an archive: CMake finds it there.
mv "$scratch/root/$scratch/prefix" "$scratch/moved"
mv "$scratch/prefix" "$scratch/gone"
NBL_PREFIX=$scratch/moved
echo 'moved to another place:'
consume cmake
mv "$scratch/gone" "$scratch/prefix"

# Archives alone, and without OpenMP: the same commands, nothing shared.
[ -e "$scratch/build_static/build.ninja" ] ||
    meson setup "$scratch/build_static" "$NBL_SOURCE" --prefix="$scratch/static" --libdir="$libdir" \
        --buildtype=release --default-library=static -Dopenmp=disabled -Dcli=disabled -Dbench=false -Dtests=false \
        -Dwerror=true
meson install -C "$scratch/build_static" --quiet
find "$scratch/static" -name '*.so*' | grep . && fail 'a shared library is installed'
NBL_PREFIX=$scratch/static
echo 'archives alone:'
consume c
consume cmake
