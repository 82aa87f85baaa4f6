# SPDX-License-Identifier: MIT
"""What one combination of options means: structs for the library, and the arrays that it fills.

Plans belong to one handle, are made once for each combination of options, and kept: a call then
sets a few numbers and pointers. Whoever uses a plan holds the lock of its handle.
"""
from __future__ import annotations

from ctypes import addressof, byref, sizeof
from operator import index
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, Union

import numpy as np

from . import _abi
from ._arrays import F64, I32, I64, address, char_at

ndarray = np.ndarray

# Up to here the arrays of a result share one block of memory.
FEW_BYTES = 8192

# A program has a few sets of arrays of its own; one that makes up new types for ever must not fill
# the memory.
MANY_FETCHERS = 32

LETTERS = {
    "i": "i",
    "j": "j",
    "S": "shift",
    "D": "vector",
    "d": "distance",
    "P": "pairs",
    "B": "batch",
}

ALGORITHMS = {
    "auto": _abi.NBL_ALGORITHM_AUTO,
    "brute": _abi.NBL_ALGORITHM_BRUTE,
    "cells": _abi.NBL_ALGORITHM_CELLS,
}

# Name: field of nbl_outputs, kind of type, shape (m pairs, n rows, b systems), axis that has room
# to spare.
_FIELDS = {
    "i": ("i", "index", lambda m, n, b: (m,), 0),
    "j": ("j", "index", lambda m, n, b: (m,), 0),
    "edge_index": ("edge_index", "index", lambda m, n, b: (2, m), 1),
    "pairs": ("pairs", "index", lambda m, n, b: (m, 2), 0),
    "shift": ("shifts", "shift", lambda m, n, b: (m, 3), 0),
    "vector": ("vectors", "real", lambda m, n, b: (m, 3), 0),
    "distance": ("distances", "real", lambda m, n, b: (m,), 0),
    "row_ptr": ("row_ptr", "offset", lambda m, n, b: (n + 1,), 0),
    "counts": ("counts", "offset", lambda m, n, b: (n,), 0),
    "reverse": ("reverse", "offset", lambda m, n, b: (m,), 0),
    "batch": ("batch", "index", lambda m, n, b: (m,), 0),
    "edge_ptr": ("edge_ptr", "offset", lambda m, n, b: (b + 1,), 0),
    "atom_ptr": ("atom_ptr", "offset", lambda m, n, b: (b + 1,), 0),
}

NAMES = tuple(_FIELDS)

_CODES: Dict[Any, int] = {
    np.dtype(np.int8): _abi.NBL_INT8,
    I32: _abi.NBL_INT32,
    I64: _abi.NBL_INT64,
    np.dtype(np.float32): _abi.NBL_FLOAT32,
    F64: _abi.NBL_FLOAT64,
}
_NATIVE: Dict[str, Tuple[np.dtype, np.dtype]] = {
    "index": (I64, I32),
    "offset": (I64, I32),
    "shift": (I32, np.dtype(np.int8)),
    "real": (F64, np.dtype(np.float32)),
}
# Types of which the library's own have the same bytes, for numbers that are never negative.
_SAME_BYTES: Dict[np.dtype, np.dtype] = {np.dtype(np.uint64): I64, np.dtype(np.uint32): I32}


class Options(NamedTuple):
    """The options of a call but for its arrays; see nblist.neighbors()."""

    full: bool = True
    sorted: bool = False
    outputs: Union[str, Tuple[str, ...]] = "ijS"
    n_threads: int = 0
    self_interaction: bool = False
    inclusive: bool = False
    disjoint: bool = False
    index_dtype: Any = None
    shift_dtype: Any = None
    dtype: Any = None
    algorithm: str = "auto"
    max_pairs: int = 0
    max_bytes: int = 0
    local_indices: bool = False
    all_or_nothing: bool = False


def output_names(outputs: Union[str, Iterable[str]]) -> Tuple[str, ...]:
    """Names of arrays, for letters, names, or a mixture of both."""
    if isinstance(outputs, str):
        outputs = (outputs,) if outputs in _FIELDS else tuple(outputs)
    names = []
    for given in outputs:
        name = LETTERS.get(given, given)
        if name not in _FIELDS:
            raise ValueError(
                "no output %r; there are the letters %s and the names %s"
                % (given, "".join(LETTERS), ", ".join(NAMES))
            )
        names.append(name)
    return tuple(names)


def native(kind: str, final: np.dtype) -> np.dtype:
    """The type that the library writes where `final` is asked for."""
    if final in _NATIVE[kind]:
        return final
    if kind in ("index", "offset"):
        if final.kind not in "iu":
            raise TypeError("indices must be integers, not %s" % final)
        return _SAME_BYTES.get(final, I64)
    if final.kind not in ("iuf" if kind == "shift" else "f"):
        raise TypeError(
            "no conversion of %s to %s" % ("shifts" if kind == "shift" else "lengths", final)
        )
    return _NATIVE[kind][0]


def twin(name: str, dtype: np.dtype) -> np.dtype:
    """The type with the same bytes for the values of the array `name`. Shifts may be negative."""
    return dtype if name == "shift" else _SAME_BYTES.get(dtype, dtype)


def converted(array: np.ndarray, final: np.dtype, what: str) -> np.ndarray:
    """`array` as `final`: the same memory where that is possible; OverflowError where a value does
    not fit."""
    if array.dtype == final:
        return array
    if twin(what, final) == array.dtype:
        return array.view(final)
    if final.kind in "iu" and array.size:
        limits = np.iinfo(final)
        least, most = int(array.min()), int(array.max())
        if least < limits.min or most > limits.max:
            raise OverflowError(
                "%s does not fit %s: it has values from %d to %d" % (what, final, least, most)
            )
    return array.astype(final)


def as_dtype(given: Any, default: Any) -> np.dtype:
    """A numpy type; torch.float32 and its like by their names."""
    if given is None:
        return np.dtype(default)
    if type(given).__module__ == "torch":
        given = str(given).rpartition(".")[2]
    return np.dtype(given)


_RANGES = {
    "n_threads": (-(2**31), 2**31 - 1),
    "max_pairs": (-(2**63), 2**63 - 1),
    "max_bytes": (0, 2**64 - 1),
    "n_systems": (-(2**63), 2**63 - 1),
}


def checked_integer(name: str, given: Any) -> int:
    """ctypes would cut what does not fit a field; what does fit is judged by the library."""
    value = index(given)
    least, most = _RANGES[name]
    if not least <= value <= most:
        raise ValueError("%s is %d" % (name, value))
    return value


class Fetcher:
    """Fetches some arrays of a result, in one call of the library, into new arrays or the
    caller's."""

    def __init__(
        self, names: Iterable[str], types: Mapping[str, np.dtype], local_indices: bool
    ) -> None:
        self.names = tuple(dict.fromkeys(names))
        self.types = types
        self.outputs = _abi.Outputs(size=sizeof(_abi.Outputs), local_indices=int(local_indices))
        self.by_outputs = byref(self.outputs)
        written = {kind: native(kind, types[kind]) for kind in types}
        self.outputs.index_dtype = _CODES[written["index"]]
        self.outputs.offset_dtype = _CODES[written["offset"]]
        self.outputs.shift_dtype = _CODES[written["shift"]]
        self.outputs.real_dtype = _CODES[written["real"]]
        self.arrays = []
        self.bytes_per_pair = 0
        # The widest types first: in one block for all, each array then begins at a multiple of its
        # type.
        for name in sorted(self.names, key=lambda name: -written[_FIELDS[name][1]].itemsize):
            field, kind, shape, axis = _FIELDS[name]
            self.arrays.append(
                (name, field, shape, axis, written[kind], types[kind], self.bytes_per_pair)
            )
            self.bytes_per_pair += int(np.prod(shape(1, 0, 0))) * written[kind].itemsize
        self.convert = any(entry[4] != entry[5] for entry in self.arrays)
        # Arrays of pairs alone are written whole or, where there is no pair, not at all.
        self.only_pairs = all(
            _FIELDS[name][2](0, 1, 1)[_FIELDS[name][3]] == 0 for name in self.names
        )
        self.few = FEW_BYTES // self.bytes_per_pair if self.only_pairs and self.names else 0
        # The library refuses the reverse of a half list, also of one without pairs.
        self.always = not self.only_pairs or "reverse" in self.names

    def fetch(self, call: Any, handle: Any, k: int, m: int, n: int, b: int, target: Any) -> int:
        """The status; new arrays become attributes of `target`, of no meaning if it is not 0."""
        outputs = self.outputs
        outputs.pair_capacity = m
        if 0 < m <= self.few:
            # One block for all arrays: numpy is slow to tell where a new array lies, which counts
            # here.
            block = bytearray(self.bytes_per_pair * m)
            first = addressof(char_at(block))
            for name, field, shape, _, written, _, offset in self.arrays:
                setattr(target, name, ndarray(shape(m, n, b), written, block, offset * m))
                setattr(outputs, field, first + offset * m)
        else:
            outputs.row_capacity = n
            outputs.system_capacity = b
            for name, field, shape, _, written, _, _ in self.arrays:
                array = np.empty(shape(m, n, b), written)
                setattr(target, name, array)
                setattr(outputs, field, address(array))
        if m or self.always:
            status = call(handle, k, self.by_outputs)
            if status:
                return status
        if self.convert:
            for name, _, _, _, _, final, _ in self.arrays:
                setattr(target, name, converted(getattr(target, name), final, name))
        return 0

    def fetch_into(
        self,
        call: Any,
        handle: Any,
        k: int,
        m: int,
        n: int,
        b: int,
        out: Mapping[str, np.ndarray],
        target: Any,
    ) -> int:
        """The same, but into the arrays of `out` where it has them: results are views of their
        beginning.

        None of them is touched if anything is refused: what has to be converted is fetched apart,
        and before all that the library writes in place.
        """
        apart: List[Tuple[str, np.ndarray]] = []
        at_once: List[Tuple[str, np.ndarray]] = []
        views: Dict[str, np.ndarray] = {}
        stride = 0
        for name, field, shape, axis, written, final, _ in self.arrays:
            needed = shape(m, n, b)
            given = out.get(name)
            if given is None:
                array = np.empty(needed, written)
                setattr(target, name, array)
                (at_once if written == final else apart).append((name, array))
                continue
            view = views[name] = room(name, given, needed, axis)
            setattr(target, name, view)
            same = twin(name, given.dtype) == written
            if same and given.flags.c_contiguous and given.flags.aligned:
                at_once.append((name, given))
                if name == "edge_index":
                    stride = given.shape[1]
            else:
                apart.append((name, np.empty(needed, written)))
        status = self._write(call, handle, k, m, n, b, apart, 0) if apart else 0
        if status:
            return status
        copies = []
        for name, array in apart:
            final = views[name].dtype if name in views else self.types[_FIELDS[name][1]]
            copies.append((name, converted(array, final, name)))
        status = self._write(call, handle, k, m, n, b, at_once, stride) if at_once else 0
        if status:
            return status
        for name, array in copies:
            if name in views:
                views[name][...] = array
            else:
                setattr(target, name, array)
        target._out = frozenset(out)
        return 0

    def _write(
        self,
        call: Any,
        handle: Any,
        k: int,
        m: int,
        n: int,
        b: int,
        arrays: Iterable[Tuple[str, np.ndarray]],
        stride: int,
    ) -> int:
        """One call of the library for some of the arrays, and no others: a call before this one,
        though it may have been broken off, leaves no address that counts."""
        if not m and not self.always:
            return 0
        outputs = self.outputs
        outputs.pair_capacity = m
        outputs.row_capacity = n
        outputs.system_capacity = b
        outputs.edge_index_stride = stride
        places = {name: address(array) for name, array in arrays}
        for name, field, _, _, _, _, _ in self.arrays:
            setattr(outputs, field, places.get(name))
        status: int = call(handle, k, self.by_outputs)
        return status


def room(name: str, given: np.ndarray, needed: Tuple[int, ...], axis: int) -> np.ndarray:
    """The beginning of the caller's array that `name` goes into; ValueError if it cannot hold
    it."""
    if not given.flags.writeable:
        raise ValueError("out[%r] is read-only" % name)
    wanted = list(needed)
    if given.ndim == len(needed) and given.shape[axis] >= needed[axis]:
        wanted[axis] = given.shape[axis]
    if tuple(wanted) != given.shape:
        raise ValueError(
            "out[%r] has the shape %s, but %s is needed, or more along axis %d"
            % (name, given.shape, needed, axis)
        )
    return given[:, : needed[1]] if axis else given[: needed[0]]


class Plan:
    """One combination of options, ready for the library."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.names = output_names(options.outputs)
        for name in ("n_threads", "max_pairs", "max_bytes"):
            checked_integer(name, getattr(options, name))
        if options.algorithm not in ALGORITHMS:
            raise ValueError(
                "algorithm must be one of %s, not %r" % (", ".join(ALGORITHMS), options.algorithm)
            )
        flags = 0 if options.full else _abi.NBL_HALF
        for given, flag in [
            (options.sorted, _abi.NBL_SORTED),
            (options.self_interaction, _abi.NBL_SELF),
            (options.inclusive, _abi.NBL_INCLUSIVE),
            (options.disjoint, _abi.NBL_DISJOINT),
        ]:
            flags |= flag if given else 0
        self.search = _abi.SearchOptions(
            size=sizeof(_abi.SearchOptions),
            flags=flags,
            n_threads=options.n_threads,
            max_pairs=options.max_pairs,
            max_bytes=options.max_bytes,
        )
        self.build = _abi.BuildOptions(
            size=sizeof(_abi.BuildOptions),
            n_threads=options.n_threads,
            max_bytes=options.max_bytes,
            algorithm=ALGORITHMS[options.algorithm],
            flags=_abi.NBL_ALL_OR_NOTHING if options.all_or_nothing else 0,
        )
        self.by_search, self.by_build = byref(self.search), byref(self.build)
        # For systems too small for two threads: the library need not ask OpenMP, half of what it
        # does for them.
        self.search_small = _abi.SearchOptions.from_buffer_copy(self.search)
        self.build_small = _abi.BuildOptions.from_buffer_copy(self.build)
        if options.n_threads == 0:
            self.search_small.n_threads = self.build_small.n_threads = 1
        self.by_search_small, self.by_build_small = byref(self.search_small), byref(
            self.build_small
        )
        integers = as_dtype(options.index_dtype, np.int64)
        self.types = {
            "index": integers,
            "offset": integers,
            "shift": as_dtype(options.shift_dtype, np.int32),
            "real": as_dtype(options.dtype, np.float64),
        }
        wanted: List[str] = list(self.names)
        if "i" in wanted and "j" in wanted:  # the two rows of one array
            wanted = ["edge_index"] + [name for name in wanted if name not in ("i", "j")]
        self.fetcher = self.fetcher_of(wanted)
        self._into: Dict[Tuple[Tuple[str, np.dtype], ...], Fetcher] = {}

    def build_of(self, positions_dtype: int, positions_stride: int) -> Any:
        """The options of the build for positions that are not simply float64 in a row."""
        build = _abi.BuildOptions.from_buffer_copy(self.build)
        build.positions_dtype, build.positions_stride = positions_dtype, positions_stride
        return byref(build)

    def fetcher_of(self, names: Iterable[str]) -> Fetcher:
        return Fetcher(names, self.types, self.options.local_indices)

    def fetcher_into(self, out: Mapping[str, np.ndarray]) -> Fetcher:
        """For arrays of the caller: indices in the type of those, if nothing else was asked for.

        Made once for each combination of names and types, and kept.
        """
        key = tuple([(name, array.dtype) for name, array in out.items()])
        fetcher = self._into.get(key)
        if fetcher is None:
            fetcher = self._new_fetcher_into(out)
            if len(self._into) >= MANY_FETCHERS:
                self._into.clear()
            self._into[key] = fetcher
        return fetcher

    def _new_fetcher_into(self, out: Mapping[str, np.ndarray]) -> Fetcher:
        for name in out:
            if name not in _FIELDS:
                raise ValueError("out has no %r; it may have %s" % (name, ", ".join(NAMES)))
        names = list(out)
        rest = [name for name in self.names if name not in out]
        if "i" in rest and "j" in rest:
            rest = ["edge_index"] + [name for name in rest if name not in ("i", "j")]
        names += [name for name in rest if name not in out]
        types = dict(self.types)
        asked: Dict[str, Optional[Any]] = {
            "index": self.options.index_dtype,
            "offset": self.options.index_dtype,
            "shift": self.options.shift_dtype,
            "real": self.options.dtype,
        }
        for kind, fixed in asked.items():
            given = [out[name].dtype for name in out if _FIELDS[name][1] == kind]
            if fixed is None and given:
                widest = max(
                    (native(kind, dtype) for dtype in given), key=lambda dtype: dtype.itemsize
                )
                types[kind] = given[0] if len(set(given)) == 1 else widest
        return Fetcher(names, types, self.options.local_indices)
