# SPDX-License-Identifier: MIT
"""Output files, JSON, histograms, and what happens when they cannot be written."""

import json
import math
import os
import resource
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree

import harness
from harness import HEADER, read_npz


class Files(harness.Program):
    def test_csv_has_exactly_these_columns(self):
        self.pairs(self.file("frames.xyz"), self.file("si8.xyz"), "-c", 3, "-o", "o.csv")
        lines = self.read("o.csv").decode().split("\n")
        self.assertEqual(lines[0], "frame,i,j,sx,sy,sz,dx,dy,dz,d")
        rows = self.rows("o.csv")
        self.assertEqual([sum(row[0] == k for row in rows) for k in range(4)], [16, 0, 8, 32])
        self.assertIn("0,0,1,0,0,0,1.5,1.5,1.5,2.598076211353316", lines)
        self.assertEqual(os.listdir(self.folder), ["o.csv"])

    def test_csv_on_standard_output(self):
        self.pairs(self.file("si8.xyz"), "-c", 6, "-o", "o.csv")
        out, err = self.pairs(self.file("si8.xyz"), "-c", 6, "-o", "-")
        self.assertEqual((out.encode(), err), (self.read("o.csv"), ""))

    def test_npz_of_one_frame(self):
        self.pairs(self.file("si8.xyz"), "-c", 6, "--sorted", "-o", "o.npz")
        self.pairs(self.file("si8.xyz"), "-c", 6, "--sorted", "-o", "o.csv")
        arrays = read_npz(self.path("o.npz"))
        self.assertEqual({name: value[:2] for name, value in arrays.items()},
                         {"i": ("<i8", (368,)), "j": ("<i8", (368,)), "shift": ("<i4", (368, 3)),
                          "vector": ("<f8", (368, 3)), "distance": ("<f8", (368,)), "row_ptr": ("<i8", (9,))})
        self.assertEqual(arrays["row_ptr"][2], tuple(range(0, 369, 46)))
        i, j, s, d, r = (arrays[name][2] for name in ("i", "j", "shift", "vector", "distance"))
        self.assertEqual(self.rows("o.csv"),
                         [(0, i[k], j[k], *s[3 * k:3 * k + 3], *d[3 * k:3 * k + 3], r[k]) for k in range(368)])

    def test_npz_of_several_frames_and_files(self):
        names = ("i", "j", "shift", "vector", "distance", "row_ptr")
        want = {f"f{k}/{name}" for k in range(3) for name in names}
        self.pairs(self.file("frames.xyz"), "-c", 3, "-o", "o.npz")
        arrays = read_npz(self.path("o.npz"))
        self.assertEqual(set(arrays), want)
        self.assertEqual(arrays["f0/row_ptr"][2], (0, 8, 16))
        self.assertEqual(arrays["f1/row_ptr"][2], (0,))
        self.assertEqual(arrays["f1/vector"][:2], ("<f8", (0, 3)))
        self.assertEqual(sorted(arrays["f2/distance"][2]), [2.0] * 4 + [math.sqrt(8)] * 4)
        self.pairs(self.file("si8.xyz"), self.file("water.xyz"), "-c", 3, "-o", "p.npz")
        self.assertEqual({name[:3] for name in read_npz(self.path("p.npz"))}, {"f0/", "f1/"})

    def test_existing_files_are_refused(self):
        for option, name in (("-o", "o.csv"), ("-o", "o.npz"), ("--svg", "o.svg")):
            self.write(name, "precious")
            _, err = self.pairs(self.file("si8.xyz"), "-c", 6, option, name, status=1)
            self.assertRegex(err, rf"{name}.*exists.*--force")
            self.assertEqual(self.read(name), b"precious")
            self.pairs(self.file("si8.xyz"), "-c", 6, option, name, "--force")
            self.assertNotEqual(self.read(name), b"precious")
        self.assertEqual(sorted(os.listdir(self.folder)), ["o.csv", "o.npz", "o.svg"])

    def test_input_is_not_overwritten(self):
        self.write("in.csv", "1\n\nH 0 0 0\n")
        _, err = self.pairs("in.csv", "-c", 6, "-o", "in.csv", "--force", status=1)
        self.assertIn("in.csv: is an input file", err)
        self.assertEqual(self.read("in.csv"), b"1\n\nH 0 0 0\n")
        shell = f"exec '{self.program}' pairs - -c 6 -o in.csv --force <in.csv"
        done = subprocess.run(["sh", "-c", shell], cwd=self.folder, capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"in.csv: is an input file", done.stderr)

    def test_names_that_end_in_part_are_no_business_of_ours(self):
        with open(self.file("si8.xyz"), "rb") as stream:
            content = stream.read()
        for option, name in (("-o", "x.csv"), ("-o", "x.npz"), ("--svg", "x.svg")):
            self.write(name + ".part", content)
            self.pairs("-c", 5, name + ".part", option, name)
            self.assertEqual(self.read(name + ".part"), content)
            self.assertGreater(len(self.read(name)), 200)
        self.assertEqual(len(os.listdir(self.folder)), 6)

    def test_links_are_followed(self):
        for option, name in (("-o", "o.csv"), ("-o", "o.npz"), ("--svg", "o.svg")):
            self.write("target_" + name, "old")
            os.symlink("target_" + name, self.path(name))
            self.pairs(self.file("si8.xyz"), "-c", 6, option, name, status=1)
            self.pairs(self.file("si8.xyz"), "-c", 6, option, name, "--force")
            self.assertTrue(os.path.islink(self.path(name)))
            self.assertGreater(len(self.read("target_" + name)), 200)

    def test_permissions_are_those_of_new_files(self):
        for option, name in (("-o", "o.csv"), ("-o", "o.npz"), ("--svg", "o.svg")):
            shell = f"umask 026; exec '{self.program}' pairs '{self.file('si8.xyz')}' -c 6 -q {option} {name}"
            subprocess.run(["sh", "-c", shell], cwd=self.folder, check=True)
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o640)

    def test_nothing_replaces_an_older_result(self):
        self.write("empty.xyz", "")
        self.write("singular.xyz", '1\nLattice="1 0 0 2 0 0 0 0 1"\nH 0 0 0\n')
        for option, name in (("-o", "o.csv"), ("-o", "o.npz"), ("--svg", "o.svg")):
            for source in ("nope.xyz", "empty.xyz", "singular.xyz"):
                self.write(name, "precious")
                self.pairs(source, "-c", 5, option, name, "--force", status=2)
                self.assertEqual(self.read(name), b"precious")
                os.unlink(self.path(name))
                self.pairs(source, "-c", 5, option, name, status=2)
                self.assertEqual(sorted(os.listdir(self.folder)), ["empty.xyz", "singular.xyz"])

    def test_two_outputs_in_one_file(self):
        for a, b in (("./q.csv", "q.csv"), ("q.csv", "away/../q.csv"), ("linked/q.csv", "away/q.csv")):
            os.makedirs(self.path("away"), exist_ok=True)
            if not os.path.islink(self.path("linked")):
                os.symlink("away", self.path("linked"))
            out, err = self.pairs(self.file("si8.xyz"), "-c", 6, "-o", a, "--svg", b, status=2)
            self.assertEqual((out, "name the same file" in err), ("", True))
            self.assertEqual(sorted(os.listdir(self.folder)), ["away", "linked"])
        self.write("old.csv", "old")
        os.symlink("old.csv", self.path("link.svg"))
        self.pairs(self.file("si8.xyz"), "-c", 6, "-o", "old.csv", "--svg", "link.svg", "--force", status=2)
        self.assertEqual(self.read("old.csv"), b"old")

    def test_folder_that_is_missing(self):
        for name in ("no/o.csv", "no/o.npz"):
            _, err = self.pairs(self.file("si8.xyz"), "-c", 6, "-o", name, status=1)
            self.assertRegex(err, r"no/o.*No such file")
        _, err = self.pairs(self.file("si8.xyz"), "-c", 6, "--svg", "no/o.svg", status=1)
        self.assertRegex(err, r"no/o\.svg.*No such file")


class Unwritable(harness.Program):
    """Modes do not bind root: places where nobody can write, and with modes where we are somebody else."""

    OUTPUTS = (("-o", "o.csv"), ("-o", "o.npz"), ("--svg", "o.svg"))

    def refused(self, *arguments, says):
        _, err = self.pairs(self.file("si8.xyz"), "-c", 6, *arguments, status=1)
        self.assertRegex(err, rf"\Anblist: [^\n]*{arguments[1]}: [^\n]*{says}[^\n]*\n\Z")

    def test_folder_in_the_way(self):
        for option, name in self.OUTPUTS:
            os.mkdir(self.path(name))
            self.refused(option, name, says="directory")
            self.refused(option, name, "--force", says="directory")
            self.assertEqual(os.listdir(self.path(name)), [])
        self.assertEqual(len(os.listdir(self.folder)), 3)

    def test_file_where_a_folder_should_be(self):
        self.write("file", "precious")
        for option, name in self.OUTPUTS:
            self.refused(option, "file/" + name, says="Not a directory")
        self.assertEqual((os.listdir(self.folder), self.read("file")), (["file"], b"precious"))

    @unittest.skipUnless(os.path.isdir("/proc/self"), "no /proc")
    def test_file_system_that_takes_no_files(self):
        for option, name in self.OUTPUTS:
            self.refused(option, "/proc/self/" + name, says="(No such file|Permission denied|Read-only)")

    @unittest.skipIf(os.geteuid() == 0, "modes do not bind root")
    def test_folder_without_permission(self):
        os.mkdir(self.path("locked"), 0o555)
        self.addCleanup(os.chmod, self.path("locked"), 0o755)
        for option, name in self.OUTPUTS:
            self.refused(option, "locked/" + name, says="Permission denied")

    def test_read_only_file_is_replaced_on_request_alone(self):
        for option, name in self.OUTPUTS:
            self.write(name, "precious")
            os.chmod(self.path(name), 0o444)
            self.refused(option, name, says="exists")
            self.assertEqual(self.read(name), b"precious")
            self.pairs(self.file("si8.xyz"), "-c", 6, option, name, "--force")
            self.assertNotEqual(self.read(name), b"precious")
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o444)

    def test_name_that_is_taken_meanwhile(self):
        for option, name in self.OUTPUTS:
            for force, says in ([], b"exists"), (["--force"], b"directory"):
                child = subprocess.Popen([self.program, "pairs", "-", "-c", "2", option, name, *force],
                                         cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.PIPE, env=dict(os.environ, LC_ALL="C"))
                deadline = time.monotonic() + 60
                while not os.listdir(self.folder) and child.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.01)
                os.mkdir(self.path(name))
                _, err = child.communicate(b"1\n\nH 0 0 0\n", timeout=60)
                self.assertEqual((child.returncode, err.count(b"\n")), (1, 1))
                self.assertIn(says, err)
                self.assertEqual(os.listdir(self.folder), [name])
                os.rmdir(self.path(name))


class Json(harness.Program):
    def test_document(self):
        out, err = self.pairs(self.file("si8.xyz"), self.file("frames.xyz"), "-c", 3, "--json", "--histogram")
        document = json.loads(out)
        self.assertEqual(err, "")
        first = document["frames"][0]
        self.assertEqual([first[key] for key in ("frame", "frame_in_file", "atoms", "pairs")], [0, 0, 8, 32])
        self.assertEqual((first["pbc"], first["neighbours"]), ([True] * 3, {"mean": 4, "min": 4, "max": 4}))
        self.assertEqual(first["shortest"], math.sqrt((1.3575 * 1.3575 + 1.3575 * 1.3575) + 1.3575 * 1.3575))
        self.assertNotIn("seconds", out)
        empty = document["frames"][2]
        self.assertEqual((empty["atoms"], empty["neighbours"]["mean"], empty["shortest"]), (0, None, None))
        self.assertEqual(document["frames"][3]["pbc"], [True, False, True])
        self.assertEqual((document["total"]["frames"], document["total"]["pairs"]), (4, 56))
        self.assertTrue(document["complete"])
        # 56 pairs in both directions; the last frame has an open axis, so that they are counted, once each
        radial = document["histogram"]["radial"]
        self.assertEqual((radial["quantity"], sum(radial["values"])), ("pairs", 28))
        self.assertEqual(document["histogram"]["coordination"],
                         [{"neighbours": 4, "atoms": 8}, {"neighbours": 8, "atoms": 3}])

    def test_times_on_request(self):
        document = json.loads(self.pairs(self.file("si8.xyz"), "-c", 3, "--json", "--timing")[0])
        self.assertGreater(document["frames"][0]["seconds"], 0)
        self.assertGreater(document["total"]["seconds"], 0)

    def test_names_of_files_are_escaped(self):
        name = 'a "b"\\\n\xe9.xyz'.encode("latin1")
        with open(os.path.join(os.fsencode(self.folder), name), "wb") as stream:
            stream.write(b"1\n\nH 0 0 0\n")
        out = subprocess.run([self.program, "pairs", "-c", "2", "--json", name], cwd=self.folder,
                             capture_output=True, check=True).stdout
        self.assertEqual(json.loads(out.decode("utf-8"))["frames"][0]["file"], 'a "b"\\\n\ufffd.xyz')


class Histogram(harness.Program):
    def radial(self, *arguments):
        return json.loads(self.pairs(*arguments, "--json", "--histogram")[0])["histogram"]["radial"]

    def test_density_normalisation(self):
        """The integral of 4 pi r^2 rho g(r) is the mean number of neighbours: 46 within 6."""
        radial = self.radial(self.file("si8.xyz"), "-c", 6)
        width = radial["bin_width"]
        total = sum(g * 4 / 3 * math.pi * (((k + 1) * width) ** 3 - (k * width) ** 3) * 8 / 5.43 ** 3
                    for k, g in enumerate(radial["values"]))
        self.assertEqual(radial["quantity"], "g")
        self.assertAlmostEqual(total, 46, places=9)
        self.assertEqual(radial["values"], self.radial(self.file("si8.xyz"), "-c", 6, "--half")["values"])
        self.assertEqual(radial["values"], self.radial(self.file("si8.xyz"), "-c", 6, "--self")["values"])

    def test_terminal(self):
        for columns in (40, 80, 133):
            out, _ = self.pairs(self.file("si8.xyz"), "-c", 6, "-q", "--histogram",
                                env={"COLUMNS": str(columns)})
            lines = out.split("\n")
            self.assertIn("Radial distribution function g(r) by distance, normalised by the density", lines)
            self.assertIn("Atoms by number of neighbours", lines)
            self.assertTrue(any("46 |####" in line and line.endswith(" 8 (100.0 %)") for line in lines))
            self.assertTrue(out.isascii())
            drawn = [line for line in lines if "|" in line]
            self.assertLessEqual(max(map(len, drawn)), columns)
            self.assertGreater(max(map(len, drawn)), columns - 12)

    def test_blocks_in_utf8(self):
        out, _ = self.pairs(self.file("si8.xyz"), "-c", 6, "-q", "--histogram",
                            env={"LC_ALL": "C.UTF-8", "COLUMNS": "60"})
        self.assertIn("\u2588\u2588\u2588", out)
        self.assertNotIn("#", out)

    def test_open_axes_are_said(self):
        out, _ = self.pairs(self.file("slab.xyz"), "-c", 4, "--histogram")
        self.assertIn("Pairs by distance (an axis is open: not normalised)", out)

    def test_nothing_to_draw(self):
        self.write("none.xyz", "0\n\n")
        out, _ = self.pairs("none.xyz", "-c", 4, "--histogram", "--svg", "none.svg")
        self.assertIn("no pairs", out)
        self.assertIn("no atoms", out)
        xml.etree.ElementTree.fromstring(self.read("none.svg"))

    def test_svg(self):
        name = "a<b>&c.xyz"
        with open(self.file("si8.xyz"), "rb") as stream:
            self.write(name, stream.read())
        self.pairs(name, "-c", 6, "-q", "--svg", "o.svg")
        content = self.read("o.svg")
        root = xml.etree.ElementTree.fromstring(content)
        texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertEqual(texts[0], name)
        self.assertIn("cutoff 6, 1 frame, 8 atoms, 368 pairs", texts)
        self.assertTrue({"g(r)", "distance r", "atoms", "neighbours per atom", "46"} <= set(texts))
        self.assertNotIn(b"href", content)
        self.assertEqual(len(root.findall(".//{http://www.w3.org/2000/svg}rect[@class='bar']")), 1)


    def test_svg_on_standard_output(self):
        out, err = self.pairs(self.file("si8.xyz"), "-c", 6, "--svg", "-")
        self.assertEqual((err, os.listdir(self.folder)), ("", []))
        self.pairs(self.file("si8.xyz"), "-c", 6, "--svg", "o.svg", "-o", "o.csv")
        self.assertEqual(out.encode(), self.read("o.svg"))


@unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
class DiskFull(harness.Program):
    def test_output_files(self):
        for option, name in (("-o", "o.csv"), ("-o", "o.npz"), ("--svg", "o.svg")):
            os.symlink("/dev/full", self.path(name))
            _, err = self.pairs(self.file("si8.xyz"), "-c", 14, option, name, "--force", status=1)
            self.assertRegex(err, rf"{name}.*No space left")
        self.assertEqual(sorted(os.listdir(self.folder)), ["o.csv", "o.npz", "o.svg"])

    def test_standard_output(self):
        lists = [self.file("si8.xyz"), "-c", "6"]
        for arguments in (["pairs", *lists], ["pairs", *lists, "-o-"], ["pairs", *lists, "--svg=-"],
                          ["pairs", *lists, "--json"], ["verify", *lists], ["pairs", "--help"],
                          ["--version"], ["help"], ["info"]):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                done = subprocess.run([self.program, *arguments], cwd=self.folder, stdout=full,
                                      stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr.decode(), r"No space left")
                self.assertEqual(done.stderr.count(b"\n"), 1)


class FileSizeLimit(harness.Program):
    def test_output_files(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        for option, name in (("-o", "o.csv"), ("-o", "o.npz")):
            done = subprocess.run([self.program, "pairs", self.file("si8.xyz"), "-c", "14", option, name],
                                  cwd=self.folder, preexec_fn=limit, capture_output=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr.decode(), rf"{name}.*File too large")
        self.assertEqual(os.listdir(self.folder), [])


class Interrupted(harness.Program):
    def test_closed_standard_output(self):
        shell = f"exec '{self.program}' pairs '{self.file('si8.xyz')}' -c 6 -o o.csv >&-"
        done = subprocess.run(["sh", "-c", shell], cwd=self.folder, capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)
        self.assertTrue(self.read("o.csv").startswith(HEADER.encode()))

    def test_closed_pipe(self):
        self.write("many.xyz", "1\n\nH 0 0 0\n" * 20000)
        for kind in ([], ["--json"], ["-o", "-"]):
            child = subprocess.Popen([self.program, "pairs", "many.xyz", "-c", "2", "--self", *kind],
                                     cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            child.stdout.readline()
            child.stdout.close()
            message = child.stderr.read()
            child.stderr.close()
            self.assertEqual(child.wait(60), 1)
            self.assertIn(b"Broken pipe", message)

    def test_signals_remove_partial_files(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup and background jobs ignore signals, and so would the child.
            self.addCleanup(signal.signal, number, signal.signal(number, signal.SIG_DFL))
            for option, name in (("-o", "o.csv"), ("-o", "o.npz"), ("--svg", "o.svg")):
                child = subprocess.Popen([self.program, "pairs", "-", "-c", "2", option, name], cwd=self.folder,
                                         stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
                deadline = time.monotonic() + 60
                while not os.listdir(self.folder) and child.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.assertRegex(" ".join(os.listdir(self.folder)), rf"^{name}\.[a-z0-9]{{6}}\.part$")
                child.send_signal(number)
                self.assertEqual(child.wait(60), 128 + number)
                child.stdin.close()
                self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    harness.main()
