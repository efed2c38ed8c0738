"""A phone whose storage is really full, or that lost its database under the open page: nothing called saved is lost."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import CDPSession, FilePayload, Page, expect

from tests.browser.conftest import OpenPage, Site
from tests.support import phones
from tests.support.phones import BAD_NETWORK, CLOCK, HOUR_MS, fill_report, located, phone, photos_here, send, tasks_of
from tests.support.wires import Wire
from tests.support.world import signed_in

PATIENCE = 60_000
QUOTA = 16_000_000
WAITING = """async () => {
  const { listed } = await import("/static/field/core/outbox.js");
  return (await listed()).map(({ body }) => body.description);
}"""
# Writes into another database of the page until not even a kilobyte more is taken. Tells how much was taken.
FILL = """async () => {
  const asked = (request) => new Promise((done, failed) => {
    request.onupgradeneeded = () => request.result.createObjectStore("s", { autoIncrement: true });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const db = await asked(indexedDB.open("ballast", 1));
  const put = (size) => new Promise((done) => {
    const transaction = db.transaction("s", "readwrite", { durability: "strict" });
    transaction.oncomplete = () => done(size);
    transaction.onabort = () => done(0);
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    transaction.objectStore("s").add(bytes);
  });
  let taken = 0;
  for (const size of [1_000_000, 100_000, 10_000, 1_000]) {
    for (let more = await put(size); more; more = await put(size)) taken += more;
  }
  db.close();
  return taken;
}"""


class Room:
    """The room that the browser leaves to the page."""

    def __init__(self, page: Page, origin: str) -> None:
        self._browser: CDPSession = page.context.new_cdp_session(page)
        self._page = page
        self._origin = origin

    def limit(self) -> None:
        """Leave a few megabytes, from before the page is opened: the browser remembers for a while what it granted."""
        self._browser.send("Storage.overrideQuotaForOrigin", {"origin": self._origin, "quotaSize": QUOTA})

    def fill(self) -> None:
        """Fill it to the last kilobyte."""
        assert self._page.evaluate(FILL) > 1_000

    def give_back(self) -> None:
        self._browser.send("Storage.overrideQuotaForOrigin", {"origin": self._origin})

    def lose_database(self) -> None:
        """Delete the page's database as a browser does that makes room, while the page is open."""
        self._browser.send("Storage.clearDataForOrigin", {"origin": self._origin, "storageTypes": "indexeddb"})


def noise(n: int) -> FilePayload:
    """A photo that nothing makes small."""
    out = io.BytesIO()
    Image.effect_noise((900 + n, 700), 90).save(out, "JPEG", quality=85)
    return {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def take_photos(page: Page, count: int = 3) -> None:
    page.locator("input[name=before-camera]").set_input_files([noise(n) for n in range(count)])
    expect(page.locator("figure.f-photo")).to_have_count(count)


def small_phone(open_page: OpenPage, site: Site, wire: Wire) -> tuple[Page, Room]:
    """A phone with little room, whose page is there whole."""
    page = phone(open_page, site, "worker_a", "about:blank", base_url=wire.url, tolerate=BAD_NETWORK)
    room = Room(page, wire.url)
    room.limit()
    page.goto("/field")
    page.evaluate("navigator.serviceWorker.ready")
    located(page)
    return page, room


def keep(page: Page, words: str) -> None:
    """A report with three photos, called saved by the page."""
    fill_report(page, words)
    take_photos(page)
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    page.get_by_role("button", name="继续上报").click()


def test_a_full_phone_never_says_saved_and_goes_on_when_there_is_room(open_page, site, wire):
    page, room = small_phone(open_page, site, wire)
    wire.cut()
    keep(page, "存满之前")
    room.fill()
    fill_report(page, "存满之时")
    take_photos(page)
    send(page)
    expect(page.get_by_role("alert").filter(has_text="未能保存")).to_contain_text("请清理空间后再次发送")
    expect(page.get_by_role("heading", name="已保存在本机")).to_have_count(0)
    expect(page.get_by_label("情况说明")).to_have_value("存满之时")
    expect(page.locator("figure.f-photo")).to_have_count(3)
    assert page.evaluate(WAITING) == ["存满之前"]
    room.give_back()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    assert page.evaluate(WAITING) == ["存满之前", "存满之时"]
    wire.mend()
    page.goto("/field#/outbox")
    page.get_by_role("button", name="立即发送").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    filed = sorted(tasks_of(site), key=lambda one: one["number"])
    assert [(one["description"], photos_here(site, one["id"])) for one in filed] == [("存满之前", 3), ("存满之时", 3)]


def test_what_waits_on_a_full_phone_is_sent_and_makes_room(open_page, site, wire):
    page, room = small_phone(open_page, site, wire)
    wire.cut()
    keep(page, "先存下的")
    room.fill()
    wire.mend()
    page.goto("/field#/outbox")
    page.get_by_role("button", name="立即发送").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    assert page.evaluate(WAITING) == []
    assert [(one["description"], photos_here(site, one["id"])) for one in tasks_of(site)] == [("先存下的", 3)]


def test_on_a_full_phone_an_action_stays_in_its_sheet_and_a_call_for_help_goes_out(open_page, site, wire):
    task_id = phones.report(site)
    phones.assign(site, task_id)
    phones.act(site, "worker_a", task_id, "accept")
    page, room = small_phone(open_page, site, wire)
    page.goto(f"/field#/tasks/{task_id}")
    page.locator('.f-foot [data-action="feedback"]').click()
    sheet = phones.sheet(page)
    sheet.get_by_label("说明").fill("已清运")
    page.locator("input[name=action-camera]").set_input_files([noise(0)])
    expect(sheet.locator("figure.f-photo")).to_have_count(1)
    expect(sheet.locator(".f-place-line")).to_contain_text("已定位")
    room.fill()
    page.locator("#do-action").click()
    expect(sheet.get_by_role("alert").first).to_contain_text("未能保存")
    expect(sheet.get_by_label("说明")).to_have_value("已清运")
    sheet.get_by_role("button", name="关闭").first.click()
    for _ in range(2):
        page.locator("#bar-sos").press("Enter")
    expect(phones.sheet(page)).to_contain_text("求助已发送")
    desk = signed_in(site.app, site.world.people["dispatcher_a"], browser=True)
    assert desk.get("/alarms").text.count("data-alarm=") == 1


def test_a_database_lost_under_the_open_page_loses_nothing(open_page, site, wire):
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    phones.sign_in(page, "worker_a")
    page.evaluate("navigator.serviceWorker.ready")
    located(page)
    wire.cut()
    keep(page, "丢失之前")
    Room(page, wire.url).lose_database()
    keep(page, "丢失之后")
    wire.mend()
    page.evaluate("import('/static/field/core/outbox.js').then(({ retry }) => { retry(); })")
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    filed = sorted(tasks_of(site), key=lambda one: one["description"])
    assert [(one["description"], photos_here(site, one["id"])) for one in filed] == [("丢失之前", 3), ("丢失之后", 3)]


def test_a_draft_that_finds_no_room_says_so_and_stays_in_the_form(open_page, site, wire):
    page, room = small_phone(open_page, site, wire)
    room.fill()
    fill_report(page, "存不下的草稿")
    take_photos(page)
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_role("alert").filter(has_text="未能保存")).to_be_visible()
    expect(page.get_by_label("情况说明")).to_have_value("存不下的草稿")
    expect(page.locator("figure.f-photo")).to_have_count(3)


POSITIONS_NOW = """async () => {
  const { store } = await import("/static/field/core/outbox.js");
  const at = new Date().toISOString();
  const point = () => ({ id: crypto.randomUUID(), at, lon: 104.604, lat: 28.704, accuracy: 5 });
  const points = Array.from({ length: 900 }, point);
  const batch = { kind: "positions", about: "duty", path: "/positions", method: "POST", body: { points } };
  await store({ id: crypto.randomUUID(), ...batch });
}"""


def test_an_answer_that_a_full_phone_cannot_keep_holds_nobody_back(open_page, site, wire):
    page, room = small_phone(open_page, site, wire)
    wire.cut()
    page.evaluate(CLOCK)
    page.evaluate(f"globalThis.ahead = {HOUR_MS}")
    page.evaluate(POSITIONS_NOW)
    keep(page, "排在其后")
    room.fill()
    wire.mend()
    page.goto("/field#/outbox")
    page.get_by_role("button", name="立即发送").click()
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    assert [(one["description"], photos_here(site, one["id"])) for one in tasks_of(site)] == [("排在其后", 3)]
