"""The doctor: healthy where all is well, and where a row was meddled with it says so and brings it back."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from sqlalchemy import text

from gridapp.clocks import library
from gridapp.db import session
from gridapp.models import CalendarYear
from gridapp.services import doctor
from gridapp.services.field import tracks
from gridapp.services.moments import today
from gridapp.timesource import now
from tests.support import tasking
from tests.support.command import gridapp_here as gridapp


@pytest.fixture
def task_id(live_app, world):
    with live_app.app_context():
        made = tasking.bring_to(world, "handled")
        session.commit()
    return made


def meddle(cluster, app, statement, task_id):
    """As a person with all rights over the server would, past every guard."""
    name = str(app.config["SQLALCHEMY_DATABASE_URI"]).rsplit("/", 1)[1].split("?")[0]
    with psycopg.connect(cluster.dsn(name), autocommit=True) as connection:
        connection.execute("alter table task disable trigger task_follows_its_events")
        connection.execute(statement, (task_id,))
        connection.execute("alter table task enable trigger task_follows_its_events")


def troubled(app):
    """What the doctor finds wrong, asked without a process of its own."""
    with app.app_context():
        return [check.name for check in doctor.examine(app.extensions["settings"]) if check.troubles]


def test_tasks_that_went_through_the_house_are_sound(live_app, task_id):
    assert "tasks" not in troubled(live_app)


def test_a_year_to_come_whose_holidays_nobody_knows_is_said_and_no_fault(live_app, world):
    with live_app.app_context():
        this = today()
        tracks.ensure_partitions(this + dt.timedelta(days=n) for n in (-1, 0, 1, 2))
        session.merge(CalendarYear(year=this.year, declared_at=now()))
        session.commit()
        unknown = [year for year in (this.year + 1,) if year not in library.YEARS]
    ran = gridapp(live_app, "doctor", "--json")
    assert (ran.status, ran.document["healthy"], ran.document["findings"]) == (0, True, [])
    assert [one["years"] for one in ran.document["warnings"]] == [[year] for year in unknown]
    words = gridapp(live_app, "doctor", LANG="zh_CN.UTF-8").out
    assert ("~ holidays" in words) == bool(unknown)


@pytest.mark.parametrize(
    "statement",
    [
        "update task set description = 'meddled', stage = 'feedback' where id = %s",
        "update task set version = 1, stage = 'report', assignee_post_id = null, assigned_at = null where id = %s",
        "update task set handlers = '{}', due_at = null where id = %s",
    ],
)
def test_a_row_that_was_meddled_with_is_found_and_rebuilt(live_app, cluster, task_id, statement):
    before = row_of(live_app, task_id)
    meddle(cluster, live_app, statement, task_id)
    assert "tasks" in troubled(live_app)
    ran = gridapp(live_app, "doctor", "--rebuild-tasks", "--json")
    assert len(ran.document["rebuilt"]) == 1
    assert "tasks" not in [one["check"] for one in ran.document["findings"]]
    assert "tasks" not in troubled(live_app)
    after = row_of(live_app, task_id)
    assert {**after, "version": before["version"]} == before


def test_what_is_ahead_of_its_events_is_told_and_not_made_up(live_app, cluster, task_id):
    meddle(cluster, live_app, "update task set version = 99 where id = %s", task_id)
    with live_app.app_context():
        assert len(doctor.rebuild_tasks().left) == 1
        session.rollback()


def row_of(app, task_id):
    with app.app_context():
        return session.scalar(text("select to_jsonb(t) from task t where id = :id"), {"id": task_id})
