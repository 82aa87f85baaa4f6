# SPDX-License-Identifier: MIT
"""The directive nbl-statuses: the list of statuses of a header, with advice.

    ```{nbl-statuses} nblist.h NBL_STATUS_MAP
    NBL_ENULL: what usually causes it; what to do.
    ```

Names, values and texts come from the header. A status without advice, and advice for what is no status, is a warning,
and so an error of the build.
"""
from __future__ import annotations

import os
import re
from typing import Dict, List, Tuple

from docutils import nodes
from docutils.parsers.rst import Directive

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


class Statuses(Directive):
    required_arguments = 2
    has_content = True

    def run(self) -> List[nodes.Node]:
        config = self.state.document.settings.env.config
        path = os.path.join(config.nbl_top, "include", "nblist", self.arguments[0])
        self.state.document.settings.env.note_dependency(path)
        with open(path, encoding="utf-8") as stream:
            rows = rows_of(stream.read(), self.arguments[1])
        advice = advice_of(list(self.content))
        wrong = differences(rows, advice)
        if wrong or not rows:
            return [
                self.state.document.reporter.warning(line, line=self.lineno)
                for line in wrong or ["no statuses"]
            ]
        return [definition_list(rows, advice)]


def definition_list(
    rows: List[Tuple[str, int, str]], advice: Dict[str, str]
) -> nodes.definition_list:
    whole = nodes.definition_list()
    for name, value, text in rows:
        term = nodes.term("", "", nodes.literal("", name), nodes.Text(" (%d): %s" % (value, text)))
        item = nodes.definition_list_item("", term, ids=[name.lower().replace("_", "-")])
        definition = nodes.definition()
        paragraph = nodes.paragraph()
        for k, part in enumerate(advice[name].split("`")):
            paragraph += nodes.literal("", part) if k % 2 else nodes.Text(part)
        definition += paragraph
        item += definition
        whole += item
    return whole
