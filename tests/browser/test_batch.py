"""Many tasks by keyboard in the command centre, the advice beside the form, and joint work in the panel."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import expect
from sqlalchemy import func, select

from gridapp.db import session
from gridapp.models import Task
from tests.browser.conftest import DESK
from tests.support import tasking
from tests.support.screens import assert_fits

MANY, PATIENCE = 300, 300_000
ALL_DONE = f"成功 {MANY} 件，未成功 0 件"


def filed(site, count, **given):
    """So many reports of the worker of a1."""
    with site.app.app_context():
        ids = [tasking.file(site.world, **given) for _ in range(count)]
        session.commit()
    return ids


def test_three_hundred_tasks_are_assigned_by_keyboard_and_taken_back(open_page, site):
    """A morning's batch without a mouse: each key does what the help says, and it is told how far it got."""
    filed(site, MANY)
    page = open_page("dispatcher_a", "/command?stage=report", DESK)
    all_by_keyboard(page)
    steps = watch_progress(page)
    for key in ("Tab", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("请今天处理")
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#batch-summary")).to_have_text(ALL_DONE, timeout=PATIENCE)
    told = steps()
    assert (told == sorted(set(told)), len(told) >= MANY / 20, told[-1]) == (True, True, MANY)
    expect(dialog.locator("#batch-list li")).to_have_count(MANY)
    expect(dialog.locator("#batch-list li").first).to_contain_text("已派给 Worker A")
    expect(page.locator('#counts [data-stage="assign"] b')).to_have_text(str(MANY))
    page.keyboard.press("Enter")  # the undo has the focus
    expect(dialog.locator("#batch-list li").first).to_contain_text("已撤回", timeout=PATIENCE)
    expect(dialog.locator("#batch-summary")).to_have_text(ALL_DONE, timeout=PATIENCE)
    expect(page.locator('#counts [data-stage="report"] b')).to_have_text(str(MANY))
    with site.app.app_context():
        kept = select(func.count()).select_from(Task).where(Task.stage == "report", Task.version == 3)
        assert session.scalar(kept) == MANY


def all_by_keyboard(page):
    """Choose every task of the list and open what can be done with them."""
    expect(page.locator(".command-row").first).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#batch-count")).to_have_text(f"已选 {MANY} 件")
    page.keyboard.press("b")
    expect(page.get_by_role("dialog").locator("[name=action]").first).to_be_focused()


def watch_progress(page):
    """Note every value that the progress bar shows from now on; answers what asks for them."""
    page.evaluate("""() => {
      const bar = document.querySelector("#batch-progress");
      window.shownSteps = [];
      new MutationObserver(() => window.shownSteps.push(bar.value)).observe(bar, { attributes: true });
    }""")
    return lambda: page.evaluate("() => window.shownSteps.filter((value) => value > 0)")


def test_a_few_are_chosen_row_by_row_and_one_refusal_does_not_stop_the_rest(open_page, site):
    first, second, third = filed(site, 3)
    page = open_page("dispatcher_a", "/command", DESK)
    expect(page.locator(".command-row")).to_have_count(3)
    for key in ("j", "x", "j", "j", "X"):
        page.keyboard.press(key)
    expect(page.locator("#batch-count")).to_have_text("已选 3 件")
    page.locator(f"#task-{first} .row-pick").click()
    expect(page.locator("#batch-count")).to_have_text("已选 2 件")
    page.get_by_role("button", name="派遣或督办").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("督办").check()
    dialog.get_by_label("说明").fill("请尽快办理")
    dialog.get_by_role("button", name="执行").click()
    expect(dialog.locator("#batch-summary")).to_have_text("成功 2 件，未成功 0 件")
    expect(dialog.locator("#batch-list li").first).to_contain_text("成功")
    expect(dialog.locator("#batch-undo")).to_be_hidden()
    assert second != third


def test_the_advice_fills_the_form_and_its_choice_is_told(open_page, site):
    [task_id] = filed(site, 1)
    page = open_page("dispatcher_a", f"/command/tasks/{task_id}", DESK)
    advice = page.locator("#task-advice")
    expect(advice).to_contain_text("本网格网格员")
    advice.get_by_role("button", name="选用").first.click()
    form = page.locator("#act-assign")
    expect(form.get_by_label("派给")).to_have_value(f"post:{site.world.people['worker_a'].post}")
    form.get_by_role("button", name="派遣", exact=True).click()
    expect(page.locator("#task-events")).to_contain_text("按建议派遣")


def test_a_unit_assists_and_sees_its_part(open_page, site):
    with site.app.app_context():
        task_id = tasking.bring_to(site.world, "assist_asked")
        session.commit()
    page = open_page("handler_a", f"/command/tasks/{task_id}", DESK)
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="协办单位")).to_be_visible()
    panel.locator("summary", has_text="协办接单").click()
    panel.get_by_role("button", name="协办接单", exact=True).click()
    expect(panel.locator(".task-part")).to_contain_text("协办中")
    panel.locator("summary", has_text="协办反馈").click()
    panel.locator("details[open]").get_by_label("办理结果").fill("清运两车")
    panel.get_by_role("button", name="协办反馈", exact=True).click()
    expect(panel.locator(".task-part")).to_contain_text("清运两车")
    expect(page.locator(f"#task-{task_id}")).to_contain_text("协办 1/1")


def test_two_reports_of_one_matter_are_merged_by_one_press(open_page, site):
    first, second = filed(site, 1, who="chief_a")[0], filed(site, 1)[0]
    page = open_page("dispatcher_a", f"/command/tasks/{second}", DESK)
    page.get_by_role("button", name="并入此件").click()
    page.locator("#act-merge").get_by_role("button", name="合并", exact=True).click()
    expect(page.locator("#panel .badge").first).to_contain_text("合并")
    page.locator(f"#task-{first} a").click()
    expect(page.get_by_role("heading", name=re.compile("1 件任务，2 人反映"))).to_be_visible()
    expect(page.locator(f"#task-{first}")).to_contain_text("2 人反映")
    assert_fits(page)


def test_an_item_is_applied_for_and_admitted(open_page, site):
    page = open_page("handler_a", "/admission/item?code=07001", DESK)
    page.get_by_label("由网格员承办的理由").fill("网格员可先行劝导")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("status").first).to_contain_text("申请已提交管理员")
    desk = open_page("admin_a", "/admission?state=applied", DESK)
    desk.get_by_role("link", name="消防通道堵塞").click()
    card = desk.locator(".application")
    card.get_by_label("答复").fill("同意")
    card.get_by_role("button", name="准入", exact=True).click()
    expect(desk.get_by_role("status").first).to_contain_text("决定已记录")
    expect(desk.locator("h1 ~ .badge")).to_have_text("已准入")
    assert uuid.UUID(str(site.world.units["a"]))
