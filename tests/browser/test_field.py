"""Reporting from the phone page in a browser: photos, place, category, words; with a network and without one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.support import phones
from tests.support.phones import (
    BAD_NETWORK,
    choose,
    fill_report,
    located,
    number_of,
    phone,
    send,
    sheet,
    take_photo,
    task,
    tasks_of,
)


def test_a_worker_signs_in_and_reports_with_a_photo(open_page, site):
    page = phone(open_page, site, None)
    phones.sign_in(page, "worker_a")
    take_photo(page, width=3000, height=1500)
    fill_report(page, "垃圾堆在路口")
    send(page)
    number = number_of(page)
    [filed] = tasks_of(site)
    assert (filed["number"], filed["description"], filed["grid"]["name"]) == (number, "垃圾堆在路口", "一号楼")
    assert filed["reporter"]["name"] == "Worker A"
    assert filed["location"]["accuracy"] == 8
    assert [photo["phase"] for photo in filed["photos"]] == ["before"]
    page.get_by_role("link", name="查看任务").click()
    shown = page.get_by_role("button", name="处置前照片").locator("img")
    expect(shown).to_have_js_property("complete", True)
    page.get_by_role("button", name="处置前照片").click()
    expect(sheet(page).locator("img")).to_have_js_property("naturalWidth", 2048)


def test_a_wrong_password_is_said_on_the_screen(open_page, site):
    page = phone(open_page, site, None)
    page.get_by_label("用户名").fill("worker_a")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码错误")


def test_without_leave_to_know_the_position_the_pin_is_moved(open_page, site):
    page = phone(open_page, site, "worker_a", geolocation=None, permissions=[])
    expect(page.locator(".f-place")).to_contain_text("没有定位权限")
    page.get_by_role("button", name="移动图钉").click()
    where = sheet(page).get_by_role("status")
    expect(where).to_contain_text("东一组")
    before = where.inner_text()
    box = page.locator("#pin-map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y, steps=4)
    page.mouse.up()
    expect(where).not_to_have_text(before)
    page.get_by_role("button", name="使用此位置").click()
    located(page)
    choose(page, "06001")
    page.get_by_label("情况说明").fill("井盖松动")
    send(page)
    number_of(page)
    [filed] = tasks_of(site)
    west = site.world.inside("a1")["lon"]
    assert filed["location"]["lon"] > west
    assert filed["location"]["accuracy"] is None


def test_what_is_missing_is_said_at_its_field(open_page, site):
    page = phone(open_page, site, "worker_a")
    located(page)
    send(page)
    expect(page.locator('[data-field="category"] .wrong')).to_have_text("请选择事项类别。")
    choose(page, "07001")
    expect(page.locator('[data-field="category"] .wrong')).to_be_hidden()
    expect(page.get_by_role("link", name="拨打 119")).to_have_attribute("href", "tel:119")
    page.get_by_label("情况说明").fill("消防通道停满了车")
    send(page)
    expect(page.locator('[data-field="fields.width"] .wrong')).to_have_text("此项必填。")
    page.get_by_label("宽度（米）").fill("2.5")
    page.get_by_role("radio", name="严重").check()
    page.get_by_label("原因").select_option("blow")
    send(page)
    number_of(page)
    [filed] = tasks_of(site)
    assert (filed["fields"], filed["severity"]) == ({"width": 2.5, "cause": "blow"}, "high")


def forget_that_width_is_asked_for(page):
    """The phone read a catalogue that asks for less than the server's."""

    def laxer(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('"required":true', '"required":false'))

    page.route("**/api/v1/catalogue", laxer)


def test_what_the_server_refuses_is_said_at_its_field_and_sent_again(open_page, site):
    page = phone(open_page, site, None)
    forget_that_width_is_asked_for(page)
    phones.sign_in(page, "worker_a")
    fill_report(page, "消防通道停满了车", "07001")
    send(page)
    expect(page.locator('[data-field="fields.width"] .wrong')).to_have_text("此项必填。")
    page.get_by_label("宽度（米）").fill("3")
    send(page)
    number_of(page)
    assert [filed["fields"] for filed in tasks_of(site)] == [{"width": 3}]


def test_a_report_without_network_is_kept_and_sent_once(open_page, site):
    page = phone(open_page, site, "worker_a", tolerate=BAD_NETWORK)
    located(page)
    choose(page, "06001")
    page.context.set_offline(True)
    expect(page.locator("#no-network")).to_be_visible()
    take_photo(page)
    page.get_by_label("情况说明").fill("路面塌陷")
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    expect(page.locator("#unsent")).to_have_text("1 项待发")
    assert tasks_of(site) == []
    page.context.set_offline(False)
    expect(page.locator("#unsent")).to_be_hidden(timeout=20_000)
    [filed] = tasks_of(site)
    assert filed["description"] == "路面塌陷"
    assert len(filed["photos"]) == 1
    assert task(site, filed["id"])["events"][0]["photos"] == filed["photos"]


def test_an_answer_that_was_lost_makes_no_second_task(open_page, site):
    page = phone(open_page, site, "worker_a", tolerate=BAD_NETWORK)
    fill_report(page, "路灯不亮")

    def lose_the_answer(route):
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/v1/reports/*", lose_the_answer, times=1)
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    assert len(tasks_of(site)) == 1
    page.get_by_role("link", name="查看未发送内容").click()
    page.get_by_role("button", name="立即发送").click()
    expect(page.locator("#unsent-items")).to_contain_text("全部已发送")
    assert len(tasks_of(site)) == 1


def test_the_page_opens_without_network_and_what_waits_survives(open_page, site):
    page = phone(open_page, site, "worker_a", tolerate=BAD_NETWORK)
    page.evaluate("navigator.serviceWorker.ready")
    located(page)
    choose(page, "06001")
    sheet_free = page.locator("dialog[open]")
    expect(sheet_free).to_have_count(0)
    page.context.set_offline(True)
    page.get_by_label("情况说明").fill("围墙倾斜")
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    page.goto("/field#/outbox")
    page.reload()
    expect(page.locator("#unsent-items")).to_contain_text("围墙倾斜")
    page.goto("/field#/me")
    expect(page.locator("#who")).to_contain_text("Worker A")
    page.goto("/field#/report")
    choose(page, "06002")
    page.context.set_offline(False)
    expect(page.locator("#unsent")).to_be_hidden(timeout=20_000)
    assert [filed["description"] for filed in tasks_of(site)] == ["围墙倾斜"]


def test_a_refused_report_holds_nobody_back_and_is_edited(open_page, site):
    page = phone(open_page, site, None, tolerate=BAD_NETWORK)
    forget_that_width_is_asked_for(page)
    phones.sign_in(page, "worker_a")
    fill_report(page, "第一件", "07001")
    page.context.set_offline(True)
    send(page)
    page.get_by_role("button", name="继续上报").click()
    page.locator("#choose-category").click()
    page.get_by_placeholder("输入中文、拼音首字母、英文或代码").fill("litter")
    page.locator('dialog [data-code="06001"]').click()
    page.get_by_label("情况说明").fill("第二件")
    send(page)
    expect(page.locator("#unsent")).to_have_text("2 项待发")
    page.context.set_offline(False)
    expect(page.locator("#unsent")).to_have_text("1 项待发", timeout=20_000)
    assert [filed["description"] for filed in tasks_of(site)] == ["第二件"]
    page.locator("#unsent").click()
    expect(page.locator("#unsent-items")).to_contain_text("此项必填。")
    page.get_by_role("button", name="修改后发送").click()
    expect(page.locator('[data-field="fields.width"] .wrong')).to_have_text("此项必填。")
    expect(page.get_by_label("情况说明")).to_have_value("第一件")
    page.get_by_label("宽度（米）").fill("4")
    send(page)
    number_of(page)
    expect(page.locator("#unsent")).to_be_hidden()
    assert sorted(filed["description"] for filed in tasks_of(site)) == ["第一件", "第二件"]


def test_a_small_matter_is_settled_on_the_spot(open_page, site):
    page = phone(open_page, site, "worker_a")
    fill_report(page, "电线杆上的小广告", "06003")
    take_photo(page)
    page.get_by_label("当场自行处置").check()
    send(page)
    expect(page.locator('[data-field="self_handled.photos"] .wrong')).to_contain_text("至少需要 1 张")
    take_photo(page, "after-camera", width=320, height=320)
    page.get_by_label("处置说明").fill("已清除")
    send(page)
    number_of(page)
    [filed] = [task for task in tasks_of(site) if task["check"] is None]
    assert (filed["stage"], filed["self_handled"]) == ("feedback", True)
    assert [photo["phase"] for photo in filed["photos"]] == ["before", "after"]


def test_the_same_matter_nearby_is_offered_and_joined(open_page, site):
    known = phones.report(site, "worker_a2")
    page = phone(open_page, site, "worker_a")
    fill_report(page, "这里也有垃圾")
    expect(page.locator("#similar")).to_contain_text("垃圾堆在路口")
    page.get_by_role("button", name="同一事项").click()
    expect(page.get_by_role("button", name="已关联")).to_be_visible()
    send(page)
    number_of(page)
    [joined] = [filed for filed in tasks_of(site) if filed["id"] != known]
    assert joined["duplicate_of"] == known


def test_a_category_is_found_by_words_and_offered_first_next_time(open_page, site):
    page = phone(open_page, site, "worker_a")
    fill_report(page, "第一次", "06001")
    send(page)
    page.get_by_role("button", name="继续上报").click()
    page.locator(".f-chips [data-code='06001']").click()
    expect(page.locator("#choose-category")).to_contain_text("暴露垃圾")
    page.locator("#choose-category").click()
    for words in ("占道", "06003", "zdjy", "trading pavement"):
        page.get_by_placeholder("输入中文、拼音首字母、英文或代码").fill(words)
        expect(page.locator("dialog .f-row")).to_have_count(1)
        expect(page.locator("dialog .f-row")).to_contain_text("占道经营")


@pytest.mark.parametrize(
    ("who", "place"), [("dispatcher_a", "指挥中心"), ("planner_a", "网格规划"), ("admin_a", "系统管理")]
)
def test_others_are_told_where_they_work(open_page, who, place):
    page = open_page(who, "/field", PHONE)
    page.get_by_role("link", name=place).click()
    expect(page).not_to_have_url(re.compile("/field"))


def test_who_walked_on_reports_from_where_they_are_now(open_page, site):
    page = phone(open_page, site, "worker_a")
    located(page)
    page.get_by_role("link", name="任务").click()
    there = site.world.point(1.5, 0.5)
    page.context.set_geolocation({"longitude": there["lon"], "latitude": there["lat"], "accuracy": 80})
    page.get_by_role("link", name="上报").click()
    expect(page.locator(".f-place-grids")).to_contain_text("二号楼")
    choose(page, "06001")
    expect(page.locator("[data-doubt=rough]")).to_contain_text("定位误差达 80 米", timeout=20_000)
    page.get_by_label("情况说明").fill("走到了二号楼")
    send(page)
    expect(page.locator('[data-field="location"] .wrong')).to_contain_text("请重新定位、移动图钉，或说明原因")
    page.get_by_label("或说明原因").select_option("高楼之间")
    send(page)
    number_of(page)
    [filed] = tasks_of(site)
    assert (filed["grid"]["name"], filed["location"]["accuracy"]) == ("二号楼", 80)
    assert filed["description"].startswith("走到了二号楼\n〔定位说明：高楼之间；定位误差达 80 米")
