"""Signing a phone in by a code, what is sealed while nobody is, lost phones, and a database that the browser lost."""

from __future__ import annotations

import datetime as dt
import json
import uuid

from playwright.sync_api import expect
from sqlalchemy import select, update

from gridapp.db import session
from gridapp.models import Token
from gridapp.services import phones as desk
from tests.support import phones
from tests.support.phones import BAD_NETWORK, fill_report, phone, send, sign_in, take_photo, tasks_of
from tests.support.tasking import principal
from tests.support.world import PASSWORD

PATIENCE = 60_000
ON_DISK = """async () => {
  const { read } = await import("/static/field/core/store.js");
  const found = {};
  for (const name of ["outbox", "photos", "tasks", "drafts", "notices", "pictures", "sent"]) {
    found[name] = (await read(name, (store) => store.getAll())).length;
  }
  return found;
}"""
# Every byte that lies in the outbox and among the drafts and tasks, as text.
AS_TEXT = """async () => {
  const { read } = await import("/static/field/core/store.js");
  const decoder = new TextDecoder();
  const walk = (thing) => {
    if (thing instanceof ArrayBuffer || ArrayBuffer.isView(thing)) return decoder.decode(thing);
    const inside = thing && typeof thing === "object" && !(thing instanceof CryptoKey);
    if (inside) return Object.values(thing).map(walk).join(" ");
    return String(thing);
  };
  const stores = ["outbox", "photos", "tasks", "drafts", "notices", "sent", "keep"];
  const all = await Promise.all(stores.map((name) => read(name, (store) => store.getAll())));
  return walk(all);
}"""
LOSE_DATABASE = """() => new Promise((done, failed) => {
  const request = indexedDB.deleteDatabase("field");
  request.onsuccess = () => done();
  request.onerror = failed;
})"""


def code_for(site, who: str) -> str:
    with site.app.app_context():
        shown = desk.show(principal(site.world, "admin_a"), site.app.extensions["settings"], site.world.people[who].id)
        session.commit()
        return shown.code


def test_a_phone_signs_in_by_the_code_of_the_desk_once(open_page, site):
    code = code_for(site, "worker_a")
    page = phone(open_page, site, None, f"/field#/sign-in/{code}")
    expect(page.locator(".f-place-grids")).to_contain_text("东一组")
    assert code not in page.url
    page.goto("/field#/me")
    page.locator("#sign-out").press("Enter")
    page.locator("#by-code").click()
    phones.sheet(page).get_by_label("登录码").fill(code)
    phones.sheet(page).get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("密码")).to_be_visible()


# A phone whose camera looks at the desk's picture, which it takes a moment to find.
READS_CODES = """(seen) => {
  globalThis.BarcodeDetector = class {
    constructor({ formats }) { this.formats = formats; this.looks = 0; }
    async detect(video) {
      this.looks += 1;
      if (!video.srcObject || !this.formats.includes("qr_code")) throw new TypeError();
      return this.looks < 3 ? [{ rawValue: "https://example.com/other" }] : [{ rawValue: seen }];
    }
  };
}"""


def test_the_code_of_the_desk_is_read_by_the_camera(open_page, site):
    code = code_for(site, "worker_a")
    page = phone(open_page, site, None, "about:blank", permissions=["geolocation", "camera"])
    page.add_init_script(f"({READS_CODES})({json.dumps(f'{site.url}/field#/sign-in/{code}')})")
    page.goto("/field")
    page.locator("#by-code").click()
    page.get_by_role("button", name="扫描登录码").click()
    expect(page.locator(".f-place-grids")).to_contain_text("东一组")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.evaluate("document.querySelectorAll('video').length") == 0


def test_a_phone_that_may_not_use_its_camera_says_so_and_takes_the_code_by_hand(open_page, site):
    page = phone(open_page, site, None, "about:blank", permissions=["geolocation"])
    page.add_init_script(f"({READS_CODES})('')")
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    page.goto("/field")
    page.locator("#by-code").click()
    page.get_by_role("button", name="扫描登录码").click()
    expect(page.get_by_text("无法使用摄像头")).to_be_visible()
    phones.sheet(page).get_by_label("登录码").fill(f"{site.url}/field#/sign-in/{code_for(site, 'worker_a')}")
    phones.sheet(page).get_by_role("button", name="登录", exact=True).click()
    expect(page.locator(".f-place-grids")).to_contain_text("东一组")


FIVE_DAYS_LATER = """() => {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + 5 * 86_400_000); }
    static now() { return Real.now() + 5 * 86_400_000; }
  };
}"""


def test_a_sign_in_survives_days_without_a_network(open_page, site, wire):
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    sign_in(page, "worker_a")
    page.evaluate("navigator.serviceWorker.ready")
    phones.located(page)
    wire.cut()
    with site.app.app_context():
        five_days = dt.timedelta(days=5)
        session.execute(update(Token).values(last_used_at=Token.last_used_at - five_days))
        session.commit()
    context = page.context
    page.close()
    page = context.new_page()
    page.add_init_script(f"({FIVE_DAYS_LATER})()")
    page.goto("/field")
    fill_report(page, "五天之后")
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    wire.mend()
    number = phones.number_of(page)
    [filed] = tasks_of(site)
    assert (filed["number"], filed["description"], filed["reporter"]["name"]) == (number, "五天之后", "Worker A")
    expect(page.get_by_label("密码")).to_have_count(0)


def test_a_draft_is_sealed_with_the_place_and_time_of_its_photos(open_page, site):
    page = phone(open_page, site, None)
    sign_in(page, "worker_a")
    fill_report(page, "密封的草稿")
    take_photo(page)
    phones.until(page, DRAFTED)
    text, there = page.evaluate(AS_TEXT), site.world.inside("a1")
    assert [word for word in ("密封的草稿", str(there["lon"]), str(there["lat"]), "heading") if word in text] == []
    page.reload()
    expect(page.get_by_label("情况说明")).to_have_value("密封的草稿")
    send(page)
    phones.number_of(page)
    [filed] = tasks_of(site)
    [noted] = phones.task(site, filed["id"])["events"][0]["facts"]["photos"]
    assert (round(noted["location"]["lon"], 3), round(noted["location"]["lat"], 3)) == (there["lon"], there["lat"])
    assert noted["taken_at"]


DRAFTED = """async () => {
  const { read } = await import("/static/field/core/store.js");
  return (await read("drafts", (drafts) => drafts.getAll())).some(({ photos }) => photos.length === 1);
}"""


def test_what_waits_is_sealed_until_the_same_person_signs_in_again(open_page, site, wire):
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    sign_in(page, "worker_a")
    fill_report(page, "密封的上报")
    take_photo(page)
    wire.cut()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    assert "密封的上报" not in page.evaluate(AS_TEXT)
    phones.end_sign_ins(site, "worker_a")
    wire.mend()
    expect(page.get_by_label("密码")).to_be_visible(timeout=PATIENCE)
    sign_in(page, "worker_a2")
    expect(page.locator("#nav")).to_be_visible()
    page.goto("/field#/outbox")
    expect(page.locator("#unsent-items")).to_contain_text("全部已发送")
    page.goto("/field#/me")
    page.locator("#sign-out").press("Enter")
    assert tasks_of(site) == []
    sign_in(page, "worker_a")
    expect(page.locator("#nav")).to_be_visible()
    phones.until(page, "async () => !(await (await import('/static/field/core/items.js')).countAll())")
    [filed] = tasks_of(site)
    assert (filed["description"], filed["reporter"]["name"], len(filed["photos"])) == ("密封的上报", "Worker A", 1)


def test_a_lost_phone_erases_itself(open_page, site, wire):
    phones.report(site)
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    sign_in(page, "worker_a")
    fill_report(page, "在丢失的手机上")
    wire.cut()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    with site.app.app_context():
        token = session.scalars(select(Token).where(Token.kind == "device", Token.device.contains("Mozilla"))).one()
        desk.lock_out(principal(site.world, "admin_a"), token.id)
        session.commit()
    wire.mend()
    expect(page.get_by_label("密码")).to_be_visible(timeout=PATIENCE)
    phones.until(page, f"async () => Object.values(await ({ON_DISK})()).filter(Boolean).length === 0")
    assert page.evaluate("async () => (await caches.keys()).includes('outbox-mirror')") is False
    kept = "async () => { const { kept } = await import('/static/field/core/store.js'); return kept('key'); }"
    assert page.evaluate(kept) is None


def test_a_lost_phone_takes_nothing_of_the_same_persons_other_phone(open_page, site, wire):
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    sign_in(page, "worker_a")
    fill_report(page, "在另一部手机上")
    wire.cut()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    other = str(uuid.uuid4())
    body = {"username": "worker_a", "password": PASSWORD, "device": "Lost one", "device_id": other}
    assert site.app.test_client().post("/api/v1/auth/token", json=body).status_code == 200
    with site.app.app_context():
        token = session.scalars(select(Token).where(Token.device_id == uuid.UUID(other))).one()
        desk.lock_out(principal(site.world, "admin_a"), token.id)
        session.commit()
    phones.end_sign_ins(site, "worker_a")
    wire.mend()
    expect(page.get_by_label("密码")).to_be_visible(timeout=PATIENCE)
    sign_in(page, "worker_a")
    phones.until(page, "async () => !(await (await import('/static/field/core/items.js')).countAll())")
    assert [one["description"] for one in tasks_of(site)] == ["在另一部手机上"]


def test_what_the_browser_lost_comes_back_and_is_sent_once(open_page, site, wire):
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    sign_in(page, "worker_a")
    page.evaluate("navigator.serviceWorker.ready")
    fill_report(page, "数据库被清除")
    take_photo(page)
    wire.cut()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    page.evaluate(LOSE_DATABASE)
    page.reload()
    expect(page.get_by_label("密码")).to_be_visible()
    wire.mend()
    sign_in(page, "worker_a")
    expect(page.locator("#nav")).to_be_visible()
    phones.until(page, "async () => !(await (await import('/static/field/core/items.js')).countAll())")
    assert [(one["description"], phones.photos_here(site, one["id"])) for one in tasks_of(site)] == [
        ("数据库被清除", 1)
    ]
