#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference pages of the site: api_pages.py TOP FOLDER

C pages are made from the public headers, section by section, the Python pages from what the package exports, and
those of C++ and Fortran show the comments and the sources, which are short. What the tree does not have has no page.
"""
from __future__ import annotations

import ast
import os
import re
import sys
from typing import List

from doxygen_filter import comment_at, sections
from prose import dedent, to_rst

HEADERS = [
    ("nblist.h", "C: nblist.h", "The core: everything that finds neighbours."),
    ("io.h", "C: nblist/io.h", "Files: extended XYZ, npz, CSV; data of the elements."),
    ("metrics.h", "C: nblist/metrics.h", "Structure metrics and order parameters."),
]
CXX = [
    "nblist.hpp",
    "cxx/base.hpp",
    "cxx/cell_list.hpp",
    "cxx/batch.hpp",
    "cxx/result.hpp",
    "cxx/visit.hpp",
]
FORTRAN = [
    "nblist.f90",
    "nblist_cell_lists.f90",
    "nblist_batches.f90",
    "nblist_results.f90",
    "nblist_neighbors.F90",
    "nblist_visits.f90",
    "nblist_checks.f90",
    "nblist_io.f90",
]


def titled(title: str, character: str = "=") -> List[str]:
    return [title, character * len(title), ""]


def read(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def head_of(source: str) -> List[str]:
    """The comment at the head of a C header, behind the one of the licence."""
    lines = source.split("\n")
    at = next(at for at, line in enumerate(lines) if line.startswith("/*") and "SPDX" not in line)
    return comment_at(lines, at)[0]


def c_page(path: str, title: str, summary: str) -> List[str]:
    source = read(path)
    stem = os.path.basename(path).split(".")[0]
    page = [*titled(title), summary, "", *to_rst(head_of(source), "-")]
    for group in sections(source, stem):
        page += [".. _%s:" % group.name, "", *titled(group.title, "-"), *to_rst(group.prose)]
        page += [
            ".. doxygengroup:: " + group.name,
            "   :content-only:",
            "   :members:",
            "   :undoc-members:",
            "",
        ]
    return page


def comment_lines(source: str, mark: str) -> List[str]:
    """The comment at the head of a source whose comments begin with `mark`, without the line of the licence."""
    found: List[str] = []
    for line in source.split("\n"):
        if not line.startswith(mark):
            break
        if "SPDX" not in line:
            text = line[len(mark) :]
            found.append(text[1:] if text.startswith(" ") else text)
    return found


def source_page(
    top: str, folder: str, names: List[str], title: str, mark: str, language: str
) -> List[str]:
    """What the first file says at its head, then all of them."""
    page = [*titled(title), *to_rst(comment_lines(read(os.path.join(top, folder, names[0])), mark))]
    for name in names:
        if os.path.exists(os.path.join(top, folder, name)):
            include = "/".join([os.pardir] * 2 + [folder, name])
            page += [
                *titled(name, "-"),
                ".. literalinclude:: " + include,
                "   :language: " + language,
                "",
            ]
    return page


def exported(path: str) -> List[str]:
    """The names in __all__ of a module."""
    for node in ast.parse(read(path)).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return [name for name in ast.literal_eval(node.value) if not name.startswith("__")]
    raise SystemExit("%s has no __all__" % path)


def python_page(top: str) -> List[str]:
    package = os.path.join(top, "lib", "python", "nblist")
    doc = (
        ast.get_docstring(ast.parse(read(os.path.join(package, "__init__.py"))), clean=False) or ""
    )
    page = [*titled("Python: nblist"), *to_rst(dedent(doc.split("\n")))]
    other = {
        name
        for module in ("vesin", "neighborlist_rs")
        for name in exported("%s/%s.py" % (package, module))
    }
    own = [name for name in exported(os.path.join(package, "__init__.py")) if name not in other]
    page += [*titled("Functions and classes", "-")]
    for name in sorted(own, key=lambda name: (name[0].isupper(), name.endswith("Error"), name)):
        directive = (
            "autoexception"
            if name.endswith("Error")
            else "autoclass"
            if name[0].isupper()
            else "autofunction"
        )
        page += [".. %s:: nblist.%s" % (directive, name)]
        page += ["   :members:", ""] if directive == "autoclass" else [""]
    for module in ("vesin", "neighborlist_rs"):
        page += [
            *titled("nblist." + module, "-"),
            ".. automodule:: nblist." + module,
            "   :members:",
            "",
        ]
    return page


def pages(top: str) -> dict:
    found = {}
    for name, title, summary in HEADERS:
        path = os.path.join(top, "include", "nblist", name)
        if os.path.exists(path):
            found[re.sub(r"\W", "-", name)] = c_page(path, title, summary)
    if os.path.exists(os.path.join(top, "include", "nblist", CXX[0])):
        found["nblist-hpp"] = source_page(
            top, "include/nblist", CXX, "C++: nblist.hpp", "//", "cpp"
        )
    if os.path.exists(os.path.join(top, "lib", "fortran", FORTRAN[0])):
        found["fortran"] = source_page(
            top, "lib/fortran", FORTRAN, "Fortran: module nblist", "!", "fortran"
        )
    found["python"] = python_page(top)
    return found


def main() -> int:
    top, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for name, lines in pages(top).items():
        with open(os.path.join(folder, name + ".rst"), "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
