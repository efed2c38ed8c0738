"""What changed since a moment, for screens: which thing of which area, read once for everybody who looks on.

The feed gives one person whole things; this gives a process bare facts about all areas, which ``web/live.py`` hands to
those who may know of them. A cursor is the log's epoch and a PostgreSQL snapshot: what a snapshot could not see yet
is news, so nothing is skipped in whatever order transactions commit.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg_pool import PoolClosed

from gridapp.access import Principal
from gridapp.db import hot
from gridapp.errors import Problem
from gridapp.timesource import now

MOST = 1000
POSITION_HOURS = 12

_CURSOR = re.compile(r"([0-9a-f-]{36})~(\d{1,20}:\d{1,20}:[\d,]*)", re.ASCII)

START = "select epoch || '~' || pg_current_snapshot() from feed_state"

NEWS = """
with here as (select epoch, horizon, pg_current_snapshot() as seen from feed_state)
select here.epoch || '~' || here.seen, %(epoch)s = here.epoch::text
    and pg_snapshot_xmin(%(since)s::pg_snapshot) > here.horizon
    and pg_snapshot_xmax(%(since)s::pg_snapshot) <= pg_snapshot_xmax(here.seen),
  c.kind, c.key, g.path, o.path, c.person_id, coalesce(t.assignee_post_id, t.assignee_unit_id), c.old_holder_id,
  array(select a.unit_id from assist a where a.task_id = t.id) || array_remove(array[t.first_unit_id], null)
from here left join (
    change c left join grid g on g.id = c.grid_id left join grid o on o.id = c.old_grid_id
    left join task t on t.id = case c.kind when 'task' then c.key::uuid end
  )
  on c.xid >= pg_snapshot_xmin(%(since)s::pg_snapshot) and not pg_visible_in_snapshot(c.xid, %(since)s::pg_snapshot)
  and pg_visible_in_snapshot(c.xid, here.seen)
order by c.id limit %(most)s
"""

POSITIONS = "select person_id, at from last_position where at > %(after)s"

MOVED = """
select l.person_id, p.name, l.lon, l.lat, l.at, array(
  select distinct unnest(g.path) from post po join grid g on g.id = po.grid_id
  where po.person_id = l.person_id and po.during @> %(now)s)
from last_position l join person p on p.id = l.person_id
where l.person_id = any(%(people)s) and p.retired_at is null
"""


class Unreachable(Exception):
    """The database does not answer now; whoever waits keeps the cursor and tries again."""


class Closed(Unreachable):
    """The app is being shut down; nobody tries again."""


@contextmanager
def reachable() -> Iterator[None]:
    """Tell trouble in reaching the database by the two exceptions of this module."""
    try:
        yield
    except PoolClosed as error:
        raise Closed(str(error)) from error
    except psycopg.OperationalError as error:
        raise Unreachable(str(error)) from error


@dataclass(frozen=True)
class News:
    """A thing changed.

    Attributes:
        kind: of what kind it is: task, grid, post, person, notice, catalogue, plan.
        key: which one.
        areas: the areas that it lies in now.
        before: those that it lay in before, where others.
        person_id: the person whose own it is.
        holder: the post or unit that holds a task now.
        old_holder: the one that held it, or answered for it, before, where another.
        assisting: the units that have or had a part in a task, and the one that answers for it first.
    """

    kind: str
    key: str
    areas: frozenset[int]
    before: frozenset[int]
    person_id: uuid.UUID | None
    holder: uuid.UUID | None = None
    old_holder: uuid.UUID | None = None
    assisting: frozenset[uuid.UUID] = frozenset()

    def for_person(self, who: Principal) -> dict[str, str] | None:
        """What this person may know of it: kind, id and ``upsert`` or ``remove``; None for what is not theirs."""
        if self.kind == "notice":
            return self._told("upsert") if self.person_id == who.person_id else None
        own = self.person_id is not None and self.person_id == who.person_id
        held_by = {*who.post_ids, who.unit_id} - {None}
        if (
            own
            or self.kind == "catalogue"
            or not held_by.isdisjoint({self.holder, *self.assisting})
            or not self.areas.isdisjoint(who.scope_ids)
        ):
            return self._told("upsert")
        left = self.old_holder in held_by or not self.before.isdisjoint(who.scope_ids)
        return self._told("remove") if left else None

    def _told(self, op: str) -> dict[str, str]:
        return {"op": op, "kind": self.kind, "id": self.key}


@dataclass(frozen=True)
class Batch:
    """News in order and the cursor after them."""

    cursor: str
    news: tuple[News, ...]


@dataclass(frozen=True)
class Moved:
    """A person's newest position, degrees in WGS 84, and the areas of the posts that they hold."""

    person_id: uuid.UUID
    name: str
    lon: float
    lat: float
    at: dt.datetime
    areas: frozenset[int]


def start() -> str:
    """The cursor of this moment."""
    with hot() as connection:
        row = connection.execute(START).fetchone()
    if row is None:
        raise Problem("cursor_too_old")
    return str(row[0])


def since(cursor: str) -> Batch:
    """What was committed since the cursor.

    Raises:
        Problem: ``cursor_too_old`` where the log does not reach back so far, is another one, more than ``MOST`` things
            changed, or the cursor is none: start afresh.
    """
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise Problem("cursor_too_old")
    values = {"epoch": match[1], "since": match[2], "most": MOST + 1}
    with hot() as connection:
        rows = connection.execute(NEWS, values).fetchall()
    if not rows or not rows[0][1] or len(rows) > MOST:
        raise Problem("cursor_too_old")
    news = tuple(
        News(kind, key, frozenset(path or ()), frozenset(old or ()), person, holder, old_holder, frozenset(assisting))
        for _, _, kind, key, path, old, person, holder, old_holder, assisting in rows
        if kind is not None
    )
    return Batch(rows[0][0], news)


def positions() -> dict[uuid.UUID, dt.datetime]:
    """When each person was last heard of, those of the last hours."""
    with hot() as connection:
        rows = connection.execute(POSITIONS, {"after": now() - dt.timedelta(hours=POSITION_HOURS)}).fetchall()
    return dict(rows)


def moved(people: list[uuid.UUID]) -> list[Moved]:
    """The newest positions of these people."""
    with hot() as connection:
        rows = connection.execute(MOVED, {"people": people, "now": now()}).fetchall()
    return [Moved(person, name, lon, lat, at, frozenset(areas)) for person, name, lon, lat, at, areas in rows]
