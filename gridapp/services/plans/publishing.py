"""Publishing: one transaction ends the old boundary versions, begins the new ones and moves the open tasks."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from geoalchemy2.shape import from_shape
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import Range

from geodata.crs import area_m2
from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import Boundary, Grid, Plan
from gridapp.services import audit
from gridapp.services.moments import LATEST, stamp
from gridapp.services.plans import drawing, findings, rehoming
from gridapp.services.plans.drafts import draft_to_change
from gridapp.services.plans.drawing import Shape
from gridapp.services.plans.editing import refuse_overtaken
from gridapp.timesource import now


def publish(who: Principal, plan_id: uuid.UUID, if_match: str | None, start: Any = None) -> Plan:
    """Let a plan hold from a time on.

    Args:
        who: the planner.
        plan_id: the draft.
        if_match: the version seen, ``"7"``.
        start: RFC 3339 with offset, not before now; now where None. From a later start on, ``rehome_due`` moves tasks.

    Raises:
        Problem: as ``draft_to_change``; ``invalid`` naming ``effective_from``; ``plan_empty``; ``plan_overtaken``;
            ``plan_faulty`` with the findings that are left.
    """
    plan = draft_to_change(who, plan_id, if_match)
    at = now()
    effective = _start(start, at)
    changed = _locked(plan)
    refuse_overtaken(plan)
    if not changed:
        raise Problem("plan_empty")
    _refuse_before_base(changed, effective)
    _refuse_faults(plan, changed)
    _write_boundaries(plan, changed, effective)
    plan.status, plan.effective_from = "published", effective
    plan.published_at, plan.published_by = at, who.person_id
    flush()
    audit.note(who, "publish_plan", "plan", plan.id, plan.scope_grid_id, name=plan.name, start=stamp(effective))
    if effective <= at:
        rehoming.put_in_force(plan, at)
    return plan


def _start(start: Any, at: dt.datetime) -> dt.datetime:
    if start is None:
        return at
    try:
        effective = dt.datetime.fromisoformat(start)
    except (TypeError, ValueError) as error:
        raise _bad_start("A time with its offset, like 2026-03-01T00:00:00+08:00.", "时间须带时区。") from error
    if effective.tzinfo is None:
        raise _bad_start("Say the offset of the time, like +08:00.", "时间须带时区，例如 +08:00。")
    if effective > LATEST:
        raise _bad_start("The year cannot be right.", "年份不正确。")
    if effective < at:
        raise _bad_start("The start lies in the past. Choose now or later.", "生效时间已过，请选择现在或以后的时间。")
    return effective.astimezone(dt.UTC)  # PostgreSQL knows no offsets beyond 16 hours


def _bad_start(en: str, zh: str) -> Problem:
    return invalid(effective_from=("start", en, zh))


def _locked(plan: Plan) -> list[Shape]:
    """The changed grids, locked in the order of their ids against other planners; reports need not wait for it."""
    ids = [shape.id for shape in drawing.changed(plan)]
    session.execute(select(Grid.id).where(Grid.id.in_(ids)).order_by(Grid.id).with_for_update(key_share=True))
    return drawing.changed(plan)


def _refuse_before_base(changed: list[Shape], effective: dt.datetime) -> None:
    latest = max(shape.base_from for shape in changed)
    if effective <= latest:
        raise _bad_start(
            f"The boundaries drawn over hold from {stamp(latest)} on. Choose a later start.",
            f"所依据的边界自 {stamp(latest)} 起生效，请选择更晚的时间。",
        )


def _refuse_faults(plan: Plan, changed: list[Shape]) -> None:
    faults = [finding for finding in findings.find(plan, changed) if finding["blocking"]]
    if faults:
        raise Problem("plan_faulty", count=len(faults), extra={"findings": faults})


def _write_boundaries(plan: Plan, changed: list[Shape], effective: dt.datetime) -> None:
    during = func.tstzrange(func.lower(Boundary.during), effective)
    session.execute(update(Boundary).where(Boundary.id.in_([shape.base_id for shape in changed])).values(during=during))
    areas = area_m2([shape.geom for shape in changed])
    session.add_all(
        Boundary(
            grid_id=shape.id,
            code=shape.code,
            level=shape.level,
            geom=from_shape(shape.geom, srid=4326),
            during=Range(effective, None),
            area_m2=float(area),
            plan_id=plan.id,
        )
        for shape, area in zip(changed, areas, strict=True)
    )
    flush()
