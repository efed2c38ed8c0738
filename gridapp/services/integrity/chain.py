"""Events chained by hashes: sealed in batches after their commit, so that filing and acting wait for nothing.

An event that was committed waits in ``unsealed``; whoever can be seen there has been committed, in whatever order. A
job takes what waits, computes a digest of each event with its photos, and adds a link to the chain: its head is a
hash over the head before and all ids and digests of the batch. Rows of ``seal`` are append-only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable

from flask import current_app

from gridapp.config import Settings
from gridapp.services.bulk import take_time, wire
from gridapp.timesource import now

METHOD = 1
"""Which digest and which head; an older one stays readable when another is introduced."""
MOST = 5000
"""Events of one link."""
NOTHING = bytes(32)
"""The head before the first."""

DIGEST = """
sha256(convert_to(jsonb_build_array('gridapp event 1', jsonb_strip_nulls(to_jsonb(e) - 'changes'), e.changes, (
  select jsonb_agg(jsonb_build_array(p.ordinal, p.sha256, p.phase) order by p.ordinal)
  from task_photo p where p.task_id = e.task_id and p.event_id = e.id))::text, 'UTF8'))
"""
"""Of the row ``e``: every column that says something, what it changed, and its photos; times in UTC."""

ALONE = "select pg_advisory_xact_lock(hashtextextended('gridapp.seal', 0))"
UTC = "set local timezone = 'UTC'"
TAKE = f"""
with taken as (
  delete from unsealed where event_id in (
    select u.event_id from unsealed u join task_event e on e.id = u.event_id limit {MOST}
  ) returning event_id
)
select e.id, {DIGEST} from taken join task_event e on e.id = taken.event_id order by e.at, e.task_id, e.seq
"""
LAST = "select number, head from seal order by number desc limit 1"
ADD = """
insert into seal (number, day, at, method, events, digests, head) values (%s, %s, %s, %s, %s::uuid[], %s::bytea[], %s)
"""
CLOSE = """
insert into day_head (day, number, head, at)
select s.day, s.number, s.head, %(at)s from seal s
where s.day < %(today)s and not exists (select 1 from day_head d where d.day = s.day)
  and not exists (select 1 from seal later where later.day = s.day and later.number > s.number)
order by s.day returning day
"""
TELL = "insert into outbox (kind, key) values ('head', %s)"


def head_of(before: bytes, number: int, day: dt.date, members: Iterable[tuple[uuid.UUID, bytes]]) -> bytes:
    """The head of a link: whoever knows it and the link's members can prove both."""
    hashed = hashlib.sha256(before)
    hashed.update(f"gridapp seal {METHOD} {number} {day.isoformat()}".encode())
    for event_id, digest in members:
        hashed.update(event_id.bytes + digest)
    return hashed.digest()


def seal() -> int:
    """Add a link of what waits, in the running transaction.

    Returns:
        How many events it holds.
    """
    settings: Settings = current_app.extensions["settings"]
    at = now()
    with wire() as connection:
        take_time(connection)
        connection.execute(ALONE)
        connection.execute(UTC)
        members = [(event, bytes(digest)) for event, digest in connection.execute(TAKE).fetchall()]
        if members:
            number, before = connection.execute(LAST).fetchone() or (0, NOTHING)
            day = at.astimezone(settings.timezone).date()
            head = head_of(bytes(before), number + 1, day, members)
            events, digests = [event for event, _ in members], [digest for _, digest in members]
            connection.execute(ADD, (number + 1, day, at, METHOD, events, digests, head))
    return len(members)


def close_days() -> list[dt.date]:
    """Note the head of each day that is over, once, and put it into the outbox to be held elsewhere.

    Returns:
        The days.
    """
    settings: Settings = current_app.extensions["settings"]
    at = now()
    with wire() as connection:
        connection.execute(ALONE)
        values = {"at": at, "today": at.astimezone(settings.timezone).date()}
        days = [day for (day,) in connection.execute(CLOSE, values).fetchall()]
        for day in days:
            connection.execute(TELL, (day.isoformat(),))
    return days
