"""Layers in: any format becomes a frame in WGS 84, with what was declared, what was mended and what is suspect."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geodata import crs as systems
from geodata.errors import CrsLegacy, CrsMissing, CrsUnknown, CrsWrong, GeodataError
from geodata.guess import guess, guess_words
from geodata.io.limits import DEFAULT, Limits
from geodata.io.loaders import Raw, load
from geodata.io.mend import flattened, mended
from geodata.io.notes import Note
from geodata.io.sources import Source, source_of

if TYPE_CHECKING:
    from geodata.crs import CrsLike, System
    from geodata.io.mend import Geometries
    from geodata.sines import Floats

FAR = 1.0
"""Metres, or feet, by which a place may differ after the way there and back; half of Earth's width where it wrapped."""
BEYOND = 1e-6  # degrees by which rounding may pass the end of the world


@dataclass(frozen=True)
class Layer:
    """A layer as it was read.

    `frame` is in EPSG:4326, degrees, longitude first, numbered from 0 in the order of the file, with all attributes;
    where it was asked for, it is in the file's own projected numbers instead, or in numbers of which nobody knows what
    they are, without a CRS.
    `system` is what the file's own numbers were in, `declared` whether the file said so. `notes` tell what was mended
    and which faults were let through: a note with a `finding` is a fault, to be shown with those of the checks.
    """

    frame: gpd.GeoDataFrame
    name: str
    format: str
    system: str
    declared: bool
    notes: tuple[Note, ...]

    @property
    def faults(self) -> tuple[Note, ...]:
        """The notes that are faults of geometries."""
        return tuple(note for note in self.notes if note.finding)


def read_layer(
    path: Path | str, layer: str | None = None, crs: CrsLike | None = None, limits: Limits = DEFAULT
) -> gpd.GeoDataFrame:
    """The frame of `read` alone: EPSG:4326, degrees, longitude first."""
    return read(path, layer, crs, limits).frame


def read(
    path: Path | str,
    layer: str | None = None,
    crs: CrsLike | None = None,
    limits: Limits = DEFAULT,
    *,
    own: bool = False,
    doubtful: bool = False,
) -> Layer:
    """Read GeoJSON, GeoPackage, (zipped) Shapefile, KML, KMZ or GeoParquet, recognised by its content.

    Args:
        path: a file of this machine; addresses of the network are not followed.
        layer: its layer, needed where there are several.
        crs: what the numbers are in (an EPSG code, gcj02, bd09); outweighs what the file declares.
        limits: sizes beyond which a file is refused.
        own: leave a projected layer in its own numbers, every digit of them; edges that match there need not match to
            the last digit elsewhere.
        doubtful: read a layer whose numbers cannot be what it declares, in those numbers and without a system, so that
            it can be looked at; otherwise it is refused.

    Raises:
        GeodataError: one of its kinds, naming file, layer or feature and the remedy; nothing else for bad content.
    """
    given = None if crs is None else systems.system(crs)
    with source_of(Path(path), layer, limits) as source:
        try:
            return _read(source, given, limits, own=own, doubtful=doubtful)
        except GeodataError as error:
            error.file = source.file
            error.layer = error.layer or (None if source.layer == Path(source.file).stem else source.layer)
            raise


def _read(source: Source, given: System | None, limits: Limits, *, own: bool, doubtful: bool) -> Layer:
    raw = load(source, limits)
    flat, heights = flattened(raw.geometries)
    system, overridden = _system(raw, given)
    if system is None:
        raise CrsMissing(**guess_words(guess(*_numbers(flat))))
    try:
        lonlat = _in_wgs84(flat, system, _claim(source, raw, system, given=given is not None))
    except CrsWrong:
        if given is not None or not doubtful:
            raise
        frame = gpd.GeoDataFrame(raw.attributes, geometry=flat)
        return Layer(frame, source.layer, source.format, "", declared=False, notes=(*raw.notes, *heights))
    typed = systems.is_wgs84(system)
    shapes, notes = mended(lonlat, rings_matter=source.format == "geojson", decimals_matter=typed)
    told = [*raw.notes, *heights, *([Note("crs_overridden")] if overridden else []), *notes]
    projection = system.projection if own and not system.degrees else None
    kept, frame_crs = (shapes, systems.wgs84()) if projection is None else (flat, projection)
    frame = gpd.GeoDataFrame(raw.attributes, geometry=kept, crs=frame_crs)
    return Layer(frame, source.layer, source.format, system.label, raw.declared, tuple(told))


def _system(raw: Raw, given: System | None) -> tuple[System | None, bool]:
    """What the numbers are read as, and whether that sets aside what the file declares, known here or not."""
    if given is None:
        return (None if raw.crs is None else systems.system(raw.crs)), False
    with contextlib.suppress(CrsLegacy, CrsUnknown):
        return given, raw.declared and raw.crs is not None and systems.system(raw.crs) != given
    return given, True


def _numbers(geometries: Geometries) -> tuple[Floats, Floats]:
    points = shapely.get_coordinates(geometries)
    return points[:, 0], points[:, 1]


def _claim(source: Source, raw: Raw, system: System, *, given: bool) -> dict[str, Any]:
    """Who says what the numbers are, as parameters of CrsWrong."""
    if given:
        return {"claim": f"{system.label} was given for it", "claim_zh": f"指定为 {system.label}"}
    if source.format == "geojson" and not raw.declared:
        return {"claim": "GeoJSON that declares nothing is WGS 84", "claim_zh": "未声明坐标系的 GeoJSON 应为 WGS 84"}
    return {"claim": f"it declares {system.label}", "claim_zh": f"声明为 {system.label}"}


def _in_wgs84(geometries: Geometries, system: System, claim: dict[str, Any]) -> Geometries:
    """The geometries in WGS 84; CrsWrong where the numbers, before or after, are no places of `system`."""
    x, y = _numbers(geometries)
    odd = _out_of_degrees(x, y) if system.degrees else _all_degrees(x, y)
    if not odd.any():
        moved = systems.transform_geometries(geometries, system, systems.WGS84)
        odd = _out_of_degrees(*_numbers(moved))
        if not odd.any() and not system.degrees:
            odd = _wrapped(x, y, *_numbers(moved), system)
    if odd.any():
        first = int(np.flatnonzero(odd)[0])
        raise CrsWrong(**claim, x=x[first], y=y[first], **guess_words(guess(x, y)))
    return moved


def _out_of_degrees(x: Floats, y: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return ~((np.abs(x) <= systems.HALF_TURN + BEYOND) & (np.abs(y) <= systems.QUARTER_TURN + BEYOND))


def _wrapped(x: Floats, y: Floats, lon: Floats, lat: Floats, system: System) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of the outermost places do not come back as they were: they went once around the Earth."""
    odd = np.zeros(len(x), dtype=bool)
    if len(x):
        ends = [int(find(axis)) for axis in (x, y) for find in (np.argmin, np.argmax)]
        back_x, back_y = systems.transform_arrays(lon[ends], lat[ends], systems.WGS84, system)
        odd[ends] = ~(np.hypot(back_x - x[ends], back_y - y[ends]) < FAR)
    return odd


def _all_degrees(x: Floats, y: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Everywhere true where the numbers of a projected layer can only be degrees."""
    inside = bool(len(x)) and not _out_of_degrees(x, y).any()
    return np.full(len(x), inside)
