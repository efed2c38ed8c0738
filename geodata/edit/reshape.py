"""A border is dragged: the grid takes its new outline, its neighbours follow, nothing else moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from geodata.edit.change import Edit, changes, plain
from geodata.edit.errors import NotOneArea, OuterEdge, SelfCrossing
from geodata.edit.keep import keep_buildings, same_outer_edge, whole
from geodata.edit.place import SNAP_M, grids_near, grids_of, snapped_area, units
from geodata.edit.rings import chains_between, follow
from geodata.faces import Faces, hand_over

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.edit.change import Shape

    Shapes = dict[str, Shape]


def reshape(
    coverage: gpd.GeoDataFrame,
    grid: str,
    outline: Shape,
    *,
    snap_m: float = SNAP_M,
    buildings: gpd.GeoDataFrame | None = None,
) -> Edit:
    """Give a grid a new outline; ground given up goes to the neighbours, ground taken is taken from them.

    Where vertices only moved, whoever shares them follows, corners of several grids among them. Otherwise the new
    outline wins over the neighbours, and each piece given up goes to the neighbour that it borders longest.

    Args:
        coverage: all grids under one parent: column `code` and polygons that match vertex for vertex.
        grid: code of the grid.
        outline: its new polygon in the CRS of the layer.
        snap_m: metres within which a vertex is taken for a present one.
        buildings: polygons that no border may begin to cut.

    Returns:
        The edit; `edit.apply(coverage)` is the new layer.

    Raises:
        GridUnknown, NotOneArea, SelfCrossing, SwallowsNeighbour, SplitsNeighbour, OuterEdge, CutsBuilding: why it
            cannot be.
    """
    shapes = grids_of(coverage, grid)
    wish = plain(outline)
    if not isinstance(wish, shapely.Polygon) or wish.is_empty:
        raise NotOneArea(grid=grid)
    around = grids_near(shapes, [shapes[grid], wish])
    wish = snapped_area(wish, around, units(snap_m, coverage.crs))
    if not wish.is_valid:
        raise SelfCrossing(grid=grid)
    after = _followed(around, grid, wish)
    if after is None:
        after = laid_over(around, grid, wish)
        if not same_outer_edge(around, after):
            raise OuterEdge(grid=grid)
    return keep_buildings(changes(around, after), coverage, buildings)


def _followed(near: Shapes, grid: str, outline: shapely.Polygon) -> Shapes | None:
    """Vertices moved together; None where that would not give a tidy layer with the outline asked for."""
    present = near[grid]
    chains = chains_between(present, outline) if isinstance(present, shapely.Polygon) else None
    after = None if chains is None else follow(near, chains)
    if after is None or not all(shape.is_valid for shape in after.values()):
        return None
    if not (shapely.coverage_is_valid(list(after.values())) and same_outer_edge(near, after)):
        return None
    return after if shapely.equals_exact(after[grid], outline, normalize=True) else None


def laid_over(around: Shapes, grid: str, outline: shapely.Polygon) -> Shapes:
    """An outline laid over a layer, of a grid of it or of a new one.

    It takes what it covers, and gives what it leaves to who borders it.

    Raises:
        OuterEdge, SwallowsNeighbour, SplitsNeighbour: why it cannot be.
    """
    others = {code: shape for code, shape in around.items() if code != grid}
    codes = [grid, *others]
    faces = Faces([outline, *around.values()])
    claims = faces.owners([outline, *others.values(), around.get(grid, shapely.Polygon())])
    held = faces.owners(list(around.values()))
    if any(claim == 0 and had < 0 for claim, had in zip(claims, held, strict=True)):
        raise OuterEdge(grid=grid)
    owner = {face: codes[claim] for face, claim in enumerate(claims) if 0 <= claim < len(codes)}
    given = [face for face, claim in enumerate(claims) if claim == len(codes)]
    if hand_over(faces, owner, given, {face: set(others) for face in given}):
        raise OuterEdge(grid=grid)
    mine = {code: [face for face, who in owner.items() if who == code] for code in codes}
    return {code: whole(faces, mine[code], code, around.get(code, outline), grid) for code in codes}
