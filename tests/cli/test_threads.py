# SPDX-License-Identifier: MIT
"""--threads changes no byte of any output."""

import os
import random

import harness


class Threads(harness.Program):
    def outputs(self, threads, *flags):
        folder = f"t{threads}{len(flags)}"
        os.mkdir(self.path(folder))
        common = ["big.xyz", self.file("slab.xyz"), "-c", "3.5", "--threads", str(threads), *flags]
        out = self.pairs(*common, "--json", "--histogram", "-o", f"{folder}/o.csv",
                         "--svg", f"{folder}/o.svg")[0]
        chart = self.pairs(*common, "--quiet", "--histogram", "-o", f"{folder}/o.npz")[0]
        table = self.pairs(*common)[0].split("\n")
        lines = [line.replace(" ms", "").split() for line in table if not line.startswith("total")]
        without_times = [line[:8] + line[9:] for line in lines]
        files = [self.read(f"{folder}/o.{kind}") for kind in ("csv", "npz", "svg")]
        return out, chart, without_times, files

    def test_bytes(self):
        random.seed(20)
        lines = ["3000", 'Lattice="30 0 0 5 30 0 0 -4 30" Properties=species:S:1:pos:R:3 pbc="T T F"']
        lines += ["Ar " + " ".join(f"{random.uniform(-40, 40):.6f}" for _ in range(3)) for _ in range(3000)]
        self.write("big.xyz", "\n".join(lines) + "\n")
        for flags in ([], ["--half", "--self"], ["--sorted", "--inclusive", "--algorithm", "cells"]):
            one = self.outputs(1, *flags)
            self.assertGreater(len(one[3][0]), 100000)
            for threads in (0, 2, 5):
                self.assertEqual(one, self.outputs(threads, *flags))


if __name__ == "__main__":
    harness.main()
