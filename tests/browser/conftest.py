"""A real browser before the real app: Debian's Chromium, a server with threads, a database with real commits.

``site`` is the running app on a copy of the world; ``open_page`` opens a page in it, signed in as somebody, on a screen
of a desk or of a phone. What a page says on its console, and any answer of 500 or above, fails the test.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserType, ConsoleMessage, Page, Response, expect
from werkzeug.serving import make_server

from gridapp.doors import COOKIE
from tests.support.wires import Wire, wire_to
from tests.support.world import World, signed_in

DESK, PHONE = (1440, 900), (390, 844)
REFUSED = "^Failed to load resource: the server responded with a status of 4"
CUT_OFF = "^Failed to load resource: net::|^htmx:"
SWITCHED_OFF = (
    "StaticStorageQuota",  # else pages are told of ten gigabytes, whatever there is
    "ThrottleInstallingServiceWorker",  # else each first visit fetches its hundred parts one by one, 27 ms apart
)
SWITCHES = ("--no-sandbox", "--disable-dev-shm-usage", f"--disable-features={','.join(SWITCHED_OFF)}")
FAKE_DEVICES = "--use-fake-device-for-media-stream"  # a camera that shows a clock, a microphone that beeps

LOOK_FOR_ITS_END_S = 0.02

OpenPage = Callable[..., Page]

expect.set_options(timeout=60_000)  # a condition is waited for, however slow the machine


@dataclass(frozen=True)
class Site:
    """The running app.

    Attributes:
        url: where it answers.
        app: the app itself, to look at what is stored.
        world: what stands in its database.
    """

    url: str
    app: Flask
    world: World


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": _program("chromium-headless-shell"), "args": [*SWITCHES]}


@pytest.fixture(scope="session")
def browser_with_devices(browser_type: BrowserType) -> Iterator[Browser]:
    """The whole Chromium: it alone has cameras and microphones, but draws a window, which takes half a processor."""
    browser = browser_type.launch(executable_path=_program("chromium"), args=[*SWITCHES, FAKE_DEVICES])
    yield browser
    browser.close()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"the browser tests need {name}: apt-get install {name} fonts-noto-cjk")
    return found


@pytest.fixture
def site(live_app: Flask, world: World) -> Iterator[Site]:
    """The app behind a server with a thread for each request, as it would run: faults are answers, not exceptions."""
    live_app.testing = False
    server = make_server("127.0.0.1", 0, live_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(LOOK_FOR_ITS_END_S,), daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", live_app, world)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    """A wire before the app that can be cut; ``open_page(..., base_url=wire.url)`` opens a page through it."""
    with wire_to(int(site.url.rpartition(":")[2])) as wire:
        yield wire


@pytest.fixture
def open_page(site: Site, browser: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """``open_page("admin_a", "/admin", PHONE, language="en")``: a page of a person's own browser; nobody's for None.

    ``tolerate=CUT_OFF`` is for tests that cut the connection, ``faults=()`` for those in which somebody else answers.
    """
    pages: list[Page] = []
    said: list[str] = []

    def open_page(
        who: str | None,
        path: str = "/",
        screen: tuple[int, int] = DESK,
        *,
        language: str = "zh-CN",
        tolerate: str = REFUSED,
        faults: Container[int] = range(500, 600),
        **more: Any,
    ) -> Page:
        width, height = screen
        filming = "camera" in more.get("permissions", ())
        opened: Browser = request.getfixturevalue("browser_with_devices") if filming else browser
        context = opened.new_context(
            base_url=more.pop("base_url", site.url),
            viewport={"width": width, "height": height},
            locale=language,
            timezone_id="Asia/Shanghai",
            has_touch=screen == PHONE,
            **more,
        )
        if language != "zh-CN":  # which people of the world have chosen for themselves
            context.add_cookies([{"name": "lang", "value": language[:2], "url": site.url}])
        if who is not None:
            cookie = signed_in(site.app, site.world.people[who], browser=True).get_cookie(COOKIE)
            assert cookie is not None
            context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": site.url}])
        page = context.new_page()
        page.on("console", lambda message: said.extend(_complaint(message, tolerate)))
        page.on("pageerror", lambda error: said.append(error.stack or str(error)))
        page.on("response", lambda response: said.extend(_fault(response, faults)))
        pages.append(page)
        page.goto(path)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert said == []


def _complaint(message: ConsoleMessage, tolerate: str) -> list[str]:
    """Errors and warnings of a page's console; that a request was refused is no fault of the page."""
    if message.type not in ("error", "warning") or re.search(tolerate, message.text):
        return []
    return [f"{message.type}: {message.text}"]


def _fault(response: Response, faults: Container[int]) -> list[str]:
    return [f"{response.status} {response.url}"] if response.status in faults else []
