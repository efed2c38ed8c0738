"""What belongs to a task besides itself, on the phone's page of it: who assists, checks, others who reported it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gridapp.db import session
from tests.browser.conftest import OpenPage, Site
from tests.support import tasking
from tests.support.phones import phone
from tests.support.screens import assert_fits


@pytest.mark.parametrize(
    ("language", "unit", "state"), [("zh-CN", "协办单位", "协办中"), ("en", "Units that assist", "assisting")]
)
def test_the_lead_sees_who_assists_until_when_and_with_what_result(
    open_page: OpenPage, site: Site, language: str, unit: str, state: str
) -> None:
    with site.app.app_context():
        task_id = tasking.bring_to(site.world, "assisted")
        session.commit()
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}", language=language)
    parts = page.locator("#task-parts")
    expect(parts).to_contain_text(unit)
    expect(parts.locator("[data-part]")).to_contain_text(state)
    assert_fits(page)
    with site.app.app_context():
        tasking.act(site.world, "handler_a", task_id, "assist_feedback", note="护栏已修复")
        session.commit()
    expect(parts.locator("[data-part]")).to_contain_text("护栏已修复")


def test_a_check_and_the_number_of_reporters_are_told(open_page: OpenPage, site: Site) -> None:
    with site.app.app_context():
        task_id = tasking.file(site.world)
        tasking.check_of(site.world, task_id)
        again = tasking.file(site.world, "worker_a2", location=site.world.inside("a1"))
        tasking.act(site.world, "dispatcher_a", again, "merge", master=str(task_id))
        session.commit()
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}")
    expect(page.locator("#task-checks")).to_contain_text("核实")
    expect(page.locator("#task-checks")).to_contain_text("进行中")
    expect(page.locator("#task-reporters")).to_have_text("1 件任务，2 人上报")
    assert_fits(page)
