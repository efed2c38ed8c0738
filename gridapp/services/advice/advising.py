"""The order of candidates and why: duty, way, responsibility, load and skill, each a part of a hundred points."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import or_, select

from gridapp.access import CHIEF, Principal, may_act
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Grid, Task, Unit
from gridapp.services import scope
from gridapp.services.admission.rules import ruling_for
from gridapp.services.advice import candidates, reasons
from gridapp.services.advice.candidates import Candidate
from gridapp.services.advice.walking import Walk, walks
from gridapp.services.editions import categories
from gridapp.services.moments import stamp
from gridapp.services.tasking import assignees, on_the_spot

SHOWN = 8
FRESH = dt.timedelta(minutes=30)
WAY, OWN_GRID, COMMUNITY, LOAD, SKILL = 40.0, 30.0, 12.0, 20.0, 10.0
"""The most that each part brings."""
FAR_M, FULL_LOAD, MUCH_SKILL = 3000.0, 10, 5
OFF_DUTY = 0.3
"""What is left of the points of somebody who is not on duty."""


def advise(who: Principal, task_id: uuid.UUID) -> list[dict[str, Any]]:
    """Who is best placed to take a task, the best first, each with the reasons in both languages.

    Raises:
        Problem: ``not_found``, ``forbidden`` for whoever assigns nothing.
    """
    task = scope.task_in_scope(who, task_id)
    if not (may_act(who, "assign", task) or may_act(who, "transfer", task)):
        raise Problem("forbidden", why=("it is not yours to assign", "您不能派遣该任务"))
    return _advice(who, task)


def best(who: Principal, task: Task) -> dict[str, str] | None:
    """The first of the advice as an action takes its assignee; None where there is nobody."""
    found = _advice(who, task)
    return _assignee(found[0]) if found else None


def _assignee(item: dict[str, Any]) -> dict[str, str]:
    return {"post": item["post"]} if "post" in item else {"unit": item["unit"]}


def _advice(who: Principal, task: Task) -> list[dict[str, Any]]:
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    admitted = task.check_kind is not None or ruling_for(task).admitted
    people = _people(who, task, path) if admitted else []
    unit = None if who.role == CHIEF or task.check_kind else _unit(who, task, path, admitted=admitted)
    found = people[: SHOWN - 1] + ([unit] if unit else [])
    return [{"rank": rank, **item} for rank, item in enumerate(found, 1)]


def _people(who: Principal, task: Task, path: list[int]) -> list[dict[str, Any]]:
    community = session.scalar(select(Grid.id).where(Grid.id.in_(path), Grid.level == "community"))
    found = candidates.find(who, task, path, community, fresh=FRESH)
    if task.check_kind:
        partial = on_the_spot.partial(task)
        found = [one for one in found if one.person not in partial]
    place = _place_of(task)
    starts = {one.post: (one.lon, one.lat) for one in found if one.lon is not None and one.lat is not None}
    ways = walks(place, starts) if place else {}
    items = [_item(one, ways.get(one.post)) for one in found if one.post != task.assignee_post_id]
    return sorted(items, key=lambda item: (-item["score"], item["name"], item["post"]))


def _place_of(task: Task) -> tuple[float, float] | None:
    sql = "select ST_X(geom), ST_Y(geom) from task where id = %(id)s and geom is not null"
    row = session.connection().exec_driver_sql(sql, {"id": task.id}).first()
    return (row[0], row[1]) if row else None


def _item(one: Candidate, way: Walk | None) -> dict[str, Any]:
    return {
        "post": str(one.post),
        "name": one.name,
        "grid": one.grid,
        "grid_name": one.grid_name,
        "grid_name_en": one.grid_name_en,
        "deputy": one.deputy,
        "on_duty": one.on_duty,
        "seen_at": stamp(one.seen_at),
        "metres": way.metres if way else None,
        "by_streets": way.by_streets if way else None,
        "load": one.load,
        "overdue": one.overdue,
        "experience": one.experience,
        "score": _score(one, way),
        "reasons": reasons.of_person(one, way),
    }


def _score(one: Candidate, way: Walk | None) -> int:
    near = WAY * max(0.0, 1 - way.metres / FAR_M) if way else 0.0
    answers = OWN_GRID if one.own else COMMUNITY if one.community else 0.0
    free = LOAD * max(0.0, 1 - (one.load + one.overdue) / FULL_LOAD)
    skill = SKILL * min(1.0, one.experience / MUCH_SKILL)
    return round((near + answers + free + skill) * (1.0 if one.on_duty else OFF_DUTY))


def _unit(who: Principal, task: Task, path: list[int], *, admitted: bool) -> dict[str, Any] | None:
    """The unit that the catalogue names for the item, where the area has it; else the nearest unit that answers."""
    code = categories.condition_of(task).unit_code
    offered = {uuid.UUID(choice["unit"]) for choice in assignees.unit_choices(who)}
    query = (
        select(Unit)
        .where(Unit.id.in_(offered), Unit.retired_at.is_(None), or_(Unit.grid_id.is_(None), Unit.grid_id.in_(path)))
        .order_by((Unit.code == (code or "")).desc(), Unit.level == "district", Unit.level == "street", Unit.code)
    )
    unit = session.scalar(query.limit(1))
    if unit is None or unit.id == task.assignee_unit_id:
        return None
    named = unit.code == code
    return {
        "unit": str(unit.id),
        "name": unit.name,
        "name_en": unit.name_en or unit.name,
        "score": None,
        "reasons": reasons.of_unit(named=named, admitted=admitted),
    }
