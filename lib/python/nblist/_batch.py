# SPDX-License-Identifier: MIT
"""Neighbours in many systems at once."""
from __future__ import annotations

import ctypes
import threading
from ctypes import byref, sizeof
from typing import Any, Iterable, List, Optional, Sequence, Tuple, Union

import numpy as np

from . import _abi
from ._arrays import F64, I32, U8, address, as_array, as_ids, as_positions, as_real
from ._handles import Handles, check_labels, checked_out, one_cutoff
from ._library import nbl, quick
from ._plan import checked_integer

_build = nbl["nbl_batch_build"]
_search = nbl["nbl_batch_search"]
_search_multi = nbl["nbl_batch_search_multi"]


class Systems:
    """What describes the systems of a batch, as the library reads it, and the arrays that it points
    into."""

    def __init__(
        self, n: int, batch: Any, ptr: Any, cells: Any, pbc: Any, n_systems: Optional[int]
    ) -> None:
        self.input = _abi.BatchInput(size=sizeof(_abi.BatchInput), n_atoms=n)
        self.keep: List[Any] = []
        if n_systems is not None:
            n_systems = checked_integer("n_systems", n_systems)
        if batch is not None and ptr is not None:
            raise ValueError("give batch or ptr, not both")
        if cells is not None and not is_list(cells):
            cells = np.atleast_1d(as_array(cells))
        if pbc is not None:
            pbc = as_array(pbc)
        single = isinstance(cells, np.ndarray) and cells.ndim == 2 and len(cells) == 3
        if ptr is not None:
            ptr = as_ids(ptr, "ptr")
            if len(ptr) == 0:
                raise ValueError("ptr must have one entry more than there are systems")
            count = len(ptr) - 1
            if n_systems is not None and n_systems != count:
                raise ValueError(
                    "n_systems is %d, but ptr is that of %d systems" % (n_systems, count)
                )
            self.input.ptr = self.place(ptr)
            self.input.ids_dtype = _abi.NBL_INT32 if ptr.dtype == I32 else _abi.NBL_INT64
        else:
            if batch is None:
                batch = np.zeros(n, np.int64)
            batch = as_ids(batch, "batch")
            if len(batch) != n:
                raise ValueError("batch has %d entries, but there are %d atoms" % (len(batch), n))
            count = n_systems if n_systems is not None else self.count(batch, cells, pbc, single)
            self.input.batch = self.place(batch)
            self.input.ids_dtype = _abi.NBL_INT32 if batch.dtype == I32 else _abi.NBL_INT64
        self.input.n_systems = checked_integer("n_systems", count)
        self.cells(cells, single, count)
        self.flags(pbc, count)

    def place(self, array: np.ndarray) -> int:
        self.keep.append(array)
        return address(array)

    @staticmethod
    def count(batch: np.ndarray, cells: Any, pbc: Optional[np.ndarray], single: bool) -> int:
        """Systems of a batch that says so by ids: as many as there are cells or flags, or up to the
        last id."""
        if cells is not None and not single and len(cells) != 1:
            return len(cells) // 3 if not is_list(cells) and cells.ndim == 2 else len(cells)
        if pbc is not None and pbc.ndim == 2 and len(pbc) != 1:
            return len(pbc)
        return max(0, int(batch[-1]) + 1) if len(batch) else 0

    def cells(self, cells: Any, single: bool, count: int) -> None:
        if cells is None:
            return
        if is_list(cells):  # of cells, with None where there is none
            has = np.array([cell is not None for cell in cells], U8)
            array = np.zeros((len(cells), 3, 3))
            for k, cell in enumerate(cells):
                if cell is not None:
                    array[k] = as_real(cell, "cells")
            if not has.all():
                self.input.has_cell = self.place(has)
        else:
            array = np.ascontiguousarray(as_real(cells, "cells"), F64)
            if single or (array.ndim == 2 and array.shape == (3 * count, 3)):
                array = array.reshape(-1, 3, 3)
        if array.ndim != 3 or array.shape[1:] != (3, 3):
            raise ValueError(
                "cells must have the shape (B, 3, 3) or (3, 3), not %s" % (array.shape,)
            )
        if len(array) not in (1, count):
            raise ValueError("there are %d cells for %d systems" % (len(array), count))
        if len(array):
            self.input.cells = self.place(array)
            self.input.n_cells = len(array)

    def flags(self, array: Optional[np.ndarray], count: int) -> None:
        if array is None:
            return
        if array.dtype.kind not in "biu" and array.size:
            raise TypeError("pbc must be flags, not %s" % array.dtype)
        if array.ndim == 0:
            array = np.repeat(array, 3)
        if array.shape == (0,):
            array = array.reshape(0, 3)
        if array.ndim == 1 and array.size == 3 * count and count > 1:  # collated as one array
            array = array.reshape(-1, 3)
        array = np.ascontiguousarray(np.atleast_2d(array) != 0).view(U8)
        if array.ndim != 2 or array.shape[1] != 3:
            raise ValueError("pbc must have the shape (B, 3) or (3,), not %s" % (array.shape,))
        if len(array) not in (1, count):
            raise ValueError("there are flags of %d systems for %d" % (len(array), count))
        if len(array):
            self.input.pbc = self.place(array)
            self.input.n_pbc = len(array)


def is_list(cells: Any) -> bool:
    """Whether cells come one by one, as in [None, cell, cell]."""
    return isinstance(cells, (list, tuple)) and (
        not cells or any(cell is None or np.ndim(cell) == 2 for cell in cells)
    )


class Batch(Handles):
    """Neighbour lists of one batch after another, in memory that is kept from call to call: for
    data loaders.

    Arguments, threads, forks and pickling: as CellList.
    """

    _calls = (nbl["nbl_batch_create"], nbl["nbl_batch_destroy"], quick["nbl_batch_message"])

    def batch(
        self,
        positions: Any,
        batch: Any = None,
        ptr: Any = None,
        cells: Any = None,
        pbc: Any = None,
        cutoff: Any = None,
        full: bool = True,
        sorted: bool = False,
        outputs: Union[str, Iterable[str]] = "ijS",
        n_threads: int = 0,
        out: Any = None,
        *,
        n_systems: Optional[int] = None,
        local_indices: bool = False,
        errors: str = "raise",
        self_interaction: bool = False,
        inclusive: bool = False,
        disjoint: bool = False,
        labels: Optional[Sequence[Any]] = None,
        index_dtype: Any = None,
        shift_dtype: Any = None,
        dtype: Any = None,
        algorithm: str = "auto",
        max_pairs: int = 0,
        max_bytes: int = 0,
    ) -> Any:
        """As nblist.batch(), with the memory of this object. Results of earlier calls become
        stale."""
        if errors not in ("raise", "status"):
            raise ValueError("errors must be 'raise' or 'status', not %r" % (errors,))
        if outputs.__class__ is not str:
            outputs = tuple(outputs)
        array, code, stride = as_positions(positions)
        if code == _abi.NBL_FLOAT32 and dtype is None:
            dtype = np.float32
        key = (
            full,
            sorted,
            outputs,
            n_threads,
            self_interaction,
            inclusive,
            disjoint,
            index_dtype,
            shift_dtype,
            dtype,
            algorithm,
            max_pairs,
            max_bytes,
            local_indices,
            errors == "raise",
        )
        n = len(array)
        given = Systems(n, batch, ptr, cells, pbc, n_systems)
        count = given.input.n_systems
        given.input.positions = address(array)
        sets, single = cutoff_sets(cutoff, count)
        if sets.shape[1] > _abi.NBL_MAX_LISTS:
            raise ValueError(
                "%d cutoffs, but at most %d in one call" % (sets.shape[1], _abi.NBL_MAX_LISTS)
            )
        check_labels(labels, sets.shape[1])
        if sets.shape[1] == 0:
            return [] if labels is None else {}
        if out is not None:
            out = checked_out(out, labels, None if single else sets.shape[1])
        largest = sets if single else np.fmax.reduce(sets, axis=1)
        given.input.cutoffs = given.place(largest)
        given.input.n_cutoffs = len(sets)
        with self._lock:
            if self._busy:
                raise self._reentered()
            self._busy = True
            try:
                plan = self._plans.get(key) or self._new_plan(key)
                by_build = (
                    plan.build_of(code, stride)
                    if code != _abi.NBL_FLOAT64 or stride
                    else plan.by_build
                )
                self._generation += 1
                bad = _build(self._handle, byref(given.input), by_build, None)
                if bad and (errors == "raise" or bad != _abi.NBL_EBATCH):
                    self._check(bad)
                if single:
                    refused = _search(self._handle, 0, None, plan.by_search, self._result)
                else:
                    refused = _search_multi(
                        self._handle,
                        sets.shape[1],
                        len(sets),
                        address(sets),
                        plan.by_search,
                        self._result,
                    )
                if refused and (errors == "raise" or refused != _abi.NBL_EBATCH):
                    self._check_result(refused)
                status = None
                if errors == "status":  # after the library has judged how many there are
                    status = np.zeros(count, np.int32)
                    if bad or refused:
                        system_status = quick["nbl_result_system_status"]
                        status[:] = [system_status(self._result, b) for b in range(count)]
                if single:
                    value = sets[0, 0] if len(sets) == 1 else sets[:, 0]
                    found: Any = self._one(0, plan, n, count, value, out, status)
                else:
                    values = list(sets[0]) if len(sets) == 1 else list(sets.T)
                    return self._several(plan, n, count, values, labels, out, status)
            finally:
                self._busy = False
        return found if labels is None else {labels[0]: found}

    def _built_bytes(self) -> int:
        info = _abi.BatchInfo(size=sizeof(_abi.BatchInfo))
        return (
            int(info.n_bytes) if quick["nbl_batch_get_info"](self._handle, byref(info)) == 0 else 0
        )


def cutoff_sets(cutoff: Any, count: int) -> Tuple[np.ndarray, bool]:
    """Cutoffs as [1 or B, K], and whether a single number was given."""
    value = one_cutoff(cutoff)
    if value is not None:
        return np.array([[value]]), True
    array = as_real(cutoff, "cutoff")
    if array.ndim == 1:
        array = array[None]
    if array.ndim != 2 or len(array) not in (1, count):
        raise ValueError(
            "cutoff must be a number, a sequence, or of the shape (B, K) for B = %d systems, not %s"
            % (count, array.shape)
        )
    return np.ascontiguousarray(array, F64), False


class _PerThread(threading.local):
    """The batch behind batch(), one for each thread."""

    def __init__(self) -> None:
        self.batch = Batch()


_mine = _PerThread()


def batch(
    positions: Any,
    batch: Any = None,
    ptr: Any = None,
    cells: Any = None,
    pbc: Any = None,
    cutoff: Any = None,
    full: bool = True,
    sorted: bool = False,
    outputs: Union[str, Iterable[str]] = "ijS",
    n_threads: int = 0,
    out: Any = None,
    *,
    n_systems: Optional[int] = None,
    local_indices: bool = False,
    errors: str = "raise",
    self_interaction: bool = False,
    inclusive: bool = False,
    disjoint: bool = False,
    labels: Optional[Sequence[Any]] = None,
    index_dtype: Any = None,
    shift_dtype: Any = None,
    dtype: Any = None,
    algorithm: str = "auto",
    max_pairs: int = 0,
    max_bytes: int = 0,
) -> Any:
    """The neighbours in B systems, whose atoms stand one after the other: those of the single
    systems, joined.

    positions  [n, 3], all atoms; see neighbors()
    batch      [n] system of each atom, never decreasing; ids may be skipped: such systems are empty
    ptr        [B + 1] instead: atoms of system b are ptr[b] ... ptr[b + 1] - 1. Neither: one
               system. int64 and int32 are read as they are, other integers converted.
    cells      [B, 3, 3], by the number of the system; or [3, 3], one for all; [3 B, 3], as graph
               libraries collate them; a list with None for systems without a cell; or None: no
               system has one
    pbc        [B, 3], or [3] or one flag for all; None: periodic where there is a cell
    cutoff     a number; a sequence of K numbers: the answer is a list of K results, or with
               `labels` a dictionary; or [B, K], each system's own: a list likewise (K = 1: a list
               of one)
    n_systems  B, where it does not follow from ptr, cells or pbc; by default the last id and one
    local_indices  number the atoms in each system; by default through the batch
    errors     "raise": one bad system refuses the call with ValueError (nblist.InputError), whose
               text names system, atom and value. "status": bad systems have no pairs, and
               result.status[b] is the number of the reason; all others are found.

    All other arguments, the result, its arrays, errors and threads: as neighbors(). Vectors are
    positions[j] - positions[i] + shift @ cells[batch], with `batch` of the result, the system of
    each pair.
    """
    own = _mine.batch
    if own._busy:  # by a call of this thread that was interrupted, or by a late fetch
        own = Batch()
    return own.batch(
        positions,
        batch,
        ptr,
        cells,
        pbc,
        cutoff,
        full,
        sorted,
        outputs,
        n_threads,
        out,
        n_systems=n_systems,
        local_indices=local_indices,
        errors=errors,
        self_interaction=self_interaction,
        inclusive=inclusive,
        disjoint=disjoint,
        labels=labels,
        index_dtype=index_dtype,
        shift_dtype=shift_dtype,
        dtype=dtype,
        algorithm=algorithm,
        max_pairs=max_pairs,
        max_bytes=max_bytes,
    )
