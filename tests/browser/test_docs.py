"""The page to try the API works under the strict content security policy."""

from __future__ import annotations

from playwright.sync_api import expect

from mobile_api import CALLS


def test_the_page_shows_every_call_and_opens_one(open_page):
    page = open_page(None, "/api/v1/docs")
    expect(page.locator(".opblock")).to_have_count(len(CALLS))
    page.locator("#operations-Reports-file_report").click()
    expect(page.get_by_text("id_reused").first).to_be_visible()
