"""A desk without pages: its admin of community A and the drafts that are typed there."""

from __future__ import annotations

from typing import Any, TypeVar

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Person
from gridapp.services.drafts import parse
from gridapp.services.staff.people import PersonDraft
from gridapp.services.staff.units import UnitDraft
from tests.support.world import World

Drafted = TypeVar("Drafted", bound=PersonDraft)


def admin_of_a(world: World) -> Principal:
    """The admin of community A."""
    return Principal(world.people["admin_a"].id, "admin", "Admin A", scope_ids=(world.areas["a"].id,))


def person_draft(world: World, model: type[Drafted], **given: Any) -> Drafted:
    """A newcomer of A2, apart from what is given."""
    plain = {"username": "newcomer", "name": "新人", "role": "worker", "scope": world.areas["a2"].code}
    return parse(model, {**plain, **given})


def unit_draft(world: World, **given: Any) -> UnitDraft:
    """A unit of community A, apart from what is given."""
    plain = {"code": "lz-01", "name": "综治办", "level": "community", "area": world.areas["a"].code}
    return parse(UnitDraft, {**plain, **given})


def person_of(world: World, key: str) -> Person:
    """Somebody of the world as they are stored now."""
    return session.get_one(Person, world.people[key].id)


def wrong_fields(problem: Problem) -> set[str]:
    """The fields that a refusal names."""
    assert problem.code == "invalid"
    return set(problem.errors)
