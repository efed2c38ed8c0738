"""Acting on a task: every action goes through one private setter, with a row lock, the table, an event and a flush."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from geoalchemy2 import WKTElement
from sqlalchemy import select

from gridapp.access import FILERS, SYSTEM, Principal, may_act, role_could
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import Grid, Person, Task, TaskEvent, TaskPhoto
from gridapp.services import notices, task_actions, task_checks, task_view
from gridapp.services.reports import content_hash
from gridapp.services.scope import task_in_scope
from gridapp.services.task_checks import ActionRequest
from gridapp.services.task_effects import EFFECTS, Given
from gridapp.timesource import now
from gridapp.workflow import BY_ACTION, FILING, REWORKS_THAT_ESCALATE, WITHOUT_VERSION, refused, step

MOVES = ("stage", "outcome", "assignee_post_id", "assignee_unit_id", "due_at")
_AFTER = re.compile(r'\A"after:([0-9a-fA-F-]{36})"\Z')
_VERSION = re.compile(r'\A(?:W/)?"([0-9]{1,9})"\Z')


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
    photos: tuple[str, ...] = ()
    digest: bytes | None = None


def act(who: Principal, task_id: uuid.UUID, body: dict[str, Any], if_match: str | None) -> dict[str, Any]:
    """Do an action of the table.

    Args:
        who: the person who acts.
        task_id: the task.
        body: members of ``ActionRequest``; its ``id`` is the client's id of the event: sending again is harmless.
        if_match: the version seen, ``"7"``, or ``"after:<event id>"``; ``comment`` and ``urge`` need none.

    Returns:
        The task with its events and the actions allowed now.

    Raises:
        Problem: in this order 404, ``id_reused``, 428, 412, 403, 409, 422.
    """
    task = task_in_scope(who, task_id, lock=True)
    digest = content_hash(body)
    if _done_before(task, body.get("id"), digest):
        return document(who, task)
    if str(body.get("action")) not in WITHOUT_VERSION:
        _check_version(who, task, if_match)
    rule = task_checks.rule_of(body)
    _check_person(who, task, rule.action)
    step(rule.action, task, now(), task_actions.allowed(who, task))
    request = task_checks.parse(body)
    given = task_checks.given(who, task, rule, request)
    _advance(task, _draft(who, request, given, EFFECTS[rule.action](task, given), digest))
    _speak(task, rule.action, given)
    _follow(task, rule.action)
    return document(who, task)


def _draft(
    who: Principal, request: ActionRequest, given: Given, changes: dict[str, Any], digest: bytes | None
) -> _Draft:
    return _Draft(
        action=request.action,
        who=who,
        changes=changes,
        at=given.at,
        id=request.id,
        device_at=request.at,
        note=request.note,
        reason=request.reason,
        place=task_checks.place_of(request),
        photos=request.photos,
        digest=digest,
    )


def document(who: Principal, task: Task) -> dict[str, Any]:
    """The whole task with what this person may do now."""
    return {**task_view.document(who, task), "actions": task_actions.offered(who, task)}


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
        from_stage=before,
        to_stage=stage,
        note=draft.note,
        reason=draft.reason,
        content_hash=draft.digest,
        changes={name: _plain(value) for name, value in changes.items()},
    )
    session.add(event)
    flush()
    phase = "after" if draft.action == "feedback" else "before"
    for n, sha256 in enumerate(draft.photos):
        session.add(TaskPhoto(task_id=task.id, event_id=event.id, ordinal=n, sha256=sha256, phase=phase))
    for name, value in changes.items():
        setattr(task, name, value)
    task.version = event.seq
    flush()
    session.refresh(task)
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


def _done_before(task: Task, event_id: Any, digest: bytes) -> bool:
    """Whether this very event is there already.

    Raises:
        Problem: ``id_reused`` where the id has other content.
    """
    try:
        known = session.get(TaskEvent, uuid.UUID(event_id)) if isinstance(event_id, str) else None
    except ValueError:
        return False
    if known is None:
        return False
    if known.task_id == task.id and known.content_hash == digest:
        return True
    raise Problem("id_reused", id=str(event_id))


def _check_version(who: Principal, task: Task, if_match: str | None) -> None:
    if not if_match:
        raise Problem("version_missing")
    after = _AFTER.match(if_match.strip())
    seen = _VERSION.match(if_match.strip())
    holds = _unmoved_since(who, task, after.group(1)) if after else bool(seen and int(seen.group(1)) == task.version)
    if not holds:
        raise _overtaken(who, task)


def _unmoved_since(who: Principal, task: Task, event_id: str) -> bool:
    """Whether nobody else changed stage, assignee or due time since the sender's own earlier event."""
    try:
        own = session.get(TaskEvent, uuid.UUID(event_id))
    except ValueError:
        return False
    if own is None or own.task_id != task.id or own.actor_id != who.person_id:
        return False
    later = session.scalars(select(TaskEvent).where(TaskEvent.task_id == task.id, TaskEvent.seq > own.seq))
    return not any(event.actor_id != who.person_id and set(MOVES) & event.changes.keys() for event in later)


def _overtaken(who: Principal, task: Task) -> Problem:
    last = session.scalar(select(TaskEvent).where(TaskEvent.task_id == task.id, TaskEvent.seq == task.version))
    if last is None:
        raise Problem("not_found")
    person = session.get(Person, last.actor_id) if last.actor_id else None
    rule = BY_ACTION[last.action]
    return Problem(
        "changed_meanwhile",
        who=person.name if person else ("The system", "系统"),
        action=(rule.en, rule.zh),
        when=task_view.stamp(last.at),
        extra={
            "task": document(who, task),
            "by": {"name": person.name if person else None, "action": last.action, "at": task_view.stamp(last.at)},
        },
    )


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


def _speak(task: Task, action: str, given: Given) -> None:
    """Tell those whom the action concerns; the rows are part of the same transaction."""
    if action in ("dismiss", "withdraw", "pass", "auto_pass"):
        notices.tell(notices.reporters_of(task) - {given.who.person_id}, f"task_{task.outcome}", task)
    elif action == "merge" and given.master is not None:
        notices.tell([task.reporter_id], "task_merged", task, master=given.master.number)
    elif action in (
        "assign",
        "transfer",
        "escalate",
        "rework",
        "urge",
        "grant_extension",
        "refuse_extension",
        "reopen",
    ):
        notices.tell(notices.holders_of(task) - {given.who.person_id}, f"task_{action}", task)
    flush()


def _follow(task: Task, action: str) -> None:
    """What an action brings about by itself: the third rework escalates."""
    if action == "rework" and task.rework_count >= REWORKS_THAT_ESCALATE:
        given = Given(who=SYSTEM, at=now())
        try:
            changes = EFFECTS["escalate"](task, given)
        except Problem:
            return
        _advance(task, _Draft("escalate", SYSTEM, changes, given.at, reason="third_rework"))
        _speak(task, "escalate", given)


def auto_pass(task_id: uuid.UUID, who: Principal) -> dict[str, Any]:
    """Pass a self-handled task that was not drawn for the sample; by the system, without a score.

    Returns:
        The summary as ``who`` may see it.
    """
    task = task_in_scope(SYSTEM, task_id, lock=True)
    given = Given(who=SYSTEM, at=now())
    _advance(task, _Draft("auto_pass", SYSTEM, EFFECTS["auto_pass"](task, given), given.at))
    return task_view.summary(task_view.rows_of("t.id = %(id)s", task_view.everywhere(who), {"id": task_id})[0])


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
        changes["assignee_post_id"] = post_id
    _advance(task, _Draft("rehome", SYSTEM, changes, now(), note=why))
