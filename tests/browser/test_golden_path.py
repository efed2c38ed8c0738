"""Five people through the browser alone; the API's twin is in ``tests/api``, and both leave the same events."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import Page, expect

from tests.support import golden
from tests.support.phones import fill_report, number_of, phone, send, sheet, take_photo, tasks_of


def act(page: Page, action: str) -> None:
    """Open the form of an action in the command centre's panel."""
    page.locator("#panel summary", has_text=re.compile(f"^\\s*{action}\\s*$")).click()


def done(page: Page, action: str, stage: str) -> None:
    """Send the open form; the task stands in that stage afterwards."""
    page.locator("#panel details[open]").get_by_role("button", name=action, exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("操作成功")
    expect(page.locator('#panel [aria-current="step"]')).to_have_text(stage)


def test_five_people_take_a_matter_from_report_to_review(open_page, site):
    worker = phone(open_page, site, "worker_a")
    fill_report(worker, golden.WORDS)
    take_photo(worker)
    send(worker)
    number = number_of(worker)
    [filed] = tasks_of(site)
    task_id = uuid.UUID(filed["id"])

    dispatcher = open_page("dispatcher_a", "/command")
    row = dispatcher.locator(f"#task-{task_id}")
    expect(row).to_contain_text(golden.WORDS)
    expect(row).to_contain_text(f"#{number}")
    row.get_by_role("link").click()
    act(dispatcher, "派遣")
    dispatcher.get_by_label("派给").select_option(f"unit:{site.world.units['a']}")
    done(dispatcher, "派遣", "派遣")

    chief = open_page("chief_a", f"/command/tasks/{task_id}")
    act(chief, "督办")
    chief.locator("#panel details[open]").get_by_label("说明").fill("请尽快")
    done(chief, "督办", "派遣")

    handler = phone(open_page, site, "handler_a", "/field#/tasks")
    handler.locator(f'[data-task="{task_id}"]').click()
    handler.get_by_role("button", name="接单").click()
    handler.locator("#do-action").click()
    expect(handler.locator("#task-head [aria-current]")).to_have_text("处置")
    handler.get_by_role("button", name="反馈").click()
    sheet(handler).get_by_label("说明").fill("已清运")
    take_photo(handler, "action-camera")
    expect(sheet(handler).locator(".f-place-grids")).to_contain_text("东一组")
    handler.locator("#do-action").click()
    expect(handler.locator("#task-head [aria-current]")).to_have_text("反馈")

    reviewer = open_page("reviewer_a", f"/command/tasks/{task_id}")
    act(reviewer, "评价通过")
    form = reviewer.locator("#panel details[open]")
    for name in ("处置速度", "处置质量"):
        form.get_by_role("group", name=name).get_by_label("5", exact=True).check()
    done(reviewer, "评价通过", "评价")
    with site.app.app_context():
        assert golden.told(task_id) == golden.PATH
