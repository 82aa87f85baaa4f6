# SPDX-License-Identifier: MIT
"""What a call from Python costs: one molecule, 128 molecules one by one and in a batch, and ASE.

Prints the figures. What it insists on is far below them, so that a busy machine does not matter;
that the calls give the same pairs is part of the test.
"""
import time
import unittest

import numpy as np

import nblist
import support
from support import WATER

N_MOLECULES, CUTOFF = 128, 5.0


def shortest(function, rounds, repeat=1):
    """The result, and the shortest and median time of a call in microseconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(repeat):
            result = function()
        times.append((time.perf_counter() - began) / repeat * 1e6)
    return result, min(times), sorted(times)[rounds // 2]


class Overhead(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(5)
        self.positions = np.tile(WATER, (N_MOLECULES, 1)) + np.repeat(
            rng.uniform(0, 30, (N_MOLECULES, 3)), 3, axis=0
        )
        self.ptr = np.arange(0, 3 * N_MOLECULES + 1, 3)
        self.singles = [self.positions[a : a + 3].copy() for a in self.ptr[:-1]]

    def test_one_call(self):
        for text, function in [
            ("neighbors(), i j S", lambda: nblist.neighbors(WATER, cutoff=CUTOFF)),
            (
                "neighbors(), edge_index",
                lambda: nblist.neighbors(WATER, cutoff=CUTOFF, outputs="edge_index"),
            ),
            (
                "neighbors(), i j d D S",
                lambda: nblist.neighbors(WATER, cutoff=CUTOFF, outputs="ijdDS"),
            ),
        ]:
            _, best, median = shortest(function, support.scaled(60, 20), 200)
            print("%-26s one molecule of 3 atoms: %6.1f us, median %6.1f us" % (text, best, median))
            self.assertLess(best, 500)

    def test_many(self):
        def loop():
            return [nblist.neighbors(one, cutoff=CUTOFF) for one in self.singles]

        def together():
            return nblist.batch(self.positions, ptr=self.ptr, cutoff=CUTOFF)

        rounds = support.scaled(60, 15)
        singles, looped, looped_median = shortest(loop, rounds)
        batched, at_once, at_once_median = shortest(together, rounds)
        whole = np.concatenate([r.edge_index + 3 * k for k, r in enumerate(singles)], axis=1)
        self.assertTrue(np.array_equal(whole, batched.edge_index))
        print(
            "%d molecules in a loop:  %8.1f us, median %8.1f us"
            % (N_MOLECULES, looped, looped_median)
        )
        print(
            "%d molecules in a batch: %8.1f us, median %8.1f us: %.1f times as fast"
            % (N_MOLECULES, at_once, at_once_median, looped / at_once)
        )
        self.assertGreater(looped / at_once, 3)
        try:
            from ase import Atoms
            from ase.neighborlist import neighbor_list
        except ImportError:
            return
        atoms = [Atoms("OH2", positions=one) for one in self.singles]
        theirs, ase, ase_median = shortest(
            lambda: [neighbor_list("ijS", a, CUTOFF) for a in atoms], 3
        )
        ours, ase_call, _ = shortest(
            lambda: [nblist.neighbor_list("ijS", a, CUTOFF) for a in atoms], rounds
        )
        self.assertEqual([len(t[0]) for t in theirs], [r.n_pairs for r in singles])
        self.assertEqual([len(t[0]) for t in ours], [r.n_pairs for r in singles])
        print(
            "%d molecules, ASE:       %8.1f us, median %8.1f us: the loop is %.1f times as fast"
            % (N_MOLECULES, ase, ase_median, ase / looped)
        )
        print(
            "%d molecules, nblist.neighbor_list(): %.1f us, %.1f times as fast as ASE's"
            % (N_MOLECULES, ase_call, ase / ase_call)
        )
        self.assertGreater(ase / looped, 5)


if __name__ == "__main__":
    support.main()
