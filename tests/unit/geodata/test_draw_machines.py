"""The same seed gives the same drawing on every machine, as far as one machine can be made to look like others."""

import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata import crs
from geodata.draw import files
from tests.support.shared import shared

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
REAL = """
import hashlib, json, sys
from pathlib import Path
from geodata.draw import draw, files

for folder in map(Path, sys.argv[1:]):
    boundary = files.read_boundary(folder / "boundary.gpkg", None, None, None)
    drawing = draw(boundary, *(read(folder / "town.gpkg", None) for read in (files.read_streets, files.read_buildings)))
    print(hashlib.sha256(b"".join(drawing.grids.geometry.to_wkb())).hexdigest())
    print(json.dumps(drawing.sheet.as_dict() | {"seconds": 0}))
"""
SHIFTED = """
import hashlib
import numpy as np
from geodata import shift

lon, lat = np.random.default_rng(1).uniform((73, 18), (135, 53), (20_000, 2)).T
turns = (shift.wgs84_to_gcj02_all, shift.gcj02_to_wgs84_all, shift.gcj02_to_bd09_all, shift.bd09_to_gcj02_all)
print(hashlib.sha256(b"".join(np.stack(turn(lon, lat)).tobytes() for turn in turns)).hexdigest())
"""
PART = (121.4808, 31.2340, 121.4850, 31.2400)
"""A part of Shanghai where blocks are divided between buildings, which needs metres."""
MACHINES = {
    "another order of hashes": {"PYTHONHASHSEED": "77"},
    "one thread": {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    "a plain processor": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
    "numpy without wide registers": {"NPY_DISABLE_CPU_FEATURES": "AVX2,FMA3"},
    "other powers and sines": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4"},
}


def drawn(machine: dict[str, str], program: str = PROGRAM, *told: str) -> str:
    """A digest of some drawings, made by a process of its own."""
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *told],
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


def test_places_of_chinese_web_maps_are_byte_for_byte_the_same():
    assert len({drawn(machine, SHIFTED) for machine in ({}, *MACHINES.values())}) == 1


@pytest.mark.parametrize("system", ["EPSG:4326", "EPSG:4549"])
def test_a_real_town_is_byte_for_byte_the_same_on_an_older_processor(system, tmp_path):
    path, part = shared("osm", "shanghai_downtown.gpkg"), shapely.box(*PART)
    boundary = gpd.GeoDataFrame(geometry=[part], crs=crs.WGS84)
    layers = {"streets": files.read_streets(path, part), "buildings": files.read_buildings(path, part)}
    crs.transform_frame(boundary, system).to_file(tmp_path / "boundary.gpkg")
    for name, layer in layers.items():
        crs.transform_frame(layer, system).to_file(tmp_path / "town.gpkg", layer=name)
    older = MACHINES["a plain processor"] | MACHINES["numpy without wide registers"]
    older |= MACHINES["other powers and sines"]
    assert drawn(older, REAL, str(tmp_path)) == drawn({}, REAL, str(tmp_path))
