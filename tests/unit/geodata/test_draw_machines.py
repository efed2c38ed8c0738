"""The same seed gives the same drawing on every machine, as far as one machine can be made to look like others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import hashlib
from geodata.draw import draw
from tests.unit.geodata.town import town, turned

digest = hashlib.sha256()
for picture, tens in (("5555555555\\n" * 8, 10), ("94449\\n49194\\n94449", 50), ("3719246581\\n" * 14, 12)):
    boundary, streets, buildings = town(picture, tens)
    for angle in (0, 3):
        grids = draw(turned(boundary, angle), turned(streets, angle), turned(buildings, angle), seed=3).grids
        digest.update(b"".join(grids.geometry.to_wkb()) + grids["households"].to_numpy().tobytes())
boundary, streets, buildings = town("55\\n53")
for angle in range(40):  # without a boundary the ground is a hull, which is reckoned in metres
    grids = draw(None, turned(streets, angle), turned(buildings, angle)).grids
    digest.update(b"".join(grids.geometry.to_wkb()))
print(digest.hexdigest())
"""
MACHINES = {
    "another order of hashes": {"PYTHONHASHSEED": "77"},
    "one thread": {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    "a plain processor": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
    "numpy without wide registers": {"NPY_DISABLE_CPU_FEATURES": "AVX2,FMA3"},
    "other powers and sines": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4"},
}


def drawn(machine: dict[str, str]) -> str:
    """A digest of some drawings, made by a process of its own."""
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=Path(__file__).parents[3],
        env=os.environ | machine,
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout


@pytest.fixture(scope="module")
def here():
    return drawn({"PYTHONHASHSEED": "1"})


@pytest.mark.parametrize("machine", MACHINES)
def test_a_drawing_is_byte_for_byte_the_same(machine, here):
    assert drawn(MACHINES[machine]) == here
