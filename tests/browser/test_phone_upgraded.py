"""A phone that was last opened under an older version of the page: what waited there arrives, and the page works."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import expect

from gridapp.timesource import now
from tests.support import phones
from tests.support.phones import phone

PATIENCE = 60_000
REPORT = "6f6e6c79-0000-4000-8000-00006f6c6431"
# The stores of the first version, and those that the second one added; items lay open then.
LAY_OUT = """async ({ version, item }) => {
  const db = await new Promise((done, failed) => {
    const request = indexedDB.open("field", version);
    request.onerror = () => failed(request.error);
    request.onsuccess = () => done(request.result);
    request.onupgradeneeded = () => {
      const { result } = request;
      const outbox = result.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
      outbox.createIndex("id", "id", { unique: true });
      result.createObjectStore("photos", { keyPath: "sha256" });
      result.createObjectStore("notices", { keyPath: "id" });
      result.createObjectStore("keep");
      if (version < 2) return;
      result.createObjectStore("tasks", { keyPath: "id" });
      result.createObjectStore("pictures", { keyPath: "key" });
      result.createObjectStore("sent", { keyPath: "seq", autoIncrement: true }).createIndex("id", "id");
      result.createObjectStore("drafts", { keyPath: "id" });
    };
  });
  await new Promise((done, failed) => {
    const laying = db.transaction("outbox", "readwrite");
    laying.oncomplete = done;
    laying.onabort = () => failed(laying.error);
    laying.objectStore("outbox").add(item);
  });
  db.close();
}"""


@pytest.mark.parametrize("version", [1, 2])
def test_what_waited_under_an_older_version_arrives(open_page, site, version):
    page = phone(open_page, site, "worker_a", "/static/app.css")
    at = (now() - dt.timedelta(hours=2)).isoformat()
    body = {
        "category": "06001",
        "description": "井盖缺失",
        "reported_at": at,
        "location": {"lon": 104.604, "lat": 28.704, "accuracy": 5},
    }
    item = {
        "id": REPORT,
        "person": str(site.world.people["worker_a"].id),
        "kind": "report",
        "about": REPORT,
        "path": f"/reports/{REPORT}",
        "method": "PUT",
        "headers": {},
        "body": body,
        "title": "井盖缺失",
        "photos": [],
        "made": at,
        "state": "waiting",
        "tries": 0,
        "next": 0,
    }
    page.evaluate(LAY_OUT, {"version": version, "item": item})
    page.goto("/field#/outbox")
    expect(page.locator(f'[data-sent="{REPORT}"]')).to_be_visible(timeout=PATIENCE)
    assert [filed["description"] for filed in phones.tasks_of(site)] == ["井盖缺失"]
    page.goto("/field#/report")
    phones.fill_report(page, "路灯不亮")
    phones.send(page)
    page.goto("/field#/outbox")
    expect(page.locator("[data-sent]")).to_have_count(2, timeout=PATIENCE)
    assert sorted(filed["description"] for filed in phones.tasks_of(site)) == ["井盖缺失", "路灯不亮"]
