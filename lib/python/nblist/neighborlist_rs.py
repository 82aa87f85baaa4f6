# SPDX-License-Identifier: MIT
"""The calls of the Python package neighborlist_rs.

    import nblist.neighborlist_rs as neighborlist_rs

Results are dictionaries with "edge_index" [2, m] int64 and "shift" [m, 3] int32; with several
cutoffs, a dictionary of these by the number of the cutoff, or by its label. Lists are half lists (i
< j).

What differs from the original:
  - Of the two images of one atom, +shift and -shift, one is listed: the one whose first component
    that is not zero is positive. half_self_images="both" lists both, as the original does.
  - Cells that are periodic along some axes only are searched along these only.
  - Atoms of a batch may lie anywhere, and ids may be skipped: cells are looked up by id where there
    is one for every id, and else, as in the original, by the number of the system among those that
    have atoms.
  - Labels that repeat are refused; in the original the last of these lists is left.
  - An empty batch gives empty arrays for every cutoff.
  - Results do not depend on the number of threads; the thresholds and thread settings of the
    original are not there. parallel=False means one thread.
"""
from __future__ import annotations

import threading
from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np

from ._arrays import as_array, as_ids
from ._batch import Batch
from ._cell_list import CellList
from ._handles import check_labels
from ._result import Result

__all__ = [
    "PyCell",
    "build_from_ase",
    "build_multi_from_ase",
    "build_neighborlists",
    "build_neighborlists_batch",
    "build_neighborlists_batch_multi",
    "build_neighborlists_multi",
]

Lists = Dict[str, np.ndarray]
ListsByCutoff = Dict[Union[int, str], Lists]


class _PerThread(threading.local):
    def __init__(self) -> None:
        self.list = CellList()
        self.batch = Batch()


_mine = _PerThread()


class PyCell:
    """A cell whose lattice vectors are the COLUMNS of h, and its flags; all axes are periodic by
    default."""

    def __init__(self, h: Any, pbc: Optional[Sequence[bool]] = None) -> None:
        columns = np.array(as_array(h), float)
        if columns.shape != (3, 3):
            raise ValueError("Cell matrix must be 3x3")
        if np.linalg.det(columns) == 0:
            raise ValueError("Cell matrix is not invertible")
        self.rows = np.ascontiguousarray(columns.T)
        self.pbc = [True] * 3 if pbc is None else [bool(flag) for flag in pbc]
        if len(self.pbc) != 3:
            raise ValueError("pbc must have three flags")

    def wrap(self, pos: Sequence[float]) -> List[float]:
        """The point moved into the cell along its periodic axes."""
        fractions = np.linalg.solve(self.rows.T, np.asarray(pos, float))
        return list(self.rows.T @ (fractions - np.where(self.pbc, np.floor(fractions), 0.0)))

    @staticmethod
    def from_ase(atoms: Any) -> "PyCell":
        """The cell and the flags of an ase.Atoms."""
        return PyCell(np.asarray(atoms.get_cell(), float).T, np.asarray(atoms.get_pbc()).tolist())

    def __repr__(self) -> str:
        return "PyCell(h=%s, pbc=%s)" % (self.rows.T.tolist(), self.pbc)


def _both(half_self_images: str) -> bool:
    if half_self_images not in ("one", "both"):
        raise ValueError("half_self_images must be 'one' or 'both', not %r" % (half_self_images,))
    return half_self_images == "both"


def _lists(found: Result, both: bool) -> Lists:
    if not both:
        return {"edge_index": found.edge_index, "shift": found.shift}
    wanted = found.edge_index[0] <= found.edge_index[1]  # of a full list
    return {
        "edge_index": np.ascontiguousarray(found.edge_index[:, wanted]),
        "shift": found.shift[wanted],
    }


def _single(
    positions: Any, rows: Any, pbc: Any, cutoff: Any, threads: int, both: bool, disjoint: bool
) -> Any:
    """One system."""
    own = _mine.list if not _mine.list._busy else CellList()
    return own.neighbors(
        positions,
        rows,
        pbc,
        cutoff,
        both,
        outputs=("edge_index", "shift"),
        n_threads=threads,
        disjoint=disjoint,
    )


def _by_cutoff(
    found: Sequence[Result], labels: Optional[Sequence[str]], both: bool
) -> ListsByCutoff:
    keys: Sequence[Any] = range(len(found)) if labels is None else labels
    return {key: _lists(one, both) for key, one in zip(keys, found)}


def _check_labels(labels: Optional[Sequence[str]], cutoffs: Sequence[float]) -> None:
    if labels is not None and len(labels) != len(cutoffs):
        raise ValueError("Length of labels must match length of cutoffs")
    check_labels(labels, len(cutoffs))


def build_neighborlists(
    cell: Optional[PyCell],
    positions: Any,
    cutoff: float,
    parallel: bool = True,
    half_self_images: str = "one",
) -> Lists:
    """The half list of one system; cell=None: no periodic axis."""
    both = _both(half_self_images)
    rows, pbc = (None, None) if cell is None else (cell.rows, cell.pbc)
    return _lists(
        _single(positions, rows, pbc, float(cutoff), 0 if parallel else 1, both, False), both
    )


def build_neighborlists_multi(
    cell: Optional[PyCell],
    positions: Any,
    cutoffs: Sequence[float],
    labels: Optional[Sequence[str]] = None,
    disjoint: bool = False,
    half_self_images: str = "one",
) -> ListsByCutoff:
    """Half lists for several cutoffs in one pass; disjoint: each pair only within the smallest that
    holds it."""
    both = _both(half_self_images)
    _check_labels(labels, cutoffs)
    rows, pbc = (None, None) if cell is None else (cell.rows, cell.pbc)
    found = _single(positions, rows, pbc, list(cutoffs), 0, both, disjoint)
    return _by_cutoff(found, labels, both)


def build_from_ase(atoms: Any, cutoff: float, half_self_images: str = "one") -> Lists:
    """The half list of an ase.Atoms; its cell is not read where no axis is periodic."""
    both = _both(half_self_images)
    return _lists(_of_atoms(atoms, float(cutoff), both, False), both)


def build_multi_from_ase(
    atoms: Any,
    cutoffs: Sequence[float],
    labels: Optional[Sequence[str]] = None,
    disjoint: bool = False,
    half_self_images: str = "one",
) -> ListsByCutoff:
    """build_neighborlists_multi() of an ase.Atoms."""
    both = _both(half_self_images)
    _check_labels(labels, cutoffs)
    return _by_cutoff(_of_atoms(atoms, list(cutoffs), both, disjoint), labels, both)


def _of_atoms(atoms: Any, cutoff: Any, both: bool, disjoint: bool) -> Any:
    pbc = np.asarray(atoms.get_pbc(), bool)
    rows = np.asarray(atoms.get_cell(), float) if pbc.any() else None
    return _single(atoms.get_positions(), rows, pbc, cutoff, 0, both, disjoint)


def _many(
    positions: Any, batch: Any, cells: Any, cutoff: Any, threads: int, both: bool, disjoint: bool
) -> Any:
    """A batch: cells of zeros mean none, all others are periodic along all axes."""
    ids = as_ids(batch, "batch")
    positions = as_array(positions)
    if len(ids) != len(positions):
        raise ValueError("positions and batch must have the same length")
    if len(ids) and (ids[1:] < ids[:-1]).any():
        raise ValueError("Batch IDs must be monotonic (non-decreasing)")
    given: Optional[List[Any]] = None
    last = int(ids[-1]) if len(ids) else -1
    if cells is not None:
        cells = as_array(cells)
        if cells.ndim != 3 or cells.shape[1:] != (3, 3):
            raise ValueError("cells must have the shape (B, 3, 3), not %s" % (cells.shape,))
        if len(cells) <= last or (len(ids) and ids[0] < 0):
            values, ids = np.unique(ids, return_inverse=True)
            last = len(values) - 1
            if len(cells) <= last:
                raise ValueError("Expected at least %d cells, but got %d" % (last + 1, len(cells)))
        given = [cell if cell.any() else None for cell in cells[: last + 1]]
    elif len(ids) and ids[0] < 0:
        ids = np.unique(ids, return_inverse=True)[1]
        last = int(ids[-1])
    own = _mine.batch if not _mine.batch._busy else Batch()
    return own.batch(
        positions,
        batch=ids,
        cells=given or None,
        cutoff=cutoff,
        full=both,
        outputs=("edge_index", "shift"),
        n_threads=threads,
        disjoint=disjoint,
        n_systems=last + 1,
    )


def build_neighborlists_batch(
    positions: Any,
    batch: Any,
    cells: Any = None,
    cutoff: float = 5.0,
    parallel: bool = True,
    half_self_images: str = "one",
) -> Lists:
    """Half lists of many systems; cells [B, 3, 3] here have the lattice vectors in their ROWS;
    zeros: none."""
    both = _both(half_self_images)
    return _lists(
        _many(positions, batch, cells, float(cutoff), 0 if parallel else 1, both, False), both
    )


def build_neighborlists_batch_multi(
    positions: Any,
    batch: Any,
    cells: Any = None,
    cutoffs: Sequence[float] = (5.0,),
    labels: Optional[Sequence[str]] = None,
    disjoint: bool = False,
    half_self_images: str = "one",
) -> ListsByCutoff:
    """Half lists of many systems for several cutoffs."""
    both = _both(half_self_images)
    _check_labels(labels, cutoffs)
    return _by_cutoff(
        _many(positions, batch, cells, list(cutoffs), 0, both, disjoint), labels, both
    )
