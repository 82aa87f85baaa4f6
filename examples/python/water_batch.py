# SPDX-License-Identifier: MIT
"""
water_batch.py [LIBRARY]: many small systems from Python, with ctypes and numpy and nothing else.

The neighbours in 128 water molecules (those of ../data/water.xyz, each on its own, open, within 5), found
  one molecule at a time, nbl_neighbors() called twice: to count, and to fill arrays that fit;
  one molecule at a time, nbl_neighbors() called once, into arrays that are large enough for all;
  in one batch: nbl_batch_build(), nbl_batch_search(), nbl_result_fetch().
All three give the same arrays, which is checked; their times are printed.

LIBRARY is the path of libnblist.so; without it pkg-config is asked, then the loader. Programs that may
depend on more than numpy take the package nblist instead, as in data_loader.py.
"""
import ctypes
import ctypes.util
import os
import subprocess
import sys
import time

import numpy as np

N_MOLECULES, CUTOFF, ROUNDS = 128, 5.0, 30


class Outputs(ctypes.Structure):
    """nbl_outputs, field by field."""

    _fields_ = (
        [("size", ctypes.c_size_t)]
        + [(name, ctypes.c_int32) for name in
           ("layout", "index_base", "index_dtype", "offset_dtype", "shift_dtype", "real_dtype")]
        + [(name, ctypes.c_int64) for name in
           ("pair_capacity", "row_capacity", "edge_index_stride", "dense_width", "dense_fill")]
        + [(name, ctypes.c_void_p) for name in
           ("i", "j", "edge_index", "pairs", "shifts", "vectors", "distances", "row_ptr", "counts", "reverse")]
        + [("system_capacity", ctypes.c_int64), ("local_indices", ctypes.c_int32), ("reserved", ctypes.c_int32)]
        + [(name, ctypes.c_void_p) for name in ("batch", "edge_ptr", "atom_ptr")]
    )


class BatchInput(ctypes.Structure):
    """nbl_batch_input, field by field."""

    _fields_ = (
        [("size", ctypes.c_size_t), ("n_systems", ctypes.c_int64), ("n_atoms", ctypes.c_int64)]
        + [(name, ctypes.c_void_p) for name in
           ("positions", "ptr", "batch", "cells", "has_cell", "pbc", "cutoffs")]
        + [(name, ctypes.c_int64) for name in ("n_cells", "n_pbc", "n_cutoffs")]
        + [("ids_dtype", ctypes.c_int32), ("reserved", ctypes.c_int32)]
    )


class HandleOptions(ctypes.Structure):
    """nbl_handle_options, field by field."""

    _fields_ = [("size", ctypes.c_size_t), ("allocator", ctypes.c_void_p), ("n_threads", ctypes.c_int32),
                ("isa", ctypes.c_int32)]


def find_library():
    if len(sys.argv) > 1:
        return sys.argv[1]
    try:
        folder = subprocess.run(["pkg-config", "--variable=libdir", "nblist"], check=True, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()
        path = os.path.join(folder, "libnblist.so")
        if os.path.exists(path):
            return path
    except (OSError, subprocess.CalledProcessError):
        pass
    return ctypes.util.find_library("nblist") or sys.exit("libnblist is not found: water_batch.py LIBRARY")


def load_library():
    """Argument types are told once: a call then converts nothing twice and checks what it is given."""
    library = ctypes.CDLL(find_library())
    pointer, integer, real = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
    for name, result, *arguments in [
        ("nbl_batch_create", ctypes.c_int32, pointer, pointer),
        ("nbl_result_create", ctypes.c_int32, pointer, pointer),
        ("nbl_batch_destroy", None, pointer),
        ("nbl_result_destroy", None, pointer),
        ("nbl_batch_message", ctypes.c_char_p, pointer),
        ("nbl_result_message", ctypes.c_char_p, pointer),
        ("nbl_batch_build", ctypes.c_int32, pointer, pointer, pointer, pointer),
        ("nbl_batch_search", ctypes.c_int32, pointer, integer, pointer, pointer, pointer),
        ("nbl_result_n_pairs", integer, pointer, ctypes.c_int32),
        ("nbl_result_fetch", ctypes.c_int32, pointer, ctypes.c_int32, pointer),
        ("nbl_neighbors", ctypes.c_int32, integer, pointer, pointer, pointer, real, pointer, pointer, pointer,
         pointer, pointer, ctypes.c_size_t),
    ]:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def check(status, message):
    if status != 0:
        raise RuntimeError("status %d: %s" % (status, message.decode()))


def read_water():
    """The positions of the first molecules of the file, O H H each."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "..", "data", "water.xyz"), encoding="ascii") as file:
        lines = file.readlines()[2:2 + 3 * N_MOLECULES]
    return np.array([line.split()[1:4] for line in lines], dtype=np.float64)


def arrays_for(m):
    """edge_index, shifts and distances of m pairs."""
    return np.empty((2, m), np.int64), np.empty((m, 3), np.int32), np.empty(m, np.float64)


def outputs_into(edge_index, shifts, distances):
    return Outputs(size=ctypes.sizeof(Outputs), pair_capacity=len(distances), edge_index=edge_index.ctypes.data,
                   shifts=shifts.ctypes.data, distances=distances.ctypes.data)


def loop_of_two_calls(library, positions, ptr):
    """Count, make arrays that fit, fill them: what the header shows."""
    m, message, parts = ctypes.c_int64(), ctypes.create_string_buffer(200), []
    for b in range(N_MOLECULES):
        one = positions[ptr[b]:ptr[b + 1]]
        search = (len(one), one.ctypes.data, None, None, CUTOFF, None, None)
        rest = (ctypes.byref(m), message, 200)
        check(library.nbl_neighbors(*search, None, *rest), message.value)
        edge_index, shifts, distances = arrays_for(m.value)
        outputs = outputs_into(edge_index, shifts, distances)
        check(library.nbl_neighbors(*search, ctypes.byref(outputs), *rest), message.value)
        edge_index += ptr[b]
        parts.append((edge_index, shifts, distances))
    return tuple(np.concatenate(arrays, axis=-1 if k == 0 else 0) for k, arrays in enumerate(zip(*parts)))


def loop_of_one_call(library, positions, ptr, room):
    """The least that a loop can do: one call for each molecule, right behind the pairs of the one before."""
    edge_index, shifts, distances = room
    first = positions.ctypes.data
    at = [array.ctypes.data for array in room]
    outputs = Outputs(size=ctypes.sizeof(Outputs), edge_index_stride=edge_index.shape[1])
    m, message, done, counts = ctypes.c_int64(), ctypes.create_string_buffer(200), 0, []
    by_outputs, by_m, find = ctypes.byref(outputs), ctypes.byref(m), library.nbl_neighbors
    starts = ptr.tolist()
    for b in range(N_MOLECULES):
        outputs.pair_capacity = len(distances) - done
        outputs.edge_index = at[0] + 8 * done
        outputs.shifts = at[1] + 12 * done
        outputs.distances = at[2] + 8 * done
        status = find(starts[b + 1] - starts[b], first + 24 * starts[b], None, None, CUTOFF, None, None,
                      by_outputs, by_m, message, 200)
        if status != 0:
            check(status, message.value)
        counts.append(m.value)
        done += m.value
    edge_index[:, :done] += np.repeat(ptr[:-1], counts)
    return edge_index[:, :done], shifts[:done], distances[:done]


class Batch:
    """Handles that are kept from batch to batch, as a data loader keeps them."""

    def __init__(self, library):
        self.library = library
        self.batch, self.result = ctypes.c_void_p(), ctypes.c_void_p()
        one_thread = HandleOptions(size=ctypes.sizeof(HandleOptions), n_threads=1)
        check(library.nbl_batch_create(ctypes.byref(self.batch), ctypes.byref(one_thread)), b"batch")
        check(library.nbl_result_create(ctypes.byref(self.result), None), b"result")

    def close(self):
        self.library.nbl_result_destroy(ctypes.byref(self.result))
        self.library.nbl_batch_destroy(ctypes.byref(self.batch))

    def neighbors(self, positions, ptr):
        library, cutoff = self.library, ctypes.c_double(CUTOFF)
        given = BatchInput(size=ctypes.sizeof(BatchInput), n_systems=len(ptr) - 1, n_atoms=len(positions),
                           positions=positions.ctypes.data, ptr=ptr.ctypes.data,
                           cutoffs=ctypes.addressof(cutoff), n_cutoffs=1)
        status = library.nbl_batch_build(self.batch, ctypes.byref(given), None, None)
        check(status, library.nbl_batch_message(self.batch))
        status = library.nbl_batch_search(self.batch, 0, None, None, self.result)
        check(status, library.nbl_result_message(self.result))
        found = arrays_for(library.nbl_result_n_pairs(self.result, 0))
        status = library.nbl_result_fetch(self.result, 0, ctypes.byref(outputs_into(*found)))
        check(status, library.nbl_result_message(self.result))
        return found


def timed(function, *arguments):
    """The result, and the shortest time of some rounds in microseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        result = function(*arguments)
        best = min(best, time.perf_counter() - began)
    return result, best * 1e6


def main():
    library = load_library()
    positions = read_water()
    ptr = np.arange(0, 3 * N_MOLECULES + 1, 3)
    batch = Batch(library)
    reference, two_calls = timed(loop_of_two_calls, library, positions, ptr)
    preallocated, one_call = timed(loop_of_one_call, library, positions, ptr, arrays_for(16 * N_MOLECULES))
    batched, at_once = timed(batch.neighbors, positions, ptr)
    batch.close()

    for name, found in [("one call each", preallocated), ("batch", batched)]:
        for expected, array in zip(reference, found):
            assert array.dtype == expected.dtype and np.array_equal(array, expected), name
    assert reference[0].shape[1] == 6 * N_MOLECULES, "not all pairs of every molecule"

    print("%d molecules, %d pairs, the same arrays three times" % (N_MOLECULES, reference[0].shape[1]))
    print("loop, two calls each %9.1f us   %5.1f times the batch" % (two_calls, two_calls / at_once))
    print("loop, one call each  %9.1f us   %5.1f times the batch" % (one_call, one_call / at_once))
    print("one batch            %9.1f us" % at_once)


if __name__ == "__main__":
    main()
