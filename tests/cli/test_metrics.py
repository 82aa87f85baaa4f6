# SPDX-License-Identifier: MIT
"""nblist metrics: values that anybody can derive; table, JSON, CSV and XYZ tell the same."""

import csv
import gzip
import json
import math
import os
import random
import re
import xml.etree.ElementTree

import harness
from harness import brute_force

NAMES = [
    "H_atom",
    "H_spatial",
    "H_total",
    "RDF_dev",
    "shape_aniso",
    "Q4",
    "Q6",
    "Q8",
    "graph_lcc",
    "graph_cc",
    "ring_fraction",
    "charge_frustration",
    "moran_I_chi",
    "bond_angle_entropy",
    "coordination_variance",
    "radial_variance",
    "local_anisotropy",
]
HEAD = ["frame", "file", "frame_in_file", "pbc", "atoms", "cutoff"]
COLUMNS = {
    "degree": "I",
    "coordination": "I",
    "component": "I",
    "ring": "L",
    "cna": "S",
    "cna_adaptive": "S",
    "q4": "R",
    "q6": "R",
    "q8": "R",
    "w4": "R",
    "w6": "R",
    "w8": "R",
    "q4_averaged": "R",
    "q6_averaged": "R",
    "q8_averaged": "R",
    "clustering": "R",
    "angle_entropy": "R",
    "radial_variance": "R",
    "anisotropy": "R",
}

RING = "6\nbenzene without hydrogen\n" + "".join(
    f"C {1.39 * math.cos(k * math.pi / 3)!r} {1.39 * math.sin(k * math.pi / 3)!r} 0\n"
    for k in range(6)
)
CHAIN = (
    "4\nname=chain energy=-1.5 "
    "Properties=species:S:1:pos:R:3:forces:R:3:tag:I:1:move:L:1:site:S:1\n"
    + "".join(f"C {1.5 * k} 0 0 0.5 {k} 1e-30 {k} {'TF'[k % 2]} a{k}\n" for k in range(4))
)
FAR = "2\n\nC 0 0 0\nO 50 0 0\n"
ALONE = "1\n\nAr 0.5 0.5 0.5\n"
EMPTY = "0\n\n"
SINGULAR = '2\nLattice="1 0 0 2 0 0 0 0 1" pbc="T T T"\nH 0 0 0\nH 0 0 1\n'
NO_CELL = '1\npbc="T F F"\nH 0 0 0\n'
UNKNOWN = "2\n\nC 0 0 0\nQq 0 0 1\n"


def entropy(counts):
    total = sum(counts)
    return -sum(c / total * math.log(c / total) for c in counts if c) if total else 0.0


def variance(values):
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values) / len(values)


def comment_pairs(line):
    """The pairs of a comment line that has no escapes."""
    return {
        key: quoted or bare for key, quoted, bare in re.findall(r'(\S+?)=(?:"([^"]*)"|(\S+))', line)
    }


def read_xyz(text):
    """Frames of extended XYZ as (pairs, {column: rows of words})."""
    frames, lines = [], text.split("\n")
    while lines and lines[0]:
        n, pairs = int(lines[0]), comment_pairs(lines[1])
        words = [line.split() for line in lines[2 : 2 + n]]
        spec, columns, at = pairs["Properties"].split(":"), {}, 0
        for name, kind, width in zip(spec[::3], spec[1::3], spec[2::3]):
            columns[name] = (kind, [row[at : at + int(width)] for row in words])
            at += int(width)
        assert all(len(row) == at for row in words)
        frames.append((pairs, columns))
        lines = lines[2 + n :]
    return frames


class Metrics(harness.Program):
    def metrics(self, *arguments, **options):
        return self.run_program("metrics", *arguments, **options)

    def values(self, *arguments, **options):
        return json.loads(self.metrics(*arguments, "--json", **options)[0])

    def assert_close(self, got, want, what=None):
        self.assertLessEqual(abs(got - want), 1e-9 * abs(want) + 1e-12, (what, got, want))


class Values(Metrics):
    def test_ring(self):
        self.write("ring.xyz", RING)
        (frame,) = self.values("ring.xyz")
        self.assertEqual(list(frame), HEAD + NAMES)
        self.assertEqual(
            (frame["file"], frame["atoms"], frame["pbc"]), ("ring.xyz", 6, [False] * 3)
        )
        self.assert_close(frame["cutoff"], 2.25)
        for name, value in (
            ("ring_fraction", 1),
            ("graph_lcc", 1),
            ("graph_cc", 0),
            ("H_atom", 0),
            ("coordination_variance", 0),
            ("moran_I_chi", 0),
            ("charge_frustration", 0),
            ("bond_angle_entropy", 0),
            ("shape_aniso", 0.25),
            ("H_spatial", 0),
        ):
            self.assert_close(frame[name], value, name)

    def test_fcc(self):
        (frame,) = self.values(self.file("fcc1.xyz"), "-c", 2.5)
        self.assertEqual((frame["pbc"], frame["cutoff"]), ([True] * 3, 2.5))
        self.assertAlmostEqual(frame["Q4"], 0.190940653956493, 12)
        self.assertAlmostEqual(frame["Q6"], 0.574524259714069, 12)
        self.assertEqual((frame["graph_cc"], frame["ring_fraction"]), (4 / 11, 1))

    def test_water(self):
        (frame,) = self.values(self.file("water.xyz"), "--w-atom", 0, "--w-spatial", 2)
        self.assert_close(frame["cutoff"], 3 * 0.32)
        self.assert_close(frame["H_atom"], entropy([1, 2]))
        self.assert_close(frame["coordination_variance"], variance([2, 1, 1]))
        self.assert_close(frame["H_total"], 2 * frame["H_spatial"])
        self.assertEqual((frame["graph_lcc"], frame["ring_fraction"]), (1, 0))

    def test_options_reach_the_library(self):
        self.write("chain.xyz", CHAIN)
        (one,) = self.values("chain.xyz")
        (wide,) = self.values("chain.xyz", "--cov-scale", 1.5)
        (given,) = self.values("chain.xyz", "-c", 1.5 * one["cutoff"], "--cov-scale", 7)
        self.assertEqual(given, wide)
        self.assertGreater(wide["cutoff"], one["cutoff"])
        (few,) = self.values("chain.xyz", "-c", 5, "--n-bins", 1)
        (many,) = self.values("chain.xyz", "-c", 5, "--n-bins", 50)
        self.assertEqual(few["H_spatial"], 0)
        self.assert_close(many["H_spatial"], entropy([3, 2, 1]))
        self.assert_close(many["H_total"], 0.5 * many["H_spatial"])

    def test_periodic_frames_against_brute_force(self):
        generator, cutoff, n_bins = random.Random(3), 3.25, 11
        self.write("a.xyz", "".join(harness.random_frames(generator, 12)))
        frames = self.values(
            "a.xyz",
            "-c",
            cutoff,
            "--n-bins",
            n_bins,
            "--metric",
            "H_spatial,coordination_variance,radial_variance,graph_lcc",
        )
        self.assertEqual(len(frames), 12)
        self.assertEqual(
            list(frames[0]),
            HEAD + ["H_spatial", "graph_lcc", "coordination_variance", "radial_variance"],
        )
        for frame, (positions, cell, pbc) in zip(frames, self.systems("a.xyz")):
            n = len(positions)
            pairs = [
                p
                for p in brute_force(positions, cell, pbc, cutoff, 8, inclusive=True)
                if p[8] >= 1e-10
            ]
            rows = [[p[8] for p in pairs if p[0] == i] for i in range(n)]
            bins = [0] * n_bins
            for pair in pairs:
                bins[min(n_bins - 1, int(pair[8] / (cutoff / n_bins)))] += 1
            label = list(range(n))
            for _ in range(n):
                for p in pairs:
                    label[p[0]] = label[p[1]] = min(label[p[0]], label[p[1]])
            largest = max((label.count(a) for a in label), default=0)
            bonded = [row for row in rows if row]
            self.assertEqual(frame["atoms"], n)
            self.assert_close(frame["H_spatial"], entropy(bins))
            self.assert_close(frame["graph_lcc"], largest / n if n else 0)
            self.assert_close(
                frame["coordination_variance"], variance([len(r) for r in rows]) if bonded else 0
            )
            self.assertAlmostEqual(
                frame["radial_variance"],
                sum(map(variance, bonded)) / len(bonded) if bonded else 0,
                12,
            )

    def systems(self, name):
        lines = self.read(name).decode().split("\n")
        while lines and lines[0]:
            n, pairs = int(lines[0]), comment_pairs(lines[1])
            numbers = [float(x) for x in pairs.get("Lattice", "0 0 0 0 0 0 0 0 0").split()]
            pbc = [word == "T" for word in pairs.get("pbc", "F F F").split()]
            yield (
                [[float(x) for x in line.split()[1:]] for line in lines[2 : 2 + n]],
                [numbers[0:3], numbers[3:6], numbers[6:9]],
                pbc,
            )
            lines = lines[2 + n :]


class Outputs(Metrics):
    def setUp(self):
        super().setUp()
        self.write("a.xyz", RING + CHAIN + ALONE + EMPTY)
        self.write("b.xyz", FAR)

    def test_null_is_no_value(self):
        frames = self.values("a.xyz", "b.xyz")
        self.assertEqual([f["frame"] for f in frames], [0, 1, 2, 3, 4])
        self.assertEqual([f["frame_in_file"] for f in frames], [0, 1, 2, 3, 0])
        self.assertEqual([f["file"] for f in frames], ["a.xyz"] * 4 + ["b.xyz"])
        self.assertIsNone(frames[2]["shape_aniso"])
        self.assertIsNone(frames[3]["cutoff"])
        self.assertEqual(frames[2]["graph_lcc"], 1)
        self.assertEqual(frames[4]["graph_lcc"], 0.5)

    def test_csv_is_json(self):
        frames = self.values("a.xyz", "b.xyz")
        lines = list(csv.reader(self.metrics("a.xyz", "b.xyz", "--csv")[0].splitlines()))
        self.assertEqual(lines[0], ["frame", "file", "frame_in_file", "atoms", "cutoff"] + NAMES)
        self.assertEqual(len(lines), 6)
        for line, frame in zip(lines[1:], frames):
            self.assertEqual(
                line[:4],
                [
                    str(frame["frame"]),
                    str(int(frame["file"] == "b.xyz")),
                    str(frame["frame_in_file"]),
                    str(frame["atoms"]),
                ],
            )
            for text, name in zip(line[4:], ["cutoff"] + NAMES):
                if frame[name] is None:
                    self.assertEqual(text, "nan")
                else:
                    self.assertEqual(float(text), frame[name])

    def test_table(self):
        out, err = self.metrics("a.xyz", "--metric", "Q6,H_atom,shape_aniso")
        lines = out.split("\n")
        self.assertEqual(err, "")
        self.assertEqual(
            lines[0].split(), ["frame", "atoms", "cutoff", "H_atom", "shape_aniso", "Q6"]
        )
        self.assertEqual(lines[3].split(), ["2", "1", "2.88", "0", "-", "0"])
        self.assertRegex(out, r"\nshape_aniso +0\.\d+ +0\.25 +1\n")
        self.assertRegex(out, r"\ntotal: 4 frames, 11 atoms, [0-9.]+ ms\n$")

    def test_one_frame_has_a_line_per_metric(self):
        out, _ = self.metrics("b.xyz")
        rows = dict(line.split() for line in out.split("\n")[:-2])
        self.assertEqual(list(rows), ["frame", "atoms", "pbc", "cutoff"] + NAMES)
        self.assertEqual(
            (rows["pbc"], rows["graph_lcc"], rows["H_atom"]), ("FFF", "0.5", "0.693147")
        )

    def test_quiet(self):
        self.assertEqual(self.metrics("a.xyz", "-q"), ("", ""))

    def test_structures_keep_all_they_had(self):
        self.metrics("a.xyz", "-o", "o.xyz", "-q")
        frames = read_xyz(self.read("o.xyz").decode())
        want = self.values("a.xyz")
        self.assertEqual(len(frames), 4)
        pairs, columns = frames[1]
        self.assertEqual((pairs["name"], pairs["energy"], pairs["pbc"]), ("chain", "-1.5", "F F F"))
        self.assertEqual(list(columns), ["species", "pos", "forces", "tag", "move", "site"])
        self.assertEqual(
            [[float(x) for x in row] for row in columns["forces"][1]],
            [[0.5, k, 1e-30] for k in range(4)],
        )
        self.assertEqual(
            [columns[name][1] for name in ("tag", "move", "site")],
            [
                [[str(k)] for k in range(4)],
                [["T"], ["F"], ["T"], ["F"]],
                [[f"a{k}"] for k in range(4)],
            ],
        )
        for (pairs, _), frame in zip(frames, want):
            for key, name in [("metrics_cutoff", "cutoff")] + [(name, name) for name in NAMES]:
                if frame[name] is None:
                    self.assertEqual(pairs[key], "nan")
                else:
                    self.assertEqual(float(pairs[key]), frame[name])
        self.assertEqual(frames[0][0]["comment"], "benzene without hydrogen")

    def test_round_trip(self):
        for name in ("fcc1.xyz", "si8.xyz", "slab.xyz", "wire.xyz", "frames.xyz", "water.xyz"):
            flags = ["-c", 3, "--per-atom"]
            want = self.values(self.file(name), *flags)
            self.metrics(self.file(name), *flags, "-o", "o.xyz.gz", "--force", "-q")
            got = self.values("o.xyz.gz", *flags)
            for a, b in zip(got, want):
                a["file"] = b["file"]
            self.assertEqual(got, want)
            text = gzip.decompress(self.read("o.xyz.gz")).decode()
            self.assertEqual(self.metrics("o.xyz.gz", *flags, "-o", "-")[0], text)

    def test_comments_that_are_no_lists_of_pairs(self):
        for comment, says in (
            ("it's a", 'comment="it\'s a"'),
            ("a=1 'b' c", "a=1 b=T c=T"),
            ("", "moran"),
            ("x='unfinished", 'comment="x=\'unfinished"'),
            ('"my key"=2', "my_key=2"),
            ('q="a \\"b\\" \\\\"', 'q="a \\"b\\" \\\\"'),
            ("v=[[1, 2], [3, 4]]", "v=[[1, 2], [3, 4]]"),
            ("Properties=species:S:1:pos:R:3:a/b:I:1 t", "species:S:1:pos:R:3:a_b:I:1 t=T"),
        ):
            self.write("c.xyz", f"1\n{comment}\nH 0 0 0{' 7' if 'a/b' in comment else ''}\n")
            out = self.metrics("c.xyz", "-o", "-")[0]
            self.assertIn(says, out)
            self.write("d.xyz", out)
            self.assertEqual(self.metrics("d.xyz", "-o", "-")[0], out)

    def test_per_atom(self):
        self.metrics("a.xyz", "b.xyz", "--per-atom", "-o", "o.xyz", "-q")
        frames = read_xyz(self.read("o.xyz").decode())
        want = self.values("a.xyz", "b.xyz", "--per-atom")
        for (_, columns), frame in zip(frames, want):
            atoms = frame["per_atom"]
            self.assertEqual(list(atoms), list(COLUMNS))
            for name, kind in COLUMNS.items():
                self.assertEqual(columns[name][0], kind)
                words = [row[0] for row in columns[name][1]]
                convert = {"I": int, "R": float, "L": lambda word: word == "T", "S": str}[kind]
                self.assertEqual([convert(word) for word in words], atoms[name])
            if frame["atoms"]:
                for name in ("q4", "q6", "q8"):
                    self.assert_close(sum(atoms[name]) / len(atoms[name]), frame[name.upper()])
        self.assertEqual(
            [want[1]["per_atom"][name] for name in ("degree", "coordination", "component", "ring")],
            [[1, 2, 2, 1]] * 2 + [[0] * 4, [False] * 4],
        )
        self.assertEqual(want[0]["per_atom"]["ring"], [True] * 6)
        self.assertEqual(want[4]["per_atom"]["component"], [0, 1])
        (fcc,) = self.values(self.file("fcc1.xyz"), "-c", 2.5, "--per-atom")
        self.assertEqual(
            (fcc["per_atom"]["cna"], fcc["per_atom"]["cna_adaptive"]), (["fcc"], ["fcc"])
        )

    def test_plot(self):
        self.metrics("a.xyz", "b.xyz", "--plot", "o.svg", "-q")
        root = xml.etree.ElementTree.fromstring(self.read("o.svg"))
        space = "{http://www.w3.org/2000/svg}"
        texts = [t.text for t in root.iter(space + "text")]
        self.assertEqual(
            [t.text for t in root.iter(space + "text") if t.get("class") == "heading"], NAMES
        )
        self.assertIn("5 frames, 13 atoms", texts)
        self.assertGreater(
            len([r for r in root.iter(space + "rect") if r.get("class") == "bar"]), len(NAMES)
        )
        for frame in root.iter(space + "rect"):
            self.assertLessEqual(float(frame.get("height")), float(root.get("height")))
        self.assertEqual(
            self.metrics("a.xyz", "b.xyz", "--plot", "-")[0].encode(), self.read("o.svg")
        )
        self.metrics("a.xyz", "--plot", "p.svg", "--metric", "Q6", "--filter", "Q6:2:3", "-q")
        xml.etree.ElementTree.fromstring(self.read("p.svg"))

    def test_outputs_that_cannot_be(self):
        self.write("old.xyz", "precious")
        self.write("old.svg", "precious")
        for option, name in (("-o", "old.xyz"), ("--plot", "old.svg")):
            _, err = self.metrics("a.xyz", option, name, status=1)
            self.assertRegex(err, rf"{name}.*exists.*--force")
            self.assertEqual(self.read(name), b"precious")
        _, err = self.metrics("a.xyz", "-o", "a.xyz", "--force", status=1)
        self.assertIn("a.xyz: is an input file", err)
        for source in ("nope.xyz", "old.xyz"):
            self.metrics(source, "-o", "new.xyz", "--plot", "new.svg", status=2)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.xyz", "b.xyz", "old.svg", "old.xyz"])


class Filters(Metrics):
    def setUp(self):
        super().setUp()
        self.write("a.xyz", RING + CHAIN + ALONE + FAR)

    def kept(self, *filters):
        flags = [word for text in filters for word in ("--filter", text)]
        frames = self.values("a.xyz", "--metric", "Q6", *flags)
        self.assertTrue(all(list(frame) == HEAD + ["Q6"] for frame in frames))
        return [frame["frame"] for frame in frames]

    def test_ranges(self):
        self.assertEqual(self.kept("ring_fraction:1:1"), [0])
        self.assertEqual(self.kept("graph_lcc:1:-"), [0, 1, 2])
        self.assertEqual(self.kept("graph_lcc:-:0.5"), [3])
        self.assertEqual(self.kept("graph_lcc:-:-"), [0, 1, 2, 3])
        self.assertEqual(self.kept("graph_lcc:1:1", "ring_fraction:-:0.5"), [1, 2])
        self.assertEqual(self.kept("H_atom:-1:0"), [0, 1, 2])
        self.assertEqual(self.kept("H_atom:-2e0:-1"), [])

    def test_no_value_passes_nothing(self):
        self.assertEqual(self.kept("shape_aniso:-:-"), [0, 1, 3])

    def test_every_output(self):
        out, _ = self.metrics(
            "a.xyz", "--filter", "ring_fraction:0:0", "-o", "o.xyz", "--plot", "o.svg"
        )
        self.assertIn("total: 3 frames, 7 atoms, 1 filtered out, ", out)
        self.assertEqual(
            [len(c["pos"][1]) for _, c in read_xyz(self.read("o.xyz").decode())], [4, 1, 2]
        )
        self.assertIn(b"3 frames, 7 atoms", self.read("o.svg"))
        lines = self.metrics("a.xyz", "--filter", "ring_fraction:0:0", "--csv")[0].split("\n")
        self.assertEqual([line.split(",")[0] for line in lines[1:-1]], ["1", "2", "3"])

    def test_none_is_kept(self):
        out, _ = self.metrics("a.xyz", "--filter", "Q6:2:-", "-o", "o.xyz")
        self.assertRegex(out, r"^total: 0 frames, 0 atoms, 4 filtered out, ")
        self.assertEqual(self.read("o.xyz"), b"")
        self.assertEqual(self.values("a.xyz", "--filter", "Q6:2:-"), [])


if __name__ == "__main__":
    harness.main()
