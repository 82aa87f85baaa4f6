#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh tests/abi/selftest.sh [WORK]
#
# Shows that the checks of abi.sh see what they are for: makes each change in a copy of the checkout, and expects
# the check to pass or to fail, and an old program to run where it passes. WORK is kept; without it a temporary
# folder is used.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
copy=$work/copy
build=$work/build
wrong=0

# fresh: what was edited is as in the checkout again, and newer than what was built from it
fresh()
{
    while read -r name; do
        cp "$root/$name" "$copy/$name"
    done <"$work/edited"
    : >"$work/edited"
}

libraries()
{
    ninja -C "$build" >"$work/build.log" 2>&1 || {
        tail -n 30 "$work/build.log"
        return 1
    }
}

# edit FILE OLD NEW: replaces one text, which must be there once
edit()
{
    echo "$1" >>"$work/edited"
    python3 - "$copy/$1" "$2" "$3" <<'EOF'
import sys
path, old, new = sys.argv[1:]
with open(path, encoding="utf-8") as stream:
    text = stream.read()
if text.count(old) != 1:
    sys.exit("%s: '%s' is there %d times" % (path, old, text.count(old)))
with open(path, "w", encoding="utf-8") as stream:
    stream.write(text.replace(old, new))
EOF
}

# expect passes|fails NAME: builds the copy as it is, and checks it
expect()
{
    if libraries; then
        expect_of "$@"
    else
        echo "WRONG  $2: does not build"
        wrong=$((wrong + 1))
    fi
}

# expect_of passes|fails NAME: the same where the header tells, and a build would only take time
expect_of()
{
    found=passes
    if ! sh "$copy/tests/abi/abi.sh" check "$build" >"$work/check.log" 2>&1; then
        found=fails
    fi
    by=
    grep -q 'functions or types differ' "$work/check.log" && by="$by, abidiff"
    grep -q 'structs or enums differ' "$work/check.log" && by="$by, layout"
    grep -q 'without telling\|CHANGES.md is not' "$work/check.log" && by="$by, changes"
    if [ "$found" = passes ] && ! "$work/old_program" "$work/old.xyz" >"$work/old.log" 2>&1; then
        cat "$work/old.log"
        found='passes, but the old program does not run'
    fi
    if [ "$found" = "$1" ]; then
        printf 'good   %-58s %s%s\n' "$2" "$found" "${by:+ (${by#, })}"
    else
        printf 'WRONG  %-58s %s, expected: %s\n' "$2" "$found" "$1"
        tail -n 20 "$work/check.log"
        wrong=$((wrong + 1))
    fi
}

header=include/nblist/nblist.h
io=include/nblist/io.h
search_end='    uint32_t fields;    /* read by visits: enum nbl_row_field, or-ed; 0 = all */
'

rm -rf "$copy" "$build"
mkdir -p "$copy/examples"
for name in meson.build meson_options.txt include lib tests docs .clang-format; do
    cp -R "$root/$name" "$copy/"
done
: >"$copy/examples/meson.build"
: >"$work/edited"
CC=gcc meson setup "$build" "$copy" --buildtype=debug -Dtests=false -Dbench=false -Dcli=disabled -Dfortran=disabled >"$work/setup.log"
libraries
gcc -std=c11 -I"$root/tests/abi/frozen/0.1" "$root/tests/abi/old_program.c" -o "$work/old_program" \
    "$build/lib/core/libnblist.so.0" "$build/lib/io/libnblist-io.so.0" -lm \
    "-Wl,-rpath,$build/lib/core:$build/lib/io"
expect passes 'nothing is changed'

# In a repository: a reference and docs/CHANGES.md change in one commit.
commit()
{
    git -C "$copy" add -A
    git -C "$copy" -c user.name=nobody -c user.email=nobody@localhost commit -q -m "$1"
}
git -C "$copy" init -q
commit 'all'
expect passes 'the references are committed for the first time'
edit tests/abi/nblist.layout '  0 NBL_DTYPE_DEFAULT
' ''
expect fails 'a reference is changed'
commit 'without docs/CHANGES.md'
expect fails 'a reference is changed in a commit'
edit docs/CHANGES.md '# Changes
' '# Changes, and one more
'
edit tests/abi/nblist.layout '  1 NBL_INT8
' ''
expect passes 'a reference is changed, and docs/CHANGES.md with it'
commit 'with docs/CHANGES.md'
expect passes 'both in one commit'
rm -rf "$copy/.git"
fresh

edit lib/core/nblist.map '    nbl_max_threads;
' ''
expect fails 'an export is removed'

fresh
edit lib/core/nblist.map 'NBLIST_0.1 {' 'NBLIST_0.9 {'
expect fails 'exports move to another version node'

fresh
edit lib/core/nblist.map '    nbl_max_threads;' '    nbl_most_threads;'
edit $header 'NBL_API int32_t nbl_max_threads(void);' 'NBL_API int32_t nbl_most_threads(void);'
edit lib/core/api/library.c 'int32_t nbl_max_threads(void)' 'int32_t nbl_most_threads(void)'
expect fails 'an export is renamed'

fresh
edit $header 'NBL_API const char *nbl_isa_name(int32_t isa);' 'NBL_API const char *nbl_isa_name(int64_t isa);'
edit lib/core/api/library.c 'const char *nbl_isa_name(int32_t isa)' 'const char *nbl_isa_name(int64_t isa)'
expect fails 'an argument gets another type'

fresh
edit $header "$search_end" "$search_end    int64_t appended;
"
edit $header 'sizeof(nbl_search_options), 0, 0, 0, 0, 0, 0, 0 ' 'sizeof(nbl_search_options), 0, 0, 0, 0, 0, 0, 0, 0 '
edit $header '    void *atom_ptr;
' '    void *atom_ptr;
    void *appended;
'
expect passes 'fields are appended to two structs'

edit $header '    int64_t n_centers;  ' '    int32_t n_centers;  '
expect_of fails 'a field is appended, and another one resized'

fresh
edit $header "$search_end" "    int64_t inserted;
$search_end"
expect_of fails 'a field is inserted'

fresh
edit $header '    int64_t dense_width;
    int64_t dense_fill;
' '    int64_t dense_fill;
    int64_t dense_width;
'
expect_of fails 'two fields of one type change places'

fresh
edit $header '    uint64_t max_bytes;       /* limit' '    uint32_t max_bytes;       /* limit'
expect_of fails 'a field is resized, and its neighbours stay where they are'

fresh
edit $header '    NBL_INT64 = 3,' '    NBL_INT64 = 13,'
expect_of fails 'an enumerator is renumbered'

fresh
edit $io '    const char *value;
} nbl_xyz_pair;' '    const char *value;
    const char *appended;
} nbl_xyz_pair;'
expect_of fails 'a field is appended to a struct without a size'

echo "selftest of the ABI checks: $wrong wrong"
[ "$wrong" = 0 ]
