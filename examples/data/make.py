#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the structures of this folder and the table of reference counts, counts.tsv.

    python3 examples/data/make.py [--folder FOLDER] [NAME...]

Without names everything is made but the molecular dynamics run of cu_md.xyz.gz, whose last digits depend on
the machine; name it to make it. Needs python3-ase (Debian 12: 3.22.1). Files of other Debian packages are
read where the package is installed, and fetched with `apt-get download` into a temporary folder otherwise.

The counts come from ASE's neighbor list where it applies, and always from a plain sum over images below;
neither shares anything with libnblist.
"""
import argparse
import gzip
import io
import os
import re
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import ase
    import ase.build
    import ase.collections
    import ase.neighborlist
    from ase.geometry import cellpar_to_cell
except ImportError:  # a python3 that is first on the PATH need not be the one of the distribution
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    sys.exit("make.py: needs python3 with ASE (Debian: python3-ase)")

HERE = os.path.dirname(os.path.abspath(__file__))


# --- Files of Debian packages ---------------------------------------------------------------------------

_unpacked = {}


def debian_file(package, path):
    """Text of /path of a Debian package, installed or not."""
    if not os.path.exists(path):
        if package not in _unpacked:
            root = tempfile.TemporaryDirectory(prefix="nblist-data-")
            subprocess.run(["apt-get", "-q", "download", package], cwd=root.name, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deb = [name for name in os.listdir(root.name) if name.endswith(".deb")][0]
            subprocess.run(["dpkg-deb", "-x", deb, "."], cwd=root.name, check=True)
            _unpacked[package] = root
        path = _unpacked[package].name + path
    with open(path, encoding="latin-1") as stream:
        return stream.read()


# --- Structures -----------------------------------------------------------------------------------------

def frame(symbols, positions, cell=None, pbc=(False, False, False), **notes):
    return {"symbols": list(symbols), "positions": np.array(positions, float),
            "cell": None if cell is None else np.array(cell, float), "pbc": tuple(pbc), "notes": notes}


def from_ase(atoms, **notes):
    cell = None if not np.any(atoms.cell[:]) else atoms.cell[:]
    return frame(atoms.get_chemical_symbols(), atoms.positions, cell, [bool(x) for x in atoms.pbc], **notes)


def crystal(name, structure, **parameters):
    return [from_ase(ase.build.bulk(name, structure, **parameters), name="%s %s" % (name, structure))]


def water():
    lines = debian_file("gromacs-data", "/usr/share/gromacs/top/spc216.gro").splitlines()
    n = int(lines[1])
    symbols, positions = [], []
    for line in lines[2:2 + n]:
        symbols.append(line[10:15].strip()[0])
        positions.append([10 * float(line[20 + 8 * k:28 + 8 * k]) for k in range(3)])
    box = [10 * float(word) for word in lines[2 + n].split()]
    return [frame(symbols, positions, np.diag(box), (True, True, True), name="SPC water, 300 K")]


def calcite():
    a, c, x = 4.9896, 17.0610, 0.25682  # hexagonal axes, R-3c; x of oxygen
    edge = np.sqrt(a * a / 3 + c * c / 9)
    angle = np.degrees(2 * np.arcsin(a / (2 * edge)))
    cell = cellpar_to_cell([edge] * 3 + [angle] * 3)  # the primitive, rhombohedral cell
    symbols, fractional = ["Ca", "Ca", "C", "C"], [(0, 0, 0), (.5, .5, .5), (.25, .25, .25), (.75, .75, .75)]
    for p, q, r in ((.25 + x, .25 - x, .25), (.25 - x, .25, .25 + x), (.25, .25 + x, .25 - x)):
        fractional += [(p, q, r), (-p, -q, -r)]
        symbols += ["O", "O"]
    return [frame(symbols, np.array(fractional) @ cell, cell, (True, True, True), name="calcite CaCO3")]


def tatb():
    text = debian_file("lammps-examples", "/usr/share/lammps/examples/reaxff/data.tatb")
    bounds = {m.group(3): float(m.group(2)) - float(m.group(1))
              for m in re.finditer(r"^\s*(\S+)\s+(\S+)\s+(.)lo .hi", text, re.M)}
    xy, xz, yz = (float(w) for w in re.search(r"^\s*(\S+)\s+(\S+)\s+(\S+)\s+xy xz yz", text, re.M).groups())
    cell = [[bounds["x"], 0, 0], [xy, bounds["y"], 0], [xz, yz, bounds["z"]]]
    species = {"1": "C", "2": "H", "3": "O", "4": "N"}
    rows = [line.split() for line in text.split("Atoms", 1)[1].splitlines() if len(line.split()) == 6]
    return [frame([species[row[1]] for row in rows], [row[3:6] for row in rows], cell, (True, True, True),
                  name="TATB, 16 molecules")]


def ethylene_on_silver():
    path = "/usr/share/doc/xcrysden/examples/XSF_Files/c2h4:Ag001.xsf"
    words = debian_file("xcrysden-data", path).split()
    at = words.index("PRIMVEC") + 1
    cell = np.array(words[at:at + 9], float).reshape(3, 3)
    at = words.index("PRIMCOORD") + 3
    n = int(words[at - 2])
    rows = np.array(words[at:at + 4 * n], float).reshape(n, 4)
    symbols = [ase.data.chemical_symbols[int(z)] for z in rows[:, 0]]
    return [frame(symbols, rows[:, 1:], cell, (True, True, False), name="ethylene on both faces of Ag(001)")]


def co_on_platinum():
    slab = ase.build.fcc111("Pt", (4, 4, 4), a=3.9242)
    for site in ((0, 0), (2, 0), (1, 2), (3, 2)):  # c(4x2)-like coverage of 1/4, all on top
        ase.build.add_adsorbate(slab, ase.Atoms("CO", [(0, 0, 0), (0, 0, 1.15)]), 1.85, "ontop", offset=site)
    cell = slab.cell[:].copy()
    cell[2] = 0
    return [frame(slab.get_chemical_symbols(), slab.positions, cell, (True, True, False),
                  name="CO on Pt(111), no third lattice vector")]


def nanotube():
    tube = ase.build.nanotube(6, 5, length=1, bond=1.42, symbol="C")
    positions = tube.positions[:, [2, 0, 1]]  # axis along a: the periodic axis need not be the last one
    cell = np.zeros((3, 3))
    cell[0, 0] = tube.cell[2, 2]
    return [frame(tube.get_chemical_symbols(), positions, cell, (True, False, False), name="(6,5) carbon nanotube")]


def protein():
    symbols, positions = [], []
    for line in debian_file("pymol-data", "/usr/share/pymol/data/tut/1hpv.pdb").splitlines():
        if line.startswith(("ATOM", "HETATM")):
            symbols.append(line[12:14].strip())
            positions.append([float(line[30 + 8 * k:38 + 8 * k]) for k in range(3)])
    return [frame(symbols, positions, name="1HPV: HIV-1 protease with amprenavir and crystal water")]


def molecules():
    return [from_ase(ase.collections.g2[name], name=name) for name in ase.collections.g2.names]


def copper_md():
    from ase import units
    from ase.calculators.emt import EMT
    from ase.md.langevin import Langevin
    from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
    rng = np.random.RandomState(20240229)
    atoms = ase.build.bulk("Cu", "fcc", a=3.615, cubic=True) * (4, 4, 4)
    atoms.calc = EMT()
    MaxwellBoltzmannDistribution(atoms, temperature_K=600, rng=rng)
    dynamics = Langevin(atoms, 5 * units.fs, temperature_K=600, friction=0.01 / units.fs, rng=rng)
    frames = []
    dynamics.run(200)
    for step in range(8):
        frames.append(from_ase(atoms, name="Cu 600 K", step=200 + 10 * step))
        dynamics.run(10)
    return frames


# File, cutoff of its reference count, maker.
TABLE = [
    ("cu_primitive.xyz", 6.0, lambda: crystal("Cu", "fcc", a=3.615)),
    ("cu_cubic.xyz", 6.0, lambda: crystal("Cu", "fcc", a=3.615, cubic=True)),
    ("cu_md.xyz.gz", 5.0, copper_md),
    ("fe_bcc.xyz", 6.0, lambda: crystal("Fe", "bcc", a=2.8665, cubic=True)),
    ("ti_hcp.xyz", 6.0, lambda: crystal("Ti", "hcp", a=2.9508, c=4.6855)),
    ("mg_hcp.xyz", 6.0, lambda: crystal("Mg", "hcp", a=3.2094, c=5.2105)),
    ("si_cubic.xyz", 6.0, lambda: crystal("Si", "diamond", a=5.43, cubic=True)),
    ("nacl.xyz", 6.0, lambda: crystal("NaCl", "rocksalt", a=5.6402, cubic=True)),
    ("mgo_primitive.xyz", 6.0, lambda: crystal("MgO", "rocksalt", a=4.2117)),
    ("calcite.xyz", 8.0, calcite),
    ("tatb.xyz", 6.0, tatb),
    ("water.xyz", 6.0, water),
    ("c2h4_ag001.xyz", 6.0, ethylene_on_silver),
    ("co_pt111.xyz", 6.0, co_on_platinum),
    ("nanotube.xyz", 6.0, nanotube),
    ("protein.xyz.gz", 5.0, protein),
    ("molecules.xyz", 5.0, molecules),
]


# --- Extended XYZ ---------------------------------------------------------------------------------------

def number(x):
    """Shortest decimal text of x rounded to 8 decimals: finer digits are noise of unit conversions."""
    text = "%.8f" % (x + 0.0)
    text = text.rstrip("0")
    text = text + "0" if text.endswith(".") else text
    return text[1:] if float(text) == 0 and text.startswith("-") else text


def write(path, frames):
    out = io.StringIO()
    for f in frames:
        keys = ['%s=%s' % (key, '"%s"' % value if " " in str(value) else value) for key, value in f["notes"].items()]
        if f["cell"] is not None:
            keys.insert(0, 'Lattice="%s"' % " ".join(number(x) for x in f["cell"].flat))
        keys.insert(len(keys) - len(f["notes"]), "Properties=species:S:1:pos:R:3")
        keys.append('pbc="%s"' % " ".join("T" if x else "F" for x in f["pbc"]))
        out.write("%d\n%s\n" % (len(f["symbols"]), " ".join(keys)))
        for symbol, r in zip(f["symbols"], f["positions"]):
            out.write("%-2s %s %s %s\n" % ((symbol,) + tuple(number(x).rjust(13) for x in r)))
    data = out.getvalue().encode("ascii")
    if path.endswith(".gz"):
        data = gzip.compress(data, 9, mtime=0)
    with open(path, "wb") as stream:
        stream.write(data)


def read(path):
    """The frames of a file written by write(): counts must be those of the decimals in the file."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as stream:
        lines = stream.read().splitlines()
    frames, at = [], 0
    while at < len(lines):
        n, comment = int(lines[at]), lines[at + 1]
        rows = [line.split() for line in lines[at + 2:at + 2 + n]]
        lattice = re.search(r'Lattice="([^"]*)"', comment)
        pbc = re.search(r'pbc="([^"]*)"', comment).group(1).split()
        cell = None if lattice is None else np.array(lattice.group(1).split(), float).reshape(3, 3)
        frames.append(frame([r[0] for r in rows], [r[1:4] for r in rows], cell, [x == "T" for x in pbc]))
        at += 2 + n
    return frames


# --- Counts ---------------------------------------------------------------------------------------------

def count_images(f, cutoff):
    """Number of pairs of the full list, by summing over all images in reach, one after the other."""
    r = f["positions"]
    periodic = [k for k in range(3) if f["pbc"][k]]
    vectors = f["cell"][periodic] if periodic else np.zeros((0, 3))
    reach = []
    if periodic:
        inverse = np.linalg.pinv(vectors)  # columns: reciprocal vectors inside the span of the periodic axes
        spread = np.ptp(r @ inverse, axis=0)
        reach = [int(np.ceil(cutoff * np.linalg.norm(inverse[:, k]) + spread[k])) for k in range(len(periodic))]
    pairs = 0
    for shift in np.ndindex(*[2 * m + 1 for m in reach]):
        s = np.array(shift, float) - reach
        d = r[None, :, :] - r[:, None, :] + (s @ vectors if periodic else 0.0)
        pairs += int(np.count_nonzero(np.sqrt((d * d).sum(axis=2)) < cutoff))
        if not np.any(s):
            pairs -= len(r)
    return pairs


def count_ase(f, cutoff):
    cell = np.zeros((3, 3)) if f["cell"] is None else f["cell"].copy()
    if np.linalg.matrix_rank(cell) < 3:
        cell = ase.geometry.complete_cell(cell)
    return len(ase.neighborlist.primitive_neighbor_list("i", f["pbc"], cell, f["positions"], cutoff))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default=HERE)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    for name, _, make in TABLE:
        if name in arguments.names or (not arguments.names and make is not copper_md):
            write(os.path.join(arguments.folder, name), make())
    rows = ["# file\tframes\tatoms\tcutoff\tpairs of the full lists, |d| < cutoff, all frames together"]
    for name, cutoff, _ in TABLE:
        frames = read(os.path.join(arguments.folder, name))
        pairs = sum(count_images(f, cutoff) for f in frames)
        reference = sum(count_ase(f, cutoff) for f in frames)
        if pairs != reference:
            sys.exit("%s: %d pairs by summing over images, %d by ASE" % (name, pairs, reference))
        n_atoms = sum(len(f["symbols"]) for f in frames)
        rows.append("%s\t%d\t%d\t%g\t%d" % (name, len(frames), n_atoms, cutoff, pairs))
        print(rows[-1])
    with open(os.path.join(arguments.folder, "counts.tsv"), "w", encoding="ascii") as stream:
        stream.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
