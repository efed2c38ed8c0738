"""The desk's pages of rules, chain, calendar, jobs and leave: what is set holds, what cannot be is said in the form."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gridapp.db import session
from gridapp.models import CalendarDay, ChainLink, ClockStep, JobState, Leave, RoutingRule, Task, Unit
from gridapp.services import doctor
from gridapp.services.clockwork import calendar_desk, calendars
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.hours import set_clock
from tests.support.world import World

PAGE = {"Accept": "text/html"}


@pytest.fixture
def desk(sign_in: SignIn) -> FlaskClient:
    """Who administers everything."""
    return sign_in("admin_district", browser=True)


@pytest.fixture
def corner(sign_in: SignIn) -> FlaskClient:
    """Who administers community A alone."""
    return sign_in("admin_a", browser=True)


def rule_form(world: World, **given: Any) -> dict[str, Any]:
    plain = {"name": "夜间垃圾", "category": "06", "area": world.areas["a"].code, "hours": "outside", "target": "unit"}
    return {**plain, "unit": "unit_a", "enabled": "1", **given}


@pytest.mark.parametrize("room", ["rules", "rules/new", "chain", "calendar", "jobs"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_each_page_opens_in_both_languages(desk: FlaskClient, room: str, language: str) -> None:
    desk.set_cookie("lang", language)
    page = desk.get(f"/admin/{room}", headers=PAGE)
    assert page.status_code == 200
    assert ("Routing rules" in page.text) is (language == "en")


def test_each_reader_gets_the_own_words_whoever_opened_the_page_first(desk: FlaskClient) -> None:
    shown = {}
    for language in ("zh_CN", "en", "zh_CN"):
        desk.set_cookie("lang", language)
        shown[language] = desk.get("/admin/chain", headers=PAGE).text
    assert '<option value="community" selected>community</option>' in shown["en"]
    assert '<option value="community" selected>社区/村</option>' in shown["zh_CN"]


@pytest.mark.parametrize("page", ["rules/new", "posts/{post}"])
def test_what_begins_at_an_hour_is_asked_for_as_a_time(desk: FlaskClient, world: World, page: str) -> None:
    text = desk.get(f"/admin/{page.format(post=world.people['worker_a'].post)}", headers=PAGE).text
    asked = re.findall(r'<label for="(f-[\w-]+)">(?:开始|结束)时间 ?<', text)
    assert len(asked) == 2
    for field in asked:
        assert text.count(f'id="{field}"') == 1
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("who", ["worker_a", "chief_a", "dispatcher_a", "planner_a"])
def test_they_are_for_admins_and_auditors(sign_in: SignIn, who: str) -> None:
    client = sign_in(who, browser=True)
    assert {client.get(f"/admin/{room}", headers=PAGE).status_code for room in ("rules", "jobs", "calendar")} == {403}


def test_an_auditor_reads_them_and_changes_nothing(sign_in: SignIn, world: World) -> None:
    auditor = sign_in("auditor_a", browser=True)
    assert auditor.get("/admin/rules", headers=PAGE).status_code == 200
    assert auditor.post("/admin/rules/new", data=rule_form(world), headers=PAGE).status_code == 403


def test_a_rule_is_added_edited_moved_and_taken_away(app: Flask, desk: FlaskClient, world: World) -> None:
    for name in ("一", "二"):
        assert desk.post("/admin/rules/new", data=rule_form(world, name=name), headers=PAGE).status_code == 303
    with app.app_context():
        first, second = session.scalars(select(RoutingRule).order_by(RoutingRule.ordinal)).all()
    edited = rule_form(world, version=str(second.version), target="post", person="worker_a", weekdays=["6", "7"])
    assert desk.post(f"/admin/rules/{second.id}", data=edited, headers=PAGE).status_code == 303
    assert desk.post(f"/admin/rules/{second.id}", data=edited, headers=PAGE).status_code == 412
    assert desk.post(f"/admin/rules/{second.id}/move", data={"by": "up"}, headers=PAGE).status_code == 303
    with app.app_context():
        order = session.scalars(select(RoutingRule).order_by(RoutingRule.ordinal)).all()
        assert [rule.id for rule in order] == [second.id, first.id]
        assert (order[0].post_id, order[0].weekdays) == (world.people["worker_a"].post, [6, 7])
    assert "Worker A" in desk.get("/admin/rules", headers=PAGE).text
    assert desk.post(f"/admin/rules/{first.id}/drop", headers=PAGE).status_code == 303
    with app.app_context():
        assert session.get(RoutingRule, first.id) is None
    assert "一" in desk.get("/admin/audit?kind=routing_rule", headers=PAGE).text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"category": "00999"}, "category"),
        ({"area": "000"}, "area"),
        ({"target": "king"}, "target"),
        ({"unit": ""}, "unit"),
        ({"unit": "nowhere"}, "unit"),
        ({"target": "post", "person": ""}, "person"),
        ({"target": "post", "person": "dispatcher_a"}, "person"),
        ({"from_time": "22:00"}, "until_time"),
        ({"from_time": "25:00", "until_time": "06:00"}, "from_time"),
        ({"weekdays": ["8"]}, "weekdays"),
    ],
)
def test_a_rule_that_cannot_be_comes_back_with_its_fault(
    app: Flask, desk: FlaskClient, world: World, given: dict[str, Any], field: str
) -> None:
    answer = desk.post("/admin/rules/new", data=rule_form(world, **given), headers=PAGE)
    assert answer.status_code == 422
    assert field == "weekdays" or f'id="w-{field}"' in answer.text
    with app.app_context():
        assert session.scalar(select(RoutingRule.id).limit(1)) is None


def test_a_rule_filed_at_the_desk_routes_the_next_report(desk: FlaskClient, sign_in: SignIn, world: World) -> None:
    assert desk.post("/admin/rules/new", data=rule_form(world, hours="any"), headers=PAGE).status_code == 303
    body = tasking.report_body(world)
    task_id = uuid.uuid4()
    filed = sign_in("worker_a").put(f"/api/v1/reports/{task_id}", json=body)
    assert filed.status_code == 201
    assert (filed.get_json()["stage"], filed.get_json()["assignee"]["unit"]) == ("assign", str(world.units["a"]))
    again = sign_in("worker_a").put(f"/api/v1/reports/{task_id}", json=body)
    assert (again.status_code, again.get_json()["stage"]) == (200, "assign")
    panel = sign_in("dispatcher_a", browser=True).get(f"/command/tasks/{task_id}", headers=PAGE)
    assert "按派遣规则" in panel.text
    assert "夜间垃圾" in panel.text
    assert "lamp-green" in panel.text


def test_a_category_is_sent_straight_to_the_worker_by_the_whole_house_alone(
    desk: FlaskClient, corner: FlaskClient, sign_in: SignIn, world: World
) -> None:
    switch = {"category": "06001", "on": "1"}
    assert corner.post("/admin/rules/straight", data=switch, headers=PAGE).status_code == 403
    assert desk.post("/admin/rules/straight", data={"category": "07001", "on": "1"}, headers=PAGE).status_code == 404
    assert desk.post("/admin/rules/straight", data=switch, headers=PAGE).status_code == 303
    filed = sign_in("chief_a").put(f"/api/v1/reports/{uuid.uuid4()}", json=tasking.report_body(world))
    assert filed.get_json()["assignee"]["post"] == str(world.people["worker_a"].post)


def test_who_answers_at_a_level_is_said_and_taken_back(app: Flask, desk: FlaskClient, world: World) -> None:
    said = {"area": world.areas["a"].code, "level": "community", "answerer": "unit", "unit": "unit_a"}
    assert desk.post("/admin/chain", data=said, headers=PAGE).status_code == 303
    assert desk.post("/admin/chain", data={**said, "answerer": "chief"}, headers=PAGE).status_code == 422
    with app.app_context():
        link = session.scalars(select(ChainLink)).one()
    assert world.areas["a"].name in desk.get(f"/admin/chain?of={world.areas['a'].code}", headers=PAGE).text
    assert desk.post(f"/admin/chain/{link.id}/drop", headers=PAGE).status_code == 303
    with app.app_context():
        assert session.scalar(select(ChainLink.id).limit(1)) is None


def test_years_that_nobody_knows_are_said_until_somebody_declares_them(
    app: Flask, desk: FlaskClient, corner: FlaskClient
) -> None:
    with set_clock("2026-11-25 10:00"):
        assert 'data-known="unknown"' in desk.get("/admin/calendar", headers=PAGE).text
        with app.app_context():
            assert calendar_desk.unknown_ahead() == [2027]
        off = {"day": "2027-01-01", "works": "no", "name": "元旦"}
        assert corner.post("/admin/calendar/days", data=off, headers=PAGE).status_code == 403
        assert desk.post("/admin/calendar/days", data=off, headers=PAGE).status_code == 303
        year = {"year": "2027", "complete": "yes"}
        assert desk.post("/admin/calendar/years", data=year, headers=PAGE).status_code == 303
        with app.app_context():
            assert calendar_desk.unknown_ahead() == []
            assert not calendars.of_unit(None).works(dt.date(2027, 1, 1))
        assert desk.post("/admin/calendar/days/drop", data={"day": "2027-01-01"}, headers=PAGE).status_code == 303
        with app.app_context():
            assert session.get(CalendarDay, dt.date(2027, 1, 1)) is None


def test_from_december_on_the_whole_desk_says_that_the_holidays_of_the_next_year_are_missing(
    app: Flask, desk: FlaskClient
) -> None:
    with set_clock("2026-11-30 23:00"):
        assert "data-unknown" not in desk.get("/admin/persons", headers=PAGE).text
    with set_clock("2026-12-01 00:30"):
        for page in ("persons", "rules", "jobs", "calendar"):
            assert desk.get(f"/admin/{page}", headers=PAGE).text.count('data-unknown="2027"') == 1, page
        year = {"year": "2027", "complete": "yes"}
        assert desk.post("/admin/calendar/years", data=year, headers=PAGE).status_code == 303
        assert "data-unknown" not in desk.get("/admin/persons", headers=PAGE).text


@pytest.mark.parametrize(("at", "warning"), [("2026-06-01 08:00", True), ("2027-01-01 00:30", False)])
def test_the_doctor_warns_of_a_year_to_come_and_finds_fault_with_the_one_that_is_here(
    app: Flask, at: str, *, warning: bool
) -> None:
    with app.app_context(), set_clock(at):
        checks = {check.name: check for check in doctor.examine(app.extensions["settings"])}
        told = [(trouble.detail["years"], trouble.warning) for trouble in checks["holidays"].troubles]
        assert told[0] == ([2027], warning)
        assert checks["holidays"].mark == ("~" if warning else "!")


def test_a_due_time_in_an_unknown_year_says_so(desk: FlaskClient, sign_in: SignIn, app: Flask, world: World) -> None:
    with app.app_context(), set_clock("2026-12-31 17:00"):
        task_id = tasking.bring_to(world, "assigned")
        document = tasking.act(world, "worker_a", task_id, "comment")
        assert [clock["unknown_years"] for clock in document["clocks"]] == [[], [2027]]
        assert document["clocks"][1]["limit"] == {"amount": 4, "unit": "working_hour"}


def test_a_unit_has_hours_of_its_own(app: Flask, desk: FlaskClient, world: World) -> None:
    unit_id = world.units["a"]
    form = {"version": "1", "kind": "china", "periods": "09:00-12:00 13:00-17:30"}
    assert desk.post(f"/admin/units/{unit_id}/hours", data=form, headers=PAGE).status_code == 303
    assert "09:00-12:00 13:00-17:30" in desk.get(f"/admin/units/{unit_id}", headers=PAGE).text
    for wrong in ("9-12", "12:00-09:00", "08:00-12:00 11:00-18:00"):
        answer = desk.post(
            f"/admin/units/{unit_id}/hours", data={**form, "version": "2", "periods": wrong}, headers=PAGE
        )
        assert answer.status_code == 422
        assert 'id="w-periods"' in answer.text
    with app.app_context():
        assert session.get_one(Unit, unit_id).calendar == {
            "kind": "china",
            "periods": [["09:00", "12:00"], ["13:00", "17:30"]],
        }


def test_jobs_and_failures_are_shown_and_tried_again(
    app: Flask, desk: FlaskClient, corner: FlaskClient, sign_in: SignIn, world: World
) -> None:
    with app.app_context():
        task_id = tasking.file(world)
        at = dt.datetime.now(dt.UTC)
        step = ClockStep(
            task_id=task_id, step="route", since=1, due_at=at, tries=7, failure="KeyError: x", parked_at=at
        )
        session.add_all([step, JobState(name="run_due_steps", failed_at=at, failures=2, failure="OSError: disk")])
        session.commit()
        step_id, number = step.id, session.get_one(Task, task_id).number
    page = desk.get("/admin/jobs", headers=PAGE).text
    assert f"#{number}" in page
    assert "KeyError: x" in page
    assert "OSError: disk" in page
    assert "OSError: disk" not in corner.get("/admin/jobs", headers=PAGE).text
    assert sign_in("admin_b", browser=True).post(f"/admin/jobs/steps/{step_id}/retry").status_code == 404
    assert desk.post(f"/admin/jobs/steps/{step_id}/retry", headers=PAGE).status_code == 303
    with app.app_context():
        again = session.get_one(ClockStep, step_id)
        assert (again.parked_at, again.tries) == (None, 0)


def test_a_leave_is_put_on_record_and_ended(app: Flask, desk: FlaskClient, world: World) -> None:
    post = world.people["worker_a"].post
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:00")
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).strftime("%Y-%m-%dT%H:00")
    form = {"begins": tomorrow, "ends": later, "deputy": "worker_a2"}
    assert desk.post(f"/admin/posts/{post}/leaves", data={**form, "ends": tomorrow}, headers=PAGE).status_code == 422
    assert desk.post(f"/admin/posts/{post}/leaves", data=form, headers=PAGE).status_code == 303
    page = desk.get(f"/admin/posts/{post}", headers=PAGE).text
    assert "Worker A2" in page
    [leave_id] = re.findall(r"/leaves/([0-9a-f-]{36})/end", page)
    assert desk.post(f"/admin/posts/{post}/leaves/{leave_id}/end", headers=PAGE).status_code == 303
    with app.app_context():
        assert session.scalar(select(Leave.id).limit(1)) is None
