#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a program has compiled into it from a public header: offsets and sizes of fields, values of enumerators.

    layout.py [--cc CC] [--include DIR]... table HEADER               prints the table
    layout.py [--cc CC] [--include DIR]... check REFERENCE HEADER     holds the header to a table that is kept

HEADER is given as it is included: nblist/nblist.h. What the reference has must be as it was. Allowed are new
structs, enums and enumerators, and fields at the end of a struct that begins with its size, behind all bytes
that it had: not in its padding, where older programs have anything. Exit status 1 if the check fails, 77
where pointers do not have 8 bytes, for which no tables are kept.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

STRUCT = re.compile(r"\btypedef\s+struct\s+(\w+)\s*\{([^{}]*)\}\s*\1\s*;")
ENUM = re.compile(r"\benum\s+(\w+)\s*\{([^{}]*)\}\s*;")
ANY = re.compile(r"\b(?:struct|union|enum)\b[^;{}()]*\{")
MARKER = re.compile(r'^# \d+ "([^"]*)"')


def run(command: list[str], **options) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def own_text(compiler: list[str], header: str) -> str:
    """The preprocessed lines that come from the header itself."""
    lines, own = [], False
    for line in run(compiler + ["-E", "-x", "c", "-"], input="#include <%s>\n" % header).splitlines():
        marker = MARKER.match(line)
        if marker:
            own = marker.group(1).endswith("/" + header)
        elif own:
            lines.append(line)
    return "\n".join(lines)


def fields(body: str) -> list[tuple[str, str]]:
    """(name, declaration) of each field; "int64_t i, j" are two."""
    found = []
    for part in filter(None, (" ".join(part.split()) for part in body.split(";"))):
        function = re.search(r"\(\*(\w+)\)\s*\(", part)
        if function:
            found.append((function.group(1), part))
            continue
        first, *more = [piece.strip() for piece in part.split(",")]
        kind = re.match(r"(.*?[\s])(?=[*\w\[\]]+$)", first).group(1)
        for piece in [first[len(kind):]] + more:
            name = re.match(r"\**(\w+)", piece).group(1)
            found.append((name, kind + piece))
    return found


def questions(text: str) -> list[str]:
    """printf statements that make the table."""
    structs, enums = STRUCT.findall(text), ENUM.findall(text)
    if len(ANY.findall(text)) != len(structs) + len(enums):
        raise SystemExit("layout.py: the header has a struct, union or enum in a form that is not understood")
    lines = []
    for name, body in structs:
        lines.append('printf("struct %s %%zu\\n", sizeof(%s));' % (name, name))
        for field, declaration in fields(body):
            lines.append('printf("  %%zu %%zu %s\\n", offsetof(%s, %s), sizeof((((%s *)0))->%s));'
                         % (declaration, name, field, name, field))
    for name, body in enums:
        lines.append('printf("enum %s %%zu\\n", sizeof(enum %s));' % (name, name))
        for item in filter(None, (item.strip() for item in body.split(","))):
            value = item.split("=")[0].strip()
            lines.append('printf("  %%lld %s\\n", (long long)%s);' % (value, value))
    return lines


def make_table(compiler: list[str], header: str) -> str:
    source = ["#include <%s>" % header, "#include <stddef.h>", "#include <stdio.h>", "int main(void)", "{"]
    source += questions(own_text(compiler, header)) + ["return sizeof(void *) == 8 ? 0 : 77;", "}", ""]
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "layout")
        run(compiler + ["-x", "c", "-", "-o", program], input="\n".join(source))
        done = subprocess.run([program], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print("no table is kept for pointers that do not have 8 bytes")
        sys.exit(done.returncode)
    return done.stdout


def parse(table: str) -> dict[str, tuple[int, list[str]]]:
    """{"struct name": (size, rows)}"""
    found: dict[str, tuple[int, list[str]]] = {}
    rows: list[str] = []
    for line in table.splitlines():
        if line.startswith("  "):
            rows.append(line.strip())
        elif line and not line.startswith("#"):
            kind, name, size = line.split()
            rows = []
            found["%s %s" % (kind, name)] = (int(size), rows)
    return found


def compare_struct(name: str, old: tuple[int, list[str]], new: tuple[int, list[str]]) -> list[str]:
    (old_size, old_rows), (new_size, new_rows) = old, new
    faults = []
    for at, row in enumerate(old_rows):
        there = new_rows[at] if at < len(new_rows) else "nothing"
        if there != row:
            faults.append("%s: field %d was '%s' (offset, size, declaration), is '%s'" % (name, at, row, there))
    appended = new_rows[len(old_rows):]
    if not faults and appended and not re.match(r"0 \d+ size_t size$", old_rows[0]):
        faults.append("%s: does not begin with its size, so it cannot grow" % name)
    if not faults and appended and int(appended[0].split()[0]) < old_size:
        faults.append("%s: '%s' lies in what was padding of older programs" % (name, appended[0]))
    if not faults and not appended and new_size != old_size:
        faults.append("%s: its size was %d, is %d" % (name, old_size, new_size))
    return faults


def compare_enum(name: str, old: tuple[int, list[str]], new: tuple[int, list[str]]) -> list[str]:
    faults = ["%s: '%s' (value, name) is no longer there" % (name, row) for row in old[1] if row not in new[1]]
    if old[0] != new[0]:
        faults.append("%s: its size was %d, is %d" % (name, old[0], new[0]))
    return faults


def check(reference: str, table: str) -> int:
    old, new = parse(reference), parse(table)
    faults = []
    for name, entry in old.items():
        if name not in new:
            faults.append("%s is no longer there" % name)
        else:
            compare = compare_struct if name.startswith("struct ") else compare_enum
            faults += compare(name, entry, new[name])
    for name, entry in new.items():
        for row in entry[1]:
            if name not in old or row not in old[name][1]:
                print("new, and not in the reference: %s: %s" % (name, row))
    for fault in faults:
        print(fault)
    print("%d structs and enums, %d faults" % (len(new), len(faults)))
    return 1 if faults or not old else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cc", default=os.environ.get("CC") or "cc")
    parser.add_argument("--include", action="append", default=[])
    parser.add_argument("command", choices=("table", "check"))
    parser.add_argument("files", nargs="+")
    given = parser.parse_args()
    if len(given.files) != (1 if given.command == "table" else 2):
        parser.error("wrong number of files")
    compiler = shlex.split(given.cc) + ["-I" + folder for folder in given.include]
    table = make_table(compiler, given.files[-1])
    if given.command == "check":
        with open(given.files[0], encoding="utf-8") as stream:
            return check(stream.read(), table)
    sys.stdout.write(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
