"""Whatever people do and however much time passes: the clock and the record of a task stay one whole.

A machine acts as people, lets hours pass (over Spring Festival too), lets the clock run or stand still, sends people on
leave. After each step the task must lie in the table, equal its events, have one holder and one running clock.
"""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import pairwise
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import Range

from gridapp.clocks import periods
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Assist, ClockStep, Leave, Task, TaskEvent
from gridapp.services.clockwork import plan, run
from gridapp.services.routing import standins
from gridapp.services.tasking import deadlines
from gridapp.workflow import BY_ACTION, FILING, OUTCOMES, STAGES
from tests.support import tasking
from tests.support.hours import SetClock, set_clock
from tests.support.world import World

PEOPLE = ("worker_a", "worker_a2", "chief_a", "dispatcher_a", "dispatcher_district", "reviewer_a", "handler_a")
LIKELY = ("assign", "accept", "feedback", "rework", "return", "transfer", "hold", "extend", "grant_extension")
TOLD = """
select to_jsonb(jsonb_populate_record(null::task, jsonb_merged(changes order by seq)
  || jsonb_build_object('version', max(seq)))) = (select to_jsonb(t) from task t where t.id = :id)
from task_event where task_id = :id
"""


class Machine(RuleBasedStateMachine):
    """One task in the hands of everybody and of time."""

    world: World
    clock: SetClock

    def __init__(self) -> None:
        super().__init__()
        self.undone = session.begin_nested()
        self.clock.to("2026-02-12 09:00")
        self.task_id = tasking.file(self.world)
        self.events = 1

    def teardown(self) -> None:
        self.undone.rollback()
        session.expire_all()

    @property
    def task(self) -> Task:
        return session.get_one(Task, self.task_id, populate_existing=True)

    @initialize(unit=st.booleans())
    def begin(self, *, unit: bool) -> None:
        given = {"assignee": {"unit": str(self.world.units["a"])}} if unit else {}
        tasking.act(self.world, "dispatcher_a", self.task_id, "assign", **given)

    @rule(who=st.sampled_from(PEOPLE), action=st.one_of(st.sampled_from(LIKELY), st.sampled_from(sorted(BY_ACTION))))
    def act(self, who: str, action: str) -> None:
        self._try(who, action, {})

    @rule(unit=st.sampled_from(["a", "street", "district"]), action=st.sampled_from(["assign", "transfer"]))
    def to_a_unit(self, unit: str, action: str) -> None:
        self._try("dispatcher_district", action, {"assignee": {"unit": str(self.world.units[unit])}})

    @rule(unit=st.sampled_from(["a", "street", "district"]))
    def joint(self, unit: str) -> None:
        self._try("dispatcher_district", "involve", {"assignee": {"unit": str(self.world.units[unit])}})

    @rule(days=st.integers(1, 12))
    def on_hold(self, days: int) -> None:
        until = (self.clock.at + dt.timedelta(days=days)).date()
        self._try("dispatcher_a", "hold", {"review_on": until.isoformat()})

    @rule(who=st.sampled_from(["handler_a", "handler_district"]))
    def not_mine(self, who: str) -> None:
        self._try(who, "return", {"reason": "not_mine"})

    def _try(self, who: str, action: str, given: dict[str, Any]) -> None:
        before, attempt = self.task.version, session.begin_nested()
        try:
            due = self.task.due_at
            tasking.act(self.world, who, self.task_id, action, **given)
            attempt.commit()
            if action == "grant_extension":
                assert due is not None
                assert self.task.due_at is not None
                assert self.task.due_at >= due
        except Problem as problem:
            attempt.rollback()
            session.expire_all()
            assert problem.status in (403, 404, 409, 422)
            assert self.task.version == before

    @rule(hours=st.sampled_from([0.25, 1, 3, 8, 20, 72, 240]))
    def wait(self, hours: float) -> None:
        self.clock.on(hours=hours)

    @rule()
    def tick(self) -> None:
        while (task_id := run.claim()) is not None:
            run.perform(task_id)
        for task_id in standins.waiting():
            standins.hand_over(task_id)
        waiting = select(ClockStep.id).where(ClockStep.done_at.is_(None), ClockStep.due_at <= self.clock.at)
        assert session.scalars(waiting.where(ClockStep.task_id == self.task_id)).all() == []

    @rule(who=st.sampled_from(["worker_a", "worker_a2"]), hours=st.integers(1, 30))
    def leave(self, who: str, hours: int) -> None:
        span = Range(self.clock.at, self.clock.at + dt.timedelta(hours=hours))
        post = self.world.people[who].post
        if session.scalar(select(Leave.id).where(Leave.post_id == post, Leave.during.overlaps(span))) is None:
            session.add(Leave(id=uuid.uuid4(), post_id=post, during=span))
            session.flush()

    @invariant()
    def it_is_whole(self) -> None:
        task = self.task
        holders = [h for h in (task.assignee_post_id, task.assignee_unit_id) if h is not None]
        assert task.stage in STAGES
        assert task.outcome in (None, *OUTCOMES)
        assert len(holders) == (0 if task.stage == "report" else 1)
        assert (task.due_at is None) == (not holders)
        assert task.held_at is None or task.stage == "handle"
        assert task.returned_at is None or task.stage == "report"
        assert session.execute(text(TOLD), {"id": self.task_id}).scalar_one() is True
        self._record_is_whole(task)
        self._steps_fit(task)
        self._parts_are_apart(task)

    def _record_is_whole(self, task: Task) -> None:
        query = select(TaskEvent).where(TaskEvent.task_id == task.id).order_by(TaskEvent.seq)
        events = session.scalars(query).all()
        assert [event.seq for event in events] == list(range(1, task.version + 1))
        assert len(events) >= self.events
        self.events = len(events)
        assert all(event.action in BY_ACTION and event.to_stage in STAGES for event in events)
        assert [event.action for event in events if event.action in FILING] == ["report"]
        found = periods(events)
        running = [period for period in found if period.end is None]
        assert len(running) == (1 if task.stage in ("assign", "handle") and task.outcome is None else 0)
        for period in running:
            holder = task.assignee_post_id or task.assignee_unit_id
            assert (period.post or period.unit, period.due_at) == (str(holder), task.due_at)
        for one, following in pairwise(found):
            assert one.end is not None
            assert one.end <= following.start
        for period in found:
            working = period.working(self.clock.at, deadlines.calendar_of(period.clock))
            assert dt.timedelta(0) <= working <= period.natural(self.clock.at)

    def _steps_fit(self, task: Task) -> None:
        rows = session.scalars(select(ClockStep).where(ClockStep.task_id == task.id)).all()
        done = {(row.step, row.since) for row in rows if row.done_at is not None}
        waiting = {(row.step, row.since, row.due_at) for row in rows if row.done_at is None}
        planned = {(due.step.value, due.since, due.at) for due in plan.planned(task)}
        assert waiting == {due for due in planned if due[:2] not in done}

    def _parts_are_apart(self, task: Task) -> None:
        """Nobody has two clocks: a unit assists once at a time, and never beside itself as the lead."""
        running = [
            part for part in session.scalars(select(Assist).where(Assist.task_id == task.id)) if not part.outcome
        ]
        units = [part.unit_id for part in running]
        assert len(set(units)) == len(units)
        assert task.assignee_unit_id not in units
        assert all(part.clock and part.asked_at <= part.due_at for part in running)


def test_no_order_of_deeds_and_hours_breaks_a_task_or_its_clock(app: Flask, world: World) -> None:
    with app.app_context(), set_clock("2026-02-12 09:00") as clock:
        Machine.world, Machine.clock = world, clock
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=15,
                stateful_step_count=30,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
