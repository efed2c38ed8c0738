"""A phone between two people, two pages and two lives of a page: nothing becomes another's, is lost or stands twice."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_phone_handed_on import DRAFT_KEPT, NOTHING_WAITS, sign_out
from tests.browser.test_phone_wire import BIG_PHOTO
from tests.support import phones
from tests.support.phones import BAD_NETWORK, fill_report, located, phone, send, sign_in, take_photo, task, tasks_of
from tests.support.world import signed_in

PATIENCE = 60_000
API = "**/api/v1/**"
SENT = re.compile("/api/v1/(reports|photos|sync)")
RETRY = "import('/static/field/core/outbox.js').then(({ retry }) => { retry(); })"
HIDE = """() => {
  Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SETTLED = "async () => !(await navigator.locks.query()).held.some(({ name }) => name === 'field-outbox')"
NONE_OF = "async (person) => !(await (await import('/static/field/core/items.js')).itemsOf(person)).length"
KEEP_SHARED_PHOTO = """async (person) => {
  const { put } = await import("/static/field/core/items.js");
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  canvas.getContext("2d").fillRect(0, 0, 20, 20);
  const blob = await new Promise((told) => canvas.toBlob(told, "image/jpeg"));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const id = crypto.randomUUID();
  const body = { category: "06001", description: person, reported_at: new Date().toISOString(), photos: [sha256],
                 location: { lon: 104.604, lat: 28.704, accuracy: 5 } };
  await put({ id, person, kind: "report", about: id, path: `/reports/${id}`, method: "PUT", body }, [{ sha256, blob }]);
}"""


def reporters(site: Site) -> list[Any]:
    return [task(site, one["id"])["reporter"]["id"] for one in tasks_of(site)]


def leave_unsent(page: Page) -> None:
    """Sign out over what waits."""
    page.locator("#nav [data-screen=me]").click()
    page.locator("#sign-out").press("Enter")
    phones.sheet(page).get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("密码")).to_be_visible()


def test_what_was_being_sent_when_the_phone_changed_hands_is_not_the_next_persons(open_page, site, wire):
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    sign_in(page, "worker_a")
    located(page)
    on_its_way = wire.hold("PATCH /api/v1/photos/", 0.4)
    assert page.evaluate(BIG_PHOTO) > 6_000_000
    assert on_its_way.reached.wait(60)
    leave_unsent(page)
    sign_in(page, "worker_a2")
    expect(page.locator("#nav")).to_be_visible()
    on_its_way.go.set()
    phones.until(page, SETTLED)
    assert tasks_of(site) == []
    sign_out(page)
    sign_in(page, "worker_a")
    phones.until(page, NOTHING_WAITS)
    assert reporters(site) == [str(site.world.people["worker_a"].id)]


def test_a_report_whose_page_ends_while_it_is_sent_does_not_stand_in_the_form_again(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    fill_report(page, "发送途中关掉")
    take_photo(page)
    phones.until(page, DRAFT_KEPT)
    on_its_way = wire.hold("PUT /api/v1/(reports|photos)/")
    send(page)
    assert on_its_way.reached.wait(60)
    page.evaluate(HIDE)
    later = page.context.new_page()
    page.close()
    on_its_way.go.set()
    later.goto("/field")
    located(later)
    expect(later.get_by_label("情况说明")).to_have_value("")
    expect(later.locator("#drafts")).to_have_count(0)
    phones.until(later, NOTHING_WAITS)
    assert [one["description"] for one in tasks_of(site)] == ["发送途中关掉"]


def test_of_a_draft_in_two_pages_what_the_second_one_says_is_not_lost(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    fill_report(page, "第一页写的")
    phones.until(page, DRAFT_KEPT)
    other = page.context.new_page()
    other.goto("/field")
    expect(other.get_by_label("情况说明")).to_have_value("第一页写的")
    wire.cut()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    other.get_by_label("情况说明").fill("第二页改的")
    send(other)
    expect(other.get_by_role("alert").filter(has_text="已在另一个页面提交")).to_be_visible()
    expect(other.get_by_role("heading", name="已保存在本机")).to_have_count(0)
    send(other)
    expect(other.get_by_role("heading", name="已保存在本机")).to_be_visible()
    wire.mend()
    other.evaluate(RETRY)
    phones.until(other, NOTHING_WAITS)
    assert sorted(one["description"] for one in tasks_of(site)) == ["第一页写的", "第二页改的"]


def test_a_page_of_the_person_before_signs_nobody_else_out(open_page, site):
    page = phone(open_page, site, None)
    sign_in(page, "worker_a")
    expect(page.locator("#nav")).to_be_visible()
    other = page.context.new_page()
    other.goto("/field#/me")
    expect(other.locator("#who")).to_contain_text("Worker A")
    other.route(API, lambda route: route.abort())  # it hears of nothing before the next person is there
    page.bring_to_front()
    sign_out(page)
    sign_in(page, "worker_a2")
    expect(page.locator("#nav")).to_be_visible()
    other.unroute(API)
    other.evaluate("import('/static/field/api.js').then(({ ask }) => ask('/me')).catch(() => {})")
    expect(other.locator(".toast")).to_contain_text("本机现由Worker A2登录", timeout=PATIENCE)
    expect(other.locator("#who")).to_contain_text("Worker A2", timeout=PATIENCE)
    page.reload()
    expect(page.locator("#nav")).to_be_visible()
    expect(page.get_by_label("密码")).to_have_count(0)


def test_a_photo_that_two_people_of_one_phone_report_is_sent_for_both(open_page, site):
    page = phone(open_page, site, None, tolerate=BAD_NETWORK)
    page.route(SENT, lambda route: route.abort())
    for who in ("worker_a", "worker_a2"):
        sign_in(page, who)
        expect(page.locator("#nav")).to_be_visible()
        page.evaluate(KEEP_SHARED_PHOTO, str(site.world.people[who].id))
        leave_unsent(page)
    page.unroute(SENT)
    sign_in(page, "worker_a")
    mine = str(site.world.people["worker_a"].id)
    phones.until(page, NONE_OF, mine)
    [filed] = tasks_of(site)
    [sent] = task(site, filed["id"])["photos"]
    looked_at = signed_in(site.app, site.world.people["dispatcher_a"]).head(f"/api/v1/photos/{sent['sha256']}")
    assert (filed["description"], looked_at.status_code) == (mine, 200)


def notices_seen(page: Page) -> None:
    page.locator("#nav [data-screen=me]").click()
    expect(page.locator("#notices .f-notice")).not_to_have_count(0)
    expect(page.locator("#me-count")).to_be_hidden()


def test_what_one_person_looked_at_is_still_news_for_the_next(open_page, site):
    for who in ("worker_a2", "worker_a"):
        phones.assign(site, phones.report(site), who)
    page = phone(open_page, site, None)
    sign_in(page, "worker_a")
    expect(page.locator("#me-count")).to_be_visible()
    notices_seen(page)
    sign_out(page)
    page.goto("/field#/report")  # the next one begins elsewhere than at the notices, where they would be seen at once
    sign_in(page, "worker_a2")
    expect(page.locator("#me-count")).to_be_visible()
