"""What was begun and not sent stays, also of an action; and that the server is out of reach stands on every screen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support import phones
from tests.support.phones import BAD_NETWORK, fill_report, phone, take_photo, task, until

PATIENCE = 60_000
BEGUN = """async (count) => {
  const { read } = await import("/static/field/core/store.js");
  const all = await read("drafts", (drafts) => drafts.getAll());
  return all.length === 1 && all[0].photos.length === count;
}"""


def in_hand(site) -> str:
    task_id = phones.report(site)
    phones.assign(site, task_id)
    phones.act(site, "worker_a", task_id, "accept")
    return task_id


def feed_back(page: Page):
    page.locator('.f-foot [data-action="feedback"]').click()
    return phones.sheet(page)


def test_an_action_that_was_begun_is_there_again_after_the_page_was_ended(open_page, site):
    task_id = in_hand(site)
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}")
    sheet = feed_back(page)
    sheet.get_by_label("说明").fill("清运了一半")
    take_photo(page, "action-camera")
    until(page, BEGUN, 1)
    page.reload()
    sheet = feed_back(page)
    expect(sheet.get_by_label("说明")).to_have_value("清运了一半")
    expect(sheet.locator("figure.f-photo")).to_have_count(1)
    sheet.get_by_label("说明").fill("清运完毕")
    sheet.get_by_role("button", name="关闭").first.click()
    sheet = feed_back(page)
    expect(sheet.get_by_label("说明")).to_have_value("清运完毕")
    expect(sheet.locator(".f-place-line")).to_contain_text("已定位")
    page.locator("#do-action").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    last = task(site, task_id)["events"][-1]
    assert (last["action"], last["note"], len(last["photos"])) == ("feedback", "清运完毕", 1)
    until(
        page, "async () => !(await (await import('/static/field/core/store.js')).read('drafts', (all) => all.count()))"
    )
    page.goto("/field#/report")
    expect(page.get_by_label("情况说明")).to_have_value("")


def test_what_was_mended_on_a_refused_action_is_there_again(open_page, site, wire):
    task_id = in_hand(site)
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}", base_url=wire.url, tolerate=BAD_NETWORK)
    sheet = feed_back(page)
    sheet.get_by_label("说明").fill("清运了一半")
    take_photo(page, "action-camera")
    wire.cut()
    page.locator("#do-action").click()
    expect(page.locator("#unsent")).to_have_text("1 项待发")
    phones.act(site, "dispatcher_a", task_id, "urge", note="请加快")
    wire.mend()
    page.goto("/field#/outbox")
    mend = page.locator("#unsent-items [data-state=refused]").get_by_role("button", name="修改后发送")
    mend.click(timeout=PATIENCE)
    sheet.get_by_label("说明").fill("清运完毕")
    sheet.get_by_role("button", name="关闭").first.click()
    page.goto("/field#/outbox")
    mend.click()
    expect(sheet.get_by_label("说明")).to_have_value("清运完毕")
    expect(sheet.locator("figure.f-photo")).to_have_count(1)
    page.locator("#do-action").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    last = task(site, task_id)["events"][-1]
    assert (last["action"], last["note"], len(last["photos"])) == ("feedback", "清运完毕", 1)


def test_that_the_server_is_out_of_reach_is_told_though_the_phone_believes_to_have_a_network(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    phones.located(page)
    expect(page.locator("#no-network")).to_be_hidden()
    wire.cut()
    expect(page.locator("#no-network")).to_be_visible(timeout=PATIENCE)
    wire.mend()
    expect(page.locator("#no-network")).to_be_hidden(timeout=PATIENCE)


# The next version is there and the person is asked; the last word is typed in the very moment before "update now".
LAST_WORD = """([label, words]) => {
  const field = [...document.querySelectorAll("textarea")].find(({ labels }) => labels[0]?.textContent.includes(label));
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "立即更新").click();
}"""


def renewed_while_typing(page: Page, site, label: str, words: str) -> None:
    phones.may_be_cut_off(page)
    phones.renew_shell(site)
    page.evaluate("navigator.serviceWorker.getRegistration('/field').then((one) => one.update())")
    expect(page.get_by_role("button", name="立即更新")).to_be_visible(timeout=PATIENCE)
    with page.expect_navigation():
        page.evaluate(LAST_WORD, [label, words])
    until(page, phones.RENEWED)


def test_a_new_version_over_a_begun_report_keeps_the_last_word_of_it(open_page, site):
    page = phone(open_page, site, "worker_a")
    fill_report(page, "垃圾")
    take_photo(page)
    renewed_while_typing(page, site, "情况说明", "垃圾满溢，需清运")
    expect(page.get_by_label("情况说明")).to_have_value("垃圾满溢，需清运")
    expect(page.locator("figure.f-photo")).to_have_count(1)


def test_a_new_version_over_a_begun_action_keeps_the_last_word_of_it(open_page, site):
    task_id = in_hand(site)
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}")
    feed_back(page).get_by_label("说明").fill("清运")
    renewed_while_typing(page, site, "说明", "清运了一半")
    expect(feed_back(page).get_by_label("说明")).to_have_value("清运了一半")
