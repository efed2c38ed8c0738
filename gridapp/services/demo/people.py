"""Units, accounts and posts of the sample district; all accounts share one password."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import Range

from geodata import sample
from gridapp.access import Principal
from gridapp.db import session
from gridapp.models import Person, Post, Shift, Unit
from gridapp.services import auth

MARK = "dispatcher1"
"""The account by which a loaded district is known."""
POSTED = ("worker", "chief")


@dataclass
class Cast:
    """Who plays in the stories of the tasks, by user names and codes."""

    people: dict[str, Principal] = field(default_factory=dict)
    posts: dict[str, uuid.UUID] = field(default_factory=dict)
    units: dict[str, uuid.UUID] = field(default_factory=dict)
    handlers: dict[uuid.UUID, Principal] = field(default_factory=dict)

    def of_role(self, role: str) -> list[Principal]:
        """Everybody of a role."""
        return [person for person in self.people.values() if person.role == role]


def load_people(district: sample.SampleDistrict, grids: dict[str, int], password: str, since: dt.datetime) -> Cast:
    """Store units, persons and posts; who is who."""
    cast = Cast(units=_load_units(district.units, grids))
    hashed = auth.hash_password(password)
    persons, posts = [], []
    for person in district.people:
        row = _person(person, grids, cast, hashed, since)
        persons.append(row)
        who = Principal(row["id"], person.role, person.name, (row["scope_grid_id"],), unit_id=row["unit_id"])
        cast.people[person.username] = who
        if row["unit_id"]:
            cast.handlers[row["unit_id"]] = who
        if person.post and person.role in POSTED:
            cast.posts[person.username] = uuid.uuid4()
            posts.append(_post(person, cast, grids, since))
    session.execute(insert(Person), persons)
    session.execute(insert(Post), posts)
    return cast


def _load_units(units: tuple[sample.Unit, ...], grids: dict[str, int]) -> dict[str, uuid.UUID]:
    ids = {unit.code: uuid.uuid4() for unit in units}
    rows = [
        {
            "id": ids[unit.code],
            "code": unit.code,
            "name": unit.name,
            "name_en": unit.name_en,
            "level": unit.level,
            "grid_id": grids[unit.grid],
        }
        for unit in units
    ]
    session.execute(insert(Unit), rows)
    return ids


def _person(
    person: sample.Person, grids: dict[str, int], cast: Cast, hashed: str, since: dt.datetime
) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "username": person.username,
        "name": person.name,
        "role": person.role,
        "scope_grid_id": grids[person.scope],
        "unit_id": cast.units[person.unit] if person.unit else None,
        "phone": person.phone.replace(" ", ""),
        "titles": list(person.titles),
        "password_hash": hashed,
        "created_at": since,
    }


def _post(person: sample.Person, cast: Cast, grids: dict[str, int], since: dt.datetime) -> dict[str, object]:
    return {
        "id": cast.posts[person.username],
        "person_id": cast.people[person.username].person_id,
        "grid_id": grids[str(person.post)],
        "kind": person.role,
        "during": Range(since, None),
    }


def go_on_duty(cast: Cast, since: dt.datetime) -> None:
    """Every worker is on duty since a time."""
    workers = [person.person_id for person in cast.of_role("worker")]
    session.execute(
        insert(Shift), [{"id": uuid.uuid4(), "person_id": who, "during": Range(since, None)} for who in workers]
    )


def is_loaded() -> bool:
    """Whether the accounts are there."""
    return session.scalar(select(Person.id).where(Person.username == MARK)) is not None


def set_password(password: str, usernames: list[str]) -> None:
    """Give the accounts another password."""
    hashed = auth.hash_password(password)
    session.execute(update(Person).where(Person.username.in_(usernames)).values(password_hash=hashed))
