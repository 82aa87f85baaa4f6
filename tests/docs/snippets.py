#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds and runs the code in the pages, and compares what it prints: snippets.py [--top TOP] [PAGE...]

The library has to be installed: PREFIX says where, and PKG_CONFIG_PATH, LD_LIBRARY_PATH, PYTHONPATH and PATH have to
be set as docs/install.md tells. run.sh does all of that. Every page has a folder of its own, in which its blocks are
run in their order; pages.py tells what they may say. Without PAGE: docs/**/*.md, README.md. What a page has to have in
its session of Python before its first block, and does not show, is in contexts/PAGE.py.
"""
from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Dict, List, NamedTuple, Optional, Tuple

from pages import PageError, Snippet, agrees, snippets

HERE = os.path.dirname(os.path.abspath(__file__))
CONTEXTS = os.path.join(HERE, "contexts")
LIMIT = 300  # seconds for one block
MAX_SKIPPED = 8  # blocks of all pages that may be left out by hand

COMPILERS = {
    "c": ["cc"],
    "cpp": ["c++"],
    "fortran": ["gfortran"],
    "cmake": ["cmake"],
    "meson": ["meson", "ninja"],
}
SUFFIX = {"c": ".c", "cpp": ".cpp", "fortran": ".f90"}
FLAGS = {
    "c": "cc -std=c11 -Wall -Wextra -Wpedantic -Werror",
    "cpp": "c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror",
    "fortran": "gfortran -std=f2018 -Wall",
}
WHOLE = {"c": r"\bint main\(", "cpp": r"\bint main\(", "fortran": r"^ *program \w+"}


class Outcome(NamedTuple):
    snippet: Snippet
    state: str  # run, failed, skipped (by hand), lacking (a tool)
    why: str


def run(command: List[str], folder: str) -> Tuple[int, str]:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return 124, "not done after %d seconds" % LIMIT
    return done.returncode, done.stdout


def lacks(snippet: Snippet) -> str:
    """What the block needs and is not here, or nothing."""
    for tool in COMPILERS.get(snippet.language, []):
        if shutil.which(tool) is None:
            return "no " + tool
    for need in filter(None, snippet.options.get("needs", "").split(",")):
        if need.startswith("python3/"):
            if run([sys.executable, "-c", "import " + need[8:]], HERE)[0] != 0:
                return "no Python module " + need[8:]
        elif shutil.which(need) is None:
            return "no " + need
    return ""


def packages(language: str, source: str) -> List[str]:
    """What pkg-config is asked for: a header <nblist/NAME.h> comes with the package nblist-NAME."""
    if language == "fortran":
        return ["nblist-fortran"]
    named = re.findall(r"#include <nblist/(\w+)\.h>", source)
    return ["nblist"] + ["nblist-" + name for name in named if name != "nblist"]


def in_context(snippet: Snippet, name: str) -> str:
    """The source of a fragment, inside of what declares its variables."""
    path = os.path.join(CONTEXTS, snippet.options.get("in", "default") + name)
    if not os.path.exists(path):
        raise PageError(
            "a fragment that is no program needs in=NAME; there is no %s" % os.path.basename(path)
        )
    with open(path, encoding="utf-8") as stream:
        parts = re.split(r"^[^\n]*\bBODY\b[^\n]*\n", stream.read(), flags=re.M)
    return snippet.body.join(parts)


class Page:
    """One page: a folder, and a session of Python that all its blocks of Python belong to."""

    def __init__(self, name: str, text: str, folder: str) -> None:
        self.name = name
        self.snippets = snippets(text)
        self.folder = folder
        self.session: List[Tuple[int, str]] = []
        prelude = os.path.join(CONTEXTS, name.replace(os.sep, "-") + ".py")
        if os.path.exists(prelude):
            with open(prelude, encoding="utf-8") as stream:
                self.session.append((0, stream.read()))

    def outcomes(self) -> List[Outcome]:
        return [self.outcome(snippet) for snippet in self.snippets]

    def outcome(self, snippet: Snippet) -> Outcome:
        if "skip" in snippet.options:
            return Outcome(snippet, "skipped", snippet.options["skip"])
        lacking = lacks(snippet)
        if lacking:
            return Outcome(snippet, "lacking", lacking)
        try:
            code, printed = self.do(snippet)
        except PageError as error:
            return Outcome(snippet, "failed", str(error))
        if code != 0:
            return Outcome(snippet, "failed", "exit status %d\n%s" % (code, printed))
        if snippet.expected is not None and not agrees(snippet.expected, printed):
            return Outcome(
                snippet,
                "failed",
                "the page shows\n%sand it prints\n%s" % (snippet.expected, printed),
            )
        return Outcome(snippet, "run", "")

    def do(self, snippet: Snippet) -> Tuple[int, str]:
        if "file" in snippet.options:
            path = os.path.join(self.folder, snippet.options["file"])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(snippet.body)
            return 0, ""
        if snippet.language == "python":
            return self.python(snippet)
        if snippet.language == "sh":
            return run(["sh", "-euc", snippet.body], self.folder)
        if snippet.language in ("cmake", "meson"):
            return self.build_file(snippet)
        return self.program(snippet)

    def place(self, snippet: Snippet) -> str:
        """A folder for one block."""
        folder = os.path.join(self.folder, "block%d" % snippet.line)
        os.makedirs(folder)
        return folder

    def program(self, snippet: Snippet) -> Tuple[int, str]:
        """Compiled as the pages tell, then run in the folder of the page."""
        language = snippet.language
        whole = re.search(WHOLE[language], snippet.body, re.M) and "in" not in snippet.options
        source = snippet.body if whole else in_context(snippet, SUFFIX[language])
        base = os.path.join(self.place(snippet), "program")
        with open(base + SUFFIX[language], "w", encoding="utf-8") as stream:
            stream.write(source)
        command = "%s %s %s $(pkg-config --cflags --libs %s) %s -o %s" % (
            FLAGS[language],
            "" if whole or language == "fortran" else "-Wno-unused",
            base + SUFFIX[language],
            " ".join(packages(language, source)),
            "-lm" if language == "c" else "",
            base,
        )
        code, printed = run(["sh", "-euc", command], self.folder)
        return (code, printed) if code else run([base], self.folder)

    def build_file(self, snippet: Snippet) -> Tuple[int, str]:
        """A fragment for a build system: configured, built and run in a project of one program."""
        name = "CMakeLists.txt" if snippet.language == "cmake" else "meson.build"
        folder = self.place(snippet)
        shutil.copy(os.path.join(CONTEXTS, "program.c"), folder)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
            stream.write(in_context(snippet, "." + snippet.language))
        commands = {
            "cmake": 'cmake -S . -B build -DCMAKE_PREFIX_PATH="$PREFIX" && cmake --build build',
            "meson": "meson setup build && meson compile -C build",
        }[snippet.language]
        return run(["sh", "-euc", commands + " && build/program"], folder)

    def python(self, snippet: Snippet) -> Tuple[int, str]:
        """The session so far in one process: the last of its outputs is that of this block."""
        self.session.append((snippet.line, snippet.body))
        path = os.path.join(self.folder, "session.py")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(SESSION % (self.session, self.name))
        code, printed = run([sys.executable, path], self.folder)
        if code:
            self.session.pop()
        return code, printed.rpartition(MARK)[2].lstrip("\n") if MARK in printed else printed


MARK = "\x01"
SESSION = """# SPDX-License-Identifier: MIT
import sys
blocks, name = %r, %r
space = {"__name__": "__main__"}
for line, body in blocks:
    print("\\x01", flush=True)
    exec(compile("\\n" * line + body, name, "exec"), space)
    sys.stdout.flush()
"""


def default_pages(top: str) -> List[str]:
    found = [
        os.path.join(path, name)
        for path, _, names in os.walk(os.path.join(top, "docs"))
        for name in names
        if name.endswith(".md")
    ]
    return sorted(found) + [os.path.join(top, "README.md")]


def check(path: str, name: str) -> List[Outcome]:
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    with tempfile.TemporaryDirectory() as folder:
        try:
            return Page(name, text, folder).outcomes()
        except PageError as error:
            return [Outcome(Snippet(0, "", {}, "", None), "failed", str(error))]


def report(name: str, outcomes: List[Outcome], seconds: float) -> Dict[str, int]:
    counts: Dict[str, int] = {}
    for one in outcomes:
        counts[one.state] = counts.get(one.state, 0) + 1
        if one.state != "run":
            print("%s:%d: %s: %s" % (name, one.snippet.line, one.state, one.why.rstrip()))
    if outcomes:
        print(
            "%-36s %3d blocks, %d failed, %.0f s"
            % (name, len(outcomes), counts.get("failed", 0), seconds),
            flush=True,
        )
    return counts


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--top", default=os.path.dirname(os.path.dirname(HERE)))
    parser.add_argument("pages", nargs="*")
    given = parser.parse_args(arguments)
    total: Dict[str, int] = {}
    for path in given.pages or default_pages(given.top):
        start = time.monotonic()
        name = os.path.relpath(path, given.top)
        for state, count in report(name, check(path, name), time.monotonic() - start).items():
            total[state] = total.get(state, 0) + count
    states = [total.get(state, 0) for state in ("run", "failed", "lacking", "skipped")]
    print("pages: %d blocks run, %d failed, %d without their tools, %d left out" % tuple(states))
    if not given.pages and states[3] > MAX_SKIPPED:
        print("more than %d blocks are left out" % MAX_SKIPPED)
        return 1
    return 1 if states[1] or not states[0] else 0


if __name__ == "__main__":
    sys.exit(main())
