# SPDX-License-Identifier: MIT
"""What the tests of the Python package share: made-up systems, and a reference of all pairs by the
formula."""
import os
import random
import sys
import unittest

import numpy as np

SCALE = float(os.environ.get("NBL_TEST_SCALE", "1"))
MASKS = [(a, b, c) for a in (False, True) for b in (False, True) for c in (False, True)]
WATER = np.array([[0.0, 0.0, 0.0], [0.96, 0.0, 0.0], [-0.24, 0.93, 0.0]])


def scaled(count, least=1):
    return max(least, int(count * SCALE))


def skip(why):
    """Exit status 77: skipped, for Meson."""
    print(why)
    sys.exit(77)


def main():
    """Runs the tests of the calling file; Meson reads the exit status."""
    unittest.main(argv=[sys.argv[0]] + sys.argv[1:], verbosity=1)


def random_system(seed):
    """Positions, cell and flags: skewed cells, of either hand, and atoms outside of them."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 13))
    while True:
        cell = rng.normal(size=(3, 3)) * rng.uniform(2, 6)
        lengths = np.linalg.norm(cell, axis=1)
        if abs(np.linalg.det(cell)) > 0.1 * lengths.prod():
            break
    positions = rng.uniform(-1.5, 2.5, size=(n, 3)) @ cell
    return positions, cell, MASKS[seed % 8]


def reference(positions, cell, pbc, cutoff, images):
    """Sorted rows (i, j, s) of all pairs, with as many images as the caller says are enough."""
    ranges = [range(-images, images + 1) if flag else (0,) for flag in pbc]
    rows = []
    n = len(positions)
    for s in [(a, b, c) for a in ranges[0] for b in ranges[1] for c in ranges[2]]:
        t = np.zeros(3)
        for axis in range(3):
            if pbc[axis]:
                t = t + s[axis] * cell[axis]
        d = positions[None, :, :] - positions[:, None, :] + t
        length = np.sqrt((d[..., 0] ** 2 + d[..., 1] ** 2) + d[..., 2] ** 2)
        for i, j in zip(*np.nonzero(length < cutoff)):
            if i != j or any(s):
                rows.append((int(i), int(j)) + s)
    return sorted(rows)


def rows_of(result):
    """Sorted rows (i, j, s) of a result."""
    return sorted(zip(result.i.tolist(), result.j.tolist(), *result.shift.T.tolist()))


random.seed(1)
