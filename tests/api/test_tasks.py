"""What acting on a task does: limits, places, self-handling, extensions, holds, rework, merging, versions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Notice, Task
from gridapp.services.tasking import assignees, tasks
from gridapp.timesource import now
from tests.support import tasking
from tests.support.world import World

PROJECTION = """
select count(*) filter (where to_jsonb(jsonb_populate_record(null::task, told.row)) = to_jsonb(t)) = count(*)
from task t join (
  select task_id, jsonb_merged(changes order by seq) || jsonb_build_object('version', max(seq)) as row
  from task_event group by task_id) told on told.task_id = t.id
"""


@pytest.fixture
def inside(app: Flask) -> Any:
    with app.app_context():
        yield


def refused(world: World, who: str, task_id: uuid.UUID, action: str, **given: Any) -> Problem:
    with pytest.raises(Problem) as caught, tasking.undone():
        tasking.act(world, who, task_id, action, **given)
    return caught.value


@pytest.mark.usefixtures("inside")
def test_a_task_equals_what_its_events_add_up_to_in_every_state(world: World) -> None:
    for state in tasking.STATES:
        tasking.bring_to(world, state)
    assert session.execute(text(PROJECTION)).scalar_one() is True


@pytest.mark.usefixtures("inside")
def test_sql_cannot_move_a_task_without_an_event(world: World) -> None:
    task_id = tasking.bring_to(world, "assigned")
    for statement in (
        "update task set stage = 'handle'",
        "update task set version = version + 1",
        "update task set description = 'other', version = version + 1",
        "delete from task",
        "update task_event set note = 'other'",
        "delete from task_event",
        "truncate task_event cascade",
    ):
        with pytest.raises(DBAPIError), tasking.undone():
            session.execute(text(statement))
    assert session.scalar(select(Task.stage).where(Task.id == task_id)) == "assign"


@pytest.mark.usefixtures("inside")
def test_an_event_that_tells_something_else_than_the_row_is_refused(world: World) -> None:
    task_id = tasking.bring_to(world, "reported")
    told = (
        "insert into task_event (id, task_id, seq, action, actor_kind, at, to_stage, changes) values "
        "(gen_random_uuid(), :id, 2, 'accept', 'system', now(), 'handle', '{\"stage\": \"handle\"}')"
    )
    moved = "update task set stage = 'handle', version = 2, severity = 'high' where id = :id"
    with pytest.raises(IntegrityError), tasking.undone():
        session.execute(text(told), {"id": task_id})
        session.execute(text(moved), {"id": task_id})


@pytest.mark.usefixtures("inside")
def test_limits_are_frozen_at_assignment_and_start_anew_with_each_holder(world: World) -> None:
    task_id = tasking.bring_to(world, "assigned")
    first = session.get_one(Task, task_id)
    assert first.task_class == "immediate"
    assert first.assigned_at and first.answer_due_at and first.due_at
    assert first.assigned_at < first.answer_due_at < first.due_at
    before = first.assigned_at
    moved = tasking.act(world, "dispatcher_a", task_id, "transfer")
    assert dt.datetime.fromisoformat(moved["assigned_at"]) > before
    returned = tasking.act(world, "worker_a2", task_id, "return")
    assert (returned["stage"], returned["assignee"], returned["due_at"]) == ("report", None, None)


@pytest.mark.usefixtures("inside")
def test_a_worker_sees_a_task_outside_the_own_grid_only_while_holding_it(world: World) -> None:
    task_id = tasking.bring_to(world, "assigned")
    stranger = tasking.principal(world, "worker_a2")
    with pytest.raises(Problem):
        tasks.get(stranger, task_id)
    tasking.act(world, "dispatcher_a", task_id, "transfer")
    assert tasks.get(stranger, task_id)["stage"] == "assign"
    tasking.act(world, "worker_a2", task_id, "return")
    with pytest.raises(Problem):
        tasks.get(stranger, task_id)


@pytest.mark.usefixtures("inside")
def test_what_is_not_admitted_for_grid_workers_goes_to_units_only(world: World) -> None:
    task_id = tasking.file(world, category="07001", fields={"width": 2.5})
    problem = refused(world, "dispatcher_a", task_id, "assign")
    assert problem.errors["assignee"].code == "not_admitted"
    unit = {"assignee": {"unit": str(world.units["a"])}}
    assert tasking.act(world, "dispatcher_a", task_id, "assign", **unit)["stage"] == "assign"


@pytest.mark.usefixtures("inside")
def test_a_chief_assigns_inside_the_community_and_not_beyond(world: World) -> None:
    task_id = tasking.bring_to(world, "reported")
    beyond = {"assignee": {"unit": str(world.units["district"])}}
    other = {"assignee": {"post": str(world.people["worker_b"].post)}}
    assert refused(world, "chief_a", task_id, "assign", **beyond).errors["assignee"].code == "outside"
    assert refused(world, "chief_a", task_id, "assign", **other).errors["assignee"].code == "unknown"
    assert tasking.act(world, "chief_a", task_id, "assign")["stage"] == "assign"


@pytest.mark.usefixtures("inside")
def test_escalation_climbs_from_worker_to_chief_to_street_to_district_and_no_farther(world: World) -> None:
    task_id = tasking.bring_to(world, "assigned")
    climbed = [tasking.act(world, "worker_a", task_id, "escalate")["assignee"]]
    climbed.append(tasking.act(world, "chief_a", task_id, "escalate")["assignee"])
    climbed.append(tasking.act(world, "chief_a", task_id, "escalate")["assignee"])
    assert [a.get("post") or a.get("unit") for a in climbed] == [
        str(world.people["chief_a"].post),
        str(world.units["street"]),
        str(world.units["district"]),
    ]
    assert refused(world, "chief_a", task_id, "escalate").code == "nobody_above"


@pytest.mark.usefixtures("inside")
def test_a_hold_stops_the_clock_and_feedback_ends_it(world: World) -> None:
    task_id = tasking.bring_to(world, "held")
    held = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)
    assert (held["held"], held["overdue"]) == (True, False)
    with tasking.undone():
        resumed = tasking.act(world, "dispatcher_a", task_id, "resume")
        assert resumed["held"] is False
        assert resumed["due_at"] >= held["due_at"]
    assert tasking.act(world, "worker_a", task_id, "feedback")["held"] is False


@pytest.mark.usefixtures("inside")
def test_an_extension_moves_the_due_time_only_when_granted(world: World) -> None:
    task_id = tasking.bring_to(world, "asked")
    before = tasks.get(tasking.principal(world, "worker_a"), task_id)
    with tasking.undone():
        refusal = tasking.act(world, "chief_a", task_id, "refuse_extension")
        assert (refusal["due_at"], refusal["asked_due_at"]) == (before["due_at"], None)
    granted = tasking.act(world, "chief_a", task_id, "grant_extension")
    assert (granted["due_at"], granted["asked_due_at"]) == (before["asked_due_at"], None)


@pytest.mark.usefixtures("inside")
def test_the_third_rework_escalates_by_itself(world: World) -> None:
    task_id = tasking.bring_to(world, "fed_back")
    for _ in range(2):
        again = tasking.act(world, "reviewer_a", task_id, "rework")
        assert again["stage"] == "handle"
        tasking.act(world, "worker_a", task_id, "feedback")
    third = tasking.act(world, "reviewer_a", task_id, "rework")
    assert (third["stage"], third["rework_count"]) == ("assign", 3)
    assert third["assignee"]["post"] == str(world.people["chief_a"].post)
    assert [e["action"] for e in third["events"]][-2:] == ["rework", "escalate"]
    assert third["events"][-1]["actor"] == {"role": "system"}


@pytest.mark.usefixtures("inside")
def test_reopening_ends_after_seven_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = tasking.bring_to(world, "reviewed")
    late = now() + dt.timedelta(days=7, seconds=1)
    with tasking.undone():
        assert tasking.act(world, "dispatcher_a", task_id, "reopen")["assignee"] is not None
    monkeypatch.setattr(tasks, "now", lambda: late)
    assert refused(world, "dispatcher_a", task_id, "reopen").code == "not_allowed_now"


@pytest.mark.usefixtures("inside")
def test_every_reporter_of_merged_tasks_is_told_when_the_master_ends(world: World) -> None:
    master = tasking.file(world, "worker_a")
    middle = tasking.file(world, "chief_a")
    leaf = tasking.file(world, "handler_a")
    tasking.act(world, "dispatcher_a", leaf, "merge", master=str(middle))
    tasking.act(world, "dispatcher_a", middle, "merge", master=str(master))
    tasking.act(world, "dispatcher_a", master, "dismiss")
    told = session.scalars(select(Notice.person_id).where(Notice.kind == "task_dismissed")).all()
    assert set(told) == {world.people[name].id for name in ("worker_a", "chief_a", "handler_a")}
    assert len(told) == 3


@pytest.mark.usefixtures("inside")
def test_a_master_is_another_open_task_in_scope(world: World) -> None:
    task_id = tasking.file(world)
    elsewhere = tasking.file(world, "worker_b", location=world.inside("b1"))
    closed = tasking.bring_to(world, "dismissed")
    for master in (task_id, elsewhere, closed, uuid.uuid4()):
        assert refused(world, "dispatcher_a", task_id, "merge", master=str(master)).errors["master"].code == "unknown"


@pytest.mark.usefixtures("inside")
def test_versions_are_seen_and_named(world: World) -> None:
    task_id = tasking.bring_to(world, "reported")
    assert refused(world, "dispatcher_a", task_id, "assign", if_match=None).code == "version_missing"
    tasking.act(world, "dispatcher_a", task_id, "assign", if_match='"1"')
    late = refused(world, "dispatcher_a", task_id, "dismiss", if_match='"1"')
    assert (late.code, late.extra["by"]["action"]) == ("changed_meanwhile", "assign")
    assert late.extra["task"]["version"] == 2
    assert "Dispatcher A" in late.detail("zh")
    assert tasking.act(world, "worker_a", task_id, "comment", if_match=None)["version"] == 3


@pytest.mark.usefixtures("inside")
def test_an_own_earlier_event_stands_for_the_version_until_somebody_else_moves_the_task(world: World) -> None:
    task_id = tasking.bring_to(world, "assigned")
    accept, feedback = str(uuid.uuid4()), str(uuid.uuid4())
    tasking.act(world, "worker_a", task_id, "accept", id=accept)
    tasking.act(world, "dispatcher_a", task_id, "comment")
    with tasking.undone():
        done = tasking.act(world, "worker_a", task_id, "feedback", id=feedback, if_match=f'"after:{accept}"')
        assert done["stage"] == "feedback"
    for name in ("worker_a2", "worker_a"):
        tasking.act(world, "dispatcher_a", task_id, "transfer", assignee={"post": str(world.people[name].post)})
    late = refused(world, "worker_a", task_id, "feedback", if_match=f'"after:{accept}"')
    assert late.code == "changed_meanwhile"


@pytest.mark.usefixtures("inside")
def test_sending_an_action_again_is_harmless_and_an_id_has_one_content(world: World) -> None:
    task_id = tasking.bring_to(world, "assigned")
    body = {"id": str(uuid.uuid4()), "action": "accept", "at": now().isoformat()}
    worker = tasking.principal(world, "worker_a")
    first = tasks.act(worker, task_id, body, '"2"')
    again = tasks.act(worker, task_id, body, '"2"')
    assert (first["version"], again["version"]) == (3, 3)
    with pytest.raises(Problem) as caught:
        tasks.act(worker, task_id, {**body, "note": "other"}, '"2"')
    assert caught.value.code == "id_reused"


@pytest.mark.usefixtures("inside")
def test_a_reopened_task_always_has_a_holder(world: World) -> None:
    given: dict[str, Any] = {
        "category": "06002",
        "photos": [tasking.PHOTO],
        "self_handled": {"note": "已清除", "photos": ["cd" * 32], "handled_at": now().isoformat()},
    }
    settled = tasking.file(world, **given)
    assert tasking.act(world, "dispatcher_a", settled, "reopen")["assignee"]["post"] == str(
        world.people["worker_a"].post
    )
    task = session.get_one(Task, tasking.file(world))
    assert assignees.first_in_line(task).post_id == world.people["worker_a"].post
    task = session.get_one(Task, tasking.file(world, category="07001", fields={"width": 2.5}))
    assert assignees.first_in_line(task).unit_id == world.units["street"]
