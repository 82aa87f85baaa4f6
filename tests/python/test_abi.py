# SPDX-License-Identifier: MIT
"""_abi.py is what the generator makes of the header, and the compiler agrees with it."""
import os
import subprocess
import sys
import tempfile
import unittest

import support

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
GENERATOR = os.path.join(TOP, "lib", "python", "generate_abi.py")


def generate(*arguments):
    return subprocess.run(
        [sys.executable, GENERATOR, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )


class Abi(unittest.TestCase):
    def test_generated(self):
        done = generate("--check")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_compiler_agrees(self):
        compiler = os.environ.get("NBL_TEST_CC", "cc").split()
        with tempfile.TemporaryDirectory() as folder:
            source, program = os.path.join(folder, "check.c"), os.path.join(folder, "check")
            text = generate("--c-check").stdout

            def check(text):
                with open(source, "w", encoding="utf-8") as stream:
                    stream.write(text)
                library = os.environ["NBLIST_LIBRARY"]
                built = subprocess.run(
                    compiler
                    + [
                        "-I" + os.path.join(TOP, "include"),
                        "-I" + os.environ["NBL_TEST_INCLUDE"],
                        source,
                        library,
                    ]
                    + ["-Wl,-rpath," + os.path.dirname(os.path.abspath(library)), "-o", program],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    universal_newlines=True,
                )
                self.assertEqual(built.returncode, 0, built.stdout)
                return subprocess.run([program], stdout=subprocess.PIPE, universal_newlines=True)

            done = check(text)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertGreater(int(done.stdout.split()[-2]), 250)
            print(done.stdout.strip())
            wrong = check(
                text.replace(
                    "CHECK(offsetof(nbl_outputs, vectors), ",
                    "CHECK(offsetof(nbl_outputs, vectors), 1",
                )
            )
            self.assertEqual(wrong.returncode, 1)
            self.assertIn("offsetof(nbl_outputs, vectors) is ", wrong.stdout)


if __name__ == "__main__":
    support.main()
