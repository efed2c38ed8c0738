"""The phone page with the largest text: nothing is wider than the screen, in Chinese and in English."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support import phones
from tests.support.phones import phone

TOO_WIDE = """() => [...document.querySelectorAll("#screen *, .f-bar *, #nav *")].filter((one) => {
  if (!one.checkVisibility() || one.closest(".visually-hidden, svg, canvas")) return false;
  const { width, right } = one.getBoundingClientRect();
  return width > 0 && right > innerWidth + 0.5;
}).map((one) => `${one.tagName}.${one.className} ${one.textContent.slice(0, 30)}`)"""


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_the_largest_text_fits_the_screen(open_page, site, language):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    page = phone(open_page, site, "worker_a", language=language)
    expect(page.locator("#send-report")).to_be_visible()
    page.evaluate("localStorage.setItem('field-size', 'huge')")
    page.reload()
    screens = {"report": "#send-report", f"tasks/{task_id}": "#task-head", "me": "#sign-out"}
    for width in (390, 360):
        page.set_viewport_size({"width": width, "height": 740})
        for screen, shown in screens.items():
            page.goto(f"/field#/{screen}")
            expect(page.locator(shown)).to_be_visible()
            assert page.evaluate(TOO_WIDE) == [], (width, screen)
