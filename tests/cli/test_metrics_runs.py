# SPDX-License-Identifier: MIT
"""nblist metrics: what it refuses, how frames are divided, outputs that fail, and usage errors."""

import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
import unittest

import harness
from test_metrics import CHAIN, FAR, HEAD, NO_CELL, RING, SINGULAR, UNKNOWN, Metrics, read_xyz


class Refused(Metrics):
    def test_frames_that_cannot_be_measured(self):
        self.write("a.xyz", RING + SINGULAR + UNKNOWN + CHAIN + NO_CELL)
        for flags in ([], ["--batch", 1], ["--batch", 3]):
            out, err = self.metrics("a.xyz", "--json", *flags, "-o", "o.xyz", "--force", status=2)
            frames = json.loads(out)
            self.assertEqual(
                ["error" in frame for frame in frames], [False, True, True, False, True]
            )
            self.assertEqual(list(frames[1]), HEAD[:-1] + ["error"])
            self.assertEqual(
                [line.split(": ")[1] for line in err.split("\n")[:-1]],
                ["frame 1", "frame 2", "frame 4"],
            )
            self.assertRegex(err, r"a\.xyz: frame 2: .*numbers\[1\]")
            self.assertRegex(
                err, r"a\.xyz:\d+: frame 4: pbc makes an axis periodic, but there is no Lattice\n$"
            )
            self.assertEqual(len(read_xyz(self.read("o.xyz").decode())), 2)

    def test_unknown_elements_matter_only_where_needed(self):
        self.write("a.xyz", UNKNOWN)
        (frame,) = self.values("a.xyz", "-c", 2, "--metric", "Q6,graph_lcc,H_atom")
        self.assertEqual(frame["graph_lcc"], 1)
        self.assert_close(frame["H_atom"], math.log(2))
        self.metrics("a.xyz", "-c", 2, "--metric", "moran_I_chi", status=2)

    def test_malformed_file(self):
        self.write("a.xyz", RING + "3\n\nH 0 0 0\nH 0 0 x\n")
        self.write("b.xyz", FAR)
        out, err = self.metrics("a.xyz", "b.xyz", "--json", status=2)
        self.assertEqual([frame["frame"] for frame in json.loads(out)], [0, 1])
        self.assertRegex(err, r"^a\.xyz:12: ")
        self.write("empty.xyz", "")
        out, err = self.metrics("empty.xyz", "--json", status=2)
        self.assertEqual(json.loads(out), [])
        self.write("nan.xyz", "1\n\nH 0 nan 0\n")
        self.metrics("nan.xyz", status=2)

    def test_huge_extents(self):
        self.write("far.xyz", "3\n\nC 0 0 0\nC 1e12 0 0\nC -1e12 1e12 1e12\n")
        (frame,) = self.values("far.xyz", "-c", 1)
        self.assert_close(frame["graph_lcc"], 1 / 3)


class Divided(Metrics):
    def test_same_bytes(self):
        generator = random.Random(9)
        frames = harness.random_frames(generator, 60)
        frames = [
            re.sub(r"(?m)^X", lambda _: generator.choice(["C", "O", "Si"]), frame)
            for frame in frames
        ]
        frames[20:20], frames[44:44] = [SINGULAR], [UNKNOWN, NO_CELL]
        self.write("a.xyz", "".join(frames[:30]))
        self.write("b.xyz", "".join(frames[30:]))
        want = None
        for flags in (
            ["--batch", 1, "-t", 1],
            ["--batch", 7],
            ["--batch", 1000, "-t", 3],
            ["-t", 2],
            [],
        ):
            common = ["a.xyz", "b.xyz", "--filter", "graph_lcc:0.2:-", *flags]
            out, err = self.metrics(
                *common,
                "--per-atom",
                "--json",
                "-o",
                "o.xyz",
                "--plot",
                "o.svg",
                "--force",
                status=2,
            )
            got = [
                out,
                err,
                self.metrics(*common, "--csv", status=2)[0],
                self.read("o.xyz"),
                self.read("o.svg"),
                self.metrics(*common, status=2)[0].split("total:")[0],
            ]
            want = want or got
            self.assertEqual(got, want)
        self.assertEqual(want[1].count("\n"), 3)
        self.assertGreater(len(want[3]), 10000)

    def test_memory_is_bounded(self):
        script = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        os.symlink("/dev/null", self.path("null.xyz"))
        # The address sanitizer keeps what was freed for a while, 256 MiB of it if it is let.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        environment = dict(os.environ, ASAN_OPTIONS=options)
        peaks = []
        for name, n in (("few.xyz", 10000), ("many.xyz", 100000)):
            self.write(name, "3\nenergy=1\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n" * n)
            done = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    script,
                    self.program,
                    "metrics",
                    name,
                    "-q",
                    "--per-atom",
                    "-o",
                    "null.xyz",
                    "--force",
                    "--plot",
                    "o.svg",
                ],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                check=True,
            )
            peaks.append(int(done.stdout))
        self.assertLess(peaks[1], peaks[0] + 16 * 1024)
        self.assertIn(b"100000 frames, 300000 atoms", self.read("o.svg"))


class Written(Metrics):
    """Outputs that fail, and programs that are ended, in the middle."""

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_disk_full(self):
        self.write("many.xyz", RING * 2000)
        for option, name in (("-o", "o.xyz"), ("--plot", "o.svg")):
            os.symlink("/dev/full", self.path(name))
            _, err = self.metrics("many.xyz", option, name, "--force", status=1)
            self.assertRegex(err, rf"{name}.*No space left")
        for flags in ([], ["--csv"], ["--json"], ["-o", "-"], ["--plot", "-"], ["--help"]):
            with self.subTest(flags), open("/dev/full", "wb") as full:
                done = subprocess.run(
                    [self.program, "metrics", "many.xyz", *flags],
                    cwd=self.folder,
                    stdout=full,
                    stderr=subprocess.PIPE,
                    check=False,
                )
                self.assertEqual((done.returncode, done.stderr.count(b"\n")), (1, 1))
                self.assertRegex(done.stderr.decode(), r"No space left")

    def test_closed_pipe(self):
        self.write("many.xyz", RING * 4000)
        for flags in (["--csv"], ["--json"], ["-o", "-"]):
            child = subprocess.Popen(
                [self.program, "metrics", "many.xyz", *flags],
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            child.stdout.readline()
            child.stdout.close()
            message = child.stderr.read()
            child.stderr.close()
            self.assertEqual(child.wait(60), 1)
            self.assertIn(b"Broken pipe", message)

    def test_signals_remove_partial_files(self):
        # nohup and background jobs ignore signals, and so would the child.
        self.addCleanup(
            signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, signal.SIG_DFL)
        )
        child = subprocess.Popen(
            [self.program, "metrics", "-", "-o", "o.xyz", "--plot", "o.svg"],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while len(os.listdir(self.folder)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual({name[:6] for name in os.listdir(self.folder)}, {"o.xyz.", "o.svg."})
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(60), 128 + signal.SIGTERM)
        child.stdin.close()
        self.assertEqual(os.listdir(self.folder), [])


ERRORS = [
    (["metrics"], r"no file is given"),
    (["metrics", "x.xyz", "-c", "0"], r"--cutoff: '0' is not a positive number"),
    (["metrics", "x.xyz", "-c", "nan"], r"--cutoff: 'nan' is not a number"),
    (["metrics", "x.xyz", "-c", "3,4"], r"--cutoff: metrics have one cutoff"),
    (["metrics", "x.xyz", "--cov-scale", "-1"], r"--cov-scale: '-1' is not a positive number"),
    (["metrics", "x.xyz", "--cov-scale", "0"], r"--cov-scale: '0' is not a positive number"),
    (["metrics", "x.xyz", "--cov-scale", "inf"], r"--cov-scale: 'inf' is not a number"),
    (["metrics", "x.xyz", "--n-bins", "0"], r"--n-bins: '0' is too small"),
    (["metrics", "x.xyz", "--n-bins", "1.5"], r"--n-bins: '1.5' is not an integer"),
    (["metrics", "x.xyz", "--n-bins", "65537"], r"--n-bins: '65537' is too large"),
    (["metrics", "x.xyz", "--w-atom", "nan"], r"--w-atom: 'nan' is not a number"),
    (["metrics", "x.xyz", "--w-spatial", ""], r"--w-spatial: '' is empty"),
    (["metrics", "x.xyz", "--metric", "q6"], r"--metric: 'q6' is not the name of a metric"),
    (["metrics", "x.xyz", "--metric", "Q6,"], r"--metric: '' is not the name of a metric"),
    (["metrics", "x.xyz", "--metric", ""], r"--metric: '' is not the name of a metric"),
    (["metrics", "x.xyz", "--metric", "Q6,Q" * 50], r"--metric: 'QQ6' is not the name"),
    (["metrics", "x.xyz", "--filter", "Q6"], r"--filter: 'Q6' is not NAME:MIN:MAX"),
    (["metrics", "x.xyz", "--filter", "Q6:1"], r"--filter: 'Q6:1' is not NAME:MIN:MAX"),
    (["metrics", "x.xyz", "--filter", "Q6:1:2:3"], r"--filter: 'Q6:1:2:3' is not NAME:MIN:MAX"),
    (["metrics", "x.xyz", "--filter", "Q9:0:1"], r"--filter: 'Q9' is not the name of a metric"),
    (["metrics", "x.xyz", "--filter", "Q6:a:1"], r"--filter: 'a' is not a number"),
    (["metrics", "x.xyz", "--filter", "Q6::1"], r"--filter: '' is empty"),
    (["metrics", "x.xyz", "--filter", "Q6:0:"], r"--filter: '' is empty"),
    (["metrics", "x.xyz", "--filter", "Q6:nan:1"], r"--filter: 'nan' is not a number"),
    (["metrics", "x.xyz", "--filter", "Q6:1:0.5"], r"--filter: 'Q6:1:0.5' begins above its end"),
    (["metrics", "x.xyz"] + ["--filter", "Q6:0:1"] * 65, r"--filter: more than 64 filters"),
    (
        ["metrics", "x.xyz", "--json", "--csv"],
        r"--json leaves no room on standard output for --csv",
    ),
    (
        ["metrics", "x.xyz", "-o", "-", "--csv"],
        r"--output - leaves no room on standard output for --csv",
    ),
    (
        ["metrics", "x.xyz", "--plot", "-", "--json"],
        r"--plot - leaves no room on standard output for --json",
    ),
    (
        ["metrics", "x.xyz", "--plot", "-", "-o", "-"],
        r"--output - leaves no room on standard output for --plot -",
    ),
    (["metrics", "x.xyz", "--plot", ""], r"--plot: '' is not the name of a file"),
    (
        ["metrics", "x.xyz", "--plot", "a.xyz", "-o", "a.xyz"],
        r"--output and --plot name the same file",
    ),
    (["metrics", "x.xyz", "--per-atom"], r"--per-atom belongs to --output or --json"),
    (["metrics", "x.xyz", "--per-atom", "--csv"], r"--per-atom belongs to --output or --json"),
    (["metrics", "x.xyz", "-o", "o.csv"], r"--output: 'o.csv' does not end in .xyz"),
    (["metrics", "x.xyz", "-o", ".xyz"], r"--output: '.xyz' does not end"),
    (["metrics", "x.xyz", "--half"], r"'--half'"),
    (["metrics", "x.xyz", "--svg", "a.svg"], r"'--svg'"),
    (["metrics", "x.xyz", "--metric"], r"option '--metric' needs a value"),
    (["metrics", "x.xyz", "--cutoff"], r"option '--cutoff' needs a value"),
    (["metrics", "x.xyz", "--csv=1"], r"option '--csv' takes no value"),
    (["pairs", "x.xyz", "-c", "5", "--csv"], r"'--csv'"),
    (["verify", "x.xyz", "-c", "5", "--filter", "Q6:0:1"], r"'--filter'"),
]


class Usage(Metrics):
    def test_errors(self):
        self.write("x.xyz", "1\n\nH 0 0 0\n")
        for arguments, says in ERRORS:
            with self.subTest(arguments):
                out, err = self.run_program(*arguments, status=2)
                self.assertEqual(out, "")
                self.assertRegex(err, r"^nblist[^\n]*: [^\n]*" + says)
                self.assertRegex(err, r"\nTry 'nblist[a-z ]* --help'\.\n$")
        self.assertEqual(os.listdir(self.folder), ["x.xyz"])

    def test_help(self):
        self.assertIn("\n  metrics ", self.run_program("help")[0])
        text = self.metrics("--help")[0]
        self.assertEqual(self.run_program("help", "metrics")[0], text)
        self.assertTrue(text.startswith("Usage: nblist metrics"))
        self.assertLessEqual(max(map(len, text.split("\n"))), 100)


if __name__ == "__main__":
    harness.main()
