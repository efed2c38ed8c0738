"""What happens elsewhere, on the command centre's screen: how long until its list, map and panel show it."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from bench.calls import Caller, report_body
from bench.lines import Line, rounds_ms
from bench.phone.served import WORKER, Served, browser, district, own_place
from gridapp.timesource import now

ROUNDS = 10
AIM = "2 s"
DESK = (1440, 900)
CLOSEST = 18
"""The zoom at which the map counts no tasks together."""
APART_DEGREES = 0.0001
PATIENCE_MS = 120_000

DISPATCHER = """
select p.username from person p join person w on w.username = %s join post on post.person_id = w.id
  and post.during @> now() join grid g on g.id = post.grid_id
where p.role = 'dispatcher' and p.scope_grid_id = any(g.path) limit 1
"""
POST = "select post.id from post join person p on p.id = post.person_id where p.username = %s and post.during @> now()"

# Looks at each frame that is drawn and notes when list, map and panel first showed a task at a stage.
WATCH = """([id, stage, places]) => {
  globalThis.seen = new Promise((done) => {
    const at = {};
    const find = {
      list: (row) => row.dataset.stage === stage,
      map: (row) => document.querySelector(`.task-marker[title$="#${row.dataset.number}"] .stage-${stage}`),
      panel: () => document.querySelector(`#panel article[data-task="${id}"] .stage-${stage}[aria-current="step"]`),
    };
    const look = () => {
      const row = document.getElementById(`task-${id}`);
      for (const place of places) if (row && find[place](row)) at[place] ??= Date.now();
      if (places.every((place) => at[place])) done(at);
      else requestAnimationFrame(look);
    };
    look();
  });
}"""
# The whole list is loaded, page by page as somebody scrolls.
WHOLE_LIST = """() => {
  const more = document.querySelector("#tasks .command-more");
  more?.scrollIntoView();
  return !more;
}"""


def measure() -> Iterator[Line]:
    """Milliseconds from the sending of what happens until the frame that shows it; medians and the worst."""
    with tempfile.TemporaryDirectory(prefix="gridapp-bench-") as folder, district(Path(folder)) as served:
        yield from _watched(served)


def _watched(served: Served) -> Iterator[Line]:
    with served.database() as connection:
        [dispatcher] = connection.execute(DISPATCHER, (WORKER,)).fetchone() or ("",)
        [post] = connection.execute(POST, (WORKER,)).fetchone() or ("",)
    worker, desk = (Caller(served.url).signed_in(str(who), served.password) for who in (WORKER, dispatcher))
    place, times = own_place(served), dict[tuple[str, str], list[float]]()
    with browser(served) as chromium:
        page = chromium.new_page(
            base_url=served.url,
            viewport={"width": DESK[0], "height": DESK[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        page.set_default_timeout(PATIENCE_MS)
        _open(page, str(dispatcher), served.password, place)
        for nth in range(ROUNDS):
            spot = {"lon": place["lon"] + (nth - ROUNDS / 2) * APART_DEGREES, "lat": place["lat"]}
            for key, waited in _round(page, worker, desk, str(post), spot):
                times.setdefault(key, []).append(waited)
        page.context.close()
    for (what, where), each in times.items():
        yield rounds_ms(f"{what} elsewhere, until the {where} of an open command centre shows it", each, AIM)


def _open(page: Page, username: str, password: str, place: dict[str, float]) -> None:
    """The command centre over the place, with the whole list, joined to the stream."""
    page.goto("/sign-in?next=/command")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/command")
    page.locator('#live-state[data-state="on"]').wait_for()
    page.wait_for_function(WHOLE_LIST)
    page.locator(".folium-map").evaluate(
        "(box, [lat, lon, zoom]) => box.map.setView([lat, lon], zoom)", [place["lat"], place["lon"], CLOSEST]
    )
    page.wait_for_load_state("networkidle")


def _round(
    page: Page, worker: Caller, desk: Caller, post: str, spot: dict[str, float]
) -> Iterator[tuple[tuple[str, str], float]]:
    """A report arrives, its panel is opened, and somebody else assigns it."""
    task_id = str(uuid.uuid4())
    page.evaluate(WATCH, [task_id, "report", ["list", "map"]])
    begun = time.time()
    filed = worker.call("PUT", f"/reports/{task_id}", report_body(**spot))
    yield from _shown(page, "a report", begun)
    page.locator(f"#task-{task_id} a").click()
    page.locator(f'#panel article[data-task="{task_id}"]').wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate(WATCH, [task_id, "assign", ["list", "map", "panel"]])
    begun = time.time()
    act = {"id": str(uuid.uuid4()), "action": "assign", "at": now().isoformat(), "assignee": {"post": post}}
    desk.call("POST", f"/tasks/{task_id}/actions", act, **{"If-Match": f'"{filed["version"]}"'})
    yield from _shown(page, "an action", begun)


def _shown(page: Page, what: str, begun: float) -> Iterator[tuple[tuple[str, str], float]]:
    seen: dict[str, float] = page.evaluate("globalThis.seen")
    for where, at in seen.items():
        yield (what, where), at - begun * 1e3
