"""An edit as data: the shapes of the changed grids before and after; applied, undone, and told to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from geodata.edit.errors import EditStale, GridUnknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    Shape = shapely.Polygon | shapely.MultiPolygon
    Shapes = Mapping[str, Shape]


@dataclass(frozen=True, eq=False)
class Edit:
    """What changed, by code; the same codes in both. Everything else is as it was, byte for byte."""

    before: Shapes
    after: Shapes

    @property
    def affected(self) -> tuple[str, ...]:
        """Codes of the grids whose boundary changed, sorted."""
        return tuple(sorted(self.after))

    @property
    def inverse(self) -> Edit:
        """The edit that restores exactly what was."""
        return Edit(self.after, self.before)

    def apply(self, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """A new layer with the changed boundaries.

        Raises:
            GridUnknown: a changed grid is not in the layer.
            EditStale: a changed grid has another shape by now.
        """
        rows = {code: row for row, code in enumerate(layer["code"])}
        shapes = layer.geometry.to_numpy().copy()
        for code, shape in self.after.items():
            if code not in rows:
                raise GridUnknown(grid=code)
            present = shapes[rows[code]]
            if shapely.to_wkb(plain(present)) != shapely.to_wkb(self.before[code]):
                raise EditStale(grid=code)
            shapes[rows[code]] = shape if isinstance(present, shapely.Polygon) else _several(shape)
        return layer.set_geometry(shapes, crs=layer.crs)

    def then(self, later: Edit) -> Edit:
        """This edit and a later one as one."""
        return changes({**later.before, **self.before}, {**self.after, **later.after})


def changes(before: Shapes, after: Shapes) -> Edit:
    """The edit from one set of shapes to another, without those that stay the same, wherever their rings begin."""
    moved = [code for code, shape in after.items() if not shapely.equals_exact(shape, before[code], normalize=True)]
    return Edit({code: before[code] for code in moved}, {code: after[code] for code in moved})


def shapes_of(layer: gpd.GeoDataFrame) -> dict[str, Shape]:
    """The shapes of a layer by the column `code`, those in one part as polygons."""
    return {code: plain(shape) for code, shape in zip(layer["code"], layer.geometry, strict=True)}


def plain(shape: Shape) -> Shape:
    """A multipolygon of one part as that part; databases keep every boundary as a multipolygon."""
    if isinstance(shape, shapely.MultiPolygon) and shapely.get_num_geometries(shape) == 1:
        return shape.geoms[0]
    return shape


def _several(shape: Shape) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape
