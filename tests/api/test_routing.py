"""Where reports go by themselves: rules, categories for the worker, the chain as data, first answerable, backstop."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.jobs import clockwork
from gridapp.models import CategoryRouting, ChainLink, ClockStep, Notice, Person, RoutingRule, Task, TaskEvent, Unit
from gridapp.services.tasking import assignees
from tests.support import tasking
from tests.support.catalogue import FIRE_LANE
from tests.support.hours import SetClock, set_clock
from tests.support.world import World


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """A Wednesday morning."""
    with app.app_context(), set_clock("2026-03-04 09:00") as clock:
        yield clock


def rule(world: World, ordinal: int, target: str, **given: Any) -> None:
    plain = {"name": f"规则{ordinal}", "grid_id": world.areas["district"].id}
    session.add(RoutingRule(ordinal=ordinal, target=target, **{**plain, **given}))
    session.flush()


def task_of(task_id: uuid.UUID) -> Task:
    return session.get_one(Task, task_id, populate_existing=True)


def last_event(task_id: uuid.UUID) -> TaskEvent:
    query = select(TaskEvent).where(TaskEvent.task_id == task_id).order_by(TaskEvent.seq.desc())
    found = session.scalars(query).first()
    assert found is not None
    return found


def test_without_rules_a_person_decides(world: World, clock: SetClock) -> None:
    assert task_of(tasking.file(world)).stage == "report"


def test_of_the_rules_that_match_the_last_wins_and_the_task_says_which(world: World, clock: SetClock) -> None:
    rule(world, 1, "worker")
    rule(world, 2, "unit", unit_id=world.units["a"], category_code="06")
    rule(world, 3, "unit", unit_id=world.units["b"], grid_id=world.areas["b"].id)
    rule(world, 4, "chief", enabled=False)
    task_id = tasking.file(world)
    task, event = task_of(task_id), last_event(task_id)
    assert (task.stage, task.assignee_unit_id) == ("assign", world.units["a"])
    assert (event.action, event.actor_kind, event.reason, event.note) == ("assign", "system", "routing_rule", "规则2")
    assert task.first_unit_id == world.units["a"]


@pytest.mark.parametrize(
    ("given", "matches"),
    [
        ({"category_code": "06001"}, True),
        ({"category_code": "07"}, False),
        ({"hours": "working"}, True),
        ({"hours": "outside"}, False),
        ({"weekdays": [3]}, True),
        ({"weekdays": [6, 7]}, False),
        ({"from_time": dt.time(8), "until_time": dt.time(9)}, False),
        ({"from_time": dt.time(9), "until_time": dt.time(10)}, True),
        ({"from_time": dt.time(22), "until_time": dt.time(9, 30)}, True),
        ({"from_time": dt.time(22), "until_time": dt.time(6)}, False),
    ],
)
def test_a_rule_speaks_of_category_area_and_time(
    world: World, clock: SetClock, given: dict[str, Any], *, matches: bool
) -> None:
    rule(world, 1, "chief", **given)
    task = task_of(tasking.file(world))
    assert (task.assignee_post_id == world.people["chief_a"].post) is matches


@pytest.mark.parametrize(
    ("at", "matches"),
    [
        ("2026-03-06 21:59", False),
        ("2026-03-06 22:00", True),  # Friday
        ("2026-03-07 05:59", True),  # the night of Friday
        ("2026-03-07 06:00", False),
        ("2026-03-07 22:00", False),  # Saturday
        ("2026-03-06 02:00", False),  # the night of Thursday
    ],
)
def test_the_night_of_a_day_ends_on_the_next_morning(world: World, clock: SetClock, at: str, *, matches: bool) -> None:
    rule(world, 1, "chief", weekdays=[5], from_time=dt.time(22), until_time=dt.time(6))
    clock.to(at)
    task = task_of(tasking.file(world))
    assert (task.assignee_post_id == world.people["chief_a"].post) is matches


def test_a_rule_that_names_nobody_leaves_it_to_the_one_before(world: World, clock: SetClock) -> None:
    rule(world, 1, "unit", unit_id=world.units["street"])
    rule(world, 2, "worker", category_code=FIRE_LANE)
    task = task_of(tasking.file(world, category=FIRE_LANE, fields={"width": 2.5}, severity="low"))
    assert task.assignee_unit_id == world.units["street"]


def test_a_category_set_so_goes_to_the_worker_of_the_grid(world: World, clock: SetClock) -> None:
    session.add(CategoryRouting(category_code="06001", to_worker=True))
    session.flush()
    task_id = tasking.file(world)
    assert task_of(task_id).assignee_post_id == world.people["worker_a"].post
    assert last_event(task_id).reason == "auto_assign"


def test_what_was_cut_short_is_routed_by_the_clock_once(world: World, clock: SetClock) -> None:
    rule(world, 1, "chief", enabled=False)
    task_id = tasking.file(world)
    session.add(ClockStep(task_id=task_id, step="route", since=1, due_at=clock.at))
    session.scalars(select(RoutingRule)).one().enabled = True
    session.flush()
    clock.on(minutes=5)
    clockwork.run_due_steps()
    clockwork.run_due_steps()
    event = last_event(task_id)
    assert (event.action, event.seq, event.device_at) == ("assign", 2, clock.at - dt.timedelta(minutes=5))


def test_who_answers_at_each_level_is_data(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "assigned")
    assert assignees.one_level_up(task_of(task_id)).post_id == world.people["chief_a"].post
    everywhere = world.areas["district"].id
    session.add(ChainLink(grid_id=everywhere, level="community", answerer="unit", unit_id=world.units["a"]))
    session.flush()
    assert assignees.one_level_up(task_of(task_id)).unit_id == world.units["a"]
    session.add(ChainLink(grid_id=world.areas["a"].id, level="community", answerer="nobody"))
    session.flush()
    assert assignees.one_level_up(task_of(task_id)).unit_id == world.units["street"]


def say(world: World, level: str, answerer: str) -> None:
    session.add(ChainLink(grid_id=world.areas["district"].id, level=level, answerer=answerer))
    session.flush()


def test_upwards_is_never_the_one_who_holds_it(world: World, clock: SetClock) -> None:
    say(world, "community", "worker")
    task_id = tasking.bring_to(world, "assigned")
    tasking.act(world, "worker_a", task_id, "escalate")
    task = task_of(task_id)
    assert (task.assignee_post_id, task.assignee_unit_id) == (None, world.units["street"])


def test_upwards_is_no_worker_for_what_is_not_admitted(world: World, clock: SetClock) -> None:
    say(world, "street", "worker")
    task_id = tasking.file(world, category=FIRE_LANE, fields={"width": 2.5}, severity="low")
    tasking.act(world, "dispatcher_a", task_id, "assign", assignee={"post": str(world.people["chief_a"].post)})
    tasking.act(world, "chief_a", task_id, "escalate")
    task = task_of(task_id)
    assert (task.assignee_post_id, task.assignee_unit_id) == (None, world.units["district"])


def test_a_unit_without_handlers_swallows_no_task(world: World, clock: SetClock) -> None:
    task_id = tasking.file(world)
    empty = {"unit": str(world.units["street"])}
    tasking.act(world, "dispatcher_district", task_id, "assign", assignee=empty)
    told = select(Person.username).join(Notice, Notice.person_id == Person.id)
    told = told.where(Notice.task_id == task_id, Notice.kind == "task_nobody_there")
    assert "dispatcher_a" in session.scalars(told).all()


def test_a_unit_with_handlers_goes_before_those_without(world: World, clock: SetClock) -> None:
    place = world.areas["street"].id
    staffed = Unit(id=uuid.uuid4(), code="zz", name="有人单位", level="street", grid_id=place)
    session.add(staffed)
    session.flush()
    session.get_one(Person, world.people["handler_b"].id).unit_id = staffed.id
    session.flush()
    task_id = tasking.bring_to(world, "assigned")
    for who in ("worker_a", "chief_a"):
        tasking.act(world, who, task_id, "escalate")
    assert task_of(task_id).assignee_unit_id == staffed.id


def test_a_retired_unit_does_not_get_its_task_back(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "handled_by_unit")
    tasking.act(world, "handler_a", task_id, "feedback")
    tasking.act(world, "reviewer_a", task_id, "pass")
    session.get_one(Unit, world.units["a"]).retired_at = clock.at
    session.flush()
    tasking.act(world, "dispatcher_a", task_id, "reopen")
    assert task_of(task_id).assignee_unit_id == world.units["street"]


def returned_by_unit(world: World, task_id: uuid.UUID, unit: str, who: str, reason: str = "not_mine") -> None:
    tasking.act(world, "dispatcher_district", task_id, "assign", assignee={"unit": str(world.units[unit])})
    tasking.act(world, who, task_id, "return", reason=reason)


def test_what_units_say_twice_is_not_theirs_goes_to_the_district_and_stays_there(world: World, clock: SetClock) -> None:
    task_id = tasking.file(world)
    returned_by_unit(world, task_id, "a", "handler_a", reason="wrong_holder")
    returned_by_unit(world, task_id, "a", "handler_a")
    assert task_of(task_id).stage == "report"
    returned_by_unit(world, task_id, "a", "handler_a")
    task = task_of(task_id)
    assert (task.stage, task.assignee_unit_id, task.first_unit_id) == (
        "assign",
        world.units["district"],
        world.units["a"],
    )
    assert last_event(task_id).reason == "backstop"
    with pytest.raises(Problem) as refused:
        tasking.act(world, "handler_district", task_id, "return", reason="not_mine")
    assert refused.value.code == "backstop_holds"


def test_what_comes_back_to_the_desk_for_another_reason_stays_there(world: World, clock: SetClock) -> None:
    task_id = tasking.file(world)
    for _ in range(2):
        returned_by_unit(world, task_id, "a", "handler_a")
    tasking.act(world, "handler_district", task_id, "return", reason="wrong_holder")
    assert task_of(task_id).stage == "report"
    told = select(Person.username).join(Notice, Notice.person_id == Person.id)
    told = told.where(Notice.task_id == task_id, Notice.kind == "task_return", Notice.overtaken_at.is_(None))
    assert "dispatcher_a" in session.scalars(told).all()


def test_a_returned_task_is_told_to_the_desk_until_it_is_acknowledged(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "returned")
    names = select(Notice.kind, Person.username).join(Person, Person.id == Notice.person_id)
    names = names.where(Notice.task_id == task_id).order_by(Notice.id)
    told = [tuple(row) for row in session.execute(names)]
    assert ("task_return", "dispatcher_a") in told
    clock.on(hours=1)
    clockwork.run_due_steps()
    clockwork.run_due_steps()
    again = sorted(tuple(row) for row in session.execute(names).all()[len(told) :])
    assert again == [("clock_returned", "chief_a"), ("clock_returned", "dispatcher_a")]
    tasking.act(world, "dispatcher_a", task_id, "acknowledge")
    assert task_of(task_id).returned_at is None
    with pytest.raises(Problem) as refused:
        tasking.act(world, "dispatcher_a", task_id, "acknowledge")
    assert refused.value.code == "not_allowed_now"


def test_the_third_rework_escalates(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "fed_back")
    for _ in range(2):
        tasking.act(world, "reviewer_a", task_id, "rework")
        tasking.act(world, "worker_a", task_id, "feedback")
    tasking.act(world, "reviewer_a", task_id, "rework")
    task = task_of(task_id)
    assert (task.stage, task.assignee_post_id) == ("assign", world.people["chief_a"].post)
    assert last_event(task_id).reason == "third_rework"
