"""Signed-in devices and browsers: seen and revoked at the desk."""

from __future__ import annotations

import uuid

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.models import Person, Token
from gridapp.services import audit
from gridapp.services.drafts import Draft, Line
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import in_scope, the_one
from gridapp.timesource import now


class NameDraft(Draft):
    """What a device is called."""

    device: Line


def search(who: Principal, number: int = 1, *, words: str = "", person_id: uuid.UUID | None = None) -> Page[Token]:
    """Sign-ins of persons in scope that are not revoked, last used first."""
    query = (
        select(Token)
        .join(Token.person)
        .options(joinedload(Token.person))
        .where(in_scope(Person.scope_grid_id, who), Token.revoked_at.is_(None))
        .order_by(Token.last_used_at.desc(), Token.id)
    )
    if person_id:
        query = query.where(Token.person_id == person_id)
    if words:
        columns = (Person.name, Person.username, Token.device)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    return page_of(query, number)


def device_in_scope(who: Principal, token_id: uuid.UUID, *, lock: bool = False) -> Token:
    """The sign-in.

    Raises:
        Problem: ``not_found`` where there is none, or its person is not in scope.
    """
    query = select(Token).join(Token.person).where(Token.id == token_id, in_scope(Person.scope_grid_id, who))
    return the_one(query, Token, lock=lock)


def rename(who: Principal, token_id: uuid.UUID, draft: NameDraft) -> Token:
    """Call a device by a name that people know it by.

    Raises:
        Problem: ``not_found`` as above.
    """
    token = device_in_scope(who, token_id, lock=True)
    if token.device != draft.device:
        before, token.device = token.device, draft.device
        flush()
        area = token.person.scope_grid_id
        audit.note(who, "edit", "token", token.id, area, changed={"device": [before, draft.device]})
    return token


def revoke(who: Principal, token_id: uuid.UUID) -> Token:
    """End a sign-in; once more is harmless.

    Raises:
        Problem: ``not_found`` where there is none, or its person is not in scope.
    """
    token = device_in_scope(who, token_id, lock=True)
    if token.revoked_at is None:
        token.revoked_at = now()
        flush()
        area = token.person.scope_grid_id
        audit.note(who, "revoke", "token", token.id, area, device=token.device, username=token.person.username)
    return token


def revoke_all(person: Person) -> None:
    """End every sign-in of a person."""
    session.execute(
        update(Token).where(Token.person_id == person.id, Token.revoked_at.is_(None)).values(revoked_at=now())
    )
