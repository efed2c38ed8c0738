"""What the phone page weighs, and how many taps a report takes."""

from __future__ import annotations

import gzip

from flask.testing import FlaskClient
from playwright.sync_api import expect

from tests.support import phones
from tests.support.phones import located, number_of, phone, picture, tasks_of

MOST_BYTES = 250_000
MOST_TAPS = 3


def packed(client: FlaskClient, path: str) -> int:
    """How many bytes a part takes on the wire."""
    with client.get(path) as answer:
        return len(gzip.compress(answer.data))


def test_the_first_load_is_light_and_a_report_takes_three_taps(open_page, site):
    page = phone(open_page, site, None)
    expect(page.get_by_label("密码")).to_be_visible()
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)")
    parts = {path for path in loaded if not path.startswith("/api/")}
    assert "/static/field/main.js" in parts
    weight = sum(packed(site.app.test_client(), path) for path in {"/field", *parts})
    assert 30_000 < weight < MOST_BYTES
    phones.sign_in(page, "worker_a")
    located(page)
    taps = 0
    page.locator("input[name=before-camera]").set_input_files([picture()])  # a tap opens the phone's camera
    taps += 1
    expect(page.locator("figure.f-photo")).to_have_count(1)
    page.locator(".f-chips [data-code='06001']").click()
    taps += 1
    expect(page.locator("#choose-category")).to_contain_text("暴露垃圾")
    phones.send(page)
    taps += 1
    number_of(page)
    assert taps == MOST_TAPS
    [filed] = tasks_of(site)
    assert (filed["description"], len(filed["photos"])) == ("暴露垃圾", 1)
