"""A worker's phone before the phone page: where it stands, its photos, and what the server has of what it sent."""

from __future__ import annotations

import re
import uuid
from typing import Any, cast

from flask import Response
from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import delete

from gridapp.catalogue import load_catalogue
from gridapp.db import session
from gridapp.models import Token
from gridapp.services.editions import publishing
from tests.browser.conftest import CUT_OFF, PHONE, REFUSED, OpenPage, Site
from tests.support.catalogue import SMALL
from tests.support.pictures import photo
from tests.support.tasking import report_body
from tests.support.world import PASSWORD, signed_in

BAD_NETWORK = f"{REFUSED}|{CUT_OFF}"
HOUR_MS = 3_600_000
CATALOGUE_KEPT = """async () => {
  const { kept } = await import("/static/field/core/store.js");
  return Boolean(await kept("catalogue"));
}"""
RENEWED = "async () => (await caches.keys()).every((name) => !name.startsWith('field-') || name.endsWith('-renewed'))"
# A clock of the page that is `ahead` milliseconds ahead.
CLOCK = """() => {
  const Real = Date;
  globalThis.ahead = 0;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + globalThis.ahead); }
    static now() { return Real.now() + globalThis.ahead; }
  };
}"""


def phone(open_page: OpenPage, site: Site, who: str | None, path: str = "/field", **more: Any) -> Page:
    """The phone page of somebody who stands in grid a1 and lets it know their position."""
    place = site.world.inside("a1")
    stands = {"longitude": place["lon"], "latitude": place["lat"], "accuracy": 8}
    return open_page(who, path, PHONE, **{"geolocation": stands, "permissions": ["geolocation"], **more})


def sign_in(page: Page, who: str) -> None:
    """Sign in on the page's own screen."""
    page.get_by_label("用户名").fill(who)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def picture(**given: Any) -> FilePayload:
    """A real photo, as a file to be chosen."""
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo(**given)}


def take_photo(page: Page, name: str = "before-camera", **given: Any) -> None:
    """Take a photo with the camera; it is there once it was made small and named."""
    there = page.locator("figure.f-photo")
    count = there.count()
    page.locator(f"input[name={name}]").set_input_files(picture(**given))
    expect(there).to_have_count(count + 1)


def choose(page: Page, code: str) -> None:
    """Choose a category in three taps: the chooser, the major class, the minor class."""
    page.locator("#choose-category").click()
    page.locator(f'dialog [data-code="{code[:2]}"]').click()
    page.locator(f'dialog [data-code="{code}"]').click()


def located(page: Page) -> None:
    """The page knows the position and its grid."""
    expect(page.locator(".f-place-grids").first).to_contain_text("东一组")


def fill_report(page: Page, words: str, code: str = "06001") -> None:
    """All that a plain category asks for."""
    located(page)
    choose(page, code)
    page.get_by_label("情况说明").fill(words)


def may_be_cut_off(page: Page) -> None:
    """The page and what a report is made of are on the phone, so that it reports without a network."""
    page.evaluate("navigator.serviceWorker.ready")
    until(page, CATALOGUE_KEPT)


def send(page: Page) -> None:
    page.locator("#send-report").click()


def tasks_of(site: Site, who: str = "dispatcher_a") -> list[dict[str, Any]]:
    """What the command centre's people have in their list."""
    answer = signed_in(site.app, site.world.people[who]).get("/api/v1/tasks")
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def task(site: Site, task_id: str, who: str = "dispatcher_a") -> dict[str, Any]:
    """One task, whole."""
    document: dict[str, Any] = signed_in(site.app, site.world.people[who]).get(f"/api/v1/tasks/{task_id}").get_json()
    return document


def report(site: Site, who: str = "worker_a", **given: Any) -> str:
    """File a report as another phone does."""
    task_id = str(uuid.uuid4())
    client = signed_in(site.app, site.world.people[who])
    answer = client.put(f"/api/v1/reports/{task_id}", json=report_body(site.world, **given))
    assert answer.status_code == 201, answer.text
    return task_id


def act(site: Site, who: str, task_id: str, action: str, **given: Any) -> None:
    """Act on a task as another program does."""
    client = signed_in(site.app, site.world.people[who])
    etag = client.get(f"/api/v1/tasks/{task_id}").headers["ETag"]
    body = {"id": str(uuid.uuid4()), "action": action, "at": "2026-11-22T10:00:00Z", **given}
    answer = client.post(f"/api/v1/tasks/{task_id}/actions", json=body, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text


def photos_here(site: Site, task_id: str, who: str = "dispatcher_a") -> int:
    """Photos of a task whose bytes the server has: a report that arrived tells of all, also of those still to come."""
    client = signed_in(site.app, site.world.people[who])
    photos = task(site, task_id, who)["photos"]
    return sum(client.head(f"/api/v1/photos/{one['sha256']}").status_code == 200 for one in photos)


def assign(site: Site, task_id: str, who: str = "worker_a") -> None:
    """Give a task to somebody's post."""
    act(site, "dispatcher_a", task_id, "assign", assignee={"post": str(site.world.people[who].post)})


def open_action(page: Page, action: str) -> None:
    """Open the sheet of an action of the open task, from the bar or among the others."""
    expect(page.locator(".f-foot").first).to_be_visible()
    direct = page.locator(f'.f-foot [data-action="{action}"]')
    if direct.count():
        direct.click()
        return
    page.locator("#more-actions").click()
    page.locator(f'dialog [data-action="{action}"]').click()


def end_sign_ins(site: Site, who: str) -> None:
    """What the desk does where a phone was lost."""
    with site.app.app_context():
        session.execute(delete(Token).where(Token.person_id == site.world.people[who].id))
        session.commit()


def sheet(page: Page) -> Locator:
    """The sheet that lies over the page."""
    return page.locator("dialog[open]").last


def number_of(page: Page) -> int:
    """The number that the report got."""
    shown = page.get_by_role("heading", name=re.compile(r"已上报：#\d+"))
    expect(shown).to_be_visible()
    return int(shown.inner_text().split("#")[1])


def retire(site: Site, code: str) -> None:
    """Publish an edition of the catalogue without this category."""
    text = re.sub(r"(?ms)^\[\[majors\.minors\]\][^\n]*\ncode = \"" + code + r"\".*?(?=^\[\[)", "", SMALL.read_text())
    edition = site.app.extensions["settings"].instance / "later.toml"
    edition.write_text(text.replace('version = "test-1"', 'version = "test-2"'))
    with site.app.app_context():
        publishing.publish(load_catalogue(edition))
        session.commit()


def renew_shell(site: Site) -> None:
    """Serve the same shell under another version."""
    view = site.app.view_functions["field.service_worker"]

    def service_worker() -> Response:
        answer = cast("Response", view())
        answer.set_data(answer.get_data(as_text=True).replace('","page"', '-renewed","page"'))
        return answer

    service_worker.__dict__.update(view.__dict__)
    site.app.view_functions["field.service_worker"] = service_worker


def until(page: Page, fits: str, given: Any = None, seconds: int = 90) -> None:
    """Wait until an asynchronous question to the page is answered with yes."""
    loop = """async ({ given, ends }) => {
      const fits = %s;
      while (Date.now() < ends) {
        if (await fits(given)) return true;
        await new Promise((again) => setTimeout(again, 100));
      }
      return false;
    }"""
    ends = page.evaluate("Date.now()") + seconds * 1000
    assert page.evaluate(loop % fits, {"given": given, "ends": ends}), fits
