# SPDX-License-Identifier: MIT
"""How the library is found, what is said where it is not, and what it tells about itself."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import nblist
import support

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LIBRARY = os.environ["NBLIST_LIBRARY"]
TELL = "import nblist; print(nblist.build_info()['path'])"


def run(code, folder=None, **change):
    """Standard output, or the last line of what went wrong, of a Python with another
    environment."""
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    environment.pop("NBLIST_LIBRARY", None)
    environment["PYTHONPATH"] = folder or os.path.dirname(os.path.dirname(nblist.__file__))
    environment.update(change)
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        env=environment,
        cwd="/",
    )
    return done.returncode, (done.stdout or done.stderr).strip().split("\n")[-1]


class Found(unittest.TestCase):
    def test_named(self):
        self.assertEqual(run(TELL, NBLIST_LIBRARY=LIBRARY), (0, LIBRARY))

    def test_beside_the_package(self):
        with tempfile.TemporaryDirectory() as folder:
            package = os.path.join(folder, "nblist")
            shutil.copytree(os.path.dirname(nblist.__file__), package)
            beside = os.path.join(package, nblist._library.NAMES[0])
            shutil.copy(LIBRARY, beside)
            self.assertEqual(run(TELL, folder), (0, beside))
            self.assertEqual(run(TELL, folder, NBLIST_LIBRARY=LIBRARY), (0, LIBRARY))

    def test_by_the_loader(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(LIBRARY, os.path.join(folder, nblist._library.NAMES[0]))
            self.assertEqual(run(TELL, LD_LIBRARY_PATH=folder), (0, nblist._library.NAMES[0]))


class NotFound(unittest.TestCase):
    def test_named_wrongly(self):
        code, text = run(TELL, NBLIST_LIBRARY="/nowhere/libnblist.so")
        self.assertEqual(code, 1)
        self.assertRegex(
            text,
            "^ImportError: cannot load the library libnblist.*/nowhere/libnblist.so.*"
            "environment variable NBLIST_LIBRARY names it; unset it",
        )

    def test_nowhere(self):
        code, text = run(
            "import ctypes\n"
            "def missing(path): raise OSError('no file')\n"
            "ctypes.CDLL = missing\n"
            "import nblist"
        )
        self.assertEqual(code, 1)
        self.assertRegex(
            text, "^ImportError: cannot load.*libnblist.so.0.*Install libnblist, or set"
        )

    def test_another_library(self):
        import _ctypes

        other = getattr(_ctypes, "__file__", None)
        if other is None:
            self.skipTest("ctypes is built in")
        code, text = run(TELL, NBLIST_LIBRARY=other)
        self.assertEqual(code, 1)
        self.assertRegex(text, "^ImportError: .* is not libnblist")

    def test_versions(self):
        from nblist._library import check_version

        ours = nblist._abi.VERSION
        for found in (ours, ours + 1, ours + 1000, ours + 999):
            check_version(found, "x", "lib")
        for found in (ours + 1000000, ours - 1000):
            with self.assertRaisesRegex(
                ImportError, "lib is libnblist x, but the Python package nblist .* needs"
            ):
                check_version(found, "x", "lib")


class About(unittest.TestCase):
    def test_version(self):
        self.assertRegex(nblist.version(), r"^\d+\.\d+\.\d+$")
        self.assertEqual(nblist.version(), nblist.__version__)

    def test_build_info(self):
        told = nblist.build_info()
        self.assertEqual(told["path"], LIBRARY)
        self.assertGreater(len(told), 2)

    def test_max_threads(self):
        self.assertGreaterEqual(nblist.max_threads(), 1)

    def test_manual(self):
        """Every public name has a text of its own."""
        for name in nblist.__all__:
            if name != "__version__":
                thing = getattr(nblist, name)
                self.assertGreater(len(thing.__doc__ or ""), 20, name)

    def test_examples_of_the_manual(self):
        code = (
            "import nblist, numpy as np; positions = np.array([[0.,0,0],[1,0,0]]); "
            "cell = np.eye(3)*9; "
            "i, j, S = nblist.neighbors(positions, cell, None, cutoff=6.0); "
            "found = nblist.batch(positions, batch=[0, 1], cells=cell, cutoff=6.0); "
            "near, far = nblist.neighbors(positions, cell, cutoff=[3.0, 6.0]); "
            "print(len(i), near.n_pairs)"
        )
        self.assertEqual(run(code, NBLIST_LIBRARY=LIBRARY), (0, "2 2"))


if __name__ == "__main__":
    support.main()
