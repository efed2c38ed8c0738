"""首接负责: who took a task first answers for it, hears of it, and is held to it until another unit accepts it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.jobs import clockwork
from gridapp.models import Notice, Person, Task, Unit
from gridapp.services.tasking import tasks
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.hours import SetClock, set_clock
from tests.support.world import World


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 08:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock


def heard(task_id: uuid.UUID, *, waiting: bool = True) -> list[str]:
    """What the handler of community A was told as the one who answers first."""
    query = select(Notice.kind).join(Person, Person.id == Notice.person_id).order_by(Notice.id)
    query = query.where(Notice.task_id == task_id, Person.username == "handler_a", Notice.kind.like("first_%"))
    return list(session.scalars(query.where(Notice.overtaken_at.is_(None)) if waiting else query))


def first_of(task_id: uuid.UUID) -> uuid.UUID | None:
    return session.get_one(Task, task_id, populate_existing=True).first_unit_id


def give(world: World, task_id: uuid.UUID, unit: str, action: str = "transfer") -> None:
    tasking.act(world, "dispatcher_district", task_id, action, assignee={"unit": str(world.units[unit])})


def first_with_a(world: World) -> uuid.UUID:
    """A task of four working hours that was given to the unit of community A."""
    task_id = tasking.file(world)
    give(world, task_id, "a", "assign")
    return task_id


def tick(clock: SetClock, at: str) -> None:
    clock.to(at)
    clockwork.run_due_steps()
    session.expire_all()


def test_it_answers_until_another_unit_accepts_and_hears_so(world: World, clock: SetClock) -> None:
    task_id = first_with_a(world)
    assert (first_of(task_id), heard(task_id)) == (world.units["a"], [])
    give(world, task_id, "district")
    assert (first_of(task_id), heard(task_id)) == (world.units["a"], ["first_stays"])
    tasking.act(world, "handler_district", task_id, "accept")
    assert (first_of(task_id), heard(task_id)) == (world.units["district"], ["first_over"])
    give(world, task_id, "a")
    assert (first_of(task_id), heard(task_id)) == (world.units["district"], ["first_over"])


def test_who_had_it_is_not_told_that_it_is_not_theirs_any_more(world: World, clock: SetClock) -> None:
    task_id = first_with_a(world)
    give(world, task_id, "district")
    query = select(Notice.id).join(Person, Person.id == Notice.person_id)
    query = query.where(Notice.task_id == task_id, Notice.kind.in_(("task_left", "task_taken")))
    assert session.scalars(query.where(Person.username == "handler_a")).all() == []


def test_its_lamps_reach_who_answers_for_it(world: World, clock: SetClock) -> None:
    task_id = first_with_a(world)
    give(world, task_id, "district")
    for at, kind in (("09:00", "first_answer"), ("11:00", "first_yellow"), ("12:00", "first_red")):
        tick(clock, f"2026-03-04 {at}")
        assert heard(task_id) == [kind]
    tasking.act(world, "handler_district", task_id, "accept")
    assert heard(task_id) == ["first_over"]


def test_a_worker_who_accepts_is_no_other_unit(world: World, clock: SetClock) -> None:
    task_id = first_with_a(world)
    tasking.act(world, "dispatcher_a", task_id, "transfer")
    tasking.act(world, "worker_a2", task_id, "accept")
    tick(clock, "2026-03-04 11:00")
    assert (first_of(task_id), heard(task_id)) == (world.units["a"], ["first_yellow"])
    tasking.act(world, "worker_a2", task_id, "feedback", location=world.inside("a2"))
    assert heard(task_id) == []


def test_what_the_clock_takes_from_it_stays_with_it_until_the_next_accepts(world: World, clock: SetClock) -> None:
    task_id = first_with_a(world)
    tick(clock, "2026-03-04 18:00")
    assert session.get_one(Task, task_id).assignee_unit_id == world.units["street"]
    assert (first_of(task_id), heard(task_id)) == (world.units["a"], ["first_stays"])


def test_while_it_lies_at_the_desk_it_hears_of_delay_and_urging(world: World, clock: SetClock) -> None:
    task_id = first_with_a(world)
    tasking.act(world, "handler_a", task_id, "return", reason="not_mine")
    assert heard(task_id) == []
    tick(clock, "2026-03-04 09:00")
    assert heard(task_id) == ["first_returned"]
    tasking.act(world, "dispatcher_a", task_id, "urge")
    assert heard(task_id) == ["first_urge"]
    give(world, task_id, "district", "assign")
    tasking.act(world, "handler_district", task_id, "return", reason="wrong_holder")
    assert heard(task_id) == ["first_returned"]
    tasking.act(world, "dispatcher_a", task_id, "dismiss")
    assert heard(task_id) == []


def test_a_second_not_mine_brings_in_the_backstop_and_it_answers_until_that_accepts(
    world: World, clock: SetClock
) -> None:
    task_id = first_with_a(world)
    tasking.act(world, "handler_a", task_id, "return", reason="not_mine")
    give(world, task_id, "a", "assign")
    tasking.act(world, "handler_a", task_id, "return", reason="not_mine")
    task = session.get_one(Task, task_id, populate_existing=True)
    assert (task.assignee_unit_id, task.first_unit_id) == (world.units["district"], world.units["a"])
    tasking.act(world, "handler_district", task_id, "accept")
    assert first_of(task_id) == world.units["district"]


def test_without_a_backstop_it_cannot_say_not_mine_a_second_time(world: World, clock: SetClock) -> None:
    session.get_one(Unit, world.units["district"]).retired_at = clock.at
    task_id = first_with_a(world)
    tasking.act(world, "handler_a", task_id, "return", reason="not_mine")
    give(world, task_id, "a", "assign")
    with tasking.undone(), pytest.raises(Problem) as refused:
        tasking.act(world, "handler_a", task_id, "return", reason="not_mine")
    assert (refused.value.code, refused.value.status) == ("first_answerable_holds", 409)
    assert tasking.act(world, "handler_a", task_id, "return", reason="wrong_holder")["stage"] == "report"


def test_without_a_backstop_what_another_unit_refuses_comes_back_to_the_desk(world: World, clock: SetClock) -> None:
    session.get_one(Unit, world.units["district"]).retired_at = clock.at
    task_id = first_with_a(world)
    tasking.act(world, "handler_a", task_id, "return", reason="not_mine")
    give(world, task_id, "b", "assign")
    other = tasking.act(world, "handler_b", task_id, "return", reason="not_mine")
    assert (other["stage"], first_of(task_id)) == ("report", world.units["a"])


def test_an_assignment_that_was_taken_back_makes_nobody_answerable(world: World, clock: SetClock) -> None:
    task_id = first_with_a(world)
    tasking.act(world, "dispatcher_a", task_id, "recall")
    assert (first_of(task_id), heard(task_id)) == (None, [])
    give(world, task_id, "district", "assign")
    tasking.act(world, "handler_district", task_id, "return", reason="not_mine")
    give(world, task_id, "a", "assign")
    tasking.act(world, "dispatcher_a", task_id, "recall")
    assert first_of(task_id) == world.units["district"]


def test_the_panel_and_the_api_say_who_answers(world: World, clock: SetClock, sign_in: SignIn) -> None:
    task_id = first_with_a(world)
    desk = sign_in("dispatcher_a", browser=True)
    assert "data-answers-still" not in desk.get(f"/command/tasks/{task_id}").text
    give(world, task_id, "district")
    assert "data-answers-still" in desk.get(f"/command/tasks/{task_id}").text
    document = tasks.get(tasking.principal(world, "chief_a"), task_id)
    assert str(document["first_unit"]["unit"]) == str(world.units["a"])


def test_whoever_answers_opens_the_task_until_another_unit_does(app: Flask, world: World, sign_in: SignIn) -> None:
    handler = sign_in("handler_a")
    with app.app_context():
        task_id = tasking.file(world, "worker_b", location=world.inside("b1"))
        give(world, task_id, "a", "assign")
        give(world, task_id, "district")
        session.commit()
    document = handler.get(f"/api/v1/tasks/{task_id}").get_json()
    assert {action["action"] for action in document["actions"]} == {"comment"}
    assert document["first_unit"]["unit"] == str(world.units["a"])
    with app.app_context():
        tasking.act(world, "handler_district", task_id, "accept")
        session.commit()
    assert handler.get(f"/api/v1/tasks/{task_id}").status_code == 404
