# SPDX-License-Identifier: MIT
"""neighbors() and CellList: what they find, take, give, refuse, and when they go stale."""
import pickle
import unittest

import numpy as np

import nblist
import support
from support import WATER, reference, rows_of

CELL = np.array([[4.0, 0.0, 0.0], [1.0, 5.0, 0.0], [-0.5, 0.7, 4.5]])
NAMES = [
    "i",
    "j",
    "edge_index",
    "pairs",
    "shift",
    "vector",
    "distance",
    "row_ptr",
    "counts",
    "reverse",
    "batch",
    "edge_ptr",
    "atom_ptr",
]


def crystal(n=5, seed=0):
    return np.random.default_rng(seed).uniform(-6, 9, size=(n, 3))


class DlpackOnly:
    """An array that offers DLPack and nothing else."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class InterfaceOnly:
    """An array that offers __array_interface__ and nothing else."""

    def __init__(self, array):
        self.array, self.__array_interface__ = array, array.__array_interface__


class Found(unittest.TestCase):
    def test_against_the_formula(self):
        for seed in range(support.scaled(200, 24)):
            positions, cell, pbc = support.random_system(seed)
            # Enough images for a height of 0.1 of the longest vector, and atoms 1.5 cells outside.
            cutoff = 1.5 + 0.01 * (seed % 50)
            heights = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
            images = int(np.ceil(cutoff / heights.min())) + 5
            if images > 12:
                continue
            found = nblist.neighbors(positions, cell, pbc, cutoff)
            self.assertEqual(rows_of(found), reference(positions, cell, pbc, cutoff, images), seed)

    def test_all_arrays(self):
        positions = crystal()
        r = nblist.neighbors(positions, CELL, True, 4.0, sorted=True, outputs=NAMES)
        m, n = r.n_pairs, r.n_atoms
        self.assertGreater(m, 50)
        self.assertTrue(np.array_equal(r.edge_index, [r.i, r.j]))
        self.assertTrue(np.array_equal(r.pairs, r.edge_index.T))
        self.assertTrue(
            np.allclose(r.vector, positions[r.j] - positions[r.i] + r.shift @ CELL, atol=1e-12)
        )
        self.assertTrue(np.allclose(r.distance, np.linalg.norm(r.vector, axis=1), atol=1e-13))
        self.assertTrue(np.array_equal(r.counts, np.bincount(r.i, minlength=n)))
        self.assertTrue(np.array_equal(r.row_ptr, np.concatenate([[0], np.cumsum(r.counts)])))
        self.assertTrue(
            np.array_equal(r.i[r.reverse], r.j) and np.array_equal(r.shift[r.reverse], -r.shift)
        )
        self.assertTrue(np.array_equal(r.batch, np.zeros(m)))
        self.assertEqual(
            (r.edge_ptr.tolist(), r.atom_ptr.tolist(), r.status.tolist()), ([0, m], [0, n], [0])
        )
        keys = list(zip(r.i.tolist(), r.j.tolist(), *r.shift.T.tolist()))
        self.assertEqual(keys, sorted(keys))

    def test_lazy_arrays_are_those_asked_for(self):
        for positions, pbc, least, most in (
            (crystal(), True, 30, 200),
            (crystal(60), True, 3000, 100000),
            (crystal(), False, 0, 0),
            (np.empty((0, 3)), True, 0, 0),
            (WATER + 100 * np.arange(3)[:, None], False, 0, 0),
        ):
            for chosen in (("i",), ("edge_index", "shift"), (), ""):
                asked = {
                    name: getattr(nblist.neighbors(positions, CELL, pbc, 3.5, outputs=[name]), name)
                    for name in NAMES
                }
                lazy = nblist.neighbors(positions, CELL, pbc, 3.5, outputs=chosen)
                self.assertTrue(least <= lazy.n_pairs <= most, lazy)
                for name in NAMES:
                    self.assertEqual(getattr(lazy, name).dtype, asked[name].dtype, name)
                    self.assertTrue(np.array_equal(getattr(lazy, name), asked[name]), name)

    def test_outputs_in_their_order(self):
        r = nblist.neighbors(WATER, cutoff=2.0, outputs="dSDiPj")
        d, s, vector, i, pairs, j = r
        self.assertTrue(np.array_equal(pairs, np.stack([i, j], axis=1)))
        self.assertEqual((d.shape, s.shape, vector.shape), ((6,), (6, 3), (6, 3)))
        (only,) = nblist.neighbors(WATER, cutoff=2.0, outputs="edge_index")
        self.assertTrue(np.array_equal(only, [i, j]))
        for nothing in ("", (), []):
            for cutoff in (0.5, 2.0):
                self.assertEqual(list(nblist.neighbors(WATER, cutoff=cutoff, outputs=nothing)), [])
                self.assertEqual(list(nblist.batch(WATER, cutoff=cutoff, outputs=nothing)), [])
            near, far = nblist.neighbors(WATER, cutoff=[0.5, 2.0], outputs=nothing)
            self.assertEqual((near.n_pairs, far.n_pairs), (0, 6))
        self.assertEqual(nblist.primitive_neighbor_list("", [False] * 3, np.eye(3), WATER, 2.0), ())
        with self.assertRaisesRegex(ValueError, "no output 'x'"):
            nblist.neighbors(WATER, cutoff=2.0, outputs="ix")

    def test_arrays_that_share_a_block(self):
        """Small results, in all mixtures of arrays and types: right, aligned, and apart."""
        rng = np.random.default_rng(7)
        names = NAMES[:7] + ["batch"]
        whole = nblist.neighbors(crystal(), CELL, True, 2.5, outputs=names)
        for _ in range(support.scaled(300, 50)):
            chosen = list(rng.permutation(names)[: rng.integers(1, 6)])
            r = nblist.neighbors(
                crystal(),
                CELL,
                True,
                2.5,
                outputs=chosen,
                index_dtype=rng.choice([np.int32, np.int64, np.uint32, np.int16]),
                shift_dtype=rng.choice([np.int8, np.int32, np.int64]),
                dtype=rng.choice([np.float32, np.float64]),
            )
            for name in chosen:
                array = getattr(r, name)
                expected = getattr(whole, name)
                self.assertTrue(np.array_equal(array, expected.astype(array.dtype)), chosen)
                self.assertTrue(array.flags.aligned and array.flags.writeable, chosen)
                kept = array.copy()
                array[...] = 7
                for other in chosen:
                    if other != name and not np.shares_memory(getattr(r, other), array):
                        expected = getattr(whole, other).astype(getattr(r, other).dtype)
                        self.assertTrue(np.array_equal(getattr(r, other), expected), chosen)
                array[...] = kept

    def test_large_results(self):
        """Beyond the block that small arrays share."""
        positions = np.random.default_rng(3).uniform(0, 20, size=(1500, 3))
        r = nblist.neighbors(positions, np.eye(3) * 20, cutoff=4.0, outputs="ijSDd")
        small = nblist.neighbors(
            positions, np.eye(3) * 20, cutoff=4.0, outputs="ij", index_dtype=np.int32
        )
        self.assertTrue(np.array_equal(small.edge_index, r.edge_index) and r.n_pairs > 50000)
        self.assertTrue(np.allclose(np.linalg.norm(r.vector, axis=1), r.distance))

    def test_options(self):
        full = nblist.neighbors(crystal(), CELL, True, 4.0)
        half = nblist.neighbors(crystal(), CELL, True, 4.0, full=False)
        self.assertEqual(2 * half.n_pairs, full.n_pairs)
        self.assertTrue((half.i <= half.j).all())
        for cell, cutoff in ((CELL, 4.0), (None, 1e-3)):  # with pairs and without
            half = nblist.neighbors(crystal(), cell, cell is not None, cutoff, full=False)
            self.assertEqual(half.n_pairs > 0, cell is not None)
            for ask in (
                lambda: half.reverse,
                lambda: nblist.neighbors(
                    crystal(), cell, None, cutoff, full=False, outputs=["reverse"]
                ),
                lambda: nblist.neighbors(
                    crystal(), cell, None, cutoff, full=False, out={"reverse": np.empty(999, int)}
                ),
            ):
                with self.assertRaisesRegex(ValueError, "reverse"):
                    ask()
        own = nblist.neighbors(crystal(), CELL, True, 4.0, self_interaction=True)
        self.assertEqual(own.n_pairs, full.n_pairs + 5)
        line = np.array([[0.0, 0, 0], [2.0, 0, 0]])
        self.assertEqual(nblist.neighbors(line, cutoff=2.0).n_pairs, 0)
        self.assertEqual(nblist.neighbors(line, cutoff=2.0, inclusive=True).n_pairs, 2)
        for algorithm in ("brute", "cells"):
            other = nblist.neighbors(crystal(), CELL, True, 4.0, algorithm=algorithm)
            self.assertEqual(rows_of(other), rows_of(full))
        for n_threads in (1, 2, 5):
            other = nblist.neighbors(crystal(), CELL, True, 4.0, n_threads=n_threads)
            self.assertTrue(np.array_equal(other.edge_index, full.edge_index))


class Cutoffs(unittest.TestCase):
    def test_several(self):
        cutoffs = [4.0, 2.0, 5.0, 2.0]
        alone = [nblist.neighbors(crystal(), CELL, True, c, outputs="ijSd") for c in cutoffs]
        found = nblist.neighbors(crystal(), CELL, True, cutoffs, outputs="ijSd")
        self.assertEqual([r.cutoff for r in found], cutoffs)
        for one, other in zip(alone, found):
            self.assertTrue(np.array_equal(np.sort(one.distance), np.sort(other.distance)))
            self.assertEqual(rows_of(one), rows_of(other))
            self.assertEqual(other.counts.sum(), other.n_pairs)
        named = nblist.neighbors(
            crystal(), CELL, True, np.array(cutoffs), labels=["a", "b", "c", "d"]
        )
        self.assertEqual(list(named), ["a", "b", "c", "d"])
        self.assertEqual([r.n_pairs for r in named.values()], [r.n_pairs for r in found])
        shells = nblist.neighbors(crystal(), CELL, True, cutoffs, disjoint=True)
        self.assertEqual(sum(r.n_pairs for r in shells), found[2].n_pairs)
        self.assertEqual(shells[3].n_pairs, 0)
        self.assertEqual(nblist.neighbors(crystal(), cutoff=[]), [])
        self.assertEqual(list(nblist.neighbors(crystal(), cutoff=1.0, labels=["x"])), ["x"])
        for bad in (["a"], ["a", "b", "c", "a"]):
            with self.assertRaisesRegex(ValueError, "label"):
                nblist.neighbors(crystal(), CELL, True, cutoffs, labels=bad)

    def test_what_is_refused(self):
        for bad, kind in [
            (None, TypeError),
            ("6", TypeError),
            (-1.0, ValueError),
            (float("nan"), ValueError),
            (float("inf"), ValueError),
            ([1.0, -1.0], ValueError),
            ([1.0, float("nan")], ValueError),
            ([1.0] * 256, ValueError),
        ]:
            with self.assertRaises(kind, msg=repr(bad)):
                nblist.neighbors(WATER, cutoff=bad)
        for good in (5, np.float32(5), np.float64(5), np.array(5.0), np.int64(5)):
            self.assertEqual(nblist.neighbors(WATER, cutoff=good).n_pairs, 6)


class Arrays(unittest.TestCase):
    def test_what_is_taken(self):
        expected = rows_of(nblist.neighbors(WATER, np.eye(3) * 3, cutoff=2.5))
        wide = np.zeros((3, 5))
        wide[:, 1:4] = WATER
        frozen = WATER.copy()
        frozen.flags.writeable = False
        swapped = WATER.astype(WATER.dtype.newbyteorder())
        unaligned = np.frombuffer(b"x" + WATER.tobytes(), np.float64, 9, 1).reshape(3, 3)
        for name, given in {
            "list": WATER.tolist(),
            "strided": wide[:, 1:4],
            "column": np.asfortranarray(WATER),
            "backwards": WATER[::-1].copy()[::-1],
            "read-only": frozen,
            "byte order": swapped,
            "interface": InterfaceOnly(WATER),
            "DLPack": DlpackOnly(WATER),
            "unaligned": unaligned,
            "long double": WATER.astype(np.longdouble),
            "tuple": tuple(map(tuple, WATER)),
        }.items():
            for cell in (
                np.eye(3) * 3,
                [[3, 0, 0], [0, 3, 0], [0, 0, 3]],
                np.asfortranarray(np.eye(3) * 3),
                (np.eye(3) * 3).astype(np.float32),
            ):
                self.assertEqual(rows_of(nblist.neighbors(given, cell, cutoff=2.5)), expected, name)
        for pbc in (True, [1, 1, 1], np.ones(3, bool), np.True_, (True,) * 3, np.ones(3, np.uint8)):
            self.assertEqual(
                rows_of(nblist.neighbors(WATER, np.eye(3) * 3, pbc, 2.5)), expected, pbc
            )
        self.assertEqual(nblist.neighbors([], cutoff=1.0).n_pairs, 0)
        self.assertEqual(nblist.neighbors([], cutoff=1.0).shift.shape, (0, 3))

    def test_small_systems_without_a_cell(self):
        """Of no more atoms than the short way through the package takes, and of a few more: however
        the positions lie in memory, the pairs of the formula."""

        def unaligned(array):
            moved = np.frombuffer(b"x" + array.tobytes(), array.dtype, array.size, 1)
            return moved.reshape(array.shape)

        def strided(array):
            wide = np.full((len(array), 5), 0.25, array.dtype)
            wide[:, 1:4] = array
            return wide[:, 1:4]

        layouts = {
            "as it is": lambda array: array,
            "strided": strided,
            "every second": lambda array: np.repeat(array, 2, axis=0)[::2],
            "backwards": lambda array: array[::-1].copy()[::-1],
            "column": np.asfortranarray,
            "unaligned": unaligned,
            "unaligned and strided": lambda array: unaligned(np.hstack([array, array]))[:, :3],
            "byte order": lambda array: array.astype(array.dtype.newbyteorder()),
            "list": lambda array: array.tolist(),
        }
        own = nblist.CellList()
        for n in (0, 1, 2, 3, 17, 63, 64, 65):
            exact = np.random.default_rng(n).uniform(-2, 2, size=(n, 3))
            for dtype in (np.float64, np.float32):
                positions = exact.astype(dtype)
                wide = positions.astype(np.float64)
                expected = reference(wide, None, (False,) * 3, 1.5, 0)
                for name, layout in layouts.items():
                    given = layout(positions)
                    if dtype is np.float32 and name in ("list", "byte order"):
                        dtype_of_lengths = np.float64
                    else:
                        dtype_of_lengths = dtype
                    r = own.neighbors(given, cutoff=1.5, outputs="ijSDd")
                    self.assertEqual(rows_of(r), expected, (n, name))
                    vectors = wide[r.j] - wide[r.i]
                    lengths = np.sqrt(
                        (vectors[:, 0] ** 2 + vectors[:, 1] ** 2) + vectors[:, 2] ** 2
                    )
                    self.assertEqual(r.vector.dtype, dtype_of_lengths, (n, name))
                    self.assertEqual(r.distance.dtype, dtype_of_lengths, (n, name))
                    self.assertTrue(np.array_equal(r.vector, vectors.astype(r.vector.dtype)), name)
                    self.assertTrue(np.array_equal(r.distance, lengths.astype(r.distance.dtype)))

    def test_no_copies(self):
        """Strided rows and DLPack share their memory."""
        from nblist._arrays import as_positions

        wide = np.zeros((3, 5))
        for given in (
            wide[:, 1:4],
            DlpackOnly(wide),
            InterfaceOnly(wide),
            wide.astype(np.float32)[:, :3],
        ):
            array, _, _ = as_positions(
                given
                if not isinstance(given, (DlpackOnly, InterfaceOnly))
                else type(given)(wide[:, :3])
            )
            if given.__class__ is np.ndarray:
                self.assertTrue(np.shares_memory(array, given))
            else:
                self.assertTrue(np.shares_memory(array, wide))

    def test_float32(self):
        positions = crystal().astype(np.float32)
        one = nblist.neighbors(positions, CELL, True, 4.0, outputs="ijSDd")
        other = nblist.neighbors(positions.astype(np.float64), CELL, True, 4.0, outputs="ijSDd")
        self.assertEqual((one.vector.dtype, one.distance.dtype), (np.float32, np.float32))
        self.assertTrue(np.array_equal(one.edge_index, other.edge_index))
        self.assertTrue(np.array_equal(one.distance, other.distance.astype(np.float32)))
        lazy = nblist.neighbors(positions, CELL, True, 4.0)
        self.assertTrue(np.array_equal(lazy.vector, one.vector) and lazy.vector.dtype == np.float32)
        wide = nblist.neighbors(positions, CELL, True, 4.0, outputs="d", dtype=np.float64)
        self.assertTrue(np.array_equal(wide.distance, other.distance))

    def test_types(self):
        expected = nblist.neighbors(crystal(), CELL, True, 4.0, outputs=NAMES)
        for index in (np.int32, np.int64, np.uint32, np.uint64, np.int16, "uint16", np.dtype("i8")):
            r = nblist.neighbors(crystal(), CELL, True, 4.0, outputs=NAMES, index_dtype=index)
            for name in (
                "i",
                "j",
                "edge_index",
                "pairs",
                "row_ptr",
                "counts",
                "reverse",
                "batch",
                "edge_ptr",
            ):
                self.assertEqual(getattr(r, name).dtype, np.dtype(index), name)
                self.assertTrue(np.array_equal(getattr(r, name), getattr(expected, name)), name)
        for shift in (np.int8, np.int16, np.int32, np.int64, np.float32, float):
            r = nblist.neighbors(crystal(), CELL, True, 4.0, shift_dtype=shift)
            self.assertTrue(
                r.shift.dtype == np.dtype(shift) and np.array_equal(r.shift, expected.shift)
            )
        r = nblist.neighbors(crystal(), CELL, True, 4.0, outputs="d", dtype=np.float16)
        self.assertTrue(np.array_equal(r.distance, expected.distance.astype(np.float16)))
        with self.assertRaises(OverflowError):
            nblist.neighbors(crystal(), CELL, True, 9.0, outputs="row_ptr", index_dtype=np.int8)
        far = np.array([[0.0, 0, 0], [800.0, 0, 0]])
        for narrow in (np.int8, np.uint32):
            with self.assertRaises(OverflowError):
                nblist.neighbors(far, np.eye(3) * 2, True, 3.0, shift_dtype=narrow)
        for bad in ({"index_dtype": float}, {"dtype": int}, {"shift_dtype": complex}):
            with self.assertRaises(TypeError):
                nblist.neighbors(WATER, cutoff=2.0, outputs="ijSd", **bad)

    def test_refused(self):
        bad = WATER.copy()
        bad[1, 2] = np.inf
        for arguments, text in [
            ((bad, None, None, 2.0), r"positions\[1\]\[2\] is inf"),
            ((WATER, None, True, 2.0), "cell"),
            ((WATER, np.zeros((3, 3)), True, 2.0), "cell"),
            ((WATER[:, :2], None, None, 2.0), r"shape \(n, 3\)"),
            ((WATER.ravel(), None, None, 2.0), r"shape \(n, 3\)"),
            ((WATER, np.eye(2), True, 2.0), r"shape \(3, 3\)"),
            ((WATER, np.eye(3), [True, True], 2.0), "pbc"),
        ]:
            with self.assertRaisesRegex(ValueError, text):
                nblist.neighbors(*arguments)
        for arguments in [
            (WATER.astype(complex), None, None, 2.0),
            (WATER, np.eye(3), "yes", 2.0),
            (WATER.astype(str), None, None, 2.0),
            (WATER, np.eye(3), [0.5, 1.0, 1.0], 2.0),
        ]:
            with self.assertRaises(TypeError):
                nblist.neighbors(*arguments)
        with self.assertRaises(nblist.LimitError) as caught:
            nblist.neighbors(crystal(), CELL, True, 4.0, max_pairs=10)
        self.assertEqual(caught.exception.name, "NBL_ELIMIT")
        with self.assertRaises(nblist.LimitError):
            nblist.neighbors(crystal(), CELL, True, 50.0, max_bytes=100000)
        for name in ("n_threads", "max_pairs", "max_bytes"):
            for value in (-1, 2**32, 2**64, -(2**32)):
                if name == "n_threads" or not 0 <= value < 2**63:
                    with self.assertRaisesRegex(ValueError, name):
                        nblist.neighbors(WATER, cutoff=2.0, **{name: value})
            with self.assertRaises(TypeError):
                nblist.neighbors(WATER, cutoff=2.0, **{name: 1.5})
        with self.assertRaises(ValueError):
            nblist.neighbors(WATER, cutoff=2.0, algorithm="magic")
        self.assertEqual(nblist.neighbors(WATER, cutoff=2.0).n_pairs, 6)
        error = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual(
            (type(error), error.status, str(error)),
            (nblist.LimitError, caught.exception.status, str(caught.exception)),
        )

    def test_memory_error(self):
        from nblist import _abi
        from nblist._errors import error

        self.assertIsInstance(error(_abi.NBL_ENOMEM, b""), MemoryError)
        self.assertEqual(str(error(_abi.NBL_ENOMEM, b"")), "out of memory")


class Out(unittest.TestCase):
    def setUp(self):
        self.expected = nblist.neighbors(crystal(), CELL, True, 4.0, outputs=NAMES)

    def compare(self, result, names):
        for name in names:
            self.assertTrue(
                np.array_equal(getattr(result, name), getattr(self.expected, name)), name
            )

    def test_written_in_place(self):
        m, n = self.expected.n_pairs, self.expected.n_atoms
        for room in (0, 7):
            out = {
                "i": np.empty(m + room, np.int64),
                "j": np.empty(m + room, np.int64),
                "edge_index": np.empty((2, m + room), np.int64),
                "pairs": np.empty((m + room, 2), np.uint64),
                "shift": np.empty((m + room, 3), np.int8),
                "vector": np.empty((m + room, 3), np.float64),
                "distance": np.empty(m + room),
                "row_ptr": np.empty(n + 1 + room, np.int64),
                "counts": np.empty(n + room, np.int64),
                "reverse": np.empty(m + room, np.int64),
            }
            r = nblist.neighbors(crystal(), CELL, True, 4.0, out=out)
            self.compare(r, out)
            for name, array in out.items():
                self.assertTrue(np.shares_memory(getattr(r, name), array), name)
        i32 = {"edge_index": np.empty((2, m), np.int32)}
        r = nblist.neighbors(crystal(), CELL, True, 4.0, outputs="ijd", out=i32)
        self.compare(r, ["edge_index", "i", "j", "distance"])
        self.assertTrue(np.shares_memory(r.i, i32["edge_index"]))

    def test_converted(self):
        m = self.expected.n_pairs
        out = {
            "i": np.empty(m, np.int16),
            "j": np.empty((m, 2), np.int64)[:, 1],
            "distance": np.empty(m, np.float16),
            "shift": np.empty((m, 3), np.int64),
            "edge_index": np.empty((2, m), np.int16),
        }
        r = nblist.neighbors(crystal(), CELL, True, 4.0, out=out)
        self.compare(r, ["i", "j", "shift", "edge_index"])
        self.assertTrue(np.array_equal(out["distance"], self.expected.distance.astype(np.float16)))
        self.assertTrue(np.array_equal(out["i"], self.expected.i))

    def test_nothing_half_done(self):
        """What does not fit leaves every array as it was."""
        line = np.zeros((40000, 3))
        line[:, 0] = 0.7 * np.arange(40000)
        m = nblist.neighbors(line, cutoff=1.0).n_pairs
        far = [[0.0, 0.0, 0.0], [800.0, 0.0, 0.0]]
        box = np.eye(3) * 2

        def new(dtype, *shape):
            return np.full(shape, 7, dtype)

        for arguments, out, options in (
            ((line, None, None, 1.0), {"i": new("i2", m), "j": new("i8", m)}, {}),
            ((line, None, None, 1.0), {"j": new("i8", m), "i": new("i2", m)}, {}),
            ((line, None, None, 1.0), {"distance": new("f2", m), "i": new("i2", m)}, {}),
            ((line, None, None, 1.0), {"i": new("i2", m), "distance": new("f8", m)}, {}),
            ((line, None, None, 1.0), {"distance": new("f8", m)}, {"index_dtype": np.int16}),
            (
                (line, None, None, 1.0),
                {"edge_index": new("i2", 2, m), "pairs": new("i8", m, 2)},
                {},
            ),
            (
                (far, box, True, 3.0),
                {"i": new("i2", 99), "shift": new("i1", 99, 3), "distance": new("f8", 99)},
                {},
            ),
            ((far, box, True, 3.0), {"shift": new("i1", 99, 3), "i": new("i8", 99)}, {}),
            ((far, box, True, 3.0), {"shift": new("u4", 99, 3), "i": new("i8", 99)}, {}),
        ):
            with self.assertRaises(OverflowError):
                nblist.neighbors(*arguments, out=out, **options)
            for name, array in out.items():
                self.assertTrue((array == 7).all(), (list(out), name))

    def test_many_sets(self):
        """What is kept of one set of arrays does no harm to the next, and is not kept for ever."""
        own, rng = nblist.CellList(), np.random.default_rng(2)
        m = self.expected.n_pairs
        types = {
            "i": ["i2", "i4", "i8", "u4", "u8"],
            "j": ["i4", "i8", ">i4"],
            "shift": ["i1", "i4", "i8"],
            "distance": ["f4", "f8"],
            "edge_index": ["i4", "i8"],
        }
        for _ in range(support.scaled(200, 60)):
            names = rng.permutation(list(types))[: rng.integers(1, 6)]
            room = int(rng.integers(0, 3))
            out = {}
            for name in names:
                shape = {"shift": (m + room, 3), "edge_index": (2, m + room)}.get(name, (m + room,))
                out[name] = np.full(shape, 7, rng.choice(types[name]))
            r = own.neighbors(crystal(), CELL, True, 4.0, outputs="ijSd", out=out)
            for name in ("i", "j", "shift", "distance"):
                array = getattr(r, name)
                if name in out:
                    self.assertTrue(np.shares_memory(array, out[name]), (list(out), name))
                expected = getattr(self.expected, name).astype(array.dtype)
                self.assertTrue(np.array_equal(array, expected), (list(out), name))
            for array in out.values():
                rest = array[..., m:] if array.shape[0] == 2 else array[m:]
                self.assertTrue((rest == 7).all(), list(out))
        (plan,) = own._plans.values()
        self.assertTrue(1 < len(plan._into) <= 32)

    def test_broken_off(self):
        """After a call that did not end, the next one writes into its own arrays only."""
        own, fetch = nblist.CellList(), nblist._handles._fetch
        m = self.expected.n_pairs

        def broken_off(handle, k, outputs):
            if outputs._obj.j:
                raise KeyboardInterrupt
            return fetch(handle, k, outputs)

        old, new = [{"i": np.full(m, 7, np.int16), "j": np.full(m, 7)} for _ in range(2)]
        nblist._handles._fetch = broken_off
        try:
            with self.assertRaises(KeyboardInterrupt):
                own.neighbors(crystal(), CELL, True, 4.0, out=old)
        finally:
            nblist._handles._fetch = fetch
        self.compare(own.neighbors(crystal(), CELL, True, 4.0, out=new), ["i", "j"])
        for array in old.values():
            self.assertTrue((array == 7).all())

    def test_unaligned(self):
        m = self.expected.n_pairs
        block = np.zeros(1 + 8 * m, np.uint8)
        where = block[1:].view(np.int64)
        self.assertFalse(where.flags.aligned)
        r = nblist.neighbors(crystal(), CELL, True, 4.0, out={"j": where})
        self.compare(r, ["j", "i"])
        self.assertTrue(np.shares_memory(r.j, block))

    def test_other_layouts(self):
        """Right, in the memory of the caller, and nowhere around it."""

        def unaligned(shape, dtype):
            size = int(np.prod(shape)) * np.dtype(dtype).itemsize
            block = np.full(size + 9, 7, np.uint8)
            return block[1 : size + 1].view(dtype).reshape(shape), block, size

        m = self.expected.n_pairs
        for name, shape, dtype in (
            ("i", (m,), np.int32),
            ("edge_index", (2, m), np.int64),
            ("pairs", (m, 2), np.int32),
            ("shift", (m, 3), np.int32),
            ("vector", (m, 3), np.float64),
            ("distance", (m,), np.float32),
        ):
            expected = getattr(self.expected, name).astype(dtype)
            doubled = np.full(tuple(2 * k for k in shape), 7, dtype)
            every_second = doubled[tuple(slice(None, None, 2) for _ in shape)]
            apart, block, size = unaligned(shape, dtype)
            self.assertFalse(apart.flags.aligned)
            for array in (
                np.empty(shape, dtype, order="F"),
                np.empty(shape, dtype)[::-1],
                np.empty(shape[::-1], dtype).T,
                np.empty(shape, np.dtype(dtype).newbyteorder()),
                every_second,
                apart,
            ):
                r = nblist.neighbors(crystal(), CELL, True, 4.0, out={name: array})
                self.assertTrue(np.array_equal(array, expected), name)
                self.assertTrue(np.shares_memory(getattr(r, name), array), name)
            every_second[...] = 7
            self.assertTrue((doubled == 7).all(), name)
            self.assertTrue(block[0] == 7 and (block[size + 1 :] == 7).all(), name)

    def test_refused(self):
        m = self.expected.n_pairs
        frozen = np.empty(m)
        frozen.flags.writeable = False
        for out, kind, text in [
            (
                {"i": np.empty(m - 1, np.int64)},
                ValueError,
                r"out\['i'\] has the shape \(%d,\), but \(%d,\) is needed" % (m - 1, m),
            ),
            (
                {"edge_index": np.empty((m, 2), np.int64)},
                ValueError,
                r"has the shape \(%d, 2\), but \(2, %d\) is needed, or more along axis 1" % (m, m),
            ),
            (
                {"edge_index": np.empty((2, m - 1), np.int64)},
                ValueError,
                r"has the shape \(2, %d\), but \(2, %d\)" % (m - 1, m),
            ),
            (
                {"pairs": np.empty((2, m), np.int64)},
                ValueError,
                r"has the shape \(2, %d\), but \(%d, 2\)" % (m, m),
            ),
            (
                {"vector": np.empty((3, m))},
                ValueError,
                r"has the shape \(3, %d\), but \(%d, 3\) is needed, or more along axis 0" % (m, m),
            ),
            (
                {"shift": np.empty(3 * m, np.int32)},
                ValueError,
                r"has the shape \(%d,\), but \(%d, 3\)" % (3 * m, m),
            ),
            ({"distance": frozen}, ValueError, r"out\['distance'\] is read-only"),
            ({"distance": [0.0] * m}, TypeError, "must be a numpy array, not list"),
            ({"lengths": np.empty(m)}, ValueError, "no 'lengths'"),
            ({"i": np.empty(m)}, TypeError, "indices must be integers, not float64"),
            ({"distance": np.empty(m, int)}, TypeError, "no conversion of lengths to int64"),
            ({"shift": np.empty((m, 3), bool)}, TypeError, "no conversion of shifts to bool"),
        ]:
            with self.assertRaisesRegex(kind, text):
                nblist.neighbors(crystal(), CELL, True, 4.0, out=out)

    def test_several_cutoffs(self):
        cutoffs = [2.0, 4.0]
        counts = [r.n_pairs for r in nblist.neighbors(crystal(), CELL, True, cutoffs)]
        out = [{"i": np.empty(m, np.int32)} for m in counts]
        found = nblist.neighbors(crystal(), CELL, True, cutoffs, outputs="ij", out=out)
        self.assertTrue(
            np.array_equal(out[1]["i"], self.expected.i) and found[1].i.dtype == np.int32
        )
        named = {"far": {"distance": np.empty(counts[1])}}
        found = nblist.neighbors(crystal(), CELL, True, cutoffs, labels=["near", "far"], out=named)
        self.assertTrue(np.shares_memory(found["far"].distance, named["far"]["distance"]))
        for refused in (out[:1], out + [None], {"i": out[0]["i"]}, {2: out[0]}):
            with self.assertRaisesRegex(ValueError, "out has arrays for"):
                nblist.neighbors(crystal(), CELL, True, cutoffs, out=refused)
        for key in ("Far", 0):
            with self.assertRaisesRegex(ValueError, "'near', 'far'"):
                nblist.neighbors(
                    crystal(), CELL, True, cutoffs, labels=["near", "far"], out={key: out[0]}
                )
            with self.assertRaisesRegex(ValueError, "'near', 'far'"):
                nblist.batch(WATER, cutoff=cutoffs, labels=["near", "far"], out={key: out[0]})
        found = nblist.neighbors(crystal(), CELL, True, cutoffs, out={1: out[1]})
        self.assertTrue(np.shares_memory(found[1].i, out[1]["i"]))
        with self.assertRaisesRegex(TypeError, "{name: array}"):
            nblist.neighbors(crystal(), CELL, True, cutoffs, out=[one["i"] for one in out])

    def test_nothing_follows_from_them_later(self):
        """Arrays of the caller may be those of the next call."""
        m, far = 6, np.array([[0.0, 0, 0], [9.0, 0, 0], [9.0, 1.0, 0]])
        for names, outputs in (
            (("i", "j"), "ij"),
            (("edge_index",), "ij"),
            (("edge_index",), ()),
            (("pairs",), "j"),
            (("row_ptr",), "S"),
        ):
            own, out = nblist.CellList(), {}
            for name in names:
                shape = {"edge_index": (2, m), "pairs": (m, 2), "row_ptr": (4,)}.get(name, (m,))
                out[name] = np.zeros(shape, np.int64)
            first = own.neighbors(WATER, cutoff=2.0, outputs=outputs, out=out)
            fresh = own.neighbors(WATER, cutoff=2.0, outputs=outputs, out=out)
            self.assertEqual(fresh.counts.tolist(), [2, 2, 2])
            second = own.neighbors(WATER, cutoff=2.0, outputs=outputs, out=out)
            copy = pickle.loads(pickle.dumps(second))
            own.neighbors(far, cutoff=2.0, out=out)
            for result in (first, second, copy):
                for name in ("counts", "row_ptr", "edge_index", "pairs", "batch", "edge_ptr"):
                    if name not in names:
                        with self.assertRaises(nblist.StaleError, msg=(names, name)):
                            getattr(result, name)
                for name in "ij":
                    if name in outputs:
                        self.assertEqual(getattr(result, name).shape, (m,))
                    elif name not in names:
                        with self.assertRaises(nblist.StaleError):
                            getattr(result, name)

    def test_overlapping(self):
        m = self.expected.n_pairs
        one = np.full(2 * m, 7)
        for out in (
            {"i": one[:m], "j": one[:m]},
            {"i": one[: m + 1], "reverse": one[m:]},
            {"edge_index": one.reshape(2, m), "pairs": one.reshape(m, 2)},
            {"i": one[::2], "j": one[m - m % 2 :][: m + m % 2]},
        ):
            names = [name for name in out]
            with self.assertRaisesRegex(ValueError, "%s.* and .*%s.* overlap" % tuple(names)):
                nblist.neighbors(crystal(), CELL, True, 4.0, out=out)
            with self.assertRaisesRegex(ValueError, "overlap"):
                nblist.batch(crystal(), cells=CELL, cutoff=4.0, out=out)
        with self.assertRaisesRegex(ValueError, "overlap"):
            nblist.neighbors(crystal(), CELL, True, [4.0, 3.0], out=[{"i": one}, {"i": one}])
        self.assertTrue((one == 7).all())
        columns = one.reshape(m, 2)  # side by side, but apart
        r = nblist.neighbors(
            crystal(), CELL, True, 4.0, out={"i": columns[:, 0], "j": columns[:, 1]}
        )
        self.compare(r, ["i", "j"])
        self.assertTrue(np.array_equal(columns, self.expected.pairs))


class Lifetime(unittest.TestCase):
    def test_stale(self):
        own = nblist.CellList()
        first = own.neighbors(crystal(), CELL, True, 4.0, outputs="i")
        self.assertTrue(first.valid)
        nblist.neighbors(WATER, cutoff=1.0)  # another list: no harm
        self.assertEqual(first.distance.shape, (first.n_pairs,))
        second = own.neighbors(WATER, cutoff=2.0, outputs="ij")
        self.assertFalse(first.valid)
        self.assertEqual(first.distance.shape, first.i.shape)  # had been fetched
        self.assertTrue(np.array_equal(first.counts, np.bincount(first.i)))  # follows from i
        with self.assertRaisesRegex(nblist.StaleError, "'shift' was not asked for"):
            first.shift
        self.assertEqual(second.shift.shape, (6, 3))
        with self.assertRaises(ValueError):
            own.neighbors(WATER, cutoff=-1.0)
        with self.assertRaises(nblist.StaleError):
            second.distance
        with self.assertRaises(AttributeError):
            second.lengths

    def test_a_result_keeps_its_list(self):
        result = nblist.CellList().neighbors(WATER, cutoff=2.0)
        self.assertEqual(len(result.distance), 6)

    def test_memory_is_kept(self):
        own = nblist.CellList(n_threads=1)
        positions = np.random.default_rng(1).uniform(0, 20, size=(2000, 3))
        own.neighbors(positions, cutoff=3.0)
        held = own.n_bytes
        self.assertGreater(held, 10000)
        for seed in range(3):
            own.neighbors(positions + 0.01 * seed, cutoff=3.0)
        self.assertEqual(own.n_bytes, held)

    def test_a_limit_does_not_count_earlier_calls(self):
        own = nblist.CellList()
        own.neighbors(np.random.default_rng(1).uniform(0, 30, size=(20000, 3)), cutoff=3.0)
        self.assertGreater(own.n_bytes, 5000000)
        self.assertEqual(own.neighbors(WATER, cutoff=2.0, max_bytes=1000000).n_pairs, 6)
        self.assertLess(own.n_bytes, 2000000)

    def test_pickle(self):
        r = nblist.neighbors(crystal(), CELL, True, 4.0, outputs="ijd")
        copy = pickle.loads(pickle.dumps(r))
        self.assertTrue(np.array_equal(copy.i, r.i) and np.array_equal(copy.distance, r.distance))
        self.assertEqual([len(array) for array in copy], [r.n_pairs] * 3)
        with self.assertRaises(nblist.StaleError):
            copy.shift
        with self.assertRaises(TypeError):
            pickle.dumps(nblist.CellList())

    def test_what_follows_from_indices_fits_their_type(self):
        """Stale or unpickled: as when the library still knows."""
        positions = np.random.default_rng(0).uniform(0, 9, size=(120, 3))
        own = nblist.CellList()
        fresh = own.neighbors(positions, cutoff=3.0, outputs="ij", index_dtype=np.int8)
        copy = pickle.loads(pickle.dumps(fresh))
        for name in ("row_ptr", "edge_ptr"):
            with self.assertRaises(OverflowError):
                getattr(fresh, name)
        own.neighbors(WATER, cutoff=1.0)
        for result in (fresh, copy):
            for name in ("row_ptr", "edge_ptr"):
                with self.assertRaisesRegex(OverflowError, name + " does not fit int8"):
                    getattr(result, name)
            self.assertTrue(np.array_equal(result.counts, np.bincount(result.i)))
            self.assertEqual(result.counts.dtype, np.int8)
            self.assertEqual(result.atom_ptr.tolist(), [0, 120])

    def test_many_options(self):
        own = nblist.CellList()
        for k in range(300):
            self.assertEqual(own.neighbors(WATER, cutoff=2.0, max_pairs=100 + k).n_pairs, 6)
        self.assertLessEqual(len(own._plans), 64)

    def test_bad_handles(self):
        with self.assertRaises(ValueError):
            nblist.CellList(isa="sse9")
        for kind in (nblist.CellList, nblist.Batch):
            for n_threads in (-3, 2**31, 2**32 + 1, -(2**32) + 1, 2**64 + 1):
                with self.assertRaisesRegex(ValueError, "n_threads is %d" % n_threads):
                    kind(n_threads=n_threads)
            with self.assertRaises(TypeError):
                kind(n_threads=1.5)
        self.assertEqual(
            nblist.CellList(n_threads=2, isa="portable").neighbors(WATER, cutoff=2.0).n_pairs, 6
        )


class Verify(unittest.TestCase):
    def test_equal(self):
        r = nblist.neighbors(crystal(), CELL, True, 4.0)
        report = nblist.verify(r, crystal(), CELL, True)
        self.assertTrue(report.equal and report.n_pairs == r.n_pairs and report.message == "")
        near, far = nblist.neighbors(crystal().astype(np.float32), CELL, True, [2.0, 4.0])
        self.assertTrue(nblist.verify(far, crystal().astype(np.float32), CELL, True).equal)

    def test_different(self):
        r = nblist.neighbors(crystal(), CELL, True, 4.0)
        moved = crystal()
        moved[2] += 0.5
        report = nblist.verify(r, moved, CELL, True)
        self.assertNotEqual(report.verdict, "equal")
        self.assertTrue(report.message and not report.equal)
        with self.assertRaises(ValueError):
            nblist.verify(r, crystal(), CELL, True, ptr=[0, 5])
        nblist.neighbors(WATER, cutoff=1.0)
        with self.assertRaises(nblist.StaleError):
            nblist.verify(r, crystal(), CELL, True)


if __name__ == "__main__":
    support.main()
