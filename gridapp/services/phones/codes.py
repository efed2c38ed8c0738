"""Codes shown at the desk: a phone signs in by one, once and soon, without a password."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import Person, SignInCode
from gridapp.services import audit, auth
from gridapp.services.auth import SignedIn
from gridapp.services.phones.desk import person_of
from gridapp.timesource import now

CODE_BYTES = 18


@dataclass(frozen=True)
class Shown:
    """A code that is shown now, once; ``address`` opens the phone's page with it."""

    person: Person
    code: str
    address: str
    until: dt.datetime


def show(who: Principal, settings: Settings, person_id: uuid.UUID) -> Shown:
    """Make a code for a person of the desk; one that was shown before and not used is void.

    Raises:
        Problem: ``not_found`` for whom this desk shows none.
    """
    person = person_of(who, person_id)
    if person.id == who.person_id:
        raise Problem("forbidden", why=("have it shown by somebody else", "须由他人出示"))
    session.execute(delete(SignInCode).where(SignInCode.person_id == person.id, SignInCode.used_at.is_(None)))
    code, at = secrets.token_urlsafe(CODE_BYTES), now()
    until = at + dt.timedelta(minutes=settings.sign_in_code_minutes)
    made = SignInCode(
        code_hash=auth.hash_secret(code), person_id=person.id, made_by=who.person_id, made_at=at, expires_at=until
    )
    session.add(made)
    flush()
    audit.note(who, "show_code", "person", person.id, person.scope_grid_id)
    return Shown(person, code, f"{settings.public_url}/field#/sign-in/{code}", until)


def redeem(code: str, *, device: str, device_id: uuid.UUID | None = None) -> SignedIn:
    """Sign a device in by a code.

    Raises:
        Problem: ``wrong_code``, the same for one that was never made, was used, or is too old.
    """
    query = select(SignInCode).where(SignInCode.code_hash == auth.hash_secret(code)).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise Problem("wrong_code")
    person = session.get(Person, found.person_id)
    if person is None or person.retired_at is not None:
        raise Problem("wrong_code")
    found.used_at = now()
    return auth.issue(person, device=device, device_id=device_id)
