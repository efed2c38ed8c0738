"""What runs by itself on a task: lamps, escalation, holds that end; each once, with its true time, by frozen limits."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.jobs import clockwork
from gridapp.models import CalendarDay, ClockStep, FilingCondition, Notice, Person, Task, TaskEvent
from gridapp.services.tasking import tasks
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 08:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock


def tick() -> None:
    """Run what is due, as the job does each minute."""
    clockwork.run_due_steps()
    session.expire_all()


def task_of(task_id: uuid.UUID) -> Task:
    return session.get_one(Task, task_id, populate_existing=True)


def steps(task_id: uuid.UUID) -> dict[tuple[str, int], tuple[dt.datetime, str | None]]:
    rows = session.scalars(select(ClockStep).where(ClockStep.task_id == task_id))
    return {(row.step, row.since): (row.due_at, row.result) for row in rows}


def told(task_id: uuid.UUID) -> list[tuple[str, str]]:
    """Kinds of notices and to whom, in order."""
    query = select(Notice.kind, Person.username).join(Person, Person.id == Notice.person_id)
    rows = session.execute(query.where(Notice.task_id == task_id).order_by(Notice.id))
    return [(kind, name) for kind, name in rows]


def assigned(world: World, **given: Any) -> uuid.UUID:
    """A task of four working hours for worker_a."""
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_a", task_id, "assign", **given)
    return task_id


def test_the_lamp_turns_yellow_then_red_then_the_task_goes_one_level_up(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    tasking.act(world, "worker_a", task_id, "accept")
    assert tasks.get(tasking.principal(world, "worker_a"), task_id)["lamp"] == "green"
    clock.to("2026-03-04 11:00")
    tick()
    assert told(task_id)[-1] == ("clock_yellow", "worker_a")
    assert tasks.get(tasking.principal(world, "worker_a"), task_id)["lamp"] == "yellow"
    clock.to("2026-03-04 12:00")
    tick()
    assert told(task_id)[-1] == ("clock_red", "chief_a")
    assert tasks.get(tasking.principal(world, "worker_a"), task_id)["lamp"] == "red"
    clock.to("2026-03-04 17:59")
    tick()
    assert task_of(task_id).assignee_post_id == world.people["worker_a"].post
    clock.to("2026-03-04 18:00")
    tick()
    tick()
    task = task_of(task_id)
    assert (task.stage, task.assignee_post_id) == ("assign", world.people["chief_a"].post)
    assert told(task_id)[2:] == [("clock_red", "chief_a"), ("task_escalate", "chief_a"), ("task_taken", "worker_a")]
    assert task.due_at == local("2026-03-05 12:00")


def test_after_a_long_stop_each_step_runs_once_and_nobody_hears_of_what_is_overtaken(
    world: World, clock: SetClock
) -> None:
    task_id = assigned(world)
    before = told(task_id)
    clock.to("2026-03-05 09:30")
    tick()
    assert [result for _, result in sorted(steps(task_id).values()) if result] == ["overtaken"] * 3 + ["done"]
    assert told(task_id)[len(before) :] == [("task_escalate", "chief_a"), ("task_taken", "worker_a")]
    event = session.scalar(select(TaskEvent).where(TaskEvent.task_id == task_id, TaskEvent.action == "escalate"))
    assert event is not None
    assert (event.at, event.device_at, event.reason) == (clock.at, local("2026-03-04 18:00"), "overdue")
    assert task_of(task_id).assigned_at == clock.at


def test_a_step_that_no_longer_fits_is_dropped_without_a_word(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    tasking.act(world, "worker_a", task_id, "accept")
    clock.to("2026-03-04 10:59")
    tasking.act(world, "worker_a", task_id, "feedback")
    before = told(task_id)
    clock.to("2026-03-06 18:00")
    tick()
    assert told(task_id) == before
    assert steps(task_id) == {}


def test_a_hold_stops_the_clock_and_ends_by_itself_on_its_date(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    tasking.act(world, "worker_a", task_id, "accept")
    clock.to("2026-03-04 10:00")
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-03-06")
    clock.to("2026-03-05 23:59")
    tick()
    assert task_of(task_id).held_at is not None
    clock.to("2026-03-06 03:00")
    tick()
    task = task_of(task_id)
    assert (task.held_at, task.due_at) == (None, local("2026-03-06 10:00"))
    assert task.yellow_at == local("2026-03-06 09:00")
    event = session.scalar(select(TaskEvent).where(TaskEvent.task_id == task_id, TaskEvent.action == "resume"))
    assert event is not None
    assert event.device_at == local("2026-03-06 00:00")
    clock.to("2026-03-06 09:00")
    tick()
    assert told(task_id)[-1] == ("clock_yellow", "worker_a")


def test_what_a_hold_that_ended_during_a_stop_brings_is_said_once(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    tasking.act(world, "worker_a", task_id, "accept")
    clock.to("2026-03-04 10:00")
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-03-05")
    before = len(told(task_id))
    clock.to("2026-03-06 09:00")  # the hold was over at midnight, the limit at ten, four hours more at four
    tick()
    assert told(task_id)[before:] == [
        ("task_resume", "worker_a"),
        ("task_escalate", "chief_a"),
        ("task_taken", "worker_a"),
    ]
    assert [result for _, result in steps(task_id).values()].count("overtaken") == 2


def test_an_extension_moves_the_clock_and_its_lamps_come_again(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    tasking.act(world, "worker_a", task_id, "accept")
    clock.to("2026-03-04 11:30")
    tick()
    tasking.act(world, "worker_a", task_id, "extend", due="2026-03-05T12:00:00+08:00")
    tasking.act(world, "dispatcher_a", task_id, "grant_extension")
    task = task_of(task_id)
    assert (task.due_at, task.yellow_at) == (local("2026-03-05 12:00"), local("2026-03-05 09:00"))
    clock.to("2026-03-05 12:00")
    tick()
    assert [kind for kind, _ in told(task_id)].count("clock_yellow") == 1
    assert told(task_id)[-1] == ("clock_red", "chief_a")


def test_lateness_belongs_to_the_holder_who_was_late(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    clock.to("2026-03-04 15:00")
    tasking.act(world, "dispatcher_a", task_id, "transfer")
    clock.to("2026-03-04 16:00")
    tasking.act(world, "worker_a2", task_id, "accept")
    clock.to("2026-03-05 09:00")
    tasking.act(world, "worker_a2", task_id, "feedback", location=world.inside("a2"))
    first, second = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["holders"]
    assert (first["late"], first["working_minutes"], first["natural_minutes"]) == (True, 300, 420)
    assert (second["late"], second["working_minutes"], second["natural_minutes"]) == (False, 240, 18 * 60)
    assert (first["ended_by"], second["ended_by"]) == ("transfer", "feedback")


def test_what_a_review_takes_is_not_the_holders(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    tasking.act(world, "worker_a", task_id, "accept")
    clock.to("2026-03-04 10:00")
    tasking.act(world, "worker_a", task_id, "feedback")
    clock.to("2026-03-05 10:00")
    tasking.act(world, "reviewer_a", task_id, "rework")
    task = task_of(task_id)
    assert (task.due_at, task.yellow_at) == (local("2026-03-05 12:00"), local("2026-03-05 11:00"))
    clock.to("2026-03-05 11:00")
    [holder] = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["holders"]
    assert (holder["working_minutes"], holder["until"]) == (180, None)


def test_a_limit_is_frozen_with_its_calendar(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    tasking.act(world, "worker_a", task_id, "accept")
    session.add(CalendarDay(day=dt.date(2026, 3, 5), works=False, name="停工"))
    condition = session.get_one(FilingCondition, (world.edition, "06001-1"))
    condition.handle_amount = 1
    session.flush()
    clock.to("2026-03-04 11:00")
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-03-05")
    clock.to("2026-03-05 09:00")
    tick()
    assert task_of(task_id).due_at == local("2026-03-05 09:00")
    other = assigned(world)
    assert task_of(other).due_at == local("2026-03-06 12:00")


def test_who_does_not_accept_in_time_is_reminded_once(world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    clock.to("2026-03-04 09:00")
    tick()
    tick()
    assert told(task_id)[1:] == [("clock_answer", "worker_a")]


def test_at_the_top_the_desk_is_told_that_nobody_stands_above(world: World, clock: SetClock) -> None:
    task_id = assigned(world, assignee={"unit": str(world.units["a"])})
    for unit in ("street", "district"):
        clock.at = max(due for due, result in steps(task_id).values() if result is None)
        tick()
        assert task_of(task_id).assignee_unit_id == world.units[unit]
    clock.at = max(due for due, result in steps(task_id).values() if result is None)
    tick()
    assert [result for _, result in steps(task_id).values()].count("nobody") == 1
    assert sorted(told(task_id)[-2:]) == [("clock_nobody_above", "chief_a"), ("clock_nobody_above", "dispatcher_a")]
