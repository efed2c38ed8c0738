"""A phone whose clock is moved: what was written is flagged by the clock of its writing, not of its sending."""

from __future__ import annotations

import uuid

from playwright.sync_api import Page, expect
from sqlalchemy import select, text

from gridapp.db import session
from gridapp.models import Shift
from gridapp.timesource import now
from tests.browser.conftest import OpenPage, Site
from tests.support.phones import BAD_NETWORK, CLOCK, HOUR_MS, fill_report, located, phone, send, task, tasks_of, until
from tests.support.wires import Wire

PATIENCE_S = 90
# With what an answer's time leaves out, up to a second, this stays a clock that nobody moved: below two seconds.
MEASURED_AMISS_MS = 700
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


# A position of this moment, or of the moment at which the person went on duty.
SENT_ON_THE_WAY = """async ({ asOnDuty = false, id = crypto.randomUUID(), before = 0 }) => {
  const { listed, store } = await import("/static/field/core/outbox.js");
  const { serverTime } = await import("/static/field/core/clock.js");
  const began = asOnDuty && (await listed()).find(({ kind }) => kind === "on_duty").body.at;
  const at = began || new Date(serverTime() - before).toISOString();
  const points = [{ id: crypto.randomUUID(), at, lon: 104.604, lat: 28.704, accuracy: 5 }];
  const batch = { kind: "positions", about: "duty", path: "/positions", method: "POST", body: { points } };
  await store({ id, ...batch });
}"""
MEASURED_ANEW = """async () => {
  const { call } = await import("/static/field/core/wire.js");
  for (let n = 0; n < 5; n += 1) await call("/me");
}"""
RETRY = "import('/static/field/core/outbox.js').then(({ retry }) => { retry(); })"
ALL_SENT = """async () => !(await (await import("/static/field/core/outbox.js")).listed()).length"""


def off_duty(open_page: OpenPage, site: Site, wire: Wire) -> Page:
    """A phone whose clock is right and can be moved, before its person goes on duty."""
    page = phone(open_page, site, "worker_a", "about:blank", base_url=wire.url, tolerate=BAD_NETWORK)
    page.add_init_script(f"({CLOCK})()")
    page.goto("/field#/me")
    expect(page.get_by_role("button", name="上岗", exact=True)).to_be_visible()
    until(page, MEASURED, 0)
    return page


def positions_kept(site: Site) -> int:
    with site.app.app_context():
        return session.scalar(text("select count(*) from position")) or 0


def test_duty_under_a_clock_moved_forward_without_a_network_is_put_right(open_page, site, wire):
    page = off_duty(open_page, site, wire)
    wire.cut()
    page.evaluate(f"globalThis.ahead = {HOUR_MS}")
    began = now()
    page.get_by_role("button", name="上岗", exact=True).click()
    expect(page.locator("#duty")).to_contain_text("在岗 自")
    page.evaluate(SENT_ON_THE_WAY, {})
    page.get_by_role("button", name="下岗", exact=True).click()
    expect(page.locator("#duty")).to_contain_text("未上岗")
    wire.mend()
    page.evaluate(RETRY)
    until(page, ALL_SENT)
    with site.app.app_context():
        [shift] = session.scalars(select(Shift)).all()
        kept = session.scalars(text("select at from position order by at")).all()
    assert kept
    for at in (shift.during.lower, shift.during.upper, *kept):
        assert abs((at - began).total_seconds()) < 600


def test_a_position_put_right_stays_in_the_duty_that_was_put_right_before_it(open_page, site, wire):
    page = off_duty(open_page, site, wire)
    wire.cut()
    page.evaluate(f"globalThis.ahead = {HOUR_MS}")
    page.get_by_role("button", name="上岗", exact=True).click()
    expect(page.locator("#duty")).to_contain_text("在岗 自")
    page.evaluate(SENT_ON_THE_WAY, {"asOnDuty": True})
    batch = wire.hold("POST /api/v1/positions")
    wire.mend()
    page.evaluate(RETRY)
    assert batch.reached.wait(PATIENCE_S)
    page.evaluate(f"globalThis.ahead = {HOUR_MS} + {MEASURED_AMISS_MS}")
    page.evaluate(MEASURED_ANEW)
    batch.go.set()
    until(page, ALL_SENT)
    assert positions_kept(site) == 1


def test_a_page_that_died_over_corrected_positions_shuts_the_way_to_nobody(open_page, site, wire):
    page = off_duty(open_page, site, wire)
    page.get_by_role("button", name="上岗", exact=True).click()
    expect(page.locator("#duty")).to_contain_text("在岗 自")
    page.goto("/field#/report")
    located(page)
    wire.cut()
    page.evaluate(f"globalThis.ahead = {HOUR_MS}")
    batch = str(uuid.uuid4())
    page.evaluate(SENT_ON_THE_WAY, {"id": batch})
    page.evaluate(SENT_ON_THE_WAY, {"id": f"{batch}~", "before": HOUR_MS})
    write(page, "在其后上报")
    wire.mend()
    page.evaluate(RETRY)
    until(page, ALL_SENT)
    assert [one["description"] for one in tasks_of(site)] == ["在其后上报"]
    assert positions_kept(site) == 1


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
