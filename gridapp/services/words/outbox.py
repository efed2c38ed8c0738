"""The outbox handed on: what was committed becomes letters to persons and messages to receivers, in one transaction.

Triggers fill the outbox in the transaction that makes an event or a notice, so nothing is sent that was rolled back
and nothing is lost that was committed. What is visible has been committed; what a slow writer commits later is handed
on later. One pass runs at a time, so messages get their order in that of the commits, and the events of one task,
which wait for each other, in theirs.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import current_app
from psycopg import Connection

from gridapp.config import Settings
from gridapp.services.bulk import take_time, wire
from gridapp.services.deliveries import messages
from gridapp.services.words.kinds import is_urgent
from gridapp.services.words.quiet import after_quiet
from gridapp.timesource import now

MOST = 2000
"""Rows of one pass."""

ALONE = "select pg_try_advisory_xact_lock(hashtextextended('gridapp.outbox', 0))"
TAKE = "delete from outbox where id in (select id from outbox order by id limit %s) returning id, kind, key"
TO_SEAL = "insert into unsealed (event_id) select unnest(%s::uuid[]) on conflict do nothing"
TOLD = """
select n.person_id, n.batch, array_agg(n.kind), c.letters, c.quiet_from, c.quiet_until
from notice n join contact c on c.person_id = n.person_id join person p on p.id = n.person_id
where n.id = any(%s) and c.confirmed_at is not null and c.letters <> 'none' and p.retired_at is null
group by n.person_id, n.batch, c.person_id
"""
WRITE = """
insert into letter (person_id, batch, next_at, created_at) values (%s, %s, %s, %s)
on conflict (person_id, batch) do update set state = 'waiting', done_at = null,
    again_at = case when letter.state = 'waiting' then excluded.next_at end,
    next_at = case when letter.state = 'waiting' then least(letter.next_at, excluded.next_at) else excluded.next_at end,
    tries = case when letter.state = 'waiting' then letter.tries else 0 end,
    parcel = case when letter.state = 'waiting' then letter.parcel end
  where letter.state <> 'failed'
"""


def hand_on() -> int:
    """Hand on what waits in the outbox, at most so many rows; none while another process does.

    Returns:
        How many rows were handed on.
    """
    with wire() as connection:
        take_time(connection)
        if not (connection.execute(ALONE).fetchone() or (False,))[0]:
            return 0
        rows = sorted(connection.execute(TAKE, (MOST,)).fetchall())
        events = [uuid.UUID(key) for _, kind, key in rows if kind == "event"]
        connection.execute(TO_SEAL, (events,))
        messages.write_events(connection, events)
        messages.write_heads(connection, [key for _, kind, key in rows if kind == "head"])
        _write_letters(connection, [int(key) for _, kind, key in rows if kind == "notice"])
    return len(rows)


def _write_letters(connection: Connection[Any], notices: list[int]) -> None:
    """A letter for each person and batch, due after the person's quiet hours unless something in it is urgent."""
    settings: Settings = current_app.extensions["settings"]
    if settings.mail_host is None or not notices:
        return
    at = now()
    for person_id, batch, kinds, wanted, begins, ends in connection.execute(TOLD, (notices,)).fetchall():
        urgent = any(map(is_urgent, kinds))
        if wanted == "urgent" and not urgent:
            continue
        due = at if urgent else _due(settings, at, begins, ends)
        connection.execute(WRITE, (person_id, batch, due, at))


def _due(settings: Settings, at: dt.datetime, begins: dt.time | None, ends: dt.time | None) -> dt.datetime:
    """The person's own quiet hours where they have chosen some, else those of the settings."""
    if begins is None or ends is None:
        begins, ends = settings.quiet_from, settings.quiet_until
    return after_quiet(at, begins, ends, settings.timezone)
