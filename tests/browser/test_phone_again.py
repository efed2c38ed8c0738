"""What was refused besides reports and actions is not lost either: it is mended, or sent again, with its reason."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from gridapp.db import session
from gridapp.models import HandOver, Post, Shift, Stop, StopDone
from gridapp.timesource import now
from tests.support import phones, tasking
from tests.support.phones import BAD_NETWORK, phone, until
from tests.support.wires import Wire

PATIENCE = 60_000


def refused(page: Page, wire: Wire, reason: str):
    """The line of what waits, once it was sent and refused."""
    wire.mend()
    page.goto("/field#/outbox")
    waiting = page.locator("#unsent-items [data-state=refused]")
    expect(waiting).to_contain_text(reason, timeout=PATIENCE)
    return waiting


def test_a_refused_stop_is_mended_and_sent_again(open_page, site, wire):
    with site.app.app_context():
        stop = tasking.stop(site.world).id
        session.commit()
    page = phone(open_page, site, "worker_a", "/field#/day", base_url=wire.url, tolerate=BAD_NETWORK)
    card = page.locator(f'[data-stop="{stop}"]')
    expect(card).to_be_visible()
    wire.cut()
    card.get_by_role("button", name="加备注").click()
    phones.sheet(page).get_by_label("现场情况").fill("阀门漏水")
    phones.sheet(page).get_by_role("button", name="已到访").click()
    expect(card).to_contain_text("待发")
    plan(site, stop, dt.date(2020, 1, 1))
    waiting = refused(page, wire, "该点位当日未安排")
    waiting.get_by_role("button", name="修改后发送").click()
    sheet = phones.sheet(page)
    expect(sheet).to_contain_text("该点位当日未安排")
    expect(sheet.get_by_label("现场情况")).to_have_value("阀门漏水")
    sheet.get_by_label("现场情况").fill("阀门漏水，已关阀")
    plan(site, stop, None)
    sheet.get_by_role("button", name="已到访").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    with site.app.app_context():
        [done] = session.scalars(select(StopDone)).all()
        assert (done.stop_id, done.note) == (stop, "阀门漏水，已关阀")


def plan(site, stop, day: dt.date | None) -> None:
    """Put a stop on another day, as the desk does."""
    with site.app.app_context():
        session.get_one(Stop, stop).day = day
        session.commit()


def test_a_refused_batch_of_positions_keeps_nobody_from_going_on_duty(open_page, site):
    page = phone(open_page, site, "worker_a", "/field#/me")
    expect(page.get_by_role("button", name="上岗", exact=True)).to_be_visible()
    page.evaluate(NO_POSITIONS)
    expect(page.locator("#unsent.is-refused")).to_be_visible()
    page.get_by_role("button", name="上岗", exact=True).click()
    expect(page.locator("#duty")).to_contain_text("在岗 自")
    until(page, "async () => (await (await import('/static/field/core/outbox.js')).listed()).length === 1")
    with site.app.app_context():
        [shift] = session.scalars(select(Shift)).all()
        assert shift.during.upper is None


NO_POSITIONS = """async () => {
  const { store } = await import("/static/field/core/outbox.js");
  const batch = { kind: "positions", about: "duty", path: "/positions", method: "POST", body: { points: [{}] } };
  await store({ id: crypto.randomUUID(), ...batch });
}"""


def test_a_refused_hand_over_is_told_on_the_day_and_sent_again(open_page, site, wire):
    with site.app.app_context():
        lately = tasking.succeed(site.world)
    page = phone(open_page, site, "worker_a", "/field#/day", base_url=wire.url, tolerate=BAD_NETWORK)
    given = page.locator("[data-hand-over]")
    expect(given).to_be_visible()
    wire.cut()
    given.locator('[data-tap="confirm"]').click()
    expect(given).to_contain_text("待发")
    hold(site, Range(lately.lower, now() - dt.timedelta(seconds=1)))
    waiting = refused(page, wire, "不存在")
    hold(site, lately)
    page.goto("/field#/day")
    given.get_by_role("link", name="服务器未接受").click()
    waiting.get_by_role("button", name="再次发送").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    with site.app.app_context():
        [kept] = session.scalars(select(HandOver)).all()
        assert kept.post_id == site.world.people["worker_a"].post


def hold(site, during: Range[dt.datetime]) -> None:
    """Give the worker the post for that time."""
    with site.app.app_context():
        session.get_one(Post, site.world.people["worker_a"].post).during = during
        session.commit()


def test_an_action_on_a_task_out_of_sight_is_shown_with_what_was_written_and_can_go_again(open_page, site, wire):
    task_id = phones.report(site, who="dispatcher_district", location=site.world.inside("b2"))
    give(site, task_id, "worker_a")
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}", base_url=wire.url, tolerate=BAD_NETWORK)
    phones.open_action(page, "comment")
    wire.cut()
    phones.sheet(page).get_by_label("说明").fill("楼道还堵着")
    page.locator("#do-action").click()
    expect(page.locator("#unsent")).to_be_visible()
    phones.act(site, "dispatcher_district", task_id, "recall")
    waiting = refused(page, wire, "不存在")
    expect(waiting).to_contain_text("楼道还堵着")
    expect(waiting.get_by_role("button", name="修改后发送")).to_have_count(0)
    give(site, task_id, "worker_a")
    waiting.get_by_role("button", name="再次发送").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    assert phones.task(site, task_id, "dispatcher_district")["events"][-1]["note"] == "楼道还堵着"


def give(site, task_id: str, who: str) -> None:
    """Give a matter of another community to somebody, as the district can."""
    phones.act(site, "dispatcher_district", task_id, "assign", assignee={"post": str(site.world.people[who].post)})
