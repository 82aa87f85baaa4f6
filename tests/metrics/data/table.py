#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes values.tsv of the recorded output of PASTED.

    table.py metrics.json >values.tsv

Cases whose input libnblist-metrics refuses (not a number, a cutoff of 0) are left out: they are tested as such.
"""
from __future__ import annotations

import json
import sys


def text(value: float | None) -> str:
    return "-" if value is None else repr(float(value))


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as stream:
        cases = json.load(stream)
    names = list(cases[0]["values"])
    gaps = ["cutoff", "rdf", "angle"]
    columns = ["name", "cutoff", "cov_scale", "n_bins", "w_atom", "w_spatial", "cutoff_used"]
    print("\t".join(columns + ["gap_" + gap for gap in gaps] + names))
    for case in cases:
        params, gap = case["params"], case["tie_gap"] or {}
        if case["name"] in ("nan_coord", "inf_coord") or params["cutoff"] == 0:
            continue
        row = [case["name"], text(params["cutoff"]), text(params["cov_scale"]), str(params["n_bins"])]
        row += [text(params["w_atom"]), text(params["w_spatial"]), text(case["cutoff_used"])]
        row += [text(gap.get(kind)) for kind in gaps]
        print("\t".join(row + [text(case["values"][name]) for name in names]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
