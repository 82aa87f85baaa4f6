# SPDX-License-Identifier: MIT
"""Memory that is not there: the n-th allocation of the program fails, alone or with all after it. Either it goes
on with less, to the same bytes, or it says so in one line, and leaves no file in part and every older one as it was.
The module that makes allocations fail is the third argument; without it, nothing is tested."""

import gzip
import os
import re
import subprocess
import sys

import harness

MODULE = None
OLDER = b"older"

# Runs of one command to be made with failures in different places.
MOST_RUNS = 70


class Faults(harness.Program):
    def setUp(self):
        super().setUp()
        with open(self.file("frames.xyz"), "rb") as stream:
            self.write("packed.gz", gzip.compress(stream.read()))
        self.inputs = set(os.listdir(self.folder))

    def run_once(self, arguments, fail=None, count=None):
        environment = dict(os.environ, LC_ALL="C", COLUMNS="80", LD_PRELOAD=MODULE)
        if fail:
            environment["TEST_MALLOC_FAIL"] = fail
        if count:
            environment["TEST_MALLOC_COUNT"] = count
        done = subprocess.run([self.program, *arguments], cwd=self.folder, env=environment, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=60, check=False)
        done.stdout = re.sub(rb" +[0-9.]+ (s|ms)\b", b" TIME", done.stdout)
        return done

    def outputs(self):
        return {name: self.read(name) for name in os.listdir(self.folder) if name not in self.inputs}

    def check(self, arguments, names, fail, right, files):
        done = self.run_once(arguments, fail)
        what = f"{' '.join(arguments)}: allocation {fail}: status {done.returncode}, {done.stderr}"
        left = self.outputs()
        if done.returncode == right.returncode:
            self.assertEqual((done.stdout, done.stderr), (right.stdout, right.stderr), what)
            self.assertEqual(left, files, what)
        else:
            self.assertEqual(done.returncode, 1, what)
            *before, last, end = done.stderr.split(b"\n")
            self.assertLessEqual(set(before), set(right.stderr.split(b"\n")), what)
            self.assertIn(b"out of memory", last, what)
            self.assertEqual(end, b"", what)
            # Several outputs are finished one after the other; what has its name is complete.
            self.assertEqual(sorted(left), sorted(names), what)
            for name in names:
                self.assertIn(left[name], (OLDER, files[name]), what)
        return done.returncode

    def each(self, *arguments, names=()):
        self.assertGreater(self.spread(*arguments, names=names), 0)

    def spread(self, *arguments, names=()):
        """Runs with failures spread over the allocations that the command makes; how many ended with status 1."""
        arguments = [str(argument) for argument in arguments]
        counted = self.path("count")
        for name in names:
            self.write(name, OLDER)
        right = self.run_once(arguments, count=counted)
        self.assertIn(right.returncode, (0, 2), right.stderr)
        total = int(self.read("count")) if os.path.exists(counted) else 0
        if total == 0:
            self.skipTest("the allocations of this program cannot be made to fail")
        os.unlink(counted)
        files = self.outputs()
        self.assertEqual(sorted(files), sorted(names))
        failed = 0
        step = max(1, 2 * total // MOST_RUNS)
        for k, nth in enumerate(range(1, total + 1, step)):
            for rest in ("", "+"):
                for name in names:
                    self.write(name, OLDER)
                # Another offset for each kind, so that the two together meet more places.
                place = min(total, nth + (step // 2 if rest else k % step))
                failed += self.check(arguments, names, f"{place}{rest}", right, files) == 1
        for name in names:
            os.unlink(self.path(name))
        return failed

    def test_pairs(self):
        lists = ["pairs", self.file("frames.xyz"), self.file("si8.xyz"), "-c", "3", "--threads", "1"]
        self.each(*lists)
        self.each(*lists, "--json", "--histogram", "--half")
        self.each(*lists, "--force", "-o", "o.csv", names=["o.csv"])
        self.each(*lists, "-c", "2,3", "--force", "-o", "o.npz", names=["o.npz"])
        self.each(*lists, "--force", "--svg", "o.svg", "-o", "p.csv", names=["o.svg", "p.csv"])
        self.each("pairs", "packed.gz", "-c", "3", "--threads", "1")
        self.each("pairs", self.file("si8.xyz"), "-c", "6", "--threads", "1", "-o", "-")

    def test_frames_that_are_refused(self):
        """Malformed, singular, or of more pairs than are allowed: nothing of that is forgotten."""
        self.write("bad.xyz", '1\nLattice="1 0 0 1 0 0 0 0 1"\nH 0 0 0\n1\n\nH 0 0 0\n1\n\nH 0 0 x\n')
        self.inputs.add("bad.xyz")
        self.each("pairs", "bad.xyz", "-c", "3", "--threads", "1", "--force", "-o", "o.csv", names=["o.csv"])
        self.each("pairs", self.file("frames.xyz"), "-c", "3", "--max-pairs", "10", "--threads", "1")

    def test_metrics(self):
        if b"metrics" not in self.run_once(["help"]).stdout:
            self.skipTest("the program has no metrics")
        files = ["metrics", self.file("si8.xyz"), self.file("frames.xyz"), "--threads", "1"]
        self.each(*files)
        self.each(*files, "--json", "--per-atom")
        self.each(*files, "--force", "-o", "o.xyz", "--per-atom", names=["o.xyz"])
        self.each(*files, "--force", "--plot", "o.svg", names=["o.svg"])

    def test_others(self):
        self.each("verify", self.file("frames.xyz"), "packed.gz", "-c", "3", "--threads", "1")
        self.spread("info")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        print("no module that makes allocations fail")
        sys.exit(harness.SKIP)
    MODULE = os.path.abspath(sys.argv.pop(3))
    harness.main()
