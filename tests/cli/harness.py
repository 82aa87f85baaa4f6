# SPDX-License-Identifier: MIT
"""What the tests of the program nblist share: running it, reading its files, and an independent brute-force
list in plain Python, whose floats are the binary64 numbers of the library's formula.

Every test file is called as: python3 test_x.py NBLIST DATA [unittest arguments], and uses the standard
library only."""

import ast
import csv
import itertools
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

SKIP = 77
HEADER = "frame,i,j,sx,sy,sz,dx,dy,dz,d"
LISTS_HEADER = "frame,list,i,j,sx,sy,sz,dx,dy,dz,d"


class Program(unittest.TestCase):
    """A test with a folder of its own, in which the program runs."""

    program = None
    data = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="nblist-cli-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def file(self, name):
        return os.path.join(self.data, name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as stream:
            stream.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as stream:
            return stream.read()

    def run_program(self, *arguments, status=0, stdin=b"", env=None, **options):
        """Runs the program, checks its status, returns (stdout, stderr) as text."""
        environment = dict(os.environ, LC_ALL="C", COLUMNS="80")
        environment.update(env or {})
        done = subprocess.run([self.program, *map(str, arguments)], input=stdin, capture_output=True,
                              cwd=self.folder, env=environment, timeout=300, **options)
        out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        self.assertEqual(done.returncode, status, f"{arguments}\n{out}\n{err}")
        return out, err

    def pairs(self, *arguments, **options):
        return self.run_program("pairs", *arguments, **options)

    def rows(self, name):
        """The rows of a CSV file as (frame, i, j, sx, sy, sz, dx, dy, dz, d)."""
        text = self.read(name).decode()
        lines = text.split("\n")
        self.assertEqual(lines[0], HEADER)
        self.assertEqual(lines[-1], "")
        return [tuple(map(int, row[:6])) + tuple(map(float, row[6:])) for row in csv.reader(lines[1:-1])]

    def lines_of_lists(self, name, n_lists):
        """The lines of a CSV file with several lists: for each list, lines as in the file of one list."""
        lines = self.read(name).decode().split("\n")
        self.assertEqual((lines[0], lines[-1]), (LISTS_HEADER, ""))
        split = [[] for _ in range(n_lists)]
        places = []
        for line in lines[1:-1]:
            frame, number, rest = line.split(",", 2)
            places.append((int(frame), int(number), int(rest.split(",", 1)[0])))
            split[int(number)].append(frame + "," + rest)
        self.assertEqual(places, sorted(places))
        return split


def table(out):
    """The lines of the table as dictionaries."""
    lines = [line.split() for line in out.split("\n") if line and not line.startswith("total:")]
    names = lines[0]
    return [dict(zip(names, line)) for line in lines[1:]]


def read_npz(path):
    """Arrays of an npz file as {name: (dtype, shape, values)}, read without numpy."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:
            raise ValueError("checksum of " + path)
        for name in archive.namelist():
            content = archive.read(name)
            if content[:8] != b"\x93NUMPY\x01\x00":
                raise ValueError("magic of " + name)
            (length,) = struct.unpack("<H", content[8:10])
            header = ast.literal_eval(content[10:10 + length].decode("latin1"))
            code = {"<i8": "q", "<i4": "i", "<f8": "d"}[header["descr"]]
            body = content[10 + length:]
            count = len(body) // struct.calcsize("<" + code)
            if header["fortran_order"] or count != math.prod(header["shape"]) or (10 + length) % 64:
                raise ValueError("header of " + name)
            arrays[name[:-4]] = (header["descr"], header["shape"], struct.unpack(f"<{count}{code}", body))
    return arrays


def brute_force(positions, cell, pbc, cutoff, reach, inclusive=False, half=False, self_pairs=False):
    """All (i, j, sx, sy, sz, dx, dy, dz, d), sorted; shifts up to `reach` around those that wrap the atoms."""
    n = len(positions)
    found = []
    ranges = [range(-reach, reach + 1) if p else range(1) for p in pbc]
    for i, j in itertools.product(range(n), repeat=2):
        for s in itertools.product(*ranges):
            if i == j and s == (0, 0, 0):
                if self_pairs:
                    found.append((i, j, 0, 0, 0, 0.0, 0.0, 0.0, 0.0))
                continue
            if half and not (i < j or (i == j and next(k for k in s if k) > 0)):
                continue
            d = []
            for k in range(3):
                terms = [s[a] * cell[a][k] for a in range(3) if pbc[a]]
                shift = 0.0
                for index, term in enumerate(terms):
                    shift = term if index == 0 else shift + term
                d.append(((positions[j][k] - positions[i][k]) + shift) + 0.0)
            length = math.sqrt((d[0] * d[0] + d[1] * d[1]) + d[2] * d[2])
            if length < cutoff or (inclusive and length == cutoff):
                found.append((i, j, *s, *d, length))
    return sorted(found)


def random_frames(generator, n, most_atoms=12, width=5.0):
    """Text of n frames with up to most_atoms atoms, every mixture of axes, cells of any shape, and none."""
    frames = []
    for _ in range(n):
        atoms = generator.randint(0, most_atoms)
        pbc = [generator.choice("TF") for _ in range(3)]
        cell = [[generator.uniform(-1, 1) + (width if k == axis else 0) for k in range(3)] for axis in range(3)]
        comment = "" if generator.random() < 0.2 else 'Lattice="%s" pbc="%s"' % (
            " ".join(f"{x:.4f}" for row in cell for x in row), " ".join(pbc))
        lines = [str(atoms), comment]
        lines += ["X " + " ".join(f"{generator.uniform(-width, 2 * width):.4f}" for _ in range(3))
                  for _ in range(atoms)]
        frames.append("\n".join(lines) + "\n")
    return frames


def python_with_numpy():
    for candidate in (sys.executable, "python3", "/usr/bin/python3"):
        try:
            done = subprocess.run([candidate, "-c", "import numpy"], capture_output=True, check=False)
            if done.returncode == 0:
                return candidate
        except OSError:
            pass
    return None


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: test_x.py NBLIST DATA [unittest arguments]")
    Program.program, Program.data = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=[sys.argv[0]] + sys.argv[3:])
