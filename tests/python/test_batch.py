# SPDX-License-Identifier: MIT
"""batch() and Batch: the joined results of single systems, however the systems are described."""
import pickle
import unittest

import numpy as np

import nblist
import support
from support import WATER, random_system

NAMES = ["edge_index", "shift", "vector", "distance"]


def many(count, seed=0):
    """Systems of all kinds, some of them empty, some without a cell."""
    systems = []
    for k in range(count):
        positions, cell, pbc = random_system(1000 * seed + k)
        if k % 7 == 3:
            positions = positions[:0]
        if k % 5 == 2:
            cell, pbc = None, (False,) * 3
        systems.append((positions, cell, pbc))
    return systems


def joined(systems):
    positions = np.concatenate([s[0] for s in systems])
    ptr = np.concatenate([[0], np.cumsum([len(s[0]) for s in systems])])
    ids = np.repeat(np.arange(len(systems)), np.diff(ptr))
    return positions, ptr, ids, [s[1] for s in systems], np.array([s[2] for s in systems])


class Joined(unittest.TestCase):
    def expect(self, result, systems, ptr, cutoffs, **options):
        """result is that of the single systems, array for array."""
        singles = [
            nblist.CellList().neighbors(*s, cutoff=c, outputs=NAMES, **options)
            for s, c in zip(systems, cutoffs)
        ]
        whole = np.concatenate([one.edge_index + ptr[k] for k, one in enumerate(singles)], axis=1)
        self.assertTrue(np.array_equal(result.edge_index, whole))
        for name in NAMES[1:]:
            self.assertTrue(
                np.array_equal(
                    getattr(result, name), np.concatenate([getattr(one, name) for one in singles])
                ),
                name,
            )
        counts = [one.n_pairs for one in singles]
        self.assertTrue(np.array_equal(result.batch, np.repeat(np.arange(len(systems)), counts)))
        self.assertEqual(result.edge_ptr.tolist(), [0] + np.cumsum(counts).tolist())
        self.assertEqual(result.atom_ptr.tolist(), list(ptr))
        self.assertEqual(result.counts.sum(), result.n_pairs)

    def test_like_single_systems(self):
        for seed in range(support.scaled(20, 3)):
            systems = many(12, seed)
            positions, ptr, ids, cells, pbc = joined(systems)
            for given in (
                {"ptr": ptr},
                {"batch": ids, "n_systems": 12},
                {"ptr": ptr.astype(np.int32)},
                {"batch": ids.astype(np.int32)},
                {"batch": ids.astype(np.uint8)},
                {"ptr": ptr.tolist()},
            ):
                result = nblist.batch(positions, **given, cells=cells, pbc=pbc, cutoff=2.1)
                self.expect(result, systems, ptr, [2.1] * 12)
            own = list(np.linspace(0.5, 2.5, 12))
            (result,) = nblist.batch(
                positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=np.array(own)[:, None]
            )
            self.expect(result, systems, ptr, own)
            half = nblist.batch(
                positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=2.1, full=False, sorted=True
            )
            self.expect(half, systems, ptr, [2.1] * 12, full=False, sorted=True)

    def test_several_cutoffs(self):
        systems = many(12)
        positions, ptr, _, cells, pbc = joined(systems)
        for cutoffs in ([2.1, 1.0, 1.7], np.array([[2.1, 1.0, 1.7]])):
            found = nblist.batch(
                positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=cutoffs, outputs="ijSd"
            )
            for result, cutoff in zip(found, (2.1, 1.0, 1.7)):
                alone = nblist.Batch().batch(
                    positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=cutoff, outputs="ijSd"
                )
                self.assertEqual(support.rows_of(result), support.rows_of(alone))
        sets = np.linspace(0.5, 2.0, 36).reshape(12, 3)
        named = nblist.batch(positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=sets, labels="abc")
        for k, result in enumerate(named.values()):
            for b in range(12):
                alone = nblist.neighbors(*systems[b], cutoff=sets[b, k])
                self.assertEqual(np.diff(result.edge_ptr)[b], alone.n_pairs)
        shells = nblist.batch(
            positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=[1.0, 2.0], disjoint=True
        )
        whole = nblist.Batch().batch(positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=2.0)
        self.assertEqual(sum(r.n_pairs for r in shells), whole.n_pairs)

    def test_cells(self):
        positions = np.concatenate([WATER, WATER])
        ids = [0, 0, 0, 1, 1, 1]
        box = np.eye(3) * 3
        expected = nblist.batch(
            positions, batch=ids, cells=np.stack([box, box]), cutoff=2.5
        ).n_pairs
        self.assertEqual(expected, 2 * nblist.neighbors(WATER, box, cutoff=2.5).n_pairs)
        for cells in (
            box,
            box[None],
            np.concatenate([box, box]),
            [box, box],
            [box.tolist(), box],
            np.stack([box, box]).astype(np.float32),
            box.tolist(),
        ):
            self.assertEqual(
                nblist.batch(positions, batch=ids, cells=cells, cutoff=2.5).n_pairs, expected
            )
        one = nblist.batch(positions, batch=ids, cells=[None, box], cutoff=2.5)
        self.assertEqual(one.n_pairs, expected // 2 + 6)
        for pbc in (False, [False] * 3, np.zeros((2, 3), bool), np.zeros(6, np.uint8)):
            r = nblist.batch(positions, batch=ids, cells=box, pbc=pbc, cutoff=2.5)
            self.assertEqual(r.n_pairs, 12)
        for cells, text in (
            (np.zeros((3, 3, 3)), "there are 3 cells for 2 systems"),
            (np.eye(2), r"cells must have the shape .*, not \(2, 2\)"),
            ([box, None, box], "there are 3 cells for 2 systems"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                nblist.batch(positions, ptr=[0, 3, 6], cells=cells, cutoff=2.5)

    def test_who_is_where(self):
        positions = np.concatenate([WATER, WATER])
        self.assertEqual(
            nblist.batch(positions, batch=[1, 1, 1, 4, 4, 4], cutoff=5.0).edge_ptr.tolist(),
            [0, 0, 6, 6, 6, 12],
        )
        self.assertEqual(nblist.batch(positions, cutoff=5.0).n_pairs, 30)
        self.assertEqual(nblist.batch(np.empty((0, 3)), cutoff=5.0).n_pairs, 0)
        self.assertEqual(
            nblist.batch(np.empty((0, 3)), ptr=[0, 0, 0], cutoff=5.0).edge_ptr.tolist(), [0, 0, 0]
        )
        local = nblist.batch(
            positions, ptr=[0, 3, 6], cutoff=5.0, local_indices=True, outputs=["i", "batch"]
        )
        self.assertEqual(local.i.tolist(), [0, 0, 1, 1, 2, 2] * 2)
        self.assertEqual(local.batch.tolist(), [0] * 6 + [1] * 6)
        for given, text in [
            ({"ptr": [0, 3, 2, 6]}, r"ptr\[2\] is 2, less than ptr\[1\]"),
            ({"ptr": [0, 3]}, r"ptr\[1\] is 3, n_atoms is 6"),
            ({"ptr": []}, "ptr must have one entry more"),
            ({"batch": [0, 1, 0, 1, 1, 1]}, r"batch\[2\] is 0, less than batch\[1\]"),
            ({"batch": [0, 1]}, "batch has 2 entries, but there are 6 atoms"),
            ({"batch": [0] * 6, "ptr": [0, 6]}, "batch or ptr, not both"),
            ({"ptr": [0, 6], "n_systems": 2}, "n_systems is 2, but ptr is that of 1 systems"),
            ({"batch": [-1, 0, 0, 0, 0, 0]}, r"batch\[0\] is -1"),
            ({"ptr": [[0, 6]]}, r"ptr must have one dimension, not the shape \(1, 2\)"),
        ]:
            with self.assertRaisesRegex(ValueError, text):
                nblist.batch(positions, **given, cutoff=5.0)
        with self.assertRaisesRegex(TypeError, "batch must be integers, not float64"):
            nblist.batch(positions, batch=np.zeros(6), cutoff=5.0)

    def test_no_systems(self):
        nothing = np.zeros((0, 3))
        for positions in (nothing, [], nothing.astype(np.float32)):
            for given in (
                {"ptr": [0]},
                {"batch": []},
                {"batch": np.zeros(0, np.int32), "n_systems": 0},
            ):
                for cells in (None, [], (), np.zeros((0, 3, 3)), np.zeros((0, 3)), np.eye(3)):
                    for pbc in (None, [], True, np.zeros((0, 3), bool), np.zeros(0, np.uint8)):
                        if cells is None and pbc is True:
                            continue
                        given = dict(given, cells=cells, pbc=pbc)
                        found = [nblist.batch(positions, **given, cutoff=5.0)]
                        found += nblist.batch(
                            positions, **given, cutoff=np.zeros((0, 2)), errors="status"
                        )
                        for result in found:
                            self.assertEqual(
                                (result.n_pairs, result.n_atoms, result.n_systems), (0, 0, 0)
                            )
                            self.assertEqual(result.status.shape, (0,))
                        result = found[-1]
                        self.assertEqual(result.edge_ptr.tolist(), [0])
                        report = nblist.verify(result, positions, **given)
                        self.assertTrue(report.equal and report.n_pairs == 0)
        for bad in ({"cells": []}, {"pbc": []}, {"cells": [], "pbc": []}):
            with self.assertRaises(ValueError):
                nblist.batch(WATER, ptr=[0, 3], cutoff=5.0, **bad)

    def test_numbers_of_systems_are_not_cut(self):
        """Nor is memory taken for as many before the library has refused them."""
        for errors in ("raise", "status"):
            for n_systems in (-2, -(2**64) + 2, 2**31, 2**40, 2**63, 2**64 + 2):
                with self.assertRaisesRegex(ValueError, "n_systems is %d" % n_systems):
                    nblist.batch(
                        WATER, batch=[0, 0, 1], cutoff=5.0, n_systems=n_systems, errors=errors
                    )
            for last in (2**31 - 1, 2**40, 2**63 - 1):
                with self.assertRaisesRegex(ValueError, "n_systems is %d" % (last + 1)):
                    nblist.batch(WATER, batch=[0, 0, last], cutoff=5.0, errors=errors)
            for wide in ([0, 0, 2**63], [2**63, 2**63, 2**64 - 1]):
                with self.assertRaisesRegex(OverflowError, "batch"):
                    nblist.batch(WATER, batch=np.array(wide, np.uint64), cutoff=5.0, errors=errors)
            with self.assertRaises(TypeError):
                nblist.batch(WATER, ptr=[0, 3], cutoff=5.0, n_systems=1.0, errors=errors)

    def test_types(self):
        systems = many(9)
        positions, ptr, _, cells, pbc = joined(systems)
        for dtype in (np.int32, np.uint64, np.int16):
            r = nblist.batch(
                positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=2.0, index_dtype=dtype
            )
            self.assertTrue(
                r.edge_index.dtype == r.batch.dtype == r.edge_ptr.dtype == np.dtype(dtype)
            )
        r = nblist.batch(
            positions.astype(np.float32), ptr=ptr, cells=cells, pbc=pbc, cutoff=2.0, outputs="dD"
        )
        self.assertTrue(r.distance.dtype == r.vector.dtype == np.float32)
        wide = np.zeros((len(positions), 4))
        wide[:, :3] = positions
        one = nblist.batch(wide[:, :3], ptr=ptr, cells=cells, pbc=pbc, cutoff=2.0)
        other = nblist.batch(positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=2.0)
        self.assertTrue(np.array_equal(one.edge_index, other.edge_index))

    def test_out(self):
        systems = many(9)
        positions, ptr, _, cells, pbc = joined(systems)
        expected = nblist.batch(
            positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=2.0, outputs=NAMES + ["batch"]
        )
        m = expected.n_pairs
        out = {
            "edge_index": np.empty((2, m + 50), np.int32),
            "batch": np.empty(m, np.int32),
            "edge_ptr": np.empty(10, np.int64),
        }
        r = nblist.batch(positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=2.0, out=out)
        self.assertTrue(np.array_equal(out["edge_index"][:, :m], expected.edge_index))
        self.assertTrue(np.array_equal(out["batch"], expected.batch) and r.batch is not None)
        self.assertEqual(out["edge_ptr"][-1], m)


class Bad(unittest.TestCase):
    def setUp(self):
        self.positions = np.concatenate([WATER, WATER, WATER])
        self.positions[4, 1] = np.nan
        self.ptr = [0, 3, 6, 9]

    def test_raise(self):
        with self.assertRaisesRegex(ValueError, r"system 1: positions\[4\]\[1\] is nan") as caught:
            nblist.batch(self.positions, ptr=self.ptr, cutoff=2.0)
        self.assertEqual(caught.exception.name, "NBL_EPOSITION")

    def test_status(self):
        r = nblist.batch(self.positions, ptr=self.ptr, cutoff=2.0, errors="status")
        self.assertEqual(r.status.tolist(), [0, -6, 0])
        self.assertEqual(np.diff(r.edge_ptr).tolist(), [6, 0, 6])
        near, far = nblist.batch(self.positions, ptr=self.ptr, cutoff=[1.0, 2.0], errors="status")
        self.assertEqual((near.status.tolist(), far.n_pairs), ([0, -6, 0], 12))
        (own,) = nblist.batch(
            self.positions, ptr=self.ptr, cutoff=[[2.0], [1.0], [-1.0]], errors="status"
        )
        self.assertEqual(own.status.tolist(), [0, -6, -10])
        good = nblist.batch(WATER, cutoff=2.0)
        self.assertEqual(good.status.tolist(), [0])
        with self.assertRaises(ValueError):
            nblist.batch(WATER, cutoff=2.0, errors="ignore")

    def test_one_bad_cutoff_of_several(self):
        sets = np.array([[1.0, 2.0], [1.0, 2.0], [1.0, np.nan]])
        near, far = nblist.batch(self.positions, ptr=self.ptr, cutoff=sets, errors="status")
        self.assertEqual(far.status.tolist(), [0, -6, -10])
        self.assertEqual(np.diff(far.edge_ptr).tolist(), [6, 0, 0])


class Lifetime(unittest.TestCase):
    def test_stale_and_pickled(self):
        own = nblist.Batch()
        positions = np.concatenate([WATER, WATER])
        first = own.batch(positions, ptr=[0, 3, 6], cutoff=2.0, outputs="ijB")
        copy = pickle.loads(pickle.dumps(first))
        self.assertTrue(np.array_equal(copy.batch, first.batch))
        own.batch(WATER, cutoff=1.0)
        with self.assertRaises(nblist.StaleError):
            first.distance
        self.assertEqual(first.counts.tolist(), [2] * 6)
        with self.assertRaises(nblist.StaleError):
            copy.edge_ptr
        with self.assertRaises(TypeError):
            pickle.dumps(own)

    def test_local_indices(self):
        """Rows do not follow from them: not after another call, and not in another process."""
        positions = np.concatenate([WATER, WATER])
        for local in (False, True):
            own = nblist.Batch()
            found = own.batch(
                positions, ptr=[0, 3, 6], cutoff=2.0, outputs="ij", local_indices=local
            )
            copies = [pickle.loads(pickle.dumps(found))]
            copies.append(pickle.loads(pickle.dumps(copies[0])))
            own.batch(WATER, cutoff=1.0)
            for result in [found] + copies:
                for name, expected in (
                    ("counts", [2] * 6),
                    ("row_ptr", [0, 2, 4, 6, 8, 10, 12]),
                ):
                    if local:
                        with self.assertRaises(nblist.StaleError):
                            getattr(result, name)
                    else:
                        self.assertEqual(getattr(result, name).tolist(), expected)
                self.assertTrue(np.array_equal(result.edge_index, [result.i, result.j]))

    def test_verify(self):
        systems = many(9)
        positions, ptr, ids, cells, pbc = joined(systems)
        for cutoff in (2.0, [1.0, 2.0], np.linspace(1, 2, 9)[:, None]):
            found = nblist.batch(positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=cutoff)
            for result in found if isinstance(found, list) else [found]:
                report = nblist.verify(result, positions, pbc=pbc, ptr=ptr, cells=cells)
                self.assertTrue(report.equal and report.n_pairs == result.n_pairs, report)
        result = nblist.batch(positions, ptr=ptr, cells=cells, pbc=pbc, cutoff=4.0)
        moved = positions.copy()
        largest = int(np.argmax(np.diff(ptr)))
        moved[ptr[largest]] += 0.3
        report = nblist.verify(result, moved, pbc=pbc, ptr=ptr, cells=cells)
        self.assertEqual((report.equal, report.system), (False, largest))

    def test_memory_is_kept(self):
        own = nblist.Batch(n_threads=1)
        own.batch(np.tile(WATER, (100, 1)), ptr=np.arange(0, 301, 3), cutoff=2.0)
        held = own.n_bytes
        own.batch(np.tile(WATER, (100, 1)) + 0.5, ptr=np.arange(0, 301, 3), cutoff=2.0)
        self.assertTrue(own.n_bytes == held > 1000)


if __name__ == "__main__":
    support.main()
