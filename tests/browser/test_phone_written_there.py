"""A report says where and when it was written, however late and wherever it is taken up, changed and sent."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.phones import BAD_NETWORK, fill_report, located, number_of, phone, send, sheet, task, tasks_of, until


def test_a_rough_position_is_asked_about_also_while_better_fixes_are_waited_for(open_page, site):
    there = site.world.inside("a1")
    rough = {"longitude": there["lon"], "latitude": there["lat"], "accuracy": 800}
    page = phone(open_page, site, "worker_a", geolocation=rough)
    fill_report(page, "位置粗略")
    send(page)
    expect(page.locator("[data-doubt=rough]")).to_be_visible()
    assert tasks_of(site) == []
    page.locator("#place-reason").select_option("indoors")
    send(page)
    number_of(page)


def test_a_draft_taken_up_elsewhere_lies_where_it_was_written(open_page, site):
    page = phone(open_page, site, "worker_a")
    fill_report(page, "写在东一组")
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_label("情况说明")).to_have_value("")
    away = site.world.inside("b2")
    page.context.set_geolocation({"longitude": away["lon"], "latitude": away["lat"], "accuracy": 8})
    page.locator("#drafts").click()
    page.get_by_role("button", name="继续填写").click()
    located(page)
    send(page)
    number_of(page)
    [filed] = tasks_of(site)
    there = site.world.inside("a1")
    assert (round(filed["location"]["lon"], 4), round(filed["location"]["lat"], 4)) == (there["lon"], there["lat"])


def test_a_refused_report_keeps_its_time_and_how_its_position_was_taken(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    fill_report(page, "改后再发")
    wire.cut()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    made = page.evaluate(REFUSE)
    wire.mend()
    page.goto("/field#/outbox")
    page.get_by_role("button", name="修改后发送").click()
    located(page)
    send(page)
    number_of(page)
    [filed] = tasks_of(site)
    said = task(site, filed["id"])
    position = said["events"][0]["facts"]["position"]
    assert (position["source"], bool(position["fixes"])) == ("gnss", True)
    assert to_the_second(said["reported_at"]) == to_the_second(made)


def test_what_was_mended_on_a_refused_report_is_there_again_until_it_is_thrown_away(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    page.evaluate("navigator.serviceWorker.ready")
    fill_report(page, "被退回的")
    wire.cut()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    page.evaluate(REFUSE)
    wire.mend()
    page.goto("/field#/outbox")
    page.get_by_role("button", name="修改后发送").click()
    words = page.get_by_label("情况说明")
    expect(words).to_have_value("被退回的")
    words.fill("改了一半")
    until(page, MENDED_KEPT, "改了一半")
    for begin in ("() => {}", "() => location.reload()"):
        page.goto("/field#/outbox")
        page.evaluate(begin)
        page.get_by_role("button", name="修改后发送").click()
        expect(words).to_have_value("改了一半")
    page.goto("/field#/outbox")
    page.get_by_role("button", name="丢弃").click()
    sheet(page).get_by_role("button", name="丢弃").click()
    expect(page.locator("#unsent-items")).to_contain_text("全部已发送")
    page.goto("/field#/report")
    expect(words).to_have_value("")
    page.reload()
    expect(words).to_have_value("")
    expect(page.locator("#drafts")).to_have_count(0)


def test_the_words_of_an_action_on_a_task_that_is_out_of_sight_can_be_read(open_page, site):
    page = phone(open_page, site, "worker_a", "/field#/outbox")
    expect(page.locator("#unsent-items")).to_contain_text("全部已发送")
    page.evaluate(ON_A_TASK_OUT_OF_SIGHT, "阀门已关，井盖还缺")
    expect(page.locator("#unsent-items [data-state=refused]")).to_contain_text("阀门已关，井盖还缺")


def to_the_second(text: str) -> str:
    return text[:19]


# The server refuses it, as it would a class that was withdrawn; gives back when it was reported.
REFUSE = """async () => {
  const items = await import("/static/field/core/items.js");
  const { session } = await import("/static/field/session.js");
  const [item] = await items.itemsOf(session.me.id);
  await items.mark(item, { state: "refused", problem: { status: 422, detail: "x", errors: {} } });
  return item.body.reported_at;
}"""

MENDED_KEPT = """async (words) => {
  const { draftsOf } = await import("/static/field/report/drafts.js");
  const { session } = await import("/static/field/session.js");
  return (await draftsOf(session.me.id)).some((draft) => draft.words === words);
}"""

ON_A_TASK_OUT_OF_SIGHT = """async (note) => {
  const { store } = await import("/static/field/core/outbox.js");
  const [id, about] = [crypto.randomUUID(), crypto.randomUUID()];
  const body = { id, action: "feedback", at: new Date().toISOString(), note };
  await store({ id, kind: "action", about, path: `/tasks/${about}/actions`, method: "POST",
                headers: { "If-Match": '"1"' }, body });
}"""
