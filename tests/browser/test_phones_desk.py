"""The desk for phones and for visits: from a code on the screen to a lost phone, from a planned stop to a done one."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from playwright.sync_api import Dialog, expect

from tests.browser.conftest import DESK, PHONE
from tests.support import phones
from tests.support.phones import phone
from tests.support.screens import assert_fits
from tests.support.world import signed_in

both = pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
SLOW = 60_000


@both
def test_a_code_shown_at_the_desk_signs_a_phone_in_and_the_lost_phone_is_locked_out(open_page, site, screen):
    desk = open_page("admin_a", "/phones", screen)
    desk.get_by_label("搜索").fill("worker_a2")
    rows = desk.locator("#list tbody tr")
    expect(rows).to_have_count(1)
    expect(desk).to_have_url(re.compile("q=worker_a2"))
    assert_fits(desk)
    rows.get_by_role("button", name="出示登录码").click()
    expect(desk.get_by_role("img", name="二维码")).to_be_visible()
    expect(desk.get_by_role("main")).to_contain_text("仅可使用一次")
    assert_fits(desk)
    code = desk.locator("code").inner_text()
    page = phone(open_page, site, None, f"/field#/sign-in/{code}")
    expect(page.locator("#nav")).to_be_visible()
    desk.goto("/phones?q=worker_a2")
    assert_fits(desk)
    asked: list[str] = []

    def sure(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    desk.on("dialog", sure)
    desk.get_by_role("button", name="已遗失：锁定").click()
    expect(desk.get_by_role("status").first).to_contain_text("该手机已锁定")
    assert "永久丢失" in asked[0]
    expect(desk.get_by_role("button", name="已遗失：锁定")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("密码")).to_be_visible(timeout=SLOW)


@both
def test_a_stop_is_planned_seen_when_done_and_planned_no_more(open_page, site, screen):
    desk = open_page("chief_a", "/stops", screen)
    expect(desk.get_by_role("main")).to_contain_text("当日没有安排")
    desk.get_by_label("网格编码").fill("no-such-grid")
    desk.get_by_label("名称").fill("独居老人张奶奶")
    desk.get_by_role("button", name="保存安排").click()
    expect(desk.locator(".wrong, [aria-invalid=true]").first).to_be_visible()
    expect(desk.get_by_label("名称")).to_have_value("独居老人张奶奶")
    desk.get_by_label("网格编码").fill(site.world.areas["a1"].code)
    desk.get_by_role("button", name="保存安排").click()
    row = desk.locator("[data-stop]")
    expect(row).to_contain_text("每日")
    assert_fits(desk)
    stop = row.get_attribute("data-stop")
    worker = signed_in(site.app, site.world.people["worker_a"])
    today = dt.datetime.now(dt.UTC).astimezone(site.app.extensions["settings"].timezone)
    body = {"id": str(uuid.uuid4()), "day": today.date().isoformat(), "at": today.isoformat(), "note": "身体很好"}
    answer = worker.post(f"/api/v1/stops/{stop}/done", json=body)
    assert answer.status_code == 200, answer.text
    desk.reload()
    expect(row).to_contain_text("Worker A")
    expect(row).to_contain_text("身体很好")
    desk.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="取消").click()
    expect(desk.locator("[data-stop]")).to_have_count(0)


def test_a_stop_of_the_desk_stands_in_the_workers_day(open_page, site):
    desk = open_page("admin_a", "/stops")
    desk.get_by_label("网格编码").fill(site.world.areas["a1"].code)
    desk.get_by_label("类型").select_option("patrol")
    desk.get_by_label("名称").fill("消防栓巡查")
    desk.get_by_role("button", name="保存安排").click()
    expect(desk.locator("[data-stop]")).to_contain_text("巡查点")
    stops = signed_in(site.app, site.world.people["worker_a"]).get("/api/v1/day").get_json()["stops"]
    assert [one["name"] for one in stops] == ["消防栓巡查"]
    outsider = signed_in(site.app, site.world.people["chief_b"], browser=True)
    assert "消防栓巡查" not in outsider.get("/stops").text
    assert phones.tasks_of(site) == []
