"""The escalation chain: building > group > community > street > district, and who answers at each level, as data."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select

from gridapp.access import CHIEF
from gridapp.db import session
from gridapp.models import LEVELS, ChainLink, Person, Post, Unit
from gridapp.services.staff import standing

Holder = tuple[uuid.UUID | None, uuid.UUID | None]
"""A post or a unit, or neither."""
NOBODY: Holder = (None, None)

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


def above(path: list[int], holder: Holder, preferred: str | None, *, admitted: bool = True) -> Holder:
    """The first who answers above a holder.

    Whoever the chain names at a higher level is passed over where they themselves stand no higher than the holder, so
    that nothing ever circles: each who has it stands higher than the one before. It ends at the units of the district,
    which answer also where the chain names somebody below for the district.

    Args:
        path: of the grid where the task lies.
        holder: who holds it now, if anybody does.
        preferred: code of the unit that its category names; it goes before others of its level.
        admitted: whether a grid worker may have it; if not, levels where a worker answers are passed over.

    Returns:
        A post or a unit; neither where nobody answers above.
    """
    chain, stands = links(path), _height(holder)
    for higher in UPWARDS[stands[0] + 1 :]:
        if chain[higher].answerer == "worker" and not admitted:
            continue
        found = _at(path, higher, chain[higher], preferred)
        if found != NOBODY and _height(found) > stands:
            return found
    top = (None, unit_at(path, UPWARDS[-1], preferred)) if chain[UPWARDS[-1]].answerer != "nobody" else NOBODY
    return top if top != NOBODY and _height(top) > stands else NOBODY


def unit_above(path: list[int], unit_id: uuid.UUID, taken: Collection[uuid.UUID | None]) -> uuid.UUID | None:
    """The first unit that answers above a unit, stands higher itself and is not taken; None where there is none."""
    chain, stands = links(path), _height((None, unit_id))
    for higher in UPWARDS[stands[0] + 1 :]:
        found = unit_at(path, higher, None, chain[higher].unit_id) if chain[higher].answerer == "unit" else None
        if found is not None and found not in taken and _height((None, found)) > stands:
            return found
    return None


def _height(holder: Holder) -> tuple[int, bool]:
    """How high a holder stands: a worker in the group, a chief in the community below its unit, a unit by its level.

    What nobody has stands where the chief does: it is for a unit.
    """
    post_id, unit_id = holder
    if unit_id is not None:
        return UPWARDS.index(session.get_one(Unit, unit_id).level), True
    kind = session.scalar(select(Post.kind).where(Post.id == post_id)) if post_id else CHIEF
    return UPWARDS.index("community" if kind == CHIEF else "group"), False


def _at(path: list[int], level: str, link: Answerer, preferred: str | None) -> Holder:
    if link.answerer in ("worker", "chief"):
        return standing.in_path(path, link.answerer), None
    if link.answerer == "unit":
        return None, unit_at(path, level, preferred, link.unit_id)
    return NOBODY


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
