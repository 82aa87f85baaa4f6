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
from typing import Dict, List, Tuple

from docutils import nodes
from docutils.parsers.rst import Directive
from status_rows import advice_of, differences, rows_of


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
        term["ids"].append(name.lower().replace("_", "-"))
        item = nodes.definition_list_item("", term)
        definition = nodes.definition()
        paragraph = nodes.paragraph()
        for k, part in enumerate(advice[name].split("`")):
            paragraph += nodes.literal("", part) if k % 2 else nodes.Text(part)
        definition += paragraph
        item += definition
        whole += item
    return whole
