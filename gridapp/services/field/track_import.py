"""Tracks of a person from files: GPX and CSV, in one COPY; what was there already is not stored twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geodata import crs as systems
from geodata.errors import GeodataError
from geodata.gpx import is_gpx, read_gpx
from geodata.io import TableRow, read_table
from geodata.io.limits import check_file
from gridapp.access import SYSTEM
from gridapp.services import audit
from gridapp.services.bulk import fill, take_time, wire
from gridapp.services.field import tracks
from gridapp.services.orders.import_faults import refused
from gridapp.services.staff import people
from gridapp.timesource import now

FIRST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
NAMES = {
    "at": ("at", "time", "timestamp", "datetime"),
    "lon": ("lon", "lng", "longitude", "x"),
    "lat": ("lat", "latitude", "y"),
    "accuracy": ("accuracy", "hdop_m"),
}
WORST_ACCURACY_M = 1_000_000
"""What no device means: the place is kept, its accuracy is unknown."""
COLUMNS = {"at": "timestamptz", "lon": "float8", "lat": "float8", "accuracy": "real"}

STORE = """
with stored as (
  insert into position (person_id, at, lon, lat, accuracy, received_at)
  select distinct on (at) %(person)s::uuid, at, lon, lat, accuracy, %(now)s from incoming_fix order by at
  on conflict do nothing returning 1
), newest as (
  insert into last_position as l (person_id, at, lon, lat, accuracy)
  select %(person)s::uuid, at, lon, lat, accuracy from incoming_fix order by at desc limit 1
  on conflict (person_id) do update set at = excluded.at, lon = excluded.lon, lat = excluded.lat,
    accuracy = excluded.accuracy, battery = null, mock = false where excluded.at > l.at
)
select count(*) from stored
"""


@dataclass(frozen=True)
class Lost:
    """A point that was not stored: its file, its number there, and why."""

    file: str
    row: int
    en: str
    zh: str


@dataclass
class Imported:
    """What became of the points: ``points`` = stored + duplicate + refused."""

    files: int = 0
    points: int = 0
    stored: int = 0
    duplicate: int = 0
    refused: list[Lost] = field(default_factory=list)


Fix = tuple[dt.datetime, float, float, float | None]
NO_TIME = ("it has no time", "没有时间")
ODD_TIME = ("the time lies before 1990 or in the future", "时间早于 1990 年或在未来")
NO_PLACE = ("it is no place on Earth", "不是有效的位置")


def import_tracks(
    files: Sequence[Path], username: str, *, moved: Callable[[int], object] = lambda _files: None
) -> Imported:
    """Store the points of files as positions of a person, in the running transaction.

    `moved` is told after each file, and once more when all are stored.

    Raises:
        GeodataError: a file that is no track, or has no point with a time.
        Problem: ``invalid`` where nobody has the user name.
    """
    person = people.person_by_username(SYSTEM, username, "person")
    result, fixes = Imported(files=len(files)), list[Fix]()
    for file in files:
        fixes += _fixes_of(file, result)
        moved(1)
    tracks.ensure_partitions({at.date() for at, *_ in fixes})
    with wire() as connection:
        take_time(connection)
        fill(connection, "incoming_fix", COLUMNS, fixes)
        row = connection.execute(STORE, {"person": person.id, "now": now()}).fetchone()
    result.stored = row[0] if row else 0
    moved(1)
    result.duplicate = len(fixes) - result.stored
    audit.note(SYSTEM, "import", "track", person.id, person.scope_grid_id, points=result.stored)
    return result


def _fixes_of(file: Path, result: Imported) -> list[Fix]:
    check_file(file)
    fixes: list[Fix] = []
    for number, told in _points(file):
        result.points += 1
        if isinstance(told[0], str):
            result.refused.append(Lost(file.name, number, told[0], str(told[1])))
        else:
            fixes.append(told)
    if not fixes:
        why = ("there is no track point with a time and a place", "没有带时间和位置的轨迹点")
        hint = ("Export the track with its times; routes and way points are no tracks.", "请导出带时间的轨迹。")
        raise refused(why, hint, file=file.name)
    return fixes


def _points(file: Path) -> Iterator[tuple[int, Any]]:
    """Each point with its number: a fix, or why there is none."""
    if is_gpx(file):
        for number, point in enumerate(read_gpx(file), start=1):
            yield number, _judged(point.at, point.lon, point.lat, None)
        return
    table = read_table(file)
    columns = {meaning: _column(table.columns, meaning, file) for meaning in NAMES}
    for row in table.rows:
        yield row.number, _of_row(row, columns)


def _column(columns: list[str], meaning: str, file: Path) -> str | None:
    found = next((name for name in columns if name.lower() in NAMES[meaning]), None)
    if found is None and meaning != "accuracy":
        why = (f"there is no column {meaning}", f"没有列 {meaning}")
        known = ", ".join(NAMES[meaning])
        raise refused(why, (f"Name it one of: {known}.", f"列名应为：{known}。"), file=file.name)
    return found


def _of_row(row: TableRow, columns: dict[str, str | None]) -> Fix | tuple[str, str]:
    cells = {meaning: row.cells.get(name) if name else None for meaning, name in columns.items()}
    try:
        told = cells["at"] if isinstance(cells["at"], dt.datetime) else dt.datetime.fromisoformat(str(cells["at"]))
    except ValueError:
        return NO_TIME
    try:
        lon, lat = float(str(cells["lon"])), float(str(cells["lat"]))
        accuracy = float(cells["accuracy"]) if cells["accuracy"] is not None else None
    except (TypeError, ValueError):
        return NO_PLACE
    return _judged(told if told.tzinfo else told.replace(tzinfo=dt.UTC), lon, lat, accuracy)


def _judged(at: dt.datetime | None, lon: float, lat: float, accuracy: float | None) -> Fix | tuple[str, str]:
    if at is None:
        return NO_TIME
    if not FIRST <= at <= now() + tracks.FUTURE:
        return ODD_TIME
    try:
        place = systems.to_wgs84(lon, lat)
    except GeodataError:
        return NO_PLACE
    if accuracy is not None and not 0 <= accuracy <= WORST_ACCURACY_M:
        accuracy = None
    return at.astimezone(dt.UTC), *place, accuracy
