# SPDX-License-Identifier: MIT
"""
ase_drop_in.py: a program that calls ase.neighborlist.neighbor_list(), with one line changed.

Coordination numbers and a pair distribution of a slab and of a molecule, once with ASE's function and
once with nblist's; the numbers are the same, the times are printed.
"""
import time

import ase.neighborlist
import numpy as np
from ase.build import bulk, fcc111, molecule

import nblist


def analyse(neighbor_list):
    """What such programs do; neighbor_list is the only thing that changes."""
    ethanol, slab, silicon = molecule("CH3CH2OH"), fcc111("Pt", (3, 3, 4), vacuum=8.0), bulk("Si")
    bonds = {("C", "C"): 1.8, ("C", "H"): 1.3, ("C", "O"): 1.7, ("O", "H"): 1.2}
    degree = np.bincount(neighbor_list("i", ethanol, bonds), minlength=len(ethanol))
    radii = ase.neighborlist.natural_cutoffs(slab, mult=1.1)
    coordination = np.bincount(neighbor_list("i", slab, radii), minlength=len(slab))
    distances = neighbor_list("d", silicon * (3, 3, 3), 8.0)
    return {
        "bonds of ethanol": degree,
        "coordination in the slab": np.bincount(coordination),
        "pair distribution of silicon": np.histogram(distances, bins=40, range=(0.0, 8.0))[0],
    }


def timed(neighbor_list):
    began = time.perf_counter()
    numbers = analyse(neighbor_list)
    return numbers, (time.perf_counter() - began) * 1e3


def main():
    theirs, slow = timed(ase.neighborlist.neighbor_list)
    ours, fast = timed(nblist.neighbor_list)
    for what, numbers in theirs.items():
        assert np.array_equal(ours[what], numbers), what
        print("%-29s the same %d numbers" % (what, len(numbers)))
    print("ase %.0f ms, nblist %.1f ms" % (slow, fast))


if __name__ == "__main__":
    main()
