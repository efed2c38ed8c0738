"""Joint tasks: one lead, units that assist with clocks and results of their own."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Assist, Notice, TaskEvent
from gridapp.services.doctor.assists import differing
from gridapp.services.tasking import tasks
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World


@pytest.fixture
def led(app: Flask, world: World) -> Any:
    """A task that worker_a handles."""
    with app.app_context():
        yield tasking.bring_to(world, "handled")


def involve(world: World, task_id: uuid.UUID, unit: str = "a", **given: Any) -> dict[str, Any]:
    return tasking.act(world, "dispatcher_a", task_id, "involve", assignee={"unit": str(world.units[unit])}, **given)


def refused(world: World, who: str, task_id: uuid.UUID, action: str, **given: Any) -> Problem:
    with pytest.raises(Problem) as caught, session.begin_nested():
        tasking.act(world, who, task_id, action, **given)
    session.expire_all()
    return caught.value


def test_each_unit_has_a_clock_and_a_result_of_its_own(led: uuid.UUID, world: World) -> None:
    before = tasks.get(tasking.principal(world, "dispatcher_a"), led)
    involve(world, led, "a")
    document = involve(world, led, "street", note="请协调占道车辆")
    parts = {part["unit"]["code"]: part for part in document["parts"]}
    assert {part["state"] for part in parts.values()} == {"asked"}
    assert all(part["due_at"] and part["lamp"] == "green" and not part["late"] for part in parts.values())
    tasking.act(world, "handler_a", led, "assist_accept")
    document = tasking.act(world, "handler_a", led, "assist_feedback", note="清运两车", photos=[tasking.PHOTO])
    parts = {part["unit"]["code"]: part for part in document["parts"]}
    assert (parts["unit_a"]["state"], parts["unit_a"]["result"]) == ("done", "清运两车")
    assert parts["unit_street"]["state"] == "asked"
    assert (document["stage"], document["due_at"]) == ("handle", before["due_at"])
    assert document["assists"] == {"open": 1, "all": 2}
    assert {"sha256": tasking.PHOTO, "phase": "after"} in document["photos"]


def test_the_lead_feeds_back_before_the_others_only_with_a_reason(led: uuid.UUID, world: World) -> None:
    involve(world, led)
    problem = refused(world, "worker_a", led, "feedback", reason=None)
    assert problem.errors["reason"].code == "assist_open"
    offered = tasks.get(tasking.principal(world, "worker_a"), led)["actions"]
    [reason] = [f for a in offered if a["action"] == "feedback" for f in a["fields"] if f["name"] == "reason"]
    assert reason["required"]
    assert [choice["code"] for choice in reason["choices"]] == ["assist_late"]
    done = tasking.act(world, "worker_a", led, "feedback", reason="assist_late")
    assert done["stage"] == "feedback"
    assert done["events"][-1]["reason"] == "assist_late"


def test_the_lead_feeds_back_without_a_reason_once_all_are_done(led: uuid.UUID, world: World) -> None:
    involve(world, led)
    tasking.act(world, "handler_a", led, "assist_decline", note="不属本单位")
    offered = tasks.get(tasking.principal(world, "worker_a"), led)["actions"]
    assert "reason" not in {f["name"] for a in offered if a["action"] == "feedback" for f in a["fields"]}
    assert tasking.act(world, "worker_a", led, "feedback", reason=None)["stage"] == "feedback"


def test_a_unit_is_asked_once_at_a_time_and_the_lead_never(led: uuid.UUID, world: World) -> None:
    involve(world, led)
    unit = {"unit": str(world.units["a"])}
    assert refused(world, "dispatcher_a", led, "involve", assignee=unit).errors["assignee"].code == "unknown"
    post = {"post": str(world.people["worker_a2"].post)}
    assert "assignee" in refused(world, "dispatcher_a", led, "involve", assignee=post).errors
    tasking.act(world, "dispatcher_a", led, "release")
    assert involve(world, led)["assists"] == {"open": 1, "all": 2}


def test_a_unit_of_another_area_sees_and_does_its_part(led: uuid.UUID, world: World, sign_in: SignIn) -> None:
    session.commit()
    stranger = sign_in("handler_b")
    assert stranger.get(f"/api/v1/tasks/{led}").status_code == 404
    tasking.act(world, "dispatcher_district", led, "involve", assignee={"unit": str(world.units["b"])})
    session.commit()
    document = stranger.get(f"/api/v1/tasks/{led}").get_json()
    assert {action["action"] for action in document["actions"]} == {"assist_accept", "assist_decline", "comment"}
    assert [task["id"] for task in stranger.get("/api/v1/tasks?view=mine").get_json()["items"]] == [str(led)]
    body = {"id": str(uuid.uuid4()), "action": "assist_accept", "at": "2026-11-25T03:00:00Z"}
    headers = {"If-Match": f'"{document["version"]}"'}
    answer = stranger.post(f"/api/v1/tasks/{led}/actions", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["parts"][0]["state"] == "assisting"
    again = stranger.post(f"/api/v1/tasks/{led}/actions", json=body, headers=headers)
    assert again.status_code == 200


def test_who_is_concerned_is_told(led: uuid.UUID, world: World) -> None:
    involve(world, led)
    tasking.act(world, "handler_a", led, "assist_accept")
    tasking.act(world, "handler_a", led, "assist_feedback")
    told = session.execute(select(Notice.kind, Notice.person_id).where(Notice.task_id == led)).all()
    people = {name: someone.id for name, someone in world.people.items()}
    assert ("task_involve", people["handler_a"]) in told
    assert ("task_assist_feedback", people["worker_a"]) in told
    assert ("task_assist_feedback", people["dispatcher_a"]) in told


def test_a_due_time_of_the_dispatchers_choice_is_to_come(led: uuid.UUID, world: World) -> None:
    unit = {"unit": str(world.units["a"])}
    problem = refused(world, "dispatcher_a", led, "involve", assignee=unit, due="2020-01-01T00:00:00Z")
    assert problem.errors["due"].code == "too_early"
    document = involve(world, led, due="2099-01-01T00:00:00Z")
    assert document["parts"][0]["due_at"] == "2099-01-01T00:00:00Z"


def test_a_part_is_what_the_events_say_and_the_database_refuses_any_other(led: uuid.UUID, world: World) -> None:
    involve(world, led)
    tasking.act(world, "handler_a", led, "assist_accept")
    assert differing() == []
    with pytest.raises(Exception, match="changes only by an event"), session.begin_nested():
        session.execute(text("update assist set result = 'x'"))
    with pytest.raises(Exception, match="never changed or deleted"), session.begin_nested():
        session.execute(text("delete from assist"))
    session.execute(text("alter table assist disable trigger assist_follows_its_events"))
    session.execute(text("update assist set words = 'x'"))
    number = tasks.get(tasking.principal(world, "dispatcher_a"), led)["number"]
    assert differing() == [number]


def test_a_hand_that_sends_twice_makes_one_part(led: uuid.UUID, world: World) -> None:
    who = tasking.principal(world, "dispatcher_a")
    version = tasks.get(who, led)["version"]
    body = {
        "id": str(uuid.uuid4()),
        "action": "involve",
        "at": "2026-11-25T03:00:00Z",
        **tasking.needs(world, "involve"),
    }
    for _ in range(2):
        tasks.act(who, led, body, f'"{version}"')
    assert session.scalar(select(func.count()).select_from(Assist).where(Assist.task_id == led)) == 1
    events = session.scalars(select(TaskEvent.action).where(TaskEvent.task_id == led)).all()
    assert events.count("involve") == 1
