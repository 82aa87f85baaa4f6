# SPDX-License-Identifier: MIT
"""Several cutoffs: each list against a run with that cutoff alone and against the brute force."""

import json
import math
import random

import harness
from harness import brute_force, read_npz, table
from test_pairs import SLAB, SLAB_CELL, WIRE, WIRE_CELL

CUTOFFS = ("3", "6", "1.5", "6", "2.25")


class Lists(harness.Program):
    def setUp(self):
        super().setUp()
        self.write("random.xyz", "".join(harness.random_frames(random.Random(3), 25)))
        self.files = ["random.xyz"] + [self.file(name) for name in ("frames.xyz", "slab.xyz", "wire.xyz")]

    def single(self, cutoff, *flags):
        """Lines of the CSV file of one cutoff."""
        self.pairs(*self.files, "-c", cutoff, "-q", "-o", "one.csv", "--force", *flags)
        lines = self.read("one.csv").decode().split("\n")
        self.assertEqual((lines[0], lines[-1]), (harness.HEADER, ""))
        return lines[1:-1]

    def several(self, *flags, cutoffs=CUTOFFS):
        self.pairs(*self.files, "-c", ",".join(cutoffs), "-q", "-o", "all.csv", "--force", *flags)
        return self.lines_of_lists("all.csv", len(cutoffs))

    def test_each_is_that_of_its_cutoff(self):
        for flags in ([], ["--half"], ["--self", "--inclusive"], ["--half", "--self"],
                      ["--algorithm", "cells"], ["--algorithm", "brute", "--half"]):
            lists = self.several("--sorted", *flags)
            unsorted = self.several(*flags)
            for k, cutoff in enumerate(CUTOFFS):
                want = self.single(cutoff, "--sorted", *flags)
                self.assertGreater(len(want), 10)
                self.assertEqual(lists[k], want)
                self.assertEqual(sorted(unsorted[k]), sorted(want))

    def test_disjoint(self):
        for flags in ([], ["--half"], ["--self"], ["--half", "--self", "--inclusive"]):
            lists = self.several("--disjoint", *flags)
            self.assertEqual(lists[3], [])
            self.assertEqual(sorted(sum(lists, [])), sorted(self.single("6", *flags)))
            inside = set()
            for cutoff, k in sorted((float(cutoff), k) for k, cutoff in enumerate(CUTOFFS)):
                want = set(self.single(cutoff, *flags))
                self.assertEqual(set(lists[k]), want - inside)
                inside |= want

    def test_one_cutoff_has_no_list(self):
        self.pairs(*self.files, "-c", "3", "-o", "plain.csv")
        self.pairs(*self.files, "-c", "3", "-o", "shell.csv", "--disjoint")
        self.assertEqual(self.read("shell.csv"), self.read("plain.csv"))
        plain, shell = (self.pairs(*self.files, "-c", "3", "--json", "--histogram", *flags)
                        for flags in ([], ["--disjoint"]))
        self.assertEqual(shell, plain)

    def test_bits(self):
        """Against the brute force of the harness."""
        for name, positions, cell, pbc in (("slab.xyz", SLAB, SLAB_CELL, (1, 1, 0)),
                                           ("wire.xyz", WIRE, WIRE_CELL, (0, 0, 1))):
            cutoffs = ("4.25", "1.5", "5.0")
            for half in (False, True):
                self.files = [self.file(name)]
                flags = ["--half"] if half else []
                lists = self.several(*flags, cutoffs=cutoffs)
                shells = self.several("--disjoint", *flags, cutoffs=cutoffs)
                largest = brute_force(positions, cell, pbc, 5.0, 12, half=half)
                bounds = {"1.5": 0, "4.25": 1.5, "5.0": 4.25}
                for k, cutoff in enumerate(cutoffs):
                    for lines, low in ((lists[k], 0), (shells[k], bounds[cutoff])):
                        got = [line.split(",")[1:] for line in lines]
                        got = sorted(tuple(map(int, row[:5])) + tuple(map(float, row[5:])) for row in got)
                        self.assertEqual(got, [row for row in largest if low <= row[8] < float(cutoff)])

    def test_as_many_as_the_library_takes(self):
        cutoffs = [f"{1 + k / 64}" for k in range(255)]
        self.files = [self.file("slab.xyz")]
        lists = self.several("--sorted", cutoffs=cutoffs)
        for k in (0, 1, 128, 254):
            self.assertEqual(lists[k], self.single(cutoffs[k], "--sorted"))


class Npz(harness.Program):
    NAMES = ("i", "j", "shift", "vector", "distance", "row_ptr")

    def test_names_and_values(self):
        for file, frames in (("si8.xyz", [""]), ("frames.xyz", ["f0/", "f1/", "f2/"])):
            self.pairs(self.file(file), "-c", "3,6", "--sorted", "-o", "all.npz", "--force")
            arrays = read_npz(self.path("all.npz"))
            self.assertEqual(set(arrays), {f"{f}c{k}/{name}" for f in frames for k in range(2)
                                           for name in self.NAMES})
            for k, cutoff in enumerate((3, 6)):
                self.pairs(self.file(file), "-c", cutoff, "--sorted", "-o", "one.npz", "--force")
                one = read_npz(self.path("one.npz"))
                for f in frames:
                    for name in self.NAMES:
                        self.assertEqual(arrays[f"{f}c{k}/{name}"], one[f + name])


class Reports(harness.Program):
    def test_table(self):
        out, err = self.pairs(self.file("si8.xyz"), "-c", "6,3,6")
        self.assertEqual(err, "")
        lines = table(out)
        names = ("frame", "list", "cutoff", "atoms", "pairs", "mean")
        self.assertEqual([tuple(line[name] for name in names) for line in lines],
                         [("0", "0", "6", "8", "368", "46.00"), ("0", "1", "3", "8", "32", "4.00"),
                          ("0", "2", "6", "8", "368", "46.00")])
        self.assertEqual([line["time"] == "-" for line in lines], [False, True, True])
        totals = [line for line in out.split("\n") if line.startswith("total: ")]
        self.assertRegex(totals[0], r"^total: list 0 \(cutoff 6\), 1 frame, 8 atoms, 368 pairs, 46\.00 "
                                    r"neighbours per atom, shortest 2\.35126, [0-9.]+ ms$")
        self.assertEqual(totals[1], "total: list 1 (cutoff 3), 1 frame, 8 atoms, 32 pairs, 4.00 neighbours per "
                                    "atom, shortest 2.35126")

    def test_shells_have_their_own_shortest_distance(self):
        lines = table(self.pairs(self.file("si8.xyz"), "-c", "3,6", "--disjoint")[0])
        self.assertEqual([(line["pairs"], line["shortest"]) for line in lines],
                         [("32", "2.35126"), ("336", "3.83959")])

    def test_json(self):
        files = [self.file(name) for name in ("si8.xyz", "frames.xyz", "slab.xyz")]
        for flags in ([], ["--half", "--self"]):
            several = json.loads(self.pairs(*files, "-c", "3,6,1.5", "--json", *flags)[0])
            self.assertEqual((several["cutoffs"], several["disjoint"]), ([3, 6, 1.5], False))
            self.assertNotIn("cutoff", several)
            for k, cutoff in enumerate((3, 6, 1.5)):
                one = json.loads(self.pairs(*files, "-c", cutoff, "--json", *flags)[0])
                for a, b in zip(several["frames"] + [several["total"]], one["frames"] + [one["total"]]):
                    numbers = {key: b.pop(key) for key in ("pairs", "neighbours", "shortest")}
                    self.assertEqual(a["lists"][k], {"cutoff": cutoff, **numbers})
                    self.assertEqual({key: value for key, value in a.items() if key != "lists"}, b)
        out, _ = self.pairs(self.file("si8.xyz"), "-c", "3,6", "--json", "--timing", "--disjoint")
        self.assertTrue(json.loads(out)["disjoint"])
        self.assertGreater(json.loads(out)["frames"][0]["seconds"], 0)

    def test_histograms_are_those_of_the_largest(self):
        files = [self.file(name) for name in ("si8.xyz", "frames.xyz", "slab.xyz")]
        for flags in ([], ["--half"], ["--self"]):
            seen = []
            for number, arguments in enumerate((["6"], ["3,6,6"], ["1.5,6,3,6", "--disjoint"])):
                out, _ = self.pairs(*files, "--json", "--histogram", *flags, "--svg", f"{number}.svg",
                                    "--force", "-c", *arguments)
                chart, _ = self.pairs(*files, "-q", "--histogram", *flags, "-c", *arguments)
                seen.append((json.loads(out)["histogram"], self.read(f"{number}.svg"), chart))
            self.assertEqual(seen[1], seen[0])
            self.assertEqual(seen[2], seen[0])

    def test_limit_counts_the_largest(self):
        for flags in ([], ["--disjoint"]):
            self.pairs(self.file("si8.xyz"), "-c", "3,6", "--max-pairs", 368, *flags)
            _, err = self.pairs(self.file("si8.xyz"), "-c", "3,6", "--max-pairs", 367, *flags, status=2)
            self.assertRegex(err, r"si8\.xyz: frame 0: .*367")
            files = [self.file("si8.xyz"), self.file("fcc1.xyz"), self.file("si8.xyz")]
            _, err = self.pairs(*files, "-c", "3,6", "--max-pairs", 367, *flags, status=2)
            self.assertRegex(err, r"^\S+si8\.xyz: frame 0: .*367[^\n]*\n\S+si8\.xyz: frame 0: .*367[^\n]*\n$")


class Verify(harness.Program):
    def test_every_list(self):
        files = [self.file(name) for name in ("frames.xyz", "slab.xyz", "wire.xyz")]
        for flags in ([], ["--disjoint"], ["--half", "--sorted", "--disjoint", "--self"],
                      ["--algorithm", "cells", "--inclusive"]):
            out, err = self.run_program("verify", *files, "-c", "3,1.5,4,3", *flags)
            self.assertEqual((out.count(": equal, "), err), (20, ""))
        out, _ = self.run_program("verify", self.file("si8.xyz"), "-c", "6,3")
        self.assertRegex(out, r"si8\.xyz: frame 0: list 0 \(cutoff 6\): equal, 368 pairs; 0 distances within "
                              r"4 ulp of the cutoff\n"
                              r"\S+si8\.xyz: frame 0: list 1 \(cutoff 3\): equal, 32 pairs;")
        out, _ = self.run_program("verify", self.file("si8.xyz"), "-c", "6,3", "--disjoint")
        self.assertRegex(out, r"list 0 \(cutoff 6\): equal, 336 pairs; .*\n.*list 1 \(cutoff 3\): equal, 32 p")


if __name__ == "__main__":
    harness.main()
