# SPDX-License-Identifier: MIT
"""What CellList and Batch share: a handle of the library, a result, and plans for what they are
asked."""
from __future__ import annotations

import ctypes
import threading
from ctypes import byref, c_void_p, sizeof
from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _abi
from ._errors import error
from ._library import nbl, quick
from ._plan import Options, Plan, checked_integer
from ._result import Result

_fetch = nbl["nbl_result_fetch"]
_result_destroy = nbl["nbl_result_destroy"]
_n_pairs = quick["nbl_result_n_pairs"]
_result_message = quick["nbl_result_message"]

ISAS = {
    "auto": _abi.NBL_ISA_AUTO,
    "portable": _abi.NBL_ISA_PORTABLE,
    "avx2": _abi.NBL_ISA_AVX2,
    "avx512": _abi.NBL_ISA_AVX512,
    "neon": _abi.NBL_ISA_NEON,
}

Cutoffs = Tuple[bool, Any]
Results = Union[Result, List[Result], Dict[Any, Result]]

# A program uses a few combinations of options; one that makes up new ones for ever must not fill
# the memory.
MANY_PLANS = 64


class Handles:
    """One handle to build into, and one result; with a lock, since a call leaves the interpreter
    lock."""

    # Creating, destroying and asking for the message of the handle.
    _calls: Tuple[Any, Any, Any]

    def __init__(self, n_threads: int = 0, isa: str = "auto") -> None:
        self._handle, self._result = c_void_p(), c_void_p()
        if isa not in ISAS:
            raise ValueError("isa must be one of %s, not %r" % (", ".join(ISAS), isa))
        n_threads = checked_integer("n_threads", n_threads)
        # One thread at a time, and not the same thread twice: a signal handler that comes while a
        # call is on would otherwise wait for it for ever, or work in the middle of its memory.
        self._lock = threading.RLock()
        self._busy = False
        self._generation = 0
        self._plans: Dict[Any, Plan] = {}
        options = _abi.HandleOptions(
            size=sizeof(_abi.HandleOptions), n_threads=n_threads, isa=ISAS[isa]
        )
        status = self._calls[0](byref(self._handle), byref(options))
        if status == 0:
            status = nbl["nbl_result_create"](byref(self._result), byref(options))
        if status:
            raise error(
                status,
                ("n_threads is %d" % n_threads).encode() if status == _abi.NBL_ESIZE else None,
            )

    def __del__(self, result_destroy: Callable[..., None] = _result_destroy) -> None:
        handle = getattr(self, "_handle", None)
        result = getattr(self, "_result", None)
        if result is not None:
            result_destroy(byref(result))
        if handle is not None:
            self._calls[1](byref(handle))

    def __reduce__(self):  # type: ignore[no-untyped-def]
        raise TypeError("a %s belongs to its process; make a new one there" % type(self).__name__)

    @property
    def n_bytes(self) -> int:
        """Bytes that the object holds in the library."""
        with self._lock:
            if self._busy:
                raise self._reentered()
            held = quick["nbl_result_n_bytes"](self._result)
            return max(0, held) + self._built_bytes()

    def _reentered(self) -> RuntimeError:
        """For a call that finds itself inside of another one: each ends with _busy as it was."""
        return RuntimeError(
            "this %s is in use: a call of the same thread has been interrupted by this one; "
            "keep another object for signal handlers" % type(self).__name__
        )

    def _built_bytes(self) -> int:
        raise NotImplementedError  # by CellList and Batch

    def _new_plan(self, key: Tuple[Any, ...]) -> Plan:
        """The plan for options that were not seen before."""
        if len(self._plans) >= MANY_PLANS:
            self._plans.clear()
        plan = self._plans[key] = Plan(Options(*key))
        return plan

    def _check(self, status: int) -> None:
        """Raises what a build refused."""
        if status:
            raise error(status, self._calls[2](self._handle))

    def _check_result(self, status: int) -> None:
        """Raises what a search or a fetch refused."""
        if status:
            raise error(status, _result_message(self._result))

    def _one(
        self,
        k: int,
        plan: Plan,
        n: int,
        b: int,
        cutoff: Any,
        out: Optional[Mapping[str, np.ndarray]],
        status: Optional[np.ndarray] = None,
    ) -> Result:
        """List k of the search that was just made, with the arrays that were asked for."""
        m = _n_pairs(self._result, k)
        found = Result(self, self._generation, k, plan, m, n, b, cutoff)
        if out is None:
            code = plan.fetcher.fetch(_fetch, self._result, k, m, n, b, found)
        else:
            code = plan.fetcher_into(out).fetch_into(_fetch, self._result, k, m, n, b, out, found)
        if code:
            self._check_result(code)
        if out is not None:
            for name in plan.names:
                getattr(
                    found, name
                )  # i and j of the caller's edge_index: now, not when it is stale
        if status is not None:
            found.status = status
        return found

    def _several(
        self,
        plan: Plan,
        n: int,
        b: int,
        cutoffs: Sequence[Any],
        labels: Optional[Sequence[Any]],
        out: Optional[Sequence[Optional[Mapping[str, np.ndarray]]]],
        status: Optional[np.ndarray] = None,
    ) -> Results:
        """All lists of the search, in the order of the cutoffs; with labels, a dictionary."""
        found = [
            self._one(k, plan, n, b, cutoff, None if out is None else out[k], status)
            for k, cutoff in enumerate(cutoffs)
        ]
        return found if labels is None else dict(zip(labels, found))

    def _fetch_more(self, result: Result, name: str) -> bool:
        """Gives a result that came from here one more array; False if it is stale."""
        with self._lock:
            if self._busy:
                raise self._reentered()
            self._busy = True
            try:
                plan = result._plan
                if plan is None or result._generation != self._generation:
                    return False
                found = SimpleNamespace()
                self._check_result(
                    plan.fetcher_of([name]).fetch(
                        _fetch,
                        self._result,
                        result._list,
                        result.n_pairs,
                        result.n_atoms,
                        result.n_systems,
                        found,
                    )
                )
                setattr(result, name, getattr(found, name))
                return True
            finally:
                self._busy = False


def check_labels(labels: Optional[Sequence[Any]], count: int) -> None:
    if labels is not None:
        if len(labels) != count:
            raise ValueError("there are %d labels for %d cutoffs" % (len(labels), count))
        if len(set(labels)) != count:
            raise ValueError("labels repeat: %s" % (list(labels),))


def checked_out(out: Any, labels: Optional[Sequence[Any]], count: Optional[int]) -> Any:
    """The caller's arrays, none of which lies in another one's memory: those of one list, or for
    `count` lists a sequence of them."""
    lists = [out]
    if count is not None:
        if isinstance(out, Mapping):
            keys = list(range(count) if labels is None else labels)
            for key in out:
                if key not in keys:
                    raise ValueError("out has arrays for %r; the lists are %s" % (key, keys))
            lists = [out.get(key) for key in keys]
        else:
            lists = list(out)
        if len(lists) != count:
            raise ValueError(
                "out has arrays for %d lists, but there are %d cutoffs" % (len(lists), count)
            )
    seen: List[Tuple[str, np.ndarray]] = []
    for given in lists:
        if given is None:
            continue
        if not isinstance(given, Mapping):
            raise TypeError("out must be {name: array}, not %s" % type(given).__name__)
        for name, array in given.items():
            if not isinstance(array, np.ndarray):
                raise TypeError(
                    "out[%r] must be a numpy array, not %s" % (name, type(array).__name__)
                )
            for other, before in seen:
                # Where the answer takes longer than this, the arrays count as overlapping.
                if np.may_share_memory(array, before, 1000):
                    raise ValueError("out[%r] and out[%r] overlap in memory" % (other, name))
            seen.append((name, array))
    return out if count is None else lists


def one_cutoff(cutoff: Any) -> Optional[float]:
    """The cutoff as a number, or None if it is a sequence."""
    if isinstance(cutoff, (float, int)):
        return float(cutoff)
    if cutoff is None:
        raise TypeError("cutoff is required")
    if isinstance(cutoff, (str, bytes)):
        raise TypeError("cutoff must be a number or a sequence of numbers, not %r" % (cutoff,))
    if np.ndim(cutoff) == 0:
        return float(cutoff)
    return None


def doubles(values: Sequence[float]) -> Any:
    """A C array."""
    return (ctypes.c_double * len(values))(*values)
