# SPDX-License-Identifier: MIT
"""What pyproject.toml cannot say: a wheel that brings the library.

    NBLIST_WHEEL_LIBRARY=/path/of/libnblist.so.0 pip wheel --no-deps --no-build-isolation lib/python

makes a wheel for this platform with that library beside the package. Without the variable the wheel
is pure Python, and takes the library that the system has.
"""
import os
import shutil
import sys

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

LIBRARY = os.environ.get("NBLIST_WHEEL_LIBRARY")
NAMES = {"darwin": "libnblist.0.dylib", "win32": "nblist-0.dll"}


class BuildWithLibrary(build_py):
    """Copies the library beside the package."""

    def run(self):
        super().run()
        if LIBRARY:
            name = NAMES.get(sys.platform, "libnblist.so.0")
            shutil.copy(LIBRARY, os.path.join(self.build_lib, "nblist", name))


class ForOnePlatform(Distribution):
    """A wheel with a library belongs to a platform, but to every Python 3: py3-none-<platform>."""

    def has_ext_modules(self):
        return True


commands = {"build_py": BuildWithLibrary}
if LIBRARY:
    try:
        from setuptools.command.bdist_wheel import bdist_wheel
    except ImportError:
        from wheel.bdist_wheel import bdist_wheel

    class PlatformWheel(bdist_wheel):
        def get_tag(self):
            return ("py3", "none", super().get_tag()[2])

    commands["bdist_wheel"] = PlatformWheel

setup(cmdclass=commands, distclass=ForOnePlatform if LIBRARY else Distribution)
