"""Whoever answers in the server's place, the gate of a network or a proxy before a dead server, is never believed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Response
from playwright.sync_api import Page, Route, expect

from tests.support import phones
from tests.support.phones import fill_report, located, phone, send, take_photo, tasks_of, until
from tests.support.world import signed_in

GATE = "<!doctype html><title>WiFi</title><form><input name=phone><button>登录上网</button></form>"
DOWN = "<html><head><title>502 Bad Gateway</title></head><body><hr>nginx</body></html>"
ANSWERS: dict[str, dict[str, Any]] = {
    "a gate's page": {"status": 200, "content_type": "text/html; charset=utf-8", "body": GATE},
    "a gate's refusal": {"status": 403, "content_type": "text/html", "body": GATE},
    "a gate that does not know us": {"status": 401, "content_type": "application/json", "body": '{"error": "login"}'},
    "a gate that speaks JSON": {"status": 200, "content_type": "application/json", "body": '{"code": 0}'},
    "nothing at all": {"status": 200, "body": ""},
    "nginx before a dead server": {"status": 502, "content_type": "text/html", "body": DOWN},
}
TRIED = """async () => {
  const { listed } = await import("/static/field/core/outbox.js");
  const all = await listed();
  return all.length === 2 && all[0].tries > 0;
}"""
STANDING = """async () => {
  const { listed } = await import("/static/field/core/outbox.js");
  return (await listed()).map(({ state }) => state);
}"""
RETRY = "import('/static/field/core/outbox.js').then(({ retry }) => { retry(); })"


def write(page: Page, words: str, photos: int) -> None:
    fill_report(page, words)
    for _ in range(photos):
        take_photo(page)
    send(page)


@pytest.mark.parametrize("who", ANSWERS)
def test_what_waits_is_kept_whoever_answers_instead(open_page, site, who):
    page = phone(open_page, site, None, faults=(), tolerate="^Failed to load resource")
    phones.sign_in(page, "worker_a")
    page.evaluate("navigator.serviceWorker.ready")
    located(page)
    answered: list[str] = []

    def instead(route: Route) -> None:
        answered.append(f"{route.request.method} {route.request.url}")
        route.fulfill(**ANSWERS[who])

    page.context.route("**/api/v1/**", instead)
    for words, photos in (("先", 1), ("后", 0)):
        write(page, words, photos)
        expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
        page.get_by_role("button", name="继续上报").click()
    until(page, TRIED)
    page.goto("/field#/tasks")
    expect(page.locator("#nav")).to_be_visible()
    assert page.evaluate(STANDING) == ["waiting", "waiting"]
    assert answered
    page.context.unroute("**/api/v1/**")
    page.evaluate(RETRY)
    expect(page.locator("#unsent")).to_be_hidden()
    filed = sorted(tasks_of(site), key=lambda one: one["number"])
    assert [(one["description"], len(one["photos"])) for one in filed] == [("先", 1), ("后", 0)]
    shown = signed_in(site.app, site.world.people["dispatcher_a"]).get(
        f"/api/v1/photos/{filed[0]['photos'][0]['sha256']}"
    )
    assert shown.status_code == 200
    shown.close()


def test_the_page_of_a_gate_does_not_become_a_part_of_the_kept_page(open_page, site):
    page = phone(open_page, site, "worker_a", tolerate="^Failed to load resource")
    page.evaluate("navigator.serviceWorker.ready")
    located(page)
    served = site.app.view_functions["static"]
    site.app.view_functions["static"] = lambda filename: Response(GATE, content_type="text/html")
    phones.renew_shell(site)
    page.evaluate("navigator.serviceWorker.getRegistration('/field').then((one) => one.update()).catch(() => {})")
    until(page, GIVEN_UP)
    site.app.view_functions["static"] = served
    page.reload()
    located(page)


GIVEN_UP = """async () => {
  const { installing, waiting } = await navigator.serviceWorker.getRegistration("/field");
  return !installing && !waiting;
}"""
