# SPDX-License-Identifier: MIT
"""Statuses as a header has them, the advice that a page has for them, and where the two differ."""
from __future__ import annotations

import re
from typing import Dict, List, Tuple

ROW = re.compile(r'X\((NBL_\w+), (-?\d+), "([^"]*)"\)')


def rows_of(header: str, name: str) -> List[Tuple[str, int, str]]:
    """Name, value and text of each status of a table of the header."""
    start = header.index("#define %s(X)" % name)
    body = re.match(r"(?:[^\n]*\\\n)*[^\n]*", header[start:])
    return [
        (row, int(value), text) for row, value, text in ROW.findall(body.group(0) if body else "")
    ]


def advice_of(lines: List[str]) -> Dict[str, str]:
    """NAME: text, which may go on in lines that are indented."""
    found: Dict[str, str] = {}
    name = ""
    for line in lines:
        match = re.match(r"(NBL_\w+): +(.*)", line)
        if match:
            name = match.group(1)
            found[name] = match.group(2)
        elif line.strip():
            found[name] = found.get(name, "") + " " + line.strip()
    return found


def differences(rows: List[Tuple[str, int, str]], advice: Dict[str, str]) -> List[str]:
    names = [name for name, _, _ in rows]
    return [
        "%s is in the header, and has no advice" % name for name in names if name not in advice
    ] + [
        "there is advice for %s, which is not in the header" % (name or "no status")
        for name in advice
        if name not in names
    ]
