# SPDX-License-Identifier: MIT
"""Many frames: how they are divided into calls changes no byte, and memory does not grow with their number."""

import json
import os
import random
import re
import subprocess
import time

import harness
from harness import table

BAD = {
    "singular": '2\nLattice="1 0 0 2 0 0 0 0 1" pbc="T T T"\nH 0 0 0\nH 0 0 1\n',
    "no_cell": '1\npbc="T F F"\nH 0 0 0\n',
    "far": "3\n\nH 0 0 0\nH 1 1 1\nH 1 -1e101 0\n",
    "cells_away": '2\nLattice="1 0 0 0 1 0 0 0 1"\nH 0 0 0\nH 0 1e12 0\n',
}
WATER = "3\n\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n"


class Divided(harness.Program):
    def setUp(self):
        super().setUp()
        frames = harness.random_frames(random.Random(5), 40)
        for place, text in zip((2, 3, 17, 30), BAD.values()):
            frames.insert(place, text)
        self.write("a.xyz", "".join(frames[:20]))
        self.write("b.xyz", "".join(frames[20:]))

    def outputs(self, *flags):
        common = ["a.xyz", "b.xyz", *flags]
        out, err = self.pairs(*common, "--json", "--histogram", "-o", "o.csv", "--svg", "o.svg", "--force",
                              status=2)
        chart, _ = self.pairs(*common, "--quiet", "--histogram", "-o", "o.npz", "--force", status=2)
        lines, _ = self.pairs(*common, status=2)
        lines = [re.sub(r" +[0-9.]+ ms", "", line) for line in lines.split("\n")]
        return out, err, chart, lines, [self.read(f"o.{kind}") for kind in ("csv", "npz", "svg")]

    def test_same_bytes(self):
        for flags in (["-c", "3.5"], ["-c", "2,4,3", "--half", "--self"],
                      ["-c", "3,5", "--disjoint", "--sorted"]):
            want = self.outputs(*flags, "--batch", 1, "--threads", 1)
            self.assertEqual(want[1].count("\n"), len(BAD))
            self.assertGreater(len(want[4][0]), 50000)
            for batch in (["--batch", 2], ["--batch", 7], ["--batch", 1000000], ["--batch", 0], []):
                for threads in (1, 3):
                    got = self.outputs(*flags, *batch, "--threads", threads)
                    for a, b in zip(got, want):
                        self.assertEqual(a, b)

    def test_bad_frames_are_reported_as_if_alone(self):
        for name, text in BAD.items():
            self.write("alone.xyz", text)
            _, alone = self.pairs("alone.xyz", "-c", 2, status=2)
            self.write("alone.xyz", WATER * 4 + text + WATER * 3)
            out, err = self.pairs("alone.xyz", "-c", 2, status=2)
            line = 4 * 5 + 2
            self.assertEqual(err, alone.replace(":2: frame 0:", f":{line}: frame 4:").replace(": frame 0:",
                                                                                          ": frame 4:"))
            self.assertEqual([row["frame"] for row in table(out)], ["0", "1", "2", "3", "5", "6", "7"], name)
        self.assertRegex(self.pairs("a.xyz", "-c", 2, status=2)[1], r"a\.xyz: frame 17: .*positions\[2\]\[1\]")

    def test_only_bad_frames(self):
        self.write("bad.xyz", BAD["singular"] * 5)
        out, err = self.pairs("bad.xyz", "-c", 2, "-o", "o.csv", status=2)
        self.assertEqual(re.findall(r"bad\.xyz: frame (\d+): ", err), ["0", "1", "2", "3", "4"])
        self.assertIn("total: 0 frames, 0 atoms, 0 pairs", out)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.xyz", "b.xyz", "bad.xyz"])

    def test_limit_of_pairs_is_per_frame(self):
        pair = "2\n\nH 0 0 0\nH 0 0 1\n"
        self.write("t.xyz", (pair + WATER + pair) * 20)
        for batch in ([], ["--batch", 1], ["--batch", 4]):
            out, err = self.pairs("t.xyz", "-c", 5, "--max-pairs", 5, *batch, status=2)
            self.assertEqual(len(table(out)), 40)
            self.assertEqual(re.findall(r"frame (\d+): .*5", err), [str(3 * k + 1) for k in range(20)])
            out, err = self.pairs("t.xyz", "-c", 5, "--max-pairs", 6, *batch)
            self.assertEqual((len(table(out)), err), (60, ""))

    def test_many_pairs(self):
        """Far more pairs than one call for several frames may make: 24 frames of 13 million together."""
        with open(self.file("si8.xyz"), encoding="ascii") as stream:
            self.write("si.xyz", stream.read() * 24)
        out, _ = self.pairs("si.xyz", "-c", "38", "--json")
        frames = json.loads(out)["frames"]
        self.assertEqual((len(frames), len({frame["pairs"] for frame in frames})), (24, 1))
        self.assertGreater(frames[0]["pairs"] * 24, 1 << 21)
        for flags in (["--batch", 1], ["--batch", 24]):
            self.assertEqual(self.pairs("si.xyz", "-c", "38", "--json", *flags)[0], out)


class Streams(harness.Program):
    def run_on(self, n, *arguments):
        """Peak memory in KiB and standard output of a run on n frames from a pipe."""
        with open(self.path("out"), "wb") as out:
            child = subprocess.Popen([self.program, "pairs", "-", "-c", "5", *arguments], stdin=subprocess.PIPE,
                                     stdout=out, cwd=self.folder)
            for _ in range(n // 1000):
                child.stdin.write((WATER * 1000).encode())
            child.stdin.close()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = status
        self.assertEqual(status, 0)
        return usage.ru_maxrss, self.read("out")

    def test_memory_is_bounded(self):
        os.symlink("/dev/null", self.path("null.csv"))
        for arguments in ([], ["-q", "-o", "null.csv"]):
            little, _ = self.run_on(10000, *arguments)
            much, out = self.run_on(100000, *arguments)
            self.assertLess(much, little + 16 * 1024)
            if not arguments:
                self.assertIn(b"\ntotal: 100000 frames, 300000 atoms, 600000 pairs", out)

    def test_slow_frames_are_not_waited_for(self):
        """CSV of frames before the input ends: as soon as there is more than a buffer of it."""
        with open(self.file("si8.xyz"), "rb") as stream:
            frame = stream.read()
        child = subprocess.Popen([self.program, "pairs", "-", "-c", "16", "-o", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, cwd=self.folder)
        for _ in range(2):
            time.sleep(0.3)
            child.stdin.write(frame)
            child.stdin.flush()
        self.assertEqual(child.stdout.readline().decode(), harness.HEADER + "\n")
        child.stdin.close()
        self.assertTrue(child.stdout.read().endswith(b"\n"))
        child.stdout.close()
        self.assertEqual(child.wait(60), 0)


if __name__ == "__main__":
    harness.main()
