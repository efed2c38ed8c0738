"""The bell in a real browser: on every screen, without loading anything again, and read where it is opened."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from gridapp.db import session
from gridapp.models import Task
from gridapp.services import notices
from tests.browser.conftest import DESK, PHONE, OpenPage, Site
from tests.support import tasking
from tests.support.screens import assert_fits

SCREENS = [("dispatcher_a", "/command"), ("planner_a", "/planning"), ("admin_a", "/admin/persons")]


def tell(site: Site, who: str) -> int:
    """Tell somebody that a task is settled; its number."""
    with site.app.app_context():
        task = session.get_one(Task, tasking.file(site.world))
        notices.tell([site.world.people[who].id], "task_resolved", task)
        session.commit()
        return task.number


def bell(page: Page) -> Locator:
    return page.locator("[data-bell-count]")


@pytest.mark.parametrize(("who", "path"), SCREENS)
def test_what_comes_in_shows_on_every_screen_at_once(site: Site, open_page: OpenPage, who: str, path: str) -> None:
    page = open_page(who, path)
    expect(page.locator("[data-bell-list] .bell-recent")).to_be_attached()
    expect(bell(page)).to_be_hidden()
    expect(page.locator("[data-bell][data-hears=on]")).to_be_attached()
    number = tell(site, who)
    expect(bell(page)).to_have_text("1")
    expect(page.locator(".toast")).to_contain_text(f"#{number}")
    page.locator("[data-bell-button]").click()
    line = page.locator(".bell-line")
    expect(line).to_contain_text(f"任务 #{number}")
    assert_fits(page)
    page.get_by_role("button", name="全部标为已读").click()
    expect(bell(page)).to_be_hidden()
    page.keyboard.press("Escape")
    expect(line).to_be_hidden()


@pytest.mark.parametrize(("who", "path"), SCREENS)
def test_the_list_opens_within_a_phone_s_screen(site: Site, open_page: OpenPage, who: str, path: str) -> None:
    tell(site, who)
    page = open_page(who, path, PHONE)
    expect(bell(page)).to_have_text("1")
    page.locator("[data-bell-button]").click()
    expect(page.locator("[data-bell-list] .bell-line")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("screen", [DESK, PHONE])
def test_messages_and_receivers_fit_their_screens(site: Site, open_page: OpenPage, screen: tuple[int, int]) -> None:
    for _ in range(3):
        tell(site, "admin_a")
    page = open_page("admin_a", "/notices", screen)
    expect(page.locator("main .bell-line")).to_have_count(3)
    assert_fits(page)
    for path in ("/notices/settings", "/admin/receivers/new", "/admin/receivers", "/admin/letters"):
        page.goto(path)
        assert_fits(page)
    page.goto("/notices?unread=1")
    page.locator("main").get_by_role("button", name="全部标为已读").click()
    expect(page.locator("main .bell-line.is-new")).to_have_count(0)
