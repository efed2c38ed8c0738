"""My day on the phone: what came back, lamps, stops and hand-overs without a network, my track and who looked."""

from __future__ import annotations

import datetime as dt
import re
import time

from playwright.sync_api import expect
from sqlalchemy import select, text

from gridapp.db import session
from gridapp.models import AuditEntry, HandOver, LastPosition, Person, StopDone
from gridapp.timesource import now
from tests.support import phones, tasking
from tests.support.phones import BAD_NETWORK, phone, until
from tests.support.world import signed_in

PATIENCE = 60_000
AN_HOUR_AHEAD = """(() => {
  const now = Date.now, Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(now() + 3_600_000); }
    static now() { return now() + 3_600_000; }
  };
})()"""
WHOLE_TASKS = """async () => {
  const { read } = await import("/static/field/core/store.js");
  return (await read("tasks", (tasks) => tasks.getAll())).filter(({ whole }) => whole).length;
}"""
# A receiver that finds nothing, and a page that never gives it up.
NEVER_FOUND = """() => {
  const later = globalThis.setTimeout;
  globalThis.setTimeout = (act, ms, ...given) => (ms === 15_000 ? 0 : later(act, ms, ...given));
  navigator.geolocation.watchPosition = () => 1;
}"""
DAY = """async () => {
  const { keptDay } = await import("/static/field/day/today.js");
  return keptDay();
}"""


def in_hand(site, who: str = "worker_a", **given) -> str:
    """A task that somebody has accepted."""
    task_id = phones.report(site, **given)
    phones.assign(site, task_id, who)
    phones.act(site, who, task_id, "accept")
    return task_id


def test_the_day_is_read_and_duty_begun_where_no_position_is_found(open_page, site):
    task_id = in_hand(site)
    page = phone(open_page, site, "worker_a", "about:blank")
    page.add_init_script(f"({NEVER_FOUND})()")
    page.goto("/field#/day")
    expect(page.locator(f'#way [data-task="{task_id}"]')).to_be_visible()
    page.get_by_role("button", name="上岗", exact=True).press("Enter")
    expect(page.locator("#duty")).to_contain_text("在岗 自")


def test_nobody_is_told_that_there_is_nothing_before_it_was_looked(open_page, site, wire):
    task_id = in_hand(site)
    page = phone(open_page, site, "worker_a", "about:blank", base_url=wire.url, tolerate=BAD_NETWORK)
    first = wire.hold(r"GET /api/v1/tasks\?")
    page.goto("/field#/day")
    assert first.reached.wait(PATIENCE / 1000)
    expect(page.locator("#screen .skeleton")).to_be_visible()
    expect(page.locator("#way")).to_have_count(0)
    first.go.set()
    expect(page.locator(f'#way [data-task="{task_id}"]')).to_be_visible()


def test_what_came_back_is_on_top_with_who_sent_it_and_why(open_page, site):
    first = in_hand(site)
    with site.app.app_context():
        back = tasking.bring_to(site.world, "fed_back")
        tasking.act(site.world, "reviewer_a", back, "rework", note="角落还有")
        session.commit()
    page = phone(open_page, site, "worker_a", "/field#/day")
    card = page.locator(f'#came-back [data-task="{back}"]')
    expect(card.locator(".f-why")).to_contain_text("角落还有")
    expect(card.locator(".f-why")).to_contain_text("Reviewer A")
    expect(card.locator(".f-why")).to_contain_text(re.compile("退回|返工"))
    expect(page.locator(f'#way [data-task="{first}"] .f-way')).to_have_text("1")
    expect(card.locator(".lamp-green")).to_be_visible()
    expect(card.locator('[data-tap="navigate"]')).to_have_attribute("href", re.compile(r"^geo:28\.\d+,104\.\d+\?q="))


def test_the_tasks_in_hand_come_in_the_order_in_which_they_are_walked(open_page, site):
    place = site.world.inside("a1")
    by_metres = {}
    for metres in (90, 30, 120, 60):  # to the east of where the worker stands
        at = {"lon": place["lon"] + metres / 97_500, "lat": place["lat"], "accuracy": 8.0}
        by_metres[metres] = phones.report(site, location=at)
        phones.assign(site, by_metres[metres])
    page = phone(open_page, site, "worker_a", "/field#/day")
    expect(page.locator("#way [data-task]")).to_have_count(4)
    walked = page.locator("#way [data-task]").evaluate_all("cards => cards.map((card) => card.dataset.task)")
    assert walked == [by_metres[metres] for metres in (30, 60, 90, 120)]


def test_the_lamp_is_right_without_a_network_and_with_a_clock_that_is_an_hour_ahead(open_page, site, wire):
    task_id = in_hand(site)
    with site.app.app_context():
        at = now()
        times = {"id": task_id, "yellow": at - dt.timedelta(minutes=1), "due": at + dt.timedelta(minutes=30)}
        session.execute(text("alter table task disable trigger task_follows_its_events"))
        session.execute(text("update task set yellow_at = :yellow, due_at = :due where id = :id"), times)
        session.execute(text("alter table task enable trigger task_follows_its_events"))
        session.commit()
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    page.add_init_script(AN_HOUR_AHEAD)
    page.goto("/field")
    phones.sign_in(page, "worker_a")
    until(page, f"async () => (await ({WHOLE_TASKS})()) === 1")
    page.evaluate("navigator.serviceWorker.ready")
    wire.cut()
    page.goto("/field#/day")
    card = page.locator(f'[data-task="{task_id}"]')
    expect(card.locator(".lamp-yellow")).to_be_visible()
    expect(card.locator(".f-due")).to_contain_text(re.compile(r"剩余 ?\d+ 分钟"))
    expect(page.locator("#clock-off")).to_contain_text("快 60 分钟")


def test_a_stop_is_ticked_off_without_a_network_and_arrives_once(open_page, site, wire):
    with site.app.app_context():
        place = site.world.inside("a1")
        stop = tasking.stop(site.world, note="查看水表", **place).id
        visit = tasking.stop(site.world, kind="visit", name="王奶奶", address="3 栋 201").id
        session.commit()
    page = phone(open_page, site, "worker_a", "/field#/day", base_url=wire.url, tolerate=BAD_NETWORK)
    expect(page.locator("#stops h2")).to_contain_text("0/2")
    page.evaluate("navigator.serviceWorker.ready")
    wire.cut()
    page.reload()
    first = page.locator(f'[data-stop="{stop}"]')
    expect(first).to_contain_text("查看水表")
    first.locator('[data-tap="tick"]').click()
    expect(first).to_contain_text("待发")
    second = page.locator(f'[data-stop="{visit}"]')
    second.get_by_role("button", name="加备注").click()
    phones.sheet(page).get_by_label("现场情况").fill("身体很好")
    phones.sheet(page).get_by_role("button", name="已到访").click()
    expect(page.locator("#unsent")).to_have_text("2 项待发")
    expect(page.locator("#stops h2")).to_contain_text("2/2")
    wire.mend()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    expect(first.locator(".f-stop-done")).to_contain_text("Worker A")
    expect(second.locator(".f-stop-done")).to_contain_text("身体很好")
    with site.app.app_context():
        done = session.scalars(select(StopDone).order_by(StopDone.at)).all()
        assert [(one.stop_id, one.note) for one in done] == [(stop, None), (visit, "身体很好")]
        assert all(one.lon is not None for one in done)


def test_a_hand_over_is_read_and_confirmed_without_a_network(open_page, site, wire):
    world = site.world
    with site.app.app_context():
        task = str(tasking.bring_to(world, "assigned"))
        tasking.succeed(world)
    page = phone(open_page, site, "worker_a", "/field#/day", base_url=wire.url, tolerate=BAD_NETWORK)
    given = page.locator("[data-hand-over]")
    expect(given).to_contain_text("Worker A2")
    expect(given.locator(f'a[href="#/tasks/{task}"]')).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready")
    wire.cut()
    given.locator('[data-tap="confirm"]').click()
    expect(given).to_contain_text("待发")
    wire.mend()
    expect(given).to_have_count(0, timeout=PATIENCE)
    with site.app.app_context():
        [kept] = session.scalars(select(HandOver)).all()
        assert (kept.post_id, kept.tasks) == (world.people["worker_a"].post, 1)


def test_my_track_is_on_the_map_with_who_looked_and_stays_readable_without_a_network(open_page, site, wire):
    with site.app.app_context():
        session.add(LastPosition(person_id=site.world.people["worker_a"].id, at=now(), **site.world.inside("a1")))
        session.commit()
    window = {"bbox": "104.5,28.6,104.8,28.9"}
    desk = signed_in(site.app, site.world.people["dispatcher_a"], browser=True)
    assert desk.get("/command/map/people", query_string=window).get_json() != []
    page = phone(open_page, site, "worker_a", "/field#/day", base_url=wire.url, tolerate=BAD_NETWORK)
    page.get_by_role("link", name="我的轨迹").click()
    expect(page.locator("#readers")).to_contain_text("Dispatcher A")
    expect(page.locator("main")).to_contain_text("当天没有轨迹")
    page.evaluate("navigator.serviceWorker.ready")
    wire.cut()
    page.evaluate(WALKED)
    page.reload()
    expect(page.locator("#readers")).to_contain_text("Dispatcher A")
    expect(page.locator(".f-map-way canvas[data-drawn]")).to_be_visible()


# Positions that were gathered on duty and wait for the network.
WALKED = """async () => {
  const { store } = await import("/static/field/core/outbox.js");
  const points = [0, 1, 2].map((n) => ({ id: crypto.randomUUID(), at: new Date(Date.now() - 60_000 * n).toISOString(),
                                         lon: 104.604 + n / 5000, lat: 28.704, accuracy: 5 }));
  const id = crypto.randomUUID();
  await store({ id, kind: "positions", about: "duty", path: "/positions", method: "POST", body: { points } });
}"""


def test_one_tap_calls_and_no_number_stays_on_the_phone(open_page, site):
    task_id = in_hand(site, description="来电人 13900000001，座机 0831-2345678，反映垃圾未清 20261125")
    with site.app.app_context():
        session.get_one(Person, site.world.people["chief_a"].id).phone = NUMBER
        session.commit()
    page = phone(open_page, site, "worker_a")
    page.add_init_script(NO_DIALLING)
    page.goto("/field#/day")
    page.reload()
    page.locator(f'[data-task="{task_id}"] [data-tap="call"]').click()
    expect(phones.sheet(page).locator(f'a[href="tel:{NUMBER}"]')).to_be_visible()
    phones.sheet(page).get_by_label("关闭").click()
    page.goto(f"/field#/tasks/{task_id}")
    expect(page.locator('#callees a[href="tel:13900000001"]')).to_be_visible()
    assert page.locator("#callees a").count() == 2
    page.locator("#callees").get_by_role("button", name="Chief A").click()
    expect(phones.sheet(page).locator(f'a[href="tel:{NUMBER}"]')).to_be_visible()
    assert NUMBER not in page.evaluate(EVERYTHING_KEPT)
    with site.app.app_context():
        looked = session.scalars(select(AuditEntry.actor_id).where(AuditEntry.action == "reveal")).all()
        assert looked == [site.world.people["worker_a"].id] * 2


NUMBER = "13812345678"
# This browser would ask which program dials, and hear nothing else meanwhile.
NO_DIALLING = """addEventListener("click", (event) => {
  if (event.target.closest?.('a[href^="tel:"]')) event.preventDefault();
}, true)"""
# All that lies in the phone's database, opened with the person's key.
EVERYTHING_KEPT = """async () => {
  const { read } = await import("/static/field/core/store.js");
  const { unseal } = await import("/static/field/core/seal.js");
  const open = async (thing) => {
    if (!thing || typeof thing !== "object" || thing instanceof CryptoKey) return String(thing);
    if (thing.iv && thing.data) return JSON.stringify(await unseal(thing).catch(() => null));
    return (await Promise.all(Object.values(thing).map(open))).join(" ");
  };
  const stores = ["outbox", "tasks", "drafts", "sent", "keep", "notices"];
  return (await Promise.all(stores.map(async (name) => open(await read(name, (store) => store.getAll()))))).join(" ");
}"""


def test_new_notices_stand_on_the_day(open_page, site):
    task_id = phones.report(site, "worker_a2")
    page = phone(open_page, site, "worker_a", "/field#/day")
    expect(page.locator("#way")).to_be_visible()
    phones.assign(site, task_id)
    expect(page.locator("#news")).to_contain_text("已派给您", timeout=PATIENCE)
    page.locator("#news .f-notice").first.click()
    expect(page.locator("#task-head")).to_be_visible()


def test_the_day_is_there_when_the_page_opens_without_a_network(open_page, site, wire):
    with site.app.app_context():
        tasking.stop(site.world)
        session.commit()
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    until(page, f"async () => (await ({DAY})())?.stops.length === 1")
    page.evaluate("navigator.serviceWorker.ready")
    wire.cut()
    page.goto("/field#/day")
    expect(page.locator("#stops")).to_contain_text("泵房")


def test_duty_begins_without_a_network_and_positions_wait_after_it(open_page, site, wire):
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    phones.sign_in(page, "worker_a")
    phones.located(page)
    page.evaluate("navigator.serviceWorker.ready")
    wire.cut()
    page.goto("/field#/day")
    page.get_by_role("button", name="上岗").click()
    expect(page.locator("#duty").get_by_role("button", name="下岗")).to_be_visible()
    page.reload()
    expect(page.locator("#duty").get_by_role("button", name="下岗")).to_be_visible()
    wire.mend()
    asked, give_up = signed_in(site.app, site.world.people["worker_a"]), time.monotonic() + PATIENCE / 1000
    while not asked.get("/api/v1/me").get_json()["duty"]["on"]:
        assert time.monotonic() < give_up
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)


def test_a_track_that_the_phone_never_had_is_not_called_empty(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    expect(page.locator("#choose-category")).to_be_visible()
    wire.cut()
    page.evaluate("location.hash = '#/track'")
    expect(page.locator("#screen .alert")).to_contain_text("本机没有保存当日轨迹")
    for words in ("当日无人查看您的位置", "当天没有轨迹"):
        expect(page.get_by_text(words)).to_have_count(0)
    expect(page.locator("#readers")).to_have_count(0)
