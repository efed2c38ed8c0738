"""The sample district served by the production stack, and a phone's browser before it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, Geolocation, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bench.phone.link import Link
from bench.processes import family
from bench.stage import free_port
from gridapp.cluster import Cluster

WORKER = "worker1"
PHONE = {"width": 360, "height": 640}
PATIENCE_S = 600
READY_MS = 180_000
FIXES, BETWEEN_FIXES_MS, STEP_DEGREES = 100, 300, 0.000_001


@dataclass(frozen=True)
class Served:
    """The running district.

    Attributes:
        instance: its folder.
        port: where it answers, on every address of this machine.
        password: of its accounts.
        process: the program that runs all of it.
    """

    instance: Path
    port: int
    password: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def database(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(Cluster(self.instance).dsn("gridapp"), autocommit=True)

    def memory_kb(self) -> dict[int, int]:
        """Resident memory of each process of the server, the database left out."""
        return {pid: one.memory_kb for pid, one in family(self.process.pid).items() if "postgres" not in one.command}


@contextlib.contextmanager
def district(instance: Path, *, usual_limits: bool = False) -> Iterator[Served]:
    """The small sample district.

    Rate limits are raised, since a measurement asks more often than a person, but where just they matter.
    """
    port, password = free_port(), _password(instance)
    environment = {
        **os.environ,
        "GRIDAPP_INSTANCE": str(instance),
        "GRIDAPP_HOST": "0.0.0.0",  # noqa: S104  # the namespace reaches it by another address
        "GRIDAPP_DEMO_PASSWORD": password,
        **({} if usual_limits else {"GRIDAPP_RATE_PER_MINUTE": "100000", "GRIDAPP_RATE_PER_SECOND": "10000"}),
    }
    command = [str(Path(sys.executable).with_name("gridapp")), "demo", "--size", "small", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/field", process)
            yield Served(instance, port, password, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            Cluster(instance).stop()


def _password(instance: Path) -> str:
    """The one that the accounts of a district that was kept got when it was loaded, else a new one."""
    place = instance / "bench-password"
    if not place.exists():
        instance.mkdir(parents=True, exist_ok=True)
        place.write_text(secrets.token_urlsafe(12))
    return place.read_text()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310  # our own
            return
        time.sleep(0.5)
    raise SystemExit("the sample district does not start: run gridapp demo by hand")


@contextlib.contextmanager
def browser(served: Served, link: Link | None = None) -> Iterator[Browser]:
    """Debian's Chromium; behind a link it runs in that link's namespace."""
    chromium = shutil.which("chromium") or ""
    with contextlib.ExitStack() as stack:
        program = Path(chromium)
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-precise-memory-info"]
        if link is not None:
            program = served.instance / "chromium-behind-the-link"
            program.write_text(f'#!/bin/sh\nexec {shlex.join([*link.command, chromium])} "$@"\n')
            program.chmod(0o755)
            arguments.append(f"--unsafely-treat-insecure-origin-as-secure=http://{link.address}:{served.port}")
        playwright = stack.enter_context(sync_playwright())
        found = playwright.chromium.launch(executable_path=program, args=arguments)
        stack.callback(found.close)
        yield found


def new_phone(browser: Browser, url: str, place: dict[str, float]) -> Page:
    """A small phone of somebody who never opened the page; its own clock of taps runs."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
        geolocation={"longitude": place["lon"], "latitude": place["lat"], "accuracy": 8},
        permissions=["geolocation"],
    )
    context.set_default_timeout(READY_MS)
    page = context.new_page()
    page.add_init_script(
        "globalThis.taps = 0; addEventListener('pointerdown', (event) => { taps += event.isTrusted ? 1 : 0; }, true);"
    )
    return page


def sign_in(page: Page, served: Served) -> None:
    """By name and password, as on the first day; the report's form is there afterwards."""
    page.get_by_label("用户名").fill(WORKER)
    page.get_by_label("密码").fill(served.password)
    page.get_by_role("button", name="登录", exact=True).tap()
    page.locator("#send-report").wait_for()


def find_place(page: Page, place: dict[str, float]) -> None:
    """Let fixes come as a phone's receiver gives them, each a little beside the last, until the page is content."""
    line = page.locator(".f-place-line", has_text="已定位").first
    page.get_by_role("button", name="重新定位").tap()
    for step in range(FIXES):
        lon = place["lon"] + step * STEP_DEGREES
        page.context.set_geolocation(Geolocation(longitude=lon, latitude=place["lat"], accuracy=8.0))
        with contextlib.suppress(PlaywrightTimeout):
            line.wait_for(timeout=BETWEEN_FIXES_MS)
            return
    line.wait_for()


def own_place(served: Served) -> dict[str, float]:
    """A place inside the worker's own grid."""
    query = (
        "select ST_X(p), ST_Y(p) from person join post on post.person_id = person.id and post.during @> now() "
        "join boundary b on b.grid_id = post.grid_id and b.during @> now(), ST_PointOnSurface(b.geom) p "
        "where username = %s limit 1"
    )
    with served.database() as connection:
        lon, lat = connection.execute(query, (WORKER,)).fetchone() or (0, 0)
    return {"lon": float(str(lon)), "lat": float(str(lat))}
