"""What a clock says of a task that nobody is there to hear reaches whoever answers instead: no lamp goes unseen."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.jobs import clockwork
from gridapp.models import Notice, Person
from gridapp.services.words import reading
from gridapp.timesource import now
from tests.support import tasking
from tests.support.hours import SetClock, set_clock
from tests.support.world import World


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 08:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock


def retire(world: World, *names: str) -> None:
    for name in names:
        session.get_one(Person, world.people[name].id).retired_at = now()
    session.flush()


def heard(task_id: uuid.UUID, kind: str) -> set[str]:
    """Who waits to read a kind of notice about a task."""
    query = select(Person.username).join(Notice, Notice.person_id == Person.id)
    query = query.where(Notice.task_id == task_id, Notice.kind == kind, Notice.overtaken_at.is_(None))
    return set(session.scalars(query))


def tick(clock: SetClock, at: str) -> None:
    clock.to(at)
    clockwork.run_due_steps()
    session.expire_all()


def with_street(world: World) -> uuid.UUID:
    """A task of four working hours with the unit of the street, to which nobody belongs."""
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_district", task_id, "assign", assignee={"unit": str(world.units["street"])})
    return task_id


LAMPS = (("2026-03-04 09:00", "clock_empty_answer"), ("2026-03-04 11:00", "clock_empty_yellow"))


@pytest.mark.parametrize(
    ("gone", "hears"),
    [
        ((), {"chief_a"}),
        (("chief_a",), {"handler_district"}),
        (("chief_a", "handler_district"), {"dispatcher_a"}),
        (("chief_a", "handler_district", "dispatcher_a", "dispatcher_district"), {"admin_a"}),
    ],
)
@pytest.mark.parametrize(("at", "kind"), LAMPS)
def test_the_lamps_of_a_unit_without_handlers_reach_who_answers_instead(
    world: World, clock: SetClock, gone: tuple[str, ...], hears: set[str], at: str, kind: str
) -> None:
    task_id = with_street(world)
    retire(world, *gone)
    tick(clock, at)
    assert heard(task_id, kind) == hears


def test_they_say_which_unit_has_nobody_and_are_overtaken_when_somebody_has_it(world: World, clock: SetClock) -> None:
    task_id = with_street(world)
    tick(clock, "2026-03-04 11:00")
    said = [one.words("zh_CN") for one in reading.newest(tasking.principal(world, "chief_a"))]
    assert any("合江街道综合办" in words and "无人经办" in words for words in said)
    tasking.act(world, "dispatcher_a", task_id, "comment")
    assert heard(task_id, "clock_empty_yellow") == {"chief_a"}
    tasking.act(world, "dispatcher_a", task_id, "transfer")
    assert heard(task_id, "clock_empty_yellow") == set()


def test_red_is_told_to_somebody_though_neither_chief_nor_dispatcher_is_there(world: World, clock: SetClock) -> None:
    task_id = with_street(world)
    retire(world, "chief_a", "dispatcher_a", "dispatcher_district")
    tick(clock, "2026-03-04 12:00")
    assert heard(task_id, "clock_red") == {"handler_district"}


@pytest.mark.parametrize(
    ("action", "who", "kind"),
    [("return", "worker_a", "task_return"), ("extend", "worker_a", "task_extend")],
)
def test_where_nobody_assigns_the_administrator_hears(
    world: World, clock: SetClock, action: str, who: str, kind: str
) -> None:
    task_id = tasking.bring_to(world, "handled")
    retire(world, "chief_a", "dispatcher_a", "dispatcher_district")
    tasking.act(world, who, task_id, action)
    assert heard(task_id, kind) == {"admin_a"}
    if action == "return":
        tick(clock, "2026-03-04 09:00")
        assert heard(task_id, "clock_returned") == {"admin_a"}


def test_a_unit_whose_last_handler_left_is_urged_where_somebody_hears_it(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "assigned_to_unit")
    retire(world, "handler_a")
    tasking.act(world, "dispatcher_a", task_id, "urge")
    assert heard(task_id, "task_urge") == {"chief_a"}


def test_rework_for_a_unit_without_handlers_is_told_to_the_desk(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "handled_by_unit")
    tasking.act(world, "handler_a", task_id, "feedback")
    retire(world, "handler_a")
    tasking.act(world, "reviewer_a", task_id, "rework")
    assert heard(task_id, "task_nobody_there") == {"chief_a", "dispatcher_a"}


def test_a_worker_who_has_left_where_nobody_takes_over_is_not_the_only_one_told(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "assigned")
    retire(world, "worker_a", "chief_a", "handler_a", "handler_district")
    for at, kind in LAMPS:
        tick(clock, at)
        assert heard(task_id, kind) >= {"dispatcher_a"}


def test_the_part_of_a_unit_without_handlers_is_told_to_who_asked_and_who_answers_instead(
    world: World, clock: SetClock
) -> None:
    task_id = tasking.bring_to(world, "handled")
    street = {"unit": str(world.units["street"])}
    tasking.act(world, "dispatcher_a", task_id, "involve", assignee=street)
    assert heard(task_id, "assist_nobody_there") == {"chief_a", "dispatcher_a"}
    for at, kind in (("2026-03-04 09:00", "clock_assist_answer"), ("2026-03-04 11:00", "clock_assist_yellow")):
        tick(clock, at)
        assert heard(task_id, kind) == {"chief_a", "dispatcher_a"}
