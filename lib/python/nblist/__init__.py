# SPDX-License-Identifier: MIT
"""Neighbor lists for atomistic codes: who is within a cutoff of whom, through which image.

    import nblist

    i, j, S = nblist.neighbors(positions, cell, pbc, cutoff=6.0)           # one system, arrays
    i, j, d = nblist.neighbor_list("ijd", atoms, 6.0)                      # as ASE's
    found = nblist.batch(positions, batch=ids, cells=cells, cutoff=6.0)    # many systems at once
    found.edge_index, found.shift, found.distance
    near, far = nblist.neighbors(positions, cell, cutoff=[3.0, 6.0])       # cutoffs, in one pass

CellList and Batch do the same and keep their memory between calls, in a place of the program's own.
nblist.vesin and nblist.neighborlist_rs have the calls of these packages. help() of each name is the
manual.

Lengths carry the caller's unit. Results are exact to the last bit, as docs/conventions.md says, and
do not depend on the number of threads. The library libnblist is looked for where the environment
variable NBLIST_LIBRARY says, then beside the package, then where the system's loader finds it.
"""
from ._abi import VERSION_STRING as __version__
from ._ase import neighbor_list, primitive_neighbor_list
from ._batch import Batch, batch
from ._cell_list import CellList, neighbors
from ._errors import Error, InputError, LimitError, NarrowError, OutOfMemoryError, StaleError
from ._library import build_info, max_threads, version
from ._result import Result
from ._verify import VerifyReport, verify
from .neighborlist_rs import (
    PyCell,
    build_from_ase,
    build_multi_from_ase,
    build_neighborlists,
    build_neighborlists_batch,
    build_neighborlists_batch_multi,
    build_neighborlists_multi,
)
from .vesin import NeighborList

__all__ = [
    "Batch",
    "CellList",
    "Error",
    "InputError",
    "LimitError",
    "NarrowError",
    "NeighborList",
    "OutOfMemoryError",
    "PyCell",
    "Result",
    "StaleError",
    "VerifyReport",
    "__version__",
    "batch",
    "build_from_ase",
    "build_info",
    "build_multi_from_ase",
    "build_neighborlists",
    "build_neighborlists_batch",
    "build_neighborlists_batch_multi",
    "build_neighborlists_multi",
    "max_threads",
    "neighbor_list",
    "neighbors",
    "primitive_neighbor_list",
    "verify",
    "version",
]
