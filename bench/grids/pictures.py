"""Pictures of a drawing: buildings by households before it, grids by households after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from PIL import Image, ImageDraw

from geodata import crs
from geodata.blocks import lines_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

WIDTH, HEIGHT = 900, 700
TWICE = 2
PAPER, GROUND, STREET, HOUSE, BORDER = "#ffffff", "#f4f1ea", "#c9c3b8", "#8a857c", "#1f2d3d"
FEW, MANY, NONE = (222, 235, 247), (8, 81, 156), (238, 238, 234)
OUTSIDE = (214, 96, 77)
LIMITS = (300, 500)
HEAVY = 40


class Sheet:
    """Paper with a scale; north is up."""

    def __init__(self, bounds: NDArray[np.float64]) -> None:
        west, south, east, north = bounds
        self.scale = min(WIDTH / (east - west), HEIGHT / (north - south)) * 0.96 * TWICE
        self.middle = ((west + east) / 2, (south + north) / 2)
        self.size = (round((east - west) * self.scale / 0.96), round((north - south) * self.scale / 0.96))
        self.image = Image.new("RGB", self.size, PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def at(self, xy: NDArray[np.float64]) -> list[tuple[float, float]]:
        x = self.size[0] / 2 + (xy[:, 0] - self.middle[0]) * self.scale
        y = self.size[1] / 2 - (xy[:, 1] - self.middle[1]) * self.scale
        return list(zip(x.tolist(), y.tolist(), strict=True))

    def fill(self, shape: Any, colour: Any) -> None:
        for part in shapely.get_parts(shape).tolist():
            self.pen.polygon(self.at(shapely.get_coordinates(part.exterior)), fill=colour)

    def line(self, shape: Any, colour: Any, width: int) -> None:
        for part in shapely.get_parts(shape).tolist():
            self.pen.line(self.at(shapely.get_coordinates(part)), fill=colour, width=width, joint="curve")

    def save(self, path: Path) -> None:
        small = self.image.resize((self.size[0] // TWICE, self.size[1] // TWICE), Image.Resampling.LANCZOS)
        small.quantize(96).save(path, optimize=True)


def _shade(share: float) -> tuple[int, int, int]:
    share = min(max(share, 0.0), 1.0)
    return (
        round(FEW[0] + (MANY[0] - FEW[0]) * share),
        round(FEW[1] + (MANY[1] - FEW[1]) * share),
        round(FEW[2] + (MANY[2] - FEW[2]) * share),
    )


def _colour(households: int) -> tuple[int, int, int]:
    low, high = LIMITS
    return _shade((households - low) / (high - low)) if low <= households <= high else OUTSIDE


def before(grids: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, path: Path) -> None:
    """Buildings by their households, and the streets that can be borders."""
    sheet, metric = _begun(grids)
    sheet.fill(shapely.union_all(metric(grids.geometry.to_numpy())), GROUND)
    _streets(sheet, grids, streets, metric)
    for shape, load in zip(metric(buildings.geometry.to_numpy()), buildings["households"].tolist(), strict=True):
        sheet.fill(shape, _shade(load / HEAVY) if load else NONE)
    sheet.save(path)


def after(grids: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, path: Path) -> None:
    """Grids by their households, red outside the limits; borders over the streets."""
    sheet, metric = _begun(grids)
    for shape, load in zip(metric(grids.geometry.to_numpy()), grids["households"].tolist(), strict=True):
        sheet.fill(shape, _colour(load))
    _streets(sheet, grids, streets, metric)
    for shape in metric(buildings.geometry.to_numpy()):
        sheet.fill(shape, HOUSE)
    for shape in metric(grids.geometry.to_numpy()):
        sheet.line(shapely.boundary(shape), BORDER, 5)
    sheet.save(path)


def _begun(grids: gpd.GeoDataFrame) -> tuple[Sheet, Any]:
    system = crs.metric_crs(float(grids.total_bounds[[0, 2]].mean()))

    def metric(shapes: Any) -> NDArray[Any]:
        return crs.transform_geometries(shapes, crs.WGS84, system)

    return Sheet(shapely.total_bounds(metric(grids.geometry.to_numpy()))), metric


def _streets(sheet: Sheet, grids: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, metric: Any) -> None:
    whole = shapely.union_all(grids.geometry.to_numpy())
    for shape in metric(shapely.intersection(lines_of(streets, whole).shapes, whole)):
        if "Line" in shape.geom_type:
            sheet.line(shape, STREET, 2)
