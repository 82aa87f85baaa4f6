#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh docs/site/build.sh [OUTDIR]
#
# Builds the documentation site into OUTDIR (default: build/site in the checkout), from which any web server, or a
# browser without one, can show it. Packages that are missing are installed (as root or through sudo; without either
# they are named, and that is all). Warnings of Doxygen and of Sphinx are errors.
#
#   NBLIST_LIBRARY   a libnblist.so.0 for the Python package, which is imported to be documented; default: one that
#                    is built for the purpose
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
out=${1:-$top/build/site}

# shellcheck source=tests/support/packages.sh
. "$top/tests/support/packages.sh"
need_packages doxygen:doxygen sphinx-build:python3-sphinx python3/myst_parser:python3-myst-parser \
    python3/breathe:python3-breathe python3/furo:furo python3/numpy:python3-numpy || exit 1
python=$(python_with myst_parser)

mkdir -p "$out"
out=$(cd "$out" && pwd)
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

if [ -z "${NBLIST_LIBRARY:-}" ]; then
    need_packages gcc:gcc meson:meson ninja:ninja-build pkg-config:pkg-config || exit 1
    quietly meson setup "$work/build" "$top" -Dtests=false -Dbench=false -Dio=disabled -Dmetrics=disabled \
        -Dcli=disabled -Dpython=disabled -Dfortran=disabled
    quietly ninja -C "$work/build"
    NBLIST_LIBRARY=$work/build/lib/core/libnblist.so.0
fi
export NBLIST_LIBRARY

# Pages refer to files of the whole tree; the reference pages are made.
mkdir "$work/tree"
for entry in "$top"/*; do
    [ "$(basename "$entry")" = docs ] || ln -s "$entry" "$work/tree/"
done
cp -R "$top/docs" "$work/tree/docs"
"$python" "$here/api_pages.py" "$top" "$work/tree/docs/api"

(cd "$top" && { cat docs/site/Doxyfile && echo "OUTPUT_DIRECTORY = $work/doxygen"; } >"$work/Doxyfile" &&
    quietly doxygen "$work/Doxyfile")
rm -rf "$out/html"
quietly env PYTHONPATH="$top/lib/python" PYTHONDONTWRITEBYTECODE=1 "$python" -m sphinx -q -W --keep-going -n -j auto \
    -b html -c "$work/tree/docs/site" -d "$work/doctrees" -D "breathe_projects.nblist=$work/doxygen/xml" \
    "$work/tree/docs" "$out/html"
quietly "$python" "$here/complete.py" "$top" "$out/html"
echo "site: $out/html/index.html"
