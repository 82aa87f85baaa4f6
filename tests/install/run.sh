#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/install/run.sh [WORK [CONSUMER...]]
#
# Installs the checkout into a clean prefix, looks whether everything is there, and lets programs of others use
# it: each consumers/NAME.sh runs in an empty folder of its own, with the commands of docs/install.md alone.
# WORK is kept; without it a temporary folder is used. CONSUMER: these only, by name.
#
# A consumer gets NBL_SOURCE (the checkout), NBL_PREFIX (what is installed), and PKG_CONFIG_PATH,
# LD_LIBRARY_PATH and PATH that find it. Exit status 77: it lacks its tools, and is skipped.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
NBL_SOURCE=$(cd "$here/../.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
    shift
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
NBL_PREFIX=$work/prefix
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
    rm -rf "$work/consumer"
    mkdir "$work/consumer"
    code=0
    (
        cd "$work/consumer"
        PKG_CONFIG_PATH=$NBL_PREFIX/$libdir/pkgconfig
        LD_LIBRARY_PATH=$NBL_PREFIX/$libdir
        PATH=$NBL_PREFIX/bin:$PATH
        export PKG_CONFIG_PATH LD_LIBRARY_PATH PATH
        sh "$here/consumers/$1.sh"
    ) >"$work/consumer.log" 2>&1 || code=$?
    case $code in
    0) echo "$1: good" ;;
    77) echo "$1: skipped, its tools are not here" ;;
    *)
        tail -n 60 "$work/consumer.log"
        fail "$1: failed with status $code"
        ;;
    esac
}

rm -rf "$work/prefix" "$work/root" "$work/moved" "$work/static"
[ -e "$work/build/build.ninja" ] ||
    meson setup "$work/build" "$NBL_SOURCE" --prefix="$work/prefix" --libdir="$libdir" --buildtype=release \
        --default-library=both -Dtests=false -Dwerror=true
meson compile -C "$work/build"
meson install -C "$work/build" --quiet
DESTDIR=$work/root meson install -C "$work/build" --quiet

content "$work/prefix"
content "$work/prefix" >"$work/installed"
content "$work/root/$work/prefix" | diff "$work/installed" - || fail 'DESTDIR changes what is installed'
while read -r name; do
    case $name in '' | '#'*) continue ;; esac
    grep -qx "\./$name" "$work/installed" || fail "not installed: $name"
done <"$here/files.txt"
for name in "$work/prefix/$libdir"/*.so; do
    readelf -d "$name" | grep -q "SONAME.*\[$(basename "$name")\.[0-9]*\]" || fail "$name has no soname"
done
LD_LIBRARY_PATH=$work/prefix/$libdir "$work/prefix/bin/nblist" --version

if [ $# = 0 ]; then
    for script in "$here"/consumers/*.sh; do
        set -- "$@" "$(basename "$script" .sh)"
    done
fi
for consumer in "$@"; do
    consume "$consumer"
done

# An installation that is moved to another place, as by DESTDIR or in an archive: CMake finds it there.
mv "$work/root/$work/prefix" "$work/moved"
mv "$work/prefix" "$work/gone"
NBL_PREFIX=$work/moved
echo 'moved to another place:'
consume cmake
mv "$work/gone" "$work/prefix"

# Archives alone, and without OpenMP: the same commands, nothing shared.
[ -e "$work/build_static/build.ninja" ] ||
    meson setup "$work/build_static" "$NBL_SOURCE" --prefix="$work/static" --libdir="$libdir" \
        --buildtype=release --default-library=static -Dopenmp=disabled -Dcli=disabled -Dbench=false -Dtests=false \
        -Dwerror=true
meson install -C "$work/build_static" --quiet
find "$work/static" -name '*.so*' | grep . && fail 'a shared library is installed'
NBL_PREFIX=$work/static
echo 'archives alone:'
consume c
consume cmake
