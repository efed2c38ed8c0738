"""A grid is divided: by a line, along a street; a new one is cut out; several become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.edit.change import Edit, changes, plain, rows_of
from geodata.edit.errors import (
    CodeTaken,
    LineMisses,
    NotBeside,
    NotOneArea,
    PartsUnnamed,
    SelfCrossing,
)
from geodata.edit.keep import keep, keep_buildings
from geodata.edit.place import SNAP_M, grids_near, grids_of, snapped, snapped_area, to_the_border, units
from geodata.edit.reshape import laid_over
from geodata.faces import Faces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from geodata.edit.change import Shape
    from geodata.edit.place import Place, Shapes

STREET_REACH_M = 30.0
"""How far a street that ends short of the border is led on to it: half a wide street and its pavements."""
OVER = 1e-3
"""Part of the snapping distance by which a dividing line passes the border, so that they surely meet."""


def split(
    coverage: gpd.GeoDataFrame,
    grid: str,
    line: BaseGeometry,
    codes: str | Sequence[str],
    *,
    keeps: Place | None = None,
    reach_m: float = SNAP_M,
    snap_m: float = SNAP_M,
    buildings: gpd.GeoDataFrame | None = None,
) -> Edit:
    """Divide a grid by a line; neighbours get the vertices in which it meets their borders.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        grid: code of the grid.
        line: one line or several, from border to border, in the CRS of the layer.
        codes: of the new grids, the larger parts first, one fewer than there are parts; their other columns are the
            old grid's.
        keeps: a place in the part that keeps the code; by default the largest part does.
        reach_m: metres by which an end may fall short of the border; it is led on to it.
        snap_m: metres within which a vertex is taken for a present one.
        buildings: polygons that no border may begin to cut.

    Raises:
        GridUnknown, CodeTaken, LineMisses, PartsUnnamed, SelfCrossing, CutsBuilding: why it cannot be.
    """
    names = [codes] if isinstance(codes, str) else list(codes)
    shapes = grids_of(coverage, grid)
    _refuse_taken(shapes, names)
    around = grids_near(shapes, [shapes[grid]])
    reach = units(snap_m, coverage.crs)
    drawn = to_the_border(snapped(line, around, reach), shapes[grid], units(reach_m, coverage.crs))
    cut = shapely.intersection(drawn, shapely.buffer(shapes[grid], reach * OVER))
    faces = Faces(around.values(), [cut])
    owner = faces.owners(list(around.values()))
    place = list(around).index(grid)
    parts = faces.of_owner(owner, place)
    if len(parts) <= shapely.get_num_geometries(shapes[grid]):
        raise LineMisses(grid=grid)
    if len(parts) != len(names) + 1:
        raise PartsUnnamed(grid=grid, parts=len(parts), codes=len(names))
    ground = dict(zip(parts, shapely.area(faces.shapes[parts]).tolist(), strict=True))
    parts.sort(key=lambda face: (keeps is not None and not faces.holds(face, keeps), -ground[face]))
    after = {code: faces.union(faces.of_owner(owner, row)) for row, code in enumerate(around) if row != place}
    after |= {code: faces.union([face]) for code, face in zip([grid, *names], parts, strict=True)}
    keep(around, after, grid)
    edit = changes(around, after, rows_of(coverage, new=dict.fromkeys(names, grid)))
    return keep_buildings(edit, coverage, buildings)


def cut_along(
    coverage: gpd.GeoDataFrame,
    grid: str,
    streets: gpd.GeoDataFrame | BaseGeometry,
    codes: str | Sequence[str],
    *,
    keeps: Place | None = None,
    reach_m: float = STREET_REACH_M,
    buildings: gpd.GeoDataFrame | None = None,
) -> Edit:
    """Divide a grid along the centre lines of streets; ends that fall short of the border are led on to it.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        grid: code of the grid.
        streets: a layer of lines in any CRS, or lines in that of the coverage; those that matter.
        codes: of the new grids, as in `split`.
        keeps: a place in the part that keeps the code; by default the largest part does.
        reach_m: metres by which a street may end short of the border, or of another street.
        buildings: polygons that no border may begin to cut.

    Raises:
        As `split`.
    """
    return split(coverage, grid, lines_of(streets, coverage), codes, keeps=keeps, reach_m=reach_m, buildings=buildings)


def lines_of(streets: gpd.GeoDataFrame | BaseGeometry, coverage: gpd.GeoDataFrame) -> BaseGeometry:
    """Streets as one geometry in the CRS of a coverage."""
    if isinstance(streets, BaseGeometry):
        return streets
    same = streets.crs is None or coverage.crs is None or streets.crs == coverage.crs
    return shapely.union_all((streets if same else streets.to_crs(coverage.crs)).geometry.to_numpy())


def cut_out(
    coverage: gpd.GeoDataFrame,
    area: Shape,
    code: str,
    *,
    like: str | None = None,
    snap_m: float = SNAP_M,
    buildings: gpd.GeoDataFrame | None = None,
) -> Edit:
    """Cut a new grid out of those that its area covers, such as a mall or a campus that gets a grid of its own.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        area: the polygon of the new grid in the CRS of the layer; a block between streets, for example.
        code: of the new grid.
        like: the grid whose columns it gets; by default the one that loses most.
        snap_m: metres within which a vertex is taken for a present one.
        buildings: polygons that no border may begin to cut.

    Raises:
        CodeTaken, NotOneArea, SelfCrossing, OuterEdge, SwallowsNeighbour, SplitsNeighbour, CutsBuilding: why it
            cannot be.
    """
    shapes = grids_of(coverage, *([like] if like else []))
    _refuse_taken(shapes, [code])
    wish = plain(area)
    if not isinstance(wish, shapely.Polygon) or wish.is_empty:
        raise NotOneArea(grid=code)
    around = grids_near(shapes, [wish])
    wish = snapped_area(wish, around, units(snap_m, coverage.crs))
    if not wish.is_valid:
        raise SelfCrossing(grid=code)
    after = laid_over(around, code, wish)
    keep(around, after, code)
    origin = like or _loses_most(around, wish)
    edit = changes(around, after, rows_of(coverage, new={code: origin}))
    return keep_buildings(edit, coverage, buildings)


def merge(coverage: gpd.GeoDataFrame, grids: Sequence[str], into: str | None = None) -> Edit:
    """Make several grids one; the others are gone.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        grids: codes of the grids, which must border one another.
        into: the code that stays, with its columns; the first where not given.

    Raises:
        GridUnknown, NotBeside: why it cannot be.
    """
    stays = into or grids[0]
    several = sorted({stays, *grids})
    shapes = grids_of(coverage, *several)
    one = _one(shapes, several)
    parts = max(int(shapely.get_num_geometries(shapes[code])) for code in several)
    if shapely.get_num_geometries(one) > parts:
        raise NotBeside(grids=", ".join(several))
    gone = [code for code in several if code != stays]
    around = grids_near(shapes, [shapes[code] for code in several])
    after = {code: shape for code, shape in around.items() if code not in gone} | {stays: one}
    keep(around, after, stays)
    return changes(around, after, rows_of(coverage, gone=gone))


def _one(shapes: Shapes, several: Sequence[str]) -> Shape:
    parts = shapely.get_parts(shapely.coverage_union_all([shapes[code] for code in several])).tolist()
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _refuse_taken(shapes: Mapping[str, Shape], codes: Iterable[str]) -> None:
    names = list(codes)
    for code in names:
        if code in shapes or names.count(code) > 1:
            raise CodeTaken(grid=code)


def _loses_most(around: Shapes, area: shapely.Polygon) -> str:
    lost = shapely.area(shapely.intersection(np.array(list(around.values()), dtype=object), area))
    return list(around)[int(np.argmax(lost))]
