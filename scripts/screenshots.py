"""Takes the pictures of the README from a running demo: every workplace, in both languages, on a desk and on a phone.

usage: GRIDAPP_DEMO_PASSWORD=… .venv/bin/python scripts/screenshots.py http://127.0.0.1:5000 FOLDER

The pictures are FOLDER/<workplace>-<language>-<screen>.png. With --readme docs/img gets those of the README, smaller.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Geolocation, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
SCREENS = {"desk": (1440, 900), "phone": (390, 844)}
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
README = {"command": "command-zh-desk", "field": "report-zh-phone", "planning": "planning-zh-desk"}
COLOURS = 256
PLAN = "东片网格调整"


@dataclass(frozen=True)
class Workplace:
    """One page to show: whose it is, where it lies, and what to open on it before the picture is taken."""

    name: str
    username: str
    path: str
    open: Callable[[Page], None]
    screens: tuple[str, ...] = ("desk", "phone")


def open_task(page: Page) -> None:
    """The command centre with a task open that has come some way, if there is one."""
    expect(page.locator("#live-state")).to_have_attribute("data-state", "on")
    handled = page.locator("#tasks .command-row[data-stage=handle]")
    row = handled.first if handled.count() else page.locator("#tasks .command-row").first
    row.click()
    expect(page.locator("#panel h1, #panel h2").first).to_be_visible()


def open_list(page: Page) -> None:
    """The tasks of the worker's grid on the phone."""
    page.locator("#nav a[data-screen=tasks]").click()
    page.locator(".f-tab[data-view=grid]").click()
    expect(page.locator("#screen .skeleton")).to_have_count(0)


def open_report(page: Page) -> None:
    """The report on the phone, from a place in the worker's own grid."""
    page.context.set_geolocation(inside_own_grid(page))
    page.reload()
    page.locator("#nav a[data-screen=report]").click()
    expect(page.locator("#screen .skeleton")).to_have_count(0)


def inside_own_grid(page: Page) -> Geolocation:
    """The middle of the corners of the person's grid, which is compact."""
    own = page.request.get("/api/v1/grids/mine").json()["features"][0]
    [outer, *_] = own["geometry"]["coordinates"][0]
    lon, lat = (sum(corner[axis] for corner in outer) / len(outer) for axis in (0, 1))
    return {"longitude": lon, "latitude": lat, "accuracy": 8.0}


def open_plan(page: Page) -> None:
    """A plan of a community, made where there is none yet, with one of its grids chosen."""
    plan = page.locator("td.lead a", has_text=PLAN)
    if plan.count():
        plan.first.click()
    else:
        page.locator("form [name=name]").fill(PLAN)
        page.get_by_role("combobox").press_sequentially("社区")
        page.get_by_role("option").first.click()
        page.locator(".form-foot .primary").click()
    page.locator("#grids button").nth(1).click()
    expect(page.locator("#chosen h2")).to_be_visible()


def open_nothing(page: Page) -> None:
    """The page as it is."""
    expect(page.locator("main")).to_be_visible()


WORKPLACES = (
    Workplace("command", "dispatcher1", "/command", open_task),
    Workplace("field", "worker1", "/field", open_list, ("phone",)),
    Workplace("report", "worker1", "/field", open_report, ("phone",)),
    Workplace("planning", "planner1", "/planning", open_plan),
    Workplace("admin", "admin1", "/admin/persons", open_nothing),
)


def take(browser: Browser, address: str, password: str, folder: Path) -> list[Path]:
    """Every picture; a person signs in once a language."""
    return [
        shoot(browser, address, password, folder, place, language, screen)
        for place in WORKPLACES
        for language in LANGUAGES
        for screen in place.screens
    ]


def shoot(
    browser: Browser, address: str, password: str, folder: Path, place: Workplace, language: str, screen: str
) -> Path:
    """One picture, from a browser of its own."""
    width, height = SCREENS[screen]
    context = browser.new_context(
        base_url=address,
        locale=LANGUAGES[language],
        timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": height},
        device_scale_factor=2 if screen == "phone" else 1,
        has_touch=screen == "phone",
        permissions=["geolocation"],
    )
    context.add_cookies([{"name": "lang", "value": "zh_CN" if language == "zh" else "en", "url": address}])
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("[name=username]").fill(place.username)
    page.locator("[name=password]").fill(password)
    page.locator("main button.primary").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(place.path)
    place.open(page)
    settle(page)
    target = folder / f"{place.name}-{language}-{screen}.png"
    page.screenshot(path=target)
    context.close()
    return target


def settle(page: Page) -> None:
    """Wait until fonts, photos and tiles are there and nothing was asked for during half a second."""
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.wait_for_function("[...document.images].every((image) => image.complete || image.loading === 'lazy')")
    asked = -1
    while asked != (now := page.evaluate("performance.getEntriesByType('resource').length")):
        asked = now
        page.wait_for_timeout(500)


def main() -> None:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="where the demo answers")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--readme", action="store_true", help="renew the pictures in docs/img too")
    told = parser.parse_args()
    password, chromium = os.environ.get("GRIDAPP_DEMO_PASSWORD"), shutil.which("chromium")
    if not password or not chromium:
        parser.error("GRIDAPP_DEMO_PASSWORD must hold the demo's password, and Chromium must be installed")
    told.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for target in take(browser, told.address, password, told.folder):
            sys.stdout.write(f"{target}\n")
    if told.readme:
        (ROOT / "docs" / "img").mkdir(parents=True, exist_ok=True)
        for name, taken in README.items():
            small = Image.open(told.folder / f"{taken}.png").convert("RGB").quantize(COLOURS)
            small.save(ROOT / "docs" / "img" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
