"""The phone behind a wire that is really cut: in the middle of an upload, after the commit."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support import phones
from tests.support.phones import BAD_NETWORK, located, phone, task, tasks_of

PATIENCE = 60_000
# A photo of six megabytes that no shrinking made smaller: noise, as a JPEG of a quality that keeps it.
BIG_PHOTO = """async () => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 2700, height: 2100 });
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  for (let at = 0; at < image.data.length; at += 65536) crypto.getRandomValues(image.data.subarray(at, at + 65536));
  context.putImageData(image, 0, 0);
  const blob = await new Promise((told) => canvas.toBlob(told, "image/jpeg", 0.98));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const { store } = await import("/static/field/core/outbox.js");
  const id = crypto.randomUUID();
  const body = { category: "06001", description: "大照片", reported_at: new Date().toISOString(), photos: [sha256],
                 location: { lon: 104.604, lat: 28.704, accuracy: 5 } };
  await store({ id, kind: "report", about: id, path: `/reports/${id}`, method: "PUT", body }, [{ sha256, blob }]);
  return blob.size;
}"""


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99, None], ids=["10%", "50%", "99%", "before the answer"])
def test_an_upload_that_was_cut_makes_one_task_and_one_photo(open_page, site, wire, share):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    located(page)
    cut = wire.cut_once("(PUT|PATCH) /api/v1/photos/", share)
    assert page.evaluate(BIG_PHOTO) > 6_000_000
    assert cut.done.wait(60)
    expect(page.locator("#unsent")).to_be_hidden(timeout=PATIENCE)
    [filed] = tasks_of(site)
    assert len(task(site, filed["id"])["photos"]) == 1


def test_a_report_whose_answer_was_lost_is_one_task(open_page, site, wire):
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    phones.fill_report(page, "答复丢失")
    cut = wire.cut_once("PUT /api/v1/reports/", None)
    phones.send(page)
    assert cut.done.wait(60)
    phones.number_of(page)
    assert [filed["description"] for filed in tasks_of(site)] == ["答复丢失"]
