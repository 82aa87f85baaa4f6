#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Doxygen's INPUT_FILTER for the public headers, whose comments are plain ones: doxygen_filter.py HEADER

    /* text */ in front of a declaration       becomes its documentation, as does that of the head of the file
    declarations in a row under one comment    have it all
    field; /* text */                          documents the field
    sections, comments between two rules       become groups

The text stays as it is; see prose.py.
"""
from __future__ import annotations

import os
import re
import sys
from typing import List, NamedTuple, Tuple

from prose import to_doxygen

RULE = re.compile(r"^(/| )\* ?-{20,}( \*/)?$")
NAMED = re.compile(r"(\w+)\(")
EXPORT = re.compile(r"^NBL_API\b")
TRAILING = re.compile(r"^(\s*[^\s/#*].*?)\s*/\*(.*)$")


class Section(NamedTuple):
    """A part of a header: the name of its group, its title, and what it says in front."""

    name: str
    title: str
    prose: List[str]


def comment_at(lines: List[str], at: int) -> Tuple[List[str], int]:
    """The text of the comment that begins in a line of its own, and the number of the line behind it."""
    text: List[str] = []
    line = lines[at].strip()[2:]
    while not line.rstrip().endswith("*/"):
        text.append(line)
        at += 1
        line = (
            lines[at].strip()
            if lines[at].strip() == "*/"
            else re.sub(r"^\s*\*", "", lines[at], count=1)
        )
    text.append(line.rstrip()[:-2])
    if not lines[at].lstrip().startswith(("*", "/*")):
        return [" ".join(one.strip() for one in text)], at + 1
    return [one[1:].rstrip() if one.startswith(" ") else one.rstrip() for one in text], at + 1


def documented(text: List[str], head: str = "") -> List[str]:
    inside = to_doxygen(text)
    return ["/**" + head, *inside, "*/"]


def section(lines: List[str], at: int, stem: str) -> Tuple[Section, int]:
    """The section that begins in a line, and the number of the line behind its head."""
    text = []
    at += 1
    while not RULE.match(lines[at]):
        text.append(lines[at][3:])
        at += 1
    title, _, rest = text[0].partition(". ")
    name = re.sub(r"\W+", "_", title.lower()).strip("_")
    return Section("%s_%s" % (stem, name), title, [rest] * bool(rest) + text[1:]), at + 1


def sections(source: str, stem: str) -> List[Section]:
    """All sections of a header."""
    lines = source.split("\n")
    heads = [at for at, line in enumerate(lines) if RULE.match(line) and line.startswith("/")]
    return [section(lines, at, stem)[0] for at in heads]


def group_rows(lines: List[str], at: int) -> Tuple[List[str], int]:
    """Exported functions up to the next empty line: all have the documentation of the first."""
    written: List[str] = []
    first = ""
    while at < len(lines) and lines[at].strip():
        if EXPORT.match(lines[at]):
            name = NAMED.search(lines[at].replace("NBL_API", "", 1))
            if name and first:
                written.append("/** @copydoc %s */" % first)
            elif name:
                first = name.group(1)
        written.append(lines[at])
        at += 1
    return written, at


def trailing(lines: List[str], at: int) -> Tuple[List[str], int]:
    """A line of code with a comment behind it, which may go on in further lines."""
    match = TRAILING.match(lines[at])
    if not match:
        return [lines[at]], at + 1
    code, text = match.groups()
    at += 1
    while not text.rstrip().endswith("*/"):
        text += " " + lines[at].strip().lstrip("* ")
        at += 1
    inside = " ".join(to_doxygen([text.rstrip()[:-2].strip()])).strip()
    return ["%s /**< %s */" % (code, inside)], at


def convert(source: str, stem: str) -> str:
    lines = source.split("\n")
    last = max((at for at, line in enumerate(lines) if RULE.match(line)), default=-1)
    written: List[str] = []
    at, in_group, in_head = 0, False, True
    while at < len(lines):
        line = lines[at]
        if RULE.match(line):
            written += ["/** @} */"] if in_group else []
            group, at = section(lines, at, stem)
            written += ["/** @defgroup %s %s" % (group.name, group.title), "@{ */"]
            in_group = True
        elif line.lstrip().startswith("/*"):
            text, at = comment_at(lines, at)
            if "SPDX-License-Identifier" in text[0]:
                continue
            written += documented(text, " @file" if in_head else "")
            in_head = False
            if EXPORT.match(lines[at]):
                rows, at = group_rows(lines, at)
                written += rows
        else:
            if in_group and at > last and line in ("#ifdef __cplusplus", "#endif"):
                written.append("/** @} */")
                in_group = False
            rows, at = trailing(lines, at)
            written += rows
    return "\n".join(written)


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as stream:
        source = stream.read()
    sys.stdout.write(convert(source, os.path.basename(sys.argv[1]).split(".")[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
