"""A step that fails is tried again after growing pauses, then put aside for the administrator, and blocks nobody."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range

from gridapp.db import session
from gridapp.jobs import JobFailed, clockwork, queue_of
from gridapp.models import ClockStep, JobState, Notice, Post, Task
from gridapp.services.clockwork.run import PAUSES
from tests.support import tasking
from tests.support.hours import set_clock
from tests.support.world import World

REFUSE = """
create function refuse_one() returns trigger language plpgsql as $$
begin raise exception 'the disk of this notice is broken'; end $$;
create trigger refuse_one before insert on notice for each row
when (new.task_id = '{task}' and new.kind = 'clock_red') execute function refuse_one()
"""


def two_tasks(world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """Both due to turn red at 12:00; the database refuses every word about the first."""
    broken, sound = tasking.bring_to(world, "handled"), tasking.bring_to(world, "handled")
    session.execute(text(REFUSE.format(task=broken)))
    session.commit()
    return broken, sound


def red_of(task_id: uuid.UUID) -> ClockStep:
    session.expire_all()
    return session.scalars(select(ClockStep).where(ClockStep.task_id == task_id, ClockStep.step == "red")).one()


def test_a_step_that_fails_is_tried_again_then_put_aside_and_blocks_nobody(live_app: Flask, world: World) -> None:
    with live_app.app_context(), set_clock("2026-03-04 08:00") as clock:
        broken, sound = two_tasks(world)
        clock.to("2026-03-04 12:00")
        clockwork.run_due_steps()
        assert red_of(sound).result == "done"
        for pause in PAUSES:
            step = red_of(broken)
            assert (step.done_at, step.parked_at, step.try_at) == (None, None, clock.at + pause)
            assert "disk of this notice" in (step.failure or "")
            clockwork.run_due_steps()
            assert red_of(broken).tries == step.tries
            clock.at += pause
            clockwork.run_due_steps()
        assert red_of(broken).parked_at is not None
        before = red_of(broken).tries
        clockwork.run_due_steps()
        assert red_of(broken).tries == before


def test_what_was_mended_is_done_at_the_next_try(live_app: Flask, world: World) -> None:
    with live_app.app_context(), set_clock("2026-03-04 08:00") as clock:
        broken, _ = two_tasks(world)
        clock.to("2026-03-04 12:00")
        clockwork.run_due_steps()
        session.execute(text("drop trigger refuse_one on notice"))
        session.commit()
        clock.on(minutes=1)
        clockwork.run_due_steps()
        assert red_of(broken).result == "done"
        told = select(func.count()).where(Notice.task_id == broken, Notice.kind == "clock_red")
        assert session.scalar(told) == 1


def test_a_job_that_fails_is_on_record_with_its_words(live_app: Flask) -> None:
    with live_app.app_context():
        session.execute(text("alter table clock_step rename to clock_step_away"))
        session.commit()
    with pytest.raises(JobFailed, match="clock_step"):
        queue_of(live_app).tasks["run_due_steps"].func(0)
    with live_app.app_context():
        state = session.get_one(JobState, "run_due_steps")
        assert (state.failures, state.succeeded_at) == (1, None)
        session.execute(text("alter table clock_step_away rename to clock_step"))
        session.commit()
    queue_of(live_app).tasks["run_due_steps"].func(0)
    with live_app.app_context():
        again = session.get_one(JobState, "run_due_steps", populate_existing=True)
        assert (again.failures, again.failure) == (0, None)
        assert again.succeeded_at is not None


REFUSE_EVENT = """
create function refuse_event() returns trigger language plpgsql as $$
begin raise exception 'the disk of this event is broken'; end $$;
create trigger refuse_event before insert on task_event for each row
when (new.task_id = '{task}') execute function refuse_event()
"""


def run_job(app: Flask, name: str) -> JobState:
    """Run a job as the queue does, which is not to try it again: its next time finds what is left."""
    queue_of(app).tasks[name].func(0)
    session.expire_all()
    return session.get_one(JobState, name, populate_existing=True)


def test_a_check_that_cannot_be_ended_stops_no_other(live_app: Flask, world: World) -> None:
    with live_app.app_context(), set_clock("2026-03-04 08:00") as clock:
        broken, sound = tasking.bring_to(world, "checking"), tasking.bring_to(world, "checking")
        session.execute(text(REFUSE_EVENT.format(task=broken)))
        session.commit()
        clock.on(days=30)
        state = run_job(live_app, "expire_checks")
        assert (state.failures, "disk of this event" in (state.failure or "")) == (1, True)
        assert session.get_one(Task, broken).outcome is None
        assert session.get_one(Task, sound).outcome == "withdrawn"


def test_a_task_that_cannot_be_handed_over_stops_no_other(live_app: Flask, world: World) -> None:
    with live_app.app_context(), set_clock("2026-03-04 08:00") as clock:
        broken, sound = tasking.bring_to(world, "assigned"), tasking.bring_to(world, "assigned")
        session.execute(text(REFUSE_EVENT.format(task=broken)))
        post = session.get_one(Post, world.people["worker_a"].post)
        post.during = Range(post.during.lower, clock.at)
        session.commit()
        clock.on(minutes=1)
        state = run_job(live_app, "hand_over_work")
        assert (state.failures, "disk of this event" in (state.failure or "")) == (1, True)
        assert session.get_one(Task, broken).assignee_post_id == post.id
        assert session.get_one(Task, sound).assignee_post_id == world.people["chief_a"].post
