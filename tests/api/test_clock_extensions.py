"""An extension beside a hold, and who is chosen: neither takes time from a holder nor gives any away."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.jobs import clockwork
from gridapp.models import Task
from gridapp.services.tasking import tasks
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 09:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 09:00") as clock:
        yield clock


def task_of(task_id: uuid.UUID) -> Task:
    return session.get_one(Task, task_id, populate_existing=True)


def refusal(world: World, who: str, task_id: uuid.UUID, action: str, **given: object) -> Problem:
    with tasking.undone(), pytest.raises(Problem) as caught:
        tasking.act(world, who, task_id, action, **given)
    return caught.value


def test_a_hold_moves_the_time_that_was_asked_for_as_it_moves_the_due_time(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "handled")
    tasking.act(world, "worker_a", task_id, "extend", due="2026-03-05T12:00:00+08:00")
    clock.to("2026-03-04 10:00")
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-03-16")
    clock.to("2026-03-16 00:00")
    clockwork.run_due_steps()
    # when it began, 3 working hours were left, and 10 until the time asked for
    task = task_of(task_id)
    assert (task.due_at, task.asked_due_at) == (local("2026-03-16 11:00"), local("2026-03-17 10:00"))
    tasking.act(world, "dispatcher_a", task_id, "grant_extension")
    assert task_of(task_id).due_at == local("2026-03-17 10:00")


def test_nobody_asks_for_an_extension_or_answers_one_while_a_task_is_on_hold(world: World, clock: SetClock) -> None:
    held = tasking.bring_to(world, "held")
    assert refusal(world, "worker_a", held, "extend", due="2026-04-30T12:00:00+08:00").code == "not_allowed_now"
    asked = tasking.bring_to(world, "asked")
    tasking.act(world, "dispatcher_a", asked, "hold", review_on="2026-03-16")
    for action in ("grant_extension", "refuse_extension"):
        assert refusal(world, "dispatcher_a", asked, action).code == "not_allowed_now"
    tasking.act(world, "dispatcher_a", asked, "resume")
    tasking.act(world, "dispatcher_a", asked, "grant_extension")
    assert clock.at < (task_of(asked).due_at or clock.at)


def test_a_hold_ends_at_the_earliest_tomorrow_where_the_house_is(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "handled")
    clock.to("2026-03-05 00:30")
    assert refusal(world, "dispatcher_a", task_id, "hold", review_on="2026-03-05").errors["review_on"].code == (
        "too_early"
    )
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-03-06")


@pytest.mark.parametrize(
    ("who", "action", "field", "value"),
    [
        ("worker_a", "extend", "due", "2199-12-31T00:00:00Z"),
        ("dispatcher_a", "hold", "review_on", "9999-12-31"),
        ("dispatcher_a", "involve", "due", "2199-12-31T00:00:00Z"),
    ],
)
def test_a_time_in_a_far_century_is_a_slip(
    world: World, clock: SetClock, who: str, action: str, field: str, value: str
) -> None:
    task_id = tasking.bring_to(world, "handled")
    with pytest.raises(Problem) as caught:
        tasking.act(world, who, task_id, action, **{field: value})
    assert caught.value.errors[field].code == "too_late"


@pytest.mark.parametrize("holder", ["post", "unit"])
def test_a_task_is_not_transferred_to_whoever_has_it_and_they_are_not_offered(
    world: World, clock: SetClock, holder: str
) -> None:
    task_id = tasking.bring_to(world, "handled" if holder == "post" else "handled_by_unit")
    present = {"post": str(world.people["worker_a"].post)} if holder == "post" else {"unit": str(world.units["a"])}
    clock.on(hours=3)
    assert refusal(world, "dispatcher_a", task_id, "transfer", assignee=present).errors["assignee"].code == "same"
    document = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)
    fields = {action["action"]: action["fields"] for action in document["actions"]}
    offered = next(field["choices"] for field in fields["transfer"] if field["name"] == "assignee")
    assert offered
    assert present[holder] not in {choice.get(holder) for choice in offered}


def test_a_part_whose_due_time_lies_in_an_unknown_year_says_so(world: World, clock: SetClock) -> None:
    clock.to("2026-12-31 17:00")
    task_id = tasking.bring_to(world, "assist_asked")
    document = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)
    assert [part["unknown_years"] for part in document["parts"]] == [[2027]]
