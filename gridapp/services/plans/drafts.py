"""The plans themselves: made, listed, found in scope, locked for a change, discarded."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import Grid, Person, Plan, PlanChange
from gridapp.services import audit, drafts
from gridapp.services.ground.areas import area_by_code
from gridapp.services.moments import stamp
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import grid_in_scope, in_scope
from gridapp.timesource import now

_VERSION = re.compile(r'\A(?:W/)?"([0-9]{1,9})"\Z')


class Draft(drafts.Draft):
    """A new plan: its name and the code of the area below which it redraws."""

    name: drafts.Line
    area: drafts.Line


def create(who: Principal, draft: Draft) -> Plan:
    """Begin a plan below an area in scope.

    Raises:
        Problem: ``invalid`` naming ``area`` where there is none of that code.
    """
    area = area_by_code(who, draft.area, "area")
    plan = Plan(name=draft.name, scope_grid_id=area.id, created_by=who.person_id, created_at=now())
    session.add(plan)
    flush()
    audit.note(who, "create_plan", "plan", plan.id, area.id, name=plan.name)
    return plan


def listed(who: Principal, number: int = 1, *, status: str = "") -> Page[Plan]:
    """Plans in scope, drafts first, then the newest."""
    query = select(Plan).where(in_scope(Plan.scope_grid_id, who))
    if status:
        query = query.where(Plan.status == status)
    drafts_first = case((Plan.status == "draft", 0), else_=1)
    return page_of(query.order_by(drafts_first, func.coalesce(Plan.published_at, Plan.created_at).desc()), number)


def plan_in_scope(who: Principal, plan_id: uuid.UUID, *, lock: bool = False) -> Plan:
    """The plan, locked against others where asked.

    Raises:
        Problem: ``not_found`` where it is not there or not in scope.
    """
    query = select(Plan).where(Plan.id == plan_id, in_scope(Plan.scope_grid_id, who))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    plan = session.scalar(query)
    if plan is None:
        raise Problem("not_found")
    return plan


def draft_to_change(who: Principal, plan_id: uuid.UUID, if_match: str | None) -> Plan:
    """The draft, locked, as the asker has seen it.

    Raises:
        Problem: ``not_found``, ``version_missing``, ``plan_closed`` or ``plan_changed``, in this order.
    """
    plan = plan_in_scope(who, plan_id, lock=True)
    if not if_match:
        raise Problem("version_missing")
    if plan.status != "draft":
        raise Problem("plan_closed")
    seen = _VERSION.match(if_match.strip())
    if seen is None or int(seen.group(1)) != plan.version:
        raise Problem("plan_changed")
    return plan


def discard(who: Principal, plan_id: uuid.UUID, if_match: str | None) -> Plan:
    """Give a draft up; it stays readable.

    Raises:
        Problem: as ``draft_to_change``.
    """
    plan = draft_to_change(who, plan_id, if_match)
    plan.status = "discarded"
    flush()
    audit.note(who, "discard_plan", "plan", plan.id, plan.scope_grid_id, name=plan.name)
    return plan


def last_step(plan: Plan) -> int:
    """The number of the last step that is kept, undone ones included."""
    return session.scalar(select(func.max(PlanChange.step)).where(PlanChange.plan_id == plan.id)) or 0


def overview(plans: list[Plan]) -> list[dict[str, Any]]:
    """Plans as members for lists: with the names of area and people and how many grids each changes."""
    author, publisher = aliased(Person), aliased(Person)
    changed = (
        select(func.count(PlanChange.grid_id.distinct()))
        .where(PlanChange.plan_id == Plan.id, PlanChange.step <= Plan.step)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Plan.id, Grid, author.name, publisher.name, changed)
        .join(Grid, Grid.id == Plan.scope_grid_id)
        .join(author, author.id == Plan.created_by)
        .outerjoin(publisher, publisher.id == Plan.published_by)
        .where(Plan.id.in_([plan.id for plan in plans]))
    )
    more = {row[0]: row for row in rows}
    return [_members(plan, *more[plan.id][1:]) for plan in plans]


def _members(plan: Plan, area: Grid, author: str, publisher: str | None, changed: int) -> dict[str, Any]:
    return {
        "id": str(plan.id),
        "name": plan.name,
        "status": plan.status,
        "version": plan.version,
        "area": {"id": area.id, "code": area.code, "name": area.name, "name_en": area.name_en, "level": area.level},
        "created_by": author,
        "created_at": stamp(plan.created_at),
        "published_by": publisher,
        "published_at": stamp(plan.published_at),
        "effective_from": stamp(plan.effective_from),
        "changed": changed,
    }


def grid_of_plan(who: Principal, plan: Plan, grid_id: int) -> Grid:
    """The plan's area or a grid below it.

    Raises:
        Problem: ``not_found`` for everything else.
    """
    grid = grid_in_scope(who, grid_id)
    if plan.scope_grid_id not in grid.path:
        raise Problem("not_found")
    return grid
