"""The escalation chain: building > group > community > street > district, and who answers at each level, as data."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select

from gridapp.db import session
from gridapp.models import LEVELS, ChainLink, Person, Unit
from gridapp.services import standing

Holder = tuple[uuid.UUID | None, uuid.UUID | None]
"""A post or a unit, or neither."""

UPWARDS: tuple[str, ...] = tuple(reversed(LEVELS))
DEFAULT: dict[str, str] = {
    "building": "worker",
    "group": "worker",
    "community": "chief",
    "street": "unit",
    "district": "unit",
}


@dataclass(frozen=True)
class Answerer:
    """Who answers at a level: a kind of post, or a unit, of which one may be named."""

    answerer: str
    unit_id: uuid.UUID | None = None


def links(path: list[int]) -> dict[str, Answerer]:
    """Who answers at each level for a place, by the path of its grid: the deepest area that says something decides."""
    query = select(ChainLink).where(ChainLink.grid_id.in_(path)).order_by(func.array_position(path, ChainLink.grid_id))
    said = {link.level: Answerer(link.answerer, link.unit_id) for link in session.scalars(query)}
    return {level: said.get(level, Answerer(DEFAULT[level])) for level in UPWARDS}


def above(
    path: list[int], level: str, preferred: str | None, *, besides: Holder = (None, None), admitted: bool = True
) -> Holder:
    """The first who answers above a level.

    Args:
        path: of the grid where the task lies.
        level: the level at which it is held now.
        preferred: code of the unit that its category names; it goes before others of its level.
        besides: the present holder, who is passed over: upwards is somebody else.
        admitted: whether a grid worker may have it; if not, levels where a worker answers are passed over.

    Returns:
        A post or a unit; neither where nobody answers above.
    """
    chain = links(path)
    for higher in UPWARDS[UPWARDS.index(level) + 1 :]:
        if chain[higher].answerer == "worker" and not admitted:
            continue
        found = _at(path, higher, chain[higher], preferred)
        if found not in ((None, None), besides):
            return found
    return None, None


def _at(path: list[int], level: str, link: Answerer, preferred: str | None) -> Holder:
    if link.answerer in ("worker", "chief"):
        return standing.in_path(path, link.answerer), None
    if link.answerer == "unit":
        return None, unit_at(path, level, preferred, link.unit_id)
    return None, None


def unit_at(path: list[int], level: str, preferred: str | None, named: uuid.UUID | None = None) -> uuid.UUID | None:
    """The unit in service that answers at a level for a place: the one named, the category's own, then any.

    One that has handlers goes before those where nobody would see the task.
    """
    staffed = exists().where(Person.unit_id == Unit.id, Person.retired_at.is_(None))
    serves = (Unit.level == level) & or_(Unit.grid_id.is_(None), Unit.grid_id.in_(path))
    order = (staffed.desc(), (Unit.id == named).desc(), (Unit.code == (preferred or "")).desc())
    query = (
        select(Unit.id)
        .where(Unit.retired_at.is_(None), or_(Unit.id == named, serves))
        .order_by(*order, Unit.grid_id.is_(None), Unit.code)
        .limit(1)
    )
    return session.scalar(query)
