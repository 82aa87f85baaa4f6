#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/docs/run.sh [PAGE...]
#
# Holds the pages to what they say: builds and installs the library into a temporary folder, then builds and runs
# every block of code in docs/ and README.md (or in these pages) against it, in all languages, with the commands that
# the pages tell. See pages.py and snippets.py.
#
#   NBL_PREFIX       a prefix that it is installed in already
#   NBL_BUILD_DIR    build folder, kept; default: a temporary one
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
for page; do
    shift
    set -- "$@" "$(cd "$(dirname "$page")" && pwd)/$(basename "$page")"
done

# shellcheck source=tests/support/packages.sh
. "$top/tests/support/packages.sh"
need_packages gcc:gcc g++:g++ gfortran:gfortran cmake:cmake meson:meson ninja:ninja-build pkg-config:pkg-config \
    /usr/include/stdio.h:libc6-dev zlib.pc:zlib1g-dev python3/numpy:python3-numpy python3/ase:python3-ase ||
    echo 'pages: what needs these packages is left out' >&2
python=$(python_with numpy) || python=python3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# quietly COMMAND...: what it says is shown if it fails
quietly()
{
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        echo "failed: $*" >&2
        exit 1
    }
}

"$python" "$here/selftest.py"

PREFIX=${NBL_PREFIX:-$work/prefix}
if [ -z "${NBL_PREFIX:-}" ]; then
    build=${NBL_BUILD_DIR:-$work/build}
    [ -e "$build/build.ninja" ] || quietly meson setup "$build" "$top" -Dtests=false -Dbench=false
    quietly meson configure "$build" --prefix="$PREFIX" --libdir=lib -Dcli=enabled -Dpython=enabled
    quietly meson install -C "$build"
fi
[ -e "$PREFIX/lib/libnblist.so" ] || {
    echo "no libnblist below $PREFIX" >&2
    exit 1
}

export PREFIX
export PKG_CONFIG_PATH="$PREFIX/lib/pkgconfig" LD_LIBRARY_PATH="$PREFIX/lib" PATH="$PREFIX/bin:$PATH"
export PYTHONPATH="$PREFIX/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1
export NBL_STRUCTURES="$top/examples/data"
"$python" "$here/snippets.py" "$@"
