"""Whose phones a desk looks after, and locking a lost one out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from gridapp.access import ADMIN, WORKER, Principal
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import Person, Token
from gridapp.services import audit
from gridapp.services.paging import Page, page_of
from gridapp.services.phones import keys
from gridapp.services.scope import in_scope, the_one
from gridapp.timesource import now


@dataclass(frozen=True)
class Row:
    """A person with the phones that are signed in."""

    person: Person
    phones: list[Token]


def search(who: Principal, number: int = 1, *, words: str = "") -> Page[Row]:
    """Persons of the desk by name or user name, with their phones, last used first."""
    query = select(Person).where(_looked_after(who)).order_by(Person.name, Person.id)
    if words:
        columns = (Person.name, Person.username)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    page = page_of(query, number)
    ids = [person.id for person in page.items]
    tokens = session.scalars(
        select(Token)
        .where(Token.person_id.in_(ids), Token.kind == "device", Token.revoked_at.is_(None))
        .order_by(Token.last_used_at.desc())
    ).all()
    rows = [Row(person, [token for token in tokens if token.person_id == person.id]) for person in page.items]
    return Page(rows, page.number, page.pages, page.total)


def person_of(who: Principal, person_id: uuid.UUID) -> Person:
    """A person whom the desk looks after.

    Raises:
        Problem: ``not_found``.
    """
    person = session.scalar(select(Person).where(Person.id == person_id, _looked_after(who)))
    if person is None:
        raise Problem("not_found")
    return person


def lock_out(who: Principal, token_id: uuid.UUID) -> Token:
    """A phone is lost: its token ends, it is told to erase itself, and the key of what lies on it is destroyed.

    Raises:
        Problem: ``not_found`` where the desk looks after no such phone.
    """
    query = select(Token).join(Token.person).options(joinedload(Token.person))
    query = query.where(Token.id == token_id, Token.kind == "device", _looked_after(who))
    token = the_one(query, Token, lock=True)
    if token.lost_at is None:
        token.lost_at = now()
        token.revoked_at = token.revoked_at or token.lost_at
        keys.destroy(token.person_id, token.device_id)
        flush()
        area = token.person.scope_grid_id
        audit.note(who, "lock_out", "token", token.id, area, device=token.device, username=token.person.username)
    return token


def _looked_after(who: Principal) -> ColumnElement[bool]:
    """An administrator looks after everybody in scope, a chief after the workers; both after themselves."""
    found = in_scope(Person.scope_grid_id, who) & Person.retired_at.is_(None)
    return found if who.role == ADMIN else found & ((Person.role == WORKER) | (Person.id == who.person_id))
