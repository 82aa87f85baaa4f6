# SPDX-License-Identifier: MIT
"""neighbor_list() and primitive_neighbor_list() against ASE, on molecules, crystals, slabs and
random cells."""
import itertools
import unittest
import warnings

import numpy as np

import support

try:
    import ase.neighborlist
    from ase import Atoms
    from ase.build import add_adsorbate, bulk, fcc111, fcc100, graphene, hcp0001, molecule, nanotube
    from ase.collections import g2
    from ase.data import covalent_radii
except ImportError:
    support.skip("no ase")

import nblist

warnings.simplefilter("ignore")

GAP = 1e-9  # ASE decides on wrapped coordinates: cutoffs keep this distance from every distance


def molecules():
    for k, name in enumerate(g2.names):
        yield name, molecule(name)
        if k % 8 == 0:
            atoms = molecule(name, vacuum=2.0)
            atoms.pbc = support.MASKS[k // 8 % 8]
            yield name + " in a box", atoms


def crystals():
    for name, structure, a in [
        ("Cu", "fcc", 3.61),
        ("Al", "fcc", 4.05),
        ("Fe", "bcc", 2.87),
        ("W", "bcc", 3.16),
        ("Si", "diamond", 5.43),
        ("C", "diamond", 3.57),
        ("Po", "sc", 3.35),
        ("NaCl", "rocksalt", 5.64),
        ("MgO", "rocksalt", 4.21),
        ("CsCl", "cesiumchloride", 4.12),
        ("GaAs", "zincblende", 5.65),
        ("ZnS", "wurtzite", 3.82),
    ]:
        yield name, bulk(name, structure, a=a)
        if structure not in ("wurtzite",):
            yield name + " cubic", bulk(name, structure, a=a, cubic=True)
        atoms = bulk(name, structure, a=a) * (2, 1, 2)
        atoms.rattle(0.07, seed=3)
        yield name + " rattled", atoms
        for k in (1, 3, 6):
            atoms = atoms.copy()
            atoms.pbc = support.MASKS[k]
            yield "%s %s" % (name, atoms.pbc), atoms
    for name in ("Mg", "Ti", "Zn"):
        yield name, bulk(name)


def slabs():
    for k, (make, name) in enumerate(
        [(fcc111, "Pt"), (fcc100, "Cu"), (hcp0001, "Ru"), (fcc111, "Au")]
    ):
        slab = make(name, size=(2, 2, 3), vacuum=6.0)
        add_adsorbate(slab, "O", 1.5, "ontop")
        yield name + " slab", slab
        slab = make(name, size=(1, 2, 2))  # no third lattice vector
        yield name + " thin slab", slab
        slab = slab.copy()
        slab.positions += [0.3 * k, -7.1, 11.0]
        yield name + " moved slab", slab
    yield "graphene", graphene(size=(2, 2, 1), vacuum=5.0)
    yield "graphene without a third vector", graphene()
    yield "nanotube", nanotube(5, 0)


def random_cells(count):
    for seed in range(count):
        positions, cell, pbc = support.random_system(seed)
        numbers = np.random.default_rng(seed).choice([1, 6, 8], size=len(positions))
        yield "seed %d" % seed, Atoms(numbers=numbers, positions=positions, cell=cell, pbc=pbc)


def systems():
    yield from molecules()
    yield from crystals()
    yield from slabs()
    yield from random_cells(support.scaled(120, 24))


def sorted_rows(arrays):
    i, j, d, D, S = arrays
    order = np.lexsort((S[:, 2], S[:, 1], S[:, 0], j, i))
    return i[order], j[order], d[order], D[order], S[order]


def clear_of(values, cutoff):
    """A cutoff near the wanted one that is farther than GAP from all values."""
    while np.any(np.abs(values - cutoff) < 2 * GAP):
        cutoff += 3 * GAP
    return cutoff


def distances_below(atoms, cutoff):
    return ase.neighborlist.neighbor_list("d", atoms, cutoff)


class AgainstAse(unittest.TestCase):
    def compare(self, what, atoms, cutoff, self_interaction=False):
        theirs = ase.neighborlist.neighbor_list(
            "ijdDS", atoms, cutoff, self_interaction=self_interaction
        )
        ours = nblist.neighbor_list("ijdDS", atoms, cutoff, self_interaction=self_interaction)
        for one, other in zip(ours, theirs):
            self.assertEqual(one.dtype, other.dtype, what)
            self.assertEqual(one.shape, other.shape, what)
        self.assertTrue((np.diff(ours[0]) >= 0).all(), what)
        for name, one, other in zip("ijdDS", sorted_rows(ours), sorted_rows(theirs)):
            if name in "dD":
                self.assertLessEqual(
                    np.abs(one - other).max(initial=0),
                    1e-12 * max(1, np.abs(atoms.positions).max()),
                    (what, name),
                )
            else:
                self.assertTrue(np.array_equal(one, other), (what, name))
        return len(ours[0])

    def test_all_systems(self):
        count = pairs = 0
        # ASE takes its time: a small run looks at some systems of each kind.
        step = 1 if support.SCALE >= 1 else 4 if support.SCALE >= 0.1 else 12
        for name, atoms in itertools.islice(systems(), 0, None, step):
            values = distances_below(atoms, 6.6)
            radii = covalent_radii[atoms.numbers] * 1.2
            kinds = sorted(set(atoms.get_chemical_symbols()))
            for base in (1.3, 2.6, 4.1, 6.0) if len(atoms) < 60 else (1.3, 2.6, 4.1):
                cutoff = clear_of(values, base)
                pairs += self.compare((name, cutoff), atoms, cutoff)
                pairs += self.compare((name, cutoff, "self"), atoms, cutoff, True)
            for factor in (0.8, 1.0, 1.7, 2.2):
                scale = clear_of(self.relative(atoms, radii), factor)
                pairs += self.compare((name, "radii", scale), atoms, radii * scale)
            pairs += self.compare((name, "radii", "self"), atoms, radii * scale, True)
            for k, base in enumerate((1.4, 2.5, 3.9, 5.0)):
                table = {}
                for a, one in enumerate(kinds):
                    for other in kinds[a if k % 2 else a + 1 :] or [one]:
                        wanted = clear_of(values, base + 0.17 * len(table))
                        table[
                            (one, other)
                            if k < 2
                            else (atoms.numbers[atoms.symbols == other][0], one)
                        ] = wanted
                pairs += self.compare((name, table), atoms, table, k == 3)
            count += 1
        print("%d systems, 4 cutoffs of each kind, %d pairs as ASE has them" % (count, pairs))
        self.assertGreaterEqual(count, 300 if step == 1 else 20)

    @staticmethod
    def relative(atoms, radii):
        i, j, d = ase.neighborlist.neighbor_list("ijd", atoms, radii * 2.4)
        return d / (radii[i] + radii[j])

    def test_cutoff_on_a_shell(self):
        """Where a cutoff is a distance, what counts is the formula on the positions as given."""
        for atoms, images in [
            (bulk("Cu", "fcc", a=4.0), 4),
            (bulk("Po", "sc", a=3.0, cubic=True), 4),
        ]:
            for cutoff in (3.0, 4.0, 2.0 * 2**0.5, 6.0):
                found = nblist.neighbor_list("ijS", atoms, cutoff)
                rows = sorted(zip(found[0].tolist(), found[1].tolist(), *found[2].T.tolist()))
                expected = support.reference(
                    atoms.positions, atoms.cell.array, atoms.pbc, cutoff, images
                )
                self.assertEqual(rows, expected, cutoff)

    def test_quantities(self):
        atoms = bulk("NaCl", "rocksalt", a=5.64)
        whole = dict(zip("ijdDS", nblist.neighbor_list("ijdDS", atoms, 5.0)))
        for wanted in ("SDdji", "dS", "jD", "iji", "Si"):
            for name, array in zip(wanted, nblist.neighbor_list(wanted, atoms, 5.0)):
                self.assertTrue(np.array_equal(array, whole[name]), (wanted, name))
        for name in "ijdDS":
            alone = nblist.neighbor_list(name, atoms, 5.0)
            self.assertIsInstance(alone, np.ndarray)
            self.assertTrue(np.array_equal(alone, whole[name]))
        for bad in ("x", "ijX", "P"):
            with self.assertRaises(ValueError):
                nblist.neighbor_list(bad, atoms, 5.0)

    def test_arrays_that_are_filtered(self):
        atoms = molecule("CH3CH2OH")
        for cutoff in (covalent_radii[atoms.numbers] * 1.1, {("C", "H"): 1.3, ("C", "C"): 1.9}):
            theirs = ase.neighborlist.neighbor_list("d", atoms, cutoff)
            self.assertTrue(
                np.allclose(np.sort(nblist.neighbor_list("d", atoms, cutoff)), np.sort(theirs))
            )
            self.assertEqual(len(nblist.neighbor_list("S", atoms, cutoff)), len(theirs))

    def test_primitive(self):
        atoms = bulk("GaAs", "zincblende", a=5.65) * (2, 2, 1)
        arguments = ("ijS", atoms.pbc, atoms.cell)
        for positions, scaled in ((atoms.positions, False), (atoms.get_scaled_positions(), True)):
            for cutoff, numbers in ((4.0, None), ({("Ga", "As"): 3.0}, atoms.numbers)):
                theirs = ase.neighborlist.primitive_neighbor_list(
                    *arguments, positions, cutoff, numbers=numbers, use_scaled_positions=scaled
                )
                ours = nblist.primitive_neighbor_list(
                    *arguments, positions, cutoff, numbers=numbers, use_scaled_positions=scaled
                )
                rows = [
                    sorted(zip(i.tolist(), j.tolist(), *s.T.tolist())) for i, j, s in (ours, theirs)
                ]
                self.assertEqual(*rows)
        everything = nblist.primitive_neighbor_list(
            "d", *arguments[1:], atoms.positions, {(1, 1): 2.0, (1, 2): 3.0}
        )
        alone = nblist.primitive_neighbor_list("d", *arguments[1:], atoms.positions, 3.0)
        self.assertTrue(np.array_equal(everything, alone))

    def test_nothing(self):
        for atoms, cutoff in [
            (Atoms(), 3.0),
            (molecule("H2O"), 0.0),
            (molecule("H2O"), np.zeros(3)),
            (molecule("H2O"), 0.1),
            (molecule("H2O"), {("O", "O"): 3.0}),
        ]:
            theirs = ase.neighborlist.neighbor_list("ijdDS", atoms, cutoff)
            for one, other in zip(nblist.neighbor_list("ijdDS", atoms, cutoff), theirs):
                self.assertEqual((one.dtype, one.shape), (other.dtype, other.shape))

    def test_an_interface_without_ase(self):
        class Minimal:
            positions = support.WATER
            pbc = [False, False, False]
            numbers = np.array([8, 1, 1])

            def get_cell(self, complete=False):
                return np.zeros((3, 3))

        self.assertEqual(len(nblist.neighbor_list("i", Minimal(), {("O", 1): 1.0})), 4)

    def test_periodic_without_a_cell(self):
        atoms = Atoms("H2", positions=[[0, 0, 0], [0.3, 0.2, 0.1]], pbc=True)
        theirs = ase.neighborlist.neighbor_list("d", atoms, 1.3)
        self.assertEqual(len(nblist.neighbor_list("d", atoms, 1.3)), len(theirs))

    def test_errors(self):
        atoms = molecule("H2O")
        with self.assertRaises(ValueError):
            nblist.neighbor_list("i", atoms, [1.0, 2.0])
        nan = float("nan")
        for cutoff in (
            nan,
            [0.5, nan, 0.5],
            {("O", "H"): nan},
            {("O", "H"): 1.2, ("H", "H"): nan},
            {("H", "H"): nan, ("O", "H"): 1.2},
        ):
            with self.assertRaisesRegex(ValueError, "cutoff is nan"):
                nblist.neighbor_list("i", atoms, cutoff)
        with self.assertRaisesRegex(KeyError, "no element 'Hx'"):
            nblist.neighbor_list("i", atoms, {("O", "Hx"): 1.0})
        atoms.positions[1, 2] = np.nan
        with self.assertRaisesRegex(ValueError, r"positions\[1\]\[2\] is nan"):
            nblist.neighbor_list("i", atoms, 3.0)


if __name__ == "__main__":
    support.main()
