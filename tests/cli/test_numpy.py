# SPDX-License-Identifier: MIT
"""npz files in numpy itself. Exit status 77 where no Python at hand has it."""

import subprocess
import sys

import harness
from harness import python_with_numpy

CHECK = """
import sys, numpy as np
with np.load(sys.argv[1]) as one:
    assert set(one.files) == {"i", "j", "shift", "vector", "distance", "row_ptr"}, one.files
    assert [one[k].dtype.str for k in ("i", "j", "shift", "vector", "distance", "row_ptr")] == [
        "<i8", "<i8", "<i4", "<f8", "<f8", "<i8"]
    assert one["i"].shape == (368,) and one["shift"].shape == one["vector"].shape == (368, 3)
    assert np.array_equal(np.repeat(np.arange(8), np.diff(one["row_ptr"])), one["i"])
    d = one["vector"]
    assert np.array_equal(np.sqrt((d[:, 0]**2 + d[:, 1]**2) + d[:, 2]**2), one["distance"])
    table = np.genfromtxt(sys.argv[2], delimiter=",", names=True)
    assert table.dtype.names == ("frame", "i", "j", "sx", "sy", "sz", "dx", "dy", "dz", "d")
    for name, column in (("i", one["i"]), ("j", one["j"]), ("sy", one["shift"][:, 1]), ("dz", d[:, 2]),
                         ("d", one["distance"])):
        assert np.array_equal(table[name], column), name
with np.load(sys.argv[3]) as many:
    assert len(many.files) == 18
    assert [len(many[f"f{k}/distance"]) for k in range(3)] == [16, 0, 8]
    assert many["f1/shift"].shape == (0, 3) and many["f1/row_ptr"].tolist() == [0]
"""


class Numpy(harness.Program):
    def test_load(self):
        self.pairs(self.file("si8.xyz"), "-c", 6, "-o", "one.npz")
        self.pairs(self.file("si8.xyz"), "-c", 6, "-o", "one.csv")
        self.pairs(self.file("frames.xyz"), "-c", 3, "-o", "many.npz")
        done = subprocess.run([python_with_numpy(), "-c", CHECK, "one.npz", "one.csv", "many.npz"],
                              cwd=self.folder, capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))


if __name__ == "__main__":
    if python_with_numpy() is None:
        sys.exit(harness.SKIP)
    harness.main()
