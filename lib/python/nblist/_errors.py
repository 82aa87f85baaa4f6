# SPDX-License-Identifier: MIT
"""Exceptions: one for each kind of refusal, all of them nblist.Error."""
from __future__ import annotations

from typing import Dict, Optional, Type

from . import _abi


class Error(Exception):
    """What the library refused. The text is the library's message: argument, index and value.

    status  the number of the status, such as -6
    name    its name, such as "NBL_EPOSITION"
    """

    def __init__(self, message: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    @property
    def name(self) -> str:
        return _abi.STATUSES.get(self.status, ("NBL_E?", ""))[0]

    def __reduce__(self):  # type: ignore[no-untyped-def]
        return type(self), (str(self), self.status)


class InputError(Error, ValueError):
    """An argument that cannot be right: a position that is NaN, a cell without volume, a cutoff
    below zero."""


class NarrowError(Error, OverflowError):
    """A result that does not fit the integer type asked for."""


class LimitError(Error, RuntimeError):
    """A result over `max_pairs` or `max_bytes`."""


class OutOfMemoryError(Error, MemoryError):
    """The system has no more memory to give."""


class StaleError(Error, RuntimeError):
    """An array that was not asked for, of a result whose list has been used for something else
    since."""


_CLASSES: Dict[int, Type[Error]] = {
    _abi.NBL_ENOMEM: OutOfMemoryError,
    _abi.NBL_ELIMIT: LimitError,
    _abi.NBL_ENARROW: NarrowError,
    _abi.NBL_ESHIFT: NarrowError,
    _abi.NBL_ESTALE: StaleError,
    _abi.NBL_EUNBUILT: StaleError,
}


def error(status: int, message: Optional[bytes]) -> Error:
    """The exception for a status, with the message of the handle or else the text of the status."""
    text = (message or b"").decode("utf-8", "replace")
    if not text:
        text = _abi.STATUSES.get(status, ("", "status %d" % status))[1]
    return _CLASSES.get(status, InputError)(text, status)
