"""The ordered feed of what changed in a person's scope: a cursor is a snapshot, so nothing is ever skipped.

Triggers write every change into a log with its transaction id. A page holds the rows that the database's present
snapshot sees and the cursor's snapshot did not: exactly what was committed in between, whatever the order in which
writers began, and without waiting for slow ones. Within a page rows come in the order of the log. A page that is
full names the snapshot it was cut from and the last row, and goes on from there.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg

from gridapp.access import Principal
from gridapp.db import hot
from gridapp.errors import Problem, invalid
from gridapp.services import feed_things
from gridapp.timesource import now

MAX_LIMIT = 500
POLL_SECONDS = 0.3
_ROW = re.compile(r"\A[0-9]{1,18}\Z")
_SNAPSHOT = re.compile(r"\A[0-9]{1,20}:[0-9]{1,20}:[0-9,]{0,4000}\Z")


@dataclass(frozen=True)
class Cursor:
    """Where a reader stands.

    Attributes:
        epoch: the log's epoch; another one means that the log was replaced, as by a restore.
        scope: the person's role and areas; another one means that everything must be looked at afresh.
        seen: snapshot up to which all is known.
        until: snapshot that a page in progress was cut from, or None.
        last: last row of that page, or the place in the first pass over the present state.
    """

    epoch: str
    scope: str
    seen: str
    until: str | None = None
    last: str | None = None

    def encode(self) -> str:
        """Opaque text."""
        parts = [self.epoch, self.scope, self.seen, self.until, self.last]
        return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def _not_ours() -> Problem:
    return invalid(since=("unknown", "Send the cursor as it was answered, or none.", "请原样发送游标，或不发送。"))


def decode(text: str) -> Cursor:
    """Read a cursor.

    Raises:
        Problem: ``invalid`` where it is none of ours.
    """
    wrong = _not_ours()
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error) as error:
        raise wrong from error
    if not isinstance(parts, list) or len(parts) != 5 or not all(p is None or isinstance(p, str) for p in parts):  # noqa: PLR2004
        raise wrong
    cursor = Cursor(*parts)
    for snapshot in (cursor.seen, cursor.until):
        if snapshot is not None and not _SNAPSHOT.match(snapshot):
            raise wrong
    return cursor


def scope_mark(who: Principal) -> str:
    """Changes whenever the person's scope or role does, so that the phone starts afresh and forgets the rest."""
    return f"{who.role}:{','.join(map(str, sorted(who.scope_ids)))}"


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


def start_cursor(who: Principal) -> str:
    """A cursor at the present: for screens that have just drawn the present state."""
    with hot() as connection:
        row = connection.execute("select pg_current_snapshot()::text, epoch::text from feed_state").fetchone()
    if row is None:
        raise Problem("cursor_too_old")
    return Cursor(epoch=row[1], scope=scope_mark(who), seen=row[0]).encode()


def changes(who: Principal, since: str | None, *, limit: int = 200) -> dict[str, Any]:
    """The next page of the feed.

    Args:
        who: the reader.
        since: a cursor; None for the present state as upserts in pages, then the feed.
        limit: rows of a page, at most 500.

    Raises:
        Problem: ``cursor_too_old`` where the log no longer reaches back; ``invalid`` for no cursor of ours.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if since is None:
        return feed_things.present(who, _fresh(who), None, limit)
    cursor = decode(since)
    if cursor.last is not None and cursor.until is None:
        if not feed_things.is_place(cursor.last):
            raise _not_ours()
        return feed_things.present(who, cursor, cursor.last, limit)
    if not _ROW.match(cursor.last or "0"):
        raise _not_ours()
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
        raise _not_ours() from error
    if too_old or epoch != cursor.epoch or cursor.scope != scope_mark(who):
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

    Returns:
        How many rows went.
    """
    sql = """
    with gone as (delete from change where at < %s returning xid)
    update feed_state set horizon = greatest(horizon, coalesce((select max(xid) from gone), horizon))
    returning (select count(*) from gone)
    """
    with hot() as connection:
        row = connection.execute(sql, (older_than,)).fetchone()
    return int(row[0]) if row else 0
