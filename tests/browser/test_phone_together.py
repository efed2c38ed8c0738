"""What is small goes in one round trip, and each thing has its own answer: read before it leaves the phone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.support import phones
from tests.support.phones import BAD_NETWORK, located, phone, task, tasks_of

PATIENCE = 60_000
NOT_HERE: dict[str, Any] = {"status": 404, "json": {"code": "not_found"}, "headers": {"X-Grid-API": "1"}}
# Two comments on two tasks, three reports of which the second lacks what its category requires, one more comment.
QUEUE = """async ([first, second]) => {
  const { store } = await import("/static/field/core/outbox.js");
  const comment = async (about, note) => {
    const id = crypto.randomUUID();
    await store({ id, kind: "action", about, path: `/tasks/${about}/actions`, method: "POST", title: note,
                  body: { id, action: "comment", at: new Date().toISOString(), note } });
  };
  const report = async (description, category) => {
    const id = crypto.randomUUID();
    const location = { lon: 104.604, lat: 28.704, accuracy: 5 };
    const body = { category, description, reported_at: new Date().toISOString(), location };
    await store({ id, kind: "report", about: id, path: `/reports/${id}`, method: "PUT", title: description, body });
  };
  await comment(first, "甲");
  await comment(second, "乙");
  await report("一", "06001");
  await report("二", "07001");
  await report("三", "06001");
  await comment(first, "丙");
}"""


def queued(open_page, site, wire):
    """A phone with six small things in its outbox and no network; the calls that it makes from then on."""
    tasks = [phones.report(site, description=f"第{n}件") for n in (1, 2)]
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    located(page)
    calls: list[str] = []
    wire.cut()
    page.evaluate(QUEUE, tasks)
    expect(page.locator("#unsent")).to_have_text("6 项待发")
    page.on("requestfinished", lambda one: calls.append(f"{one.method} {one.url.partition('/api/v1')[2]}"))
    return page, tasks, calls


def go(page, wire):
    wire.mend()
    page.goto("/field#/outbox")
    page.get_by_role("button", name="立即发送").click()
    expect(page.locator("#unsent")).to_have_text("1 项待发", timeout=PATIENCE)


def assert_all_but_the_refused_arrived(page, site, tasks):
    expect(page.locator("#unsent-items [data-state=refused]")).to_contain_text("此项必填。")
    expect(page.locator("#unsent-items [data-item]")).to_have_count(1)
    assert sorted(one["description"] for one in tasks_of(site)) == ["一", "三", "第1件", "第2件"]
    notes = [[event["note"] for event in task(site, one)["events"] if event["action"] == "comment"] for one in tasks]
    assert notes == [["甲", "丙"], ["乙"]]


def test_small_things_go_in_one_round_trip_and_a_refused_one_stays(open_page, site, wire):
    page, tasks, calls = queued(open_page, site, wire)
    go(page, wire)
    assert_all_but_the_refused_arrived(page, site, tasks)
    sent = [one for one in calls if one.startswith(("PUT", "POST"))]
    assert sent == ["POST /sync", f"POST /tasks/{tasks[0]}/actions"]


def test_a_bundle_whose_answer_was_lost_arrives_once(open_page, site, wire):
    page, tasks, _ = queued(open_page, site, wire)
    cut = wire.cut_once("POST /api/v1/sync", None)
    go(page, wire)
    assert cut.done.is_set()
    assert_all_but_the_refused_arrived(page, site, tasks)


def test_a_server_that_takes_no_bundles_gets_each_by_itself(open_page, site, wire):
    page, tasks, calls = queued(open_page, site, wire)
    page.context.route("**/api/v1/sync", lambda route: route.fulfill(**NOT_HERE))
    go(page, wire)
    assert_all_but_the_refused_arrived(page, site, tasks)
    assert len([one for one in calls if one.startswith("PUT /reports")]) == 3
