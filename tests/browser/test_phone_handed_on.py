"""A phone that goes from hand to hand: nothing that one person wrote or where they went becomes the next one's."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlalchemy import select

from gridapp.db import session
from gridapp.models import Position
from tests.support.phones import choose, phone, sign_in, take_photo, until

ON_DUTY = "在岗 自"
HAND_IN = "async () => (await import('/static/field/duty.js')).handIn()"
DRAFT_KEPT = (
    "async () => (await (await import('/static/field/core/store.js')).read('drafts', (all) => all.count())) > 0"
)
NOTHING_WAITS = "async () => !(await (await import('/static/field/core/items.js')).countAll())"


def sign_out(page: Page) -> None:
    page.get_by_role("link", name="我的", exact=True).click()
    page.locator("#sign-out").press("Enter")
    expect(page.get_by_label("密码")).to_be_visible()


def test_the_next_person_gets_an_empty_report_and_the_first_one_their_draft(open_page, site):
    page = phone(open_page, site, None)
    sign_in(page, "worker_a")
    choose(page, "06001")
    page.get_by_label("情况说明").fill("甲的半份上报")
    take_photo(page)
    until(
        page,
        "async () => (await (await import('/static/field/core/store.js')).read('drafts', (all) => all.count())) > 0",
    )
    sign_out(page)
    sign_in(page, "worker_a2")
    page.get_by_role("link", name="上报").click()
    expect(page.get_by_label("情况说明")).to_have_value("")
    expect(page.locator("figure.f-photo")).to_have_count(0)
    sign_out(page)
    sign_in(page, "worker_a")
    page.get_by_role("link", name="上报").click()
    expect(page.get_by_label("情况说明")).to_have_value("甲的半份上报")
    expect(page.locator("figure.f-photo")).to_have_count(1)


def test_positions_go_as_those_of_the_person_who_was_there(open_page, site):
    page = phone(open_page, site, None, "/field#/me")
    for who, corner in (("worker_a", 0.38), ("worker_a2", 0.44)):
        there = site.world.point(corner, 0.4)
        page.context.set_geolocation({"longitude": there["lon"], "latitude": there["lat"], "accuracy": 8})
        sign_in(page, who)
        page.get_by_role("link", name="我的", exact=True).click()
        page.get_by_role("button", name="上岗").click()
        expect(page.locator("#duty")).to_contain_text(ON_DUTY)
        for step in (0.001, 0.002):
            there = site.world.point(corner + step, 0.4)
            page.context.set_geolocation({"longitude": there["lon"], "latitude": there["lat"], "accuracy": 8})
        if who == "worker_a":
            sign_out(page)
    page.evaluate(HAND_IN)
    until(page, NOTHING_WAITS)
    with site.app.app_context():
        found = session.scalars(select(Position).where(Position.person_id == site.world.people["worker_a2"].id)).all()
    border = site.world.point(0.41, 0.4)["lon"]
    assert [one.lon for one in found if one.lon < border] == []
