# SPDX-License-Identifier: MIT
"""The fenced blocks of Markdown pages, and what their info strings ask for.

    ```c                     a program, or a fragment of one
    ```c in=batch            a fragment, put into tests/docs/contexts/batch.c in place of the line with BODY
    ```c file=main.c         a file; a block of sh on the same page has to use it
    ```python needs=python3/ase  run where that is there (as in tests/support/packages.sh), else skipped
    ```sh skip="why"         not run, and counted
    ```text                  behind one of these: what it prints; "..." stands for any lines, or any end of a line
"""
from __future__ import annotations

import re
import shlex
from typing import Dict, Iterator, List, NamedTuple, Optional

RUN = ("c", "cpp", "fortran", "python", "cmake", "meson", "sh")
SHOWN = ("", "text", "none", "json", "ini", "diff")
KEYS = ("file", "in", "needs", "skip")
FENCE = re.compile(r"^( *)(`{3,})(.*)$")


class Snippet(NamedTuple):
    """A block, the line of its fence, and the text that it should print (None: nobody says)."""

    line: int
    language: str
    options: Dict[str, str]
    body: str
    expected: Optional[str]


class PageError(Exception):
    pass


def fences(text: str) -> Iterator[Snippet]:
    """All blocks, of whatever language."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        match = FENCE.match(lines[at])
        if not match:
            at += 1
            continue
        first, (indent, ticks, info) = at, match.groups()
        at += 1
        while at < len(lines) and lines[at].strip() != ticks:
            at += 1
        if at == len(lines):
            raise PageError("line %d: a block that does not end" % (first + 1))
        body = "".join(line[len(indent) :] + "\n" for line in lines[first + 1 : at])
        at += 1
        if not info.strip().startswith("{"):
            yield block(first + 1, info, body)


def block(line: int, info: str, body: str) -> Snippet:
    words = shlex.split(info)
    language = words[0] if words else ""
    if language not in RUN + SHOWN:
        raise PageError(
            "line %d: blocks of %r are not known; run are: %s" % (line, language, " ".join(RUN))
        )
    options = dict(word.partition("=")[::2] for word in words[1:])
    for key in options:
        if key not in KEYS or (language not in RUN and key != "file"):
            raise PageError("line %d: option %r is not known" % (line, key))
    return Snippet(line, language, options, body, None)


def snippets(text: str) -> List[Snippet]:
    """The blocks that are run or written to files, each with what it should print."""
    found: List[Snippet] = []
    behind = False
    for one in fences(text):
        if one.language == "text" and not one.options and behind:
            found[-1] = found[-1]._replace(expected=one.body)
        elif one.language in RUN or one.options:
            found.append(one)
        behind = one.language in RUN and "file" not in one.options
    check_files(found)
    return found


def check_files(found: List[Snippet]) -> None:
    for one in found:
        name = one.options.get("file")
        if name and not any(name in other.body for other in found if other is not one):
            if name not in ("CMakeLists.txt", "meson.build"):
                raise PageError("line %d: nothing on the page uses the file %s" % (one.line, name))
        if name and not any(
            later.language in ("sh", "python") and later.line > one.line for later in found
        ):
            raise PageError("line %d: nothing is run behind the file %s" % (one.line, name))


def agrees(expected: str, printed: str) -> bool:
    """Whether a program printed what the page shows, but for white space at the ends of lines."""
    wanted = [line.rstrip() for line in expected.rstrip("\n").split("\n")]
    pattern = ""
    for line in wanted:
        if line == "...":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += (
                re.escape(line[:-3]) + r"[^\n]*\n"
                if line.endswith("...")
                else re.escape(line) + r"\n"
            )
    text = "".join(line.rstrip() + "\n" for line in printed.rstrip("\n").split("\n"))
    return re.fullmatch(pattern, text) is not None
