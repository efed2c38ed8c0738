"""The clocks of units that assist: each its own, to the minute by hand, each word once, late is who was late."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.jobs import clockwork
from gridapp.models import Assist, ClockStep, FilingCondition, Notice, Person, TaskEvent
from gridapp.services.doctor.assists import differing
from gridapp.services.tasking import tasks
from gridapp.services.words import reading
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World

PART_WORDS = "clock_assist_%", "task_assist_%", "task_involve"


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 08:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock
        app.extensions.pop("category_facts", None)


def tick(clock: SetClock, at: str) -> None:
    """Run what is due at a time, twice, as the job does each minute."""
    clock.to(at)
    for _ in range(2):
        clockwork.run_due_steps()
        session.expire_all()


def led(world: World) -> uuid.UUID:
    """A task that worker_a leads and that is on hold, so that only the clocks of those who assist run."""
    task_id = tasking.bring_to(world, "handled")
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-12-01")
    return task_id


def involve(world: World, task_id: uuid.UUID, unit: str = "a", **given: Any) -> dict[str, Any]:
    who = "dispatcher_district" if unit == "district" else "dispatcher_a"
    return tasking.act(world, who, task_id, "involve", assignee={"unit": str(world.units[unit])}, **given)


def parts(task_id: uuid.UUID) -> list[Assist]:
    query = select(Assist).where(Assist.task_id == task_id).order_by(Assist.asked_at, Assist.ended_at.is_(None))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def told(task_id: uuid.UUID) -> list[tuple[str, str]]:
    """What was said of parts, and to whom, in order."""
    query = select(Notice.kind, Person.username).join(Person, Person.id == Notice.person_id)
    wanted = Notice.kind.like(PART_WORDS[0]) | Notice.kind.like(PART_WORDS[1]) | (Notice.kind == PART_WORDS[2])
    rows = session.execute(query.where(Notice.task_id == task_id, wanted).order_by(Notice.id))
    return [(kind, name) for kind, name in rows]


def steps(task_id: uuid.UUID) -> dict[str, str | None]:
    """Steps of parts that came to an end, and how."""
    rows = session.scalars(select(ClockStep).where(ClockStep.task_id == task_id, ClockStep.step.like("assist_%")))
    return {row.step: row.result for row in rows if row.result}


def test_a_unit_is_told_at_three_quarters_the_chief_at_the_end_and_four_hours_later_it_goes_up(
    world: World, clock: SetClock
) -> None:
    task_id = led(world)
    clock.to("2026-03-04 10:00")
    involve(world, task_id)
    assert told(task_id) == [("task_involve", "handler_a")]
    tick(clock, "2026-03-04 10:59")
    assert len(told(task_id)) == 1
    # an hour to accept; four working hours: two before lunch and two after it, three quarters at three
    for at, words in (
        ("2026-03-04 11:00", [("clock_assist_answer", "handler_a")]),
        ("2026-03-04 14:59", []),
        ("2026-03-04 15:00", [("clock_assist_yellow", "handler_a")]),
        ("2026-03-04 16:00", [("clock_assist_red", "chief_a"), ("clock_assist_red", "dispatcher_a")]),
        ("2026-03-05 09:59", []),
        # two hours of Wednesday, two of Thursday; nobody sits in the street's unit
        (
            "2026-03-05 10:00",
            [
                ("task_assist_escalate", "handler_a"),
                ("task_assist_pass_up", "dispatcher_a"),
                ("task_assist_pass_up", "worker_a"),
            ],
        ),
    ):
        before = len(told(task_id))
        tick(clock, at)
        assert sorted(told(task_id)[before:]) == words, at
    first, second = parts(task_id)
    assert (first.outcome, first.unit_id, first.ended_at) == ("escalated", world.units["a"], local("2026-03-05 10:00"))
    assert (second.outcome, second.unit_id) == (None, world.units["street"])
    assert (second.asked_by, second.words) == (first.asked_by, first.words)
    # a full limit: two hours before lunch, two after it
    assert (second.answer_due_at, second.yellow_at, second.due_at) == (
        local("2026-03-05 11:00"),
        local("2026-03-05 15:00"),
        local("2026-03-05 16:00"),
    )
    assert differing() == []


@pytest.mark.parametrize(
    ("unit", "amount", "asked", "yellow", "due", "up"),
    [
        # Friday 16:30: 1.5 hours, then Monday to 15:00; three quarters are 1.5 + 3 hours
        ("working_hour", 6, "2026-03-06 16:30", "2026-03-09 11:00", "2026-03-09 14:30", "2026-03-10 08:30"),
        # urgent hours run through the night and the weekend, what follows the end waits for somebody to be there
        ("urgent_hour", 8, "2026-03-06 16:30", "2026-03-06 22:30", "2026-03-07 00:30", "2026-03-09 12:00"),
        # the eve of Spring Festival 2026: off from 15 to 23 February, Saturday the 14th is made up
        ("working_hour", 4, "2026-02-14 16:00", "2026-02-24 09:00", "2026-02-24 10:00", "2026-02-24 16:00"),
        # the same clock time two working days later; of its 16 hours 12 are used on Tuesday the 24th at 16:00
        ("working_day", 2, "2026-02-14 10:00", "2026-02-24 16:00", "2026-02-25 10:00", "2026-02-25 16:00"),
        # the end of the year 2025: New Year from the 1st to the 3rd, Sunday the 4th made up
        ("working_hour", 4, "2025-12-31 17:00", "2026-01-04 10:00", "2026-01-04 11:00", "2026-01-04 17:00"),
    ],
)
def test_a_part_by_hand(
    app: Flask, world: World, clock: SetClock, unit: str, amount: int, asked: str, yellow: str, due: str, up: str
) -> None:
    condition = session.get_one(FilingCondition, (world.edition, "06001-1"))
    condition.handle_amount, condition.handle_unit = amount, unit
    session.flush()
    app.extensions.pop("category_facts", None)
    clock.to(asked)
    task_id = tasking.bring_to(world, "handled")
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-12-01")
    involve(world, task_id)
    query = select(ClockStep.step, ClockStep.due_at).where(ClockStep.task_id == task_id, ClockStep.since > 1)
    found = {step: at for step, at in session.execute(query) if step.startswith("assist_")}
    assert [found[f"assist_{name}"] for name in ("yellow", "red", "escalate")] == [local(t) for t in (yellow, due, up)]


def test_after_a_long_stop_a_part_goes_up_once_and_nobody_hears_of_what_is_overtaken(
    world: World, clock: SetClock
) -> None:
    task_id = led(world)
    involve(world, task_id)
    before = len(told(task_id))
    tick(clock, "2026-03-06 09:00")
    assert steps(task_id) == {
        "assist_answer": "overtaken",
        "assist_yellow": "overtaken",
        "assist_red": "overtaken",
        "assist_escalate": "done",
    }
    assert Counter(kind for kind, _ in told(task_id)[before:]) == {"task_assist_escalate": 1, "task_assist_pass_up": 2}
    events = session.scalars(select(TaskEvent).where(TaskEvent.task_id == task_id).order_by(TaskEvent.seq))
    up = [event for event in events if event.action in ("assist_escalate", "assist_pass_up")]
    # 08:00 and four hours, lunch, four hours more
    assert [(e.device_at, e.at, e.reason) for e in up] == [(local("2026-03-04 18:00"), clock.at, "overdue")] * 2
    assert parts(task_id)[1].asked_at == clock.at


def test_the_leads_clock_and_that_of_who_assists_run_beside_each_other(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "handled")
    involve(world, task_id)
    tick(clock, "2026-03-04 18:00")
    actions = Counter(session.scalars(select(TaskEvent.action).where(TaskEvent.task_id == task_id)))
    assert (actions["escalate"], actions["assist_escalate"], actions["assist_pass_up"]) == (1, 1, 1)
    kinds = Counter(session.scalars(select(Notice.kind).where(Notice.task_id == task_id)))
    assert (kinds["task_escalate"], kinds["task_assist_escalate"]) == (1, 1)
    assert [part.outcome for part in parts(task_id)] == ["escalated", None]


def test_late_is_the_unit_that_was_late(world: World, clock: SetClock) -> None:
    task_id = led(world)
    involve(world, task_id)
    tick(clock, "2026-03-04 18:00")
    clock.to("2026-03-05 09:00")
    involve(world, task_id)
    tasking.act(world, "handler_a", task_id, "assist_accept")
    clock.to("2026-03-05 11:30")
    tasking.act(world, "handler_a", task_id, "assist_feedback")
    shown = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["parts"]
    assert [(p["unit"]["code"], p["state"], p["late"], p["working_minutes"], p["natural_minutes"]) for p in shown] == [
        ("unit_a", "escalated", True, 480, 600),
        # asked on Wednesday at 18:00, at Thursday 11:30 it has used 3.5 working hours of four
        ("unit_street", "asked", False, 210, 1050),
        ("unit_a", "done", False, 150, 150),
    ]
    assert (shown[1]["lamp"], shown[0]["lamp"]) == ("yellow", None)


@pytest.mark.parametrize("ending", ["assist_feedback", "assist_decline", "release", "end of the task"])
def test_a_part_that_ended_says_nothing_more(world: World, clock: SetClock, ending: str) -> None:
    task_id = led(world)
    involve(world, task_id)
    tasking.act(world, "handler_a", task_id, "assist_accept")
    tick(clock, "2026-03-04 11:00")
    assert told(task_id)[-1] == ("clock_assist_yellow", "handler_a")
    if ending == "end of the task":
        tasking.act(world, "worker_a", task_id, "feedback")
        tasking.act(world, "reviewer_a", task_id, "pass")
    else:
        tasking.act(world, "dispatcher_a" if ending == "release" else "handler_a", task_id, ending)
    before = [kind for kind, _ in told(task_id) if kind.startswith("clock_")]
    tick(clock, "2026-03-06 18:00")
    assert [kind for kind, _ in told(task_id) if kind.startswith("clock_")] == before
    still = {message.kind for message in reading.newest(tasking.principal(world, "handler_a"))}
    assert not still & {"task_involve", "clock_assist_yellow"}


def test_at_the_top_the_desk_is_told_that_no_unit_stands_above(world: World, clock: SetClock) -> None:
    task_id = led(world)
    involve(world, task_id, "district")
    tick(clock, "2026-03-04 18:00")
    assert steps(task_id)["assist_escalate"] == "nobody"
    assert sorted(told(task_id)[-2:]) == [
        ("clock_assist_nobody_above", "chief_a"),
        ("clock_assist_nobody_above", "dispatcher_a"),
    ]
    assert [part.outcome for part in parts(task_id)] == [None]


def test_a_part_passes_over_a_unit_that_assists_already(world: World, clock: SetClock) -> None:
    task_id = led(world)
    involve(world, task_id)
    clock.on(minutes=1)
    involve(world, task_id, "street")
    tick(clock, "2026-03-04 18:00")
    assert {(part.unit_id, part.outcome) for part in parts(task_id)} == {
        (world.units["a"], "escalated"),
        (world.units["street"], None),
        (world.units["district"], None),
    }
    tick(clock, "2026-03-05 08:01")
    assert ("clock_assist_nobody_above", "dispatcher_a") in told(task_id)
    assert [part.outcome for part in parts(task_id)].count("escalated") == 1


def test_a_part_never_goes_to_the_lead(world: World, clock: SetClock) -> None:
    task_id = tasking.file(world)
    street = {"assignee": {"unit": str(world.units["street"])}}
    tasking.act(world, "dispatcher_a", task_id, "assign", **street)
    involve(world, task_id, due="2026-03-04T08:30:00+08:00")
    tick(clock, "2026-03-04 14:30")
    assert [part.unit_id for part in parts(task_id)] == [world.units["a"], world.units["district"]]


def test_a_limit_of_a_part_is_frozen(world: World, clock: SetClock) -> None:
    task_id = led(world)
    involve(world, task_id)
    session.get_one(FilingCondition, (world.edition, "06001-1")).handle_amount = 1
    session.flush()
    tick(clock, "2026-03-04 10:59")
    assert not any(kind == "clock_assist_yellow" for kind, _ in told(task_id))
    [part] = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["parts"]
    assert (part["lamp"], part["limit"]) == ("green", {"amount": 4, "unit": "working_hour"})


def test_a_unit_that_takes_the_lead_assists_no_longer(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "handled")
    involve(world, task_id)
    unit = {"unit": str(world.units["a"])}
    document = tasking.act(world, "dispatcher_a", task_id, "transfer", assignee=unit)
    assert [part.outcome for part in parts(task_id)] == ["released"]
    assert (document["assists"], document["events"][-1]["reason"]) == ({"open": 0, "all": 1}, "leads_now")
    assert document["assignee"]["unit"] == unit["unit"]
    tick(clock, "2026-03-04 11:00")
    assert [kind for kind, _ in told(task_id) if kind.startswith("clock_")] == []
    assert differing() == []


def test_a_part_that_was_open_when_the_task_ended_does_not_run_again(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "assist_asked")
    tasking.act(world, "worker_a", task_id, "feedback")
    tasking.act(world, "reviewer_a", task_id, "pass")
    clock.to("2026-03-06 09:00")
    tasking.act(world, "dispatcher_a", task_id, "reopen")
    tick(clock, "2026-03-06 10:00")
    assert [part.outcome for part in parts(task_id)] == ["released"]
    assert steps(task_id) == {}
    involve(world, task_id)
    assert [part.outcome for part in parts(task_id)] == ["released", None]
