# SPDX-License-Identifier: MIT
"""The calls of the Python package vesin.

    from nblist.vesin import NeighborList, ase_neighbor_list

What differs: pairs come ordered by i in any case, and with sorted=True also by j and shift. Of two
images of one atom a half list has the one with a shift whose first component that is not zero is
positive. Positions may lie anywhere, and the result is the same for any number of threads.
"""
from __future__ import annotations

from typing import Any, Tuple

import numpy as np

from ._arrays import as_array
from ._ase import neighbor_list as ase_neighbor_list
from ._cell_list import CellList

__all__ = ["NeighborList", "ase_neighbor_list"]

_ALGORITHMS = {"auto": "auto", "brute_force": "brute", "cell_list": "cells"}
_ARRAYS = {"i": "i", "j": "j", "P": "pairs", "S": "shift", "d": "distance", "D": "vector"}


class NeighborList:
    """A calculator with a cutoff; its memory is kept from call to call.

    cutoff     in the unit of the points
    full_list  each pair twice (i-j and j-i), or once
    sorted     order the pairs of each i by j and shift
    algorithm  "auto", "brute_force" or "cell_list"
    skin       accepted and not used: every call makes a new list, for the points it is given
    n_threads  0: the default of the library
    """

    def __init__(
        self,
        cutoff: float,
        full_list: bool,
        sorted: bool = False,
        algorithm: str = "auto",
        skin: float = 0.0,
        n_threads: int = 0,
    ) -> None:
        self.cutoff = float(cutoff)
        self.full_list = bool(full_list)
        self.sorted = bool(sorted)
        self.skin = float(skin)
        self.algorithm = algorithm
        self.n_threads = int(n_threads)
        if self.n_threads < 0:
            raise ValueError("n_threads must be zero or a positive integer")
        self._list = CellList()

    @property
    def algorithm(self) -> str:
        return self._algorithm

    @algorithm.setter
    def algorithm(self, value: str) -> None:
        if value.lower() not in _ALGORITHMS:
            raise ValueError(
                "algorithm must be one of %s, not %r" % (", ".join(_ALGORITHMS), value)
            )
        self._algorithm = value.lower()

    def compute(
        self, points: Any, box: Any, periodic: Any, quantities: str = "ij", copy: bool = True
    ) -> Tuple[np.ndarray, ...]:
        """A tuple with an array for each letter of `quantities`, in its order.

        points    [n, 3]
        box       [3, 3], rows a, b, c; of the type of the points. Not read along axes that are not
                  periodic.
        periodic  one flag or three
        i, j      [m] uint64; P [m, 2] uint64, both; S [m, 3] int32; d [m], D [m, 3] in the type of
                  the points
        copy      without meaning here: the arrays are yours in any case
        """
        array, cell = as_array(points), as_array(box)
        if cell.shape != (3, 3):
            raise ValueError("box must have the shape (3, 3), not %s" % (cell.shape,))
        if array.ndim != 2 or array.shape[1] != 3:
            raise ValueError("points must have the shape (n, 3), not %s" % (array.shape,))
        if cell.dtype != array.dtype:
            raise RuntimeError(
                "points and box must have the same type, not %s and %s" % (array.dtype, cell.dtype)
            )
        for letter in quantities:
            if letter not in _ARRAYS:
                raise ValueError("no quantity %r; there are %s" % (letter, ", ".join(_ARRAYS)))
        found = self._list.neighbors(
            array,
            cell,
            periodic,
            self.cutoff,
            self.full_list,
            self.sorted,
            tuple(_ARRAYS[letter] for letter in quantities),
            self.n_threads,
            index_dtype=np.uint64,
            algorithm=_ALGORITHMS[self._algorithm],
        )
        return tuple(found)
