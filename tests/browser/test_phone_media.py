"""What is taken for a report besides one photo: several, a film, a spoken note; with a network and without one."""

from __future__ import annotations

import base64
import io

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.support import phones
from tests.support.phones import BAD_NETWORK, fill_report, located, number_of, phone, picture, send, task, tasks_of
from tests.support.pictures import ORIENTATION, drawn, exif, sha256
from tests.support.world import signed_in

MEDIA = ["geolocation", "camera", "microphone"]
# A second of what the camera sees, as an MP4, in base64.
FILMED = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  const recorder = new MediaRecorder(stream, { mimeType: "video/mp4" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const over = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  await new Promise((done) => { setTimeout(done, 1_000); });
  recorder.stop();
  await over;
  stream.getTracks().forEach((track) => track.stop());
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""

DRAFTED = """async (count) => {
  const { read } = await import("/static/field/core/store.js");
  return (await read("drafts", (drafts) => drafts.getAll())).some(({ photos }) => photos.length === count);
}"""


def filmed(page: Page) -> FilePayload:
    """What the film camera of the phone gives the page."""
    content = base64.b64decode(page.evaluate(FILMED))
    return {"name": "film.mp4", "mimeType": "video/mp4", "buffer": content}


def speak(page: Page, seconds: int) -> None:
    """Speak a note and be done with it."""
    page.get_by_role("button", name="语音").first.click()
    expect(phones.sheet(page).get_by_role("timer")).to_contain_text(str(seconds))
    phones.sheet(page).get_by_role("button", name="完成").click()


def test_photos_a_film_and_a_spoken_note_go_with_one_report(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK, permissions=MEDIA)
    page.evaluate("navigator.serviceWorker.ready")
    fill_report(page, "多种附件")
    wire.cut()
    page.locator("input[name=before-album]").set_input_files([picture(width=640 + n) for n in range(3)])
    taken = page.locator("figure.f-photo")
    expect(taken).to_have_count(3)
    page.locator("input[name=before-film]").set_input_files([filmed(page)])
    expect(taken).to_have_count(4)
    speak(page, 1)
    expect(taken).to_have_count(5)
    expect(taken.locator("video")).to_have_count(2)
    phones.until(page, DRAFTED, 5)
    page.reload()
    expect(taken).to_have_count(5)
    phones.located(page)
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    wire.mend()
    number_of(page)
    [filed] = tasks_of(site)
    assert len(filed["photos"]) == 5
    desk = signed_in(site.app, site.world.people["dispatcher_a"])
    shown = [desk.get(f"/api/v1/photos/{one['sha256']}?size=screen") for one in task(site, filed["id"])["photos"]]
    assert sorted(str(one.mimetype) for one in shown) == ["audio/mp4", *["image/jpeg"] * 3, "video/mp4"]
    for one in shown:
        one.close()


def test_of_more_photos_than_a_report_takes_the_rest_is_said_to_be_left_out(open_page, site):
    page = phone(open_page, site, "worker_a")
    located(page)
    page.locator("input[name=before-album]").set_input_files([picture(width=40 + n, height=30) for n in range(21)])
    expect(page.locator("figure.f-photo")).to_have_count(20)
    expect(page.get_by_role("alert").filter(has_text="最多 20 个")).to_be_visible()


def test_a_spoken_note_can_be_thrown_away(open_page, site):
    page = phone(open_page, site, "worker_a", permissions=MEDIA)
    phones.located(page)
    page.get_by_role("button", name="语音").first.click()
    expect(phones.sheet(page).get_by_role("timer")).to_be_visible()
    phones.sheet(page).get_by_role("button", name="丢弃").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("figure.f-photo")).to_have_count(0)


def of_twelve_megapixels() -> bytes:
    """What a phone's camera writes when it is held upright: 4,000 by 3,000 pixels lying, to be turned by its EXIF.

    Dark on top, light below once it is turned; as full of detail as a street is.
    """
    picture = drawn(4_000, 3_000)
    grain = Image.effect_noise((1_000, 750), 60).resize(picture.size, Image.Resampling.BICUBIC).convert("RGB")
    out = io.BytesIO()
    Image.blend(picture, grain, 0.35).save(out, "JPEG", quality=92, exif=exif(orientation=6))
    return out.getvalue()


def test_a_large_photo_taken_upright_is_queued_upright_small_and_with_its_place(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    fill_report(page, "大照片")
    wire.cut()
    content = of_twelve_megapixels()
    assert len(content) > 1_500_000
    taken: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator("input[name=before-camera]").set_input_files([taken])
    expect(page.locator("figure.f-photo")).to_have_count(1)
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    queued = base64.b64decode(page.evaluate(QUEUED))
    picture = Image.open(io.BytesIO(queued))
    assert picture.size == (1_536, 2_048)
    assert picture.getexif().get(ORIENTATION, 1) == 1
    assert 150_000 < len(queued) < 350_000
    above, below = picture.convert("L").resize((1, 2), Image.Resampling.BOX).tobytes()
    assert above < below
    wire.mend()
    number_of(page)
    [filed] = tasks_of(site)
    [noted] = task(site, filed["id"])["events"][0]["facts"]["photos"]
    assert (noted["sha256"], bool(noted["taken_at"])) == (sha256(queued), True)


QUEUED = """async () => {
  const { listed } = await import("/static/field/core/outbox.js");
  const { photo } = await import("/static/field/core/items.js");
  const [item] = await listed();
  const { bytes } = await photo(item, item.photos[0]);
  return btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
}"""
# A phone that turns speech into text, and hears one sentence.
HEARS = """() => {
  globalThis.SpeechRecognition = class {
    start() {
      globalThis.heardIn = this.lang;
      setTimeout(() => {
        this.onresult({ results: [[{ transcript: "路口有一堆垃圾" }]] });
        this.onend();
      }, 300);
    }
    stop() { this.onend(); }
  };
}"""
# Without a network most phones hear nothing.
HARD_OF_HEARING = """() => {
  globalThis.SpeechRecognition = class {
    start() { setTimeout(() => { this.onerror({ error: "network" }); this.onend?.(); }, 100); }
    stop() {}
  };
}"""
DEAF = "() => { delete globalThis.SpeechRecognition; delete globalThis.webkitSpeechRecognition; }"


def test_what_is_said_stands_in_the_words_where_the_phone_turns_speech_into_text(open_page, site):
    page = phone(open_page, site, "worker_a", "about:blank")
    page.add_init_script(f"({HEARS})()")
    page.goto("/field")
    fill_report(page, "北门")
    page.get_by_role("button", name="语音输入").click()
    expect(page.get_by_label("情况说明")).to_have_value("北门 路口有一堆垃圾")
    expect(page.get_by_role("button", name="语音输入")).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("heardIn") == "zh-CN"
    send(page)
    number_of(page)
    assert [filed["description"] for filed in tasks_of(site)] == ["北门 路口有一堆垃圾"]


def test_a_phone_that_hears_nothing_now_says_what_to_do_instead(open_page, site):
    page = phone(open_page, site, "worker_a", "about:blank")
    page.add_init_script(f"({HARD_OF_HEARING})()")
    page.goto("/field")
    speak_button = page.get_by_role("button", name="语音输入")
    speak_button.click()
    expect(page.locator("#toasts")).to_contain_text("请手动输入或录制语音备注")
    expect(speak_button).to_have_attribute("aria-pressed", "false")


def test_a_phone_that_cannot_turn_speech_into_text_offers_no_button_for_it(open_page, site):
    page = phone(open_page, site, "worker_a", "about:blank")
    page.add_init_script(f"({DEAF})()")
    page.goto("/field")
    phones.located(page)
    expect(page.get_by_label("情况说明")).to_be_visible()
    expect(page.get_by_role("button", name="语音输入")).to_have_count(0)
