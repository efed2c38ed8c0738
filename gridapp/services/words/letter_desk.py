"""Letters that nobody took, as the admin's desk shows them: to whom, why, and sending them again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from gridapp.access import Principal
from gridapp.db import session
from gridapp.models import Letter, Person
from gridapp.services import audit
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import in_scope
from gridapp.timesource import now


def failed(who: Principal, number: int = 1) -> Page[Letter]:
    """Letters to people in scope that were refused at every try, newest first."""
    query = select(Letter).where(Letter.state == "failed", Letter.person_id.in_(_people(who)))
    return page_of(query.order_by(Letter.id.desc()), number)


def readers(letters: list[Letter]) -> dict[object, Person]:
    """Those whom the letters are to, by id."""
    ids = {letter.person_id for letter in letters}
    return {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}


def send_again(who: Principal) -> int:
    """Let the letters to people in scope that failed wait again; what was read or overtaken since is dropped then.

    Returns:
        How many.
    """
    wanted = (Letter.state == "failed", Letter.person_id.in_(_people(who)))
    done = session.execute(update(Letter).where(*wanted).values(state="waiting", tries=0, next_at=now(), parcel=None))
    count = int(done.rowcount)  # type: ignore[attr-defined]  # a statement that changes rows has it
    scope = session.get_one(Person, who.person_id).scope_grid_id
    audit.note(who, "replay", "letter", "", scope, count=count)
    return count


def _people(who: Principal) -> Any:
    return select(Person.id).where(in_scope(Person.scope_grid_id, who))
