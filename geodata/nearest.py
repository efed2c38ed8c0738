"""Ground parted by what is nearest, on a plane of metres around a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import crs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

GRAIN_M = 1e-4
"""Metres to which points are rounded: nearer ones are the same, and arithmetic stays exact enough."""


class LocalMetres:
    """Metres east and north of a place, and back to the numbers of a layer."""

    def __init__(self, own: CRS | None, place: BaseGeometry) -> None:
        self._own = own
        self._metric: CRS | None = None
        if own is not None:
            degrees = crs.transform_geometries(np.array([place]), own, crs.WGS84)
            self._metric = crs.metric_crs(float(shapely.get_x(shapely.centroid(degrees[0]))))
        self._origin = np.zeros(2)
        self._origin = shapely.get_coordinates(shapely.centroid(self.there([place])[0]))[0]

    def there(self, shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
        """Shapes of the layer on the plane."""
        array = np.array(shapes, dtype=object)
        if self._own is not None and self._metric is not None:
            array = crs.transform_geometries(array, self._own, self._metric)
        return list(np.atleast_1d(shapely.transform(array, lambda points: points - self._origin)))

    def back(self, shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
        """Shapes of the plane in the numbers of the layer."""
        array = np.atleast_1d(shapely.transform(np.array(shapes, dtype=object), lambda points: points + self._origin))
        if self._own is not None and self._metric is not None:
            array = crs.transform_geometries(array, self._metric, self._own)
        return list(array)


def regions(points: NDArray[np.float64], owners: NDArray[np.int64], around: BaseGeometry) -> dict[int, BaseGeometry]:
    """For each owner all ground, at least as far as `around`, that is nearer to a point of it than to others' points.

    On a plane of metres; of points at the same place the first counts.
    """
    grains, first = np.unique(np.round(points / GRAIN_M), axis=0, return_index=True)
    belong = owners[first]
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(grains * GRAIN_M), extend_to=around, ordered=True)
    )
    whole = shapely.make_valid(cells)
    return {
        int(owner): shapely.union_all(whole[belong == owner], grid_size=GRAIN_M / 100) for owner in np.unique(belong)
    }
