"""What a person waits for: the page the first time and the next, and a report from the first tap to its number."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from bench.phone.served import Served, find_place, new_phone, own_place, sign_in

SLOWER = 4
SCREENS = {"tasks": ".f-tab", "day": "#screen .panel", "me": "#look", "report": "#send-report"}
WIDTH, HEIGHT, NOISE = 4000, 3000, 40


def camera_photo(folder: Path, seed: int) -> Path:
    """Twelve million pixels, as a phone's camera gives them: some megabytes."""
    out = folder / f"camera-{seed}.jpg"
    small = Image.effect_noise((WIDTH // 4, HEIGHT // 4), NOISE + seed % 7).resize((WIDTH, HEIGHT))
    small.convert("RGB").save(out, "JPEG", quality=92)
    return out


@dataclass
class Traffic:
    """What comes over the wire to a page and its service worker: bytes with their heads, by the kind of address."""

    bytes: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    _kinds: dict[str, str] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        browser = page.context.new_cdp_session(page)
        browser.send("Network.enable")
        browser.on("Network.requestWillBeSent", self._asked)
        browser.on("Network.loadingFinished", self._ended)

    def _asked(self, event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        maps = "/grids/mine" in url or "/basemap/mine" in url
        self._kinds[event["requestId"]] = "map" if maps else "data" if "/api/" in url else "page"

    def _ended(self, event: dict[str, Any]) -> None:
        kind = self._kinds.get(event["requestId"], "page")
        self.bytes[kind] = self.bytes.get(kind, 0) + int(event["encodedDataLength"])
        self.requests += 1


def weight(chromium: Browser, served: Served) -> dict[str, Any]:
    """Bytes over the wire, as the server compresses them, until a new phone can sign in, and then of its shift."""
    page = new_phone(chromium, served.url, own_place(served))
    traffic = Traffic()
    traffic.watch(page)
    page.goto("/field")
    page.get_by_label("密码").wait_for()
    page.wait_for_load_state("networkidle")
    first, requests = dict(traffic.bytes), traffic.requests
    sign_in(page, served)
    page.evaluate(STOCKED)
    page.context.close()
    return {
        "page_bytes": first.get("page", 0),
        "requests": requests,
        "data_of_a_shift_bytes": traffic.bytes.get("data", 0),
        "map_bytes": traffic.bytes.get("map", 0),
        "aim_page_bytes": 250_000,
    }


# The map is on the phone: the last thing that a new phone fetches for a shift before its tasks.
STOCKED = """async () => {
  const { kept } = await import("/static/field/core/store.js");
  while (!(await kept("basemap"))) await new Promise((again) => setTimeout(again, 100));
}"""


def loads(chromium: Browser, served: Served, url: str, rounds: int) -> dict[str, Any]:
    """Seconds of a first load until one can sign in, and of the next one, kept on the phone, until one can report."""
    first, signing, after = [], [], []
    for _ in range(rounds):
        page = new_phone(chromium, url, own_place(served))
        begun = time.monotonic()
        page.goto("/field", wait_until="commit")
        page.get_by_label("密码").wait_for()
        first.append(time.monotonic() - begun)
        begun = time.monotonic()
        sign_in(page, served)
        signing.append(time.monotonic() - begun)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        begun = time.monotonic()
        page.reload(wait_until="commit")
        page.locator("#send-report").wait_for()
        after.append(time.monotonic() - begun)
        page.context.close()
    return {
        "first_load_s": _middle(first),
        "sign_in_to_form_s": _middle(signing),
        "next_load_s": _middle(after),
    }


@dataclass(frozen=True)
class Reported:
    """One report, in seconds from the first tap: photo made small, called saved or filed, filed with its number."""

    taps: int
    photo_s: float
    told_s: float
    filed_s: float


def report(page: Page, served: Served, seed: int) -> Reported:
    """Camera, a class from the chips, send. A person's own thinking and aiming is not in it."""
    page.locator(".f-chips [data-code]").first.wait_for()
    find_place(page, own_place(served))
    page.evaluate("taps = 0")
    photo = camera_photo(served.instance, seed)
    begun = time.monotonic()
    with page.expect_file_chooser() as chooser:
        page.locator("label", has=page.locator("input[name=before-camera]")).tap()
    chooser.value.set_files([photo])
    page.locator("figure.f-photo").wait_for()
    made_small = time.monotonic() - begun
    page.locator(".f-chips [data-code]").first.tap()
    page.locator("#send-report").tap()
    page.locator(".f-done h2").wait_for()
    told = time.monotonic() - begun
    taps = int(page.evaluate("taps"))
    page.locator(".f-done h2", has_text="#").wait_for()
    filed = time.monotonic() - begun
    page.locator(".f-done button").tap()
    photo.unlink()
    return Reported(taps, made_small, told, filed)


def signed_in_phone(chromium: Browser, served: Served, url: str) -> Page:
    page = new_phone(chromium, url, own_place(served))
    page.goto("/field")
    sign_in(page, served)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def reports(chromium: Browser, served: Served, url: str, rounds: int) -> dict[str, Any]:
    """Taps and seconds of a report with a photo of twelve million pixels."""
    page = signed_in_phone(chromium, served, url)
    found = [report(page, served, seed) for seed in range(rounds)]
    page.context.close()
    return {
        "taps": max(one.taps for one in found),
        "photo_made_small_s": _middle([one.photo_s for one in found]),
        "told_saved_or_filed_s": _middle([one.told_s for one in found]),
        "filed_with_number_s": _middle([one.filed_s for one in found]),
        "aim": "3 taps, 10 s",
    }


def slowed(chromium: Browser, served: Served, rounds: int) -> dict[str, Any]:
    """The same work with the processor slowed down by four, as a ratio to this machine's own speed."""
    page = signed_in_phone(chromium, served, served.url)
    browser = page.context.new_cdp_session(page)
    times: dict[int, list[float]] = {}
    reported: dict[int, list[float]] = {}
    for factor in (1, SLOWER):
        browser.send("Emulation.setCPUThrottlingRate", {"rate": factor})
        times[factor] = [_walk(page) for _ in range(rounds)]
        reported[factor] = [report(page, served, factor * 100 + seed).told_s for seed in range(rounds)]
    page.context.close()
    walk = {factor: statistics.median(found) for factor, found in times.items()}
    told = {factor: statistics.median(found) for factor, found in reported.items()}
    return {
        "slower_by": SLOWER,
        "screen_s": {str(factor): round(found / len(SCREENS), 3) for factor, found in walk.items()},
        "screen_ratio": round(walk[SLOWER] / walk[1], 2),
        "report_s": {str(factor): round(found, 2) for factor, found in told.items()},
        "report_ratio": round(told[SLOWER] / told[1], 2),
    }


def _walk(page: Page) -> float:
    """Seconds to look at each screen of the bar and come back to the report."""
    begun = time.monotonic()
    for name, sign in SCREENS.items():
        page.locator(f"#nav a[data-screen={name}]").tap()
        page.locator(sign).first.wait_for()
    return time.monotonic() - begun


def _middle(found: list[float]) -> float:
    return round(statistics.median(found), 2)
