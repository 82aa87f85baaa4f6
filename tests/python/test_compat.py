# SPDX-License-Identifier: MIT
"""The calls of neighborlist_rs and vesin: arguments, keys, shapes, types, and what is documented to
differ."""
import unittest

import numpy as np

import nblist
import nblist.neighborlist_rs as rs
import nblist.vesin
import support
from support import WATER, random_system

SKEWED = np.array([[4.0, 0.0, 0.0], [1.0, 5.0, 0.0], [-0.5, 0.7, 4.5]])


def rows(lists):
    return sorted(zip(*lists["edge_index"].tolist(), *lists["shift"].T.tolist()))


class Rs(unittest.TestCase):
    def check(self, lists):
        self.assertEqual(set(lists), {"edge_index", "shift"})
        self.assertEqual((lists["edge_index"].dtype, lists["shift"].dtype), (np.int64, np.int32))
        self.assertEqual(
            (len(lists["edge_index"]), lists["shift"].shape), (2, (lists["edge_index"].shape[1], 3))
        )
        self.assertTrue((lists["edge_index"][0] <= lists["edge_index"][1]).all())
        self.assertTrue(
            lists["edge_index"].flags.c_contiguous and lists["shift"].flags.c_contiguous
        )

    def test_one_system(self):
        for seed in range(24):
            positions, cell, pbc = random_system(seed)
            full = nblist.neighbors(positions, cell, pbc, 3.0)
            lists = rs.build_neighborlists(rs.PyCell(cell.T, pbc), positions, 3.0)
            self.check(lists)
            self.assertEqual(2 * len(lists["shift"]), full.n_pairs)
            self.assertEqual(
                rows(lists),
                rows(rs.build_neighborlists(rs.PyCell(cell.T, pbc), positions, 3.0, False)),
            )
            both = rs.build_neighborlists(
                rs.PyCell(cell.T, pbc), positions, 3.0, half_self_images="both"
            )
            self.check(both)
            expected = [row for row in support.rows_of(full) if row[0] <= row[1]]
            self.assertEqual(rows(both), expected)
        lists = rs.build_neighborlists(None, WATER, cutoff=5.0)
        self.assertEqual(lists["edge_index"].tolist(), [[0, 0, 1], [1, 2, 2]])
        self.check(rs.build_neighborlists(None, np.empty((0, 3)), 5.0))
        for bad in (0.0, -1.0, float("inf"), float("nan")):
            with self.assertRaisesRegex(ValueError, "cutoff is"):
                rs.build_neighborlists(None, WATER, bad)
            with self.assertRaisesRegex(ValueError, r"cutoff(s\[1\])? is"):
                rs.build_neighborlists_multi(None, WATER, [1.0, bad])
        with self.assertRaises(ValueError):
            rs.build_neighborlists(None, WATER, 1.0, half_self_images="none")

    def test_mixed_axes(self):
        """Images along the periodic axis only."""
        chain = np.array([[0.0, 0.0, 0.0]])
        lists = rs.build_neighborlists(rs.PyCell(np.eye(3) * 2, [False, True, False]), chain, 4.5)
        self.assertEqual(lists["shift"].tolist(), [[0, 1, 0], [0, 2, 0]])

    def test_several_cutoffs(self):
        cell = rs.PyCell(SKEWED.T)
        lists = rs.build_neighborlists_multi(cell, WATER, [2.0, 4.0])
        self.assertEqual(list(lists), [0, 1])
        for k, cutoff in enumerate((2.0, 4.0)):
            self.check(lists[k])
            self.assertEqual(rows(lists[k]), rows(rs.build_neighborlists(cell, WATER, cutoff)))
        shells = rs.build_neighborlists_multi(
            cell, WATER, [2.0, 4.0], labels=["near", "far"], disjoint=True
        )
        self.assertEqual(list(shells), ["near", "far"])
        self.assertEqual(sorted(rows(shells["near"]) + rows(shells["far"])), rows(lists[1]))
        self.assertEqual(rs.build_neighborlists_multi(None, WATER, []), {})
        with self.assertRaisesRegex(ValueError, "labels"):
            rs.build_neighborlists_multi(None, WATER, [1.0, 2.0], ["x"])
        for call in (
            lambda: rs.build_neighborlists_multi(None, WATER, [1.0, 2.0], ["x", "x"]),
            lambda: rs.build_neighborlists_batch_multi(
                WATER, [0, 0, 0], cutoffs=[1.0, 2.0, 3.0], labels=["x", "y", "x"]
            ),
        ):
            with self.assertRaisesRegex(ValueError, "labels repeat"):
                call()
        empty = rs.build_neighborlists_multi(None, np.empty((0, 3)), [1.0, 2.0])
        self.assertEqual([lists["edge_index"].shape for lists in empty.values()], [(2, 0)] * 2)

    def test_batch(self):
        positions = np.concatenate([WATER, WATER + 20])
        cells = np.stack([np.zeros((3, 3)), SKEWED])
        one, other = rs.build_neighborlists(None, WATER, 4.0), rs.build_neighborlists(
            rs.PyCell(SKEWED.T), WATER, 4.0
        )
        moved = nblist.neighbors(WATER + 20, SKEWED, True, 4.0, full=False)
        expected = sorted(
            rows(one) + [(i + 3, j + 3) + tuple(s) for i, j, *s in support.rows_of(moved)]
        )
        self.assertEqual(moved.n_pairs, len(other["shift"]))
        for ids in ([0, 0, 0, 1, 1, 1], [5, 5, 5, 9, 9, 9], [-3, -3, -3, 7, 7, 7]):
            lists = rs.build_neighborlists_batch(positions, np.array(ids, np.int32), cells, 4.0)
            self.check(lists)
            self.assertEqual(rows(lists), expected, ids)
        named = rs.build_neighborlists_batch_multi(
            positions, np.array(ids), cells, [4.0, 1.0], ["a", "b"]
        )
        self.assertEqual((list(named), rows(named["a"])), (["a", "b"], expected))
        self.assertEqual(len(rs.build_neighborlists_batch(positions, ids)["shift"]), 6)
        self.assertEqual(len(rs.build_neighborlists_batch_multi(positions, ids)[0]["shift"]), 6)
        # Ids that are skipped do not hand on their cell.
        three = np.stack([np.zeros((3, 3)), SKEWED, np.zeros((3, 3))])
        self.assertEqual(
            len(rs.build_neighborlists_batch(positions, [0, 0, 0, 2, 2, 2], three, 4.0)["shift"]), 6
        )
        self.check(rs.build_neighborlists_batch(np.empty((0, 3)), np.empty(0, np.int32), cells))
        for bad in (
            ([1, 1, 1, 0, 0, 0], cells),
            ([0, 0, 0], cells),
            ([0, 0, 0, 1, 1, 1], cells[:1]),
        ):
            with self.assertRaises(ValueError):
                rs.build_neighborlists_batch(positions, bad[0], bad[1], 4.0)

    def test_cell(self):
        cell = rs.PyCell((np.eye(3) * 10).tolist())
        self.assertTrue(np.allclose(cell.wrap([15.0, 2.0, -1.0]), [5.0, 2.0, 9.0]))
        open_cell = rs.PyCell(SKEWED.T, [True, False, True])
        self.assertTrue(np.allclose(open_cell.wrap(SKEWED[0] + 2 * SKEWED[1]), 2 * SKEWED[1]))
        self.assertIn("PyCell", repr(cell))
        for bad in (np.zeros((3, 3)), np.eye(2)):
            with self.assertRaises(ValueError):
                rs.PyCell(bad)

    def test_ase(self):
        try:
            from ase.build import bulk, molecule
        except ImportError:
            self.skipTest("no ase")
        atoms = bulk("Si", "diamond", a=5.43, cubic=True)
        self.assertEqual(2 * len(rs.build_from_ase(atoms, 6.0)["shift"]), 368)
        lists = rs.build_multi_from_ase(atoms, [3.0, 6.0], labels=["short", "long"])
        self.assertEqual([len(one["shift"]) for one in lists.values()], [16, 184])
        self.assertEqual(
            rows(lists["long"]),
            rows(rs.build_neighborlists(rs.PyCell.from_ase(atoms), atoms.positions, 6)),
        )
        with self.assertRaisesRegex(ValueError, "labels repeat"):
            rs.build_multi_from_ase(atoms, [3.0, 6.0], labels=["short", "short"])
        self.assertEqual(len(rs.build_from_ase(molecule("H2O"), 5.0)["shift"]), 3)
        self.assertIs(nblist.build_from_ase, rs.build_from_ase)


class Vesin(unittest.TestCase):
    def test_quantities(self):
        calculator = nblist.vesin.NeighborList(4.0, True)
        i, j, p, s, d, vector = calculator.compute(WATER, SKEWED, True, "ijPSdD")
        self.assertEqual(
            [array.dtype for array in (i, j, p, s, d, vector)],
            [np.uint64, np.uint64, np.uint64, np.int32, np.float64, np.float64],
        )
        self.assertTrue(np.array_equal(p, np.stack([i, j], axis=1)))
        self.assertTrue(np.allclose(vector, WATER[j] - WATER[i] + s @ SKEWED))
        self.assertTrue(np.allclose(d, np.linalg.norm(vector, axis=1)))
        full = nblist.neighbors(WATER, SKEWED, True, 4.0)
        self.assertEqual(sorted(zip(i.tolist(), j.tolist(), *s.T.tolist())), support.rows_of(full))
        self.assertIsInstance(calculator.compute(WATER, SKEWED, True), tuple)

    def test_options(self):
        half = nblist.NeighborList(cutoff=4.0, full_list=False, sorted=True, n_threads=1)
        i, j = half.compute(
            points=WATER, box=SKEWED, periodic=[True, False, True], quantities="ij", copy=False
        )
        full = nblist.neighbors(WATER, SKEWED, [True, False, True], 4.0)
        self.assertTrue(2 * len(i) == full.n_pairs and (i <= j).all())
        (d,) = half.compute(WATER.astype(np.float32), SKEWED.astype(np.float32), False, "d")
        self.assertEqual((d.dtype, len(d)), (np.float32, 3))
        empty = half.compute(np.empty((0, 3)), SKEWED, True, "ijSdD")
        self.assertEqual([array.shape for array in empty], [(0,), (0,), (0, 3), (0,), (0, 3)])
        half.algorithm = "cell_list"
        self.assertEqual(len(half.compute(WATER, SKEWED, False)[0]), 3)
        for change in ({"algorithm": "magic"}, {"n_threads": -1}):
            with self.assertRaises(ValueError):
                nblist.NeighborList(4.0, True, **change)
        for points, box, kind in [
            (WATER[:, :2], SKEWED, ValueError),
            (WATER, SKEWED[:2], ValueError),
            (WATER.astype(np.float32), SKEWED, RuntimeError),
        ]:
            with self.assertRaises(kind):
                half.compute(points, box, True)
        with self.assertRaises(ValueError):
            half.compute(WATER, SKEWED, True, "x")


if __name__ == "__main__":
    support.main()
