"""A border is dragged: the grid takes its new outline, its neighbours follow, nothing else moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.edit.change import Edit, changes, plain, shapes_of
from geodata.edit.errors import (
    BordersCross,
    GridUnknown,
    NodeUnknown,
    NotOneArea,
    OuterEdge,
    SelfCrossing,
    SplitsNeighbour,
    SwallowsNeighbour,
)
from geodata.edit.rings import chains_between, follow, parts_of, shape_of
from geodata.faces import Faces, hand_over

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS

    from geodata.edit.change import Shape

    Shapes = dict[str, Shape]

SNAP_M = 0.05
"""A vertex this near to a present one (m) is that one: what comes back from a browser is rounded."""
METRES_PER_DEGREE = 111_195.0


def reshape(coverage: gpd.GeoDataFrame, grid: str, outline: Shape, *, snap_m: float = SNAP_M) -> Edit:
    """Give a grid a new outline; ground given up goes to the neighbours, ground taken is taken from them.

    Where vertices only moved, whoever shares them follows, corners of several grids among them. Otherwise the new
    outline wins over the neighbours, and each piece given up goes to the neighbour that it borders longest.

    Args:
        coverage: all grids under one parent: column `code` and polygons that match vertex for vertex.
        grid: code of the grid.
        outline: its new polygon in the CRS of the layer.
        snap_m: metres within which a vertex is taken for a present one.

    Returns:
        The edit; `edit.apply(coverage)` is the new layer.

    Raises:
        GridUnknown, NotOneArea, SelfCrossing, SwallowsNeighbour, SplitsNeighbour, OuterEdge: why it cannot be.
    """
    shapes = shapes_of(coverage)
    if grid not in shapes:
        raise GridUnknown(grid=grid)
    wish = plain(outline)
    if not isinstance(wish, shapely.Polygon) or wish.is_empty:
        raise NotOneArea(grid=grid)
    near = _near(shapes, [shapes[grid], wish])
    wish = _snapped(wish, near, snap_m / _metres_per_unit(coverage.crs))
    if not wish.is_valid:
        raise SelfCrossing(grid=grid)
    after = _followed(near, grid, wish)
    return changes(near, _overlaid(near, grid, wish) if after is None else after)


def move_node(
    coverage: gpd.GeoDataFrame, start: tuple[float, float], end: tuple[float, float], *, snap_m: float = SNAP_M
) -> Edit:
    """Move one vertex; all grids that share it follow.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        start: where the vertex is, in the CRS of the layer.
        end: where it shall be.
        snap_m: metres around `start` in which a vertex is looked for.

    Raises:
        NodeUnknown, SelfCrossing, BordersCross, OuterEdge: why it cannot be.
    """
    shapes = shapes_of(coverage)
    near = _near(shapes, [shapely.Point(start).buffer(snap_m / _metres_per_unit(coverage.crs)), shapely.Point(end)])
    node = _vertex_at(near, start, snap_m / _metres_per_unit(coverage.crs))
    moved = {
        code: shape_of([[[end if point == node else point for point in ring] for ring in rings] for rings in parts])
        for code, parts in ((code, parts_of(shape)) for code, shape in near.items())
        if any(node in ring for rings in parts for ring in rings)
    }
    around = _near(shapes, [*moved.values(), *(near[code] for code in moved)])
    for code, shape in moved.items():
        if not shape.is_valid:
            raise SelfCrossing(grid=code)
    after = {**around, **moved}
    if not _same_outer_edge(around, after):
        raise OuterEdge(grid=min(moved))
    if not shapely.coverage_is_valid(list(after.values())):
        raise BordersCross(grids=", ".join(sorted(moved)))
    return changes(around, after)


def _near(shapes: Shapes, places: list[shapely.Geometry]) -> Shapes:
    """The grids that touch one of the places, and theirs around: all that an edit there can reach."""
    codes, array = list(shapes), np.array(list(shapes.values()), dtype=object)
    tree = shapely.STRtree(array)
    rows = np.unique(tree.query(np.array(places, dtype=object), "intersects")[1])
    rows = np.union1d(rows, tree.query(array[rows], "intersects")[1])
    return {codes[row]: array[row] for row in rows.tolist()}


def _metres_per_unit(crs: CRS | None) -> float:
    if crs is None or not crs.is_geographic:
        return 1.0 if crs is None else float(crs.axis_info[0].unit_conversion_factor)
    return METRES_PER_DEGREE


def _snapped(outline: shapely.Polygon, near: Shapes, reach: float) -> shapely.Polygon:
    """The outline with vertices that are nearly present ones put on them, and no vertex twice in a row."""
    present = np.unique(shapely.get_coordinates(list(near.values())), axis=0)
    vertices = shapely.STRtree(np.asarray(shapely.points(present), dtype=object))

    def put(points: np.ndarray) -> np.ndarray:
        mine, there = vertices.query_nearest(shapely.points(points), max_distance=reach, all_matches=False)
        points = points.copy()
        points[mine] = present[there]
        return points

    return shapely.remove_repeated_points(shapely.transform(shapely.force_2d(outline), put))


def _vertex_at(near: Shapes, place: tuple[float, float], reach: float) -> tuple[float, float]:
    present = shapely.get_coordinates(list(near.values()))
    if len(present):
        away = np.hypot(*(present - place).T)
        nearest = int(np.argmin(away))
        if away[nearest] <= reach:
            return float(present[nearest, 0]), float(present[nearest, 1])
    raise NodeUnknown(x=place[0], y=place[1])


def _same_outer_edge(before: Shapes, after: Shapes) -> bool:
    edges = [shapely.coverage_union_all(list(shapes.values())) for shapes in (before, after)]
    return bool(shapely.equals_exact(edges[0], edges[1], normalize=True))


def _followed(near: Shapes, grid: str, outline: shapely.Polygon) -> Shapes | None:
    """Vertices moved together; None where that would not give a tidy layer with the outline asked for."""
    present = near[grid]
    chains = chains_between(present, outline) if isinstance(present, shapely.Polygon) else None
    after = None if chains is None else follow(near, chains)
    if after is None or not all(shape.is_valid for shape in after.values()):
        return None
    if not (shapely.coverage_is_valid(list(after.values())) and _same_outer_edge(near, after)):
        return None
    return after if shapely.equals_exact(after[grid], outline, normalize=True) else None


def _overlaid(near: Shapes, grid: str, outline: shapely.Polygon) -> Shapes:
    """The new outline laid over the old layer: it takes what it covers, and gives what it leaves to who borders it."""
    codes = [grid, *(code for code in near if code != grid)]
    faces = Faces([outline, *near.values()])
    claims = faces.owners([outline, *(near[code] for code in codes[1:]), near[grid]])
    held = faces.owners(list(near.values()))
    if any(claim == 0 and had < 0 for claim, had in zip(claims, held, strict=True)):
        raise OuterEdge(grid=grid)
    owner = {face: codes[claim] for face, claim in enumerate(claims) if 0 <= claim < len(codes)}
    given = [face for face, claim in enumerate(claims) if claim == len(codes)]
    others = set(codes[1:])
    if hand_over(faces, owner, given, dict.fromkeys(given, others)):
        raise OuterEdge(grid=grid)
    mine = {code: [face for face, who in owner.items() if who == code] for code in codes}
    after = {code: _whole(faces, mine[code], code, near, grid) for code in codes}
    if not _same_outer_edge(near, after):
        raise OuterEdge(grid=grid)
    return after


def _whole(faces: Faces, mine: list[int], code: str, near: Shapes, grid: str) -> Shape:
    """The new shape of a grid, in no more parts than it had."""
    if not mine:
        raise SwallowsNeighbour(neighbour=code, grid=grid)
    shape = faces.union(mine)
    parts = int(shapely.get_num_geometries(shape))
    if parts > shapely.get_num_geometries(near[code]):
        raise SplitsNeighbour(neighbour=code, parts=parts)
    return shape
