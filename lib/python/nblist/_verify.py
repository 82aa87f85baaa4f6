# SPDX-License-Identifier: MIT
"""Results against a brute-force reference that shares no grid and no kernel with the search."""
from __future__ import annotations

from ctypes import byref, sizeof
from typing import Any, NamedTuple, Optional, Tuple

import numpy as np

from . import _abi
from ._arrays import address, as_cell, as_pbc, as_positions
from ._batch import Batch, Systems
from ._errors import StaleError, error
from ._handles import _result_message
from ._library import nbl
from ._result import Result

VERDICTS = {
    _abi.NBL_VERIFY_EQUAL: "equal",
    _abi.NBL_VERIFY_MISSING: "missing",
    _abi.NBL_VERIFY_EXTRA: "extra",
    _abi.NBL_VERIFY_WRONG: "wrong",
}


class VerifyReport(NamedTuple):
    """What verify() found. i, j, shift, distance and system tell the first pair in question, if
    any.

    verdict        "equal"; "missing": a pair of the reference is not in the result; "extra": a pair
                   of the result is not in the reference, or twice; "wrong": vector, distance or
                   order of a pair
    message        the same in words, "" if equal
    distance_long  the distance in long double, rounded: tells whether rounding decided
    n_pairs        pairs that were compared
    n_close        pairs of atoms within 4 ulp of the cutoff, listed or not
    """

    verdict: str
    message: str
    i: int
    j: int
    shift: Tuple[int, int, int]
    distance: float
    distance_long: float
    n_pairs: int
    n_close: int
    system: int

    @property
    def equal(self) -> bool:
        return self.verdict == "equal"


def verify(
    result: Result,
    positions: Any,
    cell: Any = None,
    pbc: Any = None,
    *,
    batch: Any = None,
    ptr: Any = None,
    cells: Any = None,
    n_systems: Optional[int] = None,
) -> VerifyReport:
    """Checks a result against all pairs of atoms and images, on your own input; made for bug
    reports.

    Pass what was passed to neighbors(), or with batch=, ptr= and cells= to batch(); before the list
    is used again (StaleError). Time grows with n squared. Errors: as those of neighbors(). Systems
    of a batch that were refused are left out.
    """
    handles = result._handles
    if handles is None:
        raise StaleError("the result comes from another process")
    array, code, stride = as_positions(positions)
    report = _abi.VerifyReport(size=sizeof(_abi.VerifyReport))
    with handles._lock:
        if handles._busy:
            raise handles._reentered()
        handles._busy = True
        try:
            plan = result._plan
            if plan is None or result._generation != handles._generation:
                raise StaleError("the list has been used for something else since")
            by_build = plan.build_of(code, stride)
            if isinstance(handles, Batch):
                given = Systems(
                    len(array), batch, ptr, cells if cells is not None else cell, pbc, n_systems
                )
                given.input.positions = address(array)
                # Not compared: the cutoffs of the search count. The library wants to see some.
                largest = np.array([np.max(result.cutoff) if result.n_systems else 1.0])
                given.input.cutoffs, given.input.n_cutoffs = address(largest), 1
                status = nbl["nbl_verify_batch"](
                    handles._result, result._list, byref(given.input), by_build, byref(report)
                )
            else:
                if batch is not None or ptr is not None or cells is not None:
                    raise ValueError("batch, ptr and cells belong to results of batch()")
                place = None if cell is None else as_cell(cell)
                status = nbl["nbl_verify"](
                    handles._result,
                    result._list,
                    len(array),
                    address(array),
                    None if place is None else address(place),
                    as_pbc(pbc),
                    by_build,
                    byref(report),
                )
            if status not in (0, _abi.NBL_EVERIFY):
                raise error(status, _result_message(handles._result))
            message = (_result_message(handles._result) or b"").decode() if status else ""
        finally:
            handles._busy = False
    return VerifyReport(
        VERDICTS[report.verdict],
        message,
        report.i,
        report.j,
        (report.shift[0], report.shift[1], report.shift[2]),
        report.distance,
        report.distance_long,
        report.n_pairs,
        report.n_close,
        report.system,
    )
