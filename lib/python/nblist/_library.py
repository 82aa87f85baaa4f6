# SPDX-License-Identifier: MIT
"""Finds and loads libnblist, and declares its functions.

Looked for, in this order, and nowhere else:
  1. the file that the environment variable NBLIST_LIBRARY names (then nothing else is tried),
  2. a file beside this module, where a wheel brings it,
  3. libnblist.so.0, wherever the system's loader finds it.
"""
from __future__ import annotations

import ctypes
import os
import sys
from typing import Any, Dict, List, Tuple

from . import _abi

if sys.platform == "darwin":
    NAMES = ["libnblist.0.dylib"]
elif sys.platform == "win32":
    NAMES = ["nblist-0.dll", "libnblist-0.dll"]
else:
    NAMES = ["libnblist.so.0"]


def candidates() -> List[str]:
    """The files to try, best first."""
    named = os.environ.get("NBLIST_LIBRARY")
    if named:
        return [named]
    here = os.path.dirname(os.path.abspath(__file__))
    beside = [os.path.join(here, name) for name in NAMES]
    return [path for path in beside if os.path.exists(path)] + NAMES


def check_version(found: int, text: str, path: str) -> None:
    """The same major version, and no older: structs and functions are only ever added."""
    if found // 1000000 == _abi.VERSION // 1000000 and found // 1000 >= _abi.VERSION // 1000:
        return
    raise ImportError(
        "%s is libnblist %s, but the Python package nblist %s needs %d.%d or a later %d.x"
        % (
            path,
            text,
            _abi.VERSION_STRING,
            _abi.VERSION // 1000000,
            _abi.VERSION // 1000 % 1000,
            _abi.VERSION // 1000000,
        )
    )


def load() -> Tuple[ctypes.CDLL, str]:
    """The library and the name it was loaded by; ImportError with all that was tried."""
    tried = []
    for path in candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError as problem:
            tried.append("%s (%s)" % (path, problem))
            continue
        try:
            version, text = library.nbl_version, library.nbl_version_string
        except AttributeError:
            raise ImportError("%s is not libnblist: it has no nbl_version" % path) from None
        text.restype = ctypes.c_char_p
        check_version(version(), text().decode(), path)
        return library, path
    if os.environ.get("NBLIST_LIBRARY"):
        hint = (
            "The environment variable NBLIST_LIBRARY names it; unset it to use the installed one."
        )
    else:
        hint = "Install libnblist, or set the environment variable NBLIST_LIBRARY to its path."
    raise ImportError("cannot load the library libnblist. Tried: %s. %s" % ("; ".join(tried), hint))


def declare(library: ctypes.CDLL, path: str) -> Dict[str, Any]:
    """All functions of the header, with their types."""
    functions: Dict[str, Any] = {}
    for name, (result, arguments) in _abi.FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError(
                "%s has no function %s: it does not belong to this package" % (path, name)
            ) from None
        function.restype, function.argtypes = result, arguments
        functions[name] = function
    return functions


_cdll, PATH = load()

# Calls that compute: the interpreter lock is released meanwhile.
nbl: Dict[str, Any] = declare(_cdll, PATH)

# Calls that only look something up, which takes less time than to release the lock and get it back.
quick: Dict[str, Any] = declare(ctypes.PyDLL(PATH, handle=_cdll._handle), PATH)


def version() -> str:
    """The version of the loaded library, such as "0.1.0"."""
    return quick["nbl_version_string"]().decode()


def build_info() -> Dict[str, str]:
    """How the loaded library was built, and where it was found ("path")."""
    lines = quick["nbl_build_info"]().decode().splitlines()
    told = dict(line.partition("=")[::2] for line in lines if "=" in line)
    told["path"] = PATH
    return told


def max_threads() -> int:
    """The most threads that n_threads=0 means for a call made here and now; 1 in a forked
    process."""
    return nbl["nbl_max_threads"]()
