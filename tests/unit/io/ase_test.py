# SPDX-License-Identifier: MIT
"""
ase_test.py PROGRAM: ASE and the reader agree on files that ASE wrote (plain, packed, on standard input), and
ASE reads what the writer made of them; the tables of elements agree as far as both come from one source.
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile

import ase
import ase.data
import ase.io
import numpy as np

program = sys.argv[1]
rng = np.random.default_rng(11)


def systems():
    """Odd ones: skewed, left-handed, mixed pbc, no cell, one atom, many columns and values."""
    for k in range(40):
        n = int(rng.integers(1, 60))
        positions = rng.normal(size=(n, 3)) * 10.0 ** rng.integers(-8, 6)
        atoms = ase.Atoms(numbers=rng.integers(1, 103, n), positions=positions)
        if k % 4 != 3:
            cell = rng.normal(size=(3, 3)) * 5
            pbc = rng.integers(0, 2, 3).astype(bool)
            if k % 4 == 1:
                cell[~pbc] = 0
            atoms.set_cell(cell)
            atoms.set_pbc(pbc)
        if k % 2:
            atoms.set_array("vectors", rng.normal(size=(n, 3)) * 1e-200)
            atoms.set_array("ids", rng.integers(-(2**31), 2**31 - 1, n))
            atoms.set_array("flags", rng.integers(0, 2, (n, 2)).astype(bool))
            atoms.set_array("tags_of_atoms", np.array(["t%d" % m for m in range(n)]))
            atoms.info["energy_of_it"] = rng.normal()
            atoms.info["name"] = 'with "quotes", blanks and = signs'
            atoms.info["matrix"] = rng.normal(size=(3, 3))
            atoms.info["yes"] = True
        yield atoms


def dump(path, stdin=None):
    run = subprocess.run([program, "dump", path], stdout=subprocess.PIPE, stdin=stdin, check=True)
    *frames, status = [json.loads(line) for line in run.stdout.decode().splitlines()]
    assert status == "NBL_IO_END", status
    return frames


def reals(texts):
    return np.array([float.fromhex(text) for text in texts])


def check(frames, expected):
    assert len(frames) == len(expected)
    for frame, atoms in zip(frames, expected):
        assert frame["n"] == len(atoms)
        assert (reals(frame["columns"]["pos"]) == atoms.positions.ravel()).all()
        assert frame["numbers"] == atoms.numbers.tolist()
        assert frame["columns"]["species"] == atoms.get_chemical_symbols()
        assert frame["pbc"] == atoms.pbc.astype(int).tolist()
        assert (reals(frame["cell"]) == atoms.cell.array.ravel()).all()
        for name, array in atoms.arrays.items():
            if name in ("numbers", "positions"):
                continue
            got = frame["columns"][name]
            got = reals(got) if array.dtype.kind == "f" else np.array(got)
            assert (got == array.ravel()).all(), name
        for name, value in atoms.info.items():
            if isinstance(value, str):
                assert frame["pairs"][name] == value, (frame["pairs"][name], value)
            elif isinstance(value, float):
                assert float(frame["pairs"][name]) == value


def check_elements():
    """ASE's names are those of 2016 but for a slip in one; its radii end where ours do, with a filler after."""
    run = subprocess.run([program, "elements"], stdout=subprocess.PIPE, check=True)
    for line in run.stdout.decode().splitlines():
        z, symbol, name, mass, radius = json.loads(line)
        assert symbol == ase.data.chemical_symbols[z]
        assert name == ase.data.atomic_names[z].lower().replace("darmastadtium", "darmstadtium")
        assert float.fromhex(mass) == ase.data.atomic_masses_iupac2016[z]
        radius = float.fromhex(radius)
        if z <= 96:
            assert radius == ase.data.covalent_radii[z]
        else:
            assert np.isnan(radius)
    assert z == 118


check_elements()
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "ase.xyz")
    copied = os.path.join(folder, "copied.xyz.gz")
    packed = os.path.join(folder, "packed")
    ase.io.write(path, list(systems()), format="extxyz")
    # what ASE writes has 8 decimals in positions: what it reads back is the reference
    expected = ase.io.read(path, index=":", format="extxyz")
    check(dump(path), expected)
    with open(path, "rb") as file:
        text = file.read()
    with open(path, "rb") as file:
        check(dump("-", stdin=file), expected)
    with gzip.open(packed, "wb") as file:
        file.write(text)
    with open(packed, "rb") as file:
        check(dump("-", stdin=file), expected)

    subprocess.run([program, "copy", path, copied], check=True)
    check(dump(copied), expected)
    with gzip.open(copied, "rt") as file:
        back = ase.io.read(file, index=":", format="extxyz")
    assert len(back) == len(expected)
    for got, atoms in zip(back, expected):
        assert (got.positions == atoms.positions).all()
        assert (got.cell.array == atoms.cell.array).all()
        assert (got.pbc == atoms.pbc).all()
        assert (got.numbers == atoms.numbers).all()
        assert got.info.keys() == atoms.info.keys(), (got.info, atoms.info)
        for name in atoms.info:
            assert np.array(got.info[name] == atoms.info[name]).all(), name
        for name in atoms.arrays:
            assert (got.arrays[name] == atoms.arrays[name]).all(), name
