"""What moves on the map: the tasks of a window under the list's filters, and where people were last."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from gridapp.access import Principal, may
from gridapp.db import hot, session
from gridapp.errors import invalid
from gridapp.services import moments, scope
from gridapp.services.feeds.watch import POSITION_HOURS
from gridapp.services.field import track_readers
from gridapp.services.tasking import task_view
from gridapp.services.tasking.task_list import Filters, conditions
from gridapp.timesource import now

MOST_POINTS = 2000
MOST_PEOPLE = 2000
CELLS_ACROSS = 16
OLD_AFTER = dt.timedelta(minutes=30)
"""A position older than this is shown greyed."""


@dataclass(frozen=True)
class Window:
    """What a map shows: degrees in WGS 84."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read ``west,south,east,north``.

        Raises:
            Problem: ``invalid`` naming ``bbox``.
        """
        try:
            window = cls(*(float(part) for part in text.split(",")))
        except (ValueError, TypeError) as error:
            raise _bad_window() from error
        if not (-360 <= window.west < window.east <= 360 and -90 <= window.south < window.north <= 90):  # noqa: PLR2004  # degrees
            raise _bad_window()
        return window

    def params(self) -> dict[str, Any]:
        """Parameters for ``BOX`` and the size of a lattice cell in degrees."""
        return {
            "west": self.west,
            "south": self.south,
            "east": self.east,
            "north": self.north,
            "cell": (self.east - self.west) / CELLS_ACROSS,
        }


def _bad_window() -> Exception:
    return invalid(
        bbox=("window", "Send west,south,east,north in degrees.", "请按“西,南,东,北”发送经纬度范围。"),
    )


BOX = "ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
FROM = f"from task t join grid g on g.id = t.grid_id where {scope.TASK_SQL.format(grid='g', task='t')} and"

_COLUMNS = (
    "t.id, t.number, ST_X(t.geom) as lon, ST_Y(t.geom) as lat, t.stage, "
    "case when t.outcome is null and t.held_at is null and t.fed_back_at is null then t.due_at end as due_at"
)


def tasks_in(who: Principal, window: Window, filters: Filters) -> dict[str, Any]:
    """Tasks of a window in scope: as points, or, where they are too many, counted in a lattice of cells.

    Returns:
        ``points`` (id, number, lon, lat, stage, due, the latter only while the clock runs) or ``cells`` (lon, lat of
        the middle of what is counted, count, overdue).
    """
    where, values = conditions(who, filters)
    values |= {**window.params(), **scope.params(who), "most": MOST_POINTS + 1}
    inside = f"{FROM} t.geom && {BOX} and {where}"
    rows = session.connection().exec_driver_sql(f"select {_COLUMNS} {inside} limit %(most)s", values).all()
    if len(rows) <= MOST_POINTS:
        return {"points": [_point(*row) for row in rows], "cells": []}
    lattice = (
        f"select avg(ST_X(t.geom)), avg(ST_Y(t.geom)), count(*), count(*) filter (where {task_view.OVERDUE}) {inside} "
        "group by floor(ST_X(t.geom) / %(cell)s), floor(ST_Y(t.geom) / %(cell)s)"
    )
    cells = session.connection().exec_driver_sql(lattice, values).all()
    names = ("lon", "lat", "count", "overdue")
    return {"points": [], "cells": [dict(zip(names, cell, strict=True)) for cell in cells]}


def _point(key: object, number: int, lon: float, lat: float, stage: str, due: dt.datetime | None) -> dict[str, Any]:
    return {"id": str(key), "number": number, "lon": lon, "lat": lat, "stage": stage, "due": moments.stamp(due)}


PEOPLE = f"""
select l.person_id, p.name, l.lon, l.lat, l.at from last_position l join person p on p.id = l.person_id
where l.at > %(after)s and l.lon between %(west)s and %(east)s and l.lat between %(south)s and %(north)s
  and p.retired_at is null and exists (
    select 1 from post po where po.person_id = l.person_id and po.during @> %(now)s
      and {scope.SQL.format(column="po.grid_id")})
order by l.at desc limit {MOST_PEOPLE}
"""


def people_in(who: Principal, window: Window) -> list[dict[str, Any]]:
    """Where those with a post in scope were last, within the last hours; nobody for roles that may not see it."""
    if not may(who, "position.read"):
        return []
    values = {**window.params(), **scope.params(who), "now": now(), "after": now() - dt.timedelta(hours=POSITION_HOURS)}
    with hot() as connection:
        rows = connection.execute(PEOPLE, values).fetchall()
    track_readers.note(who, (row[0] for row in rows))
    return [
        {"id": str(person), "name": name, "lon": lon, "lat": lat, "at": moments.stamp(at)}
        for person, name, lon, lat, at in rows
    ]
