"""The audit list: who read or changed what besides tasks, append-only; each entry names the area that it is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, cast, func, or_, select
from sqlalchemy.orm import aliased

from gridapp.access import Principal
from gridapp.db import flush, hot, session
from gridapp.models import AuditEntry, Grid, Person
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import in_scope
from gridapp.timesource import now

NOTE_NOW = """
insert into audit_entry (at, actor_id, action, subject_kind, subject_id, detail)
values (%s, %s, %s, %s, %s, %s::jsonb)
"""


def note(who: Principal, action: str, kind: str, subject: object, grid_id: int | None, **detail: Any) -> None:
    """Note a change in the transaction that makes it.

    Args:
        who: the actor.
        action: what was done, ``verb`` or ``verb_thing``.
        kind: kind of the subject: ``person``, ``post``, ``unit``, ``token``, ``export`` …
        subject: its id.
        grid_id: the area that it belongs to, by which the entry is in somebody's scope.
        detail: what else is worth knowing; no secrets, no personal data in clear.
    """
    session.add(
        AuditEntry(
            at=now(),
            actor_id=who.person_id,
            action=action,
            subject_kind=kind,
            subject_id=str(subject),
            detail={**detail, "grid_id": grid_id},
        )
    )
    flush()


def note_now(who: Principal, action: str, kind: str, subject: object, grid_id: int | None, **detail: Any) -> None:
    """Note what was read, on a connection of its own: it stays although the request may end in a refusal."""
    said = orjson.dumps({**detail, "grid_id": grid_id}).decode()
    with hot() as connection:
        connection.execute(NOTE_NOW, (now(), who.person_id, action, kind, str(subject), said))


def entries(who: Principal, number: int = 1, *, words: str = "", kind: str = "", subject: str = "") -> Page[AuditEntry]:
    """Entries about what is in scope, newest first; ``words`` are looked for in the actor's name and the action."""
    query = select(AuditEntry).where(_visible(who)).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    if kind:
        query = query.where(AuditEntry.subject_kind == kind)
    if subject:
        query = query.where(AuditEntry.subject_id == subject)
    if words:
        named = select(Person.id).where(
            or_(Person.name.icontains(words, autoescape=True), Person.username.icontains(words, autoescape=True))
        )
        query = query.where(or_(AuditEntry.actor_id.in_(named), AuditEntry.action.icontains(words, autoescape=True)))
    return page_of(query, number)


def actors(found: list[AuditEntry]) -> dict[object, str]:
    """Names of those who did the entries, by id."""
    ids = {entry.actor_id for entry in found if entry.actor_id}
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())


def last_change(kind: str, subject: object) -> tuple[str, dt.datetime | None]:
    """Who changed a subject last and when; nobody known where it was never edited at a desk."""
    row = session.execute(
        select(func.coalesce(Person.name, "系统"), AuditEntry.at)
        .join(Person, Person.id == AuditEntry.actor_id, isouter=True)
        .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == str(subject), AuditEntry.action != "reveal")
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else ("", None)


def _visible(who: Principal) -> ColumnElement[bool]:
    """In scope by the area of its subject; where that is not known, by the area of its actor."""
    area = cast(AuditEntry.detail["grid_id"].astext, BigInteger)
    actor = aliased(Person)
    scopes = select(actor.scope_grid_id).where(actor.id == AuditEntry.actor_id).scalar_subquery()
    grid_id = func.coalesce(area, scopes)
    return in_scope(grid_id, who)


def areas(found: list[AuditEntry]) -> dict[int, Grid]:
    """The areas that the entries are about or that they name as changed, by id."""
    ids = {entry.detail.get("grid_id") for entry in found}
    for entry in found:
        changed = entry.detail.get("changed", {})
        ids.update(*(changed.get(name, ()) for name in ("scope_grid_id", "grid_id")))
    ids.discard(None)
    return {grid.id: grid for grid in session.scalars(select(Grid).where(Grid.id.in_(ids)))}
