"""Tasks on the phone page in a browser: lists that renew themselves, actions, collisions, duty, notices, sign-ins."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gridapp.db import session
from tests.browser.conftest import DESK, PHONE
from tests.support import phones, tasking
from tests.support.phones import BAD_NETWORK, open_action, phone, sheet, take_photo, task
from tests.support.screens import assert_fits

SMALL = """() => [...document.querySelectorAll("a, button, select, input:not([type=hidden])")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip, .visually-hidden, .check") && e.type !== "radio")
  .filter((e) => e.getBoundingClientRect().height < 43.5)
  .map((e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)} ${e.getBoundingClientRect().height}`)
"""

SLOW = 20_000
A_PLACE = """() => new Promise(told => navigator.geolocation.getCurrentPosition(
  place => told([place.coords.longitude, place.coords.latitude])))"""


def card(page, task_id):
    return page.locator(f'[data-task="{task_id}"]')


def confirm(page):
    page.locator("#do-action").click()


def test_a_task_assigned_elsewhere_appears_is_accepted_and_fed_back(open_page, site):
    task_id = phones.report(site, "chief_a")
    page = phone(open_page, site, "worker_a", "/field#/tasks")
    expect(page.locator("#tasks")).to_contain_text("暂无任务")
    phones.assign(site, task_id)
    expect(card(page, task_id)).to_be_visible()
    expect(card(page, task_id)).to_contain_text("剩余")
    card(page, task_id).click()
    open_action(page, "accept")
    confirm(page)
    expect(page.locator("#task-head [aria-current]")).to_have_text("处置")
    open_action(page, "feedback")
    confirm(page)
    expect(sheet(page).locator('[data-field="note"] .wrong')).to_have_text("此项必填。")
    sheet(page).get_by_label("说明").fill("已清运")
    take_photo(page, "action-camera")
    expect(sheet(page).locator(".f-place-grids")).to_contain_text("东一组")
    confirm(page)
    expect(page.locator("#task-head [aria-current]")).to_have_text("反馈")
    expect(page.get_by_role("button", name="处置后照片")).to_be_visible()
    told = task(site, task_id)
    assert [event["action"] for event in told["events"]] == ["report", "assign", "accept", "feedback"]
    assert told["events"][-1]["actor"]["name"] == "Worker A"
    assert [photo["phase"] for photo in told["photos"]] == ["after"]


def test_somebody_was_first_and_nothing_typed_is_lost(open_page, site):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    phones.act(site, "worker_a", task_id, "accept")
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}")
    open_action(page, "feedback")
    sheet(page).get_by_label("说明").fill("清理完毕")
    phones.act(
        site,
        "dispatcher_a",
        task_id,
        "transfer",
        assignee={"post": str(site.world.people["worker_a2"].post)},
        reason="better_placed",
    )
    confirm(page)
    expect(sheet(page).get_by_role("alert").first).to_contain_text("Dispatcher A 已先行操作：改派")
    expect(sheet(page).get_by_label("说明")).to_have_value("清理完毕")
    expect(page.locator("#do-action")).to_be_hidden()
    sheet(page).get_by_role("button", name="查看任务").click()
    expect(page.locator("#task-head [aria-current]")).to_have_text("派遣")
    expect(page.locator("#unsent")).to_be_visible()


def test_after_a_change_that_matters_little_the_same_words_are_sent_again(open_page, site):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    phones.act(site, "worker_a", task_id, "accept")
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}")
    open_action(page, "return")
    sheet(page).get_by_label("原因").select_option("wrong_holder")
    sheet(page).get_by_label("说明").fill("不在我的网格")
    phones.act(site, "dispatcher_a", task_id, "urge", note="请尽快")
    confirm(page)
    expect(sheet(page).get_by_role("alert").first).to_contain_text("已先行操作：督办")
    confirm(page)
    expect(page.locator("#task-head [aria-current]")).to_have_text("上报")
    expect(page.locator("#unsent")).to_be_hidden()
    assert task(site, task_id)["events"][-1]["note"] == "不在我的网格"


def test_two_actions_without_network_arrive_both_in_order(open_page, site):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}", tolerate=BAD_NETWORK)
    expect(page.locator("#task-head")).to_be_visible()
    page.context.set_offline(True)
    open_action(page, "accept")
    confirm(page)
    expect(page.locator("main")).to_contain_text("“接单”等待发送")
    open_action(page, "comment")
    sheet(page).get_by_label("说明").fill("在路上")
    confirm(page)
    expect(page.locator("#unsent")).to_have_text("2 项待发")
    page.context.set_offline(False)
    expect(page.locator("#unsent")).to_be_hidden(timeout=20_000)
    assert [event["action"] for event in task(site, task_id)["events"]] == ["report", "assign", "accept", "comment"]


def test_a_chief_assigns_inside_the_community(open_page, site):
    task_id = phones.report(site)
    page = phone(open_page, site, "chief_a", "/field#/tasks")
    page.get_by_role("button", name="本网格").click()
    card(page, task_id).click()
    open_action(page, "assign")
    choice = sheet(page).get_by_label("派给").locator("option", has_text="Worker A2")
    sheet(page).get_by_label("派给").select_option(choice.get_attribute("value"))
    confirm(page)
    expect(page.locator("#task-head [aria-current]")).to_have_text("派遣")
    assert task(site, task_id)["assignee"]["person"]["name"] == "Worker A2"


def test_tasks_near_me_are_listed_with_their_distance(open_page, site):
    near = phones.report(site, location={**site.world.point(0.41, 0.4), "accuracy": 5.0})
    far = phones.report(site, location={**site.world.point(1.9, 0.9), "accuracy": 5.0})
    page = phone(open_page, site, "worker_a", "/field#/tasks")
    page.get_by_role("button", name="附近").click()
    expect(card(page, near)).to_contain_text(re.compile(r"\d+ 米"))
    expect(card(page, far)).to_have_count(0)


def test_on_duty_positions_are_sent_and_a_notice_leads_to_its_task(open_page, site):
    page = phone(open_page, site, "worker_a", "/field#/me")
    page.get_by_role("button", name="上岗").click()
    stood = page.evaluate(A_PLACE)  # while the page looks too: once it has its fix, this browser gives no other
    task_id = phones.report(site, "worker_a2")
    phones.assign(site, task_id)
    expect(page.locator("#notices")).to_contain_text("已派给您", timeout=SLOW)
    page.locator("#notices a").first.click()
    expect(page.locator("#task-head")).to_be_visible()
    page.goto("/field#/me")
    with page.expect_request("**/api/v1/positions") as sent:
        page.get_by_role("button", name="下岗").click()
    expect(page.locator("#duty")).to_contain_text("未上岗", timeout=SLOW)
    body = sent.value.post_data_json
    assert body is not None
    assert stood in [[point["lon"], point["lat"]] for point in body["points"]]


def test_a_sign_in_that_ended_keeps_what_waits(open_page, site):
    page = phone(open_page, site, None, tolerate=BAD_NETWORK)
    phones.sign_in(page, "worker_a")
    phones.fill_report(page, "等待中的上报")
    page.context.set_offline(True)
    phones.send(page)
    expect(page.locator("#unsent")).to_have_text("1 项待发")
    phones.end_sign_ins(site, "worker_a")
    page.context.set_offline(False)
    expect(page.get_by_label("密码")).to_be_visible(timeout=20_000)
    with page.expect_response("**/api/v1/reports/*", timeout=20_000):
        phones.sign_in(page, "worker_a")
    assert [filed["description"] for filed in phones.tasks_of(site)] == ["等待中的上报"]


def test_signing_out_ends_it_on_the_server_too(open_page, site):
    page = phone(open_page, site, None)
    phones.sign_in(page, "worker_a")
    page.get_by_role("link", name="我的").click()
    page.locator("#sign-out").press("Enter")
    expect(page.get_by_label("密码")).to_be_visible()
    page.reload()
    expect(page.get_by_label("密码")).to_be_visible()


# Another page writes for long: until `release()` nothing else reads these stores.
HELD = """async () => {
  const { write } = await import("/static/field/core/store.js");
  let held = true;
  globalThis.release = () => { held = false; };
  write(["outbox", "notices", "keep"], (outbox) => {
    const again = () => { if (held) outbox.count().onsuccess = again; };
    again();
  });
}"""


def test_me_is_there_though_the_phones_store_does_not_answer(open_page, site):
    page = phone(open_page, site, "worker_a")
    phones.located(page)
    phones.may_be_cut_off(page)
    page.evaluate(HELD)
    page.get_by_role("link", name="我的").click()
    expect(page.locator("#who")).to_contain_text("Worker A")
    expect(page.locator("#sign-out")).to_be_visible()
    expect(page.locator("#notices")).to_have_count(0)
    page.evaluate("release()")
    expect(page.locator("#notices")).to_be_visible()


def test_an_answer_that_comes_after_signing_out_is_let_go(open_page, site):
    page = phone(open_page, site, None)
    phones.sign_in(page, "worker_a")
    late = []
    page.route("**/api/v1/me", lambda route: late.append((route, route.fetch())), times=1)
    page.get_by_role("link", name="我的").click()
    while not late:
        page.wait_for_timeout(50)
    page.locator("#sign-out").press("Enter")
    expect(page.get_by_label("密码")).to_be_visible()
    for route, answer in late:
        route.fulfill(response=answer)
    phones.sign_in(page, "worker_a")


def test_the_language_is_switched(open_page, site):
    page = phone(open_page, site, "worker_a", "/field#/me")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Report")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_screen_fits_and_can_be_pressed_with_a_thumb(open_page, site, screen, language):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    phones.act(site, "worker_a", task_id, "accept")
    with site.app.app_context():
        tasking.stop(site.world, name="Pump room")
        session.commit()
    place = site.world.inside("a1")
    stands = {"longitude": place["lon"], "latitude": place["lat"], "accuracy": 8}
    page = open_page("worker_a", "/field", screen, language=language, geolocation=stands, permissions=["geolocation"])
    looks = {
        "#/report": ".f-map-still canvas[data-drawn]",
        "#/day": "#stops [data-tap=tick]",
        "#/track": "#readers",
        "#/tasks": f'[data-task="{task_id}"]',
        f"#/tasks/{task_id}": ".timeline li",
        "#/me": "#notices a",
    }
    for address, there in looks.items():
        page.goto(f"/field{address}")
        expect(page.locator(there).first).to_be_visible()
        assert_fits(page)
        if screen == PHONE:
            assert page.evaluate(SMALL) == []
        if language == "en":
            left = re.sub(
                "中文|Worker|[东西一二]+[组号楼社区]+|翠屏区|合江街道|垃圾堆在路口", "", page.inner_text("body")
            )
            assert not re.search("[一-鿿]", left), (address, left)
