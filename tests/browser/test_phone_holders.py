"""Who had a task and how long, on the phone's page of it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Site
from tests.support import phones
from tests.support.hours import set_clock
from tests.support.phones import phone
from tests.support.screens import assert_fits


def test_the_phone_tells_each_holders_working_and_natural_time(open_page: OpenPage, site: Site) -> None:
    with set_clock("2026-03-04 08:00") as clock:
        task_id = phones.report(site, "chief_a", reported_at=clock.at.isoformat())
        phones.assign(site, task_id)
        clock.to("2026-03-04 15:30")
        for who in ("worker_a2", "worker_a"):
            post = {"post": str(site.world.people[who].post)}
            phones.act(site, "dispatcher_a", task_id, "transfer", assignee=post, reason="better_placed")
        clock.to("2026-03-05 09:00")
        page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}")
        holders = page.locator("#task-holders li")
        expect(holders).to_have_count(3)
        expect(holders.nth(0)).to_contain_text("Worker A")
        expect(holders.nth(0)).to_contain_text("逾期")
        expect(holders.nth(0)).to_contain_text("工作时间 5:30，自然时间 7:30")
        expect(holders.nth(1)).to_contain_text("Worker A2")
        expect(holders.nth(2)).to_contain_text("至今")
        expect(holders.nth(2)).to_contain_text("工作时间 3:30，自然时间 17:30")
        assert_fits(page)
