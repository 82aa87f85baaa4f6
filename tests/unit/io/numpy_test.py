# SPDX-License-Identifier: MIT
"""numpy_test.py PROGRAM: numpy reads what the npz writer wrote, into a file and through a pipe."""
import io
import os
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

program = sys.argv[1]
large = 300000


def check(source):
    archive = zipfile.ZipFile(source)
    assert archive.testzip() is None
    assert all(entry.date_time == (1980, 1, 1, 0, 0, 0) for entry in archive.infolist())
    if isinstance(source, io.BytesIO):
        source.seek(0)
    data = np.load(source)
    assert sorted(data.files) == ["empty", "f0/i4", "f0/i8", "f4", "i1", "large", "scalar"], data.files
    expected = {
        "large": np.arange(large) * 0.5,
        "i1": np.array([-128, 127], np.int8),
        "f0/i4": np.array([[1, 2, 3], [4, 5, -6]], np.int32),
        "f0/i8": np.array([-(2**63), 2**63 - 1], np.int64),
        "f4": np.array([0.1, 1e30], np.float32),
        "scalar": np.array(1, np.int32),
        "empty": np.zeros((0, 3)),
    }
    for name, array in expected.items():
        assert data[name].dtype == array.dtype, name
        assert data[name].shape == array.shape, name
        assert (data[name] == array).all(), name


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a.npz")
    subprocess.run([program, "npz", path, str(large)], check=True)
    check(path)
    assert os.listdir(folder) == ["a.npz"]
    with open(path, "rb") as file:
        first = file.read()
    subprocess.run([program, "npz", path, str(large)], check=True)
    with open(path, "rb") as file:
        assert file.read() == first

piped = subprocess.run([program, "npz", "-", str(large)], check=True, stdout=subprocess.PIPE).stdout
check(io.BytesIO(piped))
assert b"PK\x07\x08" in piped and b"PK\x07\x08" not in first
