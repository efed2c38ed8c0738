"""The features of a boundary file as rows: code, name, households and parent by the columns that were named."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridapp.services.orders.import_faults import refused

MOST_HOUSEHOLDS = 10_000_000
NAME, NAME_EN, KIND = "name", "name_en", "kind"
KINDS = ("normal", "special")


@dataclass(frozen=True)
class Columns:
    """Names of the columns that hold what is wanted; None where the file has no such column."""

    code: str | None = None
    name: str | None = None
    parent: str | None = None
    households: str | None = None


@dataclass(frozen=True)
class GridRow:
    """A grid to be stored; ``feature`` counts from 1, ``shape`` is a valid MultiPolygon in EPSG:4326."""

    feature: int
    code: str
    name: str
    name_en: str | None
    kind: str
    households: int | None
    parent_id: int | None
    shape: shapely.MultiPolygon


def check_columns(frame: gpd.GeoDataFrame, columns: Columns, file: str) -> None:
    """Refuse a column that the file does not have, and words with a null byte, which no database keeps.

    Raises:
        ImportRefused: naming the column and those that there are, or the feature.
    """
    known = [str(name) for name in frame.columns if name != frame.geometry.name]
    for option in ("code", "name", "parent", "households"):
        wanted = getattr(columns, option)
        if wanted is not None and wanted not in known:
            there = ", ".join(known)
            raise refused(
                (f"there is no column “{wanted}”", f"没有名为“{wanted}”的列"),
                (f"Name one of these with --{option}: {there}.", f"请用 --{option} 指定以下列之一：{there}。"),
                file=file,
            )
    for column in dict.fromkeys((columns.code, columns.name or NAME, NAME_EN, columns.parent, columns.households)):
        if column in known:
            _check_words(frame[column].tolist(), column, file)


def _check_words(values: list[Any], column: str, file: str) -> None:
    for feature, value in enumerate(values, start=1):
        if isinstance(value, str) and "\0" in value:
            why = (f"“{column}” holds a null byte", f"“{column}”含有空字符")
            raise refused(why, ("Write it without.", "请去掉后重新提供。"), file=file, feature=feature)


def texts(frame: gpd.GeoDataFrame, column: str | None) -> list[str]:
    """Values of a column as text without blanks around; "" where nothing is said. Whole numbers lose their ".0"."""
    if column is None or column not in frame.columns:
        return [""] * len(frame)
    return [_text(value) for value in frame[column].tolist()]


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def codes(frame: gpd.GeoDataFrame, column: str, file: str) -> list[str]:
    """The codes of the file, each there and each once.

    Raises:
        ImportRefused: a blank code, or one that comes twice.
    """
    found = texts(frame, column)
    seen: dict[str, int] = {}
    for feature, code in enumerate(found, start=1):
        if not code:
            hint = ("Give every grid a code, or leave out --code.", "请为每个网格填写编码，或不使用 --code。")
            raise refused(("the code is blank", "编码为空"), hint, file=file, feature=feature)
        if code in seen:
            first = seen[code]
            why = (f"the code {code} stands in feature {first} too", f"编码 {code} 与第 {first} 个要素重复")
            hint = ("Give every grid a code of its own.", "每个网格的编码必须唯一。")
            raise refused(why, hint, file=file, feature=feature)
        seen[code] = feature
    return found


def households(frame: gpd.GeoDataFrame, column: str | None, file: str) -> list[int | None]:
    """Households, rounded to whole ones; None where nothing is said.

    Raises:
        ImportRefused: no number, or one that cannot be.
    """
    return [_households(text, file, feature) for feature, text in enumerate(texts(frame, column), start=1)]


def _households(text: str, file: str, feature: int) -> int | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= MOST_HOUSEHOLDS:
        why = (f"“{text}” is no number of households", f"“{text}”不是有效的户数")
        raise refused(why, ("Give a whole number from 0 on.", "请填写不小于 0 的整数。"), file=file, feature=feature)
    return round(number)


def names(frame: gpd.GeoDataFrame, column: str | None, codes: list[str]) -> list[str]:
    """Names by the column, by one called ``name`` where none was named, else the codes."""
    return [name or code for name, code in zip(texts(frame, column or NAME), codes, strict=True)]


def kinds(frame: gpd.GeoDataFrame) -> list[str]:
    """``special`` where a column ``kind`` says so, else ``normal``."""
    return [kind if kind in KINDS else "normal" for kind in texts(frame, KIND)]


def polygons(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Every geometry as a valid MultiPolygon, which ones had to be mended, and which have no area at all."""
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    mended = shapes.copy()
    mended[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    parts, owner = shapely.get_parts(mended, return_index=True)
    inner, place = shapely.get_parts(parts, return_index=True)
    areal = (shapely.get_type_id(inner) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(inner)
    gathered: dict[int, list[shapely.Polygon]] = defaultdict(list)
    for row, part in zip(owner[place][areal].tolist(), inner[areal].tolist(), strict=True):
        gathered[row].append(part)
    whole = np.array([shapely.MultiPolygon(gathered.get(row, [])) for row in range(len(shapes))], dtype=object)
    return whole, broken, shapely.is_empty(whole)
