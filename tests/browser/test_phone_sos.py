"""The call for help from a phone: held long, with a network or without, until somebody at the desk takes care."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support import phones
from tests.support.phones import BAD_NETWORK, located, phone, tasks_of

SLOW = 60_000
PRESS_MS = 1_600


def hold(page: Page, milliseconds: int) -> None:
    """A thumb on the button for so long."""
    page.locator("#bar-sos").hover()
    page.mouse.down()
    page.wait_for_timeout(milliseconds)
    page.mouse.up()


def test_a_call_for_help_stands_on_the_phone_until_the_desk_answers_it(open_page, site):
    desk = open_page("dispatcher_a", "/command")
    expect(desk.locator("#live-state")).to_have_attribute("data-state", "on")
    page = phone(open_page, site, "worker_a")
    located(page)
    page.locator("#bar-sos").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    hold(page, PRESS_MS)
    sheet = phones.sheet(page)
    expect(sheet.get_by_role("status").first).to_contain_text("求助已发送")
    for number in ("110", "119", "120"):
        expect(sheet.get_by_role("link", name=f"拨打 {number}")).to_have_attribute("href", f"tel:{number}")
    expect(desk.locator("[data-alarm]")).to_contain_text("Worker A")
    expect(desk.locator("[data-alarm-place]")).to_contain_text("104.60")
    desk.get_by_label("处置情况").fill("民警五分钟到")
    desk.get_by_role("button", name="我来处置").click()
    expect(desk.locator("[data-alarm]")).to_have_count(0)
    expect(sheet).to_contain_text("Dispatcher A 已接警", timeout=SLOW)
    expect(sheet).to_contain_text("民警五分钟到")


def test_a_call_for_help_without_a_network_goes_before_all_else_and_its_answer_is_heard_later(open_page, site, wire):
    desk = open_page("dispatcher_a", "/command")
    expect(desk.locator("#live-state")).to_have_attribute("data-state", "on")
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    phones.fill_report(page, "先写的上报")
    sent: list[str] = []
    page.on("requestfinished", lambda request: sent.append(request.url) if request.method in ("PUT", "POST") else None)
    wire.cut()
    phones.send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    hold(page, PRESS_MS)
    sheet = phones.sheet(page)
    expect(sheet.get_by_role("status").first).to_contain_text("当前无网络")
    wire.mend()
    expect(sheet.get_by_role("status").first).to_contain_text("求助已发送", timeout=SLOW)
    expect(desk.locator("[data-alarm]")).to_have_count(1)
    expect(page.locator("#unsent")).to_be_hidden(timeout=SLOW)
    assert [url.rpartition("/api/v1/")[2].split("/")[0] for url in sent] == ["sos", "reports"]
    assert [one["description"] for one in tasks_of(site)] == ["先写的上报"]
    sheet.get_by_role("button", name="关闭").last.click()
    desk.get_by_role("button", name="我来处置").click()
    expect(page.locator("#toasts")).to_contain_text("Dispatcher A 已接警", timeout=SLOW)
