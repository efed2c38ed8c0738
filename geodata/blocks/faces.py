"""Faces between lines: noded on a fine lattice, so that neighbours share their edges vertex for vertex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

LATTICE: Final = 1e-8
"""Degrees, about a millimetre: lines nearer to each other than this are one."""


def noded(lines: NDArray[Any]) -> shapely.Geometry:
    """All lines together, cut where they meet or cross, each stretch once."""
    return shapely.union_all(lines, grid_size=LATTICE)


def faces(lines: NDArray[Any], within: shapely.Geometry) -> NDArray[Any]:
    """The faces of lines and of the outline of `within`, those inside it; loose ends divide nothing.

    Args:
        lines: line strings in degrees.
        within: polygons in degrees.

    Returns:
        Polygons that tile `within`, with common vertices; its own outline to a millimetre (see `pinned`).
    """
    outline = shapely.get_parts(shapely.boundary(shapely.get_parts(within)))
    found = shapely.get_parts(shapely.polygonize([noded(np.concatenate([lines, outline]))]))
    shapely.prepare(within)
    inside = shapely.intersects(within, shapely.point_on_surface(found)) if len(found) else np.array([], dtype=bool)
    kept = found[inside]
    return np.asarray(kept[in_order(kept)])


def in_order(shapes: NDArray[Any]) -> NDArray[np.int64]:
    """An order of shapes that depends on where they lie alone."""
    boxes = np.round(shapely.bounds(shapes), 9).reshape(-1, 4)
    return np.lexsort(boxes.T)


def pinned(shapes: NDArray[Any], within: shapely.Geometry) -> NDArray[Any]:
    """A tiling of `within` whose outer vertices lie on the very outline of `within`, its corners being the corners.

    Noding moves vertices by less than a millimetre; on the outline that would be a gap to the neighbour beyond.
    """
    outline = shapely.boundary(shapely.coverage_union_all(shapes))
    outer = np.unique(shapely.get_coordinates(outline), axis=0)
    corners = np.unique(shapely.get_coordinates(within), axis=0)
    edges = _edges(within)
    points = np.asarray(shapely.points(outer))
    place, edge = shapely.STRtree(edges).query_nearest(points, all_matches=False)
    moved = outer.copy()
    on_edge = shapely.line_interpolate_point(edges[edge], shapely.line_locate_point(edges[edge], points[place]))
    moved[place] = shapely.get_coordinates(on_edge)
    place, corner = shapely.STRtree(np.asarray(shapely.points(corners))).query_nearest(
        points, max_distance=LATTICE, all_matches=False
    )
    moved[place] = corners[corner]
    result = shapely.transform(shapes, lambda xy: _replaced(xy, outer, moved))
    return result if shapely.coverage_is_valid(result) and shapely.is_valid(result).all() else shapes


def _edges(within: shapely.Geometry) -> NDArray[Any]:
    """Every straight piece of an outline."""
    rings = shapely.get_rings(shapely.get_parts(within))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return np.asarray(shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1)))


def _replaced(xy: NDArray[np.float64], old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates with each of `old`, sorted, replaced by its `new`."""
    keys, wanted = _key(old), _key(xy)
    order = np.argsort(keys, kind="stable")
    place = np.clip(np.searchsorted(keys[order], wanted), 0, len(keys) - 1)
    same = keys[order][place] == wanted
    result = xy.copy()
    result[same] = new[order[place[same]]]
    return result


def _key(xy: NDArray[np.float64]) -> NDArray[np.complex128]:
    """A pair of numbers as one that can be sorted."""
    return np.ascontiguousarray(xy[:, 0]) + 1j * np.ascontiguousarray(xy[:, 1])
