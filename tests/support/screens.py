"""What the browser tests ask of every page."""

from __future__ import annotations

from playwright.sync_api import Page

CUT = """
() => [...document.querySelectorAll("a, button, label, h1, h2, th, .badge, legend, p")]
  .filter((e) => e.checkVisibility() && !e.closest(".visually-hidden, .skip, [data-may-clip], .clip"))
  .filter((e) => getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1)
  .map((e) => e.textContent.trim().slice(0, 60))
"""
# On a phone the rows of a table are cards, which nobody moves to the side.
CUT_CARDS = """
() => [...document.querySelectorAll(".table-wrap:has(> table.cards)")]
  .filter((e) => innerWidth <= 760 && e.scrollWidth > e.clientWidth + 1)
  .map((e) => e.textContent.trim().slice(0, 60))
"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def assert_fits(page: Page) -> None:
    """Nothing sticks out of the screen to the side and no word is cut."""
    assert page.evaluate(WIDER) <= 0, "the page is wider than the screen"
    assert page.evaluate(CUT) == []
    assert page.evaluate(CUT_CARDS) == []
