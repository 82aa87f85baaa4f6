#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the pictures of docs/metrics.md: structures of examples/data, and what nblist says of them.

    draw.py NBLIST           writes values.svg and atoms.svg beside this script
    draw.py NBLIST --check   tells whether the numbers in them are still what the program says

Needs nothing but the program, built with libnblist-metrics.
"""
from __future__ import annotations

import gzip
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "..", "examples", "data")

Vector = tuple[float, float, float]

COLOURS = {
    "H": "#f2f2f2",
    "C": "#707070",
    "N": "#5b7fd6",
    "O": "#d9534f",
    "F": "#8fd06a",
    "Si": "#d9b38c",
    "S": "#e3c542",
    "Cl": "#5fb760",
    "Na": "#a77bd1",
    "Cu": "#c98452",
    "Pt": "#9fb0bd",
    "Ag": "#b9bec4",
}
SIZES = {"H": 0.25, "C": 0.38, "N": 0.38, "O": 0.38, "F": 0.38}


@dataclass
class Shown:
    """A structure, from where it is looked at, and how it is measured."""

    file: str
    text: str
    cutoff: float
    frame: int = 0
    copies: tuple[int, int, int] = (1, 1, 1)
    tilt: tuple[float, float] = (12, 18)  # degrees about x and y
    bond: float = 0  # lines are drawn between atoms this near; 0: the cutoff
    slab: float = 1e9  # only atoms this far from the middle along the line of sight


@dataclass
class Structure:
    symbols: list[str]
    positions: list[Vector]
    cell: list[Vector]
    origin: list[int] = field(default_factory=list)  # atom of the file that each is a copy of


def read(shown: Shown) -> Structure:
    path = os.path.join(DATA, shown.file)
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="ascii") as stream:
        for _ in range(shown.frame + 1):
            count, comment = int(stream.readline()), stream.readline()
            rows = [stream.readline().split() for _ in range(count)]
    cell: list[Vector] = []
    if 'Lattice="' in comment:
        numbers = [float(word) for word in comment.split('Lattice="')[1].split('"')[0].split()]
        cell = [(numbers[k], numbers[k + 1], numbers[k + 2]) for k in (0, 3, 6)]
    return Structure(
        [row[0] for row in rows], [(float(r[1]), float(r[2]), float(r[3])) for r in rows], cell
    )


def repeat(one: Structure, copies: tuple[int, int, int]) -> Structure:
    """Copies of the cell, with the faces at their ends, so that it looks like a crystal."""
    if copies == (1, 1, 1) or not one.cell:
        return Structure(one.symbols, one.positions, one.cell, list(range(len(one.symbols))))
    many = Structure([], [], one.cell)
    for atom, (x, y, z) in enumerate(one.positions):
        for a in range(copies[0] + 1):
            for b in range(copies[1] + 1):
                for c in range(copies[2] + 1):
                    place = (a + x / one.cell[0][0], b + y / one.cell[1][1], c + z / one.cell[2][2])
                    if all(place[k] <= copies[k] + 1e-6 for k in range(3)):
                        many.symbols.append(one.symbols[atom])
                        many.positions.append(
                            (
                                place[0] * one.cell[0][0],
                                place[1] * one.cell[1][1],
                                place[2] * one.cell[2][2],
                            )
                        )
                        many.origin.append(atom)
    return many


def turned(positions: list[Vector], tilt: tuple[float, float]) -> list[Vector]:
    """About the centre: x to the right, y upwards, z towards the eye."""
    middle = [sum(p[k] for p in positions) / len(positions) for k in range(3)]
    a, b = math.radians(tilt[0]), math.radians(tilt[1])
    turned_ones = []
    for p in positions:
        x, y, z = (p[k] - middle[k] for k in range(3))
        x, z = x * math.cos(b) + z * math.sin(b), z * math.cos(b) - x * math.sin(b)
        y, z = y * math.cos(a) - z * math.sin(a), y * math.sin(a) + z * math.cos(a)
        turned_ones.append((x, y, z))
    return turned_ones


def draw(
    shown: Shown, box: tuple[float, float, float, float], colours: list[str] | None = None
) -> list[str]:
    """The structure inside a box (left, top, width, height), farther atoms paler and first."""
    structure = repeat(read(shown), shown.copies)
    places = turned(structure.positions, shown.tilt)
    kept = [k for k, p in enumerate(places) if abs(p[2]) <= shown.slab]
    half = [max(abs(places[k][axis]) for k in kept) + 0.6 for axis in range(2)]
    scale = min(box[2] / 2 / half[0], box[3] / 2 / half[1], 26)
    cx, cy = box[0] + box[2] / 2, box[1] + box[3] / 2
    deepest = min(places[k][2] for k in kept)
    depth = max(places[k][2] for k in kept) - deepest + 1e-9
    reach = shown.bond or shown.cutoff
    lines: list[tuple[float, str]] = []
    for k in kept:
        x, y, z = places[k]
        near = 0.35 + 0.65 * (z - deepest) / depth
        symbol = structure.symbols[k]
        colour = colours[structure.origin[k]] if colours else COLOURS[symbol]
        lines.append(
            (
                z,
                f'<circle cx="{cx + scale * x:.1f}" cy="{cy - scale * y:.1f}" '
                f'r="{scale * SIZES.get(symbol, 0.55):.1f}" fill="{colour}" opacity="{near:.2f}"/>',
            )
        )
        for m in kept:
            if m < k and math.dist(structure.positions[k], structure.positions[m]) <= reach:
                u, v, w = places[m]
                lines.append(
                    (
                        (z + w) / 2 - 0.3,
                        f'<path d="M{cx + scale * x:.1f} {cy - scale * y:.1f}L{cx + scale * u:.1f} '
                        f'{cy - scale * v:.1f}" opacity="{near:.2f}"/>',
                    )
                )
    return [line for _, line in sorted(lines)]


def measure(program: str, shown: Shown, *flags: str) -> dict:
    command = [
        program,
        "metrics",
        os.path.join(DATA, shown.file),
        "--cutoff",
        str(shown.cutoff),
        "--json",
    ]
    return json.loads(subprocess.run([*command, *flags], check=True, capture_output=True).stdout)[
        shown.frame
    ]


def text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{words}</text>'


def write(path: str, width: int, height: int, body: list[str]) -> None:
    style = (
        "text{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;fill:#222}.name{font-size:15px;"
        "font-weight:bold}.value{font-size:14px}.note{font-size:12px;fill:#555}"
        "circle{stroke:#333;stroke-width:.6}path{stroke:#8a8a8a;stroke-width:1.6;fill:none}"
        ".rule{stroke:#ddd;stroke-width:1}"
    )
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">\n<style>{style}</style>\n'
            f'<rect width="{width}" height="{height}" fill="#fff"/>\n'
        )
        stream.write("\n".join(body) + "\n</svg>\n")


COPPER = Shown("cu_cubic.xyz", "copper, fcc", 3.1, copies=(2, 2, 2))
SILICON = Shown("si_cubic.xyz", "silicon, diamond", 2.6, copies=(2, 2, 2))
SALT = Shown("nacl.xyz", "sodium chloride", 3.0, copies=(2, 2, 2))
WATER = Shown("water.xyz", "liquid water, all atoms", 3.5, bond=1.2, slab=3.2)
TUBE = Shown("nanotube.xyz", "carbon nanotube", 1.6, tilt=(15, 40), slab=9)
BUTYNE = Shown("molecules.xyz", "2-butyne", 1.7, frame=108, tilt=(20, 25))
SURFACE = Shown("co_pt111.xyz", "CO on platinum", 3.1, tilt=(-78, 0))

LOW_AND_HIGH = [
    ("Q6", WATER, COPPER),
    ("graph_cc", SILICON, COPPER),
    ("ring_fraction", BUTYNE, TUBE),
    (
        "shape_aniso",
        Shown("molecules.xyz", "CCl\N{SUBSCRIPT FOUR}", 1.9, frame=92, tilt=(20, 25)),
        BUTYNE,
    ),
    ("moran_I_chi", SALT, Shown("molecules.xyz", "nitromethane", 1.9, frame=81, tilt=(20, 60))),
    ("bond_angle_entropy", SILICON, WATER),
    ("coordination_variance", TUBE, SURFACE),
    ("local_anisotropy", COPPER, TUBE),
]


def draw_values(program: str, folder: str) -> None:
    width, row, side = 760, 190, 150
    body = [text(320, 22, "low", "note", "middle"), text(595, 22, "high", "note", "middle")]
    drawn: dict[int, str] = {}
    for k, (metric, low, high) in enumerate(LOW_AND_HIGH):
        top = 34 + row * k
        body.append(f'<path d="M20 {top}H{width - 20}" class="rule"/>')
        body.append(text(20, top + 30, metric, "name"))
        for column, shown in enumerate((low, high)):
            left = 200 + 275 * column
            value = measure(program, shown, "--metric", metric)[metric]
            if id(shown) not in drawn:
                drawn[id(shown)] = f"s{len(drawn)}"
                body.insert(
                    0,
                    f'<defs><g id="{drawn[id(shown)]}">'
                    + "\n".join(draw(shown, (0, 0, side + 90, side - 6)))
                    + "</g></defs>",
                )
            body.append(f'<use href="#{drawn[id(shown)]}" x="{left}" y="{top + 8}"/>')
            body.append(text(left + 120, top + side + 18, f"{value + 0.0:.3f}", "value", "middle"))
            body.append(
                text(
                    left + 120,
                    top + side + 34,
                    f"{shown.text}, cutoff {shown.cutoff:g} Å",
                    "note",
                    "middle",
                )
            )
    write(os.path.join(folder, "values.svg"), width, 34 + row * len(LOW_AND_HIGH), body)


def ramp(value: float, low: float, high: float) -> str:
    """From blue over white to red."""
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    a, b, s = (
        ((59, 102, 184), (245, 245, 245), 2 * t)
        if t < 0.5
        else ((245, 245, 245), (190, 50, 45), 2 * t - 1)
    )
    return "#" + "".join(f"{round(a[k] + (b[k] - a[k]) * s):02x}" for k in range(3))


def draw_atoms(program: str, folder: str) -> None:
    warm = Shown(
        "cu_md.xyz.gz",
        "copper from molecular dynamics",
        3.2,
        frame=7,
        bond=0.1,
        tilt=(0, 0),
        slab=2.5,
    )
    surface = Shown("co_pt111.xyz", "CO on platinum, from the side", 3.1, tilt=(-90, 0))
    panels = [
        (surface, "degree", 0, 12, "degree"),
        (warm, "q6", 0.4, 0.575, "q6"),
        (warm, "q6_averaged", 0.4, 0.575, "q6_averaged"),
    ]
    body: list[str] = []
    for k, (shown, column, low, high, name) in enumerate(panels):
        left = 10 + 250 * k
        values = measure(program, shown, "--per-atom", "--metric", "Q6")["per_atom"][column]
        body.append(text(left + 120, 24, name, "name", "middle"))
        body += draw(shown, (left, 34, 240, 240), [ramp(value, low, high) for value in values])
        body.append(text(left + 120, 294, shown.text, "note", "middle"))
        for step in range(24):
            body.append(
                f'<rect x="{left + 48 + 6 * step}" y="304" width="6" height="10" '
                f'fill="{ramp(step / 23, 0, 1)}"/>'
            )
        body.append(text(left + 42, 314, f"{low:g}", "note", "end"))
        body.append(text(left + 198, 314, f"{high:g}", "note"))
    write(os.path.join(folder, "atoms.svg"), 760, 326, body)


def words_of(folder: str) -> list[str]:
    """All texts of both pictures; places and colours may differ in a last digit elsewhere."""
    words: list[str] = []
    for name in ("values.svg", "atoms.svg"):
        with open(os.path.join(folder, name), encoding="utf-8") as stream:
            words += re.findall(r">([^<>\n]+)</text>", stream.read())
    return words


def main() -> None:
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--check"]):
        sys.exit("usage: draw.py NBLIST [--check]")
    with tempfile.TemporaryDirectory() as scratch:
        folder = scratch if len(sys.argv) == 3 else HERE
        draw_values(sys.argv[1], folder)
        draw_atoms(sys.argv[1], folder)
        differences = [pair for pair in zip(words_of(folder), words_of(HERE)) if pair[0] != pair[1]]
    if differences:
        sys.exit("the pictures are out of date, now and there: " + "; ".join(map(str, differences)))


if __name__ == "__main__":
    main()
