"""The command centre's page before a test: its rows, its markers, and whether it hears what happens elsewhere."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def hears(page: Page) -> None:
    """The page is joined to the stream."""
    expect(page.locator("#live-state")).to_have_attribute("data-state", "on")


def row(page: Page, task_id: str) -> Locator:
    """A task in the list."""
    return page.locator(f"#task-{task_id}")


def number(page: Page, task_id: str) -> str:
    """The number of a task that is in the list."""
    return row(page, task_id).get_attribute("data-number") or ""


def marker(page: Page, task_number: str) -> Locator:
    """A task on the map, where no other is so near that they are counted together."""
    return page.locator(f'.task-marker[title$="#{task_number}"]')
