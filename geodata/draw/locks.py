"""Locked grids beside new ones: they stay as they are, and the new ones meet them vertex for vertex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata import blocks as base

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = 1e-9
"""Degrees, a tenth of a millimetre."""
LITTLE = 1e-16
"""Square degrees, a square millimetre."""


def fitted(
    drawn: NDArray[Any], locked: NDArray[Any], buildings: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], int]:
    """New grids without vertices of their own on locked outlines, where they can do without.

    Where the border between new grids ends on the straight edge of a locked one, its last piece is led to an end of
    that edge. Where a building stands in the way of both, the edge gets a vertex: its outline stays where it is.

    Args:
        drawn: new grids.
        locked: grids that stay.
        buildings: what no border may cut.

    Returns:
        The new grids, the locked ones, and how many of these got a vertex.
    """
    known = {tuple(point) for point in shapely.get_coordinates(locked).tolist()}
    edges = base.edges_of(drawn)
    outlines = shapely.union_all(shapely.boundary(locked))
    shapely.prepare(outlines)
    free = np.flatnonzero(edges.twin < 0)
    at = edges.end[free]
    on = shapely.dwithin(outlines, shapely.points(at), NEAR) & (edges.twin[edges.following[free]] < 0)
    needless = {tuple(point) for point in at[on].tolist()} - known
    kept = shapely.transform(drawn, lambda xy: xy)
    kept = np.array([_without(shape, needless) for shape in kept.tolist()], dtype=object)
    meeting = [tuple(point) for point in at[shapely.dwithin(outlines, shapely.points(at), NEAR) & ~on].tolist()]
    wanted = sorted({point for point in meeting if point not in known})
    result = locked.copy()
    for point in wanted:
        place = shapely.Point(point)
        if _led_to_an_end(kept, place, _ends(locked, place), buildings):
            continue
        for row in np.flatnonzero(shapely.dwithin(result, place, NEAR)).tolist():
            result[row] = _with(result[row], place)
    changed = sum(a is not b for a, b in zip(result.tolist(), locked.tolist(), strict=True))
    return kept, result, changed


def _ends(locked: NDArray[Any], place: shapely.Point) -> list[tuple[float, float]]:
    """The ends of the locked edge on which a place lies, the nearer first."""
    edges = base.edges_of(locked[shapely.dwithin(locked, place, NEAR)])
    sides = np.asarray(shapely.linestrings(np.stack([edges.start, edges.end], axis=1)))
    side = int(np.argmin(shapely.distance(sides, place)))
    ends = [(float(x), float(y)) for x, y in (edges.start[side], edges.end[side])]
    return sorted(ends, key=lambda end: (round(shapely.distance(place, shapely.Point(end)), 9), end))


def _led_to_an_end(
    drawn: NDArray[Any], place: shapely.Point, ends: list[tuple[float, float]], buildings: NDArray[Any]
) -> bool:
    """Whether the vertex of some grids at a place could become one of these: `drawn` is then changed."""
    rows = np.flatnonzero(shapely.dwithin(drawn, place, NEAR))
    before = drawn[rows]
    for end in ends:
        after = np.array([_with_instead(shape, (place.x, place.y), end) for shape in before.tolist()], dtype=object)
        if None in after.tolist() or not shapely.is_valid(after).all():
            continue
        changed = shapely.union_all(shapely.difference(before, after))
        if (
            shapely.difference(changed, shapely.union_all(after)).area > LITTLE
            or shapely.area(shapely.intersection(buildings, changed)).max(initial=0.0) > LITTLE
            or base.sharp_after(base.edges_of(after)).sum() > base.sharp_after(base.edges_of(before)).sum()
        ):
            continue
        drawn[rows] = after
        return True
    return False


def _with_instead(shape: shapely.Polygon, old: tuple[float, float], new: tuple[float, float]) -> Any:
    """A polygon with one vertex instead of another, None where nothing would be left of a ring."""
    rings = []
    for ring in _rings(shape):
        moved = [new if (x, y) == old else (x, y) for x, y in ring[:-1].tolist()]
        thin = [point for point, last in zip(moved, moved[-1:] + moved[:-1], strict=True) if point != last]
        if len(thin) < 3:  # noqa: PLR2004
            return None
        rings.append(thin)
    return shapely.Polygon(rings[0], rings[1:])


def _rings(shape: shapely.Polygon) -> list[NDArray[np.float64]]:
    return [shapely.get_coordinates(ring) for ring in (shape.exterior, *shape.interiors)]


def _without(shape: Any, needless: set[tuple[float, ...]]) -> Any:
    """A polygon without some of its vertices."""
    rings = _rings(shape)
    thin = [np.array([p for p in ring[:-1].tolist() if tuple(p) not in needless]) for ring in rings]
    if all(len(new) == len(old) - 1 for new, old in zip(thin, rings, strict=True)) or min(map(len, thin)) < 3:  # noqa: PLR2004
        return shape
    return shapely.Polygon(thin[0], thin[1:])


def _with(shape: Any, place: shapely.Point) -> Any:
    """A polygon, or one of several parts, with one more vertex on its outline."""
    parts = [_part_with(part, place) for part in shapely.get_parts(shape).tolist()]
    return parts[0] if shape.geom_type == "Polygon" else shapely.MultiPolygon(parts)


def _part_with(shape: shapely.Polygon, place: shapely.Point) -> shapely.Polygon:
    rings = []
    for ring in _rings(shape):
        sides = np.asarray(shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1)))
        far = np.asarray(shapely.distance(sides, place))
        side = int(np.argmin(far))
        new = [place.x, place.y]
        rings.append(np.insert(ring, side + 1, new, axis=0) if far[side] <= NEAR and new not in ring.tolist() else ring)
    return shapely.Polygon(rings[0], rings[1:])
