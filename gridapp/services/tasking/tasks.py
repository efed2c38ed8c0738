"""Acting on a task: every action goes through one private setter, with a row lock, the table, an event and a flush."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from geoalchemy2 import WKTElement

from gridapp.access import FILERS, SYSTEM, Principal, may_act, role_could
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import Grid, Task, TaskEvent, TaskPhoto
from gridapp.services import advice, checks, joint
from gridapp.services.clockwork import plan, words
from gridapp.services.digest import content_hash
from gridapp.services.routing import backstop
from gridapp.services.scope import lock_in_order, task_in_scope
from gridapp.services.tasking import deadlines, task_actions, task_checks, task_request, task_versions, task_words
from gridapp.services.tasking.assignees import Assignee
from gridapp.services.tasking.task_documents import document
from gridapp.services.tasking.task_effects import EFFECTS, Given
from gridapp.services.tasking.task_request import ActionRequest
from gridapp.timesource import now
from gridapp.workflow import FILING, REWORKS_THAT_ESCALATE, WITHOUT_VERSION, refused, step

Show = Callable[[Principal, Task], dict[str, Any]]
AFTERWARDS = frozenset({"feedback", "assist_feedback"})
"""Actions whose photos show what was done."""


@dataclass(frozen=True)
class _Draft:
    """An event about to be written."""

    action: str
    who: Principal
    changes: dict[str, Any]
    at: dt.datetime
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    device_at: dt.datetime | None = None
    note: str | None = None
    reason: str | None = None
    place: tuple[float, float] | None = None
    mock: bool = False
    photos: tuple[str, ...] = ()
    digest: bytes | None = None
    facts: dict[str, Any] | None = None
    beside: dict[str, Any] = field(default_factory=dict)


def act(
    who: Principal, task_id: uuid.UUID, body: dict[str, Any], if_match: str | None, show: Show = document
) -> dict[str, Any]:
    """Do an action of the table.

    Args:
        who: the person who acts.
        task_id: the task.
        body: members of ``ActionRequest``; its ``id`` is the client's id of the event: sending again is harmless.
        if_match: the version seen, ``"7"``, or ``"after:<event id>"``; ``comment`` and ``urge`` need none.
        show: how the task is told back: by default whole, with its events and the actions allowed now.

    Raises:
        Problem: in this order 404, ``id_reused``, 428, 412, 403, 409, 422.
    """
    if master := task_checks.master_of(body):
        lock_in_order(who, (task_id, master))
    task = task_in_scope(who, task_id, lock=True)
    digest = content_hash(body)
    if task_versions.done_before(task, body.get("id"), digest):
        return show(who, task)
    if str(body.get("action")) not in WITHOUT_VERSION:
        task_versions.check(who, task, if_match)
    rule = task_checks.rule_of(body)
    _check_person(who, task, rule.action)
    step(rule.action, task, now(), task_actions.allowed(who, task))
    request = task_request.parse(body)
    given = task_checks.given(who, task, rule, request)
    event = _advance(task, _draft(who, task, request, given, digest))
    task_words.speak(task, event, given)
    checks.follow(task, event, who, given, by_system)
    _follow(task, event)
    return show(who, task)


def _draft(who: Principal, task: Task, request: ActionRequest, given: Given, digest: bytes | None) -> _Draft:
    return _Draft(
        action=request.action,
        who=who,
        changes=EFFECTS[request.action](task, given),
        beside=_beside(task, request.action, given),
        at=given.at,
        id=request.id,
        device_at=request.at,
        note=request.note,
        reason=request.reason,
        place=task_checks.place_of(request),
        mock=request.location is not None and request.location.mock,
        photos=request.photos,
        digest=digest,
        facts=task_checks.facts_of(who, task, request),
    )


def _beside(task: Task, action: str, given: Given) -> dict[str, Any]:
    """What the event says besides the columns: a unit's part, or what was advised before somebody was chosen."""
    if action in joint.BESIDE:
        return joint.BESIDE[action](task, given)
    return advice.beside(given.advice, given.assignee) if given.assignee else {}


def get(who: Principal, task_id: uuid.UUID) -> dict[str, Any]:
    """The whole task.

    Raises:
        Problem: ``not_found``.
    """
    return document(who, task_in_scope(who, task_id))


def _advance(task: Task, draft: _Draft) -> TaskEvent:
    """Write the event, then let the row follow it: the only place that sets a stage.

    The database compares the two and refuses a row that its event does not explain.
    """
    before = task.stage
    stage, outcome = step(draft.action, task, draft.at)
    moved = {"stage": stage, "outcome": outcome, **draft.changes}
    changes = {name: value for name, value in moved.items() if getattr(task, name) != value}
    event = TaskEvent(
        id=draft.id,
        task_id=task.id,
        seq=task.version + 1,
        action=draft.action,
        actor_id=draft.who.person_id,
        actor_kind=draft.who.role,
        at=draft.at,
        device_at=draft.device_at,
        geom=task_checks.point(draft.place) if draft.place else None,
        mock=draft.mock,
        from_stage=before,
        to_stage=stage,
        note=draft.note,
        reason=draft.reason,
        content_hash=draft.digest,
        facts=draft.facts,
        changes={name: _plain(value) for name, value in changes.items()} | draft.beside,
    )
    session.add(event)
    flush()
    phase = "after" if draft.action in AFTERWARDS else "before"
    for n, sha256 in enumerate(draft.photos):
        session.add(TaskPhoto(task_id=task.id, event_id=event.id, ordinal=n, sha256=sha256, phase=phase))
    for name, value in changes.items():
        setattr(task, name, value)
    task.version = event.seq
    flush()
    joint.follow(event)
    session.refresh(task)
    if plan.MOVED_BY & event.changes.keys():
        plan.follow(task)
    for ending, why in joint.endings(task, event):
        by_system(task, "release", ending, reason=why)
    return event


def _plain(value: Any) -> Any:
    """A column's value as JSON keeps it."""
    if isinstance(value, WKTElement):
        lon, lat = value.data.removeprefix("POINT(").removesuffix(")").split()
        return {"type": "Point", "coordinates": [float(lon), float(lat)]}
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _check_person(who: Principal, task: Task, action: str) -> None:
    if action in FILING:
        if who.role not in FILERS[action]:
            raise Problem("forbidden", why=("this role cannot", "该角色不能"))
        raise refused(action, task.stage, task_actions.allowed(who, task))
    if may_act(who, action, task):
        return
    if action in ("pass", "rework") and role_could(who, action):
        raise Problem("separation_of_duties")
    raise Problem("forbidden", why=("it is not yours to do on this task", "您不能对该任务进行此操作"))


def by_system(
    task: Task,
    action: str,
    given: Given | None = None,
    *,
    reason: str | None = None,
    note: str | None = None,
    true_at: dt.datetime | None = None,
) -> TaskEvent:
    """Do a row of the table as the system: a clock, a rule, what an action brings about; the caller holds the row lock.

    Args:
        task: the task, locked.
        action: one that ``access.ACTIONS`` allows the system.
        given: what it carries; by default nothing, now.
        reason: code of the reason that the event bears.
        note: words that the event bears.
        true_at: when it was due, where it is done late; the event bears it as its device's time.

    Raises:
        Problem: ``not_allowed_now``, or what the effect refuses.
    """
    given = given or Given(who=SYSTEM, at=now())
    changes = EFFECTS[action](task, given)
    beside = _beside(task, action, given)
    draft = _Draft(action, SYSTEM, changes, now(), reason=reason, note=note, device_at=true_at, beside=beside)
    event = _advance(task, draft)
    task_words.speak(task, event, given)
    return event


def _follow(task: Task, event: TaskEvent) -> None:
    """What an action brings about by itself.

    The third rework escalates; where nobody stands above, the desk hears of it. A returned task is told to the desk, or
    goes to the district's unit where a unit has just said once too often that it is not theirs. A master is shown anew.
    """
    if event.action == "rework" and task.rework_count >= REWORKS_THAT_ESCALATE:
        try:
            by_system(task, "escalate", reason="third_rework")
        except Problem:
            words.tell_desk(task, "rework_nobody_above")
    if event.action == "merge" and task.master_id is not None:
        words.show(session.get_one(Task, task.master_id))
    if event.action == "return":
        last = backstop.unit_for(task) if "declined_count" in event.changes and backstop.due(task) else None
        if last is not None:
            by_system(task, "assign", Given(who=SYSTEM, at=now(), assignee=last), reason="backstop")
        else:
            words.tell_desk(task, "task_return")


def expire_check(check_id: uuid.UUID) -> bool:
    """End a check that nobody answered in time; whether it still waited."""
    return checks.expire(check_id, by_system)


def rehome(task: Task, grid: Grid, post_id: uuid.UUID | None, *, why: str) -> None:
    """Move an open task to the grid that holds its place after a redraw; the caller has locked it.

    Args:
        task: an open task.
        grid: the grid responsible from now on.
        post_id: the worker's post that takes it over, where a worker of the old grid held it.
        why: name of the plan.
    """
    changes: dict[str, Any] = {"grid_id": grid.id, "located": True, "nearest_grid_id": None, "nearest_m": None}
    if post_id is not None:
        changes |= {"assignee_post_id": post_id, **deadlines.handed_over(task, Assignee(post_id=post_id), now())}
    _advance(task, _Draft("rehome", SYSTEM, changes, now(), note=why))
