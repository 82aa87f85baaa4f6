#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether a built site is whole: complete.py TOP HTML

Every function of the C headers and every name that the Python package exports has a place in the index, and every
link and picture of a page leads to something of the site that is there.
"""
from __future__ import annotations

import os
import re
import sys
from html import unescape
from typing import Dict, Iterator, List, Set
from urllib.parse import unquote

from api_pages import exported, read
from sphinx.util.inventory import InventoryFile

EXPORT = re.compile(r"^NBL_API\b[^;(]*?(\w+)\(", re.M)
LINK = re.compile(r'<(?:a|img|object|link|script)\b[^>]*?\b(?:href|src|data)="([^"]+)"')
ANCHOR = re.compile(r'\bid="([^"]+)"')


def wanted(top: str) -> Set[str]:
    """Names that a reader may look for."""
    folder = os.path.join(top, "include", "nblist")
    names = set()
    for name in sorted(os.listdir(folder)):
        if name.endswith(".h"):
            names.update(EXPORT.findall(read(os.path.join(folder, name))))
    package = os.path.join(top, "lib", "python", "nblist")
    return names | {"nblist." + name for name in exported(os.path.join(package, "__init__.py"))}


def indexed(html: str) -> Set[str]:
    with open(os.path.join(html, "objects.inv"), "rb") as stream:
        inventory = InventoryFile.load(stream, "", lambda base, path: path)
    names = {name for kind in inventory.values() for name in kind}
    # Functions of nblist.vesin and nblist.neighborlist_rs are in the index under their own module.
    return names | {re.sub(r"^(nblist)\.\w+\.(\w+)$", r"\1.\2", name) for name in names}


def broken(html: str) -> Iterator[str]:
    pages: Dict[str, str] = {}
    for path, _, names in os.walk(html):
        for name in names:
            if name.endswith(".html"):
                pages[os.path.join(path, name)] = read(os.path.join(path, name))
    anchors = {path: set(ANCHOR.findall(text)) for path, text in pages.items()}
    for page, text in sorted(pages.items()):
        for link in sorted({unquote(unescape(one)) for one in LINK.findall(text)}):
            target, _, fragment = link.partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            target = target.split("?")[0]
            path = os.path.normpath(os.path.join(os.path.dirname(page), target)) if target else page
            if not os.path.exists(path):
                yield "%s: no %s" % (os.path.relpath(page, html), link)
            elif fragment and path in anchors and fragment not in anchors[path]:
                yield "%s: nothing at %s" % (os.path.relpath(page, html), link)


def main() -> int:
    top, html = sys.argv[1:]
    names = wanted(top)
    wrong: List[str] = ["not in the index: " + name for name in sorted(names - indexed(html))]
    wrong += broken(html)
    for line in wrong:
        print(line)
    print("%d names, %d problems" % (len(names), len(wrong)))
    return 1 if wrong or len(names) < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
