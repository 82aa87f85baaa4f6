# SPDX-License-Identifier: MIT
"""The committed table of mutation rules, and the sites of a source file where they apply.

A site is one place of one file, and what its text becomes. Comments, strings and preprocessor lines have no
sites; neither have static assertions and declarations of enums, types and macros.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Site:
    path: str
    start: int
    end: int
    rule: str
    new: str

    def line(self, text: str) -> int:
        return text.count("\n", 0, self.start) + 1


@dataclass(frozen=True)
class Rule:
    """What `pattern` matches in code is replaced by `new`, a text or a function of the match."""

    name: str
    pattern: re.Pattern
    new: object

    def text(self, match: re.Match) -> str:
        return self.new(match) if callable(self.new) else match.expand(self.new)


def _literal(step: int):
    def change(match: re.Match) -> str:
        return str(int(match.group(0)) + step)

    return change


_BINARY = r"(?<=[\w\])] )"  # an operator between spaces, behind an operand: clang-format sees to the spaces
RULES = [
    Rule("plus", re.compile(_BINARY + r"\+(?= )"), "-"),
    Rule("minus", re.compile(_BINARY + r"-(?= )"), "+"),
    Rule("times", re.compile(_BINARY + r"\*(?= [\w(&*-])"), "/"),
    Rule("divide", re.compile(_BINARY + r"/(?= )"), "*"),
    Rule("modulo", re.compile(_BINARY + r"%(?= )"), "/"),
    Rule("add-assign", re.compile(_BINARY + r"\+=(?= )"), "-="),
    Rule("subtract-assign", re.compile(_BINARY + r"-=(?= )"), "+="),
    Rule("increment", re.compile(r"(?<=\w)\+\+(?=[;,)\]])"), "--"),
    Rule("less", re.compile(_BINARY + r"<(?= )"), "<="),
    Rule("less-equal", re.compile(_BINARY + r"<=(?= )"), "<"),
    Rule("greater", re.compile(_BINARY + r">(?= )"), ">="),
    Rule("greater-equal", re.compile(_BINARY + r">=(?= )"), ">"),
    Rule("equal", re.compile(_BINARY + r"==(?= )"), "!="),
    Rule("not-equal", re.compile(_BINARY + r"!=(?= )"), "=="),
    Rule("and", re.compile(_BINARY + r"&&(?= )"), "||"),
    Rule("or", re.compile(_BINARY + r"\|\|(?= )"), "&&"),
    Rule("bit-and", re.compile(_BINARY + r"&(?= )"), "|"),
    Rule("bit-or", re.compile(_BINARY + r"\|(?= )"), "&"),
    Rule("literal-plus", re.compile(r"(?<![\w.'+-])\d+(?![\w.'])"), _literal(+1)),
    Rule("literal-minus", re.compile(r"(?<![\w.'+-])[1-9]\d*(?![\w.'])"), _literal(-1)),
    Rule("negate", re.compile(r"(?<=\bif \()[^;{}\n]+(?=\)\n)"), r"!(\g<0>)"),
    Rule("drop-statement", re.compile(r"(?m)(?<=^)( +)(?!return|break|continue|goto|\})[\w>*&][^;{}\n]*"
                                      r"(?: [-+*/|&]?= |\()[^;{}\n]*;$"), r"\1;"),
    Rule("drop-continue", re.compile(r"(?m)^( +)(?:break|continue);$"), r"\1;"),
    Rule("swap-index", re.compile(r"\[(\w+)\]\[(\w+)\]"),
         lambda m: f"[{m.group(2)}][{m.group(1)}]" if m.group(1) != m.group(2) else m.group(0)),
]

_SKIP = re.compile(
    r"""/\*.*?\*/                              # comments
      | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])+'  # strings
      | ^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*         # preprocessor lines
      | \b(?:static_assert|_Static_assert)\b[^;]*;
      | \benum\b[^;{]*\{[^}]*\}
      | \b(?:typedef\ struct|typedef\ union|struct)\s+\w*\s*\{[^}]*\}
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_DECLARATION = re.compile(r"^ +(?:const |static )*(?:\w+ )+\**\w+(?:\[[^\]]*\])*(?: = |;|, )")


def _blank(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match.group(0))


def code_of(text: str) -> str:
    """The text with everything that is no code turned into spaces."""
    return _SKIP.sub(_blank, text)


def _is_declaration(text: str, start: int) -> bool:
    line = text[text.rfind("\n", 0, start) + 1 :].split("\n", 1)[0]
    return _DECLARATION.match(line) is not None


def sites_of(root: Path, path: str) -> list[Site]:
    """All sites of a file, in order."""
    text = (root / path).read_text(encoding="utf-8")
    code = code_of(text)
    depth, inside = 0, bytearray(len(code))
    for at, char in enumerate(code):
        depth += (char == "{") - (char == "}")
        inside[at] = depth > 0
    found = []
    for rule in RULES:
        for match in rule.pattern.finditer(code):
            start, end = match.span()
            if not inside[start] or (rule.name == "drop-statement" and _is_declaration(code, start)):
                continue
            new = rule.text(match)
            if new != match.group(0):
                found.append(Site(path, start, end, rule.name, new))
    return sorted(found, key=lambda site: (site.start, site.rule))
