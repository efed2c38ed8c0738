"""An edit as data: the shapes of the changed grids before and after; applied, undone, and told to others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.edit.errors import CodeTaken, EditStale, GridUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Shape = shapely.Polygon | shapely.MultiPolygon
    Shapes = Mapping[str, Shape]


@dataclass(frozen=True, eq=False)
class Rows:
    """What it takes to bring grids with their attributes and to take them away again, exactly.

    Attributes:
        frames: for each grid that comes or goes a frame of its one row.
        before: all codes in their order before the edit, after: and after it.
    """

    frames: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Edit:
    """What changed, by code. Everything else is as it was, byte for byte.

    Attributes:
        before: shapes of the grids that changed or went.
        after: shapes of the grids that changed or came.
        rows: attributes of the grids that came or went.
    """

    before: Shapes
    after: Shapes
    rows: Rows = field(default_factory=Rows)

    @property
    def affected(self) -> tuple[str, ...]:
        """Codes of the grids whose boundary changed, sorted; those that came and went among them."""
        return tuple(sorted({*self.before, *self.after}))

    @property
    def created(self) -> tuple[str, ...]:
        """Codes of the grids that came, sorted."""
        return tuple(sorted(self.after.keys() - self.before.keys()))

    @property
    def removed(self) -> tuple[str, ...]:
        """Codes of the grids that went, sorted."""
        return tuple(sorted(self.before.keys() - self.after.keys()))

    @property
    def inverse(self) -> Edit:
        """The edit that restores exactly what was."""
        return Edit(self.after, self.before, Rows(self.rows.frames, self.rows.after, self.rows.before))

    def apply(self, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """A new layer with the changed boundaries.

        Raises:
            GridUnknown: a changed grid is not in the layer.
            CodeTaken: a grid that comes is there already.
            EditStale: a changed grid has another shape by now.
        """
        rows = {code: row for row, code in enumerate(layer["code"])}
        shapes = layer.geometry.to_numpy().copy()
        for code in self.created:
            if code in rows:
                raise CodeTaken(grid=code)
        for code, was in self.before.items():
            if code not in rows:
                raise GridUnknown(grid=code)
            present = shapes[rows[code]]
            if shapely.to_wkb(plain(present)) != shapely.to_wkb(was):
                raise EditStale(grid=code)
            now = self.after.get(code)
            if now is not None:
                shapes[rows[code]] = _like(present, now)
        changed = layer.set_geometry(shapes, crs=layer.crs)
        return self._with_rows(changed) if self.created or self.removed else changed

    def _with_rows(self, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        several = bool((layer.geom_type == "MultiPolygon").all())
        kept = layer[~layer["code"].isin(self.removed)]
        new = [self._row(code, layer, several=several) for code in self.created]
        joined = gpd.GeoDataFrame(pd.concat([kept, *new]), geometry=layer.geometry.name, crs=layer.crs)
        order = {code: place for place, code in enumerate(self.rows.after)}
        if set(joined["code"]) != order.keys():
            return joined
        return joined.iloc[np.argsort([order[code] for code in joined["code"]], kind="stable")]

    def _row(self, code: str, layer: gpd.GeoDataFrame, *, several: bool) -> gpd.GeoDataFrame:
        """The row of a grid that comes, labelled anew where its label is taken."""
        row = self.rows.frames[code]
        shape = _several(self.after[code]) if several else self.after[code]
        row = row.set_geometry([shape], crs=layer.crs)
        if row.index.dtype != layer.index.dtype or row.index[0] in layer.index[~layer["code"].isin(self.removed)]:
            row.index = pd.Index([_next_label(layer.index, code)])
        return row

    def then(self, later: Edit) -> Edit:
        """This edit and a later one as one."""
        came, goes = set(self.created), set(later.removed)
        before = {code: shape for code, shape in later.before.items() if code not in came} | dict(self.before)
        after = {code: shape for code, shape in self.after.items() if code not in goes} | dict(later.after)
        rows = Rows(
            {**later.rows.frames, **self.rows.frames},
            self.rows.before or later.rows.before,
            later.rows.after or self.rows.after,
        )
        return changes(before, after, rows)


def _next_label(index: pd.Index, code: str) -> object:
    return int(index.max()) + 1 if pd.api.types.is_integer_dtype(index.dtype) else code


def changes(before: Shapes, after: Shapes, rows: Rows | None = None) -> Edit:
    """The edit from one set of shapes to another, without those that stay the same, wherever their rings begin."""
    same = {
        code for code in before.keys() & after.keys() if shapely.equals_exact(after[code], before[code], normalize=True)
    }
    return Edit(
        {code: shape for code, shape in before.items() if code not in same},
        {code: shape for code, shape in after.items() if code not in same},
        rows or Rows(),
    )


def rows_of(layer: gpd.GeoDataFrame, *, gone: Iterable[str] = (), new: Mapping[str, str] | None = None) -> Rows:
    """What an edit keeps of grids that go, and of new ones, each with the attributes of the grid that it came from."""
    born = dict(new or {})
    codes = [str(code) for code in layer["code"]]
    leaving = set(gone)
    frames = {code: layer.iloc[[codes.index(code)]] for code in leaving}
    frames |= {code: layer.iloc[[codes.index(origin)]].assign(code=code) for code, origin in born.items()}
    return Rows(frames, tuple(codes), (*(code for code in codes if code not in leaving), *born))


def shapes_of(layer: gpd.GeoDataFrame) -> dict[str, Shape]:
    """The shapes of a layer by the column `code`, those in one part as polygons."""
    return {code: plain(shape) for code, shape in zip(layer["code"], layer.geometry, strict=True)}


def plain(shape: Shape) -> Shape:
    """A multipolygon of one part as that part; databases keep every boundary as a multipolygon."""
    if isinstance(shape, shapely.MultiPolygon) and shapely.get_num_geometries(shape) == 1:
        return shape.geoms[0]
    return shape


def _like(present: Shape, shape: Shape) -> Shape:
    return shape if isinstance(present, shapely.Polygon) else _several(shape)


def _several(shape: Shape) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape
