"""What an action carries: its fields checked against what the table says the action needs."""

from __future__ import annotations

import uuid
from typing import Any

from geoalchemy2 import WKTElement
from sqlalchemy import select

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Field as Wrong
from gridapp.errors import Problem
from gridapp.models import Boundary, Task
from gridapp.services import advice, joint
from gridapp.services.editions import categories
from gridapp.services.ground.locate import leaf_sql
from gridapp.services.reporting import phone_facts
from gridapp.services.reporting.phone_facts import Clock
from gridapp.services.reporting.report_rules import wgs84
from gridapp.services.scope import in_scope
from gridapp.services.tasking import assignees, task_times
from gridapp.services.tasking.assignees import Assignee
from gridapp.services.tasking.task_effects import Given
from gridapp.services.tasking.task_request import ActionRequest, Chosen
from gridapp.services.tasking.task_times import REQUIRED
from gridapp.timesource import now
from gridapp.workflow import BY_ACTION, Rule


def given(who: Principal, task: Task, rule: Rule, request: ActionRequest) -> Given:
    """Check everything that the action needs.

    Raises:
        Problem: ``invalid`` naming every field that is missing or wrong.
    """
    wrong: dict[str, Wrong] = {}
    for need in rule.needs:
        _NEEDS[need](task, request, wrong)
    if request.reason is not None:
        _known_reason(task, rule, request, wrong)
    elif rule.action == "feedback" and joint.needs_reason(task):
        wrong["reason"] = _UNIT_NOT_DONE
    if rule.action in joint.BESIDE and "assignee" in rule.needs and request.assignee:
        unit = joint.wrong_unit(who, task, rule.action, request.assignee.post, request.assignee.unit)
        wrong |= {"assignee": unit} if unit else {}
    advised = advice.unseal(task.id, request.advice) if request.advice else None
    if request.advice and advised is None:
        wrong["advice"] = advice.STALE
    if "condition" in rule.takes and (unknown := _wrong_condition(task, request)):
        wrong["condition"] = unknown
    wrong |= task_times.slips(rule, request)
    if wrong:
        raise Problem("invalid", errors=wrong)
    place = place_of(request)
    return Given(
        who=who,
        at=now(),
        assignee=_assignee(who, task, request) if "assignee" in rule.needs else None,
        master=_master(who, task, request) if "master" in rule.needs else None,
        due=request.due,
        review_on=request.review_on,
        scores=(request.scores.speed, request.scores.quality) if request.scores else None,
        satisfied=request.satisfied,
        reason=request.reason,
        place=_located(task, place) if place and rule.action == "assign" else {},
        note=request.note,
        advice=advised,
        condition=request.condition,
    )


def _wrong_condition(task: Task, request: ActionRequest) -> Wrong | None:
    return categories.wrong_condition(categories.facts(task.category_code, task.edition), request.condition)


_UNIT_NOT_DONE = Wrong(
    "assist_open",
    "A unit that assists is not done yet. Wait for it, or say why you do not.",
    "协办单位尚未办结，请等待其反馈，或选择不等待的原因。",
)


def _need(name: str) -> Any:
    def check(_task: Task, request: ActionRequest, wrong: dict[str, Wrong]) -> None:
        if getattr(request, name) is None:
            wrong[name] = REQUIRED

    return check


def _need_photos_after(task: Task, request: ActionRequest, wrong: dict[str, Wrong]) -> None:
    count = categories.facts(task.category_code, task.edition).photos_after
    if len(request.photos) < count:
        wrong["photos"] = Wrong(
            "photos_wanted",
            f"This category asks for {count} photo(s) afterwards.",
            f"该类别需要至少 {count} 张处置后照片。",
        )


_NEEDS: dict[str, Any] = {
    "reason": _need("reason"),
    "note": _need("note"),
    "location": _need("location"),
    "assignee": _need("assignee"),
    "master": _need("master"),
    "scores": _need("scores"),
    "due": task_times.need_due,
    "review_on": task_times.need_review_on,
    "photos_after": _need_photos_after,
}


def _known_reason(task: Task, rule: Rule, request: ActionRequest, wrong: dict[str, Wrong]) -> None:
    known = [row["code"] for row in categories.reasons_of(task, rule.action)]
    if request.reason not in known:
        wrong["reason"] = Wrong(
            "unknown", f"Choose one of: {', '.join(known) or '-'}.", f"请选择：{'、'.join(known) or '—'}。"
        )


def _assignee(who: Principal, task: Task, request: ActionRequest) -> Assignee:
    chosen = request.assignee or Chosen()
    if request.action in joint.BESIDE:
        return Assignee(unit_id=chosen.unit)
    return assignees.resolve(who, task, post=chosen.post, unit=chosen.unit)


def master_of(body: dict[str, Any]) -> uuid.UUID | None:
    """The other task that a body names, before anything of it is checked; None where it names none."""
    try:
        return uuid.UUID(body["master"]) if isinstance(body.get("master"), str) else None
    except ValueError:
        return None


def _master(who: Principal, task: Task, request: ActionRequest) -> Task:
    query = select(Task).where(
        Task.id == request.master, Task.id != task.id, Task.check_of.is_(None), in_scope(Task.grid_id, who)
    )
    master = session.scalar(query.with_for_update(of=Task, key_share=True))
    if master is None or not master.open:
        raise Problem(
            "invalid",
            errors={"master": Wrong("unknown", "Choose another open task.", "请选择另一件未办结的任务。")},
        )
    return master


def facts_of(who: Principal, task: Task, request: ActionRequest) -> dict[str, Any] | None:
    """What the phone said beside the action."""
    place = request.location
    placed = phone_facts.Placed(accuracy=place.accuracy, mock=place.mock) if place else None
    limit = categories.facts(task.category_code, task.edition).accuracy_m
    clock = phone_facts.clock_at(Clock(who.skew_ms, who.clock_off), request.at)
    return phone_facts.facts_of(clock, placed, request.position, request.photo_facts, accuracy_m=limit)


def place_of(request: ActionRequest) -> tuple[float, float] | None:
    """The place of the person in WGS 84, where it was sent."""
    return wgs84(request.location) if request.location else None


def _located(task: Task, place: tuple[float, float]) -> dict[str, Any]:
    """A task of the queue gets its place and grid by hand when it is assigned; one that has its place keeps it."""
    if task.located:
        return {}
    values = {"lon": place[0], "lat": place[1], "at": now(), "reported_at": task.reported_at}
    sql = (
        "with place as (select ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) as p) "
        f"select {leaf_sql('place.p', '%(at)s')}, {leaf_sql('place.p', '%(reported_at)s')} from place"
    )
    row = session.connection().exec_driver_sql(sql, values).one()
    held = session.get(Boundary, row[0]) if row[0] else None
    if held is None:
        return {"geom": point(place)}
    return {"geom": point(place), "grid_id": held.grid_id, "boundary_id": row[1], "located": True}


def point(place: tuple[float, float]) -> WKTElement:
    """A WGS 84 pair as a geometry value."""
    return WKTElement(f"POINT({place[0]!r} {place[1]!r})", srid=4326)


def rule_of(body: dict[str, Any]) -> Rule:
    """The row of the table that the body names.

    Raises:
        Problem: ``invalid`` for a word that is no action.
    """
    name = body.get("action")
    rule = BY_ACTION.get(name) if isinstance(name, str) else None
    if rule is None:
        words = Wrong("unknown", "There is no such action.", "没有此操作。")
        raise Problem("invalid", errors={"action": words})
    return rule
