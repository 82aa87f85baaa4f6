# SPDX-License-Identifier: MIT
"""Tensors as arguments: torch's where it is installed, and otherwise objects that answer as they do."""
import ctypes
import unittest

import numpy as np

import nblist
import nblist.neighborlist_rs as rs
import nblist.vesin
import support
from nblist._arrays import as_cell, as_ids, as_positions
from support import WATER, rows_of

BOX = 3.0 * np.eye(3)
CPU, CUDA = (1, 0), (2, 0)

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


class dtype:
    """torch.float32 and its like: all that numpy could tell is the name."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return "torch." + self.name


class DlpackOnly:
    """Memory of a device, offered as DLPack and as nothing else."""

    def __init__(self, array, device=CPU):
        self.array, self.device = array, device

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, stream=None):
        capsule = self.array.__dlpack__()
        # DLTensor: a pointer to the data, then the type of the device.
        place = _pointer_of(capsule, b"dltensor") + ctypes.sizeof(ctypes.c_void_p)
        ctypes.c_int32.from_address(place).value = self.device[0]
        return capsule


class InterfaceOnly:
    """The same as __array_interface__."""

    def __init__(self, array):
        self.array, self.__array_interface__ = array, array.__array_interface__


class Tensor(DlpackOnly):
    """What of a torch tensor the package can meet. It has no __array_interface__."""

    def __init__(self, array, device=CPU, requires_grad=False):
        super().__init__(np.asarray(array), device)
        self.requires_grad = requires_grad

    shape = property(lambda self: self.array.shape)
    ndim = property(lambda self: self.array.ndim)
    dtype = property(lambda self: dtype(self.array.dtype.name))

    def data_ptr(self):
        return self.array.ctypes.data

    def detach(self):
        return Tensor(self.array, self.device)

    def __dlpack__(self, stream=None):
        if self.requires_grad:
            raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
        return super().__dlpack__(stream)

    def __array__(self, *arguments, **options):
        if self.device != CPU:
            raise TypeError(
                "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the "
                "tensor to host memory first."
            )
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return np.array(self.array, *arguments, **options)  # a copy, which tests can tell

    def __len__(self):
        return len(self.array)

    def __iter__(self):
        return (Tensor(one, self.device, self.requires_grad) for one in self.array)

    def __float__(self):
        return float(self.array)

    def __index__(self):
        return int(self.array)


dtype.__module__ = Tensor.__module__ = "torch"


class Taken(unittest.TestCase):
    def test_without_a_copy(self):
        wide = np.zeros((3, 5))
        wide[:, 1:4] = WATER
        for array in (WATER.copy(), WATER.astype(np.float32), wide[:, 1:4]):
            for given in (Tensor(array), Tensor(array, requires_grad=True), DlpackOnly(array)):
                taken, _, stride = as_positions(given)
                self.assertEqual(taken.ctypes.data, array.ctypes.data)
                self.assertEqual((taken.dtype, taken.strides), (array.dtype, array.strides))
                self.assertEqual(stride, 0 if array.flags.c_contiguous else array.strides[0])
        for given in (Tensor(BOX.copy()), Tensor(BOX.copy(), requires_grad=True)):
            self.assertEqual(as_cell(given).ctypes.data, given.data_ptr())
        for kind in (np.int64, np.int32):
            ids = Tensor(np.array([0, 0, 1], kind))
            self.assertEqual(as_ids(ids, "batch").ctypes.data, ids.data_ptr())

    def test_one_system(self):
        for kind in (np.float64, np.float32):
            positions = WATER.astype(kind)
            for cell, pbc in ((None, None), (BOX, [True, False, True])):
                expected = nblist.neighbors(positions, cell, pbc, 2.5, outputs="ijSDd")
                for grad in (False, True):
                    found = nblist.neighbors(
                        Tensor(positions, requires_grad=grad),
                        None if cell is None else Tensor(cell.astype(kind), requires_grad=grad),
                        None if pbc is None else Tensor(pbc),
                        Tensor(2.5, requires_grad=grad),
                        outputs="ijSDd",
                    )
                    for one, other in zip(found, expected):
                        self.assertEqual(one.dtype, other.dtype)
                        self.assertTrue(np.array_equal(one, other))
        near, far = nblist.neighbors(Tensor(WATER), cutoff=Tensor([1.0, 2.0]))
        self.assertEqual((near.n_pairs, far.n_pairs), (4, 6))
        self.assertTrue(nblist.verify(far, Tensor(WATER)).equal)

    def test_batch(self):
        positions = np.concatenate([WATER, WATER])
        cells, pbc = np.stack([BOX, BOX]), np.array([[True] * 3, [False] * 3])
        expected = nblist.batch(positions, ptr=[0, 3, 6], cells=cells, pbc=pbc, cutoff=2.5)
        for systems in (
            {"ptr": Tensor([0, 3, 6])},
            {"batch": Tensor(np.array([0, 0, 0, 1, 1, 1], np.int32))},
            {"batch": Tensor([0, 0, 0, 1, 1, 1]), "n_systems": Tensor(2)},
        ):
            for boxes in (Tensor(cells), Tensor(cells.reshape(6, 3)), [Tensor(BOX), Tensor(BOX)]):
                found = nblist.batch(
                    Tensor(positions, requires_grad=True),
                    **systems,
                    cells=boxes,
                    pbc=Tensor(pbc),
                    cutoff=Tensor(2.5),
                )
                self.assertTrue(np.array_equal(found.edge_index, expected.edge_index))
                self.assertTrue(np.array_equal(found.shift, expected.shift))
        for kind in (DlpackOnly, InterfaceOnly):  # neither of which has a shape or a length
            for boxes in (cells, cells.reshape(6, 3), BOX, cells[:1]):
                for systems in (
                    {"ptr": kind(np.array([0, 3, 6]))},
                    {"batch": kind(np.array([0, 0, 0, 1, 1, 1]))},
                ):
                    flags = kind(pbc.astype(np.uint8))
                    found = nblist.batch(
                        kind(positions), **systems, cells=kind(boxes), pbc=flags, cutoff=2.5
                    )
                    self.assertTrue(np.array_equal(found.edge_index, expected.edge_index))
                    self.assertTrue(np.array_equal(found.shift, expected.shift))
        sets = Tensor(np.array([[1.0, 2.0], [1.0, 2.0]]))
        near, far = nblist.batch(Tensor(positions), ptr=Tensor([0, 3, 6]), cutoff=sets)
        self.assertEqual((near.n_pairs, far.n_pairs), (8, 12))

    def test_other_calls(self):
        expected = nblist.neighbors(WATER, BOX, True, 2.5, full=False).n_pairs
        calculator = nblist.vesin.NeighborList(2.5, False)
        i, j = calculator.compute(Tensor(WATER), Tensor(BOX), Tensor([True] * 3))
        self.assertEqual(len(i), expected)
        cell = rs.PyCell(Tensor(BOX))
        lists = rs.build_neighborlists(cell, Tensor(WATER, requires_grad=True), 2.5)
        self.assertEqual(len(lists["shift"]), expected)
        lists = rs.build_neighborlists_batch(
            Tensor(WATER), Tensor([0, 0, 0]), Tensor(BOX[None]), 2.5
        )
        self.assertEqual(len(lists["shift"]), expected)
        i = nblist.primitive_neighbor_list("i", [True] * 3, Tensor(BOX), Tensor(WATER), 2.5)
        self.assertEqual(len(i), 2 * expected)

    def test_types(self):
        found = nblist.neighbors(
            WATER,
            BOX,
            cutoff=2.5,
            outputs="ijSDd",
            index_dtype=dtype("int32"),
            shift_dtype=dtype("int8"),
            dtype=dtype("float32"),
        )
        self.assertEqual(
            [array.dtype for array in found],
            [np.int32, np.int32, np.int8, np.float32, np.float32],
        )
        self.assertEqual(nblist.batch(WATER, cutoff=2.0, dtype=dtype("float32")).vector.dtype, "f4")
        with self.assertRaisesRegex(TypeError, "bfloat16"):
            nblist.neighbors(WATER, cutoff=2.0, dtype=dtype("bfloat16"))

    def test_torch(self):
        try:
            import torch
        except ImportError:
            self.skipTest("no torch")
        positions = torch.tensor(WATER, requires_grad=True)
        found = nblist.neighbors(
            positions, torch.eye(3, dtype=torch.float64) * 3, torch.tensor([True] * 3), 2.5
        )
        self.assertEqual(rows_of(found), rows_of(nblist.neighbors(WATER, BOX, cutoff=2.5)))
        edges = torch.from_numpy(found.edge_index)
        self.assertEqual(edges.dtype, torch.int64)
        self.assertEqual(as_positions(positions)[0].ctypes.data, positions.data_ptr())
        ids = torch.tensor([0, 0, 1])
        self.assertEqual(nblist.batch(positions, batch=ids, cutoff=2.5).n_pairs, 2)


class Refused(unittest.TestCase):
    def test_other_devices(self):
        """In torch's own words, or else in ours."""
        for kind, text in (
            (Tensor, r"Use Tensor.cpu\(\)"),
            (DlpackOnly, r"device \(2, 0\).* CPU"),
        ):
            for function, arguments in (
                (nblist.neighbors, {"positions": WATER}),
                (nblist.neighbors, {"positions": WATER.astype(np.float32)}),
                (nblist.neighbors, {"cell": BOX}),
                (nblist.neighbors, {"pbc": np.ones(3, np.uint8)}),
                (nblist.batch, {"positions": WATER}),
                (nblist.batch, {"batch": np.zeros(3, int)}),
                (nblist.batch, {"ptr": np.array([0, 3])}),
                (nblist.batch, {"cells": BOX}),
                (nblist.batch, {"pbc": np.ones((1, 3), np.uint8)}),
            ):
                ((name, array),) = arguments.items()
                given = {"positions": WATER, "cutoff": 2.0, name: kind(array, CUDA)}
                if name == "pbc":
                    given["cell" if function is nblist.neighbors else "cells"] = BOX
                with self.assertRaisesRegex(TypeError, text, msg=name):
                    function(**given)
        with self.assertRaisesRegex(TypeError, r"Use Tensor.cpu\(\)"):
            nblist.batch(WATER, cells=[Tensor(BOX, CUDA)], cutoff=2.0)
        with self.assertRaisesRegex(TypeError, r"Use Tensor.cpu\(\)"):
            nblist.neighbors(Tensor(WATER, CUDA, requires_grad=True), cutoff=2.0)

    def test_results_go_into_arrays(self):
        out = {"distance": Tensor(np.empty(6))}
        with self.assertRaisesRegex(TypeError, r"out\['distance'\] must be a numpy array"):
            nblist.neighbors(WATER, cutoff=2.0, out=out)


if __name__ == "__main__":
    support.main()
