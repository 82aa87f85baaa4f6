# SPDX-License-Identifier: MIT
"""The pairs that a call found."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, FrozenSet, Iterator, Optional, Tuple

import numpy as np

from ._errors import StaleError
from ._plan import NAMES, converted

if TYPE_CHECKING:
    from ._handles import Handles
    from ._plan import Plan

_ARRAYS = NAMES + ("status",)
_NONE: FrozenSet[str] = frozenset()


class Result:
    """The pairs within one cutoff. Made by neighbors() and batch(), or by CellList and Batch.

    m pairs, n atoms, B systems (1 where there is no batch). Pairs come in rows: all of atom 0, then
    of atom 1.

    i, j         [m]     atoms of each pair                           index_dtype, int64 by default
    edge_index   [2, m]  both, in rows                                index_dtype
    pairs        [m, 2]  both, interleaved                            index_dtype
    shift        [m, 3]  lattice vectors to add to atom j             int32, or shift_dtype
    vector       [m, 3]  positions[j] - positions[i] + shift @ cell   as positions, or dtype
    distance     [m]     its length                                   as positions, or dtype
    row_ptr      [n + 1] pairs of atom a: row_ptr[a] to row_ptr[a + 1]     index_dtype
    counts       [n]     neighbours of each atom                      index_dtype
    reverse      [m]     number of the pair (j, i, -shift); full lists only    index_dtype
    batch        [m]     system of each pair                          index_dtype
    edge_ptr     [B + 1] first pair of each system                    index_dtype
    atom_ptr     [B + 1] first atom of each system                    index_dtype
    status       [B]     0, or why a system was refused               int32
    n_pairs, n_atoms, n_systems, cutoff                               numbers

    i and j may be the rows of edge_index, in the same memory.

    Arrays that were asked for with `outputs` are there and yours. All others are made when they are
    first read, which is possible until the list that the result comes from is used again (for
    neighbors() and batch(): until the next call of that function in the same thread); then
    StaleError, unless they follow from the arrays that are there. Iteration gives the arrays of
    `outputs` in its order:

        i, j, S = nblist.neighbors(positions, cell, cutoff=6.0, outputs="ijS")

    Nothing follows from arrays that came through `out`, which a later call may have overwritten:
    StaleError then, too. Only i and j are views of such an edge_index or pairs, if they are asked
    for or read in time.

    Pickling keeps the arrays that are there.
    """

    __slots__ = _ARRAYS + (
        "_handles",
        "_generation",
        "_list",
        "_plan",
        "_names",
        "_local",
        "_out",
        "n_pairs",
        "n_atoms",
        "n_systems",
        "cutoff",
    )

    i: np.ndarray
    j: np.ndarray
    edge_index: np.ndarray
    pairs: np.ndarray
    shift: np.ndarray
    vector: np.ndarray
    distance: np.ndarray
    row_ptr: np.ndarray
    counts: np.ndarray
    reverse: np.ndarray
    batch: np.ndarray
    edge_ptr: np.ndarray
    atom_ptr: np.ndarray
    status: np.ndarray
    _names: Tuple[str, ...]
    _local: bool
    _out: FrozenSet[str]
    n_pairs: int
    n_atoms: int
    n_systems: int
    cutoff: Any

    def __init__(
        self,
        handles: Optional["Handles"],
        generation: int,
        k: int,
        plan: Optional["Plan"],
        m: int,
        n: int,
        b: int,
        cutoff: Any,
    ) -> None:
        self._handles = handles
        self._generation = generation
        self._list = k
        self._plan = plan
        self.n_pairs = m
        self.n_atoms = n
        self.n_systems = b
        self.cutoff = cutoff
        self._out = _NONE

    @property
    def valid(self) -> bool:
        """Whether arrays that were not asked for can still be had from the library."""
        return self._handles is not None and self._handles._generation == self._generation

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter([getattr(self, name) for name in self._asked()])

    def __repr__(self) -> str:
        return "<nblist.Result: %d pairs of %d atoms within %s>" % (
            self.n_pairs,
            self.n_atoms,
            self.cutoff,
        )

    def __getattr__(self, name: str) -> Any:
        """An array that is not there yet: slots that are empty end up here."""
        if name not in _ARRAYS:
            raise AttributeError("a Result has no %r" % name)
        value = self._derived(name)
        if value is None and self._handles is not None and self._handles._fetch_more(self, name):
            return getattr(self, name)
        if value is None:
            value = self._derived_from_indices(name)
        if value is None:
            raise StaleError(
                "'%s' was not asked for, and the list has been used for something else since: "
                "ask for it with outputs=, or keep a %s for this result" % (name, self._owner())
            )
        setattr(self, name, value)
        return value

    def _asked(self) -> Tuple[str, ...]:
        return self._names if self._plan is None else self._plan.names

    def _local_indices(self) -> bool:
        return self._local if self._plan is None else self._plan.options.local_indices

    def _owner(self) -> str:
        return (
            "CellList of its own"
            if self._handles is None
            else type(self._handles).__name__ + " of its own"
        )

    def _there(self, name: str) -> Optional[np.ndarray]:
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            return None

    def _source(self, name: str) -> Optional[np.ndarray]:
        """An array that others may follow from: none of the caller's, which may be overwritten."""
        return None if name in self._out else self._there(name)

    def _derived(self, name: str) -> Optional[np.ndarray]:
        """What follows from arrays that are there, at no cost."""
        if name in ("i", "j"):
            k = "ij".index(name)
            for source in ("edge_index", "pairs"):
                both = self._there(source)
                if both is None:
                    continue
                if source in self._out:
                    if not self.valid:
                        continue
                    self._out |= {name}
                return both[k] if source == "edge_index" else both[:, k]
        elif name == "status":
            return np.zeros(self.n_systems, np.int32)
        elif name == "counts":
            ends = self._source("row_ptr")
            if ends is not None:
                return np.diff(ends)
        return None

    def _derived_from_indices(self, name: str) -> Optional[np.ndarray]:
        """What follows from the indices, where the library cannot tell any more."""
        i = self._source("i")
        if i is None:
            i = self._derived("i")
        if i is None:
            return None
        if name in ("edge_index", "pairs"):
            j = self._source("j")
            if j is None:
                j = self._derived("j")
            return None if j is None else np.stack([i, j], axis=0 if name == "edge_index" else 1)
        if self._local_indices():
            return None
        if name in ("counts", "row_ptr"):
            counts = np.bincount(i.astype(np.int64, copy=False), minlength=self.n_atoms)
            ends = np.concatenate([[0], np.cumsum(counts)])
            return converted(counts if name == "counts" else ends, i.dtype, name)
        if self.n_systems == 1:
            if name == "batch":
                return np.zeros(self.n_pairs, i.dtype)
            if name in ("edge_ptr", "atom_ptr"):
                ends = np.array([0, self.n_pairs if name == "edge_ptr" else self.n_atoms])
                return converted(ends, i.dtype, name)
        return None

    def __reduce__(self):  # type: ignore[no-untyped-def]
        arrays = {name: self._there(name) for name in _ARRAYS}
        there = {name: np.array(array) for name, array in arrays.items() if array is not None}
        return _restored, (
            self.n_pairs,
            self.n_atoms,
            self.n_systems,
            self.cutoff,
            there,
            self._asked(),
            self._local_indices(),
            self._out,
        )


def _restored(
    m: int,
    n: int,
    b: int,
    cutoff: Any,
    arrays: Dict[str, np.ndarray],
    names: Tuple[str, ...],
    local: bool,
    out: FrozenSet[str],
) -> Result:
    result = Result(None, -1, 0, None, m, n, b, cutoff)
    result._names = names
    result._local = local
    result._out = out
    for name, array in arrays.items():
        setattr(result, name, array)
    return result
