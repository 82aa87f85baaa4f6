# SPDX-License-Identifier: MIT
"""The site: Markdown pages of docs/, the C headers through Doxygen, the Python package through autodoc.

Run by build.sh, which puts the reference pages into the tree and sets breathe_projects.
"""
import logging
import os
import re
import sys

from sphinx import addnodes

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import statuses  # noqa: E402
from prose import dedent, to_rst  # noqa: E402

project = "libnblist"
author = "the libnblist authors"
copyright = author
with open(os.path.join(TOP, "meson.build"), encoding="utf-8") as stream:
    release = version = re.search(r"version: '([^']+)'", stream.read()).group(1)

extensions = ["myst_parser", "breathe", "sphinx.ext.autodoc"]
exclude_patterns = ["site"]
master_doc = "index"
myst_heading_anchors = 4
breathe_default_project = "nblist"
breathe_domain_by_extension = {"h": "c"}
breathe_show_include = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
primary_domain = "c"
highlight_language = "none"
smartquotes = False

html_theme = "furo"
html_title = "libnblist " + release
html_show_sphinx = False
html_copy_source = False

# Types of C that no page of this site describes.
nitpick_ignore = [
    ("c:identifier", name)
    for name in ("size_t", "int8_t", "uint8_t", "int32_t", "uint32_t", "int64_t", "uint64_t")
]


def readable_docstring(app, what, name, thing, options, lines):
    """Docstrings are plain prose, set by spaces, like the comments of the headers."""
    lines[:] = to_rst(dedent(lines))


def is_other_name_space(record):
    """nbl_result_mode is a function and the tag of an enum, which C keeps apart and Sphinx does not."""
    return (
        "nbl_result_mode" not in record.getMessage()
        or "Duplicate C declaration" not in record.getMessage()
    )


def offer_files(app, doctree):
    """Links to pages of the tree that are not pages of the site: downloads, as all other files are."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        path = os.path.join(os.path.dirname(app.env.doc2path(app.env.docname)), link["reftarget"])
        outside = os.path.relpath(path, app.srcdir).startswith(os.pardir)
        if link.get("reftype") == "myst" and outside and os.path.isfile(path):
            link.replace_self(
                addnodes.download_reference("", "", *link.children, **link.attributes)
            )


def setup(app):
    logging.getLogger("sphinx.sphinx.domains.c").addFilter(is_other_name_space)
    app.connect("doctree-read", offer_files, priority=100)
    app.connect("autodoc-process-docstring", readable_docstring)
    app.add_directive("nbl-statuses", statuses.Statuses)
    app.add_config_value("nbl_top", TOP, "env")
