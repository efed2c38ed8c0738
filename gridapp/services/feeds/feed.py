"""The ordered feed of what changed in a person's scope: a cursor is a snapshot, so nothing is ever skipped.

Triggers write every change into a log with its transaction id. A page holds the rows that the database's present
snapshot sees and the cursor's snapshot did not: exactly what was committed in between, whatever the order in which
writers began, and without waiting for slow ones. Within a page rows come in the order of the log. A page that is
full names the snapshot it was cut from and the last row, and goes on from there.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable
from typing import Any

import psycopg

from gridapp.access import Principal
from gridapp.db import hot
from gridapp.errors import Problem
from gridapp.services.feeds import feed_leaving, feed_things
from gridapp.services.feeds.feed_cursor import Cursor, Mark, decode, not_ours
from gridapp.timesource import now

MAX_LIMIT = 2_000
"""Rows of a page: a week of a district, 40,000 changes, is read within a third of a minute's requests."""
POLL_SECONDS = 0.3
_ROW = re.compile(r"\A[0-9]{1,18}\Z")

PAGE = """
with present as (select pg_current_snapshot() as snap, epoch::text, horizon from feed_state),
cut as (select coalesce(%(until)s::pg_snapshot, snap) as snap from present),
page as (
  select c.id, c.kind, c.key, c.grid_id, c.old_grid_id, c.person_id, c.old_holder_id
  from change c, cut
  where %(seen)s::pg_snapshot is not null
    and c.xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
    and not pg_visible_in_snapshot(c.xid, %(seen)s::pg_snapshot)
    and pg_visible_in_snapshot(c.xid, cut.snap)
    and c.id > %(last)s
    and (c.person_id is null or c.person_id = %(me)s or c.kind in ('post', 'person'))
  order by c.id limit %(limit)s
)
select (select snap::text from cut) as snap, (select epoch from present) as epoch,
  (select horizon >= pg_snapshot_xmin(coalesce(%(seen)s::pg_snapshot, snap)) from present) as too_old,
  coalesce((select json_agg(json_build_array(id, kind, key, grid_id, old_grid_id, person_id, old_holder_id)
                            order by id) from page), '[]') as rows
"""


HORIZON = """
select epoch::text, horizon >= pg_snapshot_xmin(%s::pg_snapshot) from feed_state
"""


def start_cursor(who: Principal) -> str:
    """A cursor at the present: for screens that have just drawn the present state."""
    with hot() as connection:
        row = connection.execute("select pg_current_snapshot()::text, epoch::text from feed_state").fetchone()
    if row is None:
        raise Problem("cursor_too_old")
    return Cursor(epoch=row[1], scope=Mark.of(who).encode(), seen=row[0]).encode()


def changes(who: Principal, since: str | None, *, limit: int = 200) -> dict[str, Any]:
    """The next page of the feed.

    Args:
        who: the reader.
        since: a cursor; None for the present state as upserts in pages, then the feed.
        limit: rows of a page, at most ``MAX_LIMIT``.

    Raises:
        Problem: ``cursor_too_old`` where the log no longer reaches back; ``invalid`` for no cursor of ours.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if since is None:
        return feed_things.present(who, _fresh(who), None, limit)
    cursor = decode(since)
    if Mark.read(cursor.scope).person != Mark.of(who).person:
        raise Problem("cursor_too_old")
    if cursor.scope != Mark.of(who).encode() or feed_leaving.is_leaving(cursor):
        _refuse_when_too_old(cursor)
        return feed_leaving.page(who, cursor, limit)
    if cursor.last is not None and cursor.until is None:
        if not feed_things.is_place(cursor.last):
            raise not_ours()
        return feed_things.present(who, cursor, cursor.last, limit)
    return _news(who, cursor, limit)


def understood(since: str) -> None:
    """Refuse what is no cursor; one that is too old is understood.

    Raises:
        Problem: ``invalid``.
    """
    try:
        decode(since)
    except Problem as problem:
        if problem.code != "cursor_too_old":
            raise


def _refuse_when_too_old(cursor: Cursor) -> None:
    with hot() as connection:
        epoch, too_old = connection.execute(HORIZON, (cursor.seen,)).fetchone() or ("", True)
    if too_old or epoch != cursor.epoch:
        raise Problem("cursor_too_old")


def _news(who: Principal, cursor: Cursor, limit: int) -> dict[str, Any]:
    """What was committed since the cursor's snapshot."""
    if not _ROW.match(cursor.last or "0"):
        raise not_ours()
    values = {
        "seen": cursor.seen,
        "until": cursor.until,
        "last": int(cursor.last or 0),
        "me": who.person_id,
        "limit": limit + 1,
    }
    try:
        with hot() as connection:
            snap, epoch, too_old, rows = connection.execute(PAGE, values).fetchone() or ("", "", True, [])
    except psycopg.DataError as error:  # it looks like a snapshot, and the database says that it is none
        raise not_ours() from error
    if too_old or epoch != cursor.epoch:
        raise Problem("cursor_too_old")
    more = len(rows) > limit
    page: list[list[Any]] = rows[:limit]
    after = (
        Cursor(epoch, cursor.scope, cursor.seen, until=snap, last=str(page[-1][0]))
        if more
        else Cursor(epoch, cursor.scope, seen=snap)
    )
    return {"changes": feed_things.shown(who, page), "cursor": after.encode(), "more": more}


def _fresh(who: Principal) -> Cursor:
    return decode(start_cursor(who))


def wait(
    who: Principal, since: str | None, *, limit: int, seconds: float, pause: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """As ``changes``, but an empty page is held back until news comes or ``seconds`` have passed."""
    until = now() + dt.timedelta(seconds=seconds)
    while True:
        page = changes(who, since, limit=limit)
        if page["changes"] or page["more"] or now() >= until:
            return page
        since = page["cursor"]
        pause(POLL_SECONDS)


def prune(older_than: dt.datetime) -> int:
    """Drop log rows older than a time and raise the horizon, so that older cursors are answered 410.

    Rows beside a transaction that is still open stay until it ends: the cursors that are given out meanwhile name
    it as unseen, and a horizon past it would refuse them too.

    Returns:
        How many rows went.
    """
    sql = """
    with gone as (
      delete from change where at < %s and xid < pg_snapshot_xmin(pg_current_snapshot()) returning xid
    )
    update feed_state set horizon = greatest(horizon, coalesce((select max(xid) from gone), horizon))
    returning (select count(*) from gone)
    """
    with hot() as connection:
        row = connection.execute(sql, (older_than,)).fetchone()
    return int(row[0]) if row else 0
