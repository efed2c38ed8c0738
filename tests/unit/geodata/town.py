"""Small towns drawn as digits: a street block a character, its tens of households in one building, streets between."""

import geopandas as gpd
import shapely
from shapely import affinity

from geodata import crs
from geodata.coverage import check

SIDE = 0.001
WEST, SOUTH = 104.62, 28.75


def box(x, y, width=1.0, height=1.0):
    return shapely.box(WEST + x * SIDE, SOUTH + y * SIDE, WEST + (x + width) * SIDE, SOUTH + (y + height) * SIDE)


def town(picture, tens=10, house=0.5):
    """Boundary, streets and buildings; a dot is ground without a building, a space no ground at all."""
    rows = picture.strip("\n").split("\n")[::-1]
    cells = [(x, y, letter) for y, row in enumerate(rows) for x, letter in enumerate(row) if letter != " "]
    ground = shapely.union_all([box(x, y) for x, y, _ in cells])
    wide, high = max(x for x, _, _ in cells) + 1, len(rows)
    lines = [((x, 0), (x, high)) for x in range(wide + 1)] + [((0, y), (wide, y)) for y in range(high + 1)]
    streets = gpd.GeoDataFrame(
        {"class": ["residential"] * len(lines)},
        geometry=[shapely.LineString([(WEST + x * SIDE, SOUTH + y * SIDE) for x, y in line]) for line in lines],
        crs=crs.WGS84,
    )
    lived = [(x, y, int(letter)) for x, y, letter in cells if letter.isdigit()]
    gap = (1 - house) / 2
    buildings = gpd.GeoDataFrame(
        {"name": [f"{x},{y}" for x, y, _ in lived], "households": [tens * number for _, _, number in lived]},
        geometry=[box(x + gap, y + gap, house, house) for x, y, _ in lived],
        crs=crs.WGS84,
    )
    return gpd.GeoDataFrame(geometry=[ground], crs=crs.WGS84), streets, buildings


def sound(drawing, boundary, buildings):
    """What holds of every drawing: one piece each, a tiling, no building cut, everybody counted once."""
    grids = drawing.grids
    assert check(grids, boundary.assign(code="ground"), buildings, enclave=float("inf")) == []
    assert drawing.sheet.contiguous
    assert drawing.sheet.cut_buildings == 0
    assert grids["households"].sum() == drawing.households.sum()
    assert grids["code"].is_unique
    return drawing


def turned(frame, degrees):
    return frame.set_geometry([affinity.rotate(shape, degrees, origin=(WEST, SOUTH)) for shape in frame.geometry])
