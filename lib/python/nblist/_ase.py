# SPDX-License-Identifier: MIT
"""The two functions of ase.neighborlist that most programs call, with the same arguments and
results."""
from __future__ import annotations

import threading
from typing import Any, Dict, Optional, Tuple, Union

import numpy as np

from ._arrays import as_array
from ._cell_list import CellList

SYMBOLS = (
    "X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As "
    "Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd "
    "Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am "
    "Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
).split()
NUMBERS = {symbol: number for number, symbol in enumerate(SYMBOLS)}

EMPTY = {
    "i": (int, (0,)),
    "j": (int, (0,)),
    "d": (float, (0,)),
    "D": (float, (0, 3)),
    "S": (int, (0, 3)),
}
ARRAYS = {"i": "i", "j": "j", "d": "distance", "D": "vector", "S": "shift"}


class _PerThread(threading.local):
    """Apart from the list of neighbors(), whose results should not become stale by a call of
    these."""

    def __init__(self) -> None:
        self.list = CellList()


_mine = _PerThread()


def atomic_number(given: Any) -> int:
    if isinstance(given, str):
        if given not in NUMBERS:
            raise KeyError("no element %r" % given)
        return NUMBERS[given]
    return int(given)


def of_pairs(cutoff: Dict[Tuple[Any, Any], float], numbers: np.ndarray) -> np.ndarray:
    """Cutoffs [species, species] for indices into the species of the atoms; 0 where none is
    given."""
    table = np.zeros((numbers.max(initial=0) + 1,) * 2)
    for (one, other), value in cutoff.items():
        a, b = atomic_number(one), atomic_number(other)
        if max(a, b) < len(table) and min(a, b) >= 0:
            table[a, b] = table[b, a] = value
    return table


def returned(arrays: Tuple[np.ndarray, ...]) -> Any:
    return arrays[0] if len(arrays) == 1 else arrays


def primitive_neighbor_list(
    quantities: str,
    pbc: Any,
    cell: Any,
    positions: Any,
    cutoff: Union[float, Dict[Tuple[Any, Any], float], Any],
    numbers: Any = None,
    self_interaction: bool = False,
    use_scaled_positions: bool = False,
    max_nbins: float = 1e6,
) -> Any:
    """As ase.neighborlist.primitive_neighbor_list(): arrays of pairs, one for each letter of
    `quantities`.

    quantities  letters, in any order: i, j [m] int64, atoms; d [m] float64, distance; D [m, 3]
                float64, vector positions[j] - positions[i] + S @ cell; S [m, 3] int64, lattice
                vectors added to atom j. One letter: the array, several: a tuple.
    pbc, cell   three flags; [3, 3], rows a, b, c
    positions   [n, 3]; fractions of the cell with use_scaled_positions
    cutoff      a number; an array [n] of radii: pairs whose radii overlap, d < radius[i] +
                radius[j]; or a dictionary of pairs of elements (symbols or numbers): {("C", "H"):
                1.3}, no neighbours for pairs that it does not have. A dictionary needs numbers [n];
                without, the largest entry counts for all.
    max_nbins   there for compatibility, and ignored

    Pairs are ordered by i; the order of the pairs of an atom is not that of ASE, which promises
    none. Differences: cutoffs are exact for the positions as given, where ASE rounds differently
    after it has wrapped them; a periodic axis whose lattice vector is zero is refused (ValueError).
    Other errors and threads: as neighbors().
    """
    for letter in quantities:
        if letter not in ARRAYS:
            raise ValueError(
                "Unsupported quantity specified: %r is not one of i, j, d, D, S." % letter
            )
    positions = as_array(positions)
    radii = None
    table: Optional[Dict[Tuple[Any, Any], float]] = None
    single: Any = cutoff
    if isinstance(cutoff, dict):
        table = cutoff
    if table is not None:
        largest = float(np.max([float(value) for value in table.values()], initial=0.0))
    elif np.ndim(single) == 0:
        largest = float(single)
    else:
        radii = as_array(single)
        if radii.shape != (len(positions),):
            raise ValueError(
                "cutoff has the shape %s, but there are %d atoms" % (radii.shape, len(positions))
            )
        largest = 2 * float(radii.max()) if len(radii) else 0.0
    if len(positions) == 0 or largest <= 0:
        return returned(
            tuple(np.empty(EMPTY[letter][1], EMPTY[letter][0]) for letter in quantities)
        )
    if use_scaled_positions:
        positions = np.dot(positions, as_array(cell))
    wanted = [ARRAYS[letter] for letter in dict.fromkeys(quantities)]
    filtered = radii is not None or (table is not None and numbers is not None)
    outputs = tuple(dict.fromkeys(wanted + (["i", "j", "distance"] if filtered else [])))
    own = _mine.list if not _mine.list._busy else CellList()
    found = own.neighbors(
        positions,
        cell,
        pbc,
        largest,
        outputs=outputs,
        self_interaction=self_interaction,
        dtype=np.float64,
    )
    arrays = {name: getattr(found, name) for name in outputs}
    if filtered:
        i, j, d = arrays["i"], arrays["j"], arrays["distance"]
        if radii is not None:
            mask = d < radii[i] + radii[j]
        elif table is not None:
            species = as_array(numbers).astype(np.int64)
            mask = d < of_pairs(table, species)[species[i], species[j]]
        arrays = {name: arrays[name][mask] for name in wanted}
    if "shift" in arrays:
        arrays["shift"] = arrays["shift"].astype(int)
    return returned(tuple(arrays[ARRAYS[letter]] for letter in quantities))


def neighbor_list(
    quantities: str,
    a: Any,
    cutoff: Union[float, Dict[Tuple[Any, Any], float], Any],
    self_interaction: bool = False,
    max_nbins: float = 1e6,
) -> Any:
    """As ase.neighborlist.neighbor_list(): a drop-in for it.

    a is an ase.Atoms, or anything with its positions, pbc, numbers and get_cell(). All else: see
    primitive_neighbor_list().
    """
    pbc = tuple(np.asarray(a.pbc, bool).tolist())
    cell = None
    if True in pbc:
        cell = np.asarray(a.get_cell(), float)
        if not all(row.any() for row, periodic in zip(cell, pbc) if periodic):
            cell = np.asarray(
                a.get_cell(complete=True), float
            )  # as ASE: unit vectors in their place
    return primitive_neighbor_list(
        quantities,
        pbc,
        cell,
        a.positions,
        cutoff,
        numbers=a.numbers,
        self_interaction=self_interaction,
    )
