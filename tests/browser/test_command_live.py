"""What happens elsewhere, in the command centre's list, map and panel alike, whatever becomes of the line."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gridapp.db import session
from gridapp.timesource import now
from tests.browser.conftest import CUT_OFF, DESK, PHONE, Site
from tests.support.centre import hears, marker, number, row
from tests.support.phones import act, report
from tests.support.screens import assert_fits
from tests.support.tasking import REASONS
from tests.support.world import signed_in

# Where people are on the map, by its own coordinates: [lat, lon] of each.
PEOPLE = """() => {
  const found = [];
  document.querySelector(".folium-map").map.eachLayer((one) => {
    if (one.options.icon?.options.className === "person-marker") found.push([one.getLatLng().lat, one.getLatLng().lng]);
  });
  return found;
}"""


def assign(site: Site, task_id: str) -> None:
    """What another dispatcher does: the task goes to the worker of grid a1."""
    act(site, "chief_a", task_id, "assign", assignee={"post": str(site.world.people["worker_a"].post)})


def stands(site: Site, x: float, y: float, minutes_ago: int) -> list[float]:
    """The worker of grid a1, on duty since an hour, was here; latitude and longitude."""
    phone, place = signed_in(site.app, site.world.people["worker_a"]), site.world.point(x, y)
    hour_ago, then = (now() - dt.timedelta(minutes=minutes) for minutes in (60, minutes_ago))
    phone.post("/api/v1/duty", json={"on": True, "at": hour_ago.replace(microsecond=0).isoformat()})
    sent = phone.post("/api/v1/positions", json={"points": [{"at": then.isoformat(), **place}]})
    assert sent.get_json()["stored"] == 1, sent.text
    return [place["lat"], place["lon"]]


def overdue(site: Site, task_id: str, since: dt.timedelta = dt.timedelta(hours=1)) -> None:
    """Its time was up so long ago."""
    with site.app.app_context():
        times = {"id": task_id, "due": now() - since}
        session.execute(text("alter table task disable trigger task_follows_its_events"))
        session.execute(text("update task set yellow_at = :due, due_at = :due where id = :id"), times)
        session.execute(text("alter table task enable trigger task_follows_its_events"))
        session.commit()


def expect_people(page: Page, where: list[list[float]]) -> None:
    """They are on the map there."""
    page.wait_for_function(
        f"(where) => JSON.stringify(({PEOPLE})()) === JSON.stringify(where)", arg=where, timeout=60_000
    )


def test_what_another_does_shows_in_list_map_and_panel(open_page, site):
    task_id = report(site)
    page = open_page("dispatcher_a", f"/command/tasks/{task_id}")
    hears(page)
    expect(page.locator(".task-marker .stage-report")).to_be_visible()
    assign(site, task_id)
    expect(page.locator(".task-marker .stage-assign")).to_be_visible()
    expect(row(page, task_id)).to_have_attribute("data-stage", "assign")
    expect(page.locator('#panel [aria-current="step"]')).to_have_text("派遣")
    expect(page.locator("#panel summary", has_text="改派")).to_be_visible()


def test_who_comes_second_keeps_what_was_typed(open_page, site):
    task_id = report(site)
    page = open_page("dispatcher_a", f"/command/tasks/{task_id}")
    hears(page)
    page.locator("summary", has_text="留言").click()
    page.locator("#panel").get_by_label("说明").and_(page.locator("details[open] textarea")).fill("我正在写的话")
    assign(site, task_id)
    expect(page.locator("#task-changed")).to_be_visible()
    expect(page.locator("details[open] textarea")).to_have_value("我正在写的话")
    page.locator("details[open]").get_by_role("button", name="留言").click()
    expect(page.locator(".timeline")).to_contain_text("我正在写的话")


def test_a_lost_connection_is_told_and_caught_up(open_page, site):
    page = open_page("dispatcher_a", "/command", tolerate=CUT_OFF)
    hears(page)
    page.context.set_offline(True)
    expect(page.locator("#live-state")).to_have_attribute("data-state", "off")
    task_id = report(site)
    page.context.set_offline(False)
    expect(row(page, task_id)).to_be_visible(timeout=15_000)
    hears(page)


def test_news_that_comes_as_the_line_goes_is_asked_for_until_it_is_answered(open_page, site):
    page = open_page("dispatcher_a", "/command", tolerate=CUT_OFF)
    hears(page)
    asked = re.compile(r"/command/list\?.*ids=")
    page.route(asked, lambda route: route.abort("internetdisconnected"))
    with page.expect_event("requestfailed", lambda request: asked.search(request.url) is not None):
        task_id = report(site)
    page.unroute(asked)
    expect(row(page, task_id)).to_be_visible()


def test_the_open_task_is_asked_for_until_it_is_answered(open_page, site):
    task_id = report(site)
    page = open_page("dispatcher_a", f"/command/tasks/{task_id}", tolerate=CUT_OFF)
    hears(page)
    asked = re.compile(rf"/command/tasks/{task_id}$")
    page.route(asked, lambda route: route.abort("internetdisconnected"))
    with page.expect_event("requestfailed", lambda request: asked.search(request.url) is not None):
        assign(site, task_id)
    page.unroute(asked)
    expect(page.locator('#panel [aria-current="step"]')).to_have_text("派遣")


def test_a_stranger_community_stays_empty(open_page, site):
    page = open_page("dispatcher_b", "/command")
    hears(page)
    report(site)
    theirs = report(site, "worker_b", location=site.world.inside("b1"))
    expect(row(page, theirs)).to_be_visible()
    expect(page.locator(".command-row")).to_have_count(1)


def test_list_map_and_panel_have_no_gap_after_a_lost_connection(open_page, site, wire):
    opened, ended = (report(site, location=site.world.point(x, 0.5)) for x in (0.3, 1.0))
    expected = [stands(site, 0.5, 0.2, 30)]
    page = open_page("dispatcher_a", f"/command/tasks/{opened}", base_url=wire.url, tolerate=CUT_OFF)
    hears(page)
    expect_people(page, expected)
    numbers = {task_id: number(page, task_id) for task_id in (opened, ended)}
    for one in numbers.values():
        expect(marker(page, one).locator(".stage-report")).to_be_visible()

    wire.cut()
    expect(page.locator("#live-state")).to_have_attribute("data-state", "off")
    filed = report(site, location=site.world.point(1.7, 0.5))
    assign(site, opened)
    act(site, "dispatcher_a", ended, "dismiss", reason=REASONS["dismiss"], note="不属于受理范围的")
    moved = stands(site, 1.5, 0.8, 0)
    wire.mend()

    expect(row(page, filed)).to_have_attribute("data-stage", "report")
    expect(marker(page, number(page, filed)).locator(".stage-report")).to_be_visible()
    expect(row(page, opened)).to_have_attribute("data-stage", "assign")
    expect(marker(page, numbers[opened]).locator(".stage-assign")).to_be_visible()
    expect(page.locator('#panel [aria-current="step"]')).to_have_text("派遣")
    expect(page.locator("#panel .timeline")).to_contain_text("派遣")
    expect(row(page, ended)).to_have_count(0)
    expect(marker(page, numbers[ended])).to_have_count(0)
    expect_people(page, [moved])
    hears(page)


def test_what_is_overdue_is_red_in_list_map_and_counts_and_workers_stand_on_the_map(open_page, site):
    late, other = (report(site, location=site.world.point(x, 0.5)) for x in (0.3, 1.7))
    for task_id in (late, other):
        assign(site, task_id)
    overdue(site, late)
    expected = stands(site, 1.0, 0.8, 7)
    page = open_page("dispatcher_a", "/command")
    expect(row(page, late)).to_have_attribute("data-overdue", "")
    expect(row(page, late).locator(".badge.is-overdue")).to_be_visible()
    expect(marker(page, number(page, late)).locator(".is-overdue")).to_be_visible()
    expect(row(page, other)).not_to_have_attribute("data-overdue", "")
    expect(marker(page, number(page, other)).locator(".stage-assign")).to_be_visible()
    expect(page.locator('[data-count="overdue"]')).to_have_text("1")

    expect_people(page, [expected])
    page.locator(".person-marker").hover()
    expect(page.locator(".spot-label")).to_have_text(re.compile(r"^Worker A，\d+ 分钟前$"))

    page.locator(".folium-map").evaluate("(box) => box.map.setZoom(10)")
    expect(page.locator(".task-cluster.is-overdue")).to_have_text("2")
    page.locator("label", has=page.locator('[name="overdue"]')).click()
    expect(page.locator(".command-row")).to_have_count(1)
    expect(row(page, late)).to_be_visible()
    expect(page.locator(".task-marker .is-overdue")).to_have_count(1)


def test_what_becomes_overdue_before_ones_eyes_is_counted_with_no_news_of_it(open_page, site):
    task_id = report(site)
    assign(site, task_id)
    page = open_page("dispatcher_a", "/command")
    expect(page.locator('[data-count="overdue"]')).to_have_text("0")
    overdue(site, task_id, -dt.timedelta(seconds=1))
    page.reload()
    expect(row(page, task_id)).to_have_attribute("data-overdue", "", timeout=60_000)
    expect(page.locator('[data-count="overdue"]')).to_have_text("1", timeout=60_000)


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_a_new_one_that_lies_below_what_is_loaded_is_told_and_shown_first(open_page, site, screen, monkeypatch):
    monkeypatch.setattr("gridapp.web.command_page.PAGE", 15)
    for _ in range(17):
        report(site)
    page = open_page("dispatcher_a", "/command", screen)
    told = page.get_by_role("button", name="新到")
    expect(page.locator(".command-row")).to_have_count(15)
    expect(told).to_be_hidden()
    new = report(site)
    expect(told).to_have_text("新到 1 件，按最新查看")
    expect(row(page, new)).to_have_count(0)
    assert_fits(page)
    told.click()
    expect(page.locator(".command-row").first).to_have_attribute("data-task", new)
    expect(told).to_be_hidden()
    newer = report(site)
    expect(page.locator(".command-row").first).to_have_attribute("data-task", newer)
    expect(told).to_be_hidden()
    page.reload()
    expect(page.locator(".command-row").first).to_have_attribute("data-task", newer)
