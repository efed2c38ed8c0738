"""Delivering in order: the oldest message of a receiver goes first, and what follows waits until it is taken.

A receiver that does not answer is asked again with growing pauses; after the last one it is stopped and its admins are
told. Nothing is thrown away: once it is replayed, all messages follow in their order. Each step is a statement of its
own, so that a process killed in between costs at most one message sent twice, under the same id.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app

from gridapp.config import Settings
from gridapp.db import hot
from gridapp.services.deliveries.sending import Outcome, Parcel, send
from gridapp.timesource import now

PAUSES = tuple(
    dt.timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400)
)
"""Between one try and the next; after the last one the receiver is stopped."""
GONE = 410
AT_ONCE = 500
"""Messages of one job; the rest is for the next, so that nobody keeps a worker to themselves."""
TURN = dt.timedelta(seconds=20)
"""And no job begins another message after so long: one who answers slowly keeps no clock waiting."""

DUE = """
select r.id from receiver r cross join lateral (
  select d.next_at from delivery d where d.receiver_id = r.id and d.state in ('waiting', 'failed') order by d.id limit 1
) head
where r.active and r.stopped_at is null and head.next_at <= %s order by head.next_at
"""
HEAD = """
select d.id, d.tries, d.message_id, d.body, r.url, r.secret, case when r.old_until > %(at)s then r.old_secret end
from receiver r cross join lateral (
  select * from delivery where receiver_id = r.id and state in ('waiting', 'failed') order by id limit 1
) d
where r.id = %(receiver)s and r.active and r.stopped_at is null and d.next_at <= %(at)s
"""
NOTE = """
with tried as (
  insert into delivery_try (delivery_id, at, status, error, took_ms)
  values (%(id)s, %(at)s, %(status)s, %(error)s, %(took)s)
), moved as (
  update delivery set tries = tries + 1, state = %(state)s, next_at = coalesce(%(next)s, next_at), done_at = %(done)s
  where id = %(id)s and tries = %(tries)s returning receiver_id
), stopped as (
  update receiver r set stopped_at = %(at)s from moved
  where r.id = moved.receiver_id and %(state)s = 'failed' and r.stopped_at is null returning r.*
)
insert into notice (person_id, kind, params, at)
select p.id, 'receiver_stopped', jsonb_build_object('name', s.name, 'receiver', s.id), %(at)s
from stopped s join grid g on g.id = s.scope_grid_id join person p on p.scope_grid_id = any(g.path)
where p.role = 'admin' and p.retired_at is null
"""
PRUNE = "delete from delivery where state in ('done', 'dropped') and coalesce(done_at, created_at) < %s"


@dataclass(frozen=True)
class _Head:
    """The message that is next."""

    id: int
    tries: int
    parcel: Parcel


def due() -> list[uuid.UUID]:
    """Receivers for whom something is due now."""
    with hot() as connection:
        return [row[0] for row in connection.execute(DUE, (now(),)).fetchall()]


def deliver(receiver_id: uuid.UUID) -> int:
    """Send what is due to one receiver, in order, until one is not taken; nothing while another process does.

    Returns:
        How many messages the receiver took.
    """
    settings: Settings = current_app.extensions["settings"]
    taken, ends = 0, time.monotonic() + TURN.total_seconds()
    with _alone(receiver_id) as mine:
        while mine and taken < AT_ONCE and (head := _next(receiver_id)) is not None:
            outcome = send(settings, head.parcel)
            _note(head, outcome)
            if not outcome.good:
                break
            taken += 1
            if time.monotonic() >= ends:
                break
    return taken


@contextmanager
def _alone(receiver_id: uuid.UUID) -> Iterator[bool]:
    """Whether this process is the one that sends to the receiver; a process that dies lets go by itself."""
    key = f"gridapp.receiver.{receiver_id}"
    with hot() as connection:
        row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (key,)).fetchone()
        mine = bool(row and row[0])
        try:
            yield mine
        finally:
            if mine:
                connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (key,))


def _next(receiver_id: uuid.UUID) -> _Head | None:
    with hot() as connection:
        row = connection.execute(HEAD, {"receiver": receiver_id, "at": now()}).fetchone()
    if row is None:
        return None
    number, tries, message_id, body, url, secret, old = row
    return _Head(number, tries, Parcel(url, message_id, body.encode(), tuple(filter(None, (secret, old)))))


def _note(head: _Head, outcome: Outcome) -> None:
    at = now()
    last = head.tries >= len(PAUSES) or outcome.status == GONE
    state = "done" if outcome.good else "failed" if last else "waiting"
    values = {
        "id": head.id,
        "at": at,
        "tries": head.tries,
        "status": outcome.status,
        "error": outcome.error,
        "took": outcome.took_ms,
        "state": state,
        "next": at + PAUSES[head.tries] if state == "waiting" else None,
        "done": at if outcome.good else None,
    }
    with hot() as connection:
        connection.execute(NOTE, values)


def prune(older_than: dt.datetime) -> int:
    """Forget what was delivered before a time, or given up by an admin, with its tries; what waits or failed stays.

    Returns:
        How many messages went.
    """
    with hot() as connection:
        return connection.execute(PRUNE, (older_than,)).rowcount
