"""A task's whole way by hand, to the minute: due times, lamps and the time of each holder, in working and urgent hours.

Friday 6 March 2026 is an ordinary day; Sunday the 8th is made a workday for a holiday on Monday and Tuesday. Figures
were computed with paper and calendar, not with the program.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from gridapp.db import session
from gridapp.models import CalendarDay, FilingCondition, Task
from gridapp.services.tasking import task_view, tasks
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World

BRIDGE = {"2026-03-08": True, "2026-03-09": False, "2026-03-10": False}


@dataclass(frozen=True)
class Used:
    """What one holder used, in minutes, and whether they were late."""

    working: int
    natural: int
    late: bool


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    with app.app_context(), set_clock("2026-03-06 16:30") as clock:
        yield clock
        app.extensions.pop("category_facts", None)


def limit(app: Flask, world: World, amount: int, unit: str) -> None:
    """The limit for handling that the category has in this test."""
    condition = session.get_one(FilingCondition, (world.edition, "06001-1"))
    condition.handle_amount, condition.handle_unit = amount, unit
    session.flush()
    app.extensions.pop("category_facts", None)


def bridge() -> None:
    """The holiday on Monday and Tuesday with its make-up Sunday."""
    days = [CalendarDay(day=dt.date.fromisoformat(d), works=works, name="调休") for d, works in BRIDGE.items()]
    session.add_all(days)
    session.flush()


def do(world: World, clock: SetClock, task_id: uuid.UUID, at: str, who: str, action: str, **given: object) -> Task:
    clock.to(at)
    tasking.act(world, who, task_id, action, **given)
    return session.get_one(Task, task_id, populate_existing=True)


def used(world: World, task_id: uuid.UUID) -> list[Used]:
    holders = tasks.get(task_view.everywhere(tasking.principal(world, "dispatcher_a")), task_id)["holders"]
    return [Used(h["working_minutes"], h["natural_minutes"], h["late"]) for h in holders]


def lamps(task: Task) -> tuple[dt.datetime | None, dt.datetime | None]:
    return task.yellow_at, task.due_at


@pytest.mark.parametrize(
    ("unit", "first", "second", "third", "held", "times"),
    [
        (
            "working_hour",
            # Friday 16:30: 1.5 h that day, 6.5 h on Sunday; three quarters are 6 h
            ("2026-03-08 14:30", "2026-03-08 16:30"),
            # Wednesday 10:00 to the next: 2 h, lunch, 4 h, then 2 h on Thursday
            ("2026-03-11 18:00", "2026-03-12 10:00"),
            # returned at 11:00, assigned at 11:00: 1 + 4 + 3 hours
            ("2026-03-12 09:00", "2026-03-12 11:00"),
            # held on Wednesday from 14:00 to 16:00: two hours later, over lunch
            ("2026-03-12 11:00", "2026-03-12 15:00"),
            # 1.5 + 8 + 2 hours, 4 days 17.5 hours in nature; an hour; then 1 + 2 + 3 hours and a day without its hold
            [Used(690, 6810, late=True), Used(60, 60, late=False), Used(360, 1320, late=False)],
        ),
        (
            "urgent_hour",
            ("2026-03-06 22:30", "2026-03-07 00:30"),
            ("2026-03-11 16:00", "2026-03-11 18:00"),
            ("2026-03-11 17:00", "2026-03-11 19:00"),
            ("2026-03-11 19:00", "2026-03-11 21:00"),
            [Used(690, 6810, late=True), Used(60, 60, late=False), Used(360, 1320, late=True)],
        ),
    ],
)
def test_filed_on_friday_transferred_returned_and_held(
    app: Flask,
    world: World,
    clock: SetClock,
    unit: str,
    first: tuple[str, str],
    second: tuple[str, str],
    third: tuple[str, str],
    held: tuple[str, str],
    times: list[Used],
) -> None:
    limit(app, world, 8, unit)
    bridge()
    task_id = tasking.file(world)
    task = do(world, clock, task_id, "2026-03-06 16:30", "dispatcher_a", "assign")
    assert lamps(task) == (local(first[0]), local(first[1]))
    task = do(world, clock, task_id, "2026-03-11 10:00", "dispatcher_a", "transfer")
    assert lamps(task) == (local(second[0]), local(second[1]))
    task = do(world, clock, task_id, "2026-03-11 11:00", "worker_a2", "return")
    assert lamps(task) == (None, None)
    task = do(world, clock, task_id, "2026-03-11 11:00", "dispatcher_a", "assign")
    assert lamps(task) == (local(third[0]), local(third[1]))
    do(world, clock, task_id, "2026-03-11 11:30", "worker_a", "accept")
    do(world, clock, task_id, "2026-03-11 14:00", "dispatcher_a", "hold", review_on="2026-03-20")
    task = do(world, clock, task_id, "2026-03-11 16:00", "dispatcher_a", "resume")
    assert lamps(task) == (local(held[0]), local(held[1]))
    do(world, clock, task_id, "2026-03-12 11:00", "worker_a", "feedback")
    assert used(world, task_id) == times


@pytest.mark.parametrize(
    ("assigned", "amount", "unit", "yellow", "due"),
    [
        # New Year 2026: off from the 1st to the 3rd, Sunday the 4th made up
        ("2025-12-31 17:00", 4, "working_hour", "2026-01-04 10:00", "2026-01-04 11:00"),
        ("2025-12-31 17:00", 1, "working_day", "2026-01-04 15:00", "2026-01-04 17:00"),
        ("2025-12-31 22:00", 4, "urgent_hour", "2026-01-01 01:00", "2026-01-01 02:00"),
        # Spring Festival 2026: off from 15 to 23 February, Saturdays the 14th and the 28th made up
        ("2026-02-13 16:00", 8, "working_hour", "2026-02-14 12:00", "2026-02-14 16:00"),
        ("2026-02-14 16:00", 4, "working_hour", "2026-02-24 09:00", "2026-02-24 10:00"),
        ("2026-02-14 10:00", 2, "working_day", "2026-02-24 16:00", "2026-02-25 10:00"),
        ("2026-02-16 03:00", 4, "working_hour", "2026-02-24 11:00", "2026-02-24 12:00"),
        ("2026-02-14 12:00", 1, "urgent_day", "2026-02-15 06:00", "2026-02-15 12:00"),
        ("2026-02-27 16:00", 4, "working_hour", "2026-02-28 09:00", "2026-02-28 10:00"),
        # Labour Day 2026: off from 1 to 5 May, Saturday the 9th made up
        ("2026-04-30 17:00", 4, "working_hour", "2026-05-06 10:00", "2026-05-06 11:00"),
        ("2026-05-08 16:00", 4, "working_hour", "2026-05-09 09:00", "2026-05-09 10:00"),
        # National Day 2026: off from 1 to 7 October, Saturday the 10th made up
        ("2026-09-30 14:00", 8, "working_hour", "2026-10-08 10:00", "2026-10-08 12:00"),
        ("2026-10-09 17:00", 2, "working_hour", "2026-10-10 08:30", "2026-10-10 09:00"),
        # the end of a year: of 2027 only weekends are known
        ("2026-12-31 16:00", 4, "working_hour", "2027-01-01 09:00", "2027-01-01 10:00"),
        ("2026-12-31 23:00", 4, "urgent_hour", "2027-01-01 02:00", "2027-01-01 03:00"),
        # outside every period, over lunch, at the very end of a day
        ("2026-03-04 12:10", 4, "working_hour", "2026-03-04 17:00", "2026-03-04 18:00"),
        ("2026-03-04 18:00", 4, "working_hour", "2026-03-05 11:00", "2026-03-05 12:00"),
        ("2026-03-07 09:00", 4, "working_hour", "2026-03-09 11:00", "2026-03-09 12:00"),
    ],
)
def test_a_limit_over_holidays(
    app: Flask, world: World, clock: SetClock, assigned: str, amount: int, unit: str, yellow: str, due: str
) -> None:
    limit(app, world, amount, unit)
    clock.to(assigned)
    task_id = tasking.file(world)
    assert lamps(do(world, clock, task_id, assigned, "dispatcher_a", "assign")) == (local(yellow), local(due))


@pytest.mark.parametrize(
    ("unit", "amount", "assigned", "held", "resumed", "due"),
    [
        # a hold over Spring Festival: an hour on the 14th and one on the 24th are given back, nine days take nothing
        ("working_hour", 8, "2026-02-14 09:00", "2026-02-14 17:00", "2026-02-24 09:00", "2026-02-24 11:00"),
        # in urgent hours every hour of it is given back: seven are used, one is left
        ("urgent_hour", 12, "2026-02-14 09:00", "2026-02-14 17:00", "2026-02-24 09:00", "2026-02-24 13:00"),
        # a hold over a night takes nothing from working hours
        ("working_hour", 8, "2026-03-04 14:00", "2026-03-04 18:00", "2026-03-05 08:00", "2026-03-05 12:00"),
        # a hold over the end of the year: one hour on the 31st, one on Sunday the 4th
        ("working_hour", 4, "2025-12-31 14:00", "2025-12-31 17:00", "2026-01-04 09:00", "2026-01-04 10:00"),
    ],
)
def test_a_hold_over_a_holiday(
    app: Flask, world: World, clock: SetClock, unit: str, amount: int, assigned: str, held: str, resumed: str, due: str
) -> None:
    limit(app, world, amount, unit)
    clock.to(assigned)
    task_id = tasking.file(world)
    do(world, clock, task_id, assigned, "dispatcher_a", "assign")
    do(world, clock, task_id, assigned, "worker_a", "accept")
    do(world, clock, task_id, held, "dispatcher_a", "hold", review_on="2026-12-01")
    assert do(world, clock, task_id, resumed, "dispatcher_a", "resume").due_at == local(due)
