# SPDX-License-Identifier: MIT
"""The prose of comments and docstrings, as blocks, for Doxygen and for Sphinx.

The headers and the Python package are written to be read as they are: paragraphs, lists with dashes, headings with
##, and tables and code that are set by spaces. This file tells which is which, so that each stays what it is.
"""
from __future__ import annotations

import re
from typing import Iterable, List, NamedTuple, Optional

TABULAR = re.compile(r"^\s{2,}\S|\S {2,}\S")
ITEM = re.compile(r"^- ")
HEADING = re.compile(r"^## +(.*)")
LABEL = re.compile(
    r"(?<![\w-])(Statuses of the whole call|Statuses|Other statuses|Thread-safety|Since): "
)


class Block(NamedTuple):
    """kind: text, item, heading or table (literal)."""

    kind: str
    lines: List[str]


def dedent(lines: List[str]) -> List[str]:
    """Without the indentation that all lines but the first share, as docstrings have it."""
    rest = [line for line in lines[1:] if line.strip()]
    width = min((len(line) - len(line.lstrip()) for line in rest), default=0)
    return [line.rstrip() if k == 0 else line[width:].rstrip() for k, line in enumerate(lines)]


def kind_of(line: str, before: Optional[str]) -> str:
    """What a line is, given what the line before was; None: there is none, or it is empty."""
    if HEADING.match(line):
        return "heading"
    if ITEM.match(line):
        return "item"
    if before == "item" and line.startswith("  ") and not line.startswith("   "):
        return "more"
    if TABULAR.search(line):
        return "table"
    return "text"


def blocks(lines: Iterable[str]) -> List[Block]:
    """Blocks in their order. Empty lines part paragraphs, but not the rows of a table."""
    found: List[Block] = []
    last: Optional[str] = None
    empty = 0
    for line in lines:
        if not line.strip():
            empty += 1
            if last != "table":
                last = None
            continue
        kind = kind_of(line, last)
        if kind == "more":
            found[-1].lines.append(line.strip())
        elif kind == last and kind in ("text", "table"):
            found[-1].lines.extend([""] * (empty if kind == "table" else 0))
            found[-1].lines.append(line)
        else:
            found.append(Block(kind, [line]))
            last = kind
        empty = 0
    return found


def text_of(block: Block) -> str:
    """A paragraph, item or heading as one line of text."""
    text = " ".join(line.strip() for line in block.lines)
    if block.kind == "item":
        return text[2:]
    return HEADING.sub(r"\1", text)


def shifted_left(lines: List[str]) -> List[str]:
    width = min(len(line) - len(line.lstrip()) for line in lines if line)
    return [line[width:] for line in lines]


CODE = re.compile(r"`([^`]+)`")
MEMBER = re.compile(
    r"\bnbl_\w+\.\w+|[\w/]*\w\.h\b"
)  # would become a link to what breathe has no target for
SPECIAL = re.compile(r"([\\@<>#%&])")


def to_doxygen(lines: Iterable[str]) -> List[str]:
    """As the inside of a Doxygen comment: nothing in the text is taken for a command or for Markdown."""
    written: List[str] = []
    for block in blocks(lines):
        if block.kind == "table":
            written += ["@verbatim", *shifted_left(block.lines), "@endverbatim", ""]
            continue
        text = SPECIAL.sub(r"\\\1", CODE.sub("\1\\1\2", text_of(block)))
        text = MEMBER.sub(r"%\g<0>", text)
        text = LABEL.sub(r"<b>\1:</b> ", text).replace("\1", "<tt>").replace("\2", "</tt>")
        if block.kind == "heading":
            written += ["@par " + text, ""]
        elif block.kind == "item":
            written += ["- " + text]
        else:
            written += [text, ""]
    return written


def to_rst(lines: Iterable[str], underline: str = "") -> List[str]:
    """As reStructuredText, in which no character of the text is markup. Headings become sections where there is a
    character to underline them with."""
    written: List[str] = []
    for block in blocks(lines):
        if block.kind == "table":
            written += [
                "::",
                "",
                *(("    " + line).rstrip() for line in shifted_left(block.lines)),
                "",
            ]
            continue
        text = re.sub(r"([\\*`|_])", r"\\\1", CODE.sub("\1\\1\2", text_of(block)))
        text = LABEL.sub(r"**\1:** ", text)
        text = re.sub("\1(.*?)\2", lambda match: "``%s``" % match.group(1).replace("\\", ""), text)
        if block.kind == "heading":
            written += (
                [text, underline * len(text), ""] if underline else [".. rubric:: " + text, ""]
            )
        elif block.kind == "item":
            written += ["- " + text, ""]
        else:
            written += [text, ""]
    return written
