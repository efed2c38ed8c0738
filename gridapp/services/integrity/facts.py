"""What each photo says of itself, looked at once: when a reviewer asks, or by a job soon after it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app
from PIL import ExifTags

from gridapp.config import Settings
from gridapp.db import hot
from gridapp.errors import Problem
from gridapp.services.integrity import looks
from gridapp.services.pictures import photo_files, photo_pictures

MOST = 200
"""Photos of one run of the job."""

WANTED = """
select p.sha256, p.mime from photo p
where p.sha256 = any(%s) and not exists (select 1 from photo_fact f where f.sha256 = p.sha256)
"""
WAITING = """
select p.sha256, p.mime from photo p
where not exists (select 1 from photo_fact f where f.sha256 = p.sha256) order by p.received_at desc limit %s
"""
KEEP = """
insert into photo_fact (sha256, look, taken_at, lon, lat) values (%s, %s, %s, %s, %s) on conflict (sha256) do nothing
"""

Facts = tuple[int | None, dt.datetime | None, float | None, float | None]
NONE: Facts = (None, None, None, None)


def ensure(photos: Iterable[str]) -> None:
    """Look at those of these photos that are here and were not looked at yet."""
    with hot() as connection:
        rows = connection.execute(WANTED, (list(photos),)).fetchall()
    _look_at(rows)


def catch_up() -> int:
    """Look at photos that nobody looked at yet, the newest first.

    Returns:
        How many.
    """
    with hot() as connection:
        rows = connection.execute(WAITING, (MOST,)).fetchall()
    _look_at(rows)
    return len(rows)


def _look_at(rows: list[tuple[str, str]]) -> None:
    settings: Settings = current_app.extensions["settings"]
    for sha256, mime in rows:
        found = _facts(settings, sha256, mime)
        with hot() as connection:
            connection.execute(KEEP, (sha256, *found))


def _facts(settings: Settings, sha256: str, mime: str) -> Facts:
    """Nothing of a film, of a picture that is damaged, and of one whose file is missing: the doctor tells of those."""
    path = photo_files.path_of(settings.instance, sha256)
    if mime not in photo_pictures.FORMATS or not path.exists():
        return NONE
    try:
        greys, exif, place = photo_pictures.glance(path, mime, settings.photo_max_pixels, looks.GREYS)
    except Problem:
        return NONE
    lon, lat = position(place)
    return looks.look(greys), taken_at(exif, settings), lon, lat


def taken_at(exif: Mapping[int, Any], settings: Settings) -> dt.datetime | None:
    """When the camera says that it took the picture; without an offset in the zone of the settings."""
    said = str(exif.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
    offset = str(exif.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
    try:
        at = dt.datetime.strptime(said, "%Y:%m:%d %H:%M:%S").replace(tzinfo=settings.timezone)
    except ValueError:
        return None
    try:
        return at.replace(tzinfo=dt.datetime.strptime(offset, "%z").tzinfo)
    except ValueError:
        return at


def position(gps: Mapping[int, Any]) -> tuple[float, float] | tuple[None, None]:
    """Where the camera says that it stood, as longitude and latitude."""
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    if lon is None or lat is None or not (abs(lon) <= 180 and abs(lat) <= 90) or lon == lat == 0:  # noqa: PLR2004
        return None, None
    return round(lon, 7), round(lat, 7)


def _degrees(parts: Any, half: Any, negative: str) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if value != value or abs(value) == float("inf"):  # noqa: PLR0124  # no number is not itself
        return None
    return -value if str(half).strip("\0 ").upper() == negative else value
