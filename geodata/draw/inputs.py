"""What a drawing is made from, looked through: one system, valid shapes, true numbers, and what was noticed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geodata import blocks as base
from geodata import crs
from geodata.blocks import Rank
from geodata.draw.errors import AllLocked, LimitsWrong, NoBuildings, NoGround, NoStreets
from geodata.draw.households import Households, households_of, numbers
from geodata.errors import CrsMissing
from geodata.guess import guess_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geodata.plane import Plane

AROUND_M: Final = 5.0
"""The hull of the buildings keeps this far from them."""
NAMES: Final = ("name", "code", "osm_id", "id")


@dataclass(frozen=True)
class Remark:
    """A compromise or a guess that whoever uses the drawing should know of."""

    en: str
    zh: str

    def message(self, language: str) -> str:
        """In Chinese for `zh…`, else in English."""
        return self.zh if language.lower().startswith("zh") else self.en


@dataclass(frozen=True)
class Given:
    """Everything that a drawing goes by, in WGS 84 degrees.

    Attributes:
        within: the whole ground.
        ground: the part of it that is to be divided: all but the locked grids.
        lines: what borders can run along.
        buildings: valid polygons.
        names: what each building is called in messages.
        compound: the named compound of each building, "" where it has none.
        households: of each building.
        weight: what else is to be shared evenly; the households where nothing else is.
        locked: grids that stay as they are.
        present: grids whose workers should keep their buildings.
        limits: fewest and most households of a grid.
        count: how many grids are wanted, None for as few as balance allows.
        plane: metres.
        remarks: what was noticed.
    """

    within: BaseGeometry
    ground: BaseGeometry
    lines: base.Lines
    buildings: NDArray[Any]
    names: list[str]
    compound: list[str]
    households: Households
    weight: NDArray[np.float64]
    locked: gpd.GeoDataFrame | None
    present: gpd.GeoDataFrame | None
    limits: tuple[int, int]
    count: int | None
    plane: Plane
    remarks: list[Remark] = field(default_factory=list)


def looked_through(
    boundary: gpd.GeoDataFrame | None,
    streets: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame,
    *,
    households: str | None,
    weight: str | None,
    limits: tuple[int, int],
    count: int | None,
    locked: gpd.GeoDataFrame | None,
    present: gpd.GeoDataFrame | None,
) -> Given:
    """Everything in one system, with what is missing told by name.

    Raises:
        GeodataError: of `geodata.draw.errors`, or CrsMissing.
    """
    low, high = limits
    if not 0 < low <= high:
        raise LimitsWrong(low=low, high=high)
    remarks: list[Remark] = []
    houses = _buildings(buildings, remarks)
    within = _ground(boundary, houses)
    if not shapely.intersects(within, houses.geometry.to_numpy()).any():
        raise NoBuildings(why="no building lies inside the boundary", why_zh="边界内没有建筑物")
    plane = crs.plane_at(float(within.centroid.x))
    kept = _locked(locked, within)
    ground = within if kept is None else _without(within, kept)
    if ground.is_empty:
        raise AllLocked
    told = households_of(houses, households, plane)
    _told_households(told, remarks)
    return Given(
        within=within,
        ground=ground,
        lines=_lines(streets, ground, remarks),
        buildings=houses.geometry.to_numpy(),
        names=_names(houses),
        compound=_words(houses, "compound"),
        households=told,
        weight=told.load.astype(np.float64) if weight is None else np.nan_to_num(numbers(houses, weight)),
        locked=kept,
        present=None if present is None else _degrees(present, "present"),
        limits=limits,
        count=count,
        plane=plane,
        remarks=remarks,
    )


def _degrees(frame: gpd.GeoDataFrame, what: str) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise CrsMissing(layer=what, **guess_of(frame))
    return frame if crs.is_wgs84(frame.crs) else crs.transform_frame(frame, crs.WGS84)


def _areas(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Only rows with an area, their polygons valid."""
    shapes = frame.geometry.to_numpy()
    areal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    kept = frame[areal].reset_index(drop=True)
    shapes = kept.geometry.to_numpy()
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        shapes = shapes.copy()
        shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
        kept = kept.set_geometry(shapes, crs=kept.crs)
    return kept[shapely.area(kept.geometry.to_numpy()) > 0].reset_index(drop=True)


def _buildings(buildings: gpd.GeoDataFrame, remarks: list[Remark]) -> gpd.GeoDataFrame:
    houses = _areas(_degrees(buildings, "buildings"))
    if not len(houses):
        raise NoBuildings(why="there is no building with an area", why_zh="没有带面积的建筑物")
    lost = len(buildings) - len(houses)
    if lost:
        remarks.append(Remark(f"{lost} buildings without an area were left out.", f"{lost} 个建筑物没有面积，未计入。"))
    return houses


def _ground(boundary: gpd.GeoDataFrame | None, houses: gpd.GeoDataFrame) -> BaseGeometry:
    if boundary is None:
        plane = crs.plane_at(float(houses.total_bounds[[0, 2]].mean()))
        metric = plane.metres(houses.geometry.to_numpy())
        boxes = shapely.multipolygons(shapely.envelope(metric))
        hull = shapely.buffer(shapely.convex_hull(boxes), AROUND_M, join_style="mitre")
        turned: BaseGeometry = plane.degrees(np.array([hull]))[0]
        return turned
    areas = _areas(_degrees(boundary, "boundary")).geometry.to_numpy()
    if not len(areas):
        raise NoGround
    whole: BaseGeometry = areas[0] if len(areas) == 1 else shapely.union_all(areas)
    return whole


def _locked(locked: gpd.GeoDataFrame | None, within: BaseGeometry) -> gpd.GeoDataFrame | None:
    if locked is None:
        return None
    frame = _degrees(locked, "locked")
    inside = shapely.area(shapely.intersection(frame.geometry.to_numpy(), within)) > 0
    return frame[inside].reset_index(drop=True) if inside.any() else None


def _without(within: BaseGeometry, locked: gpd.GeoDataFrame) -> BaseGeometry:
    """The ground beside the locked grids, all its polygons."""
    rest = shapely.difference(within, shapely.union_all(locked.geometry.to_numpy()))
    parts = [part for part in shapely.get_parts(rest).tolist() if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts) if len(parts) != 1 else parts[0]


def _lines(streets: gpd.GeoDataFrame | None, ground: BaseGeometry, remarks: list[Remark]) -> base.Lines:
    if streets is None or not len(streets):
        remarks.append(
            Remark("There are no streets: borders run between buildings.", "没有道路：网格边界沿建筑物之间划分。")
        )
        return base.Lines(np.array([], dtype=object), np.array([], dtype=np.int64))
    kinds = shapely.get_type_id(streets.geometry.to_numpy())
    if not np.isin(kinds, (1, 2, 3, 5, 6)).any():
        raise NoStreets
    lines = base.lines_of(_degrees(streets, "streets"), ground)
    if lines.unknown:
        remarks.append(
            Remark(
                f"{lines.unknown} streets tell no class that is known and are taken for lanes.",
                f"{lines.unknown} 条道路没有可识别的等级，按巷道处理。",
            )
        )
    if lines.joined:
        remarks.append(
            Remark(
                f"{lines.joined} loose ends of streets were led on to the next line within {base.REACH_M:g} m.",
                f"{lines.joined} 处道路断头已延伸至 {base.REACH_M:g} 米内最近的线。",
            )
        )
    if not any(Rank(rank).street for rank in lines.ranks.tolist()):
        remarks.append(Remark("No street lies inside the boundary.", "边界内没有道路。"))
    return lines


def _told_households(told: Households, remarks: list[Remark]) -> None:
    if not told.load.any():
        remarks.append(
            Remark(
                "Nobody lives here: every building has 0 households; is it the right column?",
                "所有建筑物的户数均为 0，请确认户数字段是否正确。",
            )
        )
    if told.estimated.any():
        count = int(told.estimated.sum())
        remarks.append(
            Remark(
                f"Households of {count} buildings are estimated from footprint and floors.",
                f"{count} 个建筑物的户数按占地面积和层数估算。",
            )
        )


def _words(houses: gpd.GeoDataFrame, column: str) -> list[str]:
    if column not in houses.columns:
        return [""] * len(houses)
    return [str(value) if isinstance(value, str) else "" for value in houses[column]]


def _names(houses: gpd.GeoDataFrame) -> list[str]:
    """The first of name, code, id that a building has, else its number."""
    names = [f"{row + 1}" for row in range(len(houses))]
    for column in reversed(NAMES):
        if column in houses.columns:
            told: Mapping[int, Any] = dict(enumerate(houses[column].tolist()))
            names = [str(told[row]) if _says(told[row]) else name for row, name in enumerate(names)]
    return names


def _says(value: object) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or isinstance(value, int)
