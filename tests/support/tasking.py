"""Filing and acting as the people of the world, straight through the services."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from gridapp.access import Principal
from gridapp.db import session
from gridapp.models import Alarm, Person, Post, Stop, Task
from gridapp.services.field import alarms, stops
from gridapp.services.reporting import reports
from gridapp.services.reporting.report_rules import Location
from gridapp.services.tasking import tasks
from gridapp.timesource import now
from tests.support.world import World

PHOTO = "ab" * 32
REASONS = {
    "dismiss": "not_ours",
    "return": "wrong_holder",
    "transfer": "better_placed",
    "escalate": "beyond_means",
    "extend": "weather",
    "hold": "waiting_parts",
    "rework": "not_done",
    "reopen": "came_back",
    "withdraw": "mistaken",
    "feedback": "assist_late",
}


def principal(world: World, name: str) -> Principal:
    """The signed-in person, as the guard would find them."""
    someone = world.people[name]
    person = session.get(Person, someone.id)
    assert person is not None
    posts = session.scalars(select(Post).where(Post.person_id == someone.id, Post.during.contains(now()))).all()
    return Principal(
        person_id=someone.id,
        role=someone.role,
        name=person.name,
        scope_ids=(person.scope_grid_id,),
        post_ids=tuple(post.id for post in posts),
        post_grid_ids=tuple(post.grid_id for post in posts),
        unit_id=someone.unit,
    )


def report_body(world: World, **given: Any) -> dict[str, Any]:
    """A report in grid a1 that asks for nothing special."""
    body = {
        "category": "06001",
        "description": "垃圾堆在路口",
        "location": {**world.inside("a1"), "accuracy": 8.0},
        "reported_at": now().isoformat(),
    }
    return {**body, **given}


def file(world: World, who: str = "worker_a", **given: Any) -> uuid.UUID:
    """File a report; answers the task's id."""
    task_id = uuid.uuid4()
    report = reports.Report.model_validate(report_body(world, **given))
    reports.file_report(principal(world, who), task_id, report)
    return task_id


def alarm(world: World, who: str = "worker_a", place: str = "a1", **given: Any) -> Alarm:
    """Somebody in a grid, a1 unless said otherwise, calls for help."""
    request = alarms.AlarmRequest(id=uuid.uuid4(), location=Location.model_validate(world.inside(place)), **given)
    alarms.call_for_help(principal(world, who), request)
    found = session.get(Alarm, request.id)
    assert found is not None
    return found


def stop(world: World, who: str = "chief_a", **given: Any) -> Stop:
    """A stop planned in grid a1."""
    draft = {"grid": world.areas["a1"].code, "kind": "patrol", "name": "泵房", **given}
    return stops.add(principal(world, who), stops.StopDraft.model_validate(draft))


def act(world: World, who: str | Principal, task_id: uuid.UUID, action: str, **given: Any) -> dict[str, Any]:
    """Act with the version as it is, and with what the action needs unless given otherwise."""
    version = session.scalar(select(Task.version).where(Task.id == task_id))
    if_match = given.pop("if_match", f'"{version}"')
    body = {"id": str(uuid.uuid4()), "action": action, "at": now().isoformat(), **needs(world, action), **given}
    someone = principal(world, who) if isinstance(who, str) else who
    return tasks.act(someone, task_id, body, if_match)


def needs(world: World, action: str) -> dict[str, Any]:
    """Fields that satisfy an action."""
    soon = now() + dt.timedelta(days=30)
    fields: dict[str, dict[str, Any]] = {
        "merge": {},
        "assign": {"assignee": {"post": str(world.people["worker_a"].post)}},
        "transfer": {"assignee": {"post": str(world.people["worker_a2"].post)}},
        "return": {"note": "不在我的网格"},
        "extend": {"due": soon.isoformat()},
        "hold": {"review_on": soon.date().isoformat()},
        "feedback": {"note": "已清理", "location": world.inside("a1"), "photos": [PHOTO]},
        "pass": {"scores": {"speed": 5, "quality": 4}},
        "comment": {"note": "请注意安全"},
        "urge": {"note": "请尽快办理"},
        "involve": {"assignee": {"unit": str(world.units["street"])}, "note": "请派车清运"},
        "assist_feedback": {"note": "已清运两车"},
        "assist_decline": {"note": "不属本单位职责"},
        "release": {"assignee": {"unit": str(world.units["a"])}, "note": "不再需要"},
        "check_answer": {"reason": "present", "location": world.inside("a1")},
    }
    reason = {"reason": REASONS[action]} if action in REASONS else {}
    return {**fields.get(action, {}), **reason}


STATES = (
    "reported",
    "returned",
    "assigned",
    "assigned_to_unit",
    "handled",
    "handled_by_unit",
    "asked",
    "held",
    "assist_asked",
    "assisted",
    "fed_back",
    "reviewed",
    "dismissed",
    "merged",
    "withdrawn",
    "checking",
)


def bring_to(world: World, state: str) -> uuid.UUID:
    """A task of grid a1, reported by worker_a, brought to a state by those who may.

    ``assigned`` … are held by worker_a's post, the ``…_unit`` ones by the unit of community a. In ``assist_asked`` and
    ``assisted`` that unit has a part beside worker_a. ``checking`` is the check of a task that dispatcher_a reported,
    held by worker_a.
    """
    if state == "checking":
        return check_of(world, file(world, "dispatcher_a"))
    task_id = file(world)
    for who, action, given in _steps(world, state):
        act(world, who, task_id, action, **given)
    return task_id


def check_of(world: World, task_id: uuid.UUID, action: str = "verify", who: str = "dispatcher_a") -> uuid.UUID:
    """Have a task checked on the spot; answers the id of the check, the newest of the task."""
    document = act(world, who, task_id, action)
    return uuid.UUID(document["checks"][0]["id"])


def _steps(world: World, state: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if state == "reported":
        return
    if state in ("dismissed", "withdrawn"):
        action = {"dismissed": "dismiss", "withdrawn": "withdraw"}[state]
        yield ("worker_a" if action == "withdraw" else "dispatcher_a"), action, {}
        return
    if state == "merged":
        yield "dispatcher_a", "merge", {"master": str(file(world))}
        return
    unit = state.endswith("_unit")
    yield "dispatcher_a", "assign", {"assignee": {"unit": str(world.units["a"])}} if unit else {}
    if state in ("assigned", "assigned_to_unit"):
        return
    if state == "returned":
        yield "worker_a", "return", {}
        return
    holder = "handler_a" if unit else "worker_a"
    yield holder, "accept", {}
    if state == "asked":
        yield holder, "extend", {}
    if state == "held":
        yield "dispatcher_a", "hold", {}
    yield from _further(world, state, holder)


def _further(world: World, state: str, holder: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if state in ("assist_asked", "assisted"):
        yield "dispatcher_a", "involve", {"assignee": {"unit": str(world.units["a"])}}
    if state == "assisted":
        yield "handler_a", "assist_accept", {}
    if state in ("fed_back", "reviewed"):
        yield holder, "feedback", {}
    if state == "reviewed":
        yield "reviewer_a", "pass", {}


@contextmanager
def undone() -> Iterator[None]:
    """A savepoint that is always rolled back, to try the same task many times."""
    session.flush()
    attempt = session.begin_nested()
    try:
        yield
    finally:
        if attempt.is_active:
            attempt.rollback()
        session.expire_all()


def succeed(world: World) -> Range[dt.datetime]:
    """Worker A stands in grid a1 since the time answered, worker A2 before: so the list of its tasks is handed over."""
    lately = Range(now() - dt.timedelta(days=20), None)
    before = Range(now() - dt.timedelta(days=300), lately.lower)
    for name in ("worker_a", "worker_a2"):
        session.get_one(Post, world.people[name].post).during = lately
    session.flush()
    person, grid = world.people["worker_a2"].id, world.areas["a1"].id
    session.add(Post(person_id=person, grid_id=grid, kind="worker", during=before))
    session.commit()
    return lately
