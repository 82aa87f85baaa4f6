# SPDX-License-Identifier: MIT
"""Breaks the library on purpose, one small change at a time, and shows that the tests notice.

    python3 tests/mutation/run.py [--count 300] [--seed 1] [--jobs 1] [--only GLOB] [--resume] [--recheck] FOLDER

draws `count` sites by the seed from all sites of the rules (rules.py) in lib/core/{cell,bin,search,emit,batch},
and for each of them builds the library with that one change and runs the tests until one fails. FOLDER keeps
copies of the source, their builds, and results.tsv; with --resume, mutants that are there already are not
run again. Where a line is changed, only its own mutants are drawn anew: all others stay drawn, or not. Takes
some ten seconds per mutant and job.

A mutant that no test notices is a survivor: it becomes a test, or, where no input can tell it from the original,
a line of equivalent.txt, with the proof, or else one of survivors.txt, with the reason. What is in one of them is
known to be alive, and run with --recheck only. Exit status 1 if a survivor is in neither, or less than 95 % of
those that are not equivalent are killed.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rules import Site, sites_of

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("cell", "bin", "search", "emit", "batch")
# Not compiled on x86-64 (.ci/run arm64 holds it to the others), and not executed on every x86-64.
ELSEWHERE = ("simd_neon.h", "simd_avx512.h", "simd_series.h")
HERE = Path(__file__).resolve().parent
LEAST_SCORE = 0.95

# Quick ones first: most mutants die there. Suite and name of tests, and the scale of the random ones; "unit"
# begins with the test of the file itself. The guard of instructions and headers are not asked.
STAGES = [
    (("property/exact", "property/outputs", "cross/*"), "0.005"),
    (("unit/core/*",), "0.05"),
    (("property/batch", "property/same_bytes"), "0.01"),
    (("api/*", "regress/*"), "0.05"),
    (("property/*",), "0.1"),
]
# What none of these notices may still be a read or write outside of an array: once more, with the sanitizers.
SANITIZED = [(("property/exact", "property/outputs", "property/batch", "unit/core/*"), "0.01")]

# Seconds: a test that takes so many times what it takes without a change, and never less than these, runs for ever.
SLOWER, LEAST_TIME, FIRST_TIME = 8.0, 20.0, 1000.0


def sources() -> list[str]:
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / "lib/core" / folder).iterdir()):
            if path.suffix in (".c", ".h") and path.name not in ELSEWHERE:
                found.append(str(path.relative_to(ROOT)))
    return found


def key(site: Site, text: str) -> str:
    """Names a mutant so that changes elsewhere in the file keep the name: by its line, and which of equal ones."""
    begin = text.rfind("\n", 0, site.start) + 1
    line = text[begin:].split("\n", 1)[0].strip()
    same = [other.strip() for other in text[:begin].split("\n")].count(line) + 1
    old = text[site.start : site.end].strip()
    return f"{site.path}:{site.rule}:{same}:{site.start - begin}: {line} [{old} -> {site.new.strip()}]"


def draw(sites: list[Site], texts: dict[str, str], count: int, seed: int) -> list[Site]:
    """Those whose names come first in an order that is as good as random, and the same for any other sites."""

    def rank(site: Site) -> bytes:
        return hashlib.sha256(f"{seed} {key(site, texts[site.path])}".encode()).digest()

    return sorted(sites, key=rank)[:count]


def copy_source(to: Path) -> None:
    """Files that are alike keep their age, and their objects; those that an interrupted run left changed do not."""
    command = ["git", "-C", str(ROOT), "ls-files", "-coz", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True)
    names = set(filter(None, listed.stdout.decode().split("\0")))
    for path in [path for path in to.rglob("*") if path.is_file()]:
        if str(path.relative_to(to)) not in names:
            path.unlink()
    for name in sorted(names):
        source, target = ROOT / name, to / name
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


class Build:
    """A build of a copy of the source, and its stages of tests."""

    def __init__(self, source: Path, build: Path, stages: list, options: list[str]):
        self.build = build
        self.stages = stages
        if not (self.build / "build.ninja").exists():
            subprocess.run(
                ["meson", "setup", "--buildtype=debugoptimized", "-Doptimization=1", "-Dio=disabled",
                 "-Dcli=disabled", "-Dbench=false", *options, str(self.build), str(source)],
                check=True, stdout=subprocess.DEVNULL,
            )
        else:  # there may be other tests than the last time
            subprocess.run(["ninja", "-C", str(build), "build.ninja"], check=True, stdout=subprocess.DEVNULL)
        self.tests = self._introspect()
        for patterns, scale in stages:
            tests = self._match(patterns, "")
            if not tests or not self._make(tests):
                raise SystemExit(f"no tests, or no build of {patterns}")
            for test in tests:
                start = time.monotonic()
                test["limit"] = {**test.get("limit", {}), scale: FIRST_TIME}
                if not self._passes(test, scale):
                    raise SystemExit(f"{test['name']} fails without any change")
                test["limit"][scale] = max(LEAST_TIME, SLOWER * (time.monotonic() - start))

    def _introspect(self) -> list[dict]:
        """Tests whose command is a program of the build, with `label` as suite/name."""
        listed = subprocess.run(["meson", "introspect", "--tests", str(self.build)], check=True,
                                capture_output=True)
        tests = []
        for test in json.loads(listed.stdout):
            if test["cmd"][0].startswith(str(self.build)):
                test["label"] = test["suite"][0].split(":")[-1] + "/" + test["name"]
                tests.append(test)
        return tests

    def _match(self, patterns: tuple[str, ...], path: str) -> list[dict]:
        """Tests of a stage, that of the file itself first."""
        own = "unit/" + path.removeprefix("lib/").rpartition(".")[0]
        found = [test for pattern in patterns for test in self.tests if fnmatch.fnmatch(test["label"], pattern)]
        return sorted(found, key=lambda test: test["label"] != own)

    def _make(self, tests: list[dict]) -> bool:
        programs = {str(Path(test["cmd"][0]).relative_to(self.build)) for test in tests}
        made = subprocess.run(["ninja", "-C", str(self.build), "-j1", *sorted(programs)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return made.returncode == 0

    def _passes(self, test: dict, scale: str) -> bool:
        environment = {**os.environ, "OMP_NUM_THREADS": "2", **test["env"], "NBL_TEST_SCALE": scale}
        limit = [] if self.stages is SANITIZED else ["--as=17179869184"]
        command = ["prlimit", "--core=0", *limit, *test["cmd"]]
        try:
            ran = subprocess.run(command, env=environment, timeout=test["limit"][scale], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.build)
        except subprocess.TimeoutExpired:
            return False
        return ran.returncode in (0, 77)

    def killer(self, path: str) -> str:
        """The first test that fails now that this file is changed, 'compiler', or ''."""
        for patterns, scale in self.stages:
            tests = self._match(patterns, path)
            if not self._make(tests):
                return "compiler"
            for test in tests:
                if not self._passes(test, scale):
                    return test["label"]
        return ""


class Worker:
    """One mutant at a time, in a copy of the source with two builds."""

    def __init__(self, folder: Path):
        self.source = folder / "source"
        copy_source(self.source)
        self.plain = Build(self.source, folder / "build", STAGES, [])
        self.sanitized = Build(self.source, folder / "sanitized", SANITIZED,
                               ["-Db_sanitize=address,undefined", "-Db_lundef=false",
                                "-Dc_args=-fno-sanitize-recover=all"])

    def try_mutant(self, site: Site, text: str) -> str:
        """What noticed it, or ''."""
        file = self.source / site.path
        file.write_text(text[: site.start] + site.new + text[site.end :], encoding="utf-8")
        try:
            killer = self.plain.killer(site.path)
            if not killer and self.sanitized.killer(site.path):
                killer = "sanitizers"
            return killer
        finally:
            file.write_text(text, encoding="utf-8")


def listed(name: str) -> set[str]:
    """Keys of mutants in a file of ours; the lines below each one say why."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line.startswith("lib/")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="*")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--recheck", action="store_true")
    parser.add_argument("--list", action="store_true", help="name the mutants, and stop")
    options = parser.parse_args()

    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in sources()}
    sites = [site for path in texts for site in sites_of(ROOT, path)]
    drawn = draw(sites, texts, options.count, options.seed)
    drawn = [site for site in drawn if fnmatch.fnmatch(site.path, options.only)]
    print(f"{len(drawn)} mutants of {len(sites)} sites in {len(texts)} files, seed {options.seed}", flush=True)
    if options.list:
        for site in drawn:
            print(key(site, texts[site.path]))
        return 0

    options.folder.mkdir(parents=True, exist_ok=True)
    table = options.folder / "results.tsv"
    results: dict[str, str] = {}
    if options.resume and table.exists():
        results = dict(line.split("\t", 1) for line in table.read_text(encoding="utf-8").splitlines())
    elif table.exists():
        table.unlink()

    workers: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for number in range(options.jobs):
        workers.put(Worker(options.folder / f"worker-{number}"))

    equivalent, explained = listed("equivalent.txt"), listed("survivors.txt")
    known = set() if options.recheck else equivalent | explained

    def attempt(site: Site) -> tuple[str, str]:
        name = key(site, texts[site.path])
        if name in results or name in known:
            return name, results.get(name, "")
        worker = workers.get()
        start = time.monotonic()
        killer = worker.try_mutant(site, texts[site.path])
        workers.put(worker)
        print(f"{killer or 'SURVIVED':32} {time.monotonic() - start:6.1f} s  {name}", flush=True)
        with table.open("a", encoding="utf-8") as out:
            out.write(f"{name}\t{killer}\n")
        return name, killer

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = dict(pool.map(attempt, drawn))

    survivors = [name for name, killer in results.items() if not killer]
    alive = [name for name in survivors if name not in equivalent]
    counted = len(results) - (len(survivors) - len(alive))
    killed = len(results) - len(survivors)
    for name in alive:
        print(("left alive: " if name in explained else "survived: ") + name)
    score = killed / counted if counted else 1.0
    print(f"{killed} of {counted} killed ({100 * score:.1f} %), {len(survivors) - len(alive)} equivalent, "
          f"{len(alive)} alive")
    return 1 if set(alive) - explained or score < LEAST_SCORE else 0


if __name__ == "__main__":
    sys.exit(main())
