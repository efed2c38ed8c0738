"""Lines that can be borders, each with its rank, their loose ends joined to what lies near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geodata import crs
from geodata.blocks.classes import NONE, Rank, ranks_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

REACH_M: Final = 15.0
"""A loose end this near to another line was meant to meet it."""
TOUCH: Final = 1e-8
"""Degrees, about a millimetre: ends nearer than this do meet."""
LINE: Final = 1
"""The number of line strings among the types of geometries."""


@dataclass(frozen=True)
class Lines:
    """Plain lines in WGS 84 degrees.

    Attributes:
        shapes: line strings.
        ranks: the `Rank` of each.
        unknown: how many streets told no class that is known and were taken for lanes.
        joined: how many loose ends were joined.
    """

    shapes: NDArray[Any]
    ranks: NDArray[np.int64]
    unknown: int = 0
    joined: int = 0

    @property
    def streets(self) -> NDArray[Any]:
        """Only the streets."""
        return np.asarray(self.shapes[np.array([Rank(rank).street for rank in self.ranks.tolist()], dtype=bool)])

    def with_more(self, shapes: NDArray[Any], rank: Rank) -> Lines:
        """These and others of one rank; polygons count by their outlines."""
        more = _plain(shapes)[0]
        ranks = np.concatenate([self.ranks, np.full(len(more), rank, dtype=np.int64)])
        return Lines(np.concatenate([self.shapes, more]), ranks, self.unknown, self.joined)


NOTHING: Final = Lines(np.array([], dtype=object), np.array([], dtype=np.int64))


def lines_of(streets: gpd.GeoDataFrame, within: shapely.Geometry, reach_m: float = REACH_M) -> Lines:
    """The lines of a layer that can be borders of grids in `within`, with loose ends joined up to `reach_m`.

    Args:
        streets: lines in WGS 84 with their class, see `ranks_of`; outlines of water and railways may be among them.
        within: the ground to be divided, in degrees.
        reach_m: metres up to which an end that meets nothing is led on to the nearest line or to the boundary.
    """
    ranks, unknown = ranks_of(streets)
    shapes = streets.geometry.to_numpy()
    near = shapely.STRtree(shapes).query(within, "intersects")
    kept = np.sort(near[ranks[near] != NONE])
    plain, owner = _plain(shapes[kept])
    found = Lines(plain, ranks[kept][owner], unknown)
    return _joined(found, within, reach_m)


def _plain(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Single line strings of lines and of outlines of polygons, and the row that each comes from."""
    rows = np.arange(len(shapes))
    areas = np.isin(shapely.get_type_id(shapes), (3, 6))
    outlines = np.where(areas, shapely.boundary(shapes), shapes) if len(shapes) else shapes
    parts, owner = shapely.get_parts(outlines, return_index=True)
    kept = (shapely.get_type_id(parts) == LINE) & ~shapely.is_empty(parts)
    return shapely.force_2d(parts[kept]), rows[owner[kept]]


def _joined(found: Lines, within: shapely.Geometry, reach_m: float) -> Lines:
    """With a straight piece from each loose end to the nearest other line within reach."""
    if not len(found.shapes):
        return found
    ends, owner = _loose_ends(found.shapes)
    inside = shapely.intersects(within, ends) if len(ends) else np.array([], dtype=bool)
    ends, owner = ends[inside], owner[inside]
    if not len(ends):
        return found
    plane = crs.plane_at(float(shapely.get_x(ends[0])))
    targets = np.append(found.shapes, _plain(np.array([within], dtype=object))[0])
    metric = plane.metres(targets)
    places = plane.metres(ends)
    pairs = _nearest(places, owner, metric, reach_m)
    near = shapely.line_interpolate_point(
        metric[pairs[1]], shapely.line_locate_point(metric[pairs[1]], places[pairs[0]])
    )
    landing = plane.degrees(near)
    both = np.stack([shapely.get_coordinates(ends[pairs[0]]), shapely.get_coordinates(landing)], axis=1)
    pieces = np.asarray(shapely.linestrings(both)) if len(both) else np.array([], dtype=object)
    real = shapely.length(pieces) > 0
    ranks = found.ranks[owner[pairs[0]]][real]
    return Lines(
        np.concatenate([found.shapes, pieces[real]]), np.concatenate([found.ranks, ranks]), found.unknown, len(ranks)
    )


def _loose_ends(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """End points that touch no other line, and the line of each."""
    owner = np.tile(np.arange(len(shapes)), 2)
    ends = np.concatenate([shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)])
    near = shapely.STRtree(shapes).query(ends, predicate="dwithin", distance=TOUCH)
    met = np.zeros(len(ends), dtype=bool)
    met[near[0][near[1] != owner[near[0]]]] = True
    met |= np.tile(shapely.is_closed(shapes), 2)
    return ends[~met], owner[~met]


def _nearest(places: NDArray[Any], owner: NDArray[np.int64], metric: NDArray[Any], reach_m: float) -> NDArray[np.int64]:
    """For each place within reach of a line other than its own: the place and the nearest such line."""
    near = shapely.STRtree(metric).query(places, predicate="dwithin", distance=reach_m)
    near = near[:, near[1] != owner[near[0]]]
    far = np.round(shapely.distance(places[near[0]], metric[near[1]]), 3)
    order = np.lexsort((near[1], far, near[0]))
    near = near[:, order]
    first = np.unique(near[0], return_index=True)[1]
    return near[:, first]
