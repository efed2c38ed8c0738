"""Everybody can use every page: axe-core over all of the desk and the phone, in both languages and every look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from gridapp.access import ROLES
from gridapp.db import session
from tests.support import phones, streets, tasking
from tests.support.hidden import Things, fill
from tests.support.phones import fill_report, located, phone, take_photo
from tests.support.screens import assert_fits
from tests.support.world import World, signed_in

NO_SHELL = frozenset({"static", "live.live", "field.page"})
LEAST_PX = 44
# What is pressed by a thumb and too small for it; boxes to tick are pressed by their labels.
PRESSED = (
    "a, button, select, textarea, summary, input:not([type=hidden], [type=radio], [type=checkbox]), "
    "label:has(input[type=radio], input[type=checkbox])"
)
TOO_SMALL = f"""(least) => [...document.querySelectorAll("{PRESSED}")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip, .visually-hidden"))
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.height < least - 0.5 || (box.width < least - 0.5 && e.tagName !== "TEXTAREA"))
  .map(([e, box]) => `${{e.tagName}} ${{e.className}} ${{e.textContent.trim()}} ${{box.width}}x${{box.height}}`)"""
SCREENS = {
    "report": ".f-map-still canvas[data-drawn]",
    "day": "#stops .f-day-card",
    "track": "#readers",
    "tasks": "[data-task]",
    "me": "#look",
    "outbox": "#unsent-items",
}


def faults(page: Page, *, colours: bool = True) -> dict[str, list[str]]:
    """What axe-core finds wrong with a page, by its rule; its colours are not looked at where another run did."""
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": colours}}}
    found = Axe().run(page, options=options).response["violations"]
    return {one["id"]: [node["html"][:160] for node in one["nodes"]] for one in found}


def pages(app: Flask, world: World, hidden: Things) -> Iterator[tuple[str, str]]:
    """Every page of the desk with the person whose it is: each route that answers a whole page, as it is registered."""
    clients = [(f"{role}_a", signed_in(app, world.people[f"{role}_a"], browser=True)) for role in ROLES]
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_SHELL or rule.rule.startswith(("/api/", "/tiles/")):
            continue
        values = {name: hidden.arguments[name][0] for name in rule.arguments}
        path = adapter.build(rule.endpoint, values, method="GET")
        for who, client in clients:
            with client.get(path) as answer:
                if answer.status_code == 200 and answer.get_data(as_text=True).lstrip().startswith("<!doctype html>"):
                    yield path, who
                    break


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_of_the_desk_shuts_anybody_out(open_page, site, language):
    with site.app.app_context():
        hidden = fill(site.world)
    found: dict[str, dict[str, list[str]]] = {}
    opened: dict[str, Page] = {}
    walked = [("/sign-in", None), *pages(site.app, site.world, hidden)]
    assert len(walked) > 25
    for path, who in walked:
        page = opened.get(str(who))
        if page is None:
            page = opened[str(who)] = open_page(who, path, language=language)
        else:
            page.goto(path)
        if wrong := faults(page, colours=language == "zh-CN"):
            found[path] = wrong
    assert found == {}


@pytest.mark.parametrize(("look", "language"), [("light", "zh-CN"), ("dark", "en"), ("sun", "zh-CN")])
def test_no_screen_of_the_phone_shuts_anybody_out_or_is_too_small_for_a_thumb(open_page, site, look, language):
    streets.build(site.app)
    task_id = phones.report(site)
    phones.assign(site, task_id)
    phones.act(site, "worker_a", task_id, "accept")
    with site.app.app_context():
        tasking.stop(site.world)
        session.commit()
    page = phone(open_page, site, None, language=language)
    found = {"sign-in": (faults(page), page.evaluate(TOO_SMALL, LEAST_PX))}
    cookie = phone(open_page, site, "worker_a", language=language)
    cookie.evaluate(f"localStorage.setItem('field-look', '{look}')")
    cookie.reload()
    signs = {**{f"#/{name}": sign for name, sign in SCREENS.items()}, f"#/tasks/{task_id}": ".timeline li"}
    for address, sign in signs.items():
        cookie.goto(f"/field{address}")
        expect(cookie.locator(sign).first).to_be_visible()
        assert_fits(cookie)
        found[address] = (faults(cookie), cookie.evaluate(TOO_SMALL, LEAST_PX))
    for name, opener in (("feedback", '.f-foot [data-action="feedback"]'), ("category", "#choose-category")):
        cookie.goto(f"/field#/tasks/{task_id}" if name == "feedback" else "/field#/report")
        cookie.locator(opener).click()
        expect(cookie.locator("dialog[open]")).to_be_visible()
        found[name] = (faults(cookie), cookie.evaluate(TOO_SMALL, LEAST_PX))
        cookie.locator("dialog[open] .f-close").click()
    assert {name: wrong for name, wrong in found.items() if any(wrong)} == {}


def test_a_filled_form_and_the_sheets_over_it_shut_nobody_out(open_page, site):
    page = phone(open_page, site, "worker_a")
    fill_report(page, "消防通道停满了车", "07001")
    take_photo(page)
    located(page)
    phones.send(page)
    expect(page.locator('[data-field="fields.width"] .wrong')).to_be_visible()
    found = {"form": (faults(page), page.evaluate(TOO_SMALL, LEAST_PX))}
    page.get_by_role("button", name="移动图钉").first.click()
    page.locator("#pin-map[data-drawn]").wait_for()
    found["pin"] = (faults(page), page.evaluate(TOO_SMALL, LEAST_PX))
    page.locator("dialog[open] .f-close").click()
    for _ in range(2):
        page.locator("#bar-sos").press("Enter")
    expect(phones.sheet(page).get_by_role("link").first).to_be_visible()
    found["sos"] = (faults(page), page.evaluate(TOO_SMALL, LEAST_PX))
    assert {name: wrong for name, wrong in found.items() if any(wrong)} == {}
