# SPDX-License-Identifier: MIT
"""The type hints of the package, where mypy is there to check them."""
import os
import subprocess
import sys
import tempfile
import unittest

import support

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


class Types(unittest.TestCase):
    def test_mypy(self):
        with tempfile.TemporaryDirectory() as cache:
            done = subprocess.run(
                [sys.executable, "-m", "mypy", "--cache-dir", cache],
                cwd=os.path.join(TOP, "lib", "python"),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                universal_newlines=True,
            )
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    support.main()
