#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what a compiler does not read: links, documentation of exports, licence lines, leftovers.

    texts.py [TOP]         the tree TOP (default: the folder above this one)
    texts.py --self-test   plants faults in tiny trees and expects to find each
"""
import os
import re
import sys
import tempfile

SKIP = re.compile(r"^(\.git|build.*|__pycache__|\.cache)$")
CODE = (".c", ".h", ".h.in", ".cpp", ".hpp", ".f90", ".F90", ".inc", ".py", ".sh")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|not implemented|for now\b|placeholder")
MACHINE = re.compile(r"(?<![\w.$}*])/(?:work|root)/")
HANDLE = re.compile(r"^typedef struct (\w+) \1;")
EXPORT = re.compile(r"^NBL_API\b")


def files(top):
    for path, names, entries in os.walk(top):
        names[:] = sorted(name for name in names if not SKIP.match(name))
        for name in sorted(set(entries) - {".git"}):  # a file in a work tree beside its repository
            yield os.path.relpath(os.path.join(path, name), top)


def anchor(heading):
    """The anchor that the usual renderers give to a heading."""
    text = re.sub(r"[`*]", "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def headings(text):
    return {anchor(match) for match in re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.M)}


def check_links(top, path, text):
    body = FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), text)
    for match in LINK.finditer(body):
        target, _, fragment = match.group(1).partition("#")
        line = body.count("\n", 0, match.start()) + 1
        if re.match(r"[a-z]+:", match.group(1)):
            continue
        place = os.path.normpath(os.path.join(top, os.path.dirname(path), target)) if target else \
            os.path.join(top, path)
        if not os.path.exists(place):
            yield line, "no file %s" % match.group(1)
        elif fragment and place.endswith(".md"):
            with open(place, encoding="utf-8") as stream:
                if fragment not in headings(stream.read()):
                    yield line, "no heading for %s" % match.group(1)


def check_exports(text):
    """Every exported function stands under a comment, alone or in a group without blank lines.

    A blank line, or the typedef of an opaque handle, may part a group from the comment of its section.
    """
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if EXPORT.match(line):
            above = at - 1
            while above >= 0 and lines[above].strip() and not lines[above].rstrip().endswith("*/"):
                above -= 1
            while above > 0 and (not lines[above].strip() or HANDLE.match(lines[above])):
                above -= 1
            comment = lines[above].rstrip() if above >= 0 else ""
            if not comment.endswith("*/") or "SPDX" in comment:
                yield at + 1, "exported function without a comment: %s" % line.strip()


def check_statuses(top):
    """The table of statuses in docs/conventions.md has the rows of the header."""
    header, table = (os.path.join(top, path) for path in ("include/nblist/nblist.h", "docs/conventions.md"))
    if not (os.path.exists(header) and os.path.exists(table)):
        return []
    with open(header, encoding="utf-8") as stream:
        told = dict(re.findall(r'X\((NBL_\w+), (-?\d+), "', stream.read()))
    with open(table, encoding="utf-8") as stream:
        shown = dict(re.findall(r"^\| `(NBL_\w+)` \| (-?\d+) \|", stream.read(), re.M))
    return ["docs/conventions.md:1: %s is %s in the table, %s in the header" % (name, shown.get(name), told.get(name))
            for name in sorted(set(told) | set(shown)) if told.get(name) != shown.get(name)]


def check_file(top, path):
    try:
        with open(os.path.join(top, path), encoding="utf-8", newline="") as stream:
            text = stream.read()
    except UnicodeDecodeError:
        return
    head = "\n".join(text.split("\n", 2)[:2])
    code = path.endswith(CODE) or text.startswith("#!")
    if code and "SPDX-License-Identifier: MIT" not in head:
        yield 1, "no licence line"
    if path.endswith(".md"):
        yield from check_links(top, path, text)
    if path.startswith("include/"):
        yield from check_exports(text)
    watched = path.split("/")[0] in ("lib", "include", "bench", "examples", "tests", "docs")
    for number, line in enumerate(text.split("\n"), 1):
        if watched and LEFTOVER.search(line):
            yield number, "mark of unfinished work: %s" % line.strip()
        if MACHINE.search(line):
            yield number, "path of one machine: %s" % line.strip()
        if code and line != line.rstrip():
            yield number, "white space at the end of the line"
        if path.endswith((".c", ".h", ".h.in")):
            if "\t" in line:
                yield number, "tab"
            if len(line) > 112:
                yield number, "line of %d characters" % len(line)


def check_tree(top):
    found = ["%s:%d: %s" % (path, line, what) for path in files(top) for line, what in check_file(top, path)]
    return found + check_statuses(top)


CLEAN = {
    "README.md": "# A `b` c\n[x](docs/x.md#two-words) [y](#a-b-c) [z](https://example.org/)\n```\n[n](none)\n```\n",
    "docs/x.md": "## Two words\n",
    "include/a.h": "/* SPDX-License-Identifier: MIT */\n/* f, g */\nNBL_API int f(void);\nNBL_API int g(void);\n",
    "lib/a.c": "/* SPDX-License-Identifier: MIT */\n",
    "include/nblist/nblist.h": '/* SPDX-License-Identifier: MIT */\n    X(NBL_OK, 0, "ok")\n',
    "docs/conventions.md": "| `NBL_OK` | 0 | fine |\n",
}

PLANTED = [
    ("docs/bad.md", "[x](missing.md)\n", "no file"),
    ("docs/bad.md", "\n[x](x.md#one)\n", "bad.md:2: no heading"),
    ("lib/bad.c", "int x;\n", "no licence"),
    ("examples/bad", "#!/bin/sh\necho\n", "no licence"),
    ("include/bad.h", "/* SPDX-License-Identifier: MIT */\n\nNBL_API int f(void);\n", "bad.h:3: exported"),
    ("lib/bad.c", "/* SPDX-License-Identifier: MIT */\n/* TO" "DO */\n", "unfinished"),
    ("docs/bad.md", "see /wo" "rk/main\n", "one machine"),
    ("docs/conventions.md", "| `NBL_OK` | 1 | fine |\n", "NBL_OK is 1 in the table"),
    ("lib/bad.c", "/* SPDX-License-Identifier: MIT */\nint x; \n", "white space"),
    ("lib/bad.c", "/* SPDX-License-Identifier: MIT */\n\tint x;\n", "tab"),
    ("lib/bad.c", "/* SPDX-License-Identifier: MIT */\n/*" + "x" * 120 + "*/\n", "characters"),
]


def plant(top, entries):
    for path, text in entries:
        os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
        with open(os.path.join(top, path), "w", encoding="utf-8") as stream:
            stream.write(text)


def self_test():
    missed = []
    with tempfile.TemporaryDirectory() as top:
        plant(top, CLEAN.items())
        missed += ["clean tree: " + line for line in check_tree(top)]
    for path, text, expected in PLANTED:
        with tempfile.TemporaryDirectory() as top:
            plant(top, list(CLEAN.items()) + [(path, text)])
            found = check_tree(top)
            if len(found) != 1 or expected not in found[0]:
                missed.append("%s with %r: expected '%s', found %s" % (path, text, expected, found))
    print("texts: %d planted faults, %d missed" % (len(PLANTED), len(missed)))
    return missed


def main():
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    if sys.argv[1:] == ["--self-test"]:
        found = self_test()
    else:
        found = check_tree(os.path.normpath(sys.argv[1] if len(sys.argv) > 1 else top))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
