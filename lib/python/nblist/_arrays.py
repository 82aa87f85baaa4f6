# SPDX-License-Identifier: MIT
"""The caller's arrays as the library reads them, without a copy where that is possible."""
from __future__ import annotations

from ctypes import addressof, c_char
from typing import Any, Callable, Optional, Tuple

import numpy as np

from . import _abi

F64, F32 = np.dtype(np.float64), np.dtype(np.float32)
I64, I32, U8 = np.dtype(np.int64), np.dtype(np.int32), np.dtype(np.uint8)

# Devices of DLPack whose memory is the computer's: CPU, host memory of CUDA and of ROCm, managed.
HOSTS = (1, 3, 11, 13)

char_at: Callable[[Any], Any] = c_char.from_buffer
_PBC = {
    (a, b, c): bytes((a, b, c)) for a in (False, True) for b in (False, True) for c in (False, True)
}


def address(array: np.ndarray) -> int:
    """Where the data of an array begins.

    Three times as fast as array.ctypes.data where the array is contiguous, writeable and not empty.
    """
    try:
        return addressof(char_at(array))
    except (TypeError, ValueError, BufferError):
        return int(array.ctypes.data)


def as_array(given: Any) -> np.ndarray:
    """Anything that is or can become an array; torch tensors and DLPack objects share their
    memory."""
    if isinstance(given, np.ndarray):
        return given
    detach = getattr(
        given, "detach", None
    )  # a tensor that is differentiated: only its values matter here
    if detach is not None:
        given = detach()
    if hasattr(given, "__dlpack__") and not hasattr(given, "__array_interface__"):
        try:
            return np.from_dlpack(given)
        except (RuntimeError, BufferError, TypeError, AttributeError) as problem:
            if not hasattr(given, "__array__"):
                ask = getattr(given, "__dlpack_device__", None)
                device = (HOSTS[0], 0) if ask is None else tuple(ask())
                if device[0] not in HOSTS:
                    raise TypeError(
                        "an array on the device %s cannot be read: copy it to the CPU first"
                        % (device,)
                    ) from problem
                raise
    return np.asarray(given)


def as_real(given: Any, what: str) -> np.ndarray:
    """An array of float64 or float32 in the byte order of the machine."""
    array = as_array(given)
    if array.dtype == F64 or array.dtype == F32:
        return array
    if array.dtype.kind not in "fiub":
        raise TypeError("%s must be real numbers, not %s" % (what, array.dtype))
    return array.astype(F64)


def as_positions(given: Any) -> Tuple[np.ndarray, int, int]:
    """Positions, their NBL dtype, and the bytes from one atom to the next (0: packed)."""
    array = as_real(given, "positions")
    if array.ndim != 2 or array.shape[1] != 3:
        if array.size:
            raise ValueError("positions must have the shape (n, 3), not %s" % (array.shape,))
        array = np.empty((0, 3), array.dtype)
    code = _abi.NBL_FLOAT64 if array.dtype == F64 else _abi.NBL_FLOAT32
    if array.flags.c_contiguous:
        return array, code, 0
    size = array.itemsize
    if array.strides[1] == size and array.strides[0] >= 3 * size:
        return array, code, array.strides[0]
    return np.ascontiguousarray(array), code, 0


def as_cell(given: Any) -> np.ndarray:
    """A cell [3, 3] in float64; ASE's Cell is one."""
    if given.__class__ is np.ndarray and given.dtype is F64 and given.flags.c_contiguous:
        array = given
    else:
        array = np.ascontiguousarray(as_real(given, "cell"), F64)
    if array.shape != (3, 3):
        raise ValueError("cell must have the shape (3, 3), rows a, b, c, not %s" % (array.shape,))
    return array


def as_pbc(given: Any) -> Optional[bytes]:
    """Three bytes; one flag stands for all axes."""
    if given is None:
        return None
    if given is True or given is False:
        return _PBC[given, given, given]
    if given.__class__ is tuple and len(given) == 3:
        known = _PBC.get(given)
        if known is not None:
            return known
    try:
        flags = as_array(given)
        if flags.dtype.kind not in "biu":
            raise TypeError("pbc must be flags, not %s" % flags.dtype)
        if flags.ndim == 0:
            flags = np.repeat(flags, 3)
        if flags.shape != (3,):
            raise ValueError("pbc must be one flag or three, not of shape %s" % (flags.shape,))
        return _PBC[bool(flags[0]), bool(flags[1]), bool(flags[2])]
    except (KeyError, AttributeError):
        raise TypeError("pbc must be one flag or three") from None


def as_ids(given: Any, what: str) -> np.ndarray:
    """A contiguous array [n] of int64 or int32."""
    array = as_array(given)
    if array.ndim != 1:
        raise ValueError("%s must have one dimension, not the shape %s" % (what, array.shape))
    if array.dtype != I64 and array.dtype != I32:
        if array.size and array.dtype.kind not in "iu":
            raise TypeError("%s must be integers, not %s" % (what, array.dtype))
        if array.dtype.kind == "u" and array.size and int(array.max()) > 2**63 - 1:
            raise OverflowError("%s does not fit int64" % what)
        array = array.astype(I64)
    return np.ascontiguousarray(array)
