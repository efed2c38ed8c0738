"""Faces between lines: noded on a fine lattice, so that neighbours share their edges vertex for vertex."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

LATTICE: Final = 1e-8
"""Degrees, about a millimetre: lines nearer to each other than this are one."""
NEAR: Final = 4 * LATTICE
"""Lines nearer to a block than this may become part of its outline on the lattice."""
HALVES: Final = 2
"""Blocks are refined in so many parts at once; on every machine, so that all find the same."""


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
    found = _polygons(np.concatenate([lines, _outline(within)]))
    shapely.prepare(within)
    inside = shapely.intersects(within, shapely.point_on_surface(found)) if len(found) else np.array([], dtype=bool)
    kept = found[inside]
    return np.asarray(kept[in_order(kept)])


def finer(
    lines: NDArray[Any], blocks: NDArray[Any], within: shapely.Geometry
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The faces of lines in blocks, which are the faces of some of these lines, by two halves of the blocks at once.

    What lies in a block depends on the lines near it alone, so both halves find the same vertices where they meet.

    Args:
        lines: line strings in degrees.
        blocks: what `faces` made of some of them.
        within: polygons in degrees.

    Returns:
        What `faces` would make of all lines, and the block that each is part of.
    """
    every = np.concatenate([lines, _outline(within)])
    west, south, east, north = shapely.bounds(blocks).T
    around = shapely.box(west - NEAR, south - NEAR, east + NEAR, north + NEAR)
    block, line = shapely.STRtree(every).query(around)
    shares = 1 / np.bincount(line, minlength=len(every))[line]
    work: NDArray[Any] = np.bincount(block, shares, len(blocks))
    half = _halves(west + east, work)
    tree = shapely.STRtree(blocks)
    shapely.prepare(within)

    def part(side: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
        found = _polygons(every[np.unique(line[half[block] == side])])
        owner = _owners(found, tree, within)
        kept = (owner >= 0) & (half[owner] == side)
        return found[kept], owner[kept]

    with ThreadPoolExecutor(HALVES) as pool:  # shapely lets other threads work meanwhile
        parts = list(pool.map(part, range(HALVES)))
    shapes = np.concatenate([found for found, _ in parts])
    order = in_order(shapes)
    return shapes[order], np.concatenate([owner for _, owner in parts])[order]


def _outline(within: shapely.Geometry) -> NDArray[Any]:
    return np.asarray(shapely.get_parts(shapely.boundary(shapely.get_parts(within))))


def _polygons(lines: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(shapely.get_parts(shapely.polygonize([noded(lines)])))


def _halves(middle: NDArray[np.float64], work: NDArray[np.float64]) -> NDArray[np.int64]:
    """The part of each block, from west to east, with as much work in each part as in any other."""
    order = np.argsort(middle, kind="stable")
    done = np.cumsum(work[order])
    half = np.zeros(len(work), dtype=np.int64)
    half[order] = np.searchsorted(done[-1] * np.arange(1, HALVES) / HALVES, done, side="left")
    return half


def _owners(shapes: NDArray[Any], tree: shapely.STRtree, within: shapely.Geometry) -> NDArray[np.int64]:
    """The block that each face lies in, -1 for what lies outside the ground."""
    owner = np.full(len(shapes), -1)
    if not len(shapes):
        return owner
    places = shapely.point_on_surface(shapes)
    place, block = tree.query(places, "intersects")
    owner[place[::-1]] = block[::-1]
    lost = np.flatnonzero(owner < 0)
    if len(lost):
        owner[lost] = tree.query_nearest(places[lost], all_matches=False)[1]
    owner[~shapely.intersects(within, places)] = -1
    return owner


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
