#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/install/debian.sh [WORK]
#
# Builds the Debian packages from a copy of the checkout, and holds them to lintian. As root, where none of them is
# installed: installs them, runs debian/tests as autopkgtest would, removes them, and looks whether anything stays.
# WORK is kept; without it a temporary folder is used. Exit status 77: all was good, but nothing was installed.
set -eu
LC_ALL=C.UTF-8
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
rm -rf "${work:?}"/*
mkdir "$work/nblist"

fail()
{
    echo "$1" >&2
    exit 1
}

# Files of every package, and traces that maintainer scripts may leave; not what changes by itself.
everything()
{
    find /usr /etc /var/lib \( -path /var/lib/apt -o -path /var/lib/dpkg/updates -o -path /var/lib/dpkg/triggers \
        -o -path '/usr/lib/python3/dist-packages/*/__pycache__' ! -path '*nblist*' \) -prune -o -print | sort
}

(cd "$root" && git ls-files -z -co --exclude-standard | xargs -0 tar -cf -) | tar -xf - -C "$work/nblist"
cd "$work/nblist"
DEB_BUILD_OPTIONS="nocheck parallel=$(nproc) ${DEB_BUILD_OPTIONS:-}" dpkg-buildpackage -b -us -uc
cd "$work"
# There is no bug report to close by the first version of a package that nobody uploads.
lintian --allow-root --fail-on error --suppress-tags initial-upload-closes-no-bugs ./*.changes

packages=
files=
for file in ./*.deb; do
    name=$(dpkg-deb --field "$file" Package)
    case $name in *-dbgsym) continue ;; esac
    packages="$packages $name"
    files="$files $file"
done
echo "packages:$packages"
for name in libnblist0 libnblist-dev nblist; do
    case " $packages " in *" $name "*) ;; *) fail "no package $name" ;; esac
done

[ "$(id -u)" = 0 ] || {
    echo 'not installed: that needs root'
    exit 77
}
for name in $packages; do
    if dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed; then
        echo "not installed: $name is there already"
        exit 77
    fi
done

everything >"$work/before"
code=0
# shellcheck disable=SC2086
dpkg -i $files || fail 'the packages do not install'

sed -n 's/^Tests: *//p' nblist/debian/tests/control | tr ' ' '\n' >"$work/tests.txt"
while read -r name; do
    case "$name $packages " in
    'python '*' python3-nblist '*) ;;
    'python '*)
        echo "test $name: its package is not built"
        continue
        ;;
    esac
    AUTOPKGTEST_TMP=$work/tests/$name
    mkdir -p "$AUTOPKGTEST_TMP"
    export AUTOPKGTEST_TMP
    if (cd nblist && sh "debian/tests/$name") </dev/null >"$work/$name.log" 2>&1; then
        echo "test $name: good"
    else
        tail -n 30 "$work/$name.log"
        echo "test $name: failed"
        code=1
    fi
done <"$work/tests.txt"

# shellcheck disable=SC2086
dpkg --purge $packages || fail 'the packages cannot be removed'
everything >"$work/after"
if diff "$work/before" "$work/after"; then
    echo 'removed: nothing stays'
else
    echo 'removing the packages does not bring back what was there (<)'
    code=1
fi
exit "$code"
