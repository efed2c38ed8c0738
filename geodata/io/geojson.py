"""GeoJSON by the letter of RFC 7946, with the feature and the reason for whatever is not.

GDAL takes objects for lists and strings for numbers, and drops what it does not understand; so the structure is read
here. Geometries stay in the file's own numbers; the `crs` member of GeoJSON of 2008 is read where old files have it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from geodata.crs import WGS84
from geodata.errors import FeaturesTooMany, FileBroken, PiecesTooMany
from geodata.io.geojson_shapes import Broken, Shaper
from geodata.io.limits import DEFAULT, Limits
from geodata.io.mend import note
from geodata.io.notes import Note

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
URN_CODE = re.compile(r"epsg:(?:[\d.]*:)?(\d+)$", re.IGNORECASE)
CORNERS = (4, 6)
PIECES = (b",", b"[", b"{")
"""One of these stands before each value of a document but the first."""
CLOSE = 1e-6  # degrees or metres: how exactly a bbox is written


@dataclass
class Parsed:
    """Features as they stand in the file; `crs` is what its member of that name says, WGS 84 where there is none."""

    geometries: NDArray[np.object_]
    properties: list[dict[str, Any]]
    crs: str
    declared: bool
    notes: list[Note] = field(default_factory=list)


def parse(path: Path, limits: Limits = DEFAULT) -> Parsed:
    """Read a FeatureCollection, a Feature or a bare geometry.

    Raises:
        FileBroken: for anything else.
        FeaturesTooMany, PiecesTooMany: beyond the limits.
    """
    document, recoded = _loaded(path, limits)
    try:
        features, collected = _features(document)
        named, declared = _crs(document)
    except Broken as error:
        raise FileBroken(file=path.name, format="GeoJSON", why=error.en, why_zh=error.zh) from error
    if len(features) > limits.features:
        raise FeaturesTooMany(file=path.name, limit=limits.features)
    parsed = _parsed(path, features, named, declared=declared)
    if collected and _bbox_is_off(document, parsed.geometries):
        parsed.notes.append(Note("bbox"))
    if recoded:
        parsed.notes.append(Note("encoding"))
    return parsed


def _loaded(path: Path, limits: Limits) -> tuple[Any, bool]:
    """The JSON document, and whether its text had to be taken for GB 18030."""
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    recoded = False
    try:
        data.decode()
    except UnicodeDecodeError:
        try:
            data, recoded = data.decode("gb18030").encode(), True
        except UnicodeDecodeError as error:
            raise FileBroken(file=path.name, format="GeoJSON", why="it is not text", why_zh="不是文本") from error
    if sum(data.count(mark) for mark in PIECES) > limits.pieces:
        raise PiecesTooMany(file=path.name, limit=limits.pieces)
    try:
        return orjson.loads(data), recoded
    except orjson.JSONDecodeError as error:
        raise FileBroken(file=path.name, format="JSON", why=error) from error


def _features(document: Any) -> tuple[list[Any], bool]:
    """The features of a document, and whether they stood in a collection."""
    if isinstance(document, list):
        raise Broken(
            'it is a bare array; wrap it: {"type": "FeatureCollection", "features": […]}',
            '它是裸数组，请包装为 {"type": "FeatureCollection", "features": […]}',
        )
    if not isinstance(document, dict):
        raise Broken("it is no JSON object", "不是 JSON 对象")
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise Broken("its “features” is no list", "“features” 不是列表")
        return features, True
    if kind == "Feature":
        return [document], False
    if isinstance(kind, str) and kind in GEOMETRIES:
        return [{"type": "Feature", "properties": None, "geometry": document}], False
    raise Broken(
        f"its type is {kind!r}, no FeatureCollection, Feature or geometry", f"类型为 {kind!r}，不是要素集合、要素或几何"
    )


def _crs(document: dict[str, Any]) -> tuple[str, bool]:
    """What the `crs` member of GeoJSON of 2008 says; WGS 84 by RFC 7946 where it has none."""
    member = document.get("crs")
    if member is None:
        return WGS84, False
    try:
        name = str(member["properties"]["name"])
    except (KeyError, TypeError) as error:
        raise Broken("its “crs” has no name", "“crs” 没有名称") from error
    code = URN_CODE.search(name)
    return code[1] if code else name.rsplit(":", 1)[-1], True


def _parsed(path: Path, features: list[Any], named: str, *, declared: bool) -> Parsed:
    shapes = np.full(len(features), None, dtype=object)
    heights, unclosed, off = (np.zeros(len(features), dtype=bool) for _ in range(3))
    for position, feature in enumerate(features):
        shaper, own = Shaper(), shapes[position : position + 1]
        try:
            _check_feature(feature)
            own[0] = shaper.shape(feature["geometry"])
        except Broken as error:
            raise FileBroken(
                file=path.name, feature=position + 1, format="GeoJSON", why=error.en, why_zh=error.zh
            ) from error
        heights[position], unclosed[position] = shaper.heights, shaper.unclosed
        off[position] = _bbox_is_off(feature, own) or _bbox_is_off(feature["geometry"], own)
    notes = [*note("z_dropped", heights), *note("unclosed", unclosed), *note("bbox", off)]
    return Parsed(shapes, [_attributes(feature) for feature in features], named, declared, notes)


def _check_feature(feature: Any) -> None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Broken("it is no Feature", "不是要素（Feature）")
    for member in ("geometry", "properties"):
        if member not in feature:
            raise Broken(f"it has no “{member}”; null stands for none", f"缺少“{member}”，没有时应写 null")
        if not isinstance(feature[member], dict | None):
            raise Broken(f"its “{member}” is neither an object nor null", f"“{member}”既不是对象也不是 null")
    if not isinstance(feature.get("id"), str | int | float | None):
        raise Broken("its “id” is neither text nor number", "“id”既不是文本也不是数字")


def _attributes(feature: dict[str, Any]) -> dict[str, Any]:
    """The properties, with the feature's id among them where they have no own, and nested values as JSON text."""
    own: dict[str, Any] = {} if feature.get("id") is None else {"id": feature["id"]}
    own.update(feature["properties"] or {})
    return {
        "geometry_" if name == "geometry" else name: orjson.dumps(value).decode()
        if isinstance(value, dict | list)
        else value
        for name, value in own.items()
    }


def _bbox_is_off(holder: Any, shapes: NDArray[np.object_]) -> bool:
    """Whether a bbox is there and is not the bounds of the shapes."""
    if not isinstance(holder, dict) or "bbox" not in holder:
        return False
    told = holder["bbox"]
    if not isinstance(told, list) or len(told) not in CORNERS or not all(isinstance(x, int | float) for x in told):
        return True
    flat = told if len(told) == CORNERS[0] else [*told[:2], *told[3:5]]
    return not np.allclose(flat, shapely.total_bounds(shapes), rtol=0, atol=CLOSE, equal_nan=True)
