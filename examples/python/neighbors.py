# SPDX-License-Identifier: MIT
"""
neighbors.py: neighbours in one structure, with the package nblist.

Calcite from ../data/calcite.xyz: the pairs within 6, several cutoffs in one pass, arrays of one's
own that are filled again and again, and the check that the library offers of its own results.
"""
import os

import numpy as np

import nblist


def read_calcite():
    """Elements, positions and cell of the file."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "..", "data", "calcite.xyz"), encoding="ascii") as file:
        lines = file.read().splitlines()
    cell = np.array(lines[1].split('"')[1].split(), float).reshape(3, 3)
    atoms = [line.split() for line in lines[2 : 2 + int(lines[0])]]
    return np.array([a[0] for a in atoms]), np.array([a[1:4] for a in atoms], float), cell


def main():
    elements, positions, cell = read_calcite()

    # All axes are periodic where there is a cell, unless pbc= says otherwise.
    found = nblist.neighbors(positions, cell, cutoff=6.0, outputs="ijSd")
    print("%d pairs within 6, at most %d of one atom" % (found.n_pairs, found.counts.max()))

    # Whatever was not asked for is made when it is read: here the vectors.
    i, j, shift, distance = found
    vectors = positions[j] - positions[i] + shift @ cell
    assert np.allclose(vectors, found.vector, atol=1e-12)

    bonds = (elements[i] == "C") & (elements[j] == "O") & (distance < 1.5)
    print("%d bonds C-O of %.3f" % (bonds.sum(), distance[bonds].mean()))

    # Several cutoffs cost one pass; with disjoint=True each pair is in the smallest that holds it.
    shells = nblist.neighbors(
        positions, cell, cutoff=[1.5, 2.5, 6.0], labels=["C-O", "Ca-O", "rest"], disjoint=True
    )
    for name, shell in shells.items():
        print("%-5s %4d" % (name, shell.n_pairs))

    # A loop: a list that keeps its memory, and arrays that are filled in place.
    own = nblist.CellList()
    room = {"edge_index": np.empty((2, 2000), np.int32), "distance": np.empty(2000)}
    for step in range(3):
        moved = positions + 0.01 * step
        result = own.neighbors(moved, cell, cutoff=6.0, out=room)
        assert np.shares_memory(result.edge_index, room["edge_index"])
        assert result.n_pairs == found.n_pairs

    report = nblist.verify(result, moved, cell)
    print("verify: %s, %d pairs" % (report.verdict, report.n_pairs))


if __name__ == "__main__":
    main()
