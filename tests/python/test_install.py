# SPDX-License-Identifier: MIT
"""Wheels, made without a network: pure, and with the library; and what Meson's list of files
says."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

import support

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SOURCE = os.path.join(TOP, "lib", "python")
LIBRARY = os.environ["NBLIST_LIBRARY"]
BUILD = "import setuptools.build_meta as backend; print(backend.build_wheel('dist'))"
USE = (
    "import nblist, numpy as np; r = nblist.neighbors(np.zeros((2, 3)), cutoff=1.0); "
    "print(nblist.__file__, nblist.build_info()['path'], r.n_pairs)"
)


def environment(**change):
    known = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **change)
    for name in ("PYTHONPATH", "NBLIST_LIBRARY"):
        if name not in change:
            known.pop(name, None)
    return known


class Wheels(unittest.TestCase):
    def build(self, folder, **change):
        """The names in the wheel, which is unpacked to a folder of its own."""
        tree = os.path.join(folder, "tree")
        shutil.copytree(SOURCE, tree)
        done = subprocess.run(
            [sys.executable, "-c", BUILD],
            cwd=tree,
            env=environment(**change),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
        )
        if "invalid command 'bdist_wheel'" in done.stdout:
            self.skipTest("no wheel")
        self.assertEqual(done.returncode, 0, done.stdout)
        (path,) = glob.glob(os.path.join(tree, "dist", "*.whl"))
        with zipfile.ZipFile(path) as archive:
            archive.extractall(os.path.join(folder, "site"))
            return os.path.basename(path), archive.namelist()

    def use(self, folder, **change):
        done = subprocess.run(
            [sys.executable, "-c", USE],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            env=environment(PYTHONPATH=os.path.join(folder, "site"), **change),
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.split()

    def expected(self):
        return sorted(
            "nblist/" + name
            for name in os.listdir(os.path.join(SOURCE, "nblist"))
            if name.endswith((".py", ".typed"))
        )

    def test_pure(self):
        with tempfile.TemporaryDirectory() as folder:
            name, names = self.build(folder)
            self.assertRegex(name, r"^nblist-\d+\.\d+\.\d+-py3-none-any\.whl$")
            self.assertEqual(sorted(n for n in names if n.startswith("nblist/")), self.expected())
            self.assertEqual(self.use(folder, NBLIST_LIBRARY=LIBRARY)[1:], [LIBRARY, "2"])

    def test_with_library(self):
        with tempfile.TemporaryDirectory() as folder:
            name, names = self.build(folder, NBLIST_WHEEL_LIBRARY=LIBRARY)
            self.assertRegex(name, r"^nblist-\d+\.\d+\.\d+-py3-none-(?!any)\w+\.whl$")
            self.assertIn("nblist/libnblist.so.0", names)
            where, path, pairs = self.use(folder)
            self.assertTrue(path.startswith(os.path.join(folder, "site")) and pairs == "2", path)

    def test_pip(self):
        if subprocess.run(
            [sys.executable, "-m", "pip", "--version"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode:
            self.skipTest("no pip")
        with tempfile.TemporaryDirectory() as folder:
            tree = os.path.join(folder, "tree")
            shutil.copytree(SOURCE, tree)
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pip",
                    "install",
                    "--no-index",
                    "--no-deps",
                    "--no-build-isolation",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--target",
                    os.path.join(folder, "site"),
                    tree,
                ],
                env=environment(NBLIST_WHEEL_LIBRARY=LIBRARY),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                universal_newlines=True,
            )
            if "bdist_wheel" in done.stdout and done.returncode:
                self.skipTest("no wheel")
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertTrue(self.use(folder)[0].startswith(os.path.join(folder, "site")))


class Files(unittest.TestCase):
    def test_meson_installs_all(self):
        with open(os.path.join(SOURCE, "meson.build"), encoding="utf-8") as stream:
            listed = re.findall(r"'nblist/([\w.]+)'", stream.read())
        there = [
            name
            for name in os.listdir(os.path.join(SOURCE, "nblist"))
            if name.endswith((".py", ".typed"))
        ]
        self.assertEqual(listed, sorted(there, key=str.lower))

    def test_one_version(self):
        with open(os.path.join(TOP, "meson.build"), encoding="utf-8") as stream:
            version = re.search(r"version: '([\d.]+)'", stream.read()).group(1)
        import nblist

        self.assertEqual((nblist.__version__, nblist.version()), (version, version))


if __name__ == "__main__":
    support.main()
