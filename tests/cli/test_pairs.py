# SPDX-License-Identifier: MIT
"""nblist pairs: known counts, and every pair, shift and bit against a plain brute force."""

import harness
from harness import brute_force, table

SLAB = [(0.0, 0.0, 0.0), (1.25, 0.75, 2.0), (7.5, -4.5, 4.0), (0.125, 0.25, -1.75)]
SLAB_CELL = [(2.5, 0.0, 0.0), (1.25, 2.25, 0.0), (0.0, 0.0, 0.0)]
WIRE = [(0.0, 0.0, 0.0), (1.0, 0.5, 0.75), (-0.5, 1.0, 9.25)]
WIRE_CELL = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.5, 0.25, 2.0)]


class Counts(harness.Program):
    def count(self, name, *arguments):
        out, err = self.pairs(self.file(name), *arguments)
        self.assertEqual(err, "")
        return [int(line["pairs"]) for line in table(out)]

    def test_silicon(self):
        self.assertEqual(self.count("si8.xyz", "--cutoff", 6), [368])
        self.assertEqual(self.count("si8.xyz", "--cutoff", 14), [4768])

    def test_fcc(self):
        for cutoff, pairs in (("3.0", 12), ("3.4", 18), ("4.5", 54), ("6.0", 134)):
            self.assertEqual(self.count("fcc1.xyz", "-c", cutoff), [pairs])

    def test_shell_at_the_cutoff(self):
        self.assertEqual(self.count("fcc1.xyz", "-c3", "--inclusive"), [18])
        self.assertEqual(self.count("frames.xyz", "--cutoff=3"), [16, 0, 8])
        self.assertEqual(self.count("frames.xyz", "--cutoff=3", "--inclusive"), [28, 0, 8])

    def test_half_and_self(self):
        self.assertEqual(self.count("si8.xyz", "-c", 6, "--half"), [184])
        self.assertEqual(self.count("si8.xyz", "-c", 6, "--self"), [376])
        self.assertEqual(self.count("si8.xyz", "-c", 6, "--half", "--self"), [192])

    def test_algorithms(self):
        for name in ("auto", "brute", "cells"):
            self.assertEqual(self.count("si8.xyz", "-c", 6, "--algorithm", name), [368])

    def test_axes_from_the_command_line(self):
        self.assertEqual(self.count("fcc1.xyz", "-c", 3, "--pbc", "FFF"), [0])
        for one, three in (("T", "TTT"), ("false", "FFF"), (" 1 ", "TTT")):
            out, _ = self.pairs(self.file("fcc1.xyz"), "-c", 3, "--pbc", one)
            self.assertEqual(table(out)[0]["pbc"], three)
        self.assertEqual(self.count("water.xyz", "-c", 1), [4])
        self.assertEqual(self.count("water.xyz", "-c", 1.1, "--cell", "1 50 50"), [18])
        self.assertEqual(self.count("water.xyz", "-c", 1.1, "--cell", "1,50,50", "--pbc", "FTT"), [4])
        self.assertEqual(self.count("water.xyz", "-c", 1.1, "--cell", "1 0 0 0 0 0 0 0 0"), [18])
        out, _ = self.pairs(self.file("water.xyz"), "-c", 1.1, "--cell", "1 0 0 0 0 0 0 0 0")
        self.assertEqual(table(out)[0]["pbc"], "TFF")
        out, _ = self.pairs(self.file("slab.xyz"), "-c", 1.1, "--cell", "3 3 3")
        self.assertEqual(table(out)[0]["pbc"], "TTF")


    def test_limit_of_pairs(self):
        self.assertEqual(self.count("si8.xyz", "-c", 6, "--max-pairs", 368), [368])
        self.assertEqual(self.count("si8.xyz", "-c", 6, "--max-pairs", 0), [368])
        files = [self.file("si8.xyz"), self.file("fcc1.xyz")]
        out, err = self.pairs(*files, "-c", 6, "--max-pairs", 367, status=2)
        self.assertRegex(err, r"si8\.xyz: frame 0: .*367")
        self.assertEqual([line["pairs"] for line in table(out)], ["134"])


class Table(harness.Program):
    def test_line_and_total(self):
        out, err = self.pairs("--cutoff", 6, self.file("si8.xyz"))
        line = table(out)[0]
        names = ("frame", "atoms", "pbc", "pairs", "mean", "min", "max", "shortest")
        self.assertEqual([line[name] for name in names],
                         ["0", "8", "TTT", "368", "46.00", "46", "46", "2.35126"])
        self.assertRegex(out, r"\ntotal: 1 frame, 8 atoms, 368 pairs, 46\.00 neighbours per atom, "
                              r"shortest 2\.35126, [0-9.]+ ms\n$")
        self.assertEqual(err, "")

    def test_neighbours_do_not_depend_on_the_list_kind(self):
        full = table(self.pairs(self.file("slab.xyz"), "-c", 4)[0])[0]
        half = table(self.pairs(self.file("slab.xyz"), "-c", 4, "--half")[0])[0]
        for key in ("mean", "min", "max", "shortest"):
            self.assertEqual(full[key], half[key])
        self.assertEqual(int(full["pairs"]), 2 * int(half["pairs"]))

    def test_self_is_not_the_shortest_distance(self):
        for kind in ([], ["--half"]):
            line = table(self.pairs(self.file("si8.xyz"), "-c", 6, "--self", *kind)[0])[0]
            self.assertEqual((line["shortest"], line["min"]), ("2.35126", "47"))

    def test_coincident_atoms_are(self):
        path = self.write("two.xyz", "2\n\nH 1 1 1\nH 1 1 1\n")
        for kind in ([], ["--half"], ["--self"], ["--self", "--half"]):
            self.assertEqual(table(self.pairs(path, "-c", 2, *kind)[0])[0]["shortest"], "0")

    def test_frames_without_atoms_and_files(self):
        out, _ = self.pairs(self.file("frames.xyz"), self.file("water.xyz"), "-c", 3)
        lines = table(out)
        self.assertEqual([line["frame"] for line in lines], ["0", "1", "2", "3"])
        self.assertEqual([line["pbc"] for line in lines], ["TTT", "FFF", "TFT", "FFF"])
        self.assertIn("    -", out.split("\n")[2])
        self.assertIn("total: 4 frames, 6 atoms", out)
        self.assertTrue(out.split("\n")[4].endswith("water.xyz"))

    def test_quiet(self):
        self.assertEqual(self.pairs(self.file("si8.xyz"), "-c", 6, "-q"), ("", ""))


class Bits(harness.Program):
    """CSV rows against the brute force of the harness: equal as integers and as binary64 numbers."""

    def compare(self, name, positions, cell, pbc, cutoff, *flags):
        self.pairs(self.file(name), "--cutoff", repr(cutoff), "--output", "o.csv", "--force", *flags)
        want = brute_force(positions, cell, pbc, cutoff, 12, "--inclusive" in flags, "--half" in flags,
                           "--self" in flags)
        got = self.rows("o.csv")
        self.assertTrue(all(row[0] == 0 for row in got))
        self.assertEqual([row[1] for row in got], sorted(row[1] for row in got))
        rows = [row[1:] for row in got]
        self.assertEqual(sorted(rows), want)
        if "--sorted" in flags:
            self.assertEqual([row[:5] for row in rows], sorted(row[:5] for row in rows))
        return len(rows)

    def test_slab_with_a_zero_vector(self):
        for flags in ([], ["--half"], ["--self", "--sorted"], ["--half", "--self"],
                      ["--inclusive", "--sorted"]):
            for algorithm in ("brute", "cells"):
                n = self.compare("slab.xyz", SLAB, SLAB_CELL, (1, 1, 0), 5.0, "--algorithm", algorithm, *flags)
                self.assertGreater(n, 50)

    def test_wire_with_two_zero_vectors(self):
        for cutoff in (1.5, 4.25, 9.0):
            self.assertGreater(self.compare("wire.xyz", WIRE, WIRE_CELL, (0, 0, 1), cutoff, "--sorted"), 2)

    def test_all_axes_open(self):
        self.assertEqual(self.compare("slab.xyz", SLAB, SLAB_CELL, (0, 0, 0), 2.5, "--pbc", "F F F"), 4)

    def test_vectors_of_the_output_keep_negative_zero_away(self):
        self.pairs(self.file("si8.xyz"), "-c", 6, "-o", "o.csv")
        self.assertNotIn(b",-0,", self.read("o.csv"))


if __name__ == "__main__":
    harness.main()
