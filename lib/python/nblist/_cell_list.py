# SPDX-License-Identifier: MIT
"""Neighbours in one system."""
from __future__ import annotations

import threading
from ctypes import addressof, byref, sizeof
from typing import Any, Callable, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _abi
from ._arrays import F32, F64, address, as_cell, as_pbc, as_positions, char_at
from ._handles import (
    Handles,
    Results,
    _n_pairs,
    check_labels,
    checked_out,
    doubles,
    one_cutoff,
)
from ._library import nbl, quick
from ._plan import Plan
from ._result import Result

_build = nbl["nbl_cell_list_build"]
_search = nbl["nbl_cell_list_search"]
_search_multi = nbl["nbl_cell_list_search_multi"]
_build_small = quick["nbl_cell_list_build"]
_search_small = quick["nbl_cell_list_search"]
_fetch_small = quick["nbl_result_fetch"]
_ndarray = np.ndarray

# Atoms of a system without a cell in which a second thread finds nothing to do: 64 * 63 pairs are
# less than the 40 microseconds that the library makes one piece of work of. Such a call saves the
# library its questions to OpenMP (1.3 us of 3), and keeps the interpreter lock (0.7 us for all).
SMALL = 64


class CellList(Handles):
    """Neighbour lists of one system after another, in memory that is kept from call to call.

    n_threads  threads of a call that does not say: 0 for OpenMP's default (1 in a forked process),
               1, 2, ...
    isa        highest instruction set: "auto", "portable", "avx2", "avx512", "neon"

    An object is used by one thread at a time: a second thread waits. Use one for each thread. A
    signal handler that uses the object whose call it interrupts gets a RuntimeError. The interpreter
    lock is released while the library computes, but for molecules of a few atoms. A
    forked process may go on with its copy, unless another thread was inside a call when it forked.
    Objects cannot be pickled.
    """

    _calls = (
        nbl["nbl_cell_list_create"],
        nbl["nbl_cell_list_destroy"],
        quick["nbl_cell_list_message"],
    )

    def neighbors(
        self,
        positions: Any,
        cell: Any = None,
        pbc: Any = None,
        cutoff: Any = None,
        full: bool = True,
        sorted: bool = False,
        outputs: Union[str, Iterable[str]] = "ijS",
        n_threads: int = 0,
        out: Any = None,
        *,
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
        """As nblist.neighbors(), with the memory of this object. Results of earlier calls become
        stale."""
        if outputs.__class__ is not str:
            outputs = tuple(outputs)
        return self._neighbors(
            positions,
            cell,
            pbc,
            cutoff,
            out,
            labels,
            (
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
            ),
        )

    def _neighbors(
        self,
        positions: Any,
        cell: Any,
        pbc: Any,
        cutoff: Any,
        out: Any,
        labels: Optional[Sequence[Any]],
        key: Tuple[Any, ...],
    ) -> Any:
        """neighbors(), with the options as the key of a plan."""
        # Arrays come before the lock: what makes them may be code of the caller, and call us.
        # The usual array needs none of the questions that as_positions() asks.
        code = stride = 0
        if not (
            positions.__class__ is _ndarray
            and positions.dtype is F64
            and positions.flags.c_contiguous
            and positions.ndim == 2
            and positions.shape[1] == 3
        ):
            positions, code, stride = as_positions(positions)
            if code == _abi.NBL_FLOAT32 and key[9] is None:
                key = key[:9] + (F32,) + key[10:]
        try:
            where = addressof(char_at(positions))
        except (TypeError, ValueError, BufferError):
            where = positions.ctypes.data
        n = len(positions)
        h = None
        if cell is not None:
            cell = as_cell(cell)
            h = address(cell)
        if pbc is not None:
            pbc = as_pbc(pbc)
        several: Optional[List[float]] = None
        if cutoff.__class__ is not float:
            single = one_cutoff(cutoff)
            if single is None:
                several = [float(value) for value in cutoff]
                check_labels(labels, len(several))
            else:
                cutoff = single
        if out is not None:
            out = checked_out(out, labels, None if several is None else len(several))
        with self._lock:
            if self._busy:
                raise self._reentered()
            self._busy = True
            try:
                plan = self._plans.get(key) or self._new_plan(key)
                self._generation += 1
                if h is None and n <= SMALL and not code and several is None and out is None:
                    return self._small(plan, n, where, pbc, cutoff, labels)
                by_build = plan.build_of(code, stride) if code else plan.by_build
                if several is not None:
                    return self._multi(plan, n, (where, h, pbc), by_build, several, labels, out)
                self._check(_build(self._handle, n, where, h, pbc, cutoff, by_build))
                self._check_result(_search(self._handle, cutoff, plan.by_search, self._result))
                found = self._one(0, plan, n, 1, cutoff, out)
            finally:
                self._busy = False
        if labels is not None:
            check_labels(labels, 1)
            return {labels[0]: found}
        return found

    def _small(
        self,
        plan: Plan,
        n: int,
        where: Any,
        pbc: Optional[bytes],
        cutoff: float,
        labels: Optional[Sequence[Any]],
    ) -> Any:
        """What takes the library a few microseconds: as little around it as possible. The lock is
        held."""
        result = self._result
        status = _build_small(self._handle, n, where, None, pbc, cutoff, plan.by_build_small)
        if status:
            self._check(status)
        status = _search_small(self._handle, cutoff, plan.by_search_small, result)
        if status:
            self._check_result(status)
        m = _n_pairs(result, 0)
        found = Result(self, self._generation, 0, plan, m, n, 1, cutoff)
        status = plan.fetcher.fetch(_fetch_small, result, 0, m, n, 1, found)
        if status:
            self._check_result(status)
        if labels is not None:
            check_labels(labels, 1)
            return {labels[0]: found}
        return found

    def _multi(
        self,
        plan: Plan,
        n: int,
        where: Tuple[Any, Any, Any],
        by_build: Any,
        cutoffs: List[float],
        labels: Optional[Sequence[Any]],
        out: Any,
    ) -> Results:
        """Several cutoffs: one build for the largest, one search for all. The lock is held."""
        if not cutoffs:
            return [] if labels is None else {}
        if len(cutoffs) > _abi.NBL_MAX_LISTS:
            raise ValueError(
                "%d cutoffs, but at most %d in one call" % (len(cutoffs), _abi.NBL_MAX_LISTS)
            )
        largest = max((value for value in cutoffs if value == value), default=cutoffs[0])
        self._check(_build(self._handle, n, *where, largest, by_build))
        self._check_result(
            _search_multi(
                self._handle, len(cutoffs), doubles(cutoffs), plan.by_search, self._result
            )
        )
        return self._several(plan, n, 1, cutoffs, labels, out)

    def _built_bytes(self) -> int:
        info = _abi.CellListInfo(size=sizeof(_abi.CellListInfo))
        return (
            int(info.n_bytes)
            if quick["nbl_cell_list_get_info"](self._handle, byref(info)) == 0
            else 0
        )


class _PerThread(threading.local):
    """The list behind neighbors(), one for each thread."""

    def __init__(self) -> None:
        self.list = CellList()


_mine = _PerThread()


def neighbors(
    positions: Any,
    cell: Any = None,
    pbc: Any = None,
    cutoff: Any = None,
    full: bool = True,
    sorted: bool = False,
    outputs: Union[str, Iterable[str]] = "ijS",
    n_threads: int = 0,
    out: Any = None,
    *,
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
    """All pairs (i, j, shift) with |positions[j] - positions[i] + shift @ cell| < cutoff, as a
    Result.

    positions  [n, 3], float64 or float32 (other numbers become float64): a numpy array, a torch
               tensor on the CPU, anything with __array_interface__ or DLPack (no copy is made, also
               of rows that are farther apart than three numbers), or nested lists. Atoms need not
               lie in the cell.
    cell       [3, 3], rows a, b, c; None: no cell. Vectors of axes that are not periodic are never
               read.
    pbc        one flag or three; None: periodic where there is a cell.
    cutoff     a number, in the unit of the positions; or a sequence of numbers: then the answer is
               a list of results in that order, found in one pass, and with `labels` a dictionary.
    full       True: every pair in both directions. False: once, with i < j, or, between images of
               one atom, with a shift whose first component that is not zero is positive.
    sorted     order each row by j, then shift. Otherwise the order in a row is fixed by the input,
               but no other.
    outputs    what is wanted at once: letters, i j S (shift) D (vector) d (distance) P (pairs) B
               (batch), or a sequence of letters and names of the arrays of a Result, or one name.
    n_threads  0: OpenMP's default, 1 in a forked process; the result does not depend on it.
    out        your arrays for the results, {name: array}: written in place, not copied, if they are
               contiguous and of a type that the library writes (int32 and int64, their unsigned
               twins, float32 and float64, shifts also int8); else converted. They may be longer
               along the pairs; a result is then a view of their beginning. Too short: ValueError,
               which tells what is needed. Values that do not fit: OverflowError. Either way,
               nothing of that list is written. For several cutoffs: a sequence or, with labels, a
               dictionary of such. Arrays that overlap in memory are refused (ValueError). With the
               next call that writes there, the arrays of the earlier result change.

    self_interaction  list each atom also as its own neighbour, once
    inclusive         |d| <= cutoff instead of |d| < cutoff
    disjoint          of several cutoffs: each pair only in the list of the smallest that holds it
    index_dtype       any integer type, for all indices and offsets; int64 by default
    shift_dtype       int32 by default; int8 is written by the library, other types are converted
    dtype             float64 or float32 (or others, converted) for vectors and distances; by
                      default that of the positions. float32 values are the exact float64 ones,
                      rounded.
    algorithm         "auto", "brute" or "cells"; changes time and unsorted order, never the pairs
    max_pairs, max_bytes  refuse results that are larger with LimitError, before memory is taken; 0:
                          no limit

    The arrays of a result are yours. Errors: ValueError (nblist.InputError) with the library's
    message, such as "positions[17][2] is nan"; TypeError; nblist.OutOfMemoryError (a MemoryError);
    nblist.LimitError; nblist.NarrowError (an OverflowError).

    Threads: may be called from any; each has a list of its own, whose memory is kept until the
    thread ends. The interpreter lock is released while the library computes, but for molecules of
    a few atoms. Many small systems: use batch().
    """
    if outputs.__class__ is not str:
        outputs = tuple(outputs)
    own = _mine.list
    if own._busy:  # by a call of this thread that was interrupted, or by a late fetch
        own = CellList()
    return own._neighbors(
        positions,
        cell,
        pbc,
        cutoff,
        out,
        labels,
        (
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
        ),
    )
