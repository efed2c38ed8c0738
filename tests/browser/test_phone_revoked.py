"""The phone where an item is not admitted for grid workers: nothing that was done on the spot is lost."""

from __future__ import annotations

from playwright.sync_api import expect

from gridapp.db import commit
from gridapp.services import admission
from gridapp.services.drafts import parse
from gridapp.services.moments import today
from tests.browser.conftest import OpenPage, Site
from tests.support import tasking
from tests.support.phones import BAD_NETWORK, fill_report, number_of, phone, send, take_photo, tasks_of


def revoke(site: Site, item: str, area: str) -> None:
    with site.app.app_context():
        code, begins = site.world.areas[area].code, today().isoformat()
        said = {"item": item, "area": code, "begins": begins, "words": "纪要", "verdict": "revoke"}
        admission.rule_item(tasking.principal(site.world, "admin_a"), parse(admission.Ruled, said))
        commit()


def test_what_was_revoked_meanwhile_is_told_and_waits_as_an_ordinary_report(open_page: OpenPage, site: Site) -> None:
    page = phone(open_page, site, "worker_a", tolerate=BAD_NETWORK)
    fill_report(page, "电线杆上的小广告", "06003")
    take_photo(page)
    page.get_by_label("当场自行处置").check()
    take_photo(page, "after-camera", width=320, height=320)
    page.get_by_label("处置说明").fill("已清除")
    page.context.set_offline(True)
    send(page)
    expect(page.locator("#unsent")).to_have_text("1 项待发")
    revoke(site, "06003", "a1")
    page.context.set_offline(False)
    number_of(page)
    expect(page.locator(".f-done")).to_contain_text("已作为普通上报保留")
    [filed] = tasks_of(site)
    assert (filed["stage"], filed["self_handled"]) == ("report", False)
    assert [photo["phase"] for photo in filed["photos"]] == ["before", "after"]


def test_where_a_building_is_not_admitted_handling_on_the_spot_is_not_offered(open_page: OpenPage, site: Site) -> None:
    revoke(site, "06003", "a1x")
    page = phone(open_page, site, "worker_a")
    fill_report(page, "电线杆上的小广告", "06003")
    expect(page.locator(".f-place-grids")).to_contain_text("一号楼")
    expect(page.get_by_label("当场自行处置")).to_have_count(0)
    there = site.world.point(1.5, 0.5)
    stands = {"longitude": there["lon"], "latitude": there["lat"], "accuracy": 8}
    page = phone(open_page, site, "worker_a", geolocation=stands)
    fill_report(page, "电线杆上的小广告", "06003")
    expect(page.locator(".f-place-grids")).to_contain_text("二号楼")
    expect(page.get_by_label("当场自行处置")).to_be_visible()
