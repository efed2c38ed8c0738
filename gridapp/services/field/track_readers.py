"""Who looked at where somebody was: noted once a reader, person and day, and shown to that person."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from gridapp.access import Principal
from gridapp.db import hot
from gridapp.services.moments import stamp
from gridapp.timesource import now

READ = "read_position"
HOURS = 24

NOTE = """
insert into audit_entry (at, actor_id, action, subject_kind, subject_id, detail)
select %(now)s, %(reader)s, %(read)s, 'person', p.id::text, jsonb_build_object('grid_id', p.scope_grid_id)
from person p where p.id = any(%(people)s::uuid[]) and p.id <> %(reader)s and not exists (
  select 1 from audit_entry a where a.subject_id = p.id::text and a.action = %(read)s and a.actor_id = %(reader)s
    and a.at > %(since)s)
"""

READERS = """
select a.at, p.name, p.role from audit_entry a join person p on p.id = a.actor_id
where a.subject_id = %(me)s and a.subject_kind = 'person' and a.action = %(read)s
  and a.at >= %(starts)s and a.at < %(ends)s
order by a.at, a.id
"""


def note(who: Principal, people: Iterable[uuid.UUID]) -> None:
    """Note that the positions of these people were shown; within a day of the first look no further one is noted."""
    shown = list(people)
    if not shown or who.person_id is None:
        return
    at = now()
    values = {"now": at, "since": at - dt.timedelta(hours=HOURS), "reader": who.person_id, "read": READ}
    with hot() as connection:
        connection.execute(NOTE, {**values, "people": shown})


def readers(who: Principal, day: dt.date, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Who began to look at where I was on a day, in order."""
    starts = dt.datetime.combine(day, dt.time(), zone)
    values = {"me": str(who.person_id), "read": READ, "starts": starts, "ends": starts + dt.timedelta(days=1)}
    with hot() as connection:
        rows = connection.execute(READERS, values).fetchall()
    return [{"at": stamp(at), "name": name, "role": role} for at, name, role in rows]
