"""An alarm on the screens: it appears by itself, leads to its place, and goes when somebody takes care."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import expect

from tests.support.world import signed_in


def sos(site) -> str:
    """A worker calls for help by phone."""
    phone, alarm = signed_in(site.app, site.world.people["worker_a"]), str(uuid.uuid4())
    body = {"id": alarm, "location": {**site.world.inside("a1"), "accuracy": 9.0}, "note": "有人跌倒"}
    assert phone.post("/api/v1/sos", json=body).status_code == 201
    return alarm


def test_an_alarm_appears_over_the_command_centre_and_goes_when_somebody_takes_care(site, open_page):
    first = open_page("dispatcher_a", "/command")
    second = open_page("chief_a", "/command")
    for page in (first, second):
        expect(page.locator("#live-state")).to_have_attribute("data-state", "on")
    alarm = sos(site)
    for page in (first, second):
        expect(page.locator(f'[data-alarm="{alarm}"]')).to_be_visible()
        expect(page).to_have_title(re.compile("^‼"))
    expect(first.locator("#alarms")).to_contain_text("紧急呼救")
    first.locator("[data-alarm-place]").click()
    expect(first.locator("#main")).to_have_attribute("data-view", "map")
    first.get_by_label("处置情况").fill("已派人")
    first.get_by_role("button", name="我来处置").click()
    for page in (first, second):
        expect(page.locator("[data-alarm]")).to_have_count(0)
        expect(page).not_to_have_title(re.compile("^‼"))
    second.goto("/alarms/record")
    expect(second.locator("tbody tr")).to_contain_text("已派人")


def test_an_alarm_appears_over_other_desks_too(site, open_page):
    page = open_page("admin_a", "/admin/persons")
    waits = sos(site)
    expect(page.locator(f'[data-alarm="{waits}"]')).to_be_visible()
    expect(page.get_by_role("button", name="我来处置")).to_have_count(0)
