"""What the phone keeps is right and bounded: the desk acted meanwhile, another grid, a week away, a full phone."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from gridapp.config import Settings
from gridapp.db import session
from gridapp.models import Person, Post
from gridapp.timesource import now
from tests.support import phones
from tests.support.phones import BAD_NETWORK, fill_report, located, phone, send, take_photo, task, tasks_of, until
from tests.support.photos import put
from tests.support.pictures import photo, sha256
from tests.support.world import signed_in

PATIENCE = 90_000
WEEK, PAGE = 40_000, 2_000
TOO_MANY = 429
USUAL = {name: Settings.model_fields[name].default for name in ("rate_per_minute", "rate_per_second")}
MOST_BYTES_A_CHANGE = 1_500
MOST_GROWTH_MB = 100
KEPT = """async () => {
  const { keptTasks } = await import("/static/field/tasklist.js");
  return (await keptTasks()).map(({ id }) => id);
}"""
GRIDS = """async () => {
  const { features } = await import("/static/field/map/data.js");
  return (await features("grids")).map(({ properties }) => properties)
    .filter(({ part }) => part === "own").map(({ code }) => code);
}"""
CURSOR = """async () => {
  const { kept } = await import("/static/field/core/store.js");
  const cursor = await kept("cursor");
  return cursor && !cursor.more ? cursor.cursor : null;
}"""

DRAFT = """async () => {
  const { read } = await import("/static/field/core/store.js");
  return (await read("drafts", (drafts) => drafts.getAll())).some(({ photos }) => photos.length === 1);
}"""


def test_the_desk_acted_meanwhile_and_both_versions_are_shown(open_page, site, wire):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    phones.act(site, "worker_a", task_id, "accept")
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}", base_url=wire.url, tolerate=BAD_NETWORK)
    expect(page.locator("#task-head")).to_be_visible()
    wire.cut()
    page.locator('.f-foot [data-action="feedback"]').click()
    sheet = phones.sheet(page)
    sheet.get_by_label("说明").fill("清理完毕")
    take_photo(page, "action-camera")
    expect(sheet.locator(".f-place-line")).to_contain_text("已定位")
    page.locator("#do-action").click()
    expect(page.locator("#unsent")).to_have_text("1 项待发")
    holder = {"post": str(site.world.people["worker_a2"].post)}
    phones.act(site, "dispatcher_a", task_id, "transfer", assignee=holder, reason="better_placed")
    wire.mend()
    page.goto("/field#/outbox")
    conflict = page.locator("#unsent-items .f-conflict")
    expect(conflict).to_contain_text("Dispatcher A 已先行操作：改派", timeout=PATIENCE)
    expect(conflict.locator(".f-side").nth(0)).to_contain_text("清理完毕")
    expect(conflict.locator(".f-side").nth(1)).to_contain_text("派遣")
    expect(conflict.locator(".f-side").nth(1)).to_contain_text("Worker A2")
    assert [event["action"] for event in task(site, task_id)["events"]][-1] == "transfer"
    conflict.get_by_role("button", name="改为留言发送").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    last = task(site, task_id)["events"][-1]
    assert (last["action"], last["note"], len(last["photos"])) == ("comment", "清理完毕", 1)


def move(site, who: str, area: str) -> None:
    """Give somebody the post of another grid, as the desk does."""
    with site.app.app_context():
        at = now() - dt.timedelta(seconds=1)
        for name in (who, "worker_b2"):
            post = session.get_one(Post, site.world.people[name].post)
            post.during = Range(post.during.lower, at)
        person = session.get_one(Person, site.world.people[who].id)
        person.scope_grid_id = site.world.areas[area].id
        session.flush()
        session.add(Post(person_id=person.id, grid_id=person.scope_grid_id, kind="worker", during=Range(at, None)))
        session.commit()


def test_a_worker_moved_to_another_grid_keeps_nothing_of_the_old_one(open_page, site):
    there, content = {**site.world.inside("a1"), "accuracy": 5.0}, photo()
    put(signed_in(site.app, site.world.people["worker_a2"]), content)
    old = phones.report(site, "worker_a2", location=there, photos=[sha256(content)])
    page = phone(open_page, site, "worker_a", tolerate=BAD_NETWORK)
    page.goto(f"/field#/tasks/{old}")
    expect(page.locator("button.f-photo img").first).to_be_visible()
    until(page, PICTURES, 1)
    until(page, f"async (id) => (await ({KEPT})()).includes(id)", old)
    code = site.world.areas["a1"].code
    until(page, f"async (code) => (await ({GRIDS})()).join() === code", code)
    page.route("**/api/v1/changes*", lambda route: route.abort())
    move(site, "worker_a", "b2")
    new = phones.report(site, "worker_b", location={**site.world.inside("b2"), "accuracy": 5.0})
    page.unroute("**/api/v1/changes*")
    page.reload()
    until(page, f"async (id) => (await ({KEPT})()).join() === id", new)
    until(page, f"async (code) => (await ({GRIDS})()).join() === code", site.world.areas["b2"].code)
    until(page, PICTURES, 0)
    assert page.evaluate(IN_BROWSER, f"/api/v1/photos/{sha256(content)}?size=thumb") == []


PICTURES = """async (count) => {
  const { read } = await import("/static/field/core/store.js");
  return (await read("pictures", (pictures) => pictures.count())) === count;
}"""
# What the browser itself kept of an address, open to whoever reads the phone.
IN_BROWSER = """async (address) => {
  const only = { cache: "only-if-cached", mode: "same-origin" };
  const found = await fetch(address, only).then((answer) => (answer.ok ? [address] : []), () => []);
  return (await caches.match(address)) ? [...found, "cache"] : found;
}"""


@pytest.mark.parametrize("limits", [USUAL])
def test_after_a_week_and_forty_thousand_changes_the_phone_is_back_in_step(open_page, site, wire):
    known = [phones.report(site, description=f"第{n}件") for n in range(5)]
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    until(page, f"async (n) => (await ({KEPT})()).length === n", len(known))
    until(page, CURSOR)
    wire.cut()
    before = page.evaluate(CURSOR)
    with site.app.app_context():
        session.execute(
            text(
                "insert into change (kind, key, grid_id) select 'task', t.id::text, t.grid_id "
                "from task t, generate_series(1, :times) g order by random()"
            ),
            {"times": WEEK // len(known)},
        )
        session.commit()
    last = phones.report(site, description="最后一件")
    pages = Pages(page)
    heap, resident = heap_mb(page), resident_mb()
    wire.mend()
    until(page, f"async (before) => ![null, before].includes(await ({CURSOR})())", before)
    assert last in page.evaluate(KEPT)
    assert len(page.evaluate(KEPT)) == len(known) + 1
    assert pages.count < 2 * WEEK / PAGE
    until(page, MINE, known, seconds=180)
    assert pages.refused == 0, "it asks at a pace at which it is not refused"
    assert pages.bytes < MOST_BYTES_A_CHANGE * WEEK
    assert heap_mb(page) - heap < MOST_GROWTH_MB
    assert resident_mb() - resident < MOST_GROWTH_MB


FEW = {"rate_per_second": 3}
MINE = """async (known) => {
  const { keptTask } = await import("/static/field/tasklist.js");
  return (await Promise.all(known.map(keptTask))).every(Boolean);
}"""


@pytest.mark.parametrize("limits", [FEW])
def test_a_phone_that_is_told_to_wait_waits_and_goes_on_by_itself(open_page, site):
    mine = [phones.report(site, description=f"第{n}件") for n in range(12)]
    page = phone(open_page, site, "worker_a")
    told = []
    page.on("response", lambda answer: told.append(answer.status))
    until(page, MINE, mine, seconds=300)
    assert 429 in told


# What waiting lasts in seconds: for a turn while only the person's share is left, and where the server asks for more.
# The pace is one of its own, for that of the page learns from each answer meanwhile.
WAITS = """async () => {
  const { learnRoom, turn } = await import("/static/field/core/pace.js?apart");
  const { patiently, Refused } = await import("/static/field/core/wire.js");
  const told = (left, reset) => learnRoom(new Headers({
    "RateLimit-Limit": 60, "RateLimit-Remaining": left, "RateLimit-Reset": reset,
  }));
  const lasted = async (work) => {
    const begun = performance.now();
    await work();
    return (performance.now() - begun) / 1000;
  };
  told(16, 600);
  const free = await lasted(turn);
  told(15, 2);
  const kept = await lasted(turn);
  const refusals = [new Refused(429, {}, 2)];
  const asked = await lasted(() => patiently(async () => { if (refusals.length) throw refusals.pop(); }));
  return { free, kept, asked };
}"""


def test_the_background_waits_for_the_minute_where_only_the_persons_share_is_left(open_page, site):
    page = phone(open_page, site, "worker_a")
    located(page)
    waits = page.evaluate(WAITS)
    assert waits["free"] < 600, "not until the next minute"
    assert waits["kept"] >= 1.9
    assert waits["asked"] >= 1.9


class Pages:
    """What a phone asks from now on: pages of the feed, their bytes unpacked, and calls refused for their number."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        self.bytes = 0
        self.refused = 0
        page.on("requestfinished", self._take)

    def _take(self, request: Request) -> None:
        if "/api/v1/" in request.url and "/photos/" not in request.url:
            answer = request.response()
            self.refused += answer is not None and answer.status == TOO_MANY
        if "/api/v1/changes?" in request.url:
            self.count += 1
            self.bytes += request.sizes()["responseBodySize"]


def heap_mb(page: Page) -> float:
    """What the page holds in memory, after the browser has thrown away what nobody needs."""
    browser = page.context.new_cdp_session(page)
    browser.send("HeapProfiler.collectGarbage")
    return float(browser.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def resident_mb() -> float:
    """What the server holds in memory, which here is this process."""
    status = Path("/proc/self/status").read_text()
    [size] = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(size) / 1e3


def test_a_draft_survives_the_page_and_is_laid_aside(open_page, site):
    page = phone(open_page, site, "worker_a")
    fill_report(page, "写了一半")
    take_photo(page)
    until(page, DRAFT)
    page.reload()
    expect(page.get_by_label("情况说明")).to_have_value("写了一半")
    expect(page.locator("figure.f-photo")).to_have_count(1)
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_label("情况说明")).to_have_value("")
    page.locator("#drafts").click()
    page.get_by_role("button", name="继续填写").click()
    expect(page.get_by_label("情况说明")).to_have_value("写了一半")
    located(page)
    send(page)
    phones.number_of(page)
    assert [(one["description"], len(one["photos"])) for one in tasks_of(site)] == [("写了一半", 1)]
