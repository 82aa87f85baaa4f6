#!/bin/sh
# SPDX-License-Identifier: MIT
#
# From a bare machine to neighbor lists of real structures: installs what is missing, builds libnblist,
# installs it into a prefix below the build folder, and shows the program and the library at work.
#
#   sh examples/quickstart.sh
#
# NBL_BUILD_DIR   where to build (default: build below the checkout); nothing else is written to
set -u

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
mkdir -p "${NBL_BUILD_DIR:-$top/build}/quickstart" || exit 1
build=$(CDPATH='' cd -- "${NBL_BUILD_DIR:-$top/build}/quickstart" && pwd) || exit 1
prefix=$build/prefix
data=$top/examples/data
log=$build/quickstart.log
began=$(date +%s)

step()
{
    printf '\n== %s\n' "$1"
}

fail()
{
    printf '\nquickstart: %s\n' "$1" >&2
    exit 1
}

# Runs a command whose output nobody wants to read unless it fails.
quiet()
{
    quiet_what=$1
    shift
    quiet_from=$(date +%s)
    printf '%-44s' "$quiet_what"
    if "$@" >"$log" 2>&1; then
        printf '%3d s\n' $(($(date +%s) - quiet_from))
    else
        printf 'failed\n\n' >&2
        tail -n 40 "$log" >&2
        fail "$quiet_what failed: $*"
    fi
}

# Shows a command as one would type it, then runs it.
show()
{
    printf '\n$'
    for show_word in "$@"; do
        printf ' %s' "${show_word#"$show_from"}"
    done
    printf '\n'
    "$@" || fail "$1: exit status $?"
}

step '1/6 packages'
# shellcheck source=tests/support/packages.sh
. "$top/tests/support/packages.sh"
need_packages gcc:gcc /usr/include/stdio.h:libc6-dev meson:meson ninja:ninja-build \
    pkg-config:pkg-config zlib.pc:zlib1g-dev || exit 1
echo 'all there'

step '2/6 build and install'
if [ -f "$build/build.ninja" ]; then
    quiet 'configure again' meson configure "$build" -Dprefix="$prefix"
else
    quiet 'configure' meson setup "$build" "$top" --buildtype=release -Dprefix="$prefix" -Dlibdir=lib \
        -Dtests=false -Dbench=false -Dio=enabled -Dcli=enabled
fi
quiet 'compile' meson compile -C "$build"
quiet "install into ${prefix#"$top"/}" meson install -C "$build" --no-rebuild
PATH=$prefix/bin:$PATH
LD_LIBRARY_PATH=$prefix/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PATH LD_LIBRARY_PATH PKG_CONFIG_PATH
[ "$(command -v nblist)" = "$prefix/bin/nblist" ] || fail 'the installed program is not found'

step '3/6 neighbor lists of the shipped structures'
cd "$data" || exit 1
show_from=$data/
echo 'reference: counted by ASE and by a plain sum over images (examples/data/make.py)'
echo
sh ./check.sh nblist . || fail 'a list differs from its reference'
show nblist pairs --cutoff 6 si_cubic.xyz tatb.xyz co_pt111.xyz nanotube.xyz protein.xyz.gz
show nblist pairs --cutoff 3,6 water.xyz

step '4/6 files, histograms, and a check by brute force'
show_from=$build/
show nblist pairs --cutoff 6 --histogram --quiet cu_md.xyz.gz
show nblist pairs --cutoff 5 --quiet --force --output "$build/copper.npz" cu_md.xyz.gz
cat >"$build/npz.py" <<'PYTHON'
# What numpy.load() would show, with the standard library alone: a bare machine has no numpy.
import ast, struct, sys, zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    for name in archive.namelist()[:6]:
        with archive.open(name) as stream:
            magic = stream.read(10)
            header = ast.literal_eval(stream.read(struct.unpack("<H", magic[8:])[0]).decode())
        print("%-14s %-4s %s" % (name[:-4], header["descr"], header["shape"]))
    print("... %d arrays" % len(archive.namelist()))
PYTHON
python3 "$build/npz.py" "$build/copper.npz" || fail 'the npz file cannot be read'
show nblist pairs --cutoff 2.5 --sorted --quiet --force --output "$build/si.csv" si_cubic.xyz
head -n 4 "$build/si.csv"
show nblist verify --cutoff 6 calcite.xyz c2h4_ag001.xyz water.xyz

step '5/6 programs against the installed library'
cd "$top/examples/c" || exit 1
# shellcheck disable=SC2046
for name in neighbors handles coordination batch multi lennard_jones verify; do
    cc -O2 -std=c11 "$name.c" -o "$build/$name" $(pkg-config --cflags --libs nblist) -lm ||
        fail "$name.c does not compile against the installed library"
    sh ./check.sh "$build/$name" "$name.out" || fail "$name prints something else than $name.out"
done
# shellcheck disable=SC2016
printf '$ cc neighbors.c $(pkg-config --cflags --libs nblist) && ./a.out\n'
"$build/neighbors"
for name in batch lennard_jones; do
    printf '\n$ cc %s.c ... && ./a.out\n' "$name"
    "$build/$name"
done
if python=$(python_with numpy); then
    show_from=$top/
    show "$python" "$top/examples/python/water_batch.py"
fi

step '6/6 summary'
nblist info
printf '\nAll lists agree with their references. %d s.\n' $(($(date +%s) - began))
printf 'Next: sh tests/run.sh, examples/c/*.c, docs/which-call.md\n'
