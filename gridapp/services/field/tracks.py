"""Duty and tracks: on and off duty, positions in batches of one statement each, one's own day as a line.

Positions are kept only inside a shift of the person; the database decides that in the statement that stores them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg
from psycopg import Connection, sql
from pydantic import AwareDatetime

from geodata import crs as systems
from geodata.errors import GeodataError
from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import hot
from gridapp.services.reporting.report_rules import Strict
from gridapp.timesource import now

MOST_POINTS = 1000
FUTURE = dt.timedelta(minutes=5)
"""How far a phone's clock may be ahead."""
PARTITION_LOCK = 7_205_001
DAY = dt.timedelta(days=1)

# Duty is looked up once a batch: a search in the index of shifts costs more than the row that it allows.
STORE = """
with duty as materialized (
  select range_agg(during) as spans from shift
  where person_id = %(person)s and during && tstzrange(%(first)s, %(last)s, '[]')
), judged as materialized (
  select fix.*, coalesce(duty.spans @> fix.at, false) as on_duty
  from duty, json_to_recordset(%(fixes)s::json) as fix (index int, at timestamptz, lon float8, lat float8,
    accuracy real, speed real, heading real, battery smallint, mock bool)
), stored as (
  insert into position (person_id, at, lon, lat, accuracy, speed, heading, battery, mock, received_at)
  select %(person)s, at, lon, lat, accuracy, speed, heading, battery, mock, %(now)s from judged where on_duty
  on conflict do nothing
  returning 1
), newest as (
  insert into last_position as l (person_id, at, lon, lat, accuracy, battery, mock)
  select %(person)s, at, lon, lat, accuracy, battery, mock from judged where on_duty order by at desc, index limit 1
  on conflict (person_id) do update
    set at = excluded.at, lon = excluded.lon, lat = excluded.lat, accuracy = excluded.accuracy,
        battery = excluded.battery, mock = excluded.mock
    where excluded.at > l.at
)
select (select count(*) from stored), (select array_agg(index order by index) from judged where not on_duty)
"""

TRACK = """
select json_agg(json_build_array(lon, lat) order by at), json_agg(at at time zone 'UTC' order by at),
       json_agg(accuracy order by at), json_agg(mock order by at)
from position where person_id = %(person)s and at >= %(start)s and at < %(end)s
"""


class Fix(Strict):
    """A position as a phone sends it: degrees, metres, m/s, degrees from north, battery in per cent."""

    id: uuid.UUID | None = None
    at: AwareDatetime
    lon: float
    lat: float
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None
    battery: int | None = None
    mock: bool = False


@dataclass(frozen=True)
class Kept:
    """What became of a batch: rows stored, rows that were there already, and refused ones by index with the reason."""

    stored: int
    duplicate: int
    rejected: list[dict[str, Any]]


def store(who: Principal, settings: Settings, fixes: list[Fix], crs: str = "wgs84") -> Kept:
    """Keep a batch of positions, in any order, in one statement; what was stored before counts as a duplicate.

    Args:
        who: the person who was there.
        settings: how late positions may come.
        fixes: at most 1,000 of them.
        crs: their system: ``wgs84 cgcs2000 gcj02 bd09``.
    """
    at = now()
    oldest, newest = at - dt.timedelta(days=settings.position_max_age_days), at + FUTURE
    rejected: dict[int, str] = {}
    good: list[dict[str, Any]] = []
    for index, fix in enumerate(fixes):
        place = _place(fix, crs)
        if place is None:
            rejected[index] = "invalid_number"
        elif not oldest <= fix.at <= newest:
            rejected[index] = "too_old" if fix.at < oldest else "in_the_future"
        else:
            good.append(_row(index, fix, place))
    stored, off_duty = _insert(who, good, at) if good else (0, [])
    rejected |= dict.fromkeys(off_duty, "off_duty")
    reasons = [{"index": index, "reason": rejected[index]} for index in sorted(rejected)]
    return Kept(stored, len(fixes) - stored - len(rejected), reasons)


def _place(fix: Fix, crs: str) -> tuple[float, float] | None:
    """The fix in WGS 84, or None where one of its numbers cannot be."""
    if not _plausible(fix):
        return None
    try:
        return systems.to_wgs84(fix.lon, fix.lat, crs)
    except GeodataError:
        return None


def _plausible(fix: Fix) -> bool:
    return (
        (fix.accuracy is None or 0 <= fix.accuracy <= 1e6)  # noqa: PLR2004  # a thousand kilometres say nothing
        and (fix.speed is None or 0 <= fix.speed <= 1000)  # noqa: PLR2004  # faster than any aircraft
        and (fix.heading is None or 0 <= fix.heading <= 360)  # noqa: PLR2004  # a full turn
        and (fix.battery is None or 0 <= fix.battery <= 100)  # noqa: PLR2004  # per cent
    )


def _row(index: int, fix: Fix, place: tuple[float, float]) -> dict[str, Any]:
    return {
        "index": index,
        "at": fix.at.astimezone(dt.UTC),  # an offset beyond 16 hours is a time in JSON, and none in PostgreSQL
        "lon": place[0],
        "lat": place[1],
        "accuracy": fix.accuracy,
        "speed": fix.speed,
        "heading": fix.heading,
        "battery": fix.battery,
        "mock": fix.mock,
    }


def _insert(who: Principal, rows: list[dict[str, Any]], at: dt.datetime) -> tuple[int, list[int]]:
    """Rows stored and indices outside duty; a day without a partition gets one.

    The batch goes as one JSON text: a list a column would be walked value by value in Python.
    """
    times = [row["at"] for row in rows]
    values = {
        "person": who.person_id,
        "now": at,
        "first": min(times),
        "last": max(times),
        "fixes": orjson.dumps(rows).decode(),
    }
    try:
        with hot() as connection:
            row = connection.execute(STORE, values).fetchone()
    except psycopg.errors.CheckViolation:  # no partition holds the row
        ensure_partitions({fix["at"].astimezone(dt.UTC).date() for fix in rows})
        with hot() as connection:
            row = connection.execute(STORE, values).fetchone()
    return (row[0], row[1] or []) if row else (0, [])


def ensure_partitions(days: Iterable[dt.date]) -> None:
    """Make the partitions of ``position`` for these days (UTC) where they are missing; readers and writers go on."""
    with hot() as connection, connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (PARTITION_LOCK,))
        for day in sorted(days):
            _make_partition(connection, day)


def drop_partitions(before: dt.date) -> list[dt.date]:
    """Drop the positions of whole days (UTC) before a day; the days that went."""
    held = "select relname from pg_class where relispartition and relname ~ '^position_[0-9]{8}$' order by relname"
    with hot() as connection, connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (PARTITION_LOCK,))
        names = [name for (name,) in connection.execute(held).fetchall()]
        days = {name: dt.datetime.strptime(name, "position_%Y%m%d").replace(tzinfo=dt.UTC).date() for name in names}
        old = [name for name in names if days[name] < before]
        for name in old:
            connection.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))
    return [days[name] for name in old]


def _make_partition(connection: Connection[Any], day: dt.date) -> None:
    """Make it beside and attach it: that way the lock on ``position`` lets inserts pass."""
    name = f"position_{day:%Y%m%d}"
    if connection.execute("select to_regclass(%s)", (name,)).fetchone() != (None,):
        return
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    words = {
        "name": sql.Identifier(name),
        "start": sql.Literal(start.isoformat()),
        "end": sql.Literal((start + DAY).isoformat()),
    }
    connection.execute(sql.SQL("create table {name} (like position including all)").format(**words))
    connection.execute(
        sql.SQL("alter table position attach partition {name} for values from ({start}) to ({end})").format(**words)
    )


def track(who: Principal, day: dt.date, zone: ZoneInfo) -> dict[str, Any]:
    """One's own positions of a day in ``zone`` as a GeoJSON Feature with a LineString and the times of its vertices.

    A day without positions has no geometry; a single position is a line of no length, the same vertex twice.
    """
    start = dt.datetime.combine(day, dt.time(), zone)
    values = {"person": who.person_id, "start": start, "end": start + DAY}
    with hot() as connection:
        row = connection.execute(TRACK, values).fetchone() or ()
    line, times, accuracies, mocks = (list(column or []) for column in row)
    if len(line) == 1:
        line, times, accuracies, mocks = line * 2, times * 2, accuracies * 2, mocks * 2
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": line} if line else None,
        "properties": {
            "day": day.isoformat(),
            "times": [f"{moment}Z" for moment in times],
            "accuracies": accuracies,
            "mock": mocks,
        },
    }
