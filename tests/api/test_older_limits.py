"""Limits of before they were kept: written down once, then as frozen as any other, and with lamps."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import chinese_calendar
import pytest
from flask import Flask
from sqlalchemy import select, text

from gridapp.clocks import calendar as laid_out
from gridapp.clocks import library
from gridapp.db import session
from gridapp.jobs import clockwork
from gridapp.models import Assist, CalendarEdition, ClockStep, Notice, Task
from gridapp.services import doctor
from gridapp.services.clockwork import calendars
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World

THURSDAY = dt.date(2026, 3, 5)
GUARDS = (
    ("task", "task_follows_its_events"),
    ("assist", "assist_follows_its_events"),
    ("task_event", "task_event_append_only"),
)
AS_BEFORE = (
    "update task_event set changes = (changes - 'clock' - 'yellow_at') #- '{assist,clock}' #- '{assist,yellow_at}'",
    "update task set clock = null, yellow_at = null",
    "update assist set clock = null, yellow_at = null",
    "delete from clock_step",
)


@pytest.fixture
def clock(live_app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 16:00 in Shanghai: a limit of four working hours ends on Thursday at 10:00."""
    with live_app.app_context(), set_clock("2026-03-04 16:00") as clock:
        yield clock


@pytest.fixture
def renew(monkeypatch: pytest.MonkeyPatch, live_app: Flask) -> Iterator[object]:
    """Renew the library, in which Thursday is a holiday then, and what a process keeps of it."""

    def forget() -> None:
        laid_out._year_table.cache_clear()
        library.differing.cache_clear()
        live_app.extensions.pop("calendar_editions", None)

    def renewed() -> None:
        monkeypatch.setitem(chinese_calendar.holidays, THURSDAY, "Another holiday")
        forget()

    yield renewed
    monkeypatch.undo()
    forget()


def as_before_limits_were_kept() -> None:
    """What an earlier version of the program left in the database."""
    for table, guard in GUARDS:
        session.execute(text(f"alter table {table} disable trigger {guard}"))
    for statement in AS_BEFORE:
        session.execute(text(statement))
    for table, guard in GUARDS:
        session.execute(text(f"alter table {table} enable trigger {guard}"))
    session.commit()
    session.expire_all()


def told(task_id: uuid.UUID, kind: str) -> int:
    query = select(Notice.id).where(Notice.task_id == task_id, Notice.kind == kind)
    return len(session.scalars(query).all())


def sound(live_app: Flask) -> bool:
    checks = {check.name: check.troubles for check in doctor.examine(live_app.extensions["settings"])}
    return checks["tasks"] == checks["assists"] == ()


def test_a_holder_of_before_gets_a_clock_whose_calendar_is_kept(
    live_app: Flask, world: World, clock: SetClock, renew: object
) -> None:
    task_id = tasking.bring_to(world, "handled")
    session.commit()
    as_before_limits_were_kept()
    due = session.get_one(Task, task_id).due_at
    for _ in range(2):
        clockwork.write_down_older()
    renew()  # type: ignore[operator]
    clock.to("2026-03-04 17:00")
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-03-05")
    clock.to("2026-03-05 08:00")
    clockwork.run_due_steps()
    session.expire_all()
    task = session.get_one(Task, task_id)
    assert due == local("2026-03-05 10:00")
    assert task.due_at == local("2026-03-05 11:00")
    clock.to("2026-03-05 11:00")
    clockwork.run_due_steps()
    clockwork.run_due_steps()
    assert told(task_id, "clock_red") == 1
    assert sound(live_app)


def test_a_part_of_before_gets_a_clock_and_its_lamps_once(live_app: Flask, world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "assisted")
    session.commit()
    as_before_limits_were_kept()
    clock.to("2026-03-05 09:30")
    clockwork.write_down_older()
    for _ in range(2):
        clockwork.run_due_steps()
    session.expire_all()
    part = session.scalars(select(Assist).where(Assist.task_id == task_id)).one()
    assert (part.clock or {})["handle"] == [4, "working_hour"]
    assert told(task_id, "clock_assist_yellow") == 1
    steps = select(ClockStep.step).where(ClockStep.task_id == task_id, ClockStep.done_at.is_(None))
    assert set(session.scalars(steps)) == {"red", "escalate", "assist_red", "assist_escalate"}
    assert sound(live_app)
    before = session.get_one(Task, task_id).version
    clockwork.write_down_older()
    assert session.get_one(Task, task_id, populate_existing=True).version == before


def test_an_edition_that_was_kept_without_the_library_is_completed_once(
    live_app: Flask, clock: SetClock, renew: object
) -> None:
    definition = {"kind": "china", "zone": "Asia/Shanghai", "periods": [["08:00", "12:00"]], "days": [], "years": []}
    session.add(CalendarEdition(code="older", definition=definition, made_at=clock.at))
    session.commit()
    clockwork.write_down_older()
    renew()  # type: ignore[operator]
    clockwork.write_down_older()
    assert calendars.frozen("older").works(THURSDAY)
    assert (calendars.told_of("older") or {})["library"] == f"{library.NAME} {library.VERSION}"
    assert calendars.without_library() == []


def test_what_has_ended_stays_as_it_was_told(live_app: Flask, world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "reviewed")
    session.commit()
    as_before_limits_were_kept()
    clockwork.write_down_older()
    assert session.get_one(Task, task_id).clock is None
