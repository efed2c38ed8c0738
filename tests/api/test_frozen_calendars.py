"""A limit keeps the calendar by which it began: no renewed library or catalogue moves it, nor the house's own table."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import chinese_calendar
import pytest
from flask import Flask

from gridapp.catalogue import load_catalogue
from gridapp.clocks import TimeUnit, library
from gridapp.clocks import calendar as laid_out
from gridapp.db import session
from gridapp.jobs import clockwork
from gridapp.models import CalendarDay, CalendarEdition, CalendarYear, FilingCondition, Task
from gridapp.services.clockwork import calendars
from gridapp.services.doctor.clockwork import holidays
from gridapp.services.editions import publishing
from gridapp.services.tasking import tasks
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.catalogue import SMALL
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World

THURSDAY = dt.date(2026, 3, 5)


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 16:00 in Shanghai: a limit of four working hours ends on Thursday at 10:00."""
    with app.app_context(), set_clock("2026-03-04 16:00") as clock:
        yield clock
        app.extensions.pop("category_facts", None)


@pytest.fixture
def renewed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The library as a later version would be: Thursday is a holiday, and it has another number."""
    forget_years()
    monkeypatch.setitem(chinese_calendar.holidays, THURSDAY, "Another holiday")
    monkeypatch.setattr(library, "VERSION", "99.0")
    yield
    monkeypatch.undo()
    forget_years()


def forget_years() -> None:
    """What is kept of the library as long as a process runs."""
    laid_out._year_table.cache_clear()
    library.differing.cache_clear()


def assigned(world: World) -> uuid.UUID:
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_a", task_id, "assign")
    return task_id


def clock_of(world: World, task_id: uuid.UUID) -> dict[str, Any]:
    clocks = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["clocks"]
    return next(one for one in clocks if one["name"] == "handle")


def due(task_id: uuid.UUID) -> dt.datetime | None:
    return session.get_one(Task, task_id, populate_existing=True).due_at


def forget(app: Flask) -> None:
    """As another process, which has looked at no calendar yet."""
    app.extensions.pop("calendar_editions", None)
    forget_years()


def test_a_renewed_library_moves_no_limit_that_runs(
    app: Flask, world: World, clock: SetClock, request: pytest.FixtureRequest
) -> None:
    before = assigned(world)
    tasking.act(world, "worker_a", before, "accept")
    involved = tasking.act(world, "dispatcher_a", before, "involve", assignee={"unit": str(world.units["a"])})
    request.getfixturevalue("renewed")
    forget(app)
    after = assigned(world)
    assert (due(before), due(after)) == (local("2026-03-05 10:00"), local("2026-03-06 10:00"))
    # held over the new holiday: by the old calendar Thursday is worked, two of its hours are given back
    clock.to("2026-03-05 08:00")
    tasking.act(world, "dispatcher_a", before, "hold", review_on="2026-03-20")
    clock.to("2026-03-05 10:00")
    tasking.act(world, "dispatcher_a", before, "resume")
    assert due(before) == local("2026-03-05 12:00")
    clock.to("2026-03-05 11:00")
    clockwork.run_due_steps()
    shown = tasks.get(tasking.principal(world, "dispatcher_a"), before)
    assert shown["lamp"] == "yellow"
    assert shown["holders"][0]["working_minutes"] == 180
    assert shown["parts"][0]["due_at"] == involved["parts"][0]["due_at"]
    assert shown["parts"][0]["working_minutes"] == 300


@pytest.mark.usefixtures("renewed")
def test_a_task_names_the_library_and_the_table_by_which_it_counts(app: Flask, world: World, clock: SetClock) -> None:
    plain = clock_of(world, assigned(world))["calendar"]
    assert (plain["library"], plain["table"], plain["own_days"]) == ("chinesecalendar 99.0", None, 0)
    session.add(CalendarDay(day=dt.date(2026, 3, 6), works=False, name="停工"))
    session.flush()
    own = clock_of(world, assigned(world))["calendar"]
    assert own["own_days"] == 1
    assert own["table"]
    assert own["edition"] != plain["edition"]
    again = clock_of(world, assigned(world))["calendar"]
    assert again == own


def test_the_panel_shows_the_calendar_of_a_clock(world: World, clock: SetClock, sign_in: SignIn) -> None:
    task_id = assigned(world)
    session.commit()
    page = sign_in("dispatcher_a", browser=True).get(f"/command/tasks/{task_id}").text
    assert f"{library.NAME} {library.VERSION}" in page


def test_an_edition_holds_every_day_that_the_library_said(app: Flask, clock: SetClock) -> None:
    code = calendars.freeze(calendars.of_unit(None), clock.at)
    kept = session.get_one(CalendarEdition, code).definition
    assert kept["kind"] == "kept"
    assert ["2026-02-14", True] in kept["days"]
    assert ["2026-02-16", False] in kept["days"]
    frozen, live = calendars.frozen(code), calendars.of_unit(None)
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=n) for n in range(3 * 365)]
    assert [frozen.works(day) for day in days] == [live.works(day) for day in days]
    assert [frozen.knows(year) for year in (2025, 2026, 2199)] == [True, True, False]


def test_the_doctor_says_which_holidays_nobody_knows(app: Flask, world: World, clock: SetClock) -> None:
    last = max(library.YEARS)
    clock.at = dt.datetime(last, 6, 1, tzinfo=dt.UTC)
    [found] = holidays(None)  # type: ignore[arg-type]  # it reads no settings
    assert found.detail == {"years": [last + 1]}
    assert str(last + 1) in found.en
    assert str(last + 1) in found.zh
    session.add(CalendarYear(year=last + 1, declared_at=clock.at))
    session.flush()
    assert list(holidays(None)) == []  # type: ignore[arg-type]
    clock.at = dt.datetime(last + 2, 6, 1, tzinfo=dt.UTC)
    told = [(found.detail, found.warning) for found in holidays(None)]  # type: ignore[arg-type]
    assert told == [({"years": [last + 2]}, False), ({"years": [last + 3]}, True)]


def test_the_calendar_page_warns_of_a_year_that_nobody_knows(world: World, clock: SetClock, sign_in: SignIn) -> None:
    session.commit()
    last = max(library.YEARS)
    clock.at = dt.datetime(last, 6, 1, tzinfo=dt.UTC)
    page = sign_in("admin_district", browser=True).get("/admin/calendar").text
    assert f'data-unknown="{last + 1}"' in page
    clock.at = dt.datetime(last - 1, 6, 1, tzinfo=dt.UTC)
    assert "data-unknown" not in sign_in("admin_district", browser=True).get("/admin/calendar").text


def test_many_limits_in_one_transaction_read_the_calendar_once(app: Flask, world: World, clock: SetClock) -> None:
    day = dt.date(2026, 3, 4)
    with calendars.unchanging():
        assert calendars.of_unit(None).works(day)
        kept = calendars.freeze(calendars.of_unit(None), clock.at)
        session.add(CalendarDay(day=day, works=False, name="停工"))
        session.flush()
        assert calendars.of_unit(None).works(day)
        assert calendars.freeze(calendars.of_unit(None), clock.at) == kept
    assert not calendars.of_unit(None).works(day)
    assert calendars.freeze(calendars.of_unit(None), clock.at) != kept


def test_a_renewed_catalogue_moves_no_limit_that_runs(app: Flask, world: World, clock: SetClock) -> None:
    task_id = assigned(world)
    small = load_catalogue(SMALL)
    shorter = tuple(
        replace(one, handle=replace(one.handle, amount=1, unit=TimeUnit.URGENT_HOUR)) for one in small.conditions
    )
    publishing.publish(replace(small, version="test-2", conditions=shorter))
    condition = session.get_one(FilingCondition, (world.edition, "06001-1"))
    condition.handle_amount, condition.handle_unit = 1, "urgent_hour"  # by a hand on the database
    session.flush()
    app.extensions.pop("category_facts", None)
    tasking.act(world, "worker_a", task_id, "accept")
    tasking.act(world, "dispatcher_a", task_id, "hold", review_on="2026-03-20")
    clock.to("2026-03-04 17:00")
    tasking.act(world, "dispatcher_a", task_id, "resume")
    task = session.get_one(Task, task_id)
    assert (task.due_at, task.yellow_at) == (local("2026-03-05 11:00"), local("2026-03-05 10:00"))
    clock.to("2026-03-05 09:00")
    tasking.act(world, "worker_a", task_id, "feedback")
    clock.to("2026-03-05 10:00")
    tasking.act(world, "reviewer_a", task_id, "rework")
    assert session.get_one(Task, task_id).due_at == local("2026-03-05 12:00")
