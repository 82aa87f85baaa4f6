# SPDX-License-Identifier: MIT
"""What the Python of README.md is about: a system, a batch, and atoms as ASE has them."""
from types import SimpleNamespace

import numpy as np

cell = np.diag([3.0, 3.0, 3.0])
positions = np.array([[0.0, 0.0, 0.0], [1.5, 1.5, 1.5]])
atoms = SimpleNamespace(
    positions=positions,
    pbc=[True] * 3,
    numbers=np.array([26, 26]),
    get_cell=lambda complete=False: cell,
)
system = cell
pos, batch, pbc = np.concatenate([positions, positions]), np.array([0, 0, 1, 1]), [True] * 3
