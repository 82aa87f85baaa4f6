# SPDX-License-Identifier: MIT
"""Threads of the host, forks, and workers that hand results back."""
import os
import signal
import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import numpy as np

import nblist
import support
from support import WATER

N_BATCHES = 100


def batch_of(seed):
    """Some molecules, as a data set might hold them."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(8, 24))
    positions = np.tile(WATER, (count, 1)) + rng.normal(scale=0.05, size=(3 * count, 3))
    return positions, np.arange(0, 3 * count + 1, 3)


def worker(first):
    """What a worker of a data loader does: batch after batch, with lists of its own and with those
    of its parent."""
    sums = []
    for seed in range(first, first + N_BATCHES):
        positions, ptr = batch_of(seed)
        found = nblist.batch(
            positions, ptr=ptr, cutoff=5.0, outputs=["edge_index", "shift", "distance"]
        )
        one = nblist.neighbors(positions, np.eye(3) * 9, cutoff=3.0, outputs="d")
        sums.append(
            (found.n_pairs, float(found.distance.sum()), one.n_pairs, float(one.distance.sum()))
        )
    return nblist.max_threads(), sums


def result_of(seed):
    positions, ptr = batch_of(seed)
    return nblist.batch(positions, ptr=ptr, cutoff=5.0, outputs=["edge_index", "distance"])


class Lock(unittest.TestCase):
    def moves_during_build(self, build, cell):
        """How far another thread counts while this one is inside the build of a list.

        Threads are never switched by the clock here: the other one runs where this one lets go of
        the lock.
        """
        counter, stop, moved = [0], threading.Event(), []

        def count():
            while not stop.is_set():
                counter[0] += 1
                time.sleep(0)

        def watched(*arguments):
            before = counter[0]
            status = build(*arguments)
            moved.append(counter[0] - before)
            return status

        thread = threading.Thread(target=count)
        own = nblist.CellList(n_threads=1)
        positions = np.random.default_rng(1).uniform(0, 100, size=(200000, 3))
        interval, real = sys.getswitchinterval(), nblist._cell_list._build
        nblist._cell_list._build = watched
        sys.setswitchinterval(1000)
        thread.start()
        try:
            for _ in range(4):
                own.neighbors(positions, cell, cutoff=1.0, outputs="")
                if moved[-1]:
                    break
        finally:
            nblist._cell_list._build = real
            sys.setswitchinterval(interval)
            stop.set()
            thread.join()
        return max(moved)

    def test_interpreter_goes_on(self):
        from nblist._library import nbl, quick

        for cell in (np.eye(3) * 100, None):
            moves = self.moves_during_build(nbl["nbl_cell_list_build"], cell)
            self.assertGreater(moves, 0)
        moves = self.moves_during_build(quick["nbl_cell_list_build"], cell)
        self.assertEqual(moves, 0)  # the test can fail

    @contextmanager
    def interrupted(self, module, name, act):
        """A signal, handled by act(), while a call is about to enter the library."""
        real, came = getattr(module, name), []

        def stopped(*arguments):
            if not came:
                came.append(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
            return real(*arguments)

        before = signal.signal(signal.SIGINT, lambda number, frame: act())
        setattr(module, name, stopped)
        try:
            yield
        finally:
            setattr(module, name, real)
            signal.signal(signal.SIGINT, before)
        self.assertEqual(came, [signal.SIGINT])

    def test_signal_handlers_do_not_wait_for_their_own_thread(self):
        box, one, many = np.eye(3) * 9, nblist.CellList(), nblist.Batch()
        module, batches = nblist._cell_list, nblist._batch
        late = one.neighbors(WATER, cutoff=2.0, outputs="i")
        late_many = many.batch(WATER, cutoff=2.0, outputs="i")
        for own, call, place, name, result in (
            (one, lambda: one.neighbors(WATER, cutoff=2.0), module, "_build_small", late),
            (one, lambda: one.neighbors(WATER, box, cutoff=2.0), module, "_build", late),
            (
                one,
                lambda: one.neighbors(WATER, cutoff=[1.0, 2.0])[1],
                module,
                "_search_multi",
                late,
            ),
            (many, lambda: many.batch(WATER, cutoff=2.0), batches, "_search", late_many),
        ):
            refused = []

            def act():
                for use in (
                    call,
                    lambda: own.n_bytes,
                    lambda: result.distance,
                    lambda: nblist.verify(result, WATER),
                ):
                    try:
                        use()
                    except RuntimeError as problem:
                        refused.append(str(problem))

            with self.interrupted(place, name, act):
                self.assertEqual(call().n_pairs, 6)
            self.assertEqual(len(refused), 4)
            self.assertTrue(all("this %s is in use" % type(own).__name__ in t for t in refused))
            self.assertEqual(call().n_pairs, 6)  # and it goes on, here and in other threads
            with ThreadPoolExecutor(1) as pool:
                self.assertEqual(pool.submit(call).result(60).n_pairs, 6)

    def test_what_a_handler_raises_leaves_no_lock(self):
        own = nblist.CellList()

        def act():
            raise KeyboardInterrupt

        with self.interrupted(nblist._cell_list, "_build_small", act):
            with self.assertRaises(KeyboardInterrupt):
                own.neighbors(WATER, cutoff=2.0)
        self.assertEqual(own.neighbors(WATER, cutoff=2.0).n_pairs, 6)
        with ThreadPoolExecutor(1) as pool:
            self.assertEqual(pool.submit(own.neighbors, WATER, cutoff=2.0).result(60).n_pairs, 6)

    def test_functions_from_signal_handlers(self):
        """neighbors(), batch() and their like are not refused there."""
        from nblist import neighborlist_rs as rs

        box, found = np.eye(3) * 9, []

        def act():
            found.append(nblist.neighbors(WATER, box, cutoff=2.0).n_pairs)
            found.append(nblist.batch(WATER, cutoff=2.0).n_pairs)
            found.append(len(nblist.primitive_neighbor_list("i", [False] * 3, box, WATER, 2.0)))
            found.append(2 * rs.build_neighborlists(None, WATER, 2.0)["shift"].shape[0])
            found.append(2 * rs.build_neighborlists_batch(WATER, [0] * 3)["shift"].shape[0])

        calls = [
            (lambda: nblist.neighbors(WATER, box, cutoff=2.0).n_pairs, nblist._cell_list),
            (lambda: nblist.batch(WATER, cutoff=2.0).n_pairs, nblist._batch),
            (
                lambda: len(nblist.primitive_neighbor_list("i", [True] * 3, box, WATER, 2.0)),
                nblist._cell_list,
            ),
            (
                lambda: 2 * len(rs.build_neighborlists(rs.PyCell(box), WATER, 2.0)["shift"]),
                nblist._cell_list,
            ),
            (lambda: 2 * len(rs.build_neighborlists_batch(WATER, [0] * 3)["shift"]), nblist._batch),
        ]
        for call, module in calls:
            with self.interrupted(module, "_build", act):
                self.assertEqual(call(), 6)
        self.assertEqual(found, [6] * 25)

    def test_calls_within_calls(self):
        """An array that calls the library when it is read, and a call from inside of a call."""

        class Lazy:
            def __array__(self, *arguments, **options):
                return WATER[nblist.neighbors(WATER, cutoff=2.0).i[:2]]

        self.assertEqual(nblist.neighbors(Lazy(), cutoff=2.0).n_pairs, 2)
        self.assertEqual(nblist.batch(Lazy(), cutoff=2.0).n_pairs, 2)
        own, inner = nblist._cell_list._mine.list, []
        build = nblist._cell_list._build_small

        def interrupted(*arguments):
            if not inner:
                inner.append(None)
                inner.append(nblist.neighbors(WATER, cutoff=2.0).n_pairs)
            return build(*arguments)

        nblist._cell_list._build_small = interrupted
        try:
            self.assertEqual(nblist.neighbors(WATER, cutoff=1.0).n_pairs, 4)
        finally:
            nblist._cell_list._build_small = build
        self.assertEqual(inner, [None, 6])
        self.assertIs(nblist._cell_list._mine.list, own)

    def test_arrays_that_use_what_reads_them(self):
        """The object is free while the arguments become arrays: also for the code that makes
        them."""
        box, ids = np.eye(3) * 3, [0, 0, 0]
        one, many = nblist.CellList(), nblist.Batch()
        periodic = nblist.CellList().neighbors(WATER, box, cutoff=2.5)

        class Nested:
            """An array that is not known before the object that reads it has been used."""

            def __init__(self, array, call):
                self.array, self.call = np.array(array), call

            def __array__(self, *arguments, **options):
                self.inner = self.call()
                return self.array

            def __len__(self):
                return len(self.array)

        for call, expected in (
            (lambda: nblist.batch(WATER, cutoff=1.0), 4),
            (lambda: many.batch(WATER, batch=[0, 0, 1], cutoff=1.0), 2),
            (lambda: one.neighbors(WATER, cutoff=1.0), 4),
        ):
            for outer in (nblist.batch, many.batch):
                for given in (
                    {"positions": WATER},
                    {"batch": ids},
                    {"batch": None, "ptr": [0, 3]},
                    {"cells": box},
                    {"pbc": [True] * 3},
                    {"cutoff": [2.5]},
                ):
                    (name,) = [key for key in given if given[key] is not None]
                    nested = Nested(given[name], call)
                    whole = {"positions": WATER, "batch": ids, "cells": box, "cutoff": 2.5}
                    found = outer(**{**whole, **given, name: nested})
                    found = found[0] if name == "cutoff" else found
                    self.assertEqual(nested.inner.n_pairs, expected, name)
                    self.assertTrue(np.array_equal(found.edge_index, periodic.edge_index), name)
                    self.assertTrue(np.array_equal(found.shift, periodic.shift), name)
            for outer in (nblist.neighbors, one.neighbors):
                for name in ("positions", "cell", "pbc"):
                    given = {"positions": WATER, "cell": box, "pbc": True, "cutoff": 2.5}
                    given[name] = Nested([True] * 3 if name == "pbc" else given[name], call)
                    found = outer(**given)
                    self.assertEqual(given[name].inner.n_pairs, expected, name)
                    self.assertTrue(np.array_equal(found.edge_index, periodic.edge_index), name)
                    self.assertTrue(np.array_equal(found.shift, periodic.shift), name)

    def test_threads_have_lists_of_their_own(self):
        def work(seed):
            positions, ptr = batch_of(seed)
            for _ in range(20):
                found = nblist.neighbors(positions, np.eye(3) * 9, cutoff=3.0)
                if found.distance.max() >= 3.0 or len(found.shift) != found.n_pairs:
                    return None
            return found.n_pairs

        expected = [work(seed) for seed in range(16)]
        with ThreadPoolExecutor(4) as pool:
            self.assertEqual(list(pool.map(work, range(16))), expected)

    def test_one_list_for_many_threads(self):
        """Calls wait for each other; what was asked for is right, what was not may be stale, but
        never wrong."""
        own, stale = nblist.CellList(), []

        def work(seed):
            positions, _ = batch_of(seed)
            expected = nblist.neighbors(positions, cutoff=3.0, outputs="ijd")
            for _ in range(50):
                found = own.neighbors(positions, cutoff=3.0, outputs="ijd")
                if not np.array_equal(found.distance, expected.distance):
                    return False
                try:
                    if not np.allclose(np.linalg.norm(found.vector, axis=1), expected.distance):
                        return False
                except nblist.StaleError:
                    stale.append(seed)
            return True

        with ThreadPoolExecutor(4) as pool:
            self.assertEqual(list(pool.map(work, range(8))), [True] * 8)

    def test_one_list_for_small_systems_of_many_threads(self):
        """The same where the interpreter lock is kept in the library, but lost between its
        calls."""
        own = nblist.CellList()

        def work(seed):
            positions = np.random.default_rng(seed).uniform(0, 4, size=(5 + 7 * seed, 3))
            expected = nblist.CellList().neighbors(positions, cutoff=2.0, outputs="ijd")
            for _ in range(support.scaled(300, 50)):
                found = own.neighbors(positions, cutoff=2.0, outputs="ijd")
                if found.n_pairs != expected.n_pairs:
                    return False
                for name in ("i", "j", "distance"):
                    if not np.array_equal(getattr(found, name), getattr(expected, name)):
                        return False
            return True

        interval, build = sys.getswitchinterval(), nblist._cell_list._build_small
        calls = []

        def counted(*arguments):
            calls.append(arguments)
            return build(*arguments)

        nblist._cell_list._build_small = counted
        sys.setswitchinterval(1e-5)
        try:
            with ThreadPoolExecutor(2) as pool:
                self.assertEqual(list(pool.map(work, range(4))), [True] * 4)
        finally:
            sys.setswitchinterval(interval)
            nblist._cell_list._build_small = build
        self.assertEqual(len(calls), 4 * (support.scaled(300, 50) + 1))


@unittest.skipUnless(hasattr(os, "fork"), "no fork")
class Forks(unittest.TestCase):
    def test_workers(self):
        positions, ptr = batch_of(0)
        large = np.random.default_rng(0).uniform(0, 30, size=(20000, 3))
        nblist.neighbors(
            large, np.eye(3) * 30, cutoff=3.0, n_threads=4
        )  # OpenMP has threads that a fork loses
        nblist.batch(positions, ptr=ptr, cutoff=5.0)
        firsts = [0, 1000, 2000, 3000]
        with get_context("fork").Pool(4) as pool:
            found = pool.map(worker, firsts, chunksize=1)
        for first, (threads, sums) in zip(firsts, found):
            self.assertEqual(threads, 1)
            self.assertEqual(len(sums), N_BATCHES)
            self.assertEqual(sums, worker(first)[1])

    def test_results_come_back(self):
        with get_context("fork").Pool(2) as pool:
            found = pool.map(result_of, range(8))
        for seed, result in enumerate(found):
            expected = result_of(seed)
            self.assertTrue(np.array_equal(result.edge_index, expected.edge_index))
            self.assertTrue(np.array_equal(result.distance, expected.distance))
            self.assertEqual(
                (result.n_pairs, result.n_systems), (expected.n_pairs, expected.n_systems)
            )

    def test_an_object_made_before(self):
        own = nblist.CellList()
        before = own.neighbors(WATER, cutoff=2.0, outputs="i")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                lazily = before.distance.sum()
                code = (
                    0
                    if own.neighbors(WATER, cutoff=2.0, outputs="d").distance.sum() == lazily
                    else 2
                )
            finally:
                os._exit(code)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertEqual(len(before.distance), 6)

    def test_spawned(self):
        with get_context("spawn").Pool(1) as pool:
            self.assertEqual(pool.map(result_of, [3])[0].n_pairs, result_of(3).n_pairs)


if __name__ == "__main__":
    support.main()
