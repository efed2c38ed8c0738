"""The admin desk in a browser: from a new person to their first post, on a desk's screen and on a phone's."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import CUT_OFF, DESK, PHONE
from tests.support.screens import assert_fits
from tests.support.world import PASSWORD

both = pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])


@both
def test_a_new_worker_from_the_form_to_the_first_post(open_page, site, screen):
    page = open_page("admin_a", "/admin/persons", screen)
    page.get_by_role("link", name="新增人员").click()
    page.get_by_label("姓名").fill("王小丽")
    page.get_by_label("用户名").fill("wangxl")
    page.get_by_label("管辖范围").press_sequentially("东二")
    page.get_by_role("option", name=re.compile("东二组")).click()
    expect(page.get_by_label("管辖范围")).to_have_value(site.world.areas["a2"].code)
    page.get_by_label("手机号").fill("138 0013 8000")
    page.get_by_role("button", name="新增").click()
    password = page.locator("[data-secret]").inner_text()

    page.get_by_role("link", name="设定岗位").click()
    page.get_by_label("网格").press_sequentially("东二")
    page.get_by_role("option", name=re.compile("东二组")).click()
    page.get_by_role("button", name="设定岗位").click()
    expect(page.get_by_role("alert")).to_contain_text("该网格在此期间已有网格员")
    expect(page.get_by_label("人员")).to_have_value("wangxl")
    page.get_by_label("代理岗位").check()
    page.get_by_role("button", name="设定岗位").click()
    expect(page.get_by_role("status").first).to_contain_text("岗位已设定")
    expect(page.get_by_role("main")).to_contain_text("代理")
    assert_fits(page)

    worker = open_page(None, "/sign-in", screen)
    worker.get_by_label("用户名").fill("wangxl")
    worker.get_by_label("密码").fill(password)
    worker.get_by_role("button", name="登录").click()
    expect(worker).to_have_url(re.compile(r"/field"))


def test_words_typed_before_the_scripts_are_there_are_looked_up_all_the_same(open_page, site):
    page = open_page("admin_a", "/admin/persons")
    scripts: list[Route] = []
    page.route("**/htmx.min.js*", lambda route: scripts.append(route))  # noqa: PLW0108  # a builtin takes no marks
    page.goto("/admin/posts/new", wait_until="commit")
    page.get_by_label("网格").press_sequentially("东二")
    scripts[0].continue_()
    page.get_by_role("option", name=re.compile("东二组")).click()
    expect(page.get_by_label("网格")).to_have_value(site.world.areas["a2"].code)


def test_an_answer_that_comes_after_the_choice_opens_no_list(open_page, site):
    page = open_page("admin_a", "/admin/posts/new")
    held: list[Route] = []
    page.get_by_label("网格").press_sequentially("东二")
    expect(page.get_by_role("option", name=re.compile("东二组"))).to_be_visible()
    page.route("**/admin/picks/areas*", lambda route: held.append(route))  # noqa: PLW0108  # a builtin takes no marks
    with page.expect_request("**/admin/picks/areas*"):
        page.get_by_label("网格").press_sequentially("组")
    page.get_by_role("option", name=re.compile("东二组")).click()
    page.evaluate(
        "() => { window.settled = new Promise((done) => addEventListener('htmx:afterSettle', () => done(1))) }"
    )
    held[0].continue_()
    page.evaluate("() => window.settled")
    expect(page.get_by_role("option")).to_have_count(0)
    page.get_by_label("网格").press_sequentially("x")
    page.get_by_label("网格").press("Tab")
    expect(page.get_by_role("option")).to_have_count(0)


def test_a_number_is_shown_for_a_reason_and_the_look_is_on_record(open_page):
    page = open_page("admin_a", "/admin/persons")
    page.get_by_role("link", name="Worker A", exact=True).click()
    page.get_by_label("手机号", exact=False).first.fill("13800138000")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#phone")).to_have_text("138****8000")
    page.wait_for_load_state()  # of the page after the saving: its form asks without leaving once the scripts are there
    page.get_by_role("button", name="查看").click()
    page.get_by_label("理由").fill("联系本人核实")
    page.get_by_role("dialog").get_by_role("button", name="查看").click()
    expect(page.locator("#phone")).to_have_text("13800138000")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="审计记录").click()
    expect(page.locator("tbody tr").first).to_contain_text("联系本人核实")


# A browser from before 2025: a button that commands a dialog does nothing by itself.
OLDER = """
delete HTMLButtonElement.prototype.commandForElement;
addEventListener("click", (event) => event.target.closest?.("[command]") && event.preventDefault(), true);
"""


def test_an_older_browser_is_helped_to_open_what_a_button_commands(open_page, site):
    page = open_page("admin_a", "about:blank")
    page.add_init_script(OLDER)
    page.goto(f"/admin/persons/{site.world.people['worker_a'].id}")
    page.get_by_label("手机号", exact=False).first.fill("13800138000")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#phone")).to_have_text("138****8000")
    page.wait_for_load_state()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("dialog")).to_be_visible()


@both
def test_lists_answer_while_one_types(open_page, screen):
    page = open_page("admin_district", "/admin/persons", screen)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(25)
    page.get_by_label("搜索").fill("west 1")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Worker B")
    expect(page).to_have_url(re.compile(r"q=west"))
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_label("搜索").fill("nobody at all")
    expect(page.get_by_text("没有找到人员")).to_be_visible()


def test_keys_reach_the_search_and_the_picks(open_page, site):
    page = open_page("admin_a", "/admin/persons")
    page.keyboard.press("/")
    expect(page.get_by_label("搜索")).to_be_focused()
    page.goto("/admin/posts/new")
    page.get_by_label("网格").press_sequentially("East 1")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("网格")).to_have_value(site.world.areas["a1"].code)
    expect(page.get_by_role("option")).to_have_count(0)


def test_two_admins_edit_the_same_person(open_page, site):
    path = f"/admin/persons/{site.world.people['worker_a'].id}"
    one, two = open_page("admin_a", path), open_page("admin_district", path)
    one.get_by_label("姓名").fill("第一个")
    one.get_by_role("button", name="保存").click()
    expect(one.get_by_role("heading", name="第一个")).to_be_visible()
    two.get_by_label("姓名").fill("第二个")
    two.get_by_role("button", name="保存").click()
    expect(two.get_by_role("alert")).to_contain_text("Admin A 已先行处理")
    expect(two.get_by_label("姓名")).to_have_value("第一个")


def test_a_lost_phone_is_signed_out_at_the_desk(open_page, site):
    lost = open_page("worker_a", "/admin")
    desk = open_page("admin_a", "/admin/devices")
    desk.on("dialog", lambda dialog: dialog.accept())
    desk.get_by_role("row", name=re.compile("Worker A ")).get_by_role("button", name="注销").click()
    expect(desk.get_by_role("status").first).to_contain_text("该登录已注销")
    lost.goto("/")
    expect(lost.get_by_label("密码")).to_be_visible()


def test_when_the_sign_in_ends_the_person_signs_in_and_goes_on(open_page):
    page = open_page("admin_a", "/admin/units?q=")
    page.context.clear_cookies()
    page.get_by_label("搜索").fill("办")
    expect(page.get_by_label("密码")).to_be_visible()
    page.get_by_label("用户名").fill("admin_a")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(r"/admin/units"))


def test_a_lost_connection_is_said(open_page):
    page = open_page("admin_a", "/admin/persons", tolerate=CUT_OFF)
    page.route("**/admin/persons?*", lambda route: route.abort("internetdisconnected"))
    page.get_by_label("搜索").fill("x")
    expect(page.locator(".toast")).to_contain_text("网络不通")


@both
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_the_desk_fits_its_screen(open_page, site, screen, language):
    world = site.world
    page = open_page("admin_a", "/admin", screen, language=language)
    for path in (
        "persons",
        "persons/new",
        f"persons/{site.world.people['worker_a'].id}",
        f"persons/{world.people['handler_a'].id}",
        "posts",
        "posts/new",
        f"posts/{world.people['worker_a'].post}",
        "units",
        "units/new",
        f"units/{world.units['a']}",
        "devices",
        "audit",
        "catalogue",
        "catalogue/editions",
        "catalogue/category?code=06002",
    ):
        page.goto(f"/admin/{path}")
        assert_fits(page)
        if language == "en":
            left = page.get_by_role("main").inner_text()
            assert not re.search(r"人员|岗位|单位|搜索|保存", left), path


def test_the_language_is_switched_and_stays(open_page):
    page = open_page("auditor_a", "/admin/posts")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile(r"/admin/posts$"))
    expect(page.get_by_role("heading", name="Posts")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="中文")).to_be_visible()


@both
def test_the_events_of_a_receiver_are_chosen_by_the_whole_word(open_page, screen):
    page = open_page("admin_a", "/admin/receivers/new", screen)
    for code in ("task.ended", "task.assign"):
        box = page.locator(f"input[name=events][value='{code}']")
        assert box.bounding_box() == page.locator(f".chip[title='{code}']").bounding_box()
    page.get_by_label("派遣", exact=True).check()
    assert_fits(page)
