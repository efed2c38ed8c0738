"""The room that a phone has for the page: asked for for good, and a warning on every screen before it is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.support import phones
from tests.support.phones import located, phone, until

PLENTY, SCARCE = 500_000_000, 40_000_000
SCREENS = {
    "report": "#send-report",
    "day": "#sos",
    "track": "#screen *",
    "tasks": "#tasks",
    "me": "#sign-out",
    "outbox": "#unsent-items",
}
STAYS = "async () => navigator.storage.persisted()"


def storage(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "存储空间即将用完"), ("en-US", "running out of room")])
def test_a_worker_is_told_on_every_screen_before_the_phone_is_full(open_page, site, language, words):
    task_id = phones.report(site)
    page = phone(open_page, site, "worker_a", "about:blank", language=language)
    browser = storage(page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": SCARCE})
    page.goto("/field")
    told = page.locator("#room-low")
    for screen, shown in {**SCREENS, f"tasks/{task_id}": "#task-head"}.items():
        page.goto(f"/field#/{screen}")
        expect(page.locator(shown).first).to_be_visible()
        expect(told).to_contain_text(words)
        assert page.evaluate("document.querySelector('#room-low').getBoundingClientRect().bottom <= innerHeight")
    page.goto("/field#/tasks")
    told.click()
    expect(page.locator("#unsent-items")).to_be_visible()


def test_nobody_is_told_while_there_is_room_and_it_is_seen_as_it_goes(open_page, site):
    page = phone(open_page, site, "worker_a", "about:blank")
    browser = storage(page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": PLENTY})
    page.goto("/field")
    located(page)
    expect(page.locator("#room-low")).to_be_hidden()
    browser.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": SCARCE})
    page.get_by_role("link", name="我的", exact=True).click()
    expect(page.locator("#room-low")).to_be_visible()


@pytest.mark.parametrize("granted", [True, False])
def test_the_browser_is_asked_to_keep_the_page_for_good(open_page, site, granted):
    page = phone(open_page, site, "worker_a", "about:blank")
    wish = {"permission": {"name": "persistent-storage"}, "setting": "granted" if granted else "denied"}
    whose = storage(page).send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    browser = page.context.browser
    assert browser is not None
    wish |= {"origin": site.url, "browserContextId": whose}
    browser.new_browser_cdp_session().send("Browser.setPermission", wish)
    page.goto("/field")
    located(page)
    if granted:
        until(page, STAYS)
    page.goto("/field#/outbox")
    expect(page.locator("main")).to_contain_text("已用")
    said = page.locator("main").get_by_text("浏览器可能清除")
    expect(said).to_have_count(0 if granted else 1)
