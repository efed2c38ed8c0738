"""What a phone keeps arrives once and whole: through tunnels, kills, two pages, new versions, lost databases."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

from tests.support import phones
from tests.support.phones import BAD_NETWORK, choose, fill_report, located, phone, picture, send, task, tasks_of, until

PATIENCE = 60_000
PATIENCE_S = 60
SENDS_REPORT = "PUT /api/v1/reports/|POST /api/v1/sync"
HOUR, MILLISECOND = dt.timedelta(hours=1), dt.timedelta(milliseconds=1)
AN_HOUR_AHEAD = """() => {
  const now = Date.now, Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(now() + 3_600_000); }
    static now() { return now() + 3_600_000; }
  };
}"""


def report_offline(page: Page, words: str) -> None:
    """A report with three photos, as fast as a thumb goes."""
    page.locator("input[name=before-camera]").set_input_files([picture(width=320 + n, height=240) for n in range(3)])
    expect(page.locator("figure.f-photo")).to_have_count(3)
    if page.locator(".f-chips [data-code='06001']").count():
        page.locator(".f-chips [data-code='06001']").click()
    else:
        choose(page, "06001")
    page.get_by_label("情况说明").fill(words)
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    page.get_by_role("button", name="继续上报").click()


def test_the_tunnel(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    page.evaluate("navigator.serviceWorker.ready")
    located(page)
    fill_report(page, "头一件")
    send(page)
    page.get_by_role("button", name="继续上报").click()
    wire.cut()
    words = [f"隧道{n:02d}" for n in range(1, 26)]
    for n, one in enumerate(words):
        if n in (9, 17):
            context = page.context
            page.close()
            page = context.new_page()
            if n == 17:
                page.add_init_script(f"({AN_HOUR_AHEAD})()")
            page.goto("/field")
        report_offline(page, one)
    expect(page.locator("#unsent")).to_have_text("25 项待发")
    assert len(tasks_of(site)) == 1
    wire.mend()
    page.goto("/field#/outbox")
    page.get_by_role("button", name="立即发送").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    filed = sorted(tasks_of(site), key=lambda one: one["number"])
    assert [one["description"] for one in filed] == ["头一件", *words]
    assert [phones.photos_here(site, one["id"]) for one in filed] == [0] + [3] * 25
    late = [stamp(one["reported_at"]) - stamp(one["received_at"]) for one in filed]
    assert all(ahead > HOUR - dt.timedelta(minutes=5) for ahead in late[18:])
    assert all(ahead < dt.timedelta() for ahead in late[1:18])
    clocks = [task(site, one["id"])["events"][0]["facts"] for one in (filed[0], *filed[18:])]
    assert [clock["clock_off"] for clock in clocks] == [False] + [True] * 8
    assert all(abs(clock["skew_ms"] - HOUR / MILLISECOND) < 5 * 60_000 for clock in clocks[1:])


def stamp(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def test_two_pages_never_send_the_same_thing_twice(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    fill_report(page, "只报一次")
    other = page.context.new_page()
    other.goto("/field#/outbox")
    expect(other.locator("#unsent-items")).to_contain_text("全部已发送")
    sent = []
    page.context.on("request", lambda request: sent.append(request.url) if sends_report(request) else None)
    wire.cut()
    send(page)
    expect(other.locator("#unsent-items")).to_contain_text("只报一次")
    on_its_way = wire.hold(SENDS_REPORT)
    tried = len(sent)
    wire.mend()
    for one in (page, other):
        one.evaluate("import('/static/field/core/outbox.js').then(({ retry }) => { retry(); })")
    assert on_its_way.reached.wait(60)
    for one in (page, other):
        one.evaluate("import('/static/field/core/outbox.js').then(({ retry }) => { retry(); })")
    on_its_way.go.set()
    expect(other.locator("#unsent-items")).to_contain_text("全部已发送", timeout=PATIENCE)
    expect(page.get_by_role("heading", name="已上报：#")).to_be_visible()
    assert len(tasks_of(site)) == 1
    assert len(sent) - tried <= 1  # none where the browser had the first one still waiting for the wire
    before = len(sent)
    other.evaluate("import('/static/field/core/outbox.js').then(({ retry }) => retry())")
    assert len(sent) == before


def sends_report(request: Request) -> bool:
    return re.match(SENDS_REPORT, f"{request.method} {urlsplit(request.url).path}") is not None


def test_a_new_version_in_the_middle_of_a_send_waits_for_its_end_and_loses_nothing(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    phones.may_be_cut_off(page)
    wire.cut()
    for words in ("一", "二"):
        located(page)
        report_offline(page, words)
    phones.renew_shell(site)
    sends: list[str] = []
    page.on("request", lambda request: sends.append(request.url) if sends_report(request) else None)
    on_its_way = wire.hold(SENDS_REPORT)
    tried = len(sends)
    wire.mend()
    page.evaluate("globalThis.before = true; import('/static/field/core/outbox.js').then(({ retry }) => { retry(); })")
    assert on_its_way.reached.wait(60)
    page.evaluate("navigator.serviceWorker.getRegistration('/field').then((one) => { one.update(); })")
    until(page, "async () => Boolean((await navigator.serviceWorker.getRegistration('/field')).waiting)")
    renew = page.get_by_role("button", name="立即更新")
    expect(renew).to_be_visible()
    assert page.evaluate("globalThis.before")
    on_its_way.go.set()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    with page.expect_navigation():
        renew.click()
    until(page, phones.RENEWED)
    assert 1 <= len(sends) - tried <= 2
    filed = sorted(tasks_of(site), key=lambda one: one["number"])
    assert [(one["description"], len(one["photos"])) for one in filed] == [("一", 3), ("二", 3)]


def test_a_refused_one_waits_with_its_reason_and_nine_arrive(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    located(page)
    wire.cut()
    page.evaluate(TEN_REPORTS)
    expect(page.locator("#unsent")).to_have_text("10 项待发")
    wire.mend()
    page.goto("/field#/outbox")
    page.get_by_role("button", name="立即发送").click()
    expect(page.locator("#unsent")).to_have_text("1 项待发", timeout=PATIENCE)
    waiting = page.locator("#unsent-items [data-state=refused]")
    expect(waiting).to_contain_text("宽度（米）：此项必填。")
    assert sorted(one["description"] for one in tasks_of(site)) == [f"第{n}件" for n in (0, 1, 3, 4, 5, 6, 7, 8, 9)]
    waiting.get_by_role("button", name="修改后发送").click()
    page.get_by_label("宽度（米）").fill("3")
    send(page)
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    assert len(tasks_of(site)) == 10


# The third lacks the width that its category requires, as a phone with an older catalogue would send it.
TEN_REPORTS = """async () => {
  const { store } = await import("/static/field/core/outbox.js");
  for (let n = 0; n < 10; n += 1) {
    const id = crypto.randomUUID();
    const body = { category: n === 2 ? "07001" : "06001", description: `第${n}件`,
                   reported_at: new Date().toISOString(),
                   location: { lon: 104.604, lat: 28.704, accuracy: 5 } };
    await store({ id, kind: "report", about: id, path: `/reports/${id}`, method: "PUT", body,
                  title: body.description });
  }
}"""


def test_accept_and_feedback_without_a_network_arrive_both(open_page, site, wire):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}", base_url=wire.url, tolerate=BAD_NETWORK)
    expect(page.locator("#task-head")).to_be_visible()
    wire.cut()
    page.locator('.f-foot [data-action="accept"]').click()
    page.locator("#do-action").click()
    page.locator('.f-foot [data-action="feedback"]').click()
    sheet = phones.sheet(page)
    sheet.get_by_label("说明").fill("已清运")
    phones.take_photo(page, "action-camera")
    page.locator("#do-action").click()
    expect(page.locator("#unsent")).to_have_text("2 项待发")
    wire.mend()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    told = task(site, task_id)
    assert [event["action"] for event in told["events"]] == ["report", "assign", "accept", "feedback"]
    assert [photo["phase"] for photo in told["photos"]] == ["after"]


def test_a_category_retired_meanwhile_is_accepted_under_the_phones_catalogue(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    fill_report(page, "老类别")
    wire.cut()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    phones.retire(site, "06001")
    wire.mend()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    [filed] = tasks_of(site)
    assert (filed["description"], filed["category"]["code"], filed["category"]["version"]) == (
        "老类别",
        "06001",
        "test-1",
    )


def test_an_action_and_the_duty_button_do_not_wait_for_a_long_queue(open_page, site, wire):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    stuck = wire.hold("PUT /api/v1/photos/|PATCH /api/v1/photos/|POST /api/v1/photos")
    located(page)
    report_offline(page, "照片很慢")
    assert stuck.reached.wait(PATIENCE_S)
    page.goto(f"/field#/tasks/{task_id}")
    phones.open_action(page, "comment")
    phones.sheet(page).get_by_label("说明").fill("排队也说得出")
    page.locator("#do-action").click()
    expect(page.get_by_text("已保存在本机，能发送时自动发送")).to_be_visible(timeout=PATIENCE)
    page.goto("/field#/me")
    page.get_by_role("button", name="上岗", exact=True).click()
    expect(page.locator("#duty")).to_contain_text("在岗 自", timeout=PATIENCE)
    stuck.go.set()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    assert [event["note"] for event in task(site, task_id)["events"]][-1] == "排队也说得出"
