#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether the check of the pages, and what makes the site of the headers, see what they are for.

No library is needed: pages are read, compared and run with programs that do not use it.
"""
from __future__ import annotations

import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "docs", "site")]

import doxygen_filter  # noqa: E402
import drawings  # noqa: E402
import pages  # noqa: E402
import prose  # noqa: E402
import snippets  # noqa: E402
import status_rows  # noqa: E402

HEADER = """/* SPDX-License-Identifier: MIT */
/*
 * What it is.
 */
/* ----------------------------------------------
 * One: first
 * -------------------------------------------- */

/*
 * Does *this*, with <that> and #hash.
 *   a    [n]: first column
 *   bcd  second
 * Thread-safety: any.
 */
NBL_API int f(int a,
              int b);
NBL_API int g(void);

typedef struct s {
    int a; /* one
              two */
    int b;
    /* of c */
    int c;
} s;
#endif
"""


def outcomes(text):
    with tempfile.TemporaryDirectory() as folder:
        return snippets.Page("page.md", text, folder).outcomes()


def states(text):
    return [one.state for one in outcomes(text)]


class Blocks(unittest.TestCase):
    def test_output_belongs_to_the_block_before(self):
        first, second = pages.snippets(
            "```sh\na\n```\nso:\n```text\nx\n```\n```text\ny\n```\n```sh\nb\n```\n"
        )
        self.assertEqual((first.expected, second.expected), ("x\n", None))

    def test_directives_and_plain_blocks_are_none(self):
        self.assertEqual(
            pages.snippets("```{toctree}\na\n```\n```\nb\n```\n    ```c\n    int\n    ```\n")[
                0
            ].line,
            7,
        )

    def test_what_is_refused(self):
        for text in (
            "```c++\n```\n",
            "```bash\n```\n",
            "```c\n",
            "```c wrong=1\n```\n",
            "```text needs=x\n```\n",
            "```c file=a.c\n```\n",
            "```c file=a.c\n```\n```sh\ncc b.c\n```\n",
        ):
            with self.assertRaises(pages.PageError, msg=text):
                pages.snippets(text)

    def test_output(self):
        for expected, printed, same in (
            ("a\nb\n", "a \nb\n\n", True),
            ("a\n", "a\nb\n", False),
            ("a\nb\n", "a\n", False),
            ("a\n...\nd\n", "a\nb\nc\nd\n", True),
            ("a\n...\nd\n", "a\nb\n", False),
            ("t ...\nb\n", "t 0.1 s\nb\n", True),
            ("t ...\nb\n", "u 0.1 s\nb\n", False),
            ("a.c\n", "abc\n", False),
        ):
            self.assertEqual(pages.agrees(expected, printed), same, (expected, printed))


class Runs(unittest.TestCase):
    def test_shell(self):
        self.assertEqual(states("```sh\necho a\n```\n```text\na\n```\n"), ["run"])
        self.assertEqual(states("```sh\necho a\n```\n```text\nb\n```\n"), ["failed"])
        self.assertEqual(states("```sh\nfalse\necho a\n```\n"), ["failed"])
        self.assertEqual(states("```sh\nno_such_program_anywhere\n```\n"), ["failed"])

    def test_python_is_one_session(self):
        text = "```python\na = 1\nprint(a)\n```\n```text\n1\n```\n```python\nprint(a + 1)\n```\n```text\n%d\n```\n"
        self.assertEqual(states(text % 2), ["run", "run"])
        self.assertEqual(states(text % 1), ["run", "failed"])
        self.assertEqual(
            states("```python\nraise ValueError\n```\n```python\nprint(1)\n```\n"),
            ["failed", "run"],
        )

    def test_files(self):
        self.assertEqual(
            states("```text file=a.txt\nx\n```\n```sh\ncat a.txt\n```\n```text\nx\n```\n"),
            ["run", "run"],
        )

    def test_what_is_left_out(self):
        self.assertEqual(states('```sh skip="no machine"\nfalse\n```\n'), ["skipped"])
        self.assertEqual(states("```sh needs=no_such_program_anywhere\nfalse\n```\n"), ["lacking"])
        self.assertEqual(states("```python needs=python3/no_such_module\n1/0\n```\n"), ["lacking"])

    def test_fragments_need_a_context(self):
        for one in outcomes("```c in=none\nint a;\n```\n```c in=no_such\nint a;\n```\n"):
            self.assertEqual(one.state, "failed")
            self.assertIn("fragment", one.why)


class Site(unittest.TestCase):
    def setUp(self):
        self.made = doxygen_filter.convert(HEADER, "head")

    def test_comments_become_documentation(self):
        for expected in (
            "/** @file\nWhat it is.",
            "/** @defgroup head_one_first One: first\n@{ */",
            "/** @copydoc f */\nNBL_API int g",
            "int a; /**< one two */",
            "/**\nof c\n\n*/\n",
            "<b>Thread-safety:</b> any.",
            "Does *this*, with \\<that\\> and \\#hash.",
            "\n/** @} */\n#endif",
        ):
            self.assertIn(expected, self.made)
        self.assertNotIn("SPDX", self.made)
        self.assertNotIn("/* ", self.made)

    def test_tables_stay_as_they_are(self):
        self.assertIn("@verbatim\na    [n]: first column\nbcd  second\n@endverbatim", self.made)

    def test_code_stays(self):
        for line in HEADER.split("\n"):
            if line.startswith(("NBL_API", "typedef", "    int", "              int")):
                self.assertIn(line.split("/*")[0].rstrip(), self.made)

    def test_rst(self):
        made = prose.to_rst(
            ["A *b* `c_d` |e|_.", "", "  x   y", "", "  z", "- one", "  more", "- two", "## Head"],
            "-",
        )
        self.assertEqual(
            made,
            [
                "A \\*b\\* ``c_d`` \\|e\\|\\_.",
                "",
                "::",
                "",
                "    x   y",
                "",
                "    z",
                "",
                "- one more",
                "",
                "- two",
                "",
                "Head",
                "----",
                "",
            ],
        )

    def test_drawings_are_as_they_are_made(self):
        for name, text in drawings.made().items():
            with open(os.path.join(TOP, "docs", "concepts", name), encoding="utf-8") as stream:
                self.assertEqual(stream.read(), text, name)

    def test_statuses(self):
        header = '#define MAP(X) \\\n    X(NBL_OK, 0, "fine") \\\n    X(NBL_EA, -1, "a")\n#define B(X) X(NBL_B, 1, "b")\n'
        rows = status_rows.rows_of(header, "MAP")
        self.assertEqual(rows, [("NBL_OK", 0, "fine"), ("NBL_EA", -1, "a")])
        advice = status_rows.advice_of(["NBL_OK: good", "    indeed", "NBL_EC: c"])
        self.assertEqual(advice["NBL_OK"], "good indeed")
        self.assertEqual(len(status_rows.differences(rows, advice)), 2)
        self.assertEqual(status_rows.differences(rows, {"NBL_OK": "", "NBL_EA": ""}), [])

    def test_real_headers_lose_nothing(self):
        for name in sorted(os.listdir(os.path.join(TOP, "include", "nblist"))):
            if not name.endswith(".h"):
                continue
            with open(os.path.join(TOP, "include", "nblist", name), encoding="utf-8") as stream:
                source = stream.read()
            made = doxygen_filter.convert(source, "x")
            for line in source.split("\n"):
                if line.startswith(("NBL_API", "typedef", "enum")):
                    self.assertIn(line.split("/*")[0].rstrip(), made)
            self.assertEqual(made.count("@{"), made.count("@}"))
            self.assertEqual(made.count("/*"), made.count("*/"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + ["--quiet"])
