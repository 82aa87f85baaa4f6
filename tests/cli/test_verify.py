# SPDX-License-Identifier: MIT
"""nblist verify. A library without faults never differs, so that answer comes from a module that is loaded in
front of it (third argument), where the dynamic linker can do that."""

import os
import subprocess
import sys

import harness

MODULE = None


class Verify(harness.Program):
    def verify(self, *arguments, **options):
        return self.run_program("verify", *arguments, **options)

    def test_equal(self):
        out, err = self.verify(self.file("si8.xyz"), "--cutoff", 6)
        self.assertRegex(out, r"si8\.xyz: frame 0: equal, 368 pairs; 0 distances within 4 ulp of the cutoff\n$")
        self.assertEqual(err, "")

    def test_options_of_lists(self):
        files = [self.file(name) for name in ("frames.xyz", "slab.xyz", "wire.xyz")]
        for flags in (["--half"], ["--self"], ["--sorted"], ["--inclusive"], ["--algorithm", "cells"],
                      ["--algorithm", "brute", "--half", "--self", "--sorted", "--inclusive"],
                      ["--threads", "2"]):
            out, _ = self.verify(*files, "-c", 3, *flags)
            self.assertEqual(out.count(": equal, "), 5)
        out, _ = self.verify(self.file("fcc1.xyz"), "-c", 3, "--cell", "2 2 2", "--pbc", "TFF")
        self.assertIn("equal, 2 pairs", out)

    def test_close_distances_are_counted(self):
        out, _ = self.verify(self.file("frames.xyz"), "-c", 3, "--inclusive")
        self.assertIn("frame 0: equal, 28 pairs; 12 distances within 4 ulp", out)

    def test_close_distances_outside_the_list(self):
        """Simple cubic with the cutoff on the first shell: no pair is listed, six are next to it."""
        self.write("sc.xyz", '1\nLattice="4 0 0 0 4 0 0 0 4"\nPo 0 0 0\n')
        out, _ = self.verify("sc.xyz", "-c", 4)
        self.assertEqual(out, "sc.xyz: frame 0: equal, 0 pairs; 6 distances within 4 ulp of the cutoff\n")
        out, _ = self.verify("sc.xyz", "-c", 4, "--inclusive", "--half")
        self.assertEqual(out, "sc.xyz: frame 0: equal, 3 pairs; 3 distances within 4 ulp of the cutoff\n")

    def test_limit_of_pairs(self):
        _, err = self.verify(self.file("si8.xyz"), "-c", 6, "--max-pairs", 367, status=2)
        self.assertRegex(err, r"si8\.xyz: frame 0: .*367")
        self.assertIn("equal, 368 pairs", self.verify(self.file("si8.xyz"), "-c", 6, "--max-pairs", 368)[0])

    def test_quiet(self):
        self.assertEqual(self.verify(self.file("frames.xyz"), "-c", 3, "-q"), ("", ""))

    def test_malformed_and_refused(self):
        self.write("bad.xyz", '1\nLattice="1 0 0 1 0 0 0 0 1"\nH 0 0 0\n1\n\nH 0 0 0\n1\n\nH 0 0 x\n')
        out, err = self.verify("bad.xyz", "-c", 3, status=2)
        self.assertRegex(err, r"^bad\.xyz: frame 0: [^\n]+\nbad\.xyz:9: [^\n]*x")
        self.assertRegex(out, r"^bad\.xyz: frame 1: equal, 0 pairs")

    def test_different(self):
        environment = {"LD_PRELOAD": MODULE or "", "ASAN_OPTIONS": "verify_asan_link_order=0"}
        probe = subprocess.run([self.program, "verify", self.file("si8.xyz"), "-c", "6"], capture_output=True,
                               env=dict(os.environ, **environment), check=False)
        if MODULE is None or b"equal" in probe.stdout:
            self.skipTest("the library cannot be preloaded")
        for flags in ([], ["--quiet"]):
            out, err = self.verify(self.file("frames.xyz"), "-c", 3, *flags, status=1, env=environment)
            self.assertEqual([line.split("frames.xyz: ")[1] for line in out.split("\n")[:-1]],
                             [f"frame {k}: different: pair (3, 5, [0, 0, 1]) is missing" for k in range(3)])
            self.assertEqual(err, "")
        self.write("bad.xyz", "1\n\nH 0 0 0\nx\n")
        self.verify("bad.xyz", "-c", 3, status=1, env=environment)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        MODULE = os.path.abspath(sys.argv.pop(3))
    harness.main()
