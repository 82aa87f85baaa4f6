# SPDX-License-Identifier: MIT
"""Files that are malformed, compressed, piped, missing, or hold systems that no list can be made of."""

import gzip
import json
import os
import subprocess

import harness
from harness import table

GOOD = b"1\nfine\nH 0 0 0\n"
HEADER = b'2\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 pbc="T T T"\n'

# name, content after one good frame (3 lines), line that the message names, what the message must say
MALFORMED = [
    ("truncated", b"3\nthree announced\nH 0 0 0\nH 1 0 0\n", 8, r"ends|end of"),
    ("truncated_before_comment", b"3\n", 5, r"ends|end of"),
    ("count_too_small", b"1\n\nH 0 0 0\nH 1 0 0\n", 7, r"number of atoms|count"),
    ("count_is_text", b"atoms\n\nH 0 0 0\n", 4, r"atoms"),
    ("count_is_negative", b"-3\n\n", 4, r"-3"),
    ("count_is_real", b"2.5\n\nH 0 0 0\n", 4, r"2\.5"),
    ("count_is_huge", b"99999999999\n\nH 0 0 0\n", 4, r"99999999999"),
    ("bad_number", HEADER + b"H 0 0 0\nH 0 x1 0\n", 7, r"x1"),
    ("bad_number_tail", HEADER + b"H 0 0 0\nH 0 1.5z 0\n", 7, r"1\.5z"),
    ("nan", HEADER + b"H 0 nan 0\nH 0 0 0\n", 6, r"[Nn]a[Nn]"),
    ("infinite", b"1\n\nH 0 0 1e999\n", 6, r"1e999|inf"),
    ("missing_column", HEADER + b"H 0 0 0\nH 0 1\n", 7, r"column"),
    ("too_many_columns", HEADER + b"H 0 0 0 0\nH 0 1 2\n", 6, r"column"),
    ("missing_column_plain", b"1\n\nH 0 1\n", 6, r"column"),
    ("no_positions", b"1\nProperties=species:S:1\nH\n", 5, r"pos"),
    ("lattice_short", b'1\nLattice="1 0 0 0 1 0 0 0"\nH 0 0 0\n', 5, r"[Ll]attice"),
    ("lattice_text", b'1\nLattice="1 0 0 0 b 0 0 0 1"\nH 0 0 0\n', 5, r"[Ll]attice|'b'"),
    ("lattice_nan", b'1\nLattice="1 0 0 0 nan 0 0 0 1" pbc="T T T"\nH 0 0 0\n', 5, r"[Nn]a[Nn]|[Ll]attice"),
    ("bad_pbc", b'1\nLattice="1 0 0 0 1 0 0 0 1" pbc="T maybe T"\nH 0 0 0\n', 5, r"pbc"),
    ("nul_bytes", b"1\n\nH 0 \0 0\n", 6, r"NUL"),
    ("nul_in_count", b"\0\0\0\0\0\0\0\0", 4, r"NUL"),
    ("binary_junk", bytes(range(256)) * 64, 4, r"."),
    ("binary_junk_without_nul", bytes(range(128, 256)) * 64, 4, r"."),
]


class Malformed(harness.Program):
    def check(self, name, content, line, says):
        path = name + ".xyz"
        self.write(path, GOOD + content)
        out, err = self.pairs(path, "-c", 2, "-o", "o.csv", "--force", status=2)
        self.assertRegex(err, rf"^{name}\.xyz:{line}: .*(?:{says})")
        self.assertEqual(err.count("\n"), 1)
        self.assertEqual(err, "".join(c for c in err if c == "\n" or " " <= c <= "~"))
        lines = table(out)
        self.assertEqual([row["atoms"] for row in lines[:1]], ["1"])
        self.assertIn("total: ", out)
        self.assertTrue(self.read("o.csv").startswith(harness.HEADER.encode()))
        return lines

    def test_after_a_good_frame(self):
        for name, content, line, says in MALFORMED:
            with self.subTest(name):
                lines = self.check(name, content, line, says)
                self.assertEqual(len(lines), 2 if name == "count_too_small" else 1)

    def test_in_the_first_frame(self):
        for name, content, line, says in MALFORMED:
            with self.subTest(name):
                self.write("first.xyz", content)
                _, err = self.pairs("first.xyz", "-c", 2, status=2)
                self.assertRegex(err, rf"^first\.xyz:{line - 3}: .*({says})")

    def test_line_of_64_mib(self):
        for name, start, line in (("atom", b"1\n\nH 0 0 ", 6), ("comment", b"1\n", 5), ("count", b"", 4)):
            with self.subTest(name):
                with open(self.path("long.xyz"), "wb") as stream:
                    stream.write(GOOD + start)
                    for _ in range(64):
                        stream.write(b"1" * (1 << 20))
                    stream.write(b"\n")
                out, err = self.pairs("long.xyz", "-c", 2, status=2)
                self.assertRegex(err, rf"^long\.xyz:{line}: .*long")
                self.assertEqual(len(table(out)), 1)

    def test_npz_of_the_complete_frames(self):
        self.write("t.xyz", HEADER + b"H 0 0 0\nH 0 1 0\n" + b"7\ntruncated\n")
        self.pairs("t.xyz", "-c", 1.5, "-o", "o.npz", status=2)
        arrays = harness.read_npz(self.path("o.npz"))
        self.assertEqual(arrays["i"], ("<i8", (2,), (0, 1)))

    def test_empty_file(self):
        self.write("empty.xyz", b"")
        out, err = self.pairs("empty.xyz", "-c", 2, status=2)
        self.assertEqual(err, "empty.xyz:1: the file holds no frame\n")
        self.assertIn("total: 0 frames, 0 atoms, 0 pairs, no neighbours per atom, shortest none", out)

    def test_messages_do_not_steer_the_terminal(self):
        name = "\x1b[31m\n\u009b\u00e4.xyz"
        self.write(name, b"1\n\nH 0 0 \x1b]0;title\x07\xff\n")
        out, err = self.pairs(name, self.file("si8.xyz"), "-c", 2, status=2)
        self.assertRegex(err, r"^\\x1b\[31m\\x0a\\xc2\\x9b\u00e4\.xyz:3: .*\\x1b\]0;title\\x07\\xff")
        self.write(name, b"1\n\nH 0 0 0\n")
        out, _ = self.pairs(name, self.file("si8.xyz"), "-c", 2)
        self.assertIn("\\x1b[31m\\x0a\\xc2\\x9b\u00e4.xyz\n", out)

    def test_reading_that_fails(self):
        """A terminal that is gone: its last bytes come, then an error."""
        terminal, other = os.openpty()
        self.addCleanup(os.close, terminal)
        os.write(other, GOOD + b"1\n")
        os.close(other)
        done = subprocess.run([self.program, "pairs", "-", "-c", "2", "-o", "o.csv"], cwd=self.folder,
                              stdin=terminal, capture_output=True, timeout=60, check=False,
                              env=dict(os.environ, LC_ALL="C"))
        if done.returncode == 2 and b"reading failed" not in done.stderr:
            self.skipTest("terminals end without an error here")
        self.assertEqual((done.returncode, done.stderr), (2, b"<stdin>:5: reading failed: Input/output error\n"))
        self.assertEqual([row["atoms"] for row in table(done.stdout.decode())], ["1"])
        self.assertEqual(self.read("o.csv"), harness.HEADER.encode() + b"\n")

    def test_further_files_are_read(self):
        self.write("bad.xyz", GOOD + b"x\n")
        out, err = self.pairs("bad.xyz", "absent.xyz", self.folder, self.file("si8.xyz"), "-c", 6, status=2)
        self.assertEqual([row["atoms"] for row in table(out)], ["1", "8"])
        self.assertRegex(err, r"^bad\.xyz:4: .*\nabsent\.xyz: .*No such file.*\n.*: .*directory.*\n$")

    def test_json_stays_a_document(self):
        self.write("bad.xyz", GOOD + b"x\n")
        out, _ = self.pairs("bad.xyz", "-c", 2, "--json", status=2)
        document = json.loads(out)
        self.assertEqual((len(document["frames"]), document["complete"]), (1, False))


class Compressed(harness.Program):
    def content(self):
        with open(self.file("frames.xyz"), "rb") as stream:
            return stream.read()

    def test_gzip_by_content(self):
        plain, _ = self.pairs(self.file("frames.xyz"), "-c", 3, "--json")
        self.write("frames.xyz.gz", gzip.compress(self.content()))
        self.write("without_ending", gzip.compress(self.content()))
        for name in ("frames.xyz.gz", "without_ending"):
            packed, err = self.pairs(name, "-c", 3, "--json")
            self.assertEqual(json.loads(packed)["total"], json.loads(plain)["total"])
            self.assertEqual(err, "")

    def test_standard_input(self):
        for content in (self.content(), gzip.compress(self.content())):
            out, err = self.pairs("-c", 3, "-", stdin=content)
            self.assertEqual([row["pairs"] for row in table(out)], ["16", "0", "8"])
            self.assertEqual(err, "")

    def test_truncated_gzip(self):
        packed = gzip.compress(self.content() + os.urandom(4096).hex().encode())
        self.write("cut.gz", packed[:len(packed) // 2])
        _, err = self.pairs("cut.gz", "-c", 3, status=2)
        self.assertRegex(err, r"^cut\.gz:\d+: ")

    def test_behind_gzip(self):
        packed = gzip.compress(self.content())
        for behind, frames in ((packed, 6), (bytes(1000), 3), (bytes(9) + packed, 6)):
            self.write("more.gz", packed + behind)
            self.assertEqual(len(table(self.pairs("more.gz", "-c", 3)[0])), frames)
        for behind in (self.content(), bytes(5) + b"x", b"\x1f"):
            self.write("more.gz", packed + behind)
            out, err = self.pairs("more.gz", "-c", 3, status=2)
            self.assertRegex(err, r"^more\.gz:\d+: trailing data")
            self.assertEqual([row["pairs"] for row in table(out)], ["16", "0", "8"])

    def test_standard_input_malformed(self):
        out, err = self.pairs("-c", 3, "-", stdin=GOOD + b"x\n", status=2)
        self.assertRegex(err, r"^[^:\n]+:4: ")
        self.assertEqual(len(table(out)), 1)


class Refused(harness.Program):
    """Systems that are well-formed files, but have no list."""

    SINGULAR = b'1\nLattice="1 0 0 2 0 0 0 0 1" pbc="T T T"\nH 0 0 0\n'
    NO_CELL = b'1\npbc="T F F"\nH 0 0 0\n'

    def test_other_frames_go_on(self):
        path = self.write("s.xyz", GOOD + self.SINGULAR + GOOD)
        out, err = self.pairs("s.xyz", "-c", 2, "-o", "o.npz", status=2)
        self.assertRegex(err, r"^s\.xyz: frame 1: [^\n]*singular[^\n]*\n$")
        self.assertEqual([row["frame"] for row in table(out)], ["0", "2"])
        self.assertIn("total: 2 frames", out)
        names = set(harness.read_npz(self.path("o.npz")))
        self.assertEqual({name.split("/")[0] for name in names}, {"f0", "f2"})
        document = json.loads(self.pairs(path, "-c", 2, "--json", status=2)[0])
        self.assertEqual(["error" in frame for frame in document["frames"]], [False, True, False])
        self.assertFalse(document["complete"])

    def test_periodic_axis_without_cell(self):
        self.write("n.xyz", self.NO_CELL)
        _, err = self.pairs("n.xyz", "-c", 2, status=2)
        self.assertEqual(err, "n.xyz:2: frame 0: pbc makes an axis periodic, but there is no Lattice\n")
        document = json.loads(self.pairs("n.xyz", "-c", 2, "--json", status=2)[0])
        self.assertIn("no Lattice", document["frames"][0]["error"])
        self.assertRegex(self.run_program("verify", "n.xyz", "-c", 2, status=2)[1], r"^n\.xyz:2: .*no Lattice")
        self.pairs("n.xyz", "-c", 2, "--pbc", "FFF")
        _, err = self.pairs(self.file("water.xyz"), "-c", 2, "--pbc", "TTT", status=2)
        self.assertRegex(err, r"water\.xyz:2: frame 0: --pbc makes an axis periodic.*no Lattice \(--cell")

    def test_frame_numbers_are_those_of_the_file(self):
        self.write("a.xyz", GOOD + GOOD)
        self.write("b.xyz", GOOD + self.SINGULAR)
        _, err = self.pairs("a.xyz", "b.xyz", "-c", 2, status=2)
        self.assertRegex(err, r"^b\.xyz: frame 1: ")

    def test_position_out_of_range(self):
        self.write("far.xyz", b"1\n\nH 1e101 0 0\n")
        _, err = self.pairs("far.xyz", "-c", 2, status=2)
        self.assertRegex(err, r"^far\.xyz: frame 0: .*positions\[0\]\[0\]")


if __name__ == "__main__":
    harness.main()
