"""Signing in and out: opaque tokens kept as hashes, wrong tries counted durably, a principal found in one statement."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import argon2
from psycopg import Connection
from sqlalchemy import select, update

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import flush, hot, session
from gridapp.errors import Problem
from gridapp.models import Person, Token
from gridapp.services.statement import Statement
from gridapp.timesource import now

TOUCH_AFTER = dt.timedelta(hours=1)

TOKEN = {
    "token_hash": "bytea",
    "oldest": "timestamptz",
    "minute": "bigint",
    "second": "bigint",
    "rated": "bool",
    "now": "timestamptz",
}
"""The columns of ``asked`` that ``SIGNED`` reads; ``token_values`` gives them."""

SIGNED = """signed as materialized (
  select a.nth, a.rated, a.minute, a.second, a.now, s.*
  from asked a cross join lateral (
    select t.id as token_id, t.person_id, t.last_used_at, p.role, p.name, p.language, p.scope_grid_id, p.unit_id
    from token t join person p on p.id = t.person_id
    where t.secret_hash = a.token_hash and t.revoked_at is null and t.last_used_at > a.oldest and p.retired_at is null
    limit 1) s
), counted as (
  insert into rate_window as w (key, minute, minute_hits, second, second_hits)
  select token_id::text, max(minute), count(*), max(second), count(*) from signed where rated
  group by token_id order by token_id
  on conflict (key) do update set
    minute = excluded.minute, second = excluded.second,
    minute_hits = case when w.minute = excluded.minute then w.minute_hits else 0 end + excluded.minute_hits,
    second_hits = case when w.second = excluded.second then w.second_hits else 0 end + excluded.second_hits
  returning key, minute_hits, second_hits
), who as materialized (
  select signed.*, posts.ids, posts.grids, signed.scope_grid_id || coalesce(posts.deputies, '{}') as scope_ids,
    counted.minute_hits - signed.later as minute_hits, counted.second_hits - signed.later as second_hits
  from (
    select *, count(*) over (partition by token_id, rated)
      - row_number() over (partition by token_id, rated order by nth) as later from signed) signed
  cross join lateral (
    select array_agg(id) as ids, array_agg(grid_id) as grids, array_agg(grid_id) filter (where deputy) as deputies
    from post where person_id = signed.person_id and during @> signed.now
  ) posts
  left join counted on counted.key = signed.token_id::text and signed.rated
)"""
"""The beginning of a statement that is run for tokens: ``who`` is the person behind each, counted; none for a dead one.

Askers with one token in one run are counted one after the other. ``principal_from`` reads ``COLUMNS``.
"""

COLUMNS = """who.nth, who.token_id, who.last_used_at, who.minute_hits, who.second_hits, who.person_id, who.role,
  who.name, who.language, who.unit_id, who.scope_ids, who.ids, who.grids"""

PRINCIPAL = Statement(TOKEN, f", {SIGNED} select {COLUMNS} from who")


@dataclass(frozen=True)
class SignedIn:
    """A fresh sign-in: the secret is shown once and kept nowhere."""

    secret: str
    token: Token
    person: Person


@cache
def _hasher() -> argon2.PasswordHasher:
    """Argon2id with 19 MiB, two passes, one lane (OWASP ASVS 5.0, 11.4.2)."""
    return argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """A hash to verify against when the name is unknown, so that both refusals take the same time."""
    return _hasher().hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """Hash a password for keeping."""
    return _hasher().hash(password)


def hash_secret(secret: str) -> bytes:
    """Hash a token's secret; it has 256 random bits, so a plain digest is enough."""
    return hashlib.sha256(secret.encode()).digest()


def sign_in(
    settings: Settings,
    username: str,
    password: str,
    *,
    device: str,
    kind: str = "device",
    device_id: uuid.UUID | None = None,
) -> SignedIn:
    """Sign a device in.

    Raises:
        Problem: ``locked`` after too many wrong tries; ``wrong_credentials``, the same for an unknown name and a wrong
            password.
    """
    name = username.strip().lower()
    attempt = _begin(settings, name)
    person = session.scalar(select(Person).where(Person.username == name, Person.retired_at.is_(None)))
    if not _verify(person.password_hash if person else _nobodys_hash(), password) or person is None:
        raise Problem("wrong_credentials")
    _take_back(attempt)
    return issue(person, device=device, kind=kind, device_id=device_id)


def issue(person: Person, *, device: str, kind: str = "device", device_id: uuid.UUID | None = None) -> SignedIn:
    """A fresh token for somebody who has proved who they are."""
    secret = secrets.token_urlsafe(32)
    at = now()
    token = Token(
        id=uuid.uuid4(),
        person_id=person.id,
        secret_hash=hash_secret(secret),
        kind=kind,
        device=device,
        device_id=device_id,
        created_at=at,
        last_used_at=at,
    )
    session.add(token)
    flush()
    return SignedIn(secret, token, person)


def sign_out(who: Principal) -> None:
    """Revoke the token in use."""
    session.execute(update(Token).where(Token.id == who.token_id).values(revoked_at=now()))
    flush()


def principal_of(settings: Settings, secret: str, *, rated: bool) -> Principal:
    """The person behind a token, found and counted against the rate limits in one statement.

    Raises:
        Problem: ``unauthenticated`` for a dead or unknown token, ``too_many`` over the limits.
    """
    values = token_values(settings, secret, rated=rated)
    with hot() as connection:
        row = PRINCIPAL.row(connection, values)
        if row is None:
            raise _dead(connection, values["token_hash"])
    return principal_from(settings, values, row)


def token_values(settings: Settings, secret: str, *, rated: bool) -> dict[str, Any]:
    """The parameters of ``SIGNED``."""
    at = now()
    epoch = int(at.timestamp())
    return {
        "token_hash": hash_secret(secret),
        "oldest": at - dt.timedelta(days=settings.token_days),
        "minute": epoch // 60,
        "second": epoch,
        "rated": rated,
        "now": at,
    }


def principal_from(settings: Settings, values: Mapping[str, Any], row: Mapping[str, Any]) -> Principal:
    """The person of a row of ``who``; the token is marked as used now and then.

    Raises:
        Problem: ``too_many`` over the limits.
    """
    if values["now"] - row["last_used_at"] > TOUCH_AFTER:
        with hot() as connection:
            connection.execute("update token set last_used_at = %s where id = %s", (values["now"], row["token_id"]))
    _refuse_when_too_many(settings, values["second"], row["minute_hits"], row["second_hits"])
    return Principal(
        person_id=row["person_id"],
        role=row["role"],
        name=row["name"],
        language=row["language"],
        scope_ids=tuple(row["scope_ids"]),
        unit_id=row["unit_id"],
        post_ids=tuple(row["ids"] or ()),
        post_grid_ids=tuple(row["grids"] or ()),
        token_id=row["token_id"],
        calls_left=None if row["minute_hits"] is None else settings.rate_per_minute - row["minute_hits"],
    )


def room_headers(settings: Settings, who: Principal) -> list[tuple[str, str]]:
    """How much of the limit a minute is left, for callers that pace themselves; nothing where a call was not counted.

    The names are those of draft-ietf-httpapi-ratelimit-headers-03; the window ends with the minute of the clock.
    """
    if who.calls_left is None:
        return []
    return [
        ("RateLimit-Limit", str(settings.rate_per_minute)),
        ("RateLimit-Remaining", str(who.calls_left)),
        ("RateLimit-Reset", str(_to_next_minute(int(now().timestamp())))),
    ]


def _to_next_minute(epoch: int) -> int:
    return 60 - epoch % 60


def _dead(connection: Connection[Any], secret_hash: object) -> Problem:
    """A lost phone is to erase itself; where a token only ended, what waits on the phone stays for the next sign-in."""
    lost = "select 1 from token where secret_hash = %s and lost_at is not null"
    return Problem("locked_out" if connection.execute(lost, (secret_hash,)).fetchone() else "unauthenticated")


def _refuse_when_too_many(settings: Settings, epoch: int, minute_hits: int | None, second_hits: int | None) -> None:
    if (minute_hits or 0) > settings.rate_per_minute:
        wait = _to_next_minute(epoch)
        raise Problem("too_many", seconds=wait, headers={"Retry-After": str(wait)})
    if (second_hits or 0) > settings.rate_per_second:
        raise Problem("too_many", seconds=1, headers={"Retry-After": "1"})


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher().verify(kept, password)
    except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
        return False


def _begin(settings: Settings, name: str) -> int:
    """Count a try as a failure before it is looked at, so that many at once are no more than one after the other.

    On a connection of its own and committed at once: it is kept although the request ends in a refusal.

    Raises:
        Problem: ``locked``.
    """
    with hot() as connection, connection.transaction():
        # A statement of its own: what waits for the lock and counts in one would count what was before it waited.
        connection.execute("select pg_advisory_xact_lock(hashtextextended('sign in ' || %s, 0))", (name,))
        _refuse_when_locked(connection, settings, name)
        kept = connection.execute(
            "insert into sign_in_failure (username, at) values (%s, %s) returning id", (name, now())
        ).fetchone()
    return int(kept[0]) if kept else 0


def _take_back(attempt: int) -> None:
    """The try was none that failed."""
    with hot() as connection:
        connection.execute("delete from sign_in_failure where id = %s", (attempt,))


def _refuse_when_locked(connection: Connection[Any], settings: Settings, name: str) -> None:
    """Locked while the last ``login_tries`` failures lie within the window and the newest is younger than the lock."""
    rows = connection.execute(
        "select at from sign_in_failure where username = %s order by at desc limit %s", (name, settings.login_tries)
    ).fetchall()
    if len(rows) < settings.login_tries:
        return
    newest, oldest = rows[0][0], rows[-1][0]
    within = newest - oldest <= dt.timedelta(minutes=settings.login_window_minutes)
    left = newest + dt.timedelta(minutes=settings.login_lock_minutes) - now()
    if within and left > dt.timedelta(0):
        seconds = str(int(left.total_seconds()) + 1)
        raise Problem("locked", minutes=settings.login_lock_minutes, headers={"Retry-After": seconds})
