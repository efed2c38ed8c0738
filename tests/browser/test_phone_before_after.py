"""Photos before and after from one place, films no longer than thirty seconds."""

from __future__ import annotations

import base64
import re

from playwright.sync_api import expect

from gridapp.db import session
from gridapp.models import Photo
from tests.support import phones
from tests.support.phones import BAD_NETWORK, fill_report, phone, send, take_photo, task, tasks_of, until
from tests.support.pictures import photo, sha256
from tests.support.world import signed_in

WHOLE = """async (id) => {
  const { keptTask } = await import("/static/field/tasklist.js");
  const { read } = await import("/static/field/core/store.js");
  const pictures = await read("pictures", (pictures) => pictures.getAllKeys());
  return Boolean((await keptTask(id))?.events) && pictures.length >= 2;
}"""
# A second of film by the browser's own recorder; `slower` makes its clock run as many times slower.
RECORD = """async (slower) => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 64, height: 64 });
  const context = canvas.getContext("2d");
  const drawing = setInterval(() => {
    context.fillStyle = `hsl(${performance.now() % 360} 80% 50%)`;
    context.fillRect(0, 0, 64, 64);
  }, 40);
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/mp4" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const done = new Promise((told) => { recorder.onstop = told; });
  recorder.start();
  await new Promise((again) => setTimeout(again, 1500));
  recorder.stop();
  await done;
  clearInterval(drawing);
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 24 < bytes.length; at += 1) {
    if (!["mvhd", "mdhd"].includes(String.fromCharCode(...bytes.subarray(at, at + 4)))) continue;
    const scale = at + 4 + (bytes[at + 4] === 1 ? 20 : 12);
    view.setUint32(scale, Math.max(1, Math.round(view.getUint32(scale) / slower)));
  }
  return btoa(String.fromCharCode(...bytes));
}"""
SENSORS = ("accelerometer", "gyroscope", "magnetometer")


def film(page, slower: float = 1) -> bytes:
    return base64.b64decode(page.evaluate(RECORD, slower))


def take_film(page, content: bytes, mime: str = "video/mp4") -> None:
    page.locator("input[name=before-film]").set_input_files({"name": "film", "mimeType": mime, "buffer": content})


def test_the_after_photo_is_led_to_the_place_and_direction_of_the_one_before(open_page, site, wire):
    content = photo()
    client = signed_in(site.app, site.world.people["worker_a2"])
    name = sha256(content)
    assert client.put(f"/api/v1/photos/{name}", data=content, content_type="image/jpeg").status_code == 201
    stood = {**site.world.inside("a1"), "accuracy": 5}
    stood["lat"] += 0.0004
    facts = [{"sha256": name, "taken_at": "2026-11-22T10:00:00Z", "heading": 90, "location": stood}]
    task_id = phones.report(site, "worker_a2", photos=[name], photo_facts=facts)
    phones.assign(site, task_id)
    phones.act(site, "worker_a", task_id, "accept")
    given = {"base_url": wire.url, "tolerate": BAD_NETWORK, "permissions": ["geolocation", *SENSORS]}
    page = phone(open_page, site, "worker_a", f"/field#/tasks/{task_id}", **given)
    until(page, WHOLE, task_id)
    wire.cut()
    page.locator('.f-foot [data-action="feedback"]').click()
    guide = phones.sheet(page).locator(".f-same")
    expect(guide).to_contain_text(re.compile(r"4\d 米"))
    expect(guide).to_contain_text("请朝东")
    for kind in ("deviceorientation", "deviceorientationabsolute"):
        page.evaluate("(kind) => dispatchEvent(new DeviceOrientationEvent(kind, { absolute: true, alpha: 270 }))", kind)
    expect(guide).to_contain_text("方向正确")
    expect(guide.locator(".f-same-arrow")).to_be_visible()
    take_photo(page, "action-camera")
    expect(guide.locator("img")).to_have_count(2)
    for one in guide.locator("img").all():
        expect(one).to_be_visible()


def test_a_film_is_kept_and_one_that_is_too_long_or_of_another_kind_is_refused_at_once(open_page, site):
    page = phone(open_page, site, "worker_a")
    fill_report(page, "有影片")
    take_film(page, film(page, slower=40))
    expect(page.locator(".f-photos-fault")).to_contain_text("30 秒")
    take_film(page, b"\x1aE\xdf\xa3" + b"\0" * 500, "video/webm")
    expect(page.locator(".f-photos-fault")).to_contain_text("MP4")
    expect(page.locator("figure.f-photo")).to_have_count(0)
    take_film(page, film(page))
    expect(page.locator("figure.f-photo video")).to_have_count(1)
    send(page)
    phones.number_of(page)
    [filed] = tasks_of(site)
    assert kinds_of(site, filed["id"]) == ["video/mp4"]


def kinds_of(site, task_id: str) -> list[str]:
    """Media types of what a task carries, as the server found them."""
    with site.app.app_context():
        return [session.get_one(Photo, one["sha256"]).mime for one in task(site, task_id)["photos"]]
