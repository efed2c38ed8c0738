"""The escalation chain at the admin desk: what is said of each level for an area, and what holds there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import ChainLink, Grid, Unit
from gridapp.services import audit
from gridapp.services.drafts import Draft, Line
from gridapp.services.ground.areas import area_by_code
from gridapp.services.routing import chain
from gridapp.services.scope import in_scope
from gridapp.services.staff.units import unit_by_code


class LinkDraft(Draft):
    """What is typed of a link; ``area`` and ``unit`` are codes."""

    area: Line
    level: Literal["building", "group", "community", "street", "district"]
    answerer: Literal["worker", "chief", "unit", "nobody"]
    unit: Line | None = None


@dataclass(frozen=True)
class Level:
    """Who answers at a level of an area, and whether that is said or the default of the house."""

    level: str
    answerer: str
    unit: Unit | None
    default: bool


def chain_of(area: Grid) -> list[Level]:
    """The chain as it holds for an area, from the bottom up."""
    said = set(session.scalars(select(ChainLink.level).where(ChainLink.grid_id.in_(area.path))))
    return [
        Level(level, link.answerer, session.get(Unit, link.unit_id) if link.unit_id else None, level not in said)
        for level, link in chain.links(area.path).items()
    ]


def links(who: Principal) -> list[ChainLink]:
    """What is said for areas in scope."""
    query = select(ChainLink).join(Grid, Grid.id == ChainLink.grid_id).where(in_scope(ChainLink.grid_id, who))
    return list(session.scalars(query.order_by(Grid.code, ChainLink.level)))


def say(who: Principal, draft: LinkDraft) -> None:
    """Say who answers at a level below an area; said again, it replaces what was said.

    Raises:
        Problem: ``invalid`` by field.
    """
    area = area_by_code(who, draft.area, "area")
    if draft.unit is not None and draft.answerer != "unit":
        raise invalid(unit=("unfit", "Only where a unit answers.", "仅在由责任单位承接时填写。"))
    unit = unit_by_code(who, draft.unit, "unit").id if draft.unit else None
    said = {"answerer": draft.answerer, "unit_id": unit}
    row = insert(ChainLink).values(id=uuid.uuid4(), grid_id=area.id, level=draft.level, **said)
    session.execute(row.on_conflict_do_update(constraint="uq_chain_link_level", set_=said))
    flush()
    audit.note(who, "edit", "chain_link", area.code, area.id, level=draft.level, answerer=draft.answerer)


def unsay(who: Principal, link_id: uuid.UUID) -> None:
    """Let the default, or what a larger area says, hold again.

    Raises:
        Problem: ``not_found``.
    """
    link = session.scalar(select(ChainLink).where(ChainLink.id == link_id, in_scope(ChainLink.grid_id, who)))
    if link is None:
        raise Problem("not_found")
    audit.note(who, "drop", "chain_link", link.id, link.grid_id, level=link.level)
    session.delete(link)
    flush()
