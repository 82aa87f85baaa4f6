# SPDX-License-Identifier: MIT
"""
data_loader.py: graphs for a model, batch after batch, made by the workers of a data loader.

The molecules of ../data/molecules.xyz are dealt into batches. Each worker is a forked process with a
Batch of its own, whose memory is kept from batch to batch; in a forked process everything runs on one
thread, so that workers do not get into each other's way. A graph has what message passing reads:
edges, vectors, the system of each edge, and for each edge the number of its mirror. With PyTorch,
torch.from_numpy() makes tensors of these arrays without a copy, and positions may be tensors.
"""
import multiprocessing
import os

import numpy as np

import nblist

BATCH_SIZE, CUTOFF, WORKERS = 16, 4.0, 2


def read_molecules():
    """The positions of each molecule, in float32 as models have them."""
    here = os.path.dirname(os.path.abspath(__file__))
    molecules = []
    with open(os.path.join(here, "..", "data", "molecules.xyz"), encoding="ascii") as file:
        for count in file:
            file.readline()
            rows = [file.readline().split()[1:4] for _ in range(int(count))]
            molecules.append(np.array(rows, np.float32))
    return molecules


class Collate:
    """Makes one graph of some molecules."""

    def __init__(self):
        self.list = None  # made in the worker, at its first batch: it cannot be pickled

    def __call__(self, molecules):
        if self.list is None:
            self.list = nblist.Batch()
        positions = np.concatenate(molecules)
        ptr = np.cumsum([0] + [len(one) for one in molecules])
        found = self.list.batch(
            positions,
            ptr=ptr,
            cutoff=CUTOFF,
            outputs=["edge_index", "vector", "batch", "reverse"],
        )
        return {
            "positions": positions,
            "edge_index": found.edge_index,
            "vector": found.vector,
            "batch": found.batch,
            "reverse": found.reverse,
            "threads": nblist.max_threads(),
        }


collate = Collate()


def main():
    molecules = read_molecules()
    batches = [molecules[k : k + BATCH_SIZE] for k in range(0, len(molecules), BATCH_SIZE)]
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        graphs = pool.map(collate, batches, chunksize=1)

    edges = atoms = 0
    for batch, graph in zip(batches, graphs):
        sender, receiver = graph["edge_index"]
        straight = graph["positions"][receiver] - graph["positions"][sender]
        assert graph["vector"].dtype == np.float32
        assert np.allclose(graph["vector"], straight, atol=1e-5)
        assert np.array_equal(sender[graph["reverse"]], receiver)
        assert graph["batch"].max() < len(batch) and graph["threads"] == 1
        edges += len(sender)
        atoms += len(graph["positions"])
    print("%d molecules in %d batches" % (len(molecules), len(batches)))
    print("%d atoms, %d edges within %g" % (atoms, edges, CUTOFF))


if __name__ == "__main__":
    main()
