#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The drawings of docs/concepts.md: drawings.py [--check]

Each is made from atoms and cells in the plane, whose neighbours are found here by the formula of the library; so
what a drawing shows is what a list holds. --check: whether the files are those that this program makes.
"""
from __future__ import annotations

import itertools
import math
import os
import sys
from typing import Dict, Iterator, List, Sequence, Tuple

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "concepts")
SCALE = 60.0
FONT = 'font-family="sans-serif" font-size="15"'
INK, FAINT, ATOM, OTHER, HIT = "#222222", "#9aa0a6", "#1f5fa8", "#c0561a", "#2e7d32"
Point = Tuple[float, float]
Shift = Tuple[int, int]


class Drawing:
    """A picture of a part of the plane; y grows upwards."""

    def __init__(self, low: Point, high: Point, title: str) -> None:
        self.low, self.high, self.title = low, high, title
        self.parts: List[str] = []

    def at(self, p: Point) -> Point:
        return ((p[0] - self.low[0]) * SCALE, (self.high[1] - p[1]) * SCALE)

    def line(
        self, a: Point, b: Point, color: str = INK, width: float = 1.5, more: str = ""
    ) -> None:
        (x, y), (u, v) = self.at(a), self.at(b)
        self.parts.append(
            '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g" %s/>'
            % (x, y, u, v, color, width, more)
        )

    def arrow(
        self, a: Point, b: Point, color: str = INK, gap: float = 0.0, side: float = 0.0
    ) -> None:
        """From a to b, shorter by `gap` at both ends, moved to its left by `side`."""
        length = math.dist(a, b)
        e = ((b[0] - a[0]) / length, (b[1] - a[1]) / length)
        away = (-e[1] * side, e[0] * side)
        start = (a[0] + e[0] * gap + away[0], a[1] + e[1] * gap + away[1])
        end = (b[0] - e[0] * (gap + 0.05) + away[0], b[1] - e[1] * (gap + 0.05) + away[1])
        self.line(start, end, color, 2, 'marker-end="url(#%s)"' % color[1:])

    def disc(self, p: Point, color: str, radius: float = 0.13, hollow: bool = False) -> None:
        x, y = self.at(p)
        fill = (
            'fill="#ffffff" stroke="%s" stroke-width="2"' % color if hollow else 'fill="%s"' % color
        )
        self.parts.append(
            '<circle cx="%.1f" cy="%.1f" r="%.1f" %s/>' % (x, y, radius * SCALE, fill)
        )

    def circle(self, p: Point, radius: float, color: str) -> None:
        x, y = self.at(p)
        self.parts.append(
            '<circle cx="%.1f" cy="%.1f" r="%.1f" fill="%s" fill-opacity="0.08" stroke="%s" stroke-dasharray="6 4"/>'
            % (x, y, radius * SCALE, color, color)
        )

    def cell(self, origin: Point, a: Point, b: Point, color: str, fill: str = "none") -> None:
        corners = [self.at(add(origin, *extra)) for extra in ((), (a,), (a, b), (b,))]
        self.parts.append(
            '<polygon points="%s" fill="%s" stroke="%s" stroke-width="1.5"/>'
            % (" ".join("%.1f,%.1f" % corner for corner in corners), fill, color)
        )

    def text(
        self, p: Point, text: str, color: str = INK, anchor: str = "start", bold: bool = False
    ) -> None:
        x, y = self.at(p)
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(
            '<text x="%.1f" y="%.1f" fill="%s" text-anchor="%s" %s%s>%s</text>'
            % (x, y, color, anchor, FONT, weight, text)
        )

    def svg(self) -> str:
        width, height = ((self.high[k] - self.low[k]) * SCALE for k in (0, 1))
        markers = "".join(
            '<marker id="%s" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="6" markerHeight="6" '
            'orient="auto"><path d="M0,0 L10,5 L0,10 z" fill="%s"/></marker>\n' % (color[1:], color)
            for color in (INK, FAINT, ATOM, OTHER, HIT)
        )
        return (
            "<!-- SPDX-License-Identifier: MIT. Made by docs/site/drawings.py -->\n"
            '<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img">\n'
            "<title>%s</title>\n<defs>\n%s</defs>\n"
            '<rect width="100%%" height="100%%" fill="#ffffff"/>\n%s\n</svg>\n'
            % (width, height, width, height, self.title, markers, "\n".join(self.parts))
        )


def add(p: Point, *others: Point) -> Point:
    return (p[0] + sum(o[0] for o in others), p[1] + sum(o[1] for o in others))


def moved(p: Point, shift: Shift, cell: Sequence[Point]) -> Point:
    return tuple(p[k] + shift[0] * cell[0][k] + shift[1] * cell[1][k] for k in (0, 1))  # type: ignore[return-value]


def shifts(pbc: Sequence[bool], reach: int = 4) -> Iterator[Shift]:
    return itertools.product(*(range(-reach, reach + 1) if flag else (0,) for flag in pbc))  # type: ignore[arg-type]


def neighbours(
    i: int, atoms: Sequence[Point], cell: Sequence[Point], pbc: Sequence[bool], cutoff: float
) -> List[Tuple[int, Shift]]:
    return [
        (j, s)
        for j in range(len(atoms))
        for s in shifts(pbc)
        if (j, s) != (i, (0, 0)) and math.dist(atoms[i], moved(atoms[j], s, cell)) < cutoff
    ]


def signed(number: int) -> str:
    return str(number).replace("-", "\N{MINUS SIGN}")


A, B = (2.4, 0.0), (0.8, 1.9)


def cell_drawing() -> Drawing:
    picture = Drawing((-0.9, -0.75), (8.6, 2.65), "A cell: its rows are the lattice vectors")
    picture.cell((0, 0), A, B, FAINT, "#f4f7fb")
    picture.arrow((0, 0), A, INK)
    picture.arrow((0, 0), B, INK)
    picture.text((1.2, -0.35), "a = h[0]", anchor="middle")
    picture.text((0.2, 1.2), "b = h[1]", anchor="end")
    for number, p in enumerate([(0.9, 0.5), (2.2, 1.3), (3.4, 1.7)]):
        picture.disc(p, ATOM)
        picture.text(add(p, (0.2, -0.08)), "r[%d]" % number, ATOM)
    for row, vector in enumerate("abc"):
        components = ", ".join(vector + axis for axis in "xyz")
        picture.text((4.5, 1.75 - 0.35 * row), "row %d of h: %s = (%s)" % (row, vector, components))
    picture.text((4.5, 0.45), "r[2] lies outside: atoms need")
    picture.text((4.5, 0.15), "not be wrapped into the cell.")
    return picture


def images_drawing() -> Drawing:
    atoms, cutoff = [(0.9, 0.5), (2.2, 1.3)], 2.6
    picture = Drawing(
        (-3.3, -2.6), (6.3, 3.7), "All images of the atoms within the cutoff of atom 0"
    )
    for s in sorted(itertools.product((-1, 0, 1), repeat=2), key=lambda s: s == (0, 0)):
        corner = moved((0, 0), s, (A, B))
        picture.cell(
            corner, A, B, INK if s == (0, 0) else "#d0d4d8", "#eef3fa" if s == (0, 0) else "none"
        )
        picture.text(add(corner, (0.22, 0.1)), "s = (%s, %s)" % (signed(s[0]), signed(s[1])), FAINT)
    picture.circle(atoms[0], cutoff, HIT)
    found = neighbours(0, atoms, (A, B), (True, True), cutoff)
    for j, s in found:
        picture.line(atoms[0], moved(atoms[j], s, (A, B)), HIT, 1.2)
    for j, color in ((0, ATOM), (1, OTHER)):
        for s in itertools.product((-1, 0, 1), repeat=2):
            picture.disc(moved(atoms[j], s, (A, B)), color, hollow=s != (0, 0))
    picture.text(
        (-3.1, -2.4),
        "atom 0 has %d neighbours: %d images of atom 1, and %d of itself"
        % (len(found), sum(j == 1 for j, _ in found), sum(j == 0 for j, _ in found)),
    )
    return picture


def shift_drawing() -> Drawing:
    cell: Tuple[Point, Point] = ((2.0, 0.0), (0.0, 1.8))
    i, j, s = (0.6, 0.6), (5.4, 1.2), (-2, 0)
    picture = Drawing(
        (-0.4, -0.7), (7.4, 2.4), "The shift refers to the positions as they are given"
    )
    for column in (2, 1, 0):
        picture.cell(
            (2.0 * column, 0),
            *cell,
            INK if column == 0 else "#d0d4d8",
            "#eef3fa" if column == 0 else "none",
        )
    image = moved(j, s, cell)
    picture.arrow(j, image, FAINT, gap=0.15)
    picture.arrow(i, image, HIT, gap=0.15)
    picture.disc(i, ATOM)
    picture.disc(j, OTHER)
    picture.disc(image, OTHER, hollow=True)
    picture.text(add(i, (-0.2, -0.35)), "r[i]", ATOM)
    picture.text(add(j, (0.2, -0.05)), "r[j], as given", OTHER)
    picture.text(add(image, (-0.1, 0.22)), "r[j] + s . h", OTHER)
    picture.text((3.4, 1.32), "s = (%s, 0)" % signed(-2), FAINT, "middle")
    picture.text((1.12, 0.62), "d", HIT, bold=True)
    picture.text((0, -0.45), "d = (r[j] \N{MINUS SIGN} r[i]) + s . h")
    return picture


def half_full_drawing() -> Drawing:
    atoms, cutoff = [(0.0, 0.0), (1.5, 0.9), (2.6, -0.1)], 2.0
    picture = Drawing((-0.6, -1.5), (8.2, 1.75), "A full and a half list of the same atoms")
    for half, left in ((False, 0.0), (True, 4.6)):
        places = [add(p, (left, 0)) for p in atoms]
        pairs = [
            (i, j)
            for i in range(3)
            for j, _ in neighbours(i, atoms, ((1, 0), (0, 1)), (False, False), cutoff)
        ]
        pairs = [(i, j) for i, j in pairs if i < j or not half]
        for i, j in pairs:
            picture.arrow(places[i], places[j], HIT, gap=0.18, side=0.0 if half else 0.07)
        for number, p in enumerate(places):
            picture.disc(p, ATOM)
            picture.text(add(p, (0, -0.42)), str(number), ATOM, "middle")
        picture.text(
            (left + 1.3, 1.4),
            "half: i &lt; j" if half else "full: both directions",
            INK,
            "middle",
            True,
        )
        picture.text(
            (left + 1.3, -1.2), "  ".join("(%d, %d)" % pair for pair in pairs), INK, "middle"
        )
    return picture


def slab_drawing() -> Drawing:
    cell: Tuple[Point, Point] = ((2.2, 0.0), (0.0, 0.0))
    atoms, cutoff = [(0.5, 0.4), (1.5, 1.0)], 1.9
    picture = Drawing((-2.7, -2.1), (5.3, 2.7), "A slab: images along the periodic axis alone")
    for column in (-1, 1, 0):
        left = 2.2 * column
        for x in (left, left + 2.2):
            picture.line((x, -1.5), (x, 2.2), "#d0d4d8" if column else INK, 1.5)
    picture.circle(atoms[0], cutoff, HIT)
    for j, s in neighbours(0, atoms, cell, (True, False), cutoff):
        picture.line(atoms[0], moved(atoms[j], s, cell), HIT, 1.2)
    for j, color in ((0, ATOM), (1, OTHER)):
        for column in (-1, 0, 1):
            picture.disc(moved(atoms[j], (column, 0), cell), color, hollow=column != 0)
    picture.text(
        (1.1, 2.4), "open: nothing is repeated, and this vector is never read", INK, "middle"
    )
    picture.text((1.1, -1.88), "periodic", INK, "middle")
    picture.arrow((0.4, -1.83), (-0.6, -1.83), INK)
    picture.arrow((1.8, -1.83), (2.8, -1.83), INK)
    return picture


DRAWINGS = {
    "cell": cell_drawing,
    "images": images_drawing,
    "shift": shift_drawing,
    "half_full": half_full_drawing,
    "slab": slab_drawing,
}


def made() -> Dict[str, str]:
    return {name + ".svg": draw().svg() for name, draw in DRAWINGS.items()}


def main() -> int:
    stale = []
    os.makedirs(FOLDER, exist_ok=True)
    for name, text in made().items():
        path = os.path.join(FOLDER, name)
        if sys.argv[1:] != ["--check"]:
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
            continue
        with open(path, encoding="utf-8") as stream:
            stale += [name] if stream.read() != text else []
    if stale:
        print("not as docs/site/drawings.py makes them: " + " ".join(stale), file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
