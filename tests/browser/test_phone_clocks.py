"""A phone whose clock is moved: what was written is flagged by the clock of its writing, not of its sending."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlalchemy import select, text

from gridapp.db import session
from gridapp.models import Shift
from gridapp.timesource import now
from tests.support.phones import BAD_NETWORK, fill_report, located, phone, send, task, tasks_of, until

HOUR_MS = 3_600_000
CLOCK = """() => {
  const Real = Date;
  globalThis.ahead = 0;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + globalThis.ahead); }
    static now() { return Real.now() + globalThis.ahead; }
  };
}"""
MEASURED = """async (ahead) => {
  const { clockNow } = await import("/static/field/core/clock.js");
  const { call } = await import("/static/field/core/wire.js");
  await call("/me");
  const clock = await clockNow();
  return clock.sure && Math.abs(clock.ahead - ahead) < 60_000;
}"""


def write(page: Page, words: str) -> None:
    fill_report(page, words)
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    page.get_by_role("button", name="继续上报").click()


def test_a_clock_put_right_before_sending_is_flagged_on_what_was_written_before(open_page, site, wire):
    page = phone(open_page, site, "worker_a", "about:blank", base_url=wire.url, tolerate=BAD_NETWORK)
    page.add_init_script(f"({CLOCK})()")
    page.goto("/field")
    located(page)
    page.evaluate(f"globalThis.ahead = -{HOUR_MS}")
    until(page, MEASURED, -HOUR_MS)
    wire.cut()
    write(page, "慢一小时")
    page.evaluate("globalThis.ahead = 0")
    wire.mend()
    until(page, MEASURED, 0)
    expect(page.locator("#unsent")).to_be_hidden()
    wire.cut()
    write(page, "校准之后")
    page.evaluate(f"globalThis.ahead = {HOUR_MS}")
    wire.mend()
    expect(page.locator("#unsent")).to_be_hidden()
    filed = {one["description"]: task(site, one["id"])["events"][0]["facts"] for one in tasks_of(site)}
    assert filed["慢一小时"]["clock_off"] is True
    assert abs(filed["慢一小时"]["skew_ms"] + HOUR_MS) < 60_000
    assert filed["校准之后"]["clock_off"] is False


SENT_ON_THE_WAY = """async () => {
  const { store } = await import("/static/field/core/outbox.js");
  const points = [{ id: crypto.randomUUID(), at: new Date().toISOString(), lon: 104.604, lat: 28.704, accuracy: 5 }];
  const batch = { kind: "positions", about: "duty", path: "/positions", method: "POST", body: { points } };
  await store({ id: crypto.randomUUID(), ...batch });
}"""
ALL_SENT = """async () => !(await (await import("/static/field/core/outbox.js")).listed()).length"""


def test_duty_under_a_clock_moved_forward_without_a_network_is_put_right(open_page, site, wire):
    page = phone(open_page, site, "worker_a", "about:blank", base_url=wire.url, tolerate=BAD_NETWORK)
    page.add_init_script(f"({CLOCK})()")
    page.goto("/field#/me")
    expect(page.get_by_role("button", name="上岗", exact=True)).to_be_visible()
    until(page, MEASURED, 0)
    wire.cut()
    page.evaluate(f"globalThis.ahead = {HOUR_MS}")
    began = now()
    page.get_by_role("button", name="上岗", exact=True).click()
    expect(page.locator("#duty")).to_contain_text("在岗")
    page.evaluate(SENT_ON_THE_WAY)
    page.get_by_role("button", name="下岗", exact=True).click()
    expect(page.locator("#duty")).to_contain_text("未上岗")
    wire.mend()
    until(page, ALL_SENT)
    with site.app.app_context():
        [shift] = session.scalars(select(Shift)).all()
        kept = session.scalars(text("select at from position order by at")).all()
    assert kept
    for at in (shift.during.lower, shift.during.upper, *kept):
        assert abs((at - began).total_seconds()) < 600


def test_a_clock_set_back_does_not_keep_what_waits_from_being_sent(open_page, site, wire):
    page = phone(open_page, site, "worker_a", "about:blank", base_url=wire.url, tolerate=BAD_NETWORK)
    page.add_init_script(f"({CLOCK})()")
    page.goto("/field")
    located(page)
    page.evaluate(f"globalThis.ahead = {HOUR_MS}")
    wire.cut()
    write(page, "快一小时")
    until(page, TRIED)
    page.evaluate("globalThis.ahead = 0")
    wire.mend()
    expect(page.locator("#unsent")).to_be_hidden()
    assert [one["description"] for one in tasks_of(site)] == ["快一小时"]


TRIED = """async () => {
  const { listed } = await import("/static/field/core/outbox.js");
  return (await listed()).every(({ tries }) => tries > 0);
}"""
