"""Small layers drawn as letters, for tests of editing."""

from typing import Any

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import affinity

from geodata import crs
from geodata.coverage import check

STEP = 0.001


def drawn(picture):
    """Grids drawn as letters, one cell a character; the first line is the north."""
    cells: dict[str, list[Any]] = {}
    for y, row in enumerate(picture.split()[::-1]):
        for x, letter in enumerate(row):
            cells.setdefault(letter, []).append(shapely.box(x, y, x + 1, y + 1))
    shapes = [
        affinity.affine_transform(shapely.coverage_union_all(c), [STEP, 0, 0, STEP, 104, 28]) for c in cells.values()
    ]
    return gpd.GeoDataFrame({"code": list(cells)}, geometry=shapes, crs=crs.WGS84)


def at(x, y):
    return (104 + x * STEP, 28 + y * STEP)


def shape_of(layer, code):
    return layer.set_index("code").geometry[code]


def moved(shape, start, end):
    """The shape with its vertex nearest to `start` at `end`, rounded as a browser rounds."""
    points = shapely.get_coordinates(shape)[:-1].tolist()
    nearest = min(range(len(points)), key=lambda i: abs(points[i][0] - start[0]) + abs(points[i][1] - start[1]))
    points[nearest] = list(end)
    return shapely.Polygon([(round(x, 7), round(y, 7)) for x, y in points])


def tidy(before, done):
    """What holds after every edit."""
    after = done.apply(before)
    assert {f.kind for f in check(after, enclave=float("inf"))} <= {"spike"}
    assert shapely.is_valid(after.geometry.to_numpy()).all()
    assert shapely.coverage_is_valid(after.geometry.to_numpy())
    assert crs.area_m2(after.geometry).sum() == pytest.approx(crs.area_m2(before.geometry).sum(), rel=1e-6)
    old, new = (shapely.coverage_union_all(layer.geometry.to_numpy()) for layer in (before, after))
    assert shapely.equals_exact(old, new, normalize=True)
    untouched = ~before["code"].isin(done.affected)
    assert before.geometry[untouched].to_wkb().equals(after.geometry[untouched].to_wkb())
    assert done.inverse.apply(after).geometry.to_wkb().equals(before.geometry.to_wkb())
    return after


NINE = "abc def ghi"


def undone(layer, done):
    """What holds after every edit, and that its inverse restores rows, attributes and their order."""
    after = tidy_rows(layer, done)
    assert_geodataframe_equal(done.inverse.apply(after), layer)
    assert done.inverse.inverse.apply(layer).geometry.to_wkb().equals(after.geometry.to_wkb())
    return after


def tidy_rows(layer, done):
    after = done.apply(layer)
    shapes = after.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    measure = crs.area_m2 if layer.crs.is_geographic else shapely.area
    assert measure(shapes).sum() == pytest.approx(measure(layer.geometry.to_numpy()).sum(), rel=1e-6)
    old, new = (shapely.coverage_union_all(frame.geometry.to_numpy()) for frame in (layer, after))
    assert shapely.symmetric_difference(old, new).area <= 1e-10 * old.area
    kept = layer["code"][~layer["code"].isin(done.affected)]
    old, new = layer.set_index("code"), after.set_index("code")
    assert old.geometry[kept].to_wkb().equals(new.geometry[kept].to_wkb())
    return after


def rich(picture=NINE):
    """A layer with attributes of several kinds and an index of its own."""
    layer = drawn(picture)
    count = len(layer)
    return layer.assign(name=[f"{code}组" for code in layer["code"]], households=range(300, 300 + count)).set_index(
        [[f"row{number}" for number in range(count)]]
    )


def houses(*squares):
    shapes = [shapely.box(*at(x, y), *at(x + side, y + side)) for x, y, side in squares]
    return gpd.GeoDataFrame(geometry=shapes, crs=crs.WGS84)
